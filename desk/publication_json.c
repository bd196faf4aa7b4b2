/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/publication_json.h"

#include <string.h>

#include "desk/hex.h"

const char *const osk_publication_states[OSK_PUBLICATION_STATES] = { NULL,     "waiting",
                                                                     "public", "unlisted",
                                                                     "hidden", "withdrawn" };

static const OskId nobody;

static bool is_nobody(const OskId *id)
{
    return memcmp(id, &nobody, sizeof(nobody)) == 0;
}

/* Who has left has no name any more. */
static void set_name(const OskDesk *desk, OskJson *json, const char *key, const OskId *id)
{
    OskReviewer reviewer;
    bool is_there = !is_nobody(id) && osk_reviewers_get(desk->reviewers, id, &reviewer);
    osk_json_set_text(json, key, is_there ? reviewer.name : NULL);
    if (is_there) {
        osk_seal_wipe(&reviewer, sizeof(reviewer));
    }
}

/* Two rooms that may not know each other number them alike. */
_Static_assert((int)OSK_PUBLISH_JPEG == (int)OSK_MEDIA_JPEG, "a JPEG is one number");
_Static_assert((int)OSK_PUBLISH_PNG == (int)OSK_MEDIA_PNG, "a PNG is one number");
_Static_assert((int)OSK_PUBLISH_WEBP == (int)OSK_MEDIA_WEBP, "a WebP is one number");
_Static_assert((int)OSK_PUBLISH_GIF == (int)OSK_MEDIA_GIF, "a GIF is one number");
_Static_assert((int)OSK_PUBLISH_MP4 == (int)OSK_MEDIA_MP4, "an MP4 is one number");
_Static_assert((int)OSK_PUBLISH_WEBM == (int)OSK_MEDIA_WEBM, "a WebM is one number");

OskMediaKind osk_desk_media_kind(OskPublishKind kind)
{
    return (OskMediaKind)kind;
}

const char *osk_desk_copy_kind(OskMediaKind kind)
{
    const char *type = osk_media_type(kind);
    return type + strcspn(type, "/") + 1;
}

void osk_desk_set_publication(const OskDeskCall *call, OskJson *json,
                              const OskPublicationItem *item)
{
    char digest[OSK_HEX_BYTES(OSK_DIGEST_BYTES)];
    const OskPublication *what = &item->what;
    osk_hex_write(what->digest, sizeof(what->digest), digest);
    osk_desk_set_id(json, "publication", &item->id);
    osk_json_set_whole(json, "version", item->version);
    osk_json_set_text(json, "state", osk_publication_states[item->state]);
    osk_desk_set_id(json, "album", is_nobody(&what->album) ? NULL : &what->album);
    osk_desk_set_day(json, "day", what->day);
    osk_json_set_text(json, "kind", osk_desk_copy_kind(what->kind));
    osk_json_set_whole(json, "width", what->width);
    osk_json_set_whole(json, "height", what->height);
    osk_json_set_whole(json, "duration_ms", what->duration_ms);
    osk_json_set_whole(json, "areas", what->areas);
    osk_json_set_text(json, "sha256", digest);
    osk_json_set_whole(json, "copy_len", what->copy_len);
    osk_json_set_whole(json, "renditions", what->rendition_count);
    osk_json_set_text(json, "caption", what->caption);
    osk_json_set_text(json, "alt", what->alt);
    osk_json_set_text(json, "warning", what->warning);
    set_name(call->desk, json, "maker", &what->maker);
    set_name(call->desk, json, "second", &what->second);
    osk_json_set_flag(json, "mine",
                      memcmp(&what->maker, &call->session.reviewer, sizeof(what->maker)) == 0);
}

bool osk_desk_read_publication(OskDeskCall *call, OskPublicationItem *out)
{
    OskFault fault = { 0 };
    OskId id;
    if (osk_hex_read(osk_desk_text(call, "publication"), &id, sizeof(id)) &&
        osk_publication_load(call->desk->store, &id, out, &fault)) {
        return true;
    }
    if (fault.status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else {
        osk_desk_refuse(call, 404, "There is no such publication", "Load the list again");
    }
    return false;
}

bool osk_desk_is_as_seen(OskDeskCall *call, uint64_t version)
{
    uint64_t seen = 0;
    if (!osk_json_whole(osk_json_get(call->base.json, "version"), &seen)) {
        osk_desk_refuse(call, 400, "Say which version of it was seen", "Load the list again");
        return false;
    }
    if (seen != version) {
        osk_desk_refuse(call, 409, "Somebody else was quicker",
                        "Look at it again, then decide anew");
        return false;
    }
    return true;
}

bool osk_desk_read_album(OskDeskCall *call, OskId *out)
{
    OskFault fault = { 0 };
    OskAlbum album;
    OskRecordRow row;
    OskId id = nobody;
    const OskJson *member = osk_json_get(call->base.json, "album");
    const char *text = osk_json_text(member);
    if (member == NULL) {
        return true;
    }
    bool is_there =
        text != NULL &&
        (text[0] == 0 || (osk_hex_read(text, &id, sizeof(id)) &&
                          osk_album_load(call->desk->store, &id, &album, &row, &fault)));
    if (is_there) {
        *out = id;
    } else if (fault.status != OSK_OK) {
        osk_desk_refuse_fault(call, &fault);
    } else {
        osk_desk_refuse(call, 404, "There is no such album", "Load the list again");
    }
    return is_there;
}

OskPublisher osk_desk_publisher(const OskDeskCall *call)
{
    return (OskPublisher){ .store = call->desk->store,
                           .audit = call->desk->audit,
                           .who = &call->session.reviewer,
                           .needs_second = call->desk->publishing.needs_second };
}
