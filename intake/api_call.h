/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request to /api/, and what its endpoints share:
 *
 *   begin ─▶ door ─▶ body, kept whole ─▶ read (errand) ─▶ run ─▶ answer
 */
#ifndef OSK_INTAKE_API_CALL_H
#define OSK_INTAKE_API_CALL_H

#include "http/call.h"
#include "intake/api.h"
#include "intake/visit.h"

/* A message of 64 KiB, each byte of which may need two in JSON; and 64 addresses. */
#define OSK_API_BODY_MAX (192u * 1024)
#define OSK_API_SMALL_BODY_MAX (4u * 1024)
#define OSK_API_TOKENS_MAX 64u
#define OSK_API_ONCE_BYTES 64u
#define OSK_API_SLOTS_SEEN 4096u
/* Of every answer about a receipt: its length says nothing of what there is. */
#define OSK_API_RECEIPT_BYTES (64u * 1024)

typedef struct OskApiCall OskApiCall;

typedef struct OskApiEndpoint {
    const char *path;
    const char *methods;
    const char *const *keys; /* of the object that it takes; NULL for no body */
    size_t body_max;
    bool has_door;   /* it costs: a place is waited for */
    bool has_waited; /* its uploads have: it is never sent away for the load */
    /* Blocks where it must; ends in osk_api_done() or osk_api_refuse(), there or wherever it leads.
     */
    void (*run)(OskApiCall *call);
} OskApiEndpoint;

struct OskApi {
    OskIntakeParts parts;
    OskReaders readers;
    pthread_mutex_t lock; /* of what follows */
    char *drop;           /* the answer to GET /api/drop */
    size_t drop_len;
    uint64_t submission_max; /* bytes of all files of one */
    size_t files_max;
    size_t category_count;
    OskCategory categories[OSK_INTAKE_CATEGORIES_MAX];
    uint8_t slots_seen[OSK_API_SLOTS_SEEN][16]; /* that brought a proof of work */
    unsigned slot_count;
    OskRoute routes[OSK_API_ROUTES];
};

struct OskApiCall {
    OskVisit visit;
    OskApi *api;
    const OskApiEndpoint *endpoint;
    OskCall base;
    bool is_inside;
    char words[OSK_RECEIPT_TEXT_BYTES];
    OskReceipt receipt; /* derived of them; wiped */
    void (*next)(OskErrand *errand);
    bool drew_words;
    char tokens[OSK_API_TOKENS_MAX][OSK_TOKEN_TEXT_BYTES];
    size_t token_count;
};

/* What all requests of an endpoint go through; `context` of its route is the OskApi. */
void osk_api_begin(OskApi *api, OskRequest *request, const OskApiEndpoint *endpoint);
size_t osk_api_body(OskRequest *request, const uint8_t *bytes, size_t len);
void osk_api_end(OskRequest *request);
void osk_api_over(OskRequest *request);

/* ---- ends of run() ---- */
/* `answer` is given; 200. */
void osk_api_done(OskApiCall *call, OskJson *answer);
/* Padded with spaces inside to OSK_API_RECEIPT_BYTES. */
void osk_api_done_padded(OskApiCall *call, OskJson *answer);
/* {"schema": "oilskin/error/1", "error": what, "next": next}; of a receipt also "word", from 1. A
 * 503 says when to come again. */
void osk_api_refuse(OskApiCall *call, unsigned status, const char *what, const char *next);
void osk_api_refuse_fault(OskApiCall *call, const OskFault *fault);

/* A member that is a text of at most `max` bytes; NULL where it is absent or empty. False when that
 * was refused. */
bool osk_api_read_text(OskApiCall *call, const char *key, size_t max, const char **out);

/* ---- endpoints of api_receipts.c ---- */
void osk_api_run_drafts(OskApiCall *call);
void osk_api_run_receipts(OskApiCall *call);
void osk_api_run_answer(OskApiCall *call);
void osk_api_run_withdraw(OskApiCall *call);

/* ---- the receipt ---- */
/* Reads "receipt" into `words`; false when that was refused. */
bool osk_api_read_receipt(OskApiCall *call);
/* Derives `receipt` of `words`, then goes on with `next`, an errand. */
void osk_api_derive(OskApiCall *call, void (*next)(OskErrand *errand));

#endif
