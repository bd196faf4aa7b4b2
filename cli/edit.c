/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/edit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/region_files.h"
#include "host/errors.h"
#include "host/pages.h"
#include "host/random.h"
#include "host/worker_client.h"

const char osk_edit_next[] =
    "open it in a picture viewer, save it as a PNG or JPEG there, and go on with that";

/* Who gave a job that much is not told to give it more. */
#define MEMORY_PLENTY (UINT64_C(8) << 30)

/* One file on its way. */
typedef struct Edit {
    const OskEdit *asked;
    const OskRegions *regions; /* never NULL; empty when nothing is covered */
    const OskSource *clean;
    OskResult *result;
    OskEdited *edited;
} Edit;

/* ---- refusing ---- */

static OskStatus fail(OskResult *result, OskStatus status, const char *what, const char *next)
{
    result->fault = (OskFault){
        .status = status, .part = "", .what = what, .next = next, .offset = OSK_NO_OFFSET
    };
    return status;
}

static OskStatus fail_memory(OskResult *result)
{
    return fail(result, OSK_NO_MEMORY, "not enough memory",
                "close other programs, then run it again");
}

/* What was asked does not fit the picture; with numbers in the sentence. */
static OskStatus refuse(OskResult *result, const char *next, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static OskStatus refuse(OskResult *result, const char *next, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    free(result->why);
    int made = vasprintf(&result->why, format, values);
    va_end(values);
    if (made < 0) {
        result->why = NULL;
        return fail_memory(result);
    }
    result->misfit = true;
    return fail(result, OSK_UNSUPPORTED, result->why, next);
}

OskStatus osk_edit_refuse_video(OskResult *result)
{
    result->misfit = true;
    return fail(result, OSK_UNSUPPORTED, "only pictures can be covered, not videos",
                "pause it where it matters, take a screenshot and redact that");
}

OskStatus osk_edit_refuse_name(OskResult *result, const char *ending)
{
    return refuse(result, "choose a name with that ending, or leave out -o",
                  "a copy has the format of its original, and the name chosen for it says another "
                  "one: it has to end in .%s",
                  ending);
}

/* ---- whether what was asked fits the picture ---- */

/* The box around a region or around one of its keys, in pixels, has something of the picture. */
static bool box_touches(const OskPictureInfo *info, const OskRegion *region, OskRegionKey box)
{
    double x_scale = region->unit == OSK_UNIT_PCT ? info->width / 100.0 : 1;
    double y_scale = region->unit == OSK_UNIT_PCT ? info->height / 100.0 : 1;
    return box.x * x_scale < info->width && (box.x + box.w) * x_scale > 0 &&
           box.y * y_scale < info->height && (box.y + box.h) * y_scale > 0;
}

/* The box around the points; a stroke is as wide as its brush everywhere. */
static OskRegionKey box_around(const OskPictureInfo *info, const OskRegion *region)
{
    if (region->point_count == 0) {
        return (OskRegionKey){ .x = region->x, .y = region->y, .w = region->w, .h = region->h };
    }
    /* A radius counts the width, also downwards. */
    double x_radius = region->shape == OSK_SHAPE_STROKE ? region->radius : 0;
    double y_radius = region->unit == OSK_UNIT_PCT && info->height > 0
                          ? x_radius * info->width / info->height
                          : x_radius;
    OskPoint low = region->points[0];
    OskPoint high = region->points[0];
    for (size_t i = 1; i < region->point_count; i++) {
        OskPoint point = region->points[i];
        low.x = point.x < low.x ? point.x : low.x;
        low.y = point.y < low.y ? point.y : low.y;
        high.x = point.x > high.x ? point.x : high.x;
        high.y = point.y > high.y ? point.y : high.y;
    }
    return (OskRegionKey){ .x = low.x - x_radius,
                           .y = low.y - y_radius,
                           .w = high.x - low.x + 2 * x_radius,
                           .h = high.y - low.y + 2 * y_radius };
}

static bool region_touches(const OskPictureInfo *info, const OskRegion *region)
{
    OskRegionKey own = box_around(info, region);
    if (region->key_count == 0) {
        return box_touches(info, region, own);
    }
    for (size_t i = 0; i < region->key_count; i++) {
        OskRegionKey key = region->keys[i];
        if (region->point_count > 0) {
            key = (OskRegionKey){ .x = own.x + key.x, .y = own.y + key.y, .w = own.w, .h = own.h };
        }
        if (box_touches(info, region, key)) {
            return true;
        }
    }
    return false;
}

static const char look_next[] =
    "count in this picture as it is displayed, from its top left corner; --preview OUT.png shows "
    "what regions cover";

/* What is wrong with a region for this picture. */
static OskStatus check_region(const Edit *edit, const OskPictureInfo *info, size_t index)
{
    const OskRegion *region = osk_regions_at(edit->regions, index);
    size_t count = osk_regions_count(edit->regions);
    char which[64] = "the region";
    if (count > 1) {
        snprintf(which, sizeof(which), "region %zu of %zu", index + 1, count);
    }
    if (!region_touches(info, region)) {
        return refuse(edit->result, look_next,
                      "%s covers nothing of this picture, which is %u x %u", which, info->width,
                      info->height);
    }
    if (region->has_frames && region->first_frame >= info->frames) {
        return refuse(edit->result, "correct its \"frames\": they count from 0",
                      "%s is for frames from %u on, and the last frame of this picture is %u",
                      which, region->first_frame, info->frames - 1);
    }
    return OSK_OK;
}

/* A region that misses the picture was meant for another one, or for another size of this one:
 * whatever it was to cover is still there. */
static OskStatus check_regions(const Edit *edit, const OskPictureInfo *info)
{
    OskStatus status = OSK_OK;
    for (size_t i = 0; status == OSK_OK && i < osk_regions_count(edit->regions); i++) {
        status = check_region(edit, info, i);
    }
    return status;
}

static OskStatus check_crop(const Edit *edit, const OskPictureInfo *info)
{
    const OskEdit *asked = edit->asked;
    if (asked->crop && ((uint64_t)asked->crop_x + asked->crop_width > info->width ||
                        (uint64_t)asked->crop_y + asked->crop_height > info->height)) {
        return refuse(edit->result, "choose a part that lies within it: X,Y,W,H",
                      "--crop reaches beyond this picture, which is %u x %u", info->width,
                      info->height);
    }
    return OSK_OK;
}

/* Nothing may be claimed to be covered that isn't. */
static OskStatus check_areas(const Edit *edit)
{
    const OskEdited *edited = edit->edited;
    if (!edited->has_regions || edited->areas.count > 0) {
        return OSK_OK;
    }
    if (edited->inverted) {
        return refuse(edit->result, "make the regions smaller, or leave out --invert",
                      "the regions keep all of this picture, which is %u x %u",
                      edited->before.width, edited->before.height);
    }
    return refuse(edit->result, osk_regions_count(edit->regions) > 0 ? look_next : "add a region",
                  osk_regions_count(edit->regions) > 0
                      ? "the regions cover nothing of this picture, which is %u x %u"
                      : "there is no region for this picture, which is %u x %u",
                  edited->before.width, edited->before.height);
}

/* ---- JPEG: in this process, without decoding ---- */

static OskStatus redact_jpeg(Edit *edit, const OskSink *sink)
{
    const OskEdit *asked = edit->asked;
    OskRedactOptions options = { .random = { .fill = osk_random_fill },
                                 .limits = asked->limits,
                                 .crop = asked->crop,
                                 .crop_x = asked->crop_x,
                                 .crop_y = asked->crop_y,
                                 .crop_width = asked->crop_width,
                                 .crop_height = asked->crop_height,
                                 .areas = &edit->edited->areas };
    return osk_redact_jpeg(edit->clean->bytes, (size_t)edit->clean->size, edit->regions, &options,
                           sink, &edit->result->fault);
}

static OskStatus redact_to_draft(Edit *edit)
{
    OskEdited *edited = edit->edited;
    OskFault *fault = &edit->result->fault;
    OskOutput *draft = edited->draft;
    OskStatus status = osk_output_reserve(draft, edit->clean->size, fault);
    if (status != OSK_OK) {
        return status;
    }
    OskSink sink = osk_output_sink(draft, NULL, NULL);
    status = redact_jpeg(edit, &sink);
    if (status != OSK_OK) {
        return draft->error != 0 ? osk_output_explain(draft, fault) : status;
    }
    if (!osk_view_open(&edited->view, draft->fd, draft->size)) {
        return osk_host_fail(fault, "copy", errno);
    }
    edited->bytes = edited->view.bytes;
    edited->len = edited->view.len;
    return OSK_OK;
}

static OskStatus redact_in_memory(Edit *edit)
{
    OskEdited *edited = edit->edited;
    size_t len = (size_t)edit->clean->size;
    /* A redacted copy is about as long as the original; the rest is for black in noise. */
    OskMemory out = { .capacity = len + len / 8 + 4096 };
    out.bytes = osk_pages_alloc(out.capacity);
    if (out.bytes == NULL) {
        return fail_memory(edit->result);
    }
    OskSink sink = osk_sink_to_memory(&out);
    OskStatus status = redact_jpeg(edit, &sink);
    edited->own = out.bytes;
    edited->bytes = out.bytes;
    edited->len = out.len;
    return status;
}

static OskStatus edit_jpeg(Edit *edit)
{
    OskEdited *edited = edit->edited;
    OskStatus status = edited->draft != NULL ? redact_to_draft(edit) : redact_in_memory(edit);
    OskPictureInfo after = edited->before;
    if (status == OSK_OK && edit->asked->crop) {
        status = osk_redact_jpeg_info(edited->bytes, edited->len, &after, &edit->result->fault);
    }
    edited->width = after.width;
    edited->height = after.height;
    return status;
}

/* ---- everything else: in the worker ---- */

/* What the picture measures after cutting, turning and making smaller. */
static void measure(const OskEdit *asked, OskEdited *edited)
{
    uint32_t width = asked->crop ? asked->crop_width : edited->before.width;
    uint32_t height = asked->crop ? asked->crop_height : edited->before.height;
    if (asked->turn == 90 || asked->turn == 270) {
        uint32_t kept = width;
        width = height;
        height = kept;
    }
    uint32_t longest = width > height ? width : height;
    if (asked->resize > 0 && longest > asked->resize) {
        /* To the nearest, and never to nothing. */
        uint64_t half = longest / 2;
        uint64_t w = ((uint64_t)width * asked->resize + half) / longest;
        uint64_t h = ((uint64_t)height * asked->resize + half) / longest;
        width = w > 0 ? (uint32_t)w : 1;
        height = h > 0 ? (uint32_t)h : 1;
    }
    edited->width = width;
    edited->height = height;
}

static OskStatus edit_in_worker(Edit *edit)
{
    const OskEdit *asked = edit->asked;
    OskEdited *edited = edit->edited;
    OskWorkerJob job = { .op = asked->preview ? OSK_WORKER_RENDER : OSK_WORKER_REDACT,
                         .format = edit->result->format->name,
                         .output_format = asked->preview ? "png" : NULL,
                         .bytes = edit->clean->bytes,
                         .input_fd = -1,
                         .len = edit->clean->size,
                         .regions = edited->has_regions ? edit->regions : NULL,
                         .crop = asked->crop,
                         .crop_x = asked->crop_x,
                         .crop_y = asked->crop_y,
                         .crop_width = asked->crop_width,
                         .crop_height = asked->crop_height,
                         .turn = asked->turn,
                         .mirror = asked->mirror,
                         .resize = asked->resize,
                         .limits = asked->limits,
                         .progress = edited->progress,
                         .progress_context = edited->progress_context };
    edited->was_decoded = true;
    OskStatus status = osk_worker_run(&job, &edited->worker, &edit->result->fault);
    if (status != OSK_OK) {
        return status;
    }
    edited->bytes = edited->worker.bytes;
    edited->len = edited->worker.len;
    edited->clean_len = (size_t)edit->clean->size;
    edited->before = edited->worker.info;
    edited->areas = edited->worker.areas;
    edited->changes = edited->worker.changes;
    measure(asked, edited);
    status = check_regions(edit, &edited->before);
    return status == OSK_OK ? check_crop(edit, &edited->before) : status;
}

/* ---- one file ---- */

/* JPEG keeps every block that nothing is asked of; turning and resizing touch all of them. */
bool osk_edit_streams(const OskEdit *edit, const OskFormatInfo *format)
{
    bool whole = edit->turn != 0 || edit->mirror || edit->resize != 0 || edit->preview;
    return strcmp(format->name, "jpeg") == 0 && !whole;
}

static OskStatus edit_picture(Edit *edit)
{
    if (!osk_edit_streams(edit->asked, edit->result->format)) {
        return edit_in_worker(edit);
    }
    OskPictureInfo *info = &edit->edited->before;
    OskStatus status = osk_redact_jpeg_info(edit->clean->bytes, (size_t)edit->clean->size, info,
                                            &edit->result->fault);
    if (status == OSK_OK) {
        status = check_regions(edit, info);
    }
    if (status == OSK_OK) {
        status = check_crop(edit, info);
    }
    return status == OSK_OK ? edit_jpeg(edit) : status;
}

static void note_regions(Edit *edit)
{
    OskEdited *edited = edit->edited;
    size_t count = osk_regions_count(edit->regions);
    edited->inverted = osk_regions_inverted(edit->regions);
    edited->has_regions = edit->asked->covers;
    edited->styles[osk_regions_defaults(edit->regions).style] = edited->inverted;
    for (size_t i = 0; i < count && !edited->inverted; i++) {
        edited->styles[osk_regions_at(edit->regions, i)->style] = true;
    }
}

/* The regions of this file: those of all, or its own. */
static OskStatus read_regions(const OskEdit *asked, const OskFile *file, OskResult *result,
                              OskRegions **out_regions)
{
    char *path = NULL;
    if (asked->folder != NULL) {
        path = osk_region_files_path(asked->folder, file);
        if (path == NULL) {
            return fail_memory(result);
        }
    }
    free(result->why);
    OskStatus status =
        osk_region_files_read(asked, path, out_regions, &result->why, &result->fault);
    if (status != OSK_OK && result->why != NULL) {
        result->fault.what = result->why;
        result->misfit = true;
    }
    free(path);
    return status;
}

OskStatus osk_edit_apply(const OskEdit *edit, const OskFile *file, const OskSource *clean,
                         OskResult *result, OskEdited *out_edited)
{
    OskRegions *own = NULL;
    OskStatus status = OSK_OK;
    if (edit->regions == NULL) {
        status = read_regions(edit, file, result, &own);
    }
    if (status != OSK_OK) {
        return status;
    }
    Edit one = { .asked = edit,
                 .regions = own != NULL ? own : edit->regions,
                 .clean = clean,
                 .result = result,
                 .edited = out_edited };
    note_regions(&one);
    status = edit_picture(&one);
    if (status == OSK_OK) {
        status = check_areas(&one);
    } else if (result->fault.what != result->why) {
        /* It counts in the bytes that were scrubbed, which nobody can look at. */
        result->fault.offset = OSK_NO_OFFSET;
        if (status == OSK_LIMIT && edit->limits.memory >= MEMORY_PLENTY) {
            result->fault.next = "use a smaller version of it";
        }
        if (result->fault.next == NULL && osk_status_is_refusal(status)) {
            result->fault.next = osk_edit_next;
        }
    }
    osk_regions_free(&own);
    return status;
}

void osk_edited_free(OskEdited *edited)
{
    osk_worker_result_free(&edited->worker);
    osk_view_close(&edited->view);
    free(edited->own);
    *edited = (OskEdited){ .len = 0 };
}
