/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/strip_protocol.h"

#include <string.h>

#include "unit.h"

#define ID UINT64_C(0x1122334455667788)

static OskStripAsk an_ask(void)
{
    return (OskStripAsk){ .limits = { 4, 5, 6, 7 },
                          .input_len = 1000,
                          .plain_len = 300,
                          .output_max = 5000,
                          .segment_count = 3,
                          .recipient_count = 2,
                          .recipients = { { { 1 } }, { { 2 } } } };
}

static const OskStripSegment pieces[3] = { { 0, 400, 150, { 1 } },
                                           { 400, 400, 150, { 2 } },
                                           { 800, 200, 0, { 3 } } };

static OskStatus read_ask(const uint8_t *bytes, size_t len, OskStripAsk *ask)
{
    uint64_t id = 0;
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_strip_read_ask(bytes, len, 2, &id, ask, &fault);
    assert_int_equal(status, fault.status);
    assert_true(status != OSK_OK || id == ID);
    return status;
}

static void strip__an_ask_arrives_as_it_was_sent(void **state)
{
    (void)state;
    uint8_t bytes[OSK_STRIP_ASK_BYTES];
    OskStripAsk sent = an_ask();
    OskStripAsk got;
    size_t len = osk_strip_put_ask(bytes, ID, &sent);
    assert_true(osk_strip_is_ask(bytes, len));
    assert_int_equal(read_ask(bytes, len, &got), OSK_OK);
    assert_memory_equal(&got, &sent, sizeof(sent));
    assert_int_equal(osk_strip_read_ask(bytes, len, 1, &(uint64_t){ 0 }, &got, NULL),
                     OSK_MALFORMED);
    assert_int_equal(osk_strip_read_ask(bytes, len, 3, &(uint64_t){ 0 }, &got, NULL),
                     OSK_MALFORMED);
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(read_ask(bytes, cut, &got), OSK_MALFORMED);
    }
}

static void strip__an_impossible_ask_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[OSK_STRIP_ASK_BYTES];
    OskStripAsk got;
    for (int i = 0; i < 6; i++) {
        OskStripAsk wrong = an_ask();
        switch (i) {
        case 0: wrong.segment_count = 0; break;
        case 1: wrong.segment_count = OSK_STRIP_SEGMENTS_MAX + 1; break;
        case 2: wrong.plain_len = wrong.input_len; break;
        case 3: wrong.output_max = 0; break;
        case 4: wrong.recipient_count = 0; break;
        default: wrong.input_len = UINT64_MAX; break;
        }
        size_t len = osk_strip_put_ask(bytes, ID, &wrong);
        assert_int_equal(read_ask(bytes, len, &got), OSK_MALFORMED);
    }
}

static OskStatus read_pieces(const OskStripSegment *told, uint32_t first, uint32_t count,
                             uint32_t *before)
{
    static uint8_t bytes[OSK_STRIP_SEGMENTS_BYTES];
    OskStripSegment got[3] = { pieces[0], pieces[1], pieces[2] };
    OskStripAsk ask = an_ask();
    OskFault fault = { .status = OSK_OK };
    size_t len = osk_strip_put_segments(bytes, ID, first, told, count);
    OskStatus status = osk_strip_read_segments(bytes, len, &ask, ID, got, before, &fault);
    assert_int_equal(status, fault.status);
    if (status == OSK_OK) {
        assert_memory_equal(&got[first], &told[first], count * sizeof(*got));
    }
    return status;
}

static void strip__segments_come_in_order_and_fill_what_they_say(void **state)
{
    (void)state;
    uint32_t told = 0;
    assert_int_equal(read_pieces(pieces, 0, 2, &told), OSK_OK);
    assert_int_equal(told, 2);
    assert_int_equal(read_pieces(pieces, 1, 1, &told), OSK_MALFORMED);
    assert_int_equal(read_pieces(pieces, 2, 1, &told), OSK_OK);
    assert_int_equal(told, 3);
    for (int i = 0; i < 5; i++) {
        OskStripSegment wrong[3] = { pieces[0], pieces[1], pieces[2] };
        told = 0;
        switch (i) {
        case 0: wrong[1].offset = 399; break;
        case 1: wrong[0].plain_len = 400; break;
        case 2: wrong[2].sealed_len = 201; break;
        case 3: wrong[2].plain_len = 1; break;
        default: wrong[1].sealed_len = UINT64_MAX - 100; break;
        }
        assert_int_equal(read_pieces(wrong, 0, 3, &told), OSK_MALFORMED);
    }
}

static void strip__a_wrong_answer_is_not_believed(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
        OskStripDone done = {
            .output_len = 400, .plain_len = 100, .format = "jpeg", .findings = 2, .kinds = 3
        };
        OskWorkerTalk talk = { .phase = OSK_WORKER_EXPECTS_ANSWER,
                               .id = ID,
                               .op = OSK_WORKER_STRIP,
                               .output_capacity = 500 };
        switch (i) {
        case 0: break;
        case 1: done.output_len = 501; break;
        case 2: done.plain_len = 400; break;
        case 3: memset(done.format, 0, sizeof(done.format)); break;
        case 4: memset(done.format, 'a', sizeof(done.format)); break;
        case 5: done.kinds = 1u << 30; break;
        case 6: done.findings = 0; break;
        default: talk.op = OSK_WORKER_REDACT; break;
        }
        size_t len = osk_strip_put_done(bytes, ID, &done);
        OskStatus status = osk_worker_hear(&talk, bytes, len, 0, false, NULL);
        assert_int_equal(status, i == 0 ? OSK_OK : OSK_MALFORMED);
        assert_int_equal(talk.stripped.output_len, i == 0 ? 400 : 0);
        assert_int_equal(talk.phase, OSK_WORKER_ENDED);
    }
}

/* Nobody is to open what everybody may see. */
static void check__an_ask_has_no_recipients(void **state)
{
    (void)state;
    uint8_t bytes[OSK_STRIP_ASK_BYTES];
    OskStripAsk sent = an_ask();
    OskStripAsk got;
    sent.checks = true;
    assert_int_equal(read_ask(bytes, osk_strip_put_ask(bytes, ID, &sent), &got), OSK_MALFORMED);
    sent.recipient_count = 0;
    memset(sent.recipients, 0, sizeof(sent.recipients));
    size_t len = osk_strip_put_ask(bytes, ID, &sent);
    assert_true(osk_strip_is_ask(bytes, len));
    assert_int_equal(read_ask(bytes, len, &got), OSK_OK);
    assert_memory_equal(&got, &sent, sizeof(sent));
}

static void check__a_wrong_answer_is_not_believed(void **state)
{
    (void)state;
    for (int i = 0; i < 7; i++) {
        uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
        OskCheckDone done = { .output_len = 400, .format = "jpeg" };
        OskWorkerTalk talk = { .phase = OSK_WORKER_EXPECTS_ANSWER,
                               .id = ID,
                               .op = OSK_WORKER_CHECK,
                               .output_capacity = 500 };
        switch (i) {
        case 0: break;
        case 1: done.output_len = 501; break;
        case 2: done.output_len = 0; break;
        case 3: memset(done.format, 0, sizeof(done.format)); break;
        case 4: memset(done.format, 'a', sizeof(done.format)); break;
        case 5: memcpy(done.format, "../a", 4); break;
        default: talk.op = OSK_WORKER_STRIP; break;
        }
        size_t len = osk_check_put_done(bytes, ID, &done);
        OskStatus status = osk_worker_hear(&talk, bytes, len, 0, false, NULL);
        assert_int_equal(status, i == 0 ? OSK_OK : OSK_MALFORMED);
        assert_int_equal(talk.checked.output_len, i == 0 ? 400 : 0);
        assert_int_equal(talk.phase, OSK_WORKER_ENDED);
    }
}

/* A scrub that finds something has a fault of its own; only a check finds. */
static void check__only_who_looks_for_it_finds_something(void **state)
{
    (void)state;
    static const OskWorkerOp ops[] = { OSK_WORKER_CHECK, OSK_WORKER_STRIP, OSK_WORKER_LOOK,
                                       OSK_WORKER_RENDER };
    const OskFault found = { OSK_FOUND, "APP1 Exif", "", NULL, 2 };
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
        OskWorkerTalk talk = { .phase = OSK_WORKER_EXPECTS_ANSWER, .id = ID, .op = ops[i] };
        size_t len = osk_worker_put_fault(bytes, ID, &found);
        OskStatus status = osk_worker_hear(&talk, bytes, len, 0, false, NULL);
        assert_int_equal(status, i == 0 ? OSK_OK : OSK_MALFORMED);
        assert_int_equal(talk.faulted, i == 0);
        if (i == 0) {
            assert_string_equal(talk.fault.part, "APP1 Exif");
            assert_int_equal(talk.fault.offset, 2);
        }
    }
}

static void look__a_poster_is_asked_for_in_place_of_a_pack(void **state)
{
    (void)state;
    uint8_t bytes[OSK_STRIP_ASK_BYTES];
    OskStripAsk sent = an_ask();
    OskStripAsk got;
    sent.looks = true;
    sent.poster = true;
    size_t len = osk_strip_put_ask(bytes, ID, &sent);
    assert_int_equal(read_ask(bytes, len, &got), OSK_OK);
    assert_memory_equal(&got, &sent, sizeof(sent));
    /* Who scrubs draws nothing. */
    sent.looks = false;
    len = osk_strip_put_ask(bytes, ID, &sent);
    assert_int_equal(read_ask(bytes, len, &got), OSK_MALFORMED);
}

/* They are shown to people, and only videos have them. */
static void look__names_of_codings_are_letters_and_digits(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
        OskLookDone done = { .output_len = 400,
                             .plain_len = 100,
                             .kind = OSK_LOOK_VIDEO,
                             .width = 4,
                             .height = 3,
                             .frames = 2,
                             .unplayed_picture = "hevc",
                             .unplayed_sound = "ac3" };
        OskWorkerTalk talk = { .phase = OSK_WORKER_EXPECTS_ANSWER,
                               .id = ID,
                               .op = OSK_WORKER_LOOK,
                               .output_capacity = 500 };
        switch (i) {
        case 0: break;
        case 1: memcpy(done.unplayed_picture, "<b>", 3); break;
        case 2: memset(done.unplayed_sound, 'a', sizeof(done.unplayed_sound)); break;
        case 3: done.unplayed_sound[5] = 'a'; break;
        default: done.kind = OSK_LOOK_ANIMATION; break;
        }
        size_t len = osk_look_put_done(bytes, ID, &done);
        OskStatus status = osk_worker_hear(&talk, bytes, len, 0, false, NULL);
        assert_int_equal(status, i == 0 ? OSK_OK : OSK_MALFORMED);
        assert_string_equal(talk.looked.unplayed_picture, i == 0 ? "hevc" : "");
        assert_string_equal(talk.looked.unplayed_sound, i == 0 ? "ac3" : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strip__an_ask_arrives_as_it_was_sent),
        cmocka_unit_test(strip__an_impossible_ask_is_refused),
        cmocka_unit_test(strip__segments_come_in_order_and_fill_what_they_say),
        cmocka_unit_test(strip__a_wrong_answer_is_not_believed),
        cmocka_unit_test(check__an_ask_has_no_recipients),
        cmocka_unit_test(check__a_wrong_answer_is_not_believed),
        cmocka_unit_test(check__only_who_looks_for_it_finds_something),
        cmocka_unit_test(look__a_poster_is_asked_for_in_place_of_a_pack),
        cmocka_unit_test(look__names_of_codings_are_letters_and_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
