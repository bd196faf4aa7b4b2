/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/pages_folder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/folder.h"

const char *osk_find_pages(char path[PATH_MAX])
{
    static const char *const below[] = { "/web/dist", OSK_PAGES_BESIDE };
    char top[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", top, sizeof(top));
    for (int up = 0; len > 0 && up < 2; up++) {
        char *slash = memrchr(top, '/', (size_t)len);
        len = slash != NULL ? slash - top : 0;
    }
    for (size_t i = 0; len > 0 && i < sizeof(below) / sizeof(below[0]); i++) {
        int wrote = snprintf(path, PATH_MAX, "%.*s%s", (int)len, top, below[i]);
        if (wrote > 0 && wrote < PATH_MAX && osk_path_exists(path)) {
            return path;
        }
    }
    return OSK_PAGES_INSTALLED;
}
