/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/asked_groups.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

struct OskAskedGroups {
    pthread_mutex_t lock; /* of what follows */
    OskAskedList open;
};

/* ---- open and close ---- */

OskStatus osk_asked_groups_open(OskAskedGroups **out, OskStore *store, OskFault *fault)
{
    *out = NULL;
    OskAskedGroups *groups = calloc(1, sizeof(*groups));
    if (groups == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    OskStatus status = osk_asked_list_begin(&groups->open, store, fault);
    if (status != OSK_OK) {
        free(groups);
        return status;
    }
    pthread_mutex_init(&groups->lock, NULL);
    *out = groups;
    return OSK_OK;
}

void osk_asked_groups_close(OskAskedGroups **groups)
{
    OskAskedGroups *closing = *groups;
    if (closing == NULL) {
        return;
    }
    osk_asked_list_end(&closing->open);
    pthread_mutex_destroy(&closing->lock);
    free(closing);
    *groups = NULL;
}

/* ---- a page ---- */

static int compare_ids(const OskId *a, const OskId *b)
{
    return memcmp(a, b, sizeof(*a));
}

static int compare_ones(const void *a, const void *b)
{
    const OskAskedOne *one = a;
    const OskAskedOne *other = b;
    int order = compare_ids(&one->target, &other->target);
    if (order != 0) {
        return order;
    }
    return one->day != other->day ? (one->day < other->day ? -1 : 1)
                                  : compare_ids(&one->id, &other->id);
}

static int compare_places(const OskAskedPlace *a, const OskAskedPlace *b)
{
    return a->day != b->day ? (a->day < b->day ? -1 : 1) : compare_ids(&a->target, &b->target);
}

static int compare_groups(const void *a, const void *b)
{
    return compare_places(&((const OskAskedGroup *)a)->place, &((const OskAskedGroup *)b)->place);
}

/* Of requests that lie by their targets. @return how many groups there are. */
static size_t group(const OskAskedOne *ones, size_t count, OskAskedGroup *out)
{
    size_t groups = 0;
    for (size_t i = 0; i < count; i++) {
        const OskAskedOne *one = &ones[i];
        if (i == 0 || compare_ids(&one->target, &ones[i - 1].target) != 0) {
            out[groups++] = (OskAskedGroup){ .place = { .day = one->day, .target = one->target },
                                             .space = one->space,
                                             .first = i };
        }
        out[groups - 1].count++;
    }
    qsort(out, groups, sizeof(*out), compare_groups);
    return groups;
}

static void cut_page(OskAskedPage *page, size_t groups, const OskAskedPlace *after)
{
    size_t requests = 0;
    while (after != NULL && page->first < groups &&
           compare_places(&page->groups[page->first].place, after) <= 0) {
        page->first++;
    }
    while (page->first + page->count < groups && requests < OSK_ASKED_PAGE_COUNT) {
        requests += page->groups[page->first + page->count++].count;
    }
    page->goes_on = page->first + page->count < groups;
}

OskStatus osk_asked_groups_page(OskAskedGroups *groups, const OskAskedPlace *after,
                                OskAskedPage *out, OskFault *fault)
{
    *out = (OskAskedPage){ .count = 0 };
    pthread_mutex_lock(&groups->lock);
    OskStatus status = osk_asked_list_refresh(&groups->open, fault);
    size_t count = groups->open.count;
    if (status == OSK_OK && count > 0) {
        out->ones = calloc(count, sizeof(*out->ones));
        out->groups = calloc(count, sizeof(*out->groups));
        if (out->ones == NULL || out->groups == NULL) {
            status = osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
        } else {
            memcpy(out->ones, groups->open.at, count * sizeof(*out->ones));
        }
    }
    pthread_mutex_unlock(&groups->lock);
    if (status == OSK_OK && count > 0) {
        qsort(out->ones, count, sizeof(*out->ones), compare_ones);
        cut_page(out, group(out->ones, count, out->groups), after);
    }
    return status;
}

void osk_asked_page_end(OskAskedPage *page)
{
    free(page->ones);
    free(page->groups);
    *page = (OskAskedPage){ .count = 0 };
}

/* ---- how many ---- */

OskStatus osk_asked_groups_count(OskAskedGroups *groups, uint64_t *out, OskFault *fault)
{
    pthread_mutex_lock(&groups->lock);
    OskStatus status = osk_asked_list_refresh(&groups->open, fault);
    *out = groups->open.count;
    pthread_mutex_unlock(&groups->lock);
    return status;
}

static bool is_among(const OskAskedSome *some, const OskId *id)
{
    for (size_t i = 0; i < some->count; i++) {
        if (compare_ids(&some->ids[i], id) == 0) {
            return true;
        }
    }
    return false;
}

OskStatus osk_asked_groups_others(OskAskedGroups *groups, const OskId *target,
                                  const OskAskedSome *but, uint64_t *out, OskFault *fault)
{
    *out = 0;
    pthread_mutex_lock(&groups->lock);
    OskStatus status = osk_asked_list_refresh(&groups->open, fault);
    for (size_t i = 0; status == OSK_OK && i < groups->open.count; i++) {
        const OskAskedOne *one = &groups->open.at[i];
        bool counts = compare_ids(&one->target, target) == 0 && !is_among(but, &one->id);
        *out += counts ? 1 + osk_asked_more(one->flags) : 0;
    }
    pthread_mutex_unlock(&groups->lock);
    return status;
}
