/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "formats/movie_recipe.h"

#include <string.h>

#define SAMPLES 10u
#define SAMPLE_LEN 4u

static OskWriterMark full(OskWriter *w, const char *type, uint32_t version_flags)
{
    OskWriterMark mark = osk_writer_box(w, type);
    osk_writer_be(w, version_flags, 4);
    return mark;
}

static void put_matrix(OskWriter *w)
{
    static const uint32_t identity[9] = { 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000 };
    for (size_t i = 0; i < 9; i++) {
        osk_writer_be(w, identity[i], 4);
    }
}

static void put_mvhd(OskWriter *w)
{
    OskWriterMark mark = full(w, "mvhd", 0);
    osk_writer_be(w, 0xDC7E95F7, 4);
    osk_writer_be(w, 0xDC7E95F7, 4);
    osk_writer_be(w, 1000, 4);
    osk_writer_be(w, 10000, 4);
    osk_writer_be(w, 0x10000, 4);
    osk_writer_be(w, 0x100, 2);
    osk_writer_zeros(w, 10);
    put_matrix(w);
    osk_writer_zeros(w, 24);
    osk_writer_be(w, 3, 4);
    osk_writer_close(w, mark);
}

static void put_tkhd(OskWriter *w, uint32_t id, bool enabled)
{
    OskWriterMark mark = full(w, "tkhd", enabled ? 7 : 6);
    osk_writer_be(w, 0xDC7E95F7, 4);
    osk_writer_be(w, 0xDC7E95F7, 4);
    osk_writer_be(w, id, 4);
    osk_writer_zeros(w, 4);
    osk_writer_be(w, 10000, 4);
    osk_writer_zeros(w, 12);
    osk_writer_be(w, 0x100, 2);
    osk_writer_zeros(w, 2);
    put_matrix(w);
    osk_writer_zeros(w, 8);
    osk_writer_close(w, mark);
}

static void put_edit(OskWriter *w, const MovieRecipe *r)
{
    if (r->edit_start < 0) {
        return;
    }
    OskWriterMark edts = osk_writer_box(w, "edts");
    OskWriterMark mark = full(w, "elst", r->repeats ? 1 : 0);
    osk_writer_be(w, 1, 4);
    osk_writer_be(w, r->edit_len, 4);
    osk_writer_be(w, (uint32_t)r->edit_start, 4);
    osk_writer_be(w, r->frozen ? 0 : 0x10000, 4);
    osk_writer_close(w, mark);
    osk_writer_close(w, edts);
}

static void put_child(OskWriter *w, const char *type, size_t len)
{
    OskWriterMark mark = osk_writer_box(w, type);
    osk_writer_bytes(w, MOVIE_SECRET MOVIE_SECRET, len);
    osk_writer_close(w, mark);
}

/* ISO/IEC 14496-1, 7.2.6: a stream, its decoder and the decoder's settings. */
static void put_esds(OskWriter *w, const char *settings)
{
    OskWriterMark mark = full(w, "esds", 0);
    osk_writer_bytes(w, "\3\x2A\0\0\0\4\x22\x40\x15", 9);
    osk_writer_zeros(w, 11);
    osk_writer_bytes(w, "\5\x13", 2);
    osk_writer_bytes(w, settings, 19);
    osk_writer_bytes(w, "\6\1\2", 3);
    osk_writer_close(w, mark);
}

static void put_stsd(OskWriter *w, const MovieRecipe *r, bool sound)
{
    OskWriterMark stsd = full(w, "stsd", 0);
    osk_writer_be(w, 1, 4);
    OskWriterMark mark = osk_writer_box(w, !sound              ? "mebx"
                                           : r->coding != NULL ? r->coding
                                                               : "sowt");
    osk_writer_zeros(w, 6);
    osk_writer_be(w, 1, 2);
    if (sound) {
        osk_writer_be(w, r->cut_description ? 2 : 0, 2);
        osk_writer_zeros(w, 6);
        osk_writer_be(w, 2, 2);
        osk_writer_be(w, 16, 2);
        osk_writer_zeros(w, 4);
        osk_writer_be(w, 1, 2);
        osk_writer_zeros(w, 2);
    }
    if (r->settings != NULL) {
        put_esds(w, r->settings);
    }
    if (r->stray) {
        OskWriterMark rate = full(w, "srat", 0);
        osk_writer_be(w, 48000, 4);
        osk_writer_close(w, rate);
        put_child(w, "pasp", 8);
        put_child(w, "mdcv", 24);
        put_child(w, "avcC", 20);
        put_child(w, "esds", 20);
        put_child(w, "frma", 4);
        put_child(w, "chnl", 16);
        put_child(w, "srat", 8);
        put_child(w, "btrt", 12);
    }
    osk_writer_close(w, mark);
    osk_writer_close(w, stsd);
}

typedef struct TrackSpec {
    uint32_t id;
    bool sound;
    bool enabled;
    uint32_t count;
    uint32_t size;
    uint32_t offset;
} TrackSpec;

/* Tables of samples that stand in one chunk. */
static void put_tables(OskWriter *w, const MovieRecipe *r, const TrackSpec *t)
{
    uint32_t count = t->count;
    OskWriterMark mark = full(w, "stts", 0);
    if (r->instant) {
        osk_writer_be(w, 2, 4);
        osk_writer_be(w, count / 2, 4);
        osk_writer_be(w, 0, 4);
        osk_writer_be(w, count - count / 2, 4);
        osk_writer_be(w, 1, 4);
    } else if (r->uneven) {
        const uint32_t rows[] = { 3, 1, 1, 1, 50, count - 2, 1 };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            osk_writer_be(w, rows[i], 4);
        }
    } else {
        osk_writer_be(w, count > 0 ? 1 : 0, 4);
        osk_writer_be(w, count, count > 0 ? 4 : 0);
        osk_writer_be(w, 1, count > 0 ? 4 : 0);
    }
    osk_writer_close(w, mark);
    if (r->instant) {
        mark = full(w, "stss", 0);
        osk_writer_be(w, 1, 4);
        osk_writer_be(w, 1, 4);
        osk_writer_close(w, mark);
    }
    if (r->torn) {
        static const uint32_t rows[] = { 3, 4, 0, 1, 1000, 5, 0 };
        mark = full(w, "ctts", 0);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            osk_writer_be(w, rows[i], 4);
        }
        osk_writer_close(w, mark);
    }
    mark = full(w, "stsc", 0);
    osk_writer_be(w, count > 0 ? 1 : 0, 4);
    if (count > 0) {
        osk_writer_be(w, 1, 4);
        osk_writer_be(w, count, 4);
        osk_writer_be(w, 1, 4);
    }
    osk_writer_close(w, mark);
    mark = full(w, "stsz", 0);
    osk_writer_be(w, count > 0 ? t->size : 0, 4);
    osk_writer_be(w, count, 4);
    osk_writer_close(w, mark);
    mark = full(w, "stco", 0);
    osk_writer_be(w, count > 0 ? 1 : 0, 4);
    osk_writer_be(w, r->in_ftyp ? 0 : t->offset, count > 0 ? 4 : 0);
    osk_writer_close(w, mark);
}

static void put_trak(OskWriter *w, const MovieRecipe *r, const TrackSpec *t)
{
    OskWriterMark trak = osk_writer_box(w, "trak");
    put_tkhd(w, t->id, t->enabled);
    put_edit(w, r);
    OskWriterMark mdia = osk_writer_box(w, "mdia");
    OskWriterMark mark = full(w, "mdhd", 0);
    osk_writer_be(w, 0xDC7E95F7, 4);
    osk_writer_be(w, 0xDC7E95F7, 4);
    osk_writer_be(w, 1, 4); /* one sample a second */
    osk_writer_be(w, t->count, 4);
    osk_writer_be(w, 0x15C7, 2);
    osk_writer_zeros(w, 2);
    osk_writer_close(w, mark);
    mark = full(w, "hdlr", 0);
    osk_writer_zeros(w, 4);
    osk_writer_bytes(w, t->sound ? "soun" : "meta", 4);
    osk_writer_zeros(w, 12);
    if (r->handler_name != NULL) {
        osk_writer_bytes(w, r->handler_name, strlen(r->handler_name));
    }
    osk_writer_u8(w, 0);
    osk_writer_close(w, mark);
    OskWriterMark minf = osk_writer_box(w, "minf");
    mark = full(w, t->sound ? "smhd" : "nmhd", 0);
    osk_writer_zeros(w, t->sound ? 4 : 0);
    osk_writer_close(w, mark);
    OskWriterMark dinf = osk_writer_box(w, "dinf");
    mark = full(w, "dref", 0);
    osk_writer_be(w, 1, 4);
    osk_writer_bytes(w, r->external ? "\0\0\0\x0Curl \0\0\0\0" : "\0\0\0\x0Curl \0\0\0\x01", 12);
    osk_writer_close(w, mark);
    osk_writer_close(w, dinf);
    OskWriterMark stbl = osk_writer_box(w, "stbl");
    put_stsd(w, r, t->sound);
    put_tables(w, r, t);
    osk_writer_close(w, stbl);
    osk_writer_close(w, minf);
    osk_writer_close(w, mdia);
    osk_writer_close(w, trak);
}

static void put_moov(OskWriter *w, const MovieRecipe *r, uint32_t media)
{
    OskWriterMark moov = osk_writer_box(w, "moov");
    put_mvhd(w);
    TrackSpec sound = { .id = 1,
                        .sound = true,
                        .enabled = true,
                        .count = r->fragmented  ? 0
                                 : r->count > 0 ? r->count
                                                : SAMPLES,
                        .size = r->sample_size > 0 ? r->sample_size : SAMPLE_LEN,
                        .offset = media };
    put_trak(w, r, &sound);
    if (r->secret_track) {
        TrackSpec secret = { .id = 2,
                             .sound = r->disabled,
                             .enabled = !r->disabled,
                             .count = 3,
                             .size = SAMPLE_LEN,
                             .offset = media + SAMPLES * SAMPLE_LEN };
        put_trak(w, r, &secret);
    }
    if (r->fragmented) {
        OskWriterMark mvex = osk_writer_box(w, "mvex");
        OskWriterMark mark = full(w, "trex", 0);
        osk_writer_be(w, 1, 4);
        osk_writer_be(w, 1, 4);
        osk_writer_be(w, 1, 4);
        osk_writer_be(w, SAMPLE_LEN, 4);
        osk_writer_be(w, 0, 4);
        osk_writer_close(w, mark);
        osk_writer_close(w, mvex);
    }
    if (r->udta) {
        OskWriterMark udta = osk_writer_box(w, "udta");
        OskWriterMark mark = osk_writer_box(w, "\xA9xyz");
        osk_writer_be(w, 18, 2);
        osk_writer_be(w, 0x15C7, 2);
        osk_writer_bytes(w, "+48.8577+002.2950/", 18);
        osk_writer_close(w, mark);
        mark = osk_writer_box(w, "\xA9nam");
        osk_writer_be(w, strlen(MOVIE_SECRET), 2);
        osk_writer_be(w, 0x15C7, 2);
        osk_writer_bytes(w, MOVIE_SECRET, strlen(MOVIE_SECRET));
        osk_writer_close(w, mark);
        osk_writer_close(w, udta);
    }
    if (r->compressed) {
        osk_writer_close(w, osk_writer_box(w, "cmov"));
    }
    osk_writer_close(w, moov);
}

static void put_sample(OskWriter *w, unsigned i)
{
    char sample[SAMPLE_LEN] = { 's', (char)('0' + i), 'a', (char)('0' + i) };
    osk_writer_bytes(w, sample, sizeof(sample));
}

static void put_mdat(OskWriter *w, const MovieRecipe *r)
{
    OskWriterMark mdat = osk_writer_box(w, "mdat");
    for (unsigned i = 0; i < SAMPLES; i++) {
        put_sample(w, i);
    }
    if (r->secret_track || r->orphan) {
        osk_writer_bytes(w, MOVIE_SECRET, 3 * SAMPLE_LEN);
    }
    osk_writer_close(w, mdat);
}

/* Two fragments of five samples each. */
void movie_put_fragments(OskWriter *w)
{
    for (unsigned f = 0; f < 2; f++) {
        size_t begin = w->len;
        OskWriterMark moof = osk_writer_box(w, "moof");
        OskWriterMark traf = osk_writer_box(w, "traf");
        OskWriterMark mark = full(w, "tfhd", 0x20000);
        osk_writer_be(w, 1, 4);
        osk_writer_close(w, mark);
        mark = full(w, "tfdt", 0);
        osk_writer_be(w, 5 * f, 4);
        osk_writer_close(w, mark);
        mark = full(w, "trun", 1);
        osk_writer_be(w, 5, 4);
        size_t offset_at = w->len;
        osk_writer_zeros(w, 4);
        osk_writer_close(w, mark);
        osk_writer_close(w, traf);
        osk_writer_close(w, moof);
        OskWriterMark mdat = osk_writer_box(w, "mdat");
        osk_writer_patch_be(w, offset_at, w->len - begin, 4);
        for (unsigned i = 0; i < 5; i++) {
            put_sample(w, 5 * f + i);
        }
        osk_writer_bytes(w, MOVIE_SECRET, strlen(MOVIE_SECRET));
        osk_writer_close(w, mdat);
    }
}

void movie_put(OskWriter *w, const MovieRecipe *r)
{
    osk_writer_init(w, 1 << 16);
    osk_writer_bytes(w,
                     "\0\0\0\x14"
                     "ftypmp42\0\0\0\0mp42",
                     20);
    if (r->moov_last) {
        put_mdat(w, r);
        put_moov(w, r, 28);
        return;
    }
    OskWriter dry;
    osk_writer_init(&dry, 1 << 16);
    put_moov(&dry, r, 0);
    put_moov(w, r, (uint32_t)dry.len + 28);
    osk_writer_free(&dry);
    if (r->fragmented) {
        movie_put_fragments(w);
    } else {
        put_mdat(w, r);
    }
}
