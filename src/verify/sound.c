/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/sound.h"

#include <stdbool.h>

/* What may stand behind the last field that is walked here: flags of scalable and resilient kinds,
 * and the signs of spectral band replication. */
#define TAIL_BYTES 8u
/* Settings of kinds that are not walked (lossless, unified speech): real ones take up to 50. */
#define UNWALKED_BYTES 64u

typedef struct Reader {
    const uint8_t *bytes;
    size_t len;
    size_t bit;
    bool failed;
} Reader;

static unsigned read_bits(Reader *r, unsigned count)
{
    unsigned value = 0;
    for (; count > 0; count--, r->bit++) {
        if (r->bit / 8 >= r->len) {
            r->failed = true;
            return 0;
        }
        value = value << 1 | (r->bytes[r->bit / 8] >> (7 - r->bit % 8) & 1u);
    }
    return value;
}

static unsigned read_kind(Reader *r)
{
    unsigned kind = read_bits(r, 5);
    return kind == 31 ? 32 + read_bits(r, 6) : kind;
}

static void read_rate(Reader *r)
{
    if (read_bits(r, 4) == 15) {
        (void)read_bits(r, 24);
    }
}

/* program_config_element: False when its comment says something. */
static bool walk_program(Reader *r)
{
    (void)read_bits(r, 10);
    unsigned speakers = read_bits(r, 4);
    speakers += read_bits(r, 4);
    speakers += read_bits(r, 4);
    unsigned others = read_bits(r, 2);
    others += read_bits(r, 3);
    unsigned coupled = read_bits(r, 4);
    static const unsigned mixdown[3] = { 4, 4, 3 };
    for (size_t i = 0; i < 3; i++) {
        if (read_bits(r, 1) != 0) {
            (void)read_bits(r, mixdown[i]);
        }
    }
    r->bit += (size_t)5 * (speakers + coupled) + (size_t)4 * others;
    r->bit = (r->bit + 7) / 8 * 8;
    unsigned len = read_bits(r, 8);
    bool silent = true;
    for (unsigned i = 0; i < len; i++) {
        silent = read_bits(r, 8) == 0 && silent;
    }
    return silent;
}

/* Kinds of 4.4.1, GASpecificConfig. */
static bool is_general(unsigned kind)
{
    return (kind >= 1 && kind <= 4) || kind == 6 || kind == 7 || kind == 17 ||
           (kind >= 19 && kind <= 23);
}

const char *osk_sound_settings_fault(OskCursor config)
{
    Reader r = { .bytes = osk_cursor_rest(&config), .len = osk_cursor_left(&config) };
    unsigned kind = read_kind(&r);
    read_rate(&r);
    unsigned channels = read_bits(&r, 4);
    if (kind == 5 || kind == 29) {
        read_rate(&r);
        kind = read_kind(&r);
        (void)read_bits(&r, kind == 22 ? 4 : 0);
    }
    if (!is_general(kind)) {
        return r.len > UNWALKED_BYTES ? "settings of sound that are too long" : NULL;
    }
    (void)read_bits(&r, 1);
    (void)read_bits(&r, read_bits(&r, 1) != 0 ? 14 : 0);
    (void)read_bits(&r, 1);
    if (channels == 0 && !walk_program(&r)) {
        return "a comment in the settings of sound";
    }
    if (r.failed) {
        return "settings of sound that end early";
    }
    return r.len > (r.bit + 7) / 8 + TAIL_BYTES ? "settings of sound that are too long" : NULL;
}
