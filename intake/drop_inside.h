/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the drop's pages share. For drop.c, page_drop.c, page_receipt.c and the form's files. */
#ifndef OSK_INTAKE_DROP_INSIDE_H
#define OSK_INTAKE_DROP_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "intake/drop.h"

/* The operator's, as they were when a request began. */
struct OskDropSettings {
    atomic_uint held;
    OskIntakeOptions options; /* with defaults in place of zeros */
};

struct OskDrop {
    OskIntakeParts parts;
    pthread_mutex_t mutex; /* of `settings` */
    OskDropSettings *settings;
    OskRoute routes[OSK_DROP_ROUTES];
};

/* Give back with osk_drop_settings_end(). */
OskDropSettings *osk_drop_settings(OskDrop *drop);

/* Index into osk_languages. */
size_t osk_drop_language(OskRequest *request, const OskDropSettings *settings);

/* ---- what a page is filled with ---- */

#define OSK_PAGE_SLOTS 64u

typedef struct OskPageSlots {
    OskSlot items[OSK_PAGE_SLOTS];
    size_t count;
    char numbers[16][24];
    size_t number_count;
    OskSlot categories[OSK_INTAKE_CATEGORIES_MAX][3];
    OskSlots category_rows[OSK_INTAKE_CATEGORIES_MAX];
    char words_text[OSK_RECEIPT_TEXT_BYTES];
    OskSlot words[OSK_RECEIPT_WORDS];
    OskSlots word_rows[OSK_RECEIPT_WORDS];
} OskPageSlots;

/* What every page may say of the drop. Lent from `settings`. */
void osk_page_begin(OskPageSlots *slots, const OskDropSettings *settings);
void osk_page_text(OskPageSlots *slots, const char *name, const char *text);
void osk_page_flag(OskPageSlots *slots, const char *name, bool is_on);
void osk_page_number(OskPageSlots *slots, const char *name, uint64_t number);
void osk_page_rows(OskPageSlots *slots, const char *name, const OskSlots *rows, size_t count);
/* "receipt", and "words" one by one. */
void osk_page_receipt(OskPageSlots *slots, const char *words);
/* Wipes. */
void osk_page_end(OskPageSlots *slots);

typedef struct OskPageAnswer {
    unsigned status;
    OskPage page;
    size_t language;
    size_t pad_to; /* 0 for none */
} OskPageAnswer;
/* Answers `request` with the page; 500 in a plain sentence where it can't be made. */
void osk_page_answer(const OskDrop *drop, OskRequest *request, const OskPageAnswer *answer,
                     const OskPageSlots *slots);

/* ---- the routes ---- */
extern const OskRoute osk_page_drop_route;    /* page_drop.c */
extern const OskRoute osk_upload_form_route;  /* upload_form.c */
extern const OskRoute osk_page_receipt_route; /* page_receipt.c */

#endif
