/* SPDX-License-Identifier: Apache-2.0
 * responder/credential.c: files, certificates, private keys, pass phrases. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apr_file_info.h"
#include "apr_file_io.h"
#include "apr_general.h"
#include "apr_strings.h"
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/encoder.h>
#include <openssl/pem.h>
#include "credential.h"
#include "pki.h"
#include "tap.h"

#define MIB (1024 * 1024)

static apr_pool_t *pool;
static char folder[] = "/tmp/credential-XXXXXX";

/* -- helpers --------------------------------------------------------------- */

static bytes_t octets(const void *data, apr_size_t len)
{
    bytes_t value = { data, len };

    return value;
}

static bytes_t text(const char *string)
{
    return octets(string, strlen(string));
}

static const bytes_t absent = { NULL, 0 };

/* Writes a file into the folder. Returns its path. */
static char *put(const char *name, bytes_t content, int mode)
{
    char *path = apr_pstrcat(pool, folder, "/", name, NULL);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || write(fd, content.data, content.len) != (long)content.len ||
        fchmod(fd, (mode_t)mode) != 0 || close(fd) != 0) {
        printf("Bail out! cannot write %s\n", path);
        exit(2);
    }
    return path;
}

static void remove_folder(void)
{
    apr_finfo_t info;
    apr_dir_t *dir;

    apr_dir_open(&dir, folder, pool);
    while (apr_dir_read(&info, APR_FINFO_NAME, dir) == APR_SUCCESS)
        if (info.name[0] != '.')
            unlink(apr_pstrcat(pool, folder, "/", info.name, NULL));
    apr_dir_close(dir);
    ok(rmdir(folder) == 0, "nothing is left behind");
}

/* What bio holds, in pool; frees it. */
static bytes_t drained(BIO *bio)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    bytes_t content = octets(apr_pmemdup(pool, data, (apr_size_t)len + 1),
                             (apr_size_t)len);

    BIO_free(bio);
    return content;
}

static bytes_t joined(bytes_t a, bytes_t b)
{
    char *all = apr_palloc(pool, a.len + b.len + 1);

    memcpy(all, a.data, a.len);
    memcpy(all + a.len, b.data, b.len);
    return octets(all, a.len + b.len);
}

static void contains(const char *why, const char *part, const char *name)
{
    if (!ok(why && strstr(why, part), "%s", name))
        printf("#   got:      %s\n#   expected: %s\n", why ? why : "(NULL)",
               part);
}

/* -- files ----------------------------------------------------------------- */

static void file_is(const char *path, bytes_t content, const char *name)
{
    const char *why = NULL;
    const bytes_t *got = credential_read_file(pool, path, &why);

    ok(got && got->data && got->len == content.len &&
       memcmp(got->data, content.data, content.len) == 0, "%s", name);
}

static void file_fails(const char *path, const char *part, const char *name)
{
    const char *why = NULL;

    ok(!credential_read_file(pool, path, &why), "%s is refused", name);
    contains(why, part, "… because of that");
    contains(why, path, "… and the file is named");
}

static void test_files(void)
{
    bytes_t large = octets(apr_pcalloc(pool, MIB + 1), MIB);
    char *fifo = apr_pstrcat(pool, folder, "/fifo", NULL);

    file_is(put("plain", octets("a\0b\n\xff", 5), 0600), octets("a\0b\n\xff", 5),
            "every octet of a file");
    file_is(put("empty", text(""), 0600), text(""), "an empty file");
    file_is(put("large", large, 0600), large, "a file of 1 MiB");
    large.len++;
    file_fails(put("large", large, 0600), "larger than 1 MiB", "one octet more");
    file_fails(apr_pstrcat(pool, folder, "/none", NULL), "No such file",
               "a file that is not there");
    file_fails(folder, "is not a file", "a folder");
    ok(mkfifo(fifo, 0600) == 0, "a named pipe");
    file_fails(fifo, "is not a file", "a named pipe");
    if (geteuid() != 0)
        file_fails(put("closed", text("x"), 0), "ermission denied",
                   "a file that may not be read");
}

/* -- certificates ---------------------------------------------------------- */

static bytes_t cert_pem(X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());

    MUST(PEM_write_bio_X509(bio, certificate));
    return drained(bio);
}

static bytes_t cert_der(X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());

    MUST(i2d_X509_bio(bio, certificate));
    return drained(bio);
}

static bytes_t key_pem(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());

    MUST(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
    return drained(bio);
}

static void cert_is(bytes_t content, X509 *certificate, const char *name)
{
    const char *why = NULL;
    X509 *got = credential_certificate(pool, content, &why);

    if (!ok(got && X509_cmp(got, certificate) == 0, "%s", name))
        printf("#   why: %s\n", why ? why : "(NULL)");
    ok(ERR_peek_error() == 0, "… and leaves no OpenSSL error");
}

static void cert_fails(bytes_t content, const char *name)
{
    const char *why = NULL;

    ok(!credential_certificate(pool, content, &why), "%s", name);
    contains(why, "holds no certificate", "… and says so");
    ok(ERR_peek_error() == 0, "… and leaves no OpenSSL error");
}

static void test_certificates(X509 *one, X509 *two, EVP_PKEY *key)
{
    bytes_t pem = cert_pem(one), der = cert_der(one), shorter = der;
    BIO *trusted = BIO_new(BIO_s_mem());

    cert_is(pem, one, "PEM");
    cert_is(der, one, "DER");
    cert_is(joined(text("Subject: CN=x\n0\n"), pem), one,
            "PEM behind other text");
    cert_is(joined(pem, cert_pem(two)), one, "the first of two");
    cert_is(joined(key_pem(key), pem), one, "PEM behind its key");
    MUST(PEM_write_bio_X509_AUX(trusted, one));
    cert_is(drained(trusted), one, "TRUSTED CERTIFICATE");
    cert_fails(joined(der, text("\n")), "DER with an octet too many");
    shorter.len--;
    cert_fails(shorter, "DER with an octet too few");
    pem.len /= 2;
    cert_fails(pem, "half of a PEM");
    cert_fails(key_pem(key), "a key");
    cert_fails(text(""), "nothing");
    cert_fails(absent, "absent octets");
    cert_fails(text("-----BEGIN CERTIFICATE-----\nMAA=\n"
                    "-----END CERTIFICATE-----\n"), "an empty SEQUENCE");
    cert_fails(text("-----BEGIN CERTIFICATE-----\n"
                    "Proc-Type: 4,ENCRYPTED\n"
                    "DEK-Info: AES-256-CBC,000102030405060708090A0B0C0D0E0F\n"
                    "\nAAAAAAAAAAAAAAAAAAAAAA==\n"
                    "-----END CERTIFICATE-----\n"), "an encrypted one");
}

/* A PEM with every line break replaced. */
static char *rebroken(X509 *certificate, const char *newline)
{
    bytes_t pem = cert_pem(certificate);
    char *out = apr_pcalloc(pool, pem.len * 4 + 1), *p = out;
    apr_size_t i;

    for (i = 0; i < pem.len; i++) {
        if (pem.data[i] == '\n')
            p = apr_cpystrn(p, newline, strlen(newline) + 1);
        else
            *p++ = (char)pem.data[i];
    }
    return out;
}

static void test_certificate_text(X509 *one, X509 *two, EVP_PKEY *key)
{
    static const struct {
        const char *newline, *name;
    } breaks[] = {
        { "\n", "real line breaks" }, { "\r\n", "CR LF" },
        { "\\n", "\\n in two characters" }, { "\\r\\n", "\\r\\n in four" },
        { " ", "spaces" }, { "   ", "three spaces" }, { "\t", "tabs" },
        { "", "no line breaks" }, { "\\n\n", "both kinds" },
        { "\\\n", "a backslash and a line break" },
    };
    static const char *const bad[] = {
        "", "MAA=", "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----MAA=", "-----BEGIN CERTIFICATE----------",
        "-----BEGIN CERTIFICATE-----MAA=-----END CERTIFICATE",
        "-----BEGIN CERTIFICATE-----MAA=-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE----------END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\\-----END CERTIFICATE-----",
        "-----BEGIN X-----M*A=-----END X-----", "--------------------",
    };
    const char *why;
    X509 *got;
    size_t i;

    for (i = 0; i < sizeof breaks / sizeof *breaks; i++) {
        why = NULL;
        got = credential_certificate_text(
            pool, rebroken(one, breaks[i].newline), &why);
        ok(got && X509_cmp(got, one) == 0, "text with %s", breaks[i].name);
    }
    got = credential_certificate_text(
        pool, apr_pstrcat(pool, "CN=x ", rebroken(one, " "),
                          rebroken(two, " "), NULL), &why);
    ok(got && X509_cmp(got, one) == 0, "the first of two, behind other text");
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        why = NULL;
        ok(!credential_certificate_text(pool, bad[i], &why) && why &&
           ERR_peek_error() == 0, "not a certificate: %s", bad[i]);
    }
    ok(!credential_certificate_text(pool, (const char *)key_pem(key).data,
                                    &why), "nor is a key");
}

/* -- private keys ---------------------------------------------------------- */

/* One way to write a key. cipher: NULL for none. */
typedef struct {
    const char *name, *structure, *format, *cipher;
} form_t;

static const form_t forms[] = {
    { "PKCS#8 in PEM", "PrivateKeyInfo", "PEM", NULL },
    { "PKCS#8 in DER", "PrivateKeyInfo", "DER", NULL },
    { "its own structure in PEM", "type-specific", "PEM", NULL },
    { "its own structure in DER", "type-specific", "DER", NULL },
    { "PKCS#8 in PEM, encrypted", "EncryptedPrivateKeyInfo", "PEM",
      "AES-256-CBC" },
    { "PKCS#8 in DER, encrypted", "EncryptedPrivateKeyInfo", "DER",
      "AES-256-CBC" },
    { "its own structure in PEM, encrypted", "type-specific", "PEM",
      "AES-256-CBC" },
};

/* The key in that form; absent when it has no such form. */
static bytes_t encoded(EVP_PKEY *key, const form_t *form, bytes_t passphrase)
{
    OSSL_ENCODER_CTX *ctx = OSSL_ENCODER_CTX_new_for_pkey(
        key, OSSL_KEYMGMT_SELECT_ALL, form->format, form->structure, NULL);
    BIO *bio = BIO_new(BIO_s_mem());
    int done = OSSL_ENCODER_CTX_get_num_encoders(ctx) > 0;

    if (done && form->cipher) {
        MUST(OSSL_ENCODER_CTX_set_cipher(ctx, form->cipher, NULL));
        MUST(OSSL_ENCODER_CTX_set_passphrase(ctx, passphrase.data,
                                             passphrase.len));
    }
    done = done && OSSL_ENCODER_to_bio(ctx, bio);
    OSSL_ENCODER_CTX_free(ctx);
    ERR_clear_error();
    if (done)
        return drained(bio);
    BIO_free(bio);
    return absent;
}

static void key_is(bytes_t content, bytes_t passphrase, EVP_PKEY *key,
                   const char *name)
{
    const char *why = NULL;
    EVP_PKEY *got = credential_private_key(pool, content, passphrase, &why);

    if (!ok(got && EVP_PKEY_eq(got, key) == 1, "%s", name))
        printf("#   why: %s\n", why ? why : "(NULL)");
    ok(ERR_peek_error() == 0, "… and leaves no OpenSSL error");
}

static void key_fails(bytes_t content, bytes_t passphrase, const char *part,
                      const char *name)
{
    const char *why = NULL;

    ok(!credential_private_key(pool, content, passphrase, &why), "%s", name);
    contains(why, part, "… and says so");
    ok(ERR_peek_error() == 0, "… and leaves no OpenSSL error");
}

#define WRONG   "is not decrypted by the pass phrase"
#define MISSING "is encrypted, and there is no pass phrase"

static void test_form(EVP_PKEY *key, const char *kind, const form_t *form)
{
    static const struct {
        const char *data;
        apr_size_t len;
        const char *name;
    } passphrases[] = {
        { "secret", 6, "plain" },
        { "se\0cret", 7, "NUL inside" },
        { "\0x", 2, "NUL first" },
        { "p\xC3\xA4ss \xFF\t\"", 9, "not ASCII" },
    };
    char *name = apr_psprintf(pool, "%s: %s", kind, form->name);
    size_t i;

    for (i = 0; i < sizeof passphrases / sizeof *passphrases; i++) {
        bytes_t right = octets(passphrases[i].data, passphrases[i].len);
        bytes_t content = encoded(key, form, right);

        if (!content.data)
            return;
        key_is(content, right, key,
               apr_psprintf(pool, "%s, %s", name, passphrases[i].name));
        if (!form->cipher)
            return;
        key_fails(content, absent, MISSING, apr_pstrcat(pool, name,
                  ", without its pass phrase", NULL));
        key_fails(content, text("Secret"), WRONG, apr_pstrcat(pool, name,
                  ", with a wrong one", NULL));
        right.len--;
        key_fails(content, right, WRONG, apr_pstrcat(pool, name,
                  ", with one an octet short", NULL));
    }
}

static void test_long_passphrase(EVP_PKEY *key)
{
    bytes_t longest = octets(memset(apr_palloc(pool, 1025), 'x', 1025), 1024);
    bytes_t pem = encoded(key, &forms[4], longest);

    key_is(pem, longest, key, "a pass phrase of 1024 octets");
    longest.len++;
    key_fails(pem, longest, WRONG, "one of 1025");
}

static bytes_t public_pem(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());

    MUST(PEM_write_bio_PUBKEY(bio, key));
    return drained(bio);
}

/* As openssl ecparam -genkey writes it. */
static bytes_t ec_parameters(void)
{
    return text("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
                "-----END EC PARAMETERS-----\n");
}

static void test_key_surroundings(EVP_PKEY *key, EVP_PKEY *other, X509 *cert)
{
    bytes_t pem = key_pem(key), der = encoded(key, &forms[1], absent);
    bytes_t own = encoded(key, &forms[2], absent), half = pem, shorter = der;

    key_is(joined(text("Key of x:\n0\n"), pem), absent, key,
           "behind other text");
    key_is(joined(cert_pem(cert), pem), absent, key, "behind a certificate");
    key_is(joined(pem, cert_pem(cert)), absent, key, "before a certificate");
    key_is(joined(public_pem(other), pem), absent, key,
           "behind a public key of another");
    key_is(joined(ec_parameters(), own), absent, key, "behind EC PARAMETERS");
    key_is(pem, text("not needed"), key, "a pass phrase nobody needs");
    key_fails(cert_pem(cert), absent, "holds no private key",
              "a certificate in PEM");
    key_fails(cert_der(cert), absent, "holds a certificate",
              "a certificate in DER");
    key_fails(public_pem(key), absent, "no readable private key",
              "a public key");
    key_fails(ec_parameters(), absent, "no readable private key",
              "EC PARAMETERS");
    half.len /= 2;
    key_fails(half, absent, "no readable private key", "half of a PEM");
    key_fails(joined(cert_pem(cert), half), absent, "no readable private key",
              "half of a PEM behind a certificate");
    shorter.len--;
    key_fails(shorter, absent, "no readable private key",
              "DER with an octet too few");
    key_fails(joined(der, text("x")), absent, "no readable private key",
              "DER with an octet too many");
    key_fails(text(""), absent, "no readable private key", "nothing");
    key_fails(absent, absent, "no readable private key", "absent octets");
    key_fails(text("hello"), absent, "no readable private key", "words");
    key_fails(octets("0\0", 2), absent, "no readable private key",
              "an empty SEQUENCE");
}

static void test_keys(EVP_PKEY *key, EVP_PKEY *other, X509 *certificate)
{
    static const char *const kinds[] = { "RSA", "RSA-PSS", "EC:P-256",
                                         "EC:P-521", "ED25519", "ED448" };
    size_t i, form;

    for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        EVP_PKEY *made = pki_key(pool, kinds[i]);

        for (form = 0; form < sizeof forms / sizeof *forms; form++)
            test_form(made, kinds[i], &forms[form]);
    }
    test_long_passphrase(key);
    test_key_surroundings(key, other, certificate);
}

/* -- pass phrases ---------------------------------------------------------- */

static void phrase_is(const char *source, bytes_t phrase, const char *name)
{
    const char *why = NULL;
    const bytes_t *got = credential_passphrase(pool, source, &why);

    if (!ok(got && got->len == phrase.len &&
            memcmp(got->data, phrase.data, phrase.len) == 0, "%s", name))
        printf("#   why: %s\n", why ? why : "(NULL)");
}

static void phrase_fails(const char *source, const char *part,
                         const char *name)
{
    const char *why = NULL;

    ok(!credential_passphrase(pool, source, &why), "%s", name);
    contains(why, part, "… and says so");
}

static char *file_of(const char *content, apr_size_t len)
{
    return apr_pstrcat(pool, "file:",
                       put("phrase", octets(content, len), 0600), NULL);
}

static void test_phrase_files(void)
{
    char *longest = memset(apr_pcalloc(pool, 1026), 'x', 1024);

    phrase_is(file_of("secret\n", 7), text("secret"), "the line of a file");
    phrase_is(file_of("secret", 6), text("secret"), "without its line break");
    phrase_is(file_of("secret\r\n", 8), text("secret"), "with CR LF");
    phrase_is(file_of("one\ntwo\n", 8), text("one"), "the first of two lines");
    phrase_is(file_of(" a b \n", 6), text(" a b "), "spaces belong to it");
    phrase_is(file_of("a\0b\n", 4), octets("a\0b", 3), "a NUL too");
    phrase_is(file_of(longest, 1024), text(longest), "1024 octets");
    longest[1024] = 'x';
    phrase_fails(file_of(longest, 1025), "has not 1 to 1024 octets", "1025");
    phrase_fails(file_of("", 0), "has not 1 to 1024 octets", "an empty file");
    phrase_fails(file_of("\nsecond\n", 8), "has not 1 to 1024 octets",
                 "an empty first line");
    phrase_fails(file_of("\r\n", 2), "has not 1 to 1024 octets", "CR LF");
    phrase_fails("file:/nonexistent", "/nonexistent", "no such file");
    phrase_fails("file:relative", "neither", "a relative path");
    phrase_fails("/etc/passwd", "neither", "a path alone");
    phrase_fails("", "neither", "nothing");
    phrase_fails("exe", "neither", "a word");
}

static int open_files(void)
{
    int fd, count = 0;

    for (fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

/* A program named name that runs a shell script. */
static char *program(const char *name, const char *script)
{
    char *whole = apr_pstrcat(pool, "#!/bin/sh\n", script, "\n", NULL);

    return apr_pstrcat(pool, "exec:", put(name, text(whole), 0700), NULL);
}

static void test_phrase_programs(void)
{
    char *blank = program("with space;$HOME", "echo secret");

    phrase_is(program("p", "echo secret"), text("secret"), "exec: a line");
    phrase_is(program("p", "printf secret"), text("secret"), "exec: bare");
    phrase_is(program("p", "printf 'one\\ntwo\\n'"), text("one"),
              "exec: the first of two");
    phrase_is(program("p", "printf 'a\\000b\\n'"), octets("a\0b", 3),
              "exec: a NUL");
    phrase_is(program("p", "printf a; sleep 0.1; echo b"), text("ab"),
              "exec: in pieces");
    phrase_is(program("p", "echo a; exec >&-; sleep 0.1"), text("a"),
              "exec: closed before the end");
    phrase_is(program("p", "echo a; sleep 3 & exit 0"), text("a"),
              "exec: something left behind holds the pipe");
    phrase_is(program("p", "cat; echo $#"), text("0"),
              "exec: no input, no arguments");
    phrase_is(program("p", "echo $TEST_CREDENTIAL"), text("inherited"),
              "exec: the environment");
    phrase_is(program("p", "echo a; head -c 60000 /dev/zero"), text("a"),
              "exec: 60 kB of more");
    phrase_is(blank, text("secret"), "exec: a name that a shell would split");
}

static void test_phrase_programs_fail(void)
{
    char *data = apr_pstrcat(pool, "exec:", put("data", text("x"), 0600), NULL);

    phrase_fails(program("p", "echo a; exit 3"), "ended with status 3",
                 "exec: a failure");
    phrase_fails(program("p", "echo a; kill -TERM $$"), "ended with signal 15",
                 "exec: a signal");
    phrase_fails(program("p", "exit 0"), "has not 1 to 1024", "exec: silence");
    phrase_fails(program("p", "head -c 1025 /dev/zero"), "has not 1 to 1024",
                 "exec: too long a line");
    phrase_fails(program("p", "exec cat /dev/zero"), "64 KiB",
                 "exec: without end");
    phrase_fails("exec:/nonexistent", "cannot run /nonexistent",
                 "exec: no such program");
    phrase_fails(data, "cannot run", "exec: not executable");
    phrase_fails("exec:program", "neither", "exec: a relative path");
    phrase_fails(program("p", "echo a; exec sleep 60"), "10 seconds",
                 "exec: one that hangs");
}

static void test_phrases(void)
{
    int before = open_files();

    setenv("TEST_CREDENTIAL", "inherited", 1);
    test_phrase_files();
    test_phrase_programs();
    test_phrase_programs_fail();
    ok(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "no zombie");
    ok(open_files() == before, "no descriptor is lost");
}

int main(void)
{
    EVP_PKEY *key, *other;
    X509 *one, *two;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (!mkdtemp(folder))
        return 2;
    key = pki_key(pool, "EC:P-256");
    other = pki_key(pool, "ED25519");
    one = pki_cert(pool, (pki_cert_t){ .cn = "one", .key = key });
    two = pki_cert(pool, (pki_cert_t){ .cn = "two", .key = other });
    test_files();
    test_certificates(one, two, key);
    test_certificate_text(one, two, key);
    test_keys(key, other, one);
    test_phrases();
    remove_folder();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
