/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/worker_protocol.h"

#include <stdlib.h>
#include <string.h>

#include "host/worker_words.h"
#include "unit.h"

#define ID UINT64_C(0x1122334455667788)

static OskWorkerAsk an_ask(void)
{
    OskWorkerAsk ask = { .op = OSK_WORKER_REDACT,
                         .format = "png",
                         .mirror = true,
                         .has_regions = true,
                         .turn = 270,
                         .defaults = { OSK_REGION_BLUR, { 1, 2, 3 } },
                         .limits = { 4, 5, 6, 7 },
                         .input_len = 8,
                         .output_capacity = 9,
                         .regions_len = 10 };
    return ask;
}

static void protocol__a_job_arrives_as_it_was_sent(void **state)
{
    (void)state;
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    OskWorkerAsk sent = an_ask();
    OskWorkerAsk got;
    uint64_t id = 0;
    OskFault fault = { .status = OSK_OK };
    size_t len = osk_worker_put_job(bytes, ID, &sent);
    assert_int_equal(osk_worker_read_job(bytes, len, 3, &id, &got, &fault), OSK_OK);
    assert_true(id == ID);
    assert_int_equal(got.op, sent.op);
    assert_string_equal(got.format, "png");
    assert_true(got.mirror && got.has_regions && !got.crop);
    assert_int_equal(got.turn, 270);
    assert_int_equal(got.defaults.style, OSK_REGION_BLUR);
    assert_int_equal(got.defaults.color[2], 3);
    assert_int_equal(got.limits.depth, 7);
    assert_int_equal(got.regions_len, 10);
}

/* The worker believes its parent no more than it must: one byte wrong is an error or another job.
 */
static void protocol__a_broken_job_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES + 1] = { 0 };
    OskWorkerAsk ask = an_ask();
    OskWorkerAsk got;
    uint64_t id = 0;
    size_t len = osk_worker_put_job(bytes, ID, &ask);
    static const size_t places[] = { 0, 4, 6, 16, 20, 24, 28 + 15, 44 + 15, 76, 84, 88 };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        OskFault fault = { .status = OSK_OK };
        bytes[places[i]] ^= 0xF0;
        assert_int_equal(osk_worker_read_job(bytes, len, 3, &id, &got, &fault), OSK_MALFORMED);
        assert_int_equal(fault.status, OSK_MALFORMED);
        bytes[places[i]] ^= 0xF0;
    }
    for (size_t cut = 0; cut < len; cut++) {
        assert_int_equal(osk_worker_read_job(bytes, cut, 3, &id, &got, NULL), OSK_MALFORMED);
    }
    assert_int_equal(osk_worker_read_job(bytes, len + 1, 3, &id, &got, NULL), OSK_MALFORMED);
    assert_int_equal(osk_worker_read_job(bytes, len, 2, &id, &got, NULL), OSK_MALFORMED);
    assert_int_equal(osk_worker_read_job(bytes, len, 4, &id, &got, NULL), OSK_MALFORMED);
}

static OskWorkerTalk a_talk(OskWorkerPhase phase)
{
    OskWorkerTalk talk = {
        .phase = phase, .id = ID, .op = OSK_WORKER_REDACT, .output_capacity = 1000
    };
    return talk;
}

static OskWorkerDone a_done(void)
{
    OskWorkerDone done = { .output_len = 999,
                           .info = { .width = 100,
                                     .height = 50,
                                     .frames = 1,
                                     .memory = 12345,
                                     .cell_width = 1,
                                     .cell_height = 1,
                                     .exact = true },
                           .areas = { 2, 2, 40, { { 0, 0, 10, 10 }, { 90, 40, 10, 10 } } } };
    return done;
}

static void protocol__answers_arrive_as_they_were_sent(void **state)
{
    (void)state;
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    OskWorkerTalk talk = a_talk(OSK_WORKER_EXPECTS_HELLO);
    const OskWorkerHello hello = { OSK_LAYERS_ALL, 7 };
    size_t len = osk_worker_put_hello(bytes, ID, &hello);
    assert_int_equal(osk_worker_hear(&talk, bytes, len, 0, false, NULL), OSK_OK);
    assert_int_equal(talk.hello.layers, OSK_LAYERS_ALL);
    for (uint32_t i = 0; i <= 3; i++) {
        len = osk_worker_put_progress(bytes, ID, i, 3);
        assert_int_equal(osk_worker_hear(&talk, bytes, len, 0, false, NULL), OSK_OK);
    }
    OskWorkerDone done = a_done();
    len = osk_worker_put_done(bytes, ID, &done);
    assert_int_equal(osk_worker_hear(&talk, bytes, len, 0, false, NULL), OSK_OK);
    assert_int_equal(talk.phase, OSK_WORKER_ENDED);
    assert_int_equal(talk.done.areas.boxes[1].x, 90);
    assert_int_equal(talk.done.info.memory, 12345);
    assert_true(talk.done.info.exact);
}

static void protocol__a_fault_speaks_in_words_of_ours(void **state)
{
    (void)state;
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    OskWorkerTalk talk = a_talk(OSK_WORKER_EXPECTS_ANSWER);
    OskFault sent = { OSK_LIMIT, "picture", "a sentence that is in no source", NULL, 77 };
    size_t len = osk_worker_put_fault(bytes, ID, &sent);
    assert_int_equal(osk_worker_hear(&talk, bytes, len, 0, false, NULL), OSK_OK);
    assert_true(talk.faulted);
    assert_int_equal(talk.fault.status, OSK_LIMIT);
    assert_string_equal(talk.fault.part, "picture");
    assert_string_equal(talk.fault.what, "the picture can't be processed");
    assert_null(talk.fault.next);
    assert_int_equal(talk.fault.offset, 77);
}

/* Every single field of every answer, set to what it may not be. */
typedef struct Wrong {
    size_t at;
    unsigned width;
    uint64_t value;
} Wrong;

static void refuse(const uint8_t *bytes, size_t len, OskWorkerPhase phase)
{
    OskWorkerTalk talk = a_talk(phase);
    OskFault fault = { .status = OSK_OK };
    assert_int_equal(osk_worker_hear(&talk, bytes, len, 0, false, &fault), OSK_MALFORMED);
    assert_int_equal(talk.phase, OSK_WORKER_ENDED);
    assert_int_equal(fault.status, OSK_MALFORMED);
    assert_non_null(fault.what);
}

static void refuse_each(const uint8_t *right, size_t len, OskWorkerPhase phase, const Wrong *wrong,
                        size_t count)
{
    uint8_t *bytes = malloc(len);
    assert_non_null(bytes);
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes, right, len);
        for (unsigned b = 0; b < wrong[i].width; b++) {
            bytes[wrong[i].at + b] = (uint8_t)(wrong[i].value >> 8 * b);
        }
        refuse(bytes, len, phase);
    }
    free(bytes);
    for (size_t cut = 0; cut < len; cut++) {
        refuse(right, cut, phase);
    }
}

static void protocol__each_wrong_answer_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    static const Wrong headers[] = { { 0, 4, 1 },  { 4, 2, 2 },       { 6, 2, 0 },
                                     { 6, 2, 2 },  { 6, 2, 9 },       { 8, 8, 1 },
                                     { 16, 4, 0 }, { 16, 4, 0xFFFF }, { 16, 4, UINT32_MAX } };
    const OskWorkerHello hello = { OSK_LAYER_SECCOMP, 0 };
    static const Wrong hellos[] = { { 20, 4, 64 }, { 20, 4, 2 }, { 24, 4, 5000 } };
    size_t len = osk_worker_put_hello(bytes, ID, &hello);
    refuse_each(bytes, len, OSK_WORKER_EXPECTS_HELLO, headers, 9);
    refuse_each(bytes, len, OSK_WORKER_EXPECTS_HELLO, hellos, 3);
    refuse(bytes, len, OSK_WORKER_EXPECTS_ANSWER);
    OskWorkerDone done = a_done();
    static const Wrong dones[] = {
        { 20, 8, 1001 },       { 20, 8, 0 },     { 28, 4, 0 },  { 32, 4, 0 },  { 36, 4, 0 },
        { 36, 4, UINT32_MAX }, { 40, 4, 0 },     { 44, 4, 0 },  { 48, 4, 2 },  { 60, 4, 128 },
        { 64, 4, 10000 },      { 68, 4, 99999 }, { 72, 4, 0 },  { 72, 4, 41 }, { 76, 4, 3 },
        { 76, 4, 65 },         { 80, 8, 1 },     { 88, 4, 91 }, { 96, 4, 0 },  { 96, 4, 101 },
        { 120, 4, 1 },
    };
    len = osk_worker_put_done(bytes, ID, &done);
    refuse_each(bytes, len, OSK_WORKER_EXPECTS_ANSWER, headers, 9);
    refuse_each(bytes, len, OSK_WORKER_EXPECTS_ANSWER, dones, sizeof(dones) / sizeof(dones[0]));
    refuse(bytes, len, OSK_WORKER_EXPECTS_HELLO);
    refuse(bytes, len, OSK_WORKER_ENDED);
    const OskFault fault = { OSK_MALFORMED, "picture", "", NULL, 1 };
    static const Wrong faults[] = { { 20, 4, OSK_OK },     { 20, 4, OSK_MORE },
                                    { 20, 4, OSK_FOUND },  { 20, 4, OSK_BUG + 1 },
                                    { 24, 4, UINT32_MAX }, { 28, 4, 1u << 20 },
                                    { 32, 4, UINT32_MAX } };
    len = osk_worker_put_fault(bytes, ID, &fault);
    refuse_each(bytes, len, OSK_WORKER_EXPECTS_ANSWER, faults, 7);
}

static void protocol__progress_may_not_go_astray(void **state)
{
    (void)state;
    static const uint32_t steps[][4] = { { 2, 3, 1, 3 }, { 1, 3, 2, 4 }, { 0, 0, 2, 1 } };
    for (size_t i = 0; i < 3; i++) {
        uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
        OskWorkerTalk talk = a_talk(OSK_WORKER_EXPECTS_ANSWER);
        size_t len = osk_worker_put_progress(bytes, ID, steps[i][0], steps[i][1]);
        assert_int_equal(osk_worker_hear(&talk, bytes, len, 0, false, NULL), OSK_OK);
        len = osk_worker_put_progress(bytes, ID, steps[i][2], steps[i][3]);
        assert_int_equal(osk_worker_hear(&talk, bytes, len, 0, false, NULL), OSK_MALFORMED);
    }
}

static void protocol__files_long_messages_and_floods_end_it(void **state)
{
    (void)state;
    uint8_t bytes[OSK_WORKER_MESSAGE_BYTES];
    OskWorkerTalk talk = a_talk(OSK_WORKER_EXPECTS_ANSWER);
    size_t len = osk_worker_put_progress(bytes, ID, 0, 1);
    assert_int_equal(osk_worker_hear(&talk, bytes, len, 1, false, NULL), OSK_MALFORMED);
    talk = a_talk(OSK_WORKER_EXPECTS_ANSWER);
    assert_int_equal(osk_worker_hear(&talk, bytes, len, 0, true, NULL), OSK_MALFORMED);
    talk = a_talk(OSK_WORKER_EXPECTS_ANSWER);
    OskStatus status = OSK_OK;
    for (uint32_t i = 0; i <= OSK_WORKER_MESSAGES_MAX && status == OSK_OK; i++) {
        assert_int_equal(talk.messages, i);
        status = osk_worker_hear(&talk, bytes, len, 0, false, NULL);
    }
    assert_int_equal(status, OSK_MALFORMED);
    assert_int_equal(talk.messages, OSK_WORKER_MESSAGES_MAX + 1);
}

static void protocol__the_list_of_words_is_sorted(void **state)
{
    (void)state;
    assert_string_equal(osk_worker_word(0), "");
    for (uint32_t i = 1; i < osk_worker_word_count; i++) {
        assert_true(strcmp(osk_worker_word(i - 1), osk_worker_word(i)) < 0);
        assert_int_equal(osk_worker_word_find(osk_worker_word(i)), i);
    }
    assert_null(osk_worker_word(osk_worker_word_count));
    assert_int_equal(osk_worker_word_find(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(protocol__a_job_arrives_as_it_was_sent),
        cmocka_unit_test(protocol__a_broken_job_is_refused),
        cmocka_unit_test(protocol__answers_arrive_as_they_were_sent),
        cmocka_unit_test(protocol__a_fault_speaks_in_words_of_ours),
        cmocka_unit_test(protocol__each_wrong_answer_is_refused),
        cmocka_unit_test(protocol__progress_may_not_go_astray),
        cmocka_unit_test(protocol__files_long_messages_and_floods_end_it),
        cmocka_unit_test(protocol__the_list_of_words_is_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
