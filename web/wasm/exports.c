/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebAssembly v1: one instance, one job. The instance is the sandbox: it is thrown away with all
 * its memory when the job ends, so that nothing here frees anything for the sake of order. */
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "record.h"
#include "stop.h"

#define EXPORT(name) __attribute__((export_name(#name)))
#define IMPORT(name) __attribute__((import_module("oilskin"), import_name(#name)))

IMPORT(read) bool page_read(uint32_t handle, uint64_t offset, void *out, size_t len);
IMPORT(write) bool page_write(uint32_t handle, const void *bytes, size_t len);
IMPORT(random) bool page_random(void *out, size_t len);

/* A picture that is covered may grow: one that is all black is smaller than what is painted on it.
 */
#define EDIT_ROOM ((size_t)64 << 20)
#define QUALITY 92u
#define MEMORY_MAX UINT64_C(0xF0000000)

typedef OskStatus Phase(void);

/* What step() goes through, in order; NULL ends it. */
static Phase *const *phases;

static struct {
    OskWasmRequest ask;
    const uint8_t *regions; /* NULL for none */
    OskStatus status;
    OskFault fault;
    OskSource input;
    OskScrub *first;
    OskScrub *second;   /* over what was edited */
    OskReport *reasons; /* VERIFY */
    OskMemory clean;
    OskMemory edited;
    OskMemory proven;
    OskEditDone done;
    bool has_picture;
    OskAnswer answer;
    OskWasmText text;
} job;

/* ---- in and out ---- */

static bool read_handle(void *context, uint64_t offset, void *out, size_t len)
{
    const uint32_t *handle = context;
    return page_read(*handle, offset, out, len);
}

static bool write_output(void *context, const void *bytes, size_t len)
{
    (void)context;
    return page_write(OSK_WASM_OUTPUT, bytes, len);
}

static bool copy_range(void *context, uint64_t offset, uint64_t len)
{
    const OskWasmRange range = { offset, len };
    (void)context;
    return page_write(OSK_WASM_RANGES, &range, sizeof(range));
}

static bool fill_random(void *context, void *out, size_t len)
{
    (void)context;
    return page_random(out, len);
}

static OskSource page_source(uint32_t handle, uint64_t size)
{
    static uint32_t handles[] = { OSK_WASM_INPUT, OSK_WASM_OUTPUT };
    return (OskSource){ .context = &handles[handle], .read = read_handle, .size = size };
}

static void release(OskMemory *memory)
{
    free(memory->bytes);
    *memory = (OskMemory){ .len = 0 };
}

static OskStatus fail(OskStatus status, const char *what, const char *next)
{
    job.fault = (OskFault){
        .status = status, .part = "", .what = what, .next = next, .offset = OSK_NO_OFFSET
    };
    return status;
}

/* The core's own default is all that a pointer can reach, and one more byte is none. */
static OskLimits limits(void)
{
    uint64_t asked = job.ask.memory;
    return (OskLimits){ .memory = asked != 0 && asked < MEMORY_MAX ? asked : MEMORY_MAX };
}

static bool asks(uint32_t flag)
{
    return (job.ask.flags & flag) != 0;
}

/* ---- phases ---- */

static OskStatus take_fault(const OskScrub *scrub, OskStatus status)
{
    if (scrub == NULL && status != OSK_OK) {
        return fail(status, "not enough memory", "close other programs, then try it again");
    }
    if (status != OSK_OK) {
        job.fault = *osk_scrub_fault(scrub);
    }
    return status;
}

static OskStatus open_input(void)
{
    const OskScrubOptions options = { .icc = (OskIccMode)job.ask.icc,
                                      .drop_audio = asks(OSK_WASM_DROP_AUDIO),
                                      .limits = limits() };
    job.input = page_source(OSK_WASM_INPUT, job.ask.input_len);
    OskStatus status = osk_scrub_open(&job.input, &options, &job.first);
    return take_fault(job.first, status);
}

static OskStatus apply_in_memory(OskScrub *scrub, OskMemory *memory)
{
    const OskSink sink = osk_sink_to_memory(memory);
    memory->capacity = (size_t)osk_scrub_output_size(scrub);
    memory->bytes = malloc(memory->capacity + 1);
    if (memory->bytes == NULL) {
        memory->capacity = 0;
        return fail(OSK_NO_MEMORY, "not enough memory", "close other programs, then try it again");
    }
    return take_fault(scrub, osk_scrub_apply(scrub, &sink));
}

static OskStatus verify_memory(OskScrub *scrub, const OskMemory *memory)
{
    const OskSource output = osk_source_from_memory(memory->bytes, memory->len);
    return take_fault(scrub, osk_scrub_verify(scrub, &output));
}

static bool is_format(const char *name)
{
    const OskFormatInfo *format = osk_scrub_format(job.first);
    return format != NULL && strcmp(format->name, name) == 0;
}

static bool is_picture(void)
{
    const OskFormatInfo *format = osk_scrub_format(job.first);
    return format != NULL && strncmp(format->media_type, "image/", 6) == 0;
}

/* What the picture is. Nothing is lost when that can't be told: a scrub needs none of it. */
static OskStatus look(void)
{
    OskFault fault = { .status = OSK_OK };
    if (!is_picture() || apply_in_memory(job.first, &job.clean) != OSK_OK) {
        job.fault = fault;
        return OSK_OK;
    }
    if (is_format("jpeg")) {
        job.has_picture =
            osk_redact_jpeg_info(job.clean.bytes, job.clean.len, &job.done.info, &fault) == OSK_OK;
    } else {
        const OskEditAsk ask = { .op = OSK_EDIT_INFO,
                                 .format = osk_scrub_format(job.first)->name,
                                 .output_format = "",
                                 .bytes = job.clean.bytes,
                                 .len = job.clean.len,
                                 .limits = limits() };
        uint8_t *none = NULL;
        size_t none_len = 0;
        job.has_picture = osk_edit_bytes(&ask, &none, &none_len, &job.done, &fault) == OSK_OK;
    }
    return OSK_OK;
}

static OskStatus apply(void)
{
    OskSink sink = { .write = write_output };
    /* What was read into memory is what was walked; of a video, ranges of the file itself stay. */
    if (!osk_scrub_in_memory(job.first)) {
        sink.copy = copy_range;
    }
    return take_fault(job.first, osk_scrub_apply(job.first, &sink));
}

static OskStatus verify_output(void)
{
    const OskSource output = page_source(OSK_WASM_OUTPUT, osk_scrub_output_size(job.first));
    return take_fault(job.first, osk_scrub_verify(job.first, &output));
}

/* ---- editing ---- */

static OskStatus read_whole(void)
{
    job.clean.bytes =
        job.ask.input_len < UINT32_MAX / 2 ? malloc((size_t)job.ask.input_len + 1) : NULL;
    if (job.clean.bytes == NULL) {
        return fail(OSK_NO_MEMORY, "not enough memory", "close other programs, then try it again");
    }
    job.clean.len = (size_t)job.ask.input_len;
    return page_read(OSK_WASM_INPUT, 0, job.clean.bytes, job.clean.len)
               ? OSK_OK
               : fail(OSK_IO, "the file can't be read", NULL);
}

/* An edit reads nothing but what a scrub has made; only a fresh file is made of what can't be
 * scrubbed. */
static OskStatus clean_input(void)
{
    OskStatus status = open_input();
    if (status == OSK_OK && !is_picture()) {
        return fail(OSK_UNSUPPORTED, "only pictures can be covered, not videos",
                    "pause it where it matters, take a screenshot and cover that");
    }
    if (status == OSK_OK) {
        status = apply_in_memory(job.first, &job.clean);
    }
    if (status == OSK_OK) {
        status = verify_memory(job.first, &job.clean);
    }
    bool refused = status == OSK_TRUNCATED || status == OSK_MALFORMED ||
                   status == OSK_UNSUPPORTED || status == OSK_FOUND;
    if (refused && asks(OSK_WASM_FLATTEN) && is_picture()) {
        release(&job.clean);
        job.fault = (OskFault){ .status = OSK_OK };
        return read_whole();
    }
    return status;
}

/* JPEG keeps every block that nothing is asked of; turning and resizing touch all of them. */
static bool edits_blocks(void)
{
    return is_format("jpeg") && !asks(OSK_WASM_FLATTEN | OSK_WASM_MIRROR) && job.ask.turn == 0 &&
           job.ask.resize == 0;
}

static OskStatus edit_blocks(void)
{
    static const OskRegionDefaults defaults = { .style = OSK_REGION_FILL };
    OskRegions *regions = NULL;
    OskRedactOptions options = { .random = { .fill = fill_random },
                                 .limits = limits(),
                                 .crop = asks(OSK_WASM_CROP),
                                 .crop_x = job.ask.crop_x,
                                 .crop_y = job.ask.crop_y,
                                 .crop_width = job.ask.crop_width,
                                 .crop_height = job.ask.crop_height,
                                 .areas = &job.done.areas };
    const OskSink sink = osk_sink_to_memory(&job.edited);
    const OskMemory *clean = &job.clean;
    OskStatus status = osk_redact_jpeg_info(clean->bytes, clean->len, &job.done.info, &job.fault);
    if (status == OSK_OK && job.regions != NULL) {
        status =
            osk_regions_parse(job.regions, job.ask.regions_len, &defaults, &regions, &job.fault);
    } else if (status == OSK_OK) {
        regions = osk_regions_new(&defaults);
    }
    if (status == OSK_OK) {
        status = osk_redact_jpeg(clean->bytes, clean->len, regions, &options, &sink, &job.fault);
    }
    return status;
}

static OskStatus edit_pixels(void)
{
    static const char *const formats[] = { "", "jpeg", "png" };
    bool fresh = asks(OSK_WASM_FLATTEN);
    const OskEditAsk ask = { .op = fresh ? OSK_EDIT_RENDER : OSK_EDIT_REDACT,
                             .format = osk_scrub_format(job.first)->name,
                             .output_format = fresh ? formats[job.ask.output_format] : "",
                             .bytes = job.clean.bytes,
                             .len = job.clean.len,
                             .regions = job.regions,
                             .regions_len = job.ask.regions_len,
                             .mirror = asks(OSK_WASM_MIRROR),
                             .crop = asks(OSK_WASM_CROP),
                             .crop_x = job.ask.crop_x,
                             .crop_y = job.ask.crop_y,
                             .crop_width = job.ask.crop_width,
                             .crop_height = job.ask.crop_height,
                             .turn = job.ask.turn,
                             .resize = job.ask.resize,
                             .quality = fresh ? QUALITY : 0,
                             .output_max = 16 * job.clean.len + EDIT_ROOM,
                             .limits = limits(),
                             .random = { .fill = fill_random } };
    return osk_edit_bytes(&ask, &job.edited.bytes, &job.edited.len, &job.done, &job.fault);
}

static OskStatus edit(void)
{
    /* Regions of a fresh file would be a preview, with frames around what is covered. */
    if (asks(OSK_WASM_FLATTEN) && job.regions != NULL) {
        return fail(OSK_MISUSE, "a fresh file first, then its regions", NULL);
    }
    OskStatus status = edits_blocks() ? edit_blocks() : edit_pixels();
    release(&job.clean);
    job.has_picture = status == OSK_OK;
    /* Nothing may be claimed to be covered that isn't. */
    if (status == OSK_OK && job.regions != NULL && job.done.areas.count == 0) {
        return fail(OSK_UNSUPPORTED, "the regions cover nothing of this picture",
                    "draw them on the picture");
    }
    return status;
}

/* What an edit has made is scrubbed and proven as any other file. */
static OskStatus prove(void)
{
    const OskScrubOptions options = { .icc = (OskIccMode)job.ask.icc, .limits = limits() };
    const OskSource edited = osk_source_from_memory(job.edited.bytes, job.edited.len);
    OskStatus status = osk_scrub_open(&edited, &options, &job.second);
    status = take_fault(job.second, status);
    if (status == OSK_OK) {
        status = apply_in_memory(job.second, &job.proven);
    }
    if (status == OSK_OK) {
        status = verify_memory(job.second, &job.proven);
    }
    return status;
}

static OskStatus write_proven(void)
{
    return page_write(OSK_WASM_OUTPUT, job.proven.bytes, job.proven.len)
               ? OSK_OK
               : fail(OSK_IO, "the copy could not be written", NULL);
}

static OskStatus verify_input(void)
{
    const OskLimits most = limits();
    job.input = page_source(OSK_WASM_INPUT, job.ask.input_len);
    return osk_verify(&job.input, &most, &job.reasons, &job.fault);
}

static Phase *const inspecting[] = { open_input, look, NULL };
static Phase *const scrubbing[] = { open_input, apply, verify_output, NULL };
static Phase *const editing[] = { clean_input, edit, prove, write_proven, NULL };
static Phase *const verifying[] = { verify_input, NULL };

/* ---- what the page calls ---- */

EXPORT(osk_wasm_alloc) void *osk_wasm_alloc(size_t len);
EXPORT(osk_wasm_free) void osk_wasm_free(void *at);
EXPORT(osk_wasm_open) uint32_t osk_wasm_open(const void *request, size_t len);
EXPORT(osk_wasm_step) uint32_t osk_wasm_step(uint32_t which);
EXPORT(osk_wasm_result) const OskWasmText *osk_wasm_result(uint32_t which);

void *osk_wasm_alloc(size_t len)
{
    return malloc(len);
}

void osk_wasm_free(void *at)
{
    free(at);
}

/* Takes the request over. Returns 1, the one job of this instance, or 0 for a request that is none,
 * or for a second one. */
uint32_t osk_wasm_open(const void *request, size_t len)
{
    OskWasmRequest *ask = &job.ask;
    if (phases != NULL || len < sizeof(*ask)) {
        return 0;
    }
    memcpy(ask, request, sizeof(*ask));
    if (ask->version != OSK_WASM_VERSION || len - sizeof(*ask) != ask->regions_len ||
        ask->output_format > OSK_WASM_PNG || ask->icc > (uint32_t)OSK_ICC_KEEP ||
        ask->turn % 90 != 0 || ask->turn > 270) {
        return 0;
    }
    if (asks(OSK_WASM_REGIONS)) {
        job.regions = (const uint8_t *)request + sizeof(*ask);
    }
    switch (ask->op) {
    case OSK_WASM_INSPECT: phases = inspecting; break;
    case OSK_WASM_SCRUB: phases = scrubbing; break;
    case OSK_WASM_EDIT: phases = editing; break;
    case OSK_WASM_VERIFY: phases = verifying; break;
    default: return 0;
    }
    job.status = OSK_MORE;
    return 1;
}

/* Does the next of a few pieces of work. MORE while there is another one, else how it ended. */
uint32_t osk_wasm_step(uint32_t which)
{
    if (which != 1 || job.status != OSK_MORE) {
        return (uint32_t)OSK_MISUSE;
    }
    OskStatus status = (*phases)();
    phases++;
    job.status = status != OSK_OK ? status : *phases != NULL ? OSK_MORE : OSK_OK;
    return (uint32_t)job.status;
}

static void describe_file(OskAnswer *answer)
{
    const OskScrub *last = job.second != NULL ? job.second : job.first;
    const OskFormatInfo *format = last != NULL ? osk_scrub_format(last) : NULL;
    if (format == NULL) {
        osk_answer_null(answer, "format");
    } else {
        osk_answer_text(answer, "format", format->name);
    }
    osk_answer_text(answer, "mediaType", format != NULL ? format->media_type : "");
    osk_answer_text(answer, "extension", last != NULL ? osk_scrub_extension(last) : "");
    osk_answer_bool(answer, "video",
                    format != NULL && strncmp(format->media_type, "video/", 6) == 0);
}

/* The JSON "oilskin/wasm/1". It can be asked for after a trap as well: then it says why. */
const OskWasmText *osk_wasm_result(uint32_t which)
{
    OskAnswer *answer = &job.answer;
    const OskFault *stopped = osk_stop_reason();
    (void)which;
    if (stopped != NULL) {
        job.status = stopped->status;
        job.fault = *stopped;
    } else if (job.status != OSK_OK && job.fault.status == OSK_OK) {
        fail(OSK_BUG, "this file made the program stop; nothing was saved", NULL);
    }
    *answer = (OskAnswer){ .len = 0 };
    osk_answer_open(answer, NULL, '{');
    osk_answer_text(answer, "schema", "oilskin/wasm/1");
    describe_file(answer);
    osk_answer_findings(answer, job.reasons != NULL ? job.reasons
                                : job.first != NULL ? osk_scrub_report(job.first)
                                                    : NULL);
    if (job.fault.status != OSK_OK) {
        osk_answer_fault(answer, "fault", &job.fault);
    } else {
        osk_answer_null(answer, "fault");
    }
    if (job.has_picture) {
        osk_answer_picture(answer, &job.done.info);
    } else {
        osk_answer_null(answer, "picture");
    }
    osk_answer_areas(answer, &job.done.areas);
    osk_answer_changes(answer, job.done.changes);
    osk_answer_number(answer, "centibel", job.done.centibel);
    osk_answer_close(answer, '}');
    job.text = (OskWasmText){ (uint32_t)(uintptr_t)answer->bytes, (uint32_t)answer->len };
    return &job.text;
}
