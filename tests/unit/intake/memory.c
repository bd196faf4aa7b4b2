/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When its time is over, the memory of a server that runs on holds no key of an upload, no word of
 * a message and no byte of a file. A child does the server's work; its memory is read from outside.
 *
 * usage: memory WORKER SAMPLE */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/random.h"
#include "intake/shelf.h"
#include "intake/spool_state.h"
#include "intake/submission.h"
#include "unit.h"

#define EXPIRE_MS 300u
#define FILE_BYTES 300000u
#define PLANTED 32u
#define MESSAGE_BYTES 64u

static const char *worker_path;

/* What the child says of itself, and what must then be nowhere in it. */
typedef struct Told {
    char tokens[2][OSK_TOKEN_TEXT_BYTES];
    uint8_t keys[2][OSK_SEAL_FILE_KEY_BYTES];
} Told;

/* Bytes of the planted file, made where they are needed: in no table that would be found. */
static void make_bytes(uint8_t *out, size_t from, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint32_t n = (uint32_t)(from + i) * 2246822519u;
        out[i] = (uint8_t)((n ^ n >> 15) * 3266489917u >> 21);
    }
}

/* Put together at run time, because the program itself is in its memory, too. */
static void make_message(char out[MESSAGE_BYTES])
{
    snprintf(out, MESSAGE_BYTES, "planted: %s was %s to the %s, %s for nobody", "the meeting",
             "moved", "old mill", "ask");
}

static void send_file(uint64_t len, uint32_t flags, char token[OSK_TOKEN_TEXT_BYTES], size_t sent)
{
    uint8_t *piece = osk_locked_alloc(1000);
    const OskUploadWish wish = { .len = len, .flags = flags };
    assert_int_equal(osk_spool_create(shelf.spool, &wish, token, NULL), OSK_OK);
    OskUpload *upload = shelf_open_upload(token);
    for (size_t at = 0; at < sent; at += 1000) {
        make_bytes(piece, at, 1000);
        shelf_append(upload, piece, 1000);
    }
    assert_int_equal(osk_upload_commit(upload, NULL, NULL), OSK_OK);
    osk_upload_close(&upload);
    osk_locked_free(piece);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t come = PTHREAD_COND_INITIALIZER;
static bool answered;

static void answer(void *context, const OskSubmitted *result)
{
    (void)context;
    assert_int_equal(result->status, OSK_OK);
    assert_int_equal(result->outcomes[0], OSK_OUTCOME_ORIGINAL_KEPT);
    pthread_mutex_lock(&lock);
    answered = true;
    pthread_cond_signal(&come);
    pthread_mutex_unlock(&lock);
}

static void submit(const char *token)
{
    OskSubmitter *submitter = NULL;
    const char *tokens[] = { token };
    char *message = osk_locked_alloc(MESSAGE_BYTES);
    make_message(message);
    const OskSubmissionDraft draft = { .message = message, .tokens = tokens, .token_count = 1 };
    const OskSubmitterParts parts = { .store = shelf.store,
                                      .spool = shelf.spool,
                                      .ring = shelf.ring,
                                      .worker = worker_path,
                                      .workers = 1 };
    assert_int_equal(osk_submitter_open(&submitter, &parts, NULL), OSK_OK);
    assert_int_equal(osk_submit(submitter, &draft, answer, NULL), OSK_OK);
    osk_locked_free(message);
    pthread_mutex_lock(&lock);
    while (!answered) {
        pthread_cond_wait(&come, &lock);
    }
    pthread_mutex_unlock(&lock);
}

static void tell_key(Told *told, size_t index)
{
    OskLookup lookup;
    OskUploadRow row;
    OskFault fault = { .status = OSK_OK };
    uint8_t raw[OSK_TOKEN_BYTES];
    assert_true(osk_token_read(told->tokens[index], raw));
    osk_token_derive(raw, &lookup, NULL);
    assert_true(osk_store_upload(shelf.store, &lookup, &row, &fault));
    assert_true(osk_keyring_get(shelf.ring, &row.id, 0, told->keys[index]));
    osk_upload_row_free(&row);
    osk_seal_wipe(raw, sizeof(raw));
}

/* A server's life: one file is submitted, one was never finished. */
static void serve(int out, int in)
{
    char go = 0;
    Told *told = osk_locked_alloc(sizeof(*told));
    OskKeyring *hurried = osk_keyring_open_for(EXPIRE_MS);
    assert_true(told != NULL && hurried != NULL);
    osk_spool_close(&shelf.spool);
    osk_keyring_close(&shelf.ring);
    shelf.ring = hurried;
    assert_int_equal(
        osk_spool_open(&shelf.spool, shelf.store, NULL, shelf.ring, &shelf.desk.recipient, 1, NULL),
        OSK_OK);
    send_file(FILE_BYTES, 0, told->tokens[0], FILE_BYTES);
    send_file(FILE_BYTES, 0, told->tokens[1], FILE_BYTES / 3);
    tell_key(told, 0);
    tell_key(told, 1);
    assert_int_equal(write(out, told, sizeof(*told)), sizeof(*told));
    submit(told->tokens[0]);
    osk_locked_free(told);
    for (int i = 0; i < 200 && osk_keyring_count(shelf.ring) > 0; i++) {
        const struct timespec pause = { .tv_nsec = 20000000 };
        nanosleep(&pause, NULL);
    }
    assert_int_equal(osk_keyring_count(shelf.ring), 0);
    assert_int_equal(write(out, "r", 1), 1);
    (void)!read(in, &go, 1);
    _exit(0);
}

/* ---- reading another process ---- */

typedef struct Needle {
    const char *name;
    uint8_t bytes[64];
    size_t len;
    size_t found;
} Needle;

static void search(uint8_t *bytes, size_t len, Needle *needles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t *at = bytes;
        size_t left = len;
        while (left >= needles[i].len &&
               (at = memmem(at, left, needles[i].bytes, needles[i].len)) != NULL) {
            needles[i].found++;
            at++;
            left = len - (size_t)(at - bytes);
        }
    }
}

static size_t search_process(pid_t pid, Needle *needles, size_t count)
{
    char path[64];
    char line[512];
    size_t total = 0;
    snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(path, "r");
    snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(maps != NULL && memory >= 0);
    while (fgets(line, sizeof(line), maps) != NULL) {
        unsigned long from = 0;
        unsigned long until = 0;
        char rights[8] = "";
        /* The shadow of a sanitizer is terabytes of nothing. */
        if (sscanf(line, "%lx-%lx %7s", &from, &until, rights) != 3 || rights[0] != 'r' ||
            until - from > (UINT64_C(1) << 30)) {
            continue;
        }
        uint8_t *bytes = malloc(until - from);
        ssize_t got = bytes != NULL ? pread(memory, bytes, until - from, (off_t)from) : -1;
        if (got > 0) {
            search(bytes, (size_t)got, needles, count);
            total += (size_t)got;
        }
        free(bytes);
    }
    fclose(maps);
    close(memory);
    return total;
}

static void add(Needle *needles, size_t *count, const char *name, const void *bytes, size_t len)
{
    Needle *needle = &needles[(*count)++];
    needle->name = name;
    needle->len = len;
    memcpy(needle->bytes, bytes, len);
}

static void memory__holds_no_key_and_no_planted_byte_in_the_end(void **state)
{
    (void)state;
    int to_parent[2];
    int to_child[2];
    Told told;
    char ready = 0;
    Needle needles[16] = { 0 };
    size_t count = 0;
    uint8_t planted[PLANTED];
    uint8_t raw[OSK_TOKEN_BYTES];
    uint8_t box[32];
    char message[MESSAGE_BYTES];
    assert_true(pipe(to_parent) == 0 && pipe(to_child) == 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        shelf_open();
        serve(to_parent[1], to_child[0]);
    }
    assert_int_equal(read(to_parent[0], &told, sizeof(told)), sizeof(told));
    assert_int_equal(read(to_parent[0], &ready, 1), 1);
    make_message(message);
    add(needles, &count, "the message", message, strlen(message));
    add(needles, &count, "some words of it", message + 20, 16);
    for (size_t i = 0; i < 2; i++) {
        static const char *const key[] = { "key of the submitted file", "key of the parked one" };
        static const char *const token[] = { "token of one", "token of the other" };
        static const char *const boxes[] = { "key of a box", "key of the other box" };
        add(needles, &count, key[i], told.keys[i], sizeof(told.keys[i]));
        add(needles, &count, token[i], told.tokens[i], OSK_TOKEN_TEXT_BYTES - 1);
        assert_true(osk_token_read(told.tokens[i], raw));
        osk_token_derive(raw, NULL, box);
        add(needles, &count, boxes[i], box, sizeof(box));
    }
    static const size_t places[] = { 0, 50000, 65536, 99000, 131000, 262144, 299900 };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        make_bytes(planted, places[i], sizeof(planted));
        add(needles, &count, "content of the file", planted, sizeof(planted));
    }
    size_t looked_at = search_process(pid, needles, count);
    assert_true(looked_at > 1u << 20);
    assert_int_equal(write(to_child[1], "g", 1), 1);
    waitpid(pid, NULL, 0);
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (needles[i].found > 0) {
            print_error("%s: %zu times\n", needles[i].name, needles[i].found);
        }
        found += needles[i].found;
    }
    /* It must be able to find what is there: this process holds all of it. */
    size_t here = count;
    search_process(getpid(), needles, count);
    for (size_t i = 0; i < count; i++) {
        here -= needles[i].found > 0 ? 1 : 0;
    }
    assert_int_equal(here, 0);
    assert_int_equal(found, 0);
}

static int set_up(void **state)
{
    shelf_set_up(state);
    shelf_close();
    return 0;
}

static int tear_down(void **state)
{
    shelf_open();
    return shelf_tear_down(state);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory__holds_no_key_and_no_planted_byte_in_the_end),
    };
    if (argc != 3) {
        return 2;
    }
    worker_path = argv[1];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
