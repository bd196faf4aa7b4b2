/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of this process, sealed as a worker takes them. */
#ifndef OSK_HOST_SEALED_MEMORY_H
#define OSK_HOST_SEALED_MEMORY_H

#include "host/strip_protocol.h"

typedef struct OskSealedMemory {
    int fd; /* open for reading alone; a file in memory */
    OskStripSegment segment;
} OskSealedMemory;

/* Seals bytes for one reader. False where memory or randomness end. Ownership:
 * osk_sealed_memory_free(), whatever it returns. */
bool osk_sealed_memory_make(OskSealedMemory *out, const OskRecipient *reader, const void *bytes,
                            size_t len);
/* Wipes the key, too. */
void osk_sealed_memory_free(OskSealedMemory *sealed);

/* The same file, open for reading alone, or -1. */
int osk_open_to_read(int fd);

#endif
