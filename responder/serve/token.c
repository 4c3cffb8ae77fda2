/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/token.h"

#include <unistd.h>

#include "apr_strings.h"
#include "apr_tables.h"
#include <openssl/evp.h>

#include "base/deadline.h"
#include "base/intervals.h"
#include "base/places.h"
#include "ocsp/certificate.h"
#include "ocsp/key_engine.h"
#include "ocsp/token_uri.h"
#include "serve/token_keeper.h"
#include "serve/token_message.h"

/* How many of a child's threads use a token at a time. */
#define AT_A_TIME 8

struct token_t {
    const char *uri;
    bytes_t passphrase;
    unsigned char id[TOKEN_ID], login[TOKEN_ID];
    token_kept_t *kept;
    /* In a child process: */
    int control;           /* -1: of no use */
    pthread_mutex_t mutex; /* guards the rest */
    places_t places;       /* one for each socket in use */
    int idle[AT_A_TIME];   /* sockets */
    int idle_count;
    int is_tried;        /* one finds out whether it answers again */
    apr_time_t *hung_at; /* what any child has found; 0: it answers */
};

typedef enum {
    ASKED_BUSY = 0, /* it was not asked, as others ask it */
    ASKED_IN_VAIN,
    ASKED_ANSWERED
} asked_t;

/* Written while the configuration is read; read-only after. */
static apr_array_header_t *tokens; /* token_t * */

/* -- the parent process ---------------------------------------------------- */

void token_begin(apr_pool_t *pconf)
{
    tokens = apr_array_make(pconf, 2, sizeof(token_t *));
    key_engine_begin();
}

static void make_id(unsigned char *id, bytes_t text, bytes_t passphrase,
                    apr_int64_t revision)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (!context || !EVP_DigestInit_ex(context, EVP_sha256(), NULL)
        || !EVP_DigestUpdate(context, text.data, text.len)
        || !EVP_DigestUpdate(context, "", 1)
        || !EVP_DigestUpdate(context, &revision, sizeof(revision))
        || !EVP_DigestUpdate(context, passphrase.data, passphrase.len)
        || !EVP_DigestFinal_ex(context, id, NULL))
        memset(id, 0, TOKEN_ID);
    EVP_MD_CTX_free(context);
}

token_t *token_add(const char *uri, bytes_t passphrase, apr_int64_t revision)
{
    apr_pool_t *pool = tokens->pool;
    unsigned char id[TOKEN_ID];
    token_t *token;
    int i;

    make_id(id, token_message_text(uri), passphrase, revision);
    for (i = 0; i < tokens->nelts; i++) {
        token = APR_ARRAY_IDX(tokens, i, token_t *);
        if (memcmp(token->id, id, sizeof(id)) == 0)
            return token;
    }
    token = apr_pcalloc(pool, sizeof(*token));
    memcpy(token->id, id, sizeof(id));
    make_id(token->login, token_message_text(token_uri_token(pool, uri)),
            passphrase, revision);
    token->uri = uri;
    token->passphrase = passphrase;
    token->control = -1;
    APR_ARRAY_PUSH(tokens, token_t *) = token;
    return token;
}

void token_start(apr_pool_t *pconf)
{
    int i;

    for (i = 0; i < tokens->nelts; i++) {
        token_t *token = APR_ARRAY_IDX(tokens, i, token_t *);

        token->kept = token_keeper_find(token->id, token->login);
        if (token->kept)
            token_keeper_start(token->kept, pconf, token->uri,
                               token->passphrase);
    }
    token_keeper_forget_others();
}

/* -- a child process ------------------------------------------------------- */

void token_child_init(void)
{
    int i;

    for (i = 0; i < tokens->nelts; i++) {
        token_t *token = APR_ARRAY_IDX(tokens, i, token_t *);

        if (token->kept) {
            pthread_mutex_init(&token->mutex, NULL);
            places_init(&token->places, AT_A_TIME);
            token->hung_at = token_keeper_hung_at(token->kept);
            token->control = token_keeper_socket(token->kept);
        }
    }
}

/* A new socket to the process with the token, whether it is there or only about
 * to be. -1: there is none. */
static int connect_to(const token_t *token)
{
    int ends[2], passed;

    if (!token_message_pair(ends))
        return -1;
    passed = token_message_pass(token->control, ends[1]);
    close(ends[1]);
    if (passed)
        return ends[0];
    close(ends[0]);
    return -1;
}

/* 0: it answers. */
static apr_time_t hung_at(const token_t *token)
{
    return __atomic_load_n(token->hung_at, __ATOMIC_RELAXED);
}

/* Whether it may be tried, by *until at most. */
static int token_enter(token_t *token, apr_time_t now, apr_time_t *until)
{
    const apr_time_t hung = hung_at(token);
    int may = !hung;

    *until = now + INTERVALS_TOKEN_WAIT;
    if (may)
        return 1;
    pthread_mutex_lock(&token->mutex);
    may =
        !token->is_tried && (now - hung >= INTERVALS_TOKEN_REST || now < hung);
    if (may) {
        token->is_tried = 1;
        *until = now + INTERVALS_TOKEN_TRIAL;
    }
    pthread_mutex_unlock(&token->mutex);
    return may;
}

/* Where it was too busy to be asked, nothing has been found out. */
static void leave(token_t *token, asked_t asked)
{
    if (asked != ASKED_BUSY)
        __atomic_store_n(token->hung_at,
                         asked == ASKED_ANSWERED ? 0 : apr_time_now(),
                         __ATOMIC_RELAXED);
    pthread_mutex_lock(&token->mutex);
    token->is_tried = 0;
    pthread_mutex_unlock(&token->mutex);
}

/* socket: -1 for one that is of no use any more. */
static void give_back(token_t *token, int socket)
{
    pthread_mutex_lock(&token->mutex);
    if (socket >= 0)
        token->idle[token->idle_count++] = socket;
    places_leave(&token->places);
    pthread_mutex_unlock(&token->mutex);
}

/* A socket to use alone, -1 if none can be made; returns 0 where others use as
 * many as there may be. */
static int take_socket(token_t *token, apr_time_t until, int *socket)
{
    int took;

    *socket = -1;
    pthread_mutex_lock(&token->mutex);
    took = places_take(&token->places, &token->mutex, until,
                       INTERVALS_TOKEN_STALL);
    if (took && token->idle_count)
        *socket = token->idle[--token->idle_count];
    pthread_mutex_unlock(&token->mutex);
    if (took && *socket < 0)
        *socket = connect_to(token);
    return took;
}

/* Asks until an instant. The process at the other end may just have ended; its
 * successor is asked then. */
static asked_t ask_until(token_t *token, apr_pool_t *pool,
                         const token_message_t *request,
                         token_message_t *answer, apr_time_t until)
{
    int socket, answered;

    while (deadline_left(until) > 0) {
        if (!take_socket(token, until, &socket))
            return ASKED_BUSY;
        if (socket < 0) {
            give_back(token, -1);
            break;
        }
        answered = token_message_write(socket, pool, request, until)
            && token_message_read(socket, pool, answer, until);
        if (!answered)
            close(socket);
        give_back(token, answered ? socket : -1);
        if (answered)
            return ASKED_ANSWERED;
    }
    return ASKED_IN_VAIN;
}

static int ask(token_t *token, apr_pool_t *pool, const token_message_t *request,
               token_message_t *answer, const char **why)
{
    apr_time_t until;
    asked_t asked;

    *why = "the token does not answer in time";
    if (token->control < 0 || !token_enter(token, apr_time_now(), &until))
        return 0;
    asked = ask_until(token, pool, request, answer, until);
    leave(token, asked);
    if (asked == ASKED_BUSY)
        *why = "the token is busy with the signatures of others";
    else if (asked == ASKED_ANSWERED && answer->kind != TOKEN_SIGNED)
        *why = (const char *)answer->parts[0].data;
    return asked == ASKED_ANSWERED && answer->kind == TOKEN_SIGNED;
}

int token_hangs(const token_t *token)
{
    return token && token->control >= 0 && hung_at(token) != 0;
}

/* -- the signer ------------------------------------------------------------ */

/* What a signer needs to have the token sign. */
typedef struct {
    token_t *token;
    const char *digest;
} hand_t;

static int token_sign(void *context, bytes_t *signature, apr_pool_t *pool,
                      const signer_t *signer, bytes_t bytes, const char **why)
{
    const hand_t *hand = context;
    token_message_t request = { TOKEN_SIGN,
                                { signer->certificate_der,
                                  token_message_text(hand->digest), bytes } };
    token_message_t answer = { TOKEN_NOTHING, { { NULL, 0 } } };

    if (!ask(hand->token, pool, &request, &answer, why))
        return 0;
    *signature = answer.parts[1];
    return 1;
}

const signer_t *token_signer(apr_pool_t *pool, token_t *token,
                             X509 *certificate, const char *digest,
                             const char **why)
{
    hand_t *hand = apr_palloc(pool, sizeof(*hand));
    token_message_t request = {
        TOKEN_SIGN, { { NULL, 0 }, token_message_text(digest), { NULL, 0 } }
    };
    token_message_t answer = { TOKEN_NOTHING, { { NULL, 0 } } };

    hand->token = token;
    hand->digest = apr_pstrdup(pool, digest);
    *why = "the certificate cannot be read";
    if (!certificate_der(&request.parts[0], pool, certificate)
        || !ask(token, pool, &request, &answer, why))
        return NULL;
    return signer_create_remote(pool, certificate, answer.parts[0], token_sign,
                                hand, why);
}
