/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/files.h"

#include <stdlib.h>
#include <string.h>

#include "cli/output_text.h"
#include "host/folder.h"

static bool add(OskFiles *files, const char *path, size_t below_at, uint64_t size)
{
    if (files->count == files->capacity) {
        size_t capacity = files->capacity == 0 ? 16 : files->capacity * 2;
        OskFile *grown = realloc(files->items, capacity * sizeof(*grown));
        if (grown == NULL) {
            return false;
        }
        files->items = grown;
        files->capacity = capacity;
    }
    char *copy = strdup(path);
    if (copy == NULL) {
        return false;
    }
    files->items[files->count++] = (OskFile){
        .path = copy, .below = copy + below_at, .size = size, .is_stream = strcmp(path, "-") == 0
    };
    files->total += size;
    return true;
}

typedef struct Visit {
    OskFiles *files;
    size_t folder_len;
} Visit;

static bool visit_file(void *context, const char *path, const struct stat *info)
{
    const Visit *visit = context;
    size_t below = visit->folder_len;
    while (path[below] == '/') {
        below++;
    }
    if (!add(visit->files, path, below, (uint64_t)info->st_size)) {
        return false;
    }
    visit->files->items[visit->files->count - 1].was_found = true;
    return true;
}

OskStatus osk_files_collect(OskFiles *files, char **args, bool recursive, const struct stat *skip)
{
    for (; *args != NULL; args++) {
        struct stat info;
        const char *path = *args;
        bool there = strcmp(path, "-") != 0 && stat(path, &info) == 0;
        if (recursive && there && S_ISDIR(info.st_mode)) {
            OskFault fault = { .status = OSK_OK };
            Visit visit = { .files = files, .folder_len = strlen(path) };
            OskStatus status = osk_folder_walk(path, skip, visit_file, &visit, &fault);
            if (status == OSK_NO_MEMORY) {
                return status;
            }
            if (status != OSK_OK) {
                osk_say_refusal(stderr, path, NULL, &fault);
                files->worst = status > files->worst ? status : files->worst;
            }
            continue;
        }
        const char *slash = strrchr(path, '/');
        size_t below = slash == NULL ? 0 : (size_t)(slash - path) + 1;
        if (!add(files, path, below, there ? (uint64_t)info.st_size : 0)) {
            return OSK_NO_MEMORY;
        }
    }
    return OSK_OK;
}

void osk_files_free(OskFiles *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].path);
    }
    free(files->items);
    *files = (OskFiles){ .count = 0 };
}
