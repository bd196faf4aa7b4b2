/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one client may take of the server: every number with its unit and its reason. */
#ifndef OSK_HTTP_LIMITS_H
#define OSK_HTTP_LIMITS_H

/* Connections at once. What is beyond waits in the kernel's queue. Eight thousand that drip are an
 * attack that one machine can run; a thousand more are for everybody else. */
#define OSK_HTTP_CONNECTIONS 9000
#define OSK_HTTP_BACKLOG 4096

/* What is open besides connections and the files of answers: blobs that are written, the store,
 * workers. */
#define OSK_HTTP_OTHER_DESCRIPTORS 2048

/* Request line and headers together. Browsers send below 2 KiB. Until they are whole they wait in
 * the kernel. */
#define OSK_HTTP_HEADER_BYTES (16 * 1024)

/* What the library may use for a connection; half of it is where a body arrives, so that a whole
 * chunk of what is sealed, 64 KiB, comes in one piece. More than 32 KiB, because it maps such
 * memory: only pages that are written to count (two for most requests), and when the connection
 * ends they go back to the kernel with all that was said. From smaller memory, which it takes from
 * the heap, words of a request could be read long after it. */
#define OSK_HTTP_CONNECTION_BYTES (132 * 1024)

/* Of a piece that was read: what gives as much back to the kernel is worth a call. */
#define OSK_HTTP_FORGET_BYTES (12 * 1024)

/* A piece of this size says that its sender is faster than we are. So many requests of such senders
 * keep the pages that their pieces arrive in, wiped: to give them back and take new ones each time
 * is a tenth of the work of an upload. What they could hold together, by sending fast once and
 * never again, is 4 MiB. */
#define OSK_HTTP_FAST_BYTES (48 * 1024)
#define OSK_HTTP_FAST 64

/* More connections than this are not kept behind an answer for long: one that waits for its next
 * request costs all of its memory, since the library clears it. */
#define OSK_HTTP_KEPT 256
#define OSK_HTTP_CROWDED_KEEP_ALIVE_MS (2 * 1000)

/* From the first byte of a connection to the end of its first request's headers. */
#define OSK_HTTP_HEADER_MS (10 * 1000)

/* The same while more than half of all connections are taken. A browser sends its headers at once,
 * and so does tor; who needs longer is slow on purpose, or unlucky, and can come back. */
#define OSK_HTTP_CROWDED_HEADER_MS (4 * 1000)

/* From the end of an answer to the end of the next request's headers. */
#define OSK_HTTP_KEEP_ALIVE_MS (20 * 1000)

/* An answer: so much time, and for each byte that its reader has taken what OSK_HTTP_BODY_RATE
 * gives, but never more than this from now on. So a page of 1 MB gets through at 1 KiB/s, and what
 * comes at twice of that takes as long as it takes. */
#define OSK_HTTP_ANSWER_MS (10 * 60 * 1000)

/* Of an answer that is there to be read: so long nothing was taken. A reader at 4 KiB/s whose
 * kernel tells of each 128 KiB is silent for half of it. */
#define OSK_HTTP_SILENT_MS (60 * 1000)

/* How often it is looked at what was taken. */
#define OSK_HTTP_LOOK_MS (5 * 1000)

/* Of an answer, what waits in the kernel beyond what is under way: as much as the library sends in
 * one go. Else it takes megabytes at once: 200 who asked for 8 MB and read nothing held 845 MB of
 * its memory, and hold 32 MB with this. With half of it one fast reader gets less. */
#define OSK_HTTP_UNSENT_BYTES (128 * 1024)

/* One in so many connections may be an answer from a file, which can take hours: the others are for
 * pages and for who sends. Each holds a second descriptor. */
#define OSK_HTTP_FILES_SHARE 3
#define OSK_HTTP_FILES_RETRY_S "30"

/* A body: so many bytes a second, averaged over the time that follows. 20 KiB/s over Tor is honest,
 * and so is a phone in a crowd; what is slower for a minute only holds a connection. */
#define OSK_HTTP_BODY_RATE (2 * 1024)
#define OSK_HTTP_BODY_WINDOW_MS (60 * 1000)

/* Of a body that is answered before it came, what is read so that the connection can stay; beyond
 * it the answer goes out at once, and what comes is read past for the time that follows. */
#define OSK_HTTP_READ_PAST_BYTES (64 * 1024)
#define OSK_HTTP_LINGER_MS (5 * 1000)

/* More than the buffers of both sockets hold: who still sends then does not listen. */
#define OSK_HTTP_LINGER_BYTES (16 * 1024 * 1024)

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

/* How often deadlines are looked at, so that one is kept at most this much late. */
#define OSK_HTTP_REAP_MS 500

/* Threads that answer and take bodies: as many as there are processors, within these. A listener
 * for few connections (metrics) has one. */
#define OSK_HTTP_THREADS 2
#define OSK_HTTP_THREADS_MAX 8
#define OSK_HTTP_FEW 64

/* A folder of pages: what is beyond is no build of ours. */
#define OSK_HTTP_PAGES_BYTES (128u * 1024 * 1024)
#define OSK_HTTP_PAGES_COUNT 2000

#endif
