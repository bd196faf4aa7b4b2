/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebAssembly v1, sealing and opening: modules of their own, so that a page that only seals loads
 * little and can open nothing, and the ones that read pictures hold no crypto. */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

#include "stop.h"

#define EXPORT(name) __attribute__((export_name(#name)))
#define IMPORT(name) __attribute__((import_module("oilskin"), import_name(#name)))

IMPORT(read) bool page_read(uint32_t handle, uint64_t offset, void *out, size_t len);
IMPORT(write) bool page_write(uint32_t handle, const void *bytes, size_t len);
IMPORT(random) bool page_random(void *out, size_t len);

static struct {
    OskFrame frame;
    OskStatus status;
    OskAnswer answer;
    OskWasmText text;
} job;

/* ---- the ports ---- */

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

const OskSink osk_frame_output = { .write = write_output };
const OskRandom osk_frame_random = { NULL, fill_random };

bool osk_frame_read(uint64_t offset, void *out, size_t len)
{
    return len == 0 || page_read(OSK_WASM_INPUT, offset, out, len);
}

/* ---- what jobs share ---- */

OskStatus osk_frame_fail(OskFrame *frame, OskStatus status, const char *part, const char *what)
{
    frame->fault =
        (OskFault){ .status = status, .part = part, .what = what, .offset = OSK_NO_OFFSET };
    return status;
}

bool osk_frame_line(const char *text, size_t len, size_t *at, OskFrameLine *out)
{
    if (*at >= len) {
        return false;
    }
    const char *end = memchr(text + *at, '\n', len - *at);
    *out = (OskFrameLine){ text + *at, end == NULL ? len - *at : (size_t)(end - (text + *at)) };
    *at += out->len + (end == NULL ? 0 : 1);
    return true;
}

OskStatus osk_frame_take_recipient(OskFrame *frame, OskFrameLine line)
{
    if (frame->recipient_count == OSK_SEAL_RECIPIENTS_MAX) {
        return osk_frame_fail(frame, OSK_MISUSE, "", "there are more recipients than a file takes");
    }
    OskStatus status = osk_recipient_parse(&frame->recipients[frame->recipient_count], line.text,
                                           line.len, &frame->fault);
    frame->recipient_count += status == OSK_OK ? 1 : 0;
    return status;
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

/* Returns 1, the one job of this instance, or 0 for a request that is none. The request stays where
 * it is until the job's end. */
uint32_t osk_wasm_open(const void *request, size_t len)
{
    OskWasmRequest *ask = &job.frame.ask;
    if (job.status != OSK_OK || len < sizeof(*ask)) {
        return 0;
    }
    memcpy(ask, request, sizeof(*ask));
    if (ask->version != OSK_WASM_VERSION || len - sizeof(*ask) != ask->regions_len ||
        !osk_frame_knows(ask)) {
        return 0;
    }
    job.frame.text = (const char *)request + sizeof(*ask);
    job.status = OSK_MORE;
    return 1;
}

uint32_t osk_wasm_step(uint32_t which)
{
    OskFrame *frame = &job.frame;
    if (which != 1 || job.status != OSK_MORE) {
        return (uint32_t)(frame->fault.status != OSK_OK ? frame->fault.status : OSK_MISUSE);
    }
    job.status = osk_frame_step(frame);
    return (uint32_t)job.status;
}

const OskWasmText *osk_wasm_result(uint32_t which)
{
    OskAnswer *answer = &job.answer;
    OskFrame *frame = &job.frame;
    const OskFault *stopped = osk_stop_reason();
    (void)which;
    if (stopped != NULL) {
        frame->fault = *stopped;
    } else if (job.status != OSK_OK && frame->fault.status == OSK_OK) {
        osk_frame_fail(frame, OSK_BUG, "", "the work stopped; nothing was saved");
    }
    *answer = (OskAnswer){ .len = 0 };
    osk_answer_open(answer, NULL, '{');
    osk_answer_text(answer, "schema", "oilskin/wasm/1");
    if (frame->fault.status != OSK_OK) {
        osk_answer_fault(answer, "fault", &frame->fault);
    } else {
        osk_answer_null(answer, "fault");
        osk_frame_tell(frame, answer);
    }
    osk_answer_close(answer, '}');
    job.text = (OskWasmText){ (uint32_t)(uintptr_t)answer->bytes, (uint32_t)answer->len };
    return &job.text;
}
