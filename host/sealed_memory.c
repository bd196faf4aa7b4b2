/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/sealed_memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/random.h"

typedef struct Writing {
    int fd;
    uint64_t len;
} Writing;

static bool append(void *context, const void *bytes, size_t len)
{
    Writing *writing = context;
    bool wrote = pwrite(writing->fd, bytes, len, (off_t)writing->len) == (ssize_t)len;
    writing->len += len;
    return wrote;
}

static bool seal(Writing *writing, OskSealedMemory *out, const OskRecipient *reader,
                 const void *bytes)
{
    const OskRandom random = { .fill = osk_random_fill };
    const OskSealTo to = { .recipients = reader, .count = 1, .random = &random };
    const OskSink sink = { .context = writing, .write = append };
    size_t len = (size_t)out->segment.plain_len;
    OskSealer *sealer = malloc(sizeof(*sealer));
    bool sealed = sealer != NULL &&
                  osk_sealer_open(sealer, &to, &sink, out->segment.key, NULL) == OSK_OK &&
                  osk_sealer_write(sealer, bytes, len, NULL) == OSK_OK &&
                  osk_sealer_finish(sealer, NULL) == OSK_OK;
    if (sealer != NULL) {
        osk_sealer_wipe(sealer);
    }
    free(sealer);
    out->segment.sealed_len = writing->len;
    return sealed;
}

int osk_open_to_read(int fd)
{
    char path[40];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

bool osk_sealed_memory_make(OskSealedMemory *out, const OskRecipient *reader, const void *bytes,
                            size_t len)
{
    Writing writing = { .fd = memfd_create("sealed", MFD_CLOEXEC) };
    *out = (OskSealedMemory){ .fd = -1, .segment = { .plain_len = len } };
    bool made = writing.fd >= 0 && seal(&writing, out, reader, bytes);
    out->fd = made ? osk_open_to_read(writing.fd) : -1;
    if (writing.fd >= 0) {
        close(writing.fd);
    }
    return out->fd >= 0;
}

void osk_sealed_memory_free(OskSealedMemory *sealed)
{
    if (sealed->fd >= 0) {
        close(sealed->fd);
    }
    explicit_bzero(&sealed->segment, sizeof(sealed->segment));
    sealed->fd = -1;
}
