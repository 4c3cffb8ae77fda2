/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/key_file.h"
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include "apr_file_io.h"
#include "apr_lib.h"
#include "apr_strings.h"
#include "apr_thread_proc.h"
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include "base/der_reader.h"
#include "base/openssl_error.h"

#define FILE_MAX       (1024 * 1024)  /* keys and chains take kilobytes */
#define PASSPHRASE_MAX PEM_BUFSIZE    /* OpenSSL's room when it asks */
#define EXEC_TIMEOUT   apr_time_from_sec(10)
#define EXEC_POLL      apr_time_from_msec(10)
#define EXEC_ROOM      (64 * 1024)

/* -- octets that are wiped with their pool --------------------------------- */

typedef struct {
    apr_size_t size;
    unsigned char room[];
} secret_t;

static apr_status_t secret_wipe(void *data)
{
    secret_t *secret = data;

    OPENSSL_cleanse(secret->room, secret->size);
    return APR_SUCCESS;
}

static unsigned char *secret_room(apr_pool_t *pool, apr_size_t size)
{
    secret_t *secret = apr_palloc(pool, sizeof *secret + size);

    secret->size = size;
    apr_pool_cleanup_register(pool, secret, secret_wipe, apr_pool_cleanup_null);
    return secret->room;
}

static bytes_t *bytes_make(apr_pool_t *pool, const unsigned char *data,
                           apr_size_t len)
{
    const bytes_t octets = { data, len };

    return apr_pmemdup(pool, &octets, sizeof octets);
}

bytes_t key_file_secret(apr_pool_t *pool, bytes_t octets)
{
    return *bytes_make(pool, memcpy(secret_room(pool, octets.len), octets.data,
                                    octets.len), octets.len);
}

/* -- files ----------------------------------------------------------------- */

const bytes_t *key_file_read(apr_pool_t *pool, const char *path,
                                    const char **why)
{
    apr_finfo_t info;
    apr_file_t *file;
    apr_size_t len = 0;
    unsigned char *room = NULL;
    apr_status_t rv;

    rv = apr_stat(&info, path, APR_FINFO_SIZE | APR_FINFO_TYPE, pool);
    if (!rv && (info.filetype != APR_REG || info.size > FILE_MAX)) {
        *why = apr_pstrcat(pool, path, info.filetype != APR_REG ?
                           " is not a file" : " is larger than 1 MiB", NULL);
        return NULL;
    }
    if (rv == APR_SUCCESS)
        rv = apr_file_open(&file, path, APR_FOPEN_READ, 0, pool);
    if (rv == APR_SUCCESS) {
        room = secret_room(pool, (apr_size_t)info.size);
        rv = apr_file_read_full(file, room, (apr_size_t)info.size, &len);
        apr_file_close(file);
    }
    if (rv != APR_SUCCESS && !APR_STATUS_IS_EOF(rv)) {
        *why = apr_psprintf(pool, "cannot read %s: %pm", path, &rv);
        return NULL;
    }
    return bytes_make(pool, room, len);
}

/* -- what OpenSSL asks for ------------------------------------------------- */

typedef struct {
    bytes_t passphrase;
    int asked;
} unlock_t;

/* In place of OpenSSL's own, which asks on the terminal. */
static int unlock_ask(char *room, int size, int writing, void *data)
{
    unlock_t *unlock = data;

    (void)writing;
    unlock->asked = 1;
    if (!unlock->passphrase.data || unlock->passphrase.len > (apr_size_t)size)
        return -1;
    memcpy(room, unlock->passphrase.data, unlock->passphrase.len);
    return (int)unlock->passphrase.len;
}

/* -- certificates ---------------------------------------------------------- */

static int is_der(bytes_t octets)
{
    der_element_t element;

    return der_only(octets, DER_SEQUENCE, &element);
}

static X509 *certificate_read(bytes_t octets)
{
    const unsigned char *p = octets.data;
    unlock_t unlock = { .asked = 0 };
    X509 *certificate;
    BIO *bio;

    if (!octets.data || octets.len > INT_MAX)
        return NULL;
    if (is_der(octets))
        return d2i_X509(NULL, &p, (long)octets.len);
    bio = BIO_new_mem_buf(octets.data, (int)octets.len);
    certificate = PEM_read_bio_X509_AUX(bio, NULL, unlock_ask, &unlock);
    BIO_free(bio);
    return certificate;
}

static apr_status_t certificate_free(void *certificate)
{
    X509_free(certificate);
    return APR_SUCCESS;
}

X509 *key_file_certificate(apr_pool_t *pool, bytes_t octets,
                             const char **why)
{
    X509 *certificate;

    ERR_clear_error();
    certificate = certificate_read(octets);
    if (certificate)
        apr_pool_cleanup_register(pool, certificate, certificate_free,
                                  apr_pool_cleanup_null);
    else
        *why = openssl_error(pool, "holds no certificate in PEM or DER");
    ERR_clear_error();
    return certificate;
}

/* Copies base64 in lines of 64, without what broke its lines before. */
static unsigned char *copy_base64(unsigned char *out, const char *text,
                                  const char *end)
{
    int column = 0;

    for (; text < end; text++) {
        if (apr_isspace(*text) || *text == '\\' ||
            (text[-1] == '\\' && (*text == 'n' || *text == 'r')))
            continue;
        if (column++ % 64 == 0)
            *out++ = '\n';
        *out++ = *text;
    }
    *out++ = '\n';
    return out;
}

X509 *key_file_certificate_text(apr_pool_t *pool, const char *text,
                                  const char **why)
{
    const char *begin = strstr(text, "-----BEGIN ");
    const char *body = begin ? strstr(begin + 5, "-----") : NULL;
    const char *end = body ? strstr(body + 5, "-----") : NULL;
    const char *stop = end ? strstr(end + 5, "-----") : NULL;
    unsigned char *pem, *out;

    if (!stop) {
        *why = "is not a certificate in PEM";
        return NULL;
    }
    body += 5;
    stop += 5;
    pem = apr_palloc(pool, (apr_size_t)(stop - begin) * 2 + 2);
    memcpy(pem, begin, (apr_size_t)(body - begin));
    out = copy_base64(pem + (body - begin), body, end);
    memcpy(out, end, (apr_size_t)(stop - end));
    out += stop - end;
    return key_file_certificate(
        pool, *bytes_make(pool, pem, (apr_size_t)(out - pem)), why);
}

/* -- private keys ---------------------------------------------------------- */

static EVP_PKEY *key_read_pem(bytes_t octets, unlock_t *unlock)
{
    BIO *bio = BIO_new_mem_buf(octets.data, (int)octets.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, unlock_ask, unlock);

    BIO_free(bio);
    return key;
}

static EVP_PKEY *key_decrypt(X509_SIG *locked, unlock_t *unlock)
{
    PKCS8_PRIV_KEY_INFO *info = NULL;
    EVP_PKEY *key;

    unlock->asked = 1;
    if (unlock->passphrase.data && unlock->passphrase.len <= INT_MAX)
        info = PKCS8_decrypt(locked, (const char *)unlock->passphrase.data,
                             (int)unlock->passphrase.len);
    key = info ? EVP_PKCS82PKEY(info) : NULL;
    PKCS8_PRIV_KEY_INFO_free(info);
    return key;
}

static EVP_PKEY *key_read_der(bytes_t octets, unlock_t *unlock)
{
    const unsigned char *p = octets.data;
    X509_SIG *locked = d2i_X509_SIG(NULL, &p, (long)octets.len);
    EVP_PKEY *key;

    ERR_clear_error();
    if (locked) {
        key = key_decrypt(locked, unlock);
        X509_SIG_free(locked);
        return key;
    }
    p = octets.data;
    return d2i_AutoPrivateKey(NULL, &p, (long)octets.len);
}

/* Why there is no key. Takes OpenSSL's reason before it looks further. */
static const char *key_problem(apr_pool_t *pool, bytes_t octets,
                               const unlock_t *unlock)
{
    const char *why;
    X509 *certificate = NULL;

    if (unlock->asked && !unlock->passphrase.data)
        return "is encrypted, and there is no pass phrase";
    if (unlock->asked)
        return openssl_error(pool, "is not decrypted by the pass phrase");
    why = openssl_error(pool, "holds no readable private key");
    if (octets.len && !memmem(octets.data, octets.len, "PRIVATE KEY-----", 16))
        certificate = certificate_read(octets);
    if (certificate)
        why = "holds a certificate, but holds no private key";
    X509_free(certificate);
    return why;
}

static apr_status_t key_free(void *key)
{
    EVP_PKEY_free(key);
    return APR_SUCCESS;
}

EVP_PKEY *key_file_private_key(apr_pool_t *pool, bytes_t octets,
                                 bytes_t passphrase, const char **why)
{
    unlock_t unlock = { .passphrase = passphrase };
    EVP_PKEY *key = NULL;

    ERR_clear_error();
    if (octets.data && octets.len <= INT_MAX)
        key = is_der(octets) ? key_read_der(octets, &unlock)
                             : key_read_pem(octets, &unlock);
    if (key)
        apr_pool_cleanup_register(pool, key, key_free, apr_pool_cleanup_null);
    else
        *why = key_problem(pool, octets, &unlock);
    ERR_clear_error();
    return key;
}

/* -- pass phrases ---------------------------------------------------------- */

/* A stop-stamp that no clock change disturbs, in microseconds. */
static apr_int64_t stopwatch(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return apr_time_from_sec((apr_int64_t)now.tv_sec) + now.tv_nsec / 1000;
}

/* Runs path with nothing on its standard input. */
static apr_status_t exec_start(apr_proc_t *proc, apr_pool_t *pool,
                               const char *path)
{
    const char *const argv[] = { path, NULL };
    apr_procattr_t *attr;
    apr_file_t *null;
    apr_status_t rv;

    if ((rv = apr_procattr_create(&attr, pool)) ||
        (rv = apr_procattr_io_set(attr, APR_NO_PIPE, APR_CHILD_BLOCK,
                                  APR_NO_PIPE)) ||
        (rv = apr_file_open(&null, "/dev/null", APR_FOPEN_READ, 0, pool)) ||
        (rv = apr_procattr_child_in_set(attr, null, NULL)) ||
        (rv = apr_procattr_cmdtype_set(attr, APR_PROGRAM_ENV)) ||
        (rv = apr_procattr_error_check_set(attr, 1)))
        return rv;
    return apr_proc_create(proc, path, argv, NULL, attr, pool);
}

/* Reads what the program prints until it has ended; not until the pipe is
 * closed, which something it left behind may hold. NULL, or why not. */
static const char *exec_collect(apr_pool_t *pool, apr_proc_t *proc,
                                unsigned char *room, apr_size_t *len)
{
    apr_int64_t until = stopwatch() + EXEC_TIMEOUT;
    apr_status_t rv, ended = APR_CHILD_NOTDONE;
    apr_exit_why_e how = APR_PROC_EXIT;
    int status = 0;

    apr_file_pipe_timeout_set(proc->out, EXEC_POLL);
    do {
        apr_size_t n = EXEC_ROOM - *len;

        if (ended == APR_CHILD_NOTDONE)
            ended = apr_proc_wait(proc, &status, &how, APR_NOWAIT);
        rv = apr_file_read(proc->out, room + *len, &n);
        if (rv == APR_SUCCESS)
            *len += n;
        else if (ended != APR_CHILD_NOTDONE)
            break;
        else if (!APR_STATUS_IS_TIMEUP(rv))
            apr_sleep(EXEC_POLL);
    } while (*len < EXEC_ROOM && stopwatch() < until);
    if (ended == APR_CHILD_NOTDONE) {
        apr_proc_kill(proc, SIGKILL);
        apr_proc_wait(proc, NULL, NULL, APR_WAIT);
        return "took more than 10 seconds or 64 KiB";
    }
    if (!status)
        return NULL;
    return apr_psprintf(pool, "ended with %s %d",
                        APR_PROC_CHECK_EXIT(how) ? "status" : "signal", status);
}

static const bytes_t *exec_output(apr_pool_t *pool, const char *path,
                                  const char **why)
{
    unsigned char *room = secret_room(pool, EXEC_ROOM);
    const char *problem = NULL;
    apr_size_t len = 0;
    apr_pool_t *own;
    apr_proc_t proc;
    apr_status_t rv;

    apr_pool_create(&own, pool);
    rv = exec_start(&proc, own, path);
    if (rv == APR_SUCCESS)
        problem = exec_collect(pool, &proc, room, &len);
    apr_pool_destroy(own); /* closes the pipe */
    if (rv != APR_SUCCESS)
        *why = apr_psprintf(pool, "cannot run %s: %pm", path, &rv);
    else if (problem)
        *why = apr_pstrcat(pool, path, " ", problem, NULL);
    return rv || problem ? NULL : bytes_make(pool, room, len);
}

const bytes_t *key_file_passphrase(apr_pool_t *pool, const char *source,
                                     const char **why)
{
    const bytes_t *text = NULL;
    apr_size_t len = 0;

    if (strncmp(source, "exec:/", 6) == 0)
        text = exec_output(pool, source + 5, why);
    else if (strncmp(source, "file:/", 6) == 0)
        text = key_file_read(pool, source + 5, why);
    else
        *why = "is neither exec:/path nor file:/path";
    if (!text)
        return NULL;
    while (len < text->len && text->data[len] != '\n')
        len++;
    if (len && len < text->len && text->data[len - 1] == '\r')
        len--;
    if (len < 1 || len > PASSPHRASE_MAX) {
        *why = apr_psprintf(pool, "the first line of %s has not 1 to %d octets",
                            source + 5, PASSPHRASE_MAX);
        return NULL;
    }
    return bytes_make(pool, text->data, len);
}
