/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The private list from originals to copies (--map). */
#ifndef OSK_CLI_MAP_H
#define OSK_CLI_MAP_H

#include <stdio.h>

#include "oilskin/status.h"

/* Opens a list to add to: a new one for the owner's eyes alone, or one that an earlier run began. A
 * file that is no such list is never touched. NULL with the fault set on failure. Ownership: close
 * with fclose(). */
FILE *osk_map_open(const char *path, OskFault *fault);

/* Adds one line at once, so that a run that is ended leaves whole lines. False when the disk is
 * full. */
bool osk_map_add(FILE *map, const char *original, const char *copy);

#endif
