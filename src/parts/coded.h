/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the filters of coded video share: where they read, and the pieces that they answer with.
 *
 * A filter looks at one sample, item or configuration record at a time and says what becomes of
 * each of its bytes. It reads headers and metadata only, through a window of its own, so that a
 * video never sits in memory, and it allocates nothing per sample: the pieces and literals of the
 * last call are reused by the next one. */
#ifndef OSK_PARTS_CODED_H
#define OSK_PARTS_CODED_H

#include "base/budget.h"
#include "base/cursor.h"
#include "base/fault.h"
#include "base/report.h"
#include "base/writer.h"
#include "parts/pic_timing.h"

typedef enum OskCodec {
    OSK_CODEC_AVC,   /* ITU-T H.264: length-prefixed NAL units, avcC */
    OSK_CODEC_HEVC,  /* ITU-T H.265: length-prefixed NAL units, hvcC */
    OSK_CODEC_LHEVC, /* layers of H.265: the same units, lhvC */
    OSK_CODEC_AV1,   /* AV1: low-overhead OBUs, av1C */
    OSK_CODEC_MPEG   /* the others: mpeg_es.h */
} OskCodec;

/* Where the coded bytes come from. Positions are those of the input file. */
typedef struct OskCodedSource {
    const uint8_t
        *bytes; /* where not NULL: bytes[0] is the byte at `base`; `read` is then unused */
    uint64_t base;
    size_t len;    /* of `bytes` */
    uint64_t size; /* of the input, for `read`: how far it may be read ahead; 0: not beyond what is
                      looked at */
    void *context; /* for `read` */
    /* Fills `len` bytes from `offset` or returns a status with its fault set. */
    OskStatus (*read)(void *context, uint64_t offset, void *out, size_t len);
} OskCodedSource;

/* One piece of what was looked at. Pieces cover it exactly, in order; neighbours of one kind are
 * merged. */
typedef struct OskPiece {
    uint64_t offset;    /* in the input file */
    uint64_t len;       /* 0: bytes are inserted before `offset` */
    OskVerdict verdict; /* OSK_KEEP, OSK_DROP or OSK_REWRITE */
    size_t literal;     /* REWRITE: where its bytes begin in `literals`; use osk_coded_literal() */
    size_t literal_len;
} OskPiece;

#define OSK_CODED_WINDOW ((size_t)4096)

typedef struct OskCoded {
    OskCodec codec;
    unsigned length_size; /* AVC, HEVC: bytes of a NAL length prefix (1 to 4); set it, or let
                             osk_nal_config() set it; born as 4 */
    OskCodedSource source;
    OskReport *report; /* may be NULL */
    OskFault *fault;
    OskBudget *budget;
    const char
        *part; /* static: the part that findings and faults name ("mdat", "hvcC", "item hvc1") */

    /* The answer of the last call. */
    OskPiece *pieces;
    size_t count;
    uint64_t out_len; /* bytes that the kept and rewritten pieces make */
    bool changed;     /* false: one KEEP piece */

    /* The filter's own. */
    uint64_t end; /* of what is looked at */
    size_t capacity;
    OskWriter literals;
    OskWriter scratch;
    OskWriter sei_in;
    OskWriter sei_out;
    OskAvcTiming timing; /* AVC: from the sequence parameter sets so far */
    uint32_t reported;   /* kinds of findings already made: each is named once per filter */
    uint8_t *window;
    uint64_t window_at;
    size_t window_len;
    OskStatus status;
} OskCoded;

/* Makes a filter; everything pointed to is lent. Set `part` and `source` before the first call.
 * Ownership: free with osk_coded_free(). */
void osk_coded_init(OskCoded *coded, OskCodec codec, OskReport *report, OskFault *fault,
                    OskBudget *budget);
void osk_coded_free(OskCoded *coded);

/* The bytes of a REWRITE piece; valid until the next call of the filter. */
const uint8_t *osk_coded_literal(const OskCoded *coded, const OskPiece *piece);

/* Puts together what the pieces of the last call make, into `out`.
 * Errors: those of reading; NO_MEMORY when `out` fails. */
OskStatus osk_coded_write(OskCoded *coded, OskWriter *out);

/* ---- For the filters (nal.c, obu.c, ...) ---- */

/* Begins an answer about [offset, offset + len) of the input. */
void osk_coded_begin(OskCoded *coded, uint64_t offset, uint64_t len);
void osk_coded_keep(OskCoded *coded, uint64_t offset, uint64_t len);
void osk_coded_drop(OskCoded *coded, uint64_t offset, uint64_t len);
void osk_coded_rewrite(OskCoded *coded, uint64_t offset, uint64_t len, const void *bytes,
                       size_t out_len);
/* `len` (at most OSK_CODED_WINDOW) bytes at `offset`, lent until the next call; NULL after a
 * failure. */
const uint8_t *osk_coded_at(OskCoded *coded, uint64_t offset, size_t len);
/* A range of any length, lent until the next call; the caller has checked that it lies in what is
 * looked at. NULL after a failure. */
const uint8_t *osk_coded_load(OskCoded *coded, uint64_t offset, uint64_t len);
OskStatus osk_coded_fail(OskCoded *coded, OskStatus status, const char *what, uint64_t offset);
/* NO_MEMORY or what was recorded; OSK_OK when all went well. */
OskStatus osk_coded_end(OskCoded *coded);
/* True the first time for each `bit` (0 to 31): whether a finding of this kind shall be made. */
bool osk_coded_first(OskCoded *coded, unsigned bit);

#endif
