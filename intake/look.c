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

/* Who waits, and the threads that look: a ring, the one that waits longest first. */
typedef struct Line {
    OskLooker *looker;
    bool films;
    Waiting *waiting;
    size_t first;
    size_t count;
    pthread_cond_t wake;
} Line;

/* A video takes a minute: with threads of their own they hold up no picture. */
enum { PICTURES, FILMS, LINES };

struct OskLooker {
    OskLookOptions options;
    OskReaders readers;
    OskRecipient triage;
    pthread_mutex_t lock; /* of the lines */
    Line lines[LINES];
    atomic_bool closing;
    pthread_t threads[LINES * WORKERS_MAX];
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
    bool films;
} Question;

static bool is_film(const char *format)
{
    return strcmp(format, "mp4") == 0 || strcmp(format, "webm") == 0 ||
           strcmp(format, "matroska") == 0;
}

static OskStatus ask(const Question *question, OskLookDone *done, OskFault *fault)
{
    OskLooker *looker = question->looker;
    bool films = question->films;
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

/* ---- what is kept of it ---- */

/* An answer in memory, both parts sealed. */
typedef struct Answer {
    OskLookDone done;
    uint8_t bytes[OSK_LOOK_OUTPUT_MAX];
} Answer;

/* What the worker writes lies in memory until it is believed: only then is it cut in two.
 * @param out_passed whether it may be a video, where nobody knows what the file is. */
static bool get_answer(const Line *line, const OskLookInput *input, Answer *answer,
                       bool *out_passed)
{
    OskReaderList readers;
    OskLookDone *done = &answer->done;
    OskFault fault = { .status = OSK_OK };
    osk_readers_get(&line->looker->readers, &readers);
    const Question question = { line->looker, input, &readers, memfd_create("look", MFD_CLOEXEC),
                                line->films };
    if (question.output < 0) {
        return false;
    }
    OskStatus status = ask(&question, done, &fault);
    *out_passed = !line->films && input->format[0] == 0 && status == OSK_UNSUPPORTED &&
                  strcmp(fault.part, OSK_LOOK_PASSED) == 0;
    bool is_there =
        status == OSK_OK && is_believable(line->looker, &readers, done) &&
        osk_read_at(question.output, 0, answer->bytes, done->output_len + done->pack_len);
    close(question.output);
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

/* True where it should be looked at as a video. */
static bool look_at(const Line *line, const Waiting *one)
{
    Answer *answer = malloc(sizeof(*answer));
    bool is_passed = false;
    if (answer != NULL && get_answer(line, &one->input, answer, &is_passed)) {
        keep(line->looker, &one->file, answer);
    }
    free(answer);
    return is_passed;
}

/* ---- the lines; with the lock ---- */

static Waiting take_first(Line *line)
{
    Waiting one = line->waiting[line->first];
    line->waiting[line->first] = (Waiting){ .until_ms = 0 };
    line->first = (line->first + 1) % line->looker->options.waiting_max;
    line->count--;
    return one;
}

static void forget_old(Line *line)
{
    while (line->count > 0 && line->waiting[line->first].until_ms <= osk_now_ms()) {
        Waiting one = take_first(line);
        osk_look_input_close(&one.input);
    }
}

/* Takes it over, and zeroes it; where too many wait it is closed. */
static void put_last(Line *line, Waiting *one)
{
    size_t room = line->looker->options.waiting_max;
    forget_old(line);
    if (line->count < room) {
        line->waiting[(line->first + line->count) % room] = *one;
        line->count++;
        pthread_cond_signal(&line->wake);
    } else {
        osk_look_input_close(&one->input);
    }
    *one = (Waiting){ .until_ms = 0 };
}

static void *run_thread(void *context)
{
    Line *line = context;
    OskLooker *looker = line->looker;
    pthread_mutex_lock(&looker->lock);
    while (!atomic_load(&looker->closing)) {
        forget_old(line);
        if (line->count == 0) {
            pthread_cond_wait(&line->wake, &looker->lock);
            continue;
        }
        Waiting one = take_first(line);
        pthread_mutex_unlock(&looker->lock);
        bool is_passed = look_at(line, &one);
        pthread_mutex_lock(&looker->lock);
        if (is_passed) {
            put_last(&looker->lines[FILMS], &one);
        } else {
            osk_look_input_close(&one.input);
        }
    }
    pthread_mutex_unlock(&looker->lock);
    return NULL;
}

void osk_look_later(OskLooker *looker, const OskId *file, OskLookInput *input)
{
    if (input->segments == NULL) {
        return;
    }
    Waiting one = { .file = *file,
                    .input = *input,
                    .until_ms = osk_now_ms() + looker->options.wait_ms };
    *input = (OskLookInput){ 0 };
    pthread_mutex_lock(&looker->lock);
    put_last(&looker->lines[is_film(one.input.format) ? FILMS : PICTURES], &one);
    pthread_mutex_unlock(&looker->lock);
}

/* ---- opening ---- */

/* Half as many for videos. */
static bool start_threads(OskLooker *looker)
{
    unsigned wanted = looker->options.workers < WORKERS_MAX ? looker->options.workers : WORKERS_MAX;
    const unsigned counts[LINES] = { wanted > 0 ? wanted : 1, wanted > 1 ? wanted / 2 : 1 };
    for (size_t i = 0; i < LINES; i++) {
        for (unsigned j = 0; j < counts[i]; j++) {
            if (pthread_create(&looker->threads[looker->thread_count], NULL, run_thread,
                               &looker->lines[i]) != 0) {
                return false;
            }
            looker->thread_count++;
        }
    }
    return true;
}

static bool make_lines(OskLooker *looker)
{
    bool is_made = true;
    for (size_t i = 0; i < LINES; i++) {
        Line *line = &looker->lines[i];
        *line = (Line){ .looker = looker, .films = i == FILMS };
        line->waiting = calloc(looker->options.waiting_max, sizeof(*line->waiting));
        pthread_cond_init(&line->wake, NULL);
        is_made = is_made && line->waiting != NULL;
    }
    return is_made;
}

static void free_lines(OskLooker *looker)
{
    for (size_t i = 0; i < LINES; i++) {
        Line *line = &looker->lines[i];
        while (line->waiting != NULL && line->count > 0) {
            Waiting one = take_first(line);
            osk_look_input_close(&one.input);
        }
        free(line->waiting);
        pthread_cond_destroy(&line->wake);
    }
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
        atomic_init(&looker->closing, false);
        pthread_mutex_init(&looker->lock, NULL);
    }
    if (looker == NULL || !make_lines(looker) || !start_threads(looker)) {
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
    for (size_t i = 0; i < LINES; i++) {
        pthread_cond_broadcast(&closed->lines[i].wake);
    }
    pthread_mutex_unlock(&closed->lock);
    for (size_t i = 0; i < closed->thread_count; i++) {
        pthread_join(closed->threads[i], NULL);
    }
    free_lines(closed);
    osk_readers_end(&closed->readers);
    pthread_mutex_destroy(&closed->lock);
    free(closed);
}
