/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/map.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/errors.h"
#include "host/printable.h"

static const char header[] = "# oilskin map 1: original, tab, copy. Keep this private.\n";

/* True for a list that we began, and for an empty file. A device takes every line and keeps none.
 */
static bool is_map(int fd, bool *out_empty)
{
    char head[sizeof(header)] = "";
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        return false;
    }
    ssize_t got = pread(fd, head, sizeof(header) - 1, 0);
    *out_empty = got == 0;
    return got == 0 ||
           (got == (ssize_t)sizeof(header) - 1 && memcmp(head, header, sizeof(header) - 1) == 0);
}

/* The words for copies, where they fit a list too; what --force or -d would do for a copy does not.
 */
static void fail(OskFault *fault, int error)
{
    osk_host_fail(fault, "copy", error);
    switch (error) {
    case ENOMEM:
    case ENOSPC:
    case EDQUOT: return;
    case ENOENT:
        fault->what = "its folder does not exist";
        fault->next = "make the folder first, or choose another name for the list";
        return;
    case EEXIST: fault->what = "that file is no such list, and was kept"; break;
    case EISDIR: fault->what = "this is a folder"; break;
    case ELOOP: fault->what = "this is a symbolic link"; break;
    default: break;
    }
    fault->next = "choose another name for the list";
}

FILE *osk_map_open(const char *path, OskFault *fault)
{
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    bool empty = false;
    if (fd < 0) {
        fail(fault, errno);
        return NULL;
    }
    if (!is_map(fd, &empty)) {
        fail(fault, EEXIST);
        close(fd);
        return NULL;
    }
    FILE *map = fdopen(fd, "a");
    if (map == NULL || (empty && (fputs(header, map) < 0 || fflush(map) != 0))) {
        fail(fault, errno);
        if (map != NULL) {
            fclose(map);
        } else {
            close(fd);
        }
        return NULL;
    }
    return map;
}

bool osk_map_add(FILE *map, const char *original, const char *copy)
{
    osk_printable_field(map, original);
    fputc('\t', map);
    osk_printable_field(map, copy);
    fputc('\n', map);
    return fflush(map) == 0;
}
