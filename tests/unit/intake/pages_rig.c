/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pages_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define PAGE_BYTES (128u * 1024)

RigAnswer pages_got;
static OskErrands *errands;
static OskDrop *drop;
static OskIntakeOptions options;

/* ---- pages, in place of templates ---- */

static size_t add_slot(char *out, size_t at, const OskSlot *slot, const char *before)
{
    if (slot->text != NULL) {
        return at + (size_t)snprintf(out + at, PAGE_BYTES - at, "%s%s=%s\n", before, slot->name,
                                     slot->text);
    }
    if (slot->is_on) {
        return at + (size_t)snprintf(out + at, PAGE_BYTES - at, "%s%s\n", before, slot->name);
    }
    for (size_t i = 0; i < slot->row_count; i++) {
        for (size_t j = 0; j < slot->rows[i].count; j++) {
            char name[64];
            snprintf(name, sizeof(name), "%s[%zu].", slot->name, i);
            at = add_slot(out, at, &slot->rows[i].items[j], name);
        }
    }
    return at;
}

OskStatus osk_templates_fill(const OskTemplates *templates, size_t page, size_t language,
                             const OskSlots *slots, size_t pad_to, char **out_html, size_t *out_len)
{
    (void)templates;
    char *out = calloc(1, pad_to > PAGE_BYTES ? pad_to : PAGE_BYTES);
    assert_non_null(out);
    size_t at = (size_t)snprintf(out, PAGE_BYTES, "PAGE %d\nLANGUAGE %zu\n", (int)page, language);
    for (size_t i = 0; i < slots->count; i++) {
        at = add_slot(out, at, &slots->items[i], "");
    }
    assert_true(pad_to == 0 || at <= pad_to);
    if (pad_to > 0) {
        memset(out + at, ' ', pad_to - at);
        at = pad_to;
    }
    *out_html = out;
    *out_len = at;
    return OSK_OK;
}

void osk_filled_free(char *html, size_t len)
{
    (void)len;
    free(html);
}

/* ---- the drop ---- */

int pages_set_up(void **state)
{
    (void)state;
    options = (OskIntakeOptions){
        .notice = { .operator_name = "The Gazette", .retain_days = 90 },
        .categories = { { .id = "protest", .label = "Protest" },
                        { .id = "closed", .label = "Closed", .paused = true } },
        .category_count = 2,
        .files_max = 2,
        .file_max = 100,
        .submission_max = 150,
    };
    rig_reset();
    if (osk_errands_open(&errands, 3) != OSK_OK) {
        return -1;
    }
    const OskIntakeParts parts = { .errands = errands };
    return osk_drop_open(&drop, &parts, &options) == OSK_OK ? 0 : -1;
}

int pages_tear_down(void **state)
{
    (void)state;
    osk_errands_close(&errands);
    osk_drop_close(&drop);
    return 0;
}

static void set_options(void)
{
    OskDropSettings *settings = osk_drop_prepare(&options);
    assert_non_null(settings);
    osk_drop_set(drop, &settings);
    assert_null(settings);
}

void pages_pause_large(void)
{
    options.pause_large = true;
    options.submission_max = UINT64_C(1) << 40;
    set_options();
}

void pages_scrub_nothing(void)
{
    options.seal_on_device = true;
    rig.scrubs_nothing = true;
    set_options();
}

void pages_ask(const RigAsk *ask)
{
    const OskRoute *routes = osk_drop_routes(drop);
    for (size_t i = 0; i < OSK_DROP_ROUTES; i++) {
        if (strcmp(routes[i].path, ask->path) == 0) {
            rig_ask(&routes[i], ask, &pages_got);
            return;
        }
    }
    fail_msg("there is no route %s", ask->path);
}

void pages_post(const char *path, const char *slot, const char *body, size_t piece)
{
    RigAsk ask = { .method = "POST",
                   .path = path,
                   .headers = { PAGES_MULTIPART },
                   .query = { { slot != NULL ? "slot" : NULL, slot } },
                   .body = body,
                   .piece = piece };
    pages_ask(&ask);
}

bool pages_say(const char *line)
{
    size_t len = strlen(line);
    for (const char *at = pages_got.body; at != NULL && *at != 0;) {
        if (strncmp(at, line, len) == 0 && (at[len] == '\n' || at[len] == 0)) {
            return true;
        }
        at = strchr(at, '\n');
        at = at != NULL ? at + 1 : NULL;
    }
    return false;
}
