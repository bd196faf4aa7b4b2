/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cover-ppm SEED REGION...: covers the regions of every binary PPM on standard input. What a person
 * gets, but for the randomness, which is the seed and the number of the picture: for looking at the
 * styles and for attacking them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redact/paint.h"

static bool fill_from_seed(void *context, void *out, size_t len)
{
    uint64_t *state = context;
    uint8_t *bytes = out;
    for (size_t i = 0; i < len; i++) {
        *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        bytes[i] = (uint8_t)(*state >> 56);
    }
    return true;
}

static OskStatus cover(OskImage *image, const OskRegions *regions, const OskNoise *noise,
                       OskBudget *budget)
{
    OskGeometry geometry = { .width = image->width, .height = image->height, .orientation = 1 };
    OskCoverMap map = { 0 };
    OskStatus status = osk_cover_make(&map, regions, &geometry, 1, 1, 0, budget);
    if (status == OSK_OK) {
        status = osk_cover_group(&map, budget);
    }
    if (status == OSK_OK) {
        status = osk_paint_frame(image, &map, regions, noise, budget);
    }
    osk_cover_free(&map, budget);
    return status;
}

/* One picture in, or false at the end. */
static bool read_picture(OskImage *image, OskBudget *budget)
{
    unsigned width = 0;
    unsigned height = 0;
    if (scanf("P6 %u %u 255", &width, &height) != 2) {
        return false;
    }
    (void)getchar();
    if (osk_image_make(image, width, height, OSK_PIXELS_RGB, 8, budget) != OSK_OK) {
        return false;
    }
    return fread(image->pixels, image->stride, height, stdin) == height;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: cover-ppm SEED REGION... <in.ppm >out.ppm\n", stderr);
        return 2;
    }
    OskRegions *regions = osk_regions_new(NULL);
    OskFault fault = { 0 };
    for (int i = 2; i < argc; i++) {
        if (osk_regions_add_text(regions, argv[i], &fault) != OSK_OK) {
            fprintf(stderr, "cover-ppm: %s: %s\n", argv[i], fault.what);
            return 2;
        }
    }
    uint64_t state = strtoull(argv[1], NULL, 10);
    OskRandom random = { .context = &state, .fill = fill_from_seed };
    OskStatus status = OSK_OK;
    OskImage image = { 0 };
    for (;;) {
        OskBudget budget = osk_budget_default();
        OskNoise *noise = NULL;
        if (!read_picture(&image, &budget)) {
            break;
        }
        status = osk_noise_make(&noise, &random, &budget);
        if (status == OSK_OK) {
            status = cover(&image, regions, noise, &budget);
        }
        if (status != OSK_OK) {
            fprintf(stderr, "cover-ppm: %s\n", osk_status_name(status));
            break;
        }
        printf("P6\n%u %u\n255\n", image.width, image.height);
        fwrite(image.pixels, image.stride, image.height, stdout);
        osk_noise_free(&noise, &budget);
        osk_image_free(&image, &budget);
    }
    osk_regions_free(&regions);
    return status == OSK_OK ? 0 : 1;
}
