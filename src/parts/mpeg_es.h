/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Older codings whose samples carry private data between start codes or in segments. */
#ifndef OSK_PARTS_MPEG_ES_H
#define OSK_PARTS_MPEG_ES_H

#include "parts/coded.h"

/* MPEG-1, MPEG-2 and MPEG-4 visual: user data goes. What stays, with a finding that says so, is the
 * short name of an encoder ("XviD0050", "Lavc58.134"): decoders choose their inverse transform by
 * it, and the picture would change. Source: ISO/IEC 13818-2 section 6.2.2.2.2, ISO/IEC 14496-2
 * section 6.2.2.1. */
OskStatus osk_mpeg_sample(OskCoded *coded, uint64_t offset, uint64_t len);

/* Motion JPEG: one picture to a sample (or two fields). Application segments, JFIF's and Adobe's
 * short ones excepted, comments, and what follows the last end marker go. Source: ITU-T T.81 annex
 * B. */
OskStatus osk_mjpeg_sample(OskCoded *coded, uint64_t offset, uint64_t len);

/* AAC: fill and data elements in front of the first sound element are blanked in place; encoders
 * write their names there. Only for raw data blocks of the object types 1 to 5 and 29. Source:
 * ISO/IEC 14496-3 tables 4.3, 4.10, 4.11 and 4.57. */
OskStatus osk_aac_sample(OskCoded *coded, uint64_t offset, uint64_t len);

#endif
