/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one test of redaction, for pictures that are decoded: two that differ only under the regions,
 * covered with the same randomness, give one and the same file.
 *
 * usage: one_test [--long] FORMAT FILE...
 *
 * Jobs run through the one driver (src/edit). The linker puts two functions of this program in its
 * way: the decoder changes what it decoded under the regions before anybody sees it, so that even
 * a lossy picture has twins that are alike outside; and, to prove that a leak would be found, a
 * painter can add 1/256 of every covered sample to what it paints. Where a format loses nothing,
 * real twin files are written and compared as well, so that what a codec copies from its input
 * counts too.
 *
 * The short form gives each orientation one of the shapes and styles, --long all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oilskin/edit.h"
#include "redact/cover.h"
#include "redact/paint.h"
#include "tools/files.h"
#include "tools/twins.h"

#define RESULT_MAX ((size_t)1 << 28)

/* x265 forgets some copies of its parameters. The checker finds this by its name. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libx265.so\n";
}

typedef struct Bytes {
    uint8_t *at;
    size_t len;
} Bytes;

typedef struct Shape {
    const char *name;
    const char *json; /* one region, open for its style */
    bool invert;
} Shape;

/* Hundredths, so that they suit every picture. */
static const Shape shapes[] = {
    { "rect", "\"shape\":\"rect\",\"unit\":\"pct\",\"x\":22,\"y\":31,\"w\":33.3,\"h\":29", false },
    { "ellipse", "\"shape\":\"ellipse\",\"unit\":\"pct\",\"x\":40,\"y\":10,\"w\":45,\"h\":50",
      false },
    { "polygon", "\"shape\":\"polygon\",\"unit\":\"pct\",\"points\":[[10,10],[60,25],[30,70]]",
      false },
    { "stroke",
      "\"shape\":\"stroke\",\"unit\":\"pct\",\"radius\":5,\"points\":[[10,80],[50,40],[70,60]]",
      false },
    { "invert", "\"shape\":\"rect\",\"unit\":\"pct\",\"x\":30,\"y\":25,\"w\":50,\"h\":45", true },
    { "edge", "\"shape\":\"rect\",\"unit\":\"pct\",\"x\":60,\"y\":55,\"w\":40,\"h\":45", false },
    { "moving",
      "\"shape\":\"rect\",\"unit\":\"pct\",\"w\":30,\"h\":30,\"keyframes\":[{\"frame\":0,\"x\":5,"
      "\"y\":5},"
      "{\"frame\":3,\"x\":60,\"y\":50}]",
      false },
};
#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))
static const char *const styles[] = { "fill", "mosaic", "blur" };
#define STYLES 3u

typedef struct Run {
    const OskCodec *codec;
    const char *file;
    unsigned orientation;
    char json[512];
    OskRegions *regions;
    uint32_t reach;
    bool lossy;
    bool roomy; /* encoders make palettes that are as long as the picture needs */
} Run;

static unsigned tests_count;
static unsigned failures;

static void say(const Run *run, const char *what, const char *bad)
{
    const char *base = strrchr(run->file, '/');
    printf("%s %u - %s: %s, turned %u\n", bad == NULL ? "ok" : "not ok", ++tests_count,
           base != NULL ? base + 1 : run->file, what, run->orientation);
    if (bad != NULL) {
        printf("# %s\n", bad);
        failures++;
    }
    (void)fflush(stdout);
}

/* ---- what stands in the driver's way ---- */

static struct {
    const Run *run;
    uint32_t seed; /* how twins differ; 0 for not at all */
    bool longer;   /* or by colours that no other pixel has */
    uint32_t frame;
    uint32_t leak; /* in 1/256 of a sample; 0 for an honest painter */
    OskCodec codec;
} between;

/* Changes the frame where it is covered. `out_mask` where not NULL: a byte a pixel, or NULL. */
static OskStatus differ(OskImage *image, uint8_t **out_mask)
{
    const Run *run = between.run;
    OskCoverMap map;
    OskBudget budget = osk_budget_default();
    const OskGeometry geometry = { image->width, image->height, run->orientation };
    OskStatus status = osk_cover_make(&map, run->regions, &geometry, 1, 1, between.frame, &budget);
    if (status != OSK_OK) {
        return status;
    }
    osk_cover_grow(&map, run->reach);
    if (between.longer) {
        (void)twins_recolour(image, &map);
    } else if (between.seed != 0) {
        twins_differ(image, &map, between.seed + 16 * between.frame);
    }
    if (out_mask != NULL) {
        size_t len = (size_t)image->width * image->height;
        *out_mask = malloc(len);
        for (size_t i = 0; i < len && *out_mask != NULL; i++) {
            (*out_mask)[i] = map.cells[i] != OSK_COVER_NONE;
        }
    }
    osk_cover_free(&map, &budget);
    return OSK_OK;
}

static OskStatus next_twin(OskDecoder *decoder, OskFrame *out_frame, OskFault *fault)
{
    OskStatus status = between.run->codec->next(decoder, out_frame, fault);
    if (status == OSK_OK && between.seed != 0) {
        status = differ(&out_frame->image, NULL);
    }
    between.frame++;
    return status;
}

const OskCodec *__real_osk_codec_find(const char *format);
const OskCodec *__wrap_osk_codec_find(const char *format);
const OskCodec *__wrap_osk_codec_find(const char *format)
{
    const OskCodec *real = __real_osk_codec_find(format);
    if (between.run == NULL || real != between.run->codec) {
        return real;
    }
    between.codec = *real;
    between.codec.next = next_twin;
    return &between.codec;
}

OskStatus __real_osk_paint_frame(OskImage *image, const OskCoverMap *map, const OskRegions *regions,
                                 const OskNoise *noise, OskBudget *budget);
OskStatus __wrap_osk_paint_frame(OskImage *image, const OskCoverMap *map, const OskRegions *regions,
                                 const OskNoise *noise, OskBudget *budget);
OskStatus __wrap_osk_paint_frame(OskImage *image, const OskCoverMap *map, const OskRegions *regions,
                                 const OskNoise *noise, OskBudget *budget)
{
    size_t len = image->stride * image->height;
    uint8_t *before = between.leak != 0 ? malloc(len) : NULL;
    if (before != NULL) {
        memcpy(before, image->pixels, len);
    }
    OskStatus status = __real_osk_paint_frame(image, map, regions, noise, budget);
    if (status == OSK_OK && before != NULL) {
        twins_leak(image, map, before, between.leak);
    }
    free(before);
    return status;
}

/* ---- jobs ---- */

/* Of the last job: which promise of quality could not be kept, or NULL. */
static const char *said;

static bool fill_fixed(void *context, void *out, size_t len)
{
    uint32_t *count = context;
    for (size_t i = 0; i < len; i++) {
        ((uint8_t *)out)[i] = (uint8_t)twins_mix(++*count, 77);
    }
    return true;
}

/* Covers `in`; what the decoder says differs by `seed`. NULL and a line on the output for a fault.
 */
static Bytes cover(const Run *run, Bytes in, uint32_t seed, uint32_t leak)
{
    uint32_t count = 0;
    OskEditDone done;
    OskFault fault = { .status = OSK_OK };
    Bytes result = { NULL, 0 };
    const OskEditAsk ask = { .op = OSK_EDIT_REDACT,
                             .format = run->codec->format,
                             .output_format = "",
                             .bytes = in.at,
                             .len = in.len,
                             .regions = (const uint8_t *)run->json,
                             .regions_len = strlen(run->json),
                             .random = { &count, fill_fixed },
                             .output_max = RESULT_MAX };
    between.run = run;
    between.seed = seed;
    between.frame = 0;
    between.leak = leak;
    if (osk_edit_bytes(&ask, &result.at, &result.len, &done, &fault) == OSK_OK) {
        said = done.note;
    } else {
        printf("# %s: %s: %s\n", run->file, fault.part, fault.what);
    }
    between.run = NULL;
    return result;
}

static bool same(Bytes a, Bytes b)
{
    return a.at != NULL && b.at != NULL && a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* The same picture in a file that the codec has written itself: turned to be displayed as
 * `run->orientation` says, different under the regions by `seed`; LONGER for new colours there. */
#define LONGER UINT32_MAX
static Bytes write_again(const Run *run, Bytes in, uint32_t seed)
{
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskEncoder *encoder = NULL;
    OskCodecInfo info = { 0 };
    OskFault fault = { .status = OSK_OK };
    OskWriter out;
    Bytes result = { NULL, 0 };
    osk_writer_init(&out, RESULT_MAX);
    OskStatus status = run->codec->open(in.at, in.len, &budget, &decoder, &info, &fault);
    uint32_t frames = info.frames;
    info.orientation = run->orientation;
    if (status == OSK_OK) {
        const OskEncodeOptions options = { .like = decoder, .orientation = run->orientation };
        status = run->codec->begin(&options, &info, &budget, &encoder, &fault);
    }
    between.run = run;
    between.seed = seed == LONGER ? 0 : seed;
    between.longer = seed == LONGER;
    between.frame = 0;
    for (uint32_t i = 0; status == OSK_OK && i < frames; i++) {
        OskFrame frame = { .duration_den = 1 };
        uint8_t *mask = NULL;
        status = run->codec->next(decoder, &frame, &fault);
        if (status == OSK_OK && run->regions != NULL) {
            status = differ(&frame.image, &mask);
        }
        /* Where colours are too many for the format, those outside stay. */
        frame.covered = mask;
        status = status == OSK_OK ? run->codec->add(encoder, &frame, &fault) : status;
        between.frame++;
        osk_image_free(&frame.image, &budget);
        free(mask);
    }
    between.run = NULL;
    between.longer = false;
    if (status == OSK_OK) {
        status = run->codec->end(encoder, &out, &fault);
    }
    if (status == OSK_OK) {
        result.at = osk_writer_give(&out, &result.len);
    } else {
        printf("# %s: writing it again: %s: %s\n", run->file, fault.part, fault.what);
    }
    osk_writer_free(&out);
    run->codec->drop(&encoder);
    run->codec->close(&decoder);
    return result;
}

/* ---- comparing ---- */

typedef struct Pair {
    OskDecoder *decoder[2];
    OskCodecInfo info[2];
    OskBudget budget;
    uint32_t frame;
    double sum; /* of squares outside */
    uint64_t count;
} Pair;

static const char *compare_profile(const Run *run, const Pair *pair)
{
    size_t len[2] = { 0, 0 };
    const uint8_t *icc[2];
    for (unsigned i = 0; i < 2; i++) {
        icc[i] = run->codec->icc(pair->decoder[i], &len[i]);
        len[i] = icc[i] != NULL ? len[i] : 0;
    }
    return len[0] == len[1] && (len[0] == 0 || memcmp(icc[0], icc[1], len[0]) == 0)
               ? NULL
               : "the colour profile differs";
}

/* A frame, and until when it stands. */
typedef struct Shown {
    OskFrame frame;
    double until;
} Shown;

static const char *show_next(const Run *run, OskDecoder *decoder, Shown *shown, OskBudget *budget)
{
    OskFault fault;
    osk_image_free(&shown->frame.image, budget);
    shown->frame = (OskFrame){ .duration_den = 1 };
    if (run->codec->next(decoder, &shown->frame, &fault) != OSK_OK) {
        return "a frame can't be read";
    }
    shown->until += (double)shown->frame.duration_num / shown->frame.duration_den;
    return NULL;
}

static const char *compare_images(const Run *run, Pair *pair, const OskImage *a, const OskImage *b)
{
    OskCoverMap map;
    const OskGeometry geometry = { a->width, a->height, run->orientation };
    if (a->width != b->width || a->height != b->height) {
        return "the size differs";
    }
    if (osk_cover_make(&map, run->regions, &geometry, 1, 1, pair->frame, &pair->budget) != OSK_OK) {
        return "no map";
    }
    /* In a lossy format, those beside what was painted take some of it: two of them where edges
     * are smoothed, a whole block where JPEG is the coding. */
    bool jpeg = strcmp(run->codec->format, "jpeg") == 0 || strcmp(run->codec->format, "tiff") == 0;
    osk_cover_grow(&map, !run->lossy ? 0 : run->reach + (jpeg ? 16 : 2));
    for (uint32_t y = 0; y < a->height; y++) {
        for (uint32_t x = 0; x < a->width; x++) {
            if (map.cells[(size_t)y * a->width + x] == OSK_COVER_NONE) {
                pair->sum += twins_distance(a, b, x, y);
                pair->count += 3;
            }
        }
    }
    osk_cover_free(&map, &pair->budget);
    return NULL;
}

/* Frame by frame, alpha as one of the samples. Frames that have become alike may have become one
 * that stands for longer, and an animation in which nothing moves any more a still. */
static const char *compare_frames(const Run *run, Pair *pair)
{
    Shown a = { .until = 0 };
    Shown b = { .until = 0 };
    bool moves = pair->info[0].frames > 1 && pair->info[1].frames > 1;
    const char *bad = NULL;
    for (pair->frame = 0; bad == NULL && pair->frame < pair->info[0].frames; pair->frame++) {
        double from = a.until;
        bad = show_next(run, pair->decoder[0], &a, &pair->budget);
        if (bad == NULL && (pair->frame == 0 || (b.until <= from + 1e-6 && moves))) {
            bad = show_next(run, pair->decoder[1], &b, &pair->budget);
        }
        if (bad == NULL && b.until < a.until - 1e-6 && moves) {
            bad = "a frame stands for another time";
        }
        bad = bad == NULL ? compare_images(run, pair, &a.frame.image, &b.frame.image) : bad;
    }
    if (bad == NULL && moves && (a.until > b.until + 1e-6 || b.until > a.until + 1e-6)) {
        bad = "the whole stands for another time";
    }
    osk_image_free(&a.frame.image, &pair->budget);
    osk_image_free(&b.frame.image, &pair->budget);
    return bad;
}

/* What is wrong with `after` outside the regions, or NULL. */
static const char *compare(const Run *run, Bytes before, Bytes after)
{
    Pair pair = { .budget = osk_budget_default() };
    const Bytes files[2] = { before, after };
    const char *bad = NULL;
    OskFault fault;
    for (unsigned i = 0; i < 2 && bad == NULL; i++) {
        bad = run->codec->open(files[i].at, files[i].len, &pair.budget, &pair.decoder[i],
                               &pair.info[i], &fault) != OSK_OK
                  ? "the file doesn't open"
                  : NULL;
    }
    const OskCodecInfo *a = &pair.info[0];
    const OskCodecInfo *b = &pair.info[1];
    if (bad == NULL && a->orientation != b->orientation) {
        bad = "the orientation differs";
    }
    if (bad == NULL && a->lossy != b->lossy) {
        bad = "lossless became lossy, or the other way round";
    }
    bad = bad == NULL ? compare_profile(run, &pair) : bad;
    bad = bad == NULL ? compare_frames(run, &pair) : bad;
    /* 42 dB is a mean square of 4.1. */
    if (bad == NULL && pair.sum > (run->lossy ? 4.103 * (double)pair.count : 0.0)) {
        /* Of a picture of few blocks most have an edge of a region in them; then people are told.
         */
        bad = !run->lossy    ? "a pixel outside differs"
              : said == NULL ? "outside it is worse than 42 dB, and nobody says so"
                             : NULL;
    }
    run->codec->close(&pair.decoder[0]);
    run->codec->close(&pair.decoder[1]);
    return bad;
}

/* ---- the test ---- */

static bool set_regions(Run *run, const Shape *shape, const char *style)
{
    snprintf(run->json, sizeof(run->json),
             "{\"version\":1,\"invert\":%s,\"regions\":[{%s,\"style\":\"%s\"}]}",
             shape->invert ? "true" : "false", shape->json, style);
    osk_regions_free(&run->regions);
    return osk_regions_parse(run->json, strlen(run->json), NULL, &run->regions, NULL) == OSK_OK;
}

/* `different`: a seed, or LONGER. */
static const char *check_twin_files(const Run *run, Bytes in, uint32_t different)
{
    Bytes twin[2] = { write_again(run, in, 0), write_again(run, in, different) };
    Bytes out[2] = { { NULL, 0 }, { NULL, 0 } };
    const char *bad = NULL;
    if (twin[0].at == NULL || twin[1].at == NULL) {
        bad = "no twin could be written";
    } else if (same(twin[0], twin[1])) {
        bad = "the twins are one file";
    } else if (compare(run, twin[0], twin[1]) != NULL) {
        bad = "the twins differ outside";
    } else {
        out[0] = cover(run, twin[0], 0, 0);
        out[1] = cover(run, twin[1], 0, 0);
        bad =
            same(out[0], out[1]) ? NULL : "two files that differ under the regions alone stay two";
    }
    for (unsigned i = 0; i < 2; i++) {
        free(twin[i].at);
        free(out[i].at);
    }
    return bad;
}

static const char *check_one(const Run *run, Bytes in)
{
    Bytes plain = cover(run, in, 0, 0);
    const char *bad = plain.at == NULL ? "it can't be covered" : NULL;
    for (uint32_t seed = 1; seed < 3 && bad == NULL; seed++) {
        Bytes twin = cover(run, in, seed, 0);
        bad = same(plain, twin) ? NULL : "what is covered changes the file";
        free(twin.at);
    }
    bad = bad == NULL ? compare(run, in, plain) : bad;
    free(plain.at);
    if (bad == NULL && !run->lossy) {
        bad = check_twin_files(run, in, 4);
    }
    /* Palettes of two lengths, where the format has palettes and there is room in this one. */
    return bad == NULL && run->roomy ? check_twin_files(run, in, LONGER) : bad;
}

/* The test must be able to fail. What coding takes away is no leak: lossy formats, and samples of
 * five bits, get a painter that lets more through. */
static const char *check_leak(const Run *run, Bytes in)
{
    bool found = false;
    for (uint32_t leak = run->lossy ? 32 : 1; leak <= 32 && !found; leak *= 32) {
        Bytes one = cover(run, in, 1, leak);
        Bytes two = cover(run, in, 2, leak);
        found = one.at != NULL && two.at != NULL && !same(one, two);
        free(one.at);
        free(two.at);
    }
    return found ? NULL : "a painter that lets some through was not found";
}

static bool has_room(const Run *run, OskDecoder *decoder, OskBudget *budget)
{
    OskFrame frame = { .duration_den = 1 };
    OskFault fault;
    bool moving = strstr(run->file, "palette.apng") != NULL;
    if (strcmp(run->codec->format, "png") != 0 && strcmp(run->codec->format, "gif") != 0) {
        return false;
    }
    bool room = run->codec->next(decoder, &frame, &fault) == OSK_OK &&
                (moving || (frame.image.model == OSK_PIXELS_INDEXED &&
                            frame.image.palette_count < 1u << frame.image.depth));
    osk_image_free(&frame.image, budget);
    return room;
}

static bool learn(Run *run, Bytes in)
{
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info = { 0 };
    OskFault fault = { .what = "" };
    OskStatus status = run->codec->open(in.at, in.len, &budget, &decoder, &info, &fault);
    if (status == OSK_OK) {
        run->orientation = info.orientation;
        run->reach = info.reach;
        run->lossy = info.lossy;
        run->roomy = has_room(run, decoder, &budget);
    } else {
        printf("# %s: %s: %s\n", run->file, fault.part, fault.what);
    }
    run->codec->close(&decoder);
    return status == OSK_OK;
}

static void test_turned(Run *run, Bytes in, unsigned orientation, bool all)
{
    for (unsigned i = 0; i < SHAPES * STYLES; i++) {
        /* One each, another for each file. */
        if (!all && i != (orientation * 8 + (unsigned)in.len) % (SHAPES * STYLES)) {
            continue;
        }
        const Shape *shape = &shapes[i % SHAPES];
        const char *style = styles[i / SHAPES];
        char what[64];
        snprintf(what, sizeof(what), "%s, %s", shape->name, style);
        say(run, what,
            set_regions(run, shape, style) ? check_one(run, in) : "these are no regions");
    }
}

static bool can_turn(const char *format)
{
    /* HEIF and AVIF are decoded as they are displayed. */
    static const char *const none[] = { "bmp", "gif", "heif", "avif" };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        if (strcmp(none[i], format) == 0) {
            return false;
        }
    }
    return true;
}

static void test_file(Run *run, Bytes in, bool all)
{
    bool turns = can_turn(run->codec->format);
    for (unsigned style = 0; style < STYLES; style++) {
        char what[64];
        snprintf(what, sizeof(what), "a leaky %s is found", styles[style]);
        say(run, what,
            set_regions(run, &shapes[0], styles[style]) ? check_leak(run, in) : "regions");
    }
    for (unsigned orientation = 1; orientation <= 8; orientation++) {
        Run turned = *run;
        turned.orientation = turns ? orientation : 1;
        if (orientation == run->orientation || (!turns && !all)) {
            test_turned(run, in, orientation, all);
            continue;
        }
        if (!turns) {
            continue;
        }
        Bytes file = write_again(&turned, in, 0);
        if (file.at == NULL || !learn(&turned, file) || turned.orientation != orientation) {
            turned.orientation = orientation;
            say(&turned, "written", "the orientation is not kept");
        } else {
            test_turned(&turned, file, orientation, all);
        }
        free(file.at);
        run->regions = turned.regions;
    }
}

int main(int argc, char **argv)
{
    int i = 1;
    bool all = argc > 1 && strcmp(argv[1], "--long") == 0;
    i += all ? 1 : 0;
    if (argc - i < 2 || osk_codec_find(argv[i]) == NULL) {
        fprintf(stderr, "usage: one_test [--long] FORMAT FILE...\n");
        return 2;
    }
    osk_codecs_prepare();
    Run run = { .codec = __real_osk_codec_find(argv[i++]) };
    for (; i < argc; i++) {
        Bytes in;
        run.file = argv[i];
        run.orientation = 1;
        in.at = read_test_file(argv[i], &in.len);
        if (in.at == NULL || !learn(&run, in)) {
            say(&run, "read", "it can't be read");
        } else {
            test_file(&run, in, all);
        }
        free(in.at);
    }
    osk_regions_free(&run.regions);
    printf("1..%u\n", tests_count);
    return failures == 0 ? 0 : 1;
}
