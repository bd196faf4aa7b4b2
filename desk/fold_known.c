/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/fold_known.h"

#include <stdlib.h>
#include <string.h>

#include "desk/member.h"

/* ---- ids ---- */

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(OskId));
}

/* NULL when it is none of them. */
static const OskId *find_id(const OskFoldIds *ids, const OskId *id)
{
    return ids->count == 0 ? NULL : bsearch(id, ids->ids, ids->count, sizeof(*id), compare_ids);
}

bool osk_fold_ids_hold(const OskFoldIds *ids, const OskId *id)
{
    return find_id(ids, id) != NULL;
}

void osk_fold_ids_free(OskFoldIds *ids)
{
    free(ids->ids);
    *ids = (OskFoldIds){ .count = 0 };
}

static bool add_id(OskFoldIds *ids, const OskId *id)
{
    if (ids->count == ids->room) {
        size_t room = ids->room == 0 ? 1024 : 2 * ids->room;
        OskId *more = realloc(ids->ids, room * sizeof(*more));
        ids->failed = more == NULL;
        if (more == NULL) {
            return false;
        }
        ids->ids = more;
        ids->room = room;
    }
    ids->ids[ids->count++] = *id;
    return true;
}

/* ---- what was folded ---- */

static bool take_member(void *context, const OskRecordRow *row)
{
    OskFoldKnown *known = context;
    OskMember member;
    /* One that can't be read is not folded, and is not folded again. */
    bool fits = osk_member_read(&member, &row->bytes);
    bool is_first = fits && memcmp(&member.cluster, &row->key.id, sizeof(OskId)) == 0 &&
                    (member.flags & OSK_MEMBER_REFUSED) == 0;
    return add_id(&known->folded, &row->key.id) &&
           (!is_first || add_id(&known->representatives, &row->key.id));
}

static bool take_farness(void *context, const OskRecordRow *row)
{
    const OskFoldKnown *known = context;
    OskMember member;
    if (!osk_member_read(&member, &row->bytes) || member.tier != OSK_TIER_EXPLAINED) {
        return true;
    }
    const OskId *at = find_id(&known->representatives, &member.cluster);
    if (at != NULL) {
        uint32_t *kept = &known->farness[at - known->representatives.ids];
        uint32_t farness = osk_member_farness(&member);
        *kept = farness > *kept ? farness : *kept;
    }
    return true;
}

OskStatus osk_fold_known_read(OskStore *store, OskFoldKnown *out)
{
    OskFault fault = { 0 };
    const OskRecordQuery members = { .space = OSK_SPACE_MEMBER };
    *out = (OskFoldKnown){ .folded = { .count = 0 } };
    OskStatus status = osk_store_records(store, &members, take_member, out, &fault);
    if (status != OSK_OK || out->folded.failed || out->representatives.failed) {
        return status != OSK_OK ? status : OSK_NO_MEMORY;
    }
    out->farness = calloc(out->representatives.count + 1, sizeof(*out->farness));
    return out->farness == NULL ? OSK_NO_MEMORY
                                : osk_store_records(store, &members, take_farness, out, &fault);
}

void osk_fold_known_free(OskFoldKnown *known)
{
    osk_fold_ids_free(&known->folded);
    osk_fold_ids_free(&known->representatives);
    free(known->farness);
    known->farness = NULL;
}

/* ---- what waits ---- */

typedef struct Looks {
    const OskFoldKnown *known;
    OskFoldIds *waiting;
} Looks;

static bool take_look(void *context, const OskRecordRow *row)
{
    const Looks *looks = context;
    return osk_fold_ids_hold(&looks->known->folded, &row->key.id) ||
           add_id(looks->waiting, &row->key.id);
}

OskStatus osk_fold_waiting_read(OskStore *store, const OskFoldKnown *known, OskFoldIds *out)
{
    OskFault fault = { 0 };
    Looks looks = { .known = known, .waiting = out };
    const OskRecordQuery query = { .space = OSK_SPACE_LOOK, .without_bytes = true };
    *out = (OskFoldIds){ .count = 0 };
    OskStatus status = osk_store_records(store, &query, take_look, &looks, &fault);
    return status == OSK_OK && out->failed ? OSK_NO_MEMORY : status;
}
