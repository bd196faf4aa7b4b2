/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One form on its way in. For upload_form.c (what happens when) and form_fields.c (what its parts
 * say). */
#ifndef OSK_INTAKE_FORM_INSIDE_H
#define OSK_INTAKE_FORM_INSIDE_H

#include "http/multipart.h"
#include "intake/drop_inside.h"

#define OSK_FORM_FILES_MAX 64u
/* What is taken while large files wait: that of admission.h. */
#define OSK_FORM_SMALL_BYTES (32ull * 1024 * 1024)

/* Why nothing was received. */
typedef enum OskProblem {
    OSK_PROBLEM_NONE,
    OSK_PROBLEM_EMPTY,
    OSK_PROBLEM_FILE_TOO_LONG,
    OSK_PROBLEM_TOO_LONG,
    OSK_PROBLEM_TOO_MANY,
    OSK_PROBLEM_TEXT_TOO_LONG,
    OSK_PROBLEM_CATEGORY_PAUSED,
    OSK_PROBLEM_LARGE_PAUSED,
    OSK_PROBLEM_UNCLEANED,
    OSK_PROBLEM_DISK,
    OSK_PROBLEM_BUSY,
    OSK_PROBLEM_WITHDRAWN,
    OSK_PROBLEM_FULL,
    OSK_PROBLEM_RECEIPT,
    OSK_PROBLEM_FORM,
    OSK_PROBLEM_FAULT,
    OSK_PROBLEM_COUNT
} OskProblem;

/* In locked memory, less than a page of it. */
typedef struct OskFormTexts {
    char receipt[256];
    char place[1024]; /* 250 letters of any script at least */
    char time[512];
    char category[OSK_CATEGORY_BYTES];
    char kind[16];
    OskReceipt keys;
    char *message; /* locked memory of its own, which grows; NULL for none */
    size_t message_room;
    char (*tokens)[OSK_TOKEN_TEXT_BYTES]; /* OSK_FORM_FILES_MAX of them; locked; NULL for none */
} OskFormTexts;

/* What becomes of a form in order. */
typedef enum OskFormPhase { OSK_FORM_READING, OSK_FORM_WORKING, OSK_FORM_ANSWERED } OskFormPhase;

typedef struct OskForm {
    OskErrand errand; /* first: one errand at a time is about a form */
    OskDrop *drop;
    OskDropSettings *settings;
    OskRequest *request;
    size_t language;
    OskTurn *turn;
    OskMultipart *multipart;
    OskFormPhase phase;
    OskProblem problem;
    /* Known before its words were read, and said behind them, so that they can be given back: */
    OskProblem refused;             /* all of it; NONE for none */
    OskProblem without_files;       /* what is said of it when a file comes; NONE for none */
    uint64_t announced;             /* of its files together, at least; 0 for unknown */
    char slot[OSK_SLOT_TEXT_BYTES]; /* "" for none */
    size_t granted;                 /* bytes that the turn gave and the form has not read */
    uint64_t seen;                  /* bytes of the body */
    uint64_t drained;               /* of these, behind a problem */
    OskFormTexts *texts;
    /* The part that is being read. */
    char *text; /* NULL for one that is not kept */
    size_t text_room;
    size_t text_len;
    bool is_message;
    bool is_file;
    /* Files. */
    OskUpload *upload;
    uint64_t file_len;
    uint64_t files_len;
    size_t token_count;
    bool wants_upload; /* a file begins: what blocks is done before its bytes are read */
    bool wants_commit; /* a file has ended */
    bool is_submitted; /* the uploads are the submission's */
} OskForm;

/* Events of the form's parts; context is the OskForm. */
OskMultipartEvents osk_form_events(OskForm *form);
/* Whether anything was written or chosen. */
bool osk_form_is_empty(const OskForm *form);
/* Blocks for the store: begins and ends the uploads that the parts ask for. */
void osk_form_store(OskForm *form);
/* What is said of a store, a spool or a submitter that failed. */
OskProblem osk_form_problem_of(OskStatus status, const OskFault *fault);
/* Deletes what is no submission. Blocks for the store. */
void osk_form_drop(OskForm *form);
/* Wipes. */
void osk_form_texts_free(OskFormTexts **texts);

#endif
