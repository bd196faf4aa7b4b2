/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The new moov: written field by field, so that nothing rides along. Sizes and chunk offsets are
 * left blank and filled in when the media data is laid out. */
#include "formats/movie.h"

/* Brands and boxes as in ISO/IEC 14496-12 sections 8.2 to 8.7. */

static bool is_sound(const OskTrack *track)
{
    return track->handler == OSK_FOURCC('s', 'o', 'u', 'n');
}

static void put_time_width(OskWriter *out, uint64_t value, bool wide)
{
    osk_writer_be(out, value, wide ? 8 : 4);
}

/* The bytes of a cursor, or zeros where it is shorter. */
static void put_field(OskWriter *out, const OskCursor *from, size_t at, size_t len)
{
    OskCursor c = *from;
    osk_cursor_skip(&c, at);
    const uint8_t *bytes = osk_cursor_bytes(&c, len);
    if (bytes != NULL) {
        osk_writer_bytes(out, bytes, len);
    } else {
        osk_writer_zeros(out, len);
    }
}

static void put_full(OskWriter *out, uint32_t version, uint32_t flags)
{
    osk_writer_be(out, version, 1);
    osk_writer_be(out, flags, 3);
}

/* A matrix turns, scales and moves; its right column is fixed, and players don't look at it. */
static void put_matrix(OskWriter *out, const OskCursor *from, size_t at)
{
    static const uint32_t identity[9] = { 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000 };
    OskCursor c = *from;
    osk_cursor_skip(&c, at);
    bool there = osk_cursor_left(&c) >= 36;
    for (unsigned i = 0; i < 9; i++) {
        uint32_t value = osk_cursor_u32be(&c);
        osk_writer_be(out, there && i % 3 != 2 ? value : identity[i], 4);
    }
}

/* ---- Tables ---- */

/* Runs cut down to the spans that stay, neighbours joined. */
typedef struct RunWriter {
    OskWriter *out;
    uint32_t rows;
    uint32_t count;
    uint32_t value;
} RunWriter;

static void put_run(RunWriter *w, uint32_t count, uint32_t value)
{
    if (count == 0) {
        return;
    }
    if (w->count > 0 && w->value == value && w->count <= UINT32_MAX - count) {
        w->count += count;
        return;
    }
    if (w->count > 0) {
        osk_writer_be(w->out, w->count, 4);
        osk_writer_be(w->out, w->value, 4);
        w->rows++;
    }
    w->count = count;
    w->value = value;
}

static void put_runs(OskWriter *out, const OskTrack *track, const OskRuns *runs)
{
    size_t count_at = out->len;
    osk_writer_zeros(out, 4);
    RunWriter w = { .out = out };
    uint64_t at = 0;
    uint32_t span = 0;
    for (uint32_t run = 0; run < runs->counts.count; run++) {
        uint64_t end = at + runs->counts.items[run];
        while (span < track->span_count && track->spans[span].first < end) {
            uint64_t from = track->spans[span].first > at ? track->spans[span].first : at;
            uint64_t to = track->spans[span].end < end ? track->spans[span].end : end;
            put_run(&w, to > from ? (uint32_t)(to - from) : 0, runs->values.items[run]);
            if (track->spans[span].end > end) {
                break;
            }
            span++;
        }
        at = end;
    }
    put_run(&w, 1, w.value + 1);
    osk_writer_patch_be(out, count_at, w.rows, 4);
}

static void put_stss(OskWriter *out, const OskTrack *track)
{
    OskWriterMark mark = osk_writer_box(out, "stss");
    put_full(out, 0, 0);
    size_t count_at = out->len;
    osk_writer_zeros(out, 4);
    uint32_t span = 0;
    uint32_t before = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < track->syncs.count; i++) {
        uint32_t sync = track->syncs.items[i];
        while (span < track->span_count && sync >= track->spans[span].end) {
            before += track->spans[span].end - track->spans[span].first;
            span++;
        }
        if (span < track->span_count && sync >= track->spans[span].first) {
            osk_writer_be(out, before + (sync - track->spans[span].first) + 1, 4);
            count++;
        }
    }
    osk_writer_patch_be(out, count_at, count, 4);
    osk_writer_close(out, mark);
}

uint32_t osk_movie_kept(const OskTrack *track, uint32_t first, uint32_t end, uint32_t *span)
{
    uint32_t kept = 0;
    while (*span < track->span_count && track->spans[*span].end <= first) {
        (*span)++;
    }
    for (uint32_t i = *span; i < track->span_count && track->spans[i].first < end; i++) {
        uint32_t from = track->spans[i].first > first ? track->spans[i].first : first;
        uint32_t to = track->spans[i].end < end ? track->spans[i].end : end;
        kept += to - from;
    }
    return kept;
}

/* Chunks that keep samples; `entries` get their numbers. */
static OskStatus count_chunks(OskMovie *movie, OskTrack *track)
{
    uint32_t span = 0;
    track->out_chunks = 0;
    for (uint32_t i = 0; i < track->chunk_first.count; i++) {
        if (osk_movie_kept(track, track->chunk_first.items[i], osk_movie_chunk_end(track, i),
                           &span) > 0) {
            track->out_chunks++;
            track->entries[track->chunk_entry.items[i]].number = 1;
        }
    }
    uint32_t number = 0;
    const OskEntry *first = NULL;
    for (uint32_t i = 0; i < track->entry_count; i++) {
        OskEntry *entry = &track->entries[i];
        bool used = entry->number != 0;
        if (used && osk_movie_use_entry(movie, entry) != OSK_OK) {
            return entry->status;
        }
        bool alike = first == NULL || (entry->kind == first->kind && entry->codec == first->codec);
        if (used && !alike) {
            return osk_movie_fail(movie, OSK_UNSUPPORTED, "stbl/stsd",
                                  "codings that change within a track", track->offset);
        }
        used = used || (track->out_chunks == 0 && entry->status == OSK_OK && alike);
        first = first == NULL && used ? entry : first;
        entry->number = used ? ++number : 0;
        if (!used) {
            osk_report_add(
                movie->walk->report,
                (OskFact){ .kind = OSK_KIND_OTHER,
                           .part = "stbl/stsd",
                           .field = "mp4.description",
                           .label = "description of pictures or sound that are not there",
                           .offset = osk_cursor_offset(&entry->body),
                           .len = osk_cursor_left(&entry->body) },
                NULL);
        }
    }
    track->out_samples = 0;
    for (uint32_t i = 0; i < track->span_count; i++) {
        track->out_samples += track->spans[i].end - track->spans[i].first;
    }
    return OSK_OK;
}

static void put_stsc(OskWriter *out, const OskTrack *track)
{
    OskWriterMark mark = osk_writer_box(out, "stsc");
    put_full(out, 0, 0);
    size_t count_at = out->len;
    osk_writer_zeros(out, 4);
    uint32_t rows = 0;
    uint32_t chunk = 0;
    uint32_t span = 0;
    uint32_t last_kept = 0;
    uint32_t last_entry = 0;
    for (uint32_t i = 0; i < track->chunk_first.count; i++) {
        uint32_t kept = osk_movie_kept(track, track->chunk_first.items[i],
                                       osk_movie_chunk_end(track, i), &span);
        if (kept == 0) {
            continue;
        }
        uint32_t entry = track->entries[track->chunk_entry.items[i]].number;
        chunk++;
        if (kept != last_kept || entry != last_entry) {
            osk_writer_be(out, chunk, 4);
            osk_writer_be(out, kept, 4);
            osk_writer_be(out, entry, 4);
            rows++;
            last_kept = kept;
            last_entry = entry;
        }
    }
    osk_writer_patch_be(out, count_at, rows, 4);
    osk_writer_close(out, mark);
}

static void put_sizes(OskWriter *out, OskTrack *track)
{
    OskWriterMark mark = osk_writer_box(out, "stsz");
    put_full(out, 0, 0);
    osk_writer_be(out, track->fixed_size, 4);
    osk_writer_be(out, track->out_samples, 4);
    track->sizes_at = out->len;
    osk_writer_zeros(out, track->fixed_size == 0 ? (size_t)track->out_samples * 4 : 0);
    osk_writer_close(out, mark);
}

static void put_offsets(OskWriter *out, OskTrack *track)
{
    OskWriterMark mark = osk_writer_box(out, track->wide_offsets ? "co64" : "stco");
    put_full(out, 0, 0);
    osk_writer_be(out, track->out_chunks, 4);
    track->chunks_at = out->len;
    osk_writer_zeros(out, (size_t)track->out_chunks * (track->wide_offsets ? 8 : 4));
    osk_writer_close(out, mark);
}

static void put_groups(OskWriter *out, const OskTrack *track)
{
    for (unsigned i = 0; i < track->group_count; i++) {
        const OskGroup *group = &track->groups[i];
        unsigned width = group->type == OSK_FOURCC('r', 'a', 'p', ' ') ? 1 : 2;
        if (group->runs.counts.count == 0 || track->out_samples == 0) {
            continue;
        }
        OskWriterMark mark = osk_writer_box(out, "sgpd");
        put_full(out, 1, 0);
        osk_writer_be(out, group->type, 4);
        osk_writer_be(out, width, 4);
        osk_writer_be(out, group->value_count, 4);
        for (uint32_t j = 0; j < group->value_count; j++) {
            osk_writer_be(out, group->values[j], width);
        }
        osk_writer_close(out, mark);
        mark = osk_writer_box(out, "sbgp");
        put_full(out, 0, 0);
        osk_writer_be(out, group->type, 4);
        put_runs(out, track, &group->runs);
        osk_writer_close(out, mark);
    }
}

static bool has_offsets(const OskTrack *track)
{
    return track->offsets.counts.count > 0 && track->out_samples > 0;
}

static void put_stbl(OskWriter *out, OskTrack *track)
{
    OskWriterMark stbl = osk_writer_box(out, "stbl");
    OskWriterMark mark = osk_writer_box(out, "stsd");
    put_full(out, track->stsd_version, 0);
    size_t count_at = out->len;
    uint32_t count = 0;
    osk_writer_zeros(out, 4);
    for (uint32_t i = 0; i < track->entry_count; i++) {
        if (track->entries[i].number != 0) {
            osk_writer_bytes(out, track->entries[i].out.bytes, track->entries[i].out.len);
            count++;
        }
    }
    osk_writer_patch_be(out, count_at, count, 4);
    osk_writer_close(out, mark);
    mark = osk_writer_box(out, "stts");
    put_full(out, 0, 0);
    put_runs(out, track, &track->durations);
    osk_writer_close(out, mark);
    if (!track->all_sync) {
        put_stss(out, track);
    }
    if (has_offsets(track)) {
        mark = osk_writer_box(out, "ctts");
        put_full(out, track->offsets_signed ? 1 : 0, 0);
        put_runs(out, track, &track->offsets);
        osk_writer_close(out, mark);
    }
    put_stsc(out, track);
    put_sizes(out, track);
    put_offsets(out, track);
    put_groups(out, track);
    osk_writer_close(out, stbl);
}

/* ---- Headers ---- */

static void put_minf(OskMovie *movie, OskTrack *track)
{
    OskWriter *out = &movie->out;
    OskWriterMark minf = osk_writer_box(out, "minf");
    OskWriterMark mark;
    if (is_sound(track)) {
        mark = osk_writer_box(out, "smhd");
        put_full(out, 0, 0);
        put_field(out, &track->smhd, 4, 2);
        osk_writer_zeros(out, 2);
    } else {
        mark = osk_writer_box(out, "vmhd");
        put_full(out, 0, 1);
        put_field(out, &track->vmhd, 4, 8);
    }
    osk_writer_close(out, mark);
    if (movie->quicktime) {
        mark = osk_writer_box(out, "hdlr");
        osk_writer_zeros(out, 4);
        osk_writer_bytes(out, "dhlrurl ", 8);
        osk_writer_zeros(out, 13);
        osk_writer_close(out, mark);
    }
    mark = osk_writer_box(out, "dinf");
    OskWriterMark dref = osk_writer_box(out, "dref");
    put_full(out, 0, 0);
    osk_writer_be(out, 1, 4);
    osk_writer_bytes(out, "\0\0\0\x0Curl \0\0\0\x01", 12);
    osk_writer_close(out, dref);
    osk_writer_close(out, mark);
    put_stbl(out, track);
    osk_writer_close(out, minf);
}

static void put_mdia(OskMovie *movie, OskTrack *track)
{
    OskWriter *out = &movie->out;
    OskWriterMark mdia = osk_writer_box(out, "mdia");
    bool wide = track->media_duration > UINT32_MAX - 1;
    OskWriterMark mark = osk_writer_box(out, "mdhd");
    put_full(out, wide ? 1 : 0, 0);
    osk_writer_zeros(out, wide ? 16 : 8);
    osk_writer_be(out, track->timescale, 4);
    put_time_width(out, track->media_duration, wide);
    osk_writer_be(out, 0x55C4, 2); /* "und": no language */
    osk_writer_zeros(out, 2);
    osk_writer_close(out, mark);
    mark = osk_writer_box(out, "hdlr");
    put_full(out, 0, 0);
    osk_writer_bytes(out, movie->quicktime ? "mhlr" : "\0\0\0", 4);
    osk_writer_be(out, track->handler, 4);
    osk_writer_zeros(out, 13);
    osk_writer_close(out, mark);
    put_minf(movie, track);
    osk_writer_close(out, mdia);
}

static void put_tkhd(OskWriter *out, const OskTrack *track)
{
    bool wide = track->shown_duration > UINT32_MAX - 1;
    OskWriterMark mark = osk_writer_box(out, "tkhd");
    put_full(out, wide ? 1 : 0, (track->flags & 0xE) | 1);
    osk_writer_zeros(out, wide ? 16 : 8);
    osk_writer_be(out, track->number, 4);
    osk_writer_zeros(out, 4);
    put_time_width(out, track->shown_duration, wide);
    osk_writer_zeros(out, 8);
    put_field(out, &track->tkhd, 0, 2); /* layer */
    osk_writer_zeros(out, 2);           /* the alternates are gone */
    put_field(out, &track->tkhd, 4, 2); /* volume */
    osk_writer_zeros(out, 2);
    put_matrix(out, &track->tkhd, 8);
    put_field(out, &track->tkhd, 44, 8); /* width, height */
    osk_writer_close(out, mark);
}

static void put_elst(OskWriter *out, const OskTrack *track)
{
    if (track->edit_count == 0) {
        return;
    }
    bool wide = false;
    for (uint32_t i = 0; i < track->edit_count; i++) {
        const OskEdit *edit = &track->edits[i];
        wide = wide || edit->duration > UINT32_MAX || edit->media_time > INT32_MAX;
    }
    OskWriterMark edts = osk_writer_box(out, "edts");
    OskWriterMark mark = osk_writer_box(out, "elst");
    put_full(out, wide ? 1 : 0, track->repeats ? 1 : 0);
    osk_writer_be(out, track->edit_count, 4);
    for (uint32_t i = 0; i < track->edit_count; i++) {
        const OskEdit *edit = &track->edits[i];
        put_time_width(out, edit->duration, wide);
        put_time_width(out, (uint64_t)edit->media_time, wide);
        osk_writer_be(out, edit->rate, 4);
    }
    osk_writer_close(out, mark);
    osk_writer_close(out, edts);
}

/* References from an auxiliary picture to what it belongs to. */
static void put_tref(OskMovie *movie, const OskTrack *track)
{
    OskCursor tref = track->tref;
    OskBox box;
    OskCursor body;
    while (osk_box_next(&tref, &box, &body)) {
        if (box.type != OSK_FOURCC('a', 'u', 'x', 'l')) {
            continue;
        }
        while (osk_cursor_left(&body) >= 4) {
            uint32_t id = osk_cursor_u32be(&body);
            for (uint32_t i = 0; i < movie->track_count; i++) {
                const OskTrack *to = &movie->tracks[i];
                if (to->kept && to->id == id && to->handler != OSK_FOURCC('a', 'u', 'x', 'v')) {
                    OskWriterMark outer = osk_writer_box(&movie->out, "tref");
                    OskWriterMark mark = osk_writer_box(&movie->out, "auxl");
                    osk_writer_be(&movie->out, movie->tracks[i].number, 4);
                    osk_writer_close(&movie->out, mark);
                    osk_writer_close(&movie->out, outer);
                    return;
                }
            }
        }
    }
}

/* The aperture of a track: three pairs of numbers. */
static void put_tapt(OskWriter *out, const OskTrack *track)
{
    OskCursor tapt = track->tapt;
    OskBox box;
    OskCursor body;
    if (osk_cursor_left(&tapt) == 0) {
        return;
    }
    OskWriterMark mark = osk_writer_box(out, "tapt");
    while (osk_box_next(&tapt, &box, &body)) {
        bool known = box.type == OSK_FOURCC('c', 'l', 'e', 'f') ||
                     box.type == OSK_FOURCC('p', 'r', 'o', 'f') ||
                     box.type == OSK_FOURCC('e', 'n', 'o', 'f');
        if (known && osk_cursor_left(&body) == 12) {
            OskWriterMark inner = osk_writer_open(out, 4, true);
            osk_writer_be(out, box.type, 4);
            put_full(out, 0, 0);
            put_field(out, &body, 4, 8);
            osk_writer_close(out, inner);
        }
    }
    osk_writer_close(out, mark);
}

static void put_trak(OskMovie *movie, OskTrack *track)
{
    OskWriter *out = &movie->out;
    OskWriterMark mark = osk_writer_box(out, "trak");
    put_tkhd(out, track);
    put_tapt(out, track);
    put_elst(out, track);
    put_tref(movie, track);
    put_mdia(movie, track);
    osk_writer_close(out, mark);
}

static void put_mvhd(OskMovie *movie)
{
    OskWriter *out = &movie->out;
    uint64_t duration = 0;
    uint32_t tracks = 0;
    for (uint32_t i = 0; i < movie->track_count; i++) {
        const OskTrack *track = &movie->tracks[i];
        if (track->kept) {
            duration = track->shown_duration > duration ? track->shown_duration : duration;
            tracks++;
        }
    }
    bool wide = duration > UINT32_MAX - 1;
    OskWriterMark mark = osk_writer_box(out, "mvhd");
    put_full(out, wide ? 1 : 0, 0);
    osk_writer_zeros(out, wide ? 16 : 8);
    osk_writer_be(out, movie->timescale, 4);
    put_time_width(out, duration, wide);
    put_field(out, &movie->mvhd, 0, 6); /* rate, volume */
    osk_writer_zeros(out, 10);
    put_matrix(out, &movie->mvhd, 16);
    osk_writer_zeros(out, 24);
    osk_writer_be(out, tracks + 1, 4);
    osk_writer_close(out, mark);
}

/* An initialisation segment stays one: its fragments are in other files. */
static void put_mvex(OskMovie *movie)
{
    OskWriter *out = &movie->out;
    bool samples = movie->has_fragments;
    for (uint32_t i = 0; i < movie->track_count; i++) {
        samples = samples || (movie->tracks[i].kept && movie->tracks[i].sample_count > 0);
    }
    if (!movie->has_mvex || samples) {
        return;
    }
    OskWriterMark mvex = osk_writer_box(out, "mvex");
    for (uint32_t i = 0; i < movie->track_count; i++) {
        const OskTrack *track = &movie->tracks[i];
        if (track->kept) {
            OskWriterMark mark = osk_writer_box(out, "trex");
            put_full(out, 0, 0);
            osk_writer_be(out, track->number, 4);
            osk_writer_be(out, 1, 4);
            for (unsigned j = 1; j < 4; j++) {
                osk_writer_be(out, track->trex[j], 4);
            }
            osk_writer_close(out, mark);
        }
    }
    osk_writer_close(out, mvex);
}

OskStatus osk_movie_write(OskMovie *movie)
{
    osk_writer_init(&movie->out, (size_t)1 << 31);
    OskWriterMark mark = osk_writer_box(&movie->out, "moov");
    put_mvhd(movie);
    for (uint32_t i = 0; i < movie->track_count; i++) {
        OskTrack *track = &movie->tracks[i];
        if (track->kept) {
            OskStatus status = count_chunks(movie, track);
            if (status != OSK_OK) {
                return status;
            }
            put_trak(movie, track);
        }
    }
    put_mvex(movie);
    osk_writer_close(&movie->out, mark);
    return osk_writer_ok(&movie->out) ? OSK_OK : osk_movie_memory(movie, "moov");
}
