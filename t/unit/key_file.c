/* SPDX-License-Identifier: Apache-2.0
 * Certificates and private keys out of files. */
#include "apr_general.h"
#include "apr_strings.h"
#include <openssl/encoder.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include "ocsp/key_file.h"
#include "pki.h"
#include "handmade.h" /* has a global pool */
#include "tap.h"

static const bytes_t absent = { NULL, 0 };

/* What bio holds, in pool; frees it. */
static bytes_t drained(BIO *bio)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    bytes_t content =
        bytes(apr_pmemdup(pool, data, (apr_size_t)len + 1), (apr_size_t)len);

    BIO_free(bio);
    return content;
}

static void contains(const char *why, const char *part, const char *name)
{
    if (!ok(why && strstr(why, part), "%s", name))
        printf("#   got:      %s\n#   expected: %s\n", why ? why : "(NULL)",
               part);
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
    X509 *got = key_file_certificate(pool, content, &why);

    if (!ok(got && X509_cmp(got, certificate) == 0, "%s", name))
        printf("#   why: %s\n", why ? why : "(NULL)");
    ok(ERR_peek_error() == 0, "… and leaves no OpenSSL error");
}

static void cert_fails(bytes_t content, const char *name)
{
    const char *why = NULL;

    ok(!key_file_certificate(pool, content, &why), "%s", name);
    contains(why, "holds no certificate", "… and says so");
    ok(ERR_peek_error() == 0, "… and leaves no OpenSSL error");
}

static void test_certificates(X509 *one, X509 *two, EVP_PKEY *key)
{
    bytes_t pem = cert_pem(one), der = cert_der(one), shorter = der;
    BIO *trusted = BIO_new(BIO_s_mem());

    cert_is(pem, one, "PEM");
    cert_is(der, one, "DER");
    cert_is(join(text("Subject: CN=x\n0\n"), pem), one,
            "PEM behind other text");
    cert_is(join(pem, cert_pem(two)), one, "the first of two");
    cert_is(join(key_pem(key), pem), one, "PEM behind its key");
    MUST(PEM_write_bio_X509_AUX(trusted, one));
    cert_is(drained(trusted), one, "TRUSTED CERTIFICATE");
    cert_fails(join(der, text("\n")), "DER with a byte too many");
    shorter.len--;
    cert_fails(shorter, "DER with a byte too few");
    pem.len /= 2;
    cert_fails(pem, "half of a PEM");
    cert_fails(key_pem(key), "a key");
    cert_fails(text(""), "nothing");
    cert_fails(absent, "absent bytes");
    cert_fails(text("-----BEGIN CERTIFICATE-----\nMAA=\n"
                    "-----END CERTIFICATE-----\n"),
               "an empty SEQUENCE");
    cert_fails(text("-----BEGIN CERTIFICATE-----\n"
                    "Proc-Type: 4,ENCRYPTED\n"
                    "DEK-Info: AES-256-CBC,000102030405060708090A0B0C0D0E0F\n"
                    "\nAAAAAAAAAAAAAAAAAAAAAA==\n"
                    "-----END CERTIFICATE-----\n"),
               "an encrypted one");
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

static void test_chain(X509 *one, X509 *two, EVP_PKEY *key)
{
    const bytes_t text = { (const unsigned char *)"a text\n", 7 };
    bytes_t pem =
        bytes_join(pool, cert_pem(one), bytes_join(pool, text, cert_pem(two)));
    bytes_t want = bytes_join(pool, cert_der(one), cert_der(two)), got;
    const char *why = NULL;

    got = key_file_chain(pool, pem, &why);
    ok(got.data && bytes_equal(got, want),
       "a chain of two in PEM, text between them");
    got = key_file_chain(pool, cert_der(one), &why);
    ok(got.data && bytes_equal(got, cert_der(one)), "a chain of one in DER");
    got = key_file_chain(
        pool, bytes_join(pool, pem, (bytes_t){ cert_pem(one).data, 200 }),
        &why);
    ok(!got.data && why, "the third is cut short: %s", why);
    why = NULL;
    got = key_file_chain(pool, text, &why);
    ok(!got.data && why, "no certificate: %s", why);
    why = NULL;
    got = key_file_chain(pool, (bytes_t){ NULL, 0 }, &why);
    ok(!got.data && why, "nothing: %s", why);
    got = key_file_chain(pool, bytes_join(pool, key_pem(key), pem), &why);
    ok(got.data && bytes_equal(got, want), "a key beside them is left out");
    ok(ERR_peek_error() == 0, "the error queue is empty");
}

static void test_certificate_text(X509 *one, X509 *two, EVP_PKEY *key)
{
    static const struct {
        const char *newline, *name;
    } breaks[] = {
        { "\n", "real line breaks" },
        { "\r\n", "CR LF" },
        { "\\n", "\\n in two characters" },
        { "\\r\\n", "\\r\\n in four" },
        { " ", "spaces" },
        { "   ", "three spaces" },
        { "\t", "tabs" },
        { "", "no line breaks" },
        { "\\n\n", "both kinds" },
        { "\\\n", "a backslash and a line break" },
    };
    static const char *const bad[] = {
        "",
        "MAA=",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----MAA=",
        "-----BEGIN CERTIFICATE----------",
        "-----BEGIN CERTIFICATE-----MAA=-----END CERTIFICATE",
        "-----BEGIN CERTIFICATE-----MAA=-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE----------END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\\-----END CERTIFICATE-----",
        "-----BEGIN X-----M*A=-----END X-----",
        "--------------------",
    };
    const char *why;
    X509 *got;
    size_t i;

    for (i = 0; i < sizeof breaks / sizeof *breaks; i++) {
        why = NULL;
        got = key_file_certificate_text(pool, rebroken(one, breaks[i].newline),
                                        &why);
        ok(got && X509_cmp(got, one) == 0, "text with %s", breaks[i].name);
    }
    got =
        key_file_certificate_text(pool,
                                  apr_pstrcat(pool, "CN=x ", rebroken(one, " "),
                                              rebroken(two, " "), NULL),
                                  &why);
    ok(got && X509_cmp(got, one) == 0, "the first of two, behind other text");
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        why = NULL;
        ok(!key_file_certificate_text(pool, bad[i], &why) && why
               && ERR_peek_error() == 0,
           "not a certificate: %s", bad[i]);
    }
    ok(!key_file_certificate_text(pool, (const char *)key_pem(key).data, &why),
       "nor is a key");
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
    EVP_PKEY *got = key_file_private_key(pool, content, passphrase, &why);

    if (!ok(got && EVP_PKEY_eq(got, key) == 1, "%s", name))
        printf("#   why: %s\n", why ? why : "(NULL)");
    ok(ERR_peek_error() == 0, "… and leaves no OpenSSL error");
}

static void key_fails(bytes_t content, bytes_t passphrase, const char *part,
                      const char *name)
{
    const char *why = NULL;

    ok(!key_file_private_key(pool, content, passphrase, &why), "%s", name);
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
        bytes_t right = bytes(passphrases[i].data, passphrases[i].len);
        bytes_t content = encoded(key, form, right);

        if (!content.data)
            return;
        key_is(content, right, key,
               apr_psprintf(pool, "%s, %s", name, passphrases[i].name));
        if (!form->cipher)
            return;
        key_fails(content, absent, MISSING,
                  apr_pstrcat(pool, name, ", without its pass phrase", NULL));
        key_fails(content, text("Secret"), WRONG,
                  apr_pstrcat(pool, name, ", with a wrong one", NULL));
        right.len--;
        key_fails(content, right, WRONG,
                  apr_pstrcat(pool, name, ", with one a byte short", NULL));
    }
}

static void test_long_passphrase(EVP_PKEY *key)
{
    bytes_t longest = bytes(memset(apr_palloc(pool, 1025), 'x', 1025), 1024);
    bytes_t pem = encoded(key, &forms[4], longest);

    key_is(pem, longest, key, "a pass phrase of 1024 bytes");
    longest.len++;
    key_fails(pem, longest, WRONG, "one of 1025");
}

static bytes_t packed(EVP_PKEY *key, X509 *certificate, const char *passphrase)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PKCS12 *pack = PKCS12_create(passphrase, "name", key, certificate, NULL, 0,
                                 0, 0, 0, 0);

    MUST(pack && i2d_PKCS12_bio(bio, pack));
    PKCS12_free(pack);
    return drained(bio);
}

static void test_pkcs12(EVP_PKEY *key, X509 *certificate)
{
    bytes_t locked = packed(key, certificate, "secret"), cut = locked;

    key_is(locked, text("secret"), key, "PKCS#12");
    key_fails(locked, absent, MISSING, "PKCS#12 without its pass phrase");
    key_fails(locked, text("Secret"), WRONG, "PKCS#12 with a wrong one");
    key_is(packed(key, certificate, ""), absent, key, "PKCS#12, an empty one");
    key_is(packed(key, certificate, ""), text("not needed"), key,
           "PKCS#12, one nobody needs");
    key_fails(packed(NULL, certificate, "secret"), text("secret"),
              "no readable private key", "PKCS#12 without a key");
    cut.len--;
    key_fails(cut, text("secret"), "no readable private key",
              "PKCS#12 with a byte too few");
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

    key_is(join(text("Key of x:\n0\n"), pem), absent, key, "behind other text");
    key_is(join(cert_pem(cert), pem), absent, key, "behind a certificate");
    key_is(join(pem, cert_pem(cert)), absent, key, "before a certificate");
    key_is(join(public_pem(other), pem), absent, key,
           "behind a public key of another");
    key_is(join(ec_parameters(), own), absent, key, "behind EC PARAMETERS");
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
    key_fails(join(cert_pem(cert), half), absent, "no readable private key",
              "half of a PEM behind a certificate");
    shorter.len--;
    key_fails(shorter, absent, "no readable private key",
              "DER with a byte too few");
    key_fails(join(der, text("x")), absent, "no readable private key",
              "DER with a byte too many");
    key_fails(text(""), absent, "no readable private key", "nothing");
    key_fails(absent, absent, "no readable private key", "absent bytes");
    key_fails(text("hello"), absent, "no readable private key", "words");
    key_fails(bytes("0\0", 2), absent, "no readable private key",
              "an empty SEQUENCE");
}

static void test_keys(EVP_PKEY *key, EVP_PKEY *other, X509 *certificate)
{
    static const char *const kinds[] = { "RSA",      "RSA-PSS", "EC:P-256",
                                         "EC:P-521", "ED25519", "ED448" };
    size_t i, form;

    for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        EVP_PKEY *made = pki_key(pool, kinds[i]);

        for (form = 0; form < sizeof forms / sizeof *forms; form++)
            test_form(made, kinds[i], &forms[form]);
    }
    test_long_passphrase(key);
    test_pkcs12(key, certificate);
    test_key_surroundings(key, other, certificate);
}

int main(void)
{
    EVP_PKEY *key, *other;
    X509 *one, *two;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    key = pki_key(pool, "EC:P-256");
    other = pki_key(pool, "ED25519");
    one = pki_cert(pool, (pki_cert_t){ .cn = "one", .key = key });
    two = pki_cert(pool, (pki_cert_t){ .cn = "two", .key = other });
    test_certificates(one, two, key);
    test_certificate_text(one, two, key);
    test_chain(one, two, key);
    test_keys(key, other, one);
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
