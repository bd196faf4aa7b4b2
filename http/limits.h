/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one client may take of the server: every number with its unit and its reason. */
#ifndef OSK_HTTP_LIMITS_H
#define OSK_HTTP_LIMITS_H

/* Connections at once. What is beyond waits in the kernel's queue; each costs one descriptor and at
 * most OSK_HTTP_CONNECTION_BYTES. */
#define OSK_HTTP_CONNECTIONS 2048
#define OSK_HTTP_BACKLOG 1024

/* Request line and headers together, and what an answer is sent from. Browsers send below 2 KiB. */
#define OSK_HTTP_CONNECTION_BYTES (16 * 1024)

/* From the first byte of a connection to the end of its first request's headers. */
#define OSK_HTTP_HEADER_MS (10 * 1000)

/* From the end of an answer to the end of the next request's headers. */
#define OSK_HTTP_KEEP_ALIVE_MS (20 * 1000)

/* One answer, whatever its size: 2 MB at the 4 KiB/s of a bad phone network. */
#define OSK_HTTP_ANSWER_MS (10 * 60 * 1000)

/* A body: so many bytes a second, averaged over the time that follows. 20 KiB/s over Tor is honest,
 * and so is a phone in a crowd; what is slower for a minute only holds a connection. */
#define OSK_HTTP_BODY_RATE (2 * 1024)
#define OSK_HTTP_BODY_WINDOW_MS (60 * 1000)

/* Of a body that is answered before it came, what is read so that the connection can stay; beyond
 * it the answer goes out at once, and what comes is read past for the time that follows. */
#define OSK_HTTP_READ_PAST_BYTES (64 * 1024)
#define OSK_HTTP_LINGER_MS (5 * 1000)

/* Headers of an answer that goes out before the body came. */
#define OSK_HTTP_HEAD_BYTES (8 * 1024)

/* A form: its fields, and what each says of itself. A browser sends two headers, and a name of a
 * file of at most 255 letters of 12 bytes each ("%F0%9F%98%80"). */
#define OSK_FORM_PARTS 256
#define OSK_FORM_HEADERS 16
#define OSK_FORM_LINE_BYTES (4 * 1024)
#define OSK_FORM_EPILOGUE_BYTES 1024

/* How long a stop waits for requests that wait for something else. */
#define OSK_HTTP_STOP_MS (20 * 1000)

/* No byte in either direction. libmicrohttpd's own timeout. */
#define OSK_HTTP_IDLE_S 60

/* How often deadlines are looked at, so that one is kept at most this much late. */
#define OSK_HTTP_REAP_MS 500

/* Threads that answer. Pages are in memory, so that more than two wait for nothing. */
#define OSK_HTTP_THREADS 2

/* A folder of pages: what is beyond is no build of ours. */
#define OSK_HTTP_PAGES_BYTES (128u * 1024 * 1024)
#define OSK_HTTP_PAGES_COUNT 2000

#endif
