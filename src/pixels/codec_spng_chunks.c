/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chunks of a PNG or APNG. PNG (Third Edition) 5.3, 11.2, 11.3.6. */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "base/checked.h"
#include "base/cursor.h"
#include "base/fault.h"
#include "pixels/codec_spng.h"
#include "pixels/orient.h"

#define IHDR OSK_PNG_TYPE('I', 'H', 'D', 'R')
#define PLTE OSK_PNG_TYPE('P', 'L', 'T', 'E')
#define IDAT OSK_PNG_TYPE('I', 'D', 'A', 'T')
#define IEND OSK_PNG_TYPE('I', 'E', 'N', 'D')
#define TRNS OSK_PNG_TYPE('t', 'R', 'N', 'S')
#define EXIF OSK_PNG_TYPE('e', 'X', 'I', 'f')
#define ACTL OSK_PNG_TYPE('a', 'c', 'T', 'L')
#define FCTL OSK_PNG_TYPE('f', 'c', 'T', 'L')
#define FDAT OSK_PNG_TYPE('f', 'd', 'A', 'T')

#define DIMENSION_MAX 0x7FFFFFFFu

const uint8_t osk_png_signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' };

void osk_png_chunk_write(OskWriter *out, uint32_t type, const uint8_t *data, size_t len)
{
    uint8_t name[4] = { (uint8_t)(type >> 24), (uint8_t)(type >> 16), (uint8_t)(type >> 8),
                        (uint8_t)type };
    uLong crc = crc32_z(0, name, sizeof name);
    osk_writer_be(out, len, 4);
    osk_writer_bytes(out, name, sizeof name);
    if (len > 0) {
        crc = crc32_z(crc, data, len);
        osk_writer_bytes(out, data, len);
    }
    osk_writer_be(out, crc, 4);
}

static OskStatus malformed(OskFault *fault, const char *part, const char *what)
{
    return osk_fault_set(fault, OSK_MALFORMED, part, what, OSK_NO_OFFSET);
}

static OskStatus read_header(OskPngHeader *header, const OskPngSpan *chunk, OskFault *fault)
{
    static const uint8_t depths[7] = { 0x1F, 0, 0x18, 0x0F, 0x18, 0, 0x18 }; /* bit log2 */
    if (chunk->type != IHDR || chunk->len != 13) {
        return malformed(fault, "IHDR", "the header is not there or has another length");
    }
    OskCursor c = osk_cursor_make(chunk->data, chunk->len, 0);
    header->width = osk_cursor_u32be(&c);
    header->height = osk_cursor_u32be(&c);
    header->depth = osk_cursor_u8(&c);
    header->color = osk_cursor_u8(&c);
    unsigned packing = osk_cursor_u8(&c);
    unsigned filter = osk_cursor_u8(&c);
    header->interlace = osk_cursor_u8(&c);
    unsigned log2 = 0;
    while (log2 < 5 && (1u << log2) != header->depth) {
        log2++;
    }
    if (header->width == 0 || header->width > DIMENSION_MAX || header->height == 0 ||
        header->height > DIMENSION_MAX || header->color > 6 || log2 == 5 ||
        (depths[header->color] >> log2 & 1) == 0 || packing != 0 || filter != 0 ||
        header->interlace > 1) {
        return malformed(fault, "IHDR", "the header has a value that PNG doesn't know");
    }
    return OSK_OK;
}

/* All chunks up to IEND. Two passes: the first counts, so that the list is paid for before. */
static OskStatus list_chunks(OskPngFile *file, OskCursor from, OskBudget *budget, OskFault *fault)
{
    for (int pass = 0; pass < 2; pass++) {
        OskCursor c = from;
        size_t count = 0;
        uint32_t type = 0;
        while (type != IEND && osk_cursor_more(&c)) {
            uint32_t len = osk_cursor_u32be(&c);
            const uint8_t *name = osk_cursor_rest(&c);
            type = osk_cursor_u32be(&c);
            const uint8_t *data = osk_cursor_bytes(&c, len);
            uint32_t crc = osk_cursor_u32be(&c);
            if (!osk_cursor_ok(&c)) {
                return osk_fault_set(fault, OSK_TRUNCATED, "chunk", "the file ends inside a chunk",
                                     OSK_NO_OFFSET);
            }
            if (pass == 1) {
                if (crc32_z(0, name, (size_t)len + 4) != crc) {
                    return malformed(fault, "chunk", "a checksum is wrong");
                }
                file->chunks[count] = (OskPngSpan){ .data = data, .len = len, .type = type };
            }
            count++;
        }
        if (pass == 0) {
            uint64_t size = (uint64_t)count * sizeof *file->chunks;
            if (type != IEND) {
                return osk_fault_set(fault, OSK_TRUNCATED, "IEND", "the file has no end",
                                     OSK_NO_OFFSET);
            }
            if (!osk_budget_parts(budget, count) || !osk_budget_memory(budget, size)) {
                return osk_fault_set(fault, OSK_LIMIT, "chunk", "too many chunks", OSK_NO_OFFSET);
            }
            file->held += size;
            file->chunks = calloc(count, sizeof *file->chunks);
            if (file->chunks == NULL) {
                return OSK_NO_MEMORY;
            }
        }
        file->count = count;
    }
    return OSK_OK;
}

static OskStatus read_frame(const OskPngFile *file, const OskPngSpan *chunk, OskPngFrame *frame,
                            OskFault *fault)
{
    OskCursor c = osk_cursor_make(chunk->data, chunk->len, 0);
    osk_cursor_skip(&c, 4);
    frame->width = osk_cursor_u32be(&c);
    frame->height = osk_cursor_u32be(&c);
    frame->x = osk_cursor_u32be(&c);
    frame->y = osk_cursor_u32be(&c);
    frame->delay_num = osk_cursor_u16be(&c);
    frame->delay_den = osk_cursor_u16be(&c);
    frame->dispose = osk_cursor_u8(&c);
    frame->over = osk_cursor_u8(&c) == 1;
    if (!osk_cursor_ok(&c) || frame->width == 0 || frame->height == 0 ||
        !osk_range_within(frame->x, frame->width, file->header.width) ||
        !osk_range_within(frame->y, frame->height, file->header.height) ||
        frame->dispose > OSK_PNG_DISPOSE_PREVIOUS) {
        return malformed(fault, "fcTL", "the frame header is broken");
    }
    return OSK_OK;
}

/* The run of data chunks of one type from `at`. */
static size_t run_of(const OskPngFile *file, size_t at, uint32_t type)
{
    size_t count = 0;
    while (at + count < file->count && file->chunks[at + count].type == type &&
           (type != FDAT || file->chunks[at + count].len >= 4)) {
        count++;
    }
    return count;
}

static OskStatus list_frames(OskPngFile *file, OskBudget *budget, OskFault *fault)
{
    size_t room = 1;
    for (size_t i = 0; i < file->count; i++) {
        room += file->animated && file->chunks[i].type == FCTL;
    }
    uint64_t size = (uint64_t)room * sizeof *file->frames;
    if (!osk_budget_memory(budget, size)) {
        return osk_fault_set(fault, OSK_LIMIT, "fcTL", "too many frames", OSK_NO_OFFSET);
    }
    file->held += size;
    file->frames = calloc(room, sizeof *file->frames);
    if (file->frames == NULL) {
        return OSK_NO_MEMORY;
    }
    if (!file->animated) {
        file->frames[0] = (OskPngFrame){ .width = file->header.width,
                                         .height = file->header.height,
                                         .delay_den = 1,
                                         .first = file->picture,
                                         .chunks = run_of(file, file->picture, IDAT) };
        file->frame_count = 1;
        return OSK_OK;
    }
    for (size_t i = 0; i + 1 < file->count; i++) {
        if (file->chunks[i].type != FCTL) {
            continue;
        }
        OskPngFrame *frame = &file->frames[file->frame_count];
        OskStatus status = read_frame(file, &file->chunks[i], frame, fault);
        if (status != OSK_OK) {
            return status;
        }
        bool is_default = i < file->picture;
        frame->first = is_default ? file->picture : i + 1;
        frame->chunks = run_of(file, frame->first, is_default ? IDAT : FDAT);
        if (frame->chunks == 0 ||
            (is_default && (file->frame_count > 0 || frame->width != file->header.width ||
                            frame->height != file->header.height))) {
            return malformed(fault, "fcTL", "a frame has no picture of its size");
        }
        file->frame_count++;
    }
    return file->frame_count > 0 ? OSK_OK : malformed(fault, "acTL", "an animation without frames");
}

/* Finds the chunks that matter to pixels. */
static OskStatus find_parts(OskPngFile *file, OskFault *fault)
{
    file->orientation = 1;
    for (size_t i = 1; i < file->count; i++) {
        const OskPngSpan *chunk = &file->chunks[i];
        bool before = file->picture == 0;
        if (chunk->type == IDAT && before) {
            file->picture = i;
        } else if (chunk->type == PLTE && before && file->palette == NULL) {
            file->palette = chunk;
        } else if (chunk->type == TRNS && before && file->trns == NULL) {
            file->trns = chunk;
        } else if (chunk->type == EXIF && file->exif == NULL) {
            file->exif = chunk;
            file->orientation = osk_orientation_read(chunk->data, chunk->len);
        } else if (chunk->type == ACTL && before && chunk->len == 8) {
            OskCursor c = osk_cursor_make(chunk->data + 4, 4, 0);
            file->animated = true;
            file->plays = osk_cursor_u32be(&c);
        }
    }
    if (file->picture == 0) {
        return malformed(fault, "IDAT", "there is no picture");
    }
    const OskPngSpan *palette = file->palette;
    if (palette != NULL && (palette->len == 0 || palette->len % 3 != 0 || palette->len > 768)) {
        return malformed(fault, "PLTE", "the palette has a length that it can't have");
    }
    if (file->header.color == OSK_PNG_PALETTE && palette == NULL) {
        return malformed(fault, "PLTE", "there is no palette");
    }
    return OSK_OK;
}

OskStatus osk_png_file_read(OskPngFile *file, const uint8_t *bytes, size_t len, OskBudget *budget,
                            OskFault *fault)
{
    *file = (OskPngFile){ 0 };
    OskCursor c = osk_cursor_make(bytes, len, 0);
    if (!osk_cursor_starts(&c, osk_png_signature, sizeof osk_png_signature)) {
        return malformed(fault, "signature", "this is no PNG");
    }
    osk_cursor_skip(&c, sizeof osk_png_signature);
    OskStatus status = list_chunks(file, c, budget, fault);
    if (status == OSK_OK) {
        status = read_header(&file->header, &file->chunks[0], fault);
    }
    if (status == OSK_OK) {
        status = find_parts(file, fault);
    }
    if (status == OSK_OK) {
        status = list_frames(file, budget, fault);
    }
    if (status != OSK_OK) {
        osk_png_file_free(file, budget);
    }
    return status;
}

void osk_png_file_free(OskPngFile *file, OskBudget *budget)
{
    free(file->chunks);
    free(file->frames);
    osk_budget_return(budget, file->held);
    *file = (OskPngFile){ 0 };
}
