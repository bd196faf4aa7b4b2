/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pictures of a file-level `meta` box (ISO/IEC 23008-12), for a driver that lays out the whole
 * file: isobmff.c when the file has pictures only, isobmff_movie.c when it has tracks too (image
 * sequences with a still beside them). The driver walks the file in order and, for what belongs to
 * the pictures:
 *
 *   osk_still_read()    once, on meeting the `meta` box, before any step behind it is added;
 *   osk_still_emit()    at the `meta` box: the step that replaces it;
 *   osk_still_piece()   says which ranges elsewhere in the file hold picture data, in input order;
 *   osk_still_emit_piece() adds the steps that cover exactly that range;
 *   osk_still_finish()  when every step of the file is added: writes the new locations into the
 * box.
 *
 * Rows are looked up in the table of the running plan by tag (osk_part_find), so both formats'
 * tables must have the rows OSK_STILL_TAG_*. */
#ifndef OSK_FORMATS_ISOBMFF_STILL_H
#define OSK_FORMATS_ISOBMFF_STILL_H

#include "formats/isobmff_box.h"

/* Rows that a table needs for osk_still_*: `meta` is a REWRITE row, the others KEEP. */
#define OSK_STILL_TAG_META OSK_FOURCC('m', 'e', 't', 'a')
#define OSK_STILL_TAG_DATA OSK_FOURCC('i', 'm', 'g', ' ') /* coded picture data, kept */
#define OSK_STILL_TAG_MESSAGE                                                                      \
    OSK_FOURCC('i', 'm', 's', 'g') /* SEI messages, OBUs, padding in it: DROP row */

typedef struct OskStill OskStill;

typedef struct OskStillPiece {
    uint64_t offset; /* in the input, never inside the `meta` box */
    uint64_t len;    /* at least 1 */
} OskStillPiece;

/* Reads the `meta` box and every item that the primary one needs; adds the findings of all that
 * goes.
 *
 * @param out given; lives in the walk's arena. NULL with OSK_OK when the box describes no pictures
 *            (its handler is not 'pict', or there is no primary item): the driver then drops it.
 * Errors: UNSUPPORTED for what can't be shown to be clean (a crop, protected items, unknown picture
 * codings), MALFORMED, TRUNCATED, LIMIT, NO_MEMORY; the fault is set. */
OskStatus osk_still_read(OskWalk *walk, const OskBox *meta, OskStill **out);

/* Pieces are sorted, lie apart, and are outside of the `meta` box. */
size_t osk_still_piece_count(const OskStill *still);
OskStillPiece osk_still_piece(const OskStill *still, size_t index);
/* What the piece's steps will write, in bytes: for the sizes of the boxes around it. */
uint64_t osk_still_piece_out_len(const OskStill *still, size_t index);

OskStatus osk_still_emit(OskWalk *walk, OskStill *still);
OskStatus osk_still_emit_piece(OskWalk *walk, OskStill *still, size_t index);
OskStatus osk_still_finish(OskWalk *walk, OskStill *still);

#endif
