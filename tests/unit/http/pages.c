/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/pages.h"

#include <regex.h>
#include <string.h>

#include "http/limits.h"
#include "unit.h"

static void add(OskHttpPages *pages, const char *path, const char *text)
{
    assert_int_equal(osk_http_pages_add(pages, path, (const uint8_t *)text, strlen(text), NULL),
                     OSK_OK);
}

static void pages__are_found_by_their_exact_address(void **state)
{
    (void)state;
    OskHttpPages pages = { 0 };
    add(&pages, "/studio/", "home");
    add(&pages, "/studio/b.js", "b");
    add(&pages, "/studio/a.css", "a");
    osk_http_pages_sort(&pages);
    assert_memory_equal(osk_http_pages_find(&pages, "/studio/b.js")->bytes, "b", 1);
    assert_memory_equal(osk_http_pages_find(&pages, "/studio/")->bytes, "home", 4);
    static const char *const none[] = { "",
                                        "/",
                                        "/studio",
                                        "/studio/b.j",
                                        "/studio/b.js/",
                                        "/studio//b.js",
                                        "/studio/../studio/b.js",
                                        "/studio/%62.js",
                                        "/STUDIO/b.js" };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_null(osk_http_pages_find(&pages, none[i]));
    }
    osk_http_pages_free(&pages);
    assert_null(osk_http_pages_find(&pages, "/studio/"));
}

static void pages__know_their_media_type(void **state)
{
    (void)state;
    assert_string_equal(osk_http_media_type("/studio/"), "text/html; charset=utf-8");
    assert_string_equal(osk_http_media_type("/studio/core.wasm"), "application/wasm");
    assert_string_equal(osk_http_media_type("/studio/x.webmanifest"), "application/manifest+json");
    assert_string_equal(osk_http_media_type("/studio/x.exe"), "application/octet-stream");
    assert_string_equal(osk_http_media_type("/studio/x"), "application/octet-stream");
}

static void pages__only_hashed_names_are_kept_for_ever(void **state)
{
    (void)state;
    assert_true(osk_http_is_hashed("/studio/assets/index-0123abcd.js"));
    assert_false(osk_http_is_hashed("/studio/sw.js"));
    assert_false(osk_http_is_hashed("/studio/assets/index.js"));
    assert_false(osk_http_is_hashed("/studio/assets/a-release.js"));
    assert_false(osk_http_is_hashed("/studio/icon-0123abcd.png"));
    assert_false(osk_http_is_hashed("/studio/"));
}

/* What other servers are told (http/export.c) is what we do. */
static void pages__hashed_names_are_what_the_expression_says(void **state)
{
    (void)state;
    static const char *const names[] = {
        "/studio/assets/index-0123abcd.js",  "/studio/assets/index-0123abcd.js.map",
        "/studio/assets/index-0123abc.js",   "/studio/assets/index-0123ABCD.js",
        "/studio/assets/a-b-01234567.wasm",  "/studio/assets/01234567.js",
        "/studio/assets/-01234567.js",       "/studio/assets/a-01234567-b.js",
        "/studio/assets/a-01234567",         "/studio/assets/a-01234567.j-s",
        "/studio/icon-0123abcd.png",         "/studio/sw.js",
        "/studio/assets/deep/a-01234567.js", "/studio/",
    };
    regex_t hashed;
    assert_int_equal(regcomp(&hashed, "^/studio" OSK_HTTP_HASHED, REG_EXTENDED | REG_NOSUB), 0);
    size_t count = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        bool matches = regexec(&hashed, names[i], 0, NULL, 0) == 0;
        assert_int_equal(matches, osk_http_is_hashed(names[i]));
        count += matches;
    }
    regfree(&hashed);
    assert_int_equal(count, 4);
}

/* What sha256sum says of "one". */
static void pages__carry_the_digest_of_all_their_bytes(void **state)
{
    (void)state;
    OskHttpPages pages = { 0 };
    add(&pages, "/a", "one");
    assert_string_equal(pages.items[0].etag,
                        "\"7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed\"");
    osk_http_pages_free(&pages);
}

static void pages__differ_in_their_etag_when_they_differ(void **state)
{
    (void)state;
    OskHttpPages pages = { 0 };
    add(&pages, "/a", "one");
    add(&pages, "/b", "two");
    add(&pages, "/c", "one");
    assert_string_not_equal(pages.items[0].etag, pages.items[1].etag);
    assert_string_equal(pages.items[0].etag, pages.items[2].etag);
    osk_http_pages_free(&pages);
}

static void pages__are_packed_where_that_helps(void **state)
{
    (void)state;
    OskHttpPages pages = { 0 };
    char text[5000];
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = 0;
    add(&pages, "/long.js", text);
    add(&pages, "/short.js", "a");
    add(&pages, "/long.png", text);
    assert_non_null(pages.items[0].gzip);
    assert_true(pages.items[0].gzip_len < 200);
    assert_null(pages.items[1].gzip);
    assert_null(pages.items[2].gzip);
    osk_http_pages_free(&pages);
}

static void pages__hold_once_what_is_the_same_in_another_folder(void **state)
{
    (void)state;
    OskHttpPages first = { 0 };
    OskHttpPages second = { .like = &first };
    char text[5000];
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = 0;
    add(&first, "/studio/core.js", text);
    add(&second, "/desk/own.js", "own");
    add(&second, "/desk/core.js", text);
    text[4000] = 'b';
    add(&second, "/desk/nearly.js", text);
    osk_http_pages_sort(&second);
    const OskHttpPage *core = osk_http_pages_find(&second, "/desk/core.js");
    const OskHttpPage *nearly = osk_http_pages_find(&second, "/desk/nearly.js");
    assert_ptr_equal(core->bytes, first.items[0].bytes);
    assert_ptr_equal(core->gzip, first.items[0].gzip);
    assert_int_equal(core->gzip_len, first.items[0].gzip_len);
    assert_ptr_not_equal(nearly->bytes, first.items[0].bytes);
    osk_http_pages_free(&second);
    assert_int_equal(first.items[0].bytes[0], 'a');
    osk_http_pages_free(&first);
}

static void pages__are_not_without_end(void **state)
{
    (void)state;
    OskHttpPages pages = { 0 };
    for (size_t i = 0; i < OSK_HTTP_PAGES_COUNT; i++) {
        add(&pages, "/a", "");
    }
    assert_int_equal(osk_http_pages_add(&pages, "/a", NULL, 0, NULL), OSK_LIMIT);
    osk_http_pages_free(&pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages__are_found_by_their_exact_address),
        cmocka_unit_test(pages__know_their_media_type),
        cmocka_unit_test(pages__only_hashed_names_are_kept_for_ever),
        cmocka_unit_test(pages__hashed_names_are_what_the_expression_says),
        cmocka_unit_test(pages__carry_the_digest_of_all_their_bytes),
        cmocka_unit_test(pages__differ_in_their_etag_when_they_differ),
        cmocka_unit_test(pages__are_packed_where_that_helps),
        cmocka_unit_test(pages__hold_once_what_is_the_same_in_another_folder),
        cmocka_unit_test(pages__are_not_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
