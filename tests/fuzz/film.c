/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target of the adapter to the libraries that decode videos. Frames of at most 256 by 256,
 * and few of them: what is looked for stands between the file and the decoder. What holds for
 * every input: a refusal gives nothing and says why; a frame has a size, and a picture of it fits
 * where it was asked to; the end stays the end; what was read twice was there twice. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "film.h"

#define FRAMES_MAX 24
#define SIDE 64u

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct File {
    const uint8_t *bytes;
    size_t len;
} File;

static void hold(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

static bool read_at(void *context, uint64_t offset, void *out, size_t len)
{
    const File *file = context;
    hold(offset <= file->len && len <= file->len - offset, "nothing is read beyond the file");
    memcpy(out, file->bytes + offset, len);
    return true;
}

static void take_picture(OskFilm *film, OskFilmInfo *info)
{
    OskImage image;
    const OskLimits limits = { .memory = 16u << 20, .parts = 16, .pixels = 1u << 20, .depth = 4 };
    OskBudget budget = osk_budget_from(&limits);
    osk_film_size(film, info);
    hold(info->width > 0 && info->height > 0, "a frame has a size");
    if (osk_film_picture(film, SIDE, &image, &budget) == OSK_OK) {
        hold(image.width > 0 && image.width <= SIDE && image.height > 0 && image.height <= SIDE,
             "a picture fits");
        osk_image_free(&image, &budget);
    }
}

/* False at the end. */
static bool watch(OskFilm *film, OskFilmInfo *info)
{
    OskFault fault = { .status = OSK_OK };
    uint64_t time_ms = 0;
    bool ended = false;
    OskStatus status = osk_film_next(film, &time_ms, &ended, &fault);
    hold(status != OSK_OK || fault.status == OSK_OK, "what went well says nothing else");
    hold(status == OSK_OK || fault.what != NULL, "a refusal says why");
    if (status == OSK_OK && !ended) {
        take_picture(film, info);
    }
    return status == OSK_OK && !ended;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    osk_film_prepare();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t ebml[4] = { 0x1A, 0x45, 0xDF, 0xA3 };
    File bytes = { .bytes = data, .len = size };
    const OskSource source = { .size = size, .read = read_at, .context = &bytes };
    const OskLimits limits = { .memory = 64u << 20, .pixels = 1u << 16 };
    const OskFilmFile file = { .source = &source,
                               .format =
                                   size >= 4 && memcmp(data, ebml, 4) == 0 ? "matroska" : "mp4",
                               .limits = &limits };
    OskFilm *film = NULL;
    OskFilmInfo info;
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_film_open(&film, &file, &info, &fault);
    if (status != OSK_OK) {
        hold(film == NULL && fault.status == status && fault.what != NULL, "a refusal says why");
        return 0;
    }
    hold(info.track_count > 0 && info.orientation >= 1 && info.orientation <= 8, "a track");
    int frames = 0;
    while (frames < FRAMES_MAX && watch(film, &info)) {
        frames++;
    }
    if (frames > 0 && frames < FRAMES_MAX) {
        hold(!watch(film, &info), "the end stays the end");
        (void)osk_film_is_whole(film, &info);
    }
    for (uint64_t at = 0; frames > 0 && at < 3; at++) {
        if (osk_film_seek(film, info.duration_ms / 3 * at)) {
            (void)watch(film, &info);
        }
    }
    osk_film_close(&film);
    hold(film == NULL, "closed");
    return 0;
}
