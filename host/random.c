/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/random.h"

#include <errno.h>
#include <sys/random.h>

bool osk_random_fill(void *context, void *out, size_t len)
{
    (void)context;
    for (size_t at = 0; at < len;) {
        ssize_t got = getrandom((unsigned char *)out + at, len - at, 0);
        if (got < 0 && errno != EINTR) {
            return false;
        }
        at += got > 0 ? (size_t)got : 0;
    }
    return true;
}

bool osk_random_letters(char *out, size_t size)
{
    /* 32 characters, so that every one is equally likely; without 0 o 1 l. */
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    for (size_t at = 0; at + 1 < size;) {
        unsigned char raw[32];
        ssize_t got = getrandom(raw, sizeof(raw), 0);
        if (got < 0 && errno != EINTR) {
            return false;
        }
        for (ssize_t i = 0; i < got && at + 1 < size; i++) {
            out[at++] = letters[raw[i] & 31];
        }
    }
    out[size - 1] = 0;
    return true;
}
