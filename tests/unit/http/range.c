/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of files: what each header asks for. */
#include "http/range.h"

#include "unit.h"

static OskRange ask(const char *range, const char *if_range, const char *none)
{
    OskRangeAsked asked = { range, if_range, none };
    return osk_range_choose(&asked, 1000, "\"e1\"");
}

static void a_part_is_what_is_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *range;
        unsigned status;
        uint64_t first, len;
    } rows[] = {
        { "bytes=0-0", 206, 0, 1 },      { "bytes=0-999", 206, 0, 1000 },
        { "bytes=10-", 206, 10, 990 },   { "bytes=-5", 206, 995, 5 },
        { "bytes=-5000", 206, 0, 1000 }, { "bytes=990-5000", 206, 990, 10 },
        { "bytes=999-", 206, 999, 1 },   { "bytes=1000-", 416, 0, 0 },
        { "bytes=-0", 416, 1000, 0 },    { "bytes=5-4", 200, 0, 1000 },
        { "bytes=-", 200, 0, 1000 },     { "bytes=0-1,4-5", 200, 0, 1000 },
        { "lines=0-1", 200, 0, 1000 },   { "bytes= 0-1", 200, 0, 1000 },
        { "bytes=+1-2", 200, 0, 1000 },  { "bytes=99999999999999999999-", 200, 0, 1000 },
        { NULL, 200, 0, 1000 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        OskRange part = ask(rows[i].range, NULL, NULL);
        assert_int_equal(part.status, rows[i].status);
        assert_int_equal(part.len, rows[i].len);
        if (part.status != 416) {
            assert_int_equal(part.first, rows[i].first);
        }
    }
}

static void an_empty_file_has_no_part(void **state)
{
    (void)state;
    OskRangeAsked asked = { "bytes=0-", NULL, NULL };
    assert_int_equal(osk_range_choose(&asked, 0, "\"e\"").status, 416);
}

static void what_is_there_is_not_sent_again(void **state)
{
    (void)state;
    assert_int_equal(ask(NULL, NULL, "\"e1\"").status, 304);
    assert_int_equal(ask("bytes=0-1", NULL, "\"x\", W/\"e1\"").status, 304);
    assert_int_equal(ask(NULL, NULL, "*").status, 304);
    assert_int_equal(ask(NULL, NULL, "\"e11\"").status, 200);
    assert_int_equal(ask(NULL, NULL, "e1").status, 200);
}

/* A copy that was replaced meanwhile is not put together of two. */
static void a_part_of_another_copy_is_all_of_it(void **state)
{
    (void)state;
    assert_int_equal(ask("bytes=10-", "\"e1\"", NULL).status, 206);
    assert_int_equal(ask("bytes=10-", "\"e0\"", NULL).status, 200);
    assert_int_equal(ask("bytes=10-", "Mon, 23 Nov 2026 15:00:00 GMT", NULL).status, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_is_what_is_asked_for),
        cmocka_unit_test(an_empty_file_has_no_part),
        cmocka_unit_test(what_is_there_is_not_sent_again),
        cmocka_unit_test(a_part_of_another_copy_is_all_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
