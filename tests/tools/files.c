/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "tools/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

uint8_t *read_test_file(const char *path, size_t *out_len)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    uint8_t *bytes = NULL;
    if (fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode)) {
        size_t len = (size_t)info.st_size;
        bytes = malloc(len > 0 ? len : 1);
        if (bytes != NULL && fread(bytes, 1, len, file) != len) {
            free(bytes);
            bytes = NULL;
        }
        *out_len = len;
    }
    fclose(file);
    return bytes;
}

int visit_files(const char *path, void (*visit)(const char *path, void *context), void *context)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return -1;
    }
    if (S_ISREG(info.st_mode)) {
        visit(path, context);
        return 1;
    }
    struct dirent **names = NULL;
    int count = scandir(path, &names, NULL, alphasort);
    int seen = 0;
    for (int i = 0; i < count; i++) {
        char *child = NULL;
        if (names[i]->d_name[0] != '.' && asprintf(&child, "%s/%s", path, names[i]->d_name) > 0) {
            int below = visit_files(child, visit, context);
            seen += below > 0 ? below : 0;
            free(child);
        }
        free(names[i]);
    }
    free(names);
    return seen;
}
