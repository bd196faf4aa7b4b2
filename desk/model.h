/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue, in memory: read from the store once, then kept as commits happen. A row is a cluster
 * of files, which are copies of its representative, or the words of a submission that nobody has
 * looked at: what is decided is decided of files, and a submission with words, or with new ones,
 * stays. A dismissed cluster comes back as a question: with what its rule caught and chance has
 * chosen to be shown, and every thirty days; any that was decided about, with what nobody saw. */
#ifndef OSK_DESK_MODEL_H
#define OSK_DESK_MODEL_H

#include "desk/member.h"
#include "store/store.h"

typedef struct OskModel OskModel;

/* The flags of a record of the space CLUSTER. */
enum { OSK_CLUSTER_KEPT = 1, OSK_CLUSTER_FLAGGED = 2 };

/* A record of the space RULE or CLUSTER: who decided, the operation, the reason (16 bytes each,
 * with zeros behind it), and of how many files, and how many that chance had chosen (four bytes
 * each, the lowest first). */
#define OSK_DECIDED_BYTES (3u * OSK_ID_BYTES + 8u)
/* Both are 0 when it doesn't say. */
uint32_t osk_decided_saw(const OskBytes *bytes);
uint32_t osk_decided_sampled(const OskBytes *bytes);

/* A dismissal is asked again after so many days. */
#define OSK_RULE_DAYS 30

typedef enum OskView {
    OSK_VIEW_NEW,
    OSK_VIEW_KEPT,
    OSK_VIEW_FLAGGED,
    OSK_VIEW_DISMISSED,
    OSK_VIEW_DIFFERENCES, /* a view alone: files that are like a cluster, and not explained */
    OSK_VIEW_ALL,
    OSK_VIEWS
} OskView;

/* Why a cluster that was decided about is in the view of what is new: chance has chosen some of
 * what its rule caught; or it is a while ago, or there are files that no rule has caught and who
 * decided has not seen. */
typedef enum OskWhy { OSK_WHY_NOT, OSK_WHY_SAMPLE, OSK_WHY_AGAIN } OskWhy;

/* Whoever claims something has it for its day and the next, then it is everybody's again. */
#define OSK_CLAIM_DAYS 2

/* The first is what there is most to learn from. */
#define OSK_NOVELTY_MAX 1000u

/* A file beside the one that a row is about. */
typedef struct OskModelOther {
    const OskId *file; /* NULL for none */
    const OskId *submission;
    uint32_t number; /* of the file in its submission */
} OskModelOther;

/* Lent for a call. */
typedef struct OskModelRow {
    const OskId *submission;
    const OskId *cluster;    /* NULL: the words of the submission */
    const OskId *file;       /* its representative, or the file that was asked for; NULL with it */
    uint32_t number;         /* of the file in its submission */
    uint32_t flags;          /* OSK_FILE_* */
    uint32_t look;           /* the flags of its look; 0 when nobody has looked at it */
    const OskMember *member; /* of the file; NULL when it was not folded */
    OskDay day;              /* of the submission */
    OskDay first_day;        /* of the cluster */
    OskDay last_day;
    const char *category;
    OskView state;
    OskWhy why;
    uint32_t novelty;
    uint32_t count; /* files of the cluster */
    uint32_t submissions;
    uint32_t differences;  /* clusters whose root it is */
    uint32_t uncaught;     /* files that came while no rule stood */
    uint32_t catches;      /* files that came since it was decided about */
    uint32_t sampled;      /* of all that a rule has caught: those that chance has chosen */
    uint32_t samples;      /* of those: to be looked at */
    OskModelOther better;  /* shows all of it, and more */
    uint32_t farness;      /* of the next, as osk_member_farness() */
    const OskId *farthest; /* the member that is least like it; NULL for none */
    bool is_held;
    bool has_news;           /* words that nobody has looked at */
    const OskId *claimed_by; /* NULL for nobody */
    uint32_t messages;       /* of the submission, by its sender, after the first words */
    bool is_done;            /* the submission is in no row that is to be looked at */
} OskModelRow;

/* Where a page begins: behind this row. */
typedef struct OskModelAfter {
    uint32_t novelty;
    OskDay day;
    OskId submission;
    uint32_t number; /* OSK_MODEL_WORDS for words */
} OskModelAfter;

#define OSK_MODEL_WORDS UINT16_MAX

/* Zeros and NULL for no filter. */
typedef struct OskModelQuery {
    OskView view;
    const char *category;
    OskDay first; /* days, both inclusive; 0 for none */
    OskDay last;
    const OskId *claimed_by;
    bool only_free;             /* claimed by nobody */
    const OskId *root;          /* differences of this cluster */
    const char *kind;           /* as osk_model_kind() or osk_model_media() names it, or "words" */
    const OskModelAfter *after; /* NULL for the first page */
    size_t limit;               /* of rows */
} OskModelQuery;

/* Who is told of rows; `each` must not call the model. */
typedef struct OskModelEach {
    void (*each)(void *context, const OskModelRow *row);
    void *context;
} OskModelEach;

typedef struct OskModelCounts {
    uint64_t rows[OSK_VIEWS];
    uint64_t submissions;
} OskModelCounts;

/* Reads all of it; from then on the store tells of changes. Errors: IO, NO_MEMORY. */
OskStatus osk_model_open(OskModel **out, OskStore *store, OskFault *fault);
/* Most novel first, newest day first; order within a day says nothing of arrival.
 * @param each must not call the model. @param out_more whether there is more behind it. */
OskStatus osk_model_page(OskModel *model, const OskModelQuery *query, const OskModelEach *told,
                         bool *out_more, OskFault *fault);
OskStatus osk_model_counts(OskModel *model, OskModelCounts *out, OskFault *fault);
/* For whoever has nothing to ask: takes in what came, once it is more than a request should wait
 * for. Errors: as osk_model_counts(); it is taken in later. */
OskStatus osk_model_keep_up(OskModel *model, OskFault *fault);
/* What came on a day. */
typedef struct OskModelDay {
    OskDay day;
    uint64_t submissions;
    uint64_t files;
    uint64_t unread; /* submissions with words that nobody has looked at */
} OskModelDay;

/* The names of the categories that there are submissions in, in no order.
 * @param each must not call the model. */
OskStatus osk_model_categories(OskModel *model, void (*each)(void *context, const char *name),
                               void *context, OskFault *fault);
/* @param days `count` of them, each one day before the one in front of it; what came is added. */
OskStatus osk_model_days(OskModel *model, OskModelDay *days, size_t count, OskFault *fault);
/* Of a file, in its cluster, or of the words of a submission. False for an id that is neither. */
bool osk_model_find(OskModel *model, const OskId *id, void (*each)(void *, const OskModelRow *),
                    void *context, OskFault *fault);
/* The row of a cluster. False when there is none. */
bool osk_model_cluster(OskModel *model, const OskId *cluster,
                       void (*each)(void *, const OskModelRow *), void *context, OskFault *fault);

/* Who is told of a cluster and its members; neither of the two may call the model. */
typedef struct OskModelShowing {
    void (*row)(void *context, const OskModelRow *row); /* first, and once */
    /* Members, each as its own row: the first, the farthest, then samples, then the others;
     * `limit` of them behind `skip`. */
    void (*member)(void *context, const OskModelRow *row);
    void *context;
    uint32_t skip;
    uint32_t limit;
} OskModelShowing;

/* A cluster, and what lies in it, as they are at one moment. False when there is none. */
bool osk_model_show(OskModel *model, const OskId *cluster, const OskModelShowing *showing,
                    OskFault *fault);
/* Somebody else who wants to know what is committed: as osk_store_watch(). */
void osk_model_tell(OskModel *model,
                    void (*seen)(void *context, const OskChange *changes, size_t count),
                    void *context);
void osk_model_close(OskModel **model); /* accepts NULL and nulls */

/* "scrubbed", "original", "unscrubbed", "device", of the flags of a file. */
const char *osk_model_kind(uint32_t flags);
/* "still", "animation", "video"; NULL when nobody has looked at it. */
const char *osk_model_media(uint32_t look);

#endif
