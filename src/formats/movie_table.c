/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sample tables: ISO/IEC 14496-12 sections 8.6 and 8.7. Tables that don't agree on how many samples
 * there are describe as many as all of them know; durations that are missing repeat the last one,
 * which is what players do. */
#include "formats/movie.h"

typedef struct Tables {
    OskMovie *movie;
    OskTrack *track;
    OskCursor stts, ctts, stss, stsc, stsz, stz2, stco, co64;
    bool has_stss;
} Tables;

static const char *const where = "moov/trak/mdia/minf/stbl";

/* Takes version, flags and an entry count, and holds the count against what is left. */
static bool read_count(OskCursor *c, size_t entry_len, uint32_t *out_count, uint8_t *out_version)
{
    osk_box_full(c, out_version);
    uint32_t count = osk_cursor_u32be(c);
    if (!osk_cursor_ok(c)) {
        *out_count = 0;
        return false;
    }
    size_t fits = osk_cursor_left(c) / entry_len;
    *out_count = count < fits ? count : (uint32_t)fits;
    return true;
}

static OskStatus read_sizes(Tables *t)
{
    OskTrack *track = t->track;
    bool compact = osk_cursor_left(&t->stz2) > 0;
    OskCursor c = compact ? t->stz2 : t->stsz;
    uint8_t version = 0;
    osk_box_full(&c, &version);
    uint32_t field = osk_cursor_u32be(&c);
    uint32_t count = osk_cursor_u32be(&c);
    if (!osk_cursor_ok(&c)) {
        return osk_movie_fail(t->movie, OSK_MALFORMED, where,
                              "the table of sample sizes is missing", track->offset);
    }
    if (!compact && field != 0) {
        track->fixed_size = field;
        track->sample_count = count;
        return OSK_OK;
    }
    uint64_t bits = compact ? field & 255u : 32;
    if (bits != 4 && bits != 8 && bits != 16 && bits != 32) {
        return osk_movie_fail(t->movie, OSK_MALFORMED, where, "sizes of a width that cannot be",
                              track->offset);
    }
    uint64_t fits = (uint64_t)osk_cursor_left(&c) * 8 / bits;
    count = count < fits ? count : (uint32_t)fits;
    if (!osk_walk_spend(t->movie->walk, count, where, track->offset)) {
        return t->movie->walk->fault->status;
    }
    if (!osk_u32s_reserve(t->movie, &track->sizes, count)) {
        return osk_movie_memory(t->movie, where);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t size = 0;
        if (bits == 4) {
            uint8_t pair = 0;
            osk_cursor_peek(&c, &pair, 1);
            size = (i & 1) == 0 ? pair >> 4 : pair & 15u;
            osk_cursor_skip(&c, i & 1);
        } else {
            size = (uint32_t)osk_cursor_be(&c, (unsigned)bits / 8);
        }
        track->sizes.items[i] = size;
    }
    track->sizes.count = count;
    track->sample_count = count;
    return OSK_OK;
}

static OskStatus read_offsets(Tables *t)
{
    OskTrack *track = t->track;
    bool wide = osk_cursor_left(&t->co64) > 0;
    OskCursor c = wide ? t->co64 : t->stco;
    uint32_t count = 0;
    uint8_t version = 0;
    track->wide_offsets = wide;
    if (osk_cursor_left(&c) > 0) {
        read_count(&c, wide ? 8 : 4, &count, &version);
    }
    if (!osk_walk_spend(t->movie->walk, count, where, track->offset)) {
        return t->movie->walk->fault->status;
    }
    if (!osk_u64s_reserve(t->movie, &track->chunk_at, count)) {
        return osk_movie_memory(t->movie, where);
    }
    for (uint32_t i = 0; i < count; i++) {
        track->chunk_at.items[i] = osk_cursor_be(&c, wide ? 8 : 4);
    }
    track->chunk_at.count = count;
    return OSK_OK;
}

/* Which samples and which description every chunk has. */
static OskStatus read_chunks(Tables *t)
{
    OskTrack *track = t->track;
    OskCursor c = t->stsc;
    uint32_t rows = 0;
    uint8_t version = 0;
    uint32_t chunks = track->chunk_at.count;
    if (osk_cursor_left(&c) > 0) {
        read_count(&c, 12, &rows, &version);
    }
    if (!osk_u32s_reserve(t->movie, &track->chunk_first, chunks) ||
        !osk_u32s_reserve(t->movie, &track->chunk_entry, chunks)) {
        return osk_movie_memory(t->movie, where);
    }
    uint64_t sample = 0;
    uint32_t chunk = 0;
    uint32_t next = rows > 0 ? osk_cursor_u32be(&c) : UINT32_MAX;
    for (uint32_t row = 0; row < rows && chunk < chunks && sample < track->sample_count; row++) {
        uint32_t per_chunk = osk_cursor_u32be(&c);
        uint32_t entry = osk_cursor_u32be(&c);
        next = row + 1 < rows ? osk_cursor_u32be(&c) : UINT32_MAX;
        if (entry == 0 || entry > track->entry_count) {
            return osk_movie_fail(t->movie, OSK_MALFORMED, where, "samples without a description",
                                  track->offset);
        }
        for (; chunk + 1 < next && chunk < chunks && sample < track->sample_count; chunk++) {
            track->chunk_first.items[chunk] = (uint32_t)sample;
            track->chunk_entry.items[chunk] = entry - 1;
            sample += per_chunk;
        }
    }
    track->sample_count = sample < track->sample_count ? (uint32_t)sample : track->sample_count;
    track->chunk_at.count = chunk;
    track->chunk_first.count = chunk;
    track->chunk_entry.count = chunk;
    return OSK_OK;
}

/* Runs of (count, value) for exactly as many samples as there are. */
static OskStatus read_runs(Tables *t, OskCursor c, OskRuns *out, bool repeat_last)
{
    uint32_t rows = 0;
    uint8_t version = 0;
    uint32_t left = t->track->sample_count;
    uint32_t value = 0;
    if (osk_cursor_left(&c) > 0) {
        read_count(&c, 8, &rows, &version);
    }
    if (!osk_walk_spend(t->movie->walk, rows, where, t->track->offset)) {
        return t->movie->walk->fault->status;
    }
    for (uint32_t i = 0; i < rows && left > 0; i++) {
        uint32_t count = osk_cursor_u32be(&c);
        value = osk_cursor_u32be(&c);
        count = count < left ? count : left;
        if (!osk_runs_add(t->movie, out, count, value)) {
            return osk_movie_memory(t->movie, where);
        }
        left -= count;
    }
    if (!osk_runs_add(t->movie, out, left, repeat_last ? value : 0)) {
        return osk_movie_memory(t->movie, where);
    }
    return OSK_OK;
}

static OskStatus read_times(Tables *t)
{
    OskStatus status = read_runs(t, t->stts, &t->track->durations, true);
    if (status == OSK_OK && osk_cursor_left(&t->ctts) > 0) {
        OskCursor c = t->ctts;
        t->track->offsets_signed = osk_cursor_u8(&c) == 1;
        status = read_runs(t, t->ctts, &t->track->offsets, false);
    }
    return status;
}

static OskStatus read_syncs(Tables *t)
{
    OskTrack *track = t->track;
    track->all_sync = !t->has_stss;
    if (!t->has_stss) {
        return OSK_OK;
    }
    OskCursor c = t->stss;
    uint32_t count = 0;
    uint8_t version = 0;
    uint32_t last = 0;
    read_count(&c, 4, &count, &version);
    if (!osk_walk_spend(t->movie->walk, count, where, track->offset)) {
        return t->movie->walk->fault->status;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = osk_cursor_u32be(&c);
        if (number > last && number <= track->sample_count) {
            if (!osk_u32s_add(t->movie, &track->syncs, number - 1)) {
                return osk_movie_memory(t->movie, where);
            }
            last = number;
        }
    }
    return OSK_OK;
}

/* ---- Sample groups ---- */

static bool is_kept_group(uint32_t type)
{
    return type == OSK_FOURCC('r', 'o', 'l', 'l') || type == OSK_FOURCC('p', 'r', 'o', 'l') ||
           type == OSK_FOURCC('r', 'a', 'p', ' ');
}

static OskGroup *find_group(OskTrack *track, uint32_t type)
{
    for (unsigned i = 0; i < track->group_count; i++) {
        if (track->groups[i].type == type) {
            return &track->groups[i];
        }
    }
    return NULL;
}

/* The descriptions of a group that we know: 2 bytes for distances, 1 for 'rap '. */
static void read_descriptions(OskTrack *track, OskCursor c)
{
    uint8_t version = 0;
    osk_box_full(&c, &version);
    uint32_t type = osk_cursor_u32be(&c);
    unsigned want = type == OSK_FOURCC('r', 'a', 'p', ' ') ? 1 : 2;
    uint32_t len = version == 1 ? osk_cursor_u32be(&c) : version == 0 ? want : 0;
    osk_cursor_skip(&c, version >= 2 ? 4 : 0);
    uint32_t count = osk_cursor_u32be(&c);
    if (!osk_cursor_ok(&c) || !is_kept_group(type) || find_group(track, type) != NULL ||
        track->group_count == OSK_GROUPS_MAX || count == 0 || count > 16) {
        return;
    }
    OskGroup group = { .type = type, .value_count = count };
    for (uint32_t i = 0; i < count; i++) {
        uint32_t each = len;
        if (version == 1 && len == 0) {
            each = osk_cursor_u32be(&c);
        } else if (version >= 2) {
            each = want;
        }
        if (each != want) {
            return;
        }
        group.values[i] = (uint32_t)osk_cursor_be(&c, want);
    }
    if (osk_cursor_ok(&c)) {
        track->groups[track->group_count++] = group;
    }
}

static OskStatus read_grouping(Tables *t, const OskBox *box, OskCursor c)
{
    uint8_t version = 0;
    OskCursor rows = c;
    osk_box_full(&c, &version);
    OskGroup *group = find_group(t->track, osk_cursor_u32be(&c));
    if (group == NULL || group->runs.counts.count > 0) {
        osk_movie_report_box(t->movie, box, rows, OSK_AT_STBL);
        return OSK_OK;
    }
    /* From 4 (version 1: 8) bytes on, the box reads like stts, with the type in place of its
     * version. */
    osk_cursor_skip(&rows, version == 1 ? 8 : 4);
    OskStatus status = read_runs(t, rows, &group->runs, false);
    for (uint32_t i = 0; i < group->runs.values.count; i++) {
        if (group->runs.values.items[i] > group->value_count) {
            group->runs.values.items[i] = 0;
        }
    }
    return status;
}

static OskStatus read_groups(Tables *t, bool rows)
{
    OskCursor stbl = t->track->stbl;
    OskBox box;
    OskCursor body;
    OskStatus status = OSK_OK;
    while (status == OSK_OK && osk_box_next(&stbl, &box, &body)) {
        if (!rows && box.type == OSK_FOURCC('s', 'g', 'p', 'd')) {
            unsigned before = t->track->group_count;
            read_descriptions(t->track, body);
            if (t->track->group_count == before) {
                osk_movie_report_box(t->movie, &box, body, OSK_AT_STBL);
            }
        } else if (rows && box.type == OSK_FOURCC('s', 'b', 'g', 'p')) {
            status = read_grouping(t, &box, body);
        }
    }
    return status;
}

/* ---- Order in the file ---- */

/* Chunk `a` stands behind chunk `b`. */
static bool is_behind(const OskTrack *track, uint32_t a, uint32_t b)
{
    uint64_t at = track->chunk_at.items[a];
    uint64_t bt = track->chunk_at.items[b];
    return at > bt || (at == bt && a > b);
}

static void sift(const OskTrack *track, uint32_t *heap, uint32_t root, uint32_t count)
{
    for (uint64_t child = 2 * (uint64_t)root + 1; child < count; child = 2 * (uint64_t)root + 1) {
        uint32_t big = (uint32_t)child;
        if (child + 1 < count && is_behind(track, heap[child + 1], heap[child])) {
            big++;
        }
        if (!is_behind(track, heap[big], heap[root])) {
            return;
        }
        uint32_t swap = heap[root];
        heap[root] = heap[big];
        heap[big] = swap;
        root = big;
    }
}

OskStatus osk_movie_sort(OskMovie *movie, OskTrack *track)
{
    uint32_t count = track->chunk_at.count;
    bool sorted = true;
    for (uint32_t i = 1; i < count && sorted; i++) {
        sorted = track->chunk_at.items[i - 1] <= track->chunk_at.items[i];
    }
    if (sorted) {
        return OSK_OK;
    }
    if (!osk_u32s_reserve(movie, &track->order, count)) {
        return osk_movie_memory(movie, where);
    }
    uint32_t *heap = track->order.items;
    for (uint32_t i = 0; i < count; i++) {
        heap[i] = i;
    }
    track->order.count = count;
    for (uint32_t i = count / 2; i > 0; i--) {
        sift(track, heap, i - 1, count);
    }
    for (uint32_t end = count; end > 1; end--) {
        uint32_t swap = heap[0];
        heap[0] = heap[end - 1];
        heap[end - 1] = swap;
        sift(track, heap, 0, end - 1);
    }
    return OSK_OK;
}

/* ---- All of it ---- */

static void find_tables(Tables *t)
{
    OskCursor stbl = t->track->stbl;
    OskBox box;
    OskCursor body;
    while (osk_box_next(&stbl, &box, &body)) {
        switch (box.type) {
        case OSK_FOURCC('s', 't', 't', 's'): t->stts = body; break;
        case OSK_FOURCC('c', 't', 't', 's'): t->ctts = body; break;
        case OSK_FOURCC('s', 't', 's', 's'):
            t->stss = body;
            t->has_stss = true;
            break;
        case OSK_FOURCC('s', 't', 's', 'c'): t->stsc = body; break;
        case OSK_FOURCC('s', 't', 's', 'z'): t->stsz = body; break;
        case OSK_FOURCC('s', 't', 'z', '2'): t->stz2 = body; break;
        case OSK_FOURCC('s', 't', 'c', 'o'): t->stco = body; break;
        case OSK_FOURCC('c', 'o', '6', '4'): t->co64 = body; break;
        case OSK_FOURCC('s', 't', 's', 'd'):
        case OSK_FOURCC('s', 'g', 'p', 'd'):
        case OSK_FOURCC('s', 'b', 'g', 'p'): break;
        default: osk_movie_report_box(t->movie, &box, body, OSK_AT_STBL);
        }
    }
}

/* Uncompressed sound: readers take the size of a sample from its description, as old writers put 1
 * or 2 into the table whatever the channels are. The copy says the size that holds. */
static OskStatus read_frame_size(OskMovie *movie, OskTrack *track)
{
    uint32_t size = 0;
    for (uint32_t i = 0; i < track->entry_count && track->fixed_size != 0; i++) {
        const OskEntry *entry = &track->entries[i];
        uint32_t here = entry->packet_samples == 1 ? entry->packet_bytes : track->fixed_size;
        if (size != 0 && here != size) {
            return osk_movie_fail(movie, OSK_UNSUPPORTED, where,
                                  "sound whose samples are of two sizes", track->offset);
        }
        size = here;
    }
    track->fixed_size = size != 0 ? size : track->fixed_size;
    return OSK_OK;
}

/* Samples that are looked into need a size each. */
static OskStatus expand_fixed(OskMovie *movie, OskTrack *track)
{
    bool opaque = true;
    for (uint32_t i = 0; i < track->entry_count; i++) {
        opaque = opaque && track->entries[i].kind == OSK_SAMPLES_OPAQUE;
    }
    if (opaque || track->fixed_size == 0) {
        return OSK_OK;
    }
    if (track->sample_count > movie->walk->size / track->fixed_size) {
        return osk_movie_fail(movie, OSK_TRUNCATED, where, "more samples than the file can hold",
                              track->offset);
    }
    if (!osk_walk_spend(movie->walk, track->sample_count, where, track->offset)) {
        return movie->walk->fault->status;
    }
    if (!osk_u32s_reserve(movie, &track->sizes, track->sample_count)) {
        return osk_movie_memory(movie, where);
    }
    for (uint32_t i = 0; i < track->sample_count; i++) {
        track->sizes.items[i] = track->fixed_size;
    }
    track->sizes.count = track->sample_count;
    track->fixed_size = 0;
    return OSK_OK;
}

OskStatus osk_movie_table(OskMovie *movie, OskTrack *track)
{
    Tables t = { .movie = movie, .track = track };
    find_tables(&t);
    OskStatus status = OSK_OK;
    if (osk_cursor_left(&t.stsz) == 0 && osk_cursor_left(&t.stz2) == 0) {
        track->all_sync = !t.has_stss;
        return OSK_OK;
    }
    status = read_sizes(&t);
    if (status == OSK_OK) {
        status = read_frame_size(movie, track);
    }
    if (status == OSK_OK) {
        status = read_offsets(&t);
    }
    if (status == OSK_OK) {
        status = read_chunks(&t);
    }
    if (status == OSK_OK) {
        status = expand_fixed(movie, track);
    }
    if (status == OSK_OK) {
        status = read_times(&t);
    }
    if (status == OSK_OK) {
        status = read_syncs(&t);
    }
    if (status == OSK_OK) {
        status = read_groups(&t, false);
    }
    if (status == OSK_OK) {
        status = read_groups(&t, true);
    }
    return status;
}

uint32_t osk_movie_chunk_end(const OskTrack *track, uint32_t chunk)
{
    return chunk + 1 < track->chunk_first.count ? track->chunk_first.items[chunk + 1]
                                                : track->sample_count;
}

uint64_t osk_movie_bytes(const OskTrack *track, uint32_t entry, uint32_t first, uint32_t end)
{
    const OskEntry *e = &track->entries[entry];
    uint64_t count = end - first;
    if (track->fixed_size != 0 && e->packet_bytes != 0) {
        uint64_t packets = (count + e->packet_samples - 1) / e->packet_samples;
        return packets * e->packet_bytes;
    }
    if (track->fixed_size != 0) {
        return count * track->fixed_size;
    }
    uint64_t sum = 0;
    for (uint32_t i = first; i < end; i++) {
        sum += track->sizes.items[i];
    }
    return sum;
}
