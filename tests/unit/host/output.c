/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outputs have no name before they are whole; inputs that change meanwhile are noticed. */
#include "host/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#define PATTERN_BYTES ((size_t)3 << 20)

static char folder[] = "/tmp/oilskin-unit-XXXXXX";
static char path[64];
static const OskOutputOptions keep = { .owner = (uid_t)-1, .group = (gid_t)-1 };

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL || chdir(folder) != 0 || getcwd(path, sizeof(path)) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink("out");
    unlink("in");
    return rmdir(folder);
}

static size_t count_names(void)
{
    size_t count = 0;
    DIR *dir = opendir(".");
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2 ? 1 : 0;
    }
    closedir(dir);
    return count;
}

static void output__has_no_name_before_it_is_committed(void **state)
{
    (void)state;
    OskFault fault = { .status = OSK_OK };
    OskOutput output;
    assert_int_equal(osk_output_begin(&output, "out", keep, &fault), OSK_OK);
    OskSink sink = osk_output_sink(&output, NULL, NULL);
    assert_true(sink.write(sink.context, "abc", 3));
    assert_int_equal(count_names(), 0);
    osk_output_abort(&output);
    assert_int_equal(count_names(), 0);
}

static void output__keeps_a_file_that_came_meanwhile(void **state)
{
    (void)state;
    OskFault fault = { .status = OSK_OK };
    OskOutput output;
    assert_int_equal(osk_output_begin(&output, "out", keep, &fault), OSK_OK);
    int fd = open("out", O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0 && write(fd, "precious", 8) == 8 && close(fd) == 0);
    assert_int_equal(osk_output_commit(&output, &fault), OSK_IO);
    struct stat info;
    assert_int_equal(stat("out", &info), 0);
    assert_int_equal(info.st_size, 8);
    assert_int_equal(count_names(), 1);
    unlink("out");
}

/* A file whose bytes tell where they stand. */
static uint8_t *write_pattern(void)
{
    uint8_t *bytes = malloc(PATTERN_BYTES);
    assert_non_null(bytes);
    for (size_t i = 0; i < PATTERN_BYTES; i++) {
        bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    }
    int fd = open("in", O_CREAT | O_WRONLY | O_TRUNC, 0600);
    assert_true(fd >= 0 && osk_write_all(fd, bytes, PATTERN_BYTES) && close(fd) == 0);
    return bytes;
}

static void output__copies_ranges_wherever_they_lie_in_their_pages(void **state)
{
    (void)state;
    static const uint64_t ranges[][2] = { { 0, 70000 },  { 70001, 999999 }, { 4096, 4096 },
                                          { 1, 1 },      { 5000, 524288 },  { 1048576, 2000000 },
                                          { 3145727, 1 } };
    uint8_t *bytes = write_pattern();
    OskFault fault = { .status = OSK_OK };
    OskInput input;
    OskOutput output;
    assert_int_equal(osk_input_open(&input, "in", OSK_INPUT_FOLLOW, &fault), OSK_OK);
    assert_int_equal(osk_output_begin(&output, "out", keep, &fault), OSK_OK);
    assert_int_equal(osk_output_reserve(&output, (uint64_t)4 << 20, &fault), OSK_OK);
    _Atomic uint64_t written = 0;
    OskSink sink = osk_output_sink(&output, &input, &written);
    OskSource again = osk_output_source(&output);
    uint64_t at = 0;
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        assert_true(sink.copy(sink.context, ranges[i][0], ranges[i][1]));
        at += ranges[i][1];
    }
    assert_int_equal(written, at);
    assert_int_equal(osk_output_source(&output).size, at);
    uint8_t *back = malloc((size_t)at);
    assert_non_null(back);
    assert_true(again.read(again.context, 0, back, (size_t)at));
    at = 0;
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        assert_memory_equal(back + at, bytes + ranges[i][0], (size_t)ranges[i][1]);
        at += ranges[i][1];
    }
    assert_false(sink.copy(sink.context, PATTERN_BYTES - 10, 4096));
    osk_output_abort(&output);
    assert_int_equal(osk_input_confirm(&input, &fault), OSK_OK);
    osk_input_close(&input);
    free(back);
    free(bytes);
}

static void read_at__tells_an_end_from_an_error(void **state)
{
    (void)state;
    uint8_t got[8] = { 0 };
    int fd = open("in", O_CREAT | O_RDWR | O_TRUNC, 0600);
    assert_true(fd >= 0 && osk_write_all(fd, "abcdef", 6));
    assert_true(osk_read_at(fd, 2, got, 4));
    assert_memory_equal(got, "cdef", 4);
    errno = EAGAIN;
    assert_false(osk_read_at(fd, 2, got, 5));
    assert_int_equal(errno, 0);
    close(fd);
    assert_false(osk_read_at(fd, 0, got, 1));
    assert_int_equal(errno, EBADF);
}

static void input__notices_every_kind_of_change(void **state)
{
    (void)state;
    uint8_t *bytes = write_pattern();
    OskFault fault = { .status = OSK_OK };
    OskInput input;
    assert_int_equal(osk_input_open(&input, "in", OSK_INPUT_FOLLOW, &fault), OSK_OK);
    assert_int_equal(osk_input_confirm_path(&input, "in", &fault), OSK_OK);
    /* Times alone: what was written may have been taken back. */
    const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
    assert_int_equal(utimensat(AT_FDCWD, "in", times, 0), 0);
    assert_int_equal(osk_input_confirm(&input, &fault), OSK_IO);
    osk_input_close(&input);
    /* Another file under the same name. */
    fault = (OskFault){ .status = OSK_OK };
    assert_int_equal(osk_input_open(&input, "in", OSK_INPUT_FOLLOW, &fault), OSK_OK);
    assert_int_equal(unlink("in"), 0);
    free(write_pattern());
    assert_int_equal(osk_input_confirm_path(&input, "in", &fault), OSK_IO);
    osk_input_close(&input);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output__has_no_name_before_it_is_committed),
        cmocka_unit_test(output__keeps_a_file_that_came_meanwhile),
        cmocka_unit_test(output__copies_ranges_wherever_they_lie_in_their_pages),
        cmocka_unit_test(read_at__tells_an_end_from_an_error),
        cmocka_unit_test(input__notices_every_kind_of_change),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
