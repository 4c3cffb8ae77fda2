/* SPDX-License-Identifier: Apache-2.0
 * serial.h: serials as text, and out of certificates. */
#include <apr_general.h>
#include "head.h"
#include "ocsp/serial.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* 20 bytes, the first digit not zero. */
#define LONG_SERIAL "34D602B5A8C09F1127E3D4C5B6A798897A6B5C4D"

static apr_pool_t *pool;

static void test_parse(void)
{
    static const struct {
        const char *text, *serial;
    } rows[] = {
        { "0", "0" },
        { "00", "0" },
        { "00:00", "0" },
        { "0:00", "0" },
        { "7", "7" },
        { "07", "7" },
        { "0a", "A" },
        { "A", "A" },
        { "00FF", "FF" },
        { "ABCDE", "ABCDE" },
        { "abcde", "ABCDE" },
        { "0ABCDE", "ABCDE" },
        { "AB:CD", "ABCD" },
        { "ab:Cd", "ABCD" },
        { "AB:CD:E", "ABCDE" },
        { "0A:BC:DE", "ABCDE" },
        { "A:BC:DE", "ABCDE" },
        { "A:B", "AB" },
        { "AB:CD:EL", "ABCDE" },
        { "ABCDEL", "ABCDE" },
        { "7L", "7" },
        { "34:D6:02:B5:A8:C0:9F:11:27:E3:D4:C5:B6:A7:98:89:7A:6B:5C:4D",
          LONG_SERIAL },
        { "", NULL },
        { ":", NULL },
        { "AB:", NULL },
        { ":AB", NULL },
        { "AB::CD", NULL },
        { "ABC:DE", NULL },
        { "AB:CDE", NULL },
        { "AB:C:DE", NULL },
        { "0x12", NULL },
        { "12 34", NULL },
        { "12-34", NULL },
        { "G1", NULL },
        { "L", NULL },
        { "ABL", NULL },
        { "AB:L", NULL },
        { "ABCDEl", NULL },
        { "ABCDELL", NULL },
        { "ABCDEL ", NULL },
        { "ALB", NULL },
        { "-AB", NULL },
        { "12'", NULL },
        { "*", NULL },
        { "Root CA", NULL },
        { "AB:CD\t", NULL },
        { "\xC3\xBC", NULL },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        is(serial_parse(pool, rows[i].text), rows[i].serial, rows[i].text);
}

static void test_was_meant(void)
{
    static const struct {
        const char *text;
        int meant;
    } rows[] = {
        { "34:D6:0G", 1 },
        { "34:D6:", 1 },
        { ":34:D6", 1 },
        { "34::D6", 1 },
        { "34D6:02B5", 1 },
        { "34:D6:O2", 1 },
        { "34:D6:02B", 1 },
        { ":", 1 },
        { "Root CA", 0 },
        { "root", 0 },
        { "34D602BG", 0 },
        { "", 0 },
        { "*", 0 },
        { "Company: Root", 0 },
        { "https://example.com", 0 },
        { "CA-2:1", 0 },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++)
        ok(serial_was_meant(rows[i].text) == rows[i].meant, "\"%s\" %s",
           rows[i].text, rows[i].meant ? "was meant" : "was not meant");
}

static void test_of_certificate(void)
{
    static const struct {
        const char *contents, *serial;
    } rows[] = {
        { "00", "0" },
        { "01", "1" },
        { "7F", "7F" },
        { "0080", "80" },
        { "00FF", "FF" },
        { "0ABCDE", "ABCDE" },
        { LONG_SERIAL, LONG_SERIAL },
        { "00" LONG_SERIAL, LONG_SERIAL }, /* not minimal, yet that serial */
        { "0000", "0" },
        { "80", NULL },
        { "FF", NULL },
        { "", NULL },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const char *contents = rows[i].contents;

        is(serial_of_certificate(pool, head_der(pool, contents)),
           rows[i].serial, apr_psprintf(pool, "DER %s", contents));
        is(serial_of_certificate(pool, head_pem(pool, contents)),
           rows[i].serial, apr_psprintf(pool, "PEM %s", contents));
    }
}

/* Cut anywhere it is either the serial or none, never another. */
static void test_cut(void)
{
    bytes_t heads[] = { head_der(pool, LONG_SERIAL),
                        head_pem(pool, LONG_SERIAL) };
    size_t i;

    for (i = 0; i < COUNT(heads); i++) {
        bytes_t cut = heads[i];
        int wrong = 0, found = 0;

        for (cut.len = 0; cut.len < heads[i].len; cut.len++) {
            const char *serial = serial_of_certificate(pool, cut);

            found += serial != NULL;
            wrong += serial && strcmp(serial, LONG_SERIAL) != 0;
        }
        ok(found > 0 && !wrong, "%s cut at every byte", i ? "PEM" : "DER");
    }
}

static void test_no_certificate(void)
{
    static const struct {
        const char *name, *hex;
    } rows[] = {
        { "nothing", "" },
        { "one byte", "30" },
        { "zeros", "00000000" },
        { "no inner SEQUENCE", "30820100020101" },
        { "a string for a serial", "308201003081F0A0030201020C0141" },
        { "an endless length", "30803080A003020102020101" },
        { "a version past the end", "308201003081F0A0820400020101" },
        { "a serial past the end", "308201003081F0A00302010202820400AB" },
        { "text", "48656C6C6F2C20776F726C64" },
        { "an empty PEM",
          "2D2D2D2D2D424547494E2043455254494649434154452D2D2D"
          "2D2D0A" },
        { "a PEM of something else",
          "2D2D2D2D2D424547494E205253412D2D2D2D2D"
          "0A4D494943" },
    };
    bytes_t bytes = { NULL, 0 };
    size_t i;

    is(serial_of_certificate(pool, bytes), NULL, "NULL");
    for (i = 0; i < COUNT(rows); i++) {
        bytes.data = apr_punescape_hex(pool, rows[i].hex, 0, &bytes.len);
        is(serial_of_certificate(pool, bytes), NULL, rows[i].name);
    }
    bytes.data = apr_punescape_hex(pool, "308201003081F0020107", 0, &bytes.len);
    is(serial_of_certificate(pool, bytes), "7", "version 1 says no version");
}

static void test_der(void)
{
    static const struct {
        const char *base64, *hex;
    } rows[] = {
        { "MAEA", "300100" },         { "MAIAAA==", "30020000" },
        { "MAMAAAA=", "3003000000" }, { "MAMAAAA", "3003000000" },
        { "MAIA\nAA==", "30020000" }, { "MAEAA", "300100" },
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        const char *pem =
            apr_pstrcat(pool, "-----BEGIN CERTIFICATE-----\n", rows[i].base64,
                        "\n-----END CERTIFICATE-----\n", NULL);
        bytes_t der = serial_certificate_der(
            pool, (bytes_t){ (const unsigned char *)pem, strlen(pem) });

        is(apr_pescape_hex(pool, der.data, der.len, 0),
           apr_pstrdup(pool, rows[i].hex),
           apr_psprintf(pool, "DER of %s", rows[i].base64));
    }
}

static void test_text(void)
{
    static const unsigned char bytes[] = { 0x0A, 0xBC, 0x00 };

    is(serial_text(pool, bytes, 3), "ABC00", "bytes as a serial");
    is(serial_text(pool, bytes, 1), "A", "a leading zero digit goes");
    is(serial_text(pool, bytes, 0), "0", "no bytes are zero");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_parse();
    test_was_meant();
    test_of_certificate();
    test_cut();
    test_no_certificate();
    test_der();
    test_text();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
