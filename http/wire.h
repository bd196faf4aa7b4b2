/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this room needs of the library that speaks HTTP: wire.c, which is behind this, and
 * listener.c alone know it. */
#ifndef OSK_HTTP_WIRE_H
#define OSK_HTTP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/reaper.h"

typedef struct OskWire OskWire;   /* a connection; lent by the library */
typedef struct OskReply OskReply; /* an answer: it can be sent any number of times */

/* ---- answers ---- */

/* Of bytes that outlive it. NULL without memory. */
OskReply *osk_reply_lent(const uint8_t *bytes, size_t len);
/* Of bytes from malloc(), which are wiped and freed when the last one who sends it is through, and
 * at once where this fails. NULL without memory. */
OskReply *osk_reply_owned(void *bytes, size_t len);
/* Of a part of a file; `fd` is closed when the last one who sends it is through, and at once where
 * this fails. NULL without memory. */
OskReply *osk_reply_file(int fd, uint64_t offset, uint64_t len);
/* To one who has it all: nothing of it is sent but its length, which a 304 says as a 200 would.
 * Source: RFC 9110, 8.6. NULL without memory. */
OskReply *osk_reply_unchanged(uint64_t len);
bool osk_reply_add(OskReply *reply, const char *name, const char *value);
/* Adds the headers that every answer carries, the policy of `path`, and how it may be kept. */
bool osk_reply_add_usual(OskReply *reply, const char *path, const char *cache);
/* Wipes the values of its headers: after the last sending. */
void osk_reply_wipe(OskReply *reply);
/* Accepts NULL and nulls. */
void osk_reply_free(OskReply **reply);

/* ---- connections ---- */

/* Headers as they came; NULL for none. Lent until the request is over. */
const char *osk_wire_header(OskWire *wire, const char *name);
/* Of the query, with + as a blank and escapes as they came; NULL for none, or for one without "=".
 */
const char *osk_wire_argument(OskWire *wire, const char *name);
/* All of it as it came ("view=new&after=1", a blank as +), cut where it is longer. Returns the
 * length that it has. */
size_t osk_wire_query(OskWire *wire, char *out, size_t size);
bool osk_wire_has_body(OskWire *wire);
/* False for a body whose end a proxy may see elsewhere than we do: what stands behind it would be
 * another one's request. Source: RFC 9112, 6.1 and 6.3. */
bool osk_wire_has_one_end(OskWire *wire);
OskDeadline *osk_wire_deadline(OskWire *wire); /* NULL for none */
int osk_wire_fd(OskWire *wire);
/* Only while a request is being asked about, before its body or behind it. */
bool osk_wire_send(OskWire *wire, unsigned status, OskReply *reply);
/* Only while a request is being asked about. */
void osk_wire_suspend(OskWire *wire);
void osk_wire_resume(OskWire *wire); /* from any thread */

#endif
