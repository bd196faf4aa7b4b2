/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where regions come from: files of JSON, and words of the command line. */
#ifndef OSK_CLI_REGION_FILES_H
#define OSK_CLI_REGION_FILES_H

#include "cli/edit.h"

/* What is read of a file of regions at most: a million points, as people write them. */
#define OSK_REGION_FILE_MAX ((uint64_t)64 << 20)

/* Reads the regions in the file `path` (NULL for none) and adds those of the command line.
 *
 * @param out_why  given when the status is not OK: what is wrong, in one clause that names the file
 *                 or the word, to be freed with free(); NULL when memory ended. The part and the
 *                 offset of `fault` are those in the file.
 * Ownership: osk_regions_free(). */
OskStatus osk_region_files_read(const OskEdit *edit, const char *path, OskRegions **out_regions,
                                char **out_why, OskFault *fault);

/* What is wrong with these files for these regions, before any work; or NULL. */
const char *osk_region_files_check(const OskEdit *edit, const OskFiles *files);

/* The path of the regions of a picture: FOLDER/NAME.json, NAME with the folders below the one that
 * was walked. Free with free(). */
char *osk_region_files_path(const char *folder, const OskFile *picture);

#endif
