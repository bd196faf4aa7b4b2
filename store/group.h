/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One write of the disk for all who wait for one: the first of them works for the others, too. */
#ifndef OSK_STORE_GROUP_H
#define OSK_STORE_GROUP_H

#include <pthread.h>
#include <stdbool.h>

typedef struct OskGroupMember {
    struct OskGroupMember *next;
    bool done;
} OskGroupMember;

typedef struct OskGroup {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    OskGroupMember *first;
    OskGroupMember **end;
    bool working;
} OskGroup;

bool osk_group_open(OskGroup *group);
void osk_group_close(OskGroup *group);

/* Returns when `work` was done for `me`, by this thread or another. `work` gets the list of those
 * that were waiting when it began, in the order in which they came; one runs at a time. `me` is the
 * first member of the caller's own record, on its stack. */
void osk_group_run(OskGroup *group, OskGroupMember *me,
                   void (*work)(void *context, OskGroupMember *list), void *context);

#endif
