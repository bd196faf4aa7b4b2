/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server for tests of http/: it swallows what it is sent, and says how much that was.
 *
 * usage: http_sink ADDRESS [CONNECTIONS]     (prints where it listens; ends with SIGTERM)
 *
 *   POST /sink     the number of bytes; ?pause=MS waits behind each piece, ?wait=MS at the end
 *   POST /form     the fields of a form, and how long each was
 *   GET  /words    the text of ?say=
 *   GET  /file     a file of ?len= bytes: 8 that count from 0, little end first, again and again
 *
 * SIGHUP: becomes itself again, and keeps listening. SIGUSR1: gives free memory back. */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "http/handover.h"
#include "http/http.h"
#include "http/multipart.h"

#define SAID_BYTES 4096

typedef struct Job {
    OskRequest *request;
    uint64_t len;
    unsigned long pause_ms;
    unsigned long wait_ms;
    OskMultipart *form;
    char *said; /* of a form */
    size_t said_len;
    size_t part_len;
} Job;

static unsigned long number_of(OskRequest *request, const char *name)
{
    const char *text = osk_request_query(request, name);
    return text != NULL ? strtoul(text, NULL, 10) : 0;
}

static void begin_sink(void *context, OskRequest *request)
{
    (void)context;
    Job *job = calloc(1, sizeof(*job));
    if (job == NULL) {
        abort();
    }
    job->request = request;
    job->pause_ms = number_of(request, "pause");
    job->wait_ms = number_of(request, "wait");
    osk_request_set_state(request, job);
}

typedef struct Sleep {
    OskRequest *request;
    unsigned long ms;
} Sleep;

static void *sleep_and_resume(void *context)
{
    Sleep *sleeping = context;
    struct timespec time = { .tv_sec = (time_t)(sleeping->ms / 1000),
                             .tv_nsec = (long)(sleeping->ms % 1000) * 1000000 };
    nanosleep(&time, NULL);
    osk_request_resume(sleeping->request);
    free(sleeping);
    return NULL;
}

static void pause_for(OskRequest *request, unsigned long ms)
{
    pthread_t thread;
    Sleep *sleeping = malloc(sizeof(*sleeping));
    if (sleeping == NULL) {
        abort();
    }
    *sleeping = (Sleep){ .request = request, .ms = ms };
    osk_request_pause(request);
    if (pthread_create(&thread, NULL, sleep_and_resume, sleeping) != 0) {
        abort();
    }
    pthread_detach(thread);
}

static size_t sink_body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    (void)context;
    (void)bytes;
    Job *job = osk_request_state(request);
    job->len += len;
    if (job->pause_ms > 0) {
        pause_for(request, job->pause_ms);
    }
    return len;
}

static void answer_text(OskRequest *request, const char *text)
{
    osk_request_answer(request, &(OskAnswer){ .status = 200,
                                              .media_type = "text/plain; charset=utf-8",
                                              .bytes = text,
                                              .len = strlen(text) });
}

static void end_sink(void *context, OskRequest *request)
{
    (void)context;
    Job *job = osk_request_state(request);
    char text[32];
    if (job->wait_ms > 0) {
        unsigned long ms = job->wait_ms;
        job->wait_ms = 0;
        pause_for(request, ms);
        return;
    }
    snprintf(text, sizeof(text), "%llu\n", (unsigned long long)job->len);
    answer_text(request, text);
}

static void done_sink(void *context, OskRequest *request, bool whole)
{
    (void)context;
    (void)whole;
    Job *job = osk_request_state(request);
    osk_multipart_free(&job->form);
    free(job->said);
    free(job);
}

/* ---- forms ---- */

static OskFormStep begin_part(void *context, const OskFormPart *part)
{
    Job *job = context;
    int wrote = snprintf(job->said + job->said_len, SAID_BYTES - job->said_len, "%s%s ", part->name,
                         part->is_file ? "*" : "");
    job->said_len += wrote > 0 ? (size_t)wrote : 0;
    job->part_len = 0;
    return job->said_len < SAID_BYTES - 100 ? OSK_FORM_ON : OSK_FORM_FAIL;
}

static size_t part_data(void *context, const uint8_t *bytes, size_t len)
{
    Job *job = context;
    (void)bytes;
    job->part_len += len;
    return len;
}

static OskFormStep end_part(void *context)
{
    Job *job = context;
    int wrote =
        snprintf(job->said + job->said_len, SAID_BYTES - job->said_len, "%zu\n", job->part_len);
    job->said_len += wrote > 0 ? (size_t)wrote : 0;
    return OSK_FORM_ON;
}

static void refuse(OskRequest *request, const OskFault *fault)
{
    osk_request_answer(request, &(OskAnswer){ .status = 400,
                                              .media_type = "text/plain; charset=utf-8",
                                              .bytes = fault->what,
                                              .len = strlen(fault->what) });
}

static void begin_form(void *context, OskRequest *request)
{
    OskFault fault = { 0 };
    begin_sink(context, request);
    Job *job = osk_request_state(request);
    job->said = calloc(1, SAID_BYTES);
    if (job->said == NULL) {
        abort();
    }
    const OskMultipartEvents events = {
        .context = job, .part_begin = begin_part, .part_data = part_data, .part_end = end_part
    };
    if (osk_multipart_open(&job->form, osk_request_header(request, "Content-Type"), &events,
                           &fault) != OSK_OK) {
        refuse(request, &fault);
    }
}

static size_t form_body(void *context, OskRequest *request, const uint8_t *bytes, size_t len)
{
    (void)context;
    Job *job = osk_request_state(request);
    OskFault fault = { 0 };
    size_t taken = 0;
    if (osk_multipart_feed(job->form, bytes, len, &taken, &fault) != OSK_OK) {
        refuse(request, &fault);
    }
    return taken;
}

static void end_form(void *context, OskRequest *request)
{
    (void)context;
    Job *job = osk_request_state(request);
    OskFault fault = { 0 };
    if (osk_multipart_end(job->form, &fault) != OSK_OK) {
        refuse(request, &fault);
    } else {
        answer_text(request, job->said);
    }
}

static void begin_words(void *context, OskRequest *request)
{
    (void)context;
    const char *text = osk_request_query(request, "say");
    osk_request_add_header(request, "X-Say", text != NULL ? text : "");
    answer_text(request, text != NULL ? text : "");
}

/* So that each place of it is told from any other. */
static void put_numbers(int fd, uint64_t len)
{
    uint64_t numbers[8192];
    for (uint64_t at = 0; at < len; at += sizeof(numbers)) {
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
            numbers[i] = at / sizeof(numbers[0]) + i;
        }
        size_t wanted = len - at < sizeof(numbers) ? (size_t)(len - at) : sizeof(numbers);
        if (write(fd, numbers, wanted) != (ssize_t)wanted) {
            abort();
        }
    }
}

static void begin_file(void *context, OskRequest *request)
{
    (void)context;
    uint64_t len = number_of(request, "len");
    int fd = memfd_create("file", MFD_CLOEXEC);
    if (fd < 0) {
        abort();
    }
    put_numbers(fd, len);
    osk_request_answer_file(
        request,
        &(OskFileAnswer){ .fd = fd, .len = len, .media_type = "video/mp4", .etag = "\"numbers\"" });
}

static const OskRoute routes[] = {
    { .path = "/sink",
      .methods = "POST PUT",
      .begin = begin_sink,
      .body = sink_body,
      .end = end_sink,
      .done = done_sink },
    { .path = "/form",
      .methods = "POST",
      .begin = begin_form,
      .body = form_body,
      .end = end_form,
      .done = done_sink },
    { .path = "/words", .methods = "GET POST", .begin = begin_words, .end = begin_words },
    { .path = "/file", .methods = "GET HEAD", .begin = begin_file, .end = begin_file },
};

static int fail(const OskFault *fault)
{
    fprintf(stderr, "http_sink: %s\n", fault->what);
    return 1;
}

int main(int argc, char **argv)
{
    OskHttp *http = NULL;
    OskFault fault = { 0 };
    OskHanded handed[OSK_HANDED_MAX];
    sigset_t signals;
    int number = 0;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    OskHttpOptions options = { .address = argc > 1 ? argv[1] : "127.0.0.1:0",
                               .routes = routes,
                               .route_count = sizeof(routes) / sizeof(routes[0]),
                               .connections = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0 };
    if (osk_http_inherited(handed) == 1 && strcmp(handed[0].name, "sink") == 0) {
        options.listening = handed[0].fd;
    }
    if (osk_http_start(&http, &options, &fault) != OSK_OK) {
        return fail(&fault);
    }
    printf("%s\n", osk_http_address(http));
    fflush(stdout);
    while (sigwait(&signals, &number) == 0 && number == SIGUSR1) {
        malloc_trim(0);
    }
    if (number == SIGHUP) {
        osk_http_drain(http, 5000);
        OskHanded socket = { .name = "sink", .fd = osk_http_release(&http) };
        if (osk_http_become("/proc/self/exe", argv, &socket, 1, &fault) != OSK_OK) {
            return fail(&fault);
        }
    }
    osk_http_stop(&http);
    return 0;
}
