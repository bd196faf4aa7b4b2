/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the model is made of: submissions by day and id, each with its files, and an index of the
 * ids of both. */
#ifndef OSK_DESK_MODEL_STATE_H
#define OSK_DESK_MODEL_STATE_H

#include <pthread.h>

#include "desk/model.h"

#define OSK_MODEL_CATEGORIES 256u
#define OSK_MODEL_NO_FILE UINT16_MAX

typedef struct OskMarks {
    uint8_t cluster; /* OSK_CLUSTER_* */
    bool is_dismissed;
    bool is_claimed;
    bool is_held;
    OskId claimed_by;
} OskMarks;

typedef struct OskModelFile {
    OskId id;
    uint16_t number;
    uint16_t flags;
    OskMarks marks;
} OskModelFile;

typedef struct OskModelSubmission {
    OskId id;
    OskDay day;
    uint8_t category;
    bool is_gone;  /* taken out with the next sorting */
    bool has_seen; /* somebody looked at its words, */
    uint32_t seen; /* and at so many messages behind them */
    uint32_t messages;
    uint16_t file_count;
    OskModelFile *files;
    OskMarks marks;
} OskModelSubmission;

/* A place in the index: 0 is empty. */
typedef struct OskModelPlace {
    uint32_t submission; /* its number, from 1 */
    uint16_t file;       /* or OSK_MODEL_NO_FILE */
} OskModelPlace;

/* What a commit has touched. */
typedef struct OskTouched {
    bool is_record;
    OskRecordKey record;
    OskId submission;
    bool is_file; /* `submission` is a file that went */
} OskTouched;

struct OskModel {
    OskStore *store;
    pthread_mutex_t lock; /* of what follows */
    OskModelSubmission *items;
    size_t count;
    size_t room;
    OskModelPlace *index;
    size_t index_room; /* a power of two */
    bool is_unsorted;
    char categories[OSK_MODEL_CATEGORIES][OSK_CATEGORY_BYTES];
    size_t category_count;
    pthread_mutex_t touched_lock; /* of what follows; held for a moment, by whoever commits */
    OskTouched *touched;
    size_t touched_count;
    size_t touched_room;
    bool lost; /* no memory for it: all is read anew */
};

/* ---- with the lock ---- */
/* Takes in what commits have touched since. */
OskStatus osk_model_refresh(OskModel *model, OskFault *fault);
/* NULL when there is no such id. @param out_file NULL where it is of a submission. */
OskModelSubmission *osk_model_place(OskModel *model, const OskId *id, OskModelFile **out_file);

/* For osk_store_watch(). */
void osk_model_touch(void *context, const OskChange *changes, size_t count);

#endif
