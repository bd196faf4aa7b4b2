/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the desk reads of a submission: words and a list of files, sealed. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/random.h"
#include "http/json.h"
#include "intake/submission_state.h"

/* A short message and a shorter one look alike. */
#define LEAST_BYTES 1024u

static const char *kind_name(const OskSubmitFile *file)
{
    static const char *const names[] = {
        [OSK_OUTCOME_SCRUBBED] = "scrubbed",
        [OSK_OUTCOME_ORIGINAL_CHOSEN] = "original",
        [OSK_OUTCOME_ORIGINAL_KEPT] = "unscrubbed",
        [OSK_OUTCOME_DEVICE] = "device",
    };
    return names[file->outcome];
}

static OskJson *describe(const OskSubmitFile *file)
{
    OskJson *json = osk_json_object(NULL);
    char sha256[65];
    for (size_t i = 0; i < sizeof(file->sha256); i++) {
        snprintf(sha256 + 2 * i, 3, "%02x", file->sha256[i]);
    }
    osk_json_set_whole(json, "number", file->row.number);
    osk_json_set_text(json, "kind", kind_name(file));
    osk_json_set_whole(json, "len", file->len);
    osk_json_set_text(json, "sha256", sha256);
    if (file->format[0] != 0) {
        osk_json_set_text(json, "format", file->format);
        osk_json_set_text(json, "media_type", file->media_type);
    }
    if (file->reason != NULL) {
        osk_json_set_text(json, "reason", file->reason);
    }
    if (file->pieces[0] != 0) {
        osk_json_set_text(json, "pieces", file->pieces);
    }
    return json;
}

static void set_where_any(OskJson *json, const char *key, const char *text)
{
    if (text[0] != 0) {
        osk_json_set_text(json, key, text);
    }
}

static OskJson *make(const OskSubmitJob *job, OskDay day, bool adds)
{
    const OskSubmitSecret *secret = job->secret;
    OskJson *json = osk_json_object(adds ? "oilskin/message/1" : "oilskin/submission/1");
    OskJson *files = osk_json_list();
    struct tm date = { 0 };
    time_t midnight = (time_t)day * 86400;
    char text[16] = "";
    gmtime_r(&midnight, &date);
    strftime(text, sizeof(text), "%Y-%m-%d", &date);
    set_where_any(json, adds ? "text" : "message", secret->message);
    set_where_any(json, "place", secret->place);
    set_where_any(json, "time", secret->time);
    set_where_any(json, "category", job->category);
    osk_json_set_text(json, "day", text);
    for (size_t i = 0; i < job->file_count; i++) {
        if (!job->files[i].is_there) {
            osk_json_add(files, describe(&job->files[i]));
        }
    }
    osk_json_set(json, "files", files);
    return json;
}

OskStatus osk_manifest_seal(const OskSubmitRoom *room, const OskSubmitJob *job, OskDay day,
                            bool adds, OskBytes *out)
{
    const OskRandom random = { .fill = osk_random_fill };
    OskReaderList readers;
    osk_spool_readers(room->spool, &readers);
    OskSealTo to = {
        .recipients = readers.keys, .count = readers.count, .random = &random, .names_list = true
    };
    OskJson *json = make(job, day, adds);
    size_t len = 0;
    char *text = osk_json_write(json, &len);
    osk_json_free(&json);
    *out = (OskBytes){ 0 };
    if (text == NULL) {
        return OSK_MALFORMED;
    }
    uint64_t padded = osk_seal_padded_len(len);
    padded = padded < LEAST_BYTES ? LEAST_BYTES : padded;
    to.padded_len = (size_t)padded;
    OskMemory sealed = { 0 };
    OskStatus status = osk_seal_file_len(&to, padded) <= OSK_SMALL_BLOB_BYTES
                           ? osk_seal_bytes(text, len, &to, &sealed, NULL)
                           : OSK_MISUSE;
    *out = (OskBytes){ .bytes = sealed.bytes, .len = sealed.len };
    osk_json_text_free(text);
    return status;
}
