/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decodes a picture, paints a box over it, and writes it again like it was.
 *
 * usage: repaint FORMAT IN OUT X,Y,W,H[,DX,DY]      one file
 *        repaint --check FORMAT IN [X,Y,W,H[,DX,DY]]
 *
 * --check says in TAP form whether everything outside the box is as before, and whether pictures
 * that differ only inside it give one and the same file. The box counts stored pixels, and moves by
 * DX and DY with each frame. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pixels/codec.h"
#include "pixels/composite.h"
#include "tools/files.h"

#define RESULT_MAX ((size_t)1 << 31)

typedef struct Bytes {
    uint8_t *at;
    size_t len;
} Bytes;

/* The box of the first frame, and how far it moves with each. */
typedef struct Region {
    OskPatch box;
    uint32_t dx;
    uint32_t dy;
    uint32_t reach; /* grows to all sides by this */
} Region;

typedef struct Paint {
    Region region;
    OskPatch box;  /* of this frame */
    bool scramble; /* else black */
    bool own;      /* scrambled with colours that are there: what has a palette keeps it */
    uint32_t seed;
} Paint;

static bool is_covered(OskPatch box, uint32_t x, uint32_t y)
{
    return x >= box.x && x - box.x < box.width && y >= box.y && y - box.y < box.height;
}

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* An entry for black: one that a pixel outside uses, else a free place, else the nearest. */
static uint8_t black_entry(OskImage *image, OskPatch box)
{
    static const uint8_t black[4] = { 0, 0, 0, 255 };
    bool used[OSK_PALETTE_MAX] = { false };
    for (uint32_t y = 0; y < image->height; y++) {
        for (uint32_t x = 0; x < image->width; x++) {
            if (!is_covered(box, x, y)) {
                used[image->pixels[y * image->stride + x]] = true;
            }
        }
    }
    unsigned best = OSK_PALETTE_MAX;
    unsigned least = 0;
    for (unsigned i = 0; i < image->palette_count; i++) {
        const uint8_t *e = image->palette[i];
        unsigned far = 0u + e[0] + e[1] + e[2] + (255u - e[3]) * 4;
        if (used[i] && (best == OSK_PALETTE_MAX || far < least)) {
            best = i;
            least = far;
        }
    }
    for (unsigned i = 0; i < 1u << image->depth && (best == OSK_PALETTE_MAX || least > 0); i++) {
        if (!used[i]) {
            image->palette_count = i < image->palette_count ? image->palette_count : i + 1;
            memcpy(image->palette[i], black, 4);
            return (uint8_t)i;
        }
    }
    return (uint8_t)best;
}

static void put_sample(uint8_t *row, size_t index, unsigned depth, uint32_t value)
{
    uint16_t wide = (uint16_t)value;
    if (depth > 8) {
        memcpy(row + 2 * index, &wide, 2);
    } else {
        row[index] = (uint8_t)value;
    }
}

/* Pixels from outside the box, in any order. */
static void shuffle(OskImage *image, const Paint *how)
{
    size_t len = osk_pixel_samples(image->model) * (image->depth > 8 ? 2u : 1u);
    uint32_t state = how->seed;
    for (uint32_t y = how->box.y; y < how->box.y + how->box.height; y++) {
        for (uint32_t x = how->box.x; x < how->box.x + how->box.width; x++) {
            uint32_t from_x = x;
            uint32_t from_y = y;
            while (is_covered(how->box, from_x, from_y)) {
                from_x = draw(&state) % image->width;
                from_y = draw(&state) % image->height;
            }
            memcpy(image->pixels + y * image->stride + x * len,
                   image->pixels + from_y * image->stride + from_x * len, len);
        }
    }
}

static void paint(OskImage *image, const Paint *how)
{
    bool all = how->box.width == image->width && how->box.height == image->height;
    if (how->scramble && how->own && image->model != OSK_PIXELS_INDEXED && !all) {
        shuffle(image, how);
        return;
    }
    unsigned samples = osk_pixel_samples(image->model);
    uint32_t max = (1u << image->depth) - 1;
    bool indexed = image->model == OSK_PIXELS_INDEXED;
    bool alpha = image->model == OSK_PIXELS_RGBA || image->model == OSK_PIXELS_GREY_ALPHA;
    uint8_t black = indexed && !how->scramble ? black_entry(image, how->box) : 0;
    uint32_t state = how->seed;
    if (indexed && how->scramble && image->palette_count < 1u << image->depth) {
        /* A colour that nothing outside has. */
        uint8_t *entry = image->palette[image->palette_count++];
        for (unsigned i = 0; i < 3; i++) {
            entry[i] = (uint8_t)draw(&state);
        }
        entry[3] = 255;
    }
    for (uint32_t y = how->box.y; y < how->box.y + how->box.height; y++) {
        uint8_t *row = image->pixels + y * image->stride;
        for (uint32_t x = how->box.x; x < how->box.x + how->box.width; x++) {
            for (unsigned s = 0; s < samples; s++) {
                uint32_t value = 0;
                if (indexed) {
                    value = how->scramble ? draw(&state) % image->palette_count : black;
                } else if (alpha && s + 1 == samples) {
                    value = max;
                } else if (how->scramble) {
                    value = draw(&state) % (max + 1);
                } else if (image->model == OSK_PIXELS_CMYK) {
                    value = s == 3 ? max : 0;
                }
                put_sample(row, (size_t)x * samples + s, image->depth, value);
            }
        }
    }
}

static uint8_t *cover_of(const OskImage *image, OskPatch box)
{
    uint8_t *cover = calloc(image->height, image->width);
    for (uint32_t y = 0; cover != NULL && y < image->height; y++) {
        for (uint32_t x = 0; x < image->width; x++) {
            cover[(size_t)y * image->width + x] = is_covered(box, x, y);
        }
    }
    return cover;
}

static OskPatch box_in(const Region *region, const OskImage *image, uint32_t frame)
{
    OskPatch box = region->box;
    box.x += region->dx * frame;
    box.y += region->dy * frame;
    uint32_t left = box.x < region->reach ? box.x : region->reach;
    uint32_t top = box.y < region->reach ? box.y : region->reach;
    box.x -= left;
    box.y -= top;
    box.width += left + region->reach;
    box.height += top + region->reach;
    OskPatch r = { .x = box.x < image->width ? box.x : image->width - 1,
                   .y = box.y < image->height ? box.y : image->height - 1 };
    r.width = box.width < image->width - r.x ? box.width : image->width - r.x;
    r.height = box.height < image->height - r.y ? box.height : image->height - r.y;
    return r;
}

typedef struct Job {
    const OskCodec *codec;
    OskBudget budget;
    OskFault fault;
} Job;

static OskStatus code_frames(Job *job, OskDecoder *decoder, OskEncoder *encoder,
                             const OskCodecInfo *info, const Paint *how)
{
    OskStatus status = OSK_OK;
    for (uint32_t i = 0; status == OSK_OK && i < info->frames; i++) {
        OskFrame frame = { 0 };
        status = job->codec->next(decoder, &frame, &job->fault);
        if (status != OSK_OK) {
            return status;
        }
        Paint here = *how;
        here.region.reach = how->scramble ? 0 : info->reach;
        here.box = box_in(&here.region, &frame.image, i);
        paint(&frame.image, &here);
        uint8_t *cover = cover_of(&frame.image, here.box);
        frame.covered = cover;
        status = job->codec->add(encoder, &frame, &job->fault);
        free(cover);
        osk_image_free(&frame.image, &job->budget);
    }
    return status;
}

static OskStatus repaint(Job *job, Bytes in, const Paint *how, Bytes *out)
{
    OskDecoder *decoder = NULL;
    OskEncoder *encoder = NULL;
    OskCodecInfo info = { 0 };
    OskWriter writer;
    job->budget = osk_budget_default();
    job->fault = (OskFault){ 0 };
    *out = (Bytes){ 0 };
    osk_writer_init(&writer, RESULT_MAX);
    OskStatus status = job->codec->open(in.at, in.len, &job->budget, &decoder, &info, &job->fault);
    if (status == OSK_OK) {
        OskEncodeOptions options = { .like = decoder, .orientation = info.orientation };
        status = job->codec->begin(&options, &info, &job->budget, &encoder, &job->fault);
    }
    if (status == OSK_OK) {
        status = code_frames(job, decoder, encoder, &info, how);
    }
    if (status == OSK_OK) {
        status = job->codec->end(encoder, &writer, &job->fault);
    }
    job->codec->drop(&encoder);
    job->codec->close(&decoder);
    if (status == OSK_OK) {
        out->at = osk_writer_give(&writer, &out->len);
    }
    osk_writer_free(&writer);
    if (status == OSK_OK && job->budget.memory != osk_budget_default().memory) {
        printf("# memory of the budget not given back: %lld\n",
               (long long)(osk_budget_default().memory - job->budget.memory));
    }
    return status;
}

/* ---- checking ---- */

/* A pixel as 16-bit RGBA, so that models can be compared; hidden colours don't count. */
static void shown(const OskImage *image, uint32_t x, uint32_t y, uint32_t out[4])
{
    unsigned samples = osk_pixel_samples(image->model);
    const uint8_t *row = image->pixels + y * image->stride;
    uint32_t max = (1u << image->depth) - 1;
    uint32_t v[4] = { 0, 0, 0, 65535 };
    if (image->model == OSK_PIXELS_INDEXED) {
        const uint8_t *entry = image->palette[row[x]];
        for (unsigned i = 0; i < 4; i++) {
            v[i] = entry[i] * 257u;
        }
    } else {
        for (unsigned s = 0; s < samples; s++) {
            uint16_t value = row[(size_t)x * samples + s];
            if (image->depth > 8) {
                memcpy(&value, row + 2 * ((size_t)x * samples + s), 2);
            }
            v[s] = (value * 65535u + max / 2) / max;
        }
        if (samples < 3) {
            v[3] = samples == 2 ? v[1] : 65535;
            v[1] = v[2] = v[0];
        }
    }
    bool clear = v[3] == 0 && image->model != OSK_PIXELS_CMYK;
    for (unsigned i = 0; i < 4; i++) {
        out[i] = clear ? 0 : v[i];
    }
}

static const char *compare_frames(const OskFrame *a, const OskFrame *b, OskPatch box, bool lossy)
{
    if (a->image.width != b->image.width || a->image.height != b->image.height) {
        return "sizes differ";
    }
    if ((uint64_t)a->duration_num * b->duration_den !=
        (uint64_t)b->duration_num * a->duration_den) {
        return "durations differ";
    }
    uint64_t sum = 0;
    uint64_t count = 1;
    for (uint32_t y = 0; y < a->image.height; y++) {
        for (uint32_t x = 0; x < a->image.width; x++) {
            uint32_t p[4];
            uint32_t q[4];
            shown(&a->image, x, y, p);
            shown(&b->image, x, y, q);
            bool in = is_covered(box, x, y);
            if (!in && !lossy && memcmp(p, q, sizeof p) != 0) {
                return "a pixel outside the box differs";
            }
            for (unsigned c = 0; c < 3 && !in; c++) {
                int32_t d = (int32_t)(p[c] / 257) - (int32_t)(q[c] / 257);
                sum += (uint32_t)(d * d);
                count++;
            }
        }
    }
    /* 42 dB is a mean square of 4.1. */
    return lossy && sum * 10 > count * 41 ? "outside the box it is worse than 42 dB" : NULL;
}

/* What is wrong with `after`, or NULL. */
static const char *compare(Job *job, Bytes before, Bytes after, const Region *region)
{
    OskDecoder *a = NULL;
    OskDecoder *b = NULL;
    OskCodecInfo ia = { 0 };
    OskCodecInfo ib = { 0 };
    const char *bad = NULL;
    job->budget = osk_budget_default();
    job->fault = (OskFault){ 0 };
    if (job->codec->open(before.at, before.len, &job->budget, &a, &ia, &job->fault) != OSK_OK ||
        job->codec->open(after.at, after.len, &job->budget, &b, &ib, &job->fault) != OSK_OK) {
        bad = "one of the files doesn't open";
    } else if (ia.frames != ib.frames || ia.orientation != ib.orientation) {
        bad = "the number of frames or the orientation differs";
    }
    Region grown = *region;
    grown.reach = ia.reach;
    for (uint32_t i = 0; bad == NULL && i < ia.frames; i++) {
        OskFrame fa = { 0 };
        OskFrame fb = { 0 };
        if (job->codec->next(a, &fa, &job->fault) != OSK_OK ||
            job->codec->next(b, &fb, &job->fault) != OSK_OK) {
            bad = "a frame doesn't decode";
        } else {
            bad = compare_frames(&fa, &fb, box_in(&grown, &fa.image, i), ia.lossy);
        }
        osk_image_free(&fa.image, &job->budget);
        osk_image_free(&fb.image, &job->budget);
    }
    if (bad == NULL) {
        size_t la = 0;
        size_t lb = 0;
        const uint8_t *pa = job->codec->icc(a, &la);
        const uint8_t *pb = job->codec->icc(b, &lb);
        bad = la != lb || (la > 0 && memcmp(pa, pb, la) != 0) ? "the colour profile differs" : NULL;
    }
    job->codec->close(&a);
    job->codec->close(&b);
    return bad;
}

static bool report(int number, const char *name, const char *bad, const Job *job)
{
    printf("%s %d - %s\n", bad != NULL ? "not ok" : "ok", number, name);
    if (bad != NULL) {
        printf("# %s", bad);
        if (job->fault.what != NULL) {
            printf(" (%s: %s)", job->fault.part, job->fault.what);
        }
        printf("\n");
    }
    return bad == NULL;
}

/* A PNG whose colour type is 3 (PNG 11.2.1). */
static bool is_palette_png(const Job *job, Bytes in)
{
    return strcmp(job->codec->format, "png") == 0 && in.len > 25 && in.at[25] == 3;
}

static bool is_lossy(Job *job, Bytes in)
{
    OskDecoder *decoder = NULL;
    OskCodecInfo info = { 0 };
    job->budget = osk_budget_default();
    (void)job->codec->open(in.at, in.len, &job->budget, &decoder, &info, &job->fault);
    job->codec->close(&decoder);
    return info.lossy;
}

static int check(Job *job, Bytes in, Region region)
{
    Bytes out = { 0 };
    Bytes last = { 0 };
    bool good = true;
    printf("1..3\n");
    OskStatus status = repaint(job, in, &(Paint){ .region = region }, &out);
    good &=
        report(1, "the file can be painted and written", status != OSK_OK ? "failed" : NULL, job);
    if (status != OSK_OK) {
        return 1;
    }
    good &= report(2, "nothing outside the box changes", compare(job, in, out, &region), job);
    const char *bad = NULL;
    /* A lossy file that was scrambled is another one outside the box too: two of these are
     * compared.
     */
    bool lossy = is_lossy(job, in);
    for (uint32_t seed = 0; seed < 2 && bad == NULL; seed++) {
        Bytes other = { 0 };
        Paint scramble = {
            .region = region, .scramble = true, .own = is_palette_png(job, in), .seed = 77 + seed
        };
        if (repaint(job, in, &scramble, &other) != OSK_OK ||
            repaint(job, other, &(Paint){ .region = region }, &last) != OSK_OK) {
            bad = "failed";
        } else if (last.len != out.len || memcmp(last.at, out.at, out.len) != 0) {
            bad = lossy && seed == 0 ? NULL : "files differ that differ only inside the box";
        }
        free(other.at);
        if (lossy && seed == 0 && bad == NULL) {
            free(out.at);
            out = last;
        } else {
            free(last.at);
        }
        last = (Bytes){ 0 };
    }
    good &= report(3, "what was in the box leaves no trace", bad, job);
    free(out.at);
    return good ? 0 : 1;
}

/* A box in the middle that is not aligned to anything. */
static Region default_region(Job *job, Bytes in)
{
    OskDecoder *decoder = NULL;
    OskCodecInfo info = { .width = 3, .height = 3 };
    job->budget = osk_budget_default();
    (void)job->codec->open(in.at, in.len, &job->budget, &decoder, &info, &job->fault);
    job->codec->close(&decoder);
    OskPatch box = { info.width / 3, info.height / 3, info.width / 3, info.height / 3 };
    box.width = box.width > 0 ? box.width : 1;
    box.height = box.height > 0 ? box.height : 1;
    return (Region){ .box = box };
}

static bool read_region(const char *text, Region *region)
{
    OskPatch *box = &region->box;
    int count = sscanf(text, "%u,%u,%u,%u,%u,%u", &box->x, &box->y, &box->width, &box->height,
                       &region->dx, &region->dy);
    return count == 4 || count == 6;
}

int main(int argc, char **argv)
{
    bool checks = argc > 1 && strcmp(argv[1], "--check") == 0;
    argc -= checks;
    argv += checks;
    Job job = { .codec = argc > 1 ? osk_codec_find(argv[1]) : NULL };
    Region region = { 0 };
    Bytes in = { 0 };
    if (job.codec == NULL || argc < 3 || (!checks && argc != 5) ||
        (argc > 3 && !read_region(argv[argc - 1], &region))) {
        fprintf(stderr, "usage: repaint FORMAT IN OUT X,Y,W,H[,DX,DY] | repaint --check FORMAT IN "
                        "[X,Y,W,H[,DX,DY]]\n");
        return 2;
    }
    in.at = read_test_file(argv[2], &in.len);
    if (in.at == NULL) {
        fprintf(stderr, "repaint: can't read %s\n", argv[2]);
        return 7;
    }
    if (checks) {
        int code = check(&job, in, argc > 3 ? region : default_region(&job, in));
        free(in.at);
        return code;
    }
    Bytes out = { 0 };
    OskStatus status = repaint(&job, in, &(Paint){ .region = region }, &out);
    if (status != OSK_OK) {
        fprintf(stderr, "repaint: %s: %s: %s\n", osk_status_name(status),
                job.fault.part != NULL ? job.fault.part : "",
                job.fault.what != NULL ? job.fault.what : "");
        return 3;
    }
    FILE *file = fopen(argv[3], "wb");
    bool written = file != NULL && fwrite(out.at, 1, out.len, file) == out.len;
    if (file == NULL || fclose(file) != 0 || !written) {
        return 7;
    }
    free(out.at);
    free(in.at);
    return 0;
}
