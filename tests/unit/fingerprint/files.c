/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PDQ from files, by the way that the worker goes: decoded by its codecs, made smaller by its
 * scaling. Decoders differ, and the reference takes the nearest pixel where it scales.
 * usage: files FOLDER    (the reference vectors; TAP on standard output) */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oilskin/fingerprint.h"
#include "pixels/codec.h"
#include "worker/shown.h"

#define SURE_QUALITY 80
#define BITS_MAX 10u

/* A line of reference-hashes.tsv. */
typedef struct Row {
    char name[64];
    int quality;
    char hash[65];
} Row;

/* Where the file of that name lies; what nftw() looks for has no other way in. */
static const char *wanted;
static char found[1024];

static int look(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    if (kind == FTW_F && strcmp(path + where->base, wanted) == 0) {
        snprintf(found, sizeof found, "%s", path);
        return 1;
    }
    return 0;
}

static OskStatus hash_image(OskPdq *out, OskImage *image, OskBudget *budget)
{
    /* The reference does not turn pictures. */
    OskStatus status = osk_shown_make(image, 1, OSK_LUMA_SIDE_MAX, budget);
    if (status != OSK_OK) {
        return status;
    }
    float *values = malloc((size_t)image->width * image->height * sizeof *values);
    if (values == NULL) {
        return OSK_NO_MEMORY;
    }
    for (uint32_t y = 0; y < image->height; y++) {
        osk_luma_from_rgb(values + (size_t)y * image->width, image->pixels + image->stride * y,
                          image->width);
    }
    status = osk_pdq_hash(out, &(OskLuma){ values, image->width, image->height }, NULL);
    free(values);
    return status;
}

static OskStatus hash_bytes(OskPdq *out, const uint8_t *bytes, size_t len)
{
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFault fault;
    OskFrame frame = { .duration_den = 1 };
    const OskCodec *codec = osk_codec_find(bytes[0] == 0x89 ? "png" : "jpeg");
    OskStatus status = codec->open(bytes, len, &budget, &decoder, &info, &fault);
    if (status == OSK_OK) {
        status = codec->next(decoder, &frame, &fault);
    }
    if (status == OSK_OK) {
        status = hash_image(out, &frame.image, &budget);
        osk_image_free(&frame.image, &budget);
    }
    codec->close(&decoder);
    return status;
}

static OskStatus hash_file(OskPdq *out, const char *path)
{
    const size_t room = (size_t)1 << 24;
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(room);
    OskStatus status = OSK_IO;
    if (file != NULL && bytes != NULL) {
        status = hash_bytes(out, bytes, fread(bytes, 1, room, file));
    }
    if (file != NULL) {
        fclose(file);
    }
    free(bytes);
    return status;
}

static unsigned distance_from(const OskPdqHash *hash, const char *text)
{
    OskPdqHash other = { { 0 } };
    for (unsigned i = 0; i < OSK_PDQ_BYTES; i++) {
        unsigned byte = 0;
        (void)sscanf(text + (size_t)2 * i, "%2x", &byte);
        other.bytes[i] = (uint8_t)byte;
    }
    return osk_pdq_distance(hash, &other);
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
    snprintf(path, sizeof path, "%s/images", argv[1]);
    int count = 0;
    int bad = 0;
    while (fgets(line, sizeof line, table) != NULL) {
        Row row;
        OskPdq pdq = { .quality = 0 };
        if (sscanf(line, "%63s %*d %*d %*d %*d %*d %d %64s", row.name, &row.quality, row.hash) !=
                3 ||
            row.quality < SURE_QUALITY) {
            continue;
        }
        wanted = row.name;
        found[0] = '\0';
        unsigned distance = OSK_PDQ_BITS;
        if (nftw(path, look, 8, FTW_PHYS) == 1 && hash_file(&pdq, found) == OSK_OK) {
            distance = distance_from(&pdq.forms[0], row.hash);
        }
        bad += distance > BITS_MAX;
        printf("%sok %d - pdq__from_files_is_within_ten_bits %s (%u)\n",
               distance > BITS_MAX ? "not " : "", ++count, row.name, distance);
    }
    fclose(table);
    printf("1..%d\n", count);
    return count == 0 || bad > 0;
}
