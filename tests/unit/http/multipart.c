/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/multipart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/limits.h"
#include "unit.h"

#define TYPE "multipart/form-data; boundary=XyZ"

/* What a form said, written down: "<name>", "<name*>" for a file, "<name0>" for an empty choice,
 * then the bytes and "|". */
typedef struct Heard {
    char text[4096];
    size_t len;
    size_t takes;      /* bytes of each piece of data; 0 for all */
    unsigned waits;    /* every so many-th event waits; 0 for none */
    unsigned fails_at; /* the event that fails; 0 for none */
    unsigned events;
} Heard;

static void write_down(Heard *heard, const void *bytes, size_t len)
{
    assert_true(heard->len + len < sizeof(heard->text));
    memcpy(heard->text + heard->len, bytes, len);
    heard->len += len;
    heard->text[heard->len] = 0;
}

static OskFormStep step_of(Heard *heard)
{
    heard->events++;
    if (heard->events == heard->fails_at) {
        return OSK_FORM_FAIL;
    }
    return heard->waits > 0 && heard->events % heard->waits == 0 ? OSK_FORM_WAIT : OSK_FORM_ON;
}

static OskFormStep on_begin(void *context, const OskFormPart *part)
{
    char text[OSK_FORM_NAME_BYTES + 4];
    int len = snprintf(text, sizeof(text), "<%s%s>", part->name,
                       part->is_empty_choice ? "0"
                       : part->is_file       ? "*"
                                             : "");
    write_down(context, text, (size_t)len);
    return step_of(context);
}

static size_t on_data(void *context, const uint8_t *bytes, size_t len)
{
    Heard *heard = context;
    OskFormStep step = step_of(heard);
    size_t takes = heard->takes > 0 && heard->takes < len ? heard->takes : len;
    if (step == OSK_FORM_FAIL) {
        return OSK_FORM_FAILED;
    }
    takes = step == OSK_FORM_WAIT ? takes / 2 : takes;
    write_down(heard, bytes, takes);
    return takes;
}

static OskFormStep on_end(void *context)
{
    write_down(context, "|", 1);
    return step_of(context);
}

/* Feeds `len` bytes, `piece` at a time, each in a block of exactly its size. */
static OskStatus feed(OskMultipart *form, const char *body, size_t len, size_t piece)
{
    OskFault fault = { 0 };
    for (size_t at = 0; at < len;) {
        size_t now = len - at < piece ? len - at : piece;
        uint8_t *block = malloc(now);
        assert_non_null(block);
        memcpy(block, body + at, now);
        size_t taken = 0;
        OskStatus status = osk_multipart_feed(form, block, now, &taken, &fault);
        free(block);
        assert_true(taken <= now);
        if (status != OSK_OK) {
            return status;
        }
        at += taken;
    }
    return osk_multipart_end(form, &fault);
}

static OskStatus hear(Heard *heard, const char *body, size_t len, size_t piece)
{
    OskMultipart *form = NULL;
    OskFault fault = { 0 };
    const OskMultipartEvents events = {
        .context = heard, .part_begin = on_begin, .part_data = on_data, .part_end = on_end
    };
    assert_int_equal(osk_multipart_open(&form, TYPE, &events, &fault), OSK_OK);
    OskStatus status = feed(form, body, len, piece);
    osk_multipart_free(&form);
    assert_null(form);
    return status;
}

#define FIELD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_OF(name, file)                                                                        \
    "Content-Disposition: form-data; name=\"" name "\"; filename=\"" file "\"\r\n"                 \
    "Content-Type: image/jpeg\r\n\r\n"

static const char whole[] = "--XyZ\r\n" FIELD(
    "message") "hello\r\nworld\r\n"
               "--XyZ\r\n" FIELD(
                   "empty") "\r\n"
                            "--XyZ\r\n" FILE_OF(
                                "files",
                                "IMG \\\"1\\\"; name=x.jpg") "\r\n--XyY\r\n\r\n--Xy\r\r\n--XyZ "
                                                             "\t\r\n" FILE_OF("files",
                                                                              "") "\r\n--XyZ\r\n"
                                                                                  "content-"
                                                                                  "disposition:"
                                                                                  "form-data;name="
                                                                                  "plain\r\n\r\n1\r"
                                                                                  "\n--XyZ--\r\n";
static const char said[] =
    "<message>hello\r\nworld|<empty>|<files*>\r\n--XyY\r\n\r\n--Xy\r|<files0>|"
    "<plain>1|";

static void multipart__arrives_in_any_pieces(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= sizeof(whole); piece++) {
        for (unsigned waits = 0; waits < 4; waits++) {
            for (size_t takes = 0; takes < 3; takes++) {
                if (waits == 1) {
                    continue; /* it would wait for ever */
                }
                Heard heard = { .waits = waits, .takes = takes };
                assert_int_equal(hear(&heard, whole, sizeof(whole) - 1, piece), OSK_OK);
                assert_string_equal(heard.text, said);
            }
        }
    }
}

static void multipart__a_cut_is_truncated_at_every_length(void **state)
{
    (void)state;
    const size_t last = sizeof(whole) - 1 - strlen("\r\n");
    for (size_t len = 0; len < last; len++) {
        Heard heard = { 0 };
        assert_int_equal(hear(&heard, whole, len, 7), OSK_TRUNCATED);
        /* What was said so far is what will have been said. */
        assert_memory_equal(heard.text, said, heard.len);
    }
    Heard heard = { 0 };
    assert_int_equal(hear(&heard, whole, last, 7), OSK_OK);
}

static void multipart__a_failing_event_ends_it(void **state)
{
    (void)state;
    Heard all = { 0 };
    assert_int_equal(hear(&all, whole, sizeof(whole) - 1, 5), OSK_OK);
    for (unsigned at = 1; at <= all.events; at++) {
        Heard heard = { .fails_at = at };
        assert_int_equal(hear(&heard, whole, sizeof(whole) - 1, 5), OSK_IO);
        assert_int_equal(heard.events, at);
    }
}

static void multipart__what_is_no_form(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        OskStatus status;
    } cases[] = {
        { "", OSK_TRUNCATED },
        /* What stands before the first boundary could be anything: nobody sends it. */
        { "preamble\r\n--XyZ--", OSK_MALFORMED },
        { "--XyZ--", OSK_OK },
        { "\r\n--XyZ--\r\n", OSK_OK },
        { "--XyZ--epilogue", OSK_OK },
        { "--XyZ-x", OSK_MALFORMED },
        { "--XyZx\r\n", OSK_MALFORMED },
        { "--XyZ\n" FIELD("a"), OSK_MALFORMED },
        { "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\n\n", OSK_MALFORMED },
        { "--XyZ\r\n\r\nx\r\n--XyZ--", OSK_MALFORMED },
        { "--XyZ\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n", OSK_MALFORMED },
        { "--XyZ\r\nContent-Disposition: form-data\r\n\r\n", OSK_MALFORMED },
        { "--XyZ\r\nContent-Disposition: form-data; name=\"a\r\n\r\n", OSK_MALFORMED },
        { "--XyZ\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n",
          OSK_MALFORMED },
        { "--XyZ\r\nContent-Disposition: form-data; name=\"a\" x\r\n\r\n", OSK_MALFORMED },
        { "--XyZ\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n", OSK_LIMIT },
        { "--XyZ\r\nno header\r\n\r\n", OSK_MALFORMED },
        { "--XyZ\r\n folded: x\r\n\r\n", OSK_MALFORMED },
        { "--XyZ\r\nContent-Transfer-Encoding: base64\r\n" FIELD("a") "x", OSK_UNSUPPORTED },
        { "--XyZ\r\nContent-Transfer-Encoding: 8BIT\r\n" FIELD("a") "x\r\n--XyZ--", OSK_OK },
        { "--XyZ\r\nContent-Disposition: form-data; name=\"a\"; filename=\"back\\\"\r\n\r\n\r\n"
          "--XyZ--",
          OSK_OK },
        { "--XyZ\r\nContent-Disposition: form-data; name=\"a\"; filename*=utf-8''x\r\n\r\n\r\n"
          "--XyZ--",
          OSK_OK },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t piece = 1; piece < 40; piece += 19) {
            Heard heard = { 0 };
            assert_int_equal(hear(&heard, cases[i].body, strlen(cases[i].body), piece),
                             cases[i].status);
        }
    }
}

static void multipart__a_boundary_is_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        bool holds;
    } cases[] = {
        { TYPE, true },
        { "Multipart/Form-Data ;  Boundary=\"a b\"", true },
        { "multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundary0123456789abcdef",
          true },
        { NULL, false },
        { "", false },
        { "multipart/form-data", false },
        { "multipart/form-data; boundary=", false },
        { "multipart/form-data; boundary=\"\"", false },
        { "multipart/form-data; boundary=\"a \"", false },
        { "multipart/form-data; boundary=\"a\\b\"", false },
        { "multipart/form-data; boundary=a; boundary=b", false },
        { "multipart/form-data; boundary=a; x", false },
        { "multipart/form-datax; boundary=a", false },
        { "multipart/mixed; boundary=a", false },
        { "multipart/form-data; boundary="
          "01234567890123456789012345678901234567890123456789012345678901234567890",
          false },
        { "multipart/form-data; boundary="
          "0123456789012345678901234567890123456789012345678901234567890123456789",
          true },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        OskMultipart *form = NULL;
        OskFault fault = { 0 };
        const OskMultipartEvents events = { 0 };
        OskStatus status = osk_multipart_open(&form, cases[i].type, &events, &fault);
        assert_int_equal(status, cases[i].holds ? OSK_OK : OSK_MALFORMED);
        assert_int_equal(form != NULL, cases[i].holds);
        osk_multipart_free(&form);
    }
}

/* A form of `fields` fields with `headers` further headers each, of `len` letters. */
static OskStatus hear_many(unsigned fields, unsigned headers, size_t len)
{
    OskMultipart *form = NULL;
    OskFault fault = { 0 };
    static Heard heard;
    static char body[64 * 1024];
    size_t at = 0;
    heard = (Heard){ 0 };
    for (unsigned i = 0; i < fields; i++) {
        at += (size_t)snprintf(body + at, sizeof(body) - at, "%s--XyZ\r\n", i > 0 ? "\r\n" : "");
        for (unsigned j = 0; j < headers; j++) {
            at += (size_t)snprintf(body + at, sizeof(body) - at, "X: %0*d\r\n", (int)len, 0);
        }
        at += (size_t)snprintf(body + at, sizeof(body) - at, FIELD("a"));
    }
    at += (size_t)snprintf(body + at, sizeof(body) - at, "\r\n--XyZ--");
    assert_true(at < sizeof(body) - 1);
    const OskMultipartEvents events = {
        .context = &heard, .part_begin = on_begin, .part_data = on_data, .part_end = on_end
    };
    assert_int_equal(osk_multipart_open(&form, TYPE, &events, &fault), OSK_OK);
    OskStatus status = feed(form, body, at, 1000);
    osk_multipart_free(&form);
    return status;
}

static void multipart__limits_end_it(void **state)
{
    (void)state;
    assert_int_equal(hear_many(OSK_FORM_PARTS, 0, 0), OSK_OK);
    assert_int_equal(hear_many(OSK_FORM_PARTS + 1, 0, 0), OSK_LIMIT);
    assert_int_equal(hear_many(1, OSK_FORM_HEADERS - 1, 1), OSK_OK);
    assert_int_equal(hear_many(1, OSK_FORM_HEADERS, 1), OSK_LIMIT);
    assert_int_equal(hear_many(1, 1, OSK_FORM_LINE_BYTES - 6), OSK_OK);
    assert_int_equal(hear_many(1, 1, OSK_FORM_LINE_BYTES - 5), OSK_LIMIT);
    static char body[4096] = "--XyZ--";
    memset(body + 7, 'x', sizeof(body) - 8);
    Heard heard = { 0 };
    assert_int_equal(hear(&heard, body, 7 + OSK_FORM_EPILOGUE_BYTES, 100), OSK_OK);
    for (size_t piece = 1; piece < sizeof(body); piece *= 3) {
        assert_int_equal(hear(&heard, body, 8 + OSK_FORM_EPILOGUE_BYTES, piece), OSK_LIMIT);
        assert_int_equal(hear(&heard, body, sizeof(body) - 1, piece), OSK_LIMIT);
    }
}

static void multipart__a_fault_stays(void **state)
{
    (void)state;
    OskMultipart *form = NULL;
    OskFault fault = { 0 };
    size_t taken = 0;
    const OskMultipartEvents events = { 0 };
    assert_int_equal(osk_multipart_open(&form, TYPE, &events, &fault), OSK_OK);
    assert_int_equal(osk_multipart_feed(form, (const uint8_t *)"--Xx", 4, &taken, &fault),
                     OSK_MALFORMED);
    assert_int_equal(fault.offset, 3);
    assert_int_equal(osk_multipart_feed(form, (const uint8_t *)"yZ--", 4, &taken, &fault),
                     OSK_MALFORMED);
    assert_int_equal(taken, 0);
    assert_int_equal(osk_multipart_end(form, &fault), OSK_MALFORMED);
    osk_multipart_free(&form);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multipart__arrives_in_any_pieces),
        cmocka_unit_test(multipart__a_cut_is_truncated_at_every_length),
        cmocka_unit_test(multipart__a_failing_event_ends_it),
        cmocka_unit_test(multipart__what_is_no_form),
        cmocka_unit_test(multipart__a_boundary_is_asked_for),
        cmocka_unit_test(multipart__limits_end_it),
        cmocka_unit_test(multipart__a_fault_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
