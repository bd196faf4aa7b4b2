/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A real store, keyring and spool in a folder of their own. */
#ifndef TESTS_UNIT_INTAKE_SHELF_H
#define TESTS_UNIT_INTAKE_SHELF_H

#include "intake/spool.h"
#include "store/store_open.h"

#define SHELF_BYTES (3u << 20)

typedef struct Shelf {
    char folder[64];
    OskStore *store;
    OskKeyring *ring;
    OskSpool *spool;
    OskIdentity desk;
    uint8_t *content; /* SHELF_BYTES that repeat nowhere */
} Shelf;
extern Shelf shelf;

int shelf_set_up(void **state);
int shelf_tear_down(void **state);
/* So many commits happen from now, and are told as if nobody knew: the worst that a disk can do
 * that fails behind a commit. */
extern unsigned shelf_unsure;
#define SHELF_UNSURE 1000u
/* So many commits behind those fail, and do not happen. */
extern unsigned shelf_broken;
/* How often a sealed file was opened with its key, and how often not in memory that is kept out of
 * swap and dumps. */
extern unsigned shelf_opened;
extern unsigned shelf_opened_loose;
/* The next opening of a blob finds it gone: a shuffle has moved it. */
extern bool shelf_moved;
/* There is no room for another blob. */
extern bool shelf_full;
/* Called once, before the next commit, which it may overtake. */
extern void (*shelf_overtake)(void);
/* A stop and a new start lie between them. */
void shelf_open(void);
void shelf_close(void);
void shelf_create(uint64_t len, uint32_t flags, char token[OSK_TOKEN_TEXT_BYTES]);
OskUpload *shelf_open_upload(const char *token);
void shelf_append(OskUpload *upload, const void *bytes, size_t len);
/* What one request does. */
void shelf_send(const char *token, const void *bytes, size_t len);
/* Whether any file of the folder has these bytes. */
bool shelf_is_on_disk(const void *bytes, size_t len);
size_t shelf_count_blobs(void);
/* What the desk's key opens in a blob; the padding is part of it. Ownership: free(). */
uint8_t *shelf_read_blob(const OskId *blob, size_t *out_len);

#endif
