/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The boxes of an AVIF sequence: where its coded pictures lie, and a file like it around others.
 * ISO/IEC 14496-12:2022, 8; 23008-12:2022, 7; AVIF 1.2, 3; AV1 in ISO media, 2.3. */
#ifndef OSK_PIXELS_AVIS_H
#define OSK_PIXELS_AVIS_H

#include "base/budget.h"
#include "base/cursor.h"
#include "base/writer.h"
#include "oilskin/status.h"

/* One coded picture. */
typedef struct OskAvisSample {
    uint64_t offset; /* in the file, within it */
    uint32_t len;
    uint32_t duration; /* in units of the track's clock */
} OskAvisSample;

typedef struct OskAvisTrack {
    OskCursor trak;  /* the content of the box */
    OskCursor entry; /* the boxes in its one sample description */
    OskAvisSample *samples;
    uint32_t count;
    uint32_t timescale;
    uint32_t width; /* as stored */
    uint32_t height;
    unsigned orientation; /* 1 to 8, as in Exif */
    unsigned matrix;      /* what of that the track's matrix says */
    unsigned depth;
    unsigned shift_x; /* of chroma */
    unsigned shift_y;
    bool grey;
} OskAvisTrack;

typedef struct OskAvis {
    const uint8_t *bytes; /* lent */
    size_t len;
    OskCursor ftyp; /* content of boxes */
    OskCursor meta;
    OskCursor moov;
    OskAvisTrack colour;
    OskAvisTrack alpha;
    bool has_alpha;
    bool has_still;      /* a picture beside the sequence, for viewers that show nothing else */
    bool still_is_other; /* ... which is not the first one of the sequence */
    uint64_t spent;
} OskAvis;

/* A sequence that was coded. */
typedef struct OskAvisCoded {
    uint8_t *bytes; /* one behind the other */
    size_t len;
    uint32_t *lens; /* of each */
    bool *keys;     /* decoding may begin with it */
    uint32_t count;
    uint8_t config[4]; /* AV1CodecConfigurationRecord without OBUs */
} OskAvisCoded;

/* What becomes different in a copy. */
typedef struct OskAvisCopy {
    const OskAvisCoded *colour;
    const OskAvisCoded *alpha; /* NULL: none */
    uint32_t width;
    uint32_t height;
    unsigned orientation; /* that of the original, or 1 */
    bool swapped;         /* rows have become columns */
} OskAvisCopy;

/* True when a movie is in the file. */
bool osk_avis_is(const uint8_t *bytes, size_t len);
/* @param bytes lent until osk_avis_free().
 * Errors: UNSUPPORTED for what can't be written again with every part of it covered (sound, several
 * sequences, edits, a still picture of another size), MALFORMED, LIMIT, NO_MEMORY; the fault is
 * set, and there is nothing to free. */
OskStatus osk_avis_read(const uint8_t *bytes, size_t len, OskBudget *budget, OskAvis *out_avis,
                        OskFault *fault);
void osk_avis_free(OskAvis *avis, OskBudget *budget);
/* The content of the first box `colr` of a kind ("nclx", "prof"), behind the kind. */
OskCursor osk_avis_colour(const OskAvis *avis, const char *kind);
/* Writes the file: times, loops and colours are the original's, box by box from an allow-list; the
 * still picture is the first of the sequence. `out` fails where it is full. */
void osk_avis_write(const OskAvis *like, const OskAvisCopy *copy, OskWriter *out);
void osk_avis_coded_free(OskAvisCoded *coded);

/* What an orientation makes of x and y: the new x of both, the new y of both
 * (ISO/IEC 14496-12, 8.3.2.3: a, c, b and d of the matrix). */
typedef struct OskAvisTurn {
    int8_t x_of[2];
    int8_t y_of[2];
} OskAvisTurn;
OskAvisTurn osk_avis_turn(unsigned orientation);

#endif
