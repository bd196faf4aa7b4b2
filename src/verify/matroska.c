/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is this Matroska or WebM file clean? Every element is on the allow-list of this file, under the
 * parent where it belongs, at most once where once is all that it needs, with a value of a
 * plausible size; positions point where they say; every byte belongs to an element. Reads headers
 * only, but for the video frames that are looked into. Source: RFC 8794 (EBML), RFC 9559
 * (Matroska). */
#include "verify/matroska.h"

#include <string.h>

#define WINDOW ((size_t)4096)
#define TRACKS_MAX 127u
#define UNKNOWN UINT64_MAX

#define ID_EBML 0x1A45DFA3u
#define ID_SEGMENT 0x18538067u
#define ID_SEEK_HEAD 0x114D9B74u
#define ID_SEEK 0x4DBBu
#define ID_INFO 0x1549A966u
#define ID_TRACKS 0x1654AE6Bu
#define ID_TRACK 0xAEu
#define ID_VIDEO 0xE0u
#define ID_COLOUR 0x55B0u
#define ID_MASTERING 0x55D0u
#define ID_PROJECTION 0x7670u
#define ID_AUDIO 0xE1u
#define ID_CLUSTER 0x1F43B675u
#define ID_GROUP 0xA0u
#define ID_ADDITIONS 0x75A1u
#define ID_MORE 0xA6u
#define ID_CUES 0x1C53BB6Bu
#define ID_CUE 0xBBu
#define ID_CUE_PLACE 0xB7u

typedef enum Kind {
    MASTER,
    NUMBER, /* unsigned, at most `most` */
    SIGNED, /* its magnitude at most `most` */
    REAL,
    EMPTY, /* a text that has to be there and says nothing */
    WORD,  /* one of the words of words_of() */
    NAME,  /* of a codec */
    PRIVATE,
    BLOCK,
    ADDITION,
    SPHERE, /* numbers of a projection */
    TARGET, /* an element's id */
    PLACE   /* a position in the segment */
} Kind;

typedef struct Rule {
    uint32_t parent;
    uint32_t id;
    Kind kind;
    bool many;
    uint64_t most;
} Rule;

#define MOST_BYTE UINT64_C(255)
#define MOST_WORD UINT64_C(65535)
#define MOST_LONG UINT64_C(0xFFFFFFFF)
#define MOST_TIME (UINT64_C(1) << 48)

static const Rule rules[] = {
    { 0, ID_EBML, MASTER, false, 0 },
    { 0, ID_SEGMENT, MASTER, false, 0 },
    { ID_EBML, 0x4286, NUMBER, false, 1 },
    { ID_EBML, 0x42F7, NUMBER, false, 1 },
    { ID_EBML, 0x42F2, NUMBER, false, 4 },
    { ID_EBML, 0x42F3, NUMBER, false, 8 },
    { ID_EBML, 0x4282, WORD, false, 0 },
    { ID_EBML, 0x4287, NUMBER, false, 5 },
    { ID_EBML, 0x4285, NUMBER, false, 5 },
    { ID_SEGMENT, ID_SEEK_HEAD, MASTER, false, 0 },
    { ID_SEEK_HEAD, ID_SEEK, MASTER, true, 0 },
    { ID_SEEK, 0x53AB, TARGET, false, 0 },
    { ID_SEEK, 0x53AC, PLACE, false, 0 },
    { ID_SEGMENT, ID_INFO, MASTER, false, 0 },
    { ID_INFO, 0x2AD7B1, NUMBER, false, MOST_LONG },
    { ID_INFO, 0x4489, REAL, false, 0 },
    { ID_INFO, 0x4D80, EMPTY, false, 0 },
    { ID_INFO, 0x5741, EMPTY, false, 0 },
    { ID_SEGMENT, ID_TRACKS, MASTER, false, 0 },
    { ID_TRACKS, ID_TRACK, MASTER, true, 0 },
    { ID_TRACK, 0xD7, NUMBER, false, TRACKS_MAX },
    { ID_TRACK, 0x73C5, NUMBER, false, MOST_BYTE },
    { ID_TRACK, 0x83, NUMBER, false, 2 },
    { ID_TRACK, 0xB9, NUMBER, false, 1 },
    { ID_TRACK, 0x88, NUMBER, false, 1 },
    { ID_TRACK, 0x55AA, NUMBER, false, 1 },
    { ID_TRACK, 0x9C, NUMBER, false, 1 },
    { ID_TRACK, 0x6DE7, NUMBER, false, MOST_BYTE },
    { ID_TRACK, 0x6DF8, NUMBER, false, MOST_BYTE },
    { ID_TRACK, 0x23E383, NUMBER, false, MOST_TIME },
    { ID_TRACK, 0x234E7A, NUMBER, false, MOST_TIME },
    { ID_TRACK, 0x23314F, REAL, false, 0 },
    { ID_TRACK, 0x55EE, NUMBER, false, 1 },
    { ID_TRACK, 0x22B59C, WORD, false, 0 },
    { ID_TRACK, 0x86, NAME, false, 0 },
    { ID_TRACK, 0x63A2, PRIVATE, false, 0 },
    { ID_TRACK, 0x56AA, NUMBER, false, MOST_TIME },
    { ID_TRACK, 0x56BB, NUMBER, false, MOST_TIME },
    { ID_TRACK, ID_VIDEO, MASTER, false, 0 },
    { ID_VIDEO, 0x9A, NUMBER, false, 2 },
    { ID_VIDEO, 0x9D, NUMBER, false, 14 },
    { ID_VIDEO, 0x53B8, NUMBER, false, 14 },
    { ID_VIDEO, 0x53C0, NUMBER, false, 1 },
    { ID_VIDEO, 0xB0, NUMBER, false, MOST_WORD },
    { ID_VIDEO, 0xBA, NUMBER, false, MOST_WORD },
    { ID_VIDEO, 0x54AA, NUMBER, false, 0 }, /* a crop would hide pixels */
    { ID_VIDEO, 0x54BB, NUMBER, false, 0 },
    { ID_VIDEO, 0x54CC, NUMBER, false, 0 },
    { ID_VIDEO, 0x54DD, NUMBER, false, 0 },
    { ID_VIDEO, 0x54B0, NUMBER, false, MOST_LONG },
    { ID_VIDEO, 0x54BA, NUMBER, false, MOST_LONG },
    { ID_VIDEO, 0x54B2, NUMBER, false, 4 },
    { ID_VIDEO, 0x54B3, NUMBER, false, 2 },
    { ID_VIDEO, 0x2EB524, NUMBER, false, MOST_LONG },
    { ID_VIDEO, ID_COLOUR, MASTER, false, 0 },
    { ID_COLOUR, 0x55B1, NUMBER, false, MOST_BYTE },
    { ID_COLOUR, 0x55B2, NUMBER, false, 64 },
    { ID_COLOUR, 0x55B3, NUMBER, false, 8 },
    { ID_COLOUR, 0x55B4, NUMBER, false, 8 },
    { ID_COLOUR, 0x55B5, NUMBER, false, 8 },
    { ID_COLOUR, 0x55B6, NUMBER, false, 8 },
    { ID_COLOUR, 0x55B7, NUMBER, false, 2 },
    { ID_COLOUR, 0x55B8, NUMBER, false, 2 },
    { ID_COLOUR, 0x55B9, NUMBER, false, 3 },
    { ID_COLOUR, 0x55BA, NUMBER, false, MOST_BYTE },
    { ID_COLOUR, 0x55BB, NUMBER, false, MOST_BYTE },
    { ID_COLOUR, 0x55BC, NUMBER, false, MOST_WORD },
    { ID_COLOUR, 0x55BD, NUMBER, false, MOST_WORD },
    { ID_COLOUR, ID_MASTERING, MASTER, false, 0 },
    { ID_MASTERING, 0x55D1, REAL, false, 0 },
    { ID_MASTERING, 0x55D2, REAL, false, 0 },
    { ID_MASTERING, 0x55D3, REAL, false, 0 },
    { ID_MASTERING, 0x55D4, REAL, false, 0 },
    { ID_MASTERING, 0x55D5, REAL, false, 0 },
    { ID_MASTERING, 0x55D6, REAL, false, 0 },
    { ID_MASTERING, 0x55D7, REAL, false, 0 },
    { ID_MASTERING, 0x55D8, REAL, false, 0 },
    { ID_MASTERING, 0x55D9, REAL, false, 0 },
    { ID_MASTERING, 0x55DA, REAL, false, 0 },
    { ID_VIDEO, ID_PROJECTION, MASTER, false, 0 },
    { ID_PROJECTION, 0x7671, NUMBER, false, 3 },
    { ID_PROJECTION, 0x7672, SPHERE, false, 0 },
    { ID_PROJECTION, 0x7673, REAL, false, 0 },
    { ID_PROJECTION, 0x7674, REAL, false, 0 },
    { ID_PROJECTION, 0x7675, REAL, false, 0 },
    { ID_TRACK, ID_AUDIO, MASTER, false, 0 },
    { ID_AUDIO, 0xB5, REAL, false, 0 },
    { ID_AUDIO, 0x78B5, REAL, false, 0 },
    { ID_AUDIO, 0x9F, NUMBER, false, MOST_BYTE },
    { ID_AUDIO, 0x6264, NUMBER, false, 64 },
    { ID_AUDIO, 0x52F1, NUMBER, false, 16 },
    { ID_SEGMENT, ID_CLUSTER, MASTER, true, 0 },
    { ID_CLUSTER, 0xE7, NUMBER, false, MOST_TIME },
    { ID_CLUSTER, 0xA3, BLOCK, true, 0 },
    { ID_CLUSTER, ID_GROUP, MASTER, true, 0 },
    { ID_GROUP, 0xA1, BLOCK, false, 0 },
    { ID_GROUP, 0x9B, NUMBER, false, MOST_TIME },
    { ID_GROUP, 0xFB, SIGNED, true, MOST_TIME },
    { ID_GROUP, 0x75A2, SIGNED, false, MOST_TIME },
    { ID_GROUP, ID_ADDITIONS, MASTER, false, 0 },
    { ID_ADDITIONS, ID_MORE, MASTER, false, 0 },
    { ID_MORE, 0xEE, NUMBER, false, 1 },
    { ID_MORE, 0xA5, ADDITION, false, 0 },
    { ID_SEGMENT, ID_CUES, MASTER, false, 0 },
    { ID_CUES, ID_CUE, MASTER, true, 0 },
    { ID_CUE, 0xB3, NUMBER, false, MOST_TIME },
    { ID_CUE, ID_CUE_PLACE, MASTER, true, 0 },
    { ID_CUE_PLACE, 0xF7, NUMBER, false, TRACKS_MAX },
    { ID_CUE_PLACE, 0xF1, PLACE, false, 0 },
};

#define RULE_COUNT (sizeof(rules) / sizeof(rules[0]))

typedef struct Element {
    uint64_t offset;
    uint64_t body;
    uint64_t len; /* of the body; UNKNOWN */
    uint32_t id;
} Element;

typedef struct Track {
    OskTrackCodec codec;
    uint64_t offset;
    uint64_t type;
    uint64_t enabled;
    bool alpha;
    bool raw_colours; /* names the layout of uncompressed pixels */
    OskCursor private_data;
} Track;

/* A place in the segment that an index points to, or where an element is. */
typedef struct Place {
    uint64_t at;
    uint32_t id; /* of what is, or should be, there */
} Place;

typedef struct Places {
    Place *items;
    size_t count;
    size_t capacity;
} Places;

typedef struct Reader {
    OskCheck *check;
    OskStatus status; /* sticky */
    uint8_t window[WINDOW];
    uint64_t window_at;
    size_t window_len;
    uint64_t segment; /* where positions count from */
    Track *tracks[TRACKS_MAX + 1];
    Track *track; /* the one that is being read */
    uint64_t number;
    Place seek;
    Places wanted;
    Places there;
} Reader;

static void found(Reader *r, const char *part, const char *what, uint64_t offset)
{
    osk_check_found(r->check, part, what, offset);
}

/* One byte; 0 with the status set beyond the end. */
static uint8_t byte_at(Reader *r, uint64_t offset)
{
    if (r->status != OSK_OK) {
        return 0;
    }
    if (r->check->bytes != NULL && offset < r->check->size) {
        return r->check->bytes[offset];
    }
    if (offset - r->window_at >= r->window_len) {
        uint64_t left = offset < r->check->size ? r->check->size - offset : 1;
        size_t len = left < WINDOW ? (size_t)left : WINDOW;
        r->window_len = 0;
        r->status = osk_check_read(r->check, offset, r->window, len);
        if (r->status != OSK_OK) {
            return 0;
        }
        r->window_at = offset;
        r->window_len = len;
    }
    return r->window[offset - r->window_at];
}

/* A number with its length in front (RFC 8794 section 4). `*at` moves behind it. False when it is
 * broken. */
static bool read_vint(Reader *r, uint64_t *at, uint64_t end, bool keep_marker, uint64_t *out)
{
    if (*at >= end) {
        return false;
    }
    uint8_t first = byte_at(r, *at);
    unsigned len = 1;
    while (len <= 8 && (first >> (8 - len) & 1) == 0) {
        len++;
    }
    if (len > 8 || len > end - *at) {
        return false;
    }
    uint64_t value = keep_marker ? first : first & (0xFFu >> len);
    bool all_ones = (first & (0xFFu >> len)) == (0xFFu >> len);
    for (unsigned i = 1; i < len; i++) {
        uint8_t next = byte_at(r, *at + i);
        value = value << 8 | next;
        all_ones = all_ones && next == 0xFF;
    }
    *out = all_ones && !keep_marker ? UNKNOWN : value;
    *at += len;
    return r->status == OSK_OK;
}

static bool read_element(Reader *r, uint64_t at, uint64_t end, Element *out)
{
    uint64_t id = 0;
    *out = (Element){ .offset = at };
    if (!read_vint(r, &at, end, true, &id) || id > UINT32_MAX ||
        !read_vint(r, &at, end, false, &out->len)) {
        return false;
    }
    out->id = (uint32_t)id;
    out->body = at;
    return out->len == UNKNOWN || out->len <= end - at;
}

static const Rule *find_rule(uint32_t parent, uint32_t id)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (rules[i].parent == parent && rules[i].id == id) {
            return &rules[i];
        }
    }
    return NULL;
}

static bool add_place(Reader *r, Places *places, Place place)
{
    if (places->count == places->capacity) {
        size_t grown = places->capacity == 0 ? 64 : places->capacity * 2;
        Place *items = osk_arena_array(r->check->arena, grown, sizeof(*items));
        if (items == NULL) {
            r->status =
                osk_check_fail(r->check, OSK_NO_MEMORY, "Cues", "not enough memory", place.at);
            return false;
        }
        if (places->count > 0) {
            memcpy(items, places->items, places->count * sizeof(*items));
        }
        places->items = items;
        places->capacity = grown;
    }
    places->items[places->count++] = place;
    return true;
}

/* ---- Values ---- */

static uint64_t read_number(Reader *r, const Element *e)
{
    uint64_t value = 0;
    for (uint64_t i = 0; i < e->len && i < 8; i++) {
        value = value << 8 | byte_at(r, e->body + i);
    }
    return value;
}

static uint64_t magnitude(uint64_t value, uint64_t len)
{
    bool negative = len > 0 && (value >> (8 * len - 1) & 1) != 0;
    uint64_t mask = len >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * len)) - 1;
    return negative ? (~value & mask) + 1 : value;
}

static bool is_word(Reader *r, const Element *e, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i < len && e->len == len; i++) {
        if (byte_at(r, e->body + i) != (uint8_t)word[i]) {
            return false;
        }
    }
    return e->len == len;
}

static void check_number(Reader *r, const Rule *rule, const Element *e)
{
    uint64_t value = read_number(r, e);
    uint64_t size = rule->kind == SIGNED ? magnitude(value, e->len) : value;
    if (e->len > 8 || size > rule->most) {
        found(r, "element", "a number that is larger than it can mean", e->offset);
        return;
    }
    Track *track = r->track;
    switch (e->id) {
    case 0xD7: r->number = value; break;
    case 0x83: track->type = value; break;
    case 0xB9: track->enabled = value; break;
    case 0x53C0: track->alpha = value == 1; break;
    case 0x2EB524: track->raw_colours = true; break;
    default: break;
    }
}

static void read_name(Reader *r, const Element *e)
{
    if (e->len > OSK_CODEC_NAME_MAX) {
        found(r, "CodecID", "a codec that we can't check", e->offset);
        return;
    }
    for (size_t i = 0; i < e->len; i++) {
        r->track->codec.name[i] = (char)byte_at(r, e->body + i);
    }
}

/* ---- Blocks ---- */

/* Sizes of the frames in a block, as the lacing says; false when they don't add up. */
static bool read_lacing(Reader *r, unsigned lacing, uint64_t *at, uint64_t end, unsigned count,
                        uint64_t sizes[256])
{
    uint64_t total = 0;
    uint64_t before = 0;
    for (unsigned i = 0; i + 1 < count && lacing != 2; i++) {
        uint64_t size = 0;
        if (lacing == 1) {
            uint8_t byte = 255;
            while (byte == 255 && *at < end && r->status == OSK_OK) {
                byte = byte_at(r, (*at)++);
                size += byte;
            }
        } else {
            uint64_t from = *at;
            if (!read_vint(r, at, end, false, &size)) {
                return false;
            }
            /* All but the first are differences, with half of the range below zero. */
            if (i > 0) {
                size = before + size - ((UINT64_C(1) << (7 * (*at - from) - 1)) - 1);
            }
        }
        if (*at > end || size > end - *at) {
            return false;
        }
        before = size;
        sizes[i] = size;
        total += size;
    }
    if (total > end - *at) {
        return false;
    }
    uint64_t rest = end - *at - total;
    if (lacing == 2) {
        for (unsigned i = 0; i < count; i++) {
            sizes[i] = rest / count;
        }
        return rest % count == 0;
    }
    sizes[count - 1] = rest;
    return true;
}

static void check_block(Reader *r, const Element *e)
{
    uint64_t at = e->body;
    uint64_t end = e->body + e->len;
    uint64_t number = 0;
    if (!read_vint(r, &at, end, false, &number) || end - at < 3 || number > TRACKS_MAX ||
        r->tracks[number] == NULL) {
        found(r, "Block", "a block of no track", e->offset);
        return;
    }
    uint8_t flags = byte_at(r, at + 2);
    unsigned lacing = flags >> 1 & 3;
    /* Bits that mean something: key frame and discardable (simple blocks only), invisible, lacing.
     */
    if ((flags & (e->id == 0xA3 ? 0x70u : 0xF1u)) != 0) {
        found(r, "Block", "a frame that is not shown, or bits that mean nothing", e->offset);
    }
    at += 3;
    uint64_t sizes[256];
    unsigned count = 1;
    sizes[0] = end - at;
    if (lacing != 0) {
        count = at < end ? byte_at(r, at) + 1u : 1;
        at++;
        if (at > end || !read_lacing(r, lacing, &at, end, count, sizes)) {
            found(r, "Block", "frames that do not add up to their block", e->offset);
            return;
        }
    }
    for (unsigned i = 0; i < count && r->status == OSK_OK; i++) {
        if (!osk_budget_parts(r->check->budget, 1)) {
            r->status = osk_check_fail(r->check, OSK_LIMIT, "Block",
                                       "more frames than one file may have", at);
            return;
        }
        r->status = osk_check_frame(r->check, &r->tracks[number]->codec, at, sizes[i]);
        at += sizes[i];
    }
}

/* ---- Elements ---- */

static void begin_track(Reader *r, const Element *e)
{
    r->track = osk_arena_alloc(r->check->arena, sizeof(*r->track));
    if (r->track == NULL) {
        r->status =
            osk_check_fail(r->check, OSK_NO_MEMORY, "Tracks", "not enough memory", e->offset);
        return;
    }
    r->track->offset = e->offset;
    r->track->enabled = 1;
    r->number = 0;
}

static void end_track(Reader *r)
{
    Track *track = r->track;
    if (r->number == 0 || r->tracks[r->number] != NULL || track->type == 0) {
        found(r, "TrackEntry", "a track without a number and type of its own", track->offset);
    }
    if (track->enabled != 1) {
        found(r, "TrackEntry", "a track that is not played", track->offset);
    }
    if (track->raw_colours && strcmp(track->codec.name, "V_UNCOMPRESSED") != 0) {
        found(r, "ColourSpace", "a code that this codec does not have", track->offset);
    }
    for (unsigned i = 1; i <= TRACKS_MAX; i++) {
        if (r->tracks[i] != NULL && r->tracks[i]->type == track->type) {
            found(r, "TrackEntry", "a second track of one kind, which no player shows by itself",
                  track->offset);
        }
    }
    r->tracks[r->number] = track;
    r->status = osk_check_codec(r->check, &track->codec, track->private_data, track->offset);
}

static void check_value(Reader *r, const Rule *rule, const Element *e)
{
    switch (rule->kind) {
    case NUMBER:
    case SIGNED: check_number(r, rule, e); break;
    case REAL:
        if (e->len != 0 && e->len != 4 && e->len != 8) {
            found(r, "element", "a number of a strange length", e->offset);
        }
        break;
    case EMPTY:
        if (e->len != 0) {
            found(r, "Info", "the name of a program", e->offset);
        }
        break;
    case WORD:
        if (e->id == 0x22B59C ? !is_word(r, e, "und")
                              : !is_word(r, e, "matroska") && !is_word(r, e, "webm")) {
            found(r, e->id == 0x22B59C ? "Language" : "DocType",
                  "a word that a clean file doesn't say", e->offset);
        }
        break;
    case NAME: read_name(r, e); break;
    case PRIVATE:
        r->status = osk_check_load(r->check, e->body, e->len, &r->track->private_data);
        break;
    case BLOCK: check_block(r, e); break;
    case ADDITION: /* transparency of VP8 and VP9, as long as some track has it */
        for (unsigned i = 1; i <= TRACKS_MAX; i++) {
            if (r->tracks[i] != NULL && r->tracks[i]->alpha) {
                return;
            }
        }
        found(r, "BlockAdditional", "data beside a frame that nobody shows", e->offset);
        break;
    case SPHERE:
        if (e->len > 20) {
            found(r, "ProjectionPrivate", "more than the numbers of a projection", e->offset);
        }
        break;
    case TARGET: r->seek.id = (uint32_t)read_number(r, e); break;
    case PLACE:
        r->seek.at = read_number(r, e);
        r->seek.id = e->id == 0xF1 ? ID_CLUSTER : r->seek.id;
        break;
    case MASTER: break;
    }
}

static uint64_t check_master(Reader *r, const Element *master, uint64_t end);

/* Returns where the element ends. */
static uint64_t check_element(Reader *r, const Rule *rule, const Element *e, uint64_t end)
{
    bool unknown = e->len == UNKNOWN;
    if (rule->kind != MASTER) {
        if (unknown) {
            found(r, "element", "an element without an end", e->offset);
            return end;
        }
        check_value(r, rule, e);
        return e->body + e->len;
    }
    if (unknown && e->id != ID_CLUSTER && e->id != ID_SEGMENT) {
        found(r, "element", "an element without an end", e->offset);
    }
    if (rule->parent == ID_SEGMENT) {
        add_place(r, &r->there, (Place){ .at = e->offset - r->segment, .id = e->id });
    }
    r->segment = e->id == ID_SEGMENT ? e->body : r->segment;
    if (e->id == ID_TRACK) {
        begin_track(r, e);
    }
    if (e->id == ID_SEEK || e->id == ID_CUE_PLACE) {
        r->seek = (Place){ .at = UNKNOWN };
    }
    uint64_t last =
        r->status == OSK_OK ? check_master(r, e, unknown ? end : e->body + e->len) : end;
    if (e->id == ID_TRACK && r->status == OSK_OK) {
        end_track(r);
    }
    if (r->status == OSK_OK && (e->id == ID_SEEK || e->id == ID_CUE_PLACE)) {
        add_place(r, &r->wanted, r->seek);
    }
    return unknown ? last : e->body + e->len;
}

/* Reads the children of an element from its front to `end`, or, where its size is unknown, to the
 * first that can't be one. */
static uint64_t check_master(Reader *r, const Element *master, uint64_t end)
{
    bool seen[RULE_COUNT] = { false };
    uint64_t at = master->body;
    if (!osk_budget_enter(r->check->budget)) {
        r->status = osk_check_fail(r->check, OSK_LIMIT, "element", "nested too deep", at);
        return end;
    }
    while (at < end && r->status == OSK_OK) {
        Element e;
        if (!osk_budget_parts(r->check->budget, 1)) {
            r->status = osk_check_fail(r->check, OSK_LIMIT, "element",
                                       "more elements than one file may have", at);
            break;
        }
        if (!read_element(r, at, end, &e)) {
            if (r->status == OSK_OK) {
                found(r, "element", "bytes that are no element", at);
            }
            at = end;
            break;
        }
        const Rule *rule = find_rule(master->id, e.id);
        if (rule == NULL && master->len == UNKNOWN && find_rule(ID_SEGMENT, e.id) != NULL) {
            break; /* a cluster without a size ends where its sister begins */
        }
        if (rule == NULL) {
            found(r, "element", "an element that a clean file doesn't have", at);
            at = e.len == UNKNOWN ? end : e.body + e.len;
            continue;
        }
        if (seen[rule - rules] && !rule->many) {
            found(r, "element", "an element that stands there twice", at);
        }
        seen[rule - rules] = true;
        at = check_element(r, rule, &e, end);
    }
    osk_budget_leave(r->check->budget);
    return at;
}

/* Places that are there are in the order of the file. */
static bool is_there(const Reader *r, const Place *place)
{
    size_t low = 0;
    size_t high = r->there.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->there.items[middle].at < place->at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < r->there.count && r->there.items[low].at == place->at &&
           r->there.items[low].id == place->id;
}

static OskStatus check_matroska(OskCheck *check)
{
    Reader *r = osk_arena_alloc(check->arena, sizeof(*r));
    if (r == NULL) {
        return osk_check_fail(check, OSK_NO_MEMORY, "file", "not enough memory", 0);
    }
    r->check = check;
    Element file = { .body = 0, .len = check->size };
    check_master(r, &file, check->size);
    for (size_t i = 0; r->status == OSK_OK && i < r->wanted.count; i++) {
        if (!is_there(r, &r->wanted.items[i])) {
            found(r, "Cues", "a position that points at nothing", OSK_NO_OFFSET);
            break;
        }
    }
    return r->status;
}

static bool matches(const uint8_t *head, size_t len)
{
    static const uint8_t magic[4] = { 0x1A, 0x45, 0xDF, 0xA3 };
    return len >= sizeof(magic) && memcmp(head, magic, sizeof(magic)) == 0;
}

const OskChecker osk_checker_matroska = {
    .name = "matroska",
    .matches = matches,
    .check = check_matroska,
};
