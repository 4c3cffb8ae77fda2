/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/key_uri.h"

#include <string.h>

#include "apr_lib.h"
#include "apr_strings.h"
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "ocsp/key_engine.h"
#include "ocsp/owned.h"
#include "ocsp/token_reasons.h"
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
    if (!answers->passphrase.data || length > (apr_size_t)size)
        return -1;
    if (told_asked)
        __atomic_store_n(told_asked, 1, __ATOMIC_RELAXED);
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
    if (!answers->method) {
        OPENSSL_free(answers);
        return NULL;
    }
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

/* -- which of them --------------------------------------------------------- */

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

/* -- a PIN that nobody is asked for ---------------------------------------- */

#if OPENSSL_VERSION_NUMBER >= 0x30500000L
static int note_pin(OSSL_PROVIDER *provider, void *found)
{
    char *pin = NULL;
    OSSL_PARAM wanted[] = { OSSL_PARAM_construct_utf8_ptr(
                                "pkcs11-module-token-pin", &pin, 0),
                            OSSL_PARAM_construct_end() };

    if (OSSL_PROVIDER_get_conf_parameters(provider, wanted) && pin)
        *(int *)found = 1;
    return 1;
}

/* Whether OpenSSL's settings tell a provider the PIN. */
static int is_in_settings(const char *uri)
{
    int found = 0;

    if (token_uri_is(uri))
        OSSL_PROVIDER_do_all(NULL, note_pin, &found);
    return found;
}
#else
static int is_in_settings(const char *uri)
{
    (void)uri;
    return 0;
}
#endif

int key_uri_has_pin(const char *uri)
{
    return token_uri_has_pin(uri) || is_in_settings(uri);
}

/* -- loading --------------------------------------------------------------- */

typedef struct {
    EVP_PKEY *key; /* freed with the pool */
    int asked;     /* for the PIN */
    token_reasons_t reasons;
} attempt_t;

/* anew: with an engine that has not logged in yet. */
static attempt_t try_to_load(apr_pool_t *pool, const char *uri,
                             bytes_t passphrase, int anew)
{
    answers_t *answers = make_answers(passphrase);
    attempt_t made = { NULL, 0, { NULL, 0, 0, 0, 0 } };

    if (!answers)
        return made;
    ERR_clear_error();
    made.key = owned_key(pool, key_of_store(uri, answers));
    made.asked = answers->asked;
    made.reasons = token_reasons_read();
    if (!made.key && needs_engine(uri)) {
        made.key = key_engine_load(pool, uri, answers->method, answers, anew);
        made.asked = !made.key && answers->asked;
        made.reasons = token_reasons_read();
        /* The engine asks with them again, whenever it signs. */
        if (made.key)
            answers = NULL;
    }
    if (answers)
        free_answers(answers);
    return made;
}

/* No PIN is given, but for one in OpenSSL's settings. */
static attempt_t try_without_pin(apr_pool_t *pool, const char *uri, int anew)
{
    static const bytes_t none = { NULL, 0 };

    return try_to_load(pool, apr_pstrmemdup(pool, uri, strcspn(uri, "?")), none,
                       anew);
}

/* Whether the PIN was wrong. pkcs11-provider leaves no reason; but a token that
 * has taken the PIN does not ask for one again, and a provider does not try one
 * again that was refused, but asks. */
static int is_refused(apr_pool_t *pool, const char *uri, const attempt_t *made)
{
    if (made->reasons.pin || made->reasons.missing)
        return made->reasons.pin;
    return (made->asked || key_uri_has_pin(uri))
        && try_without_pin(pool, uri, 0).asked;
}

static const char *explain(apr_pool_t *pool, const char *uri,
                           const char *reason)
{
    return apr_pstrcat(pool, "no private key is found behind the URI ",
                       scheme_of(pool, uri), ":...", reason ? ": " : NULL,
                       reason, NULL);
}

EVP_PKEY *key_uri_load(apr_pool_t *pool, const char *uri, bytes_t passphrase,
                       key_uri_result_t *result, const char **why)
{
    const int in_settings = is_in_settings(uri);
    attempt_t made = { NULL, 0, { NULL, 0, 0, 0, 0 } };
    int is_there = 1, refused;

    if (token_uri_has_pin(uri) && !in_settings) {
        made = try_without_pin(pool, uri, 1);
        is_there = made.asked;
    }
    if (!made.key && is_there)
        made = try_to_load(pool, uri, passphrase, 1);
    refused = !made.key && is_there && is_refused(pool, uri, &made);
    *result = made.key                            ? KEY_URI_LOADED
        : !refused                                ? KEY_URI_ABSENT
        : made.reasons.vague && !made.reasons.pin ? KEY_URI_DOUBTED
                                                  : KEY_URI_REFUSED;
    if (refused && !made.reasons.first)
        made.reasons.first = passphrase.data || key_uri_has_pin(uri)
            ? "the token has refused the PIN"
            : "the token asks for a PIN, and none is set";
    if (!made.key)
        *why = explain(pool, uri, made.reasons.first);
    return made.key;
}

int key_uri_asks(apr_pool_t *pool, const char *uri)
{
    attempt_t made;

    if (is_in_settings(uri))
        return 1;
    made = try_without_pin(pool, uri, 1);
    return made.key || made.asked;
}
