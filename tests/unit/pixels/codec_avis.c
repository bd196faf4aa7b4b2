/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sequences are made here: an index written box by box, around pictures that aom codes. */
#include "pixels/drawing.h"

#include "pixels/codec_avis.h"

#define WIDTH 96u
#define HEIGHT 80u
#define FRAMES 4u

static const uint32_t box[4] = { 32, 24, 32, 24 };

/* What a sequence is like; zeros are a plain one. */
typedef struct Kind {
    unsigned depth; /* 0: 8 */
    bool full;      /* chroma */
    bool alpha;
    bool alone;        /* no still picture */
    uint8_t turn[2];   /* a box `irot`, with that value, where the first is not 0 */
    uint32_t skipped;  /* media time that the edit list leaves out */
    uint32_t shifted;  /* the first picture is shown later */
    uint32_t still_by; /* the still picture is so much wider */
    const char *handler;
} Kind;

static void put_full(OskWriter *out, const char *type, uint32_t flags, OskWriterMark *mark)
{
    *mark = osk_writer_box(out, type);
    osk_writer_be(out, flags, 4);
}

static void put_entry(OskWriter *out, const Kind *kind, bool alpha)
{
    unsigned depth = kind->depth != 0 ? kind->depth : 8;
    OskWriterMark entry = osk_writer_box(out, "av01");
    osk_writer_zeros(out, 24);
    osk_writer_be(out, WIDTH, 2);
    osk_writer_be(out, HEIGHT, 2);
    osk_writer_zeros(out, 50);
    OskWriterMark mark = osk_writer_box(out, "av1C");
    osk_writer_be(out, 0x8100, 2);
    osk_writer_be(out,
                  (depth > 8 ? 0x40u : 0) | (depth > 10 ? 0x20u : 0) |
                      (alpha        ? 0x1Cu
                       : kind->full ? 0
                                    : 0x0Cu),
                  1);
    osk_writer_zeros(out, 1);
    osk_writer_close(out, mark);
    if (!alpha) {
        mark = osk_writer_box(out, "colr");
        osk_writer_bytes(out, "nclx\0\1\0\15\0\1\200", 11);
        osk_writer_close(out, mark);
        mark = osk_writer_box(out, "clli");
        osk_writer_be(out, 0x12345678, 4);
        osk_writer_close(out, mark);
    }
    if (kind->turn[0] != 0) {
        mark = osk_writer_box(out, "irot");
        osk_writer_be(out, kind->turn[1], 1);
        osk_writer_close(out, mark);
    }
    osk_writer_close(out, entry);
}

static void put_tables(OskWriter *out, const Kind *kind, bool alpha)
{
    OskWriterMark stbl = osk_writer_box(out, "stbl");
    OskWriterMark mark;
    put_full(out, "stsd", 0, &mark);
    osk_writer_be(out, 1, 4);
    put_entry(out, kind, alpha);
    osk_writer_close(out, mark);
    put_full(out, "stts", 0, &mark);
    osk_writer_be(out, 2, 4);
    osk_writer_be(out, 1, 4);
    osk_writer_be(out, 7, 4);
    osk_writer_be(out, FRAMES - 1, 4);
    osk_writer_be(out, 3, 4);
    osk_writer_close(out, mark);
    put_full(out, "ctts", 0, &mark);
    osk_writer_be(out, 1, 4);
    osk_writer_be(out, 1, 4);
    osk_writer_be(out, kind->shifted, 4);
    osk_writer_close(out, mark);
    put_full(out, "stsc", 0, &mark);
    osk_writer_be(out, 1, 4);
    osk_writer_be(out, 1, 4);
    osk_writer_be(out, FRAMES, 4);
    osk_writer_be(out, 1, 4);
    osk_writer_close(out, mark);
    put_full(out, "stsz", 0, &mark);
    osk_writer_be(out, 1, 4);
    osk_writer_be(out, FRAMES, 4);
    osk_writer_close(out, mark);
    put_full(out, "stco", 0, &mark);
    osk_writer_be(out, 1, 4);
    osk_writer_zeros(out, 4);
    osk_writer_close(out, mark);
    osk_writer_close(out, stbl);
}

static void put_track(OskWriter *out, const Kind *kind, bool alpha)
{
    static const uint32_t matrix[9] = { 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000 };
    OskWriterMark trak = osk_writer_box(out, "trak");
    OskWriterMark mark;
    put_full(out, "tkhd", 1, &mark);
    osk_writer_zeros(out, 16);
    osk_writer_be(out, 32, 4); /* twice */
    osk_writer_zeros(out, 16);
    for (unsigned i = 0; i < 9; i++) {
        osk_writer_be(out, matrix[i], 4);
    }
    osk_writer_be(out, WIDTH << 16, 4);
    osk_writer_be(out, HEIGHT << 16, 4);
    osk_writer_close(out, mark);
    OskWriterMark edts = osk_writer_box(out, "edts");
    put_full(out, "elst", 1, &mark);
    osk_writer_be(out, 1, 4);
    osk_writer_be(out, 16, 4);
    osk_writer_be(out, kind->skipped, 4);
    osk_writer_be(out, 0x10000, 4);
    osk_writer_close(out, mark);
    osk_writer_close(out, edts);
    OskWriterMark mdia = osk_writer_box(out, "mdia");
    put_full(out, "mdhd", 0, &mark);
    osk_writer_zeros(out, 8);
    osk_writer_be(out, 10, 4);
    osk_writer_be(out, 16, 4);
    osk_writer_zeros(out, 4);
    osk_writer_close(out, mark);
    put_full(out, "hdlr", 0, &mark);
    osk_writer_zeros(out, 4);
    osk_writer_bytes(out, kind->handler != NULL ? kind->handler : alpha ? "auxv" : "pict", 4);
    osk_writer_zeros(out, 13);
    osk_writer_close(out, mark);
    OskWriterMark minf = osk_writer_box(out, "minf");
    put_tables(out, kind, alpha);
    osk_writer_close(out, minf);
    osk_writer_close(out, mdia);
    osk_writer_close(out, trak);
}

static void put_still(OskWriter *out, const Kind *kind)
{
    OskWriterMark meta;
    OskWriterMark mark;
    put_full(out, "meta", 0, &meta);
    put_full(out, "pitm", 0, &mark);
    osk_writer_be(out, 1, 2);
    osk_writer_close(out, mark);
    OskWriterMark iprp = osk_writer_box(out, "iprp");
    OskWriterMark ipco = osk_writer_box(out, "ipco");
    put_full(out, "ispe", 0, &mark);
    osk_writer_be(out, WIDTH + kind->still_by, 4);
    osk_writer_be(out, HEIGHT, 4);
    osk_writer_close(out, mark);
    if (kind->turn[0] != 0) {
        mark = osk_writer_box(out, "irot");
        osk_writer_be(out, kind->turn[1], 1);
        osk_writer_close(out, mark);
    }
    osk_writer_close(out, ipco);
    osk_writer_close(out, iprp);
    osk_writer_close(out, meta);
}

/* An index whose samples are one byte each, of the file itself. */
static File make_index(const Kind *kind)
{
    OskWriter out;
    size_t len = 0;
    osk_writer_init(&out, 1 << 16);
    OskWriterMark mark = osk_writer_box(&out, "ftyp");
    osk_writer_bytes(&out, "avis\0\0\0\0avisavif", 16);
    osk_writer_close(&out, mark);
    if (!kind->alone) {
        put_still(&out, kind);
    }
    OskWriterMark moov = osk_writer_box(&out, "moov");
    put_full(&out, "mvhd", 0, &mark);
    osk_writer_zeros(&out, 96);
    osk_writer_close(&out, mark);
    put_track(&out, kind, false);
    if (kind->alpha) {
        put_track(&out, kind, true);
    }
    osk_writer_close(&out, moov);
    uint8_t *bytes = osk_writer_give(&out, &len);
    assert_non_null(bytes);
    return (File){ bytes, len };
}

static OskAvisCoded code(const OskAvisTrack *track, unsigned quality, bool alpha)
{
    OskBudget budget = osk_budget_default();
    OskFault fault = { 0 };
    OskAvisCoder *coder = NULL;
    OskAvisCoded coded = { 0 };
    const OskAvisAsk ask = {
        .width = WIDTH,
        .height = HEIGHT,
        .depth = track->depth,
        .shift_x = track->shift_x,
        .shift_y = track->shift_y,
        .grey = track->grey,
        .look = { .primaries = 1, .transfer = 13, .matrix = 1, .full_range = true },
        .frames = FRAMES,
        .quality = quality
    };
    assert_int_equal(osk_avis_coder_make(&ask, &coder, &fault), OSK_OK);
    for (unsigned i = 0; i < FRAMES; i++) {
        OskPlanes planes = osk_avis_coder_planes(coder);
        OskImage image =
            draw(WIDTH, HEIGHT, alpha ? OSK_PIXELS_GREY : OSK_PIXELS_RGB, track->depth, i, &budget);
        osk_planes_from_image(&planes, &image);
        assert_int_equal(osk_avis_coder_add(coder, &fault), OSK_OK);
        osk_image_free(&image, &budget);
    }
    assert_int_equal(osk_avis_coder_end(coder, &coded, &fault), OSK_OK);
    osk_avis_coder_free(&coder);
    assert_int_equal(osk_avis_config(&coded, &fault), OSK_OK);
    return coded;
}

static File make(const Kind *kind, unsigned quality)
{
    File index = make_index(kind);
    OskBudget budget = osk_budget_default();
    OskFault fault = { 0 };
    OskAvis avis;
    OskWriter out;
    File file = { 0 };
    OskAvisCoded alpha = { 0 };
    assert_int_equal(osk_avis_read(index.bytes, index.len, &budget, &avis, &fault), OSK_OK);
    OskAvisCoded colour = code(&avis.colour, quality, false);
    if (kind->alpha) {
        alpha = code(&avis.alpha, 63, true);
    }
    const OskAvisCopy copy = { .colour = &colour,
                               .alpha = kind->alpha ? &alpha : NULL,
                               .width = WIDTH,
                               .height = HEIGHT,
                               .orientation = avis.colour.orientation };
    osk_writer_init(&out, 1 << 24);
    osk_avis_write(&avis, &copy, &out);
    file.bytes = osk_writer_give(&out, &file.len);
    assert_non_null(file.bytes);
    osk_avis_coded_free(&colour);
    osk_avis_coded_free(&alpha);
    osk_avis_free(&avis, &budget);
    free(index.bytes);
    return file;
}

static size_t find(File file, const char *word)
{
    for (size_t i = 0; i + 4 <= file.len; i++) {
        if (memcmp(file.bytes + i, word, 4) == 0) {
            return i;
        }
    }
    return file.len;
}

static void check_kept(const Kind *kind)
{
    OskBudget budget = osk_budget_default();
    uint64_t memory = budget.memory;
    File file = make(kind, 50);
    OskEncodeReport report = { 0 };
    OskCodecInfo info;
    File again = cover_file(&osk_codec_avif, file, box, &report, &budget);
    assert_true(report.measured);
    assert_true(report.centibel >= 4200);
    OskDecoder *decoder = open_file(&osk_codec_avif, again, &info, &budget);
    assert_int_equal(info.frames, FRAMES);
    assert_int_equal(info.alpha, kind->alpha);
    for (uint32_t i = 0; i < FRAMES; i++) {
        OskFrame frame = { 0 };
        OskFault fault = { 0 };
        assert_int_equal(osk_codec_avif.next(decoder, &frame, &fault), OSK_OK);
        assert_int_equal(frame.image.width, WIDTH);
        assert_int_equal(frame.image.depth, kind->depth != 0 ? kind->depth : 8);
        assert_int_equal(frame.duration_num, i == 0 ? 7 : 3);
        assert_int_equal(frame.duration_den, 10);
        osk_image_free(&frame.image, &budget);
    }
    osk_codec_avif.close(&decoder);
    assert_int_equal(budget.memory, memory);
    free(file.bytes);
    free(again.bytes);
}

static void avis__keeps_42_db_and_times(void **state)
{
    (void)state;
    check_kept(&(Kind){ 0 });
    check_kept(&(Kind){ .depth = 10, .full = true });
    check_kept(&(Kind){ .depth = 12 });
    check_kept(&(Kind){ .alone = true });
}

static void avis__loses_nothing_of_alpha(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    const Kind kind = { .alpha = true };
    check_kept(&kind);
    File file = make(&kind, 50);
    File again = cover_file(&osk_codec_avif, file, box, NULL, &budget);
    for (uint32_t i = 0; i < FRAMES; i++) {
        OskFrame a = decode_frame(&osk_codec_avif, file, i, &budget);
        OskFrame b = decode_frame(&osk_codec_avif, again, i, &budget);
        for (uint32_t at = 3; at < box[1] * a.image.stride; at += 4) {
            assert_int_equal(a.image.pixels[at], b.image.pixels[at]);
        }
        osk_image_free(&a.image, &budget);
        osk_image_free(&b.image, &budget);
    }
    free(file.bytes);
    free(again.bytes);
}

/* How often it is played stands in the edit list and in the length of the track. */
static void avis__keeps_loops_and_colours_and_turns(void **state)
{
    (void)state;
    static const uint8_t edits[20] = { 'e', 'l', 's', 't', 0, 0,  0, 1, 0, 0,
                                       0,   1,   0,   0,   0, 16, 0, 0, 0, 0 };
    OskBudget budget = osk_budget_default();
    File file = make(&(Kind){ .turn = { 1, 3 } }, 50);
    File again = cover_file(&osk_codec_avif, file, box, NULL, &budget);
    size_t at = find(again, "elst");
    assert_true(at + sizeof edits < again.len);
    assert_memory_equal(again.bytes + at, edits, sizeof edits);
    at = find(again, "tkhd");
    assert_int_equal(again.bytes[at + 27], 32);
    assert_memory_equal(again.bytes + find(again, "nclx"), "nclx\0\1\0\15\0\1\200", 11);
    OskCodecInfo info;
    OskDecoder *decoder = open_file(&osk_codec_avif, again, &info, &budget);
    assert_int_equal(info.orientation, 6);
    osk_codec_avif.close(&decoder);
    free(file.bytes);
    free(again.bytes);
}

/* The brightest light was counted over the face, too. */
static void avis__drops_what_was_counted_over_all(void **state)
{
    (void)state;
    File file = make(&(Kind){ 0 }, 50);
    assert_int_equal(find(file, "clli"), file.len);
    free(file.bytes);
}

/* The still picture is the first frame, so that it is covered where that is. */
static void avis__still_is_the_first_frame(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskFault fault = { 0 };
    File file = make(&(Kind){ .alpha = true }, 50);
    File again = cover_file(&osk_codec_avif, file, box, NULL, &budget);
    OskAvis avis;
    assert_int_equal(osk_avis_read(again.bytes, again.len, &budget, &avis, &fault), OSK_OK);
    assert_true(avis.has_still);
    assert_false(avis.still_is_other);
    osk_avis_free(&avis, &budget);
    OskCodecInfo info;
    OskDecoder *decoder = NULL;
    OskFrame still = { 0 };
    assert_int_equal(
        osk_codec_avif_still.open(again.bytes, again.len, &budget, &decoder, &info, &fault),
        OSK_UNSUPPORTED);
    memcpy(again.bytes + find(again, "moov"), "free", 4);
    decoder = open_file(&osk_codec_avif_still, again, &info, &budget);
    assert_int_equal(osk_codec_avif_still.next(decoder, &still, &fault), OSK_OK);
    assert_int_equal(still.image.model, OSK_PIXELS_RGBA);
    const uint8_t *pixel = still.image.pixels + 36 * still.image.stride + (size_t)48 * 4;
    assert_true(pixel[0] < 60 && pixel[1] < 60 && pixel[2] < 60 && pixel[3] == 255);
    osk_image_free(&still.image, &budget);
    osk_codec_avif_still.close(&decoder);
    free(file.bytes);
    free(again.bytes);
}

/* A source that is covered wholly leaves nothing of its samples or its length in the copy. */
static void avis__same_pictures_same_file(void **state)
{
    (void)state;
    static const uint32_t all[4] = { 0, 0, WIDTH, HEIGHT };
    File one = make(&(Kind){ 0 }, 55);
    File two = make(&(Kind){ 0 }, 20);
    assert_true(one.len != two.len);
    expect_same_copy(&osk_codec_avif, one, two, all);
}

static void check_refused(const Kind *kind, const char *part)
{
    File file = make_index(kind);
    OskBudget budget = osk_budget_default();
    uint64_t memory = budget.memory;
    OskFault fault = { 0 };
    OskAvis avis;
    assert_int_equal(osk_avis_read(file.bytes, file.len, &budget, &avis, &fault), OSK_UNSUPPORTED);
    assert_string_equal(fault.part, part);
    assert_non_null(fault.next);
    assert_int_equal(budget.memory, memory);
    free(file.bytes);
}

static void avis__refuses_what_it_can_not_cover_whole(void **state)
{
    (void)state;
    check_refused(&(Kind){ .handler = "soun" }, "trak");
    check_refused(&(Kind){ .skipped = 5 }, "elst");
    check_refused(&(Kind){ .shifted = 5 }, "ctts");
    check_refused(&(Kind){ .still_by = 2 }, "ispe");
}

static void avis__bad_files_end_in_a_status(void **state)
{
    (void)state;
    File file = make(&(Kind){ .alpha = true }, 50);
    check_limits(&osk_codec_avif, file);
    check_cuts(&osk_codec_avif, file);
    free(file.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(avis__keeps_42_db_and_times),
        cmocka_unit_test(avis__loses_nothing_of_alpha),
        cmocka_unit_test(avis__keeps_loops_and_colours_and_turns),
        cmocka_unit_test(avis__drops_what_was_counted_over_all),
        cmocka_unit_test(avis__still_is_the_first_frame),
        cmocka_unit_test(avis__same_pictures_same_file),
        cmocka_unit_test(avis__refuses_what_it_can_not_cover_whole),
        cmocka_unit_test(avis__bad_files_end_in_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
