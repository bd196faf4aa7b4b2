/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page of this room: what its template is filled with, and the answer. */
#ifndef OSK_PUBLISH_PAGE_H
#define OSK_PUBLISH_PAGE_H

#include "http/route.h"
#include "publish/parts.h"

#define OSK_FILL_SLOTS 48u
#define OSK_FILL_ROW_SLOTS 20u
#define OSK_FILL_TEXT_BYTES (96u * 1024)

/* Texts that are not lent lie in it. */
typedef struct OskFill {
    OskPublish *publish;
    OskRequest *request;
    OskPublishSettings *settings;
    size_t language; /* index into osk_languages */
    OskKeptPlace place;
    OskSlot slots[OSK_FILL_SLOTS];
    size_t slot_count;
    OskSlot row_slots[OSK_PAGE_PIECES][OSK_FILL_ROW_SLOTS];
    OskSlots rows[OSK_PAGE_PIECES];
    size_t row_count;
    size_t text_len;
    char texts[OSK_FILL_TEXT_BYTES];
} OskFill;

/* With what every page says. NULL without memory, and the request is answered. */
OskFill *osk_fill_begin(OskPublish *publish, OskRequest *request);
void osk_fill_end(OskFill **fill);

void osk_fill_text(OskFill *fill, const char *name, const char *text); /* lent; NULL or "": none */
void osk_fill_flag(OskFill *fill, const char *name, bool is_on);
void osk_fill_number(OskFill *fill, const char *name, uint64_t number);
void osk_fill_id(OskFill *fill, const char *name, const OskId *id);
void osk_fill_day(OskFill *fill, const char *name, OskDay day);

/* Rows: at most OSK_PAGE_PIECES, of at most OSK_FILL_ROW_SLOTS. What is added next belongs to the
 * row, until osk_fill_rows() names all of them. */
void osk_fill_row(OskFill *fill);
void osk_fill_rows(OskFill *fill, const char *name);

/* "" when there is no room left, which no page of ours comes to. Lives as long as the fill. */
const char *osk_fill_print(OskFill *fill, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What a tile and a page say of a publication: "id", "alt", "width", "srcset"... into the row, or
 * the page. */
void osk_fill_piece(OskFill *fill, const OskPiece *piece, const OskShelf *shelf);

/* What goes with pages and files that everybody may see: they are asked for again each time, so
 * that what is withdrawn is gone at once; and search engines are told. */
void osk_public_headers(OskRequest *request, const OskPublishSettings *settings);

/* Answers with a page that was kept, where what is public is as it was then. */
bool osk_page_kept(OskPublish *publish, OskRequest *request);
/* The page is kept when it is answered. @param version of what it shows. */
void osk_fill_keep(OskFill *fill, uint64_t version);

/* Answers, and frees. */
void osk_fill_answer(OskFill **fill, size_t page, unsigned status);
/* The same of what is for one person: nobody keeps it, and no search engine finds it. */
void osk_fill_answer_private(OskFill **fill, size_t page, unsigned status);
/* "X-Robots-Tag" of that. */
#define OSK_ROBOTS_NONE "noindex, nofollow, noarchive, nosnippet, noimageindex"

/* Why there is nothing, in words, with the status that goes with it. */
typedef enum OskProblem {
    OSK_PROBLEM_NO,     /* there is something */
    OSK_PROBLEM_NONE,   /* 404: no such thing, or not for everybody */
    OSK_PROBLEM_HIDDEN, /* 404: while somebody looks */
    OSK_PROBLEM_GONE,   /* 410: withdrawn */
    OSK_PROBLEM_FORM,   /* 400: not whole */
    OSK_PROBLEM_BUSY,   /* 503 */
    OSK_PROBLEM_CLOCK   /* 503: what has a last day, while the date is doubted */
} OskProblem;
void osk_problem_answer(OskPublish *publish, OskRequest *request, OskProblem problem);
/* Of what was found, and is not shown. */
OskProblem osk_problem_of(const OskFound *found);

#endif
