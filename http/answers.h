/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answers of static pages. Each is made before the first request comes: a request picks one. */
#ifndef OSK_HTTP_ANSWERS_H
#define OSK_HTTP_ANSWERS_H

#include "http/pages.h"
#include "http/wire.h"

typedef struct OskAnswers OskAnswers;

/* Of `pages`, lent; NULL for none. Ownership: osk_answers_free(). NULL without memory. */
OskAnswers *osk_answers_make(const OskHttpPages *pages);

typedef struct OskPick {
    unsigned status;
    OskReply *reply; /* lent */
} OskPick;

/* What is sent to who asks for `path` (GET or HEAD). */
OskPick osk_answers_page(const OskAnswers *answers, OskWire *wire, const char *path);
bool osk_answers_has_page(const OskAnswers *answers, const char *path);
/* To what does not ask for a page. What it brings is not read. */
OskPick osk_answers_refuse(const OskAnswers *answers, const char *path);
/* To what can be read in two ways. */
OskPick osk_answers_bad(const OskAnswers *answers);
/* To who names another host than this machine. */
OskPick osk_answers_wrong_host(const OskAnswers *answers);

/* Accepts NULL and nulls. */
void osk_answers_free(OskAnswers **answers);

#endif
