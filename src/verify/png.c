/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PNG, third edition (W3C 2025), with APNG: a signature, chunks with checksums, and after IEND
 * nothing. Read for the second opinion only: which chunks may be there, how long each is, that
 * every zlib stream ends where its chunks do and inflates to its picture and no more. */
#include <string.h>

#include "inflate/inflate.h"
#include "verify/checker.h"
#include "verify/exif.h"
#include "verify/icc.h"

#define FOURCC(a, b, c, d)                                                                         \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const uint8_t signature[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n' };

typedef struct Size {
    uint32_t width;
    uint32_t height;
} Size;

/* The pieces of one zlib stream. */
typedef struct Stream {
    OskCursor *pieces;
    size_t count;
    size_t capacity;
    uint64_t len;
    bool attested;
} Stream;

typedef struct Png {
    OskCheck *check;
    OskCursor c;
    Size size;
    uint8_t depth;
    uint8_t colour;
    bool interlaced;
    uint32_t palette; /* entries */
    uint64_t seen;    /* bits by row of the table of chunks */
    Stream stream;
    Size frame;
    uint64_t picture_at; /* of the stream that is being gathered */
    bool in_picture;     /* IDAT has been met */
    bool picture_done;   /* another chunk came behind it */
    bool animated;
    uint32_t frames;      /* as acTL says */
    uint32_t frames_seen; /* fcTL chunks */
    uint32_t sequence;
    bool frame_open; /* an fcTL waits for its data */
    bool unshown;    /* the stream at hand is a picture that the animation never shows */
    bool ended;
} Png;

typedef struct Chunk {
    uint32_t type;
    OskCursor data;
    uint64_t offset; /* of its length field */
} Chunk;

static void found(Png *p, const char *part, const char *what, uint64_t offset)
{
    osk_check_found(p->check, part, what, offset);
}

static unsigned channels(uint8_t colour)
{
    static const uint8_t counts[] = { 1, 0, 3, 1, 2, 0, 4 };
    return colour < sizeof(counts) ? counts[colour] : 0;
}

/* Bytes of one pass of `width` by `height`, filter bytes included. */
static uint64_t pass_size(const Png *p, uint64_t width, uint64_t height)
{
    if (width == 0 || height == 0) {
        return 0;
    }
    return ((width * p->depth * channels(p->colour) + 7) / 8 + 1) * height;
}

/* Section 8.1: the seven passes of Adam7. */
static Size pass_of(Size size, size_t pass)
{
    static const uint8_t first_x[7] = { 0, 4, 0, 2, 0, 1, 0 };
    static const uint8_t first_y[7] = { 0, 0, 4, 0, 2, 0, 1 };
    static const uint8_t step_x[7] = { 8, 8, 4, 4, 2, 2, 1 };
    static const uint8_t step_y[7] = { 8, 8, 8, 4, 4, 2, 2 };
    uint64_t width = ((uint64_t)size.width + step_x[pass] - 1 - first_x[pass]) / step_x[pass];
    uint64_t height = ((uint64_t)size.height + step_y[pass] - 1 - first_y[pass]) / step_y[pass];
    bool empty = width == 0 || height == 0;
    return (Size){ empty ? 0 : (uint32_t)width, empty ? 0 : (uint32_t)height };
}

static uint64_t picture_size(const Png *p, Size size)
{
    if (!p->interlaced) {
        return pass_size(p, size.width, size.height);
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < 7; i++) {
        Size pass = pass_of(size, i);
        sum += pass_size(p, pass.width, pass.height);
    }
    return sum;
}

static OskStatus gather(Png *p, OskCursor piece)
{
    Stream *s = &p->stream;
    if (s->count == s->capacity) {
        size_t capacity = s->capacity == 0 ? 16 : s->capacity * 2;
        OskCursor *pieces = osk_arena_array(p->check->arena, capacity, sizeof(*pieces));
        if (pieces == NULL) {
            return osk_check_fail(p->check, OSK_NO_MEMORY, "IDAT", "not enough memory",
                                  osk_cursor_offset(&piece));
        }
        if (s->count > 0) {
            memcpy(pieces, s->pieces, s->count * sizeof(*pieces));
        }
        s->pieces = pieces;
        s->capacity = capacity;
    }
    s->attested =
        (s->count == 0 || s->attested) &&
        osk_check_is_attested(p->check, osk_cursor_offset(&piece), osk_cursor_left(&piece));
    s->len += osk_cursor_left(&piece);
    s->pieces[s->count++] = piece;
    return OSK_OK;
}

static const uint8_t *join(Png *p)
{
    Stream *s = &p->stream;
    if (s->count == 1) {
        return osk_cursor_rest(&s->pieces[0]);
    }
    uint8_t *all = s->len <= SIZE_MAX ? osk_arena_alloc(p->check->arena, (size_t)s->len) : NULL;
    size_t at = 0;
    for (size_t i = 0; all != NULL && i < s->count; i++) {
        size_t len = osk_cursor_left(&s->pieces[i]);
        if (len > 0) {
            memcpy(all + at, osk_cursor_rest(&s->pieces[i]), len);
        }
        at += len;
    }
    return all;
}

static uint8_t paeth(int left, int above, int corner)
{
    int guess = left + above - corner;
    int to_left = guess > left ? guess - left : left - guess;
    int to_above = guess > above ? guess - above : above - guess;
    int to_corner = guess > corner ? guess - corner : corner - guess;
    if (to_left <= to_above && to_left <= to_corner) {
        return (uint8_t)left;
    }
    return (uint8_t)(to_above <= to_corner ? above : corner);
}

/* Section 9, for pixels of less than a byte: `row` stands behind its filter byte. */
static bool unfilter(uint8_t *row, const uint8_t *before, size_t len, uint8_t filter)
{
    for (size_t i = 0; i < len; i++) {
        int left = i > 0 ? row[i - 1] : 0;
        int above = before != NULL ? before[i] : 0;
        int corner = i > 0 && before != NULL ? before[i - 1] : 0;
        int add = filter == 1   ? left
                  : filter == 2 ? above
                  : filter == 3 ? (left + above) / 2
                  : filter == 4 ? paeth(left, above, corner)
                                : 0;
        row[i] = (uint8_t)(row[i] + add);
    }
    return filter <= 4;
}

/* True when the bits that fill up the last byte of every row are zero: no viewer shows them. */
static bool is_padding_zero(const Png *p, uint8_t *at, uint64_t width, uint64_t height)
{
    uint64_t bits = width * p->depth;
    size_t len = (size_t)((bits + 7) / 8);
    if (bits % 8 == 0 || height == 0) {
        return true;
    }
    uint8_t mask = (uint8_t)(0xFFu >> (bits % 8));
    const uint8_t *before = NULL;
    for (uint64_t y = 0; y < height; y++) {
        if (!unfilter(at + 1, before, len, at[0]) || (at[len] & mask) != 0) {
            return false;
        }
        before = at + 1;
        at += len + 1;
    }
    return true;
}

static bool is_picture_padded(const Png *p, uint8_t *bytes, Size size)
{
    if (p->depth >= 8) {
        return true;
    }
    if (!p->interlaced) {
        return is_padding_zero(p, bytes, size.width, size.height);
    }
    bool zero = true;
    for (size_t i = 0; i < 7; i++) {
        Size pass = pass_of(size, i);
        zero = zero && is_padding_zero(p, bytes, pass.width, pass.height);
        bytes += pass_size(p, pass.width, pass.height);
    }
    return zero;
}

static bool is_blank(const OskInflated *picture)
{
    uint8_t any = 0;
    for (size_t i = 0; i < picture->len; i++) {
        any |= picture->bytes[i];
    }
    return any == 0;
}

/* The stream that was gathered must be exactly one picture of `size`. */
static OskStatus finish_stream(Png *p, const char *part)
{
    Stream *s = &p->stream;
    OskStatus status = OSK_OK;
    if (s->count > 0 && (!s->attested || p->unshown)) {
        uint64_t want = picture_size(p, p->frame);
        const uint8_t *bytes = want < SIZE_MAX ? join(p) : NULL;
        if (bytes == NULL) {
            return osk_check_fail(p->check, OSK_NO_MEMORY, part, "not enough memory",
                                  p->picture_at);
        }
        OskInflated out = { 0 };
        OskInflateSize limits = { .expect = (size_t)want, .max = (size_t)want };
        status = osk_inflate_zlib(bytes, (size_t)s->len, limits, p->check->budget, &out);
        if (status == OSK_LIMIT || status == OSK_MALFORMED || status == OSK_TRUNCATED) {
            found(p, part, "coded picture data that is not one picture", p->picture_at);
            status = OSK_OK;
        } else if (status != OSK_OK) {
            return osk_check_fail(p->check, status, part, "not enough memory", p->picture_at);
        } else if (out.used != s->len || out.len != want) {
            found(p, part, "bytes behind the coded picture", p->picture_at);
        } else if (p->unshown && !is_blank(&out)) {
            found(p, "IDAT", "a picture that the animation never shows", p->picture_at);
        } else if (!is_picture_padded(p, out.bytes, p->frame)) {
            found(p, part, "bits behind the rows of the picture", p->picture_at);
        }
        osk_inflated_free(&out, p->check->budget);
    }
    s->count = 0;
    s->len = 0;
    p->unshown = false;
    return status;
}

static OskStatus check_ihdr(Png *p, Chunk *k)
{
    OskCursor *c = &k->data;
    p->size.width = osk_cursor_u32be(c);
    p->size.height = osk_cursor_u32be(c);
    p->depth = osk_cursor_u8(c);
    p->colour = osk_cursor_u8(c);
    uint8_t compression = osk_cursor_u8(c);
    uint8_t filter = osk_cursor_u8(c);
    uint8_t interlace = osk_cursor_u8(c);
    p->interlaced = interlace == 1;
    p->frame = p->size;
    static const uint8_t depths[] = { 1, 2, 4, 8, 16 };
    bool depth_known = memchr(depths, p->depth, sizeof(depths)) != NULL;
    if (channels(p->colour) == 0 || !depth_known || compression != 0 || filter != 0 ||
        interlace > 1 || p->size.width == 0 || p->size.height == 0 || p->size.width > INT32_MAX ||
        p->size.height > INT32_MAX) {
        return osk_check_fail(p->check, OSK_MALFORMED, "IHDR", "an impossible header", k->offset);
    }
    return OSK_OK;
}

static OskStatus check_plte(Png *p, Chunk *k)
{
    p->palette = (uint32_t)(osk_cursor_left(&k->data) / 3);
    uint32_t most = p->depth < 8 ? 1u << p->depth : 256u;
    if (p->colour != 3) {
        found(p, "PLTE", "a palette that no pixel uses", k->offset);
    } else if (osk_cursor_left(&k->data) % 3 != 0 || p->palette == 0 || p->palette > most) {
        found(p, "PLTE", "a palette with more colours than pixels can name", k->offset);
    }
    return OSK_OK;
}

static OskStatus check_trns(Png *p, Chunk *k)
{
    size_t len = osk_cursor_left(&k->data);
    bool ok = p->colour == 0   ? len == 2
              : p->colour == 2 ? len == 6
                               : p->colour == 3 && len <= p->palette;
    if (!ok) {
        found(p, "tRNS", "a transparency of the wrong length", k->offset);
    }
    return OSK_OK;
}

static OskStatus check_sbit(Png *p, Chunk *k)
{
    size_t want = p->colour == 3 ? 3 : channels(p->colour);
    if (osk_cursor_left(&k->data) != want) {
        found(p, "sBIT", "a chunk of the wrong length", k->offset);
    }
    return OSK_OK;
}

static OskStatus check_bkgd(Png *p, Chunk *k)
{
    size_t want = p->colour == 3 ? 1 : (p->colour & 2) != 0 ? 6 : 2;
    if (osk_cursor_left(&k->data) != want) {
        found(p, "bKGD", "a chunk of the wrong length", k->offset);
    }
    return OSK_OK;
}

static OskStatus check_srgb(Png *p, Chunk *k)
{
    if (osk_cursor_u8(&k->data) > 3) {
        found(p, "sRGB", "an unknown rendering intent", k->offset);
    }
    return OSK_OK;
}

static OskStatus check_phys(Png *p, Chunk *k)
{
    osk_cursor_skip(&k->data, 8);
    if (osk_cursor_u8(&k->data) > 1) {
        found(p, "pHYs", "an unknown unit", k->offset);
    }
    return OSK_OK;
}

static OskStatus check_iccp(Png *p, Chunk *k)
{
    OskCursor *c = &k->data;
    /* The name is free text; only words that say nothing may stand there. */
    static const char *const names[] = { "colours", "icc", "ICC", "ICC profile", "ICC Profile" };
    size_t i = 0;
    while (i < sizeof(names) / sizeof(names[0]) &&
           !osk_cursor_starts(c, names[i], strlen(names[i]) + 1)) {
        i++;
    }
    if (i == sizeof(names) / sizeof(names[0])) {
        found(p, "iCCP", "a colour profile with a name", k->offset);
        return OSK_OK;
    }
    osk_cursor_skip(c, strlen(names[i]) + 1);
    if (osk_cursor_u8(c) != 0) {
        found(p, "iCCP", "an unknown compression", k->offset);
    }
    OskInflated out = { 0 };
    OskInflateSize limits = { .max = (size_t)64 << 20 };
    OskStatus status =
        osk_inflate_zlib(osk_cursor_rest(c), osk_cursor_left(c), limits, p->check->budget, &out);
    if (status == OSK_NO_MEMORY) {
        return osk_check_fail(p->check, status, "iCCP", "not enough memory", k->offset);
    }
    if (status != OSK_OK || out.used != osk_cursor_left(c)) {
        found(p, "iCCP", "bytes behind the colour profile", k->offset);
    }
    if (status == OSK_OK) {
        osk_check_icc(p->check, osk_cursor_make(out.bytes, out.len, k->offset), "iCCP");
    }
    osk_inflated_free(&out, p->check->budget);
    return OSK_OK;
}

static OskStatus check_exif(Png *p, Chunk *k)
{
    osk_check_exif_orientation(p->check, k->data, "eXIf");
    return OSK_OK;
}

static OskStatus check_actl(Png *p, Chunk *k)
{
    p->animated = true;
    p->frames = osk_cursor_u32be(&k->data);
    if (p->in_picture) {
        found(p, "acTL", "an animation that begins behind its first picture", k->offset);
    }
    return OSK_OK;
}

static OskStatus check_fctl(Png *p, Chunk *k)
{
    OskStatus status = finish_stream(p, "fdAT");
    OskCursor *c = &k->data;
    uint32_t sequence = osk_cursor_u32be(c);
    p->frame.width = osk_cursor_u32be(c);
    p->frame.height = osk_cursor_u32be(c);
    uint64_t x = osk_cursor_u32be(c);
    uint64_t y = osk_cursor_u32be(c);
    osk_cursor_skip(c, 4);
    uint8_t dispose = osk_cursor_u8(c);
    uint8_t blend = osk_cursor_u8(c);
    bool inside = p->frame.width > 0 && p->frame.height > 0 &&
                  x + p->frame.width <= p->size.width && y + p->frame.height <= p->size.height;
    if (!p->animated || p->frame_open || sequence != p->sequence || !inside || dispose > 2 ||
        blend > 1) {
        found(p, "fcTL", "a frame that no viewer shows", k->offset);
    }
    p->sequence++;
    p->frames_seen++;
    p->frame_open = true;
    return status;
}

static OskStatus check_fdat(Png *p, Chunk *k)
{
    uint32_t sequence = osk_cursor_u32be(&k->data);
    if (!p->animated || !p->in_picture || p->frames_seen == 0 || sequence != p->sequence) {
        found(p, "fdAT", "frame data that no viewer shows", k->offset);
    }
    if (p->stream.count == 0) {
        p->picture_at = k->offset;
        if (!p->frame_open) {
            found(p, "fdAT", "a second picture in one frame", k->offset);
        }
    }
    p->frame_open = false;
    p->sequence++;
    return gather(p, k->data);
}

static OskStatus check_idat(Png *p, Chunk *k)
{
    if (p->picture_done) {
        found(p, "IDAT", "picture data behind the picture", k->offset);
    }
    if (!p->in_picture) {
        p->picture_at = k->offset;
        /* PNG can't do without IDAT, so it may be there, when it shows nothing to anyone. */
        p->unshown = p->animated && !p->frame_open;
        if (p->frame.width != p->size.width || p->frame.height != p->size.height) {
            found(p, "fcTL", "a first frame smaller than its picture", k->offset);
            p->frame = p->size;
        }
    }
    p->in_picture = true;
    p->frame_open = false;
    return gather(p, k->data);
}

static OskStatus check_iend(Png *p, Chunk *k)
{
    p->ended = true;
    if (!p->in_picture || p->frame_open || (p->animated && p->frames != p->frames_seen)) {
        found(p, "IEND", "a file with other frames than it says", k->offset);
    }
    return finish_stream(p, "fdAT");
}

typedef struct ChunkRule {
    uint32_t type;
    const char *name;
    int32_t len; /* -1: told by `check` */
    bool once;
    OskStatus (*check)(Png *p, Chunk *k);
} ChunkRule;

static const ChunkRule chunk_rules[] = {
    { FOURCC('I', 'H', 'D', 'R'), "IHDR", 13, true, check_ihdr },
    { FOURCC('P', 'L', 'T', 'E'), "PLTE", -1, true, check_plte },
    { FOURCC('I', 'D', 'A', 'T'), "IDAT", -1, false, check_idat },
    { FOURCC('I', 'E', 'N', 'D'), "IEND", 0, true, check_iend },
    { FOURCC('t', 'R', 'N', 'S'), "tRNS", -1, true, check_trns },
    { FOURCC('g', 'A', 'M', 'A'), "gAMA", 4, true, NULL },
    { FOURCC('c', 'H', 'R', 'M'), "cHRM", 32, true, NULL },
    { FOURCC('s', 'R', 'G', 'B'), "sRGB", 1, true, check_srgb },
    { FOURCC('i', 'C', 'C', 'P'), "iCCP", -1, true, check_iccp },
    { FOURCC('c', 'I', 'C', 'P'), "cICP", 4, true, NULL },
    { FOURCC('m', 'D', 'C', 'V'), "mDCV", 24, true, NULL },
    { FOURCC('c', 'L', 'L', 'I'), "cLLI", 8, true, NULL },
    { FOURCC('s', 'B', 'I', 'T'), "sBIT", -1, true, check_sbit },
    { FOURCC('b', 'K', 'G', 'D'), "bKGD", -1, true, check_bkgd },
    { FOURCC('p', 'H', 'Y', 's'), "pHYs", 9, true, check_phys },
    { FOURCC('e', 'X', 'I', 'f'), "eXIf", -1, true, check_exif },
    { FOURCC('a', 'c', 'T', 'L'), "acTL", 8, true, check_actl },
    { FOURCC('f', 'c', 'T', 'L'), "fcTL", 26, false, check_fctl },
    { FOURCC('f', 'd', 'A', 'T'), "fdAT", -1, false, check_fdat },
};

#define CHUNK_RULE_COUNT (sizeof(chunk_rules) / sizeof(chunk_rules[0]))

static OskStatus check_chunk(Png *p, Chunk *k)
{
    size_t i = 0;
    while (i < CHUNK_RULE_COUNT && chunk_rules[i].type != k->type) {
        i++;
    }
    if (i == CHUNK_RULE_COUNT) {
        found(p, "chunk", "a chunk that a picture doesn't need", k->offset);
        return OSK_OK;
    }
    const ChunkRule *rule = &chunk_rules[i];
    if (p->seen == 0 && i != 0) {
        return osk_check_fail(p->check, OSK_MALFORMED, rule->name, "the header does not come first",
                              k->offset);
    }
    bool again = (p->seen >> i & 1) != 0;
    p->seen |= UINT64_C(1) << i;
    if ((again && rule->once) ||
        (rule->len >= 0 && osk_cursor_left(&k->data) != (size_t)rule->len)) {
        found(p, rule->name, "a chunk twice or of the wrong length", k->offset);
        return OSK_OK;
    }
    return rule->check != NULL ? rule->check(p, k) : OSK_OK;
}

/* ISO 3309 over type and data; what was compared with walked data needs no second sum. */
static void check_crc(Png *p, const Chunk *k, const uint8_t *typed, uint32_t crc)
{
    uint64_t len = osk_cursor_left(&k->data) + 4;
    if (!osk_check_is_attested(p->check, k->offset, len + 8) &&
        osk_crc32(0, typed, (size_t)len) != crc) {
        found(p, "chunk", "a checksum that is not one", k->offset);
    }
}

static OskStatus read_chunk(Png *p)
{
    Chunk k = { .offset = osk_cursor_offset(&p->c) };
    uint32_t len = osk_cursor_u32be(&p->c);
    const uint8_t *typed = osk_cursor_rest(&p->c);
    k.type = osk_cursor_u32be(&p->c);
    k.data = osk_cursor_take(&p->c, len);
    uint32_t crc = osk_cursor_u32be(&p->c);
    if (!osk_cursor_ok(&p->c)) {
        return osk_check_fail(p->check, OSK_TRUNCATED, "chunk", "the file ends early", k.offset);
    }
    if (!osk_budget_parts(p->check->budget, 1)) {
        return osk_check_fail(p->check, OSK_LIMIT, "chunk", "more parts than one file may have",
                              k.offset);
    }
    check_crc(p, &k, typed, crc);
    if (p->in_picture && !p->picture_done && k.type != FOURCC('I', 'D', 'A', 'T')) {
        p->picture_done = true;
        OskStatus status = finish_stream(p, "IDAT");
        if (status != OSK_OK) {
            return status;
        }
    }
    return check_chunk(p, &k);
}

static OskStatus check_png(OskCheck *check)
{
    Png p = { .check = check, .c = osk_cursor_make(check->bytes, (size_t)check->size, 0) };
    osk_cursor_skip(&p.c, sizeof(signature));
    while (!p.ended) {
        OskStatus status = read_chunk(&p);
        if (status != OSK_OK) {
            return status;
        }
    }
    if (osk_cursor_more(&p.c)) {
        found(&p, "trailer", "bytes behind the end of the picture", osk_cursor_offset(&p.c));
    }
    return OSK_OK;
}

static bool matches(const uint8_t *head, size_t len)
{
    return len >= sizeof(signature) && memcmp(head, signature, sizeof(signature)) == 0;
}

const OskChecker osk_checker_png = {
    .name = "png",
    .whole = true,
    .matches = matches,
    .check = check_png,
};
