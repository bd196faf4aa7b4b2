/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/public_texts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/words_check.h"

/* Of one text; who wrote more has something to do before the rest is told. */
#define FINDINGS_MAX 20u

/* Control characters are in no text for people. */
static bool is_readable(const OskPublicText *text, const char *value)
{
    if (strlen(value) > text->max) {
        return false;
    }
    for (; *value != 0; value++) {
        unsigned char letter = (unsigned char)*value;
        if (letter == 0x7F || (letter < 0x20 && (letter != '\n' || text->is_line))) {
            return false;
        }
    }
    return true;
}

static void add_finding(OskJson *findings, const char *field, const OskWordsFinding *found)
{
    char *text = strndup(found->text, found->len);
    OskJson *json = osk_json_object(NULL);
    osk_json_set_text(json, "field", field);
    osk_json_set_text(json, "kind", osk_words_kind_name(found->kind));
    osk_json_set_whole(json, "at", found->at);
    /* What could not be made shows when it is written. */
    osk_json_set_text(json, "text", text == NULL ? "\xff" : text);
    osk_json_add(findings, json);
    free(text);
}

static bool refuse_words(OskDeskCall *call, OskJson *findings)
{
    OskJson *json = osk_call_error("These words may lead to somebody",
                                   "Take them out, or say that they were checked");
    osk_json_set(json, "findings", findings);
    osk_desk_refuse_json(call, 409, json);
    return false;
}

bool osk_desk_read_public_texts(OskDeskCall *call, const OskPublicText *texts, size_t count)
{
    bool is_checked = osk_json_is_true(osk_json_get(call->base.json, "words_checked"));
    OskJson *findings = osk_json_list();
    for (size_t i = 0; i < count; i++) {
        const OskJson *member = osk_json_get(call->base.json, texts[i].key);
        const char *value = osk_json_text(member);
        OskWordsFinding found[FINDINGS_MAX];
        if (member == NULL) {
            continue;
        }
        if (value == NULL || !is_readable(&texts[i], value)) {
            osk_json_free(&findings);
            osk_desk_refuse(call, 400, "A text is too long, or holds what is no letter", NULL);
            return false;
        }
        snprintf(texts[i].out, texts[i].max + 1, "%s", value);
        size_t there = is_checked ? 0 : osk_words_check(value, found, FINDINGS_MAX);
        for (size_t n = 0; n < there && n < FINDINGS_MAX; n++) {
            add_finding(findings, texts[i].key, &found[n]);
        }
    }
    if (osk_json_count(findings) > 0) {
        return refuse_words(call, findings);
    }
    osk_json_free(&findings);
    return true;
}
