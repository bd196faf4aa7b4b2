/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text that grows: the JSON that a job answers with. */
#ifndef OSK_WASM_ANSWER_H
#define OSK_WASM_ANSWER_H

#include "oilskin/edit.h"
#include "oilskin/oilskin.h"

/* Fails stickily when memory ends: `bytes` is NULL then, and `len` 0. */
typedef struct OskAnswer {
    char *bytes;
    size_t len;
    size_t capacity;
    bool failed;
    bool next; /* a comma stands before the next member */
} OskAnswer;

/* Members of an object; `name` NULL in a list. */
void osk_answer_open(OskAnswer *answer, const char *name, char bracket);
void osk_answer_close(OskAnswer *answer, char bracket);
void osk_answer_text(OskAnswer *answer, const char *name, const char *text);
void osk_answer_number(OskAnswer *answer, const char *name, uint64_t number);
void osk_answer_bool(OskAnswer *answer, const char *name, bool value);
void osk_answer_null(OskAnswer *answer, const char *name);

void osk_answer_fault(OskAnswer *answer, const char *name, const OskFault *fault);
void osk_answer_findings(OskAnswer *answer, const OskReport *report);
void osk_answer_picture(OskAnswer *answer, const OskPictureInfo *info);
void osk_answer_areas(OskAnswer *answer, const OskAreas *areas);
/* Of OSK_CHANGE_*, by stable names. */
void osk_answer_changes(OskAnswer *answer, uint32_t changes);

#endif
