/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regions go to the worker as the JSON that people write, so that one parser serves all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/writer.h"
#include "host/worker_client.h"

static const char *const shapes[] = { "rect", "ellipse", "polygon", "stroke" };
static const char *const styles[] = { "fill", "mosaic", "blur" };

static void add(OskWriter *out, const char *text)
{
    osk_writer_bytes(out, text, strlen(text));
}

/* Seventeen digits bring back the same double. The point is a point whatever the locale says. */
static void add_number(OskWriter *out, const char *key, double value)
{
    char text[64];
    snprintf(text, sizeof(text), "%.17g", value);
    char *comma = strchr(text, ',');
    if (comma != NULL) {
        *comma = '.';
    }
    add(out, key);
    add(out, text);
}

static void add_points(OskWriter *out, const OskRegion *region)
{
    add(out, ",\"points\":[");
    for (size_t i = 0; i < region->point_count; i++) {
        add_number(out, i == 0 ? "[" : ",[", region->points[i].x);
        add_number(out, ",", region->points[i].y);
        add(out, "]");
    }
    add(out, "]");
}

static void add_keys(OskWriter *out, const OskRegion *region, bool box)
{
    for (size_t i = 0; i < region->key_count; i++) {
        const OskRegionKey *key = &region->keys[i];
        add_number(out, i == 0 ? ",\"keyframes\":[{\"frame\":" : ",{\"frame\":", key->frame);
        add_number(out, ",\"x\":", key->x);
        add_number(out, ",\"y\":", key->y);
        if (box) {
            add_number(out, ",\"w\":", key->w);
            add_number(out, ",\"h\":", key->h);
        }
        add(out, "}");
    }
    if (region->key_count > 0) {
        add(out, "]");
    }
}

static void add_region(OskWriter *out, const OskRegion *region)
{
    char color[16];
    bool box = region->shape == OSK_SHAPE_RECT || region->shape == OSK_SHAPE_ELLIPSE;
    add(out, "{\"shape\":\"");
    add(out, shapes[region->shape]);
    add(out, region->unit == OSK_UNIT_PCT ? "\",\"unit\":\"pct\"" : "\",\"unit\":\"px\"");
    add(out, ",\"style\":\"");
    add(out, styles[region->style]);
    snprintf(color, sizeof(color), "#%02x%02x%02x", region->color[0], region->color[1],
             region->color[2]);
    add(out, "\",\"color\":\"");
    add(out, color);
    add(out, "\"");
    if (box) {
        add_number(out, ",\"x\":", region->x);
        add_number(out, ",\"y\":", region->y);
        add_number(out, ",\"w\":", region->w);
        add_number(out, ",\"h\":", region->h);
    } else {
        add_points(out, region);
    }
    if (region->shape == OSK_SHAPE_STROKE) {
        add_number(out, ",\"radius\":", region->radius);
    }
    if (region->has_frames) {
        add_number(out, ",\"frames\":[", region->first_frame);
        add_number(out, ",", region->last_frame);
        add(out, "]");
    }
    add_keys(out, region, box);
    add(out, "}");
}

char *osk_worker_regions_json(const OskRegions *regions, size_t *out_len)
{
    OskWriter out;
    osk_writer_init(&out, (size_t)OSK_LIMIT_STILL_BYTES);
    add(&out, osk_regions_inverted(regions) ? "{\"version\":1,\"invert\":true,\"regions\":["
                                            : "{\"version\":1,\"regions\":[");
    for (size_t i = 0; i < osk_regions_count(regions); i++) {
        if (i > 0) {
            add(&out, ",");
        }
        add_region(&out, osk_regions_at(regions, i));
    }
    add(&out, "]}");
    return (char *)osk_writer_give(&out, out_len);
}
