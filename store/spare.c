/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/backend.h"

#define NAME "spare"
/* A deletion writes some pages of the rows and their log, which is started anew at 4 MiB. */
#define SPARE_BYTES (8 * 1024 * 1024)
/* Not from a disk that is as good as full: what is uploaded meanwhile is worth more. */
#define PLENTY 2u

void osk_spare_keep(int folder_fd)
{
    struct statvfs info;
    if (faccessat(folder_fd, NAME, F_OK, 0) == 0 || fstatvfs(folder_fd, &info) != 0 ||
        (uint64_t)info.f_bavail * info.f_frsize < PLENTY * (uint64_t)SPARE_BYTES) {
        return;
    }
    int fd = openat(folder_fd, NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return;
    }
    /* Bytes that are only promised are no room on some disks; there it helps nothing, nor harms. */
    if (fallocate(fd, 0, 0, SPARE_BYTES) != 0) {
        unlinkat(folder_fd, NAME, 0);
    }
    close(fd);
}

bool osk_spare_give(int folder_fd)
{
    return unlinkat(folder_fd, NAME, 0) == 0;
}
