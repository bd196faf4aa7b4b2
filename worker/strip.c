/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strip.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "host/input.h"
#include "oilskin/format.h"
#include "oilskin/scrub.h"
#include "sealed.h"

#define PIECE_BYTES (64u * 1024)

/* ---- the copy ---- */

typedef struct Copy {
    OskSealedOutput output;
    OskSha256 hash;
} Copy;

static bool write_plain(void *context, const void *bytes, size_t len)
{
    Copy *copy = context;
    osk_sha256_add(&copy->hash, bytes, len);
    return osk_sealed_write(&copy->output, bytes, len);
}

/* The plan is applied into a seal. */
static OskStatus seal_copy(OskScrub *scrub, const OskStripAsk *ask, const OskRandom *random,
                           Copy *copy, OskStripDone *done)
{
    OskSealedOutput *output = &copy->output;
    const OskSink plain = { .context = copy, .write = write_plain };
    const OskSealTo to = { .recipients = ask->recipients,
                           .count = ask->recipient_count,
                           .random = random,
                           .names_list = true };
    output->max = ask->output_max;
    osk_sha256_begin(&copy->hash);
    OskStatus status = osk_sealed_begin(output, &to);
    if (status == OSK_OK) {
        status = osk_scrub_apply(scrub, &plain);
        /* What failed beneath it says more than that writing failed. */
        status = output->status != OSK_OK ? output->status : status;
    }
    if (status == OSK_OK) {
        done->plain_len = osk_scrub_output_size(scrub);
        status = osk_sealed_end(output, done->plain_len);
    }
    osk_sealer_wipe(&output->sealer);
    osk_sha256_end(&copy->hash, done->after);
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

static OskStatus verify_copy(OskScrub *scrub, const OskSealedOutput *output,
                             const OskStripDone *done)
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

static OskStatus hash_input(OskSealedInput *input, uint64_t len, uint8_t out[32])
{
    uint8_t *piece = malloc(PIECE_BYTES);
    OskSha256 hash;
    bool done = piece != NULL;
    osk_sha256_begin(&hash);
    for (uint64_t at = 0; done && at < len;) {
        size_t take = len - at < PIECE_BYTES ? (size_t)(len - at) : PIECE_BYTES;
        done = osk_sealed_read(input, at, piece, take);
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

static OskStatus scrub_input(OskSealedInput *input, const OskStripAsk *ask, const OskRandom *random,
                             OskStripDone *done)
{
    const OskSource source = { .context = input, .read = osk_sealed_read, .size = ask->plain_len };
    const OskScrubOptions options = { .limits = ask->limits };
    OskScrub *scrub = NULL;
    Copy *copy = calloc(1, sizeof(*copy));
    OskStatus status = osk_scrub_open(&source, &options, &scrub);
    if (status == OSK_OK && copy == NULL) {
        status = osk_fault_set(input->fault, OSK_NO_MEMORY, "request", "not enough memory",
                               OSK_NO_OFFSET);
    }
    if (status == OSK_OK) {
        copy->output.fault = input->fault;
        const char *name = osk_scrub_format(scrub)->name;
        memcpy(done->format, name, strnlen(name, sizeof(done->format) - 1));
        count_findings(scrub, done);
        status = seal_copy(scrub, ask, random, copy, done);
    }
    if (status == OSK_OK) {
        status = verify_copy(scrub, &copy->output, done);
    }
    if (status != OSK_OK && input->status != OSK_OK) {
        status = input->status;
    } else if (status != OSK_OK && scrub != NULL && osk_scrub_fault(scrub)->status == status &&
               (copy == NULL || copy->output.status == OSK_OK) && input->fault->status == OSK_OK) {
        *input->fault = *osk_scrub_fault(scrub);
    }
    osk_scrub_free(&scrub);
    if (copy != NULL) {
        osk_seal_wipe(copy, sizeof(*copy));
    }
    free(copy);
    return status;
}

OskStatus osk_strip(const OskStripAsk *ask, const OskStripSegment *segments,
                    const OskRandom *random, OskStripDone *done, OskFault *fault)
{
    OskSealedInput input;
    *done = (OskStripDone){ 0 };
    OskStatus status = osk_sealed_open(&input, ask, segments, fault);
    if (status == OSK_OK) {
        status = hash_input(&input, ask->plain_len, done->before);
    }
    if (status == OSK_OK) {
        status = scrub_input(&input, ask, random, done);
    }
    osk_sealed_close(&input);
    return status;
}
