/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "look.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/limits.h"
#include "oilskin/format.h"
#include "pixels/codec.h"
#include "sealed.h"
#include "sheet.h"

#define PROBE_BYTES (64u * 1024)

/* One look. */
typedef struct Look {
    OskSealedInput input;
    uint8_t *bytes; /* the file in the clear */
    size_t len;
    OskBudget budget;
    const OskCodec *codec;
    OskDecoder *decoder;
    OskCodecInfo info;
    OskSheet sheet;
    OskWriter preview;
    OskLookDone *done;
    OskFault *fault;
} Look;

static OskStatus fail(Look *look, OskStatus status, const char *what)
{
    return osk_fault_set(look->fault, status, "picture", what, OSK_NO_OFFSET);
}

/* Status of a function that may have set no fault. */
static OskStatus check(Look *look, OskStatus status)
{
    switch (status) {
    case OSK_OK: return status;
    case OSK_LIMIT: return fail(look, status, "the picture is too large for the memory of a job");
    case OSK_NO_MEMORY: return fail(look, status, "not enough memory");
    default: return fail(look, status, "the picture can't be shown");
    }
}

/* ---- the file ---- */

static OskStatus read_piece(Look *look, size_t from, size_t len)
{
    return len == 0 || osk_sealed_read(&look->input, from, look->bytes + from, len)
               ? OSK_OK
               : look->input.status;
}

/* All of it: what its first bytes say is asked before the rest is read. */
static OskStatus read_file(Look *look, uint64_t len)
{
    if (len > OSK_LIMIT_STILL_BYTES || !osk_budget_memory(&look->budget, len)) {
        return check(look, OSK_LIMIT);
    }
    look->len = (size_t)len;
    look->bytes = malloc(look->len > 0 ? look->len : 1);
    if (look->bytes == NULL) {
        return check(look, OSK_NO_MEMORY);
    }
    size_t head = look->len < PROBE_BYTES ? look->len : PROBE_BYTES;
    OskStatus status = read_piece(look, 0, head);
    if (status != OSK_OK) {
        return status;
    }
    const OskFormatInfo *format = osk_probe(look->bytes, head);
    look->codec = format != NULL ? osk_codec_find(format->name) : NULL;
    return look->codec != NULL ? read_piece(look, head, look->len - head)
                               : fail(look, OSK_UNSUPPORTED, "there is no decoder for this format");
}

/* ---- the frames ---- */

static OskStatus open_picture(Look *look)
{
    OskCodecInfo *info = &look->info;
    OskStatus status =
        look->codec->open(look->bytes, look->len, &look->budget, &look->decoder, info, look->fault);
    if (status != OSK_OK) {
        return check(look, status);
    }
    uint64_t area = (uint64_t)info->width * info->height;
    if (area == 0 || info->frames == 0 || info->orientation < 1 || info->orientation > 8) {
        return fail(look, OSK_BUG, "the decoder says what can't be");
    }
    /* Before anything of that size is decoded: a pixel takes a byte at least. */
    if (area > look->budget.pixels || area > look->budget.memory ||
        info->frames > OSK_WORKER_FRAMES_MAX) {
        return check(look, OSK_LIMIT);
    }
    bool swapped = info->orientation >= 5;
    look->done->width = swapped ? info->height : info->width;
    look->done->height = swapped ? info->width : info->height;
    look->done->frames = info->frames;
    look->done->kind = info->frames == 1 ? OSK_LOOK_STILL : OSK_LOOK_ANIMATION;
    look->sheet = osk_sheet_make(info->frames, info->orientation, &look->budget);
    return OSK_OK;
}

static OskStatus show_frame(Look *look, uint32_t number)
{
    OskFrame frame;
    /* Frames come and go: each may be as large as the limit. */
    uint64_t pixels = look->budget.pixels;
    memset(&frame, 0, sizeof(frame));
    OskStatus status = check(look, look->codec->next(look->decoder, &frame, look->fault));
    if (status == OSK_OK && look->info.frames > 1 && frame.duration_den > 0) {
        look->done->duration_ms += (uint64_t)frame.duration_num * 1000 / frame.duration_den;
    }
    if (status == OSK_OK && osk_sheet_wants(&look->sheet, number)) {
        status = check(look, osk_sheet_add(&look->sheet, &frame.image));
    }
    osk_image_free(&frame.image, &look->budget);
    look->budget.pixels = pixels;
    return status;
}

static OskStatus draw(Look *look)
{
    OskStatus status = open_picture(look);
    for (uint32_t i = 0; status == OSK_OK && i < look->info.frames; i++) {
        status = show_frame(look, i);
    }
    return status == OSK_OK
               ? check(look, osk_sheet_write(&look->sheet, &look->preview, look->fault))
               : status;
}

/* ---- the preview ---- */

static OskStatus seal(Look *look, const OskStripAsk *ask, const OskRandom *random)
{
    OskSealedOutput *output = calloc(1, sizeof(*output));
    if (output == NULL) {
        return check(look, OSK_NO_MEMORY);
    }
    output->fault = look->fault;
    OskStatus status = osk_sealed_begin(output, ask, random);
    if (status == OSK_OK && !osk_sealed_write(output, look->preview.bytes, look->preview.len)) {
        status = output->status;
    }
    if (status == OSK_OK) {
        status = osk_sealed_end(output, look->preview.len);
    }
    look->done->plain_len = look->preview.len;
    look->done->output_len = output->len;
    osk_seal_wipe(output, sizeof(*output));
    free(output);
    return status;
}

static void close_look(Look *look)
{
    if (look->decoder != NULL) {
        look->codec->close(&look->decoder);
    }
    osk_image_free(&look->sheet.image, &look->budget);
    osk_writer_free(&look->preview);
    if (look->bytes != NULL) {
        osk_seal_wipe(look->bytes, look->len);
    }
    free(look->bytes);
    osk_sealed_close(&look->input);
}

OskStatus osk_look(const OskStripAsk *ask, const OskStripSegment *segments, const OskRandom *random,
                   OskLookDone *done, OskFault *fault)
{
    Look look = { .budget = osk_budget_from(&ask->limits), .done = done, .fault = fault };
    *done = (OskLookDone){ 0 };
    OskStatus status = osk_sealed_open(&look.input, ask, segments, fault);
    if (status == OSK_OK) {
        status = read_file(&look, ask->plain_len);
    }
    if (status == OSK_OK) {
        status = draw(&look);
    }
    if (status == OSK_OK) {
        status = seal(&look, ask, random);
    }
    close_look(&look);
    return status;
}
