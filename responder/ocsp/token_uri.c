/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/token_uri.h"

#include <string.h>

#include "apr_strings.h"

#define PKCS11 "pkcs11:"

int token_uri_is(const char *uri)
{
    return strncasecmp(uri, PKCS11, strlen(PKCS11)) == 0;
}

int token_uri_has_pin(const char *uri)
{
    return strstr(uri, "pin-value=") || strstr(uri, "pin-source=");
}

static int names_key(const char *attribute)
{
    return strncmp(attribute, "object=", 7) == 0
        || strncmp(attribute, "id=", 3) == 0
        || strncmp(attribute, "type=", 5) == 0;
}

const char *token_uri_token(apr_pool_t *pool, const char *uri)
{
    const char *token = strchr(uri, '?') ? strchr(uri, '?') : "";
    char *path, *attribute, *last;

    if (!token_uri_is(uri))
        return uri;
    uri += strlen(PKCS11);
    path = apr_pstrmemdup(pool, uri, strcspn(uri, "?"));
    for (attribute = apr_strtok(path, ";", &last); attribute;
         attribute = apr_strtok(NULL, ";", &last))
        if (!names_key(attribute))
            token = apr_pstrcat(pool, attribute, ";", token, NULL);
    return token;
}
