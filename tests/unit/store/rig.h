/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store in a folder that goes with the test, of every backend there is, and things to put into
 * it. */
#ifndef TESTS_UNIT_STORE_RIG_H
#define TESTS_UNIT_STORE_RIG_H

#include "store/store.h"
#include "unit.h"

typedef struct Maker {
    const char *name;
    OskStore *(*open)(const char *folder);
} Maker;

extern const Maker rig_folder;

typedef struct Rig {
    const Maker *maker;
    char top[64];
    char folder[80];
    OskStore *store;
} Rig;

/* Every test for every backend; the exit code of the program. */
int rig_run(struct CMUnitTest *tests, size_t count);
int rig_set_up(void **state);
int rig_tear_down(void **state);
void rig_reopen(Rig *rig);

OskId rig_id(void);
OskLookup rig_lookup(void);
OskDay rig_today(void);
OskId rig_put_blob(OskStore *store, const char *text);
bool rig_has_blob(OskStore *store, const OskId *key);
OskCommit rig_commit(OskStore *store, const OskChange *changes, size_t count, const OskId *once);
#define COMMIT(store, ...)                                                                         \
    rig_commit(store, (const OskChange[]){ __VA_ARGS__ },                                          \
               sizeof((const OskChange[]){ __VA_ARGS__ }) / sizeof(OskChange), NULL)

OskUploadRow rig_upload(void);
OskSubmissionRow rig_submission(void);

typedef struct Seen {
    size_t count;
    OskSegmentRow segments[8];
    OskFileRow files[8];
} Seen;

bool rig_see_file(void *context, const OskFileRow *row);
Seen rig_segments(OskStore *store, const OskId *owner);
Seen rig_files(OskStore *store, const OskId *submission);
OskStatus rig_check(OskStore *store);

/* A submission with one file of one blob. */
typedef struct Sent {
    OskSubmissionRow submission;
    OskFileRow file;
    OskId blob;
} Sent;

Sent rig_send(OskStore *store, const char *text, uint8_t digest);

#define STORE_TEST(test)                                                                           \
    cmocka_unit_test_prestate_setup_teardown(test, rig_set_up, rig_tear_down, NULL)

#endif
