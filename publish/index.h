/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is public, in memory: every publication and album of the store, in the order in which pages
 * show them. What a commit changes is there with the next question, so that what is withdrawn or
 * hidden is gone at once. Every call may come from any thread. */
#ifndef OSK_PUBLISH_INDEX_H
#define OSK_PUBLISH_INDEX_H

#include <stdatomic.h>

#include "store/published.h"

/* On one page, of albums and of what is in one. */
#define OSK_PAGE_PIECES 60u

/* A publication as it was when somebody asked: nothing in it changes. */
typedef struct OskPiece {
    atomic_uint held;
    OskId id;
    OskId blob;
    uint64_t row_version;
    OskPublicationState state;
    OskId album; /* zeros for none */
    OskDay day;
    OskMediaKind kind;
    uint32_t width;
    uint32_t height;
    uint32_t duration_ms;
    uint64_t copy_len;
    uint8_t digest[OSK_DIGEST_BYTES];
    uint32_t rendition_count;
    OskRendition renditions[OSK_RENDITIONS_MAX];
    const char *caption; /* these three in `texts`; "" for none */
    const char *alt;
    const char *warning;
    char texts[];
} OskPiece;

/* An album, in the same way. */
typedef struct OskShelf {
    atomic_uint held;
    OskId id;
    bool is_open;
    OskAlbum album;
} OskShelf;

/* Give back what was found. Accept NULL and null. */
void osk_piece_end(OskPiece **piece);
void osk_shelf_end(OskShelf **shelf);

typedef struct OskIndex OskIndex;

/* Reads all of it. Errors: IO; NO_MEMORY; LIMIT when too many watch the store. */
OskStatus osk_index_open(OskIndex **out, OskStore *store, OskFault *fault);
/* When nobody asks any more. Accepts NULL and nulls. */
void osk_index_close(OskIndex **index);

/* A number that goes up with each change of what is public. Errors: IO, NO_MEMORY: then it is not
 * known whether something has. */
OskStatus osk_index_version(OskIndex *index, uint64_t *out, OskFault *fault);

/* One publication, whatever its state is. */
typedef struct OskFound {
    OskPiece *piece;   /* NULL for none */
    OskShelf *shelf;   /* its album; NULL for none */
    bool is_shown;     /* it is PUBLIC and its album is open: everybody may see it */
    bool has_previous; /* shown ones in front of it and behind it in its album */
    bool has_next;
    OskId previous;
    OskId next;
    size_t page;      /* of its album that it is on, from 1 */
    uint64_t version; /* of all that is public, as it was found */
} OskFound;
void osk_found_end(OskFound *found);
/* Errors: IO, NO_MEMORY; `out` is then to be ended all the same, and what is asked for may not be
 * shown: what is hidden by now is not known. */
OskStatus osk_index_find(OskIndex *index, const OskId *id, OskFound *out, OskFault *fault);
/* The same, read from the store now: a shuffle of another program moves blobs unseen. */
OskStatus osk_index_find_anew(OskIndex *index, const OskId *id, OskFound *out, OskFault *fault);

/* A page of an album: by day, newest first, and by id within a day, which says nothing of when
 * something came. */
typedef struct OskShelfPage {
    OskShelf *shelf; /* NULL for none; hidden ones are given, with nothing on them */
    OskPiece *pieces[OSK_PAGE_PIECES];
    size_t count;
    size_t page; /* from 1 */
    size_t pages;
    size_t total;
    OskDay newest;    /* the day of the newest, or of the album */
    uint64_t version; /* of all that is public, as it was found */
} OskShelfPage;
void osk_shelf_page_end(OskShelfPage *page);
/* Errors: as above. */
OskStatus osk_index_shelf(OskIndex *index, const OskId *album, size_t page, OskShelfPage *out,
                          OskFault *fault);

/* Open albums, by the day of the newest that is in each. */
typedef struct OskShelfCard {
    OskShelf *shelf;
    OskPiece *cover; /* a still that needs no warning; NULL for none */
    size_t total;
    OskDay newest;
} OskShelfCard;
typedef struct OskShelfCards {
    OskShelfCard cards[OSK_PAGE_PIECES];
    size_t count;
    size_t page; /* from 1 */
    size_t pages;
    uint64_t version; /* of all that is public, as it was found */
} OskShelfCards;
void osk_shelf_cards_end(OskShelfCards *cards);
/* Errors: as above. */
OskStatus osk_index_shelves(OskIndex *index, size_t page, OskShelfCards *out, OskFault *fault);

#endif
