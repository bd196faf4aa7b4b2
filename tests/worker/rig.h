/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sealed file as the server has it, for tests of what the worker makes of one. */
#ifndef OSK_TESTS_WORKER_RIG_H
#define OSK_TESTS_WORKER_RIG_H

#include "host/strip_client.h"

#define RIG_SEGMENTS 8u

/* A sealed file in pieces. */
typedef struct Sealed {
    int input;
    int output;
    uint64_t len;
    OskStripSegment segments[RIG_SEGMENTS];
    size_t count;
} Sealed;

/* A folder that is made by rig_begin() and goes with rig_end(), and who reads what the worker
 * seals. */
extern char rig_folder[];
extern OskIdentity rig_desk;
int rig_begin(void **state);
int rig_end(void **state);

/* The photo that `sample` draws: with a place, and all else that photos reveal. */
size_t rig_photo(const char *sample, uint8_t *out, size_t room);
/* `count` pieces of about one length; each is an age file of its own. */
void rig_seal(Sealed *sealed, const uint8_t *bytes, size_t len, size_t count);
void rig_let_go(Sealed *sealed);
/* What the desk's key opens of the output, with the padding, which must be right. Free it with
 * osk_bytes_free(). */
uint8_t *rig_open(const Sealed *sealed, uint64_t output_len, uint64_t plain_len);
/* The worker that lies, under the name that says how; unlink it. */
void rig_liar(const char *fake, const char *name, char out_path[256]);

#endif
