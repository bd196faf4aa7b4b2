/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a copy is called. A name is metadata, too: the default says nothing. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/scrub_run.h"
#include "host/folder.h"
#include "host/random.h"

#define RANDOM_LETTERS 12

/* The folder of a path with its slash, as a length. */
static int folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (int)(slash - path) + 1;
}

static char *make_path(const OskScrubRun *run, const OskFile *file, const char *name,
                       const char *extension)
{
    char *path = NULL;
    int made = 0;
    const char *dot = extension != NULL ? "." : "";
    extension = extension != NULL ? extension : "";
    if (run->target == OSK_TARGET_FOLDER) {
        size_t len = strlen(run->out_path);
        const char *slash = len > 0 && run->out_path[len - 1] == '/' ? "" : "/";
        made = asprintf(&path, "%s%s%s%s%s", run->out_path, slash, name, dot, extension);
    } else {
        made = asprintf(&path, "%.*s%s%s%s", folder_length(file->path), file->path, name, dot,
                        extension);
    }
    return made < 0 ? NULL : path;
}

static char *random_path(const OskScrubRun *run, const OskFile *file, const char *extension)
{
    char letters[RANDOM_LETTERS + 1];
    if (!osk_random_letters(letters, sizeof(letters))) {
        return NULL;
    }
    return make_path(run, file, letters, extension);
}

/* Numbers follow the order of the files, whichever thread is done first. A number that is taken
 * moves on by the count of files, so that no two files of a run ever want the same one. */
static char *number_path(const OskScrubRun *run, size_t index, const char *extension)
{
    for (size_t number = index + 1;; number += run->files.count) {
        char digits[24];
        snprintf(digits, sizeof(digits), "%04zu", number);
        char *path = make_path(run, &run->files.items[index], digits, extension);
        if (path == NULL || run->replace || !osk_path_exists(path)) {
            return path;
        }
        free(path);
    }
}

const OskFormatInfo *osk_copy_path_format(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash != NULL ? slash : path, '.');
    for (size_t i = 0; dot != NULL && dot[1] != 0 && osk_format_at(i) != NULL; i++) {
        const char *word = osk_format_at(i)->extensions;
        while (*word != 0) {
            size_t len = strcspn(word, " ");
            if (strlen(dot + 1) == len && strncasecmp(word, dot + 1, len) == 0) {
                return osk_format_at(i);
            }
            word += len;
            word += strspn(word, " ");
        }
    }
    return NULL;
}

char *osk_copy_path(const OskScrubRun *run, size_t index, const char *extension)
{
    const OskFile *file = &run->files.items[index];
    if (run->target == OSK_TARGET_FILE) {
        return strdup(run->out_path);
    }
    if (run->target == OSK_TARGET_IN_PLACE) {
        return strdup(file->path);
    }
    switch (run->naming) {
    case OSK_NAME_NUMBER: return number_path(run, index, extension);
    case OSK_NAME_KEEP: return make_path(run, file, file->below, NULL);
    case OSK_NAME_RANDOM: break;
    }
    return random_path(run, file, extension);
}
