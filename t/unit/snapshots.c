/* SPDX-License-Identifier: Apache-2.0
 * One answer of every kind, keys and times fixed, as text: t/snapshots. A
 * change in what is sent shows in review. SNAPSHOT_UPDATE=1 in the environment
 * writes the texts anew. */
#include <stdlib.h>
#include <apr_file_io.h>
#include <apr_general.h>
#include <openssl/pem.h>
#include "answer.h"
#include "base/der_reader.h"
#include "ocsp/certificate.h"
#include "ocsp/dual_certid.h"
#include "ocsp/owned.h"

#define FOLDER     "t/snapshots/"
#define RSA_KEY    "t/fixtures/django-ca-1.12.0/keys/ocsp-rsa2048.pem"
#define ML_DSA_KEY "t/fixtures/ml-dsa-65/key.pem"

/* -- DER as text ----------------------------------------------------------- */

static const char *dump(bytes_t der, int depth);

static const char *hex_of(bytes_t bytes)
{
    char *text = apr_palloc(pool, 2 * bytes.len + 1);
    apr_size_t i;

    for (i = 0; i < bytes.len; i++)
        sprintf(text + 2 * i, "%02x", bytes.data[i]);
    text[2 * bytes.len] = '\0';
    return text;
}

static const char *oid_of(bytes_t whole)
{
    const unsigned char *p = whole.data;
    ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &p, (long)whole.len);
    char text[80];

    OBJ_obj2txt(text, sizeof(text), object, 1);
    ASN1_OBJECT_free(object);
    return apr_pstrdup(pool, text);
}

/* A certificate is named; it is not what is looked at. */
static const char *certificate_of(bytes_t whole)
{
    const unsigned char *p = whole.data;
    X509 *certificate = d2i_X509(NULL, &p, (long)whole.len);
    const X509_NAME *name;
    const ASN1_STRING *cn;
    const char *text;

    if (!certificate)
        return NULL;
    name = X509_get_subject_name(certificate);
    cn = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(
        name, X509_NAME_get_index_by_NID(name, NID_commonName, -1)));
    text = apr_psprintf(pool, "Certificate CN=%.*s",
                        cn ? ASN1_STRING_length(cn) : 0,
                        cn ? (const char *)ASN1_STRING_get0_data(cn) : "");
    X509_free(certificate);
    return text;
}

static const char *simple(int tag, bytes_t whole, bytes_t contents)
{
    static const char *const names[32] = {
        [DER_BOOLEAN] = "BOOLEAN",
        [DER_INTEGER] = "INTEGER",
        [DER_BIT_STRING] = "BIT STRING",
        [DER_OCTET_STRING] = "OCTET STRING",
        [DER_NULL] = "NULL",
        [0x0A] = "ENUMERATED",
    };

    if (tag == DER_OBJECT)
        return apr_pstrcat(pool, "OID ", oid_of(whole), NULL);
    if (tag == 0x18)
        return apr_pstrcat(pool, "TIME ",
                           apr_pstrmemdup(pool, (const char *)contents.data,
                                          contents.len),
                           NULL);
    return apr_psprintf(pool, contents.len ? "%s %s" : "%s%s",
                        tag < 32 && names[tag]
                            ? names[tag]
                            : apr_psprintf(pool, "[%d]", tag & 0x1F),
                        hex_of(contents));
}

static int holds_der(bytes_t bytes)
{
    der_element_t element;

    return bytes.len > 1
        && (*bytes.data == DER_SEQUENCE || *bytes.data == 4 || *bytes.data == 5
            || *bytes.data == 0x18)
        && der_only(bytes, *bytes.data, &element);
}

static const char *dump_one(const der_element_t *element, int depth)
{
    const int tag = *element->whole.data;
    const char *indent = apr_psprintf(pool, "%*s", 2 * depth, "");
    const char *certificate =
        tag == DER_SEQUENCE ? certificate_of(element->whole) : NULL;
    const char *head;

    if (certificate)
        return apr_pstrcat(pool, indent, certificate, "\n", NULL);
    head = tag == DER_SEQUENCE ? "SEQUENCE"
        : tag & 0x20           ? apr_psprintf(pool, "[%d]", tag & 0x1F)
                               : "OCTET STRING of";
    if (tag & 0x20 || (tag == DER_OCTET_STRING && holds_der(element->contents)))
        return apr_pstrcat(pool, indent, head, "\n",
                           dump(element->contents, depth + 1), NULL);
    return apr_pstrcat(pool, indent,
                       simple(tag, element->whole, element->contents), "\n",
                       NULL);
}

static const char *dump(bytes_t der, int depth)
{
    const char *text = "";
    der_element_t element;

    while (der.len && der_take(&der, *der.data, &element))
        text = apr_pstrcat(pool, text, dump_one(&element, depth), NULL);
    return der.len ? apr_pstrcat(pool, text, "not DER\n", NULL) : text;
}

/* -- against what stands in the folder ------------------------------------- */

static const char *read_text(const char *path)
{
    static char room[65536];
    apr_size_t len = sizeof(room) - 1;
    apr_file_t *file;

    if (apr_file_open(&file, path, APR_READ, 0, pool) != APR_SUCCESS)
        return "";
    apr_file_read(file, room, &len);
    apr_file_close(file);
    room[len] = '\0';
    return apr_pstrdup(pool, room);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = pki_must(fopen(path, "w"), path);
    int written = fputs(text, file) >= 0;
    int closed = fclose(file) == 0;

    MUST(written && closed);
}

static void matches_text(const char *name, const char *text)
{
    const char *path = apr_pstrcat(pool, FOLDER, name, ".txt", NULL);

    if (getenv("SNAPSHOT_UPDATE"))
        write_text(path, text);
    is(text, read_text(path), path);
}

static void matches(const char *name, bytes_t der)
{
    matches_text(
        name, apr_psprintf(pool, "%s%d bytes\n", dump(der, 0), (int)der.len));
}

/* For a signature that is another one each time: left out, and with it how long
 * all is. */
static void matches_but_signature(const char *name, bytes_t der)
{
    static const char label[] = "BIT STRING ";
    const char *text = dump(der, 0);
    const char *at = strstr(text, label);
    const char *end = at ? strchr(at, '\n') : NULL;

    MUST(at && end);
    matches_text(name,
                 apr_psprintf(pool, "%.*s%s(signature)%s", (int)(at - text),
                              text, label, end));
}

/* -- a world that is the same each time ------------------------------------ */

static EVP_PKEY *fixed_key(int byte)
{
    unsigned char raw[32];

    memset(raw, byte, sizeof(raw));
    return owned_key(pool,
                     EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, raw,
                                                  sizeof(raw)));
}

/* own NULL: the root's own key signs. */
static world_t fixed_world(EVP_PKEY *own)
{
    EVP_PKEY *root = fixed_key(1);
    world_t world = { .root = pki_root(pool, root) };
    const char *why;

    world.issuer =
        pki_must((void *)issuer_create(pool, world.root, &why), "issuer");
    world_signer(&world, own ? pki_responder(pool, own, root) : world.root,
                 own ? own : root);
    return world;
}

/* Of the curve P-256; OpenSSL adds the public key. */
static EVP_PKEY *fixed_ec_key(void)
{
    static const unsigned char der[] = {
        0x30, 0x31, 2,    1,    1, 4, 0x20, /* ECPrivateKey, RFC 5915 */
        6,    6,    6,    6,    6, 6, 6,    6,    6,    6,    6,    6, 6, 6, 6,
        6,    6,    6,    6,    6, 6, 6,    6,    6,    6,    6,    6, 6, 6, 6,
        6,    6,    0xA0, 0x0A, 6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7
    };
    const unsigned char *p = der;

    return owned_key(pool, d2i_PrivateKey(EVP_PKEY_EC, NULL, &p, sizeof(der)));
}

/* NULL where OpenSSL does not know such keys. */
static EVP_PKEY *key_in(const char *path)
{
    FILE *file = pki_must(fopen(path, "r"), path);
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);

    ERR_clear_error();
    fclose(file);
    return key ? owned_key(pool, key) : NULL;
}

static world_t intermediate(void)
{
    EVP_PKEY *key = fixed_key(3);
    world_t world = { .root =
                          pki_cert(pool,
                                   (pki_cert_t){ .cn = "inter",
                                                 .key = key,
                                                 .issuer_cn = "root",
                                                 .issuer_key = fixed_key(1),
                                                 .ca = "critical,CA:TRUE" }) };
    const char *why;

    world.issuer =
        pki_must((void *)issuer_create(pool, world.root, &why), "issuer");
    world_signer(&world, world.root, key);
    return world;
}

static bytes_t signed_answer(const request_t *request,
                             const ocsp_responder_status_t *statuses,
                             const response_terms_t *terms)
{
    const char *why = NULL;
    bytes_t der = { NULL, 0 };

    if (!response_sign(&der, pool, request, statuses, terms, &why))
        pki_must(NULL, why);
    return der;
}

static void one(const char *name, const world_t *world,
                ocsp_responder_status_t status, const response_terms_t *terms)
{
    request_certid_t id = certid(world->root, EVP_sha1(), 1, "0xFF05");
    request_t request = request_of(&id, 1);

    matches(name, signed_answer(&request, &status, terms));
}

/* -- the kinds ------------------------------------------------------------- */

static const ocsp_responder_status_t good = { .cert_status =
                                                  OCSP_RESPONDER_GOOD };
static const ocsp_responder_status_t revoked = {
    .cert_status = OCSP_RESPONDER_REVOKED,
    .revocation_time = SEC(PKI_NOW - 86400),
    .reason = 1,
};

static void test_statuses(const world_t *world)
{
    response_terms_t terms = terms_of(world);
    ocsp_responder_status_t status = revoked;

    one("good", world, good, &terms);
    one("revoked", world, revoked, &terms);
    status.reason = 6;
    one("hold", world, status, &terms);
    status.reason = 0;
    one("revoked-without-reason", world, status, &terms);
    status.has_invalidity_date = 1;
    status.invalidity_date = SEC(PKI_NOW - 2 * 86400);
    one("revoked-invalidity-date", world, status, &terms);
    one("unknown", world, (ocsp_responder_status_t){ 0 }, &terms);
    terms.extended_revoke = 1;
    one("extended-revoke", world,
        (ocsp_responder_status_t){ .cert_status = OCSP_RESPONDER_REVOKED,
                                   .reason = 6 },
        &terms);
}

static void test_extensions(const world_t *world)
{
    static const char hash[] = "0123456789abcdef0123456789abcdef";
    response_terms_t terms = terms_of(world);
    ocsp_responder_status_t status = good;

    terms.nonce = (bytes_t){ (const unsigned char *)hash, 32 };
    one("nonce", world, good, &terms);
    terms = terms_of(world);
    terms.archive_cutoff = RESPONSE_CUTOFF_CA;
    one("archive-cutoff", world, good, &terms);
    terms.archive_cutoff = RESPONSE_CUTOFF_RETENTION;
    terms.retention = 7 * 365 * (apr_int64_t)86400;
    one("archive-cutoff-retention", world, good, &terms);
    terms = terms_of(world);
    status.cert_hash = (bytes_t){ (const unsigned char *)hash, 32 };
    one("cert-hash", world, status, &terms);
    terms.times.next_update = SEC(APR_INT64_C(253402300799));
    one("last-of-all", world, good, &terms);
}

static void test_certificates(const world_t *world)
{
    world_t direct = fixed_world(NULL), inter = intermediate();
    response_terms_t terms = terms_of(&direct);

    one("direct-root", &direct, good, &terms);
    terms = terms_of(&inter);
    one("direct-intermediate", &inter, good, &terms);
    terms = terms_of(world);
    MUST(certificate_der(&terms.chain, pool, world->root));
    one("chain", world, good, &terms);
}

static void test_several(const world_t *world)
{
    request_certid_t ids[] = { certid(world->root, EVP_sha1(), 1, "1"),
                               certid(world->root, EVP_sha256(), 0, "2") };
    ocsp_responder_status_t statuses[] = { good, revoked };
    request_t request = request_of(ids, 2);
    response_terms_t terms = terms_of(world);

    matches("several", signed_answer(&request, statuses, &terms));
}

static void test_dual(const world_t *world)
{
    const ocsp_responder_status_t statuses[] = { good, good };
    request_certid_t id = certid(world->root, EVP_sha1(), 1, "0xFF05");
    OCSP_REQUEST *made = OCSP_REQUEST_new();
    const unsigned char *p = id.der.data;
    unsigned char *der = NULL;
    const response_terms_t terms = terms_of(world);
    const request_t *request;
    const char *why = NULL;
    request_t dual;
    int len;

    MUST(OCSP_request_add0_id(made,
                              d2i_OCSP_CERTID(NULL, &p, (long)id.der.len)));
    len = i2d_OCSP_REQUEST(made, &der);
    request = request_parse(pool, (bytes_t){ der, len }, 1, &why);
    MUST(request && dual_certid(&dual, pool, world->issuer, request));
    matches("dual-certid", signed_answer(&dual, statuses, &terms));
    OPENSSL_free(der);
    OCSP_REQUEST_free(made);
}

static bytes_t signed_by(EVP_PKEY *key)
{
    world_t world = fixed_world(pki_must(key, "a key"));
    request_certid_t id = certid(world.root, EVP_sha256(), 1, "0xFF05");
    request_t request = request_of(&id, 1);
    const response_terms_t terms = terms_of(&world);

    return signed_answer(&request, &good, &terms);
}

static void test_algorithms(void)
{
    EVP_PKEY *ml_dsa = key_in(ML_DSA_KEY);

    matches("rsa", signed_by(key_in(RSA_KEY)));
    matches_but_signature("ec", signed_by(fixed_ec_key()));
    if (ml_dsa)
        matches_but_signature("ml-dsa", signed_by(ml_dsa));
    else
        ok(1, "ml-dsa # SKIP OpenSSL is older than 3.5");
}

static void test_errors(void)
{
    matches("malformed-request", response_error(RESPONSE_MALFORMED_REQUEST));
    matches("internal-error", response_error(RESPONSE_INTERNAL_ERROR));
    matches("try-later", response_error(RESPONSE_TRY_LATER));
    matches("unauthorized", response_error(RESPONSE_UNAUTHORIZED));
}

int main(void)
{
    world_t world;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    world = fixed_world(fixed_key(2));
    test_statuses(&world);
    test_extensions(&world);
    test_certificates(&world);
    test_several(&world);
    test_dual(&world);
    test_algorithms();
    test_errors();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
