/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/publish_client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/input.h"
#include "host/random.h"
#include "host/sealed_memory.h"

#define PIECE_BYTES (64u * 1024)
#define QUALITY_SMALL 80u
#define QUALITY_LARGE 85u
/* What is decoded for the public page. A video that takes longer is seen in part. */
#define RENDER_MS 120000u
#define LOOK_MS 30000u

_Static_assert(OSK_LOOK_POSTER_SIDE == OSK_PUBLISH_SIDE_LARGE, "a poster is a large rendition");

typedef struct Run {
    const OskPublishJob *job;
    OskPublishDone *done;
    OskLimits limits;
    OskIdentity reader; /* for a moment: what is sealed to it nobody opens but a worker */
    char format[OSK_WORKER_FORMAT_BYTES];
    int copy;           /* the output, open for reading alone; -1 before */
    OskWorkerFate fate; /* of the last proof */
    OskFault *fault;
} Run;

/* A picture that is clean, and may be decoded. */
typedef struct Picture {
    const char *format;
    const void *bytes; /* NULL: the copy */
    uint64_t len;
} Picture;

static OskStatus fail(const Run *run, OskStatus status, const char *what, const char *next)
{
    osk_fault_set(run->fault, status, "file", what, OSK_NO_OFFSET);
    osk_fault_next(run->fault, next);
    return status;
}

static OskStatus fail_machine(const Run *run)
{
    return fail(run, OSK_NO_MEMORY, "not enough memory", "try it again later");
}

static uint64_t plain_len(const OskPublishJob *job)
{
    uint64_t len = 0;
    for (size_t i = 0; i < job->segment_count; i++) {
        len += job->segments[i].plain_len;
    }
    return len;
}

static unsigned at_most(const OskPublishJob *job, unsigned ms)
{
    return job->deadline_ms != 0 && job->deadline_ms < ms ? job->deadline_ms : ms;
}

static const char *decoder_of(const OskPublishJob *job)
{
    return job->decoder != NULL ? job->decoder : job->worker;
}

uint64_t osk_publish_output_max(uint64_t plain)
{
    uint64_t more = OSK_PUBLISH_RENDITIONS * OSK_PUBLISH_RENDITION_BYTES;
    return plain > UINT64_MAX - more ? UINT64_MAX : plain + more;
}

/* ---- the proof ---- */

static OskStatus prove(Run *run, const OskStripJob *asked, OskCheckDone *told)
{
    OskStripJob job = *asked;
    job.limits = run->limits;
    job.worker = run->job->worker;
    job.progress = run->job->progress;
    job.progress_context = run->job->progress_context;
    return osk_worker_check(&job, told, &run->fate, run->fault);
}

/* The worker is gone: what it wrote is what it is. */
static bool is_received(const Run *run, uint64_t len)
{
    uint8_t digest[32];
    struct stat info;
    OskSha256 hash;
    uint8_t *piece = malloc(PIECE_BYTES);
    bool read =
        piece != NULL && fstat(run->job->output_fd, &info) == 0 && (uint64_t)info.st_size == len;
    osk_sha256_begin(&hash);
    for (uint64_t at = 0; read && at < len;) {
        size_t take = len - at < PIECE_BYTES ? (size_t)(len - at) : PIECE_BYTES;
        read = osk_read_at(run->job->output_fd, at, piece, take);
        if (read) {
            osk_sha256_add(&hash, piece, take);
        }
        at += take;
    }
    osk_sha256_end(&hash, digest);
    free(piece);
    return read && memcmp(digest, run->job->digest, sizeof(digest)) == 0;
}

static bool find_kind(const char *format, OskPublishKind *out)
{
    static const char *const names[] = {
        [OSK_PUBLISH_JPEG] = "jpeg", [OSK_PUBLISH_PNG] = "png", [OSK_PUBLISH_WEBP] = "webp",
        [OSK_PUBLISH_GIF] = "gif",   [OSK_PUBLISH_MP4] = "mp4", [OSK_PUBLISH_WEBM] = "webm",
    };
    for (size_t i = OSK_PUBLISH_JPEG; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(format, names[i]) == 0) {
            *out = (OskPublishKind)i;
            return true;
        }
    }
    return false;
}

static OskStatus prove_copy(Run *run)
{
    const OskPublishJob *job = run->job;
    uint64_t len = plain_len(job);
    const OskStripJob asked = { .input_fd = job->input_fd,
                                .segments = job->segments,
                                .segment_count = job->segment_count,
                                .output_fd = job->output_fd,
                                .output_max = len > 0 ? len : 1,
                                .deadline_ms = job->deadline_ms };
    OskCheckDone told;
    OskStatus status = prove(run, &asked, &told);
    if (status != OSK_OK) {
        return status;
    }
    if (told.output_len != len || !find_kind(told.format, &run->done->kind) ||
        !is_received(run, len)) {
        run->fate = OSK_WORKER_DIED;
        return fail(run, OSK_MALFORMED, "what was checked is not what was received",
                    "the checker may have been attacked by this file: keep it away from other "
                    "programs");
    }
    memcpy(run->format, told.format, sizeof(run->format));
    run->done->copy_len = len;
    run->copy = osk_open_to_read(job->output_fd);
    return run->copy >= 0 ? OSK_OK : fail_machine(run);
}

/* Where the machine is not to blame, the decoder is. */
static OskStatus judge_made(const Run *run, OskStatus status, const OskFault *fault)
{
    if (status == OSK_IO || status == OSK_NO_MEMORY || status == OSK_LIMIT) {
        if (run->fault != NULL && run->fault->status == OSK_OK) {
            *run->fault = *fault;
        }
        return status;
    }
    return fail(run, OSK_MALFORMED, "the decoder made something else than a clean picture",
                "the decoder may have been attacked by this file: keep it away from other "
                "programs");
}

/* What a decoder made is as strange as any file. */
static OskStatus prove_bytes(Run *run, const OskWorkerResult *made)
{
    const OskPublishJob *job = run->job;
    OskSealedMemory sealed = { .fd = -1 };
    OskCheckDone told = { .output_len = 0 };
    OskFault fault = { .status = OSK_OK };
    Run own = *run;
    own.fault = &fault;
    int output = memfd_create("proven", MFD_CLOEXEC);
    bool has_room = output >= 0 &&
                    osk_sealed_memory_make(&sealed, &run->reader.recipient, made->bytes, made->len);
    const OskStripJob asked = { .input_fd = sealed.fd,
                                .segments = &sealed.segment,
                                .segment_count = 1,
                                .output_fd = output,
                                .output_max = made->len,
                                .deadline_ms = at_most(job, RENDER_MS) };
    OskStatus status = has_room ? prove(&own, &asked, &told) : fail_machine(&own);
    if (status == OSK_OK && strcmp(told.format, "jpeg") != 0) {
        status = fail(&own, OSK_MALFORMED, "another format", NULL);
    }
    osk_sealed_memory_free(&sealed);
    if (output >= 0) {
        close(output);
    }
    return status == OSK_OK ? status : judge_made(run, status, &fault);
}

/* ---- what it shows ---- */

static OskStatus decode(Run *run, const Picture *picture, OskWorkerOp op, uint32_t side,
                        OskWorkerResult *result)
{
    const OskPublishJob *job = run->job;
    const OskWorkerJob asked = { .op = op,
                                 .format = picture->format,
                                 .output_format = op == OSK_WORKER_RENDER ? "jpeg" : NULL,
                                 .bytes = picture->bytes,
                                 .input_fd = run->copy,
                                 .len = picture->len,
                                 .resize = side,
                                 .quality =
                                     side == OSK_PUBLISH_SIDE_SMALL ? QUALITY_SMALL : QUALITY_LARGE,
                                 .limits = run->limits,
                                 .deadline_ms = at_most(job, RENDER_MS),
                                 .worker = decoder_of(job),
                                 .progress = job->progress,
                                 .progress_context = job->progress_context };
    return osk_worker_run(&asked, result, run->fault);
}

static bool is_larger(const OskPictureInfo *info, uint32_t side)
{
    return info->width > side || info->height > side;
}

/* Puts a proven rendition behind what is in the output. */
static OskStatus append(Run *run, const OskWorkerResult *made, const OskPictureInfo *size)
{
    OskPublishDone *done = run->done;
    uint64_t at = done->copy_len;
    for (uint32_t i = 0; i < done->rendition_count; i++) {
        at += done->renditions[i].len;
    }
    for (size_t wrote = 0; wrote < made->len;) {
        ssize_t got = pwrite(run->job->output_fd, made->bytes + wrote, made->len - wrote,
                             (off_t)(at + wrote));
        if (got <= 0) {
            return fail(run, OSK_IO, "the copy can't be written: the disk is full, or broken",
                        NULL);
        }
        wrote += (size_t)got;
    }
    done->renditions[done->rendition_count++] =
        (OskPublishedPart){ .offset = at,
                            .len = (uint32_t)made->len,
                            .width = (uint16_t)size->width,
                            .height = (uint16_t)size->height };
    return OSK_OK;
}

/* A rendition, proven, with its own size. */
static OskStatus prove_rendition(Run *run, const OskWorkerResult *made, uint32_t side,
                                 OskPictureInfo *out_size)
{
    const Picture rendition = { "jpeg", made->bytes, made->len };
    OskWorkerResult shown;
    if (made->len > OSK_PUBLISH_RENDITION_BYTES) {
        return fail(run, OSK_LIMIT, "a smaller picture of it takes more room than it may", NULL);
    }
    OskStatus status = prove_bytes(run, made);
    if (status != OSK_OK) {
        return status;
    }
    status = decode(run, &rendition, OSK_WORKER_INFO, 0, &shown);
    if (status == OSK_OK && is_larger(&shown.info, side)) {
        status = fail(run, OSK_MALFORMED, "the decoder made a picture of another size", NULL);
    }
    *out_size = shown.info;
    osk_worker_result_free(&shown);
    return status;
}

/* The small one is made of the large one where there is one. */
static OskStatus add_renditions(Run *run, const Picture *copy, const OskWorkerResult *large)
{
    const Picture first = { "jpeg", large->bytes, large->len };
    bool has_large = is_larger(&large->info, OSK_PUBLISH_SIDE_LARGE);
    OskWorkerResult small = { .bytes = NULL };
    OskPictureInfo large_size = { .width = 0 };
    OskPictureInfo small_size = { .width = 0 };
    OskStatus status =
        has_large ? prove_rendition(run, large, OSK_PUBLISH_SIDE_LARGE, &large_size) : OSK_OK;
    if (status == OSK_OK) {
        status = decode(run, has_large ? &first : copy, OSK_WORKER_RENDER, OSK_PUBLISH_SIDE_SMALL,
                        &small);
    }
    if (status == OSK_OK) {
        status = prove_rendition(run, &small, OSK_PUBLISH_SIDE_SMALL, &small_size);
    }
    if (status == OSK_OK) {
        status = append(run, &small, &small_size);
    }
    if (status == OSK_OK && has_large) {
        status = append(run, large, &large_size);
    }
    osk_worker_result_free(&small);
    return status;
}

/* The frame that a decoder chose, out of its seal. */
static OskStatus open_poster(const Run *run, int fd, const OskLookDone *look, OskMemory *out)
{
    const OskUnsealWith with = { .identities = &run->reader, .count = 1 };
    size_t len = (size_t)look->output_len;
    uint8_t *sealed = malloc(len);
    *out = (OskMemory){ .max = 2 * OSK_LOOK_POSTER_BYTES };
    OskStatus status = sealed == NULL ? OSK_NO_MEMORY
                       : osk_read_at(fd, 0, sealed, len)
                           ? osk_unseal_bytes(sealed, len, &with, out, NULL)
                           : OSK_TRUNCATED;
    free(sealed);
    if (status == OSK_NO_MEMORY) {
        return fail_machine(run);
    }
    bool is_there = status == OSK_OK && look->plain_len <= out->len;
    return is_there ? OSK_OK : judge_made(run, OSK_MALFORMED, NULL);
}

/* What stands there before a video plays: as it is, and smaller where it is larger. */
static OskStatus add_poster(Run *run, int fd, const OskLookDone *look)
{
    OskMemory opened;
    OskWorkerResult small = { .bytes = NULL };
    OskPictureInfo size;
    OskPictureInfo small_size;
    OskStatus status = open_poster(run, fd, look, &opened);
    OskWorkerResult poster = { .bytes = opened.bytes, .len = (size_t)look->plain_len };
    const Picture frame = { "jpeg", poster.bytes, poster.len };
    if (status == OSK_OK) {
        status = prove_rendition(run, &poster, OSK_PUBLISH_SIDE_LARGE, &size);
    }
    bool is_large = status == OSK_OK && is_larger(&size, OSK_PUBLISH_SIDE_SMALL);
    if (is_large) {
        status = decode(run, &frame, OSK_WORKER_RENDER, OSK_PUBLISH_SIDE_SMALL, &small);
    }
    if (is_large && status == OSK_OK) {
        status = prove_rendition(run, &small, OSK_PUBLISH_SIDE_SMALL, &small_size);
    }
    if (is_large && status == OSK_OK) {
        status = append(run, &small, &small_size);
    }
    if (status == OSK_OK) {
        status = append(run, &poster, &size);
    }
    osk_worker_result_free(&small);
    osk_bytes_free(&opened.bytes);
    return status;
}

static void describe(OskPublishDone *done, const OskLookDone *look)
{
    done->moves = true;
    done->width = look->width;
    done->height = look->height;
    done->duration_ms = look->duration_ms < UINT32_MAX ? (uint32_t)look->duration_ms : UINT32_MAX;
    memcpy(done->unplayed_picture, look->unplayed_picture, sizeof(done->unplayed_picture));
    memcpy(done->unplayed_sound, look->unplayed_sound, sizeof(done->unplayed_sound));
}

/* What moves is decoded from its first frame on, for as long as that may take. */
static OskStatus watch(Run *run, bool film)
{
    const OskPublishJob *job = run->job;
    OskLookDone look;
    int preview = memfd_create("preview", MFD_CLOEXEC);
    const OskStripJob asked = { .input_fd = job->input_fd,
                                .segments = job->segments,
                                .segment_count = job->segment_count,
                                .output_fd = preview,
                                .output_max =
                                    film ? OSK_LOOK_POSTER_OUTPUT_MAX : OSK_LOOK_OUTPUT_MAX,
                                .recipients = &run->reader.recipient,
                                .recipient_count = 1,
                                .limits = run->limits,
                                .format = run->format,
                                .deadline_ms = at_most(job, LOOK_MS),
                                .films = film,
                                .poster = film,
                                .worker = film ? job->frames : decoder_of(job),
                                .progress = job->progress,
                                .progress_context = job->progress_context };
    OskStatus status =
        preview >= 0 ? osk_worker_look(&asked, &look, run->fault) : fail_machine(run);
    if (status == OSK_OK) {
        describe(run->done, &look);
    }
    if (status == OSK_OK && film) {
        status = add_poster(run, preview, &look);
    }
    if (preview >= 0) {
        close(preview);
    }
    return status;
}

static OskStatus show_still(Run *run, const Picture *copy, const OskWorkerResult *large)
{
    run->done->width = large->info.width;
    run->done->height = large->info.height;
    if ((large->changes & OSK_CHANGE_CUT) != 0) {
        return fail(run, OSK_TRUNCATED, "the picture ends early",
                    "get it again from where it came from");
    }
    bool opaque = (large->changes & OSK_CHANGE_ALPHA) == 0;
    return opaque && is_larger(&large->info, OSK_PUBLISH_SIDE_SMALL)
               ? add_renditions(run, copy, large)
               : OSK_OK;
}

/* Every picture is decoded once, also where nothing is made of it. */
static OskStatus show(Run *run)
{
    const Picture copy = { run->format, NULL, run->done->copy_len };
    OskWorkerResult large;
    if (run->done->kind >= OSK_PUBLISH_MP4) {
        return watch(run, true);
    }
    OskStatus status = decode(run, &copy, OSK_WORKER_RENDER, OSK_PUBLISH_SIDE_LARGE, &large);
    if (status == OSK_OK && (large.changes & OSK_CHANGE_TURNED) != 0) {
        status = fail(run, OSK_FOUND, "it is turned by a mark in it, and not in its pixels",
                      "open it in the studio and save it: what it saves is upright");
    }
    if (status == OSK_OK) {
        status = large.info.frames > 1 ? watch(run, false) : show_still(run, &copy, &large);
    }
    osk_worker_result_free(&large);
    return status;
}

OskStatus osk_worker_publish(const OskPublishJob *job, OskPublishDone *out_done,
                             OskWorkerFate *out_fate, OskFault *fault)
{
    const OskRandom random = { .fill = osk_random_fill };
    Run run = { .job = job,
                .done = out_done,
                .limits = job->limits,
                .copy = -1,
                .fate = OSK_WORKER_BUSY,
                .fault = fault };
    run.limits.pixels = job->limits.pixels != 0 ? job->limits.pixels : OSK_PUBLISH_PIXELS;
    *out_done = (OskPublishDone){ 0 };
    OskStatus status = osk_identity_make(&run.reader, &random, fault);
    if (status == OSK_OK) {
        status = prove_copy(&run);
    }
    if (status == OSK_OK) {
        status = show(&run);
    }
    if (status != OSK_OK) {
        *out_done = (OskPublishDone){ 0 };
        (void)!ftruncate(job->output_fd, 0);
    }
    if (run.copy >= 0) {
        close(run.copy);
    }
    osk_identity_wipe(&run.reader);
    *out_fate = run.fate;
    return status;
}
