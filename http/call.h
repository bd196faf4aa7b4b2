/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What requests have in common whose body and answer are JSON, in whatever room they are answered:
 *
 *   osk_call_accepts ─▶ osk_call_take, for each piece ─▶ osk_call_read ─▶ osk_call_keep ─▶
 * osk_call_answer
 *
 * The body is kept whole, and wiped; the answer is kept until its room gives it. */
#ifndef OSK_HTTP_CALL_H
#define OSK_HTTP_CALL_H

#include "http/json.h"
#include "http/route.h"

/* What differs between rooms; static. The texts say what to do next, NULL for nothing. */
typedef struct OskCallWords {
    unsigned busy_s;    /* when to come again: "Retry-After" of what is no lasting answer */
    const char *larger; /* the body is larger than the request may hold */
    const char *keys;   /* it has others than the request knows */
} OskCallWords;

/* Zeros are one that nothing has come of yet. */
typedef struct OskCall {
    const OskCallWords *words;
    size_t body_max;
    char *body; /* wiped */
    size_t len;
    size_t room;
    OskJson *json;   /* what was asked; NULL without a body */
    unsigned status; /* of the answer that is kept; 0 for none */
    unsigned retry_s;
    bool is_answered;
    char *text; /* of osk_json_write() */
    size_t text_len;
} OskCall;

/* ---- the body, on the threads of HTTP. False when it was refused, and answered. ---- */
/* By its announced length and media type, which a form of another site can't choose. */
bool osk_call_accepts(OskCall *call, OskRequest *request);
bool osk_call_take(OskCall *call, OskRequest *request, const void *bytes, size_t len);

/* ---- on an errand ---- */
/* The body, wiped, becomes `json`: an object of `keys` (NULL behind the last). False when a refusal
 * is kept. */
bool osk_call_read(OskCall *call, const char *const *keys);

/* ---- the answer ---- */
/* `answer` is given. What can't be written for want of memory becomes 503. */
void osk_call_keep(OskCall *call, unsigned status, OskJson *answer);
/* {"schema": "oilskin/error/1", "error": what, "next"?: next} */
OskJson *osk_call_error(const char *what, const char *next);
void osk_call_refuse(OskCall *call, unsigned status, const char *what, const char *next);
/* Gives what is kept; the rules are those of osk_request_answer(). */
void osk_call_answer(OskCall *call, OskRequest *request);

void osk_call_clear(OskCall *call); /* wipes */

#endif
