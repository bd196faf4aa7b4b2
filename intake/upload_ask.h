/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one request to /uploads/ asks for, in either of two protocols: tus 1.0.0, whose requests say
 * Tus-Resumable, and the IETF draft (draft-ietf-httpbis-resumable-upload, interop versions 8 and
 * 9), whose requests say Upload-Complete. From here on both are one thing. */
#ifndef OSK_INTAKE_UPLOAD_ASK_H
#define OSK_INTAKE_UPLOAD_ASK_H

#include "http/route.h"
#include "intake/tus_headers.h"

/* Why a request is refused: sentences for people, static. */
typedef struct OskRefusal {
    unsigned status;
    const char *what;
    const char *next;    /* or NULL */
    const char *problem; /* the draft's name for it (RFC 9457), or NULL */
} OskRefusal;

#define OSK_PROBLEM_OFFSET "mismatching-upload-offset"
#define OSK_PROBLEM_COMPLETE "completed-upload"
#define OSK_PROBLEM_LENGTH "inconsistent-upload-length"
/* Statuses that are these protocols' own. */
#define OSK_STATUS_CHECKSUM 460u

typedef enum OskUploadVerb {
    OSK_UPLOAD_OPTIONS,
    OSK_UPLOAD_CREATE, /* POST to the collection */
    OSK_UPLOAD_LOOK,   /* HEAD */
    OSK_UPLOAD_APPEND, /* PATCH */
    OSK_UPLOAD_DROP    /* DELETE */
} OskUploadVerb;

typedef struct OskUploadAsk {
    OskUploadVerb verb;
    bool is_draft;                    /* of the IETF; else tus */
    char token[OSK_TOKEN_TEXT_BYTES]; /* "" for OPTIONS and CREATE */
    uint64_t len;                     /* of the whole upload; UINT64_MAX for not said */
    uint64_t offset;                  /* APPEND */
    uint64_t body_len;                /* UINT64_MAX: it ends when it ends */
    bool completes;                   /* the draft's: nothing follows this request */
    unsigned interop; /* of the draft, that both speak: the client reads 104; else 0 */
    bool has_checksum;
    OskTusChecksum checksum;
    bool is_partial;         /* tus: will be part of a concatenation */
    OskTusConcat *concat;    /* tus: a final one; else NULL */
    OskTusMetadata metadata; /* CREATE */
} OskUploadAsk;

/* Reads the headers; nothing of them is lent. False with the refusal. Either way: wipe. */
bool osk_upload_ask_read(OskUploadAsk *out, const OskRequest *request, OskRefusal *refusal);
void osk_upload_ask_wipe(OskUploadAsk *ask);

#endif
