/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/descriptors.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Without /proc each number is tried; beyond this many that takes too long. */
#define TRIED_MAX (1 << 20)

/* getdents64(2): glibc's readdir may allocate. */
typedef struct Entry {
    uint64_t inode;
    int64_t offset;
    uint16_t len;
    uint8_t type;
    char name[];
} Entry;

/* The number that is a name, or -1 for "." and "..". */
static int read_number(const char *name)
{
    int number = 0;
    for (; *name != 0; name++) {
        if (*name < '0' || *name > '9' || number > TRIED_MAX * 100) {
            return -1;
        }
        number = number * 10 + (*name - '0');
    }
    return number;
}

static bool close_listed(int first)
{
    union {
        Entry entry;
        char room[4096];
    } list;
    int folder = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return false;
    }
    long got = 0;
    while ((got = syscall(SYS_getdents64, folder, &list, sizeof(list))) > 0) {
        for (long at = 0; at < got;) {
            uint16_t len = 0;
            memcpy(&len, list.room + at + offsetof(Entry, len), sizeof(len));
            int fd = read_number(list.room + at + offsetof(Entry, name));
            if (fd >= first && fd != folder) {
                close(fd);
            }
            at += len > 0 ? len : got;
        }
    }
    close(folder);
    return got == 0;
}

static bool close_each(int first)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max > TRIED_MAX) {
        return false;
    }
    for (int fd = first; fd < (int)limit.rlim_max; fd++) {
        close(fd);
    }
    return true;
}

bool osk_descriptors_close_from(int first)
{
    return close_range((unsigned)first, ~0u, 0) == 0 || close_listed(first) || close_each(first);
}
