/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages as they were filled, for who asks for the same while nothing that is public has changed. A
 * picture that many people look at costs one page, and goes out packed. Every call may come from
 * any thread. */
#ifndef OSK_PUBLISH_KEPT_H
#define OSK_PUBLISH_KEPT_H

#include "http/route.h"

#define OSK_KEPT_KEY_BYTES 96u
/* In all; pages that nobody has asked for longest go first. */
#define OSK_KEPT_PAGES 128u
#define OSK_KEPT_BYTES (8u * 1024 * 1024)

/* Which page, made of which state of things. Never of an older one. */
typedef struct OskKeptPlace {
    char key[OSK_KEPT_KEY_BYTES]; /* "" for what is not kept */
    uint64_t version;
} OskKeptPlace;

typedef struct OskKept OskKept;

/* NULL without memory. */
OskKept *osk_kept_open(void);
/* Accepts NULL and nulls. */
void osk_kept_close(OskKept **kept);

/* Answers with the page, or that it is the one that the browser has; headers that go with it are
 * added by the caller. False when it is not there, and there is no answer. */
bool osk_kept_answer(OskKept *kept, OskRequest *request, const OskKeptPlace *place,
                     const char *media_type);
/* Takes a copy. Without memory, and for what is too long, nothing is kept. */
void osk_kept_add(OskKept *kept, const OskKeptPlace *place, const char *bytes, size_t len);

#endif
