/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan over the whole file: samples that are shown stay, in the order in which they stand;
 * everything between them goes; the boxes around them are written anew. */
#include "formats/movie.h"

#include <string.h>

#include "base/checked.h"
#include "parts/mpeg_es.h"
#include "parts/nal.h"
#include "parts/obu.h"

typedef struct Cursor {
    OskTrack *track;
    uint32_t next; /* chunk, in file order */
} Cursor;

typedef struct Layout {
    OskMovie *movie;
    OskPlan *plan;
    Cursor *cursors;
    uint32_t cursor_count;
    uint32_t box;   /* the top-level box that comes next */
    size_t piece;   /* of the still */
    uint64_t first; /* kept media data lies in [first, last) */
    uint64_t last;
    uint8_t *moov; /* literals to be patched */
    uint8_t *mdat;
    uint64_t mdat_at;
    bool in_media;   /* the mdat header is written, its end isn't reached */
    bool early_moov; /* moov stood amid the media data */
    uint64_t unused; /* bytes of media data that no kept sample shows */
    uint64_t unused_at;
} Layout;

static const OskPart *find_row(const Layout *l, uint64_t tag)
{
    return osk_part_find(l->plan->parts, l->plan->part_count, tag);
}

static OskStatus fail(Layout *l, OskStatus status, const char *what, uint64_t offset)
{
    return osk_movie_fail(l->movie, status, "mdat", what, offset);
}

/* ---- Boxes ---- */

/* Brands that only say which readers can read the file. */
static bool is_common_brand(const uint8_t *brand)
{
    static const char brands[][5] = { "isom", "mp41", "mp42",  "avc1", "hvc1", "hev1", "av01",
                                      "qt  ", "M4V ", "M4A ",  "M4VP", "M4VH", "dash", "cmfc",
                                      "cmf2", "msdh", "msix",  "iso2", "iso3", "iso4", "iso5",
                                      "iso6", "iso7", "iso8",  "iso9", "mif1", "msf1", "dby1",
                                      "hlsf", "opus", "\0\0\0" };
    for (size_t i = 0; i < sizeof(brands) / sizeof(brands[0]); i++) {
        if (memcmp(brands[i], brand, 4) == 0) {
            return true;
        }
    }
    return memcmp(brand, "3gp", 3) == 0 || memcmp(brand, "3g2", 3) == 0;
}

static OskStatus report_brands(Layout *l, const OskBox *box)
{
    uint8_t bytes[256];
    uint64_t len = osk_box_body_len(box);
    len = len < sizeof(bytes) ? len : sizeof(bytes);
    OskStatus status = osk_walk_read(l->movie->walk, osk_box_body_offset(box), bytes, (size_t)len);
    if (status != OSK_OK) {
        return status;
    }
    for (size_t i = 0; i < len; i += 4) {
        /* The second word is a version: a number, or a date in digits. */
        bool fine = i + 4 <= len && (i == 4 ? bytes[4] == 0 : is_common_brand(bytes + i));
        if (!fine) {
            osk_report_add_untrusted(
                l->movie->walk->report,
                (OskFact){ .kind = OSK_KIND_SOFTWARE,
                           .part = "ftyp",
                           .field = "mp4.brand",
                           .label = "maker of the camera or program, or the version of a brand",
                           .offset = box->offset + box->header + i,
                           .len = 4 },
                bytes + i, i + 4 <= len ? 4 : (size_t)len - i, OSK_LATIN1);
            return OSK_OK;
        }
    }
    return OSK_OK;
}

static void put_ftyp(Layout *l, const OskBox *box)
{
    static const uint8_t quicktime[] = "\0\0\0\x14"
                                       "ftypqt  \0\0\0\0qt  ";
    static const uint8_t iso[] = "\0\0\0\x20"
                                 "ftypisom\0\0\0\0isomiso2mp41mp42";
    const OskMovie *movie = l->movie;
    uint64_t len = box != NULL ? box->size : 0;
    const OskPart *row = find_row(l, OSK_ROW(OSK_AT_FILE, OSK_FOURCC('f', 't', 'y', 'p')));
    if (movie->brands != NULL && box != NULL) {
        osk_plan_rewrite(l->plan, row, box->offset, len, movie->brands, movie->brands_len);
    } else if (movie->quicktime) {
        osk_plan_rewrite(l->plan, row, 0, len, quicktime, sizeof(quicktime) - 1);
    } else {
        osk_plan_rewrite(l->plan, row, 0, len, iso, sizeof(iso) - 1);
    }
}

static OskStatus put_moov(Layout *l, uint64_t offset, uint64_t len)
{
    l->moov =
        osk_plan_rewrite(l->plan, find_row(l, OSK_ROW(OSK_AT_FILE, OSK_FOURCC('m', 'o', 'o', 'v'))),
                         offset, len, l->movie->out.bytes, l->movie->out.len);
    osk_writer_free(&l->movie->out);
    return l->moov != NULL ? OSK_OK : osk_movie_memory(l->movie, "moov");
}

static void drop(Layout *l, const OskBox *box, uint64_t to)
{
    uint64_t from = l->plan->in_end;
    const OskPart *row = find_row(l, OSK_ROW(OSK_AT_FILE, box->type));
    if (box->type == OSK_FOURCC('m', 'd', 'a', 't')) {
        row = find_row(l, OSK_MOVIE_TAG_UNUSED);
        uint64_t body = osk_box_body_offset(box);
        uint64_t begin = from > body ? from : body;
        if (to > begin) {
            l->unused_at = l->unused == 0 ? begin : l->unused_at;
            l->unused += to - begin;
        }
    }
    if (row == NULL || row->verdict != OSK_DROP) {
        row = find_row(l, OSK_MOVIE_TAG_OTHER);
    }
    osk_plan_drop(l->plan, row, from, to - from);
}

/* Steps over the boxes, or parts of them, up to `to`. */
static OskStatus advance(Layout *l, uint64_t to)
{
    OskMovie *movie = l->movie;
    while (l->plan->status == OSK_OK && l->plan->in_end < to && l->box < movie->boxes.count) {
        OskBox box = osk_movie_box(movie, l->box);
        uint64_t end = osk_box_end(&box);
        if (l->plan->in_end >= end) {
            l->box++;
            continue;
        }
        bool is_ftyp = movie->has_ftyp && box.offset == movie->ftyp.offset;
        bool is_moov = box.offset == movie->moov.offset;
        bool is_meta = movie->still != NULL && box.offset == movie->meta.offset;
        bool written = is_ftyp || (is_moov && !l->early_moov) || is_meta;
        if (written && l->in_media) {
            return fail(l, OSK_UNSUPPORTED, "descriptions amid the media data", box.offset);
        }
        if (is_ftyp) {
            OskStatus status = movie->brands == NULL ? report_brands(l, &box) : OSK_OK;
            if (status != OSK_OK) {
                return status;
            }
            put_ftyp(l, &box);
        } else if (is_moov && !l->early_moov) {
            OskStatus status = put_moov(l, box.offset, box.size);
            if (status != OSK_OK) {
                return status;
            }
        } else if (is_meta) {
            OskStatus status = osk_still_emit(movie->walk, movie->still);
            if (status != OSK_OK) {
                return status;
            }
        } else {
            drop(l, &box, to < end ? to : end);
        }
    }
    if (l->plan->in_end < to) {
        osk_plan_drop(l->plan, find_row(l, OSK_MOVIE_TAG_TRAILER), l->plan->in_end,
                      to - l->plan->in_end);
    }
    return OSK_OK;
}

/* ---- Samples ---- */

static OskStatus begin_media(Layout *l)
{
    const OskMovie *movie = l->movie;
    OskStatus status = OSK_OK;
    l->in_media = true;
    if (l->early_moov) {
        status = put_moov(l, l->plan->in_end, 0);
    }
    bool wide = movie->wide_mdat || movie->walk->size >= OSK_MOVIE_WIDE_FROM;
    static const uint8_t narrow_head[8] = { 0, 0, 0, 0, 'm', 'd', 'a', 't' };
    static const uint8_t wide_head[16] = { 0, 0, 0, 1, 'm', 'd', 'a', 't' };
    l->mdat_at = l->plan->out_end;
    l->mdat =
        osk_plan_rewrite(l->plan, find_row(l, OSK_ROW(OSK_AT_FILE, OSK_FOURCC('m', 'd', 'a', 't'))),
                         l->plan->in_end, 0, wide ? wide_head : narrow_head, wide ? 16 : 8);
    if (status == OSK_OK && l->mdat == NULL) {
        status = osk_movie_memory(l->movie, "mdat");
    }
    return status;
}

/* Does the range touch the box? */
static bool is_touched(const OskBox *box, uint64_t offset, uint64_t len)
{
    return offset < osk_box_end(box) && offset + len > box->offset;
}

/* Steps to where kept media data begins. */
static OskStatus reach(Layout *l, uint64_t offset, uint64_t len)
{
    if (!osk_range_within(offset, len, l->movie->walk->size)) {
        return fail(l, OSK_TRUNCATED, "the file ends before its last sample", offset);
    }
    if (len > 0 && offset < l->plan->in_end) {
        return fail(l, OSK_UNSUPPORTED, "samples that share their bytes", offset);
    }
    if (len == 0) {
        return OSK_OK;
    }
    const OskMovie *movie = l->movie;
    if ((movie->has_ftyp && is_touched(&movie->ftyp, offset, len)) ||
        is_touched(&movie->moov, offset, len) ||
        (movie->still != NULL && is_touched(&movie->meta, offset, len))) {
        return fail(l, OSK_UNSUPPORTED, "samples inside the boxes that describe them", offset);
    }
    OskStatus status = advance(l, offset);
    if (status == OSK_OK && !l->in_media) {
        status = begin_media(l);
    }
    return status;
}

static void emit_pieces(Layout *l, const OskCoded *coded)
{
    const OskPart *data = find_row(l, OSK_MOVIE_TAG_DATA);
    const OskPart *message = find_row(l, OSK_MOVIE_TAG_MESSAGE);
    for (size_t i = 0; i < coded->count; i++) {
        const OskPiece *piece = &coded->pieces[i];
        if (piece->verdict == OSK_KEEP) {
            osk_plan_keep(l->plan, data, piece->offset, piece->len, false);
        } else if (piece->verdict == OSK_DROP) {
            osk_plan_drop(l->plan, message, piece->offset, piece->len);
        } else {
            osk_plan_rewrite(l->plan, data, piece->offset, piece->len,
                             osk_coded_literal(coded, piece), piece->literal_len);
        }
    }
}

static OskStatus read_for_filter(void *context, uint64_t offset, void *out, size_t len)
{
    return osk_walk_read(context, offset, out, len);
}

/* The filter of one sample description, made when it is first needed. */
static OskCoded *find_filter(Layout *l, OskTrack *track, uint32_t entry)
{
    OskWalk *walk = l->movie->walk;
    OskEntry *e = &track->entries[entry];
    if (e->filter == NULL) {
        e->filter = osk_arena_alloc(walk->arena, sizeof(OskCoded));
        if (e->filter == NULL) {
            return NULL;
        }
        osk_coded_init(e->filter, e->codec, walk->report, walk->fault, walk->budget);
        e->filter->length_size = e->length_size;
        e->filter->timing = e->timing;
        e->filter->source.context = walk;
        e->filter->source.read = read_for_filter;
        e->filter->source.size = walk->size;
        if (walk->source->bytes != NULL) {
            e->filter->source.bytes = walk->source->bytes;
            e->filter->source.len = (size_t)walk->size;
        }
    }
    return e->filter;
}

static OskStatus filter_sample(OskCoded *coded, OskSampleKind kind, uint64_t offset, uint64_t len)
{
    switch (kind) {
    case OSK_SAMPLES_NAL: return osk_nal_sample(coded, offset, len);
    case OSK_SAMPLES_OBU: return osk_obu_sample(coded, offset, len);
    case OSK_SAMPLES_MPEG4: return osk_mpeg_sample(coded, offset, len);
    case OSK_SAMPLES_JPEG: return osk_mjpeg_sample(coded, offset, len);
    default: return osk_aac_sample(coded, offset, len);
    }
}

/* Pictures of the still that are samples too are laid out once, as samples. */
static OskStatus share_pieces(Layout *l, uint64_t offset, uint64_t len)
{
    const OskStill *still = l->movie->still;
    while (still != NULL && l->piece < osk_still_piece_count(still)) {
        OskStillPiece piece = osk_still_piece(still, l->piece);
        if (piece.offset >= offset + len) {
            break;
        }
        if (piece.offset < offset || piece.offset + piece.len > offset + len) {
            return fail(l, OSK_UNSUPPORTED, "a picture that is part of a sample", piece.offset);
        }
        l->piece++;
    }
    return OSK_OK;
}

/* Samples [first, end) of one chunk, which stand together from `offset` on. */
static OskStatus put_samples(Layout *l, OskTrack *track, uint32_t chunk, OskSpan range,
                             uint64_t offset)
{
    uint32_t entry = track->chunk_entry.items[chunk];
    OskSampleKind kind = track->entries[entry].kind;
    uint64_t len = osk_movie_bytes(track, entry, range.first, range.end);
    OskStatus status = reach(l, offset, len);
    if (status == OSK_OK) {
        status = share_pieces(l, offset, len);
    }
    if (status != OSK_OK || len == 0) {
        return status;
    }
    if (kind == OSK_SAMPLES_OPAQUE) {
        osk_plan_keep(l->plan, find_row(l, OSK_MOVIE_TAG_DATA), offset, len, false);
        return OSK_OK;
    }
    OskCoded *coded = find_filter(l, track, entry);
    if (coded == NULL) {
        return osk_movie_memory(l->movie, "mdat");
    }
    for (uint32_t i = range.first; status == OSK_OK && i < range.end; i++) {
        uint64_t size = track->sizes.items[i];
        status = filter_sample(coded, kind, offset, size);
        if (status == OSK_OK && coded->out_len > UINT32_MAX) {
            status = fail(l, OSK_LIMIT, "a sample larger than one may be", offset);
        }
        if (status == OSK_OK) {
            emit_pieces(l, coded);
            track->sizes.items[i] = (uint32_t)coded->out_len;
        }
        offset += size;
    }
    return status;
}

static OskStatus put_chunk(Layout *l, OskTrack *track, uint32_t chunk)
{
    uint32_t first = track->chunk_first.items[chunk];
    uint32_t end = osk_movie_chunk_end(track, chunk);
    uint32_t entry = track->chunk_entry.items[chunk];
    uint64_t offset = track->chunk_at.items[chunk];
    uint32_t at = first;
    bool placed = false;
    /* Spans are few; chunks may come in any order. */
    uint32_t low = 0;
    uint32_t high = track->span_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (track->spans[middle].end <= first) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    OskStatus status = OSK_OK;
    for (uint32_t i = low; status == OSK_OK && i < track->span_count && track->spans[i].first < end;
         i++) {
        OskSpan range = track->spans[i];
        range.first = range.first > first ? range.first : first;
        range.end = range.end < end ? range.end : end;
        offset += osk_movie_bytes(track, entry, at, range.first);
        uint64_t len = osk_movie_bytes(track, entry, range.first, range.end);
        at = range.end;
        status = reach(l, offset, len);
        if (!placed) {
            track->chunk_at.items[chunk] = l->plan->out_end;
            placed = true;
        }
        if (status == OSK_OK) {
            status = put_samples(l, track, chunk, range, offset);
        }
        offset += len;
    }
    if (placed && track->chunk_at.items[chunk] == l->plan->out_end) {
        track->chunk_at.items[chunk] = 0; /* its samples are empty: it stands nowhere */
    }
    return status;
}

/* ---- Order ---- */

static uint32_t chunk_of(const Cursor *c)
{
    return c->track->order.count > 0 ? c->track->order.items[c->next] : c->next;
}

/* The cursor whose next chunk stands first in the file; NULL at the end. */
static Cursor *pick(Layout *l)
{
    Cursor *best = NULL;
    uint64_t best_at = 0;
    for (uint32_t i = 0; i < l->cursor_count; i++) {
        Cursor *c = &l->cursors[i];
        if (c->next < c->track->chunk_first.count) {
            uint64_t at = c->track->chunk_at.items[chunk_of(c)];
            if (best == NULL || at < best_at) {
                best = c;
                best_at = at;
            }
        }
    }
    return best;
}

/* Chunks that keep nothing are taken out of the order, and the bounds of the rest are found. */
static OskStatus prepare(Layout *l)
{
    OskMovie *movie = l->movie;
    l->first = UINT64_MAX;
    l->cursors = osk_arena_array(movie->walk->arena, movie->track_count, sizeof(Cursor));
    if (l->cursors == NULL) {
        return osk_movie_memory(movie, "mdat");
    }
    for (uint32_t i = 0; i < movie->track_count; i++) {
        OskTrack *track = &movie->tracks[i];
        if (!track->kept || track->out_samples == 0) {
            continue;
        }
        uint32_t span = 0;
        for (uint32_t c = 0; c < track->chunk_first.count; c++) {
            if (osk_movie_kept(track, track->chunk_first.items[c], osk_movie_chunk_end(track, c),
                               &span) > 0) {
                uint64_t at = track->chunk_at.items[c];
                l->first = at < l->first ? at : l->first;
                l->last = at > l->last ? at : l->last;
            }
        }
        l->cursors[l->cursor_count++] = (Cursor){ .track = track };
        OskStatus status = osk_movie_sort(movie, track);
        if (status != OSK_OK) {
            return status;
        }
    }
    uint64_t moov = movie->moov.offset;
    l->early_moov = l->first != UINT64_MAX && moov > l->first && moov < l->last;
    return OSK_OK;
}

static OskStatus put_still_pieces(Layout *l, uint64_t before)
{
    OskMovie *movie = l->movie;
    OskStatus status = OSK_OK;
    while (movie->still != NULL && status == OSK_OK &&
           l->piece < osk_still_piece_count(movie->still)) {
        OskStillPiece piece = osk_still_piece(movie->still, l->piece);
        if (piece.offset >= before) {
            break;
        }
        status = reach(l, piece.offset, piece.len);
        if (status == OSK_OK) {
            status = osk_still_emit_piece(movie->walk, movie->still, l->piece++);
        }
    }
    return status;
}

static OskStatus put_media(Layout *l)
{
    OskStatus status = OSK_OK;
    for (Cursor *c = pick(l); status == OSK_OK && c != NULL; c = pick(l)) {
        uint32_t chunk = chunk_of(c);
        status = put_still_pieces(l, c->track->chunk_at.items[chunk]);
        if (status == OSK_OK) {
            status = put_chunk(l, c->track, chunk);
        }
        c->next++;
    }
    return status == OSK_OK ? put_still_pieces(l, UINT64_MAX) : status;
}

/* ---- Patching ---- */

static void write_be(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        at[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    }
}

static OskStatus patch_track(Layout *l, const OskTrack *track)
{
    uint8_t *at = l->moov + track->sizes_at;
    for (uint32_t s = 0; track->fixed_size == 0 && s < track->span_count; s++) {
        for (uint32_t i = track->spans[s].first; i < track->spans[s].end; i++, at += 4) {
            write_be(at, track->sizes.items[i], 4);
        }
    }
    at = l->moov + track->chunks_at;
    unsigned width = track->wide_offsets ? 8 : 4;
    uint32_t span = 0;
    for (uint32_t c = 0; c < track->chunk_first.count; c++) {
        if (osk_movie_kept(track, track->chunk_first.items[c], osk_movie_chunk_end(track, c),
                           &span) == 0) {
            continue;
        }
        if (width == 4 && track->chunk_at.items[c] > UINT32_MAX) {
            return fail(l, OSK_BUG, "an offset that does not fit", 0);
        }
        write_be(at, track->chunk_at.items[c], width);
        at += width;
    }
    return OSK_OK;
}

static OskStatus patch(Layout *l, uint64_t media_end)
{
    OskStatus status = OSK_OK;
    for (uint32_t i = 0; status == OSK_OK && i < l->movie->track_count; i++) {
        if (l->movie->tracks[i].kept) {
            status = patch_track(l, &l->movie->tracks[i]);
        }
    }
    if (status == OSK_OK && l->mdat != NULL) {
        uint64_t len = media_end - l->mdat_at;
        if (l->mdat[3] == 1) {
            write_be(l->mdat + 8, len, 8);
        } else if (len <= UINT32_MAX) {
            write_be(l->mdat, len, 4);
        } else {
            status = fail(l, OSK_BUG, "media data that does not fit", 0);
        }
    }
    return status;
}

static void report_unused(const Layout *l)
{
    if (l->unused > 0) {
        osk_report_add(l->movie->walk->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = "mdat",
                                  .field = "mp4.unused",
                                  .label = "media data that is not shown when the video is played",
                                  .offset = l->unused_at,
                                  .len = l->unused },
                       NULL);
    }
    uint64_t trailer = l->movie->trailer;
    if (trailer < l->movie->walk->size) {
        osk_report_add(l->movie->walk->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = "trailer",
                                  .field = "mp4.trailer",
                                  .label = "bytes behind the end of the video",
                                  .offset = trailer,
                                  .len = l->movie->walk->size - trailer },
                       NULL);
    }
}

OskStatus osk_movie_plan(OskMovie *movie)
{
    Layout l = { .movie = movie, .plan = movie->walk->plan };
    OskStatus status = prepare(&l);
    if (status == OSK_OK && !movie->has_ftyp) {
        put_ftyp(&l, NULL);
    }
    if (status == OSK_OK) {
        status = put_media(&l);
    }
    uint64_t media_end = l.plan->out_end;
    l.in_media = false;
    if (status == OSK_OK && l.mdat != NULL && media_end - l.mdat_at == (l.mdat[3] == 1 ? 16 : 8)) {
        status = fail(&l, OSK_MALFORMED, "its samples hold no coded pictures or sound", l.mdat_at);
    }
    if (status == OSK_OK) {
        status = advance(&l, movie->walk->size);
    }
    if (status == OSK_OK && l.plan->status == OSK_OK) {
        status = patch(&l, media_end);
    }
    if (status == OSK_OK && movie->still != NULL) {
        status = osk_still_finish(movie->walk, movie->still);
    }
    if (status == OSK_OK) {
        report_unused(&l);
    }
    return status;
}
