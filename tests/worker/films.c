/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sealed video goes into oilskin-frames, and a sealed sheet of its frames comes out.
 *
 * usage: films FRAMES WORKER HASTY HASTY [PATTERN]
 *                                           the program that decodes videos, the one that doesn't,
 * and two of the first with a clock that runs (hasty_clock.c): the processor's, and the machine's
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "looked.h"
#include "unit/unit.h"

static const char *frames_path;
static const char *worker_path;
static const char *const *hasty_paths;
static uint8_t film[LOOKED_FILE_MAX];
static size_t film_len;

/* The file that ffmpeg makes of its drawn clock and colours: `how` are its options behind the
 * source. */
static void draw(const char *source, const char *how, const char *extension)
{
    char command[1024];
    char path[128];
    snprintf(path, sizeof(path), "%s/film.%s", rig_folder, extension);
    snprintf(command, sizeof(command),
             "ffmpeg -nostdin -v error -y -f lavfi -i '%s' -threads 1 %s '%s'", source, how, path);
    assert_int_equal(system(command), 0);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    film_len = fread(film, 1, sizeof(film), file);
    fclose(file);
    unlink(path);
}

#define CLOCK "testsrc2=size=320x180:rate=25:duration="

/* A first second in red, one in green, one in blue; 24 frames each. */
#define COLOURS                                                                                    \
    "color=red:size=160x90:rate=24:duration=1[a];color=green:size=160x90:rate=24:duration=1[b];"   \
    "color=blue:size=160x90:rate=24:duration=1[c];[a][b][c]concat=n=3"

static void films__each_container_and_coding_has_a_sheet(void **state)
{
    (void)state;
    static const char *const kinds[][2] = {
        { "-c:v libx264 -preset ultrafast -pix_fmt yuv420p", "mp4" },
        { "-c:v libx264 -preset ultrafast -pix_fmt yuv420p", "mov" },
        { "-c:v libx265 -preset ultrafast -x265-params log-level=none:pools=1", "mp4" },
        { "-c:v libvpx -deadline realtime -cpu-used 8", "webm" },
        { "-c:v libvpx-vp9 -deadline realtime -cpu-used 8", "webm" },
        { "-c:v libaom-av1 -cpu-used 8 -usage realtime", "mkv" },
        { "-c:v mpeg4", "mp4" },
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        Looked looked;
        draw(CLOCK "2", kinds[i][0], kinds[i][1]);
        looked_at(&looked, frames_path, film, film_len, 1 + i % 3);
        if (looked.status != OSK_OK) {
            fail_msg("%s in %s: %s", kinds[i][0], kinds[i][1], looked.fault.what);
        }
        assert_int_equal(looked.done.kind, OSK_LOOK_VIDEO);
        assert_int_equal(looked.done.frames, 50);
        assert_in_range(looked.done.duration_ms, 1900, 2100);
        assert_int_equal(looked.done.width, 320);
        assert_int_equal(looked.done.height, 180);
        assert_int_equal(looked.preview.width, 3 * 320 + 8);
        assert_int_equal(looked.preview.height, 3 * 180 + 8);
        assert_non_null(looked.pack);
        assert_int_equal(looked.pack->kind, OSK_PACK_VIDEO);
        assert_false(looked.pack->low_diversity);
        assert_true(looked.pack->key_count >= 8);
        looked_forget(&looked);
    }
}

static void films__a_sheet_goes_from_the_first_frame_to_the_last(void **state)
{
    (void)state;
    Looked looked;
    draw(COLOURS, "-c:v libx264 -preset ultrafast -pix_fmt yuv420p", "mp4");
    looked_at(&looked, frames_path, film, film_len, 1);
    assert_int_equal(looked.status, OSK_OK);
    for (uint32_t i = 0; i < 9; i++) {
        const uint8_t *middle = looked_pixel(&looked, i % 3 * 164 + 80, i / 3 * 94 + 45);
        /* The green of this name is half as bright. */
        const int wanted[3][3] = { { 255, 0, 0 }, { 0, 128, 0 }, { 0, 0, 255 } };
        const int *rgb = wanted[i / 3];
        if (!looked_is_near(middle, rgb[0], rgb[1], rgb[2])) {
            fail_msg("place %u: %u %u %u", i, middle[0], middle[1], middle[2]);
        }
    }
    /* Three colours and nothing that moves: it tells nothing, and is never a copy. */
    assert_non_null(looked.pack);
    assert_true(looked.pack->low_diversity);
    looked_forget(&looked);
}

/* Here the last frames come right behind those that are taken at round times. */
static void films__what_comes_last_is_shown(void **state)
{
    (void)state;
    Looked looked;
    draw("color=red:size=160x90:rate=24:duration=2.3[a];"
         "color=blue:size=160x90:rate=24:duration=0.15[b];[a][b]concat",
         "-c:v mpeg4 -q:v 2", "mp4");
    looked_at(&looked, frames_path, film, film_len, 1);
    assert_int_equal(looked.status, OSK_OK);
    assert_true(looked_is_near(looked_pixel(&looked, 80, 45), 255, 0, 0));
    assert_true(looked_is_near(looked_pixel(&looked, 2 * 164 + 80, 2 * 94 + 45), 0, 0, 255));
    looked_forget(&looked);
}

/* A video of one frame, and one whose header says that it lasts no time. */
static void films__what_a_file_says_of_its_length_is_not_believed(void **state)
{
    (void)state;
    Looked looked;
    draw(COLOURS, "-c:v mpeg4 -q:v 2 -g 1 -movflags frag_keyframe+empty_moov", "mp4");
    uint8_t *header = memmem(film, film_len, "mvhd", 4);
    assert_non_null(header);
    memset(header + 20, 0, 4);
    looked_at(&looked, frames_path, film, film_len, 1);
    assert_int_equal(looked.status, OSK_OK);
    assert_true(looked_is_near(looked_pixel(&looked, 80, 45), 255, 0, 0));
    assert_true(looked_is_near(looked_pixel(&looked, 2 * 164 + 80, 2 * 94 + 45), 0, 0, 255));
    assert_in_range(looked.pack->duration_ms, 2900, 3100);
    looked_forget(&looked);
    draw("color=red:size=160x90:rate=1:duration=1", "-c:v mpeg4 -q:v 2", "mp4");
    looked_at(&looked, frames_path, film, film_len, 1);
    assert_int_equal(looked.status, OSK_OK);
    assert_int_equal(looked.done.frames, 1);
    assert_int_equal(looked.preview.width, 160);
    looked_forget(&looked);
}

static void films__a_turned_video_is_shown_upright(void **state)
{
    (void)state;
    static const char *const ways[] = { "90", "180", "270" };
    for (size_t i = 0; i < 3; i++) {
        Looked looked;
        char path[128];
        char turned[128];
        char command[512];
        draw("color=red:size=160x90:rate=5:duration=1,drawbox=w=80:h=90:color=blue:t=fill",
             "-c:v mpeg4 -q:v 2", "mp4");
        snprintf(path, sizeof(path), "%s/a.mp4", rig_folder);
        snprintf(turned, sizeof(turned), "%s/b.mp4", rig_folder);
        FILE *file = fopen(path, "wb");
        assert_true(file != NULL && fwrite(film, 1, film_len, file) == film_len);
        assert_int_equal(fclose(file), 0);
        snprintf(command, sizeof(command),
                 "ffmpeg -nostdin -v error -y -i '%s' -c copy -metadata:s:v:0 rotate=%s '%s'", path,
                 ways[i], turned);
        assert_int_equal(system(command), 0);
        file = fopen(turned, "rb");
        assert_non_null(file);
        film_len = fread(film, 1, sizeof(film), file);
        assert_int_equal(fclose(file), 0);
        assert_true(unlink(path) == 0 && unlink(turned) == 0);
        looked_at(&looked, frames_path, film, film_len, 1);
        assert_int_equal(looked.status, OSK_OK);
        bool upright = i != 1;
        assert_int_equal(looked.done.width, upright ? 90 : 160);
        /* That program counts against the clock: by 90 degrees the left becomes the bottom. */
        const uint32_t first[3][2] = { { 45, 140 }, { 140, 45 }, { 45, 20 } };
        const uint32_t last[3][2] = { { 45, 20 }, { 20, 45 }, { 45, 140 } };
        assert_true(looked_is_near(looked_pixel(&looked, first[i][0], first[i][1]), 0, 0, 255));
        assert_true(looked_is_near(looked_pixel(&looked, last[i][0], last[i][1]), 255, 0, 0));
        looked_forget(&looked);
    }
}

static void films__pixels_that_are_no_squares_are_shown_as_on_a_screen(void **state)
{
    (void)state;
    Looked looked;
    draw("testsrc2=size=180x144:rate=5:duration=1", "-c:v mpeg4 -aspect 16:9", "mp4");
    looked_at(&looked, frames_path, film, film_len, 1);
    assert_int_equal(looked.status, OSK_OK);
    assert_in_range(looked.done.width, 254, 258);
    assert_int_equal(looked.done.height, 144);
    assert_in_range(looked.preview.width, 3 * 254 + 8, 3 * 258 + 8);
    looked_forget(&looked);
}

static void films__a_smaller_copy_is_explained_by_its_original(void **state)
{
    (void)state;
    Looked original;
    Looked copy;
    OskLikeness likeness;
    draw("testsrc2=size=640x360:rate=30:duration=6", "-c:v libx264 -preset ultrafast -crf 20",
         "mp4");
    looked_at(&original, frames_path, film, film_len, 1);
    draw("testsrc2=size=640x360:rate=30:duration=6,scale=320:180",
         "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 600k", "webm");
    looked_at(&copy, frames_path, film, film_len, 1);
    assert_true(original.pack != NULL && copy.pack != NULL);
    assert_int_equal(osk_pack_compare(&likeness, copy.pack, original.pack, NULL, NULL), OSK_OK);
    assert_int_equal(likeness.tier, OSK_TIER_EXPLAINED);
    looked_forget(&original);
    looked_forget(&copy);
}

/* What was never compared must not fold. Whichever of the two clocks is over first: two thirds of
 * the processor's time, which is half of the job's, and twelve tenths of that by the clock. There
 * every question takes half a second, so that this counts frames, whatever else the machine
 * does. */
static void films__a_video_that_takes_too_long_has_a_preview_and_no_pack(void **state)
{
    (void)state;
    static const uint32_t frames[2] = { (LOOKED_MS / 2000 + 1) * 4 / 3,
                                        (LOOKED_MS / 2000 + 1) * 12 / 5 };
    draw("color=red:size=160x90:rate=40:duration=15[a];"
         "color=blue:size=160x90:rate=40:duration=15[b];[a][b]concat",
         "-c:v libx264 -preset ultrafast -g 5 -pix_fmt yuv420p", "mp4");
    for (size_t i = 0; i < 2; i++) {
        Looked looked;
        looked_at(&looked, hasty_paths[i], film, film_len, 1);
        assert_int_equal(looked.status, OSK_OK);
        assert_null(looked.pack);
        assert_in_range(looked.done.frames, frames[i] - 3, frames[i] + 3);
        assert_in_range(looked.done.duration_ms, 29900, 30100);
        assert_int_equal(looked.preview.width, 3 * 160 + 8);
        uint32_t cell = looked.preview.height / 3;
        assert_true(looked_is_near(looked_pixel(&looked, 80, cell / 2), 255, 0, 0));
        assert_true(looked_is_near(looked_pixel(&looked, 408, 2 * cell + cell / 2), 0, 0, 255));
        looked_forget(&looked);
    }
    /* The same where nothing hurries it. */
    Looked whole;
    looked_at(&whole, frames_path, film, film_len, 1);
    assert_int_equal(whole.status, OSK_OK);
    assert_int_equal(whole.done.frames, 1200);
    assert_non_null(whole.pack);
    looked_forget(&whole);
}

/* What only its second track shows is in no pack. */
static void films__a_video_of_two_tracks_folds_under_nothing(void **state)
{
    (void)state;
    Looked looked;
    draw(CLOCK "2", "-map 0:v -map 0:v -c:v mpeg4", "mp4");
    looked_at(&looked, frames_path, film, film_len, 1);
    assert_int_equal(looked.status, OSK_OK);
    assert_null(looked.pack);
    looked_forget(&looked);
}

/* Muted copies that came first would hide who was heard. */
static void films__sound_that_the_representative_lacks_is_shown(void **state)
{
    (void)state;
    Looked mute;
    Looked heard;
    OskLikeness likeness;
    draw(CLOCK "6", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p", "mp4");
    looked_at(&mute, frames_path, film, film_len, 1);
    draw(CLOCK "6",
         "-f lavfi -i sine=frequency=440:duration=6 -c:v libx264 -preset ultrafast "
         "-pix_fmt yuv420p -c:a aac",
         "mp4");
    looked_at(&heard, frames_path, film, film_len, 1);
    assert_true(mute.pack != NULL && heard.pack != NULL);
    assert_int_equal(mute.pack->capture & OSK_CAPTURE_SOUND, 0);
    assert_int_equal(heard.pack->capture, mute.pack->capture | OSK_CAPTURE_SOUND);
    heard.pack->duration_ms = mute.pack->duration_ms;
    assert_int_equal(osk_pack_compare(&likeness, heard.pack, mute.pack, NULL, NULL), OSK_OK);
    assert_int_equal(likeness.tier, OSK_TIER_DIFFERENT);
    assert_int_equal(osk_pack_compare(&likeness, mute.pack, heard.pack, NULL, NULL), OSK_OK);
    assert_int_equal(likeness.tier, OSK_TIER_EXPLAINED);
    looked_forget(&mute);
    looked_forget(&heard);
}

/* One description more of its samples: those of another coding are passed over in silence. */
static void describe_again(void)
{
    static const char *const boxes[] = { "moov", "trak", "mdia", "minf", "stbl", "stsd" };
    uint8_t *box = film;
    for (size_t i = 0; i < 6; i++) {
        box = memmem(box, film_len - (size_t)(box - film), boxes[i], 4);
        assert_non_null(box);
    }
    uint8_t *entry = box + 12;
    size_t len = (size_t)entry[2] << 8 | entry[3];
    assert_true(film_len + len <= sizeof(film));
    memmove(entry + len, entry, film_len - (size_t)(entry - film));
    film_len += len;
    box[11] = 2;
    box = film;
    for (size_t i = 0; i < 6; i++) {
        box = memmem(box, film_len - (size_t)(box - film), boxes[i], 4);
        size_t longer = ((size_t)box[-4] << 24 | (size_t)box[-3] << 16 | (size_t)box[-2] << 8 |
                         (size_t)box[-1]) +
                        len;
        for (int at = 1; at <= 4; at++, longer >>= 8) {
            box[-at] = (uint8_t)longer;
        }
    }
}

static void expect_pack(bool expected, const char *what)
{
    Looked looked;
    looked_at(&looked, frames_path, film, film_len, 1);
    if (looked.status != OSK_OK || (looked.pack != NULL) != expected) {
        fail_msg("%s: %s", what, looked.status != OSK_OK ? looked.fault.what : "a pack or none");
    }
    looked_forget(&looked);
}

/* Another player may show what no frame was compared of. */
static void films__what_was_not_wholly_decoded_folds_under_nothing(void **state)
{
    (void)state;
    static const char *const kinds[][2] = {
        { "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -movflags +faststart", "mp4" },
        { "-c:v mpeg4 -movflags +frag_keyframe+empty_moov -g 25", "mp4" },
        { "-c:v libvpx -deadline realtime -cpu-used 8 -g 25", "webm" },
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        draw(CLOCK "6", kinds[i][0], kinds[i][1]);
        expect_pack(true, kinds[i][0]);
        /* A second and a half: less is no gap where nothing counts samples. */
        memset(film + film_len / 2, 0xFF, film_len / 4);
        expect_pack(false, "damaged");
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i += 2) {
        draw(CLOCK "6", kinds[i][0], kinds[i][1]);
        film_len = film_len * 2 / 3;
        expect_pack(false, "cut off");
    }
    draw(CLOCK "6", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p", "mp4");
    describe_again();
    expect_pack(false, "two descriptions");
}

/* A small first scene is no small film. */
static void films__the_largest_frame_says_how_many_pixels_there_are(void **state)
{
    (void)state;
    Looked looked;
    char command[1024];
    char path[128];
    snprintf(path, sizeof(path), "%s/film.webm", rig_folder);
    snprintf(command, sizeof(command),
             "cd %s && for side in 160x90 640x360; do ffmpeg -nostdin -v error -y -f lavfi -i "
             "testsrc2=size=$side:rate=10:duration=2 -c:v libvpx -deadline realtime -cpu-used 8 "
             "$side.webm && echo file $side.webm; done >list && ffmpeg -nostdin -v error -y -f "
             "concat -i list -c copy film.webm && rm list 160x90.webm 640x360.webm",
             rig_folder);
    assert_int_equal(system(command), 0);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    film_len = fread(film, 1, sizeof(film), file);
    fclose(file);
    unlink(path);
    looked_at(&looked, frames_path, film, film_len, 1);
    assert_int_equal(looked.status, OSK_OK);
    assert_int_equal(looked.done.width, 640);
    assert_int_equal(looked.done.height, 360);
    looked_forget(&looked);
}

static void films__a_broken_video_is_refused_in_words(void **state)
{
    (void)state;
    Looked looked;
    draw(CLOCK "1", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p", "mp4");
    /* Without the index at its end nothing can be found. */
    looked_at(&looked, frames_path, film, film_len / 2, 1);
    assert_int_not_equal(looked.status, OSK_OK);
    looked_at(&looked, frames_path, film, 30, 1);
    assert_int_not_equal(looked.status, OSK_OK);
    looked_at(&looked, frames_path, film, 0, 1);
    assert_int_equal(looked.status, OSK_UNSUPPORTED);
    /* A coding that is not on the list. */
    draw(CLOCK "1", "-c:v ffv1", "mkv");
    looked_at(&looked, frames_path, film, film_len, 1);
    assert_int_equal(looked.status, OSK_UNSUPPORTED);
}

/* Whatever is in it, there is an answer that makes sense, or words; the same bytes each time. */
static void films__changed_bytes_do_no_harm(void **state)
{
    (void)state;
    static const char *const kinds[][2] = {
        { "-c:v libx264 -preset ultrafast -pix_fmt yuv420p", "mp4" },
        { "-c:v libvpx-vp9 -deadline realtime -cpu-used 8", "webm" },
    };
    uint32_t drawn = 1;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        draw("testsrc2=size=96x64:rate=10:duration=1", kinds[i][0], kinds[i][1]);
        for (unsigned round = 0; round < 12; round++) {
            Looked looked;
            for (unsigned j = 0; j < 8; j++) {
                drawn = drawn * 1664525 + 1013904223;
                film[12 + (drawn >> 8) % (film_len - 12)] ^= (uint8_t)(1u << (drawn & 7));
            }
            looked_at(&looked, frames_path, film, film_len, 1);
            if (looked.status != OSK_OK) {
                assert_null(strstr(looked.fault.what, "crashed"));
                assert_null(strstr(looked.fault.what, "sandbox"));
            }
            looked_forget(&looked);
        }
    }
}

/* Each program has its own kinds of files: what the other one decodes is not even opened. */
static void films__pictures_are_not_looked_at_here_nor_videos_there(void **state)
{
    (void)state;
    const Drawing small = { &osk_codec_png, OSK_PIXELS_RGB, 96, 64, 1, paint_shade };
    static uint8_t drawn[1u << 16];
    Looked looked;
    size_t len = drawing_write(&small, drawn, sizeof(drawn));
    looked_at(&looked, frames_path, drawn, len, 1);
    assert_int_equal(looked.status, OSK_UNSUPPORTED);
    draw(CLOCK "1", "-c:v mpeg4", "mp4");
    looked_films = false;
    looked_at(&looked, worker_path, film, film_len, 1);
    looked_films = true;
    assert_int_equal(looked.status, OSK_UNSUPPORTED);
    assert_string_equal(looked.fault.part, "format");
}

/* A worker that is handed a job which it does not do says so, and ends. */
static void films__nothing_is_scrubbed_by_the_program_of_videos(void **state)
{
    (void)state;
    Sealed sealed;
    OskStripDone done;
    OskWorkerFate fate;
    OskFault fault = { .status = OSK_OK };
    draw(CLOCK "1", "-c:v mpeg4", "mp4");
    rig_seal(&sealed, film, film_len, 1);
    const OskStripJob job = { .input_fd = sealed.input,
                              .segments = sealed.segments,
                              .segment_count = sealed.count,
                              .output_fd = sealed.output,
                              .output_max = osk_strip_output_max(film_len),
                              .recipients = &rig_desk.recipient,
                              .recipient_count = 1,
                              .worker = frames_path };
    assert_int_equal(osk_worker_strip(&job, &done, &fate, &fault), OSK_MALFORMED);
    assert_string_equal(fault.what, "a job for another worker");
    rig_let_go(&sealed);
}

static int begin(void **state)
{
    looked_begin();
    looked_films = true;
    return rig_begin(state);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(films__each_container_and_coding_has_a_sheet),
        cmocka_unit_test(films__a_sheet_goes_from_the_first_frame_to_the_last),
        cmocka_unit_test(films__what_comes_last_is_shown),
        cmocka_unit_test(films__what_a_file_says_of_its_length_is_not_believed),
        cmocka_unit_test(films__a_turned_video_is_shown_upright),
        cmocka_unit_test(films__pixels_that_are_no_squares_are_shown_as_on_a_screen),
        cmocka_unit_test(films__a_smaller_copy_is_explained_by_its_original),
        cmocka_unit_test(films__a_video_that_takes_too_long_has_a_preview_and_no_pack),
        cmocka_unit_test(films__a_video_of_two_tracks_folds_under_nothing),
        cmocka_unit_test(films__sound_that_the_representative_lacks_is_shown),
        cmocka_unit_test(films__what_was_not_wholly_decoded_folds_under_nothing),
        cmocka_unit_test(films__the_largest_frame_says_how_many_pixels_there_are),
        cmocka_unit_test(films__a_broken_video_is_refused_in_words),
        cmocka_unit_test(films__changed_bytes_do_no_harm),
        cmocka_unit_test(films__pictures_are_not_looked_at_here_nor_videos_there),
        cmocka_unit_test(films__nothing_is_scrubbed_by_the_program_of_videos),
    };
    if (argc < 5 || argc > 6) {
        return 2;
    }
    if (argc == 6) {
        cmocka_set_test_filter(argv[5]);
    }
    frames_path = argv[1];
    worker_path = argv[2];
    hasty_paths = (const char *const *)argv + 3;
    return cmocka_run_group_tests(tests, begin, rig_end);
}
