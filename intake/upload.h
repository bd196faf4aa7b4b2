/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An upload that is open for appending, as spool.c sees it. */
#ifndef OSK_INTAKE_UPLOAD_H
#define OSK_INTAKE_UPLOAD_H

#include "intake/spool_state.h"

/* A row for a new upload, without its box, and what the box holds. Ownership: osk_upload_row_free()
 * and osk_locked_free(), whatever it returns. */
bool osk_upload_make(const OskUploadWish *wish, const uint8_t token[OSK_TOKEN_BYTES],
                     OskUploadRow *out_row, OskUploadSecret **out_secret);
/* Makes a handle and puts it into the spool's list; who held this upload before has lost it. Its
 * lock is held: fill it with osk_upload_fill(), then let go. NULL when memory ends or the spool is
 * parked. */
OskUpload *osk_upload_claim(OskSpool *spool, const OskLookup *lookup);
/* Takes `row` over (given), opens its box with `key`, and lets go of the lock. On a fault the
 * handle must be closed. */
OskStatus osk_upload_fill(OskUpload *upload, OskUploadRow *row, const uint8_t key[32],
                          OskFault *fault);
/* Ends whoever holds the upload with this address; what it wrote is kept or not. */
void osk_upload_oust(OskSpool *spool, const OskLookup *lookup, bool keep);
/* Every open one: kept, and marked. */
void osk_upload_oust_all(OskSpool *spool);
bool osk_upload_is_open(OskSpool *spool, const OskLookup *lookup);

#endif
