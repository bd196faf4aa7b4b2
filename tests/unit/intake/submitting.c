/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submitting.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "intake/admission.h"
#include "intake/shelf.h"
#include "oilskin/scrub.h"
#include "unit.h"

const char *worker_path;
static const char *sample_path;
const char *fake_path;
uint8_t photo[1u << 20];
size_t photo_len;
OskSubmitter *submitter;
OskAdmission *admission;
const char letter[] = "This is a letter, which no program of pictures knows. 44.977 -93.265";

/* ---- waiting for an answer ---- */

typedef struct Wait {
    pthread_mutex_t lock;
    pthread_cond_t come;
    unsigned answers;
    OskSubmitted result;
} Wait;

static Wait waiting = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, { 0 } };

static void answer(void *context, const OskSubmitted *result)
{
    Wait *wait = context;
    pthread_mutex_lock(&wait->lock);
    wait->result = *result;
    wait->answers++;
    pthread_cond_signal(&wait->come);
    pthread_mutex_unlock(&wait->lock);
}

OskSubmitted submit(const OskSubmissionDraft *draft)
{
    unsigned before = waiting.answers;
    assert_int_equal(osk_submit(submitter, draft, answer, &waiting), OSK_OK);
    pthread_mutex_lock(&waiting.lock);
    while (waiting.answers == before) {
        pthread_cond_wait(&waiting.come, &waiting.lock);
    }
    OskSubmitted result = waiting.result;
    pthread_mutex_unlock(&waiting.lock);
    return result;
}

void open_submitter(void)
{
    OskFault fault = { .status = OSK_OK };
    const OskSubmitterParts parts = { .store = shelf.store,
                                      .spool = shelf.spool,
                                      .ring = shelf.ring,
                                      .admission = admission,
                                      .worker = worker_path,
                                      .workers = 2 };
    assert_int_equal(osk_submitter_open(&submitter, &parts, &fault), OSK_OK);
}

/* ---- what the desk sees ---- */

OskReceipt make_receipt(uint8_t number)
{
    OskReceipt receipt = { .lookup = { { 7, number } }, .draft_key = { 9, number } };
    const uint8_t seed[32] = { number };
    assert_int_equal(osk_identity_from_seed(&receipt.identity, seed), OSK_OK);
    return receipt;
}

static bool note_file(void *context, const OskFileRow *row)
{
    Files *files = context;
    assert_true(files->count < 8);
    files->rows[files->count++] = *row;
    return true;
}

Files files_of(const OskReceipt *receipt, OskSubmissionRow *row)
{
    Files files = { .count = 0 };
    OskFault fault = { .status = OSK_OK };
    assert_true(osk_store_receipt(shelf.store, &receipt->lookup, row, &fault));
    assert_int_equal(osk_store_files(shelf.store, &row->id, note_file, &files, NULL), OSK_OK);
    assert_int_equal(files.count, row->file_count);
    return files;
}

char *unseal(const OskBytes *sealed)
{
    const OskUnsealWith with = { .identities = &shelf.desk, .count = 1 };
    OskMemory plain = { .max = 1u << 20 };
    assert_int_equal(osk_unseal_bytes(sealed->bytes, sealed->len, &with, &plain, NULL), OSK_OK);
    assert_int_equal(plain.bytes[plain.len - 1], 0);
    /* A copy: the compiler takes what strstr() finds in `plain` for a pointer to the variable. */
    char *text = strdup((const char *)plain.bytes);
    osk_bytes_free(&plain.bytes);
    return text;
}

bool note_segment(void *context, const OskSegmentRow *row)
{
    OskSegmentRow *segments = context;
    assert_true(row->number < 8);
    segments[row->number] = *row;
    return true;
}

uint8_t *open_file(const OskFileRow *file, size_t *out_len)
{
    static const OskId none;
    OskSegmentRow segments[8] = { 0 };
    bool is_own = memcmp(&file->same_as, &none, sizeof(none)) == 0;
    const OskId *owner = is_own ? &file->id : &file->same_as;
    assert_int_equal(osk_store_segments(shelf.store, owner, note_segment, segments, NULL), OSK_OK);
    assert_int_equal(file->segment_count, is_own ? 1 : 0);
    assert_true(segments[0].sealed_len > 0);
    assert_true(!is_own || file->sealed_len == segments[0].sealed_len);
    return shelf_read_blob(&segments[0].blob, out_len);
}

size_t count_findings(const uint8_t *bytes, size_t len)
{
    const OskSource source = osk_source_from_memory(bytes, len);
    OskScrub *job = NULL;
    assert_int_equal(osk_scrub_open(&source, NULL, &job), OSK_OK);
    size_t count = osk_report_count(osk_scrub_report(job));
    osk_scrub_free(&job);
    return count;
}

size_t number_of(const char *json, const char *key)
{
    char quoted[32];
    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    const char *at = strstr(json, quoted);
    assert_non_null(at);
    return (size_t)strtoull(at + strlen(quoted), NULL, 10);
}

int submitting_set_up(void **state)
{
    char path[128];
    int status = 1;
    if (shelf_set_up(state) != 0) {
        return 1;
    }
    snprintf(path, sizeof(path), "%s/photo.jpg", shelf.folder);
    pid_t pid = fork();
    if (pid == 0) {
        execl(sample_path, sample_path, path, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    FILE *file = fopen(path, "rb");
    assert_true(status == 0 && file != NULL);
    photo_len = fread(photo, 1, sizeof(photo), file);
    fclose(file);
    unlink(path);
    open_submitter();
    return 0;
}

int submitting_tear_down(void **state)
{
    osk_submitter_close(&submitter);
    return shelf_tear_down(state);
}

bool submitting_begin(int argc, char **argv)
{
    if (argc != 4) {
        return false;
    }
    worker_path = argv[1];
    sample_path = argv[2];
    fake_path = argv[3];
    return true;
}
