/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every file in a folder and the folders below it. */
#ifndef OSK_HOST_FOLDER_H
#define OSK_HOST_FOLDER_H

#include <sys/stat.h>

#include "oilskin/status.h"

/* Called for each ordinary file, sorted by name within its folder, so that two runs agree.
 * `path` begins with the folder as it was given; lent. False stops the walk with NO_MEMORY. */
typedef bool (*OskFolderVisit)(void *context, const char *path, const struct stat *info);

/* Walks `path`. Symbolic links are never followed, devices and pipes are passed over.
 *
 * @param skip  where not NULL: a folder that is left out, known by its device and inode (the one
 * that the copies go into). Errors: IO with the fault set, for a folder that cannot be read; the
 * rest is walked all the same. */
OskStatus osk_folder_walk(const char *path, const struct stat *skip, OskFolderVisit visit,
                          void *context, OskFault *fault);

/* Makes a folder and the missing ones above it, for the owner alone. A folder that is there is
 * fine. */
OskStatus osk_folder_make(const char *path, OskFault *fault);

/* True when something of that name is there, be it a broken link. */
bool osk_path_exists(const char *path);

#endif
