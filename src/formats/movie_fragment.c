/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Movie fragments: ISO/IEC 14496-12 section 8.8. Every track run becomes a chunk of the one plain
 * movie that is written, so that what is hidden in a file is looked for in one place. */
#include "formats/movie.h"

#include "base/checked.h"

/* A fragment's own header; fragments of hours exist, of more than this not. */
#define MOOF_MAX ((uint64_t)256 << 20)

static const char *const where = "moof/traf";

typedef struct Fragment {
    OskMovie *movie;
    OskTrack *track;
    uint64_t moof;     /* its offset */
    uint64_t base;     /* of the data of this track */
    uint64_t data_end; /* behind the last run */
    uint32_t entry;    /* index */
    uint32_t duration;
    uint32_t size;
    uint32_t flags;
} Fragment;

static OskTrack *find_kept(OskMovie *movie, uint32_t id)
{
    for (uint32_t i = 0; i < movie->track_count; i++) {
        if (movie->tracks[i].id == id && movie->tracks[i].kept) {
            return &movie->tracks[i];
        }
    }
    return NULL;
}

OskStatus osk_movie_fragment_defaults(OskMovie *movie, OskCursor mvex)
{
    OskBox box;
    OskCursor body;
    while (osk_box_next(&mvex, &box, &body)) {
        if (box.type == OSK_FOURCC('m', 'e', 'h', 'd')) {
            continue; /* a duration, which is computed anew */
        }
        if (box.type != OSK_FOURCC('t', 'r', 'e', 'x')) {
            osk_movie_report_box(movie, &box, body, OSK_AT_MOOV);
            continue;
        }
        uint8_t version = 0;
        osk_box_full(&body, &version);
        OskTrack *track = find_kept(movie, osk_cursor_u32be(&body));
        for (unsigned i = 0; track != NULL && i < 4; i++) {
            track->trex[i] = osk_cursor_u32be(&body);
        }
        if (track != NULL) {
            track->has_trex = true;
        }
    }
    return OSK_OK;
}

/* The media time behind all samples of the tables. */
static uint64_t total_time(const OskTrack *track)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < track->durations.counts.count; i++) {
        sum += (uint64_t)track->durations.counts.items[i] * track->durations.values.items[i];
    }
    return sum;
}

static OskStatus begin_fragments(OskMovie *movie, OskTrack *track)
{
    if (track->fragmented) {
        return OSK_OK;
    }
    track->fragmented = true;
    track->media_end = total_time(track);
    if (track->fixed_size == 0 || track->sample_count == 0) {
        track->fixed_size = 0;
        return OSK_OK;
    }
    return osk_movie_fail(movie, OSK_UNSUPPORTED, where,
                          "samples of one size in the index, and fragments behind it",
                          track->offset);
}

/* Makes the time line meet `time`, where this fragment begins. */
static OskStatus meet_time(Fragment *f, uint64_t time)
{
    OskTrack *track = f->track;
    if (track->sample_count == 0) {
        track->first_time = time;
        track->media_end = time;
        return OSK_OK;
    }
    uint32_t last = track->durations.counts.count;
    if (time == track->media_end || last == 0) {
        return OSK_OK;
    }
    /* A gap, or an overlap, is the duration of the last sample in front of it. */
    uint64_t duration = track->durations.values.items[last - 1];
    if (time > track->media_end) {
        duration += time - track->media_end;
    } else if (track->media_end - time < duration) {
        duration -= track->media_end - time;
    } else {
        return OSK_OK;
    }
    if (duration > UINT32_MAX) {
        return osk_movie_fail(f->movie, OSK_UNSUPPORTED, where, "a gap of days between fragments",
                              f->moof);
    }
    track->media_end = time;
    track->durations.counts.items[last - 1]--;
    if (track->durations.counts.items[last - 1] == 0) {
        track->durations.counts.count--;
        track->durations.values.count--;
    }
    return osk_runs_add(f->movie, &track->durations, 1, (uint32_t)duration)
               ? OSK_OK
               : osk_movie_memory(f->movie, where);
}

/* Notes whether the sample that comes next is one to begin with. */
static bool add_sync(OskMovie *movie, OskTrack *track, bool sync)
{
    if (track->all_sync && !sync) {
        track->all_sync = false;
        for (uint32_t i = 0; i < track->sample_count; i++) {
            if (!osk_u32s_add(movie, &track->syncs, i)) {
                return false;
            }
        }
        return true;
    }
    return track->all_sync || !sync || osk_u32s_add(movie, &track->syncs, track->sample_count);
}

static bool add_offset(OskMovie *movie, OskTrack *track, bool given, uint32_t offset)
{
    if (!given && track->offsets.counts.count == 0) {
        return true;
    }
    if (track->offsets.counts.count == 0 &&
        !osk_runs_add(movie, &track->offsets, track->sample_count, 0)) {
        return false;
    }
    return osk_runs_add(movie, &track->offsets, 1, offset);
}

static OskStatus read_samples(Fragment *f, OskCursor c, uint32_t flags, uint32_t count,
                              uint32_t first_flags)
{
    OskTrack *track = f->track;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t duration = (flags & 0x100) != 0 ? osk_cursor_u32be(&c) : f->duration;
        uint32_t size = (flags & 0x200) != 0 ? osk_cursor_u32be(&c) : f->size;
        uint32_t sample_flags = (flags & 0x400) != 0           ? osk_cursor_u32be(&c)
                                : i == 0 && (flags & 0x4) != 0 ? first_flags
                                                               : f->flags;
        uint32_t offset = (flags & 0x800) != 0 ? osk_cursor_u32be(&c) : 0;
        if (!osk_cursor_ok(&c)) {
            return osk_movie_fail(f->movie, OSK_MALFORMED, where, "a track run ends early",
                                  f->moof);
        }
        bool sync = (sample_flags & 0x10000) == 0;
        if (track->sample_count == UINT32_MAX ||
            !add_offset(f->movie, track, (flags & 0x800) != 0, offset) ||
            !add_sync(f->movie, track, sync) || !osk_u32s_add(f->movie, &track->sizes, size) ||
            !osk_runs_add(f->movie, &track->durations, 1, duration)) {
            return osk_movie_memory(f->movie, where);
        }
        track->sample_count++;
        track->media_end += duration;
        if (!osk_add_u64(f->data_end, size, &f->data_end)) {
            return osk_movie_fail(f->movie, OSK_MALFORMED, where, "samples of impossible sizes",
                                  f->moof);
        }
    }
    return OSK_OK;
}

static OskStatus read_trun(Fragment *f, OskCursor c)
{
    OskTrack *track = f->track;
    uint8_t version = 0;
    uint32_t flags = osk_box_full(&c, &version);
    uint32_t count = osk_cursor_u32be(&c);
    if ((flags & 1) != 0) {
        f->data_end = f->base + (uint64_t)(int64_t)(int32_t)osk_cursor_u32be(&c);
    }
    uint32_t first_flags = (flags & 4) != 0 ? osk_cursor_u32be(&c) : 0;
    if (!osk_cursor_ok(&c)) {
        return osk_movie_fail(f->movie, OSK_MALFORMED, where, "a track run ends early", f->moof);
    }
    if (count == 0) {
        return OSK_OK;
    }
    if (!osk_walk_spend(f->movie->walk, count, where, f->moof)) {
        return f->movie->walk->fault->status;
    }
    if (f->entry >= track->entry_count) {
        return osk_movie_fail(f->movie, OSK_MALFORMED, where, "samples without a description",
                              f->moof);
    }
    if ((flags & 0x200) == 0 && count > f->movie->walk->size / (f->size > 0 ? f->size : 1)) {
        return osk_movie_fail(f->movie, OSK_TRUNCATED, where, "more samples than the file can hold",
                              f->moof);
    }
    track->offsets_signed = track->offsets_signed || version != 0;
    if (!osk_u64s_add(f->movie, &track->chunk_at, f->data_end) ||
        !osk_u32s_add(f->movie, &track->chunk_first, track->sample_count) ||
        !osk_u32s_add(f->movie, &track->chunk_entry, f->entry)) {
        return osk_movie_memory(f->movie, where);
    }
    return read_samples(f, c, flags, count, first_flags);
}

static void read_tfhd(Fragment *f, OskCursor c, uint64_t default_base)
{
    uint8_t version = 0;
    uint32_t flags = osk_box_full(&c, &version);
    f->track = find_kept(f->movie, osk_cursor_u32be(&c));
    f->base = default_base;
    if ((flags & 1) != 0) {
        f->base = osk_cursor_u64be(&c);
    } else if ((flags & 0x20000) != 0) {
        f->base = f->moof;
    }
    f->data_end = f->base;
    if (f->track == NULL) {
        return;
    }
    const uint32_t *trex = f->track->trex;
    f->entry = ((flags & 2) != 0 ? osk_cursor_u32be(&c) : trex[0]) - 1;
    f->duration = (flags & 8) != 0 ? osk_cursor_u32be(&c) : trex[1];
    f->size = (flags & 16) != 0 ? osk_cursor_u32be(&c) : trex[2];
    f->flags = (flags & 32) != 0 ? osk_cursor_u32be(&c) : trex[3];
}

static OskStatus read_traf(OskMovie *movie, OskCursor traf, uint64_t moof, uint64_t *base)
{
    Fragment f = { .movie = movie, .moof = moof };
    OskBox box;
    OskCursor body;
    OskStatus status = OSK_OK;
    while (status == OSK_OK && osk_box_next(&traf, &box, &body)) {
        switch (box.type) {
        case OSK_FOURCC('t', 'f', 'h', 'd'):
            read_tfhd(&f, body, *base);
            if (f.track != NULL) {
                status = begin_fragments(movie, f.track);
            }
            break;
        case OSK_FOURCC('t', 'f', 'd', 't'):
            if (f.track != NULL) {
                uint8_t version = 0;
                osk_box_full(&body, &version);
                uint64_t time = osk_cursor_be(&body, version == 1 ? 8 : 4);
                status = meet_time(&f, time);
            }
            break;
        case OSK_FOURCC('t', 'r', 'u', 'n'):
            if (f.track != NULL) {
                status = read_trun(&f, body);
            }
            break;
        default: osk_movie_report_box(movie, &box, body, OSK_AT_STBL);
        }
    }
    *base = f.data_end;
    return status;
}

OskStatus osk_movie_fragment(OskMovie *movie, const OskBox *moof)
{
    if (moof->offset < movie->moov.offset) {
        return osk_movie_fail(movie, OSK_UNSUPPORTED, "moof", "a fragment in front of the index",
                              moof->offset);
    }
    uint64_t len = osk_box_body_len(moof);
    if (len > MOOF_MAX || !osk_budget_memory(movie->walk->budget, len)) {
        return osk_movie_fail(movie, OSK_LIMIT, "moof", "larger than a fragment's index may be",
                              moof->offset);
    }
    /* Not from the job's arena: a long stream has thousands of these. */
    OskWriter buffer;
    osk_writer_init(&buffer, (size_t)len);
    osk_writer_zeros(&buffer, (size_t)len);
    OskStatus status =
        osk_writer_ok(&buffer)
            ? osk_walk_read(movie->walk, osk_box_body_offset(moof), buffer.bytes, (size_t)len)
            : osk_movie_memory(movie, "moof");
    OskCursor c = osk_cursor_make(buffer.bytes, (size_t)len, osk_box_body_offset(moof));
    OskBox box;
    OskCursor body;
    uint64_t base = moof->offset;
    while (status == OSK_OK && osk_box_next(&c, &box, &body)) {
        if (box.type == OSK_FOURCC('t', 'r', 'a', 'f')) {
            status = read_traf(movie, body, moof->offset, &base);
        } else if (box.type != OSK_FOURCC('m', 'f', 'h', 'd')) {
            osk_movie_report_box(movie, &box, body, OSK_AT_STBL);
        }
    }
    osk_writer_free(&buffer);
    osk_budget_return(movie->walk->budget, len);
    return status;
}
