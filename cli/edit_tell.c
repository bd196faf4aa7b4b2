/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was done to a picture, for people and for programs. */
#include "cli/edit.h"

#include <inttypes.h>

#include "cli/output_json.h"
#include "cli/output_text.h"

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
    if (edited->before.frames > 1) {
        fprintf(out, "; here in the first of %u frames or pages that has any",
                edited->before.frames);
    }
    fputc('\n', out);
    uint32_t shown = areas->listed < SAID_MOST ? areas->listed : SAID_MOST;
    for (uint32_t i = 0; i < shown; i++) {
        const OskArea *box = &areas->boxes[i];
        fprintf(out, "    %u x %u at %u,%u\n", box->width, box->height, box->x, box->y);
    }
    if (areas->count > shown) {
        /* A preview shows one frame, and a person who looks at it needs not be told to. */
        bool one = edited->before.frames <= 1 && !edit->preview;
        fprintf(out, "    and %u more%s\n", areas->count - shown,
                one ? "; --preview shows all" : "");
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

void osk_edit_say_changes(FILE *out, const OskEdited *edited)
{
    static const struct {
        uint32_t change;
        const char *words;
    } said[] = {
        { OSK_CHANGE_ENCODED_AGAIN, "saved again: the rest of the picture changed slightly" },
        { OSK_CHANGE_BESIDE, "beside what is covered, within 16 pixels, changes can be visible" },
        { OSK_CHANGE_CUT, "the file ended early: the part of the picture that is missing is grey" },
        { OSK_CHANGE_FIRST_FRAME, "only the first of its pictures is taken" },
        { OSK_CHANGE_COLORS, "colours were converted to what the new file can hold" },
        { OSK_CHANGE_ALPHA, "what was transparent is white now" },
    };
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        if ((edited->changes & said[i].change) != 0) {
            fprintf(out, "  %s\n", said[i].words);
        }
    }
    if (edited->worker.note != NULL) {
        fprintf(out, "  %s\n", edited->worker.note);
    }
    char missing[OSK_WORKER_SENTENCE_BYTES];
    if (edited->was_decoded && osk_worker_missing(edited->worker.layers, missing)) {
        fprintf(out, "  %s\n", missing);
    }
}

/* Whether a copy has become a quarter longer; or shorter, which only those promise not to that are
 * encoded like the original. */
static bool is_length_odd(const OskEdited *edited)
{
    double before = (double)edited->clean_len;
    double now = (double)edited->len;
    return edited->was_decoded && before > 0 &&
           (now > before * 1.25 || (edited->worker.note != NULL && now < before * 0.75));
}

void osk_edit_say(FILE *out, const OskEdit *edit, const OskEdited *edited)
{
    if (edited->has_regions) {
        say_areas(out, edit, edited);
    }
    if (!edit->preview) {
        say_shape(out, edit, edited);
    }
    bool again = (edited->changes & OSK_CHANGE_ENCODED_AGAIN) != 0 || !edited->before.exact;
    if (!edit->preview && edited->has_regions && edit->resize == 0 && !again) {
        fprintf(out, "  all other %s are what they were, to the bit\n",
                edited->was_decoded ? "pixels" : "blocks");
    }
    OskEdited said = *edited;
    if (edit->preview) {
        /* No file was made yet that lost any. */
        said.changes &= ~((uint32_t)OSK_CHANGE_COLORS | (uint32_t)OSK_CHANGE_ALPHA);
    }
    if (edit->preview && (said.changes & OSK_CHANGE_FIRST_FRAME) != 0) {
        said.changes &= ~(uint32_t)OSK_CHANGE_FIRST_FRAME;
        fprintf(out, "  shown is the first of its %u frames in which something is covered\n",
                edited->before.frames);
    }
    osk_edit_say_changes(out, &said);
    if (!edit->preview && is_length_odd(edited)) {
        char before[32];
        char now[32];
        osk_format_size(before, sizeof(before), edited->clean_len);
        osk_format_size(now, sizeof(now), edited->len);
        fprintf(out, "  the picture took %s, and takes %s now\n", before, now);
    }
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
    osk_edit_json_changes(out, edited);
}

void osk_edit_json_changes(FILE *out, const OskEdited *edited)
{
    bool again = (edited->changes & OSK_CHANGE_ENCODED_AGAIN) != 0;
    fprintf(out, ", \"encoded_again\": %s", again ? "true" : "false");
    if ((edited->changes & OSK_CHANGE_CUT) != 0) {
        fputs(", \"cut_short\": true", out);
    }
    uint32_t centibel = edited->worker.centibel;
    if (centibel > 0) {
        fprintf(out, ", \"psnr_db\": %u.%02u", centibel / 100, centibel % 100);
    }
    if (edited->worker.note != NULL) {
        osk_json_member(out, "note", edited->worker.note);
    }
    char missing[OSK_WORKER_SENTENCE_BYTES];
    if (edited->was_decoded && osk_worker_missing(edited->worker.layers, missing)) {
        osk_json_member(out, "sandbox_missing", missing);
    }
}
