/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A clean file that is to be public comes out of the worker as it is, with smaller pictures of it
 * that are as clean; and no worker is believed that says so of something else.
 *
 * usage: publish STRIP WORKER FRAMES FAKE SAMPLE KEEPS-ALL MARKED-FRAMES    the programs that prove
 * and decode, one that lies, the one that draws a photo, and those that prove and decode with one
 * promise broken
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "oilskin/verify.h"
#include "published.h"
#include "unit/unit.h"

static const char *fake_path;
static const char *sample_path;
static const char *keeps_all_path;
static const char *marked_frames_path;
static size_t photo_len; /* of the scrubbed photo in `photo` */
static uint8_t photo[LOOKED_FILE_MAX];

static void assert_published(const Published *made, OskPublishKind kind, size_t len)
{
    if (made->status != OSK_OK) {
        fail_msg("kind %d: %s: %s", (int)kind, made->fault.part, made->fault.what);
    }
    assert_int_equal(made->fate, OSK_WORKER_TOLD);
    assert_int_equal(made->done.kind, kind);
    assert_int_equal(made->done.copy_len, len);
    assert_memory_equal(published, clean, len);
}

static void assert_is_jpeg(const OskPublishedPart *part)
{
    const uint8_t *bytes = published + part->offset;
    const OskSource source = osk_source_from_memory(bytes, part->len);
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    assert_int_equal(osk_verify(&source, NULL, NULL, NULL), OSK_OK);
    assert_int_equal(osk_codec_jpeg.open(bytes, part->len, &budget, &decoder, &info, NULL), OSK_OK);
    osk_codec_jpeg.close(&decoder);
    assert_int_equal(info.width, part->width);
    assert_int_equal(info.height, part->height);
    assert_int_equal(info.orientation, 1);
}

/* Each is a JPEG that nothing hidden is in, of the size that is said; together they are all that is
 * behind the copy. */
static void assert_renditions(const Published *made, uint32_t count)
{
    uint64_t end = made->done.copy_len;
    assert_int_equal(made->done.rendition_count, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(made->done.renditions[i].offset, end);
        assert_is_jpeg(&made->done.renditions[i]);
        end += made->done.renditions[i].len;
    }
    assert_int_equal(end, made->len);
}

/* ---- what is public ---- */

static void publish__a_clean_photo_is_public_as_it_is(void **state)
{
    (void)state;
    static const size_t pieces[] = { 1, 3, 8 };
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        memcpy(clean, photo, photo_len);
        Published made = publish_pieces(photo, photo_len, pieces[i]);
        assert_published(&made, OSK_PUBLISH_JPEG, photo_len);
        assert_false(made.done.moves);
        assert_int_equal(made.done.duration_ms, 0);
        assert_renditions(&made, made.done.width > OSK_PUBLISH_SIDE_LARGE ? 2 : 1);
    }
}

static void publish__each_kind_of_picture_is_public(void **state)
{
    (void)state;
    static const struct {
        const OskCodec *codec;
        OskPublishKind kind;
        uint32_t frames;
    } kinds[] = {
        { &osk_codec_jpeg, OSK_PUBLISH_JPEG, 1 }, { &osk_codec_png, OSK_PUBLISH_PNG, 1 },
        { &osk_codec_webp, OSK_PUBLISH_WEBP, 1 }, { &osk_codec_gif, OSK_PUBLISH_GIF, 1 },
        { &osk_codec_png, OSK_PUBLISH_PNG, 4 },   { &osk_codec_webp, OSK_PUBLISH_WEBP, 4 },
        { &osk_codec_gif, OSK_PUBLISH_GIF, 4 },
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        bool moves = kinds[i].frames > 1;
        const Drawing drawing = { kinds[i].codec,  OSK_PIXELS_RGB, 640, 400,
                                  kinds[i].frames, paint_shade };
        size_t len = publish_draw(&drawing);
        Published made = publish_bytes(clean, len);
        assert_published(&made, kinds[i].kind, len);
        assert_int_equal(made.done.width, 640);
        assert_int_equal(made.done.height, 400);
        assert_int_equal(made.done.moves, moves);
        assert_int_equal(made.done.duration_ms, moves ? 400 : 0);
        assert_renditions(&made, moves ? 0 : 1);
    }
}

static void publish__a_large_still_has_two_renditions(void **state)
{
    (void)state;
    const Drawing large = { &osk_codec_jpeg, OSK_PIXELS_RGB, 1000, 2000, 1, paint_noise };
    size_t len = publish_draw(&large);
    Published made = publish_bytes(clean, len);
    assert_published(&made, OSK_PUBLISH_JPEG, len);
    assert_int_equal(made.done.width, 1000);
    assert_int_equal(made.done.height, 2000);
    assert_renditions(&made, 2);
    assert_int_equal(made.done.renditions[0].width, 240);
    assert_int_equal(made.done.renditions[0].height, OSK_PUBLISH_SIDE_SMALL);
    assert_int_equal(made.done.renditions[1].width, 640);
    assert_int_equal(made.done.renditions[1].height, OSK_PUBLISH_SIDE_LARGE);
}

/* A page puts what is behind it there; a rendition would have a colour of its own. */
static void publish__what_is_small_or_clear_has_none(void **state)
{
    (void)state;
    static const Drawing drawings[] = {
        { &osk_codec_png, OSK_PIXELS_RGB, 480, 300, 1, paint_shade },
        { &osk_codec_png, OSK_PIXELS_RGBA, 2000, 900, 1, paint_clear },
        { &osk_codec_webp, OSK_PIXELS_RGBA, 900, 900, 1, paint_clear },
    };
    for (size_t i = 0; i < sizeof(drawings) / sizeof(drawings[0]); i++) {
        size_t len = publish_draw(&drawings[i]);
        Published made = publish_bytes(clean, len);
        assert_published(&made, i < 2 ? OSK_PUBLISH_PNG : OSK_PUBLISH_WEBP, len);
        assert_int_equal(made.done.width, drawings[i].width);
        assert_renditions(&made, 0);
    }
}

#define CLOCK "testsrc2=size=320x180:rate=25:duration=2"
#define CLOCK_AND_SOUND CLOCK "[out0];sine=frequency=440:duration=2[out1]"

static void publish__each_kind_of_video_is_public(void **state)
{
    (void)state;
    static const struct {
        const char *how;
        const char *extension;
        OskPublishKind kind;
    } kinds[] = {
        { "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac", "mp4", OSK_PUBLISH_MP4 },
        { "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac", "mov", OSK_PUBLISH_MP4 },
        { "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus", "webm", OSK_PUBLISH_WEBM },
        { "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis", "webm", OSK_PUBLISH_WEBM },
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = publish_film(CLOCK_AND_SOUND, kinds[i].how, kinds[i].extension);
        len = publish_scrub(draft, len);
        Published made = publish_pieces(clean, len, 2);
        assert_published(&made, kinds[i].kind, len);
        assert_true(made.done.moves);
        assert_int_equal(made.done.width, 320);
        assert_int_equal(made.done.height, 180);
        assert_in_range(made.done.duration_ms, 1900, 2100);
        assert_string_equal(made.done.unplayed_picture, "");
        assert_string_equal(made.done.unplayed_sound, "");
        assert_renditions(&made, 1);
        assert_int_equal(made.done.renditions[0].width, 320);
    }
}

static Published publish_drawn(const char *source, const char *how, const char *extension)
{
    size_t len = publish_film(source, how, extension);
    Published made = publish_bytes(clean, publish_scrub(draft, len));
    if (made.status != OSK_OK) {
        fail_msg("%s: %s: %s", how, made.fault.part, made.fault.what);
    }
    return made;
}

static OskImage open_rendition(const Published *made, uint32_t number)
{
    const OskPublishedPart *part = &made->done.renditions[number];
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFrame frame;
    memset(&frame, 0, sizeof(frame));
    assert_int_equal(
        osk_codec_jpeg.open(published + part->offset, part->len, &budget, &decoder, &info, NULL),
        OSK_OK);
    assert_int_equal(osk_codec_jpeg.next(decoder, &frame, NULL), OSK_OK);
    osk_codec_jpeg.close(&decoder);
    return frame.image;
}

#define AS_H264 "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
#define IN_THE_DARK(source)                                                                        \
    "color=black:size=1600x900:rate=25:duration=1[a];" source                                      \
    "size=1600x900:rate=25:duration=1[b];[a][b]concat=n=2"

/* What is seen of a video before it plays is no black box, though it begins in the dark. */
static void publish__a_video_has_a_picture_that_shows_something(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    Published made = publish_drawn(IN_THE_DARK("testsrc2="), AS_H264, "mp4");
    assert_renditions(&made, 2);
    assert_int_equal(made.done.renditions[0].width, OSK_PUBLISH_SIDE_SMALL);
    assert_int_equal(made.done.renditions[0].height, 270);
    assert_int_equal(made.done.renditions[1].width, OSK_PUBLISH_SIDE_LARGE);
    assert_int_equal(made.done.renditions[1].height, 720);
    for (uint32_t i = 0; i < 2; i++) {
        OskImage image = open_rendition(&made, i);
        uint64_t sum = 0;
        for (size_t at = 0; at < image.stride * image.height; at++) {
            sum += image.pixels[at];
        }
        assert_true(sum / (image.stride * image.height) > 50);
        osk_image_free(&image, &budget);
    }
    /* Where nothing shows anything, it is what there is. */
    made = publish_drawn(IN_THE_DARK("color=black:"), AS_H264, "mp4");
    assert_renditions(&made, 2);
}

/* Frames are turned by a mark of the file; a picture of one is upright in its pixels. */
static void publish__the_picture_of_a_turned_video_is_upright(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    char command[512];
    size_t len = publish_film("color=red:size=160x90:rate=5:duration=1,"
                              "drawbox=w=80:h=90:color=blue:t=fill",
                              AS_H264, "mp4");
    char path[128];
    snprintf(path, sizeof(path), "%s/a.mp4", rig_folder);
    FILE *file = fopen(path, "wb");
    assert_true(file != NULL && fwrite(draft, 1, len, file) == len && fclose(file) == 0);
    snprintf(command, sizeof(command),
             "cd '%s' && ffmpeg -nostdin -v error -y -i a.mp4 -c copy -metadata:s:v:0 rotate=90 "
             "b.mp4 && mv b.mp4 a.mp4",
             rig_folder);
    assert_int_equal(system(command), 0);
    file = fopen(path, "rb");
    assert_non_null(file);
    len = fread(draft, 1, sizeof(draft), file);
    assert_true(fclose(file) == 0 && unlink(path) == 0);
    Published made = publish_bytes(clean, publish_scrub(draft, len));
    assert_int_equal(made.status, OSK_OK);
    assert_int_equal(made.done.width, 90);
    assert_renditions(&made, 1);
    OskImage image = open_rendition(&made, 0);
    assert_true(image.width == 90 && image.height == 160);
    /* That program counts against the clock: the left becomes the bottom. */
    assert_true(looked_is_near(image.pixels + image.stride * 20 + (size_t)3 * 45, 255, 0, 0));
    assert_true(looked_is_near(image.pixels + image.stride * 140 + (size_t)3 * 45, 0, 0, 255));
    osk_image_free(&image, &budget);
}

/* Who publishes it is told, since others find a dead box, or a silent one. */
static void publish__what_not_every_browser_plays_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *how;
        const char *extension;
        const char *picture;
        const char *sound;
    } kinds[] = {
        { "-c:v libx265 -preset ultrafast -x265-params log-level=none:pools=1 -c:a aac", "mp4",
          "hevc", "" },
        { "-c:v libx264 -preset ultrafast -pix_fmt yuv422p -c:a aac", "mp4", "h264deep", "" },
        { "-c:v libx264 -preset ultrafast -pix_fmt yuv420p10le -c:a libmp3lame", "mp4", "h264deep",
          "" },
        { AS_H264 " -c:a alac", "mov", "", "alac" },
        { AS_H264 " -c:a ac3", "mp4", "", "ac3" },
        { "-c:v libaom-av1 -cpu-used 8 -usage realtime -c:a libopus", "webm", "av1", "" },
        { "-c:v mpeg4 -c:a pcm_s16le", "mov", "mpeg4", "pcms16le" },
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        Published made = publish_drawn(CLOCK_AND_SOUND, kinds[i].how, kinds[i].extension);
        assert_string_equal(made.done.unplayed_picture, kinds[i].picture);
        assert_string_equal(made.done.unplayed_sound, kinds[i].sound);
        assert_renditions(&made, 1);
    }
}

/* ---- what nobody believes ---- */

static void publish__a_checker_that_lies_is_not_believed(void **state)
{
    (void)state;
    static const char *const lies[] = { "check-other",      "check-nothing",  "check-less",
                                        "check-more",       "check-no-name",  "check-short",
                                        "check-as-picture", "check-as-strip", "die" };
    const char *honest = publish_worker;
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        char path[256];
        rig_liar(fake_path, lies[i], path);
        publish_worker = path;
        Published made = publish_bytes(photo, photo_len);
        publish_worker = honest;
        if (made.status != OSK_MALFORMED || made.fate != OSK_WORKER_DIED) {
            fail_msg("%s: %s, %d", lies[i], osk_status_name(made.status), (int)made.fate);
        }
        unlink(path);
    }
}

/* It was received, and written, and is no kind of file that is public. */
static void publish__a_checker_that_calls_a_page_clean_is_not_believed(void **state)
{
    (void)state;
    static const char page[] = "<html><script>alert(1)</script></html>";
    const char *honest = publish_worker;
    char path[256];
    rig_liar(fake_path, "check-page", path);
    publish_worker = path;
    Published made = publish_bytes(page, sizeof(page) - 1);
    publish_worker = honest;
    assert_int_equal(made.status, OSK_MALFORMED);
    unlink(path);
}

static void publish__what_a_decoder_makes_is_proven_like_the_copy(void **state)
{
    (void)state;
    static const char *const lies[] = { "render-page", "render-large-page" };
    const char *honest = publish_decoder;
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        char path[256];
        rig_liar(fake_path, lies[i], path);
        publish_decoder = path;
        Published made = publish_bytes(photo, photo_len);
        publish_decoder = honest;
        assert_int_equal(made.status, OSK_MALFORMED);
        assert_string_equal(made.fault.what,
                            "the decoder made something else than a clean picture");
        unlink(path);
    }
}

/* One frame of a video is what a decoder made, too. */
static void publish__a_picture_of_a_video_is_proven_like_the_copy(void **state)
{
    (void)state;
    const char *honest = publish_frames;
    size_t len = publish_scrub(draft, publish_film(CLOCK, AS_H264, "mp4"));
    publish_frames = marked_frames_path;
    Published made = publish_bytes(clean, len);
    publish_frames = honest;
    assert_int_equal(made.status, OSK_MALFORMED);
    assert_string_equal(made.fault.what, "the decoder made something else than a clean picture");
}

/* Where the first opinion keeps what it should drop, in whatever table, the second one says so. */
static void publish__the_second_opinion_alone_finds_what_is_hidden(void **state)
{
    (void)state;
    static const struct {
        const char *how;
        const char *extension;
    } films[] = {
        { AS_H264 " -metadata title=secret", "mp4" },
        { "-c:v libvpx -deadline realtime -cpu-used 8 -metadata title=secret", "webm" },
    };
    const char *honest = publish_worker;
    publish_worker = keeps_all_path;
    Published made = publish_bytes(photo, photo_len);
    assert_int_equal(made.status, OSK_OK);
    made = publish_bytes(draft, rig_photo(sample_path, draft, sizeof(draft)));
    assert_int_equal(made.status, OSK_FOUND);
    for (size_t i = 0; i < sizeof(films) / sizeof(films[0]); i++) {
        made = publish_bytes(draft, publish_film(CLOCK, films[i].how, films[i].extension));
        assert_int_equal(made.status, OSK_FOUND);
        assert_string_equal(made.fault.next, "scrub it once more, and publish that copy");
    }
    publish_worker = honest;
}

static void publish__a_machine_that_is_to_blame_is_named(void **state)
{
    (void)state;
    const char *honest = publish_worker;
    publish_worker = "/bin/false";
    Published made = publish_bytes(photo, photo_len);
    publish_worker = honest;
    assert_int_equal(made.status, OSK_IO);
    assert_int_equal(made.fate, OSK_WORKER_LAME);
}

static int begin(void **state)
{
    int status = rig_begin(state);
    if (status == 0) {
        photo_len = publish_scrub(draft, rig_photo(sample_path, draft, sizeof(draft)));
        memcpy(photo, clean, photo_len);
    }
    return status;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publish__a_clean_photo_is_public_as_it_is),
        cmocka_unit_test(publish__each_kind_of_picture_is_public),
        cmocka_unit_test(publish__a_large_still_has_two_renditions),
        cmocka_unit_test(publish__what_is_small_or_clear_has_none),
        cmocka_unit_test(publish__each_kind_of_video_is_public),
        cmocka_unit_test(publish__a_checker_that_lies_is_not_believed),
        cmocka_unit_test(publish__a_checker_that_calls_a_page_clean_is_not_believed),
        cmocka_unit_test(publish__what_a_decoder_makes_is_proven_like_the_copy),
        cmocka_unit_test(publish__a_video_has_a_picture_that_shows_something),
        cmocka_unit_test(publish__the_picture_of_a_turned_video_is_upright),
        cmocka_unit_test(publish__what_not_every_browser_plays_is_named),
        cmocka_unit_test(publish__a_picture_of_a_video_is_proven_like_the_copy),
        cmocka_unit_test(publish__the_second_opinion_alone_finds_what_is_hidden),
        cmocka_unit_test(publish__a_machine_that_is_to_blame_is_named),
    };
    if (argc != 8) {
        return 2;
    }
    publish_worker = argv[1];
    publish_decoder = argv[2];
    publish_frames = argv[3];
    fake_path = argv[4];
    sample_path = argv[5];
    keeps_all_path = argv[6];
    marked_frames_path = argv[7];
    return cmocka_run_group_tests(tests, begin, rig_end);
}
