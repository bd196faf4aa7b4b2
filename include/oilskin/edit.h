/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One edit of a decoded picture: decode, cover, crop, turn, resize, encode. Bytes in, bytes out.
 *
 * This is not in liboilskin: it needs the codecs, which are linked into oilskin-worker and into the
 * page's module alone, where hostile bytes meet nothing worth having. */
#ifndef OILSKIN_EDIT_H
#define OILSKIN_EDIT_H

#include "redact.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum OskEditOp {
    OSK_EDIT_INFO = 1, /* what the picture is; no output */
    OSK_EDIT_REDACT,   /* decode, cover, crop, turn, resize, encode like the original */
    OSK_EDIT_RENDER    /* the first frame as displayed, as a fresh file of another format; with
                        * regions, they are painted and outlined: a preview */
} OskEditOp;

/* What was changed besides what was asked. */
enum {
    OSK_CHANGE_ENCODED_AGAIN = 1, /* lossy: every pixel may differ slightly */
    OSK_CHANGE_TURNED = 2,        /* the orientation is in the pixels now */
    OSK_CHANGE_FIRST_FRAME = 4,   /* the other frames or pages are not in the output */
    OSK_CHANGE_COLORS = 8,        /* converted to what the output format can hold */
    OSK_CHANGE_ALPHA = 16,        /* transparency became white */
    OSK_CHANGE_CUT = 32,          /* the file ended early: what is missing is grey */
    OSK_CHANGE_BESIDE = 64,       /* near what is covered pixels differ more than slightly */
    OSK_CHANGES_ALL = 127
};

#define OSK_EDIT_FRAMES_MAX UINT32_C(0x00FFFFFF)

/* What is asked for. Sizes and places are as displayed. Everything that is pointed to is lent. */
typedef struct OskEditAsk {
    OskEditOp op;
    const char *format;        /* of the input, as in the format registry */
    const char *output_format; /* RENDER: "png", "jpeg", or "" for the one that holds the picture
                                * best; "" otherwise; never NULL */
    const uint8_t *bytes;
    size_t len;
    const uint8_t *regions; /* JSON, regions version 1; NULL for none */
    size_t regions_len;
    OskRegionDefaults defaults;
    bool mirror; /* left and right change places, after turning */
    bool crop;
    uint32_t crop_x;
    uint32_t crop_y;
    uint32_t crop_width;
    uint32_t crop_height;
    uint32_t turn;     /* clockwise: 0, 90, 180, 270 */
    uint32_t resize;   /* the longest side is made this long where it is longer; 0 for no */
    uint32_t quality;  /* lossy RENDER: 1 to 100; 0 for the default */
    size_t output_max; /* the result may be this long */
    OskLimits limits;
    OskRandom random;                                               /* needed with regions */
    void (*progress)(void *context, uint32_t done, uint32_t total); /* NULL for none */
    void *context;
} OskEditAsk;

typedef struct OskEditDone {
    OskPictureInfo info; /* of the input */
    uint32_t changes;
    OskAreas areas;    /* what was covered */
    uint32_t centibel; /* lossy: hundredths of a decibel between before and after, where nothing was
                        * covered; 9999 for no difference, 0 where nobody measured */
    const char *note;  /* static: which promise of quality could not be kept, or NULL */
} OskEditDone;

/* @param out_bytes given on OSK_OK, NULL for INFO and after an error: free with free().
 * Errors: what the codec says; UNSUPPORTED for a format without a codec; LIMIT for a result that is
 * longer than `output_max`. `fault` is set then. */
OskStatus osk_edit_bytes(const OskEditAsk *ask, uint8_t **out_bytes, size_t *out_len,
                         OskEditDone *out_done, OskFault *fault);

#ifdef __cplusplus
}
#endif
#endif
