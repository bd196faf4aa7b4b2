/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the desk does by itself, on a thread of its own: once a second it sees what a command beside
 * the server has changed, and takes what came into the queue; once an hour it sweeps. */
#ifndef OSK_DESK_WATCH_H
#define OSK_DESK_WATCH_H

#include "desk/desk.h"

/* False when there is no thread. */
bool osk_desk_watch_begin(OskDesk *desk);
/* Fine when it did not begin. */
void osk_desk_watch_end(OskDesk *desk);

#endif
