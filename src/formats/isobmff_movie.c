/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MP4, QuickTime and their kin: boxes; `moov` describes tracks, whose samples lie in `mdat` or
 * anywhere. ISO/IEC 14496-12:2022, -14, -15; QuickTime File Format (2012); 3GPP TS 26.244.
 *
 * What stays is what plays: enabled picture and sound tracks, the samples that their edit lists
 * show, and what those are decoded from. `moov` is written anew from numbers (movie_write.c),
 * `mdat` is put together from samples in the order in which they stand. Fragmented files become
 * plain ones: one index, the same samples.
 *
 * Tolerated, because players do: tables that disagree about the number of samples, a last box that
 * claims more bytes than the file has, samples outside of any mdat, bytes behind the last box. */
#include "formats/isobmff_movie.h"

#include "formats/movie.h"

#define BASE "ISO/IEC 14496-12"
#define QTFF "QuickTime File Format"

#define ROW(level, a, b, c, d, name_, meaning_, verdict_, kind_, spec_, why_)                      \
    {                                                                                              \
        .tag = OSK_ROW(OSK_AT_##level, OSK_FOURCC(a, b, c, d)), .name = name_,                     \
        .meaning = meaning_, .verdict = OSK_##verdict_, .kind = OSK_KIND_##kind_, .spec = spec_,   \
        .why = why_                                                                                \
    }

static const OskPart parts[] = {
    ROW(FILE, 'f', 't', 'y', 'p', "ftyp", "what kind of file it is", REWRITE, NONE, BASE " 4.3",
        "one of two constants: MP4 or QuickTime"),
    ROW(FILE, 'm', 'o', 'o', 'v', "moov", "the index of the movie", REWRITE, NONE, BASE " 8.2.1",
        "written anew from numbers; no text, no times, no unknown boxes"),
    ROW(FILE, 'm', 'd', 'a', 't', "mdat", "frame around the media data", REWRITE, NONE,
        BASE " 8.1.1", "only its header, with the new size"),
    { .tag = OSK_MOVIE_TAG_DATA,
      .name = "media data",
      .meaning = "coded pictures and sound that are played",
      .verdict = OSK_KEEP,
      .kind = OSK_KIND_NONE,
      .spec = BASE " 8.1.1",
      .why = "only bytes of samples that a kept track shows; units and messages in them by their "
             "own tables" },
    { .tag = OSK_MOVIE_TAG_MESSAGE,
      .name = "messages in media data",
      .meaning = "notes between the coded pictures: settings, times, captions",
      .verdict = OSK_DROP,
      .kind = OSK_KIND_OTHER,
      .spec = "H.264 D, H.265 D, AV1 5.8" },
    { .tag = OSK_MOVIE_TAG_UNUSED,
      .name = "unused media data",
      .meaning = "media data that is not shown when the video is played",
      .verdict = OSK_DROP,
      .kind = OSK_KIND_OTHER,
      .spec = BASE " 8.1.1" },
    ROW(FILE, 'm', 'o', 'o', 'f', "moof", "index of a fragment: becomes part of the one index",
        DROP, NONE, BASE " 8.8.4", NULL),
    ROW(FILE, 's', 'i', 'd', 'x', "sidx", "index of fragments", DROP, OTHER, BASE " 8.16.3", NULL),
    ROW(FILE, 's', 's', 'i', 'x', "ssix", "index of fragments", DROP, OTHER, BASE " 8.16.4", NULL),
    ROW(FILE, 'm', 'f', 'r', 'a', "mfra", "index of fragments", DROP, OTHER, BASE " 8.8.9", NULL),
    ROW(FILE, 's', 't', 'y', 'p', "styp", "what kind of fragment it is", DROP, OTHER,
        BASE " 8.16.2", NULL),
    ROW(FILE, 'p', 'd', 'i', 'n', "pdin", "download hints", DROP, OTHER, BASE " 8.1.3", NULL),
    ROW(FILE, 'p', 'r', 'f', 't', "prft", "clock time of the recording", DROP, TIME, BASE " 8.16.5",
        NULL),
    ROW(FILE, 'e', 'm', 's', 'g', "emsg", "messages for programs", DROP, OTHER,
        "ISO/IEC 23009-1 5.10.3.3", NULL),
    ROW(FILE, 'f', 'r', 'e', 'e', "free", "padding, or what was there before", DROP, OTHER,
        BASE " 8.1.2", NULL),
    ROW(FILE, 's', 'k', 'i', 'p', "skip", "padding, or what was there before", DROP, OTHER,
        BASE " 8.1.2", NULL),
    ROW(FILE, 'w', 'i', 'd', 'e', "wide", "padding", DROP, OTHER, QTFF, NULL),
    ROW(FILE, 'u', 'd', 't', 'a', "udta", "notes of the camera or program", DROP, OTHER,
        BASE " 8.10.1", NULL),
    ROW(FILE, 'm', 'e', 't', 'a', "meta", "attached data", DROP, OTHER, BASE " 8.11.1", NULL),
    ROW(FILE, 'u', 'u', 'i', 'd', "uuid", "a maker's own box", DROP, OTHER, BASE " 4.2", NULL),
    ROW(FILE, 'p', 'n', 'o', 't', "pnot", "a preview picture", DROP, PREVIEW, QTFF, NULL),
    ROW(FILE, 'P', 'I', 'C', 'T', "PICT", "a preview picture", DROP, PREVIEW, QTFF, NULL),
    ROW(FILE, 'm', 'p', 'v', 'd', "mpvd", "a hidden motion photo", DROP, PREVIEW,
        "Android motion photo 1.0", NULL),
    ROW(FILE, 's', 'e', 'f', 'd', "sefd", "a phone's trailer: times, settings, hidden pictures",
        DROP, DEVICE, "Samsung", NULL),
    { .tag = OSK_MOVIE_TAG_TRAILER,
      .name = "trailer",
      .meaning = "bytes behind the end of the video",
      .verdict = OSK_DROP,
      .kind = OSK_KIND_OTHER,
      .spec = BASE " 4.2" },
    { .tag = OSK_MOVIE_TAG_OTHER,
      .name = "unknown box",
      .meaning = "a box that no player needs",
      .verdict = OSK_DROP,
      .kind = OSK_KIND_OTHER,
      .spec = BASE " 4.2" },

    ROW(MOOV, 'm', 'v', 'h', 'd', "moov/mvhd",
        "length and clock of the movie, and when it was made", REWRITE, TIME, BASE " 8.2.2",
        "numbers; times zeroed"),
    ROW(MOOV, 't', 'r', 'a', 'k', "moov/trak", "a track", REWRITE, NONE, BASE " 8.3.1",
        "enabled pictures and sound only, written from numbers"),
    ROW(MOOV, 'm', 'v', 'e', 'x', "moov/mvex", "defaults for fragments", REWRITE, NONE,
        BASE " 8.8.1", "numbers, in initialisation segments only"),
    ROW(MOOV, 'u', 'd', 't', 'a', "moov/udta",
        "notes of the camera or program: place, time, device", DROP, OTHER, BASE " 8.10.1", NULL),
    ROW(MOOV, 'm', 'e', 't', 'a', "moov/meta",
        "notes of the camera or program: place, time, device", DROP, OTHER, BASE " 8.11.1", NULL),
    ROW(MOOV, 'u', 'u', 'i', 'd', "moov/uuid", "a maker's own box", DROP, OTHER, BASE " 4.2", NULL),
    ROW(MOOV, 'i', 'o', 'd', 's', "moov/iods", "object descriptor that players ignore", DROP, OTHER,
        "ISO/IEC 14496-14 5.1", NULL),
    ROW(MOOV, 'f', 'r', 'e', 'e', "moov/free", "padding, or what was there before", DROP, OTHER,
        BASE " 8.1.2", NULL),
    ROW(MOOV, 's', 'k', 'i', 'p', "moov/skip", "padding, or what was there before", DROP, OTHER,
        BASE " 8.1.2", NULL),
    ROW(MOOV, 'p', 's', 's', 'h', "moov/pssh", "keys of a seller", DROP, DEVICE,
        "ISO/IEC 23001-7 8.1", NULL),

    ROW(TRAK, 't', 'k', 'h', 'd', "trak/tkhd",
        "place and size of the picture, and when it was made", REWRITE, TIME, BASE " 8.3.2",
        "numbers; times zeroed"),
    ROW(TRAK, 'e', 'd', 't', 's', "trak/edts", "what of the track is shown", REWRITE, NONE,
        BASE " 8.6.5", "numbers"),
    ROW(TRAK, 't', 'r', 'e', 'f', "trak/tref", "which tracks belong together", REWRITE, NONE,
        BASE " 8.3.3", "transparency only"),
    ROW(TRAK, 't', 'a', 'p', 't', "trak/tapt", "sizes to show the picture at", REWRITE, NONE, QTFF,
        "numbers"),
    ROW(TRAK, 'u', 'd', 't', 'a', "trak/udta", "notes of the camera or program", DROP, OTHER,
        BASE " 8.10.1", NULL),
    ROW(TRAK, 'm', 'e', 't', 'a', "trak/meta", "notes of the camera or program", DROP, OTHER,
        BASE " 8.11.1", NULL),
    ROW(TRAK, 'u', 'u', 'i', 'd', "trak/uuid", "a maker's own box", DROP, OTHER, BASE " 4.2", NULL),
    ROW(TRAK, 't', 'r', 'g', 'r', "trak/trgr", "groups of tracks", DROP, OTHER, BASE " 8.3.4",
        NULL),
    ROW(TRAK, 'l', 'o', 'a', 'd', "trak/load", "hints for loading", DROP, OTHER, QTFF, NULL),

    ROW(MDIA, 'm', 'd', 'h', 'd', "mdia/mdhd", "clock and language, and when it was made", REWRITE,
        TIME, BASE " 8.4.2", "numbers; times zeroed, language undetermined"),
    ROW(MDIA, 'h', 'd', 'l', 'r', "mdia/hdlr", "picture or sound, and a name", REWRITE, SOFTWARE,
        BASE " 8.4.3", "no name"),
    ROW(MDIA, 'e', 'l', 'n', 'g', "mdia/elng", "language", DROP, OTHER, BASE " 8.4.6", NULL),
    ROW(MDIA, 'u', 'd', 't', 'a', "mdia/udta", "notes of the camera or program", DROP, OTHER,
        BASE " 8.10.1", NULL),
    ROW(MINF, 'v', 'm', 'h', 'd', "minf/vmhd", "how pictures are laid over others", REWRITE, NONE,
        BASE " 12.1.2", "numbers"),
    ROW(MINF, 's', 'm', 'h', 'd', "minf/smhd", "left and right", REWRITE, NONE, BASE " 12.2.2",
        "numbers"),
    ROW(MINF, 'd', 'i', 'n', 'f', "minf/dinf", "where the data is", REWRITE, NONE, BASE " 8.7.1",
        "a constant: in this file"),
    ROW(MINF, 'h', 'd', 'l', 'r', "minf/hdlr", "how the data is read", REWRITE, NONE, QTFF,
        "a constant"),
    ROW(MINF, 'g', 'm', 'h', 'd', "minf/gmhd", "settings of other kinds of tracks", DROP, OTHER,
        QTFF, NULL),
    ROW(MINF, 'n', 'm', 'h', 'd', "minf/nmhd", "settings of other kinds of tracks", DROP, OTHER,
        BASE " 8.4.5.2", NULL),

    ROW(STBL, 's', 't', 's', 'd', "stbl/stsd", "how the samples are coded", REWRITE, SOFTWARE,
        BASE " 8.5.2", "numbers; known boxes of a known form only; no compressor name"),
    ROW(STBL, 's', 't', 't', 's', "stbl/stts", "durations", REWRITE, NONE, BASE " 8.6.1.2",
        "numbers"),
    ROW(STBL, 'c', 't', 't', 's', "stbl/ctts", "order of showing", REWRITE, NONE, BASE " 8.6.1.3",
        "numbers"),
    ROW(STBL, 's', 't', 's', 's', "stbl/stss", "where playing may begin", REWRITE, NONE,
        BASE " 8.6.2", "numbers"),
    ROW(STBL, 's', 't', 's', 'c', "stbl/stsc", "chunks", REWRITE, NONE, BASE " 8.7.4", "numbers"),
    ROW(STBL, 's', 't', 's', 'z', "stbl/stsz", "sizes", REWRITE, NONE, BASE " 8.7.3.2", "numbers"),
    ROW(STBL, 's', 't', 'c', 'o', "stbl/stco", "offsets", REWRITE, NONE, BASE " 8.7.5", "numbers"),
    ROW(STBL, 's', 'b', 'g', 'p', "stbl/sbgp", "groups of samples", REWRITE, NONE, BASE " 8.9.2",
        "decoding groups only: roll, prol, rap"),
    ROW(STBL, 'c', 's', 'l', 'g', "stbl/cslg", "bounds of the order of showing", DROP, OTHER,
        BASE " 8.6.1.4", NULL),
    ROW(STBL, 's', 'd', 't', 'p', "stbl/sdtp", "which samples others need", DROP, OTHER,
        BASE " 8.6.4", NULL),
    ROW(STBL, 's', 't', 'p', 's', "stbl/stps", "where playing may almost begin", DROP, OTHER, QTFF,
        NULL),
    ROW(STBL, 's', 't', 'd', 'p', "stbl/stdp", "priorities", DROP, OTHER, BASE " 8.5.3", NULL),
    ROW(STBL, 'p', 'a', 'd', 'b', "stbl/padb", "padding bits", DROP, OTHER, BASE " 8.7.6", NULL),
    ROW(STBL, 's', 't', 's', 'h', "stbl/stsh", "shadow samples", DROP, OTHER, BASE " 8.6.3", NULL),
    ROW(STBL, 's', 'u', 'b', 's', "stbl/subs", "parts of samples", DROP, OTHER, BASE " 8.7.7",
        NULL),
    ROW(STBL, 's', 'a', 'i', 'z', "stbl/saiz", "sizes of attached data", DROP, OTHER, BASE " 8.7.8",
        NULL),
    ROW(STBL, 's', 'a', 'i', 'o', "stbl/saio", "offsets of attached data", DROP, OTHER,
        BASE " 8.7.9", NULL),
    ROW(STBL, 's', 't', 's', 'l', "stbl/stsl", "scaling hints", DROP, OTHER,
        "ISO/IEC 14496-12:2005", NULL),

    ROW(ENTRY, 'b', 't', 'r', 't', "stsd/btrt", "bit rates", REWRITE, NONE, BASE " 8.5.2.2",
        "numbers of a fixed length"),
    ROW(ENTRY, 'c', 'o', 'l', 'r', "stsd/colr", "what the colours mean", REWRITE, DEVICE,
        BASE " 12.1.5", "code points, or a profile rebuilt from its colour-defining tags"),
    ROW(ENTRY, 's', 'v', '3', 'd', "stsd/sv3d",
        "sphere around the camera, and the program that stitched it", DROP, SOFTWARE,
        "Spherical Video V2", NULL),
    ROW(ENTRY, 'v', 'e', 'x', 'u', "stsd/vexu", "lenses of a stereo camera", DROP, DEVICE, QTFF,
        NULL),
    ROW(ENTRY, 'h', 'f', 'o', 'v', "stsd/hfov", "field of view of the camera", DROP, DEVICE, QTFF,
        NULL),
    ROW(ENTRY, 'u', 'u', 'i', 'd', "stsd/uuid", "a maker's own box", DROP, OTHER, BASE " 4.2",
        NULL),
};

#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

const OskPart *osk_movie_row(unsigned level, uint32_t type)
{
    return osk_part_find(parts, PART_COUNT, OSK_ROW(level, type));
}

static OskProbe probe_movie(const uint8_t *head, size_t len)
{
    OskCursor c = osk_cursor_make(head, len, 0);
    uint32_t size = osk_cursor_u32be(&c);
    switch (osk_cursor_u32be(&c)) {
    case OSK_FOURCC('f', 't', 'y', 'p'):
    case OSK_FOURCC('s', 't', 'y', 'p'):
    case OSK_FOURCC('m', 'o', 'o', 'v'):
    case OSK_FOURCC('m', 'o', 'o', 'f'):
    case OSK_FOURCC('s', 'i', 'd', 'x'):
    case OSK_FOURCC('e', 'm', 's', 'g'):
    case OSK_FOURCC('p', 'r', 'f', 't'):
    case OSK_FOURCC('m', 'd', 'a', 't'):
        return size >= 8 || size <= 1 ? OSK_PROBE_MAYBE : OSK_PROBE_NO;
    case OSK_FOURCC('w', 'i', 'd', 'e'):
    case OSK_FOURCC('f', 'r', 'e', 'e'):
    case OSK_FOURCC('s', 'k', 'i', 'p'):
    case OSK_FOURCC('p', 'n', 'o', 't'):
    case OSK_FOURCC('u', 'u', 'i', 'd'): return size >= 8 ? OSK_PROBE_MAYBE : OSK_PROBE_NO;
    default: return OSK_PROBE_NO;
    }
}

/* Boxes of the file that go: those of a modest size are looked into. */
#define LOOK_MAX ((uint64_t)4 << 20)

static OskStatus report_boxes(OskMovie *movie)
{
    OskStatus status = OSK_OK;
    for (uint32_t i = 0; status == OSK_OK && i < movie->boxes.count; i++) {
        OskBox box = osk_movie_box(movie, i);
        bool known = box.type == OSK_FOURCC('m', 'o', 'o', 'v') ||
                     box.type == OSK_FOURCC('m', 'd', 'a', 't') ||
                     box.type == OSK_FOURCC('f', 't', 'y', 'p') ||
                     box.type == OSK_FOURCC('m', 'o', 'o', 'f') ||
                     (movie->still != NULL && box.offset == movie->meta.offset);
        if (known) {
            continue;
        }
        OskCursor body;
        uint64_t len = osk_box_body_len(&box);
        status = osk_walk_load(movie->walk, osk_box_body_offset(&box),
                               len < LOOK_MAX ? len : LOOK_MAX, &body);
        if (status == OSK_OK) {
            osk_movie_report_box(movie, &box, body, OSK_AT_FILE);
        }
    }
    return status;
}

static OskStatus walk_movie(OskMovie *movie, const OskMovieStill *still)
{
    if (still != NULL) {
        movie->brands = still->ftyp;
        movie->brands_len = still->ftyp_len;
    }
    OskStatus status = osk_movie_read(movie);
    if (status == OSK_OK && still != NULL && still->meta != NULL) {
        movie->meta = *still->meta;
        status = osk_still_read(movie->walk, still->meta, &movie->still);
    }
    if (status == OSK_OK) {
        status = report_boxes(movie);
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < movie->track_count; i++) {
        OskTrack *track = &movie->tracks[i];
        kept += track->kept ? 1 : 0;
        track->wide_offsets = track->wide_offsets || movie->walk->size >= OSK_MOVIE_WIDE_FROM;
    }
    if (status == OSK_OK && kept == 0) {
        return osk_movie_fail(movie, OSK_UNSUPPORTED, "moov",
                              "no pictures and no sound that are played", movie->moov.offset);
    }
    if (status == OSK_OK && movie->has_fragments) {
        status = osk_movie_rebase(movie);
    }
    for (uint32_t i = 0; status == OSK_OK && i < movie->track_count; i++) {
        if (movie->tracks[i].kept) {
            status = osk_movie_edits(movie, &movie->tracks[i]);
        }
    }
    if (status == OSK_OK) {
        status = osk_movie_write(movie);
    }
    if (status == OSK_OK) {
        status = osk_movie_plan(movie);
    }
    return status;
}

/* What the copy is, not what the original was called: its brand is QuickTime's or that of the base
 * format, whatever phone wrote it. */
static const char *extension_of(const OskMovie *movie)
{
    if (movie->quicktime) {
        return "mov";
    }
    for (uint32_t i = 0; i < movie->track_count; i++) {
        if (movie->tracks[i].kept && movie->tracks[i].handler != OSK_FOURCC('s', 'o', 'u', 'n')) {
            return "mp4";
        }
    }
    return "m4a";
}

static OskStatus walk_file(OskWalk *walk)
{
    OskMovie movie = { .walk = walk };
    OskStatus status = walk_movie(&movie, NULL);
    if (status == OSK_OK) {
        walk->extension = extension_of(&movie);
    }
    osk_movie_free(&movie);
    return status;
}

OskStatus osk_movie_walk(OskWalk *walk, const OskMovieStill *still)
{
    OskMovie movie = { .walk = walk };
    OskStatus status = walk_movie(&movie, still);
    osk_movie_free(&movie);
    return status;
}

const OskFormat osk_format_movie = {
    .info = { .name = "mp4",
              .title = "MP4, MOV, M4V and 3GP",
              .media_type = "video/mp4",
              .extensions = "mp4 mov m4v 3gp 3g2 m4a qt",
              .parts = parts,
              .part_count = PART_COUNT },
    .probe = probe_movie,
    .walk = walk_file,
};
