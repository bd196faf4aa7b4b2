/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The boxes of the file and of moov: which tracks there are, which of them stay. */
#include "formats/movie.h"

#include "base/checked.h"

/* A moov larger than this is none: a day of video takes about 100 MiB. */
#define MOOV_MAX ((uint64_t)1 << 30)
/* Tracks in one movie; cameras write at most a dozen. */
#define TRACKS_MAX 256u

OskStatus osk_movie_fail(OskMovie *movie, OskStatus status, const char *part, const char *what,
                         uint64_t offset)
{
    return osk_walk_fail(movie->walk, status, part, what, offset);
}

OskStatus osk_movie_memory(OskMovie *movie, const char *part)
{
    return osk_walk_no_memory(movie->walk, part, 0);
}

/* ---- moov ---- */

/* Times, timescale and duration of mvhd and mdhd, which begin alike; `body` moves behind them. */
static void read_times(OskCursor *body, uint32_t *out_timescale, uint64_t *out_duration)
{
    uint8_t version = 0;
    osk_box_full(body, &version);
    unsigned width = version == 1 ? 8 : 4;
    osk_cursor_skip(body, 2 * width);
    *out_timescale = osk_cursor_u32be(body);
    *out_duration = osk_cursor_be(body, width);
    /* Players take a clock that stands still for one tick a second. */
    *out_timescale = *out_timescale != 0 ? *out_timescale : 1;
    if (width == 4 && *out_duration == UINT32_MAX) {
        *out_duration = 0;
    }
}

static void read_tkhd(OskTrack *track, OskCursor body)
{
    uint8_t version = 0;
    track->flags = osk_box_full(&body, &version);
    unsigned width = version == 1 ? 8 : 4;
    osk_cursor_skip(&body, 2 * width);
    track->id = osk_cursor_u32be(&body);
    osk_cursor_skip(&body, 4);
    track->duration = osk_cursor_be(&body, width);
    track->duration = width == 4 && track->duration == UINT32_MAX ? UINT64_MAX : track->duration;
    osk_cursor_skip(&body, 8);
    OskCursor rest = osk_cursor_take(&body, 52);
    track->tkhd = rest;
    osk_cursor_skip(&rest, 2);
    track->alternate_group = osk_cursor_u16be(&rest);
}

/* References to this very file are 12 bytes each; QuickTime's name the folder in which it was made.
 */
static void report_dref(OskMovie *movie, const OskBox *box, OskCursor dref)
{
    osk_cursor_skip(&dref, 8);
    OskBox inner;
    OskCursor body;
    while (osk_box_next(&dref, &inner, &body)) {
        if (osk_cursor_left(&body) > 4) {
            osk_report_add(movie->walk->report,
                           (OskFact){ .kind = OSK_KIND_NAME,
                                      .part = "minf/dinf",
                                      .field = "mp4.data-reference",
                                      .label = "name or folder of a file",
                                      .offset = box->offset,
                                      .len = box->size },
                           NULL);
            return;
        }
    }
}

static void read_minf(OskMovie *movie, OskTrack *track, OskCursor minf)
{
    OskBox box;
    OskCursor body;
    while (osk_box_next(&minf, &box, &body)) {
        switch (box.type) {
        case OSK_FOURCC('v', 'm', 'h', 'd'): track->vmhd = body; break;
        case OSK_FOURCC('s', 'm', 'h', 'd'): track->smhd = body; break;
        case OSK_FOURCC('s', 't', 'b', 'l'): track->stbl = body; break;
        case OSK_FOURCC('d', 'i', 'n', 'f'): {
            OskBox inner;
            OskCursor dref;
            while (osk_box_next(&body, &inner, &dref)) {
                if (inner.type == OSK_FOURCC('d', 'r', 'e', 'f')) {
                    track->dref = dref;
                    report_dref(movie, &inner, dref);
                } else {
                    osk_movie_report_box(movie, &inner, dref, OSK_AT_MINF);
                }
            }
            break;
        }
        case OSK_FOURCC('h', 'd', 'l', 'r'): osk_movie_report_handler(movie, body); break;
        default: osk_movie_report_box(movie, &box, body, OSK_AT_MINF);
        }
    }
}

static void read_mdia(OskMovie *movie, OskTrack *track, OskCursor mdia)
{
    OskBox box;
    OskCursor body;
    while (osk_box_next(&mdia, &box, &body)) {
        switch (box.type) {
        case OSK_FOURCC('m', 'd', 'h', 'd'): {
            uint64_t duration = 0;
            osk_movie_report_times(movie, body, "moov/trak/mdia/mdhd");
            read_times(&body, &track->timescale, &duration);
            break;
        }
        case OSK_FOURCC('h', 'd', 'l', 'r'):
            osk_movie_report_handler(movie, body);
            osk_cursor_skip(&body, 8);
            track->handler = osk_cursor_u32be(&body);
            break;
        case OSK_FOURCC('m', 'i', 'n', 'f'): read_minf(movie, track, body); break;
        default: osk_movie_report_box(movie, &box, body, OSK_AT_MDIA);
        }
    }
}

static void read_edts(OskMovie *movie, OskTrack *track, OskCursor edts)
{
    OskBox box;
    OskCursor body;
    while (osk_box_next(&edts, &box, &body)) {
        if (box.type == OSK_FOURCC('e', 'l', 's', 't')) {
            track->elst = body;
        } else {
            osk_movie_report_box(movie, &box, body, OSK_AT_TRAK);
        }
    }
}

static void read_trak(OskMovie *movie, OskTrack *track, OskCursor trak)
{
    OskBox box;
    OskCursor body;
    while (osk_box_next(&trak, &box, &body)) {
        switch (box.type) {
        case OSK_FOURCC('t', 'k', 'h', 'd'):
            osk_movie_report_times(movie, body, "moov/trak/tkhd");
            read_tkhd(track, body);
            break;
        case OSK_FOURCC('m', 'd', 'i', 'a'): read_mdia(movie, track, body); break;
        case OSK_FOURCC('e', 'd', 't', 's'): read_edts(movie, track, body); break;
        case OSK_FOURCC('t', 'r', 'e', 'f'): track->tref = body; break;
        case OSK_FOURCC('t', 'a', 'p', 't'): track->tapt = body; break;
        default: osk_movie_report_box(movie, &box, body, OSK_AT_TRAK);
        }
    }
}

static OskStatus count_tracks(OskMovie *movie, OskCursor moov)
{
    OskBox box;
    OskCursor body;
    uint32_t count = 0;
    while (osk_box_next(&moov, &box, &body)) {
        if (box.type == OSK_FOURCC('c', 'm', 'o', 'v')) {
            return osk_movie_fail(movie, OSK_UNSUPPORTED, "moov/cmov",
                                  "the movie's index is compressed", box.offset);
        }
        count += box.type == OSK_FOURCC('t', 'r', 'a', 'k') ? 1 : 0;
    }
    if (!osk_cursor_ok(&moov)) {
        return osk_movie_fail(movie, OSK_MALFORMED, "moov", "a box has an impossible size",
                              osk_cursor_offset(&moov));
    }
    if (count > TRACKS_MAX) {
        return osk_movie_fail(movie, OSK_LIMIT, "moov", "more tracks than one movie may have",
                              movie->moov.offset);
    }
    movie->tracks = osk_arena_array(movie->walk->arena, count, sizeof(OskTrack));
    return movie->tracks != NULL ? OSK_OK : osk_movie_memory(movie, "moov");
}

static OskStatus read_moov(OskMovie *movie)
{
    OskCursor moov;
    uint64_t len = osk_box_body_len(&movie->moov);
    if (len > MOOV_MAX) {
        return osk_movie_fail(movie, OSK_LIMIT, "moov", "larger than an index may be",
                              movie->moov.offset);
    }
    OskStatus status = osk_walk_load(movie->walk, osk_box_body_offset(&movie->moov), len, &moov);
    if (status == OSK_OK) {
        status = count_tracks(movie, moov);
    }
    OskBox box;
    OskCursor body;
    while (status == OSK_OK && osk_box_next(&moov, &box, &body)) {
        switch (box.type) {
        case OSK_FOURCC('m', 'v', 'h', 'd'):
            osk_movie_report_times(movie, body, "moov/mvhd");
            read_times(&body, &movie->timescale, &movie->duration);
            movie->mvhd = body;
            break;
        case OSK_FOURCC('t', 'r', 'a', 'k'): {
            OskTrack *track = &movie->tracks[movie->track_count++];
            track->offset = box.offset;
            track->len = box.size;
            read_trak(movie, track, body);
            break;
        }
        case OSK_FOURCC('m', 'v', 'e', 'x'): movie->has_mvex = true; break;
        default: osk_movie_report_box(movie, &box, body, OSK_AT_MOOV);
        }
    }
    return status;
}

/* mvex names tracks, which are known only when all of moov is read. */
static OskStatus read_mvex(OskMovie *movie)
{
    OskCursor moov;
    OskStatus status = osk_walk_load(movie->walk, osk_box_body_offset(&movie->moov),
                                     osk_box_body_len(&movie->moov), &moov);
    OskBox box;
    OskCursor body;
    while (status == OSK_OK && osk_box_next(&moov, &box, &body)) {
        if (box.type == OSK_FOURCC('m', 'v', 'e', 'x')) {
            status = osk_movie_fragment_defaults(movie, body);
        }
    }
    return status;
}

/* ---- Which tracks stay ---- */

/* Tracks of pictures and of their alpha are shown in image sequences; players of movies pass them
 * by. */
static bool is_picture(const OskMovie *movie, uint32_t handler)
{
    return handler == OSK_FOURCC('v', 'i', 'd', 'e') ||
           (handler == OSK_FOURCC('p', 'i', 'c', 't') && movie->brands != NULL);
}

static OskTrack *find_track(OskMovie *movie, uint32_t id)
{
    for (uint32_t i = 0; i < movie->track_count; i++) {
        if (movie->tracks[i].id == id) {
            return &movie->tracks[i];
        }
    }
    return NULL;
}

/* True when the track refers to a track that stays by a reference of this type. */
static bool refers_to_kept(OskMovie *movie, const OskTrack *track, uint32_t type)
{
    OskCursor tref = track->tref;
    OskBox box;
    OskCursor body;
    while (osk_box_next(&tref, &box, &body)) {
        while (box.type == type && osk_cursor_left(&body) >= 4) {
            const OskTrack *other = find_track(movie, osk_cursor_u32be(&body));
            if (other != NULL && other->kept && other->handler != OSK_FOURCC('a', 'u', 'x', 'v')) {
                return true;
            }
        }
    }
    return false;
}

/* Chapter titles and chapter pictures are tracks that others point at. */
static void drop_chapters(OskMovie *movie)
{
    for (uint32_t i = 0; i < movie->track_count; i++) {
        OskCursor tref = movie->tracks[i].tref;
        OskBox box;
        OskCursor body;
        while (osk_box_next(&tref, &box, &body)) {
            while (box.type == OSK_FOURCC('c', 'h', 'a', 'p') && osk_cursor_left(&body) >= 4) {
                OskTrack *other = find_track(movie, osk_cursor_u32be(&body));
                if (other != NULL && other != &movie->tracks[i]) {
                    other->kept = false;
                }
            }
        }
    }
}

/* Is it transparency, the only auxiliary picture that is shown? The first auxi box of the
 * description says so (ISO/IEC 23008-12 7.5.3.2). */
static bool describes_alpha(OskCursor entry)
{
    static const char hevc[] = "urn:mpeg:hevc:2015:auxid:1";
    static const char mpeg[] = "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha";
    OskBox box;
    OskCursor body;
    osk_cursor_skip(&entry, 78);
    while (osk_box_next(&entry, &box, &body)) {
        if (box.type == OSK_FOURCC('a', 'u', 'x', 'i')) {
            osk_cursor_skip(&body, 4);
            return osk_cursor_starts(&body, hevc, sizeof(hevc)) ||
                   osk_cursor_starts(&body, mpeg, sizeof(mpeg));
        }
    }
    return false;
}

/* All descriptions must say it: which of them are used is not known yet. */
static bool carries_alpha(const OskTrack *track)
{
    OskCursor stsd = track->stsd;
    OskBox box;
    OskCursor entry;
    bool alpha = false;
    osk_cursor_skip(&stsd, 8);
    for (bool all = true; all && osk_box_next(&stsd, &box, &entry);) {
        all = describes_alpha(entry);
        alpha = all;
    }
    return alpha;
}

static void find_stsd(OskTrack *track)
{
    OskCursor stbl = track->stbl;
    OskBox box;
    OskCursor body;
    while (osk_box_next(&stbl, &box, &body)) {
        if (box.type == OSK_FOURCC('s', 't', 's', 'd')) {
            track->stsd = body;
        }
    }
}

/* Some writers never set the flag that a track is enabled; players then show the first of each
 * kind. */
static bool none_enabled(const OskMovie *movie, uint32_t handler)
{
    for (uint32_t i = 0; i < movie->track_count; i++) {
        if (movie->tracks[i].handler == handler && (movie->tracks[i].flags & 1) != 0) {
            return false;
        }
    }
    return true;
}

/* The first enabled track of an alternate group of one kind is the one that is shown. */
static bool is_alternate(const OskMovie *movie, uint32_t index)
{
    const OskTrack *track = &movie->tracks[index];
    for (uint32_t i = 0; i < index; i++) {
        const OskTrack *other = &movie->tracks[i];
        if (other->kept && other->handler == track->handler &&
            other->alternate_group == track->alternate_group && track->alternate_group != 0) {
            return true;
        }
    }
    return false;
}

static void choose_tracks(OskMovie *movie)
{
    bool first[2] = { none_enabled(movie, OSK_FOURCC('v', 'i', 'd', 'e')),
                      none_enabled(movie, OSK_FOURCC('s', 'o', 'u', 'n')) };
    for (uint32_t i = 0; i < movie->track_count; i++) {
        OskTrack *track = &movie->tracks[i];
        find_stsd(track);
        track->timescale = track->timescale != 0 ? track->timescale : 1;
        bool sound = track->handler == OSK_FOURCC('s', 'o', 'u', 'n');
        bool enabled = (track->flags & 1) != 0 || first[sound ? 1 : 0];
        if (is_picture(movie, track->handler) || sound) {
            track->kept =
                enabled && !is_alternate(movie, i) && !(sound && movie->walk->options->drop_audio);
            first[sound ? 1 : 0] = first[sound ? 1 : 0] && !track->kept;
        }
    }
    drop_chapters(movie);
    for (uint32_t i = 0; i < movie->track_count; i++) {
        /* ISO/IEC 23008-12 7.4: a track of small copies of another track's pictures. */
        OskTrack *track = &movie->tracks[i];
        if (track->kept && refers_to_kept(movie, track, OSK_FOURCC('t', 'h', 'm', 'b'))) {
            track->kept = false;
        }
    }
    for (uint32_t i = 0; i < movie->track_count; i++) {
        OskTrack *track = &movie->tracks[i];
        if (track->handler == OSK_FOURCC('a', 'u', 'x', 'v') && (track->flags & 1) != 0) {
            track->kept = movie->brands != NULL &&
                          refers_to_kept(movie, track, OSK_FOURCC('a', 'u', 'x', 'l')) &&
                          carries_alpha(track);
        }
    }
    uint32_t number = 0;
    for (uint32_t i = 0; i < movie->track_count; i++) {
        if (movie->tracks[i].kept) {
            movie->tracks[i].number = ++number;
        } else {
            osk_movie_report_track(movie, &movie->tracks[i]);
        }
    }
}

/* ---- The file ---- */

static bool is_plain_type(uint32_t type)
{
    for (unsigned shift = 0; shift < 32; shift += 8) {
        unsigned c = type >> shift & 255u;
        if ((c < 32 || c > 126) && c != 0xA9) {
            return false;
        }
    }
    return true;
}

/* Notes a top-level box. */
static OskStatus note_box(OskMovie *movie, const OskBox *box)
{
    switch (box->type) {
    case OSK_FOURCC('f', 't', 'y', 'p'):
        if (!movie->has_ftyp && box->offset == 0) {
            movie->ftyp = *box;
            movie->has_ftyp = true;
        }
        return OSK_OK;
    case OSK_FOURCC('m', 'o', 'o', 'v'):
        if (movie->has_moov) {
            return osk_movie_fail(movie, OSK_MALFORMED, "moov", "a second index", box->offset);
        }
        movie->moov = *box;
        movie->has_moov = true;
        return OSK_OK;
    case OSK_FOURCC('m', 'e', 't', 'a'):
        if (!movie->has_meta) {
            movie->meta = *box;
            movie->has_meta = true;
        }
        return OSK_OK;
    case OSK_FOURCC('m', 'o', 'o', 'f'): movie->has_fragments = true; return OSK_OK;
    case OSK_FOURCC('m', 'd', 'a', 't'):
        if (movie->first_mdat == UINT64_MAX) {
            movie->first_mdat = box->offset;
            movie->wide_mdat = box->header > 8;
        }
        return OSK_OK;
    default: return OSK_OK;
    }
}

/* Reads the header of a top-level box; what is no box begins the trailer. A box of media data or
 * padding that reaches beyond the end of a cut-off file is taken to end there. */
static OskStatus next_box(OskMovie *movie, uint64_t at, OskBox *out, bool *out_trailer)
{
    uint8_t head[16] = { 0 };
    uint64_t left = movie->walk->size - at;
    *out_trailer = left < 8;
    if (*out_trailer) {
        return OSK_OK;
    }
    OskStatus status = osk_walk_read(movie->walk, at, head, left < 16 ? 8 : 16);
    if (status != OSK_OK) {
        return status;
    }
    OskCursor c = osk_cursor_make(head, sizeof(head), at);
    uint64_t size = osk_cursor_u32be(&c);
    uint32_t type = osk_cursor_u32be(&c);
    unsigned header = 8;
    if (size == 1 && left >= 16) {
        size = osk_cursor_u64be(&c);
        header = 16;
    } else if (size == 0) {
        size = left;
    }
    *out_trailer = size < header || !is_plain_type(type);
    bool cut = !*out_trailer && size > left;
    if (cut && (type == OSK_FOURCC('m', 'o', 'o', 'v') || type == OSK_FOURCC('m', 'o', 'o', 'f') ||
                type == OSK_FOURCC('f', 't', 'y', 'p'))) {
        return osk_movie_fail(movie, OSK_TRUNCATED, "file", "the file ends inside a box", at);
    }
    *out = (OskBox){ .type = type, .header = header, .offset = at, .size = cut ? left : size };
    return OSK_OK;
}

static OskStatus scan_file(OskMovie *movie)
{
    OskStatus status = OSK_OK;
    for (uint64_t at = 0; status == OSK_OK && at < movie->walk->size;) {
        OskBox box = { .size = 0 };
        bool trailer = false;
        if (!osk_walk_spend(movie->walk, 1, "file", at)) {
            return movie->walk->fault->status;
        }
        status = next_box(movie, at, &box, &trailer);
        if (status == OSK_OK && trailer) {
            movie->trailer = at;
            return OSK_OK;
        }
        if (status == OSK_OK) {
            status = note_box(movie, &box);
        }
        if (status == OSK_OK && (!osk_u64s_add(movie, &movie->boxes, at) ||
                                 !osk_u32s_add(movie, &movie->box_types, box.type) ||
                                 !osk_u32s_add(movie, &movie->box_headers, box.header))) {
            status = osk_movie_memory(movie, "file");
        }
        at += box.size;
    }
    movie->trailer = movie->walk->size;
    return status;
}

OskBox osk_movie_box(const OskMovie *movie, uint32_t index)
{
    uint64_t at = movie->boxes.items[index];
    uint64_t end = index + 1 < movie->boxes.count ? movie->boxes.items[index + 1] : movie->trailer;
    return (OskBox){ .type = movie->box_types.items[index],
                     .header = movie->box_headers.items[index],
                     .offset = at,
                     .size = end - at };
}

static OskStatus read_fragments(OskMovie *movie)
{
    OskStatus status = OSK_OK;
    for (uint32_t i = 0; status == OSK_OK && i < movie->boxes.count; i++) {
        OskBox box = osk_movie_box(movie, i);
        if (box.type == OSK_FOURCC('m', 'o', 'o', 'f')) {
            status = osk_movie_fragment(movie, &box);
        }
    }
    return status;
}

/* QuickTime reads a few fields otherwise than MP4 does: the major brand decides, or that there is
 * none. */
static OskStatus read_brand(OskMovie *movie)
{
    movie->quicktime = !movie->has_ftyp;
    if (movie->has_ftyp && osk_box_body_len(&movie->ftyp) >= 4) {
        uint8_t brand[4];
        OskStatus status =
            osk_walk_read(movie->walk, osk_box_body_offset(&movie->ftyp), brand, sizeof(brand));
        if (status != OSK_OK) {
            return status;
        }
        movie->quicktime = memcmp(brand, "qt  ", 4) == 0;
    }
    return OSK_OK;
}

OskStatus osk_movie_read(OskMovie *movie)
{
    movie->first_mdat = UINT64_MAX;
    OskStatus status = scan_file(movie);
    if (status == OSK_OK && !movie->has_moov) {
        return movie->has_fragments || movie->first_mdat != UINT64_MAX || movie->boxes.count > 0
                   ? osk_movie_fail(movie, OSK_UNSUPPORTED, "moov",
                                    "a piece of a stream without its beginning (no index)", 0)
                   : osk_movie_fail(movie, OSK_MALFORMED, "moov", "no index in this file", 0);
    }
    if (status == OSK_OK) {
        status = read_brand(movie);
    }
    if (status == OSK_OK) {
        status = read_moov(movie);
    }
    if (status != OSK_OK) {
        return status;
    }
    choose_tracks(movie);
    movie->timescale = movie->timescale != 0 ? movie->timescale : 1;
    for (uint32_t i = 0; status == OSK_OK && i < movie->track_count; i++) {
        if (movie->tracks[i].kept) {
            status = osk_movie_entries(movie, &movie->tracks[i]);
        }
    }
    for (uint32_t i = 0; status == OSK_OK && i < movie->track_count; i++) {
        if (movie->tracks[i].kept) {
            status = osk_movie_table(movie, &movie->tracks[i]);
        }
    }
    if (status == OSK_OK && movie->has_mvex) {
        status = read_mvex(movie);
    }
    if (status == OSK_OK && movie->has_fragments) {
        status = read_fragments(movie);
    }
    return status;
}
