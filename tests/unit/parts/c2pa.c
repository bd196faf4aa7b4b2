/* SPDX-License-Identifier: GPL-3.0-or-later */
/* C2PA manifests: who signed what and when is told, however early they are cut. */
#include "parts/c2pa.h"

#include <stdlib.h>
#include <string.h>

#include "parts/told.h"

/* Pieces of a manifest: labels of boxes, CBOR and JSON keys, a name in a certificate. */
static const char manifest[] = "\0\0\0\x40jumb\0\0\0\x38jumd0123456789abcdef\3urn:uuid:42-42\0"
                               "\0\0\0\x38jumd0123456789abcdef\3c2pa.thumbnail.claim.jpeg\0"
                               "\xA2\x6F"
                               "claim_generator\x66"
                               "cam/1!"
                               "\x64"
                               "when\xC0\x74"
                               "2020-05-28T13:04:09Z"
                               "{\"author\": \"A. Person\"}"
                               "\x06\x03\x55\x04\x03\x0C\x09"
                               "B. Person";

static void inspect(OskReport *report, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, manifest, len);
    OskBudget budget = osk_budget_default();
    osk_report_init(report);
    osk_c2pa_inspect(osk_cursor_make(copy, len, 0), "C2PA", report, &budget);
    free(copy);
}

static void c2pa__tells_who_signed_what_and_when(void **state)
{
    (void)state;
    OskReport r;
    inspect(&r, sizeof(manifest) - 1);
    expect(&r, "c2pa.manifest", OSK_KIND_DEVICE, "urn:uuid:42-42");
    expect(&r, "c2pa.thumbnail", OSK_KIND_PREVIEW, "c2pa.thumbnail.claim.jpeg");
    expect(&r, "c2pa.generator", OSK_KIND_SOFTWARE, "cam/1!");
    expect(&r, "c2pa.when", OSK_KIND_TIME, "2020-05-28T13:04:09Z");
    expect(&r, "c2pa.author", OSK_KIND_NAME, "A. Person");
    expect(&r, "c2pa.signer", OSK_KIND_NAME, "B. Person");
    osk_report_clear(&r);
}

static void c2pa__cut_anywhere_is_still_told(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof(manifest); len++) {
        OskReport r;
        inspect(&r, len);
        assert_int_equal(osk_report_count(&r) > 0, len > 0);
        osk_report_clear(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(c2pa__tells_who_signed_what_and_when),
        cmocka_unit_test(c2pa__cut_anywhere_is_still_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
