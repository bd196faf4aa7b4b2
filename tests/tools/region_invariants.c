/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/region_invariants.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redact/cover.h"

/* ---- printing ---- */

typedef struct Text {
    char *bytes;
    size_t len;
    size_t room;
} Text;

static void print(Text *text, const char *format, ...)
{
    char piece[128];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (len < 0 || text->bytes == NULL) {
        return;
    }
    if (text->room - text->len <= (size_t)len) {
        text->room = text->room * 2 + sizeof piece;
        char *grown = realloc(text->bytes, text->room);
        if (grown == NULL) {
            free(text->bytes);
            text->bytes = NULL;
            return;
        }
        text->bytes = grown;
    }
    memcpy(text->bytes + text->len, piece, (size_t)len + 1);
    text->len += (size_t)len;
}

static void print_region(Text *text, const OskRegion *region)
{
    static const char *const shapes[] = { "rect", "ellipse", "polygon", "stroke" };
    static const char *const styles[] = { "fill", "mosaic", "blur" };
    bool boxed = region->shape == OSK_SHAPE_RECT || region->shape == OSK_SHAPE_ELLIPSE;
    print(text, "{\"shape\":\"%s\",\"unit\":\"%s\",\"style\":\"%s\",\"color\":\"#%02x%02x%02x\"",
          shapes[region->shape], region->unit == OSK_UNIT_PCT ? "pct" : "px", styles[region->style],
          region->color[0], region->color[1], region->color[2]);
    if (boxed && region->key_count == 0) {
        print(text, ",\"x\":%.17g,\"y\":%.17g", region->x, region->y);
        print(text, ",\"w\":%.17g,\"h\":%.17g", region->w, region->h);
    }
    for (size_t i = 0; i < region->point_count; i++) {
        print(text, "%s[%.17g,%.17g]", i == 0 ? ",\"points\":[" : ",", region->points[i].x,
              region->points[i].y);
    }
    print(text, "%s", region->point_count > 0 ? "]" : "");
    if (region->shape == OSK_SHAPE_STROKE) {
        print(text, ",\"radius\":%.17g", region->radius);
    }
    if (region->has_frames) {
        print(text, ",\"frames\":[%u,%u]", (unsigned)region->first_frame,
              (unsigned)region->last_frame);
    }
    for (size_t i = 0; i < region->key_count; i++) {
        const OskRegionKey *key = &region->keys[i];
        print(text, "%s{\"frame\":%u,\"x\":%.17g,\"y\":%.17g", i == 0 ? ",\"keyframes\":[" : ",",
              (unsigned)key->frame, key->x, key->y);
        if (boxed) {
            print(text, ",\"w\":%.17g,\"h\":%.17g", key->w, key->h);
        }
        print(text, "}");
    }
    print(text, "%s}", region->key_count > 0 ? "]" : "");
}

char *print_regions(const OskRegions *regions)
{
    Text text = { .bytes = calloc(1, 256), .room = 256 };
    print(&text, "{\"version\":1,\"invert\":%s,\"regions\":[",
          osk_regions_inverted(regions) ? "true" : "false");
    for (size_t i = 0; i < osk_regions_count(regions); i++) {
        print(&text, "%s", i > 0 ? "," : "");
        print_region(&text, osk_regions_at(regions, i));
    }
    print(&text, "]}");
    return text.bytes;
}

/* ---- comparing ---- */

/* Less than 10^-18 loses digits. */
static bool same_number(double a, double b)
{
    double off = a > b ? a - b : b - a;
    return off == 0 || off < 1e-35;
}

static bool same_region(const OskRegion *a, const OskRegion *b)
{
    bool boxed = a->shape == OSK_SHAPE_RECT || a->shape == OSK_SHAPE_ELLIPSE;
    bool same = a->shape == b->shape && a->unit == b->unit && a->style == b->style &&
                memcmp(a->color, b->color, 3) == 0 && a->has_frames == b->has_frames &&
                a->first_frame == b->first_frame && a->last_frame == b->last_frame &&
                a->point_count == b->point_count && a->key_count == b->key_count &&
                (a->shape != OSK_SHAPE_STROKE || same_number(a->radius, b->radius));
    if (same && boxed && a->key_count == 0) {
        same = same_number(a->x, b->x) && same_number(a->y, b->y) && same_number(a->w, b->w) &&
               same_number(a->h, b->h);
    }
    for (size_t i = 0; same && i < a->point_count; i++) {
        same = same_number(a->points[i].x, b->points[i].x) &&
               same_number(a->points[i].y, b->points[i].y);
    }
    for (size_t i = 0; same && i < a->key_count; i++) {
        const OskRegionKey *one = &a->keys[i];
        const OskRegionKey *two = &b->keys[i];
        same = one->frame == two->frame && same_number(one->x, two->x) &&
               same_number(one->y, two->y) &&
               (!boxed || (same_number(one->w, two->w) && same_number(one->h, two->h)));
    }
    return same;
}

static const char *compare_printed(const OskRegions *regions)
{
    char *text = print_regions(regions);
    if (text == NULL) {
        return NULL;
    }
    OskRegions *again = NULL;
    OskStatus status = osk_regions_parse(text, strlen(text), NULL, &again, NULL);
    free(text);
    bool same = status == OSK_OK && osk_regions_count(again) == osk_regions_count(regions) &&
                osk_regions_inverted(again) == osk_regions_inverted(regions);
    for (size_t i = 0; same && i < osk_regions_count(regions); i++) {
        same = same_region(osk_regions_at(regions, i), osk_regions_at(again, i));
    }
    osk_regions_free(&again);
    return same || status == OSK_NO_MEMORY ? NULL : "a printed list is another list";
}

/* ---- covering ---- */

static bool cover_one(OskCoverMap *map, const OskRegions *regions, uint32_t lot, const char **out)
{
    OskBudget budget = { .memory = 1 << 24, .parts = 1 << 20, .pixels = 1 << 20, .depth = 8 };
    OskGeometry geometry = { .width = 1 + lot % 61, .height = 1 + lot / 61 % 47 };
    geometry.orientation = 1 + lot % 8;
    uint32_t cell = (lot & 64) != 0 ? 1 : 1 + lot / 512 % 17;
    OskStatus status =
        osk_cover_make(map, regions, &geometry, cell, 1 + lot / 8192 % 9, lot % 5, &budget);
    if (status == OSK_OK) {
        status = osk_cover_group(map, &budget);
        if (status == OSK_OK && (map->group_count == 0) != (map->covered == 0)) {
            *out = "cells without a group";
        }
    }
    if (status != OSK_OK) {
        osk_cover_free(map, &budget);
        *out = status == OSK_LIMIT || status == OSK_NO_MEMORY ? *out : "a cover failed";
    }
    uint64_t used = (uint64_t)map->columns * map->rows * 6;
    if (budget.memory + used != 1 << 24) {
        *out = "a cover did not give its memory back";
    }
    return status == OSK_OK;
}

static const char *check_covers(OskRegions *regions, uint32_t lot)
{
    OskBudget unused = { .memory = 0 };
    OskCoverMap plain;
    OskCoverMap rest;
    const char *broken = NULL;
    bool inverted = osk_regions_inverted(regions);
    osk_regions_invert(regions, false);
    bool good = cover_one(&plain, regions, lot, &broken);
    osk_regions_invert(regions, true);
    if (cover_one(&rest, regions, lot, &broken)) {
        for (size_t i = 0; good && i < (size_t)plain.columns * plain.rows; i++) {
            if (rest.cells[i] == OSK_COVER_NONE && plain.cells[i] == OSK_COVER_NONE) {
                broken = "an inverted list spares what the list does not touch";
            }
        }
        osk_cover_free(&rest, &unused);
    }
    osk_regions_invert(regions, inverted);
    osk_cover_free(&plain, &unused);
    return broken;
}

/* ---- reading ---- */

static const char *check_fault(OskStatus status, const OskFault *fault, size_t len)
{
    if (status == OSK_BUG || status == OSK_MISUSE) {
        return "reading ended in BUG or MISUSE";
    }
    if (fault->status != status) {
        return "the fault has another status";
    }
    if (status != OSK_OK && (fault->part == NULL || fault->what == NULL || fault->offset > len)) {
        return "a fault that does not say where";
    }
    return NULL;
}

static uint32_t draw_lot(const uint8_t *bytes, size_t len)
{
    uint32_t lot = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < len; i++) {
        lot = (lot ^ bytes[i]) * 16777619u;
    }
    return lot >> 8;
}

static const char *check_list(OskRegions *regions, uint32_t lot)
{
    const char *broken = compare_printed(regions);
    return broken != NULL ? broken : check_covers(regions, lot);
}

static const char *check_text(const uint8_t *bytes, size_t len, uint32_t lot)
{
    char *text = malloc(len + 1);
    OskRegions *regions = osk_regions_new(NULL);
    const char *broken = NULL;
    if (text != NULL && regions != NULL) {
        memcpy(text, bytes, len);
        text[len] = 0;
        OskFault fault;
        OskStatus status = osk_regions_add_text(regions, text, &fault);
        broken = check_fault(status, &fault, len);
        if (broken == NULL && (status == OSK_OK) != (osk_regions_count(regions) == 1)) {
            broken = "a region without OK";
        }
        if (broken == NULL && status == OSK_OK) {
            broken = check_list(regions, lot);
        }
    }
    osk_regions_free(&regions);
    free(text);
    return broken;
}

const char *broken_region_invariant(const uint8_t *bytes, size_t len)
{
    uint32_t lot = draw_lot(bytes, len);
    OskRegions *regions = NULL;
    OskFault fault;
    OskStatus status = osk_regions_parse(bytes, len, NULL, &regions, &fault);
    const char *broken = check_fault(status, &fault, len);
    if (broken == NULL && (status == OSK_OK) != (regions != NULL)) {
        broken = "a list without OK";
    }
    if (broken == NULL && regions != NULL) {
        broken = check_list(regions, lot);
    }
    osk_regions_free(&regions);
    return broken != NULL || len == 0 ? broken : check_text(bytes, len, lot);
}
