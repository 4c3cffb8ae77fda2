/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/token_login.h"

#include <unistd.h>

#include "apr_time.h"

#include "base/intervals.h"

static int token_login_get(const int *value)
{
    return __atomic_load_n(value, __ATOMIC_SEQ_CST);
}

static void token_login_set(int *value, int to)
{
    __atomic_store_n(value, to, __ATOMIC_SEQ_CST);
}

static int pass_turn(token_login_t *login, pid_t from, pid_t to)
{
    return __atomic_compare_exchange_n(&login->turn, &from, to, 0,
                                       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

int token_login_begin(token_login_t *login)
{
    while (!token_login_get(&login->accepted) && !pass_turn(login, 0, getpid()))
        apr_sleep(INTERVALS_TOKEN_LOGIN_LOOK);
    if (!token_login_get(&login->refused))
        return 1;
    pass_turn(login, getpid(), 0);
    return 0;
}

int token_login_end(token_login_t *login, key_uri_result_t result)
{
    const int is_refused = result == KEY_URI_REFUSED
        || (result == KEY_URI_DOUBTED && !token_login_get(&login->is_right));

    if (is_refused)
        token_login_set(&login->refused, 1);
    if (is_refused || result == KEY_URI_LOADED)
        token_login_set(&login->is_right, !is_refused);
    token_login_set(&login->accepted, result == KEY_URI_LOADED);
    pass_turn(login, getpid(), 0);
    return is_refused;
}

void token_login_forget(token_login_t *login)
{
    token_login_set(&login->refused, 0);
}

int token_login_is_refused(const token_login_t *login)
{
    return token_login_get(&login->refused);
}

void token_login_leave(token_login_t *login, pid_t pid)
{
    token_login_set(&login->accepted, 0);
    pass_turn(login, pid, 0);
}
