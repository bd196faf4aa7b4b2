/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebAssembly v1, sealing: a module of its own, so that a page that only seals loads little, and
 * the ones that read files hold no crypto. The same calls as exports.c, one instance, one file. */
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "oilskin/seal.h"
#include "record.h"
#include "stop.h"

#define EXPORT(name) __attribute__((export_name(#name)))
#define IMPORT(name) __attribute__((import_module("oilskin"), import_name(#name)))

IMPORT(read) bool page_read(uint32_t handle, uint64_t offset, void *out, size_t len);
IMPORT(write) bool page_write(uint32_t handle, const void *bytes, size_t len);
IMPORT(random) bool page_random(void *out, size_t len);

/* One step: long enough that calls cost nothing, short enough to show progress and to be stopped.
 */
#define STEP_BYTES ((size_t)1 << 20)

static struct {
    OskWasmRequest ask;
    OskStatus status;
    OskFault fault;
    OskRecipient recipients[OSK_SEAL_RECIPIENTS_MAX];
    size_t recipient_count;
    OskSealer sealer;
    bool is_open;
    uint64_t at;
    uint8_t piece[STEP_BYTES];
    OskAnswer answer;
    OskWasmText text;
} job;

static bool write_output(void *context, const void *bytes, size_t len)
{
    (void)context;
    return page_write(OSK_WASM_OUTPUT, bytes, len);
}

static bool fill_random(void *context, void *out, size_t len)
{
    (void)context;
    return page_random(out, len);
}

static OskStatus fail(OskStatus status, const char *what)
{
    job.fault = (OskFault){ .status = status, .part = "", .what = what, .offset = OSK_NO_OFFSET };
    return status;
}

/* The recipients stand behind the record, one a line. */
static OskStatus take_recipients(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line = end == NULL ? len - at : (size_t)(end - (text + at));
        if (job.recipient_count == OSK_SEAL_RECIPIENTS_MAX) {
            return fail(OSK_MISUSE, "there are more recipients than a file takes");
        }
        OskStatus status =
            osk_recipient_parse(&job.recipients[job.recipient_count], text + at, line, &job.fault);
        if (status != OSK_OK) {
            return status;
        }
        job.recipient_count++;
        at += line + (end == NULL ? 0 : 1);
    }
    return OSK_OK;
}

static OskStatus open_sealer(void)
{
    static const OskRandom random = { NULL, fill_random };
    static const OskSink sink = { .write = write_output };
    const OskSealTo to = { .recipients = job.recipients,
                           .count = job.recipient_count,
                           .random = &random,
                           .names_list = true };
    job.is_open = true;
    return osk_sealer_open(&job.sealer, &to, &sink, NULL, &job.fault);
}

/* One piece. `memory` of the record is the length that the plaintext is padded to with zeros, which
 * is the input's own when it is 0. */
static OskStatus seal_piece(void)
{
    uint64_t input_len = job.ask.input_len;
    uint64_t whole = job.ask.memory == 0 ? input_len : job.ask.memory;
    uint64_t left = whole - job.at;
    size_t len = left < STEP_BYTES ? (size_t)left : STEP_BYTES;
    uint64_t unread = job.at < input_len ? input_len - job.at : 0;
    size_t read = unread < len ? (size_t)unread : len;
    memset(job.piece + read, 0, len - read);
    if (read > 0 && !page_read(OSK_WASM_INPUT, job.at, job.piece, read)) {
        return fail(OSK_IO, "the file can't be read");
    }
    OskStatus status = osk_sealer_write(&job.sealer, job.piece, len, &job.fault);
    job.at += len;
    if (status == OSK_OK && job.at == whole) {
        osk_seal_wipe(job.piece, sizeof(job.piece));
        return osk_sealer_finish(&job.sealer, &job.fault);
    }
    return status == OSK_OK ? OSK_MORE : status;
}

/* ---- what the page calls ---- */

EXPORT(osk_wasm_alloc) void *osk_wasm_alloc(size_t len);
EXPORT(osk_wasm_open) uint32_t osk_wasm_open(const void *request, size_t len);
EXPORT(osk_wasm_step) uint32_t osk_wasm_step(uint32_t which);
EXPORT(osk_wasm_result) const OskWasmText *osk_wasm_result(uint32_t which);
EXPORT(osk_wasm_free) void osk_wasm_free(void *at);

void *osk_wasm_alloc(size_t len)
{
    return malloc(len);
}

void osk_wasm_free(void *at)
{
    free(at);
}

/* Returns 1, the one job of this instance, or 0 for a request that is none. */
uint32_t osk_wasm_open(const void *request, size_t len)
{
    if (job.status != OSK_OK || len < sizeof(job.ask)) {
        return 0;
    }
    memcpy(&job.ask, request, sizeof(job.ask));
    if (job.ask.version != OSK_WASM_VERSION || job.ask.op != OSK_WASM_SEAL ||
        len - sizeof(job.ask) != job.ask.regions_len ||
        (job.ask.memory != 0 && job.ask.memory < job.ask.input_len)) {
        return 0;
    }
    job.status = take_recipients((const char *)request + sizeof(job.ask), job.ask.regions_len);
    job.status = job.status == OSK_OK ? OSK_MORE : job.status;
    return 1;
}

uint32_t osk_wasm_step(uint32_t which)
{
    if (which != 1 || job.status != OSK_MORE) {
        return (uint32_t)(job.fault.status != OSK_OK ? job.fault.status : OSK_MISUSE);
    }
    OskStatus status = job.is_open ? OSK_OK : open_sealer();
    job.status = status == OSK_OK ? seal_piece() : status;
    return (uint32_t)job.status;
}

const OskWasmText *osk_wasm_result(uint32_t which)
{
    OskAnswer *answer = &job.answer;
    const OskFault *stopped = osk_stop_reason();
    (void)which;
    if (stopped != NULL) {
        job.fault = *stopped;
    } else if (job.status != OSK_OK && job.fault.status == OSK_OK) {
        fail(OSK_BUG, "sealing stopped; nothing was saved");
    }
    *answer = (OskAnswer){ .len = 0 };
    osk_answer_open(answer, NULL, '{');
    osk_answer_text(answer, "schema", "oilskin/wasm/1");
    osk_answer_text(answer, "mediaType", "application/octet-stream");
    osk_answer_text(answer, "extension", "age");
    if (job.fault.status != OSK_OK) {
        osk_answer_fault(answer, "fault", &job.fault);
    } else {
        osk_answer_null(answer, "fault");
    }
    osk_answer_close(answer, '}');
    job.text = (OskWasmText){ (uint32_t)(uintptr_t)answer->bytes, (uint32_t)answer->len };
    return &job.text;
}
