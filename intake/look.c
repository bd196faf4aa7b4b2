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
    uint8_t digest[OSK_LOOK_DIGEST_BYTES];
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

typedef struct Thread {
    pthread_t thread;
    Line *line;
    size_t number;
} Thread;

/* A video takes a minute: with threads of their own they hold up no picture. */
enum { PICTURES, FILMS, LINES };

struct OskLooker {
    OskLookOptions options;
    OskReaders readers;
    OskRecipient triage;
    pthread_mutex_t lock; /* of what follows, but `closing` and the threads */
    Line lines[LINES];
    OskLookKnown *known;
    unsigned readers_turn;                         /* how often they were set */
    const Waiting *under_way[LINES * WORKERS_MAX]; /* by thread, or NULL */
    atomic_bool closing;
    Thread threads[LINES * WORKERS_MAX];
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

static bool has_digest(const Waiting *one)
{
    static const uint8_t none[OSK_LOOK_DIGEST_BYTES];
    return memcmp(one->digest, none, sizeof(none)) != 0;
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

/* ---- what is known of the same bytes ---- */

/* A whole look. Without a pack it may have been cut off, and a later one may be luckier: it is done
 * again. */
static bool is_whole(const OskLookAnswer *answer)
{
    return answer->done.pack_len > 0;
}

/* @param out_turn of the readers that a look is sealed to which begins now. */
static bool get_known(OskLooker *looker, const Waiting *one, OskLookAnswer *answer,
                      unsigned *out_turn)
{
    pthread_mutex_lock(&looker->lock);
    bool is_known = osk_look_known_find(looker->known, one->digest, answer);
    *out_turn = looker->readers_turn;
    pthread_mutex_unlock(&looker->lock);
    return is_known;
}

static void note_known(OskLooker *looker, const Waiting *one, const OskLookAnswer *answer,
                       unsigned turn)
{
    pthread_mutex_lock(&looker->lock);
    if (turn == looker->readers_turn && has_digest(one) && is_whole(answer)) {
        osk_look_known_add(looker->known, one->digest, answer);
    }
    pthread_mutex_unlock(&looker->lock);
}

/* ---- what is kept of it ---- */

/* What the worker writes lies in memory until it is believed: only then is it cut in two.
 * @param out_passed whether it may be a video, where nobody knows what the file is. */
static bool get_answer(const Line *line, const OskLookInput *input, OskLookAnswer *answer,
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

static bool store_preview(OskStore *store, const OskLookAnswer *answer, OskId *out_blob)
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
static void keep(OskLooker *looker, const OskId *file, OskLookAnswer *answer)
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
    OskLooker *looker = line->looker;
    OskLookAnswer *answer = malloc(sizeof(*answer));
    bool is_passed = false;
    unsigned turn = 0;
    if (answer != NULL && get_known(looker, one, answer, &turn)) {
        keep(looker, &one->file, answer);
    } else if (answer != NULL && get_answer(line, &one->input, answer, &is_passed)) {
        note_known(looker, one, answer, turn);
        keep(looker, &one->file, answer);
    }
    free(answer);
    return is_passed;
}

/* ---- the lines; with the lock ---- */

static Waiting *waiting_at(const Line *line, size_t at)
{
    return &line->waiting[(line->first + at) % line->looker->options.waiting_max];
}

/* Those before it move up to its place, in their order. */
static Waiting take_at(Line *line, size_t at)
{
    Waiting one = *waiting_at(line, at);
    for (; at > 0; at--) {
        *waiting_at(line, at) = *waiting_at(line, at - 1);
    }
    *waiting_at(line, 0) = (Waiting){ .until_ms = 0 };
    line->first = (line->first + 1) % line->looker->options.waiting_max;
    line->count--;
    return one;
}

static Waiting take_first(Line *line)
{
    return take_at(line, 0);
}

/* Whether the same bytes are looked at just now: they will be known then. */
static bool is_under_way(const OskLooker *looker, const Waiting *one)
{
    for (size_t i = 0; has_digest(one) && i < looker->thread_count; i++) {
        const Waiting *other = looker->under_way[i];
        if (other != NULL && memcmp(other->digest, one->digest, sizeof(one->digest)) == 0) {
            return true;
        }
    }
    return false;
}

/* The first that nothing keeps waiting; false where there is none. */
static bool take_next(Line *line, Waiting *out)
{
    size_t at = 0;
    while (at < line->count && is_under_way(line->looker, waiting_at(line, at))) {
        at++;
    }
    if (at == line->count) {
        return false;
    }
    *out = take_at(line, at);
    return true;
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

/* Until something changes, or what is known is too old. */
static void rest(Line *line)
{
    int64_t until_ms = osk_look_known_age(line->looker->known);
    if (until_ms == INT64_MAX) {
        pthread_cond_wait(&line->wake, &line->looker->lock);
        return;
    }
    const struct timespec until = { .tv_sec = until_ms / 1000,
                                    .tv_nsec = until_ms % 1000 * 1000000 };
    pthread_cond_timedwait(&line->wake, &line->looker->lock, &until);
}

static void wake_all(OskLooker *looker)
{
    for (size_t i = 0; i < LINES; i++) {
        pthread_cond_broadcast(&looker->lines[i].wake);
    }
}

static void *run_thread(void *context)
{
    const Thread *thread = context;
    Line *line = thread->line;
    OskLooker *looker = line->looker;
    Waiting one;
    pthread_mutex_lock(&looker->lock);
    while (!atomic_load(&looker->closing)) {
        forget_old(line);
        if (!take_next(line, &one)) {
            rest(line);
            continue;
        }
        looker->under_way[thread->number] = &one;
        pthread_mutex_unlock(&looker->lock);
        bool is_passed = look_at(line, &one);
        pthread_mutex_lock(&looker->lock);
        looker->under_way[thread->number] = NULL;
        if (is_passed) {
            put_last(&looker->lines[FILMS], &one);
        } else {
            osk_look_input_close(&one.input);
        }
        wake_all(looker);
    }
    pthread_mutex_unlock(&looker->lock);
    return NULL;
}

void osk_look_later(OskLooker *looker, const OskFileRow *file, OskLookInput *input)
{
    if (input->segments == NULL) {
        return;
    }
    Waiting one = { .file = file->id,
                    .input = *input,
                    .until_ms = osk_now_ms() + looker->options.wait_ms };
    memcpy(one.digest, file->digest, sizeof(one.digest));
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
            Thread *thread = &looker->threads[looker->thread_count];
            *thread = (Thread){ .line = &looker->lines[i], .number = looker->thread_count };
            if (pthread_create(&thread->thread, NULL, run_thread, thread) != 0) {
                return false;
            }
            /* Those that run look through all of them. */
            pthread_mutex_lock(&looker->lock);
            looker->thread_count++;
            pthread_mutex_unlock(&looker->lock);
        }
    }
    return true;
}

static bool make_lines(OskLooker *looker)
{
    pthread_condattr_t steady;
    looker->known = osk_look_known_make(looker->options.known_ms);
    bool is_made = looker->known != NULL;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    for (size_t i = 0; i < LINES; i++) {
        Line *line = &looker->lines[i];
        *line = (Line){ .looker = looker, .films = i == FILMS };
        line->waiting = calloc(looker->options.waiting_max, sizeof(*line->waiting));
        pthread_cond_init(&line->wake, &steady);
        is_made = is_made && line->waiting != NULL;
    }
    pthread_condattr_destroy(&steady);
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
    osk_look_known_free(&looker->known);
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
    pthread_mutex_lock(&looker->lock);
    osk_readers_set(&looker->readers, recipients, count);
    looker->readers_turn++;
    osk_look_known_forget(looker->known);
    pthread_mutex_unlock(&looker->lock);
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
    wake_all(closed);
    pthread_mutex_unlock(&closed->lock);
    for (size_t i = 0; i < closed->thread_count; i++) {
        pthread_join(closed->threads[i].thread, NULL);
    }
    free_lines(closed);
    osk_readers_end(&closed->readers);
    pthread_mutex_destroy(&closed->lock);
    free(closed);
}
