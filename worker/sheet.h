/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture that stands for a file: one frame, or up to nine side by side. */
#ifndef OSK_WORKER_SHEET_H
#define OSK_WORKER_SHEET_H

#include "base/writer.h"
#include "oilskin/status.h"
#include "pixels/image.h"

#define OSK_SHEET_FRAMES_MAX 9u

typedef struct OskSheet {
    OskImage image;  /* RGB of 8 bits; no pixels before the first frame */
    uint32_t frames; /* of the file */
    uint32_t places; /* how many of them are shown */
    uint32_t filled;
    uint32_t cell_width;
    uint32_t cell_height;
    uint32_t side;    /* of the whole, at most */
    size_t bytes_max; /* of what is written */
    OskBudget *budget;
} OskSheet;

/* For a file of `frames` frames. Free its image with osk_image_free(). */
OskSheet osk_sheet_make(uint32_t frames, OskBudget *budget);
/* The same of one frame that stands before a video, as large as it may be there. */
OskSheet osk_sheet_make_poster(OskBudget *budget);
/* How long the sides of a place may be: no frame need be larger. */
uint32_t osk_sheet_side(const OskSheet *sheet);
/* Whether the sheet shows frame `number`: the first, the last, and evenly spaced ones between. */
bool osk_sheet_wants(const OskSheet *sheet, uint32_t number);
/* Puts the next wanted frame, as osk_shown_make() makes it, into its place. Errors: LIMIT,
 * NO_MEMORY. */
OskStatus osk_sheet_add(OskSheet *sheet, const OskImage *shown);
/* Writes a JPEG of at most OSK_LOOK_PREVIEW_BYTES, or OSK_LOOK_POSTER_BYTES, as good as they allow.
 */
OskStatus osk_sheet_write(OskSheet *sheet, OskWriter *out, OskFault *fault);

#endif
