/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands around the protocols of the intake, in memory: a client and its request, a spool, a
 * submitter, receipts, a door. Linked in place of the real ones. */
#ifndef TESTS_UNIT_INTAKE_RIG_H
#define TESTS_UNIT_INTAKE_RIG_H

#include "http/route.h"
#include "intake/admission.h"
#include "intake/spool.h"
#include "intake/submission.h"

#include <pthread.h>

/* ---- a request, and what came of it ---- */
typedef struct RigHeader {
    const char *name;
    const char *value;
} RigHeader;
typedef struct RigAsk {
    const char *method;
    const char *path;
    RigHeader headers[12];
    RigHeader query[4];
    const char *body; /* NULL for none */
    size_t body_len;  /* 0: that of the text in `body` */
    size_t piece;     /* bytes given at once; 0 for all */
    size_t cut_at;    /* the client goes after so many bytes; 0 for never */
    bool is_chunked;
    uint64_t announced; /* in place of the body's own length; 0 for that */
} RigAsk;
typedef struct RigAnswer {
    unsigned status; /* 0: none came */
    char headers[16][2][160];
    size_t header_count;
    char body[131073];
    size_t body_len;
    unsigned interims;
} RigAnswer;
/* Runs a request against the route to its end. */
void rig_ask(const OskRoute *route, const RigAsk *ask, RigAnswer *out);
/* NULL when there is none. */
const char *rig_header(const RigAnswer *answer, const char *name);

/* ---- what the fakes are told, and say ---- */
typedef struct Rig {
    pthread_mutex_t lock;
    bool disk_is_full;
    bool pieces_are_full;
    uint64_t asked_bytes; /* of room, by the last who asked before writing */
    bool disk_is_short;   /* for what is announced; what is written fits */
    bool door_is_shut;
    bool door_waits_once; /* WAIT, and the wake comes at once from another thread */
    bool submit_fails;
    bool is_full;      /* the receipt holds as much as one can */
    bool is_overtaken; /* a withdrawal comes between the look at the receipt and the submission */
    bool scrubs_nothing;
    unsigned submitted;
    char submitted_bytes[4096];
    size_t submitted_len;
    uint32_t submitted_flags;
    char submitted_words[OSK_RECEIPT_TEXT_BYTES];
    char message[65537];
    char once[128];
    unsigned commits;
    int receipt_state; /* an OskReturnState */
    unsigned letter_count;
    unsigned effort;
    bool turns_are_full;
    bool is_parked;                      /* the server is about to stop */
    bool form_is_free;                   /* slots that are issued wait for nothing */
    char turn_slot[OSK_SLOT_TEXT_BYTES]; /* the last that came with a request */
    char category[64];
    char place[2048];
    bool sends_files_again;
    unsigned withdrawn;
    bool is_held;
    bool has_key; /* the last that stood alone is claimed by this: */
    uint8_t key[OSK_TICKET_KEY_BYTES];
    unsigned claims; /* of it */
} Rig;
extern Rig rig;
void rig_reset(void);
/* What a fake answers that fails; `fault` may be NULL for the first. Gives the status back. */
OskStatus rig_fail(OskFault *fault, OskStatus status, const char *what);
OskStatus rig_fail_disk(OskFault *fault);
/* Those that are there. */
unsigned rig_count_uploads(void);
/* A complete upload that waits for its submission. */
void rig_add_upload(const char *token, const char *bytes);
/* A number that is a proof of work of so many bits for `slot`. */
unsigned rig_find_proof(const char *slot, unsigned bits);

#endif
