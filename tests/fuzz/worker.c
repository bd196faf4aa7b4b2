/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target of the worker protocol, both sides.
 *
 * The first byte says which: a job as the worker hears it, the job of a sealed file with its
 * segments, or a whole conversation as the parent hears it, each message behind two bytes of
 * length. Messages that begin with a wrong magic get the right one, and the right request, so that
 * mutations reach what stands behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/strip_protocol.h"
#include "host/worker_words.h"

#define ID UINT64_C(0x0123456789ABCDEF)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

/* A sentence of a fault is one of ours, or none. */
static bool is_ours(const char *word)
{
    return word == NULL || word[0] == 0 || osk_worker_word_find(word) != 0 ||
           strcmp(word, "the picture can't be processed") == 0;
}

static void check_job(const uint8_t *bytes, size_t len, size_t descriptors)
{
    uint64_t id = 0;
    OskWorkerAsk ask;
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_worker_read_job(bytes, len, descriptors, &id, &ask, &fault);
    must((status == OSK_OK) == (fault.status == OSK_OK), "a fault where something failed");
    if (status != OSK_OK) {
        must(status == OSK_MALFORMED, "the one status of a broken job");
        return;
    }
    /* What was understood is said again in the same bytes, but for those of the reserved field. */
    uint8_t again[OSK_WORKER_MESSAGE_BYTES];
    OskWorkerAsk second;
    size_t again_len = osk_worker_put_job(again, id, &ask);
    must(again_len == len, "a job of one length");
    must(osk_worker_read_job(again, again_len, descriptors, &id, &second, NULL) == OSK_OK,
         "a job that is read again");
    must(memcmp(again + OSK_WORKER_HEADER_BYTES, bytes + OSK_WORKER_HEADER_BYTES, 96) == 0,
         "a job that stays the same");
    must(memchr(ask.format, 0, sizeof(ask.format)) != NULL, "a name that ends");
    must(ask.input_len > 0 && ask.turn < 360, "values that were checked");
}

static size_t next_message(const uint8_t **data, size_t *size, uint8_t **out)
{
    size_t len = (size_t)(*data)[0] | (size_t)(*data)[1] << 8;
    *data += 2;
    *size -= 2;
    len = len < *size ? len : *size;
    *out = malloc(len > 0 ? len : 1);
    if (*out != NULL) {
        memcpy(*out, *data, len);
    }
    *data += len;
    *size -= len;
    return len;
}

static void help(uint8_t *bytes, size_t len, bool whole);

/* A sealed file as the worker hears of it. */
static void check_strip(const uint8_t *data, size_t size, uint8_t how)
{
    static OskStripSegment segments[OSK_STRIP_SEGMENTS_MAX];
    static uint8_t again[OSK_STRIP_SEGMENTS_BYTES];
    OskStripAsk ask = { 0 };
    uint32_t told = 0;
    OskStatus status = OSK_OK;
    for (bool first = true; size >= 2 && status == OSK_OK; first = false) {
        uint8_t *message = NULL;
        OskFault fault = { .status = OSK_OK };
        uint64_t id = 0;
        uint32_t before = told;
        size_t len = next_message(&data, &size, &message);
        if (message == NULL) {
            return;
        }
        help(message, len, (how & 4) != 0);
        if (first) {
            status = osk_strip_read_ask(message, len, 2, &id, &ask, &fault);
            must(status != OSK_OK || osk_strip_put_ask(again, id, &ask) == len, "an ask again");
        } else {
            status = osk_strip_read_segments(message, len, &ask, ID, segments, &told, &fault);
            must(status != OSK_OK || told > before, "segments that came");
            must(status != OSK_OK ||
                     osk_strip_put_segments(again, ID, before, segments, told - before) == len,
                 "segments again");
        }
        must((status == OSK_OK) == (fault.status == OSK_OK), "a fault where something failed");
        must(status != OSK_OK || memcmp(again, message, len) == 0, "the same bytes again");
        must(status != OSK_OK ||
                 (told <= ask.segment_count && ask.segment_count <= OSK_STRIP_SEGMENTS_MAX),
             "segments that have room");
        free(message);
        if (status == OSK_OK && told == ask.segment_count && told > 0) {
            must(segments[told - 1].offset + segments[told - 1].sealed_len <= ask.input_len,
                 "segments within the file");
            return;
        }
    }
}

static void check_talk(const OskWorkerTalk *talk, OskStatus status, const OskFault *fault)
{
    must((status == OSK_OK) == (fault->status == OSK_OK), "a fault where something failed");
    must(is_ours(fault->what) && is_ours(fault->part) && is_ours(fault->next), "words of ours");
    must(status == OSK_OK || talk->phase == OSK_WORKER_ENDED, "an end after a wrong answer");
    must(talk->done.output_len <= talk->output_capacity, "an output that has room");
    must(talk->stripped.output_len <= talk->output_capacity, "a copy that has room");
    must(talk->stripped.output_len == 0 || talk->stripped.plain_len < talk->stripped.output_len,
         "a copy that is sealed");
    must(memchr(talk->stripped.format, 0, sizeof(talk->stripped.format)) != NULL,
         "a name that ends");
    const OskLookDone *looked = &talk->looked;
    must(looked->output_len <= talk->output_capacity, "a preview that has room");
    must(looked->output_len == 0 ||
             (looked->plain_len > 0 && looked->plain_len < looked->output_len),
         "a preview that is sealed");
    must(looked->pack_len <= talk->output_capacity - looked->output_len, "a pack that has room");
    must(looked->pack_len == 0
             ? looked->pack_plain_len == 0
             : looked->pack_plain_len > 0 && looked->pack_plain_len < looked->pack_len,
         "a pack that is sealed");
    must(looked->kind == OSK_LOOK_VIDEO ||
             (looked->kind == OSK_LOOK_STILL) == (looked->frames == 1),
         "a still of one frame");
    must(looked->kind < OSK_LOOK_KINDS, "a kind that there is");
    must(talk->checked.output_len <= talk->output_capacity, "a checked file that has room");
    must((talk->checked.output_len == 0) == (talk->checked.format[0] == 0),
         "a checked file of a format");
    must(memchr(talk->checked.format, 0, sizeof(talk->checked.format)) != NULL, "a name that ends");
    must(talk->fault.status != OSK_FOUND || talk->op == OSK_WORKER_CHECK,
         "findings of nobody but who looks for them");
    must(talk->done.areas.listed <= OSK_AREAS_MAX, "areas that have room");
    must((talk->hello.layers & ~(uint32_t)OSK_LAYERS_ALL) == 0, "layers that there are");
    must(is_ours(talk->fault.what) && is_ours(talk->fault.part) && is_ours(talk->fault.next) &&
             is_ours(talk->done.note),
         "words of ours from the worker");
    must(talk->faulted == (talk->fault.status != OSK_OK), "a fault that says so");
}

/* Helps a message past its first fields; the length is left alone half of the time. */
static void help(uint8_t *bytes, size_t len, bool whole)
{
    static const uint8_t head[6] = { 'O', 'S', 'K', 'W', 1, 0 };
    const uint64_t id = ID;
    if (len < OSK_WORKER_HEADER_BYTES || bytes[0] == 'X') {
        return;
    }
    memcpy(bytes, head, sizeof(head));
    for (unsigned i = 0; i < 8; i++) {
        bytes[8 + i] = (uint8_t)(id >> 8 * i);
    }
    for (unsigned i = 0; whole && i < 4; i++) {
        bytes[16 + i] = (uint8_t)((len - OSK_WORKER_HEADER_BYTES) >> 8 * i);
    }
    if (bytes[6] == 1 && bytes[7] == 0 && len >= OSK_WORKER_HEADER_BYTES + 12 && whole) {
        uint32_t sum = osk_worker_words_sum();
        for (unsigned i = 0; i < 4; i++) {
            bytes[28 + i] = (uint8_t)(sum >> 8 * i);
        }
    }
}

static void converse(const uint8_t *data, size_t size, uint8_t how)
{
    OskWorkerTalk talk = { .phase = OSK_WORKER_EXPECTS_HELLO,
                           .id = ID,
                           .op = (how & 34) == 32   ? OSK_WORKER_CHECK
                                 : (how & 24) == 24 ? OSK_WORKER_LOOK
                                 : (how & 8) != 0   ? OSK_WORKER_STRIP
                                 : (how & 2) != 0   ? OSK_WORKER_INFO
                                                    : OSK_WORKER_REDACT,
                           .output_capacity = (how & 2) != 0 ? 0 : 1 << 20 };
    OskStatus status = OSK_OK;
    while (size >= 2 && status == OSK_OK) {
        uint8_t *message = NULL;
        OskFault fault = { .status = OSK_OK };
        size_t len = next_message(&data, &size, &message);
        if (message == NULL) {
            return;
        }
        help(message, len, (how & 4) != 0);
        status = osk_worker_hear(&talk, message, len, 0, false, &fault);
        check_talk(&talk, status, &fault);
        free(message);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    uint8_t how = data[0];
    if ((how & 1) != 0) {
        converse(data + 1, size - 1, how);
        return 0;
    }
    if ((how & 8) != 0) {
        check_strip(data + 1, size - 1, how);
        return 0;
    }
    uint8_t *message = malloc(size);
    if (message != NULL) {
        memcpy(message, data + 1, size - 1);
        help(message, size - 1, (how & 4) != 0);
        check_job(message, size - 1, how >> 4);
    }
    free(message);
    return 0;
}
