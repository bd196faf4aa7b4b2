/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/pairs.h"

#include <stdlib.h>
#include <string.h>

typedef struct Half {
    const char *key; /* the identifier, or the path; only `key_len` bytes of it count */
    size_t key_len;
    size_t index;
    bool is_video;
} Half;

static bool is_kind(const OskResult *result, const char *kind)
{
    return result->format != NULL && strncmp(result->format->media_type, kind, strlen(kind)) == 0;
}

/* The path up to the extension. */
static size_t stem_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(path, '.');
    return dot == NULL || (slash != NULL && dot < slash) ? strlen(path) : (size_t)(dot - path);
}

static int compare_keys(const Half *a, const Half *b)
{
    size_t len = a->key_len < b->key_len ? a->key_len : b->key_len;
    int order = memcmp(a->key, b->key, len);
    return order != 0 ? order : (a->key_len > b->key_len) - (a->key_len < b->key_len);
}

static int compare_halves(const void *a, const void *b)
{
    const Half *x = a;
    const Half *y = b;
    int order = compare_keys(x, y);
    if (order == 0 && x->is_video != y->is_video) {
        order = x->is_video ? 1 : -1;
    }
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

/* Tells each picture that is followed by a video of the same key; both are used up. */
static void tell_neighbours(Half *halves, size_t count, bool *paired, OskPairTell tell,
                            void *context)
{
    qsort(halves, count, sizeof(*halves), compare_halves);
    for (size_t i = 0; i + 1 < count; i++) {
        const Half *a = &halves[i];
        const Half *b = &halves[i + 1];
        if (!a->is_video && b->is_video && compare_keys(a, b) == 0) {
            paired[a->index] = true;
            paired[b->index] = true;
            tell(context, a->index, b->index);
        }
    }
}

static size_t gather(Half *halves, const OskFile *files, const OskResult *results, size_t count,
                     const bool *paired, bool by_id)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        bool video = is_kind(&results[i], "video/");
        if (paired[i] || files[i].is_stream || (!video && !is_kind(&results[i], "image/")) ||
            (by_id && results[i].content_id == NULL)) {
            continue;
        }
        const char *key = by_id ? results[i].content_id : files[i].path;
        halves[found++] = (Half){ .key = key,
                                  .key_len = by_id ? strlen(key) : stem_length(key),
                                  .index = i,
                                  .is_video = video };
    }
    return found;
}

void osk_pairs_find(const OskFile *files, const OskResult *results, size_t count, OskPairTell tell,
                    void *context)
{
    Half *halves = calloc(count + 1, sizeof(*halves));
    bool *paired = calloc(count + 1, sizeof(*paired));
    if (halves != NULL && paired != NULL) {
        size_t found = gather(halves, files, results, count, paired, true);
        tell_neighbours(halves, found, paired, tell, context);
        found = gather(halves, files, results, count, paired, false);
        tell_neighbours(halves, found, paired, tell, context);
    }
    free(halves);
    free(paired);
}
