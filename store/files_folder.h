/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that blobs lie in: their names, and the sync that makes a name stay. One sync of the
 * folder serves all threads that wait for one. Of the files of blobs alone. */
#ifndef OSK_STORE_FILES_FOLDER_H
#define OSK_STORE_FILES_FOLDER_H

#include <dirent.h>

#include "store/backend.h"
#include "store/group.h"
#include "store/stage.h"

#define OSK_BLOB_NAME_BYTES (2 * OSK_ID_BYTES + 1)
/* Of a file that has to have a name while it is written. */
#define OSK_HALF_PREFIX ".half-"

typedef struct OskFilesFolder {
    int fd;
    OskGroup syncs;
    OskStages stages;
    _Atomic uint64_t removed; /* names that were removed */
    _Atomic uint64_t settled; /* of them, those that stay removed */
} OskFilesFolder;

void osk_files_folder_name(const OskId *key, char out[OSK_BLOB_NAME_BYTES]);
/* False for what is no blob's name; `out` may be half written then. */
bool osk_files_folder_key(const char *name, OskId *out);
/* What was named or removed before stays so. 0, or the errno of the sync that spoke for it. */
int osk_files_folder_sync(OskFilesFolder *folder);
/* To read it; a descriptor that the caller closes, or -1 with errno. */
int osk_files_folder_open_blob(const OskFilesFolder *folder, const OskId *key);
/* A stream over the folder of its own: several threads may list at once. The caller closes it;
 * NULL with errno. */
DIR *osk_files_folder_list(const OskFilesFolder *folder);

#endif
