/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages of albums, and the files that they show. */
#ifndef OSK_PUBLISH_ALBUMS_H
#define OSK_PUBLISH_ALBUMS_H

#include "http/route.h"

extern const OskRoute osk_albums_door_route; /* GET /a, as people write it */
extern const OskRoute osk_albums_route;      /* GET /a/, /a/ALBUM, /a/ALBUM/ID, /a/ALBUM/feed */
extern const OskRoute osk_files_route; /* GET /a/f/ID, the copy, and /a/f/ID/N, smaller ones */

#endif
