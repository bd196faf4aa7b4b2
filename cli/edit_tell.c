/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was done to a picture, for people and for programs. */
#include "cli/edit.h"

#include <inttypes.h>

#include "cli/output_json.h"

/* How many boxes a person wants to see. */
#define SAID_MOST 8u

static const char *const style_words[] = {
    [OSK_REGION_FILL] = "fill", [OSK_REGION_MOSAIC] = "mosaic", [OSK_REGION_BLUR] = "blur"
};

#define STYLE_COUNT (sizeof(style_words) / sizeof(style_words[0]))

static void say_styles(FILE *out, const OskEdited *edited)
{
    const char *between = " (";
    for (size_t i = 0; i < STYLE_COUNT; i++) {
        if (edited->styles[i]) {
            fprintf(out, "%s%s", between, style_words[i]);
            between = ", ";
        }
    }
    fputs(")", out);
}

static void say_rounding(FILE *out, const OskPictureInfo *info)
{
    if (info->cell_width > 1 || info->cell_height > 1) {
        fprintf(out, ", rounded outward to blocks of %u x %u", info->cell_width, info->cell_height);
    }
}

static void say_areas(FILE *out, const OskEdit *edit, const OskEdited *edited)
{
    const OskAreas *areas = &edited->areas;
    fputs(edit->preview ? "  would be covered: " : "  covered: ", out);
    if (edited->inverted) {
        fputs("everything but the regions", out);
        say_styles(out, edited);
        say_rounding(out, &edited->before);
        fputc('\n', out);
        return;
    }
    fprintf(out, "%u %s", areas->count, areas->count == 1 ? "area" : "areas");
    say_styles(out, edited);
    say_rounding(out, &edited->before);
    fputc('\n', out);
    uint32_t shown = areas->listed < SAID_MOST ? areas->listed : SAID_MOST;
    for (uint32_t i = 0; i < shown; i++) {
        const OskArea *box = &areas->boxes[i];
        fprintf(out, "    %u x %u at %u,%u\n", box->width, box->height, box->x, box->y);
    }
    if (areas->count > shown) {
        fprintf(out, "    and %u more; --preview shows all\n", areas->count - shown);
    }
}

static void say_shape(FILE *out, const OskEdit *edit, const OskEdited *edited)
{
    const OskPictureInfo *before = &edited->before;
    if (edit->crop) {
        fprintf(out, "  cut off: everything but %u x %u at %u,%u", edit->crop_width,
                edit->crop_height, edit->crop_x, edit->crop_y);
        say_rounding(out, before);
        fputc('\n', out);
    }
    if (edit->turn != 0) {
        fprintf(out, "  turned by %u degrees\n", edit->turn);
    }
    if (edit->mirror) {
        fputs("  mirrored: left and right have changed places\n", out);
    }
    if (edited->width != before->width || edited->height != before->height) {
        fprintf(out, "  it was %u x %u, and is %u x %u now\n", before->width, before->height,
                edited->width, edited->height);
    }
}

static void say_quality(FILE *out, const OskEdit *edit, const OskEdited *edited)
{
    uint32_t changes = edited->changes;
    if ((changes & OSK_CHANGE_ENCODED_AGAIN) != 0) {
        fputs("  saved again: the rest of the picture changed slightly\n", out);
    } else if (edited->has_regions && edit->resize == 0) {
        fputs("  the rest of the picture is what it was, to the bit\n", out);
    }
    if ((changes & OSK_CHANGE_FIRST_FRAME) != 0) {
        fputs("  only the first picture in the file is taken\n", out);
    }
    if ((changes & OSK_CHANGE_COLORS) != 0) {
        fputs("  colours were converted to what the new file can hold\n", out);
    }
    if ((changes & OSK_CHANGE_ALPHA) != 0) {
        fputs("  what was transparent is white now\n", out);
    }
}

static void say_sandbox(FILE *out, const OskEdited *edited)
{
    char missing[OSK_WORKER_SENTENCE_BYTES];
    if (edited->was_decoded && osk_worker_missing(edited->worker.layers, missing)) {
        fprintf(out, "  %s\n", missing);
    }
}

void osk_edit_say(FILE *out, const OskEdit *edit, const OskEdited *edited)
{
    if (edited->has_regions) {
        say_areas(out, edit, edited);
    }
    if (!edit->preview) {
        say_shape(out, edit, edited);
        say_quality(out, edit, edited);
    }
    say_sandbox(out, edited);
}

static void print_areas(FILE *out, const OskAreas *areas)
{
    osk_json_number(out, "area_count", areas->count);
    fputs(", \"areas\": [", out);
    for (uint32_t i = 0; i < areas->listed; i++) {
        const OskArea *box = &areas->boxes[i];
        fprintf(out, "%s{\"x\": %u, \"y\": %u, \"width\": %u, \"height\": %u}", i == 0 ? "" : ", ",
                box->x, box->y, box->width, box->height);
    }
    fputs("]", out);
}

void osk_edit_json(FILE *out, const OskEdited *edited)
{
    osk_json_number(out, "width", edited->before.width);
    osk_json_number(out, "height", edited->before.height);
    osk_json_number(out, "frames", edited->before.frames);
    fprintf(out, ", \"cell\": [%u, %u]", edited->before.cell_width, edited->before.cell_height);
    fprintf(out, ", \"inverted\": %s", edited->inverted ? "true" : "false");
    print_areas(out, &edited->areas);
    osk_json_number(out, "copy_width", edited->width);
    osk_json_number(out, "copy_height", edited->height);
    bool again = (edited->changes & OSK_CHANGE_ENCODED_AGAIN) != 0;
    fprintf(out, ", \"encoded_again\": %s", again ? "true" : "false");
    char missing[OSK_WORKER_SENTENCE_BYTES];
    if (edited->was_decoded && osk_worker_missing(edited->worker.layers, missing)) {
        osk_json_member(out, "sandbox_missing", missing);
    }
}
