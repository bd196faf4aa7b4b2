/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the worker says of a file for the fold, and to whom.
 *
 * usage: packs WORKER SAMPLE    the real worker, and the program that draws a photo
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "looked.h"
#include "unit/unit.h"

static const char *worker_path;
static const char *sample_path;
static uint8_t photo[LOOKED_FILE_MAX];
static size_t photo_len;
static uint8_t drawn[LOOKED_FILE_MAX];

/* looked_at() opens each pack with the triage key, and finds that the desk's doesn't open it. */
static void packs__a_photo_has_a_pack_for_triage_alone(void **state)
{
    (void)state;
    Looked looked;
    looked_at(&looked, worker_path, photo, photo_len, 3);
    assert_int_equal(looked.status, OSK_OK);
    assert_non_null(looked.pack);
    assert_int_equal(looked.pack->kind, OSK_PACK_STILL);
    assert_int_equal(looked.pack->width, looked.done.width);
    assert_int_equal(looked.pack->height, looked.done.height);
    assert_int_equal(looked.pack->duration_ms, 0);
    looked_forget(&looked);
}

static void packs__nobody_who_triages_means_no_pack(void **state)
{
    (void)state;
    Looked looked;
    looked_triage = NULL;
    looked_at(&looked, worker_path, photo, photo_len, 1);
    looked_triage = &looked_triage_key.recipient;
    assert_int_equal(looked.status, OSK_OK);
    assert_int_equal(looked.done.pack_len, 0);
    assert_null(looked.pack);
    looked_forget(&looked);
}

static void packs__a_smaller_copy_is_explained_by_its_original(void **state)
{
    (void)state;
    Looked original;
    Looked copy;
    OskLikeness likeness;
    looked_at(&original, worker_path, photo, photo_len, 1);
    looked_at(&copy, worker_path, original.jpeg, (size_t)original.done.plain_len, 1);
    assert_non_null(copy.pack);
    assert_int_equal(osk_pack_compare(&likeness, copy.pack, original.pack, NULL, NULL), OSK_OK);
    assert_int_equal(likeness.tier, OSK_TIER_EXPLAINED);
    /* It says less of its capture, so that the other way round something would be lost. */
    assert_int_equal(osk_pack_compare(&likeness, original.pack, copy.pack, NULL, NULL), OSK_OK);
    assert_int_equal(likeness.tier, OSK_TIER_DIFFERENT);
    looked_forget(&original);
    looked_forget(&copy);
}

static void packs__a_pack_tells_what_the_original_said_of_its_capture(void **state)
{
    (void)state;
    const Drawing plain = { &osk_codec_png, OSK_PIXELS_RGB, 96, 64, 1, paint_noise };
    Looked looked;
    looked_at(&looked, worker_path, photo, photo_len, 1);
    assert_non_null(looked.pack);
    assert_int_equal(looked.pack->capture, OSK_CAPTURE_ALL - OSK_CAPTURE_SOUND);
    looked_forget(&looked);
    size_t len = drawing_write(&plain, drawn, sizeof(drawn));
    looked_at(&looked, worker_path, drawn, len, 1);
    assert_non_null(looked.pack);
    assert_int_equal(looked.pack->capture, 0);
    looked_forget(&looked);
}

/* libjpeg decodes arithmetic coding, and the readers of metadata refuse it: it may say anything. */
static void packs__a_file_that_is_not_understood_may_say_all_of_it(void **state)
{
    (void)state;
    char command[512];
    char path[2][128];
    Looked looked;
    looked_at(&looked, worker_path, photo, photo_len, 1);
    for (size_t i = 0; i < 2; i++) {
        snprintf(path[i], sizeof(path[i]), "%s/%zu.jpg", rig_folder, i);
    }
    snprintf(command, sizeof(command), "jpegtran -copy none -arithmetic %s >%s", path[0], path[1]);
    FILE *file = fopen(path[0], "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(looked.jpeg, 1, looked.done.plain_len, file), looked.done.plain_len);
    assert_int_equal(fclose(file), 0);
    looked_forget(&looked);
    assert_int_equal(system(command), 0);
    file = fopen(path[1], "rb");
    assert_non_null(file);
    size_t len = fread(drawn, 1, sizeof(drawn), file);
    assert_int_equal(fclose(file), 0);
    assert_true(unlink(path[0]) == 0 && unlink(path[1]) == 0);
    looked_at(&looked, worker_path, drawn, len, 1);
    assert_int_equal(looked.status, OSK_OK);
    assert_non_null(looked.pack);
    assert_int_equal(looked.pack->capture, OSK_CAPTURE_ALL - OSK_CAPTURE_SOUND);
    looked_forget(&looked);
}

/* `piece` at this place of a photo that says nothing else. */
static void look_with(Looked *looked, const Looked *plain, size_t at, const char *piece, size_t len)
{
    size_t all = (size_t)plain->done.plain_len;
    memcpy(drawn, plain->jpeg, at);
    memcpy(drawn + at, piece, len);
    memcpy(drawn + at + len, plain->jpeg + at, all - at);
    looked_at(looked, worker_path, drawn, all + len, 1);
    assert_int_equal(looked->status, OSK_OK);
    assert_non_null(looked->pack);
}

/* A comment, a clip behind the picture, a few bytes: with a copy they would go unseen. */
static void packs__what_a_file_carries_unseen_is_shown(void **state)
{
    (void)state;
    static const char comment[] = "\xFF\xFE\x00\x0B"
                                  "it was me";
    static const char clip[] = "MotionPhoto_Data\0\0\0\x10"
                               "ftypmp42\0\0\0\0";
    Looked first;
    Looked plain;
    looked_at(&first, worker_path, photo, photo_len, 1);
    looked_at(&plain, worker_path, first.jpeg, (size_t)first.done.plain_len, 1);
    assert_non_null(plain.pack);
    assert_int_equal(plain.pack->capture, 0);
    size_t end = (size_t)first.done.plain_len;
    const struct {
        size_t at;
        const char *piece;
        size_t len;
    } carried[] = { { 2, comment, sizeof(comment) - 1 },
                    { end, clip, sizeof(clip) - 1 },
                    { end, "help", 4 } };
    for (size_t i = 0; i < sizeof(carried) / sizeof(carried[0]); i++) {
        Looked more;
        OskLikeness likeness;
        look_with(&more, &first, carried[i].at, carried[i].piece, carried[i].len);
        assert_int_equal(more.pack->capture, OSK_CAPTURE_HIDDEN);
        assert_int_equal(osk_pack_compare(&likeness, more.pack, plain.pack, NULL, NULL), OSK_OK);
        assert_int_equal(likeness.tier, OSK_TIER_DIFFERENT);
        assert_int_equal(osk_pack_compare(&likeness, plain.pack, more.pack, NULL, NULL), OSK_OK);
        assert_int_equal(likeness.tier, OSK_TIER_EXPLAINED);
        looked_forget(&more);
    }
    looked_forget(&plain);
    looked_forget(&first);
}

/* Half of the frames are noise, each its own; the others repeat the one before them. */
static OskImage *kept;

static void paint_turns(OskImage *image, uint32_t frame)
{
    size_t len = image->stride * image->height;
    if (frame % 2 == 0) {
        paint_noise(image, frame);
        for (size_t i = 3; i < len; i += 4) {
            image->pixels[i] = 255;
        }
        memcpy(kept->pixels, image->pixels, len);
    } else {
        memcpy(image->pixels, kept->pixels, len);
    }
}

static void packs__an_animation_has_a_hash_of_each_change(void **state)
{
    (void)state;
    OskBudget budget = osk_budget_default();
    OskImage last;
    const Drawing film = { &osk_codec_png, OSK_PIXELS_RGBA, 96, 64, 12, paint_turns };
    Looked looked;
    assert_int_equal(osk_image_make(&last, 96, 64, OSK_PIXELS_RGBA, 8, &budget), OSK_OK);
    kept = &last;
    size_t len = drawing_write(&film, drawn, sizeof(drawn));
    looked_at(&looked, worker_path, drawn, len, 1);
    assert_int_equal(looked.status, OSK_OK);
    assert_non_null(looked.pack);
    assert_int_equal(looked.pack->kind, OSK_PACK_ANIMATION);
    assert_int_equal(looked.pack->frame_count, 12);
    assert_int_equal(looked.pack->hash_count, 6);
    assert_int_equal(looked.pack->hashes[1].time_ms, 200);
    assert_int_equal(looked.pack->duration_ms, 1200);
    assert_int_equal(looked.pack->low_diversity, false);
    looked_forget(&looked);
    osk_image_free(&last, &budget);
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
        cmocka_unit_test(packs__a_photo_has_a_pack_for_triage_alone),
        cmocka_unit_test(packs__nobody_who_triages_means_no_pack),
        cmocka_unit_test(packs__a_smaller_copy_is_explained_by_its_original),
        cmocka_unit_test(packs__a_pack_tells_what_the_original_said_of_its_capture),
        cmocka_unit_test(packs__a_file_that_is_not_understood_may_say_all_of_it),
        cmocka_unit_test(packs__what_a_file_carries_unseen_is_shown),
        cmocka_unit_test(packs__an_animation_has_a_hash_of_each_change),
    };
    if (argc != 3) {
        return 2;
    }
    worker_path = argv[1];
    sample_path = argv[2];
    return cmocka_run_group_tests(tests, begin, rig_end);
}
