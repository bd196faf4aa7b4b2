/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Redaction: parts of a picture destroyed for good. No style reads a pixel that it covers. */
#ifndef OILSKIN_REDACT_H
#define OILSKIN_REDACT_H

#include "random.h"
#include "scrub.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- regions, version 1 ---- */

typedef enum OskShape {
    OSK_SHAPE_RECT,
    OSK_SHAPE_ELLIPSE,
    OSK_SHAPE_POLYGON,
    OSK_SHAPE_STROKE
} OskShape;
typedef enum OskRegionStyle { OSK_REGION_FILL, OSK_REGION_MOSAIC, OSK_REGION_BLUR } OskRegionStyle;
/* Pixels, or hundredths of the displayed width (x, w) and height (y, h); a radius counts the width.
 */
typedef enum OskUnit { OSK_UNIT_PX, OSK_UNIT_PCT } OskUnit;

/* Coordinates are edges: pixel i covers [i, i + 1). The origin is the top left corner of the
 * picture as it is displayed. A pixel that is touched at all is covered. */
typedef struct OskPoint {
    double x;
    double y;
} OskPoint;

/* Where a region is at one displayed frame; between two of them it moves in a straight line. */
typedef struct OskRegionKey {
    uint32_t frame; /* displayed frames count from 0 */
    double x;       /* rect, ellipse: its box; polygon, stroke: how far all points have moved */
    double y;
    double w; /* rect, ellipse */
    double h;
} OskRegionKey;

typedef struct OskRegion {
    OskShape shape;
    OskUnit unit;
    OskRegionStyle style;
    uint8_t color[3]; /* fill: sRGB */
    double x;         /* rect, ellipse: the box */
    double y;
    double w;
    double h;
    const OskPoint *points; /* polygon (even-odd), stroke */
    size_t point_count;
    double radius;   /* stroke */
    bool has_frames; /* only frames first to last, both included; else all */
    uint32_t first_frame;
    uint32_t last_frame;
    const OskRegionKey *keys; /* in order of their frames, each once; or NULL */
    size_t key_count;
} OskRegion;

typedef struct OskRegions OskRegions;

/* The style and colour of regions that name none, and of everything outside when inverted. */
typedef struct OskRegionDefaults {
    OskRegionStyle style;
    uint8_t color[3];
} OskRegionDefaults;

/* An empty list. NULL when memory ends. Free with osk_regions_free(). */
OSK_API OskRegions *osk_regions_new(const OskRegionDefaults *defaults);
/* Adds a copy, points and keys included. Errors: MISUSE for a region that is none (no area, numbers
 * that are not finite), LIMIT, NO_MEMORY. */
OSK_API OskStatus osk_regions_add(OskRegions *regions, const OskRegion *region);
/* Everything but the regions is destroyed. */
OSK_API void osk_regions_invert(OskRegions *regions, bool invert);
OSK_API bool osk_regions_inverted(const OskRegions *regions);
/* What was given when the list was made; black fill for NULL. */
OSK_API OskRegionDefaults osk_regions_defaults(const OskRegions *regions);
OSK_API size_t osk_regions_count(const OskRegions *regions);
/* Lent until the list is freed. */
OSK_API const OskRegion *osk_regions_at(const OskRegions *regions, size_t index);
OSK_API void osk_regions_free(OskRegions **regions);

/* Reads the JSON of regions version 1. Unknown keys are errors.
 * @param defaults NULL for black fill.
 * Errors: MALFORMED with the part ("regions/w") and the byte offset; UNSUPPORTED for another
 * version; LIMIT, NO_MEMORY. `*out_regions` is NULL then. */
OSK_API OskStatus osk_regions_parse(const void *json, size_t len, const OskRegionDefaults *defaults,
                                    OskRegions **out_regions, OskFault *fault);
/* Reads "rect:x,y,w,h[:style[#rrggbb]]", "ellipse:...", "polygon:x,y,x,y,...",
 * "stroke:radius,x,y,x,y,...", each number with % for OSK_UNIT_PCT (all or none).
 * Errors: as above; the offset counts characters. */
OSK_API OskStatus osk_regions_add_text(OskRegions *regions, const char *text, OskFault *fault);

/* ---- redacting ---- */

/* What a picture is before anything is decoded. */
typedef struct OskPictureInfo {
    uint32_t width; /* as displayed */
    uint32_t height;
    uint32_t frames;     /* displayed frames or pages; 1 for a still */
    uint64_t memory;     /* bytes that redacting it takes, estimated before it starts */
    uint32_t cell_width; /* regions are rounded outward to cells of this size, as displayed */
    uint32_t cell_height;
    /* Where an edge of cells is, less than their size: not 0 where a picture that is stored
     * mirrored or turned begins with a part of one. */
    uint32_t cell_x;
    uint32_t cell_y;
    bool exact; /* outside the cells nothing changes; false: encoded again, slightly changed */
} OskPictureInfo;

/* Cells of the displayed picture that are covered, for a page that draws the rounded box. */
typedef struct OskCover {
    uint32_t columns;
    uint32_t rows;
    const uint8_t *cells; /* rows of `columns` bytes: 0 untouched, else covered */
} OskCover;

typedef struct OskArea {
    uint32_t x; /* as displayed, before any crop */
    uint32_t y;
    uint32_t width;
    uint32_t height;
} OskArea;

#define OSK_AREAS_MAX 64u

/* What was covered: areas of cells that touch (edge or corner), each told by the box around it. Of
 * an animation, the first frame in which there is one. */
typedef struct OskAreas {
    uint32_t count;  /* areas; 0: the regions cover nothing of this picture */
    uint32_t listed; /* how many of them stand in `boxes` */
    uint64_t cells;  /* covered */
    OskArea boxes[OSK_AREAS_MAX];
} OskAreas;

typedef struct OskRedactOptions {
    OskRandom random; /* needed for blur and mosaic */
    OskLimits limits;
    bool crop;       /* then what lies outside is discarded, rounded outward to cells */
    uint32_t crop_x; /* as displayed */
    uint32_t crop_y;
    uint32_t crop_width;
    uint32_t crop_height;
    OskAreas *areas; /* filled on success; NULL when nobody asks */
} OskRedactOptions;

/* JPEG, in the coefficient domain: the cells are MCUs, and every other block keeps its
 * coefficients. The input must be the output of a scrub: anything that this does not need is
 * refused. Errors: MALFORMED, UNSUPPORTED, LIMIT with the fault set; nothing is written then that
 * may be used. */
OSK_API OskStatus osk_redact_jpeg_info(const void *bytes, size_t len, OskPictureInfo *out_info,
                                       OskFault *fault);
OSK_API OskStatus osk_redact_jpeg(const void *bytes, size_t len, const OskRegions *regions,
                                  const OskRedactOptions *options, const OskSink *sink,
                                  OskFault *fault);

#ifdef __cplusplus
}
#endif
#endif
