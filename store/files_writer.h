/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing a blob as a file: the part of the table `osk_files_blobs` that backend.h describes by the
 * same names. `self` is an OskFilesFolder. */
#ifndef OSK_STORE_FILES_WRITER_H
#define OSK_STORE_FILES_WRITER_H

#include "store/files_folder.h"

OskStatus osk_files_begin(void *self, uint64_t reserve, OskBlobWriter **out, OskFault *fault);
int osk_files_writer_fd(OskBlobWriter *base);
OskStatus osk_files_write(OskBlobWriter *base, const void *bytes, size_t len, OskFault *fault);
OskStatus osk_files_commit(OskBlobWriter *base, uint64_t len, const OskBlobSign *sign,
                           OskFault *fault);
void osk_files_abort(OskBlobWriter *base);
OskStatus osk_files_recall(void *self, const OskId *key, OskBlobWriter **out, OskFault *fault);

#endif
