/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PDQ against the reference, stage by stage, on exactly the pixels that it hashed.
 * usage: reference FOLDER    (the reference vectors; TAP on standard output) */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fingerprint/pdq.h"

/* A line of reference-hashes.tsv. */
typedef struct Row {
    char name[64];
    int quality;
    char forms[OSK_PDQ_FORMS][65];
} Row;

static void hex_of(const OskPdqHash *hash, char out[65])
{
    for (unsigned i = 0; i < OSK_PDQ_BYTES; i++) {
        snprintf(out + (size_t)2 * i, 3, "%02x", hash->bytes[i]);
    }
}

/* Bytes of a file, with a NUL behind them; NULL when it can't be read. */
static uint8_t *read_whole(const char *folder, const char *name, const char *suffix, size_t *len)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s%s", folder, name, suffix);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    size_t room = (size_t)1 << 21;
    uint8_t *bytes = malloc(room);
    *len = bytes == NULL ? 0 : fread(bytes, 1, room - 1, file);
    fclose(file);
    if (bytes != NULL) {
        bytes[*len] = 0;
    }
    return bytes;
}

/* The luma of a PPM or PGM; its values are the caller's. */
static bool read_luma(const char *folder, const char *name, OskLuma *out)
{
    size_t len = 0;
    bool is_grey = false;
    uint8_t *bytes = read_whole(folder, name, ".ppm", &len);
    if (bytes == NULL) {
        bytes = read_whole(folder, name, ".pgm", &len);
        is_grey = true;
    }
    int at = 0;
    if (bytes == NULL ||
        sscanf((const char *)bytes + 2, "%u %u 255%n", &out->width, &out->height, &at) != 2) {
        free(bytes);
        return false;
    }
    size_t count = (size_t)out->width * out->height;
    float *values = malloc(count * sizeof *values);
    const uint8_t *pixels = bytes + 2 + at + 1;
    if (values != NULL && !is_grey) {
        osk_luma_from_rgb(values, pixels, count);
    }
    for (size_t i = 0; values != NULL && is_grey && i < count; i++) {
        values[i] = (float)pixels[i];
    }
    free(bytes);
    out->values = values;
    return values != NULL;
}

static bool same_floats(const char *folder, const char *name, const char *suffix, const float *ours)
{
    size_t len = 0;
    uint8_t *theirs = read_whole(folder, name, suffix, &len);
    bool same = theirs != NULL && len > 0 && memcmp(theirs, ours, len) == 0;
    free(theirs);
    return same;
}

/* What differs first, or NULL. */
static const char *compare(const char *folder, const Row *row)
{
    OskLuma luma;
    if (!read_luma(folder, row->name, &luma)) {
        return "its pixels can't be read";
    }
    OskPdqSmall small;
    OskPdqWaves waves;
    OskPdq hash;
    bool done =
        osk_pdq_shrink(&small, &luma, NULL) == OSK_OK && osk_pdq_hash(&hash, &luma, NULL) == OSK_OK;
    void *values = (void *)(uintptr_t)luma.values;
    free(values);
    if (!done) {
        return "no hash";
    }
    osk_pdq_waves(&waves, &small);
    if (!same_floats(folder, row->name, ".64x64.f32le", &small.at[0][0])) {
        return "64 x 64";
    }
    if (!same_floats(folder, row->name, ".16x16.f32le", &waves.at[0][0])) {
        return "16 x 16";
    }
    if (hash.quality != row->quality) {
        return "quality";
    }
    for (unsigned i = 0; i < OSK_PDQ_FORMS; i++) {
        char hex[65];
        hex_of(&hash.forms[i], hex);
        if (strcmp(hex, row->forms[i]) != 0) {
            static const char *const names[] = { "hash",  "rot90", "rot180", "rot270",
                                                 "flipx", "flipy", "flip+",  "flip-" };
            return names[i];
        }
    }
    return NULL;
}

static bool read_row(const char *line, Row *row)
{
    return sscanf(line, "%63s %*d %*d %*d %*d %*d %d %64s %64s %64s %64s %64s %64s %64s %64s",
                  row->name, &row->quality, row->forms[0], row->forms[1], row->forms[2],
                  row->forms[3], row->forms[4], row->forms[5], row->forms[6], row->forms[7]) == 10;
}

int main(int argc, char **argv)
{
    char path[1024];
    char line[1024];
    snprintf(path, sizeof path, "%s/expected/reference-hashes.tsv", argc > 1 ? argv[1] : "");
    FILE *table = fopen(path, "r");
    if (table == NULL) {
        printf("1..0 # SKIP the reference vectors are not there\n");
        return 0;
    }
    snprintf(path, sizeof path, "%s/intermediate", argv[1]);
    int count = 0;
    int bad = 0;
    while (fgets(line, sizeof line, table) != NULL) {
        Row row;
        if (read_row(line, &row)) {
            const char *what = compare(path, &row);
            bad += what != NULL;
            printf("%sok %d - pdq__is_bit_exact %s\n", what == NULL ? "" : "not ", ++count,
                   row.name);
            if (what != NULL) {
                printf("# %s differs\n", what);
            }
        }
    }
    fclose(table);
    printf("1..%d\n", count);
    return count == 0 || bad > 0;
}
