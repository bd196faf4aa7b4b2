/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "oilskin/scrub.h"
#include "oilskin/verify.h"
#include "sealed.h"

#define PROBE_BYTES (64u * 1024)
#define PIECE_BYTES (64u * 1024)

static const char scrub_next[] = "scrub it once more, and publish that copy";

typedef struct Check {
    OskSealedInput input; /* the file in the clear: osk_sealed_read() */
    OskSource source;
    const OskLimits *limits;
    uint8_t *piece; /* PIECE_BYTES */
    OskCheckDone *done;
    OskFault *fault;
} Check;

static OskStatus fail(Check *check, OskStatus status, const char *what, const char *next)
{
    osk_fault_set(check->fault, status, "file", what, OSK_NO_OFFSET);
    osk_fault_next(check->fault, next);
    return status;
}

static OskStatus fail_memory(Check *check)
{
    return fail(check, OSK_NO_MEMORY, "not enough memory", NULL);
}

/* ---- the format ---- */

/* What every browser shows; the others have a way to one of these. */
static const struct {
    const char *name;
    const char *next; /* NULL: may be shown */
} formats[] = {
    { "jpeg", NULL },
    { "png", NULL },
    { "webp", NULL },
    { "gif", NULL },
    { "mp4", NULL },
    { "webm", NULL },
    { "heif", "make a JPEG of it in the studio, and publish that" },
    { "avif", "make a JPEG of it in the studio, and publish that" },
    { "tiff", "make a JPEG of it in the studio, and publish that" },
    { "jxl", "make a JPEG of it in the studio, and publish that" },
    { "bmp", "make a PNG of it in the studio, and publish that" },
    { "matroska", "save it as WebM or MP4, scrub that, and publish the copy" },
};

static OskStatus check_format(Check *check)
{
    size_t len = check->source.size < PROBE_BYTES ? (size_t)check->source.size : PROBE_BYTES;
    if (len > 0 && !osk_sealed_read(&check->input, 0, check->piece, len)) {
        return check->input.status;
    }
    const OskFormatInfo *format = len > 0 ? osk_probe(check->piece, len) : NULL;
    for (size_t i = 0; format != NULL && i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcmp(formats[i].name, format->name) != 0) {
            continue;
        }
        memcpy(check->done->format, format->name, strlen(format->name));
        return formats[i].next == NULL
                   ? OSK_OK
                   : fail(check, OSK_UNSUPPORTED, "not every browser shows a file of this format",
                          formats[i].next);
    }
    return fail(check, OSK_UNSUPPORTED, "this is no picture and no video that can be public",
                "publish a JPEG, PNG, WebP, GIF, MP4 or WebM that was scrubbed: the studio makes "
                "one");
}

/* ---- what a scrub would do ---- */

/* What would be written, compared with what is there. */
typedef struct Comparison {
    Check *check;
    uint64_t at; /* all before is the same */
    bool differs;
} Comparison;

static bool compare_bytes(void *context, const void *bytes, size_t len)
{
    Comparison *comparison = context;
    Check *check = comparison->check;
    const uint8_t *from = bytes;
    while (len > 0) {
        uint64_t left = check->source.size - comparison->at;
        size_t take = len < PIECE_BYTES ? len : PIECE_BYTES;
        take = take < left ? take : (size_t)left;
        if (take > 0 && !osk_sealed_read(&check->input, comparison->at, check->piece, take)) {
            return false;
        }
        size_t same = 0;
        while (same < take && check->piece[same] == from[same]) {
            same++;
        }
        comparison->at += same;
        if (same == 0 || same < take) {
            comparison->differs = true;
            return false;
        }
        from += take;
        len -= take;
    }
    return true;
}

/* What stays where it is needs no comparison. */
static bool compare_kept(void *context, uint64_t offset, uint64_t len)
{
    Comparison *comparison = context;
    comparison->differs = offset != comparison->at;
    comparison->at += len;
    return !comparison->differs;
}

/* The step by which the copy is no longer what the file is at `at`: where the two began to run
 * apart, or else the one that writes there. */
static OskStep find_change(const OskScrub *scrub, uint64_t at)
{
    OskStep change = { .part = NULL };
    OskStep step = { .part = NULL };
    for (size_t i = 0; i < osk_scrub_step_count(scrub); i++) {
        step = osk_scrub_step(scrub, i);
        if (change.part == NULL && step.in_len != step.out_len) {
            change = step;
        }
        if (step.out_offset + step.out_len > at) {
            break;
        }
        if (step.in_offset + step.in_len == step.out_offset + step.out_len) {
            change.part = NULL;
        }
    }
    return change.part != NULL ? change : step;
}

static OskStatus compare_copy(Check *check, OskScrub *scrub)
{
    Comparison comparison = { .check = check };
    const OskSink sink = { .context = &comparison, .write = compare_bytes, .copy = compare_kept };
    OskStatus status = osk_scrub_apply(scrub, &sink);
    comparison.differs =
        comparison.differs || (status == OSK_OK && comparison.at != check->source.size);
    if (comparison.differs) {
        OskStep change = find_change(scrub, comparison.at);
        status = osk_fault_set(check->fault, OSK_FOUND, change.part->name, change.part->meaning,
                               change.in_offset);
        osk_fault_next(check->fault, scrub_next);
    }
    return status;
}

static OskStatus check_plan(Check *check)
{
    const OskScrubOptions options = { .limits = *check->limits };
    OskScrub *scrub = NULL;
    OskStatus status = osk_scrub_open(&check->source, &options, &scrub);
    if (status == OSK_OK) {
        status = compare_copy(check, scrub);
    }
    if (status != OSK_OK && scrub != NULL && osk_scrub_fault(scrub)->status == status &&
        check->input.status == OSK_OK && check->fault->status == OSK_OK) {
        *check->fault = *osk_scrub_fault(scrub);
    }
    osk_scrub_free(&scrub);
    return check->input.status != OSK_OK ? check->input.status : status;
}

/* ---- the second opinion ---- */

static OskStatus check_again(Check *check)
{
    OskFault found = { .status = OSK_OK };
    OskStatus status = osk_verify(&check->source, check->limits, NULL, &found);
    if (check->input.status != OSK_OK) {
        return check->input.status;
    }
    if (status != OSK_OK) {
        osk_fault_next(&found, scrub_next);
        *check->fault = found;
    }
    return status;
}

/* ---- what is written ---- */

static OskStatus write_piece(Check *check, uint64_t offset, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t wrote =
            pwrite(OSK_STRIP_OUTPUT_FD, check->piece + at, len - at, (off_t)(offset + at));
        if (wrote < 0 && errno != EINTR) {
            return fail(check, OSK_IO, "the copy can't be written: the disk is full, or broken",
                        NULL);
        }
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    return OSK_OK;
}

static OskStatus write_copy(Check *check)
{
    OskStatus status = OSK_OK;
    for (uint64_t at = 0; status == OSK_OK && at < check->source.size;) {
        uint64_t left = check->source.size - at;
        size_t take = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
        if (!osk_sealed_read(&check->input, at, check->piece, take)) {
            return check->input.status;
        }
        status = write_piece(check, at, take);
        at += take;
    }
    check->done->output_len = check->source.size;
    return status;
}

OskStatus osk_check_file(const OskStripAsk *ask, const OskStripSegment *segments,
                         OskCheckDone *done, OskFault *fault)
{
    Check check = { .limits = &ask->limits, .done = done, .fault = fault };
    *done = (OskCheckDone){ 0 };
    OskStatus status = osk_sealed_open(&check.input, ask, segments, fault);
    check.source =
        (OskSource){ .context = &check.input, .read = osk_sealed_read, .size = ask->plain_len };
    check.piece = malloc(PIECE_BYTES);
    if (status == OSK_OK && check.piece == NULL) {
        status = fail_memory(&check);
    }
    if (status == OSK_OK && ask->plain_len > ask->output_max) {
        status = fail(&check, OSK_LIMIT, "the file is longer than the room for it", NULL);
    }
    if (status == OSK_OK) {
        status = check_format(&check);
    }
    if (status == OSK_OK) {
        status = check_plan(&check);
    }
    if (status == OSK_OK) {
        status = check_again(&check);
    }
    if (status == OSK_OK) {
        status = write_copy(&check);
    }
    if (check.piece != NULL) {
        osk_seal_wipe(check.piece, PIECE_BYTES);
    }
    free(check.piece);
    osk_sealed_close(&check.input);
    return status;
}
