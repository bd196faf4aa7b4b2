/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is not clean, or no picture, or too much for those who would open it, does not become
 * public; and who meant to publish it hears why, and what to do.
 *
 * usage: unfit STRIP WORKER FRAMES SAMPLE BOMBS    the programs that prove and decode, the one that
 * draws a photo, and bombs.py
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/clock.h"
#include "oilskin/format.h"
#include "published.h"
#include "unit/unit.h"

static const char *sample_path;
static const char *bombs_path;
static size_t photo_len; /* as a camera would write it */
static uint8_t photo[LOOKED_FILE_MAX];
static size_t copy_len; /* scrubbed */
static uint8_t copy[LOOKED_FILE_MAX];

/* A file that is read as an archive, by what stands at its end. */
static const uint8_t archive[] = "PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0\4\0\0\0\1\0\0\0a"
                                 "evil"
                                 "PK\1\2\24\0\24\0\0\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0\4\0\0\0\1\0\0\0"
                                 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0a"
                                 "PK\5\6\0\0\0\0\1\0\1\0\57\0\0\0\43\0\0\0\0";

static void assert_found(const Published *made, const char *what, const char *part, uint64_t offset)
{
    if (made->status != OSK_FOUND || strcmp(made->fault.part, part) != 0 ||
        made->fault.offset != offset) {
        fail_msg("%s: %s at %s, %llu: %s", what, osk_status_name(made->status), made->fault.part,
                 (unsigned long long)made->fault.offset, made->fault.what);
    }
    assert_true(strlen(made->fault.what) > 0);
    assert_non_null(made->fault.next);
}

/* `draft` becomes the file with something between. */
static size_t put_in(const uint8_t *bytes, size_t len, size_t at, const void *more, size_t more_len)
{
    assert_true(len + more_len <= sizeof(draft) && at <= len);
    memcpy(draft, bytes, at);
    memcpy(draft + at, more, more_len);
    memcpy(draft + at + more_len, bytes + at, len - at);
    return len + more_len;
}

/* ---- what a scrub removes ---- */

static void unfit__a_photo_as_a_camera_wrote_it_is_refused(void **state)
{
    (void)state;
    Published made = publish_bytes(photo, photo_len);
    assert_found(&made, "photo", "APP1 Exif", 2);
}

static void unfit__each_hidden_part_of_a_jpeg_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *part;
        const char *bytes;
        size_t len;
    } parts[] = {
        { "COM", "\xff\xfe\0\x21<script>alert('evil')</script>", 35 },
        { "COM", "\xff\xfe\0\x18<?php system($_GET[0]);?>", 27 },
        { "APP0 JFXX", "\xff\xe0\0\x0eJFXX\0\x13\1\1\0\0\0", 16 },
        { "APP2 MPF", "\xff\xe2\0\x0aMPF\0MM\0*", 12 },
        { "APP1 XMP", "\xff\xe1\0\x23http://ns.adobe.com/xap/1.0/\0<x/>", 37 },
        { "APP11 JUMBF", "\xff\xeb\0\x0aJP\0\0\0\1\0\0", 12 },
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        size_t len = put_in(copy, copy_len, 2, parts[i].bytes, parts[i].len);
        Published made = publish_bytes(draft, len);
        assert_found(&made, parts[i].bytes + 4, parts[i].part, 2);
    }
}

/* A picture to one program, an archive or a page to another. */
static void unfit__what_stands_behind_the_end_is_refused(void **state)
{
    (void)state;
    static const struct {
        const OskCodec *codec;
        const char *part;
    } kinds[] = {
        { &osk_codec_jpeg, "trailer" },
        { &osk_codec_png, "trailer" },
        { &osk_codec_gif, "trailer" },
        { &osk_codec_webp, "trailer" },
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const Drawing drawing = { kinds[i].codec, OSK_PIXELS_RGB, 64, 48, 1, paint_shade };
        size_t len = publish_draw(&drawing);
        size_t whole = put_in(clean, len, len, archive, sizeof(archive));
        Published made = publish_bytes(draft, whole);
        assert_found(&made, kinds[i].codec->format, kinds[i].part, len);
        whole = put_in(clean, len, len, "\n", 1);
        made = publish_bytes(draft, whole);
        assert_found(&made, kinds[i].codec->format, kinds[i].part, len);
    }
}

/* Exactly as long, and exactly what a scrub would keep, but for one bit of what is written anew. */
static void unfit__a_mark_that_turns_a_picture_is_refused(void **state)
{
    (void)state;
    static const uint8_t turned[] = { 0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,  'M', 'M',
                                      0,    42,   0, 0,  0,   8,   0,   1,   1, 18, 0,   3,
                                      0,    0,    0, 1,  0,   6,   0,   0,   0, 0,  0,   0 };
    size_t len = put_in(copy, copy_len, 2, turned, sizeof(turned));
    len = publish_scrub(draft, len);
    assert_true(len > copy_len);
    Published made = publish_bytes(clean, len);
    assert_int_equal(made.status, OSK_FOUND);
    assert_non_null(strstr(made.fault.what, "turned"));
}

#define CLOCK "testsrc2=size=320x180:rate=25:duration=1"

static void unfit__a_video_as_a_program_wrote_it_is_refused(void **state)
{
    (void)state;
    static const char *const kinds[][2] = {
        { "-c:v libx264 -preset ultrafast -pix_fmt yuv420p", "mp4" },
        { "-c:v libvpx -deadline realtime -cpu-used 8", "webm" },
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = publish_film(CLOCK, kinds[i][0], kinds[i][1]);
        Published made = publish_bytes(draft, len);
        assert_int_equal(made.status, OSK_FOUND);
        assert_non_null(made.fault.next);
        len = publish_scrub(draft, len);
        made = publish_bytes(draft, put_in(clean, len, len, archive, sizeof(archive)));
        assert_int_not_equal(made.status, OSK_OK);
    }
}

/* As a stream that never ends would be cut: lengths that nobody knows, and more than there is. */
static void unfit__a_video_without_an_end_is_refused(void **state)
{
    (void)state;
    size_t len =
        publish_film(CLOCK, "-c:v libvpx -deadline realtime -cpu-used 8 -live 1 -f webm", "webm");
    Published made = publish_bytes(draft, len);
    assert_int_not_equal(made.status, OSK_OK);
    len = publish_scrub(draft, len);
    made = publish_bytes(clean, len);
    assert_int_equal(made.status, OSK_OK);
    made = publish_bytes(clean, len - 100);
    assert_int_not_equal(made.status, OSK_OK);
    assert_non_null(made.fault.what);
}

/* ---- what is no picture ---- */

static void unfit__what_is_no_picture_is_refused(void **state)
{
    (void)state;
    static const char *const files[] = {
        "<!doctype html><html><body><script>alert(1)</script></body></html>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
        "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
        "This is a letter, and no picture.",
        "RIFF\x24\0\0\0WAVEfmt ",
        "",
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        Published made = publish_bytes(files[i], strlen(files[i]));
        if (made.status != OSK_UNSUPPORTED || made.fault.next == NULL) {
            fail_msg("%s: %s", files[i], osk_status_name(made.status));
        }
        assert_non_null(strstr(made.fault.next, "JPEG"));
    }
    Published made = publish_bytes(archive, sizeof(archive));
    assert_int_equal(made.status, OSK_UNSUPPORTED);
}

/* Known well, and maybe clean: only not every browser shows it. How it begins says so. */
static void unfit__what_few_browsers_show_is_refused_with_a_way(void **state)
{
    (void)state;
    static const struct {
        const char *format;
        const char *head;
        size_t len;
    } heads[] = {
        { "heif",
          "\0\0\0\x18"
          "ftypheic\0\0\0\0mif1heic",
          24 },
        { "avif",
          "\0\0\0\x1c"
          "ftypavif\0\0\0\0avifmif1miaf",
          28 },
        { "tiff", "II*\0\x08\0\0\0\0\0\0\0\0\0", 14 },
        { "bmp", "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0", 30 },
        { "jxl",
          "\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14"
          "ftypjxl \0\0\0\0jxl ",
          32 },
        { "matroska", "\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska", 16 },
    };
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        const OskFormatInfo *format = osk_probe(heads[i].head, heads[i].len);
        assert_non_null(format);
        assert_string_equal(format->name, heads[i].format);
        Published made = publish_bytes(heads[i].head, heads[i].len);
        assert_int_equal(made.status, OSK_UNSUPPORTED);
        assert_non_null(strstr(made.fault.what, "browser"));
        assert_non_null(made.fault.next);
    }
}

static void unfit__a_picture_that_ends_early_is_refused(void **state)
{
    (void)state;
    for (size_t part = 1; part < 8; part++) {
        Published made = publish_bytes(copy, copy_len * part / 8);
        assert_int_not_equal(made.status, OSK_OK);
    }
}

/* ---- what is too much ---- */

/* What bombs.py makes, in `draft`. */
static size_t make_bomb(const char *kind)
{
    char command[1024];
    char path[128];
    snprintf(path, sizeof(path), "%s/bomb", rig_folder);
    snprintf(command, sizeof(command), "python3 '%s' %s '%s'", bombs_path, kind, path);
    assert_int_equal(system(command), 0);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(draft, 1, sizeof(draft), file);
    fclose(file);
    unlink(path);
    return len;
}

/* A file of a few hundred kilobytes that would take gigabytes of whoever opens it. */
static void unfit__a_bomb_is_refused_before_it_goes_off(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        OskStatus status;
        bool is_clean;
    } bombs[] = {
        { "png-wide", OSK_LIMIT, false },
        { "png-deep", OSK_LIMIT, false },
        { "png-text", OSK_FOUND, false },
        { "gif-wide", OSK_LIMIT, true },
    };
    for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
        int64_t before = osk_now_ms();
        size_t len = make_bomb(bombs[i].kind);
        len = bombs[i].is_clean ? publish_scrub(draft, len) : len;
        Published made = publish_bytes(bombs[i].is_clean ? clean : draft, len);
        if (made.status != bombs[i].status) {
            fail_msg("%s: %s: %s", bombs[i].kind, osk_status_name(made.status), made.fault.what);
        }
        /* Not because its time was over. */
        assert_true(osk_now_ms() - before < publish_ms / 2);
    }
}

/* A machine with room for it is not the one that opens the page. */
static void unfit__a_picture_larger_than_any_camera_makes_is_refused(void **state)
{
    (void)state;
    uint64_t memory = publish_memory;
    publish_memory = UINT64_C(2) << 30;
    Published made = publish_bytes(draft, make_bomb("png-large"));
    publish_memory = memory;
    assert_int_equal(made.status, OSK_LIMIT);
    assert_string_equal(made.fault.part, "IDAT");
}

/* Nothing is hidden in it; only it would keep every visitor's browser busy. */
static void unfit__a_picture_of_endless_frames_is_refused(void **state)
{
    (void)state;
    unsigned patience = publish_ms;
    size_t len = publish_scrub(draft, make_bomb("gif-frames"));
    publish_ms = 6000;
    Published made = publish_bytes(clean, len);
    publish_ms = patience;
    /* On a busy machine the clock may be over before the processor's time is. */
    if (made.status != OSK_LIMIT && made.status != OSK_IO) {
        fail_msg("%s: %s: %s", osk_status_name(made.status), made.fault.part, made.fault.what);
    }
}

static int begin(void **state)
{
    int status = rig_begin(state);
    if (status == 0) {
        photo_len = rig_photo(sample_path, photo, sizeof(photo));
        copy_len = publish_scrub(photo, photo_len);
        memcpy(copy, clean, copy_len);
    }
    return status;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unfit__a_photo_as_a_camera_wrote_it_is_refused),
        cmocka_unit_test(unfit__each_hidden_part_of_a_jpeg_is_refused),
        cmocka_unit_test(unfit__what_stands_behind_the_end_is_refused),
        cmocka_unit_test(unfit__a_mark_that_turns_a_picture_is_refused),
        cmocka_unit_test(unfit__a_video_as_a_program_wrote_it_is_refused),
        cmocka_unit_test(unfit__a_video_without_an_end_is_refused),
        cmocka_unit_test(unfit__what_is_no_picture_is_refused),
        cmocka_unit_test(unfit__what_few_browsers_show_is_refused_with_a_way),
        cmocka_unit_test(unfit__a_picture_that_ends_early_is_refused),
        cmocka_unit_test(unfit__a_bomb_is_refused_before_it_goes_off),
        cmocka_unit_test(unfit__a_picture_larger_than_any_camera_makes_is_refused),
        cmocka_unit_test(unfit__a_picture_of_endless_frames_is_refused),
    };
    if (argc != 6) {
        return 2;
    }
    publish_worker = argv[1];
    publish_decoder = argv[2];
    publish_frames = argv[3];
    sample_path = argv[4];
    bombs_path = argv[5];
    return cmocka_run_group_tests(tests, begin, rig_end);
}
