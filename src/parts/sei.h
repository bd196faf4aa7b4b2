/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SEI messages, for nal.c: the table of what stays, and the rebuilding of mixed units. */
#ifndef OSK_PARTS_SEI_H
#define OSK_PARTS_SEI_H

#include "parts/coded.h"

/* A unit longer than this goes whole: the messages that stay take a few hundred bytes. */
#define OSK_SEI_MAX ((uint64_t)1 << 20)

/* Kinds of findings, each made once per filter. */
enum {
    OSK_SEEN_UNIT,
    OSK_SEEN_USER_DATA,
    OSK_SEEN_T35,
    OSK_SEEN_CAPTIONS,
    OSK_SEEN_TIME,
    OSK_SEEN_OTHER_SEI,
    OSK_SEEN_CONFIG,
    OSK_SEEN_PADDING
};

typedef enum OskSeiVerdict {
    OSK_SEI_ALL,  /* every message stays, and nothing else is in the unit */
    OSK_SEI_NONE, /* nothing stays */
    OSK_SEI_SOME  /* the rebuilt unit is in coded->sei_out, behind 4 bytes of room for its prefix */
} OskSeiVerdict;

/* Looks at one SEI unit, header included. `offset` is where it stands in the input. */
OskSeiVerdict osk_sei_filter(OskCoded *coded, const uint8_t *unit, size_t len, uint64_t offset);

/* Fills `out` (emptied first) with the payload without its emulation prevention bytes. */
void osk_nal_unescape(const uint8_t *bytes, size_t len, OskWriter *out);

/* True when a unit of H.265 type 62 is a Dolby Vision RPU whose checksum is right. */
bool osk_rpu_is_whole(const uint8_t *unit, size_t len, OskWriter *scratch);

#endif
