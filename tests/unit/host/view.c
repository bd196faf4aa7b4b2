/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are looked at where they lie: whole, spliced, and cut meanwhile. */
#include "host/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/output.h"
#include "unit.h"

/* A BMP of 24 bits: what stands between its header and its pixels is slack, and goes. */
#define SIDE 512u
#define SLACK 1001u
#define START (54u + SLACK)
#define PIXELS (SIDE * SIDE * 3)
#define BMP_BYTES (START + PIXELS + 7)

static uint8_t bmp[BMP_BYTES];
static int file = -1;

static void put32(size_t at, uint32_t value)
{
    for (size_t i = 0; i < 4; i++) {
        bmp[at + i] = (uint8_t)(value >> 8 * i);
    }
}

static int make_file(void **state)
{
    (void)state;
    OskFault fault = { .status = OSK_OK };
    for (size_t i = 0; i < BMP_BYTES; i++) {
        bmp[i] = (uint8_t)(i * 2654435761u >> 13);
    }
    memset(bmp, 0, 54);
    memcpy(bmp, "BM", 2);
    put32(2, BMP_BYTES);
    put32(10, START);
    put32(14, 40);
    put32(18, SIDE);
    put32(22, SIDE);
    bmp[26] = 1;
    bmp[28] = 24;
    put32(34, PIXELS);
    return osk_scratch_open(&file, &fault) != OSK_OK || !osk_write_all(file, bmp, BMP_BYTES);
}

static int close_file(void **state)
{
    (void)state;
    return close(file);
}

static void view__is_the_file(void **state)
{
    (void)state;
    OskView view;
    assert_true(osk_view_open(&view, file, BMP_BYTES));
    assert_int_equal(view.len, BMP_BYTES);
    assert_memory_equal(view.bytes, bmp, BMP_BYTES);
    assert_true(osk_view_is_whole(&view));
    osk_view_close(&view);
    assert_null(view.bytes);
    osk_view_close(&view);
}

static void view__refuses_what_has_no_pages(void **state)
{
    (void)state;
    OskView view;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_false(osk_view_open(&view, ends[0], 10));
    assert_false(osk_view_open(&view, file, 0));
    assert_null(view.bytes);
    close(ends[0]);
    close(ends[1]);
}

static void view__of_a_file_that_was_cut_is_zeros_and_says_so(void **state)
{
    (void)state;
    OskView cut;
    OskView other;
    assert_true(osk_view_open(&cut, file, BMP_BYTES));
    assert_true(osk_view_open(&other, file, 4096));
    assert_int_equal(ftruncate(file, 100), 0);
    /* The rest of the last page that is there is no fault; the next one is. */
    assert_memory_equal(cut.bytes, bmp, 100);
    assert_true(osk_view_is_whole(&cut));
    size_t sum = 0;
    for (size_t i = 8192; i < cut.len; i++) {
        sum += cut.bytes[i];
    }
    assert_int_equal(sum, 0);
    assert_false(osk_view_is_whole(&cut));
    assert_true(osk_view_is_whole(&other));
    osk_view_close(&cut);
    osk_view_close(&other);
}

static void splice__is_what_the_plan_writes(void **state)
{
    (void)state;
    OskView original;
    OskView clean;
    OskScrub *job = NULL;
    uint8_t *expected = NULL;
    assert_true(osk_view_open(&original, file, BMP_BYTES));
    OskSource source = osk_source_from_memory(original.bytes, original.len);
    assert_int_equal(osk_scrub_open(&source, NULL, &job), OSK_OK);
    assert_true(osk_view_splice(&clean, job, &original, file));
    size_t len = 0;
    assert_int_equal(osk_scrub_bytes(bmp, BMP_BYTES, NULL, &expected, &len, NULL), OSK_OK);
    assert_int_equal(clean.len, len);
    assert_true(clean.len < BMP_BYTES);
    assert_memory_equal(clean.bytes, expected, len);
    /* Its longest part lies in its page as it does in the file: so it can be the same page. */
    size_t kept = len - PIXELS;
    assert_int_equal((uintptr_t)(clean.bytes + kept) % 4096, START % 4096);
    osk_view_close(&clean);
    osk_bytes_free(&expected);
    osk_scrub_free(&job);
    osk_view_close(&original);
}

static void splice__writes_nothing_to_the_file(void **state)
{
    (void)state;
    OskView original;
    OskView clean;
    OskScrub *job = NULL;
    uint8_t *back = malloc(BMP_BYTES);
    assert_non_null(back);
    assert_true(osk_view_open(&original, file, BMP_BYTES));
    OskSource source = osk_source_from_memory(original.bytes, original.len);
    assert_int_equal(osk_scrub_open(&source, NULL, &job), OSK_OK);
    assert_true(osk_view_splice(&clean, job, &original, file));
    osk_view_close(&clean);
    assert_int_equal(pread(file, back, BMP_BYTES, 0), BMP_BYTES);
    assert_memory_equal(back, bmp, BMP_BYTES);
    free(back);
    osk_scrub_free(&job);
    osk_view_close(&original);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(view__is_the_file, make_file, close_file),
        cmocka_unit_test_setup_teardown(view__refuses_what_has_no_pages, make_file, close_file),
        cmocka_unit_test_setup_teardown(view__of_a_file_that_was_cut_is_zeros_and_says_so,
                                        make_file, close_file),
        cmocka_unit_test_setup_teardown(splice__is_what_the_plan_writes, make_file, close_file),
        cmocka_unit_test_setup_teardown(splice__writes_nothing_to_the_file, make_file, close_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
