/* SPDX-License-Identifier: Apache-2.0 */
/* Engines are deprecated, and still what Debian 12 has for PKCS#11. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ocsp/key_uri.h"

#include <pthread.h>
#include <string.h>

#include "apr_lib.h"
#include "apr_strings.h"
#include <openssl/store.h>
#include <openssl/ui.h>
#ifndef OPENSSL_NO_ENGINE
#include <openssl/engine.h>
#endif

#include "ocsp/owned.h"
#include "ocsp/token_uri.h"

int key_uri_is(const char *text)
{
    const char *end = text;

    if (!apr_isalpha(*text))
        return 0;
    while (apr_isalnum(*end) || (*end && strchr("+.-", *end)))
        end++;
    /* One letter is no scheme, and might be a drive. */
    return *end == ':' && end - text > 1;
}

const char *key_uri_path(apr_pool_t *pool, const char *uri)
{
    const char *path = uri + 5;
    char *plain, *to, *from;

    if (strncasecmp(uri, "file:", 5) != 0)
        return NULL;
    if (strncasecmp(path, "//localhost/", 12) == 0)
        path += 11;
    else if (strncmp(path, "///", 3) == 0)
        path += 2;
    if (*path != '/' || path[1] == '/' || strpbrk(path, "?#"))
        return NULL;
    plain = to = from = apr_pstrdup(pool, path);
    for (; *from; from++, to++) {
        unsigned byte;

        if (*from == '%' && apr_isxdigit(from[1]) && apr_isxdigit(from[2])
            && sscanf(from + 1, "%2x", &byte) == 1 && byte) {
            *to = (char)byte;
            from += 2;
        }
        else
            *to = *from;
    }
    *to = '\0';
    return plain;
}

void key_uri_ask_nobody(void)
{
    UI_set_default_method(UI_null());
}

/* -- answering OpenSSL's questions ----------------------------------------- */

/* An engine remembers whom to ask, so what it asks outlives the call. */
typedef struct {
    UI_METHOD *method;
    bytes_t passphrase;
    int asked;
} answers_t;

/* NULL: nobody is told. */
static int *told_asked;

void key_uri_tell_asked(int *asked)
{
    told_asked = asked;
}

static int key_uri_answer(char *room, int size, int writing, void *data)
{
    answers_t *answers = data;
    apr_size_t length = answers->passphrase.len;

    (void)writing;
    answers->asked = 1;
    if (told_asked)
        __atomic_store_n(told_asked, 1, __ATOMIC_RELAXED);
    if (!answers->passphrase.data || length > (apr_size_t)size)
        return -1;
    memcpy(room, answers->passphrase.data, length);
    return (int)length;
}

static answers_t *make_answers(bytes_t passphrase)
{
    answers_t *answers = OPENSSL_zalloc(sizeof(*answers));
    unsigned char *copy = NULL;

    if (!answers)
        return NULL;
    answers->method = UI_UTIL_wrap_read_pem_callback(key_uri_answer, 0);
    if (passphrase.data) {
        copy = OPENSSL_memdup(passphrase.data, passphrase.len);
        answers->passphrase.len = copy ? passphrase.len : 0;
        answers->passphrase.data = copy;
    }
    return answers;
}

static void free_answers(answers_t *answers)
{
    UI_destroy_method(answers->method);
    OPENSSL_clear_free((void *)answers->passphrase.data,
                       answers->passphrase.len);
    OPENSSL_free(answers);
}

/* -- OSSL_STORE ------------------------------------------------------------ */

static EVP_PKEY *first_key(OSSL_STORE_CTX *store)
{
    EVP_PKEY *key = NULL;

    while (!key && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);

        if (!info) {
            if (OSSL_STORE_error(store))
                break;
            continue;
        }
        if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
            key = OSSL_STORE_INFO_get1_PKEY(info);
        OSSL_STORE_INFO_free(info);
    }
    return key;
}

static EVP_PKEY *key_of_store(const char *uri, answers_t *answers)
{
    OSSL_STORE_CTX *store =
        OSSL_STORE_open(uri, answers->method, answers, NULL, NULL);
    EVP_PKEY *key = NULL;

    if (!store)
        return NULL;
    if (OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY))
        key = first_key(store);
    OSSL_STORE_close(store);
    return key;
}

/* -- the engine ------------------------------------------------------------ */

#ifndef OPENSSL_NO_ENGINE
/* The engine lists its tokens once, so it is begun anew to find one that has
 * come; but never under a key that is in use. */
static struct {
    pthread_mutex_t mutex;
    ENGINE *running;
    int keys;
} pkcs11 = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static int begin_engine(void)
{
    ENGINE *engine;

    if (pkcs11.running && !pkcs11.keys) {
        ENGINE_finish(pkcs11.running);
        pkcs11.running = NULL;
    }
    if (pkcs11.running)
        return 1;
    engine = ENGINE_by_id("pkcs11");
    /* Or it writes to standard error what it puts on the error queue. */
    if (engine)
        ENGINE_ctrl_cmd_string(engine, "QUIET", NULL, 1);
    if (engine && ENGINE_init(engine))
        pkcs11.running = engine;
    ENGINE_free(engine);
    return pkcs11.running != NULL;
}

static apr_status_t free_engine_key(void *key)
{
    pthread_mutex_lock(&pkcs11.mutex);
    EVP_PKEY_free(key);
    pkcs11.keys--;
    pthread_mutex_unlock(&pkcs11.mutex);
    return APR_SUCCESS;
}

/* *answers is NULL when the engine has kept it. */
static EVP_PKEY *key_of_engine(apr_pool_t *pool, const char *uri,
                               answers_t **answers)
{
    EVP_PKEY *key = NULL;

    pthread_mutex_lock(&pkcs11.mutex);
    if (begin_engine())
        key = ENGINE_load_private_key(pkcs11.running, uri, (*answers)->method,
                                      *answers);
    if (key) {
        pkcs11.keys++;
        *answers = NULL;
        apr_pool_cleanup_register(pool, key, free_engine_key,
                                  apr_pool_cleanup_null);
    }
    pthread_mutex_unlock(&pkcs11.mutex);
    return key;
}
#else
static EVP_PKEY *key_of_engine(apr_pool_t *pool, const char *uri,
                               answers_t **answers)
{
    (void)pool;
    (void)uri;
    (void)answers;
    return NULL;
}
#endif

/* -------------------------------------------------------------------------- */

/* Whether it is for the engine: a provider that knows the scheme may have tried
 * the PIN already, and once is enough. */
static int needs_engine(const char *uri)
{
    OSSL_STORE_LOADER *loader;

    if (!token_uri_is(uri))
        return 0;
    loader = OSSL_STORE_LOADER_fetch(NULL, "pkcs11", NULL);
    OSSL_STORE_LOADER_free(loader);
    return !loader;
}

static const char *scheme_of(apr_pool_t *pool, const char *uri)
{
    return apr_pstrmemdup(pool, uri, strcspn(uri, ":"));
}

/* -- why there is no key --------------------------------------------------- */

/* PKCS #11's return values about a PIN: incorrect, invalid, of a wrong length,
 * expired, locked. libp11 and pkcs11-provider use them as reasons. */
enum { CKR_PIN_FIRST = 0xA0, CKR_PIN_LAST = 0xA4 };

/* What a token lacks whose PIN was right, or not looked at. */
enum { CKR_SESSION_COUNT = 0xB1, CKR_TOKEN_NOT_PRESENT = 0xE0 };

/* What the error queue says. */
typedef struct {
    const char *first; /* reason; NULL: none. Static */
    int guess;         /* first is only for lack of a better one */
    int pin;           /* one is about a PIN */
    int missing;       /* one is that the token, the object or a session is not
                        * there */
} reasons_t;

/* Whether a reason may be of an attempt that nobody needs: OpenSSL looks for a
 * file and for loaders, and tokens made of software for engines. */
static int is_by_the_way(unsigned long code)
{
    const int lib = ERR_GET_LIB(code);

    return lib == ERR_LIB_SYS || lib == ERR_LIB_DSO || lib == ERR_LIB_ENGINE
        || lib == ERR_LIB_OSSL_STORE;
}

static void note_text(reasons_t *reasons, const char *text, int guess)
{
    if (strstr(text, "PIN") || strstr(text, "pin ") || strstr(text, "Pin "))
        reasons->pin = 1;
    if (strstr(text, "not found") && !guess)
        reasons->missing = 1;
    if (*text
        && (!reasons->first || reasons->pin || (reasons->guess && !guess))) {
        reasons->first = text;
        reasons->guess = guess;
    }
}

static void note_reason(reasons_t *reasons, unsigned long code)
{
    const char *text = ERR_reason_error_string(code);
    int reason = ERR_GET_REASON(code);

    /* "EVP lib" and the like only say who passed the error on. */
    if ((reason & ~0xFF) == ERR_RFLAG_COMMON)
        return;
    /* OpenSSL's own libraries number their reasons as they like. */
    if (ERR_GET_LIB(code) >= ERR_LIB_USER) {
        reasons->pin |= reason >= CKR_PIN_FIRST && reason <= CKR_PIN_LAST;
        reasons->missing |=
            reason == CKR_SESSION_COUNT || reason == CKR_TOKEN_NOT_PRESENT;
    }
    note_text(reasons, text ? text : "", is_by_the_way(code));
}

/* Empties the queue. Which reason stands at its head depends on the versions of
 * OpenSSL and of who knows the token. */
static reasons_t read_reasons(void)
{
    reasons_t reasons = { NULL, 0, 0, 0 };
    unsigned long code;

    while ((code = ERR_get_error()) != 0) {
        if (!reasons.pin)
            note_reason(&reasons, code);
    }
    return reasons;
}

static const char *explain(apr_pool_t *pool, const char *uri,
                           const reasons_t *reasons)
{
    return apr_pstrcat(pool, "no private key is found behind the URI ",
                       scheme_of(pool, uri), ":...",
                       reasons->first ? ": " : NULL, reasons->first, NULL);
}

EVP_PKEY *key_uri_load(apr_pool_t *pool, const char *uri, bytes_t passphrase,
                       key_uri_result_t *result, const char **why)
{
    answers_t *answers = make_answers(passphrase);
    reasons_t reasons = { NULL, 0, 0, 0 };
    EVP_PKEY *key = NULL;
    int asked;

    ERR_clear_error();
    if (answers && answers->method)
        key = owned_key(pool, key_of_store(uri, answers));
    asked = answers && answers->asked;
    if (!key && answers) {
        reasons = read_reasons();
        if (needs_engine(uri)) {
            key = key_of_engine(pool, uri, &answers);
            asked = answers && answers->asked;
            reasons = read_reasons();
        }
    }
    asked |= token_uri_has_pin(uri);
    *result = key                   ? KEY_URI_LOADED
        : reasons.pin               ? KEY_URI_REFUSED
        : asked && !reasons.missing ? KEY_URI_UNCLEAR
                                    : KEY_URI_ABSENT;
    if (!key)
        *why = explain(pool, uri, &reasons);
    if (answers)
        free_answers(answers);
    ERR_clear_error();
    return key;
}

int key_uri_asks(apr_pool_t *pool, const char *uri)
{
    static const bytes_t none = { NULL, 0 };
    /* Without the PIN, which would be tried. */
    const char *bare = apr_pstrmemdup(pool, uri, strcspn(uri, "?"));
    answers_t *answers = make_answers(none);
    EVP_PKEY *key = NULL;
    int asked = 0;

    if (answers && answers->method) {
        key = key_of_store(bare, answers);
        asked = key || answers->asked;
    }
    EVP_PKEY_free(key);
    if (answers && !asked && needs_engine(uri)) {
        key = key_of_engine(pool, bare, &answers);
        asked = key || answers->asked;
    }
    if (answers)
        free_answers(answers);
    ERR_clear_error();
    return asked;
}
