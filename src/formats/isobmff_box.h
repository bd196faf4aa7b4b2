/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the boxes of ISO/IEC 14496-12 section 4.2, for pictures and movies alike. */
#ifndef OSK_FORMATS_ISOBMFF_BOX_H
#define OSK_FORMATS_ISOBMFF_BOX_H

#include "formats/format.h"

/* "moov" as the big-endian number that stands in the file: usable in case labels and tables. */
#define OSK_FOURCC(a, b, c, d)                                                                     \
    ((uint32_t)(uint8_t)(a) << 24 | (uint32_t)(uint8_t)(b) << 16 | (uint32_t)(uint8_t)(c) << 8 |   \
     (uint32_t)(uint8_t)(d))

typedef struct OskBox {
    uint32_t type;
    uint32_t header;  /* bytes before the body: 8, 16, and 16 more with a uuid */
    uint64_t offset;  /* of the header, in the input */
    uint64_t size;    /* header and body */
    uint8_t uuid[16]; /* type 'uuid' only */
    bool to_end;      /* the size field was 0: the box reaches to the end of what holds it */
} OskBox;

static inline uint64_t osk_box_end(const OskBox *box)
{
    return box->offset + box->size;
}

static inline uint64_t osk_box_body_offset(const OskBox *box)
{
    return box->offset + box->header;
}

static inline uint64_t osk_box_body_len(const OskBox *box)
{
    return box->size - box->header;
}

/* The next box of `in`; its body becomes a child cursor and `in` moves behind the box.
 *
 * Returns false at the end and when what follows is no whole box (a size below its header or beyond
 * `in`); `in` has then failed, unless it ended exactly: tell the two apart with osk_cursor_ok().
 * Source: ISO/IEC 14496-12:2022 section 4.2.2. */
bool osk_box_next(OskCursor *in, OskBox *out, OskCursor *body);

/* The box header at `offset` of the input, for a file that is not in memory. The box must end at or
 * before `limit` (the end of what holds it, or of the file).
 *
 * Errors: TRUNCATED when fewer than 8 bytes are left, or when the box reaches beyond `limit` and
 * `limit` is the end of the file; MALFORMED for the other impossible sizes. The fault names
 * `where`. */
OskStatus osk_box_read(OskWalk *walk, uint64_t offset, uint64_t limit, const char *where,
                       OskBox *out);

/* Takes version and flags from the front of a full box's body; returns the 24 bits of flags. */
static inline uint32_t osk_box_full(OskCursor *body, uint8_t *out_version)
{
    *out_version = osk_cursor_u8(body);
    return osk_cursor_u24be(body);
}

/* A type as text for a finding: its four characters (escaped where they are not printable). */
void osk_box_type_text(OskText *text, uint32_t type);

#endif
