/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue, in memory: read from the store once, then kept as commits happen. A row is a file that
 * nobody has decided about, or the words of a submission that nobody has looked at: what is decided
 * is decided of files, and a submission with words, or with new ones, stays. */
#ifndef OSK_DESK_MODEL_H
#define OSK_DESK_MODEL_H

#include "store/store.h"

typedef struct OskModel OskModel;

/* The flags of a record of the space CLUSTER. */
enum { OSK_CLUSTER_KEPT = 1, OSK_CLUSTER_FLAGGED = 2 };

typedef enum OskView {
    OSK_VIEW_NEW,
    OSK_VIEW_KEPT,
    OSK_VIEW_FLAGGED,
    OSK_VIEW_DISMISSED,
    OSK_VIEW_ALL,
    OSK_VIEWS
} OskView;

/* Lent for a call. */
typedef struct OskModelRow {
    const OskId *submission;
    const OskId *file; /* NULL: the words of the submission */
    uint32_t number;   /* of the file in its submission */
    uint32_t flags;    /* OSK_FILE_* */
    OskDay day;
    const char *category;
    OskView state;
    bool is_held;
    bool has_news;           /* words that nobody has looked at */
    const OskId *claimed_by; /* NULL for nobody */
    uint32_t messages;       /* of the submission, by its sender, after the first words */
} OskModelRow;

/* Zeros and NULL for no filter. */
typedef struct OskModelQuery {
    OskView view;
    const char *category;
    OskDay first; /* days, both inclusive; 0 for none */
    OskDay last;
    const OskId *claimed_by;
    bool only_free;     /* claimed by nobody */
    const OskId *after; /* the page begins behind this submission, */
    OskDay after_day;   /* which is of this day */
    size_t limit;       /* of submissions whose rows are given: they stay together */
} OskModelQuery;

typedef struct OskModelCounts {
    uint64_t rows[OSK_VIEWS];
    uint64_t submissions;
} OskModelCounts;

/* Reads all of it; from then on the store tells of changes. Errors: IO, NO_MEMORY. */
OskStatus osk_model_open(OskModel **out, OskStore *store, OskFault *fault);
/* Newest day first. Rows of a submission stand together, and order within a day says nothing of
 * arrival. @param each must not call the model. @param out_more whether there is more behind it. */
OskStatus osk_model_page(OskModel *model, const OskModelQuery *query,
                         void (*each)(void *context, const OskModelRow *row), void *context,
                         bool *out_more, OskFault *fault);
OskStatus osk_model_counts(OskModel *model, OskModelCounts *out, OskFault *fault);
/* The row of a file, or of the words of a submission. False for an id that is neither. */
bool osk_model_find(OskModel *model, const OskId *id, void (*each)(void *, const OskModelRow *),
                    void *context, OskFault *fault);
void osk_model_close(OskModel **model); /* accepts NULL and nulls */

#endif
