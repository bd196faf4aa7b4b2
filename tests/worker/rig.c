/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rig.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/random.h"
#include "unit/unit.h"

#define PLAIN_MAX (1u << 20)

char rig_folder[] = "/tmp/oilskin-sealed-XXXXXX";
OskIdentity rig_desk;
static const OskRandom random_source = { .fill = osk_random_fill };

static bool append(void *context, const void *bytes, size_t len)
{
    Sealed *sealed = context;
    bool wrote = pwrite(sealed->input, bytes, len, (off_t)sealed->len) == (ssize_t)len;
    sealed->len += len;
    return wrote;
}

static int reopen(int fd)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int again = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(again >= 0);
    close(fd);
    return again;
}

static int make_file(void)
{
    int fd = open(rig_folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    return fd;
}

/* `count` pieces of about one length; each is an age file of its own. */
void rig_seal(Sealed *sealed, const uint8_t *bytes, size_t len, size_t count)
{
    const OskSealTo to = { .recipients = &rig_desk.recipient,
                           .count = 1,
                           .random = &random_source };
    const OskSink sink = { .context = sealed, .write = append };
    static OskSealer sealer;
    *sealed = (Sealed){ .input = make_file(), .output = make_file(), .count = count };
    for (size_t i = 0; i < count; i++) {
        size_t from = len / count * i;
        size_t until = i + 1 == count ? len : len / count * (i + 1);
        OskStripSegment *segment = &sealed->segments[i];
        segment->offset = sealed->len;
        segment->plain_len = until - from;
        assert_int_equal(osk_sealer_open(&sealer, &to, &sink, segment->key, NULL), OSK_OK);
        assert_int_equal(osk_sealer_write(&sealer, bytes + from, until - from, NULL), OSK_OK);
        assert_int_equal(osk_sealer_finish(&sealer, NULL), OSK_OK);
        segment->sealed_len = sealed->len - segment->offset;
    }
    sealed->input = reopen(sealed->input);
}

void rig_let_go(Sealed *sealed)
{
    close(sealed->input);
    close(sealed->output);
}

uint8_t *rig_open(const Sealed *sealed, uint64_t output_len, uint64_t plain_len)
{
    const OskUnsealWith with = { .identities = &rig_desk, .count = 1 };
    uint8_t *bytes = malloc((size_t)output_len);
    OskMemory plain = { .max = PLAIN_MAX };
    struct stat info;
    assert_non_null(bytes);
    assert_int_equal(fstat(sealed->output, &info), 0);
    assert_int_equal(info.st_size, output_len);
    assert_int_equal(pread(sealed->output, bytes, (size_t)output_len, 0), output_len);
    assert_int_equal(osk_unseal_bytes(bytes, (size_t)output_len, &with, &plain, NULL), OSK_OK);
    assert_int_equal(plain.len, osk_seal_padded_len(plain_len));
    for (size_t i = (size_t)plain_len; i < plain.len; i++) {
        assert_int_equal(plain.bytes[i], 0);
    }
    free(bytes);
    return plain.bytes;
}

size_t rig_photo(const char *sample, uint8_t *out, size_t room)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/photo.jpg", rig_folder);
    pid_t pid = fork();
    if (pid == 0) {
        execl(sample, sample, path, (char *)NULL);
        _exit(127);
    }
    int status = 1;
    waitpid(pid, &status, 0);
    FILE *file = fopen(path, "rb");
    assert_true(status == 0 && file != NULL);
    size_t len = fread(out, 1, room, file);
    fclose(file);
    unlink(path);
    return len;
}

void rig_liar(const char *fake, const char *name, char out_path[256])
{
    char command[1024];
    snprintf(out_path, 256, "%s/%s", rig_folder, name);
    snprintf(command, sizeof(command), "cp '%s' '%s'", fake, out_path);
    assert_int_equal(system(command), 0);
}

int rig_begin(void **state)
{
    (void)state;
    return mkdtemp(rig_folder) != NULL &&
                   osk_identity_make(&rig_desk, &random_source, NULL) == OSK_OK
               ? 0
               : 1;
}

int rig_end(void **state)
{
    (void)state;
    return rmdir(rig_folder);
}
