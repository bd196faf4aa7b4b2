/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the pages lie that belong to this program. */
#ifndef OSK_CLI_PAGES_FOLDER_H
#define OSK_CLI_PAGES_FOLDER_H

#include <limits.h>

/* Of the build that the program lies in, else beside it, else where they are installed. `path` is
 * room for the answer, which may also be static. */
const char *osk_find_pages(char path[PATH_MAX]);

#endif
