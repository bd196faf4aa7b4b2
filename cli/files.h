/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that a command was given, folders unfolded. */
#ifndef OSK_CLI_FILES_H
#define OSK_CLI_FILES_H

#include <sys/stat.h>

#include "oilskin/status.h"

typedef struct OskFile {
    char *path;        /* as given, or below a folder that was given; "-" for standard input */
    const char *below; /* `path` without the folder that was given: what --name=keep keeps */
    uint64_t size;     /* at the time of listing, for the progress bar */
    bool is_stream;    /* standard input */
    bool was_found;    /* in a folder; nobody named it */
} OskFile;

typedef struct OskFiles {
    OskFile *items;
    size_t count;
    size_t capacity;
    uint64_t total;  /* bytes */
    OskStatus worst; /* the worst fault of a folder that could not be read */
} OskFiles;

/* Lists `args`; with `recursive`, the files in folders. Faults of folders are printed at once.
 * Ownership: free with osk_files_free(), whatever the status is.
 *
 * @param skip  a folder that is not walked, or NULL.
 * Errors: NO_MEMORY. */
OskStatus osk_files_collect(OskFiles *files, char **args, bool recursive, const struct stat *skip);

void osk_files_free(OskFiles *files);

#endif
