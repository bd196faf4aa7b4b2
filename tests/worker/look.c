/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sealed file goes into the worker, and a sealed preview comes out.
 *
 * usage: look WORKER FAKE SAMPLE    the real worker, one that lies, and the program that draws a
 * photo
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "looked.h"
#include "unit/unit.h"

static const char *worker_path;
static const char *fake_path;
static const char *sample_path;
static uint8_t photo[LOOKED_FILE_MAX];
static size_t photo_len;

static uint8_t drawn[LOOKED_FILE_MAX];

/* ---- promises ---- */

static void look__a_preview_is_a_small_jpeg_for_the_desk(void **state)
{
    (void)state;
    static const size_t pieces[] = { 1, 2, 7 };
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        Looked looked;
        looked_at(&looked, worker_path, photo, photo_len, pieces[i]);
        assert_int_equal(looked.status, OSK_OK);
        assert_int_equal(looked.done.kind, OSK_LOOK_STILL);
        assert_int_equal(looked.done.frames, 1);
        assert_int_equal(looked.done.duration_ms, 0);
        bool flat = looked.done.width > looked.done.height;
        assert_true(flat == (looked.preview.width > looked.preview.height));
        looked_forget(&looked);
    }
}

static void look__nothing_but_pixels_comes_from_the_file(void **state)
{
    (void)state;
    static const char *const traces[] = { "Exif", "http://ns.adobe.com", "ICC_PROFILE", "GPS" };
    Looked looked;
    assert_non_null(memmem(photo, photo_len, "Exif", 4));
    looked_at(&looked, worker_path, photo, photo_len, 1);
    assert_int_equal(looked.status, OSK_OK);
    for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
        assert_null(
            memmem(looked.jpeg, (size_t)looked.done.plain_len, traces[i], strlen(traces[i])));
    }
    looked_forget(&looked);
}

/* Noise says most, and no setting makes it small. */
static void look__a_preview_is_never_longer_than_200_kib(void **state)
{
    (void)state;
    const Drawing noise = { &osk_codec_png, OSK_PIXELS_RGB, 1400, 1400, 1, paint_noise };
    Looked looked;
    size_t len = drawing_write(&noise, drawn, sizeof(drawn));
    looked_at(&looked, worker_path, drawn, len, 1);
    assert_int_equal(looked.status, OSK_OK);
    assert_int_equal(looked.done.width, 1400);
    assert_true(looked.preview.width >= OSK_LOOK_PREVIEW_SIDE / 2);
    looked_forget(&looked);
}

static void look__a_small_picture_is_not_made_larger(void **state)
{
    (void)state;
    const Drawing small = { &osk_codec_png, OSK_PIXELS_RGB, 40, 30, 1, paint_shade };
    Looked looked;
    size_t len = drawing_write(&small, drawn, sizeof(drawn));
    looked_at(&looked, worker_path, drawn, len, 1);
    assert_int_equal(looked.status, OSK_OK);
    assert_int_equal(looked.preview.width, 40);
    assert_int_equal(looked.preview.height, 30);
    looked_forget(&looked);
}

/* On white, white words would be invisible, and what they say unseen. */
static void look__transparency_lies_on_grey(void **state)
{
    (void)state;
    const Drawing clear = { &osk_codec_png, OSK_PIXELS_RGBA, 64, 64, 1, paint_clear };
    Looked looked;
    size_t len = drawing_write(&clear, drawn, sizeof(drawn));
    looked_at(&looked, worker_path, drawn, len, 1);
    assert_int_equal(looked.status, OSK_OK);
    assert_true(looked_is_near(looked_pixel(&looked, 32, 32), 128, 128, 128));
    looked_forget(&looked);
}

static void look__an_animation_is_a_sheet_from_its_first_frame_to_its_last(void **state)
{
    (void)state;
    static const uint32_t shown[9] = { 0, 3, 6, 9, 12, 15, 18, 21, 24 };
    const Drawing film = { &osk_codec_gif, OSK_PIXELS_RGBA, 80, 60, 25, paint_shade };
    Looked looked;
    size_t len = drawing_write(&film, drawn, sizeof(drawn));
    looked_at(&looked, worker_path, drawn, len, 1);
    assert_int_equal(looked.status, OSK_OK);
    assert_int_equal(looked.done.kind, OSK_LOOK_ANIMATION);
    assert_int_equal(looked.done.frames, 25);
    assert_int_equal(looked.done.duration_ms, 2500);
    assert_int_equal(looked.done.width, 80);
    assert_int_equal(looked.preview.width, 3 * 80 + 8);
    assert_int_equal(looked.preview.height, 3 * 60 + 8);
    for (uint32_t i = 0; i < 9; i++) {
        int shade = (int)(10 * shown[i]);
        const uint8_t *middle = looked_pixel(&looked, i % 3 * 84 + 40, i / 3 * 64 + 30);
        if (!looked_is_near(middle, shade, shade, shade)) {
            fail_msg("place %u: %u instead of %d", i, middle[0], shade);
        }
    }
    looked_forget(&looked);
}

static void look__fewer_frames_have_a_place_each(void **state)
{
    (void)state;
    for (uint32_t frames = 2; frames <= 6; frames++) {
        Drawing film = { &osk_codec_gif, OSK_PIXELS_RGBA, 80, 60, frames, paint_shade };
        uint32_t columns = frames <= 4 ? 2 : 3;
        uint32_t rows = (frames + columns - 1) / columns;
        Looked looked;
        size_t len = drawing_write(&film, drawn, sizeof(drawn));
        looked_at(&looked, worker_path, drawn, len, 1);
        assert_int_equal(looked.status, OSK_OK);
        assert_int_equal(looked.preview.width, columns * 80 + (columns - 1) * 4);
        assert_int_equal(looked.preview.height, rows * 60 + (rows - 1) * 4);
        looked_forget(&looked);
    }
}

/* Their libraries start threads, and the server does not know that a file is one. */
static void look__heif_and_avif_are_shown_though_nobody_said_what_they_are(void **state)
{
    (void)state;
    static const char *const tools[] = { "avifenc -s 10 '%s/a.png' '%s/b' >/dev/null 2>&1",
                                         "heif-enc '%s/a.png' -o '%s/b' >/dev/null 2>&1" };
    const Drawing small = { &osk_codec_png, OSK_PIXELS_RGB, 96, 64, 1, paint_shade };
    size_t len = drawing_write(&small, drawn, sizeof(drawn));
    char path[256];
    snprintf(path, sizeof(path), "%s/a.png", rig_folder);
    FILE *file = fopen(path, "wb");
    assert_true(file != NULL && fwrite(drawn, 1, len, file) == len && fclose(file) == 0);
    snprintf(path, sizeof(path), "%s/b", rig_folder);
    for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
        char command[512];
        Looked looked;
        snprintf(command, sizeof(command), tools[i], rig_folder, rig_folder);
        assert_int_equal(system(command), 0);
        file = fopen(path, "rb");
        assert_non_null(file);
        len = fread(drawn, 1, sizeof(drawn), file);
        fclose(file);
        unlink(path);
        looked_at(&looked, worker_path, drawn, len, 1);
        assert_int_equal(looked.status, OSK_OK);
        assert_int_equal(looked.done.width, 96);
        assert_int_equal(looked.preview.height, 64);
        looked_forget(&looked);
    }
    snprintf(path, sizeof(path), "%s/a.png", rig_folder);
    unlink(path);
}

/* Bytes that claim a picture of 60,000 x 60,000 are refused before one of its rows is made. */
static void look__a_claim_is_asked_for_its_cost_before_work(void **state)
{
    (void)state;
    const Drawing small = { &osk_codec_bmp, OSK_PIXELS_RGB, 8, 8, 1, paint_shade };
    const uint8_t side[4] = { 0x60, 0xEA, 0, 0 };
    Looked looked;
    size_t len = drawing_write(&small, drawn, sizeof(drawn));
    memcpy(drawn + 18, side, 4);
    memcpy(drawn + 22, side, 4);
    looked_at(&looked, worker_path, drawn, len, 1);
    assert_true(looked.status == OSK_LIMIT || looked.status == OSK_TRUNCATED ||
                looked.status == OSK_MALFORMED);
    looked_forget(&looked);
}

static void look__what_is_no_picture_is_refused_in_words(void **state)
{
    (void)state;
    static const char text[] = "This is a letter, and no picture.";
    Looked looked;
    looked_at(&looked, worker_path, (const uint8_t *)text, sizeof(text), 1);
    assert_int_equal(looked.status, OSK_UNSUPPORTED);
    looked_at(&looked, worker_path, (const uint8_t *)text, 0, 1);
    assert_int_not_equal(looked.status, OSK_OK);
    /* A JPEG that ends within its header. */
    looked_at(&looked, worker_path, photo, 40, 1);
    assert_int_not_equal(looked.status, OSK_OK);
}

static void look__a_wrong_key_or_a_changed_byte_is_noticed(void **state)
{
    (void)state;
    Sealed sealed;
    OskLookDone done;
    OskFault fault;
    rig_seal(&sealed, photo, photo_len, 3);
    sealed.segments[1].key[3] ^= 1;
    assert_int_equal(looked_ask(&sealed, worker_path, &done, &fault), OSK_AUTH);
    rig_let_go(&sealed);
}

static void look__a_preview_has_no_more_room_than_it_was_given(void **state)
{
    (void)state;
    Sealed sealed;
    OskLookDone done;
    OskFault fault = { .status = OSK_OK };
    struct stat info;
    rig_seal(&sealed, photo, photo_len, 1);
    const OskStripJob job = { .input_fd = sealed.input,
                              .segments = sealed.segments,
                              .segment_count = 1,
                              .output_fd = sealed.output,
                              .output_max = 500,
                              .recipients = &rig_desk.recipient,
                              .recipient_count = 1,
                              .format = "jpeg",
                              .worker = worker_path };
    assert_int_equal(osk_worker_look(&job, &done, &fault), OSK_LIMIT);
    assert_int_equal(fstat(sealed.output, &info), 0);
    assert_true(info.st_size <= 500);
    rig_let_go(&sealed);
}

static void look__each_wrong_answer_is_a_clean_fault(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        OskStatus status;
    } wrong[] = {
        { "look-too-long", OSK_MALFORMED },
        { "look-flat", OSK_MALFORMED },
        { "look-pack-too-long", OSK_MALFORMED },
        { "look-pack-flat", OSK_MALFORMED },
        { "look-pack-empty", OSK_MALFORMED },
        { "look-no-kind", OSK_MALFORMED },
        { "look-still-frames", OSK_MALFORMED },
        { "look-no-frames", OSK_MALFORMED },
        { "look-still-time", OSK_MALFORMED },
        { "look-ages", OSK_MALFORMED },
        { "look-huge", OSK_MALFORMED },
        { "look-short", OSK_MALFORMED },
        { "look-as-strip", OSK_MALFORMED },
        { "look-as-picture", OSK_MALFORMED },
        { "fault-words", OSK_MALFORMED },
        { "die", OSK_MALFORMED },
        { "crash", OSK_UNSUPPORTED },
        { "look-right", OSK_OK },
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char path[256];
        Sealed sealed;
        OskLookDone done;
        OskFault fault;
        rig_liar(fake_path, wrong[i].name, path);
        rig_seal(&sealed, photo, photo_len, 2);
        OskStatus status = looked_ask(&sealed, path, &done, &fault);
        if (status != wrong[i].status) {
            fail_msg("%s: %s, %s", wrong[i].name, osk_status_name(status),
                     fault.what != NULL ? fault.what : "");
        }
        rig_let_go(&sealed);
        unlink(path);
    }
}

static int begin(void **state)
{
    int status = rig_begin(state);
    looked_begin();
    photo_len = status == 0 ? rig_photo(sample_path, photo, sizeof(photo)) : 0;
    return status;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look__a_preview_is_a_small_jpeg_for_the_desk),
        cmocka_unit_test(look__nothing_but_pixels_comes_from_the_file),
        cmocka_unit_test(look__a_preview_is_never_longer_than_200_kib),
        cmocka_unit_test(look__a_small_picture_is_not_made_larger),
        cmocka_unit_test(look__transparency_lies_on_grey),
        cmocka_unit_test(look__an_animation_is_a_sheet_from_its_first_frame_to_its_last),
        cmocka_unit_test(look__fewer_frames_have_a_place_each),
        cmocka_unit_test(look__heif_and_avif_are_shown_though_nobody_said_what_they_are),
        cmocka_unit_test(look__a_claim_is_asked_for_its_cost_before_work),
        cmocka_unit_test(look__what_is_no_picture_is_refused_in_words),
        cmocka_unit_test(look__a_wrong_key_or_a_changed_byte_is_noticed),
        cmocka_unit_test(look__a_preview_has_no_more_room_than_it_was_given),
        cmocka_unit_test(look__each_wrong_answer_is_a_clean_fault),
    };
    if (argc != 4) {
        return 2;
    }
    worker_path = argv[1];
    fake_path = argv[2];
    sample_path = argv[3];
    return cmocka_run_group_tests(tests, begin, rig_end);
}
