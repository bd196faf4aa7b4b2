/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sealed.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/input.h"

/* ---- the sealed input, as one file in the clear ---- */

static bool read_piece(void *context, uint64_t offset, void *out, size_t len)
{
    const OskSealedPiece *piece = context;
    return osk_read_at(OSK_STRIP_INPUT_FD, piece->offset + offset, out, len);
}

/* The last segment that starts at or before `offset`; empty ones hold nothing. */
static uint32_t find_segment(const OskSealedInput *input, uint64_t offset)
{
    uint32_t low = 0;
    uint32_t high = input->count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if (input->starts[middle] <= offset) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

/* The opened segment, opened now where it isn't; NULL with the status set. */
static OskSealedPiece *open_piece(OskSealedInput *input, uint32_t number)
{
    OskSealedPiece *oldest = &input->open[0];
    for (size_t i = 0; i < OSK_SEALED_OPEN_MAX; i++) {
        OskSealedPiece *piece = &input->open[i];
        if (piece->file != NULL && piece->number == number) {
            piece->used = ++input->readings;
            return piece;
        }
        if (oldest->file != NULL && (piece->file == NULL || piece->used < oldest->used)) {
            oldest = piece;
        }
    }
    const OskStripSegment *segment = &input->segments[number];
    osk_unsealed_free(&oldest->file);
    oldest->number = number;
    oldest->used = ++input->readings;
    oldest->offset = segment->offset;
    oldest->source =
        (OskSource){ .context = oldest, .read = read_piece, .size = segment->sealed_len };
    input->status = osk_unseal_open_key(&oldest->file, &oldest->source, segment->key, input->fault);
    if (input->status == OSK_OK && osk_unsealed_len(oldest->file) < segment->plain_len) {
        input->status = osk_fault_set(input->fault, OSK_AUTH, "segment",
                                      "a piece is shorter than what was received", OSK_NO_OFFSET);
        osk_unsealed_free(&oldest->file);
    }
    return input->status == OSK_OK ? oldest : NULL;
}

bool osk_sealed_read(void *context, uint64_t offset, void *out, size_t len)
{
    OskSealedInput *input = context;
    uint8_t *to = out;
    while (len > 0) {
        uint32_t number = find_segment(input, offset);
        uint64_t within = offset - input->starts[number];
        uint64_t left = input->segments[number].plain_len - within;
        size_t take = left < len ? (size_t)left : len;
        OskSealedPiece *piece = open_piece(input, number);
        if (piece == NULL) {
            return false;
        }
        input->status = osk_unsealed_read(piece->file, within, to, take, input->fault);
        if (input->status != OSK_OK) {
            return false;
        }
        offset += take;
        to += take;
        len -= take;
    }
    return true;
}

OskStatus osk_sealed_open(OskSealedInput *input, const OskStripAsk *ask,
                          const OskStripSegment *segments, OskFault *fault)
{
    *input = (OskSealedInput){ .segments = segments, .count = ask->segment_count, .fault = fault };
    input->starts = calloc(ask->segment_count + 1, sizeof(*input->starts));
    if (input->starts == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "request", "not enough memory", OSK_NO_OFFSET);
    }
    for (uint32_t i = 0; i < ask->segment_count; i++) {
        input->starts[i + 1] = input->starts[i] + segments[i].plain_len;
    }
    return OSK_OK;
}

void osk_sealed_close(OskSealedInput *input)
{
    for (size_t i = 0; i < OSK_SEALED_OPEN_MAX; i++) {
        osk_unsealed_free(&input->open[i].file);
    }
    free(input->starts);
}

/* ---- what is written ---- */

static bool write_file(void *context, const void *bytes, size_t len)
{
    OskSealedOutput *output = context;
    const uint8_t *from = bytes;
    if (len > output->max - output->len) {
        output->status =
            osk_fault_set(output->fault, OSK_LIMIT, "copy",
                          "the copy became longer than the room for it", OSK_NO_OFFSET);
        return false;
    }
    for (size_t at = 0; at < len;) {
        off_t place = (off_t)(output->from + output->len + at);
        ssize_t wrote = pwrite(OSK_STRIP_OUTPUT_FD, from + at, len - at, place);
        if (wrote < 0 && errno != EINTR) {
            output->status = osk_fault_set(output->fault, OSK_IO, "copy",
                                           "the copy can't be written: the disk is full, or broken",
                                           OSK_NO_OFFSET);
            return false;
        }
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    output->len += len;
    return true;
}

OskStatus osk_sealed_begin(OskSealedOutput *output, const OskSealTo *to)
{
    const OskSink file = { .context = output, .write = write_file };
    OskStatus status = osk_sealer_open(&output->sealer, to, &file, output->key, output->fault);
    return output->status != OSK_OK ? output->status : status;
}

bool osk_sealed_write(void *context, const void *bytes, size_t len)
{
    OskSealedOutput *output = context;
    OskStatus status = osk_sealer_write(&output->sealer, bytes, len, output->fault);
    output->status = output->status == OSK_OK ? status : output->status;
    return status == OSK_OK;
}

OskStatus osk_sealed_end(OskSealedOutput *output, uint64_t len)
{
    static const uint8_t zeros[4096];
    OskStatus status = OSK_OK;
    for (uint64_t left = osk_seal_padded_len(len) - len; status == OSK_OK && left > 0;) {
        size_t take = left < sizeof(zeros) ? (size_t)left : sizeof(zeros);
        status = osk_sealer_write(&output->sealer, zeros, take, output->fault);
        left -= take;
    }
    if (status == OSK_OK) {
        status = osk_sealer_finish(&output->sealer, output->fault);
    }
    return output->status != OSK_OK ? output->status : status;
}
