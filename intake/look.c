/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/look.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/input.h"
#include "intake/keyring.h"
#include "intake/readers.h"
#include "intake/spool_state.h"
#include "oilskin/fingerprint.h"

#define WORKERS_MAX 64u
#define DAY_S 86400

typedef struct Waiting {
    OskId file;
    OskLookInput input;
    int64_t until_ms;
} Waiting;

struct OskLooker {
    OskLookOptions options;
    OskReaders readers;
    OskRecipient triage;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    Waiting *waiting; /* a ring, the one that waits longest first */
    size_t first;
    size_t count;
    atomic_bool closing;
    pthread_t threads[WORKERS_MAX];
    size_t thread_count;
};

void osk_look_input_close(OskLookInput *input)
{
    if (input->segments != NULL) {
        close(input->fd);
        osk_locked_free(input->segments);
    }
    *input = (OskLookInput){ 0 };
}

/* ---- one look ---- */

static bool goes_on(void *context, uint32_t done, uint32_t total)
{
    OskLooker *looker = context;
    (void)done;
    (void)total;
    return !atomic_load(&looker->closing);
}

/* What the worker said is checked against what can be known without opening its answer. */
static bool is_believable(const OskLooker *looker, const OskReaderList *readers,
                          const OskLookDone *done)
{
    const OskSealTo desk = { .recipients = readers->keys,
                             .count = readers->count,
                             .names_list = true };
    const OskSealTo triage = { .recipients = &looker->triage, .count = 1 };
    bool has_pack = done->pack_len > 0;
    return done->plain_len <= OSK_LOOK_PREVIEW_BYTES &&
           done->output_len == osk_seal_file_len(&desk, osk_seal_padded_len(done->plain_len)) &&
           (!has_pack ||
            (looker->options.triage != NULL && done->pack_plain_len <= OSK_PACK_BYTES_MAX &&
             done->pack_len ==
                 osk_seal_file_len(&triage, osk_seal_padded_len(done->pack_plain_len))));
}

typedef struct Question {
    OskLooker *looker;
    const OskLookInput *input;
    const OskReaderList *readers;
    int output;
} Question;

static bool is_film(const char *format)
{
    return strcmp(format, "mp4") == 0 || strcmp(format, "webm") == 0 ||
           strcmp(format, "matroska") == 0;
}

static OskStatus ask(const Question *question, bool films, OskLookDone *done, OskFault *fault)
{
    OskLooker *looker = question->looker;
    const OskLookInput *input = question->input;
    const OskLookOptions *options = &looker->options;
    const OskStripJob job = { .input_fd = input->fd,
                              .segments = input->segments,
                              .segment_count = input->segment_count,
                              .output_fd = question->output,
                              .output_max = OSK_LOOK_OUTPUT_MAX,
                              .recipients = question->readers->keys,
                              .recipient_count = question->readers->count,
                              .triage = options->triage,
                              .limits = { .memory = options->worker_memory },
                              .format = input->format,
                              .deadline_ms = films ? OSK_LOOK_FILM_MS : OSK_LOOK_DEADLINE_MS,
                              .films = films,
                              .worker = films ? options->frames : options->worker,
                              .progress = goes_on,
                              .progress_context = looker };
    return osk_worker_look(&job, done, fault);
}

/* Where nobody knows what a file is, the program of pictures says whether it may be a video. */
static bool draw(OskLooker *looker, const OskLookInput *input, int output, OskLookDone *done)
{
    OskReaderList readers;
    osk_readers_get(&looker->readers, &readers);
    const Question question = { looker, input, &readers, output };
    OskFault fault = { .status = OSK_OK };
    bool films = is_film(input->format);
    OskStatus status = ask(&question, films, done, &fault);
    if (!films && input->format[0] == 0 && status == OSK_UNSUPPORTED &&
        strcmp(fault.part, OSK_LOOK_PASSED) == 0) {
        status = ask(&question, true, done, &fault);
    }
    return status == OSK_OK && is_believable(looker, &readers, done);
}

/* ---- what is kept of it ---- */

/* An answer in memory, both parts sealed. */
typedef struct Answer {
    OskLookDone done;
    uint8_t bytes[OSK_LOOK_OUTPUT_MAX];
} Answer;

/* What the worker writes lies in memory until it is believed: only then is it cut in two. */
static bool get_answer(OskLooker *looker, const OskLookInput *input, Answer *answer)
{
    int output = memfd_create("look", MFD_CLOEXEC);
    const OskLookDone *done = &answer->done;
    bool is_there = output >= 0 && draw(looker, input, output, &answer->done) &&
                    osk_read_at(output, 0, answer->bytes, done->output_len + done->pack_len);
    if (output >= 0) {
        close(output);
    }
    return is_there;
}

static bool store_preview(OskStore *store, const Answer *answer, OskId *out_blob)
{
    OskBlobWriter *writer = NULL;
    uint64_t len = answer->done.output_len;
    if (osk_blob_begin(store, len, &writer, NULL) != OSK_OK) {
        return false;
    }
    if (osk_blob_write(writer, answer->bytes, (size_t)len, NULL) != OSK_OK) {
        osk_blob_abort(&writer);
        return false;
    }
    return osk_blob_commit(&writer, UINT64_MAX, out_blob, NULL) == OSK_OK;
}

/* A file that was withdrawn meanwhile is in no row: then the record is refused, and the preview
 * goes. */
static void keep(OskLooker *looker, const OskId *file, Answer *answer)
{
    OskStore *store = looker->options.store;
    const OskLookDone *done = &answer->done;
    bool is_unknown = false;
    OskRecordRow row = { .key = { .space = OSK_SPACE_LOOK, .owner = *file, .id = *file },
                         .day = (OskDay)(time(NULL) / DAY_S),
                         .flags = (uint32_t)done->kind,
                         .sealed_len = done->output_len,
                         .bytes = { answer->bytes + done->output_len, (size_t)done->pack_len } };
    if (!store_preview(store, answer, &row.blob)) {
        return;
    }
    const OskChange change = { .kind = OSK_ROW_RECORD_SET, .row.record = &row };
    if (osk_spool_commit(store, &change, 1, &is_unknown, NULL) != OSK_OK && !is_unknown) {
        (void)osk_blob_delete(store, &row.blob, NULL);
    }
}

static void look_at(OskLooker *looker, const Waiting *one)
{
    Answer *answer = malloc(sizeof(*answer));
    if (answer != NULL && get_answer(looker, &one->input, answer)) {
        keep(looker, &one->file, answer);
    }
    free(answer);
}

/* ---- the queue; with the lock ---- */

static size_t room_of(const OskLooker *looker)
{
    return looker->options.waiting_max;
}

static Waiting take_first(OskLooker *looker)
{
    Waiting one = looker->waiting[looker->first];
    looker->waiting[looker->first] = (Waiting){ .until_ms = 0 };
    looker->first = (looker->first + 1) % room_of(looker);
    looker->count--;
    return one;
}

static void forget_old(OskLooker *looker)
{
    while (looker->count > 0 && looker->waiting[looker->first].until_ms <= osk_now_ms()) {
        Waiting one = take_first(looker);
        osk_look_input_close(&one.input);
    }
}

static void *run_thread(void *context)
{
    OskLooker *looker = context;
    pthread_mutex_lock(&looker->lock);
    while (!atomic_load(&looker->closing)) {
        forget_old(looker);
        if (looker->count == 0) {
            pthread_cond_wait(&looker->wake, &looker->lock);
            continue;
        }
        Waiting one = take_first(looker);
        pthread_mutex_unlock(&looker->lock);
        look_at(looker, &one);
        osk_look_input_close(&one.input);
        pthread_mutex_lock(&looker->lock);
    }
    pthread_mutex_unlock(&looker->lock);
    return NULL;
}

void osk_look_later(OskLooker *looker, const OskId *file, OskLookInput *input)
{
    if (input->segments == NULL) {
        return;
    }
    pthread_mutex_lock(&looker->lock);
    forget_old(looker);
    if (looker->count < room_of(looker)) {
        size_t last = (looker->first + looker->count) % room_of(looker);
        looker->waiting[last] = (Waiting){ .file = *file,
                                           .input = *input,
                                           .until_ms = osk_now_ms() + looker->options.wait_ms };
        looker->count++;
        *input = (OskLookInput){ 0 };
        pthread_cond_signal(&looker->wake);
    }
    pthread_mutex_unlock(&looker->lock);
    osk_look_input_close(input);
}

/* ---- opening ---- */

static bool start_threads(OskLooker *looker)
{
    unsigned wanted = looker->options.workers < WORKERS_MAX ? looker->options.workers : WORKERS_MAX;
    for (unsigned i = 0; i < (wanted > 0 ? wanted : 1); i++) {
        if (pthread_create(&looker->threads[i], NULL, run_thread, looker) != 0) {
            return false;
        }
        looker->thread_count++;
    }
    return true;
}

OskStatus osk_looker_open(OskLooker **out, const OskLookOptions *options, OskFault *fault)
{
    *out = NULL;
    if (!osk_readers_fit(options->recipients, options->recipient_count)) {
        return osk_spool_fail(fault, OSK_MISUSE, "nobody could open a preview",
                              "name one recipient at least");
    }
    OskLooker *looker = calloc(1, sizeof(*looker));
    if (looker != NULL) {
        looker->options = *options;
        looker->options.wait_ms = options->wait_ms > 0 ? options->wait_ms : OSK_LOOK_WAIT_MS;
        looker->options.waiting_max =
            options->waiting_max > 0 ? options->waiting_max : OSK_LOOK_WAITING_MAX;
        if (options->triage != NULL) {
            looker->triage = *options->triage;
            looker->options.triage = &looker->triage;
        }
        osk_readers_begin(&looker->readers, options->recipients, options->recipient_count);
        looker->waiting = calloc(room_of(looker), sizeof(*looker->waiting));
        atomic_init(&looker->closing, false);
        pthread_mutex_init(&looker->lock, NULL);
        pthread_cond_init(&looker->wake, NULL);
    }
    if (looker == NULL || looker->waiting == NULL || !start_threads(looker)) {
        osk_looker_close(&looker);
        return osk_spool_fail(fault, OSK_NO_MEMORY, "no thread can be started",
                              "close other programs, then start it again");
    }
    *out = looker;
    return OSK_OK;
}

void osk_looker_set_readers(OskLooker *looker, const OskRecipient *recipients, size_t count)
{
    osk_readers_set(&looker->readers, recipients, count);
}

void osk_looker_close(OskLooker **looker)
{
    OskLooker *closed = *looker;
    *looker = NULL;
    if (closed == NULL) {
        return;
    }
    pthread_mutex_lock(&closed->lock);
    atomic_store(&closed->closing, true);
    pthread_cond_broadcast(&closed->wake);
    pthread_mutex_unlock(&closed->lock);
    for (size_t i = 0; i < closed->thread_count; i++) {
        pthread_join(closed->threads[i], NULL);
    }
    while (closed->waiting != NULL && closed->count > 0) {
        Waiting one = take_first(closed);
        osk_look_input_close(&one.input);
    }
    free(closed->waiting);
    pthread_cond_destroy(&closed->wake);
    osk_readers_end(&closed->readers);
    pthread_mutex_destroy(&closed->lock);
    free(closed);
}
