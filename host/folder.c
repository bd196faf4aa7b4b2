/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/errors.h"

/* Deeper than any folder of pictures, shallower than the stack and the table of open files. */
#define DEPTH_MAX 64

typedef struct Walk {
    const struct stat *skip;
    OskFolderVisit visit;
    void *context;
    OskFault *fault;
    OskStatus status;
} Walk;

static void walk_folder(Walk *walk, int fd, const char *path, int depth);

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    size_t len = strlen(folder);
    const char *slash = len > 0 && folder[len - 1] == '/' ? "" : "/";
    return asprintf(&path, "%s%s%s", folder, slash, name) < 0 ? NULL : path;
}

static void fail(Walk *walk, int error)
{
    OskStatus status = osk_host_fail(walk->fault, "folder", error);
    walk->status = status > walk->status ? status : walk->status;
}

static void visit_entry(Walk *walk, int dir_fd, const char *folder, const char *name, int depth)
{
    struct stat info;
    char *path = join(folder, name);
    if (path == NULL) {
        fail(walk, ENOMEM);
    } else if (fstatat(dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        /* It went away between being listed and being looked at. */
        if (errno != ENOENT) {
            fail(walk, errno);
        }
    } else if (S_ISREG(info.st_mode)) {
        if (!walk->visit(walk->context, path, &info)) {
            fail(walk, ENOMEM);
        }
    } else if (S_ISDIR(info.st_mode)) {
        bool skipped = walk->skip != NULL && walk->skip->st_dev == info.st_dev &&
                       walk->skip->st_ino == info.st_ino;
        if (!skipped) {
            int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (fd < 0) {
                fail(walk, errno);
            } else {
                walk_folder(walk, fd, path, depth + 1);
            }
        }
    }
    free(path);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder, sorted; NULL and errno set on failure. */
static char **list_names(DIR *dir, size_t *out_count)
{
    size_t capacity = 64;
    size_t count = 0;
    char **names = malloc(capacity * sizeof(*names));
    while (names != NULL) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (count == capacity) {
            capacity *= 2;
            char **grown = realloc(names, capacity * sizeof(*names));
            if (grown == NULL) {
                errno = ENOMEM;
                break;
            }
            names = grown;
        }
        names[count] = strdup(entry->d_name);
        if (names[count] == NULL) {
            errno = ENOMEM;
            break;
        }
        count++;
    }
    *out_count = count;
    return names;
}

/* Takes over `fd`. */
static void walk_folder(Walk *walk, int fd, const char *path, int depth)
{
    DIR *dir = depth < DEPTH_MAX ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        fail(walk, depth < DEPTH_MAX ? errno : ENAMETOOLONG);
        close(fd);
        return;
    }
    size_t count = 0;
    char **names = list_names(dir, &count);
    if (errno != 0) {
        fail(walk, errno);
    }
    if (count > 0) {
        qsort(names, count, sizeof(*names), compare_names);
    }
    for (size_t i = 0; i < count; i++) {
        if (walk->status != OSK_NO_MEMORY) {
            visit_entry(walk, dirfd(dir), path, names[i], depth);
        }
        free(names[i]);
    }
    free(names);
    closedir(dir);
}

OskStatus osk_folder_walk(const char *path, const struct stat *skip, OskFolderVisit visit,
                          void *context, OskFault *fault)
{
    Walk walk = { .skip = skip, .visit = visit, .context = context, .fault = fault };
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return osk_host_fail(fault, "folder", errno);
    }
    walk_folder(&walk, fd, path, 0);
    return walk.status;
}

OskStatus osk_folder_make(const char *path, OskFault *fault)
{
    char *copy = strdup(path);
    if (copy == NULL) {
        return osk_host_fail(fault, "copy", ENOMEM);
    }
    OskStatus status = OSK_OK;
    for (char *at = copy + 1; status == OSK_OK && *copy != 0; at++) {
        bool last = *at == 0;
        if (!last && *at != '/') {
            continue;
        }
        *at = 0;
        if (mkdir(copy, 0700) != 0 && errno != EEXIST) {
            status = osk_host_fail(fault, "copy", errno);
        }
        if (last) {
            break;
        }
        *at = '/';
    }
    struct stat info;
    if (status == OSK_OK && (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))) {
        status = osk_host_fail(fault, "copy", ENOTDIR);
    }
    free(copy);
    return status;
}

bool osk_path_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}
