/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edit lists: which samples are shown, which must stay for them, and the lists that say so
 * afterwards. ISO/IEC 14496-12 section 8.6.6.
 *
 * A sample stays when it is shown, or when a shown one may be built from it: everything from the
 * sync sample on. Sound keeps, besides, what its decoder needs to settle. What is kept without
 * being shown, and lasts longer than one coding delay, ends in UNSUPPORTED unless the person asked
 * for it. */
#include "formats/movie.h"

#define EDITS_MAX 4096u

static const char *const where = "moov/trak/edts/elst";

/* a * b / c, rounded up, in 128 bits so that no product is lost. */
static uint64_t scale_up(uint64_t a, uint64_t b, uint64_t c)
{
    __extension__ typedef unsigned __int128 Wide;
    Wide product = (Wide)a * b + (c - 1);
    Wide result = product / c;
    return result > UINT64_MAX / 4 ? UINT64_MAX / 4 : (uint64_t)result;
}

static uint64_t scale_down(uint64_t a, uint64_t b, uint64_t c)
{
    __extension__ typedef unsigned __int128 Wide;
    Wide result = (Wide)a * b / c;
    return result > UINT64_MAX / 4 ? UINT64_MAX / 4 : (uint64_t)result;
}

typedef struct Window {
    int64_t start; /* media time */
    int64_t end;
    uint64_t removed; /* in front of the span whose samples it shows */
    bool used;
} Window;

typedef struct Editing {
    OskMovie *movie;
    OskTrack *track;
    uint32_t movie_scale;
    uint32_t media_scale;
    Window *windows; /* one for each edit; empty for those that show nothing */
    int64_t hidden;  /* media time of kept samples that are not shown */
    int64_t least;   /* composition offsets of kept samples */
    int64_t most;
    int64_t longest_shown; /* duration of a kept and shown sample that is not the last one */
    int64_t last_shown;    /* that of the last one so far */
    uint32_t run;          /* kept samples in a row that are not shown */
    uint32_t longest;      /* of such rows */
    uint32_t delay;        /* sound: samples that the decoder needs before what it shall play */
    uint32_t next_sync;    /* index into syncs */
    bool torn;             /* a window shows samples of two spans, whose distance would change */
    bool needless;         /* such a row in front of a sample at which decoding begins */
    uint64_t end;          /* media time at which the last kept sample ends, after the cut */
} Editing;

static OskStatus read_edits(Editing *e)
{
    OskTrack *track = e->track;
    if (track->edits != NULL) {
        return OSK_OK; /* already known from osk_movie_rebase() */
    }
    OskCursor c = track->elst;
    uint8_t version = 0;
    track->repeats = (osk_box_full(&c, &version) & 1) != 0;
    uint32_t count = osk_cursor_u32be(&c);
    size_t len = version == 1 ? 20 : 12;
    if (!osk_cursor_ok(&c) || count > EDITS_MAX || count > osk_cursor_left(&c) / len) {
        return osk_movie_fail(e->movie, OSK_MALFORMED, where, "the edit list ends early",
                              track->offset);
    }
    track->edits = osk_arena_array(e->movie->walk->arena, count + 1, sizeof(OskEdit));
    if (track->edits == NULL) {
        return osk_movie_memory(e->movie, where);
    }
    for (uint32_t i = 0; i < count; i++) {
        OskEdit *edit = &track->edits[i];
        edit->duration = osk_cursor_be(&c, version == 1 ? 8 : 4);
        uint64_t time = osk_cursor_be(&c, version == 1 ? 8 : 4);
        edit->media_time = version == 1 ? (int64_t)time : (int64_t)(int32_t)(uint32_t)time;
        edit->rate = osk_cursor_u32be(&c);
        if (edit->media_time < 0) {
            edit->media_time = -1;
        }
    }
    track->edit_count = count;
    return OSK_OK;
}

static uint64_t total_time(const OskTrack *track)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < track->durations.counts.count; i++) {
        sum += (uint64_t)track->durations.counts.items[i] * track->durations.values.items[i];
    }
    return sum;
}

/* The composition offset as the table's version has it. */
static int64_t offset_of(const OskTrack *track, uint32_t value)
{
    /* Many writers store negative offsets in version 0; none stores 18 hours. */
    (void)track;
    return (int64_t)(int32_t)value;
}

static void find_delay(Editing *e)
{
    const OskTrack *track = e->track;
    uint32_t delay = 0;
    for (uint32_t i = 0; i < track->entry_count; i++) {
        delay = track->entries[i].delay > delay ? track->entries[i].delay : delay;
    }
    e->delay = delay;
}

static void make_windows(Editing *e)
{
    OskTrack *track = e->track;
    /* The end of a window is known to one tick of the movie's clock. */
    uint64_t tick = scale_up(1, e->media_scale, e->movie_scale);
    for (uint32_t i = 0; i < track->edit_count; i++) {
        const OskEdit *edit = &track->edits[i];
        Window *w = &e->windows[i];
        bool last = i + 1 == track->edit_count;
        if (edit->media_time < 0) {
            continue;
        }
        w->start = edit->media_time;
        if (edit->duration == 0 || (track->fragmented && last)) {
            w->end = INT64_MAX / 2;
        } else if (edit->rate == 0) {
            w->end = w->start + 1;
        } else {
            uint64_t len = scale_down(edit->duration, e->media_scale, e->movie_scale) + tick;
            w->end =
                (int64_t)len > INT64_MAX / 2 - w->start ? INT64_MAX / 2 : w->start + (int64_t)len;
        }
    }
}

static bool is_shown(const Editing *e, int64_t start, int64_t end)
{
    for (uint32_t i = 0; i < e->track->edit_count; i++) {
        const Window *w = &e->windows[i];
        if (w->end > w->start && start < w->end && end > w->start) {
            return true;
        }
    }
    return false;
}

typedef struct SpanMaker {
    Editing *editing;
    OskU32s firsts;
    OskU32s ends;
    uint32_t sync; /* the last sync sample, and the one before */
    uint32_t sync_before;
    int64_t sync_time;  /* when it is shown */
    uint32_t next_sync; /* index into syncs */
} SpanMaker;

static bool want_sample(SpanMaker *m, uint32_t sample, int64_t time)
{
    OskMovie *movie = m->editing->movie;
    uint32_t from = time < m->sync_time ? m->sync_before : m->sync;
    /* Counted in samples: their durations may be anything, and differ once some are gone. */
    uint32_t settled = sample > m->editing->delay ? sample - m->editing->delay : 0;
    from = settled < from ? settled : from;
    uint32_t count = m->ends.count;
    if (count > 0 && m->ends.items[count - 1] >= from) {
        m->ends.items[count - 1] = sample + 1;
        return true;
    }
    return osk_u32s_add(movie, &m->firsts, from) && osk_u32s_add(movie, &m->ends, sample + 1);
}

static void note_sync(SpanMaker *m, uint32_t sample, int64_t time)
{
    const OskTrack *track = m->editing->track;
    bool sync = track->all_sync;
    if (!sync && m->next_sync < track->syncs.count && track->syncs.items[m->next_sync] == sample) {
        sync = true;
        m->next_sync++;
    }
    if (sync) {
        m->sync_before = m->sync;
        m->sync = sample;
        m->sync_time = time;
    }
}

static bool walk_samples(SpanMaker *m)
{
    OskTrack *track = m->editing->track;
    OskRunWalk durations = { .runs = &track->durations };
    OskRunWalk offsets = { .runs = &track->offsets };
    int64_t decoded = 0;
    for (uint32_t i = 0; i < track->sample_count; i++) {
        int64_t duration = osk_run_next(&durations);
        int64_t time = decoded + offset_of(track, osk_run_next(&offsets));
        note_sync(m, i, time);
        if (is_shown(m->editing, time, time + (duration > 0 ? duration : 1)) &&
            !want_sample(m, i, time)) {
            return false;
        }
        decoded += duration;
    }
    return true;
}

/* Hidden pictures in a row: no stream reorders more. */
#define HIDDEN_PICTURES 4u

/* A kept sample: nothing is decoded from hidden pictures in front of a sync sample. */
static void note_hidden(Editing *e, uint32_t sample, bool shown)
{
    const OskTrack *track = e->track;
    while (e->next_sync < track->syncs.count && track->syncs.items[e->next_sync] < sample) {
        e->next_sync++;
    }
    bool sync = track->all_sync ||
                (e->next_sync < track->syncs.count && track->syncs.items[e->next_sync] == sample);
    e->needless = e->needless || (sync && e->run > 0);
    e->run = shown ? 0 : e->run + 1;
    e->longest = e->run > e->longest ? e->run : e->longest;
}

/* Do the hidden samples fit in one coding delay? Their times alone don't say it: a sample may last
 * no time, and a distance between decoding and showing may be of any size. */
static bool is_one_delay(const Editing *e)
{
    if (e->longest == 0) {
        return true;
    }
    if (e->track->handler == OSK_FOURCC('s', 'o', 'u', 'n')) {
        /* The first sample that is heard may be heard in part. */
        uint32_t most = e->delay > 0 && e->delay < 10 ? e->delay + 1 : e->delay;
        return e->longest <= most;
    }
    /* A second for each edit is more than any delay, whatever the composition offsets say. */
    uint64_t most = (uint64_t)e->media_scale * ((uint64_t)e->track->edit_count + 1);
    return !e->needless && e->run == 0 && e->longest <= HIDDEN_PICTURES &&
           (uint64_t)e->hidden <= most && e->hidden <= e->most - e->least + e->longest_shown + 1;
}

/* Of kept samples only, so that a copy is judged as its original was. */
static void note_times(Editing *e, int64_t offset, int64_t duration, bool shown)
{
    e->least = offset < e->least ? offset : e->least;
    e->most = offset > e->most ? offset : e->most;
    if (!shown) {
        e->hidden += duration;
        return;
    }
    e->longest_shown = e->last_shown > e->longest_shown ? e->last_shown : e->longest_shown;
    e->last_shown = duration;
}

/* A sample from `start` to `end` that stays, behind `removed` media time. */
static void note_windows(Editing *e, int64_t start, int64_t end, uint64_t removed)
{
    for (uint32_t i = 0; i < e->track->edit_count; i++) {
        Window *w = &e->windows[i];
        if (w->end > w->start && start < w->end && end > w->start) {
            e->torn = e->torn || (w->used && w->removed != removed);
            w->used = true;
            w->removed = removed;
        }
    }
}

static void count_hidden(Editing *e)
{
    OskTrack *track = e->track;
    OskRunWalk durations = { .runs = &track->durations };
    OskRunWalk offsets = { .runs = &track->offsets };
    int64_t decoded = 0;
    uint64_t kept = 0;
    uint32_t span = 0;
    e->least = INT64_MAX;
    e->most = INT64_MIN;
    for (uint32_t i = 0; i < track->sample_count; i++) {
        int64_t duration = osk_run_next(&durations);
        int64_t offset = offset_of(track, osk_run_next(&offsets));
        int64_t time = decoded + offset;
        while (span < track->span_count && i >= track->spans[span].end) {
            span++;
        }
        if (span < track->span_count && i >= track->spans[span].first) {
            bool shown = is_shown(e, time, time + (duration > 0 ? duration : 1));
            note_times(e, offset, duration, shown);
            note_hidden(e, i, shown);
            if (i == track->spans[span].first) {
                track->spans[span].removed = (uint64_t)decoded - kept;
            }
            note_windows(e, time, time + (duration > 0 ? duration : 1), track->spans[span].removed);
            uint64_t end = (uint64_t)(time + duration) - track->spans[span].removed;
            e->end = time + duration > 0 && end > e->end ? end : e->end;
            kept += (uint64_t)duration;
        }
        decoded += duration;
    }
    track->media_duration = kept;
}

static OskStatus all_of_it(Editing *e)
{
    OskTrack *track = e->track;
    track->spans = osk_arena_array(e->movie->walk->arena, 1, sizeof(OskSpan));
    if (track->spans == NULL) {
        return osk_movie_memory(e->movie, where);
    }
    track->spans[0] = (OskSpan){ .first = 0, .end = track->sample_count };
    track->span_count = track->sample_count > 0 ? 1 : 0;
    track->media_duration = total_time(track);
    e->end = track->media_duration;
    return OSK_OK;
}

static OskStatus find_spans(Editing *e)
{
    OskTrack *track = e->track;
    SpanMaker m = { .editing = e };
    OskStatus status = OSK_OK;
    uint64_t cost = (uint64_t)track->sample_count * (1 + track->edit_count / 8);
    if (!osk_walk_spend(e->movie->walk, cost, where, track->offset)) {
        return e->movie->walk->fault->status;
    }
    if (!walk_samples(&m)) {
        status = osk_movie_memory(e->movie, where);
    } else {
        track->spans = osk_arena_array(e->movie->walk->arena, m.ends.count, sizeof(OskSpan));
        status = track->spans != NULL ? OSK_OK : osk_movie_memory(e->movie, where);
    }
    for (uint32_t i = 0; status == OSK_OK && i < m.ends.count; i++) {
        track->spans[i] = (OskSpan){ .first = m.firsts.items[i], .end = m.ends.items[i] };
    }
    track->span_count = m.ends.count;
    osk_u32s_free(&m.firsts);
    osk_u32s_free(&m.ends);
    if (status == OSK_OK) {
        count_hidden(e);
    }
    if (status == OSK_OK && e->torn) {
        status = osk_movie_fail(e->movie, OSK_UNSUPPORTED, where,
                                "hidden samples amid those that one edit shows", track->offset);
    }
    return status;
}

/* Uncompressed sound of hours has more samples than can be walked; their times follow a rule. */
static bool is_plain_sound(const OskTrack *track)
{
    return track->fixed_size != 0 && track->offsets.counts.count == 0 && track->all_sync &&
           track->durations.counts.count == 1 && track->durations.values.items[0] > 0;
}

static OskStatus find_sound_spans(Editing *e)
{
    OskTrack *track = e->track;
    int64_t each = track->durations.values.items[0];
    bool packets = false;
    for (uint32_t i = 0; i < track->entry_count; i++) {
        packets = packets || track->entries[i].packet_samples > 1;
    }
    if (packets) {
        return all_of_it(e);
    }
    track->spans = osk_arena_array(e->movie->walk->arena, track->edit_count, sizeof(OskSpan));
    if (track->spans == NULL) {
        return osk_movie_memory(e->movie, where);
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < track->edit_count; i++) {
        int64_t first = e->windows[i].start / each;
        int64_t end = (e->windows[i].end - 1) / each + 1;
        end = end > (int64_t)track->sample_count ? (int64_t)track->sample_count : end;
        if (e->windows[i].end <= e->windows[i].start || first >= end) {
            continue;
        }
        /* Sorted by insertion, then joined: edit lists are short. */
        uint32_t at = count++;
        for (; at > 0 && track->spans[at - 1].first > (uint32_t)first; at--) {
            track->spans[at] = track->spans[at - 1];
        }
        track->spans[at] = (OskSpan){ .first = (uint32_t)first, .end = (uint32_t)end };
    }
    uint32_t joined = 0;
    uint64_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        OskSpan span = track->spans[i];
        if (joined > 0 && track->spans[joined - 1].end >= span.first) {
            OskSpan *last = &track->spans[joined - 1];
            kept += span.end > last->end ? span.end - last->end : 0;
            last->end = span.end > last->end ? span.end : last->end;
        } else {
            span.removed = (span.first - kept) * (uint64_t)each;
            track->spans[joined++] = span;
            kept += span.end - span.first;
        }
    }
    track->span_count = joined;
    track->media_duration = kept * (uint64_t)each;
    e->end = track->media_duration;
    return OSK_OK;
}

/* The media time that was taken away in front of `time`. */
static uint64_t removed_before(const Editing *e, int64_t time)
{
    const OskTrack *track = e->track;
    OskRunWalk durations = { .runs = &track->durations };
    OskRunWalk offsets = { .runs = &track->offsets };
    int64_t decoded = 0;
    uint32_t span = 0;
    uint64_t removed = 0;
    if (track->span_count <= 1) {
        return track->span_count == 1 ? track->spans[0].removed : 0;
    }
    if (is_plain_sound(track)) {
        int64_t each = track->durations.values.items[0];
        for (uint32_t i = 0; i < track->span_count; i++) {
            removed =
                time >= (int64_t)track->spans[i].first * each ? track->spans[i].removed : removed;
        }
        return removed;
    }
    /* The first kept sample that is shown at or behind this time says which span the edit lies in.
     */
    for (uint32_t i = 0; i < track->sample_count; i++) {
        int64_t duration = osk_run_next(&durations);
        int64_t start = decoded + offset_of(track, osk_run_next(&offsets));
        while (span < track->span_count && i >= track->spans[span].end) {
            span++;
        }
        if (span >= track->span_count) {
            break;
        }
        if (i >= track->spans[span].first) {
            removed = track->spans[span].removed;
            if (start + (duration > 0 ? duration : 1) > time) {
                return removed;
            }
        }
        decoded += duration;
    }
    return removed;
}

/* More rounds than that have no end. */
#define ROUNDS_MAX 65535u

/* How long edits of `sum` are played: whole rounds, as players count them. ISO/IEC 14496-12,
 * 8.6.6.1 (flag 1). */
static uint64_t repeated(const OskTrack *track, uint64_t sum)
{
    if (!track->repeats || sum == 0 || track->duration <= sum) {
        return sum;
    }
    uint64_t rounds = (track->duration - 1) / sum + 1;
    return rounds > ROUNDS_MAX || sum > UINT64_MAX / ROUNDS_MAX ? UINT64_MAX : rounds * sum;
}

static void shift_edits(Editing *e)
{
    OskTrack *track = e->track;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < track->edit_count; i++) {
        OskEdit *edit = &track->edits[i];
        if (edit->media_time >= 0) {
            uint64_t removed = removed_before(e, edit->media_time);
            edit->media_time -= (int64_t)removed;
            if (edit->media_time < 0) {
                edit->media_time = 0;
            }
            bool open = edit->duration == 0 || (track->fragmented && i + 1 == track->edit_count);
            if (open && e->end > (uint64_t)edit->media_time) {
                uint64_t left = e->end - (uint64_t)edit->media_time;
                edit->duration = scale_up(left, e->movie_scale, e->media_scale);
                /* Of an edit that now ends, a rate of 0 would show one picture. */
                edit->rate = edit->rate != 0 ? edit->rate : 0x10000;
            }
        }
        sum += edit->duration;
    }
    track->shown_duration = repeated(track, sum);
}

static OskStatus judge_hidden(Editing *e)
{
    if (is_one_delay(e)) {
        return OSK_OK;
    }
    if (!e->movie->walk->options->keep_preroll) {
        OskStatus status = osk_movie_fail(
            e->movie, OSK_UNSUPPORTED, where,
            "frames that are not shown, but that the shown ones are built from", e->track->offset);
        osk_fault_next(e->movie->walk->fault,
                       "run again with --keep-preroll to keep these frames in the copy, or cut the "
                       "video at another place");
        return status;
    }
    osk_report_add(
        e->movie->walk->report,
        (OskFact){ .kind = OSK_KIND_PREVIEW,
                   .part = where,
                   .field = "mp4.preroll",
                   .label = "frames that are not shown, but that the shown ones are built from",
                   .offset = e->track->offset,
                   .len = e->track->len,
                   .stays = true,
                   .asked = true },
        NULL);
    return OSK_OK;
}

OskStatus osk_movie_edits(OskMovie *movie, OskTrack *track)
{
    Editing e = { .movie = movie,
                  .track = track,
                  .movie_scale = movie->timescale > 0 ? movie->timescale : 1,
                  .media_scale = track->timescale > 0 ? track->timescale : 1 };
    OskStatus status = OSK_OK;
    if (osk_cursor_left(&track->elst) > 0) {
        status = read_edits(&e);
    }
    if (status != OSK_OK) {
        return status;
    }
    if (track->edit_count == 0 || track->sample_count == 0) {
        status = all_of_it(&e);
        track->shown_duration = scale_up(track->media_duration, e.movie_scale, e.media_scale);
        for (uint32_t i = 0; i < track->edit_count; i++) {
            track->shown_duration += track->edits[i].duration;
        }
        return status;
    }
    e.windows = osk_arena_array(movie->walk->arena, track->edit_count, sizeof(Window));
    if (e.windows == NULL) {
        return osk_movie_memory(movie, where);
    }
    find_delay(&e);
    make_windows(&e);
    status = is_plain_sound(track) ? find_sound_spans(&e) : find_spans(&e);
    if (status == OSK_OK) {
        status = judge_hidden(&e);
    }
    if (status == OSK_OK) {
        shift_edits(&e);
    }
    return status;
}

/* ---- Fragments that begin late ---- */

/* When the first sample of a fragmented track is shown, on the media's clock, were nothing changed.
 */
static int64_t first_shown(const OskTrack *track)
{
    int64_t shown = (int64_t)(track->first_time > INT64_MAX / 4 ? 0 : track->first_time);
    for (uint32_t i = 0; i < track->edit_count; i++) {
        if (track->edits[i].media_time >= 0) {
            return shown - track->edits[i].media_time;
        }
    }
    return shown;
}

/* First presentation in the movie's clock. */
static int64_t first_in_movie(const OskMovie *movie, const OskTrack *track)
{
    int64_t shown = first_shown(track);
    uint64_t scale = track->timescale > 0 ? track->timescale : 1;
    return shown <= 0 ? 0 : (int64_t)scale_down((uint64_t)shown, movie->timescale, scale);
}

OskStatus osk_movie_rebase(OskMovie *movie)
{
    int64_t base = INT64_MAX;
    for (uint32_t i = 0; i < movie->track_count; i++) {
        OskTrack *track = &movie->tracks[i];
        if (!track->kept || track->sample_count == 0) {
            continue;
        }
        Editing e = { .movie = movie, .track = track };
        OskStatus status = osk_cursor_left(&track->elst) > 0 ? read_edits(&e) : OSK_OK;
        if (status != OSK_OK) {
            return status;
        }
        int64_t first = first_in_movie(movie, track);
        base = first < base ? first : base;
    }
    for (uint32_t i = 0; i < movie->track_count; i++) {
        OskTrack *track = &movie->tracks[i];
        if (!track->kept || track->sample_count == 0 || !track->fragmented ||
            track->first_time == 0) {
            continue;
        }
        int64_t shown = first_shown(track);
        int64_t wait = first_in_movie(movie, track) - base;
        track->edits = osk_arena_array(movie->walk->arena, 2, sizeof(OskEdit));
        if (track->edits == NULL) {
            return osk_movie_memory(movie, where);
        }
        track->edit_count = 0;
        if (wait > 0) {
            track->edits[track->edit_count++] =
                (OskEdit){ .duration = (uint64_t)wait, .media_time = -1, .rate = 0x10000 };
        }
        if (wait > 0 || shown < 0) {
            track->edits[track->edit_count++] =
                (OskEdit){ .media_time = shown < 0 ? -shown : 0, .rate = 0x10000 };
        }
    }
    return OSK_OK;
}
