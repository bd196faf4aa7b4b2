/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the worker is told to cover is what was asked. */
#include <stdlib.h>
#include <string.h>

#include "host/worker_client.h"
#include "tools/region_invariants.h"
#include "unit.h"

static const char asked[] =
    "{\"version\":1,\"invert\":true,\"regions\":["
    "{\"shape\":\"rect\",\"x\":0.1,\"y\":-2e-7,\"w\":123456.789012345678,\"h\":4,\"color\":\"#"
    "0a0B0c\"},"
    "{\"shape\":\"ellipse\",\"unit\":\"pct\",\"style\":\"mosaic\",\"frames\":[0,4294967295],"
    "\"keyframes\":[{\"frame\":0,\"x\":1,\"y\":2,\"w\":3,\"h\":4},"
    "{\"frame\":4294967295,\"x\":1e-9,\"y\":2,\"w\":1e4,\"h\":0.3333333333333333}]},"
    "{\"shape\":\"polygon\",\"style\":\"blur\",\"points\":[[1,2],[3.3,4],[-5e8,6]],"
    "\"keyframes\":[{\"frame\":7,\"x\":0.7}]},"
    "{\"shape\":\"stroke\",\"radius\":0.30000000000000004,\"points\":[[1e9,2]]}]}";

static void worker_regions__are_those_that_were_asked(void **state)
{
    (void)state;
    OskRegions *before = NULL;
    OskRegions *after = NULL;
    OskFault fault;
    assert_int_equal(osk_regions_parse(asked, sizeof asked - 1, NULL, &before, &fault), OSK_OK);
    size_t len = 0;
    char *told = osk_worker_regions_json(before, &len);
    assert_non_null(told);
    assert_int_equal(osk_regions_parse(told, len, NULL, &after, &fault), OSK_OK);
    char *one = print_regions(before);
    char *two = print_regions(after);
    assert_non_null(one);
    assert_non_null(two);
    assert_string_equal(one, two);
    free(one);
    free(two);
    free(told);
    osk_regions_free(&before);
    osk_regions_free(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worker_regions__are_those_that_were_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
