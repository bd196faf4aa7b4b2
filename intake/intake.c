/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts the drop together: parts in the order in which they need each other, their routes in one
 * list, and a thread that sweeps. */
#include "intake/intake.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/random.h"
#include "intake/admission.h"
#include "intake/api.h"
#include "intake/drop.h"
#include "http/errands.h"
#include "intake/keyring.h"
#include "intake/look.h"
#include "intake/receipt.h"
#include "intake/retention.h"
#include "intake/spool.h"
#include "intake/submission.h"
#include "intake/upload_tus.h"
#include "store/clock.h"
#include "store/secret.h"

/* What waits for the disk. Measured here: 16 threads commit ten times as many MiB as one, since the
 * disk takes their flushes together. */
#define ERRAND_THREADS 24u
/* 64 MiB each while they derive. */
#define RECEIPT_THREADS 2u
#define SWEEP_S 3600
#define ROUTES (OSK_TUS_ROUTES + OSK_API_ROUTES + OSK_DROP_ROUTES)
#define DAY_S 86400

struct OskIntake {
    OskStore *store;
    OskAdmission *admission;
    OskKeyring *ring;
    OskSpool *spool;
    OskErrands *errands;
    OskReceiptPool *receipts;
    OskLooker *looker;
    OskSubmitter *submitter;
    OskTemplates *templates;
    OskTus *tus;
    OskApi *api;
    OskDrop *drop;
    OskRandom random;
    OskRetention retention;
    OskRoute routes[ROUTES];
    void (*say)(const char *what, const char *next);
    pthread_mutex_t lock; /* of what follows, and of `retention` */
    bool is_parked;
    OskClock clock;
    pthread_t sweeper;
    pthread_cond_t wake;
    bool sweeps;
    bool ends;
};

/* ---- the disk ---- */

/* Asked each time: what was free half a second ago would be promised a second time to whoever comes
 * between. */
static bool ask_disk(void *context, uint64_t *out_free, uint64_t *out_total)
{
    OskIntake *intake = context;
    return osk_store_disk(intake->store, out_free, out_total);
}

/* ---- sweeping ---- */

/* Whether things may be deleted by today's date. What is doubted is said when it begins, and with
 * every restart. */
static bool trusts_clock(OskIntake *intake, OskDay today)
{
    OskClock clock = OSK_CLOCK_GOOD;
    OskFault fault = { 0 };
    if (osk_clock_look(intake->store, today, &clock, &fault) != OSK_OK) {
        return false;
    }
    pthread_mutex_lock(&intake->lock);
    bool is_news = clock != OSK_CLOCK_GOOD && clock != intake->clock;
    intake->clock = clock;
    pthread_mutex_unlock(&intake->lock);
    if (is_news && intake->say != NULL) {
        intake->say(osk_clock_sentence(clock),
                    "Set it right; if it is, say so with `oilskin store clock DIR`");
    }
    return clock == OSK_CLOCK_GOOD && osk_clock_believe(intake->store, today, &fault) == OSK_OK;
}

static void *sweep(void *context)
{
    OskIntake *intake = context;
    pthread_mutex_lock(&intake->lock);
    while (!intake->ends) {
        OskRetention kept = intake->retention;
        pthread_mutex_unlock(&intake->lock);
        OskFault fault = { 0 };
        uint64_t swept = 0;
        OskDay today = (OskDay)(time(NULL) / DAY_S);
        /* What fails now is tried again in an hour; metrics show what is left. */
        if (trusts_clock(intake, today)) {
            (void)osk_spool_sweep(intake->spool, today, &swept, &fault);
            fault = (OskFault){ 0 };
            (void)osk_retention_sweep(&kept, intake->store, today, &swept, &fault);
            fault = (OskFault){ 0 };
        }
        (void)osk_store_sweep(intake->store, &swept, &fault);
        pthread_mutex_lock(&intake->lock);
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += SWEEP_S;
        if (!intake->ends) {
            pthread_cond_timedwait(&intake->wake, &intake->lock, &until);
        }
    }
    pthread_mutex_unlock(&intake->lock);
    return NULL;
}

/* ---- start ---- */

static unsigned scrub_workers(const OskIntakeOptions *options)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return options->scrub_workers != 0 ? options->scrub_workers
           : processors > 2            ? (unsigned)processors - 1
                                       : 1;
}

static void limits_of(OskAdmissionLimits *limits, OskIntake *intake,
                      const OskIntakeOptions *options)
{
    limits->pause_large = options->pause_large;
    limits->disk_context = intake;
    limits->disk = ask_disk;
}

/* Looks at pictures take a quarter of the machine's memory at most, half of what scrubbing takes;
 * at videos an eighth more, or where one file is scrubbed at a time a quarter. */
static OskStatus start_looker(OskIntake *intake, const OskIntakeOptions *options, OskFault *fault)
{
    unsigned workers = scrub_workers(options);
    const OskLookOptions look = { .store = intake->store,
                                  .recipients = options->recipients,
                                  .recipient_count = options->recipient_count,
                                  .triage = options->triage,
                                  .worker = options->worker,
                                  .worker_memory = osk_submit_worker_memory(workers) / 2,
                                  .workers = workers };
    OskStatus status = osk_looker_open(&intake->looker, &look, fault);
    if (status == OSK_OK) {
        osk_submitter_looks(intake->submitter, intake->looker);
    }
    return status;
}

static OskStatus load_pages(OskIntake *intake, const OskIntakeOptions *options, OskFault *fault)
{
    static const char *const names[OSK_PAGE_COUNT] = {
        [OSK_PAGE_DROP] = "drop",         [OSK_PAGE_WAITING] = "waiting",
        [OSK_PAGE_RECEIVED] = "received", [OSK_PAGE_RECEIPT] = "receipt",
        [OSK_PAGE_PROBLEM] = "problem",
    };
    const OskTemplateSet set = { options->templates, names, OSK_PAGE_COUNT };
    return osk_templates_load(&intake->templates, &set, fault);
}

static OskStatus start_inside(OskIntake *intake, const OskIntakeOptions *options, OskFault *fault)
{
    uint8_t salt[16];
    OskAdmissionLimits limits = { 0 };
    OskStatus status = osk_store_secret(intake->store, "slot_key", limits.slot_key,
                                        sizeof(limits.slot_key), fault);
    if (status == OSK_OK) {
        status = osk_store_secret(intake->store, "receipt_salt", salt, sizeof(salt), fault);
    }
    if (status != OSK_OK) {
        return status;
    }
    limits_of(&limits, intake, options);
    status = osk_admission_open(&intake->admission, &limits);
    osk_seal_wipe(&limits, sizeof(limits));
    intake->ring = osk_keyring_open();
    if (status == OSK_OK && intake->ring == NULL) {
        status = OSK_NO_MEMORY;
    }
    if (status == OSK_OK) {
        status = osk_errands_open(&intake->errands, ERRAND_THREADS);
    }
    if (status == OSK_OK) {
        status = osk_receipt_pool_open(&intake->receipts, salt, RECEIPT_THREADS);
    }
    if (status != OSK_OK) {
        return osk_fault_set(fault, status, "", "out of memory", OSK_NO_OFFSET);
    }
    status = osk_spool_open(&intake->spool, intake->store, intake->admission, intake->ring,
                            options->recipients, options->recipient_count, fault);
    if (status == OSK_OK) {
        const OskSubmitterParts parts = { .store = intake->store,
                                          .spool = intake->spool,
                                          .ring = intake->ring,
                                          .admission = intake->admission,
                                          .worker = options->worker,
                                          .workers = scrub_workers(options) };
        status = osk_submitter_open(&intake->submitter, &parts, fault);
    }
    if (status == OSK_OK) {
        status = start_looker(intake, options, fault);
    }
    return status == OSK_OK ? load_pages(intake, options, fault) : status;
}

static OskStatus start_outside(OskIntake *intake, const OskIntakeOptions *options, OskFault *fault)
{
    const OskIntakeParts parts = { .store = intake->store,
                                   .spool = intake->spool,
                                   .submitter = intake->submitter,
                                   .receipts = intake->receipts,
                                   .admission = intake->admission,
                                   .errands = intake->errands,
                                   .templates = intake->templates,
                                   .random = &intake->random };
    OskStatus status = osk_tus_open(&intake->tus, &parts, options);
    if (status == OSK_OK) {
        status = osk_api_open(&intake->api, &parts, options);
    }
    if (status == OSK_OK) {
        status = osk_drop_open(&intake->drop, &parts, options);
    }
    if (status != OSK_OK) {
        return osk_fault_set(fault, status, "", "out of memory", OSK_NO_OFFSET);
    }
    memcpy(intake->routes, osk_tus_routes(intake->tus), OSK_TUS_ROUTES * sizeof(OskRoute));
    memcpy(intake->routes + OSK_TUS_ROUTES, osk_api_routes(intake->api),
           OSK_API_ROUTES * sizeof(OskRoute));
    memcpy(intake->routes + OSK_TUS_ROUTES + OSK_API_ROUTES, osk_drop_routes(intake->drop),
           OSK_DROP_ROUTES * sizeof(OskRoute));
    intake->sweeps = pthread_create(&intake->sweeper, NULL, sweep, intake) == 0;
    return intake->sweeps ? OSK_OK
                          : osk_fault_set(fault, OSK_NO_MEMORY, "", "no thread could be started",
                                          OSK_NO_OFFSET);
}

/* The first thing that a sender would miss above the form; NULL when nothing is. */
static const char *missing(const OskIntakeOptions *options)
{
    const OskIntakeNotice *notice = &options->notice;
    return notice->operator_name[0] == 0   ? "the page must say who runs the drop"
           : notice->readers[0] == 0       ? "the page must say who can read what is sent"
           : notice->contact[0] == 0       ? "the page must give a contact"
           : notice->retain_days == 0      ? "the page must say for how long submissions are kept"
           : options->recipient_count == 0 ? "there is nobody to seal to: name a recipient"
                                           : NULL;
}

OskStatus osk_intake_start(OskIntake **out, OskStore *store, const OskIntakeOptions *options,
                           OskFault *fault)
{
    *out = NULL;
    const char *lacks = missing(options);
    if (lacks != NULL) {
        return osk_fault_set(fault, OSK_MISUSE, "", lacks, OSK_NO_OFFSET);
    }
    OskIntake *intake = calloc(1, sizeof(*intake));
    if (intake == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    intake->store = store;
    intake->random.fill = osk_random_fill;
    intake->say = options->say;
    osk_retention_set(&intake->retention, options);
    pthread_mutex_init(&intake->lock, NULL);
    pthread_cond_init(&intake->wake, NULL);
    OskStatus status = start_inside(intake, options, fault);
    if (status == OSK_OK) {
        status = start_outside(intake, options, fault);
    }
    if (status != OSK_OK) {
        osk_intake_stop(&intake);
        return status;
    }
    *out = intake;
    return OSK_OK;
}

const OskRoute *osk_intake_routes(const OskIntake *intake, size_t *out_count)
{
    *out_count = ROUTES;
    return intake->routes;
}

void osk_intake_set_can_scrub(OskIntake *intake, bool can_scrub)
{
    osk_submitter_set_can_scrub(intake->submitter, can_scrub);
}

bool osk_intake_can_scrub(const OskIntake *intake)
{
    return osk_submitter_can_scrub(intake->submitter);
}

OskStatus osk_intake_reload(OskIntake *intake, const OskIntakeOptions *options, OskFault *fault)
{
    const char *lacks = missing(options);
    if (lacks != NULL) {
        return osk_fault_set(fault, OSK_MISUSE, "", lacks, OSK_NO_OFFSET);
    }
    OskAdmissionLimits limits = { 0 };
    OskDropSettings *pages = osk_drop_prepare(options);
    OskStatus status = pages == NULL ? OSK_NO_MEMORY : OSK_OK;
    if (status == OSK_OK) {
        status = osk_store_secret(intake->store, "slot_key", limits.slot_key,
                                  sizeof(limits.slot_key), fault);
    }
    if (status == OSK_OK) {
        status = osk_api_set(intake->api, options);
    }
    if (status != OSK_OK) {
        osk_drop_settings_end(&pages);
        osk_seal_wipe(&limits, sizeof(limits));
        return osk_fault_set(fault, status, "", "out of memory", OSK_NO_OFFSET);
    }
    /* From here on nothing can fail. */
    osk_drop_set(intake->drop, &pages);
    limits_of(&limits, intake, options);
    osk_admission_set(intake->admission, &limits);
    osk_seal_wipe(&limits, sizeof(limits));
    pthread_mutex_lock(&intake->lock);
    osk_retention_set(&intake->retention, options);
    pthread_mutex_unlock(&intake->lock);
    osk_tus_set(intake->tus, options);
    return OSK_OK;
}

void osk_intake_set_readers(OskIntake *intake, const OskRecipient *recipients, size_t count)
{
    osk_spool_set_readers(intake->spool, recipients, count);
    osk_looker_set_readers(intake->looker, recipients, count);
    osk_api_set_readers(intake->api, recipients, count);
}

/* ---- figures ---- */

/* Names as Prometheus asks for them. Nothing is counted by source, category or size. */
char *osk_intake_metrics(OskIntake *intake, size_t *out_len)
{
    OskReaderList readers;
    osk_spool_readers(intake->spool, &readers);
    OskStoreCounts store = { 0 };
    OskAdmissionCounts admission = { 0 };
    OskFault fault = { 0 };
    bool is_known = osk_store_counts(intake->store, &store, &fault) == OSK_OK;
    osk_admission_counts(intake->admission, &admission);
    pthread_mutex_lock(&intake->lock);
    bool is_trusted = intake->clock == OSK_CLOCK_GOOD;
    pthread_mutex_unlock(&intake->lock);
    const struct {
        const char *name;
        const char *kind;
        const char *help;
        uint64_t value;
    } rows[] = {
        { "oilskin_store_up", "gauge", "1 when the store answers.", is_known ? 1 : 0 },
        { "oilskin_uploads_in_flight", "gauge", "Uploads that are no submission yet.",
          store.uploads },
        { "oilskin_submissions", "gauge", "Submissions that are kept.", store.submissions },
        { "oilskin_blob_bytes", "gauge", "Bytes of sealed blobs.", store.blob_bytes },
        { "oilskin_disk_free_bytes", "gauge", "Bytes that are free for the store.",
          store.disk_free },
        { "oilskin_disk_bytes", "gauge", "Bytes of the store's disk.", store.disk_total },
        { "oilskin_turns_active", "gauge", "Requests that are inside.", admission.turns },
        { "oilskin_turns_waiting", "gauge", "Requests that wait at the door.", admission.waiting },
        { "oilskin_leased_bytes", "gauge", "Bytes of disk that are leased.",
          admission.leased_bytes },
        { "oilskin_slots_issued_total", "counter", "Slots that were given with a form.",
          admission.slots_issued },
        { "oilskin_refused_disk_total", "counter", "Uploads that the disk had no room for.",
          admission.refused_disk },
        { "oilskin_delayed_total", "counter", "Requests that were told to come later.",
          admission.delayed },
        { "oilskin_recipients", "gauge", "Keys that everything is sealed to; 1 is too few.",
          readers.count },
        { "oilskin_clock_up", "gauge", "0 while the clock is doubted: nothing is deleted by age.",
          is_trusted ? 1 : 0 },
        { "oilskin_scrub_up", "gauge", "0 while no test picture can be scrubbed.",
          osk_intake_can_scrub(intake) ? 1 : 0 },
    };
    char *text = NULL;
    FILE *file = open_memstream(&text, out_len);
    if (file == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fprintf(file, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", rows[i].name, rows[i].help,
                rows[i].name, rows[i].kind, rows[i].name, (unsigned long long)rows[i].value);
    }
    return fclose(file) == 0 ? text : NULL;
}

bool osk_intake_is_ready(OskIntake *intake, const char **out_why)
{
    uint64_t disk_free = 0;
    uint64_t disk_total = 0;
    pthread_mutex_lock(&intake->lock);
    bool is_parked = intake->is_parked;
    pthread_mutex_unlock(&intake->lock);
    if (is_parked) {
        *out_why = "the drop is stopping\n";
        return false;
    }
    if (!ask_disk(intake, &disk_free, &disk_total)) {
        *out_why = "the store does not answer\n";
        return false;
    }
    if (disk_free < disk_total / 100) {
        *out_why = "the disk is full\n";
        return false;
    }
    return true;
}

/* ---- stop ---- */

void osk_intake_park(OskIntake *intake)
{
    pthread_mutex_lock(&intake->lock);
    intake->is_parked = true;
    pthread_mutex_unlock(&intake->lock);
    osk_spool_park(intake->spool);
}

void osk_intake_stop(OskIntake **intake)
{
    OskIntake *all = *intake;
    if (all == NULL) {
        return;
    }
    if (all->sweeps) {
        pthread_mutex_lock(&all->lock);
        all->ends = true;
        pthread_cond_signal(&all->wake);
        pthread_mutex_unlock(&all->lock);
        pthread_join(all->sweeper, NULL);
    }
    osk_submitter_close(&all->submitter);
    osk_looker_close(&all->looker);
    osk_receipt_pool_close(&all->receipts);
    osk_errands_close(&all->errands);
    osk_drop_close(&all->drop);
    osk_api_close(&all->api);
    osk_tus_close(&all->tus);
    osk_templates_free(&all->templates);
    osk_spool_close(&all->spool);
    osk_keyring_close(&all->ring);
    osk_admission_close(&all->admission);
    pthread_cond_destroy(&all->wake);
    pthread_mutex_destroy(&all->lock);
    free(all);
    *intake = NULL;
}
