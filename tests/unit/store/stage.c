/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/stage.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#define MOST ((size_t)1200 * 1024 + 77)

static uint8_t *made(void)
{
    uint8_t *bytes = malloc(MOST);
    assert_non_null(bytes);
    for (size_t i = 0; i < MOST; i++) {
        bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    }
    return bytes;
}

/* A file without a name, where disks know what a stage wants; a disk that does not has no test. */
static int open_file(void)
{
    char path[] = "/var/tmp/oilskin-stage-XXXXXX";
    OskStages all = { 0 };
    OskStage stage;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    if (!osk_stage_open(&stage, &all, fd, 0)) {
        close(fd);
        return -1;
    }
    assert_int_equal(osk_stage_settle(&stage), 0);
    assert_int_equal(all.taken, 0);
    return fd;
}

static void assert_file(int fd, const uint8_t *bytes, size_t len)
{
    struct stat info;
    uint8_t *back = malloc(len);
    assert_non_null(back);
    assert_int_equal(fstat(fd, &info), 0);
    assert_int_equal(info.st_size, len);
    assert_int_equal(pread(fd, back, len, 0), (ssize_t)len);
    assert_memory_equal(back, bytes, len);
    free(back);
}

static void stage__a_file_is_what_was_written_in_any_pieces(void **state)
{
    (void)state;
    static const size_t starts[] = { 0, 1, 4095, 4096, 70001 };
    static const size_t pieces[] = { 999, 65552, OSK_STAGE_BYTES - 1, OSK_STAGE_BYTES };
    static const size_t ends[] = { 70001, OSK_STAGE_BYTES, 3 * OSK_STAGE_BYTES + 4096, MOST };
    uint8_t *bytes = made();
    for (size_t i = 0; i < 5 * 4 * 4; i++) {
        size_t len = starts[i % 5];
        size_t piece = pieces[i / 5 % 4];
        size_t end = ends[i / 20];
        OskStages all = { 0 };
        OskStage stage;
        int fd = open_file();
        if (fd < 0) {
            free(bytes);
            skip();
        }
        assert_int_equal(pwrite(fd, bytes, len, 0), (ssize_t)len);
        assert_true(osk_stage_open(&stage, &all, fd, len));
        while (len < end) {
            size_t take = end - len < piece ? end - len : piece;
            assert_int_equal(osk_stage_add(&stage, bytes + len, take), 0);
            len += take;
        }
        assert_int_equal(osk_stage_settle(&stage), 0);
        assert_int_equal(all.taken, 0);
        assert_file(fd, bytes, end);
        /* It has become a file like others. */
        assert_int_equal(pwrite(fd, "x", 1, (off_t)end), 1);
        close(fd);
    }
    free(bytes);
}

static void stage__a_full_disk_takes_nothing_of_what_was_there(void **state)
{
    (void)state;
    uint8_t *bytes = made();
    OskStages all = { 0 };
    OskStage stage;
    struct rlimit before;
    int fd = open_file();
    if (fd < 0) {
        free(bytes);
        skip();
    }
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit full = { .rlim_cur = (rlim_t)300 * 1024, .rlim_max = before.rlim_max };
    signal(SIGXFSZ, SIG_IGN);
    assert_true(osk_stage_open(&stage, &all, fd, 0));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
    size_t len = 0;
    int error = 0;
    while ((error = osk_stage_add(&stage, bytes + len, 65552)) == 0) {
        len += 65552;
    }
    assert_int_equal(error, EFBIG);
    assert_true(len > OSK_STAGE_BYTES && len < 2 * OSK_STAGE_BYTES);
    assert_int_equal(osk_stage_add(&stage, bytes + len, 65552), EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(osk_stage_add(&stage, bytes + len, 65552), 0);
    assert_int_equal(osk_stage_settle(&stage), 0);
    assert_file(fd, bytes, len + 65552);
    close(fd);
    free(bytes);
}

static void stage__few_have_one_and_none_while_the_disk_is_slow(void **state)
{
    (void)state;
    OskStages all = { 0 };
    OskStage stages[OSK_STAGES_MAX + 1];
    int fd = open_file();
    if (fd < 0) {
        skip();
    }
    for (unsigned i = 0; i <= OSK_STAGES_MAX; i++) {
        assert_int_equal(osk_stage_open(&stages[i], &all, fd, 0), i < OSK_STAGES_MAX);
    }
    assert_int_equal(all.taken, OSK_STAGES_MAX);
    osk_stage_drop(&stages[3]);
    osk_stage_drop(&stages[3]);
    all.rest = 2;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(osk_stage_open(&stages[3], &all, fd, 0), i == 2);
    }
    for (unsigned i = 0; i <= OSK_STAGES_MAX; i++) {
        osk_stage_drop(&stages[i]);
    }
    assert_int_equal(all.taken, 0);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stage__a_file_is_what_was_written_in_any_pieces),
        cmocka_unit_test(stage__a_full_disk_takes_nothing_of_what_was_there),
        cmocka_unit_test(stage__few_have_one_and_none_while_the_disk_is_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
