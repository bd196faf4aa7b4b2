/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IPTC datasets and Photoshop resources are told, however early they are cut. */
#include "parts/iptc.h"

#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "parts/told.h"

static const char iim[] = "\x1C\1\x5A\0\3\x1B%G"
                          "\x1C\2\x50\0\11A. Person"
                          "\x1C\2\x5A\x80\2\0\4City";

static void iptc__tells_datasets(void **state)
{
    (void)state;
    OskReport r;
    osk_report_init(&r);
    osk_iptc_inspect(osk_cursor_make((const uint8_t *)iim, sizeof(iim) - 1, 0), "IPTC", &r);
    expect(&r, "iptc.byline", OSK_KIND_NAME, "A. Person");
    expect(&r, "iptc.city", OSK_KIND_PLACE, "City"); /* with the long form of its length */
    expect(&r, "iptc.other", OSK_KIND_OTHER, "1 value");
    osk_report_clear(&r);
}

static void photoshop__tells_resources(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 1024);
    osk_writer_bytes(&w, "Photoshop 3.0\0", 14);
    osk_writer_bytes(&w, "8BIM\4\4\0\0", 8);
    osk_writer_be(&w, sizeof(iim) - 1, 4);
    osk_writer_bytes(&w, iim, sizeof(iim) - 1);
    osk_writer_zeros(&w, (sizeof(iim) - 1) % 2);
    osk_writer_bytes(&w, "8BIM\4\xC\3abc\0\0\0\5thumb\0", 20 - 1);
    OskReport r;
    osk_report_init(&r);
    OskBudget budget = osk_budget_default();
    osk_photoshop_inspect(osk_cursor_make(w.bytes, w.len, 0), "8BIM", &r, &budget);
    expect(&r, "iptc.byline", OSK_KIND_NAME, "A. Person");
    expect(&r, "photoshop.thumbnail", OSK_KIND_PREVIEW, "5 bytes");
    osk_report_clear(&r);
    osk_writer_free(&w);
}

static void iptc__cut_anywhere_is_still_told(void **state)
{
    (void)state;
    for (size_t len = 1; len < sizeof(iim) - 1; len++) {
        uint8_t *copy = malloc(len);
        memcpy(copy, iim, len);
        OskReport r;
        OskBudget budget = osk_budget_default();
        osk_report_init(&r);
        osk_iptc_inspect(osk_cursor_make(copy, len, 0), "IPTC", &r);
        assert_true(osk_report_count(&r) > 0);
        osk_photoshop_inspect(osk_cursor_make(copy, len, 0), "8BIM", &r, &budget);
        assert_true(osk_report_count(&r) > 1);
        osk_report_clear(&r);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iptc__tells_datasets),
        cmocka_unit_test(photoshop__tells_resources),
        cmocka_unit_test(iptc__cut_anywhere_is_still_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
