/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What both programs of this room do with a job. */
#ifndef OSK_WORKER_SERVE_H
#define OSK_WORKER_SERVE_H

#include "channel.h"
#include "look.h"

extern const OskRandom osk_serve_random;
/* Says why there is no answer; false when the parent is gone. */
bool osk_serve_fault(const OskChannel *channel, OskStatus status, OskFault *fault);
/* One scrub, or one check, of a sealed file: nothing is decoded. False when the parent is gone. */
bool osk_serve_clean(const OskChannel *channel, const OskRequest *request, OskFault *fault);
/* One look; false when the parent is gone. */
bool osk_serve_look(const OskChannel *channel, const OskRequest *request, OskLookDraw draw,
                    OskFault *fault);

#endif
