/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/form_inside.h"

#include <string.h>

#include "base/fault.h"
#include "base/text.h"

#define MESSAGE_FIRST_BYTES 4000u /* with what stands before locked memory: one page */

/* ---- texts ---- */

static OskFormTexts *texts_of(OskForm *form)
{
    if (form->texts == NULL) {
        form->texts = osk_locked_alloc(sizeof(*form->texts));
        if (form->texts == NULL) {
            form->problem = OSK_PROBLEM_BUSY;
        }
    }
    return form->texts;
}

void osk_form_texts_free(OskFormTexts **texts)
{
    if (*texts != NULL) {
        osk_locked_free((*texts)->message);
        osk_locked_free((*texts)->tokens);
        osk_locked_free(*texts);
        *texts = NULL;
    }
}

static void choose_text(OskForm *form, const char *name)
{
    OskFormTexts *texts = form->texts;
    const struct {
        const char *name;
        char *text;
        size_t room;
    } fields[] = {
        { "receipt", texts->receipt, sizeof(texts->receipt) },
        { "place", texts->place, sizeof(texts->place) },
        { "time", texts->time, sizeof(texts->time) },
        { "category", texts->category, sizeof(texts->category) },
        { "kind", texts->kind, sizeof(texts->kind) },
    };
    form->text = NULL;
    form->text_len = 0;
    form->is_message = strcmp(name, "message") == 0;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (strcmp(name, fields[i].name) == 0) {
            form->text = fields[i].text;
            form->text_room = fields[i].room;
            /* A field that comes twice counts as it came last. */
            memset(form->text, 0, form->text_room);
        }
    }
    if (form->is_message) {
        osk_locked_free(texts->message);
        texts->message = NULL;
        texts->message_room = 0;
    }
}

/* Room for `needed` bytes and a NUL of the message. */
static bool grow_message(OskForm *form, size_t needed)
{
    OskFormTexts *texts = form->texts;
    if (needed > OSK_MESSAGE_BYTES) {
        form->problem = OSK_PROBLEM_TEXT_TOO_LONG;
        return false;
    }
    if (texts->message != NULL && needed < texts->message_room) {
        return true;
    }
    size_t room = texts->message == NULL ? MESSAGE_FIRST_BYTES : texts->message_room * 4;
    room = room <= needed ? needed + 1 : room;
    char *message = osk_locked_alloc(room);
    if (message == NULL) {
        form->problem = OSK_PROBLEM_BUSY;
        return false;
    }
    memset(message, 0, room);
    if (texts->message != NULL) {
        memcpy(message, texts->message, form->text_len);
        osk_locked_free(texts->message);
    }
    texts->message = message;
    texts->message_room = room;
    return true;
}

static void take_text(OskForm *form, const uint8_t *bytes, size_t len)
{
    if (form->is_message) {
        if (!grow_message(form, form->text_len + len)) {
            return;
        }
        form->text = form->texts->message;
        form->text_room = form->texts->message_room;
    }
    if (form->text == NULL) {
        return;
    }
    if (form->text_len + len >= form->text_room) {
        form->problem = OSK_PROBLEM_TEXT_TOO_LONG;
        return;
    }
    memcpy(form->text + form->text_len, bytes, len);
    form->text_len += len;
}

/* A text of ours is UTF-8 and has no NUL in it. */
static void check_text(OskForm *form)
{
    const uint8_t *at = (const uint8_t *)form->text;
    size_t left = form->text == NULL ? 0 : form->text_len;
    while (left > 0 && form->problem == OSK_PROBLEM_NONE) {
        uint32_t letter = 0;
        size_t len = osk_utf8_decode(at, left, &letter);
        if (len == 0 || letter == 0) {
            form->problem = OSK_PROBLEM_FORM;
            return;
        }
        at += len;
        left -= len;
    }
}

static bool is_known_category(const OskForm *form, bool *out_paused)
{
    const OskIntakeOptions *options = &form->settings->options;
    *out_paused = false;
    if (form->texts == NULL || form->texts->category[0] == 0) {
        return false;
    }
    for (size_t i = 0; i < options->category_count; i++) {
        if (strcmp(options->categories[i].id, form->texts->category) == 0) {
            *out_paused = options->categories[i].paused;
            return true;
        }
    }
    return false;
}

/* ---- files ---- */

/* What was sent before the choice was read is scrubbed: the default is never the other way. */
static bool is_original(const OskForm *form)
{
    return form->texts != NULL && strcmp(form->texts->kind, "original") == 0;
}

/* Whether all of them can be stored, and scrubbed: asked before the first. */
static bool has_room(const OskForm *form)
{
    OskFault fault = { 0 };
    uint32_t flags = is_original(form) ? OSK_UPLOAD_ORIGINAL : 0u;
    if (form->token_count == 0 && form->announced > 0) {
        (void)osk_lease_ask(form->drop->parts.admission, form->announced,
                            osk_submit_room(form->announced, flags), &fault);
    }
    return !osk_fault_is_disk(&fault);
}

static bool may_begin_file(OskForm *form)
{
    bool paused = false;
    bool is_known = is_known_category(form, &paused);
    if (form->refused != OSK_PROBLEM_NONE || form->without_files != OSK_PROBLEM_NONE) {
        form->problem = form->refused != OSK_PROBLEM_NONE ? form->refused : form->without_files;
    } else if (is_known && paused) {
        form->problem = OSK_PROBLEM_CATEGORY_PAUSED;
    } else if (form->token_count >= form->settings->options.files_max) {
        form->problem = OSK_PROBLEM_TOO_MANY;
    } else if (!osk_submitter_can_scrub(form->drop->parts.submitter) && !is_original(form)) {
        form->problem = OSK_PROBLEM_UNCLEANED;
    } else if (!has_room(form)) {
        form->problem = OSK_PROBLEM_DISK;
    }
    return form->problem == OSK_PROBLEM_NONE;
}

OskProblem osk_form_problem_of(OskStatus status, const OskFault *fault)
{
    if (status == OSK_LIMIT) {
        return osk_fault_is_disk(fault)   ? OSK_PROBLEM_DISK
               : osk_fault_is_full(fault) ? OSK_PROBLEM_FULL
                                          : OSK_PROBLEM_BUSY;
    }
    if (status == OSK_UNSUPPORTED) {
        return OSK_PROBLEM_UNCLEANED;
    }
    if (osk_fault_is_withdrawn(fault)) {
        return OSK_PROBLEM_WITHDRAWN;
    }
    return status == OSK_NO_MEMORY ? OSK_PROBLEM_BUSY : OSK_PROBLEM_FAULT;
}

static void take_file(OskForm *form, const uint8_t *bytes, size_t len)
{
    const OskIntakeOptions *options = &form->settings->options;
    form->file_len += len;
    form->files_len += len;
    if (form->file_len > options->file_max) {
        form->problem = OSK_PROBLEM_FILE_TOO_LONG;
    } else if (form->files_len > options->submission_max) {
        form->problem = OSK_PROBLEM_TOO_LONG;
    } else if (options->pause_large && form->file_len > OSK_FORM_SMALL_BYTES) {
        form->problem = OSK_PROBLEM_LARGE_PAUSED;
    } else if (form->upload != NULL) {
        size_t taken = 0;
        OskFault fault = { 0 };
        OskStatus status = osk_upload_write(form->upload, bytes, len, &taken, &fault);
        if (status != OSK_OK) {
            form->problem = osk_form_problem_of(status, &fault);
        }
    }
}

static void begin_upload(OskForm *form)
{
    OskFormTexts *texts = texts_of(form);
    if (texts != NULL && texts->tokens == NULL) {
        texts->tokens = osk_locked_alloc(OSK_FORM_FILES_MAX * sizeof(texts->tokens[0]));
    }
    if (texts == NULL || texts->tokens == NULL) {
        form->problem = OSK_PROBLEM_BUSY;
        return;
    }
    bool paused = false;
    OskUploadWish wish = {
        .len = UINT64_MAX,
        .flags = OSK_UPLOAD_ATTACH | (is_original(form) ? OSK_UPLOAD_ORIGINAL : 0u),
        .category = is_known_category(form, &paused) ? texts->category : NULL,
    };
    OskFault fault = { 0 };
    char *token = texts->tokens[form->token_count];
    OskStatus status = osk_spool_create(form->drop->parts.spool, &wish, token, &fault);
    if (status == OSK_OK) {
        form->token_count++;
        status = osk_upload_open(form->drop->parts.spool, token, &form->upload, &fault);
    }
    if (status != OSK_OK) {
        form->problem = osk_form_problem_of(status, &fault);
    }
}

static void end_upload(OskForm *form)
{
    OskFault fault = { 0 };
    OskStatus status = OSK_OK;
    if (form->file_len > 0 && form->problem == OSK_PROBLEM_NONE) {
        OskUploadState state;
        status = osk_upload_set_len(form->upload, form->file_len, &fault);
        if (status == OSK_OK) {
            status = osk_upload_commit(form->upload, &state, &fault);
        }
    }
    osk_upload_close(&form->upload);
    if (status != OSK_OK) {
        form->problem = osk_form_problem_of(status, &fault);
    } else if (form->file_len == 0) {
        /* A name and no bytes: nothing was sent. */
        osk_spool_drop(form->drop->parts.spool, form->texts->tokens[--form->token_count], &fault);
    }
}

void osk_form_store(OskForm *form)
{
    if (form->wants_commit && form->upload != NULL) {
        end_upload(form);
    }
    form->wants_commit = false;
    if (form->wants_upload && form->problem == OSK_PROBLEM_NONE) {
        begin_upload(form);
    }
    form->wants_upload = false;
}

void osk_form_drop(OskForm *form)
{
    OskFault fault = { 0 };
    osk_upload_close(&form->upload);
    for (size_t i = 0; !form->is_submitted && i < form->token_count; i++) {
        osk_spool_drop(form->drop->parts.spool, form->texts->tokens[i], &fault);
    }
    form->token_count = 0;
}

bool osk_form_is_empty(const OskForm *form)
{
    if (form->token_count > 0) {
        return false;
    }
    const char *message = form->texts != NULL ? form->texts->message : NULL;
    return message == NULL || message[strspn(message, " \t\r\n")] == 0;
}

/* ---- events ---- */

static OskFormStep part_begin(void *context, const OskFormPart *part)
{
    OskForm *form = context;
    form->text = NULL;
    form->is_message = false;
    form->is_file = part->is_file && !part->is_empty_choice;
    if (form->problem != OSK_PROBLEM_NONE) {
        return OSK_FORM_ON;
    }
    if (form->is_file) {
        form->file_len = 0;
        form->wants_upload = may_begin_file(form);
        return form->wants_upload ? OSK_FORM_WAIT : OSK_FORM_ON;
    }
    if (!part->is_file && texts_of(form) != NULL) {
        choose_text(form, part->name);
    }
    return OSK_FORM_ON;
}

static size_t part_data(void *context, const uint8_t *bytes, size_t len)
{
    OskForm *form = context;
    if (form->problem != OSK_PROBLEM_NONE) {
        return len;
    }
    if (form->is_file) {
        take_file(form, bytes, len);
    } else {
        take_text(form, bytes, len);
    }
    return len;
}

static OskFormStep part_end(void *context)
{
    OskForm *form = context;
    if (form->is_file) {
        form->is_file = false;
        form->wants_commit = form->upload != NULL;
        return form->wants_commit ? OSK_FORM_WAIT : OSK_FORM_ON;
    }
    check_text(form);
    form->text = NULL;
    form->is_message = false;
    return OSK_FORM_ON;
}

OskMultipartEvents osk_form_events(OskForm *form)
{
    return (OskMultipartEvents){
        .context = form,
        .part_begin = part_begin,
        .part_data = part_data,
        .part_end = part_end,
    };
}
