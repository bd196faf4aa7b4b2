/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publish/page.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/language.h"
#include "http/policy.h"
#include "store/day.h"

/* Of a caption below a tile; its page has all of it. */
#define TILE_CAPTION_BYTES 280u

static void answer_plain(OskRequest *request)
{
    static const char text[] = "The server is out of memory. Try again in a few minutes.\n";
    osk_request_answer(request, &(OskAnswer){ .status = 503,
                                              .media_type = "text/plain; charset=utf-8",
                                              .bytes = text,
                                              .len = sizeof(text) - 1 });
}

/* ---- filling ---- */

static size_t language_of(OskRequest *request, const OskPublishOptions *options)
{
    return osk_language_choose(osk_request_query(request, "lang"),
                               osk_request_header(request, "Accept-Language"),
                               options->default_language);
}

OskFill *osk_fill_begin(OskPublish *publish, OskRequest *request)
{
    /* Its rows and texts are written before they are read. */
    OskFill *fill = malloc(sizeof(*fill));
    if (fill == NULL) {
        answer_plain(request);
        return NULL;
    }
    fill->publish = publish;
    fill->request = request;
    fill->settings = osk_publish_settings(publish);
    fill->place.key[0] = 0;
    fill->slot_count = 0;
    fill->row_count = 0;
    fill->text_len = 0;
    const OskPublishOptions *options = &fill->settings->options;
    fill->language = language_of(request, options);
    osk_fill_text(fill, "operator", options->operator_name);
    osk_fill_text(fill, "title", options->title[0] != 0 ? options->title : options->operator_name);
    osk_fill_text(fill, "contact", options->contact);
    osk_fill_text(fill, "address", options->address);
    osk_fill_flag(fill, "is_demo", options->is_demo);
    osk_fill_flag(fill, "has_albums", options->albums);
    osk_fill_flag(fill, "is_unindexed", options->is_unindexed);
    return fill;
}

void osk_fill_end(OskFill **fill)
{
    if (*fill != NULL) {
        osk_publish_settings_end(&(*fill)->settings);
        free(*fill);
    }
    *fill = NULL;
}

static OskSlot *add_slot(OskFill *fill, const char *name)
{
    OskSlots *row = fill->row_count > 0 ? &fill->rows[fill->row_count - 1] : NULL;
    OskSlot *slot = NULL;
    if (row != NULL) {
        slot = &fill->row_slots[fill->row_count - 1]
                               [row->count < OSK_FILL_ROW_SLOTS ? row->count++ : 0];
    } else {
        slot = &fill->slots[fill->slot_count < OSK_FILL_SLOTS ? fill->slot_count++ : 0];
    }
    *slot = (OskSlot){ .name = name };
    return slot;
}

void osk_fill_text(OskFill *fill, const char *name, const char *text)
{
    add_slot(fill, name)->text = text != NULL && text[0] != 0 ? text : NULL;
}

void osk_fill_flag(OskFill *fill, const char *name, bool is_on)
{
    add_slot(fill, name)->is_on = is_on;
}

const char *osk_fill_print(OskFill *fill, const char *format, ...)
{
    char *at = fill->texts + fill->text_len;
    size_t room = sizeof(fill->texts) - fill->text_len;
    va_list list;
    va_start(list, format);
    int len = vsnprintf(at, room, format, list);
    va_end(list);
    if (len < 0 || (size_t)len >= room) {
        return "";
    }
    fill->text_len += (size_t)len + 1;
    return at;
}

void osk_fill_number(OskFill *fill, const char *name, uint64_t number)
{
    osk_fill_text(fill, name, osk_fill_print(fill, "%" PRIu64, number));
}

void osk_fill_id(OskFill *fill, const char *name, const OskId *id)
{
    char text[OSK_PUBLIC_ID_BYTES];
    osk_public_id_write(id, text);
    osk_fill_text(fill, name, osk_fill_print(fill, "%s", text));
}

void osk_fill_day(OskFill *fill, const char *name, OskDay day)
{
    char text[OSK_DAY_TEXT_BYTES];
    osk_day_write(day, text);
    osk_fill_text(fill, name, osk_fill_print(fill, "%s", text));
}

void osk_fill_row(OskFill *fill)
{
    fill->rows[fill->row_count] = (OskSlots){ fill->row_slots[fill->row_count], 0 };
    fill->row_count++;
}

void osk_fill_rows(OskFill *fill, const char *name)
{
    size_t count = fill->row_count;
    fill->row_count = 0;
    OskSlot *slot = add_slot(fill, name);
    slot->rows = fill->rows;
    slot->row_count = count;
}

/* ---- a publication ---- */

/* All sizes that there are, the copy last where it is a picture, and more than a tile. Animations
 * are nothing but a copy. */
static const char *print_sizes(OskFill *fill, const OskPiece *piece, const char *id,
                               bool has_no_copy)
{
    char text[512] = "";
    size_t len = 0;
    for (uint32_t i = 0; i < piece->rendition_count; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s/a/f/%s/%u %uw",
                                len > 0 ? ", " : "", id, i + 1, piece->renditions[i].width);
    }
    if (!has_no_copy && piece->rendition_count > 0) {
        snprintf(text + len, sizeof(text) - len, ", /a/f/%s %uw", id, piece->width);
    }
    return osk_fill_print(fill, "%s", text);
}

/* The begin of a caption, whole letters. */
static const char *print_begin(OskFill *fill, const char *text)
{
    size_t len = strlen(text);
    if (len <= TILE_CAPTION_BYTES) {
        return text;
    }
    len = TILE_CAPTION_BYTES;
    while (((unsigned char)text[len] & 0xC0) == 0x80) {
        len--;
    }
    return osk_fill_print(fill, "%.*s…", (int)len, text);
}

static const char *print_duration(OskFill *fill, uint32_t ms)
{
    uint32_t seconds = (ms + 500) / 1000;
    return osk_fill_print(fill, "%u:%02u", seconds / 60, seconds % 60);
}

void osk_fill_piece(OskFill *fill, const OskPiece *piece, const OskShelf *shelf)
{
    bool is_tile = fill->row_count > 0;
    bool is_video = osk_media_is_video(piece->kind);
    char id[OSK_PUBLIC_ID_BYTES];
    osk_public_id_write(&piece->id, id);
    osk_fill_text(fill, "id", osk_fill_print(fill, "%s", id));
    osk_fill_day(fill, "day", piece->day);
    osk_fill_text(fill, "alt", piece->alt);
    osk_fill_text(fill, "caption", is_tile ? print_begin(fill, piece->caption) : piece->caption);
    const char *album_warning = shelf != NULL ? shelf->album.warning : NULL;
    osk_fill_text(fill, "warning", piece->warning[0] != 0 ? piece->warning : album_warning);
    osk_fill_flag(fill, "is_video", is_video);
    osk_fill_flag(fill, "is_still", !is_video);
    osk_fill_number(fill, "width", piece->width);
    osk_fill_number(fill, "height", piece->height);
    if (piece->duration_ms > 0) {
        osk_fill_text(fill, "duration", print_duration(fill, piece->duration_ms));
    }
    if (piece->rendition_count > 0) {
        osk_fill_text(fill, "small", "1");
        osk_fill_text(fill, "srcset", print_sizes(fill, piece, id, is_tile || is_video));
    }
    if (is_video && piece->rendition_count > 0) {
        osk_fill_number(fill, "poster", piece->rendition_count);
    }
}

/* ---- answering ---- */

static const char *type_of(bool is_feed)
{
    return is_feed ? "application/atom+xml; charset=utf-8" : "text/html; charset=utf-8";
}

static bool is_feed_at(const char *path)
{
    size_t len = strlen(path);
    return len >= 5 && strcmp(path + len - 5, "/feed") == 0;
}

void osk_public_headers(OskRequest *request, const OskPublishSettings *settings)
{
    osk_request_add_header(request, "Cache-Control", OSK_HTTP_CACHE_ASK);
    if (settings->options.is_unindexed) {
        osk_request_add_header(request, "X-Robots-Tag", OSK_ROBOTS_NONE);
    }
}

static void add_headers(OskRequest *request, size_t language)
{
    osk_request_add_header(request, "Vary", "Accept-Language, Accept-Encoding");
    osk_request_add_header(request, "Content-Language", osk_languages[language].lang);
}

static OskKeptPlace place_of(OskRequest *request, const OskPublishSettings *settings,
                             size_t language)
{
    OskKeptPlace place = { .version = 0 };
    const char *page = osk_request_query(request, "page");
    int len = snprintf(place.key, sizeof(place.key), "%u %zu %s %s", settings->number, language,
                       osk_request_path(request), page != NULL ? page : "");
    if (len < 0 || (size_t)len >= sizeof(place.key)) {
        place.key[0] = 0;
    }
    return place;
}

bool osk_page_kept(OskPublish *publish, OskRequest *request)
{
    OskFault fault = { 0 };
    OskPublishSettings *settings = osk_publish_settings(publish);
    size_t language = language_of(request, &settings->options);
    OskKeptPlace place = place_of(request, settings, language);
    bool is_kept = osk_index_version(publish->index, &place.version, &fault) == OSK_OK &&
                   osk_kept_answer(publish->kept, request, &place,
                                   type_of(is_feed_at(osk_request_path(request))));
    if (is_kept) {
        osk_public_headers(request, settings);
        add_headers(request, language);
    }
    osk_publish_settings_end(&settings);
    return is_kept;
}

void osk_fill_keep(OskFill *fill, uint64_t version)
{
    fill->place = place_of(fill->request, fill->settings, fill->language);
    fill->place.version = version;
}

static void answer(OskFill **fill, size_t page, unsigned status)
{
    OskFill *own = *fill;
    OskRequest *request = own->request;
    const OskSlots slots = { own->slots, own->slot_count };
    char *html = NULL;
    size_t len = 0;
    const char *type = type_of(page == OSK_PUBLISH_FEED);
    osk_fill_text(own, "lang", osk_languages[own->language].tag);
    if (osk_templates_fill(own->publish->templates, page, own->language, &slots, 0, &html, &len) !=
        OSK_OK) {
        answer_plain(request);
    } else {
        add_headers(request, own->language);
        osk_kept_add(own->publish->kept, &own->place, html, len);
        if (!osk_kept_answer(own->publish->kept, request, &own->place, type)) {
            osk_request_answer(
                request,
                &(OskAnswer){ .status = status, .media_type = type, .bytes = html, .len = len });
        }
    }
    osk_filled_free(html, len);
    osk_fill_end(fill);
}

void osk_fill_answer(OskFill **fill, size_t page, unsigned status)
{
    osk_public_headers((*fill)->request, (*fill)->settings);
    answer(fill, page, status);
}

void osk_fill_answer_private(OskFill **fill, size_t page, unsigned status)
{
    osk_request_add_header((*fill)->request, "X-Robots-Tag", OSK_ROBOTS_NONE);
    answer(fill, page, status);
}

void osk_problem_answer(OskPublish *publish, OskRequest *request, OskProblem problem)
{
    static const struct {
        const char *flag;
        unsigned status;
    } rows[] = {
        [OSK_PROBLEM_NONE] = { "none", 404 }, [OSK_PROBLEM_HIDDEN] = { "hidden", 404 },
        [OSK_PROBLEM_GONE] = { "gone", 410 }, [OSK_PROBLEM_FORM] = { "form", 400 },
        [OSK_PROBLEM_BUSY] = { "busy", 503 }, [OSK_PROBLEM_CLOCK] = { "clock", 503 },
    };
    if (problem == OSK_PROBLEM_BUSY || problem == OSK_PROBLEM_CLOCK) {
        osk_request_add_header(request, "Retry-After", problem == OSK_PROBLEM_BUSY ? "30" : "3600");
    }
    OskFill *fill = osk_fill_begin(publish, request);
    if (fill != NULL) {
        osk_fill_flag(fill, rows[problem].flag, true);
        osk_fill_answer(&fill, OSK_PUBLISH_PROBLEM, rows[problem].status);
    }
}

OskProblem osk_problem_of(const OskFound *found)
{
    if (found->piece == NULL) {
        return OSK_PROBLEM_NONE;
    }
    switch (found->piece->state) {
    case OSK_PUBLICATION_WITHDRAWN: return OSK_PROBLEM_GONE;
    case OSK_PUBLICATION_HIDDEN: return OSK_PROBLEM_HIDDEN;
    /* Its album is hidden. */
    case OSK_PUBLICATION_PUBLIC:
        return found->shelf != NULL ? OSK_PROBLEM_HIDDEN : OSK_PROBLEM_NONE;
    default: return OSK_PROBLEM_NONE;
    }
}
