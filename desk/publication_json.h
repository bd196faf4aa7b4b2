/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Publications as answers tell them, and as requests name them. */
#ifndef OSK_DESK_PUBLICATION_JSON_H
#define OSK_DESK_PUBLICATION_JSON_H

#include "desk/call.h"
#include "desk/public_list.h"
#include "desk/publications.h"
#include "host/publish_client.h"

/* "waiting", by OskPublicationState. */
extern const char *const osk_publication_states[OSK_PUBLICATION_STATES];

/* What the worker calls it, in the words of the store. */
OskMediaKind osk_desk_media_kind(OskPublishKind kind);
/* "jpeg", of "image/jpeg"; static. */
const char *osk_desk_copy_kind(OskMediaKind kind);
/* Adds what there is to say of one. */
void osk_desk_set_publication(const OskDeskCall *call, OskJson *json,
                              const OskPublicationItem *item);
/* The one that is named at "publication"; false when that was refused. */
bool osk_desk_read_publication(OskDeskCall *call, OskPublicationItem *out);
/* Whether what is to be changed is as who asks has seen it, at "version"; refused where it is not,
 * or nobody says so: what an older page shows takes nothing back that was done since. */
bool osk_desk_is_as_seen(OskDeskCall *call, uint64_t version);
/* "album": `out` stays as it is where there is none, "" is zeros, and another one must be there.
 * False when that was refused. */
bool osk_desk_read_album(OskDeskCall *call, OskId *out);
/* Who does it. */
OskPublisher osk_desk_publisher(const OskDeskCall *call);

#endif
