/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which pictures and videos are told together, because they are the halves of a Live Photo. */
#include "cli/pairs.h"

#include <string.h>

#include "unit.h"

static const OskFormatInfo picture = { .name = "heif", .media_type = "image/heic" };
static const OskFormatInfo video = { .name = "mp4", .media_type = "video/quicktime" };

typedef struct Told {
    size_t count;
    size_t pairs[8][2];
} Told;

static void tell(void *context, size_t first, size_t second)
{
    Told *told = context;
    assert_true(told->count < 8);
    told->pairs[told->count][0] = first;
    told->pairs[told->count][1] = second;
    told->count++;
}

/* A path and what it is: NULL for a file of unknown format. */
static OskFile file_at(char *path)
{
    return (OskFile){ .path = path, .below = path };
}

static void pairs__joins_one_name_in_one_folder(void **state)
{
    (void)state;
    char heic[] = "a.b/IMG_1.HEIC";
    char elsewhere[] = "c/IMG_1.MOV";
    char longer[] = "a.b/IMG_12.MOV";
    char mov[] = "a.b/IMG_1.MOV";
    OskFile files[] = { file_at(heic), file_at(elsewhere), file_at(longer), file_at(mov) };
    OskResult results[] = {
        { .format = &picture }, { .format = &video }, { .format = &video }, { .format = &video }
    };
    Told told = { .count = 0 };
    osk_pairs_find(files, results, 4, tell, &told);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.pairs[0][0], 0);
    assert_int_equal(told.pairs[0][1], 3);
}

static void pairs__joins_by_identifier_whatever_the_names(void **state)
{
    (void)state;
    char a[] = "x/one.heic";
    char b[] = "y/two.mov";
    char c[] = "x/one.mov";
    char id[] = "6F1C8E5A-0D67";
    char other[] = "AAAAAAAA-0000";
    OskFile files[] = { file_at(a), file_at(b), file_at(c) };
    OskResult results[] = { { .format = &picture, .content_id = id },
                            { .format = &video, .content_id = id },
                            { .format = &video, .content_id = other } };
    Told told = { .count = 0 };
    osk_pairs_find(files, results, 3, tell, &told);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.pairs[0][0], 0);
    assert_int_equal(told.pairs[0][1], 1);
}

static void pairs__leaves_two_pictures_and_unknown_files_alone(void **state)
{
    (void)state;
    char a[] = "p.heic";
    char b[] = "p.jpg";
    char c[] = "q.jpg";
    char d[] = "q.txt";
    char e[] = "-";
    OskFile files[] = { file_at(a), file_at(b), file_at(c), file_at(d), file_at(e) };
    files[4].is_stream = true;
    OskResult results[] = { { .format = &picture },
                            { .format = &picture },
                            { .format = &picture },
                            { .format = NULL },
                            { .format = &video } };
    Told told = { .count = 0 };
    osk_pairs_find(files, results, 5, tell, &told);
    assert_int_equal(told.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs__joins_one_name_in_one_folder),
        cmocka_unit_test(pairs__joins_by_identifier_whatever_the_names),
        cmocka_unit_test(pairs__leaves_two_pictures_and_unknown_files_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
