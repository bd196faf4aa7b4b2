/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "published.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oilskin/scrub.h"
#include "unit/unit.h"

const char *publish_worker;
const char *publish_decoder;
const char *publish_frames;
unsigned publish_ms = 300000;
uint64_t publish_memory = UINT64_C(512) << 20;
uint8_t published[2 * PUBLISHED_FILE_MAX];
uint8_t draft[PUBLISHED_FILE_MAX];
uint8_t clean[PUBLISHED_FILE_MAX];

static void digest_of(const void *bytes, size_t len, uint8_t out[32])
{
    OskSha256 hash;
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, bytes, len);
    osk_sha256_end(&hash, out);
}

Published publish_pieces(const uint8_t *bytes, size_t len, size_t pieces)
{
    Sealed sealed;
    Published made = { .status = OSK_OK };
    struct stat info;
    rig_seal(&sealed, bytes, len, pieces);
    OskPublishJob job = { .input_fd = sealed.input,
                          .segments = sealed.segments,
                          .segment_count = sealed.count,
                          .output_fd = sealed.output,
                          .limits = { .memory = publish_memory },
                          .deadline_ms = publish_ms,
                          .worker = publish_worker,
                          .decoder = publish_decoder,
                          .frames = publish_frames };
    digest_of(bytes, len, job.digest);
    made.status = osk_worker_publish(&job, &made.done, &made.fate, &made.fault);
    assert_int_equal(made.fault.status, made.status);
    assert_true(made.status == OSK_OK || made.fault.what != NULL);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(fstat(sealed.output, &info), 0);
    assert_true((uint64_t)info.st_size <= osk_publish_output_max(len));
    made.len = (size_t)info.st_size;
    assert_int_equal(pread(sealed.output, published, made.len, 0), made.len);
    assert_true(made.status == OSK_OK || made.len == 0);
    assert_true(made.status == OSK_OK || made.done.copy_len == 0);
    rig_let_go(&sealed);
    return made;
}

Published publish_bytes(const void *bytes, size_t len)
{
    return publish_pieces(bytes, len, 1);
}

size_t publish_scrub(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = NULL;
    size_t copy_len = 0;
    OskFault fault = { .status = OSK_OK };
    if (osk_scrub_bytes(bytes, len, NULL, &copy, &copy_len, &fault) != OSK_OK) {
        fail_msg("%s: %s", fault.part, fault.what);
    }
    assert_true(copy_len <= sizeof(clean));
    memcpy(clean, copy, copy_len);
    osk_bytes_free(&copy);
    return copy_len;
}

size_t publish_draw(const Drawing *drawing)
{
    return publish_scrub(draft, drawing_write(drawing, draft, sizeof(draft)));
}

size_t publish_film(const char *source, const char *how, const char *extension)
{
    char command[1024];
    char path[128];
    snprintf(path, sizeof(path), "%s/film.%s", rig_folder, extension);
    snprintf(command, sizeof(command),
             "ffmpeg -nostdin -v error -y -f lavfi -i '%s' -threads 1 %s '%s'", source, how, path);
    assert_int_equal(system(command), 0);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(draft, 1, sizeof(draft), file);
    fclose(file);
    unlink(path);
    return len;
}
