/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts/coded.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

/* The most that the literals of one sample, or one loaded unit, may take. */
#define CODED_CEILING ((size_t)16 << 20)

void osk_coded_init(OskCoded *coded, OskCodec codec, OskReport *report, OskFault *fault,
                    OskBudget *budget)
{
    *coded = (OskCoded){ .codec = codec,
                         .length_size = 4,
                         .report = report,
                         .fault = fault,
                         .budget = budget,
                         .part = "mdat" };
    osk_writer_init(&coded->literals, CODED_CEILING);
    osk_writer_init(&coded->scratch, CODED_CEILING);
    osk_writer_init(&coded->sei_in, CODED_CEILING);
    osk_writer_init(&coded->sei_out, CODED_CEILING);
}

void osk_coded_free(OskCoded *coded)
{
    osk_writer_free(&coded->literals);
    osk_writer_free(&coded->scratch);
    osk_writer_free(&coded->sei_in);
    osk_writer_free(&coded->sei_out);
    free(coded->pieces);
    free(coded->window);
    coded->pieces = NULL;
    coded->window = NULL;
    coded->count = 0;
    coded->capacity = 0;
}

const uint8_t *osk_coded_literal(const OskCoded *coded, const OskPiece *piece)
{
    return coded->literals.bytes + piece->literal;
}

OskStatus osk_coded_fail(OskCoded *coded, OskStatus status, const char *what, uint64_t offset)
{
    if (coded->status == OSK_OK) {
        coded->status = osk_fault_set(coded->fault, status, coded->part, what, offset);
    }
    return coded->status;
}

bool osk_coded_first(OskCoded *coded, unsigned bit)
{
    uint32_t mask = UINT32_C(1) << bit;
    bool first = (coded->reported & mask) == 0;
    coded->reported |= mask;
    return first;
}

void osk_coded_begin(OskCoded *coded, uint64_t offset, uint64_t len)
{
    coded->count = 0;
    coded->out_len = 0;
    coded->changed = false;
    coded->literals.len = 0;
    coded->literals.failed = false;
    coded->status = OSK_OK;
    if (!osk_add_u64(offset, len, &coded->end)) {
        osk_coded_fail(coded, OSK_MALFORMED, "a range that cannot be", offset);
    }
}

OskStatus osk_coded_end(OskCoded *coded)
{
    if (coded->status == OSK_OK && !osk_writer_ok(&coded->literals)) {
        osk_coded_fail(coded, OSK_NO_MEMORY, "not enough memory for this part", OSK_NO_OFFSET);
    }
    return coded->status;
}

static OskPiece *add_piece(OskCoded *coded, OskVerdict verdict, uint64_t offset, uint64_t len)
{
    if (coded->status != OSK_OK) {
        return NULL;
    }
    coded->changed = coded->changed || verdict != OSK_KEEP;
    OskPiece *last = coded->count > 0 ? &coded->pieces[coded->count - 1] : NULL;
    if (last != NULL && verdict != OSK_REWRITE && last->verdict == verdict &&
        last->offset + last->len == offset) {
        last->len += len;
        return last;
    }
    if (coded->count == coded->capacity) {
        size_t capacity = coded->capacity == 0 ? 16 : coded->capacity * 2;
        OskPiece *pieces = capacity <= CODED_CEILING / sizeof(*pieces)
                               ? realloc(coded->pieces, capacity * sizeof(*pieces))
                               : NULL;
        if (pieces == NULL) {
            osk_coded_fail(coded, OSK_NO_MEMORY, "not enough memory for this part", offset);
            return NULL;
        }
        coded->pieces = pieces;
        coded->capacity = capacity;
    }
    OskPiece *piece = &coded->pieces[coded->count++];
    *piece = (OskPiece){ .offset = offset, .len = len, .verdict = verdict };
    return piece;
}

void osk_coded_keep(OskCoded *coded, uint64_t offset, uint64_t len)
{
    if (len > 0 && add_piece(coded, OSK_KEEP, offset, len) != NULL) {
        coded->out_len += len;
    }
}

void osk_coded_drop(OskCoded *coded, uint64_t offset, uint64_t len)
{
    if (len > 0) {
        add_piece(coded, OSK_DROP, offset, len);
    }
}

void osk_coded_rewrite(OskCoded *coded, uint64_t offset, uint64_t len, const void *bytes,
                       size_t out_len)
{
    OskPiece *piece = add_piece(coded, OSK_REWRITE, offset, len);
    if (piece != NULL) {
        piece->literal = coded->literals.len;
        piece->literal_len = out_len;
        osk_writer_bytes(&coded->literals, bytes, out_len);
        coded->out_len += out_len;
    }
}

static bool read_bytes(OskCoded *coded, uint64_t offset, void *out, size_t len)
{
    OskStatus status = coded->source.read(coded->source.context, offset, out, len);
    if (status != OSK_OK) {
        coded->status = status;
        return false;
    }
    return true;
}

/* Bytes of a source in memory, or NULL. */
static const uint8_t *lend(const OskCoded *coded, uint64_t offset, uint64_t len)
{
    const OskCodedSource *source = &coded->source;
    if (offset < source->base || !osk_range_within(offset - source->base, len, source->len)) {
        return NULL;
    }
    return source->bytes + (offset - source->base);
}

const uint8_t *osk_coded_at(OskCoded *coded, uint64_t offset, size_t len)
{
    if (coded->status != OSK_OK) {
        return NULL;
    }
    if (len > OSK_CODED_WINDOW || offset > coded->end || len > coded->end - offset) {
        osk_coded_fail(coded, OSK_BUG, "a look beyond the window", offset);
        return NULL;
    }
    if (coded->source.bytes != NULL) {
        const uint8_t *at = lend(coded, offset, len);
        if (at == NULL) {
            osk_coded_fail(coded, OSK_TRUNCATED, "the file ends early", offset);
        }
        return at;
    }
    if (coded->window == NULL) {
        coded->window = malloc(OSK_CODED_WINDOW);
        coded->window_len = 0;
        if (coded->window == NULL) {
            osk_coded_fail(coded, OSK_NO_MEMORY, "not enough memory for this part", offset);
            return NULL;
        }
    }
    if (offset < coded->window_at || offset - coded->window_at > coded->window_len ||
        len > coded->window_len - (size_t)(offset - coded->window_at)) {
        uint64_t limit = coded->source.size > coded->end ? coded->source.size : coded->end;
        uint64_t left = limit - offset;
        size_t ahead = left < OSK_CODED_WINDOW ? (size_t)left : OSK_CODED_WINDOW;
        coded->window_len = 0;
        if (!read_bytes(coded, offset, coded->window, ahead)) {
            return NULL;
        }
        coded->window_at = offset;
        coded->window_len = ahead;
    }
    return coded->window + (offset - coded->window_at);
}

const uint8_t *osk_coded_load(OskCoded *coded, uint64_t offset, uint64_t len)
{
    if (len == 0 && coded->status == OSK_OK) {
        return (const uint8_t *)"";
    }
    if (coded->source.bytes != NULL || len <= OSK_CODED_WINDOW) {
        if (coded->source.bytes == NULL || coded->status != OSK_OK) {
            return osk_coded_at(coded, offset, (size_t)len);
        }
        const uint8_t *at = lend(coded, offset, len);
        if (at == NULL) {
            osk_coded_fail(coded, OSK_TRUNCATED, "the file ends early", offset);
        }
        return at;
    }
    if (coded->status != OSK_OK) {
        return NULL;
    }
    coded->scratch.len = 0;
    coded->scratch.failed = false;
    osk_writer_zeros(&coded->scratch, len <= SIZE_MAX ? (size_t)len : SIZE_MAX);
    if (!osk_writer_ok(&coded->scratch)) {
        osk_coded_fail(coded, OSK_LIMIT, "a unit larger than one may be", offset);
        return NULL;
    }
    return read_bytes(coded, offset, coded->scratch.bytes, (size_t)len) ? coded->scratch.bytes
                                                                        : NULL;
}

OskStatus osk_coded_write(OskCoded *coded, OskWriter *out)
{
    for (size_t i = 0; i < coded->count && coded->status == OSK_OK; i++) {
        const OskPiece *piece = &coded->pieces[i];
        if (piece->verdict == OSK_REWRITE) {
            osk_writer_bytes(out, osk_coded_literal(coded, piece), piece->literal_len);
        }
        uint64_t left = piece->verdict == OSK_KEEP ? piece->len : 0;
        for (uint64_t at = piece->offset; left > 0 && coded->status == OSK_OK;) {
            size_t len = left < OSK_CODED_WINDOW ? (size_t)left : OSK_CODED_WINDOW;
            const uint8_t *bytes = osk_coded_at(coded, at, len);
            if (bytes != NULL) {
                osk_writer_bytes(out, bytes, len);
            }
            at += len;
            left -= len;
        }
    }
    if (coded->status == OSK_OK && !osk_writer_ok(out)) {
        osk_coded_fail(coded, OSK_NO_MEMORY, "not enough memory for this part", OSK_NO_OFFSET);
    }
    return coded->status;
}
