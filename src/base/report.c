/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/report.h"

#include <string.h>

#include "base/limits.h"

#define BLOCK_FINDINGS 64u

typedef struct OskReportBlock {
    struct OskReportBlock *next;
    OskFinding findings[BLOCK_FINDINGS];
} OskReportBlock;

void osk_report_init(OskReport *report)
{
    *report = (OskReport){ .budget = osk_budget_default() };
    osk_arena_init(&report->arena, &report->budget);
}

void osk_report_clear(OskReport *report)
{
    osk_arena_free(&report->arena);
    *report = (OskReport){ .first = NULL };
}

static OskFinding *next_slot(OskReport *report)
{
    if (report->count >= OSK_LIMIT_FINDINGS) {
        report->cut = true;
        return NULL;
    }
    if (report->count % BLOCK_FINDINGS == 0) {
        OskReportBlock *block = osk_arena_alloc(&report->arena, sizeof(*block));
        if (block == NULL) {
            report->failed = true;
            return NULL;
        }
        if (report->last != NULL) {
            report->last->next = block;
        } else {
            report->first = block;
        }
        report->last = block;
    }
    return &report->last->findings[report->count % BLOCK_FINDINGS];
}

void osk_report_add(OskReport *report, OskFact fact, const OskText *text)
{
    if (report == NULL || report->failed) {
        return;
    }
    OskFinding *slot = next_slot(report);
    if (slot == NULL) {
        return;
    }
    const char *value = "";
    if (text != NULL && text->len > 0) {
        char *copy = osk_arena_alloc(&report->arena, text->len + 1);
        if (copy == NULL) {
            report->failed = true;
            return;
        }
        memcpy(copy, text->bytes, text->len + 1);
        value = copy;
    }
    *slot = (OskFinding){ .kind = fact.kind,
                          .part = fact.part != NULL ? fact.part : "",
                          .field = fact.field,
                          .label = fact.label,
                          .value = value,
                          .offset = fact.offset,
                          .len = fact.len,
                          .stays = fact.stays,
                          .asked = fact.asked };
    report->count++;
}

void osk_report_add_untrusted(OskReport *report, OskFact fact, const uint8_t *bytes, size_t len,
                              OskEncoding encoding)
{
    OskText text;
    osk_text_init(&text);
    osk_text_untrusted(&text, bytes, len, encoding);
    osk_report_add(report, fact, &text);
}

size_t osk_report_count(const OskReport *report)
{
    return report != NULL ? report->count : 0;
}

const OskFinding *osk_report_at(const OskReport *report, size_t index)
{
    if (report == NULL || index >= report->count) {
        return NULL;
    }
    const OskReportBlock *block = report->first;
    for (; index >= BLOCK_FINDINGS; index -= BLOCK_FINDINGS) {
        block = block->next;
    }
    return &block->findings[index];
}

bool osk_report_is_cut(const OskReport *report)
{
    return report != NULL && report->cut;
}

static const struct {
    const char *name;
    const char *words;
} kinds[OSK_KIND_COUNT] = {
    [OSK_KIND_PLACE] = { "place", "where it was taken" },
    [OSK_KIND_TIME] = { "time", "when it was taken or changed" },
    [OSK_KIND_DEVICE] = { "device", "which camera or phone, and its numbers" },
    [OSK_KIND_PREVIEW] = { "preview", "faces and pictures that are not shown" },
    [OSK_KIND_NAME] = { "name", "names, captions and other text" },
    [OSK_KIND_SOFTWARE] = { "software", "programs and settings" },
    [OSK_KIND_OTHER] = { "other", "hidden bytes" },
    [OSK_KIND_NONE] = { "none", "nothing by itself" },
};

const char *osk_kind_name(OskKind kind)
{
    return kind < OSK_KIND_COUNT ? kinds[kind].name : "none";
}

const char *osk_kind_words(OskKind kind)
{
    return kind < OSK_KIND_COUNT ? kinds[kind].words : "";
}
