/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What index.c asks and index_read.c fills. */
#ifndef OSK_PUBLISH_INDEX_INSIDE_H
#define OSK_PUBLISH_INDEX_INSIDE_H

#include "publish/index.h"
#include "store/touched.h"

/* Pointers in an order. */
typedef struct OskList {
    void **items;
    size_t count;
    size_t room;
} OskList;

struct OskIndex {
    OskStore *store;
    OskTouched touched;
    pthread_mutex_t lock; /* of what follows */
    uint64_t version;
    OskList pieces;  /* all of them, by id */
    OskList shown;   /* PUBLIC ones: by album, then as a page shows them; lent from `pieces` */
    OskList shelves; /* by id */
};

/* NULL stays NULL. */
OskPiece *osk_piece_hold(OskPiece *piece);
OskShelf *osk_shelf_hold(OskShelf *shelf);

/* ---- with the lock; in index_read.c ---- */
/* Takes in what commits have touched. Errors: IO, NO_MEMORY; what it holds may then be old. */
OskStatus osk_index_refresh(OskIndex *index, OskFault *fault);
/* Takes in one record as it is now. Errors: the same. */
OskStatus osk_index_read(OskIndex *index, const OskRecordKey *key, OskFault *fault);
void osk_index_forget(OskIndex *index);
/* NULL for none; lent. */
OskPiece *osk_index_piece_of(const OskIndex *index, const OskId *id);
OskShelf *osk_index_shelf_of(const OskIndex *index, const OskId *id);
/* Where it stands among those that are shown, or would. */
size_t osk_index_place_of(const OskIndex *index, const OskPiece *piece);
/* Where its first one stands, or what stands behind its last. */
size_t osk_index_place_of_album(const OskIndex *index, const OskId *album, bool behind);

#endif
