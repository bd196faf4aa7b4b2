/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/group.h"

#include <stddef.h>

bool osk_group_open(OskGroup *group)
{
    *group = (OskGroup){ .first = NULL };
    group->end = &group->first;
    if (pthread_mutex_init(&group->lock, NULL) != 0) {
        return false;
    }
    if (pthread_cond_init(&group->changed, NULL) != 0) {
        pthread_mutex_destroy(&group->lock);
        return false;
    }
    return true;
}

void osk_group_close(OskGroup *group)
{
    pthread_cond_destroy(&group->changed);
    pthread_mutex_destroy(&group->lock);
}

/* With the lock held, which is let go while the work is done. */
static void lead(OskGroup *group, void (*work)(void *, OskGroupMember *), void *context)
{
    OskGroupMember *list = group->first;
    group->first = NULL;
    group->end = &group->first;
    group->working = true;
    pthread_mutex_unlock(&group->lock);
    work(context, list);
    pthread_mutex_lock(&group->lock);
    group->working = false;
    while (list != NULL) {
        /* A member is its owner's again, and may be gone, as soon as the lock is let go. */
        OskGroupMember *next = list->next;
        list->done = true;
        list = next;
    }
    pthread_cond_broadcast(&group->changed);
}

void osk_group_run(OskGroup *group, OskGroupMember *me, void (*work)(void *, OskGroupMember *),
                   void *context)
{
    pthread_mutex_lock(&group->lock);
    me->next = NULL;
    me->done = false;
    *group->end = me;
    group->end = &me->next;
    while (!me->done) {
        if (group->working) {
            pthread_cond_wait(&group->changed, &group->lock);
        } else {
            lead(group, work, context);
        }
    }
    pthread_mutex_unlock(&group->lock);
}
