/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An open upload, as its own files see it. */
#ifndef OSK_INTAKE_UPLOAD_STATE_H
#define OSK_INTAKE_UPLOAD_STATE_H

#include "intake/upload.h"

/* In locked memory, so that a piece in the clear is nowhere else; the secret comes first and shares
 * its page with the first bytes of the chunk. */
typedef struct OskUploadLocked {
    OskUploadSecret secret;
    OskSealer sealer;
} OskUploadLocked;

struct OskUpload {
    OskSpool *spool;
    OskUpload *next; /* in the spool's list */
    OskLookup lookup;
    unsigned refs; /* under the spool's lock */
    pthread_mutex_t lock;
    bool lost; /* a newer request has it, or the server stops */
    bool held; /* nothing is kept without osk_upload_commit() */
    bool changed;
    OskUploadRow row;
    OskPieces pieces; /* also of segments that no row has yet */
    OskSegmentRow *fresh;
    size_t fresh_count;
    size_t fresh_room;
    uint64_t written; /* row.offset, and what came since */
    OskBlobWriter *writer;
    uint64_t segment_len;
    OskStatus broken; /* of the segment that is written */
    OskLease *lease;
    uint64_t leased;         /* bytes written under the lease */
    OskUploadLocked *locked; /* NULL while it sleeps */
    OskUpload *newer;        /* among those that are awake, under the spool's lock */
    OskUpload *older;
    size_t slept_len; /* what lies in its place of the scratch file; 0 while it is awake */
    uint32_t place;
    bool ruined; /* its place could not be read again */
};

/* ---- sleep: thousands of senders who send a little now and then would each hold a chunk of locked
 * memory. Only some are awake; the others lie in a scratch file without a name, under a key that is
 * in locked memory and never leaves it. All under the upload's lock. ---- */

/* Gives it its memory, asleep or new; who was used longest ago may have to sleep. Errors:
 * NO_MEMORY; IO when the scratch file can't be read: then nothing of the upload's secret is left.
 */
OskStatus osk_upload_wake(OskUpload *upload);
/* Lets go of a reference; the last one frees it. Not under the upload's lock. */
void osk_upload_release(OskUpload *upload);
/* Gives back memory and place. */
void osk_upload_forget(OskUpload *upload);

#endif
