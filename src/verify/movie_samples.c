/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples: where they are, whether they are shown, and that the tables which say so agree.
 * Source: ISO/IEC 14496-12, 8.6 and 8.7. */
#include "verify/movie_box.h"

/* What can stand in front of a picture: headers, and user data among them. */
#define NOTES_REACH ((size_t)4096)

/* Edit lists of cameras have a handful of rows. */
#define EDITS_MOST 256u
/* What one coding delay may leave undisplayed beside each edit: priming of sound, reordering of
 * pictures. */
#define HIDDEN_PICTURES 4u

typedef struct Edit {
    int64_t begin; /* in the media's time scale */
    int64_t end;
} Edit;

/* Row `index` of the edit list; false for empty edits, which show nothing. */
static bool read_edit(const OskMovie *movie, OskCursor *rows, Edit *out)
{
    const OskMovieTrack *track = movie->track;
    bool wide = track->elst.fixed == 1;
    uint64_t duration = osk_cursor_be(rows, wide ? 8 : 4);
    uint64_t begin = osk_cursor_be(rows, wide ? 8 : 4);
    uint32_t rate = osk_cursor_u32be(rows);
    if (begin == (wide ? UINT64_MAX : UINT32_MAX) || begin > INT64_MAX / 2) {
        return false;
    }
    out->begin = (int64_t)begin;
    /* A duration of 0 reaches to the end of a fragmented movie; one that overflows does so too. */
    uint64_t scaled = 0;
    bool fits = movie->timescale != 0 &&
                !__builtin_mul_overflow(duration, track->timescale, &scaled) &&
                scaled / movie->timescale < INT64_MAX / 2;
    uint64_t round = movie->timescale != 0 ? track->timescale / movie->timescale + 1 : 0;
    out->end = duration == 0 || !fits ? INT64_MAX
                                      : out->begin + (int64_t)(scaled / movie->timescale + round);
    if (rate == 0) {
        out->end = out->begin + 1;
    }
    return true;
}

static bool is_shown(OskMovie *movie, int64_t begin, uint32_t duration)
{
    OskMovieTrack *track = movie->track;
    OskCursor rows = track->elst.rows;
    /* A sample without a duration is shown where it begins. */
    int64_t end = begin + (int64_t)(duration > 0 ? duration : 1);
    bool any = !track->elst.there || track->elst.count == 0;
    for (uint32_t i = 0; !any && i < track->elst.count; i++) {
        Edit edit;
        any = read_edit(movie, &rows, &edit) && begin < edit.end && end > edit.begin;
    }
    return any;
}

/* Pictures outside of the edits may stay only where a shown one is built from them: none may stand
 * right before a picture at which decoding begins, or at the end. Sound needs what one coding delay
 * holds. */
static void note_hidden(OskMovieTrack *track, const OskMovieSample *sample, bool shown)
{
    if (sample->sync && track->run > 0) {
        track->needless = true;
    }
    if (shown) {
        track->run = 0;
        return;
    }
    track->run++;
    track->longest = track->run > track->longest ? track->run : track->longest;
    track->hidden++;
    track->hidden_time += sample->duration;
}

/* User data of MPEG-4 video stands in front of the coded picture. Source: ISO/IEC 14496-2, 6.2.2.1.
 */
static OskStatus check_notes(OskMovie *movie, const OskMovieSample *sample)
{
    uint8_t head[NOTES_REACH];
    size_t len = sample->size < sizeof(head) ? sample->size : sizeof(head);
    OskStatus status = osk_check_read(movie->check, sample->offset, head, len);
    if (status == OSK_OK && osk_video_has_notes(head, len)) {
        osk_check_found(movie->check, "sample", "user data between start codes", sample->offset);
    }
    return status;
}

void osk_check_movie_sample(OskMovie *movie, const OskMovieSample *sample)
{
    OskMovieTrack *track = movie->track;
    OskCheck *check = movie->check;
    uint32_t edits = track->elst.there ? track->elst.count : 0;
    if (!osk_budget_parts(check->budget, (uint64_t)edits + 1)) {
        movie->status =
            osk_check_fail(check, OSK_LIMIT, movie->part, "too many samples", sample->offset);
        return;
    }
    if (sample->offset > check->size || sample->size > check->size - sample->offset) {
        osk_check_found(check, movie->part, "a sample outside of the file", sample->offset);
        movie->status = OSK_FOUND;
        return;
    }
    note_hidden(track, sample,
                is_shown(movie, track->decode_time + sample->shift, sample->duration));
    track->samples++;
    track->decode_time += sample->duration;
    if (!osk_shown_add(check, movie->shown, sample->offset, sample->size)) {
        movie->status = OSK_NO_MEMORY;
    } else if (track->video != NULL && sample->size > 0) {
        movie->status = osk_video_sample(track->video, sample->offset, sample->size);
    } else if (track->mpeg4) {
        movie->status = check_notes(movie, sample);
    }
}

/* How much of [begin, begin + len) the edits show. */
static uint64_t shown_of(const OskMovie *movie, int64_t begin, uint64_t len)
{
    const OskMovieTrack *track = movie->track;
    OskCursor rows = track->elst.rows;
    uint64_t shown = 0;
    if (!track->elst.there || track->elst.count == 0) {
        return len;
    }
    for (uint32_t i = 0; i < track->elst.count; i++) {
        Edit edit;
        if (read_edit(movie, &rows, &edit)) {
            int64_t from = begin > edit.begin ? begin : edit.begin;
            int64_t to = begin + (int64_t)len < edit.end ? begin + (int64_t)len : edit.end;
            shown += to > from ? (uint64_t)(to - from) : 0;
        }
    }
    return shown < len ? shown : len;
}

/* Samples of one size and duration, such as those of PCM sound, of which a second has 48,000: all
 * at once. */
static void check_run(OskMovie *movie, uint64_t offset, uint64_t size, uint32_t count,
                      uint32_t duration)
{
    OskMovieTrack *track = movie->track;
    OskCheck *check = movie->check;
    uint64_t time = (uint64_t)count * duration;
    if (!osk_budget_parts(check->budget, (uint64_t)track->elst.count + 1)) {
        movie->status = osk_check_fail(check, OSK_LIMIT, movie->part, "too many samples", offset);
        return;
    }
    if (offset > check->size || size > check->size - offset) {
        osk_check_found(check, movie->part, "a sample outside of the file", offset);
        movie->status = OSK_FOUND;
        return;
    }
    uint64_t hidden = time - shown_of(movie, track->decode_time, time);
    /* Times of edits are rounded to the movie's scale. */
    uint64_t round = movie->timescale != 0 ? track->timescale / movie->timescale + 1 : 0;
    if (duration > 0 && hidden > round) {
        track->hidden += hidden / duration;
        track->hidden_time += hidden;
        track->longest = track->hidden;
    }
    track->samples += count;
    track->decode_time += (int64_t)time;
    if (!osk_shown_add(check, movie->shown, offset, size)) {
        movie->status = OSK_NO_MEMORY;
    }
}

void osk_check_movie_samples_end(OskMovie *movie)
{
    OskMovieTrack *track = movie->track;
    uint64_t edits = track->elst.there ? (uint64_t)track->elst.count + 1 : 1;
    bool sound = track->handler == OSK_TYPE('s', 'o', 'u', 'n');
    bool found = sound ? track->longest > track->priming
                       : track->needless || track->run > 0 || track->longest > HIDDEN_PICTURES;
    found = found || (!sound && track->hidden_time > (uint64_t)track->timescale * edits);
    if (found && !movie->check->keeps_preroll) {
        osk_check_found_as(movie->check, OSK_CHECK_PREROLL, movie->part,
                           "samples that are not shown", movie->at);
    }
}

/* Tables with runs: a count and a value. */
typedef struct Runs {
    OskCursor rows;
    uint32_t left;
    uint32_t value;
} Runs;

static bool next_run(Runs *runs, uint32_t *out)
{
    while (runs->left == 0 && osk_cursor_more(&runs->rows)) {
        runs->left = osk_cursor_u32be(&runs->rows);
        runs->value = osk_cursor_u32be(&runs->rows);
    }
    if (runs->left == 0) {
        return false;
    }
    runs->left--;
    *out = runs->value;
    return true;
}

static bool runs_are_over(Runs *runs)
{
    uint32_t ignored = 0;
    return !next_run(runs, &ignored);
}

typedef struct Walk {
    Runs durations;
    Runs shifts;
    OskCursor sizes;
    uint32_t size_bits; /* 0: all are `fixed` */
    uint32_t fixed;
    uint32_t nibbles;
    OskCursor chunks;
    unsigned chunk_width;
    OskCursor chunk_runs; /* stsc */
    uint32_t run_first;   /* first chunk of the run after the one at hand */
    uint32_t per_chunk;
    uint32_t per_chunk_next;
    uint32_t count; /* samples */
    OskCursor syncs;
    uint32_t sync;  /* the next one, counted from 1; 0: no more */
    bool some_sync; /* else every sample is one */
} Walk;

static uint32_t next_size(Walk *walk)
{
    if (walk->size_bits == 0) {
        return walk->fixed;
    }
    if (walk->size_bits != 4) {
        return (uint32_t)osk_cursor_be(&walk->sizes, walk->size_bits / 8);
    }
    uint8_t pair = 0;
    (void)osk_cursor_peek(&walk->sizes, &pair, 1);
    if (walk->nibbles++ % 2 == 0) {
        return pair >> 4;
    }
    osk_cursor_skip(&walk->sizes, 1);
    return pair & 15;
}

/* Reads the next run of chunks ahead. */
static void next_chunk_run(OskMovie *movie, Walk *walk)
{
    walk->per_chunk = walk->per_chunk_next;
    if (!osk_cursor_more(&walk->chunk_runs)) {
        walk->run_first = UINT32_MAX;
        return;
    }
    uint32_t first = osk_cursor_u32be(&walk->chunk_runs);
    walk->per_chunk_next = osk_cursor_u32be(&walk->chunk_runs);
    uint32_t description = osk_cursor_u32be(&walk->chunk_runs);
    if (first <= walk->run_first || walk->per_chunk_next == 0 || description == 0 ||
        description > movie->track->stsd.count) {
        osk_check_movie_found(movie, "chunks that are not in order");
        movie->status = OSK_FOUND;
    }
    walk->run_first = first;
}

static bool begin_walk(OskMovie *movie, Walk *walk)
{
    OskMovieTrack *track = movie->track;
    bool sized = track->stsz.there != track->stz2.there;
    bool placed = track->stco.there != track->co64.there;
    if (!sized || !placed || !track->stts.there || !track->stsc.there) {
        osk_check_movie_found(movie, "a sample table that lacks parts");
        return false;
    }
    const OskTable *sizes = track->stsz.there ? &track->stsz : &track->stz2;
    walk->count = sizes->count;
    walk->sizes = sizes->rows;
    walk->fixed = sizes->fixed;
    walk->size_bits = track->stz2.there ? track->stz2.fixed : sizes->fixed == 0 ? 32 : 0;
    walk->chunks = track->stco.there ? track->stco.rows : track->co64.rows;
    walk->chunk_width = track->stco.there ? 4 : 8;
    walk->durations.rows = track->stts.rows;
    walk->shifts.rows = track->ctts.rows;
    walk->syncs = track->stss.rows;
    walk->some_sync = track->stss.there;
    walk->sync = track->stss.there ? osk_cursor_u32be(&walk->syncs) : 0;
    walk->chunk_runs = track->stsc.rows;
    if (osk_cursor_more(&walk->chunk_runs)) {
        next_chunk_run(movie, walk);
        if (walk->run_first != 1) {
            osk_check_movie_found(movie, "chunks that are not in order");
            return false;
        }
    }
    return movie->status == OSK_OK;
}

static bool is_plain(const OskMovie *movie, const Walk *walk)
{
    return movie->track->video == NULL && !movie->track->mpeg4 && walk->size_bits == 0 &&
           !movie->track->ctts.there;
}

static void walk_plain_chunk(OskMovie *movie, Walk *walk, uint32_t *left)
{
    uint64_t offset = osk_cursor_be(&walk->chunks, walk->chunk_width);
    for (uint32_t i = 0; movie->status == OSK_OK && i < walk->per_chunk;) {
        uint32_t duration = 0;
        if (*left == 0 || !next_run(&walk->durations, &duration)) {
            osk_check_movie_found(movie, "tables that don't agree on the number of samples");
            movie->status = OSK_FOUND;
            return;
        }
        uint32_t count = walk->per_chunk - i - 1;
        count = count < walk->durations.left ? count : walk->durations.left;
        count = count < *left - 1 ? count : *left - 1;
        walk->durations.left -= count;
        count++;
        check_run(movie, offset, (uint64_t)count * walk->fixed, count, duration);
        offset += (uint64_t)count * walk->fixed;
        *left -= count;
        i += count;
    }
}

/* Whether sample `number` is one at which decoding can begin; asked in order. */
static bool next_sync(Walk *walk, uint32_t number)
{
    if (walk->sync != number) {
        return walk->sync == 0 && !walk->some_sync;
    }
    walk->sync = osk_cursor_more(&walk->syncs) ? osk_cursor_u32be(&walk->syncs) : 0;
    return true;
}

static void walk_chunk(OskMovie *movie, Walk *walk, uint32_t *left)
{
    const OskMovieTrack *track = movie->track;
    uint64_t offset = osk_cursor_be(&walk->chunks, walk->chunk_width);
    for (uint32_t i = 0; movie->status == OSK_OK && i < walk->per_chunk; i++) {
        uint32_t duration = 0;
        uint32_t shift = 0;
        bool timed = next_run(&walk->durations, &duration);
        bool shifted = !track->ctts.there || next_run(&walk->shifts, &shift);
        if (*left == 0 || !timed || !shifted) {
            osk_check_movie_found(movie, "tables that don't agree on the number of samples");
            movie->status = OSK_FOUND;
            return;
        }
        uint32_t size = next_size(walk);
        /* Cameras write negative shifts into either version of the box. */
        OskMovieSample sample = { .offset = offset,
                                  .size = size,
                                  .duration = duration,
                                  .shift = (int64_t)(int32_t)shift,
                                  .sync = next_sync(walk, walk->count - *left + 1) };
        osk_check_movie_sample(movie, &sample);
        offset += size;
        (*left)--;
    }
}

/* Samples by group: no more than there are, and only groups that are described. */
static void check_groups(OskMovie *movie, uint32_t count)
{
    OskCursor rows = movie->track->sbgp.rows;
    uint64_t total = 0;
    while (osk_cursor_more(&rows)) {
        total += osk_cursor_u32be(&rows);
        if (osk_cursor_u32be(&rows) > movie->track->groups) {
            osk_check_movie_found(movie, "a group that there is not");
            return;
        }
    }
    if (total > count) {
        osk_check_movie_found(movie, "tables that don't agree on the number of samples");
    }
}

static void check_sync(OskMovie *movie, uint32_t count)
{
    OskCursor rows = movie->track->stss.rows;
    uint32_t before = 0;
    while (osk_cursor_more(&rows)) {
        uint32_t sample = osk_cursor_u32be(&rows);
        if (sample <= before || sample > count) {
            osk_check_movie_found(movie, "key frames that are no samples");
            return;
        }
        before = sample;
    }
}

void osk_check_movie_samples(OskMovie *movie)
{
    OskMovieTrack *track = movie->track;
    Walk walk = { .count = 0 };
    if (track->elst.there && track->elst.count > EDITS_MOST) {
        movie->status =
            osk_check_fail(movie->check, OSK_LIMIT, movie->part, "too many edits", movie->at);
    }
    if (movie->status != OSK_OK || !begin_walk(movie, &walk)) {
        return;
    }
    uint32_t left = walk.count;
    for (uint32_t chunk = 1; movie->status == OSK_OK && osk_cursor_more(&walk.chunks); chunk++) {
        if (chunk == walk.run_first) {
            next_chunk_run(movie, &walk);
        }
        if (is_plain(movie, &walk)) {
            walk_plain_chunk(movie, &walk, &left);
        } else {
            walk_chunk(movie, &walk, &left);
        }
    }
    if (movie->status != OSK_OK) {
        return;
    }
    bool over = left == 0 && runs_are_over(&walk.durations) && runs_are_over(&walk.shifts) &&
                !osk_cursor_more(&walk.chunk_runs) &&
                (walk.run_first == UINT32_MAX || walk.run_first == 0);
    if (!over) {
        osk_check_movie_found(movie, "tables that don't agree on the number of samples");
    }
    check_sync(movie, walk.count);
    check_groups(movie, walk.count);
}
