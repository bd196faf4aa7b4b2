/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Archives of evidence: whatever they hold, they are looked at to one verdict, which agrees with
 * what was said on the way. A first byte of 0: what follows is the archive as it lies. Else it is
 * its members, {2 bytes of length, name, NUL, bytes}, in headers that are right: nobody guesses
 * their sums. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/evidence.h"

#define MEMBERS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

static void hear(void *context, bool is_right, const char *what)
{
    unsigned *wrong = context;
    *wrong += is_right ? 0 : 1;
    hold(what[0] != 0 && strlen(what) < 512, "it is said in a line");
}

static void build(OskMemory *out, const uint8_t *data, size_t size)
{
    OskSink sink = osk_sink_to_memory(out);
    for (int i = 0; i < MEMBERS_MAX && size > 3; i++) {
        size_t len = (size_t)data[0] << 8 | data[1];
        const char *name = (const char *)data + 2;
        const uint8_t *end = memchr(data + 2, 0, size - 2);
        if (end == NULL) {
            break;
        }
        data = end + 1;
        size -= strlen(name) + 3;
        len = len < size ? len : size;
        if (osk_tar_begin(&sink, name, len)) {
            hold(sink.write(sink.context, data, len), "memory is there");
            hold(osk_tar_end_file(&sink, len), "memory is there");
        }
        data += len;
        size -= len;
    }
    hold(osk_tar_end(&sink, out->len), "memory is there");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OskMemory built = { .bytes = NULL };
    OskFault fault = { .status = OSK_OK };
    unsigned wrong = 0;
    const OskEvidenceTell tell = { .context = &wrong, .say = hear };
    if (size == 0) {
        return 0;
    }
    if (data[0] != 0) {
        build(&built, data + 1, size - 1);
    }
    OskSource source = data[0] != 0 ? osk_source_from_memory(built.bytes, built.len)
                                    : osk_source_from_memory(data + 1, size - 1);
    OskStatus status = osk_evidence_check(&source, &tell, &fault);
    hold(status == OSK_OK || status == OSK_FOUND || status == OSK_MALFORMED ||
             status == OSK_TRUNCATED,
         "it is right, wrong or no evidence");
    hold(status != OSK_OK || wrong == 0, "what is right has nothing wrong in it");
    hold(status != OSK_FOUND || wrong > 0, "what is wrong was said");
    hold(status == OSK_OK || status == OSK_FOUND || fault.what != NULL, "a refusal says why");
    osk_bytes_free(&built.bytes);
    return 0;
}
