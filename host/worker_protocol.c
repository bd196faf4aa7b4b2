/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/worker_protocol.h"

#include <string.h>

#include "base/checked.h"
#include "base/fault.h"
#include "host/strip_protocol.h"
#include "host/worker_message.h"
#include "host/worker_words.h"

#define HELLO_BYTES 12u
#define PROGRESS_BYTES 8u
#define DONE_BYTES (68u + 16u * OSK_AREAS_MAX)
#define FAULT_BYTES 24u
#define JOB_BYTES 128u
#define LANDLOCK_ABI_MAX 1000u
#define CENTIBEL_MAX 9999u

enum { JOB_CROP = 1, JOB_REGIONS = 2, JOB_MIRROR = 4, JOB_FLAGS = 7 };

_Static_assert(OSK_WORKER_HEADER_BYTES + DONE_BYTES <= OSK_WORKER_MESSAGE_BYTES,
               "the longest message has room");

/* ---- writing ---- */

void osk_worker_pen_put(OskWorkerPen *pen, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        pen->at[pen->len++] = (uint8_t)(value >> 8 * i);
    }
}

void osk_worker_pen_bytes(OskWorkerPen *pen, const void *bytes, size_t len)
{
    memcpy(pen->at + pen->len, bytes, len);
    pen->len += len;
}

OskWorkerPen osk_worker_pen(uint8_t *out, uint64_t id, OskWorkerMessageKind kind, uint32_t length)
{
    OskWorkerPen pen = { .at = out, .len = 0 };
    osk_worker_pen_put(&pen, OSK_WORKER_MAGIC, 4);
    osk_worker_pen_put(&pen, OSK_WORKER_VERSION, 2);
    osk_worker_pen_put(&pen, (uint64_t)kind, 2);
    osk_worker_pen_put(&pen, id, 8);
    osk_worker_pen_put(&pen, length, 4);
    return pen;
}

size_t osk_worker_put_hello(uint8_t *out, uint64_t id, const OskWorkerHello *hello)
{
    OskWorkerPen pen = osk_worker_pen(out, id, OSK_WORKER_HELLO, HELLO_BYTES);
    osk_worker_pen_put(&pen, hello->layers, 4);
    osk_worker_pen_put(&pen, hello->landlock, 4);
    osk_worker_pen_put(&pen, osk_worker_words_sum(), 4);
    return pen.len;
}

size_t osk_worker_put_job(uint8_t *out, uint64_t id, const OskWorkerAsk *ask)
{
    OskWorkerPen pen = osk_worker_pen(out, id, OSK_WORKER_JOB, JOB_BYTES);
    osk_worker_pen_put(&pen, (uint64_t)ask->op, 4);
    osk_worker_pen_put(&pen,
                       (ask->crop ? JOB_CROP : 0u) | (ask->has_regions ? JOB_REGIONS : 0u) |
                           (ask->mirror ? JOB_MIRROR : 0u),
                       4);
    osk_worker_pen_bytes(&pen, ask->format, OSK_WORKER_FORMAT_BYTES);
    osk_worker_pen_bytes(&pen, ask->output_format, OSK_WORKER_FORMAT_BYTES);
    osk_worker_pen_put(&pen, ask->crop_x, 4);
    osk_worker_pen_put(&pen, ask->crop_y, 4);
    osk_worker_pen_put(&pen, ask->crop_width, 4);
    osk_worker_pen_put(&pen, ask->crop_height, 4);
    osk_worker_pen_put(&pen, ask->turn, 4);
    osk_worker_pen_put(&pen, ask->resize, 4);
    osk_worker_pen_put(&pen, ask->quality, 4);
    osk_worker_pen_put(&pen, (uint64_t)ask->defaults.style, 1);
    for (unsigned i = 0; i < 3; i++) {
        osk_worker_pen_put(&pen, ask->defaults.color[i], 1);
    }
    osk_worker_pen_put(&pen, ask->limits.memory, 8);
    osk_worker_pen_put(&pen, ask->limits.parts, 8);
    osk_worker_pen_put(&pen, ask->limits.pixels, 8);
    osk_worker_pen_put(&pen, ask->limits.depth, 4);
    osk_worker_pen_put(&pen, 0, 4);
    osk_worker_pen_put(&pen, ask->input_len, 8);
    osk_worker_pen_put(&pen, ask->output_capacity, 8);
    osk_worker_pen_put(&pen, ask->regions_len, 8);
    return pen.len;
}

size_t osk_worker_put_progress(uint8_t *out, uint64_t id, uint32_t done, uint32_t total)
{
    OskWorkerPen pen = osk_worker_pen(out, id, OSK_WORKER_PROGRESS, PROGRESS_BYTES);
    osk_worker_pen_put(&pen, done, 4);
    osk_worker_pen_put(&pen, total, 4);
    return pen.len;
}

size_t osk_worker_put_done(uint8_t *out, uint64_t id, const OskWorkerDone *done)
{
    OskWorkerPen pen = osk_worker_pen(out, id, OSK_WORKER_DONE, DONE_BYTES);
    osk_worker_pen_put(&pen, done->output_len, 8);
    osk_worker_pen_put(&pen, done->info.width, 4);
    osk_worker_pen_put(&pen, done->info.height, 4);
    osk_worker_pen_put(&pen, done->info.frames, 4);
    osk_worker_pen_put(&pen, done->info.cell_width, 4);
    osk_worker_pen_put(&pen, done->info.cell_height, 4);
    osk_worker_pen_put(&pen, done->info.exact ? 1 : 0, 4);
    osk_worker_pen_put(&pen, done->info.memory, 8);
    osk_worker_pen_put(&pen, done->changes, 4);
    osk_worker_pen_put(&pen, done->centibel, 4);
    osk_worker_pen_put(&pen, osk_worker_word_find(done->note), 4);
    osk_worker_pen_put(&pen, done->areas.count, 4);
    osk_worker_pen_put(&pen, done->areas.listed, 4);
    osk_worker_pen_put(&pen, done->areas.cells, 8);
    for (size_t i = 0; i < OSK_AREAS_MAX; i++) {
        const OskArea *box = &done->areas.boxes[i];
        bool listed = i < done->areas.listed;
        osk_worker_pen_put(&pen, listed ? box->x : 0, 4);
        osk_worker_pen_put(&pen, listed ? box->y : 0, 4);
        osk_worker_pen_put(&pen, listed ? box->width : 0, 4);
        osk_worker_pen_put(&pen, listed ? box->height : 0, 4);
    }
    return pen.len;
}

size_t osk_worker_put_fault(uint8_t *out, uint64_t id, const OskFault *fault)
{
    OskWorkerPen pen = osk_worker_pen(out, id, OSK_WORKER_FAULT, FAULT_BYTES);
    osk_worker_pen_put(&pen, (uint64_t)fault->status, 4);
    osk_worker_pen_put(&pen, osk_worker_word_find(fault->part), 4);
    osk_worker_pen_put(&pen, osk_worker_word_find(fault->what), 4);
    osk_worker_pen_put(&pen, osk_worker_word_find(fault->next), 4);
    osk_worker_pen_put(&pen, fault->offset, 8);
    return pen.len;
}

/* ---- reading ---- */

const char *osk_worker_read_header(OskCursor *c, OskWorkerHeader *header)
{
    uint32_t magic = osk_cursor_u32le(c);
    uint16_t version = osk_cursor_u16le(c);
    *header = (OskWorkerHeader){ 0 };
    header->kind = osk_cursor_u16le(c);
    header->id = osk_cursor_u64le(c);
    header->length = osk_cursor_u32le(c);
    if (!osk_cursor_ok(c)) {
        return "a message shorter than its header";
    }
    if (magic != OSK_WORKER_MAGIC) {
        return "a message that does not begin as one";
    }
    if (version != OSK_WORKER_VERSION) {
        return "a message of another version of the protocol";
    }
    if (header->length != osk_cursor_left(c)) {
        return "a message of another length than it says";
    }
    return NULL;
}

bool osk_worker_read_name(OskCursor *c, char out[OSK_WORKER_FORMAT_BYTES])
{
    const uint8_t *bytes = osk_cursor_bytes(c, OSK_WORKER_FORMAT_BYTES);
    size_t len = 0;
    if (bytes == NULL) {
        return false;
    }
    while (len < OSK_WORKER_FORMAT_BYTES &&
           ((bytes[len] >= 'a' && bytes[len] <= 'z') || (bytes[len] >= '0' && bytes[len] <= '9'))) {
        len++;
    }
    for (size_t i = len; i < OSK_WORKER_FORMAT_BYTES; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    memcpy(out, bytes, OSK_WORKER_FORMAT_BYTES);
    return len < OSK_WORKER_FORMAT_BYTES;
}

static void read_sizes(OskCursor *c, OskWorkerAsk *ask)
{
    ask->crop_x = osk_cursor_u32le(c);
    ask->crop_y = osk_cursor_u32le(c);
    ask->crop_width = osk_cursor_u32le(c);
    ask->crop_height = osk_cursor_u32le(c);
    ask->turn = osk_cursor_u32le(c);
    ask->resize = osk_cursor_u32le(c);
    ask->quality = osk_cursor_u32le(c);
    ask->defaults.style = (OskRegionStyle)osk_cursor_u8(c);
    for (unsigned i = 0; i < 3; i++) {
        ask->defaults.color[i] = osk_cursor_u8(c);
    }
    ask->limits.memory = osk_cursor_u64le(c);
    ask->limits.parts = osk_cursor_u64le(c);
    ask->limits.pixels = osk_cursor_u64le(c);
    ask->limits.depth = osk_cursor_u32le(c);
    osk_cursor_skip(c, 4);
    ask->input_len = osk_cursor_u64le(c);
    ask->output_capacity = osk_cursor_u64le(c);
    ask->regions_len = osk_cursor_u64le(c);
}

static bool is_possible(const OskWorkerAsk *ask)
{
    bool output = ask->op != OSK_WORKER_INFO;
    return ask->op >= OSK_WORKER_INFO && ask->op <= OSK_WORKER_RENDER && ask->format[0] != 0 &&
           (ask->output_format[0] == 0 || ask->op == OSK_WORKER_RENDER) && ask->turn < 360 &&
           ask->turn % 90 == 0 && ask->quality <= 100 && ask->defaults.style <= OSK_REGION_BLUR &&
           ask->input_len > 0 && ask->input_len <= SIZE_MAX / 2 &&
           ask->output_capacity <= SIZE_MAX / 2 && ask->regions_len <= SIZE_MAX / 2 &&
           (ask->output_capacity > 0) == output && ask->has_regions == (ask->regions_len > 0) &&
           (!ask->crop || (ask->crop_width > 0 && ask->crop_height > 0));
}

OskStatus osk_worker_read_job(const uint8_t *bytes, size_t len, size_t descriptors,
                              uint64_t *out_id, OskWorkerAsk *ask, OskFault *fault)
{
    OskCursor c = osk_cursor_make(bytes, len, 0);
    OskWorkerHeader header;
    *ask = (OskWorkerAsk){ 0 };
    const char *wrong = osk_worker_read_header(&c, &header);
    if (wrong != NULL) {
        return osk_fault_set(fault, OSK_MALFORMED, "request", wrong, 0);
    }
    *out_id = header.id;
    if (header.kind != OSK_WORKER_JOB || header.length != JOB_BYTES) {
        return osk_fault_set(fault, OSK_MALFORMED, "request", "a message that is no job", 6);
    }
    ask->op = (OskWorkerOp)osk_cursor_u32le(&c);
    uint32_t flags = osk_cursor_u32le(&c);
    ask->crop = (flags & JOB_CROP) != 0;
    ask->has_regions = (flags & JOB_REGIONS) != 0;
    ask->mirror = (flags & JOB_MIRROR) != 0;
    bool named = osk_worker_read_name(&c, ask->format);
    named = osk_worker_read_name(&c, ask->output_format) && named;
    read_sizes(&c, ask);
    if (!osk_cursor_ok(&c) || osk_cursor_more(&c) || !named ||
        (flags & ~(uint32_t)JOB_FLAGS) != 0 || !is_possible(ask)) {
        return osk_fault_set(fault, OSK_MALFORMED, "request", "a value that no job can have",
                             OSK_WORKER_HEADER_BYTES);
    }
    size_t needed = 1u + (ask->output_capacity > 0 ? 1u : 0u) + (ask->has_regions ? 1u : 0u);
    if (descriptors != needed) {
        return osk_fault_set(fault, OSK_MALFORMED, "request", "another number of files than needed",
                             OSK_WORKER_HEADER_BYTES);
    }
    return OSK_OK;
}

/* Each reader returns NULL, or what is wrong. */

static const char other_build[] = "oilskin-worker is not the one that belongs to this program";

static const char *hear_hello(OskWorkerTalk *talk, OskCursor *c)
{
    OskWorkerHello hello = { .layers = osk_cursor_u32le(c), .landlock = osk_cursor_u32le(c) };
    bool landlock = (hello.layers & (OSK_LAYER_LANDLOCK_FILES | OSK_LAYER_LANDLOCK_TCP)) != 0;
    if ((hello.layers & ~(uint32_t)OSK_LAYERS_ALL) != 0 || hello.landlock > LANDLOCK_ABI_MAX ||
        (landlock && hello.landlock == 0)) {
        return "a sandbox that does not exist";
    }
    if (osk_cursor_u32le(c) != osk_worker_words_sum()) {
        return other_build;
    }
    talk->hello = hello;
    talk->phase = OSK_WORKER_EXPECTS_ANSWER;
    return NULL;
}

static const char *hear_progress(OskWorkerTalk *talk, OskCursor *c)
{
    uint32_t done = osk_cursor_u32le(c);
    uint32_t total = osk_cursor_u32le(c);
    if (done > total || total > OSK_WORKER_FRAMES_MAX || done < talk->progress_done ||
        (talk->progress_total != 0 && total != talk->progress_total)) {
        return "progress that goes astray";
    }
    talk->progress_done = done;
    talk->progress_total = total;
    return NULL;
}

/* False when a box lies outside the picture, or the numbers contradict each other. */
static bool read_areas(OskCursor *c, const OskPictureInfo *info, OskAreas *out_areas)
{
    OskAreas areas = { .count = osk_cursor_u32le(c), .listed = osk_cursor_u32le(c) };
    areas.cells = osk_cursor_u64le(c);
    if (areas.listed > OSK_AREAS_MAX || areas.listed > areas.count || areas.count > areas.cells ||
        (areas.count > 0) != (areas.listed > 0)) {
        return false;
    }
    for (size_t i = 0; i < OSK_AREAS_MAX; i++) {
        OskArea box = { .x = osk_cursor_u32le(c), .y = osk_cursor_u32le(c) };
        box.width = osk_cursor_u32le(c);
        box.height = osk_cursor_u32le(c);
        bool listed = i < areas.listed;
        if ((box.width > 0 && box.height > 0) != listed ||
            (!listed && (box.x | box.y | box.width | box.height) != 0) ||
            !osk_range_within(box.x, box.width, info->width) ||
            !osk_range_within(box.y, box.height, info->height)) {
            return false;
        }
        areas.boxes[i] = box;
    }
    *out_areas = areas;
    return true;
}

static const char *hear_done(OskWorkerTalk *talk, OskCursor *c)
{
    OskWorkerDone done = { .output_len = osk_cursor_u64le(c) };
    done.info.width = osk_cursor_u32le(c);
    done.info.height = osk_cursor_u32le(c);
    done.info.frames = osk_cursor_u32le(c);
    done.info.cell_width = osk_cursor_u32le(c);
    done.info.cell_height = osk_cursor_u32le(c);
    uint32_t exact = osk_cursor_u32le(c);
    done.info.exact = exact == 1;
    done.info.memory = osk_cursor_u64le(c);
    done.changes = osk_cursor_u32le(c);
    done.centibel = osk_cursor_u32le(c);
    uint32_t note = osk_cursor_u32le(c);
    done.note = note != 0 ? osk_worker_word(note) : NULL;
    if (done.output_len > talk->output_capacity ||
        (done.output_len > 0) != (talk->op != OSK_WORKER_INFO)) {
        return "an output that has no room";
    }
    if (done.info.width == 0 || done.info.height == 0 || done.info.frames == 0 ||
        done.info.frames > OSK_WORKER_FRAMES_MAX || done.info.cell_width == 0 ||
        done.info.cell_height == 0 || exact > 1 ||
        (done.changes & ~(uint32_t)OSK_CHANGES_ALL) != 0) {
        return "a picture that can't be";
    }
    if (done.centibel > CENTIBEL_MAX || note >= osk_worker_word_count) {
        return "words or numbers that are not in the list";
    }
    if (!read_areas(c, &done.info, &done.areas)) {
        return "areas that lie outside the picture";
    }
    talk->done = done;
    talk->phase = OSK_WORKER_ENDED;
    return NULL;
}

/* MISUSE and BUG of the worker are its own affair: for this side they are a job that failed. Only
 * who checks finds something. */
static bool is_fault_status(OskWorkerOp op, uint32_t status)
{
    return status >= OSK_TRUNCATED && status <= OSK_BUG &&
           (status != OSK_FOUND || op == OSK_WORKER_CHECK);
}

static const char *hear_fault(OskWorkerTalk *talk, OskCursor *c)
{
    OskWorkerFault fault = { .status = osk_cursor_u32le(c) };
    fault.part = osk_cursor_u32le(c);
    fault.what = osk_cursor_u32le(c);
    fault.next = osk_cursor_u32le(c);
    fault.offset = osk_cursor_u64le(c);
    if (!is_fault_status(talk->op, fault.status)) {
        return "a fault of no kind";
    }
    if (fault.part >= osk_worker_word_count || fault.what >= osk_worker_word_count ||
        fault.next >= osk_worker_word_count) {
        return "a fault in words that are not in the list";
    }
    talk->faulted = true;
    talk->fault = (OskFault){
        .status = (OskStatus)fault.status,
        .part = osk_worker_word(fault.part),
        .what = fault.what != 0 ? osk_worker_word(fault.what) : "the picture can't be processed",
        .next = fault.next != 0 ? osk_worker_word(fault.next) : NULL,
        .offset = fault.offset,
    };
    talk->phase = OSK_WORKER_ENDED;
    return NULL;
}

static const char *hear_stripped(OskWorkerTalk *talk, OskCursor *c)
{
    const char *wrong = osk_strip_hear_done(c, talk->output_capacity, &talk->stripped);
    if (wrong == NULL) {
        talk->phase = OSK_WORKER_ENDED;
    }
    return wrong;
}

static const char *hear_looked(OskWorkerTalk *talk, OskCursor *c)
{
    const char *wrong = osk_look_hear_done(c, talk->output_capacity, &talk->looked);
    if (wrong == NULL) {
        talk->phase = OSK_WORKER_ENDED;
    }
    return wrong;
}

static const char *hear_checked(OskWorkerTalk *talk, OskCursor *c)
{
    const char *wrong = osk_check_hear_done(c, talk->output_capacity, &talk->checked);
    if (wrong == NULL) {
        talk->phase = OSK_WORKER_ENDED;
    }
    return wrong;
}

typedef struct Kind {
    uint32_t length;
    OskWorkerPhase phase;
    const char *(*hear)(OskWorkerTalk *talk, OskCursor *c);
} Kind;

static const Kind kinds[] = {
    [OSK_WORKER_HELLO] = { HELLO_BYTES, OSK_WORKER_EXPECTS_HELLO, hear_hello },
    [OSK_WORKER_PROGRESS] = { PROGRESS_BYTES, OSK_WORKER_EXPECTS_ANSWER, hear_progress },
    [OSK_WORKER_DONE] = { DONE_BYTES, OSK_WORKER_EXPECTS_ANSWER, hear_done },
    [OSK_WORKER_FAULT] = { FAULT_BYTES, OSK_WORKER_EXPECTS_ANSWER, hear_fault },
    [OSK_WORKER_STRIPPED] = { OSK_STRIP_DONE_BYTES, OSK_WORKER_EXPECTS_ANSWER, hear_stripped },
    [OSK_WORKER_LOOKED] = { OSK_LOOK_DONE_BYTES, OSK_WORKER_EXPECTS_ANSWER, hear_looked },
    [OSK_WORKER_CHECKED] = { OSK_CHECK_DONE_BYTES, OSK_WORKER_EXPECTS_ANSWER, hear_checked },
};

/* Each kind of job has one kind of answer. */
static bool is_other_answer(OskWorkerOp op, uint16_t kind)
{
    OskWorkerMessageKind own = op == OSK_WORKER_STRIP   ? OSK_WORKER_STRIPPED
                               : op == OSK_WORKER_LOOK  ? OSK_WORKER_LOOKED
                               : op == OSK_WORKER_CHECK ? OSK_WORKER_CHECKED
                                                        : OSK_WORKER_DONE;
    bool answers = kind == OSK_WORKER_DONE || kind == OSK_WORKER_STRIPPED ||
                   kind == OSK_WORKER_LOOKED || kind == OSK_WORKER_CHECKED;
    return answers && kind != own;
}

static const char *hear(OskWorkerTalk *talk, OskCursor *c)
{
    OskWorkerHeader header;
    const char *wrong = osk_worker_read_header(c, &header);
    if (wrong != NULL) {
        return wrong;
    }
    if (header.kind >= sizeof(kinds) / sizeof(kinds[0]) || kinds[header.kind].hear == NULL) {
        return "a message of an unknown kind";
    }
    if (header.id != talk->id) {
        return "an answer to another request";
    }
    const Kind *kind = &kinds[header.kind];
    if (talk->phase != kind->phase || is_other_answer(talk->op, header.kind)) {
        return "a message out of turn";
    }
    return header.length == kind->length ? kind->hear(talk, c) : "a message of a wrong length";
}

OskStatus osk_worker_hear(OskWorkerTalk *talk, const uint8_t *bytes, size_t len, size_t descriptors,
                          bool cut, OskFault *fault)
{
    const char *wrong = NULL;
    OskCursor c = osk_cursor_make(bytes, len, 0);
    if (cut) {
        wrong = "a message that is too long";
    } else if (descriptors > 0) {
        wrong = "files that nobody asked for";
    } else if (++talk->messages > OSK_WORKER_MESSAGES_MAX) {
        wrong = "more messages than a job has";
    } else {
        wrong = hear(talk, &c);
    }
    if (wrong == NULL) {
        return OSK_OK;
    }
    talk->phase = OSK_WORKER_ENDED;
    if (wrong == other_build) {
        osk_fault_set(fault, OSK_IO, "worker", wrong, OSK_NO_OFFSET);
        osk_fault_next(fault, "install Oilskin again, all of it");
        return OSK_IO;
    }
    osk_fault_set(fault, OSK_MALFORMED, "worker", wrong, OSK_NO_OFFSET);
    osk_fault_next(fault, "a decoder may have been attacked by this file: keep it away from other "
                          "programs");
    return OSK_MALFORMED;
}
