/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts/obu.h"

#include "parts/hdr10plus.h"
#include "parts/obu_sequence.h"

/* Table of obu_type, section 6.2.2. What is not listed is reserved. */
enum {
    OBU_SEQUENCE_HEADER = 1,
    OBU_TEMPORAL_DELIMITER = 2,
    OBU_FRAME_HEADER = 3,
    OBU_TILE_GROUP = 4,
    OBU_METADATA = 5,
    OBU_FRAME = 6,
    OBU_REDUNDANT_FRAME_HEADER = 7
};

/* Metadata types, section 6.7.1, and how long a payload with its trailing bits can be. */
typedef struct MetadataRow {
    uint64_t type;
    uint64_t least;
    uint64_t most;
} MetadataRow;

static const MetadataRow metadata_rows[] = {
    { 1, 5, 5 },   /* HDR content light level: 4 bytes, trailing bits */
    { 2, 25, 25 }, /* HDR mastering display: 24 bytes, trailing bits */
    { 3, 2, 128 }, /* scalability */
};

#define METADATA_MAX 4096u

/* Kinds of findings, each made once. */
enum { SEEN_METADATA, SEEN_TIME, SEEN_CAPTIONS, SEEN_UNIT };

typedef struct Obu {
    uint64_t at;          /* of its header */
    uint64_t payload;     /* where its payload begins */
    uint64_t payload_len; /* without header and size field */
    unsigned type;
} Obu;

/* leb128 of at most 8 bytes (4.10.5); returns its length, 0 when it is broken. */
static size_t read_leb128(const uint8_t *bytes, size_t len, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < 8 && i < len; i++) {
        value |= (uint64_t)(bytes[i] & 127) << (7 * i);
        if ((bytes[i] & 128) == 0) {
            *out = value;
            return value <= UINT32_MAX ? i + 1 : 0;
        }
    }
    return 0;
}

/* Reads the header at `at`, with `left` bytes from there on. */
static bool read_obu(OskCoded *coded, uint64_t at, uint64_t left, Obu *out)
{
    size_t ahead = left < 10 ? (size_t)left : 10;
    const uint8_t *head = osk_coded_at(coded, at, ahead);
    if (head == NULL) {
        return false;
    }
    size_t used = (head[0] & 4) != 0 ? 2 : 1;
    bool sized = (head[0] & 2) != 0;
    uint64_t len = left - used;
    size_t digits = 0;
    if (used <= ahead && sized) {
        digits = read_leb128(head + used, ahead - used, &len);
    }
    if (used > ahead || (head[0] & 0x80) != 0 || (sized && digits == 0) ||
        len > left - used - digits) {
        osk_coded_fail(coded, OSK_MALFORMED, "an OBU is longer than what holds it", at);
        return false;
    }
    *out = (Obu){
        .at = at, .payload = at + used + digits, .payload_len = len, .type = head[0] >> 3 & 15u
    };
    return true;
}

/* The payload of a metadata OBU behind its type: is it one that stays, to its last bit? */
static bool metadata_stays(const uint8_t *bytes, size_t len, uint64_t type)
{
    if (type == 4) {
        return len >= 2 && bytes[len - 1] == 0x80 && osk_hdr10plus_is_whole(bytes, len - 1);
    }
    for (size_t i = 0; i < sizeof(metadata_rows) / sizeof(metadata_rows[0]); i++) {
        const MetadataRow *row = &metadata_rows[i];
        if (row->type == type) {
            return len >= row->least && len <= row->most &&
                   (type == 3 ? bytes[len - 1] != 0 : bytes[len - 1] == 0x80);
        }
    }
    return false;
}

static void report_obu(OskCoded *coded, const Obu *obu, unsigned seen)
{
    static const struct {
        OskKind kind;
        const char *field;
        const char *label;
    } words[] = {
        [SEEN_METADATA] = { OSK_KIND_OTHER, "obu.metadata",
                            "private data of the camera or program, in the video stream" },
        [SEEN_TIME] = { OSK_KIND_TIME, "obu.timecode", "clock time of every frame" },
        [SEEN_CAPTIONS] = { OSK_KIND_NAME, "obu.t35",
                            "private data or captions, in the video stream" },
        [SEEN_UNIT] = { OSK_KIND_OTHER, "obu.unit",
                        "bytes between the pictures that no player shows" },
    };
    if (osk_coded_first(coded, seen)) {
        osk_report_add(coded->report,
                       (OskFact){ .kind = words[seen].kind,
                                  .part = coded->part,
                                  .field = words[seen].field,
                                  .label = words[seen].label,
                                  .offset = obu->at,
                                  .len = obu->payload + obu->payload_len - obu->at },
                       NULL);
    }
}

static bool keep_metadata(OskCoded *coded, const Obu *obu)
{
    uint64_t type = 0;
    size_t digits = 0;
    if (obu->payload_len > 0 && obu->payload_len <= METADATA_MAX) {
        const uint8_t *bytes = osk_coded_at(coded, obu->payload, (size_t)obu->payload_len);
        if (bytes == NULL) {
            return false;
        }
        digits = read_leb128(bytes, (size_t)obu->payload_len, &type);
        if (digits > 0 && metadata_stays(bytes + digits, (size_t)obu->payload_len - digits, type)) {
            return true;
        }
    }
    report_obu(coded, obu, type == 4 ? SEEN_CAPTIONS : type == 5 ? SEEN_TIME : SEEN_METADATA);
    return false;
}

static bool keep_obu(OskCoded *coded, const Obu *obu)
{
    switch (obu->type) {
    case OBU_FRAME_HEADER:
    case OBU_TILE_GROUP:
    case OBU_FRAME:
    case OBU_REDUNDANT_FRAME_HEADER: return true;
    case OBU_TEMPORAL_DELIMITER:
        /* Its payload is empty by definition (5.6); one that isn't is dropped: it is optional here.
         */
        if (obu->payload_len > 0) {
            report_obu(coded, obu, SEEN_UNIT);
        }
        return obu->payload_len == 0;
    case OBU_METADATA: return keep_metadata(coded, obu);
    default: report_obu(coded, obu, SEEN_UNIT); return false;
    }
}

/* A sequence header stays up to its last field. */
static void keep_sequence(OskCoded *coded, const Obu *obu)
{
    uint64_t end = obu->payload + obu->payload_len;
    const uint8_t *bytes = obu->payload_len <= METADATA_MAX
                               ? osk_coded_at(coded, obu->payload, (size_t)obu->payload_len)
                               : NULL;
    size_t used = bytes != NULL ? osk_obu_sequence_len(bytes, (size_t)obu->payload_len) : 0;
    const uint8_t *head = used > 0 ? osk_coded_at(coded, obu->at, 2) : NULL;
    if (head == NULL) {
        if (coded->status == OSK_OK) {
            osk_coded_fail(coded, OSK_UNSUPPORTED, "a sequence header without an end", obu->at);
        }
        return;
    }
    if (used == obu->payload_len) {
        osk_coded_keep(coded, obu->at, end - obu->at);
        return;
    }
    report_obu(coded, obu, SEEN_UNIT);
    uint8_t front[4] = { head[0], head[1], 0, 0 };
    size_t front_len = (head[0] & 4) != 0 ? 2 : 1;
    if ((head[0] & 2) != 0) {
        /* A sequence header takes less than 16,384 bytes: two digits at most. */
        front[front_len++] = (uint8_t)(used < 128 ? used : (used & 127) | 128);
        if (used >= 128) {
            front[front_len++] = (uint8_t)(used >> 7);
        }
    }
    osk_coded_rewrite(coded, obu->at, obu->payload - obu->at, front, front_len);
    osk_coded_keep(coded, obu->payload, used);
    osk_coded_drop(coded, obu->payload + used, obu->payload_len - used);
}

/* `config`: a configuration record holds sequence headers and metadata, and nothing else. */
static void filter_obus(OskCoded *coded, uint64_t at, uint64_t left, bool config)
{
    while (left > 0 && coded->status == OSK_OK) {
        Obu obu;
        if (!read_obu(coded, at, left, &obu)) {
            return;
        }
        if (!osk_budget_parts(coded->budget, 1)) {
            osk_coded_fail(coded, OSK_LIMIT, "more OBUs than one file may have", at);
            return;
        }
        uint64_t len = obu.payload - at + obu.payload_len;
        bool fits = !config || obu.type == OBU_METADATA;
        if (obu.type == OBU_SEQUENCE_HEADER) {
            keep_sequence(coded, &obu);
        } else if (keep_obu(coded, &obu) && fits) {
            osk_coded_keep(coded, at, len);
        } else {
            osk_coded_drop(coded, at, len);
        }
        at += len;
        left -= len;
    }
}

OskStatus osk_obu_sample(OskCoded *coded, uint64_t offset, uint64_t len)
{
    osk_coded_begin(coded, offset, len);
    filter_obus(coded, offset, len, false);
    return osk_coded_end(coded);
}

OskStatus osk_obu_config(OskCoded *coded, uint64_t offset, uint64_t len)
{
    osk_coded_begin(coded, offset, len);
    if (len < 4) {
        return osk_coded_fail(coded, OSK_MALFORMED, "the configuration record ends early", offset);
    }
    const uint8_t *head = osk_coded_at(coded, offset, 4);
    if (head == NULL) {
        return osk_coded_end(coded);
    }
    if (head[0] != 0x81) {
        return osk_coded_fail(coded, OSK_UNSUPPORTED, "a configuration record of another version",
                              offset);
    }
    osk_coded_keep(coded, offset, 4);
    filter_obus(coded, offset + 4, len - 4, true);
    return osk_coded_end(coded);
}
