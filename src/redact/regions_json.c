/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regions, version 1 (docs/regions.md). Every key is known, stands once, and has one type; anything
 * else is refused, because a region that is not understood is a face that is not covered. */
#include <stdlib.h>

#include "redact/json.h"
#include "redact/regions.h"
#include "redact/words.h"

#define JSON_MAX (UINT64_C(64) << 20)

/* A key, and what to call it in a fault. */
typedef struct Key {
    const char *name;
    const char *part;
} Key;

static const Key region_keys[OSK_FIELD_COUNT] = {
    [OSK_FIELD_NONE] = { NULL, "regions" },
    [OSK_FIELD_SHAPE] = { "shape", "regions/shape" },
    [OSK_FIELD_UNIT] = { "unit", "regions/unit" },
    [OSK_FIELD_STYLE] = { "style", "regions/style" },
    [OSK_FIELD_X] = { "x", "regions/x" },
    [OSK_FIELD_Y] = { "y", "regions/y" },
    [OSK_FIELD_W] = { "w", "regions/w" },
    [OSK_FIELD_H] = { "h", "regions/h" },
    [OSK_FIELD_POINTS] = { "points", "regions/points" },
    [OSK_FIELD_RADIUS] = { "radius", "regions/radius" },
    [OSK_FIELD_FRAMES] = { "frames", "regions/frames" },
    [OSK_FIELD_KEYFRAMES] = { "keyframes", "regions/keyframes" },
    [OSK_FIELD_COLOR] = { "color", "regions/color" },
};

static const Key frame_keys[] = { { "frame", "regions/keyframes/frame" },
                                  { "x", "regions/keyframes/x" },
                                  { "y", "regions/keyframes/y" },
                                  { "w", "regions/keyframes/w" },
                                  { "h", "regions/keyframes/h" } };
enum { KEY_FRAME, KEY_X, KEY_Y, KEY_W, KEY_H, KEY_COUNT };

static const Key top_keys[] = { { "version", "version" },
                                { "regions", "regions" },
                                { "invert", "invert" } };
enum { TOP_VERSION, TOP_REGIONS, TOP_INVERT, TOP_COUNT };

/* A key frame may leave out what the region says itself, in whatever order they stand. */
typedef struct DraftKey {
    OskRegionKey key;
    uint32_t seen; /* bits of KEY_X to KEY_H */
    uint64_t offset;
} DraftKey;

/* One region while it is read. */
typedef struct Draft {
    OskRegion region;
    uint32_t seen; /* bits of fields */
    uint64_t offset;
    uint64_t offsets[OSK_FIELD_COUNT];
    OskPoint *points;
    size_t point_room;
    DraftKey *keys;
    size_t key_count;
    size_t key_room;
} Draft;

/* Which of `count` keys stands next, each allowed once; `count` after a failure. Its offset is
 * where the key begins. */
static unsigned read_key(OskJsonReader *json, const Key *keys, unsigned count, uint32_t *seen,
                         uint64_t *out_offset)
{
    OskJsonWord name;
    if (!osk_json_reader_name(json, &name)) {
        return count;
    }
    *out_offset = name.offset;
    for (unsigned i = 0; i < count; i++) {
        if (keys[i].name == NULL || !osk_json_reader_is(&name, keys[i].name)) {
            continue;
        }
        json->part = keys[i].part;
        if ((*seen & 1u << i) != 0) {
            osk_json_reader_fail(json, OSK_MALFORMED, "this key stands here twice", name.offset);
            return count;
        }
        *seen |= 1u << i;
        return i;
    }
    osk_json_reader_fail(json, OSK_MALFORMED, "a key that regions do not have", name.offset);
    return count;
}

/* Makes room for one more item; the list may hold `most`. */
static bool grow(OskJsonReader *json, void **items, size_t *room, size_t count,
                 const size_t sizes[2])
{
    size_t most = sizes[1];
    if (count < *room) {
        return true;
    }
    if (count >= most) {
        return osk_json_reader_fail(json, OSK_LIMIT, "too many of them",
                                    osk_json_reader_offset(json));
    }
    size_t more = *room == 0 ? 16 : *room * 2;
    more = more > most ? most : more;
    void *grown = realloc(*items, more * sizes[0]);
    if (grown == NULL) {
        return osk_json_reader_fail(json, OSK_NO_MEMORY, "out of memory",
                                    osk_json_reader_offset(json));
    }
    *items = grown;
    *room = more;
    return true;
}

static bool read_point(OskJsonReader *json, OskPoint *point)
{
    uint64_t offset = osk_json_reader_offset(json);
    bool first = true;
    double pair[2] = { 0, 0 };
    unsigned count = 0;
    if (!osk_json_reader_enter(json, '[')) {
        return false;
    }
    while (osk_json_reader_more(json, ']', &first)) {
        double number = 0;
        if (!osk_json_reader_number(json, &number)) {
            return false;
        }
        if (count >= 2) {
            return osk_json_reader_fail(json, OSK_MALFORMED, "a point is two numbers", offset);
        }
        pair[count++] = number;
    }
    if (json->status == OSK_OK && count != 2) {
        return osk_json_reader_fail(json, OSK_MALFORMED, "a point is two numbers", offset);
    }
    *point = (OskPoint){ .x = pair[0], .y = pair[1] };
    return json->status == OSK_OK;
}

static bool read_points(OskJsonReader *json, Draft *draft)
{
    bool first = true;
    if (!osk_json_reader_enter(json, '[')) {
        return false;
    }
    while (osk_json_reader_more(json, ']', &first)) {
        const size_t sizes[2] = { sizeof *draft->points, OSK_REGION_POINTS_MAX };
        void *items = draft->points;
        bool room = grow(json, &items, &draft->point_room, draft->region.point_count, sizes);
        draft->points = items;
        if (!room || !read_point(json, &draft->points[draft->region.point_count])) {
            return false;
        }
        draft->region.point_count++;
    }
    return json->status == OSK_OK;
}

static bool read_keyframe(OskJsonReader *json, DraftKey *draft)
{
    uint32_t seen = 0;
    bool first = true;
    *draft = (DraftKey){ .offset = osk_json_reader_offset(json) };
    if (!osk_json_reader_enter(json, '{')) {
        return false;
    }
    while (osk_json_reader_more(json, '}', &first)) {
        double *const numbers[KEY_COUNT] = { NULL, &draft->key.x, &draft->key.y, &draft->key.w,
                                             &draft->key.h };
        uint64_t offset = 0;
        unsigned key = read_key(json, frame_keys, KEY_COUNT, &seen, &offset);
        bool good =
            key < KEY_COUNT && (key == KEY_FRAME ? osk_json_reader_whole(json, &draft->key.frame)
                                                 : osk_json_reader_number(json, numbers[key]));
        if (!good) {
            return false;
        }
        json->part = "regions/keyframes";
    }
    if (json->status == OSK_OK && (seen & 1u << KEY_FRAME) == 0) {
        return osk_json_reader_fail(json, OSK_MALFORMED, "\"frame\" is missing", draft->offset);
    }
    draft->seen = seen;
    return json->status == OSK_OK;
}

static bool read_keyframes(OskJsonReader *json, Draft *draft)
{
    uint64_t offset = osk_json_reader_offset(json);
    bool first = true;
    if (!osk_json_reader_enter(json, '[')) {
        return false;
    }
    while (osk_json_reader_more(json, ']', &first)) {
        const size_t sizes[2] = { sizeof *draft->keys, OSK_REGION_KEYS_MAX };
        void *items = draft->keys;
        bool room = grow(json, &items, &draft->key_room, draft->key_count, sizes);
        draft->keys = items;
        if (!room || !read_keyframe(json, &draft->keys[draft->key_count])) {
            return false;
        }
        draft->key_count++;
    }
    if (json->status == OSK_OK && draft->key_count == 0) {
        return osk_json_reader_fail(json, OSK_MALFORMED, "a list without keyframes", offset);
    }
    return json->status == OSK_OK;
}

static bool read_frames(OskJsonReader *json, OskRegion *region)
{
    uint64_t offset = osk_json_reader_offset(json);
    uint32_t pair[2] = { 0, 0 };
    unsigned count = 0;
    bool first = true;
    if (!osk_json_reader_enter(json, '[')) {
        return false;
    }
    while (osk_json_reader_more(json, ']', &first)) {
        uint32_t number = 0;
        if (!osk_json_reader_whole(json, &number)) {
            return false;
        }
        if (count < 2) {
            pair[count] = number;
        }
        count = count < 3 ? count + 1 : count;
    }
    if (json->status == OSK_OK && count != 2) {
        return osk_json_reader_fail(json, OSK_MALFORMED, "not the first and the last frame",
                                    offset);
    }
    region->has_frames = true;
    region->first_frame = pair[0];
    region->last_frame = pair[1];
    return json->status == OSK_OK;
}

static bool read_word_field(OskJsonReader *json, OskRegion *region, OskRegionField field)
{
    OskJsonWord word;
    if (!osk_json_reader_word(json, &word)) {
        return false;
    }
    const char *text = word.whole ? word.text : "";
    size_t len = strlen(text);
    switch (field) {
    case OSK_FIELD_SHAPE:
        return osk_shape_from(text, len, &region->shape) ||
               osk_json_reader_fail(json, OSK_MALFORMED, "not rect, ellipse, polygon or stroke",
                                    word.offset);
    case OSK_FIELD_UNIT:
        return osk_unit_from(text, len, &region->unit) ||
               osk_json_reader_fail(json, OSK_MALFORMED, "not px or pct", word.offset);
    case OSK_FIELD_STYLE:
        return osk_style_from(text, len, &region->style) ||
               osk_json_reader_fail(json, OSK_MALFORMED, "not fill, mosaic or blur", word.offset);
    default:
        return osk_color_from(text, len, region->color) ||
               osk_json_reader_fail(json, OSK_MALFORMED, "not a colour such as \"#ff0000\"",
                                    word.offset);
    }
}

static bool read_field(OskJsonReader *json, Draft *draft, OskRegionField field)
{
    switch (field) {
    case OSK_FIELD_X: return osk_json_reader_number(json, &draft->region.x);
    case OSK_FIELD_Y: return osk_json_reader_number(json, &draft->region.y);
    case OSK_FIELD_W: return osk_json_reader_number(json, &draft->region.w);
    case OSK_FIELD_H: return osk_json_reader_number(json, &draft->region.h);
    case OSK_FIELD_RADIUS: return osk_json_reader_number(json, &draft->region.radius);
    case OSK_FIELD_POINTS: return read_points(json, draft);
    case OSK_FIELD_FRAMES: return read_frames(json, &draft->region);
    case OSK_FIELD_KEYFRAMES: return read_keyframes(json, draft);
    default: return read_word_field(json, &draft->region, field);
    }
}

static bool fail_field(OskJsonReader *json, const Draft *draft, OskRegionField field,
                       const char *what)
{
    bool stands = (draft->seen & 1u << field) != 0;
    json->part = region_keys[field].part;
    return osk_json_reader_fail(json, OSK_MALFORMED, what,
                                stands ? draft->offsets[field] : draft->offset);
}

/* What each shape has, and what it must have. */
static bool check_fields(OskJsonReader *json, const Draft *draft)
{
    static const uint32_t box =
        1u << OSK_FIELD_X | 1u << OSK_FIELD_Y | 1u << OSK_FIELD_W | 1u << OSK_FIELD_H;
    static const uint32_t shapes[] = { [OSK_SHAPE_RECT] = box,
                                       [OSK_SHAPE_ELLIPSE] = box,
                                       [OSK_SHAPE_POLYGON] = 1u << OSK_FIELD_POINTS,
                                       [OSK_SHAPE_STROKE] =
                                           1u << OSK_FIELD_POINTS | 1u << OSK_FIELD_RADIUS };
    if ((draft->seen & 1u << OSK_FIELD_SHAPE) == 0) {
        return fail_field(json, draft, OSK_FIELD_SHAPE, "\"shape\" is missing");
    }
    uint32_t has = shapes[draft->region.shape];
    uint32_t all = shapes[OSK_SHAPE_RECT] | shapes[OSK_SHAPE_STROKE];
    bool keyed = draft->key_count > 0 && has == box;
    for (unsigned field = OSK_FIELD_X; field <= OSK_FIELD_RADIUS; field++) {
        uint32_t bit = 1u << field;
        if ((draft->seen & all & ~has & bit) != 0) {
            return fail_field(json, draft, (OskRegionField)field, "this shape has no such key");
        }
        if ((has & bit) != 0 && (draft->seen & bit) == 0 && !keyed) {
            return fail_field(json, draft, (OskRegionField)field, "this key is missing");
        }
    }
    return true;
}

/* Fills in what key frames leave out. */
static bool make_keys(OskJsonReader *json, Draft *draft, OskRegionKey *keys)
{
    const OskRegion *region = &draft->region;
    bool boxed = region->shape == OSK_SHAPE_RECT || region->shape == OSK_SHAPE_ELLIPSE;
    const double own[KEY_COUNT] = { 0, region->x, region->y, region->w, region->h };
    for (size_t i = 0; i < draft->key_count; i++) {
        DraftKey *from = &draft->keys[i];
        double *const numbers[KEY_COUNT] = { NULL, &from->key.x, &from->key.y, &from->key.w,
                                             &from->key.h };
        for (unsigned key = KEY_X; key < KEY_COUNT; key++) {
            bool stands = (from->seen & 1u << key) != 0;
            uint32_t field = 1u << (OSK_FIELD_X + key - KEY_X);
            json->part = frame_keys[key].part;
            if (stands && !boxed && key >= KEY_W) {
                return osk_json_reader_fail(json, OSK_MALFORMED, "this shape has no such key",
                                            from->offset);
            }
            if (!stands && boxed && (draft->seen & field) == 0) {
                return osk_json_reader_fail(json, OSK_MALFORMED, "this key is missing",
                                            from->offset);
            }
            *numbers[key] = stands ? *numbers[key] : own[key];
        }
        keys[i] = from->key;
    }
    return true;
}

static bool add_draft(OskJsonReader *json, Draft *draft, OskRegions *regions)
{
    if (!check_fields(json, draft)) {
        return false;
    }
    OskRegionKey *keys = draft->key_count == 0 ? NULL : malloc(draft->key_count * sizeof *keys);
    if (draft->key_count > 0 && keys == NULL) {
        return osk_json_reader_fail(json, OSK_NO_MEMORY, "out of memory", draft->offset);
    }
    bool good = make_keys(json, draft, keys);
    if (good) {
        OskRegionField field = OSK_FIELD_NONE;
        draft->region.points = draft->points;
        draft->region.keys = keys;
        draft->region.key_count = draft->key_count;
        const char *what = osk_region_problem(&draft->region, &field);
        good = what == NULL || fail_field(json, draft, field, what);
    }
    if (good) {
        json->part = "regions";
        OskStatus status = osk_regions_add(regions, &draft->region);
        good = status == OSK_OK ||
               osk_json_reader_fail(json, status,
                                    status == OSK_LIMIT ? "too many of them" : "out of memory",
                                    draft->offset);
    }
    free(keys);
    return good;
}

static bool read_region(OskJsonReader *json, OskRegions *regions)
{
    OskRegionDefaults defaults = osk_regions_defaults(regions);
    Draft draft = { .offset = osk_json_reader_offset(json) };
    draft.region.style = defaults.style;
    memcpy(draft.region.color, defaults.color, sizeof draft.region.color);
    bool first = true;
    bool good = osk_json_reader_enter(json, '{');
    while (good && osk_json_reader_more(json, '}', &first)) {
        uint64_t offset = 0;
        unsigned field = read_key(json, region_keys, OSK_FIELD_COUNT, &draft.seen, &offset);
        good = field < OSK_FIELD_COUNT;
        if (good) {
            draft.offsets[field] = offset;
            good = read_field(json, &draft, (OskRegionField)field);
        }
        json->part = "regions";
    }
    good = good && json->status == OSK_OK && add_draft(json, &draft, regions);
    free(draft.points);
    free(draft.keys);
    return good;
}

static bool read_regions(OskJsonReader *json, OskRegions *regions)
{
    bool first = true;
    if (!osk_json_reader_enter(json, '[')) {
        return false;
    }
    while (osk_json_reader_more(json, ']', &first)) {
        if (!read_region(json, regions)) {
            return false;
        }
    }
    return json->status == OSK_OK;
}

static bool read_version(OskJsonReader *json)
{
    uint64_t offset = osk_json_reader_offset(json);
    uint32_t version = 0;
    return osk_json_reader_whole(json, &version) &&
           (version == 1 ||
            osk_json_reader_fail(json, OSK_UNSUPPORTED, "not version 1, the only one that is known",
                                 offset));
}

static bool read_document(OskJsonReader *json, OskRegions *regions)
{
    uint32_t seen = 0;
    bool first = true;
    if (!osk_json_reader_enter(json, '{')) {
        return false;
    }
    while (osk_json_reader_more(json, '}', &first)) {
        uint64_t offset = 0;
        bool invert = false;
        bool good = false;
        switch (read_key(json, top_keys, TOP_COUNT, &seen, &offset)) {
        case TOP_VERSION: good = read_version(json); break;
        case TOP_REGIONS: good = read_regions(json, regions); break;
        case TOP_INVERT:
            good = osk_json_reader_bool(json, &invert);
            osk_regions_invert(regions, invert);
            break;
        default: break;
        }
        if (!good) {
            return false;
        }
        json->part = "";
    }
    if (json->status == OSK_OK && (seen & 1u << TOP_VERSION) == 0) {
        return osk_json_reader_fail(json, OSK_MALFORMED, "\"version\" is missing", 0);
    }
    if (json->status == OSK_OK && (seen & 1u << TOP_REGIONS) == 0) {
        return osk_json_reader_fail(json, OSK_MALFORMED, "\"regions\" is missing", 0);
    }
    return osk_json_reader_end(json);
}

OskStatus osk_regions_parse(const void *json, size_t len, const OskRegionDefaults *defaults,
                            OskRegions **out_regions, OskFault *fault)
{
    OskFault unused;
    fault = fault != NULL ? fault : &unused;
    *fault = (OskFault){ .part = "", .what = "", .offset = OSK_NO_OFFSET };
    *out_regions = NULL;
    OskJsonReader reader = osk_json_reader_make(json, len, fault);
    OskRegions *regions = osk_regions_new(defaults);
    if (regions == NULL) {
        osk_json_reader_fail(&reader, OSK_NO_MEMORY, "out of memory", 0);
    } else if (len > JSON_MAX) {
        osk_json_reader_fail(&reader, OSK_LIMIT, "larger than 64 MiB", 0);
    } else if (read_document(&reader, regions)) {
        *out_regions = regions;
        return OSK_OK;
    }
    osk_regions_free(&regions);
    return reader.status == OSK_OK ? OSK_BUG : reader.status;
}
