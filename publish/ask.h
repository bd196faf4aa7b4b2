/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody asks for a face to be covered, for removal, or reports: from a page, without an account.
 */
#ifndef OSK_PUBLISH_ASK_H
#define OSK_PUBLISH_ASK_H

#include "publish/parts.h"
#include "publish/small_form.h"

/* Of words, in bytes of UTF-8: 2,000 letters. */
#define OSK_ASK_WORDS_MAX 8000u

typedef struct OskAsk {
    OskSpace space; /* of the target */
    OskId target;
    uint32_t kind;     /* OSK_ASKED_COVER and others */
    const char *words; /* "" for none; UTF-8 */
} OskAsk;

/* "cover", "remove", "report"; 0 for another word, or NULL. */
uint32_t osk_ask_kind(const char *word);
/* Its kind and words, of a form that has come; false for what can't be read or is no request. The
 * words are lent by the form. */
bool osk_ask_read(OskSmallForm *form, OskAsk *out);
/* Seals the words and keeps it: durable with OK. Blocks: on a thread of errands.
 * Errors: as osk_asked_keep(); NO_MEMORY. */
OskStatus osk_ask_keep(OskPublish *publish, const OskAsk *ask, bool *out_counted);
/* Says what happens next. */
void osk_ask_answer(OskPublish *publish, OskRequest *request, bool was_counted);

extern const OskRoute osk_ask_route; /* POST /a/ask: `about`, `kind`, `words` */

#endif
