/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sample descriptions (stsd): fields written anew, child boxes by an allow-list
 * (movie_entry_box.c). ISO/IEC 14496-12 sections 8.5.2 and 12; QuickTime File Format, "Media Data
 * Atom Types". */
#include "formats/movie.h"

#include "parts/nal.h"

static const char *const where = "moov/trak/mdia/minf/stbl/stsd";

/* A coding that we know: how its samples are looked into, and how many samples in front of the
 * first one that is heard its decoder needs. */
typedef struct CodingRow {
    uint32_t type;
    uint8_t kind;
    uint8_t codec;
    uint8_t delay;
} CodingRow;

static const CodingRow picture_codings[] = {
    { OSK_FOURCC('a', 'v', 'c', '1'), OSK_SAMPLES_NAL, OSK_CODEC_AVC, 0 },
    { OSK_FOURCC('a', 'v', 'c', '3'), OSK_SAMPLES_NAL, OSK_CODEC_AVC, 0 },
    { OSK_FOURCC('d', 'v', 'a', '1'), OSK_SAMPLES_NAL, OSK_CODEC_AVC, 0 },
    { OSK_FOURCC('d', 'v', 'a', 'v'), OSK_SAMPLES_NAL, OSK_CODEC_AVC, 0 },
    { OSK_FOURCC('h', 'v', 'c', '1'), OSK_SAMPLES_NAL, OSK_CODEC_HEVC, 0 },
    { OSK_FOURCC('h', 'e', 'v', '1'), OSK_SAMPLES_NAL, OSK_CODEC_HEVC, 0 },
    { OSK_FOURCC('d', 'v', 'h', '1'), OSK_SAMPLES_NAL, OSK_CODEC_HEVC, 0 },
    { OSK_FOURCC('d', 'v', 'h', 'e'), OSK_SAMPLES_NAL, OSK_CODEC_HEVC, 0 },
    { OSK_FOURCC('a', 'v', '0', '1'), OSK_SAMPLES_OBU, OSK_CODEC_AV1, 0 },
    { OSK_FOURCC('d', 'a', 'v', '1'), OSK_SAMPLES_OBU, OSK_CODEC_AV1, 0 },
    { OSK_FOURCC('v', 'p', '0', '8'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('v', 'p', '0', '9'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('m', 'p', '4', 'v'), OSK_SAMPLES_MPEG4, 0, 0 },
    { OSK_FOURCC('s', '2', '6', '3'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('h', '2', '6', '3'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('H', '2', '6', '3'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('j', 'p', 'e', 'g'), OSK_SAMPLES_JPEG, 0, 0 },
    { OSK_FOURCC('a', 'p', 'c', 'h'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('a', 'p', 'c', 'n'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('a', 'p', 'c', 's'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('a', 'p', 'c', 'o'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('a', 'p', '4', 'h'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('a', 'p', '4', 'x'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('2', 'v', 'u', 'y'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('y', 'u', 'v', '2'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('v', '2', '1', '0'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('r', 'a', 'w', ' '), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('c', 'v', 'i', 'd'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('S', 'V', 'Q', '1'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('S', 'V', 'Q', '3'), OSK_SAMPLES_OPAQUE, 0, 0 },
};

static const CodingRow sound_codings[] = {
    { OSK_FOURCC('m', 'p', '4', 'a'), OSK_SAMPLES_AAC, 0, 3 },
    { OSK_FOURCC('.', 'm', 'p', '3'), OSK_SAMPLES_OPAQUE, 0, 10 },
    { OSK_FOURCC('a', 'c', '-', '3'), OSK_SAMPLES_OPAQUE, 0, 2 },
    { OSK_FOURCC('e', 'c', '-', '3'), OSK_SAMPLES_OPAQUE, 0, 2 },
    { OSK_FOURCC('a', 'c', '-', '4'), OSK_SAMPLES_OPAQUE, 0, 4 },
    { OSK_FOURCC('O', 'p', 'u', 's'), OSK_SAMPLES_OPAQUE, 0, 4 },
    { OSK_FOURCC('f', 'L', 'a', 'C'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('a', 'l', 'a', 'c'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('s', 'o', 'w', 't'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('t', 'w', 'o', 's'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('r', 'a', 'w', ' '), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('N', 'O', 'N', 'E'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('i', 'n', '2', '4'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('i', 'n', '3', '2'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('f', 'l', '3', '2'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('f', 'l', '6', '4'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('l', 'p', 'c', 'm'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('i', 'p', 'c', 'm'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('f', 'p', 'c', 'm'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('u', 'l', 'a', 'w'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('a', 'l', 'a', 'w'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('i', 'm', 'a', '4'), OSK_SAMPLES_OPAQUE, 0, 0 },
    { OSK_FOURCC('s', 'a', 'm', 'r'), OSK_SAMPLES_OPAQUE, 0, 2 },
    { OSK_FOURCC('s', 'a', 'w', 'b'), OSK_SAMPLES_OPAQUE, 0, 2 },
    { OSK_FOURCC('s', 'a', 'w', 'p'), OSK_SAMPLES_OPAQUE, 0, 2 },
    { OSK_FOURCC('m', 'h', 'm', '1'), OSK_SAMPLES_OPAQUE, 0, 4 },
    { OSK_FOURCC('m', 'h', 'm', '2'), OSK_SAMPLES_OPAQUE, 0, 4 },
    { OSK_FOURCC('m', 'h', 'a', '1'), OSK_SAMPLES_OPAQUE, 0, 4 },
    { OSK_FOURCC('m', 'h', 'a', '2'), OSK_SAMPLES_OPAQUE, 0, 4 },
    { OSK_FOURCC('d', 't', 's', 'c'), OSK_SAMPLES_OPAQUE, 0, 2 },
    { OSK_FOURCC('d', 't', 's', 'h'), OSK_SAMPLES_OPAQUE, 0, 2 },
    { OSK_FOURCC('d', 't', 's', 'l'), OSK_SAMPLES_OPAQUE, 0, 2 },
    { OSK_FOURCC('d', 't', 's', 'e'), OSK_SAMPLES_OPAQUE, 0, 2 },
};

static const CodingRow *find_coding(const CodingRow *rows, size_t count, uint32_t type)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].type == type) {
            return &rows[i];
        }
    }
    return NULL;
}

void osk_movie_aac(OskMovie *movie, OskCursor info, const OskAacConfig *config, OskWriter *out)
{
    OskCursor before = osk_cursor_take(&info, config->comment_at);
    OskCursor comment = osk_cursor_take(&info, config->comment_len);
    OskCursor after =
        osk_cursor_take(&info, config->len - config->comment_at - config->comment_len);
    OskFact fact = { .kind = OSK_KIND_SOFTWARE,
                     .part = "esds",
                     .field = "mp4.coder",
                     .label = "program that coded the sound",
                     .offset = osk_cursor_offset(&comment),
                     .len = config->comment_len };
    bool named = false;
    for (OskCursor c = comment; osk_cursor_more(&c);) {
        named = osk_cursor_u8(&c) != 0 || named;
    }
    if (named) {
        osk_report_add_untrusted(movie->walk->report, fact, osk_cursor_rest(&comment),
                                 config->comment_len, OSK_LATIN1);
    }
    if (osk_cursor_more(&info)) {
        osk_report_add(movie->walk->report,
                       (OskFact){ .kind = OSK_KIND_OTHER,
                                  .part = "esds",
                                  .field = "mp4.coder-slack",
                                  .label = "hidden bytes in the settings of the decoder",
                                  .offset = osk_cursor_offset(&info),
                                  .len = osk_cursor_left(&info) },
                       NULL);
    }
    osk_writer_bytes(out, osk_cursor_rest(&before), osk_cursor_left(&before));
    osk_writer_zeros(out, config->comment_len);
    osk_writer_bytes(out, osk_cursor_rest(&after), osk_cursor_left(&after));
}

static OskStatus copy_children(OskMovie *movie, OskEntry *entry, OskCursor children)
{
    OskBox box;
    OskCursor body;
    OskStatus status = OSK_OK;
    /* What is no box at the end (QuickTime puts four zeros there) goes. */
    while (status == OSK_OK && osk_box_next(&children, &box, &body)) {
        status = osk_movie_entry_box(movie, entry, &box, body);
    }
    return status;
}

/* QuickTime's version, revision and maker of the program that coded the samples. */
static void report_vendor(OskMovie *movie, const OskCursor *fields)
{
    OskCursor c = *fields;
    osk_cursor_skip(&c, 2);
    uint32_t revision = osk_cursor_u16be(&c);
    const uint8_t *vendor = osk_cursor_bytes(&c, 4);
    if (vendor != NULL && (revision != 0 || memcmp(vendor, "\0\0\0", 4) != 0)) {
        osk_report_add_untrusted(movie->walk->report,
                                 (OskFact){ .kind = OSK_KIND_SOFTWARE,
                                            .part = where,
                                            .field = "mp4.vendor",
                                            .label = "maker of the program that coded the samples",
                                            .offset = osk_cursor_offset(fields),
                                            .len = 8 },
                                 vendor, 4, OSK_LATIN1);
    }
}

static OskStatus read_picture(OskMovie *movie, OskEntry *entry)
{
    OskCursor c = entry->body;
    OskWriter *out = &entry->out;
    osk_cursor_skip(&c, 6);
    entry->data_ref = osk_cursor_u16be(&c);
    report_vendor(movie, &c);
    osk_cursor_skip(&c, 16);
    const uint8_t *size = osk_cursor_bytes(&c, 4);
    osk_cursor_skip(&c, 14);
    uint8_t name_len = osk_cursor_u8(&c);
    OskCursor name = osk_cursor_take(&c, 31);
    uint32_t depth = osk_cursor_u16be(&c);
    osk_cursor_skip(&c, 2);
    if (size == NULL || !osk_cursor_ok(&c)) {
        return osk_movie_fail(movie, OSK_MALFORMED, where, "a description ends early",
                              osk_cursor_offset(&entry->body));
    }
    if (name_len > 0 && name_len <= 31) {
        osk_report_add_untrusted(movie->walk->report,
                                 (OskFact){ .kind = OSK_KIND_SOFTWARE,
                                            .part = where,
                                            .field = "mp4.compressor",
                                            .label = "program or camera that coded the pictures",
                                            .offset = osk_cursor_offset(&name),
                                            .len = 31 },
                                 osk_cursor_rest(&name), name_len, OSK_UTF8);
    }
    osk_writer_zeros(out, 6);
    osk_writer_be(out, 1, 2);
    osk_writer_zeros(out, 16);
    osk_writer_bytes(out, size, 4);
    osk_writer_be(out, 0x00480000, 4); /* 72 dpi, the value that the specification fixes */
    osk_writer_be(out, 0x00480000, 4);
    osk_writer_zeros(out, 4);
    osk_writer_be(out, 1, 2);
    osk_writer_zeros(out, 32);
    osk_writer_be(out, depth, 2);
    osk_writer_be(out, 0xFFFF, 2);
    return copy_children(movie, entry, c);
}

/* Uncompressed QuickTime sound: how many bytes a sample of all channels has. */
static uint32_t frame_bytes(uint32_t type, uint32_t channels, uint32_t bits)
{
    switch (type) {
    case OSK_FOURCC('s', 'o', 'w', 't'):
    case OSK_FOURCC('t', 'w', 'o', 's'): return channels * (bits == 8 ? 1 : 2);
    case OSK_FOURCC('r', 'a', 'w', ' '):
    case OSK_FOURCC('N', 'O', 'N', 'E'): return channels * (bits / 8);
    case OSK_FOURCC('i', 'n', '2', '4'): return channels * 3;
    case OSK_FOURCC('i', 'n', '3', '2'):
    case OSK_FOURCC('f', 'l', '3', '2'): return channels * 4;
    case OSK_FOURCC('f', 'l', '6', '4'): return channels * 8;
    case OSK_FOURCC('u', 'l', 'a', 'w'):
    case OSK_FOURCC('a', 'l', 'a', 'w'): return channels;
    default: return 0;
    }
}

/* The extra fields of QuickTime's versions 1 and 2. MP4 has no version 1 of that kind: what some
 * writers put there goes. */
static void copy_sound_extra(const OskMovie *movie, OskEntry *entry, OskCursor *c, uint32_t version)
{
    if (version == 1) {
        OskCursor extra = osk_cursor_take(c, 16);
        if (movie->quicktime) {
            osk_writer_bytes(&entry->out, osk_cursor_rest(&extra), osk_cursor_left(&extra));
        }
        uint32_t samples = osk_cursor_u32be(&extra);
        osk_cursor_skip(&extra, 4);
        uint32_t bytes = osk_cursor_u32be(&extra);
        if (samples > 0 && bytes > 0) {
            entry->packet_samples = samples;
            entry->packet_bytes = bytes;
        }
    } else if (version == 2) {
        OskCursor extra = osk_cursor_take(c, 36);
        osk_cursor_skip(&extra, 4);
        const uint8_t *fields = osk_cursor_bytes(&extra, 32);
        osk_writer_be(&entry->out, 72, 4);
        osk_writer_bytes(&entry->out, fields, fields != NULL ? 32 : 0);
        if (fields != NULL && entry->type == OSK_FOURCC('l', 'p', 'c', 'm')) {
            OskCursor tail = osk_cursor_make(fields + 24, 8, 0);
            entry->packet_bytes = osk_cursor_u32be(&tail);
            entry->packet_samples = osk_cursor_u32be(&tail);
        }
    }
    if (entry->packet_samples == 0 || entry->packet_bytes == 0) {
        entry->packet_samples = 0;
        entry->packet_bytes = 0;
    }
}

static OskStatus read_sound(OskMovie *movie, OskEntry *entry, uint8_t stsd_version)
{
    OskCursor c = entry->body;
    OskWriter *out = &entry->out;
    osk_cursor_skip(&c, 6);
    entry->data_ref = osk_cursor_u16be(&c);
    report_vendor(movie, &c);
    uint32_t version = osk_cursor_u16be(&c);
    osk_cursor_skip(&c, 6);
    uint32_t channels = osk_cursor_u16be(&c);
    uint32_t bits = osk_cursor_u16be(&c);
    uint32_t compression = osk_cursor_u16be(&c);
    osk_cursor_skip(&c, 2);
    uint32_t rate = osk_cursor_u32be(&c);
    if (!osk_cursor_ok(&c)) {
        return osk_movie_fail(movie, OSK_MALFORMED, where, "a description ends early",
                              osk_cursor_offset(&entry->body));
    }
    bool iso_version = stsd_version == 1 && version == 1;
    osk_writer_zeros(out, 6);
    osk_writer_be(out, 1, 2);
    bool plain = version > 2 || (version == 1 && !movie->quicktime && !iso_version);
    osk_writer_be(out, plain ? 0 : version, 2);
    osk_writer_zeros(out, 6);
    osk_writer_be(out, channels, 2);
    osk_writer_be(out, bits, 2);
    osk_writer_be(out, movie->quicktime ? compression : 0, 2);
    osk_writer_zeros(out, 2);
    osk_writer_be(out, rate, 4);
    entry->packet_bytes = frame_bytes(entry->type, channels, bits);
    entry->packet_samples = entry->packet_bytes > 0 ? 1 : 0;
    if (!iso_version) {
        copy_sound_extra(movie, entry, &c, version);
    }
    if (!osk_cursor_ok(&c)) {
        return osk_movie_fail(movie, OSK_MALFORMED, where, "a description ends early",
                              osk_cursor_offset(&entry->body));
    }
    return copy_children(movie, entry, c);
}

static bool is_encrypted(uint32_t type)
{
    return type == OSK_FOURCC('e', 'n', 'c', 'v') || type == OSK_FOURCC('e', 'n', 'c', 'a') ||
           type == OSK_FOURCC('d', 'r', 'm', 's') || type == OSK_FOURCC('d', 'r', 'm', 'i');
}

static OskStatus read_entry(OskMovie *movie, OskTrack *track, OskEntry *entry, uint8_t stsd_version)
{
    bool sound = track->handler == OSK_FOURCC('s', 'o', 'u', 'n');
    const CodingRow *row =
        sound ? find_coding(sound_codings, sizeof(sound_codings) / sizeof(sound_codings[0]),
                            entry->type)
              : find_coding(picture_codings, sizeof(picture_codings) / sizeof(picture_codings[0]),
                            entry->type);
    uint64_t offset = osk_cursor_offset(&entry->body);
    if (is_encrypted(entry->type)) {
        return osk_movie_fail(movie, OSK_UNSUPPORTED, where, "encrypted pictures or sound", offset);
    }
    if (row == NULL) {
        return osk_movie_fail(movie, OSK_UNSUPPORTED, where,
                              "pictures or sound in a coding that we don't know", offset);
    }
    entry->kind = (OskSampleKind)row->kind;
    entry->codec = (OskCodec)row->codec;
    entry->delay = row->delay;
    entry->sound = sound;
    entry->length_size = 4;
    osk_writer_init(&entry->out, (size_t)4 << 20);
    OskWriterMark mark = osk_writer_open(&entry->out, 4, true);
    osk_writer_be(&entry->out, entry->type, 4);
    OskStatus status = sound ? read_sound(movie, entry, stsd_version) : read_picture(movie, entry);
    osk_writer_close(&entry->out, mark);
    if (status == OSK_OK && !osk_writer_ok(&entry->out)) {
        status = osk_movie_memory(movie, where);
    }
    return status;
}

/* Only data in this very file can be scrubbed. */
static bool is_self_contained(OskCursor dref, uint32_t index)
{
    if (osk_cursor_left(&dref) == 0) {
        return true;
    }
    osk_cursor_skip(&dref, 8);
    OskBox box;
    OskCursor body;
    for (uint32_t i = 1; osk_box_next(&dref, &box, &body); i++) {
        uint8_t version = 0;
        if (i == index) {
            return (osk_box_full(&body, &version) & 1) != 0;
        }
    }
    return true;
}

OskStatus osk_movie_entries(OskMovie *movie, OskTrack *track)
{
    OskCursor c = track->stsd;
    uint8_t version = 0;
    osk_box_full(&c, &version);
    uint32_t count = osk_cursor_u32be(&c);
    if (!osk_cursor_ok(&c) || count == 0 || count > osk_cursor_left(&c) / 16 || count > 255) {
        return osk_movie_fail(movie, OSK_MALFORMED, where, "sample descriptions are missing",
                              track->offset);
    }
    track->stsd_version = version == 1 ? 1 : 0;
    track->entries = osk_arena_array(movie->walk->arena, count, sizeof(OskEntry));
    if (track->entries == NULL) {
        return osk_movie_memory(movie, where);
    }
    OskBox box;
    bool usable = false;
    while (track->entry_count < count) {
        OskEntry *entry = &track->entries[track->entry_count];
        if (!osk_box_next(&c, &box, &entry->body)) {
            return osk_movie_fail(movie, OSK_MALFORMED, where, "sample descriptions are missing",
                                  track->offset);
        }
        track->entry_count++;
        entry->type = box.type;
        /* A description that no sample uses may be of any kind: it goes. What is wrong with one
         * that is used is said when the first sample of it comes up. */
        OskFault *fault = movie->walk->fault;
        movie->walk->fault = &entry->fault;
        entry->status = read_entry(movie, track, entry, version);
        if (entry->status == OSK_OK && !is_self_contained(track->dref, entry->data_ref)) {
            entry->status = osk_movie_fail(movie, OSK_UNSUPPORTED, "moov/trak/mdia/minf/dinf/dref",
                                           "pictures or sound in another file", track->offset);
        }
        movie->walk->fault = fault;
        usable = usable || entry->status == OSK_OK;
    }
    return usable ? OSK_OK : osk_movie_use_entry(movie, &track->entries[0]);
}

OskStatus osk_movie_use_entry(OskMovie *movie, const OskEntry *entry)
{
    if (entry->status == OSK_OK) {
        return OSK_OK;
    }
    return osk_movie_fail(movie, entry->status, entry->fault.part, entry->fault.what,
                          entry->fault.offset);
}
