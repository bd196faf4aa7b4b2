/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody asks for a face to be covered, for removal, or reports: from a page, without an account.
 */
#ifndef OSK_PUBLISH_ASK_H
#define OSK_PUBLISH_ASK_H

#include "publish/page.h"
#include "publish/small_form.h"

/* Of words, in bytes of UTF-8: 2,000 letters. */
#define OSK_ASK_WORDS_MAX 8000u

typedef struct OskAsk {
    OskSpace space; /* of the target */
    OskId target;
    uint32_t kind;     /* OSK_ASKED_COVER and others; with OSK_ASKED_BY_LINK where that is so */
    const char *words; /* "" for none; UTF-8 */
} OskAsk;

/* Where somebody asks. */
typedef struct OskAskDoor {
    /* What a form is about there, and whether it came by a link: sets the target, and adds to the
     * kind. Blocks: on a thread of errands. OSK_PROBLEM_NO when there is such a thing for who asks.
     */
    OskProblem (*find)(OskPublish *publish, const OskSmallForm *form, OskAsk *ask);
    /* Says no, on a page of that place. */
    void (*refuse)(OskPublish *publish, OskRequest *request, OskProblem problem);
    bool is_private; /* search engines are told to stay away from its answers */
} OskAskDoor;

/* "cover", "remove", "report"; 0 for another word, or NULL. */
uint32_t osk_ask_kind(const char *word);

/* A route's calls, behind any door. What is asked waits for its turn, in a lane of its target, and
 * is durable when it is answered. */
void osk_ask_begin(const OskAskDoor *door, OskPublish *publish, OskRequest *request);
size_t osk_ask_body(void *context, OskRequest *request, const uint8_t *bytes, size_t len);
void osk_ask_end(void *context, OskRequest *request);
void osk_ask_done(void *context, OskRequest *request, bool whole);

extern const OskRoute osk_ask_route; /* POST /a/ask: `about`, `kind`, `words` */

#endif
