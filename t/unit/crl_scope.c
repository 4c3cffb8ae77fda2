/* SPDX-License-Identifier: Apache-2.0
 * source/crl/: what CRLs do not say, as they are about a part of a CA's
 * certificates only, or about another's. */
#include "crl_files.h"

static const char *ask_parts(const apr_array_header_t *files, const char *hex,
                             int parts)
{
    return ask_absent(root, files, hex, (crl_absent_t){ GOOD, parts }, NOW);
}

/* -- scopes ---------------------------------------------------------------- */

/* What the CA has said last is not passed over for what it said before. */
static void test_newer_unusable(void)
{
    const crls_t old = { ROOT_CRL, .number = 5, .entries = { { "01" } } };
    crls_t new = { ROOT_CRL, .number = 6, .odd = "1.2.3.4" };
    static const char unknown[] =
        "failed: two.crl: it has a critical extension that is not known here";

    is(ask_full(two(old, new), "02"), unknown, "a newer one with an extension");
    is(ask_full(two(old, new), "01"), unknown, "whatever the older says");
    new.base = 5;
    is(ask_full(two(old, new), "02"), unknown, "a delta with one");
    new.number = 4;
    new.base = 0;
    is(ask_full(two(old, new), "02"), "good", "an older does no harm");
    new.number = 6;
    new.key = other_key;
    is(ask_full(two((crls_t){ ROOT_CRL, .number = 9, .from = -PKI_DAY - 1,
                              .to = PKI_DAY },
                    (crls_t){ ROOT_CRL, .number = 1, .from = -PKI_DAY,
                              .to = PKI_DAY, .entries = { { "02" } } }),
                "02"),
       "revoked 0h ago, 0", "numbers that begin anew");
}

/* A CRL that is not about all of the CA's certificates, or reasons, says of no
 * certificate that it is not revoked. */
static void test_coverage(void)
{
    static const struct {
        const char *scope;
        const char *says, *says_of_users_only;
    } rows[] = {
        { NULL, "good", "good" },
        { "critical,onlyuser:TRUE", "unknown", "good" },
        { "critical,onlyCA:TRUE", "unknown", "unknown" },
        { "critical,onlysomereasons:keyCompromise", "unknown", "unknown" },
        { "onlysomereasons=keyCompromise,CACompromise,affiliationChanged,"
          "superseded,cessationOfOperation,certificateHold,"
          "privilegeWithdrawn,AACompromise",
          "good", "good" },
        { "critical,fullname:URI:http://crl.example/1", "unknown", "unknown" },
        { "critical,onlyuser:TRUE,fullname:URI:http://crl.example/1", "unknown",
          "unknown" },
    };
    X509 *of_users = pki_cert(pool,
                              (pki_cert_t){ .cn = "root",
                                            .key = root_key,
                                            .ca = "critical,CA:TRUE,pathlen:0",
                                            .usage = "cRLSign,keyCertSign" });
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const apr_array_header_t *files = one((crls_t){
            ROOT_CRL, .scope = rows[i].scope, .entries = { { "01", 1 } } });

        is(ask_full(files, "02"), rows[i].says,
           rows[i].scope ? rows[i].scope : "no scope");
        is(ask_of(of_users, files, "02", GOOD, NOW), rows[i].says_of_users_only,
           "  of a CA that has no CAs");
        is(ask_full(files, "01"), "revoked 0h ago, 1", "  and what is revoked");
    }
    is(ask_full(
           two((crls_t){ ROOT_CRL, .scope = rows[3].scope },
               (crls_t){ ROOT_CRL,
                         .scope =
                             "onlysomereasons=CACompromise,affiliationChanged,"
                             "superseded,cessationOfOperation,certificateHold,"
                             "privilegeWithdrawn,AACompromise" }),
           "02"),
       "good", "two that have all reasons together");
}

/* The CRLs of distribution points have a CA's certificates in parts, and none
 * tells of the others: absence from those that are there is no good. */
static void test_shards(void)
{
    crls_t shard = { ROOT_CRL,
                     .scope = "critical,fullname:URI:http://crl.example/1",
                     .entries = { { "01" } } };
    crls_t other = { ROOT_CRL,
                     .scope = "critical,fullname:URI:http://crl.example/2",
                     .entries = { { "02" } } };
    apr_array_header_t *files = two(shard, other);

    is(ask_parts(files, "01", 2), "revoked 0h ago, 0", "of the first shard");
    is(ask_parts(files, "02", 2), "revoked 0h ago, 0", "of the second");
    is(ask_parts(files, "03", 0), "unknown", "nobody says how many there are");
    is(ask_parts(files, "03", 2), "good", "two, as somebody says");
    is(ask_parts(files, "03", 3), "unknown", "one is missing");
    is(ask_parts(files, "03", 1), "unknown", "one too many");
    is(ask_parts(one(shard), "03", 1), "good", "one that is all");
    is(ask_parts(one((crls_t){ ROOT_CRL }), "03", 1), "good",
       "a CRL without a distribution point is about all");
    is(ask_parts(two(shard, (crls_t){ ROOT_CRL }), "03", 0), "good",
       "with another beside it, too");
    shard.to = -60;
    shard.from = -PKI_DAY;
    ok(strncmp(ask_parts(two(shard, other), "03", 2), "later: one.crl:", 15)
           == 0,
       "one has ended");
    shard.from = shard.to = 0;
    other.scope = "onlysomereasons=keyCompromise\n"
                  "fullname=URI:http://crl.example/2";
    is(ask_parts(two(shard, other), "03", 2), "unknown",
       "one for some reasons only");
    other.scope = "onlyCA=TRUE\nfullname=URI:http://crl.example/2";
    shard.scope = "onlyuser=TRUE\nfullname=URI:http://crl.example/1";
    is(ask_parts(two(shard, other), "03", 2), "good", "users' and CAs'");
}

static void test_parts(void)
{
    const crls_t users = { ROOT_CRL, .scope = "critical,onlyuser:TRUE",
                           .entries = { { "01" } } };
    const crls_t cas = { ROOT_CRL, .scope = "critical,onlyCA:TRUE",
                         .entries = { { "02" } } };
    apr_array_header_t *files = two(users, cas);
    const bytes_t none = { NULL, 0 };

    is(ask_full(files, "01"), "revoked 0h ago, 0", "the users' part");
    is(ask_full(files, "02"), "revoked 0h ago, 0", "the CAs' part");
    is(ask_full(files, "03"), "good", "neither");
    add(files, "three.crl", none);
    is(ask_full(files, "01"), "revoked 0h ago, 0",
       "a part that cannot be read does not make it less revoked");
    is(ask_full(files, "03"),
       "failed: it is in no CRL that can be read, but three.crl cannot",
       "but could have what the others do not");
    is(ask(files, "03"), "unknown", "which is no matter for unknown");
    files = begin();
    add(files, "three.crl", none);
    is(ask(files, "03"), "failed: three.crl cannot be read", "nothing at all");
}

/* -- indirect -------------------------------------------------------------- */

static X509 *crl_issuer(const char *usage)
{
    return pki_cert(pool,
                    (pki_cert_t){ .cn = "crl issuer",
                                  .key = other_key,
                                  .issuer_cn = "root",
                                  .issuer_key = root_key,
                                  .serial = "C0",
                                  .usage = usage });
}

static apr_array_header_t *indirect(X509 *signer)
{
    apr_array_header_t *files =
        one((crls_t){ .issuer = "crl issuer",
                      .key = other_key,
                      .scope = "critical,indirectCRL:TRUE",
                      .entries = { { "01" },
                                   { "02", .issuer = "root" },
                                   { "03", 4 },
                                   { "04", .issuer = "another" },
                                   { "05", .issuer = "root" },
                                   { "01", .issuer = "another" } } });

    if (signer)
        add(files, "signer.pem",
            crls_pem(pool, "CERTIFICATE", crls_certificate(pool, signer)));
    return files;
}

/* A CA among the files speaks for itself alone, whatever its name. */
static void test_other_ca(void)
{
    X509 *alike = pki_root(pool, other_key);
    X509 *other = pki_cert(pool,
                           (pki_cert_t){ .cn = "other",
                                         .key = other_key,
                                         .ca = "critical,CA:TRUE" });
    X509 *rolled = pki_cert(
        pool, (pki_cert_t){ ROOT_NEXT, .serial = "C9", .usage = "cRLSign" });
    const crls_t own = { ROOT_CRL, .number = 1, .entries = { { "01" } } };
    const crls_t by_other = {
        .issuer = "root", .key = other_key, .number = 2, .entries = { { "02" } }
    };
    const crls_t indirect_by_other = { .issuer = "other",
                                       .key = other_key,
                                       .scope = "critical,indirectCRL:TRUE",
                                       .entries = {
                                           { "02", .issuer = "root" } } };
    apr_array_header_t *files = two(own, by_other);

    add(files, "ca.pem", crls_certificate(pool, alike));
    is(ask_full(files, "01"), "revoked 0h ago, 0",
       "another CA of the same name does not speak for it");
    is(ask_of(alike, files, "01", GOOD, NOW), "good", "but for itself");
    files = two(own, by_other);
    add(files, "ca.pem", crls_certificate(pool, rolled));
    is(ask_full(files, "02"), "revoked 0h ago, 0", "its own new key does");
    files = two(own, indirect_by_other);
    add(files, "ca.pem", crls_certificate(pool, other));
    is(ask_full(files, "03"),
       "failed: two.crl: it is not signed by the CA, nor by a certificate "
       "among the files that may sign its CRLs",
       "nor does an indirect one of any CA");
}

/* A CA below the root. */
static X509 *below(const char *cn)
{
    return pki_cert(pool,
                    (pki_cert_t){ .cn = cn,
                                  .key = other_key,
                                  .issuer_cn = "root",
                                  .issuer_key = root_key,
                                  .serial = "CA",
                                  .ca = "critical,CA:TRUE" });
}

static void test_indirect(void)
{
    X509 *another = below("another");
    apr_array_header_t *files = indirect(crl_issuer("cRLSign"));

    is(ask_full(files, "01"), "good", "what the CRL's issuer has revoked");
    is(ask_full(files, "02"), "revoked 1h ago, 0", "the CA's own");
    is(ask_full(files, "03"), "revoked 2h ago, 4", "and the next, too");
    is(ask_full(files, "04"), "good", "another CA's");
    is(ask_full(files, "05"), "revoked 4h ago, 0", "and the CA's once more");
    ok(strncmp(ask_of(another, files, "04", GOOD, NOW),
               "failed: one.crl: it is not signed", 33)
           == 0,
       "which is not followed without the issuer that both have");
    add(files, "root.pem", crls_certificate(pool, root));
    is(ask_of(another, files, "04", GOOD, NOW), "revoked 3h ago, 0",
       "which is another's for the other");
    is(ask_of(another, files, "01", GOOD, NOW), "revoked 5h ago, 0",
       "with the same serial, too");
    is(ask_of(another, files, "02", GOOD, NOW), "good", "and only that");
    is(ask_of(below("third"), files, "02", GOOD, NOW), "unknown",
       "of a CA that is not in it, it says nothing");
    ok(strncmp(ask(indirect(NULL), "02"), "failed: one.crl: it is not signed",
               33)
           == 0,
       "nothing without the signer's certificate");
    ok(strncmp(ask(indirect(crl_issuer("digitalSignature")), "02"),
               "failed: one.crl: it is not signed", 33)
           == 0,
       "nor with one that may not sign CRLs");
}

/* A name may be encoded in many ways. */
static void test_encodings(void)
{
    const apr_array_header_t *files = one(
        (crls_t){ ROOT_CRL, .scope = "critical,indirectCRL:TRUE",
                  .entries = { { "01" },
                               { "02", .issuer = "root", .is_printable = 1 },
                               { "03" } } });

    is(ask_full(files, "01"), "revoked 0h ago, 0", "in the CRL's encoding");
    is(ask_full(files, "02"), "revoked 1h ago, 0", "in another");
    is(ask_full(files, "03"), "revoked 2h ago, 0", "and once more");
}

int main(void)
{
    begin_tests();
    test_newer_unusable();
    test_coverage();
    test_shards();
    test_parts();
    test_indirect();
    test_other_ca();
    test_encodings();
    return end_tests();
}
