/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request to the desk, and what its endpoints share:
 *
 *   begin: who is it, may it? ─▶ body, kept whole ─▶ read and run (errand) ─▶ answer
 *
 * A change comes with the session's token, from a page of the desk's own origin, as JSON: a page of
 * somebody else's can send none of the three. */
#ifndef OSK_DESK_CALL_H
#define OSK_DESK_CALL_H

#include <pthread.h>
#include <stdatomic.h>

#include "desk/asked_groups.h"
#include "desk/copies.h"
#include "desk/desk.h"
#include "desk/fold.h"
#include "desk/links.h"
#include "desk/model.h"
#include "desk/openings.h"
#include "desk/public_list.h"
#include "desk/reviewers.h"
#include "desk/sessions.h"
#include "http/call.h"
#include "http/errands.h"
#include "store/shares.h"
#include "http/tries.h"

typedef struct OskDeskCall OskDeskCall;

typedef struct OskDeskEndpoint {
    const char *path;
    const char *methods;
    const char *const *keys; /* of the object that a POST brings; NULL for no body */
    size_t body_max;
    OskRole role; /* NONE: for everybody */
    /* Blocks where it must; ends in osk_desk_done() or osk_desk_refuse(), there or wherever it
     * leads. */
    void (*run)(OskDeskCall *call);
} OskDeskEndpoint;

/* What takes the body of an endpoint piece by piece, on the threads of HTTP, in place of JSON that
 * is kept whole; its run() is on an errand that may take long. */
typedef struct OskDeskStream {
    const OskDeskEndpoint *of;
    /* False when they were refused, by osk_desk_refuse_unread(). */
    bool (*begin)(OskDeskCall *call);
    bool (*take)(OskDeskCall *call, const uint8_t *bytes, size_t len);
    void (*drop)(OskDeskCall *call); /* once, at the end, also where begin() refused */
} OskDeskStream;

#define OSK_DESK_COOKIE "oilskin-desk"
#define OSK_DESK_KNOWN_COOKIE "oilskin-desk-known"
/* "assignment" and an id. */
#define OSK_DESK_NEXT_BYTES 64u
#define OSK_DESK_ENDPOINTS_MAX 64u

typedef struct OskDeskPlace {
    OskDesk *desk;
    const OskDeskEndpoint *endpoint;
    const OskDeskEndpoint *other; /* of the same path, for another method; NULL for none */
} OskDeskPlace;

struct OskDesk {
    OskStore *store;
    OskRecipient recipients[OSK_SEAL_RECIPIENTS_MAX];
    size_t recipient_count;
    char origin[256]; /* "" for none */
    bool is_secure;   /* cookies go through TLS alone */
    OskDeskPublishing publishing;
    char public_address[256]; /* of it; "" for none */
    bool is_demo;
    OskRandom random;
    OskErrands *errands;
    OskErrands *proofs; /* of copies, which take long */
    OskCopies *copies;
    atomic_bool is_parked;
    OskTries *tries;
    OskAudit *audit;
    OskReviewers *reviewers;
    OskLinks links;
    OskModel *model;
    OskFolder *folder; /* NULL: reviewers' machines fold */
    OskAskedGroups *asked;
    OskPublicList *public_list;
    OskSessions *sessions;
    OskOpenings *openings;
    uint8_t known_key[32];             /* of the cookies by which a browser is known again */
    pthread_mutex_t replying;          /* held while a reply is looked at and stored */
    pthread_mutex_t lock;              /* of what follows */
    uint8_t told[OSK_SEAL_LIST_BYTES]; /* the list that was told last */
    void (*readers_changed)(void *context, const OskRecipient *recipients, size_t count);
    void *readers_context;
    pthread_t watcher;
    bool is_watching;
    pthread_mutex_t watch_lock; /* of what follows */
    pthread_cond_t watch_ends;
    bool is_ending;
    OskDeskPlace places[OSK_DESK_ENDPOINTS_MAX];
    OskRoute routes[OSK_DESK_ENDPOINTS_MAX];
    size_t route_count;
};

struct OskDeskCall {
    OskErrand errand;
    OskCall base;
    OskTry one; /* of a login */
    OskDesk *desk;
    const OskDeskEndpoint *endpoint;
    const OskDeskStream *stream; /* NULL for a body that is JSON, or none */
    OskRequest *request;
    OskSession session;   /* of who asks; zeros for nobody */
    OskReviewer reviewer; /* the same; wiped */
    char cookie[OSK_SESSION_TEXT_BYTES];
    OskReviewer asked;            /* whom a login or a change names; wiped */
    bool stays_reader;            /* who was removed has a key that others have, too */
    struct OskDeskComing *coming; /* a copy (api_copies.c) */
    bool has_entered;             /* there is a place for it */
};

/* ---- ends of run(): the call may be gone after them ---- */
void osk_desk_done(OskDeskCall *call, OskJson *answer); /* given; 200 */
void osk_desk_done_bytes(OskDeskCall *call, const void *bytes, size_t len);
/* Given: osk_call_error() with more members. */
void osk_desk_refuse_json(OskDeskCall *call, unsigned status, OskJson *error);
/* {"schema": "oilskin/error/1", "error": what, "next": next} */
void osk_desk_refuse(OskDeskCall *call, unsigned status, const char *what, const char *next);
void osk_desk_refuse_fault(OskDeskCall *call, const OskFault *fault);

/* In begin() and take() of a stream. */
void osk_desk_refuse_unread(OskDeskCall *call, unsigned status, const char *what, const char *next);

/* Logs `reviewer` in: a new session, and /api/me. */
void osk_desk_let_in(OskDeskCall *call, const OskReviewer *reviewer);
/* Runs something that a passphrase is needed for, call->asked's, when it is its turn (tries.h). */
void osk_desk_try(OskDeskCall *call, bool (*run)(OskTry *one), const char *name);
/* In it, by who is in a session: whether "passphrase" is theirs. call->asked is they, as of now. */
bool osk_desk_is_own_passphrase(OskDeskCall *call);
/* call->asked as it is stored now. False when that is gone, or has another passphrase. */
bool osk_desk_renew_asked(OskDeskCall *call);

/* ---- for run() ---- */
/* A member that is a text; NULL where there is none. */
const char *osk_desk_text(const OskDeskCall *call, const char *key);
/* `key` of the body: an age file of at most `max` bytes of plaintext and padding, whose header
 * says that it was made for exactly the desk's recipients, and for `other` where that is not NULL.
 * Whether it says the truth can be seen with their keys alone. Absent or null it is empty bytes.
 * False when that was refused. Ownership: osk_bytes_clear(). */
bool osk_desk_read_sealed(OskDeskCall *call, const char *key, const OskRecipient *other, size_t max,
                          OskBytes *out);
/* The row of a submission that is there; false when that was refused. Ownership:
 * osk_submission_row_free(). */
bool osk_desk_read_submission(OskDeskCall *call, const char *key, OskSubmissionRow *out);
/* A cookie of the request, of exactly `size` - 1 letters. */
bool osk_desk_cookie(const OskRequest *request, const char *name, char *out, size_t size);
/* Adds "Set-Cookie"; `value` "" takes it away. `age_s` 0: until the browser ends. */
void osk_desk_set_cookie(OskDeskCall *call, const char *name, const char *value, unsigned age_s);

/* ---- the routes: their context is an OskDeskPlace ---- */
OskRoute osk_desk_route(OskDeskPlace *place); /* a path is asked by GET, POST or both */

/* ---- shared by endpoints ---- */
/* Letters of a submission, and what reviewers wrote about it, as much as an answer may hold. */
typedef struct OskDeskPage {
    const OskId *submission;
    const char *after; /* what the page goes on behind, as `next` of the one before; NULL: it begins
                        */
    size_t bytes;      /* sealed, so far */
    size_t count;
    bool is_full;
    char next[OSK_DESK_NEXT_BYTES]; /* the last of it: a kind, and a number or an id */
} OskDeskPage;
/* Counts what was added, by its name. @return whether there is room for more. */
bool osk_desk_page_add(OskDeskPage *page, const char *kind, const char *name, size_t bytes);
/* "records". Errors: MALFORMED for a page behind what is none of them; as the store's. */
OskStatus osk_desk_set_records(const OskDesk *desk, OskDeskPage *page, OskJson *json,
                               OskFault *fault);
OskJson *osk_desk_counts(const OskModelCounts *counts);
/* "open"; static. */
const char *osk_desk_share_state(OskShareState state);
void osk_desk_set_id(OskJson *json, const char *key, const OskId *id); /* NULL writes null */
void osk_desk_set_day(OskJson *json, const char *key, OskDay day);
void osk_desk_set_sealed(OskJson *json, const char *key, const OskBytes *sealed); /* base64 */

/* ---- endpoints, by file ---- */
extern const OskDeskEndpoint osk_desk_login_endpoints[];
extern const size_t osk_desk_login_count;
extern const OskDeskEndpoint osk_desk_join_endpoints[];
extern const size_t osk_desk_join_count;
extern const OskDeskEndpoint osk_desk_reviewers_endpoints[];
extern const size_t osk_desk_reviewers_count;
extern const OskDeskEndpoint osk_desk_wraps_endpoints[];
extern const size_t osk_desk_wraps_count;
extern const OskDeskEndpoint osk_desk_queue_endpoints[];
extern const size_t osk_desk_queue_count;
extern const OskDeskEndpoint osk_desk_submission_endpoints[];
extern const size_t osk_desk_submission_count;
extern const OskDeskEndpoint osk_desk_cluster_endpoints[];
extern const size_t osk_desk_cluster_count;
extern const OskDeskEndpoint osk_desk_act_endpoints[];
extern const size_t osk_desk_act_count;
extern const OskDeskEndpoint osk_desk_packs_endpoints[];
extern const size_t osk_desk_packs_count;
extern const OskDeskEndpoint osk_desk_open_endpoints[];
extern const size_t osk_desk_open_count;
extern const OskDeskEndpoint osk_desk_digest_endpoints[];
extern const size_t osk_desk_digest_count;
extern const OskDeskEndpoint osk_desk_record_endpoints[];
extern const size_t osk_desk_record_count;
extern const OskDeskEndpoint osk_desk_reply_endpoints[];
extern const size_t osk_desk_reply_count;
extern const OskDeskEndpoint osk_desk_shares_endpoints[];
extern const size_t osk_desk_shares_count;
extern const OskDeskEndpoint osk_desk_albums_endpoints[];
extern const size_t osk_desk_albums_count;
extern const OskDeskEndpoint osk_desk_publications_endpoints[];
extern const size_t osk_desk_publications_count;
extern const OskDeskEndpoint osk_desk_copies_endpoints[];
extern const size_t osk_desk_copies_count;
extern const OskDeskStream osk_desk_copy_stream;
extern const OskDeskEndpoint osk_desk_publish_endpoints[];
extern const size_t osk_desk_publish_count;
extern const OskDeskEndpoint osk_desk_asked_endpoints[];
extern const size_t osk_desk_asked_count;

#endif
