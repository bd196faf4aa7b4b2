/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two files of the Matroska checker share. */
#ifndef OSK_VERIFY_MATROSKA_H
#define OSK_VERIFY_MATROSKA_H

#include "verify/video.h"

/* The longest name of a codec that is registered. */
#define OSK_CODEC_NAME_MAX ((size_t)32)

typedef struct OskTrackCodec {
    char name[OSK_CODEC_NAME_MAX + 1];
    OskVideo *video;     /* for codecs whose frames are looked into; else NULL */
    bool may_hold_notes; /* MPEG video: start codes of user data */
} OskTrackCodec;

/* Checks the name of a codec and its private data (`private_data` may be empty), reports what may
 * not be there, and prepares `codec` for the track's frames. Source: the Matroska codec registry
 * (RFC 9559 section 27.4). Errors: NO_MEMORY, LIMIT with the fault set. */
OskStatus osk_check_codec(OskCheck *check, OskTrackCodec *codec, OskCursor private_data,
                          uint64_t offset);

/* Checks one frame of a track. Errors: IO, TRUNCATED, LIMIT with the fault set. */
OskStatus osk_check_frame(OskCheck *check, OskTrackCodec *codec, uint64_t offset, uint64_t len);

#endif
