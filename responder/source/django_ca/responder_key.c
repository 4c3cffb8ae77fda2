/* SPDX-License-Identifier: Apache-2.0 */
#include "source/django_ca/responder_key.h"

#include <string.h>

#include "apr_encode.h"
#include "apr_file_info.h"
#include "apr_strings.h"
#ifdef HAVE_JANSSON
#include <jansson.h>
#endif

#include "base/secret.h"
#include "ocsp/key_file.h"

/* Since 1.13; since 2.1 the row names the path. */
#define FOLDER "ocsp/"

/* What is read, and for whom. */
typedef struct {
    apr_pool_t *pool;
    const char *storage; /* NULL: not known */
    int wanted;
    ocsp_responder_key_t *key;
} reader_t;

/* -- files below the storage folder ---------------------------------------- */

/* The row is not trusted to name any file of the machine. */
static const char *path_below(const reader_t *reader, const char *path,
                              const char **why)
{
    apr_pool_t *pool = reader->pool;
    const char *storage = reader->storage;
    apr_size_t length = storage ? strlen(storage) : 0;
    char *full = NULL;

    if (!storage) {
        reader->key->lacks_storage = 1;
        *why = apr_psprintf(pool,
                            "its key is the file %s in django-ca's "
                            "storage, and OCSPResponderStorage is not set",
                            path);
        return NULL;
    }
    if (strncmp(path, storage, length) == 0 && path[length] == '/')
        path += length + 1;
    if (apr_filepath_merge(&full, storage, path,
                           APR_FILEPATH_SECUREROOT | APR_FILEPATH_NOTABOVEROOT,
                           pool)
        != APR_SUCCESS) {
        *why = apr_psprintf(pool,
                            "the path of its key, %s, leads out of "
                            "OCSPResponderStorage",
                            path);
        return NULL;
    }
    return full;
}

/* Names the file, and reads it if that is wanted. */
static int read_below(const reader_t *reader, const char *path,
                      const char **file, bytes_t *bytes, const char **why)
{
    *file = path_below(reader, path, why);
    if (!*file)
        return 0;
    if (reader->wanted & OCSP_RESPONDER_WANTS_FILES)
        return 1;
    *bytes = key_file_read(reader->pool, *file, why);
    return bytes->data != NULL;
}

/* -- up to 2.0: two files named after the CA ------------------------------- */

static const char *responder_key_name_of(apr_pool_t *pool, const char *stored,
                                         const char *ending)
{
    char *name = apr_pstrcat(pool, FOLDER, stored, ending, NULL), *to, *from;

    for (to = from = name; *from; from++) {
        if (*from != ':')
            *to++ = *from;
    }
    *to = '\0';
    return name;
}

static ocsp_responder_lookup_t open_files(const reader_t *reader,
                                          const char *stored, const char **why)
{
    ocsp_responder_key_t *key = reader->key;
    apr_pool_t *pool = reader->pool;

    if ((reader->wanted & OCSP_RESPONDER_WANTS_KEY)
        && !read_below(reader, responder_key_name_of(pool, stored, ".key"),
                       &key->files[0], &key->key, why))
        return OCSP_RESPONDER_LOOKUP_FAILED;
    if ((reader->wanted & OCSP_RESPONDER_WANTS_CERTIFICATE)
        && !read_below(reader, responder_key_name_of(pool, stored, ".pem"),
                       &key->files[1], &key->certificate, why))
        return OCSP_RESPONDER_LOOKUP_FAILED;
    return OCSP_RESPONDER_LOOKUP_DONE;
}

/* -- since 2.1: ocsp_key_backend_options ----------------------------------- */

#ifdef HAVE_JANSSON
static bytes_t bytes_of(apr_pool_t *pool, const char *text)
{
    const bytes_t bytes = { (const unsigned char *)text, strlen(text) };

    return secret_copy(pool, bytes);
}

static ocsp_responder_lookup_t no_text(const char *what, const char **why)
{
    *why = what;
    return OCSP_RESPONDER_LOOKUP_FAILED;
}

static ocsp_responder_lookup_t read_key(const reader_t *reader,
                                        const json_t *key, const char **why)
{
    ocsp_responder_key_t *own = reader->key;
    apr_pool_t *pool = reader->pool;
    const char *pem = json_string_value(json_object_get(key, "pem"));
    const char *path = json_string_value(json_object_get(key, "path"));
    const json_t *password = json_object_get(key, "password");

    if (pem) {
        own->key = bytes_of(pool, pem);
        return OCSP_RESPONDER_LOOKUP_DONE;
    }
    if (json_object_get(key, "key_label") || json_object_get(key, "key_id"))
        return no_text("its key is in a HSM; name it with OCSPResponderKey "
                       "pkcs11:...",
                       why);
    if (!path)
        return no_text("its ocsp_key_backend_options name neither path nor "
                       "pem of the key",
                       why);
    if (password && !json_is_null(password)) {
        const char *text = json_string_value(password);

        if (text)
            own->passphrase.data =
                apr_pdecode_base64_binary(pool, text, APR_ENCODE_STRING,
                                          APR_ENCODE_NONE,
                                          &own->passphrase.len);
        if (!own->passphrase.data)
            return no_text("the password in its ocsp_key_backend_options is "
                           "not base64",
                           why);
    }
    return read_below(reader, path, &own->files[0], &own->key, why)
        ? OCSP_RESPONDER_LOOKUP_DONE
        : OCSP_RESPONDER_LOOKUP_FAILED;
}

static ocsp_responder_lookup_t read_options(
    const reader_t *reader, const json_t *options, const char **why)
{
    const json_t *key = json_object_get(options, "private_key");
    const json_t *certificate = json_object_get(options, "certificate");
    const char *pem = json_string_value(json_object_get(certificate, "pem"));

    if (!json_is_object(options) || (key && !json_is_object(key))
        || (certificate && !json_is_object(certificate)))
        return no_text("its ocsp_key_backend_options are not what django-ca "
                       "writes",
                       why);
    if (json_object_size(key) == 0 && json_object_size(certificate) == 0) {
        *why = "django-ca has made no responder key for it (manage.py "
               "generate_ocsp_keys does)";
        return OCSP_RESPONDER_LOOKUP_DONE;
    }
    if (reader->wanted & OCSP_RESPONDER_WANTS_CERTIFICATE) {
        if (!pem)
            return no_text("its ocsp_key_backend_options hold no certificate",
                           why);
        reader->key->certificate = bytes_of(reader->pool, pem);
    }
    return reader->wanted & OCSP_RESPONDER_WANTS_KEY
        ? read_key(reader, key, why)
        : OCSP_RESPONDER_LOOKUP_DONE;
}

static ocsp_responder_lookup_t parse_options(const reader_t *reader,
                                             const char *text, const char **why)
{
    json_error_t error;
    json_t *options = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    ocsp_responder_lookup_t result;

    if (!options) {
        *why = apr_psprintf(reader->pool,
                            "its ocsp_key_backend_options are not JSON (%s)",
                            error.text);
        return OCSP_RESPONDER_LOOKUP_FAILED;
    }
    result = read_options(reader, options, why);
    json_decref(options);
    return result;
}
#else
static ocsp_responder_lookup_t parse_options(const reader_t *reader,
                                             const char *text, const char **why)
{
    (void)reader;
    (void)text;
    *why = "its ocsp_key_backend_options are JSON, which this build cannot "
           "read; build the module with jansson (libjansson-dev)";
    return OCSP_RESPONDER_LOOKUP_FAILED;
}
#endif

/* -------------------------------------------------------------------------- */

ocsp_responder_lookup_t responder_key_read(
    ocsp_responder_key_t *key, apr_pool_t *pool, const char *storage,
    const rows_key_t *row, int wanted, const char **why)
{
    const reader_t reader = { pool, storage, wanted, key };

    if (row->options_forbidden) {
        *why = "the database user may not SELECT column "
               "ocsp_key_backend_options";
        return OCSP_RESPONDER_LOOKUP_FAILED;
    }
    return row->options ? parse_options(&reader, row->options, why)
                        : open_files(&reader, row->stored, why);
}
