/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/drop.h"

#include "intake/drop_inside.h"
#include "http/language.h"
#include "oilskin/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES (4ull * 1024 * 1024 * 1024)
#define SUBMISSION_MAX_BYTES (16ull * 1024 * 1024 * 1024)
#define FILES_MAX 64u
/* What is taken while large files wait: that of admission.h. */
#define SMALL_BYTES (32ull * 1024 * 1024)

/* ---- settings ---- */

OskDropSettings *osk_drop_prepare(const OskIntakeOptions *options)
{
    OskDropSettings *settings = calloc(1, sizeof(*settings));
    if (settings == NULL) {
        return NULL;
    }
    atomic_init(&settings->held, 1);
    settings->options = *options;
    OskIntakeOptions *own = &settings->options;
    own->file_max = own->file_max != 0 ? own->file_max : FILE_MAX_BYTES;
    own->submission_max = own->submission_max != 0 ? own->submission_max : SUBMISSION_MAX_BYTES;
    own->files_max = own->files_max == 0 || own->files_max > FILES_MAX ? FILES_MAX : own->files_max;
    if (own->category_count > OSK_INTAKE_CATEGORIES_MAX) {
        own->category_count = OSK_INTAKE_CATEGORIES_MAX;
    }
    return settings;
}

OskDropSettings *osk_drop_settings(OskDrop *drop)
{
    pthread_mutex_lock(&drop->mutex);
    OskDropSettings *settings = drop->settings;
    atomic_fetch_add(&settings->held, 1);
    pthread_mutex_unlock(&drop->mutex);
    return settings;
}

void osk_drop_settings_end(OskDropSettings **settings)
{
    if (*settings != NULL && atomic_fetch_sub(&(*settings)->held, 1) == 1) {
        free(*settings);
    }
    *settings = NULL;
}

size_t osk_drop_language(OskRequest *request, const OskDropSettings *settings)
{
    return osk_language_choose(osk_request_query(request, "lang"),
                               osk_request_header(request, "Accept-Language"),
                               settings->options.default_language);
}

OskStatus osk_drop_open(OskDrop **out, const OskIntakeParts *parts, const OskIntakeOptions *options)
{
    *out = NULL;
    OskDrop *drop = calloc(1, sizeof(*drop));
    if (drop == NULL) {
        return OSK_NO_MEMORY;
    }
    drop->settings = osk_drop_prepare(options);
    if (drop->settings == NULL) {
        free(drop);
        return OSK_NO_MEMORY;
    }
    pthread_mutex_init(&drop->mutex, NULL);
    drop->parts = *parts;
    const OskRoute *const routes[OSK_DROP_ROUTES] = {
        &osk_page_drop_route,
        &osk_upload_form_route,
        &osk_page_receipt_route,
    };
    for (size_t i = 0; i < OSK_DROP_ROUTES; i++) {
        drop->routes[i] = *routes[i];
        drop->routes[i].context = drop;
    }
    *out = drop;
    return OSK_OK;
}

void osk_drop_set(OskDrop *drop, OskDropSettings **settings)
{
    pthread_mutex_lock(&drop->mutex);
    OskDropSettings *before = drop->settings;
    drop->settings = *settings;
    pthread_mutex_unlock(&drop->mutex);
    *settings = NULL;
    osk_drop_settings_end(&before);
}

const OskRoute *osk_drop_routes(const OskDrop *drop)
{
    return drop->routes;
}

void osk_drop_close(OskDrop **drop)
{
    OskDrop *gone = *drop;
    if (gone == NULL) {
        return;
    }
    osk_drop_settings_end(&gone->settings);
    pthread_mutex_destroy(&gone->mutex);
    free(gone);
    *drop = NULL;
}

/* ---- slots of a page ---- */

static OskSlot *add_slot(OskPageSlots *slots, const char *name)
{
    OskSlot *slot = &slots->items[slots->count < OSK_PAGE_SLOTS ? slots->count++ : 0];
    *slot = (OskSlot){ .name = name };
    return slot;
}

void osk_page_text(OskPageSlots *slots, const char *name, const char *text)
{
    add_slot(slots, name)->text = text;
}

void osk_page_flag(OskPageSlots *slots, const char *name, bool is_on)
{
    add_slot(slots, name)->is_on = is_on;
}

void osk_page_number(OskPageSlots *slots, const char *name, uint64_t number)
{
    char *text = slots->numbers[slots->number_count < 15 ? slots->number_count++ : 15];
    snprintf(text, sizeof(slots->numbers[0]), "%llu", (unsigned long long)number);
    osk_page_text(slots, name, text);
}

void osk_page_rows(OskPageSlots *slots, const char *name, const OskSlots *rows, size_t count)
{
    OskSlot *slot = add_slot(slots, name);
    slot->rows = rows;
    slot->row_count = count;
}

/* In whole gigabytes where little is lost by it, else in whole megabytes: decimals are written
 * differently in each language. Rounded down, since it is a promise. */
static void add_size(OskPageSlots *slots, const char *gb, const char *mb, uint64_t bytes)
{
    uint64_t whole = bytes / 1000000000;
    if (whole > 0 && bytes - whole * 1000000000 < bytes / 6) {
        osk_page_number(slots, gb, whole);
    } else {
        osk_page_number(slots, mb, bytes / 1000000);
    }
}

static void add_categories(OskPageSlots *slots, const OskIntakeOptions *options)
{
    for (size_t i = 0; i < options->category_count; i++) {
        const OskCategory *category = &options->categories[i];
        OskSlot *row = slots->categories[i];
        row[0] = (OskSlot){ .name = "id", .text = category->id };
        row[1] = (OskSlot){ .name = "label", .text = category->label };
        row[2] = (OskSlot){ .name = "paused", .is_on = category->paused };
        slots->category_rows[i] = (OskSlots){ row, 3 };
    }
    osk_page_flag(slots, "has_categories", options->category_count > 0);
    osk_page_rows(slots, "categories", slots->category_rows, options->category_count);
}

void osk_page_begin(OskPageSlots *slots, const OskDropSettings *settings)
{
    const OskIntakeOptions *options = &settings->options;
    const OskIntakeNotice *notice = &options->notice;
    slots->count = 0;
    slots->number_count = 0;
    osk_page_text(slots, "operator", notice->operator_name);
    osk_page_text(slots, "readers", notice->readers);
    osk_page_text(slots, "contact", notice->contact);
    osk_page_text(slots, "onion", notice->onion[0] != 0 ? notice->onion : NULL);
    osk_page_number(slots, "retain_days", notice->retain_days);
    osk_page_flag(slots, "is_demo", notice->is_demo);
    osk_page_flag(slots, "has_albums", notice->has_albums);
    osk_page_flag(slots, "seal_on_device", options->seal_on_device);
    osk_page_flag(slots, "folds_here", options->folds_here);
    osk_page_flag(slots, "pause_large", options->pause_large);
    osk_page_number(slots, "files_max", options->files_max);
    osk_page_number(slots, "file_max", options->file_max);
    osk_page_number(slots, "submission_max", options->submission_max);
    osk_page_number(slots, "small_max", SMALL_BYTES);
    add_size(slots, "file_max_gb", "file_max_mb", options->file_max);
    add_size(slots, "submission_max_gb", "submission_max_mb", options->submission_max);
    add_size(slots, "small_max_gb", "small_max_mb", SMALL_BYTES);
    add_categories(slots, options);
}

void osk_page_receipt(OskPageSlots *slots, const char *words)
{
    size_t len = strnlen(words, OSK_RECEIPT_TEXT_BYTES - 1);
    osk_page_text(slots, "receipt", words);
    memcpy(slots->words_text, words, len);
    slots->words_text[len] = 0;
    size_t count = 0;
    char *at = slots->words_text;
    while (*at != 0 && count < OSK_RECEIPT_WORDS) {
        slots->words[count] = (OskSlot){ .name = "word", .text = at };
        slots->word_rows[count] = (OskSlots){ &slots->words[count], 1 };
        count++;
        at += strcspn(at, " ");
        if (*at == ' ') {
            *at++ = 0;
        }
    }
    osk_page_rows(slots, "words", slots->word_rows, count);
}

void osk_page_end(OskPageSlots *slots)
{
    osk_seal_wipe(slots, sizeof(*slots));
}

void osk_page_answer(const OskDrop *drop, OskRequest *request, const OskPageAnswer *answer,
                     const OskPageSlots *slots)
{
    char *html = NULL;
    size_t len = 0;
    OskSlots filled = { slots->items, slots->count };
    if (osk_templates_fill(drop->parts.templates, answer->page, answer->language, &filled,
                           answer->pad_to, &html, &len) != OSK_OK) {
        static const char text[] = "The server is out of memory. Try again in a few minutes.\n";
        osk_request_answer(request, &(OskAnswer){ .status = 500,
                                                  .media_type = "text/plain; charset=utf-8",
                                                  .bytes = text,
                                                  .len = sizeof(text) - 1 });
        return;
    }
    osk_request_add_header(request, "Content-Language", osk_languages[answer->language].lang);
    osk_request_answer(request, &(OskAnswer){ .status = answer->status,
                                              .media_type = "text/html; charset=utf-8",
                                              .bytes = html,
                                              .len = len });
    osk_filled_free(html, len);
}
