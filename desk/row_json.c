/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/row_json.h"

#include <string.h>

const char *const osk_desk_views[OSK_VIEWS] = { "new",       "kept",        "flagged",
                                                "dismissed", "differences", "all" };
static const char *const tiers[] = { "new", "different", "explained" };
static const char *const whys[] = { NULL, "sample", "again" };

/* Names of reviewers: a claim is to be seen by the others. */
void osk_desk_set_claim(OskJson *json, OskDesk *desk, const OskId *claimed_by)
{
    OskReviewer reviewer = { .version = 0 };
    if (claimed_by != NULL && osk_reviewers_get(desk->reviewers, claimed_by, &reviewer)) {
        osk_json_set_text(json, "claim", reviewer.name);
    } else {
        osk_json_set_text(json, "claim", claimed_by != NULL ? "?" : NULL);
    }
    osk_seal_wipe(&reviewer, sizeof(reviewer));
}

/* Where it differs: left, top, width, height in thousandths of its frame. */
static void set_box(OskJson *json, const OskMember *member)
{
    if (member != NULL && member->tier == OSK_TIER_DIFFERENT) {
        static const char *const sides[] = { "left", "top", "width", "height" };
        OskJson *box = osk_json_object(NULL);
        for (unsigned i = 0; i < 4; i++) {
            osk_json_set_whole(box, sides[i], member->box[i]);
        }
        osk_json_set(json, "box", box);
    } else {
        osk_json_set_text(json, "box", NULL);
    }
}

static void set_file(OskJson *json, const OskId *file, const OskId *submission, uint32_t number)
{
    osk_desk_set_id(json, "file", file);
    osk_desk_set_id(json, "submission", submission);
    osk_json_set_whole(json, "number", number);
}

static void set_better(OskJson *json, const OskModelOther *better)
{
    if (better->file != NULL) {
        OskJson *file = osk_json_object(NULL);
        set_file(file, better->file, better->submission, better->number);
        osk_json_set(json, "better", file);
    } else {
        osk_json_set_text(json, "better", NULL);
    }
}

static void set_fold(OskJson *json, const OskModelRow *row)
{
    const OskMember *member = row->member;
    bool has_root = member != NULL && member->tier != OSK_TIER_NEW;
    osk_json_set_text(json, "tier", member == NULL ? NULL : tiers[member->tier]);
    osk_desk_set_id(json, "root", has_root ? &member->root : NULL);
    set_box(json, member);
    osk_json_set_whole(json, "novelty", row->novelty);
    osk_json_set_flag(json, "looked", row->look != 0);
    osk_json_set_text(json, "media", osk_model_media(row->look));
    osk_json_set_whole(json, "catches", row->catches);
    osk_json_set_whole(json, "samples", row->samples);
    osk_json_set_text(json, "why", whys[row->why]);
    set_better(json, &row->better);
    osk_desk_set_id(json, "farthest", row->farthest);
}

OskJson *osk_desk_row(OskDesk *desk, const OskModelRow *row)
{
    OskJson *json = osk_json_object(NULL);
    OskJson *representative = osk_json_object(NULL);
    osk_desk_set_id(json, "cluster", row->cluster);
    set_file(representative, row->file, row->submission, row->number);
    osk_json_set(json, "representative", representative);
    osk_json_set_whole(json, "count", row->count);
    osk_json_set_whole(json, "uncaught", row->uncaught);
    osk_json_set_whole(json, "messages", row->messages);
    osk_json_set_whole(json, "submissions", row->submissions);
    osk_json_set_whole(json, "differences", row->differences);
    osk_desk_set_day(json, "first_day", row->first_day);
    osk_desk_set_day(json, "last_day", row->last_day);
    osk_json_set_text(json, "category", row->category[0] != 0 ? row->category : NULL);
    osk_json_set_text(json, "kind", row->file != NULL ? osk_model_kind(row->flags) : "words");
    osk_json_set_text(json, "state", osk_desk_views[row->state]);
    osk_desk_set_claim(json, desk, row->claimed_by);
    osk_json_set_flag(json, "held", row->is_held);
    osk_json_set_flag(json, "has_words", row->has_news);
    set_fold(json, row);
    return json;
}

static bool is_same(const OskId *one, const OskId *other)
{
    return one != NULL && other != NULL && memcmp(one, other, sizeof(*one)) == 0;
}

OskJson *osk_desk_member(const OskModelRow *row)
{
    const OskMember *member = row->member;
    bool is_under = member != NULL && !is_same(row->file, row->cluster);
    OskJson *json = osk_json_object(NULL);
    set_file(json, row->file, row->submission, row->number);
    osk_json_set_whole(json, "messages", row->messages);
    osk_desk_set_day(json, "day", row->day);
    osk_json_set_text(json, "category", row->category[0] != 0 ? row->category : NULL);
    osk_json_set_text(json, "kind", osk_model_kind(row->flags));
    osk_json_set_text(json, "media", osk_model_media(row->look));
    osk_json_set_text(json, "tier", is_under ? tiers[member->tier] : "first");
    osk_json_set_whole(json, "distance", is_under ? member->distance : 0);
    osk_json_set_whole(json, "covered", is_under ? member->covered : 1000);
    osk_json_set_whole(json, "component", is_under ? member->component_32 : 0);
    osk_json_set_flag(json, "sampled", is_under && (member->flags & OSK_MEMBER_SAMPLED) != 0);
    osk_json_set_flag(json, "caught", is_under && member->round > 0);
    osk_json_set_flag(json, "farthest", is_same(row->file, row->farthest));
    osk_json_set_flag(json, "has_words", row->has_news);
    return json;
}
