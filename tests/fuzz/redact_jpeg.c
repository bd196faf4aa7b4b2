/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Redacts a JPEG. The last eight bytes of the input say where and how; an input that ends as a JPEG
 * does has them from a sum over it, so that plain files are seeds.
 *
 * What holds for every input: no bug and no misuse; what came out of a clean file is clean; and
 * redacting the result the same way once more changes nothing, because it differs from the input
 * only where it is covered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oilskin/oilskin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WISH 8u

typedef struct Out {
    uint8_t *bytes;
    size_t len;
} Out;

static bool append(void *context, const void *bytes, size_t len)
{
    Out *out = context;
    uint8_t *grown = realloc(out->bytes, out->len + len);
    if (grown == NULL) {
        return false;
    }
    memcpy(grown + out->len, bytes, len);
    out->bytes = grown;
    out->len += len;
    return true;
}

static bool draw(void *context, void *out, size_t len)
{
    const uint8_t *wish = context;
    memset(out, wish[7], len);
    return true;
}

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

static OskRegions *make_regions(const uint8_t wish[WISH])
{
    OskRegionDefaults defaults = { .style = (OskRegionStyle)(wish[5] % 3),
                                   .color = { wish[6], wish[0], wish[1] } };
    OskRegions *regions = osk_regions_new(&defaults);
    OskRegion region = { .shape = (wish[4] & 1) != 0 ? OSK_SHAPE_ELLIPSE : OSK_SHAPE_RECT,
                         .unit = (wish[4] & 2) != 0 ? OSK_UNIT_PX : OSK_UNIT_PCT,
                         .style = (OskRegionStyle)(wish[4] / 16 % 3),
                         .color = { wish[5], wish[6], wish[7] },
                         .x = wish[0] * 0.4,
                         .y = wish[1] * 0.4,
                         .w = wish[2] * 0.4 + 0.1,
                         .h = wish[3] * 0.4 + 0.1 };
    if (regions != NULL) {
        (void)osk_regions_add(regions, &region);
        region.style = (OskRegionStyle)(wish[5] / 8 % 3);
        region.x = wish[3] * 0.3;
        region.w = wish[6] * 0.2 + 0.1;
        (void)osk_regions_add(regions, &region);
        osk_regions_invert(regions, (wish[4] & 4) != 0);
    }
    return regions;
}

static OskStatus redact(const uint8_t *bytes, size_t len, uint8_t wish[WISH], Out *out)
{
    OskFault fault;
    OskRegions *regions = make_regions(wish);
    OskPictureInfo info;
    OskStatus status = osk_redact_jpeg_info(bytes, len, &info, &fault);
    OskRedactOptions options = { .random = { .context = wish, .fill = draw },
                                 .limits = { .memory = 64u << 20, .pixels = 4u << 20 } };
    if ((wish[4] & 8) != 0 && status == OSK_OK) {
        options.crop = true;
        options.crop_x = info.width * wish[0] / 256;
        options.crop_y = info.height * wish[1] / 256;
        options.crop_width = (info.width - options.crop_x) * wish[2] / 256;
        options.crop_height = (info.height - options.crop_y) * wish[3] / 256;
        options.crop_width += options.crop_width == 0;
        options.crop_height += options.crop_height == 0;
    }
    OskSink sink = { .context = out, .write = append };
    if (regions != NULL && status == OSK_OK) {
        status = osk_redact_jpeg(bytes, len, regions, &options, &sink, &fault);
        must((status == OSK_OK) == (fault.status == OSK_OK), "a fault where something failed");
    }
    osk_regions_free(&regions);
    must(status != OSK_BUG && status != OSK_MISUSE, "neither bug nor misuse");
    return status;
}

static void check(const uint8_t *bytes, size_t len, bool clean, uint8_t wish[WISH])
{
    Out once = { .bytes = NULL };
    Out twice = { .bytes = NULL };
    if (redact(bytes, len, wish, &once) == OSK_OK) {
        uint8_t *again = NULL;
        size_t again_len = 0;
        if (clean) {
            OskStatus status =
                osk_scrub_bytes(once.bytes, once.len, NULL, &again, &again_len, NULL);
            must(status == OSK_OK && again_len == once.len &&
                     memcmp(again, once.bytes, once.len) == 0,
                 "a clean result");
            osk_bytes_free(&again);
        }
        if ((wish[4] & 8) == 0) {
            must(redact(once.bytes, once.len, wish, &twice) == OSK_OK, "a result that is read");
            must(twice.len == once.len && memcmp(twice.bytes, once.bytes, once.len) == 0,
                 "the same when done twice");
        }
    }
    free(once.bytes);
    free(twice.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t wish[WISH] = { 0 };
    if (size < 2 * WISH) {
        return -1;
    }
    if (memcmp(data + size - 2, "\xFF\xD9", 2) == 0) {
        for (size_t i = 0; i < size; i++) {
            wish[i % WISH] = (uint8_t)(wish[i % WISH] * 5 + data[i]);
        }
    } else {
        memcpy(wish, data + size - WISH, WISH);
        size -= WISH;
    }
    uint8_t *copy = malloc(size);
    uint8_t *clean = NULL;
    size_t clean_len = 0;
    if (copy == NULL) {
        return 0;
    }
    memcpy(copy, data, size);
    if (osk_scrub_bytes(copy, size, NULL, &clean, &clean_len, NULL) == OSK_OK) {
        check(clean, clean_len, true, wish);
    }
    check(copy, size, false, wish);
    osk_bytes_free(&clean);
    free(copy);
    return 0;
}
