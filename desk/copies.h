/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies that were proven to be clean and wait to be published: files without a name on the disk,
 * known to this process alone, for an hour at most. Each is its reviewer's own. */
#ifndef OSK_DESK_COPIES_H
#define OSK_DESK_COPIES_H

#include "desk/sessions.h"
#include "host/publish_client.h"
#include "store/store.h"

#define OSK_COPY_MS ((int64_t)60 * 60 * 1000)
#define OSK_COPIES_EACH 4u  /* of one reviewer: a further one takes the place of the oldest */
#define OSK_COPIES_MAX 128u /* of all: the same */

typedef struct OskCopies OskCopies;

typedef struct OskCopy {
    OskId id;
    OskId reviewer;
    uint64_t session; /* number of the session that it came in, and goes with */
    OskPublishDone what;
    uint8_t digest[32];
} OskCopy;

OskCopies *osk_copies_open(void); /* NULL without memory */
/* One of the reviewer's begins to come. False while OSK_COPIES_EACH of them do. */
bool osk_copies_enter(OskCopies *copies, const OskId *reviewer);
void osk_copies_leave(OskCopies *copies, const OskId *reviewer);
/* @param writer taken: the copy, its renditions behind it. */
void osk_copies_add(OskCopies *copies, const OskCopy *copy, OskBlobWriter **writer, int64_t now_ms);
/* The one of `copy`'s id and reviewer, the rest of which is set. @param out_fd open for reading
 * alone; the caller closes it. */
bool osk_copies_find(OskCopies *copies, OskCopy *copy, int64_t now_ms, int *out_fd);
/* The same, and it is the caller's from now on: of two who take one, one gets it. */
bool osk_copies_take(OskCopies *copies, OskCopy *copy, int64_t now_ms, OskBlobWriter **out_writer);
/* All of a reviewer, who has left. */
void osk_copies_drop(OskCopies *copies, const OskId *reviewer);
/* Those whose session is over, however it ended. */
void osk_copies_end(OskCopies *copies, OskSessions *sessions, int64_t now_ms);
/* Those whose time is over. */
void osk_copies_sweep(OskCopies *copies, int64_t now_ms);
void osk_copies_close(OskCopies **copies); /* accepts NULL and nulls */

#endif
