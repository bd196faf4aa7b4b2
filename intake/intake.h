/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drop: what a composition root needs to know of this room. */
#ifndef OSK_INTAKE_INTAKE_H
#define OSK_INTAKE_INTAKE_H

#include "http/route.h"
#include "oilskin/seal.h"
#include "store/store.h"

#define OSK_INTAKE_CATEGORIES_MAX 32u

typedef struct OskCategory {
    char id[OSK_CATEGORY_BYTES]; /* small letters, digits, - */
    char label[128];             /* in the operator's language */
    bool paused;
    unsigned retain_days; /* 0 for the drop's own */
} OskCategory;

/* What the page says of the people behind it: serve does not start without each of them. */
typedef struct OskIntakeNotice {
    char operator_name[256]; /* who runs the drop */
    char readers[512];       /* who can read what is sent */
    char contact[256];
    char onion[128]; /* "" is allowed: then the page says that there is none */
    unsigned retain_days;
    bool is_demo;    /* every page says so in red */
    bool has_albums; /* "/" leads to them: who is in a picture finds where to ask */
} OskIntakeNotice;

typedef struct OskIntakeOptions {
    OskIntakeNotice notice;
    const OskRecipient *recipients; /* of the desk; at least one */
    size_t recipient_count;
    const OskRecipient *triage; /* who opens what files are compared by; NULL: nothing folds */
    bool folds_here;            /* this server has its key: its page says so */
    OskCategory categories[OSK_INTAKE_CATEGORIES_MAX];
    size_t category_count;
    uint64_t file_max;       /* bytes of one file; 0 for 4 GiB */
    uint64_t submission_max; /* bytes of all files of one; 0 for 16 GiB */
    unsigned files_max;      /* 0 for 64 */
    bool seal_on_device;
    bool pause_large;             /* files above 32 MiB wait for another day */
    const char *default_language; /* "en" */
    const char *templates;        /* the folder of the drop's pages, one file a language */
    const char *worker;           /* NULL: the one that belongs to this program */
    unsigned scrub_workers;       /* 0 for one less than there are processors, at least one */
    /* What the operator should know, once when it begins: one clause, static. NULL for nobody. From
     * a thread of its own. */
    void (*say)(const char *what, const char *next);
} OskIntakeOptions;

typedef struct OskIntake OskIntake;

/* Everything is lent and must outlive it. Starts the threads, parks nothing, sweeps what expired.
 * Errors: MISUSE for options that miss something, with what is missing in the fault. */
OskStatus osk_intake_start(OskIntake **out, OskStore *store, const OskIntakeOptions *options,
                           OskFault *fault);
/* Its routes, for osk_http_start(); lent. */
const OskRoute *osk_intake_routes(const OskIntake *intake, size_t *out_count);
/* What trials have shown (osk_submitter_set_can_scrub()); said in the figures. */
void osk_intake_set_can_scrub(OskIntake *intake, bool can_scrub);
bool osk_intake_can_scrub(const OskIntake *intake);
/* Whom everything is sealed to from now on, in place of the options' recipients: 1 to
 * OSK_SEAL_RECIPIENTS_MAX. What is being sealed keeps the list that it began with. */
void osk_intake_set_readers(OskIntake *intake, const OskRecipient *recipients, size_t count);
/* New options for requests to come: all of them, or with an error none. */
OskStatus osk_intake_reload(OskIntake *intake, const OskIntakeOptions *options, OskFault *fault);
/* Prometheus text; free(). */
char *osk_intake_metrics(OskIntake *intake, size_t *out_len);
/* False with a sentence when it can't take uploads now. */
bool osk_intake_is_ready(OskIntake *intake, const char **out_why);
/* Takes nothing new; uploads in flight are closed at a durable offset, keys are wiped. */
void osk_intake_park(OskIntake *intake);
void osk_intake_stop(OskIntake **intake);

#endif
