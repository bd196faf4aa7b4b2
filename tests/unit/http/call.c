/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request whose body and answer are JSON, whatever room answers it. */
#include "http/call.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

/* In place of the server: one request, and what was answered to it. */
static struct {
    const char *type;
    uint64_t len;
    unsigned status; /* 0: not answered */
    char body[256];
    char retry[16];
} said;

const char *osk_request_header(const OskRequest *request, const char *name)
{
    (void)request;
    return strcmp(name, "Content-Type") == 0 ? said.type : NULL;
}

uint64_t osk_request_length(const OskRequest *request)
{
    (void)request;
    return said.len;
}

void osk_request_add_header(OskRequest *request, const char *name, const char *value)
{
    (void)request;
    assert_string_equal(name, "Retry-After");
    snprintf(said.retry, sizeof(said.retry), "%s", value);
}

void osk_request_answer(OskRequest *request, const OskAnswer *answer)
{
    (void)request;
    assert_int_equal(said.status, 0); /* exactly once */
    said.status = answer->status;
    snprintf(said.body, sizeof(said.body), "%.*s", (int)answer->len, (const char *)answer->bytes);
    assert_string_equal(answer->media_type, "application/json");
}

static const OskCallWords words = { .busy_s = 7, .larger = "Send less", .keys = "See the file" };
static const char *const keys[] = { "a", "b", NULL };

static OskCall begin(const char *type, uint64_t len)
{
    memset(&said, 0, sizeof(said));
    said.type = type;
    said.len = len;
    return (OskCall){ .words = &words, .body_max = 8192 };
}

static bool accepts(const char *type, uint64_t len)
{
    OskCall call = begin(type, len);
    bool does = osk_call_accepts(&call, NULL);
    assert_int_equal(call.is_answered, !does);
    osk_call_clear(&call);
    return does;
}

static void call__takes_json_alone(void **state)
{
    (void)state;
    assert_true(accepts("application/json", 10));
    assert_true(accepts("Application/JSON; charset=utf-8", 10));
    assert_true(accepts("application/json ;x", 10));
    static const char *const others[] = { NULL,
                                          "",
                                          "text/plain",
                                          "application/jsonx",
                                          "application/json-seq",
                                          "application/x-www-form-urlencoded" };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_false(accepts(others[i], 10));
        assert_int_equal(said.status, 415);
    }
}

static void call__refuses_more_than_it_may_hold_announced_or_not(void **state)
{
    (void)state;
    static const char bytes[8193];
    assert_true(accepts("application/json", 8192));
    assert_true(accepts("application/json", UINT64_MAX));
    assert_false(accepts("application/json", 8193));
    assert_int_equal(said.status, 413);
    assert_non_null(strstr(said.body, "Send less"));
    OskCall call = begin("application/json", UINT64_MAX);
    assert_true(osk_call_take(&call, NULL, bytes, 8192));
    assert_int_equal(said.status, 0);
    assert_false(osk_call_take(&call, NULL, bytes, 1));
    assert_int_equal(said.status, 413);
    osk_call_clear(&call);
}

static void call__keeps_a_body_that_comes_in_pieces(void **state)
{
    (void)state;
    char body[5000];
    int len = snprintf(body, sizeof(body), "{\"a\":\"%04000d\"}", 7);
    OskCall call = begin("application/json", (uint64_t)len);
    for (int i = 0; i < len; i += 333) {
        assert_true(osk_call_take(&call, NULL, body + i, (size_t)(len - i < 333 ? len - i : 333)));
    }
    assert_true(osk_call_read(&call, keys));
    assert_null(call.body); /* wiped as soon as it is read */
    const char *text = osk_json_text(osk_json_get(call.json, "a"));
    assert_int_equal(strlen(text), 4000);
    assert_string_equal(text + 3998, "07");
    osk_call_clear(&call);
}

static void call__reads_an_object_of_its_keys_alone(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",     "{", "[]", "1", "{\"c\":1}", "{\"a\":1,\"a\":2}",
                                         "{} {}" };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        OskCall call = begin("application/json", strlen(wrong[i]));
        assert_true(osk_call_take(&call, NULL, wrong[i], strlen(wrong[i])));
        assert_false(osk_call_read(&call, keys));
        assert_int_equal(said.status, 0); /* kept: its room gives it */
        osk_call_answer(&call, NULL);
        assert_int_equal(said.status, 400);
        assert_non_null(strstr(said.body, "oilskin/error/1"));
        osk_call_clear(&call);
    }
}

static void call__what_does_not_last_says_when_to_come_again(void **state)
{
    (void)state;
    OskCall call = begin("application/json", 2);
    osk_call_refuse(&call, 503, "Later", "Wait");
    osk_call_answer(&call, NULL);
    assert_int_equal(said.status, 503);
    assert_string_equal(said.retry, "7");
    osk_call_clear(&call);
    call = begin("application/json", 2);
    call.retry_s = 60;
    osk_call_refuse(&call, 503, "Later", NULL);
    osk_call_answer(&call, NULL);
    assert_string_equal(said.retry, "60");
    osk_call_clear(&call);
    call = begin("application/json", 2);
    osk_call_refuse(&call, 409, "No", NULL);
    osk_call_answer(&call, NULL);
    assert_string_equal(said.retry, "");
    osk_call_clear(&call);
    /* What can't be written is no answer that was meant. */
    call = begin("application/json", 2);
    OskJson *json = osk_json_object("oilskin/x/1");
    osk_json_set_text(json, "text", "\xff");
    osk_call_keep(&call, 200, json);
    assert_int_equal(call.status, 503);
    osk_call_clear(&call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(call__takes_json_alone),
        cmocka_unit_test(call__refuses_more_than_it_may_hold_announced_or_not),
        cmocka_unit_test(call__keeps_a_body_that_comes_in_pieces),
        cmocka_unit_test(call__reads_an_object_of_its_keys_alone),
        cmocka_unit_test(call__what_does_not_last_says_when_to_come_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
