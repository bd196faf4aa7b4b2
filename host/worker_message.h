/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How messages of the worker protocol are put together and taken apart. */
#ifndef OSK_HOST_WORKER_MESSAGE_H
#define OSK_HOST_WORKER_MESSAGE_H

#include "host/worker_protocol.h"

typedef struct OskWorkerPen {
    uint8_t *at; /* has room for the whole message */
    size_t len;
} OskWorkerPen;

/* Writes a header. */
OskWorkerPen osk_worker_pen(uint8_t *out, uint64_t id, OskWorkerMessageKind kind, uint32_t length);
/* Little end first, `width` bytes. */
void osk_worker_pen_put(OskWorkerPen *pen, uint64_t value, unsigned width);
void osk_worker_pen_bytes(OskWorkerPen *pen, const void *bytes, size_t len);

/* NULL where the header is right, else what is wrong with it. The payload must be all that
 * follows. */
const char *osk_worker_read_header(OskCursor *c, OskWorkerHeader *header);
/* Letters and digits, zeros behind; false for anything else. */
bool osk_worker_read_name(OskCursor *c, char out[OSK_WORKER_FORMAT_BYTES]);

#endif
