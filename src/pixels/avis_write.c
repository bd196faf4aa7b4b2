/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a sequence like another one: from an allow-list of boxes. What tells of the coded pictures
 * is made anew; boxes that say when and how they are shown are the scrubbed original's. Numbers
 * that were counted over all pixels (`clli`, `btrt`) go: they tell of what is covered. */
#include <stdlib.h>
#include <string.h>

#include "pixels/avis.h"
#include "pixels/boxes.h"

#define ALPHA_NAME "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"
#define ITEM_COLOUR 1u
#define ITEM_ALPHA 2u
#define PROPERTIES_MOST 12u

/* A file being written; places that wait for the data's are filled in at the end. */
typedef struct Writing {
    const OskAvis *like;
    const OskAvisCopy *copy;
    OskWriter *out;
    size_t item_at[2]; /* 0: no item */
    size_t chunk_at[2];
} Writing;

static void put_full(OskWriter *out, unsigned version, uint32_t flags)
{
    osk_writer_be(out, version, 1);
    osk_writer_be(out, flags, 3);
}

static void put_raw(OskWriter *out, const char type[4], const OskCursor *body)
{
    OskWriterMark mark = osk_writer_box(out, type);
    osk_writer_bytes(out, osk_cursor_rest(body), osk_cursor_left(body));
    osk_writer_close(out, mark);
}

/* Copies those children that stand in the list. */
static void put_children(OskWriter *out, OskCursor from, const char *const *list)
{
    char type[5] = { 0 };
    while (osk_cursor_left(&from) >= 8) {
        OskCursor box = osk_boxes_next(&from, type);
        for (unsigned i = 0; osk_cursor_ok(&from) && list[i] != NULL; i++) {
            if (strcmp(list[i], type) == 0) {
                put_raw(out, type, &box);
            }
        }
    }
}

/* Whether it is turned for display as the original was. */
static bool is_as_before(const Writing *w)
{
    return w->copy->orientation == w->like->colour.orientation;
}

static const char *const turning_boxes[] = { "irot", "imir", NULL };

/* ---- the description of the samples ---- */

static void put_config(OskWriter *out, const OskAvisCoded *coded)
{
    OskWriterMark mark = osk_writer_box(out, "av1C");
    osk_writer_bytes(out, coded->config, sizeof coded->config);
    osk_writer_close(out, mark);
}

/* The shape of a pixel, turned along with it, where the original says one. */
static bool put_shape(const Writing *w)
{
    OskCursor pasp = osk_boxes_find(w->like->colour.entry, "pasp");
    uint32_t across = osk_cursor_u32be(&pasp);
    uint32_t down = osk_cursor_u32be(&pasp);
    if (osk_cursor_ok(&pasp)) {
        OskWriterMark mark = osk_writer_box(w->out, "pasp");
        osk_writer_be(w->out, w->copy->swapped ? down : across, 4);
        osk_writer_be(w->out, w->copy->swapped ? across : down, 4);
        osk_writer_close(w->out, mark);
    }
    return osk_cursor_ok(&pasp);
}

static void put_entry(const Writing *w, const OskAvisTrack *track, const OskAvisCoded *coded)
{
    static const char *const kept[] = { "colr", "mdcv", "amve", "auxi", NULL };
    OskWriter *out = w->out;
    OskWriterMark entry = osk_writer_box(out, "av01");
    osk_writer_zeros(out, 6);
    osk_writer_be(out, 1, 2);
    osk_writer_zeros(out, 16);
    osk_writer_be(out, w->copy->width, 2);
    osk_writer_be(out, w->copy->height, 2);
    osk_writer_be(out, 0x480000, 4); /* 72 samples an inch, as everybody writes */
    osk_writer_be(out, 0x480000, 4);
    osk_writer_zeros(out, 4);
    osk_writer_be(out, 1, 2);
    osk_writer_zeros(out, 32);
    osk_writer_be(out, 0x18, 2);
    osk_writer_be(out, 0xFFFF, 2);
    put_config(out, coded);
    put_children(out, track->entry, kept);
    (void)put_shape(w);
    if (is_as_before(w)) {
        put_children(out, track->entry, turning_boxes);
    }
    /* ISO/IEC 23008-12, 7.2.3: pictures refer to any others. */
    OskWriterMark mark = osk_writer_box(out, "ccst");
    put_full(out, 0, 0);
    osk_writer_be(out, 0x7C000000, 4);
    osk_writer_close(out, mark);
    osk_writer_close(out, entry);
}

/* ---- the tables ---- */

static void put_keys(OskWriter *out, const OskAvisCoded *coded)
{
    OskWriterMark mark = osk_writer_box(out, "stss");
    uint32_t count = 0;
    put_full(out, 0, 0);
    size_t count_at = out->len;
    osk_writer_zeros(out, 4);
    for (uint32_t i = 0; i < coded->count; i++) {
        if (coded->keys[i]) {
            osk_writer_be(out, i + 1, 4);
            count++;
        }
    }
    osk_writer_patch_be(out, count_at, count, 4);
    osk_writer_close(out, mark);
}

/* All samples are one chunk. */
static void put_tables(Writing *w, const OskAvisCoded *coded, size_t *out_chunk_at)
{
    OskWriter *out = w->out;
    put_keys(out, coded);
    OskWriterMark mark = osk_writer_box(out, "stsc");
    put_full(out, 0, 0);
    osk_writer_be(out, 1, 4);
    osk_writer_be(out, 1, 4);
    osk_writer_be(out, coded->count, 4);
    osk_writer_be(out, 1, 4);
    osk_writer_close(out, mark);
    mark = osk_writer_box(out, "stsz");
    put_full(out, 0, 0);
    osk_writer_zeros(out, 4);
    osk_writer_be(out, coded->count, 4);
    for (uint32_t i = 0; i < coded->count; i++) {
        osk_writer_be(out, coded->lens[i], 4);
    }
    osk_writer_close(out, mark);
    mark = osk_writer_box(out, "stco");
    put_full(out, 0, 0);
    osk_writer_be(out, 1, 4);
    *out_chunk_at = out->len;
    osk_writer_zeros(out, 4);
    osk_writer_close(out, mark);
}

/* ---- tracks ---- */

/* Where the top left pixel goes, so that the picture begins at 0. */
static uint64_t moved_by(const int8_t of[2], const OskAvisCopy *copy)
{
    uint64_t width = of[0] < 0 ? copy->width : 0;
    uint64_t height = of[1] < 0 ? copy->height : 0;
    return (width + height) << 16;
}

static void put_matrix(OskWriter *out, size_t at, unsigned orientation, const OskAvisCopy *copy)
{
    OskAvisTurn turn = osk_avis_turn(orientation);
    osk_writer_patch_be(out, at, (uint32_t)(turn.x_of[0] * 0x10000), 4);
    osk_writer_patch_be(out, at + 4, (uint32_t)(turn.y_of[0] * 0x10000), 4);
    osk_writer_patch_be(out, at + 12, (uint32_t)(turn.x_of[1] * 0x10000), 4);
    osk_writer_patch_be(out, at + 16, (uint32_t)(turn.y_of[1] * 0x10000), 4);
    osk_writer_patch_be(out, at + 24, moved_by(turn.x_of, copy), 4);
    osk_writer_patch_be(out, at + 28, moved_by(turn.y_of, copy), 4);
}

/* ISO/IEC 14496-12, 8.3.2: the size and the matrix change with the pictures. */
static void put_tkhd(const Writing *w, const OskAvisTrack *track)
{
    OskWriter *out = w->out;
    OskCursor tkhd = osk_boxes_find(track->trak, "tkhd");
    bool wide = osk_cursor_starts(&tkhd, "\1", 1);
    size_t matrix = wide ? 52 : 40;
    OskWriterMark mark = osk_writer_box(out, "tkhd");
    size_t at = out->len;
    osk_writer_bytes(out, osk_cursor_rest(&tkhd), osk_cursor_left(&tkhd));
    bool same =
        w->copy->width == track->width && w->copy->height == track->height && is_as_before(w);
    if (osk_writer_ok(out) && out->len - at < matrix + 44) {
        out->failed = true;
    }
    if (osk_writer_ok(out) && !same) {
        put_matrix(out, at + matrix, is_as_before(w) ? track->matrix : 1, w->copy);
        osk_writer_patch_be(out, at + matrix + 36, (uint64_t)w->copy->width << 16, 4);
        osk_writer_patch_be(out, at + matrix + 40, (uint64_t)w->copy->height << 16, 4);
    }
    osk_writer_close(out, mark);
}

static void put_stbl(Writing *w, const OskAvisTrack *track, OskCursor stbl, unsigned index)
{
    static const char *const kept[] = { "stts", NULL };
    const OskAvisCoded *coded = index == 0 ? w->copy->colour : w->copy->alpha;
    OskWriterMark outer = osk_writer_box(w->out, "stbl");
    OskWriterMark mark = osk_writer_box(w->out, "stsd");
    put_full(w->out, 0, 0);
    osk_writer_be(w->out, 1, 4);
    put_entry(w, track, coded);
    osk_writer_close(w->out, mark);
    put_children(w->out, stbl, kept);
    put_tables(w, coded, &w->chunk_at[index]);
    osk_writer_close(w->out, outer);
}

static void put_track(Writing *w, const OskAvisTrack *track, unsigned index)
{
    static const char *const of_trak[] = { "edts", "tref", NULL };
    static const char *const of_mdia[] = { "mdhd", "hdlr", NULL };
    static const char *const of_minf[] = { "vmhd", "dinf", NULL };
    OskCursor mdia = osk_boxes_find(track->trak, "mdia");
    OskCursor minf = osk_boxes_find(mdia, "minf");
    OskWriterMark trak = osk_writer_box(w->out, "trak");
    put_tkhd(w, track);
    put_children(w->out, track->trak, of_trak);
    OskWriterMark outer = osk_writer_box(w->out, "mdia");
    put_children(w->out, mdia, of_mdia);
    OskWriterMark inner = osk_writer_box(w->out, "minf");
    put_children(w->out, minf, of_minf);
    put_stbl(w, track, osk_boxes_find(minf, "stbl"), index);
    osk_writer_close(w->out, inner);
    osk_writer_close(w->out, outer);
    osk_writer_close(w->out, trak);
}

static void put_movie(Writing *w)
{
    static const char *const kept[] = { "mvhd", NULL };
    OskWriterMark mark = osk_writer_box(w->out, "moov");
    put_children(w->out, w->like->moov, kept);
    put_track(w, &w->like->colour, 0);
    if (w->copy->alpha != NULL) {
        put_track(w, &w->like->alpha, 1);
    }
    osk_writer_close(w->out, mark);
}

/* ---- the still picture ---- */

/* Which properties an item has, by their place in `ipco`. */
typedef struct Properties {
    OskWriter *out;
    uint8_t count;
    uint8_t of[2][PROPERTIES_MOST];
    uint8_t of_count[2];
} Properties;

/* The last box belongs to an item. `essential`: who doesn't know it may not show the picture. */
static void use_property(Properties *p, unsigned item, bool essential)
{
    if (p->of_count[item] < PROPERTIES_MOST) {
        p->of[item][p->of_count[item]++] = (uint8_t)(p->count | (essential ? 0x80 : 0));
    }
}

static void count_property(Properties *p, unsigned item, bool essential)
{
    p->count++;
    use_property(p, item, essential);
}

static void put_plain(const Writing *w, Properties *p, unsigned item)
{
    const OskAvisTrack *track = item == 0 ? &w->like->colour : &w->like->alpha;
    unsigned samples = track->grey ? 1 : 3;
    OskWriterMark mark = osk_writer_box(p->out, "ispe");
    put_full(p->out, 0, 0);
    osk_writer_be(p->out, w->copy->width, 4);
    osk_writer_be(p->out, w->copy->height, 4);
    osk_writer_close(p->out, mark);
    count_property(p, item, false);
    mark = osk_writer_box(p->out, "pixi");
    put_full(p->out, 0, 0);
    osk_writer_be(p->out, samples, 1);
    for (unsigned i = 0; i < samples; i++) {
        osk_writer_be(p->out, track->depth, 1);
    }
    osk_writer_close(p->out, mark);
    count_property(p, item, false);
    put_config(p->out, item == 0 ? w->copy->colour : w->copy->alpha);
    count_property(p, item, true);
}

static void put_colours(const Writing *w, Properties *p)
{
    static const char *const kinds[] = { "nclx", "prof", "rICC" };
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        OskCursor body = osk_avis_colour(w->like, kinds[i]);
        if (osk_cursor_ok(&body)) {
            OskWriterMark mark = osk_writer_box(p->out, "colr");
            osk_writer_bytes(p->out, kinds[i], 4);
            osk_writer_bytes(p->out, osk_cursor_rest(&body), osk_cursor_left(&body));
            osk_writer_close(p->out, mark);
            count_property(p, 0, false);
        }
    }
}

static void put_turning(const Writing *w, Properties *p)
{
    OskCursor boxes = osk_boxes_find(osk_boxes_find(w->like->meta, "iprp"), "ipco");
    for (unsigned i = 0; is_as_before(w) && turning_boxes[i] != NULL; i++) {
        OskCursor box = osk_boxes_find(boxes, turning_boxes[i]);
        if (osk_cursor_ok(&box)) {
            put_raw(p->out, turning_boxes[i], &box);
            count_property(p, 0, true);
            use_property(p, 1, true);
        }
    }
}

static void put_properties(const Writing *w, unsigned items)
{
    OskWriter *out = w->out;
    Properties p = { .out = out };
    OskWriterMark iprp = osk_writer_box(out, "iprp");
    OskWriterMark ipco = osk_writer_box(out, "ipco");
    put_plain(w, &p, 0);
    if (put_shape(w)) {
        count_property(&p, 0, false);
    }
    put_colours(w, &p);
    put_turning(w, &p);
    if (items > 1) {
        put_plain(w, &p, 1);
        OskWriterMark mark = osk_writer_box(out, "auxC");
        put_full(out, 0, 0);
        osk_writer_bytes(out, ALPHA_NAME, sizeof(ALPHA_NAME));
        osk_writer_close(out, mark);
        count_property(&p, 1, true);
    }
    osk_writer_close(out, ipco);
    OskWriterMark ipma = osk_writer_box(out, "ipma");
    put_full(out, 0, 0);
    osk_writer_be(out, items, 4);
    for (unsigned i = 0; i < items; i++) {
        osk_writer_be(out, i + ITEM_COLOUR, 2);
        osk_writer_be(out, p.of_count[i], 1);
        osk_writer_bytes(out, p.of[i], p.of_count[i]);
    }
    osk_writer_close(out, ipma);
    osk_writer_close(out, iprp);
}

static void put_places(Writing *w, unsigned items)
{
    OskWriter *out = w->out;
    OskWriterMark mark = osk_writer_box(out, "iloc");
    put_full(out, 0, 0);
    osk_writer_be(out, 0x4400, 2);
    osk_writer_be(out, items, 2);
    for (unsigned i = 0; i < items; i++) {
        const OskAvisCoded *coded = i == 0 ? w->copy->colour : w->copy->alpha;
        osk_writer_be(out, i + ITEM_COLOUR, 2);
        osk_writer_zeros(out, 2);
        osk_writer_be(out, 1, 2);
        w->item_at[i] = out->len;
        osk_writer_zeros(out, 4);
        osk_writer_be(out, coded->lens[0], 4);
    }
    osk_writer_close(out, mark);
}

static void put_items(OskWriter *out, unsigned items)
{
    OskWriterMark mark = osk_writer_box(out, "iinf");
    put_full(out, 0, 0);
    osk_writer_be(out, items, 2);
    for (unsigned i = 0; i < items; i++) {
        OskWriterMark infe = osk_writer_box(out, "infe");
        put_full(out, 2, 0);
        osk_writer_be(out, i + ITEM_COLOUR, 2);
        osk_writer_zeros(out, 2);
        osk_writer_bytes(out, "av01", 5);
        osk_writer_close(out, infe);
    }
    osk_writer_close(out, mark);
    if (items > 1) {
        mark = osk_writer_box(out, "iref");
        put_full(out, 0, 0);
        OskWriterMark auxl = osk_writer_box(out, "auxl");
        osk_writer_be(out, ITEM_ALPHA, 2);
        osk_writer_be(out, 1, 2);
        osk_writer_be(out, ITEM_COLOUR, 2);
        osk_writer_close(out, auxl);
        osk_writer_close(out, mark);
    }
}

static void put_still(Writing *w)
{
    OskWriter *out = w->out;
    unsigned items = w->copy->alpha != NULL ? 2 : 1;
    OskWriterMark meta = osk_writer_box(out, "meta");
    put_full(out, 0, 0);
    OskWriterMark mark = osk_writer_box(out, "hdlr");
    osk_writer_zeros(out, 8);
    osk_writer_bytes(out, "pict", 4);
    osk_writer_zeros(out, 13);
    osk_writer_close(out, mark);
    mark = osk_writer_box(out, "pitm");
    put_full(out, 0, 0);
    osk_writer_be(out, ITEM_COLOUR, 2);
    osk_writer_close(out, mark);
    put_places(w, items);
    put_items(out, items);
    put_properties(w, items);
    osk_writer_close(out, meta);
}

/* ---- the file ---- */

void osk_avis_write(const OskAvis *like, const OskAvisCopy *copy, OskWriter *out)
{
    Writing w = { .like = like, .copy = copy, .out = out };
    put_raw(out, "ftyp", &like->ftyp);
    if (like->has_still) {
        put_still(&w);
    }
    put_movie(&w);
    OskWriterMark mark = osk_writer_box(out, "mdat");
    for (unsigned i = 0; i < 2; i++) {
        const OskAvisCoded *coded = i == 0 ? copy->colour : copy->alpha;
        if (coded == NULL) {
            continue;
        }
        size_t at = out->len;
        osk_writer_bytes(out, coded->bytes, coded->len);
        if (!osk_writer_ok(out) || at > UINT32_MAX) {
            out->failed = true;
            return;
        }
        osk_writer_patch_be(out, w.chunk_at[i], at, 4);
        if (w.item_at[i] != 0) {
            osk_writer_patch_be(out, w.item_at[i], at, 4);
        }
    }
    osk_writer_close(out, mark);
}

void osk_avis_coded_free(OskAvisCoded *coded)
{
    free(coded->bytes);
    free(coded->lens);
    free(coded->keys);
    *coded = (OskAvisCoded){ 0 };
}
