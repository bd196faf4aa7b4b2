/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "host/input.h"
#include "oilskin/format.h"
#include "oilskin/scrub.h"

/* Segments that are open at once: the parts of a video that are read in turn are few. */
#define OPEN_MAX 4u
#define PIECE_BYTES (64u * 1024)

/* ---- the sealed input, as one file in the clear ---- */

typedef struct Piece {
    OskUnsealed *file; /* NULL for a free place */
    uint32_t number;
    uint64_t used; /* the latest reading, to find who waits longest */
    uint64_t offset;
    OskSource source;
} Piece;

typedef struct Input {
    const OskStripSegment *segments;
    uint64_t *starts; /* of each segment in the clear, and the end */
    uint32_t count;
    uint64_t readings;
    Piece open[OPEN_MAX];
    OskStatus status; /* why a reading failed */
    OskFault *fault;
} Input;

static bool read_piece(void *context, uint64_t offset, void *out, size_t len)
{
    const Piece *piece = context;
    return osk_read_at(OSK_STRIP_INPUT_FD, piece->offset + offset, out, len);
}

/* The last segment that starts at or before `offset`; empty ones hold nothing. */
static uint32_t find_segment(const Input *input, uint64_t offset)
{
    uint32_t low = 0;
    uint32_t high = input->count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if (input->starts[middle] <= offset) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

/* The opened segment, opened now where it isn't; NULL with the status set. */
static Piece *open_piece(Input *input, uint32_t number)
{
    Piece *oldest = &input->open[0];
    for (size_t i = 0; i < OPEN_MAX; i++) {
        Piece *piece = &input->open[i];
        if (piece->file != NULL && piece->number == number) {
            piece->used = ++input->readings;
            return piece;
        }
        if (oldest->file != NULL && (piece->file == NULL || piece->used < oldest->used)) {
            oldest = piece;
        }
    }
    const OskStripSegment *segment = &input->segments[number];
    osk_unsealed_free(&oldest->file);
    oldest->number = number;
    oldest->used = ++input->readings;
    oldest->offset = segment->offset;
    oldest->source =
        (OskSource){ .context = oldest, .read = read_piece, .size = segment->sealed_len };
    input->status = osk_unseal_open_key(&oldest->file, &oldest->source, segment->key, input->fault);
    if (input->status == OSK_OK && osk_unsealed_len(oldest->file) < segment->plain_len) {
        input->status = osk_fault_set(input->fault, OSK_AUTH, "segment",
                                      "a piece is shorter than what was received", OSK_NO_OFFSET);
        osk_unsealed_free(&oldest->file);
    }
    return input->status == OSK_OK ? oldest : NULL;
}

static bool read_input(void *context, uint64_t offset, void *out, size_t len)
{
    Input *input = context;
    uint8_t *to = out;
    while (len > 0) {
        uint32_t number = find_segment(input, offset);
        uint64_t within = offset - input->starts[number];
        uint64_t left = input->segments[number].plain_len - within;
        size_t take = left < len ? (size_t)left : len;
        Piece *piece = open_piece(input, number);
        if (piece == NULL) {
            return false;
        }
        input->status = osk_unsealed_read(piece->file, within, to, take, input->fault);
        if (input->status != OSK_OK) {
            return false;
        }
        offset += take;
        to += take;
        len -= take;
    }
    return true;
}

static OskStatus open_input(Input *input, const OskStripAsk *ask, const OskStripSegment *segments,
                            OskFault *fault)
{
    *input = (Input){ .segments = segments, .count = ask->segment_count, .fault = fault };
    input->starts = calloc(ask->segment_count + 1, sizeof(*input->starts));
    if (input->starts == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "request", "not enough memory", OSK_NO_OFFSET);
    }
    for (uint32_t i = 0; i < ask->segment_count; i++) {
        input->starts[i + 1] = input->starts[i] + segments[i].plain_len;
    }
    return OSK_OK;
}

static void close_input(Input *input)
{
    for (size_t i = 0; i < OPEN_MAX; i++) {
        osk_unsealed_free(&input->open[i].file);
    }
    free(input->starts);
}

/* ---- the copy ---- */

typedef struct Output {
    OskSealer sealer;
    OskSha256 hash;
    uint64_t len; /* sealed bytes in the file */
    uint64_t max;
    uint8_t key[OSK_SEAL_FILE_KEY_BYTES];
    OskStatus status; /* why a writing failed */
    OskFault *fault;
} Output;

static bool write_file(void *context, const void *bytes, size_t len)
{
    Output *output = context;
    const uint8_t *from = bytes;
    if (len > output->max - output->len) {
        output->status =
            osk_fault_set(output->fault, OSK_LIMIT, "copy",
                          "the copy became longer than the room for it", OSK_NO_OFFSET);
        return false;
    }
    for (size_t at = 0; at < len;) {
        ssize_t wrote = pwrite(OSK_STRIP_OUTPUT_FD, from + at, len - at, (off_t)(output->len + at));
        if (wrote < 0 && errno != EINTR) {
            output->status = osk_fault_set(output->fault, OSK_IO, "copy",
                                           "the copy can't be written: the disk is full, or broken",
                                           OSK_NO_OFFSET);
            return false;
        }
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    output->len += len;
    return true;
}

static bool write_plain(void *context, const void *bytes, size_t len)
{
    Output *output = context;
    osk_sha256_add(&output->hash, bytes, len);
    OskStatus status = osk_sealer_write(&output->sealer, bytes, len, output->fault);
    output->status = output->status == OSK_OK ? status : output->status;
    return status == OSK_OK;
}

static OskStatus write_zeros(Output *output, uint64_t len)
{
    static const uint8_t zeros[4096];
    OskStatus status = OSK_OK;
    while (status == OSK_OK && len > 0) {
        size_t take = len < sizeof(zeros) ? (size_t)len : sizeof(zeros);
        status = osk_sealer_write(&output->sealer, zeros, take, output->fault);
        len -= take;
    }
    return status;
}

/* The plan is applied into a seal; behind the copy come zeros, so that its length says little. */
static OskStatus seal_copy(OskScrub *scrub, const OskStripAsk *ask, const OskRandom *random,
                           Output *output, OskStripDone *done)
{
    const OskSealTo to = { .recipients = ask->recipients,
                           .count = ask->recipient_count,
                           .random = random };
    const OskSink file = { .context = output, .write = write_file };
    const OskSink plain = { .context = output, .write = write_plain };
    osk_sha256_begin(&output->hash);
    OskStatus status = osk_sealer_open(&output->sealer, &to, &file, output->key, output->fault);
    if (status == OSK_OK) {
        status = osk_scrub_apply(scrub, &plain);
        /* What failed beneath it says more than that writing failed. */
        status = output->status != OSK_OK ? output->status : status;
    }
    if (status == OSK_OK) {
        done->plain_len = osk_scrub_output_size(scrub);
        status = write_zeros(output, osk_seal_padded_len(done->plain_len) - done->plain_len);
    }
    if (status == OSK_OK) {
        status = osk_sealer_finish(&output->sealer, output->fault);
    }
    osk_sealer_wipe(&output->sealer);
    osk_sha256_end(&output->hash, done->after);
    done->output_len = output->len;
    return status;
}

/* ---- the second opinion, on what lies on the disk ---- */

typedef struct Written {
    OskUnsealed *file;
} Written;

static bool read_output(void *context, uint64_t offset, void *out, size_t len)
{
    (void)context;
    return osk_read_at(OSK_STRIP_OUTPUT_FD, offset, out, len);
}

static bool read_copy(void *context, uint64_t offset, void *out, size_t len)
{
    const Written *written = context;
    return osk_unsealed_read(written->file, offset, out, len, NULL) == OSK_OK;
}

static OskStatus verify_copy(OskScrub *scrub, const Output *output, const OskStripDone *done)
{
    const OskSource sealed = { .read = read_output, .size = output->len };
    Written written = { NULL };
    OskStatus status = osk_unseal_open_key(&written.file, &sealed, output->key, output->fault);
    if (status == OSK_OK) {
        const OskSource copy = { .context = &written, .read = read_copy, .size = done->plain_len };
        status = osk_scrub_verify(scrub, &copy);
    }
    osk_unsealed_free(&written.file);
    return status;
}

/* ---- the whole ---- */

static OskStatus hash_input(Input *input, uint64_t len, uint8_t out[32])
{
    uint8_t *piece = malloc(PIECE_BYTES);
    OskSha256 hash;
    bool done = piece != NULL;
    osk_sha256_begin(&hash);
    for (uint64_t at = 0; done && at < len;) {
        size_t take = len - at < PIECE_BYTES ? (size_t)(len - at) : PIECE_BYTES;
        done = read_input(input, at, piece, take);
        if (done) {
            osk_sha256_add(&hash, piece, take);
        }
        at += take;
    }
    osk_sha256_end(&hash, out);
    if (piece != NULL) {
        osk_seal_wipe(piece, PIECE_BYTES);
    }
    free(piece);
    return done            ? OSK_OK
           : piece == NULL ? osk_fault_set(input->fault, OSK_NO_MEMORY, "request",
                                           "not enough memory", OSK_NO_OFFSET)
                           : input->status;
}

static void count_findings(const OskScrub *scrub, OskStripDone *done)
{
    const OskReport *report = osk_scrub_report(scrub);
    for (size_t i = 0; i < osk_report_count(report); i++) {
        const OskFinding *finding = osk_report_at(report, i);
        if (finding->kind < OSK_KIND_COUNT) {
            done->findings++;
            done->kinds |= UINT32_C(1) << finding->kind;
        }
    }
}

static OskStatus scrub_input(Input *input, const OskStripAsk *ask, const OskRandom *random,
                             OskStripDone *done)
{
    const OskSource source = { .context = input, .read = read_input, .size = ask->plain_len };
    const OskScrubOptions options = { .limits = ask->limits };
    OskScrub *scrub = NULL;
    Output *output = calloc(1, sizeof(*output));
    OskStatus status = osk_scrub_open(&source, &options, &scrub);
    if (status == OSK_OK && output == NULL) {
        status = osk_fault_set(input->fault, OSK_NO_MEMORY, "request", "not enough memory",
                               OSK_NO_OFFSET);
    }
    if (status == OSK_OK) {
        output->max = ask->output_max;
        output->fault = input->fault;
        const char *name = osk_scrub_format(scrub)->name;
        memcpy(done->format, name, strnlen(name, sizeof(done->format) - 1));
        count_findings(scrub, done);
        status = seal_copy(scrub, ask, random, output, done);
    }
    if (status == OSK_OK) {
        status = verify_copy(scrub, output, done);
    }
    if (status != OSK_OK && input->status != OSK_OK) {
        status = input->status;
    } else if (status != OSK_OK && scrub != NULL && osk_scrub_fault(scrub)->status == status &&
               (output == NULL || output->status == OSK_OK) && input->fault->status == OSK_OK) {
        *input->fault = *osk_scrub_fault(scrub);
    }
    osk_scrub_free(&scrub);
    if (output != NULL) {
        osk_seal_wipe(output, sizeof(*output));
    }
    free(output);
    return status;
}

OskStatus osk_strip(const OskStripAsk *ask, const OskStripSegment *segments,
                    const OskRandom *random, OskStripDone *done, OskFault *fault)
{
    Input input;
    *done = (OskStripDone){ 0 };
    OskStatus status = open_input(&input, ask, segments, fault);
    if (status == OSK_OK) {
        status = hash_input(&input, ask->plain_len, done->before);
    }
    if (status == OSK_OK) {
        status = scrub_input(&input, ask, random, done);
    }
    close_input(&input);
    return status;
}
