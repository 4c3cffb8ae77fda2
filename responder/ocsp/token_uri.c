/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp/token_uri.h"

#include <string.h>

#include "apr_strings.h"

#define PKCS11 "pkcs11:"

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
    const size_t scheme = strlen(PKCS11);
    const char *token = strchr(uri, '?') ? strchr(uri, '?') : "";
    char *path, *attribute, *last;

    if (strncasecmp(uri, PKCS11, scheme) != 0)
        return uri;
    path = apr_pstrmemdup(pool, uri + scheme, strcspn(uri + scheme, "?"));
    for (attribute = apr_strtok(path, ";", &last); attribute;
         attribute = apr_strtok(NULL, ";", &last))
        if (!names_key(attribute))
            token = apr_pstrcat(pool, attribute, ";", token, NULL);
    return token;
}
