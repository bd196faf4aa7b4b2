/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/look_known.h"

#include <stdlib.h>
#include <string.h>

#include "host/clock.h"

/* What is looked through for one digest. Smaller answers than this many fill the room. */
#define COUNT_MAX 1024u

typedef struct Entry {
    uint8_t digest[OSK_LOOK_DIGEST_BYTES];
    OskLookDone done;
    uint8_t *bytes;
    size_t len;
    int64_t until_ms;
} Entry;

struct OskLookKnown {
    unsigned life_ms;
    size_t held; /* bytes */
    size_t count;
    Entry entries[COUNT_MAX]; /* the one that was needed least lately first */
};

OskLookKnown *osk_look_known_make(unsigned life_ms)
{
    OskLookKnown *known = calloc(1, sizeof(*known));
    if (known != NULL) {
        known->life_ms = life_ms > 0 ? life_ms : OSK_LOOK_KNOWN_MS;
    }
    return known;
}

static void remove_at(OskLookKnown *known, size_t at)
{
    Entry *entry = &known->entries[at];
    known->held -= entry->len;
    free(entry->bytes);
    known->count--;
    memmove(entry, entry + 1, (known->count - at) * sizeof(*entry));
}

int64_t osk_look_known_age(OskLookKnown *known)
{
    int64_t now = osk_now_ms();
    int64_t next = INT64_MAX;
    for (size_t i = known->count; i > 0; i--) {
        int64_t until = known->entries[i - 1].until_ms;
        if (until <= now) {
            remove_at(known, i - 1);
        } else {
            next = until < next ? until : next;
        }
    }
    return next;
}

/* As many as there are when there is none. */
static size_t find(const OskLookKnown *known, const uint8_t *digest)
{
    size_t at = 0;
    while (at < known->count &&
           memcmp(known->entries[at].digest, digest, OSK_LOOK_DIGEST_BYTES) != 0) {
        at++;
    }
    return at;
}

bool osk_look_known_find(OskLookKnown *known, const uint8_t digest[OSK_LOOK_DIGEST_BYTES],
                         OskLookAnswer *out)
{
    (void)osk_look_known_age(known);
    size_t at = find(known, digest);
    if (at == known->count) {
        return false;
    }
    const Entry found = known->entries[at];
    out->done = found.done;
    memcpy(out->bytes, found.bytes, found.len);
    memmove(&known->entries[at], &known->entries[at + 1], (known->count - at - 1) * sizeof(found));
    known->entries[known->count - 1] = found;
    return true;
}

void osk_look_known_add(OskLookKnown *known, const uint8_t digest[OSK_LOOK_DIGEST_BYTES],
                        const OskLookAnswer *answer)
{
    size_t len = (size_t)(answer->done.output_len + answer->done.pack_len);
    (void)osk_look_known_age(known);
    size_t at = find(known, digest);
    if (at < known->count) {
        remove_at(known, at);
    }
    while (known->count > 0 &&
           (known->count == COUNT_MAX || known->held + len > OSK_LOOK_KNOWN_BYTES)) {
        remove_at(known, 0);
    }
    Entry entry = { .done = answer->done,
                    .bytes = malloc(len),
                    .len = len,
                    .until_ms = osk_now_ms() + known->life_ms };
    if (entry.bytes == NULL) {
        return;
    }
    memcpy(entry.digest, digest, sizeof(entry.digest));
    memcpy(entry.bytes, answer->bytes, len);
    known->entries[known->count++] = entry;
    known->held += len;
}

void osk_look_known_forget(OskLookKnown *known)
{
    while (known->count > 0) {
        remove_at(known, known->count - 1);
    }
}

void osk_look_known_free(OskLookKnown **known)
{
    if (*known != NULL) {
        osk_look_known_forget(*known);
    }
    free(*known);
    *known = NULL;
}
