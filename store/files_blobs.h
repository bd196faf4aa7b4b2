/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blobs as files of one folder. A name is 32 hexadecimal digits, random; the times are the day. */
#ifndef OSK_STORE_FILES_BLOBS_H
#define OSK_STORE_FILES_BLOBS_H

#include "store/backend.h"

extern const OskBlobsBackend osk_files_blobs;

/* `fd` is the folder's, and is taken over. `tidy`: what an earlier process left half-written, where
 * the disk knows no files without a name, is deleted; for the owner of the lock. */
OskStatus osk_files_blobs_open(void **out_self, int fd, bool tidy, OskFault *fault);

/* Deletes every blob: of a copy that was not finished. */
void osk_files_blobs_empty(void *self);

/* Makes what is listed in the folder durable. */
bool osk_files_sync(int fd);

#endif
