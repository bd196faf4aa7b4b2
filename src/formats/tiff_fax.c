/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where fax-coded strips end: ITU-T T.4 (1D and 2D) and T.6, as TIFF 6.0 sections 10 and 11 use
 * them. Only the places where colours change are kept, one row at a time; that is what the next
 * row's codes refer to. */
#include <string.h>

#include "formats/tiff.h"

/* Tables 2 and 3 of T.4: a code with a one in front of it, so that its length is told too. Runs of
 * 0 to 63, then multiples of 64 that another code follows. */
static const uint16_t white_short[] = {
    0x135, 0x47,  0x17,  0x18,  0x1B,  0x1C,  0x1E,  0x1F,  0x33,  0x34,  0x27,  0x28,  0x48,
    0x43,  0x74,  0x75,  0x6A,  0x6B,  0xA7,  0x8C,  0x88,  0x97,  0x83,  0x84,  0xA8,  0xAB,
    0x93,  0xA4,  0x98,  0x102, 0x103, 0x11A, 0x11B, 0x112, 0x113, 0x114, 0x115, 0x116, 0x117,
    0x128, 0x129, 0x12A, 0x12B, 0x12C, 0x12D, 0x104, 0x105, 0x10A, 0x10B, 0x152, 0x153, 0x154,
    0x155, 0x124, 0x125, 0x158, 0x159, 0x15A, 0x15B, 0x14A, 0x14B, 0x132, 0x133, 0x134,
};

static const uint16_t white_long[] = {
    0x3B,  0x32,  0x57,  0xB7,  0x136, 0x137, 0x164, 0x165, 0x168,
    0x167, 0x2CC, 0x2CD, 0x2D2, 0x2D3, 0x2D4, 0x2D5, 0x2D6, 0x2D7,
    0x2D8, 0x2D9, 0x2DA, 0x2DB, 0x298, 0x299, 0x29A, 0x58,  0x29B,
};

static const uint16_t black_short[] = {
    0x437,  0xA,    0x7,    0x6,    0xB,    0x13,   0x12,   0x23,   0x45,   0x44,   0x84,
    0x85,   0x87,   0x104,  0x107,  0x218,  0x417,  0x418,  0x408,  0x867,  0x868,  0x86C,
    0x837,  0x828,  0x817,  0x818,  0x10CA, 0x10CB, 0x10CC, 0x10CD, 0x1068, 0x1069, 0x106A,
    0x106B, 0x10D2, 0x10D3, 0x10D4, 0x10D5, 0x10D6, 0x10D7, 0x106C, 0x106D, 0x10DA, 0x10DB,
    0x1054, 0x1055, 0x1056, 0x1057, 0x1064, 0x1065, 0x1052, 0x1053, 0x1024, 0x1037, 0x1038,
    0x1027, 0x1028, 0x1058, 0x1059, 0x102B, 0x102C, 0x105A, 0x1066, 0x1067,
};

static const uint16_t black_long[] = {
    0x40F,  0x10C8, 0x10C9, 0x105B, 0x1033, 0x1034, 0x1035, 0x206C, 0x206D,
    0x204A, 0x204B, 0x204C, 0x204D, 0x2072, 0x2073, 0x2074, 0x2075, 0x2076,
    0x2077, 0x2052, 0x2053, 0x2054, 0x2055, 0x205A, 0x205B, 0x2064, 0x2065,
};

static const uint16_t longest[] = {
    0x808,  0x80C,  0x80D,  0x1012, 0x1013, 0x1014, 0x1015,
    0x1016, 0x1017, 0x101C, 0x101D, 0x101E, 0x101F,
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

typedef struct Fax {
    const uint8_t *bytes;
    uint64_t bits;
    uint64_t at;
    uint64_t width;
    uint32_t *before; /* where the row above changes its colour, closed by the width */
    uint32_t *row;
    size_t room; /* of each */
    size_t count;
} Fax;

static unsigned peek_bits(const Fax *f, unsigned count)
{
    uint32_t word = 0;
    for (uint64_t i = 0; i < 4; i++) {
        uint64_t byte = f->at / 8 + i;
        word = word << 8 | (byte < f->bits / 8 ? f->bytes[byte] : 0u);
    }
    return word << f->at % 8 >> (32 - count);
}

/* A code of this table at the front of the 13 bits: its length and index. */
static bool find_code(const uint16_t *table, size_t count, unsigned bits, unsigned *len,
                      size_t *index)
{
    for (size_t i = 0; i < count; i++) {
        unsigned length = 31u - (unsigned)__builtin_clz(table[i]);
        if (bits >> (13 - length) == table[i] - (1u << length)) {
            *len = length;
            *index = i;
            return true;
        }
    }
    return false;
}

/* One run: any number of long codes, then a short one. */
static bool read_run(Fax *f, bool black, uint64_t *out)
{
    uint64_t run = 0;
    for (;;) {
        unsigned bits = peek_bits(f, 13);
        unsigned len = 0;
        size_t index = 0;
        bool last = black ? find_code(black_short, COUNT(black_short), bits, &len, &index)
                          : find_code(white_short, COUNT(white_short), bits, &len, &index);
        if (last) {
            run += index;
        } else if (black ? find_code(black_long, COUNT(black_long), bits, &len, &index)
                         : find_code(white_long, COUNT(white_long), bits, &len, &index)) {
            run += (index + 1) * 64;
        } else if (find_code(longest, COUNT(longest), bits, &len, &index)) {
            run += 1792 + index * 64;
        } else {
            return false;
        }
        f->at += len;
        if (f->at > f->bits || run > f->width) {
            return false;
        }
        if (last) {
            *out = run;
            return true;
        }
    }
}

static bool push(Fax *f, uint64_t change)
{
    if (change > f->width || f->count + 5 > f->room) {
        return false;
    }
    f->row[f->count++] = (uint32_t)change;
    return true;
}

static bool read_row_1d(Fax *f)
{
    uint64_t done = 0;
    for (bool black = false; done < f->width; black = !black) {
        uint64_t run = 0;
        if (!read_run(f, black, &run) || !push(f, done + run)) {
            return false;
        }
        done += run;
    }
    return true;
}

typedef enum Mode { PASS, HORIZONTAL, VERTICAL, BAD } Mode;

/* Table 4 of T.4. */
static Mode read_mode(Fax *f, int *out_shift)
{
    static const struct {
        uint8_t code;
        uint8_t len;
        int8_t shift;
    } verticals[] = {
        { 1, 1, 0 },  { 3, 3, 1 }, { 2, 3, -1 }, { 3, 6, 2 },
        { 2, 6, -2 }, { 3, 7, 3 }, { 2, 7, -3 },
    };
    for (size_t i = 0; i < COUNT(verticals); i++) {
        if (peek_bits(f, verticals[i].len) == verticals[i].code) {
            f->at += verticals[i].len;
            *out_shift = verticals[i].shift;
            return VERTICAL;
        }
    }
    Mode mode = peek_bits(f, 3) == 1 ? HORIZONTAL : peek_bits(f, 4) == 1 ? PASS : BAD;
    f->at += mode == HORIZONTAL ? 3 : 4;
    return mode;
}

/* b1: the first change in the row above, right of `done`, to the colour that this run doesn't have.
 */
static size_t find_above(const Fax *f, size_t above, uint64_t done, bool black, bool begun)
{
    if ((above % 2 == 1) != black) {
        above += above > 0 ? (size_t)-1 : 1;
    }
    while (above >= 2 && f->before[above - 2] > done) {
        above -= 2;
    }
    while (f->before[above] < f->width && begun && f->before[above] <= done) {
        above += 2;
    }
    return above;
}

static bool read_horizontal(Fax *f, bool black, uint64_t *done)
{
    uint64_t first = 0;
    uint64_t second = 0;
    if (!read_run(f, black, &first) || !push(f, *done + first) || !read_run(f, !black, &second) ||
        !push(f, *done + first + second)) {
        return false;
    }
    *done += first + second;
    return true;
}

static bool read_row_2d(Fax *f)
{
    uint64_t done = 0; /* a0 of T.4 */
    bool black = false;
    size_t above = 0;
    for (bool begun = false; done < f->width; begun = true) {
        above = find_above(f, above, done, black, begun);
        int64_t change = f->before[above];
        int shift = 0;
        switch (read_mode(f, &shift)) {
        case PASS: done = f->before[above + 1]; break;
        case HORIZONTAL:
            if (!read_horizontal(f, black, &done)) {
                return false;
            }
            break;
        case VERTICAL:
            change += shift;
            if (change < (int64_t)done || !push(f, (uint64_t)change)) {
                return false;
            }
            done = (uint64_t)change;
            black = !black;
            break;
        case BAD: return false;
        }
        if (f->at > f->bits) {
            return false;
        }
    }
    return true;
}

/* An end of line: eleven zeros or more (writers fill up to a byte), and a one. */
static bool read_eol(Fax *f, uint64_t most_zeros)
{
    uint64_t zeros = 0;
    while (f->at + zeros < f->bits && zeros <= most_zeros &&
           (f->bytes[(f->at + zeros) / 8] >> (7 - (f->at + zeros) % 8) & 1) == 0) {
        zeros++;
    }
    if (zeros < 11 || zeros > most_zeros || f->at + zeros >= f->bits) {
        return false;
    }
    f->at += zeros + 1;
    return true;
}

/* The row that was read becomes the one above. */
static void turn_rows(Fax *f)
{
    for (size_t i = 0; i < 4; i++) {
        f->row[f->count + i] = (uint32_t)f->width;
    }
    uint32_t *row = f->row;
    f->row = f->before;
    f->before = row;
    f->count = 0;
}

static bool read_row(Fax *f, const TiffStream *s)
{
    bool two_d = s->fax == TIFF_CCITT_G4;
    if (s->fax == TIFF_CCITT_RLE || s->fax == TIFF_CCITT_RLEW) {
        uint64_t unit = s->fax == TIFF_CCITT_RLE ? 8 : 16;
        f->at = (f->at + unit - 1) / unit * unit;
    } else if (s->fax == TIFF_CCITT_G3) {
        if (!read_eol(f, UINT32_MAX)) {
            return false;
        }
        if ((s->fax_options & 1) != 0) {
            two_d = peek_bits(f, 1) == 0;
            f->at++;
        }
    }
    return two_d ? read_row_2d(f) : read_row_1d(f);
}

/* The ends of line that close a page: two for T.6, six for T.4, with their tags. */
static void take_end(Fax *f, const TiffStream *s)
{
    unsigned most = s->fax == TIFF_CCITT_G4 ? 2 : s->fax == TIFF_CCITT_G3 ? 6 : 0;
    bool tagged = s->fax == TIFF_CCITT_G3 && (s->fax_options & 1) != 0;
    for (unsigned i = 0; i < most && read_eol(f, 11 + 7); i++) {
        f->at += tagged && f->at < f->bits ? 1 : 0;
    }
}

OskStatus osk_tiff_walk_fax(TiffStream *s)
{
    Fax f = { .bytes = s->bytes,
              .bits = (uint64_t)s->len * 8,
              .width = s->width,
              .before = s->scratch,
              .row = s->scratch + s->width + 8,
              .room = (size_t)s->width + 8 };
    turn_rows(&f); /* above the first row there is white */
    for (uint64_t i = 0; i < s->rows; i++) {
        if (!read_row(&f, s)) {
            return OSK_MALFORMED;
        }
        turn_rows(&f);
    }
    take_end(&f, s);
    s->used = (size_t)((f.at + 7) / 8);
    s->spare = (uint8_t)((1u << (8 - f.at % 8) % 8) - 1);
    return OSK_OK;
}
