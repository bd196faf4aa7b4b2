/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outputs have no name before they are whole; inputs that change meanwhile are noticed. */
#include "host/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <time.h>
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

/* As on a stick or a network disk. */
static void output__unproven_has_no_name_even_where_files_need_one(void **state)
{
    (void)state;
    OskFault fault = { .status = OSK_OK };
    OskOutputOptions unproven = keep;
    OskOutput output;
    char back[4] = { 0 };
    unproven.is_unproven = true;
    assert_int_equal(setenv("OSK_TEST_NO_TMPFILE", "1", 1), 0);
    assert_int_equal(osk_output_begin(&output, "out", keep, &fault), OSK_OK);
    assert_int_equal(count_names(), 1);
    osk_output_abort(&output);
    for (int commits = 0; commits < 2; commits++) {
        assert_int_equal(osk_output_begin(&output, "out", unproven, &fault), OSK_OK);
        OskSink sink = osk_output_sink(&output, NULL, NULL);
        assert_true(sink.write(sink.context, "abc", 3));
        assert_int_equal(count_names(), 0);
        if (commits) {
            assert_int_equal(osk_output_commit(&output, &fault), OSK_OK);
        } else {
            osk_output_abort(&output);
        }
    }
    unsetenv("OSK_TEST_NO_TMPFILE");
    assert_int_equal(count_names(), 1);
    struct stat info;
    assert_int_equal(stat("out", &info), 0);
    assert_int_equal(info.st_size, 3);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(info.st_mtim.tv_sec, OSK_NEUTRAL_TIME);
    int fd = open("out", O_RDONLY);
    assert_true(osk_read_at(fd, 0, back, 3));
    assert_string_equal(back, "abc");
    close(fd);
    unlink("out");
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

static bool is_mapped(void)
{
    OskFault fault = { .status = OSK_OK };
    OskInput input;
    assert_int_equal(osk_input_open(&input, "in", OSK_INPUT_FOLLOW, &fault), OSK_OK);
    osk_input_view(&input);
    bool mapped = input.view.bytes != NULL;
    osk_input_close(&input);
    return mapped;
}

/* Version 2: the owner, somebody with a number, the group, the most for those two, all others. */
static bool let_somebody_write(void)
{
    static const struct {
        uint16_t tag;
        uint16_t rights;
        uint32_t id;
    } entries[] = { { 0x01, 6, UINT32_MAX },
                    { 0x02, 6, 12345 },
                    { 0x04, 4, UINT32_MAX },
                    { 0x10, 6, UINT32_MAX },
                    { 0x20, 4, UINT32_MAX } };
    uint8_t list[4 + sizeof(entries)] = { 2 };
    memcpy(list + 4, entries, sizeof(entries));
    return setxattr("in", "system.posix_acl_access", list, sizeof(list), 0) == 0;
}

static void input__is_mapped_only_where_nobody_else_can_write(void **state)
{
    (void)state;
    static const struct {
        mode_t mode;
        bool mapped;
    } cases[] = {
        { 0600, true }, { 0644, true }, { 0664, false }, { 0620, false }, { 0602, false }
    };
    free(write_pattern());
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(chmod("in", cases[i].mode), 0);
        assert_int_equal(is_mapped(), cases[i].mapped);
    }
    assert_int_equal(chmod("in", 0644), 0);
    if (let_somebody_write()) {
        assert_false(is_mapped());
    }
    unlink("in");
}

/* Each byte that is written under a mapping is told, though the mapping may show it. */
static void input__that_is_written_under_its_mapping_is_refused(void **state)
{
    (void)state;
    static const off_t places[] = { 0, 4096, PATTERN_BYTES / 2, PATTERN_BYTES - 1 };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        OskFault fault = { .status = OSK_OK };
        OskInput input;
        free(write_pattern());
        assert_int_equal(osk_input_open(&input, "in", OSK_INPUT_FOLLOW, &fault), OSK_OK);
        osk_input_view(&input);
        assert_non_null(input.view.bytes);
        assert_int_equal(osk_input_confirm(&input, &fault), OSK_OK);
        /* Times of files are as fine as the clock's ticks. */
        const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
        nanosleep(&pause, NULL);
        int fd = open("in", O_WRONLY);
        assert_int_equal(pwrite(fd, "!", 1, places[i]), 1);
        close(fd);
        assert_int_equal(osk_input_confirm(&input, &fault), OSK_IO);
        assert_string_equal(fault.what, "the file changed while it was read");
        osk_input_close(&input);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output__has_no_name_before_it_is_committed),
        cmocka_unit_test(output__unproven_has_no_name_even_where_files_need_one),
        cmocka_unit_test(output__keeps_a_file_that_came_meanwhile),
        cmocka_unit_test(output__copies_ranges_wherever_they_lie_in_their_pages),
        cmocka_unit_test(read_at__tells_an_end_from_an_error),
        cmocka_unit_test(input__notices_every_kind_of_change),
        cmocka_unit_test(input__is_mapped_only_where_nobody_else_can_write),
        cmocka_unit_test(input__that_is_written_under_its_mapping_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
