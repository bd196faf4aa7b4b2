/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The movie box: descriptions and tables of tracks. Source: ISO/IEC 14496-12, 8; QuickTime File
 * Format. */
#include "verify/movie_box.h"

/* The tables of a day of video take about 100 MB. */
#define MOOV_MOST ((uint64_t)512 << 20)

#define MOOV OSK_TYPE('m', 'o', 'o', 'v')
#define TRAK OSK_TYPE('t', 'r', 'a', 'k')
#define TREF OSK_TYPE('t', 'r', 'e', 'f')
#define TAPT OSK_TYPE('t', 'a', 'p', 't')
#define EDTS OSK_TYPE('e', 'd', 't', 's')
#define MDIA OSK_TYPE('m', 'd', 'i', 'a')
#define MINF OSK_TYPE('m', 'i', 'n', 'f')
#define DINF OSK_TYPE('d', 'i', 'n', 'f')
#define DREF OSK_TYPE('d', 'r', 'e', 'f')
#define STBL OSK_TYPE('s', 't', 'b', 'l')
#define MVEX OSK_TYPE('m', 'v', 'e', 'x')
#define VIDE OSK_TYPE('v', 'i', 'd', 'e')
#define SOUN OSK_TYPE('s', 'o', 'u', 'n')
#define AUXV OSK_TYPE('a', 'u', 'x', 'v')
#define PICT OSK_TYPE('p', 'i', 'c', 't')

/* ---- Headers ---- */

static void check_matrix(OskMovie *movie, OskCursor *body)
{
    uint32_t m[9];
    for (size_t i = 0; i < 9; i++) {
        m[i] = osk_cursor_u32be(body);
    }
    if (m[2] != 0 || m[5] != 0 || m[8] != 0x40000000) {
        osk_check_movie_found(movie, "a matrix that no player uses");
    }
}

static void check_mvhd(OskMovie *movie, OskCursor *body)
{
    unsigned version = osk_check_movie_full(movie, body, 0, 1);
    osk_check_movie_zeros(movie, body, version == 1 ? 16 : 8, "a date");
    movie->timescale = osk_cursor_u32be(body);
    osk_cursor_skip(body, version == 1 ? 8 : 4);
    osk_cursor_skip(body, 6);
    osk_check_movie_zeros(movie, body, 10, "reserved bytes that are not zero");
    check_matrix(movie, body);
    osk_check_movie_zeros(movie, body, 24, "a preview or a selection");
    osk_cursor_skip(body, 4);
}

static void check_tkhd(OskMovie *movie, OskCursor *body)
{
    uint8_t head[4] = { 0, 0, 0, 0 };
    (void)osk_cursor_peek(body, head, 4);
    if ((head[3] & 1) == 0) {
        osk_check_movie_found(movie, "a track that is switched off");
    }
    unsigned version = osk_check_movie_full(movie, body, 15, 1);
    osk_check_movie_zeros(movie, body, version == 1 ? 16 : 8, "a date");
    movie->track->id = osk_cursor_u32be(body);
    if (movie->track->id > 0xFFFF) {
        osk_check_movie_found(movie, "a number that no player needs");
    }
    osk_check_movie_zeros(movie, body, 4, "reserved bytes that are not zero");
    osk_cursor_skip(body, version == 1 ? 8 : 4);
    osk_check_movie_zeros(movie, body, 8, "reserved bytes that are not zero");
    osk_cursor_skip(body, 2);
    movie->track->group = osk_cursor_u16be(body);
    osk_cursor_skip(body, 2);
    osk_check_movie_zeros(movie, body, 2, "reserved bytes that are not zero");
    check_matrix(movie, body);
    osk_cursor_skip(body, 8);
}

static void check_mdhd(OskMovie *movie, OskCursor *body)
{
    unsigned version = osk_check_movie_full(movie, body, 0, 1);
    osk_check_movie_zeros(movie, body, version == 1 ? 16 : 8, "a date");
    movie->track->timescale = osk_cursor_u32be(body);
    osk_cursor_skip(body, version == 1 ? 8 : 4);
    uint16_t language = osk_cursor_u16be(body);
    if (language != 0x55C4 && language != 0x7FFF && language != 0) {
        osk_check_movie_found(movie, "a language");
    }
    osk_check_movie_zeros(movie, body, 2, "reserved bytes that are not zero");
}

static uint32_t check_handler(OskMovie *movie, OskCursor *body, uint32_t role)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    uint32_t given = osk_cursor_u32be(body);
    uint32_t handler = osk_cursor_u32be(body);
    if (given != 0 && given != role) {
        osk_check_movie_found(movie, "reserved bytes that are not zero");
    }
    osk_check_movie_zeros(movie, body, 12, "the maker of a program");
    osk_check_movie_zeros(movie, body, osk_cursor_left(body), "the name of a program");
    return handler;
}

static void check_hdlr(OskMovie *movie, OskCursor *body)
{
    movie->track->handler = check_handler(movie, body, OSK_TYPE('m', 'h', 'l', 'r'));
    switch (movie->track->handler) {
    case VIDE:
    case SOUN: return;
    case AUXV:
    case PICT:
        if (movie->sequence) {
            return;
        }
        break;
    default: break;
    }
    osk_check_movie_found(movie, "a track that is neither picture nor sound");
}

static void check_data_hdlr(OskMovie *movie, OskCursor *body)
{
    uint32_t handler = check_handler(movie, body, OSK_TYPE('d', 'h', 'l', 'r'));
    if (handler != OSK_TYPE('u', 'r', 'l', ' ') && handler != OSK_TYPE('a', 'l', 'i', 's')) {
        osk_check_movie_found(movie, "data in another file");
    }
}

static void check_elst(OskMovie *movie, OskCursor *body)
{
    unsigned version = osk_check_movie_full(movie, body, 1, 1);
    movie->track->elst = osk_check_movie_table(movie, body, version == 1 ? 20 : 12);
    movie->track->elst.fixed = version;
}

static void check_vmhd(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 1, 0);
    osk_cursor_skip(body, 8);
}

static void check_smhd(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    osk_cursor_skip(body, 2);
    osk_check_movie_zeros(movie, body, 2, "reserved bytes that are not zero");
}

static void check_aperture(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    osk_cursor_skip(body, 8);
}

static void check_auxl(OskMovie *movie, OskCursor *body)
{
    movie->track->linked = true;
    if (osk_cursor_left(body) != 4) {
        osk_check_movie_found(movie, "links to more than one track");
    }
    osk_cursor_skip(body, osk_cursor_left(body));
}

/* ---- The sample table ---- */

static void check_url(OskMovie *movie, OskCursor *body)
{
    if (osk_cursor_be(body, 4) != 1) {
        osk_check_movie_found(movie, "data in another file");
    }
}

static const OskBoxRule dref_rules[] = {
    { DREF, OSK_TYPE('u', 'r', 'l', ' '), "dref/url", false, check_url },
    { DREF, OSK_TYPE('a', 'l', 'i', 's'), "dref/alis", false, check_url },
};

static void check_dref(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    if (osk_cursor_u32be(body) != 1) {
        osk_check_movie_found(movie, "data in another file");
    }
    osk_check_movie_children(movie, dref_rules, sizeof(dref_rules) / sizeof(dref_rules[0]), DREF,
                             *body);
    osk_cursor_skip(body, osk_cursor_left(body));
}

/* Version 1 only says that sound descriptions may be of version 1. */
static void check_stsd(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 1);
    movie->track->stsd.count = osk_cursor_u32be(body);
    movie->track->stsd.rows = osk_cursor_take(body, osk_cursor_left(body));
    movie->track->stsd.there = osk_cursor_ok(body);
}

static void check_stts(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    movie->track->stts = osk_check_movie_table(movie, body, 8);
}

static void check_ctts(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 1);
    movie->track->ctts = osk_check_movie_table(movie, body, 8);
}

static void check_stsc(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    movie->track->stsc = osk_check_movie_table(movie, body, 12);
}

static void check_stsz(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    uint32_t fixed = osk_cursor_u32be(body);
    movie->track->stsz = osk_check_movie_table(movie, body, fixed != 0 ? 0 : 4);
    movie->track->stsz.fixed = fixed;
}

static void check_stz2(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    uint32_t bits = osk_cursor_u32be(body);
    if (bits != 4 && bits != 8 && bits != 16) {
        osk_check_movie_found(movie, "sizes of an unknown width");
        osk_cursor_fail(body);
        return;
    }
    OskTable table = { .count = osk_cursor_u32be(body), .fixed = bits };
    table.rows = osk_cursor_take(body, ((uint64_t)table.count * bits + 7) / 8);
    table.there = osk_cursor_ok(body);
    movie->track->stz2 = table;
}

static void check_stco(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    movie->track->stco = osk_check_movie_table(movie, body, 4);
}

static void check_co64(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    movie->track->co64 = osk_check_movie_table(movie, body, 8);
}

static void check_stss(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    movie->track->stss = osk_check_movie_table(movie, body, 4);
}

/* Bytes that each description of a group of samples has; 0 for groups that we don't know. */
static size_t group_width(uint32_t type)
{
    switch (type) {
    case OSK_TYPE('r', 'o', 'l', 'l'):
    case OSK_TYPE('p', 'r', 'o', 'l'): return 2;
    case OSK_TYPE('r', 'a', 'p', ' '):
    case OSK_TYPE('s', 'y', 'n', 'c'): return 1;
    default: return 0;
    }
}

void osk_check_movie_sgpd(OskMovie *movie, OskCursor *body)
{
    unsigned version = osk_check_movie_full(movie, body, 0, 2);
    size_t width = group_width(osk_cursor_u32be(body));
    uint32_t given = version >= 1 ? osk_cursor_u32be(body) : (uint32_t)width;
    osk_cursor_skip(body, version == 2 ? 4 : 0);
    uint64_t count = osk_cursor_u32be(body);
    if (width == 0 || given != width || count > 256) {
        osk_check_movie_found(movie, "groups of samples that no player needs");
        osk_cursor_skip(body, osk_cursor_left(body));
        return;
    }
    osk_cursor_skip(body, count * width);
    if (movie->track != NULL) {
        movie->track->groups = (uint32_t)count;
    }
}

void osk_check_movie_sbgp(OskMovie *movie, OskCursor *body)
{
    unsigned version = osk_check_movie_full(movie, body, 0, 1);
    if (group_width(osk_cursor_u32be(body)) == 0) {
        osk_check_movie_found(movie, "groups of samples that no player needs");
    }
    if (version == 1 && osk_cursor_u32be(body) != 0) {
        osk_check_movie_found(movie, "groups of samples that no player needs");
    }
    OskTable table = osk_check_movie_table(movie, body, 8);
    if (movie->track != NULL) {
        movie->track->sbgp = table;
    }
}

/* ---- Tracks ---- */

static void check_trak(OskMovie *movie, OskCursor *body);

static void check_mvex(OskMovie *movie, OskCursor *body)
{
    movie->mvex.there = true;
    movie->mvex.rows = osk_cursor_take(body, osk_cursor_left(body));
}

OskMovieTrack *osk_check_movie_track(OskMovie *movie, uint32_t id)
{
    for (size_t i = 0; i < movie->track_count; i++) {
        if (movie->tracks[i].id == id) {
            return &movie->tracks[i];
        }
    }
    osk_check_movie_found(movie, "a track that there is not");
    return NULL;
}

static void check_mehd(OskMovie *movie, OskCursor *body)
{
    osk_cursor_skip(body, osk_check_movie_full(movie, body, 0, 1) == 1 ? 8 : 4);
}

static void check_trex(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    OskMovieTrack *track = osk_check_movie_track(movie, osk_cursor_u32be(body));
    osk_cursor_skip(body, 4);
    uint32_t duration = osk_cursor_u32be(body);
    uint32_t size = osk_cursor_u32be(body);
    uint32_t flags = osk_cursor_u32be(body);
    if (track != NULL) {
        track->default_duration = duration;
        track->default_size = size;
        track->default_flags = flags;
    }
}

static const OskBoxRule rules[] = {
    { MOOV, OSK_TYPE('m', 'v', 'h', 'd'), "mvhd", false, check_mvhd },
    { MOOV, TRAK, "trak", true, check_trak },
    { MOOV, MVEX, "mvex", false, check_mvex },
    { MVEX, OSK_TYPE('m', 'e', 'h', 'd'), "mehd", false, check_mehd },
    { MVEX, OSK_TYPE('t', 'r', 'e', 'x'), "trex", true, check_trex },
    { TRAK, OSK_TYPE('t', 'k', 'h', 'd'), "tkhd", false, check_tkhd },
    { TRAK, EDTS, "edts", false, NULL },
    { TRAK, TREF, "tref", false, NULL },
    { TRAK, TAPT, "tapt", false, NULL },
    { TRAK, MDIA, "mdia", false, NULL },
    { EDTS, OSK_TYPE('e', 'l', 's', 't'), "elst", false, check_elst },
    { TREF, OSK_TYPE('a', 'u', 'x', 'l'), "tref/auxl", false, check_auxl },
    { TAPT, OSK_TYPE('c', 'l', 'e', 'f'), "tapt/clef", false, check_aperture },
    { TAPT, OSK_TYPE('p', 'r', 'o', 'f'), "tapt/prof", false, check_aperture },
    { TAPT, OSK_TYPE('e', 'n', 'o', 'f'), "tapt/enof", false, check_aperture },
    { MDIA, OSK_TYPE('m', 'd', 'h', 'd'), "mdhd", false, check_mdhd },
    { MDIA, OSK_TYPE('h', 'd', 'l', 'r'), "hdlr", false, check_hdlr },
    { MDIA, MINF, "minf", false, NULL },
    { MINF, OSK_TYPE('v', 'm', 'h', 'd'), "vmhd", false, check_vmhd },
    { MINF, OSK_TYPE('s', 'm', 'h', 'd'), "smhd", false, check_smhd },
    { MINF, OSK_TYPE('h', 'd', 'l', 'r'), "minf/hdlr", false, check_data_hdlr },
    { MINF, DINF, "dinf", false, NULL },
    { MINF, STBL, "stbl", false, NULL },
    { DINF, DREF, "dref", false, check_dref },
    { STBL, OSK_TYPE('s', 't', 's', 'd'), "stsd", false, check_stsd },
    { STBL, OSK_TYPE('s', 't', 't', 's'), "stts", false, check_stts },
    { STBL, OSK_TYPE('c', 't', 't', 's'), "ctts", false, check_ctts },
    { STBL, OSK_TYPE('s', 't', 's', 'c'), "stsc", false, check_stsc },
    { STBL, OSK_TYPE('s', 't', 's', 'z'), "stsz", false, check_stsz },
    { STBL, OSK_TYPE('s', 't', 'z', '2'), "stz2", false, check_stz2 },
    { STBL, OSK_TYPE('s', 't', 'c', 'o'), "stco", false, check_stco },
    { STBL, OSK_TYPE('c', 'o', '6', '4'), "co64", false, check_co64 },
    { STBL, OSK_TYPE('s', 't', 's', 's'), "stss", false, check_stss },
    { STBL, OSK_TYPE('s', 'g', 'p', 'd'), "sgpd", false, osk_check_movie_sgpd },
    { STBL, OSK_TYPE('s', 'b', 'g', 'p'), "sbgp", false, osk_check_movie_sbgp },
};

#define RULE_COUNT (sizeof(rules) / sizeof(rules[0]))

static void check_trak(OskMovie *movie, OskCursor *body)
{
    if (movie->track_count == OSK_MOVIE_TRACKS) {
        movie->status = osk_check_fail(movie->check, OSK_LIMIT, "trak",
                                       "more tracks than any camera writes", movie->at);
        return;
    }
    movie->track = &movie->tracks[movie->track_count++];
    osk_check_movie_children(movie, rules, RULE_COUNT, TRAK, *body);
    osk_cursor_skip(body, osk_cursor_left(body));
}

/* ---- The whole moov ---- */

/* Of tracks that are alternatives to each other only one is shown; an auxiliary one belongs to
 * another. */
static void check_company(OskMovie *movie)
{
    for (size_t i = 0; i < movie->track_count; i++) {
        const OskMovieTrack *track = &movie->tracks[i];
        if (track->handler == AUXV && !track->linked) {
            osk_check_movie_found(movie, "an auxiliary track without the one it belongs to");
        }
        for (size_t k = 0; k < i; k++) {
            const OskMovieTrack *other = &movie->tracks[k];
            if (track->id == other->id || (track->group != 0 && track->group == other->group &&
                                           track->handler == other->handler)) {
                osk_check_movie_found(movie, "a track that is an alternative to another");
            }
        }
    }
}

static void check_tracks(OskMovie *movie)
{
    for (size_t i = 0; movie->status == OSK_OK && i < movie->track_count; i++) {
        movie->track = &movie->tracks[i];
        movie->part = "trak";
        if (movie->track->handler == 0 || movie->track->timescale == 0 || movie->track->id == 0 ||
            !movie->track->stsd.there) {
            osk_check_movie_found(movie, "a track that lacks parts");
            continue;
        }
        osk_check_movie_entries(movie);
        movie->part = "stbl";
        if (movie->status == OSK_OK) {
            osk_check_movie_samples(movie);
        }
    }
}

void osk_check_movie_ends(OskMovie *movie)
{
    for (size_t i = 0; movie->status == OSK_OK && i < movie->track_count; i++) {
        movie->track = &movie->tracks[i];
        movie->part = "trak";
        osk_check_movie_samples_end(movie);
    }
}

OskStatus osk_check_movie_begin(OskMovie *movie, OskCheck *check, OskShownList *shown)
{
    *movie = (OskMovie){ .check = check, .shown = shown, .part = "moov" };
    movie->tracks = osk_arena_array(check->arena, OSK_MOVIE_TRACKS, sizeof(*movie->tracks));
    return movie->tracks != NULL
               ? OSK_OK
               : osk_check_fail(check, OSK_NO_MEMORY, "moov", "not enough memory", OSK_NO_OFFSET);
}

void osk_check_movie_moov(OskMovie *movie, uint64_t offset, uint64_t header, uint64_t len)
{
    OskCursor body;
    if (len > MOOV_MOST) {
        movie->status = osk_check_fail(movie->check, OSK_LIMIT, "moov", "larger than any", offset);
        return;
    }
    movie->status = osk_check_load(movie->check, offset + header, len - header, &body);
    if (movie->status != OSK_OK) {
        return;
    }
    movie->at = offset;
    movie->part = "moov";
    osk_check_movie_children(movie, rules, RULE_COUNT, MOOV, body);
    if (movie->mvex.there && movie->status == OSK_OK) {
        movie->part = "mvex";
        osk_check_movie_children(movie, rules, RULE_COUNT, MVEX, movie->mvex.rows);
    }
    if (movie->timescale == 0) {
        osk_check_movie_found(movie, "a movie that lacks parts");
    }
    check_company(movie);
    check_tracks(movie);
}

/* What was found stops a walk, but not the check. */
static OskStatus settle(const OskMovie *movie)
{
    return movie->status == OSK_FOUND ? OSK_OK : movie->status;
}

OskStatus osk_check_moov(OskCheck *check, uint64_t offset, uint64_t len, OskShownList *shown)
{
    OskMovie movie;
    uint8_t head[4];
    OskStatus status = osk_check_movie_begin(&movie, check, shown);
    if (status == OSK_OK) {
        status = osk_check_read(check, offset, head, sizeof(head));
    }
    if (status != OSK_OK) {
        return status;
    }
    movie.sequence = true;
    bool wide = head[0] == 0 && head[1] == 0 && head[2] == 0 && head[3] == 1;
    osk_check_movie_moov(&movie, offset, wide ? 16 : 8, len);
    osk_check_movie_ends(&movie);
    return settle(&movie);
}
