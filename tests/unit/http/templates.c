/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/language.h"
#include "http/templates.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = { "drop", "waiting" };

static void write_pages(const char *folder, const char *drop)
{
    for (size_t page = 0; page < 2; page++) {
        for (size_t i = 0; i < OSK_LANGUAGE_COUNT; i++) {
            char path[512];
            snprintf(path, sizeof(path), "%s/%s.%s.html", folder, names[page],
                     osk_languages[i].tag);
            FILE *file = fopen(path, "wb");
            assert_non_null(file);
            fprintf(file, "%s", page == 0 ? drop : "plain");
            fclose(file);
        }
    }
}

static void delete_pages(const char *folder)
{
    for (size_t page = 0; page < 2; page++) {
        for (size_t i = 0; i < OSK_LANGUAGE_COUNT; i++) {
            char path[512];
            snprintf(path, sizeof(path), "%s/%s.%s.html", folder, names[page],
                     osk_languages[i].tag);
            unlink(path);
        }
    }
    rmdir(folder);
}

static OskStatus load(const char *drop, OskTemplates **out)
{
    char folder[] = "/tmp/oilskin-templates-XXXXXX";
    assert_non_null(mkdtemp(folder));
    write_pages(folder, drop);
    OskFault fault = { 0 };
    OskStatus status = osk_templates_load(out, &(OskTemplateSet){ folder, names, 2 }, &fault);
    if (status != OSK_OK) {
        assert_string_equal(fault.part, "drop");
    }
    delete_pages(folder);
    return status;
}

static void fills_to(const char *drop, const OskSlots *slots, const char *wanted)
{
    OskTemplates *templates = NULL;
    assert_int_equal(load(drop, &templates), OSK_OK);
    char *html = NULL;
    size_t len = 0;
    assert_int_equal(osk_templates_fill(templates, 0, 3, slots, 0, &html, &len), OSK_OK);
    assert_string_equal(html, wanted);
    assert_int_equal(len, strlen(wanted));
    osk_filled_free(html, len);
    osk_templates_free(&templates);
}

static void templates__escape_what_is_filled_in(void **state)
{
    (void)state;
    OskSlot items[] = { { .name = "name", .text = "<b a=\"1\" b='2'>&" } };
    fills_to("{{name}}|{{none}}", &(OskSlots){ items, 1 },
             "&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;|");
}

static void templates__never_fill_twice(void **state)
{
    (void)state;
    OskSlot items[] = { { .name = "name", .text = "{{other}}{{#on}}" },
                        { .name = "other", .text = "!" } };
    fills_to("{{name}}", &(OskSlots){ items, 2 }, "{{other}}{{#on}}");
}

static void templates__flags_texts_and_lists_open_sections(void **state)
{
    (void)state;
    OskSlot first[] = { { .name = "word", .text = "one" }, { .name = "on", .is_on = false } };
    OskSlot second[] = { { .name = "word", .text = "two" } };
    OskSlots rows[] = { { first, 2 }, { second, 1 } };
    OskSlot items[] = {
        { .name = "on", .is_on = true },
        { .name = "text", .text = "" },
        { .name = "rows", .rows = rows, .row_count = 2 },
        { .name = "empty", .rows = rows, .row_count = 0 },
    };
    fills_to("{{#on}}A{{/on}}{{^on}}B{{/on}}{{#off}}C{{/off}}{{^off}}D{{/off}}"
             "{{#text}}E{{text}}{{/text}}{{#rows}}[{{word}}{{#on}}+{{/on}}]{{/rows}}"
             "{{#empty}}F{{/empty}}{{^empty}}G{{/empty}}",
             &(OskSlots){ items, 4 }, "ADE[one][two+]G");
}

static void templates__pad_to_one_length(void **state)
{
    (void)state;
    OskTemplates *templates = NULL;
    assert_int_equal(load("<p>{{name}}", &templates), OSK_OK);
    OskSlot items[] = { { .name = "name", .text = "abc" } };
    char *html = NULL;
    size_t len = 0;
    OskSlots slots = { items, 1 };
    assert_int_equal(osk_templates_fill(templates, 0, 0, &slots, 100, &html, &len), OSK_OK);
    assert_int_equal(len, 100);
    assert_int_equal(strspn(html + 6, " "), 94);
    osk_filled_free(html, len);
    assert_int_equal(osk_templates_fill(templates, 0, 0, &slots, 6, &html, &len), OSK_OK);
    osk_filled_free(html, len);
    assert_int_equal(osk_templates_fill(templates, 0, 0, &slots, 5, &html, &len), OSK_LIMIT);
    assert_null(html);
    osk_templates_free(&templates);
}

static void templates__refuse_what_does_not_close(void **state)
{
    (void)state;
    static const char *const damaged[] = {
        "{{#a}}",
        "{{/a}}",
        "{{#a}}{{/b}}",
        "{{#a}}{{#b}}{{/a}}{{/b}}",
        "{{a",
        "{{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}}",
        "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}",
    };
    for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
        OskTemplates *templates = NULL;
        assert_int_equal(load(damaged[i], &templates), OSK_MALFORMED);
        assert_null(templates);
    }
}

static void templates__name_the_page_that_is_missing(void **state)
{
    (void)state;
    OskTemplates *templates = NULL;
    OskFault fault = { 0 };
    assert_int_equal(
        osk_templates_load(&templates, &(OskTemplateSet){ "/nowhere", names, 2 }, &fault), OSK_IO);
    assert_string_equal(fault.part, "drop");
    assert_non_null(fault.what);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates__escape_what_is_filled_in),
        cmocka_unit_test(templates__never_fill_twice),
        cmocka_unit_test(templates__flags_texts_and_lists_open_sections),
        cmocka_unit_test(templates__pad_to_one_length),
        cmocka_unit_test(templates__refuse_what_does_not_close),
        cmocka_unit_test(templates__name_the_page_that_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
