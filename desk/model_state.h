/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the model is made of: submissions by day and id, each with its files, an index of the ids of
 * both; what was decided, by the id that it was decided of; and, made of these whenever they have
 * changed, clusters and the order of rows. */
#ifndef OSK_DESK_MODEL_STATE_H
#define OSK_DESK_MODEL_STATE_H

#include <pthread.h>

#include "desk/model.h"

#define OSK_MODEL_CATEGORIES 256u
#define OSK_MODEL_NO_FILE UINT16_MAX
/* Of one submission; one that has more is never done. */
#define OSK_MODEL_FILES_MAX 4096u
#define OSK_MODEL_NONE UINT32_MAX

/* Of a cluster, or of the words of a submission. */
typedef struct OskMarks {
    OskId id;
    bool is_there;
    uint8_t cluster; /* OSK_CLUSTER_* */
    bool is_dismissed;
    bool is_claimed;
    bool is_held;
    uint32_t round;        /* of the rule: what it caught later is to be looked at */
    uint32_t rule_saw;     /* so many files were dismissed, */
    uint32_t rule_sampled; /* so many that chance had chosen were seen, */
    uint32_t cluster_saw;  /* kept or flagged, by who saw them */
    OskDay rule_day;
    OskDay claim_day;
    OskId claimed_by;
} OskMarks;

typedef struct OskModelFile {
    OskId id;
    uint16_t number;
    uint8_t flags;
    uint8_t look;
    uint32_t cluster;  /* its number, once grouped */
    OskMember *member; /* NULL: not folded */
} OskModelFile;

typedef struct OskModelSubmission {
    OskId id;
    OskDay day;
    uint8_t category;
    bool is_gone;   /* taken out with the next sorting */
    bool is_cut;    /* has more files than are kept here: nothing of it leaves the queue unseen */
    bool has_seen;  /* somebody looked at its words, */
    uint32_t seen;  /* and at so many messages behind them */
    uint32_t marks; /* their number; OSK_MODEL_NONE, once grouped */
    uint32_t messages;
    uint16_t file_count;
    OskModelFile *files;
} OskModelSubmission;

/* A file: the number of its submission, and its place there. */
typedef struct OskModelFileAt {
    uint32_t submission;
    uint16_t file;
} OskModelFileAt;

typedef struct OskModelCluster {
    OskId id;
    OskModelFileAt anchor; /* its representative; where that is gone, another file */
    OskModelFileAt farthest;
    OskModelFileAt better;
    uint32_t marks; /* their number; OSK_MODEL_NONE */
    uint32_t count;
    uint32_t submissions;
    uint32_t last_submission; /* that was counted */
    uint32_t differences;
    uint32_t uncaught;
    uint32_t catches;
    uint32_t sampled;
    uint32_t fresh_samples; /* of those, since the rule was confirmed */
    uint32_t farness;
    OskDay first_day;
    OskDay last_day;
    uint16_t novelty;
    bool has_anchor; /* the representative itself */
} OskModelCluster;

/* A row: a cluster, or the words of a submission. */
typedef struct OskModelRowAt {
    uint32_t submission;
    uint16_t file; /* OSK_MODEL_NO_FILE: its words */
    uint16_t novelty;
} OskModelRowAt;

/* A place in the index: 0 is empty. */
typedef struct OskModelPlace {
    uint32_t submission; /* its number, from 1 */
    uint16_t file;       /* or OSK_MODEL_NO_FILE */
} OskModelPlace;

/* What a commit has touched. */
typedef struct OskModelTouched {
    bool is_record;
    OskRecordKey record;
    OskId submission;
    bool is_file; /* `submission` is a file that went */
} OskModelTouched;

/* By id: numbers from 1, of what the owner keeps; 0 is empty. */
typedef struct OskModelTable {
    uint32_t *slots;
    size_t room; /* a power of two */
} OskModelTable;

struct OskModel {
    OskStore *store;
    pthread_mutex_t lock; /* of what follows */
    OskModelSubmission *items;
    size_t count;
    size_t room;
    size_t sorted; /* so many stand in their order */
    OskModelPlace *index;
    size_t index_room; /* a power of two */
    bool is_unsorted;
    char categories[OSK_MODEL_CATEGORIES][OSK_CATEGORY_BYTES];
    size_t category_count;
    OskMarks *marks;
    size_t marks_count;
    size_t marks_room;
    OskModelTable marks_table;
    OskModelCluster *clusters;
    size_t cluster_count;
    size_t cluster_room;
    OskModelTable cluster_table;
    OskModelRowAt *rows; /* in their order */
    size_t row_count;
    size_t row_room;
    OskModelCounts counts;
    OskDay grouped_on;            /* questions are asked again by the day */
    pthread_mutex_t touched_lock; /* of what follows; held for a moment, by whoever commits */
    OskModelTouched *touched;
    size_t touched_count;
    size_t touched_room;
    bool lost; /* no memory for it: all is read anew */
    void (*seen)(void *context, const OskChange *changes, size_t count);
    void *seen_context;
};

/* ---- with the lock ---- */
/* Takes in what commits have touched since, and groups it. */
OskStatus osk_model_refresh(OskModel *model, OskFault *fault);
void osk_model_forget_all(OskModel *model);
/* NULL when there is no such id. @param out_file NULL where it is of a submission. */
OskModelSubmission *osk_model_place(OskModel *model, const OskId *id, OskModelFile **out_file);
/* Clusters, their order, their numbers. */
OskStatus osk_model_group(OskModel *model, OskDay today);
OskView osk_model_state(const OskModel *model, const OskModelCluster *cluster);
OskWhy osk_model_why(const OskModel *model, const OskModelCluster *cluster);
/* Files of a cluster that no rule has caught, and that nobody saw when it was decided about. */
uint32_t osk_model_unseen(const OskModel *model, const OskModelCluster *cluster);
/* Of a dismissed one: what chance has chosen, and nobody has looked at. */
uint32_t osk_model_samples(const OskModel *model, const OskModelCluster *cluster);
bool osk_model_has_news(const OskModelSubmission *item);
/* Whether a cluster is to be looked at. */
bool osk_model_is_open(const OskModel *model, const OskModelCluster *cluster);
/* OSK_MODEL_NONE when there is none. */
uint32_t osk_model_cluster_at(const OskModel *model, const OskId *id);

/* What was decided of an id; NULL when nothing was, or without memory to `make` it. */
OskMarks *osk_model_marks(OskModel *model, const OskId *id, bool make);
void osk_model_forget_marks(OskModel *model);

/* ---- tables by id ---- */
/* Room for `count`, emptied. */
bool osk_model_table_reset(OskModelTable *table, size_t count);
/* Where the number of an id stands, or would. @param id_of the id of a number. */
uint32_t *osk_model_table_at(const OskModelTable *table, const OskId *id, const void *owner,
                             const OskId *(*id_of)(const void *owner, uint32_t number));

/* For osk_store_watch(). */
void osk_model_touch(void *context, const OskChange *changes, size_t count);

#endif
