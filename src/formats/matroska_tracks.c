/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Info and Tracks of Matroska: read into memory, written anew from the rows that are kept. */
#include <string.h>

#include "formats/matroska.h"

/* Settings of decoders take kilobytes; a megabyte holds hundreds of tracks. */
#define LOAD_MOST ((uint64_t)4 << 20)
/* More tracks than any player offers. */
#define TRACKS_MOST ((size_t)256)
/* Elements of one master that may occur once. */
#define SEEN_MOST 64u
/* What a codec needs before its first sound is heard: Opus says 80 ms, AAC at most 150 ms. */
#define DELAY_MOST UINT64_C(1000000000)

enum { TRACK_VIDEO = 1, TRACK_AUDIO = 2, TRACK_SUBTITLE = 17 };

/* What decides about a track, before it is written. */
typedef struct Entry {
    OskMkvTrack track;
    uint64_t type;
    uint64_t enabled;
    uint32_t seen; /* which elements that may be there once have come */
    bool twice;    /* one of them came again */
    uint64_t alpha;
    uint64_t delay;
    OskCursor codec_id;
    OskCursor private;
    bool packed; /* has ContentEncodings */
    OskCursor encodings;
    bool aside; /* not what a player shows by itself */
    bool crops;
    bool operates;
    uint64_t at;
} Entry;

static OskStatus load(OskMkv *mkv, const OskElement *element, OskCursor *out)
{
    uint64_t len = element->end - element->body;
    if (element->unknown) {
        return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, osk_mkv_part(element->id)->name,
                             "its size is unknown", element->at);
    }
    if (len > LOAD_MOST) {
        return osk_walk_fail(mkv->walk, OSK_LIMIT, osk_mkv_part(element->id)->name,
                             "larger than any that players take", element->at);
    }
    return osk_walk_load(mkv->walk, element->body, len, out);
}

/* Infinities and what is no number have an exponent of ones. */
static bool is_finite(OskCursor body)
{
    bool narrow = osk_cursor_left(&body) == 4;
    uint64_t bits = osk_cursor_be(&body, narrow ? 4 : 8);
    return narrow ? (bits & 0x7F800000) != 0x7F800000
                  : (bits & UINT64_C(0x7FF0000000000000)) != UINT64_C(0x7FF0000000000000);
}

/* False when the element is not written: no number, or nothing that decides. */
static bool write_float(OskWriter *out, const OskChild *child)
{
    size_t len = osk_cursor_left(&child->body);
    if ((len != 4 && len != 8) || !is_finite(child->body)) {
        return false;
    }
    osk_ebml_put_bytes(out, child->id, osk_cursor_rest(&child->body), len);
    return true;
}

static bool seen_before(uint32_t *seen, size_t *count, uint32_t id)
{
    for (size_t i = 0; i < *count; i++) {
        if (seen[i] == id) {
            return true;
        }
    }
    if (*count == SEEN_MOST) {
        return true;
    }
    seen[(*count)++] = id;
    return false;
}

/* The bounds that a projection has: four numbers for equirectangular, two for cube maps, none else.
 */
static bool projection_fits(OskCursor projection, OskCursor private)
{
    uint64_t type = 0;
    OskChild child;
    while (osk_ebml_next(&projection, &child)) {
        if (child.id == MKV_PROJECTION_TYPE) {
            type = osk_ebml_uint(&child.body);
        }
    }
    size_t len = osk_cursor_left(&private);
    return (type == 1 && len == 20) || (type == 2 && len == 12);
}

static void write_master(OskMkv *mkv, uint32_t parent, OskCursor body, OskWriter *out);

static void write_child(OskMkv *mkv, OskCursor master, const OskChild *child, OskWriter *out)
{
    OskCursor body = child->body;
    switch (osk_mkv_shape(child->id)) {
    case OSK_EBML_MASTER: {
        OskWriterMark mark = osk_ebml_open(out, child->id);
        write_master(mkv, child->id, child->body, out);
        osk_ebml_close(out, mark);
        break;
    }
    case OSK_EBML_UINT: {
        uint64_t value = osk_ebml_uint(&body);
        if (osk_cursor_ok(&body) && value <= osk_mkv_most(child->id)) {
            osk_ebml_put_uint(out, child->id, value);
        } else {
            OskChild strange = *child;
            strange.id = MKV_UNKNOWN;
            osk_mkv_report(mkv, &strange);
        }
        break;
    }
    case OSK_EBML_FLOAT: (void)write_float(out, child); break;
    default:
        if (child->id == MKV_PROJECTION_PRIVATE ? projection_fits(master, child->body)
                                                : osk_cursor_left(&child->body) <= 4) {
            osk_ebml_put_bytes(out, child->id, osk_cursor_rest(&child->body),
                               osk_cursor_left(&child->body));
        } else {
            osk_mkv_report(mkv, child);
        }
        break;
    }
}

/* Writes the kept children of a master, each once, and reports the others. REWRITE rows are written
 * by the caller. */
static void write_master(OskMkv *mkv, uint32_t parent, OskCursor body, OskWriter *out)
{
    uint32_t seen[SEEN_MOST];
    size_t seen_count = 0;
    OskCursor master = body;
    OskChild child;
    while (osk_ebml_next(&body, &child)) {
        const OskPart *row = osk_mkv_part(child.id);
        if (row->verdict == OSK_KEEP && osk_mkv_belongs(child.id, parent) &&
            !seen_before(seen, &seen_count, child.id)) {
            write_child(mkv, master, &child, out);
        } else if (row->verdict == OSK_DROP) {
            osk_mkv_report(mkv, &child);
        }
    }
}

OskStatus osk_mkv_read_info(OskMkv *mkv, const OskElement *element)
{
    OskCursor body;
    OskStatus status = load(mkv, element, &body);
    if (status != OSK_OK) {
        return status;
    }
    bool again = mkv->info_out.len > 0;
    OskWriter ignored;
    osk_writer_init(&ignored, SIZE_MAX);
    OskWriter *out = again ? &ignored : &mkv->info_out;
    OskWriterMark mark = osk_ebml_open(out, MKV_INFO);
    write_master(mkv, MKV_INFO, body, out);
    osk_ebml_put_bytes(out, MKV_MUXING_APP, "", 0);
    osk_ebml_put_bytes(out, MKV_WRITING_APP, "", 0);
    osk_ebml_close(out, mark);
    osk_writer_free(&ignored);
    OskChild child;
    while (osk_ebml_next(&body, &child)) {
        if (osk_mkv_part(child.id)->verdict == OSK_REWRITE) {
            osk_mkv_report(mkv, &child);
        }
    }
    return osk_cursor_ok(&body)
               ? OSK_OK
               : osk_walk_fail(mkv->walk, OSK_MALFORMED, "Info",
                               "an element is longer than its parent", element->at);
}

static void read_video(Entry *entry, OskCursor body)
{
    OskChild child;
    while (osk_ebml_next(&body, &child)) {
        if (child.id == MKV_ALPHA_MODE) {
            entry->alpha = osk_ebml_uint(&child.body);
        } else if (child.id == MKV_CROP_BOTTOM || child.id == MKV_CROP_TOP ||
                   child.id == MKV_CROP_LEFT || child.id == MKV_CROP_RIGHT) {
            entry->crops = entry->crops || osk_ebml_uint(&child.body) != 0;
        }
    }
}

/* Readers differ in which of two they take, of the elements that decide about a track. */
static void note_twice(Entry *entry, uint32_t id)
{
    static const uint32_t single[] = { MKV_TRACK_NUMBER,   MKV_TRACK_TYPE,  MKV_FLAG_ENABLED,
                                       MKV_FLAG_DEFAULT,   MKV_CODEC_DELAY, MKV_CODEC_ID,
                                       MKV_CODEC_PRIVATE,  MKV_ENCODINGS,   MKV_VIDEO,
                                       MKV_TRACK_OPERATION };
    for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++) {
        if (single[i] == id) {
            entry->twice = entry->twice || (entry->seen >> i & 1u) != 0;
            entry->seen |= 1u << i;
        }
    }
}

static bool read_entry(Entry *entry, OskCursor body)
{
    OskChild child;
    while (osk_ebml_next(&body, &child)) {
        OskCursor value = child.body;
        note_twice(entry, child.id);
        switch (child.id) {
        case MKV_TRACK_NUMBER: entry->track.number = osk_ebml_uint(&value); break;
        case MKV_TRACK_TYPE: entry->type = osk_ebml_uint(&value); break;
        case MKV_FLAG_ENABLED: entry->enabled = osk_ebml_uint(&value); break;
        case MKV_FLAG_DEFAULT: entry->aside = entry->aside || osk_ebml_uint(&value) == 0; break;
        case MKV_FLAG_COMMENTARY:
        case MKV_FLAG_HEARING:
        case MKV_FLAG_VISUAL:
        case MKV_FLAG_DESCRIPTIONS:
            entry->aside = entry->aside || osk_ebml_uint(&value) != 0;
            break;
        case MKV_CODEC_DELAY: entry->delay = osk_ebml_uint(&value); break;
        case MKV_CODEC_ID: entry->codec_id = value; break;
        case MKV_CODEC_PRIVATE: entry->private = value; break;
        case MKV_ENCODINGS:
            entry->packed = true;
            entry->encodings = value;
            break;
        case MKV_TRACK_OPERATION: entry->operates = true; break;
        case MKV_VIDEO: read_video(entry, value); break;
        default: break;
        }
    }
    return osk_cursor_ok(&body);
}

/* Header stripping (algorithm 3) of frames is undone; other packing can't be looked into. */
static OskStatus read_encodings(OskMkv *mkv, Entry *entry)
{
    OskCursor encodings = entry->encodings;
    OskChild encoding;
    unsigned count = 0;
    uint64_t scope = 1;
    uint64_t type = 0;
    uint64_t algo = 0;
    while (osk_ebml_next(&encodings, &encoding)) {
        count += encoding.id == MKV_ENCODING ? 1 : 0;
        OskChild child;
        while (encoding.id == MKV_ENCODING && osk_ebml_next(&encoding.body, &child)) {
            OskChild inner;
            if (child.id == MKV_ENCODING_SCOPE) {
                scope = osk_ebml_uint(&child.body);
            } else if (child.id == MKV_ENCODING_TYPE) {
                type = osk_ebml_uint(&child.body);
            }
            while (child.id == MKV_COMPRESSION && osk_ebml_next(&child.body, &inner)) {
                if (inner.id == MKV_COMPRESSION_ALGO) {
                    algo = osk_ebml_uint(&inner.body);
                } else if (inner.id == MKV_COMPRESSION_SETTINGS) {
                    entry->track.prefix = osk_cursor_rest(&inner.body);
                    entry->track.prefix_len = osk_cursor_left(&inner.body);
                }
            }
        }
    }
    if (count == 0) {
        return OSK_OK;
    }
    if (type != 0) {
        return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, "ContentEncodings",
                             "its frames are encrypted", entry->at);
    }
    if (count > 1 || algo != 3 || scope != 1 || entry->track.prefix_len > 64) {
        return osk_walk_fail(mkv->walk, OSK_UNSUPPORTED, "ContentEncodings",
                             "its frames are packed in a way that we can't look into", entry->at);
    }
    return OSK_OK;
}

/* Rows that are not copied: the unique number, the language, alpha, the codec's settings. */
static void report_rewritten(OskMkv *mkv, const Entry *entry, OskCursor body)
{
    OskChild child;
    while (osk_ebml_next(&body, &child)) {
        OskCursor value = child.body;
        if (child.id == MKV_TRACK_UID && osk_ebml_uint(&value) != entry->track.number) {
            osk_mkv_report(mkv, &child);
        } else if (child.id == MKV_LANGUAGE &&
                   !(osk_cursor_left(&value) >= 3 && osk_cursor_starts(&value, "und", 3))) {
            osk_mkv_report(mkv, &child);
        }
    }
}

static OskStatus write_entry(OskMkv *mkv, Entry *entry, OskCursor body)
{
    OskMkvTrack *track = &mkv->tracks[mkv->track_count];
    *track = entry->track;
    track->mkv = mkv;
    OskWriter *out = &mkv->tracks_out;
    OskWriterMark mark = osk_ebml_open(out, MKV_TRACK_ENTRY);
    osk_ebml_put_uint(out, MKV_TRACK_UID, track->number);
    osk_ebml_put_bytes(out, MKV_LANGUAGE, "und", 3);
    write_master(mkv, MKV_TRACK_ENTRY, body, out);
    report_rewritten(mkv, entry, body);
    if (track->alpha) {
        osk_ebml_put_uint(out, MKV_MAX_BLOCK_ADDITION_ID, 1);
    }
    OskStatus status = osk_mkv_codec(mkv, track, entry->codec_id, entry->private, out);
    osk_ebml_close(out, mark);
    if (status == OSK_OK && !osk_writer_ok(out)) {
        status = osk_walk_no_memory(mkv->walk, "Tracks", entry->at);
    }
    if (status != OSK_OK && track->filtered) {
        /* A track that fails is not counted, so that nobody else frees its filter. */
        osk_coded_free(&track->coded);
        track->filtered = false;
    }
    return status;
}

/* A picture or sound track that stays must be one of which nothing is hidden. */
static OskStatus prove_entry(OskMkv *mkv, Entry *entry)
{
    OskWalk *walk = mkv->walk;
    if (entry->track.number == 0 || entry->track.number > osk_mkv_most(MKV_TRACK_NUMBER) ||
        osk_mkv_knows(mkv, entry->track.number)) {
        return osk_walk_fail(walk, OSK_MALFORMED, "TrackEntry", "a track has no number of its own",
                             entry->at);
    }
    if (entry->twice) {
        return osk_walk_fail(walk, OSK_MALFORMED, "TrackEntry",
                             "an element is twice there that may be there once", entry->at);
    }
    if (entry->crops) {
        return osk_walk_fail(walk, OSK_UNSUPPORTED, "TrackEntry",
                             "a crop hides parts of the pictures that are still in the file",
                             entry->at);
    }
    if (entry->operates) {
        return osk_walk_fail(walk, OSK_UNSUPPORTED, "TrackEntry", "its tracks are shown as one",
                             entry->at);
    }
    if (entry->delay > DELAY_MOST && !walk->options->keep_preroll) {
        return osk_walk_fail(walk, OSK_UNSUPPORTED, "TrackEntry",
                             "more than a second of sound is in the file but not played",
                             entry->at);
    }
    return entry->packed ? read_encodings(mkv, entry) : OSK_OK;
}

static bool is_media(const Entry *entry)
{
    return entry->type == TRACK_VIDEO || entry->type == TRACK_AUDIO;
}

static const char *dropped_label(const Entry *entry)
{
    if (is_media(entry)) {
        return entry->enabled == 0 ? "a picture or sound track that is switched off"
                                   : "a picture or sound track beside the one that is shown";
    }
    return entry->type == TRACK_SUBTITLE ? "subtitles"
                                         : "a track that is neither picture nor sound";
}

static void report_dropped(OskMkv *mkv, const Entry *entry, OskCursor body)
{
    OskFact fact = { .kind = is_media(entry) ? OSK_KIND_PREVIEW : OSK_KIND_NAME,
                     .part = "TrackEntry",
                     .field = "mkv.track",
                     .label = dropped_label(entry),
                     .offset = entry->at };
    osk_report_add_untrusted(mkv->walk->report, fact, osk_cursor_rest(&entry->codec_id),
                             osk_cursor_left(&entry->codec_id), OSK_UTF8);
    OskWriter ignored;
    osk_writer_init(&ignored, SIZE_MAX);
    write_master(mkv, MKV_TRACK_ENTRY, body, &ignored);
    osk_writer_free(&ignored);
}

/* What is known of all tracks before the first is written. */
typedef struct Choice {
    bool shown[3]; /* by type: there is a track that players show by themselves */
    bool kept[3];
} Choice;

/* Players show one track of a kind by themselves, the first that does not stand aside; a second
 * picture or sound is as hidden as one that is switched off. */
static bool is_shown(const Entry *entry, Choice *choice)
{
    if (!is_media(entry) || entry->enabled == 0) {
        return false;
    }
    bool shown = !choice->kept[entry->type] && (!entry->aside || !choice->shown[entry->type]);
    choice->kept[entry->type] = choice->kept[entry->type] || shown;
    return shown;
}

static OskStatus read_track(OskMkv *mkv, const OskChild *child, Choice *choice)
{
    Entry entry = { .enabled = 1, .at = child->at };
    if (!osk_walk_spend(mkv->walk, 1, "TrackEntry", child->at)) {
        return OSK_LIMIT;
    }
    if (!read_entry(&entry, child->body)) {
        return osk_walk_fail(mkv->walk, OSK_MALFORMED, "TrackEntry",
                             "an element is longer than its parent", child->at);
    }
    if (mkv->track_count == TRACKS_MOST) {
        return osk_walk_fail(mkv->walk, OSK_LIMIT, "Tracks", "more tracks than any player offers",
                             child->at);
    }
    OskStatus status = OSK_OK;
    if (!is_shown(&entry, choice)) {
        report_dropped(mkv, &entry, child->body);
    } else if (entry.type == TRACK_VIDEO || !mkv->walk->options->drop_audio) {
        status = prove_entry(mkv, &entry);
        entry.track.kept = true;
    }
    entry.track.video = entry.type == TRACK_VIDEO;
    entry.track.alpha = entry.alpha == 1;
    if (status == OSK_OK && entry.track.kept) {
        status = write_entry(mkv, &entry, child->body);
    } else {
        mkv->tracks[mkv->track_count] = entry.track;
    }
    mkv->track_count += status == OSK_OK ? 1 : 0;
    mkv->kept_count += status == OSK_OK && entry.track.kept ? 1 : 0;
    return status;
}

static void choose_cue_track(OskMkv *mkv)
{
    for (size_t i = 0; i < mkv->track_count; i++) {
        const OskMkvTrack *track = &mkv->tracks[i];
        bool better =
            track->video && mkv->cue_track != 0 && !osk_mkv_track(mkv, mkv->cue_track)->video;
        if (track->kept && (mkv->cue_track == 0 || better)) {
            mkv->cue_track = track->number;
        }
    }
}

/* A second list of tracks is read by no player that we know. */
static void report_second(OskMkv *mkv, const OskElement *element)
{
    osk_report_add(mkv->walk->report,
                   (OskFact){ .kind = OSK_KIND_OTHER,
                              .part = "Tracks",
                              .field = "mkv.second_tracks",
                              .label = "a second list of tracks",
                              .offset = element->at,
                              .len = element->end - element->at },
                   NULL);
}

static void look_ahead(OskCursor body, Choice *choice)
{
    OskChild child;
    while (osk_ebml_next(&body, &child)) {
        Entry entry = { .enabled = 1 };
        if (child.id == MKV_TRACK_ENTRY && read_entry(&entry, child.body) && is_media(&entry) &&
            entry.enabled != 0 && !entry.aside) {
            choice->shown[entry.type] = true;
        }
    }
}

OskStatus osk_mkv_read_tracks(OskMkv *mkv, const OskElement *element)
{
    OskCursor body;
    Choice choice = { .shown = { false, false, false } };
    if (mkv->tracks != NULL) {
        report_second(mkv, element);
        return OSK_OK;
    }
    OskStatus status = load(mkv, element, &body);
    if (status != OSK_OK) {
        return status;
    }
    mkv->tracks = osk_arena_array(mkv->walk->arena, TRACKS_MOST, sizeof(*mkv->tracks));
    if (mkv->tracks == NULL) {
        return osk_walk_no_memory(mkv->walk, "Tracks", element->at);
    }
    look_ahead(body, &choice);
    OskWriterMark mark = osk_ebml_open(&mkv->tracks_out, MKV_TRACKS);
    OskChild child;
    while (status == OSK_OK && osk_ebml_next(&body, &child)) {
        if (child.id == MKV_TRACK_ENTRY) {
            status = read_track(mkv, &child, &choice);
        } else {
            osk_mkv_report(mkv, &child);
        }
    }
    osk_ebml_close(&mkv->tracks_out, mark);
    if (status == OSK_OK && !osk_cursor_ok(&body)) {
        status = osk_walk_fail(mkv->walk, OSK_MALFORMED, "Tracks",
                               "an element is longer than its parent", element->at);
    }
    choose_cue_track(mkv);
    return status;
}

OskMkvTrack *osk_mkv_track(OskMkv *mkv, uint64_t number)
{
    for (size_t i = 0; i < mkv->track_count; i++) {
        if (mkv->tracks[i].number == number && mkv->tracks[i].kept) {
            return &mkv->tracks[i];
        }
    }
    return NULL;
}

bool osk_mkv_knows(const OskMkv *mkv, uint64_t number)
{
    for (size_t i = 0; i < mkv->track_count; i++) {
        if (mkv->tracks[i].number == number) {
            return true;
        }
    }
    return false;
}
