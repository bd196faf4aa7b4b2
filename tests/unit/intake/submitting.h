/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A submitter on a shelf, and what the desk sees of what it was given. */
#ifndef TESTS_UNIT_INTAKE_SUBMITTING_H
#define TESTS_UNIT_INTAKE_SUBMITTING_H

#include "intake/admission.h"
#include "intake/shelf.h"
#include "intake/submission.h"

extern const char *worker_path;
extern const char *fake_path;
extern uint8_t photo[1u << 20];
extern size_t photo_len;
extern OskSubmitter *submitter;
extern OskAdmission *admission; /* NULL but where a test is about it */
/* What no program of pictures knows. */
extern const char letter[69];

OskSubmitted submit(const OskSubmissionDraft *draft);
void open_submitter(void);
OskReceipt make_receipt(uint8_t number);

typedef struct Files {
    OskFileRow rows[8];
    size_t count;
} Files;

/* The row is the caller's, to be freed. */
Files files_of(const OskReceipt *receipt, OskSubmissionRow *row);
/* For osk_store_segments(): into eight rows. */
bool note_segment(void *segments, const OskSegmentRow *row);
/* Given. */
char *unseal(const OskBytes *sealed);
/* All of a file in the clear, with its padding; given. A copy of an earlier one becomes a reference
 * to it some time after its answer. */
uint8_t *open_file(const OskFileRow *file, size_t *out_len);
/* Of a scrub. */
size_t count_findings(const uint8_t *bytes, size_t len);
/* The number behind a key of the manifest. */
size_t number_of(const char *json, const char *key);

/* usage: PROGRAM WORKER SAMPLE FAKE    the real worker, the program that draws a photo, and a
 * worker that does what its name says. For main(). */
#define RUN_SUBMISSIONS(argc, argv, tests)                                                         \
    (submitting_begin(argc, argv)                                                                  \
         ? cmocka_run_group_tests(tests, submitting_set_up, submitting_tear_down)                  \
         : 2)
bool submitting_begin(int argc, char **argv);
int submitting_set_up(void **state);
int submitting_tear_down(void **state);

#endif
