/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages beside coded pictures: which of them change what is seen. */
#ifndef OSK_VERIFY_VIDEO_MESSAGE_H
#define OSK_VERIFY_VIDEO_MESSAGE_H

#include "verify/video.h"

/* Checks the SEI messages of one unit, behind its header. Source: ITU-T H.264 and H.265, 7.3.2.3,
 * annex D. */
void osk_video_messages(OskVideo *video, OskCursor unit);

/* Checks the payload of one metadata OBU, behind its type, with its trailing bits. Source:
 * AV1, 5.8, 6.7. */
void osk_video_metadata(OskVideo *video, uint64_t type, OskCursor payload);

#endif
