/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target of the codecs, and of the driver between them: a whole job over any picture that
 * there is a decoder for. A sum over the bytes says which job, so that plain pictures are seeds.
 *
 * Pictures beyond 256 by 256 are refused by their budget: an encoder that searches for its quality
 * takes seconds for them here. What holds for every input: no bug and no misuse; what is written
 * can be read again as a picture of the size that was asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oilskin/format.h"
#include "pixels/codec.h"
#include "worker/job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* x265 forgets some copies of its parameters. The checker finds this by its name. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libx265.so\n";
}

static const char regions[] =
    "{\"version\":1,\"regions\":["
    "{\"shape\":\"rect\",\"unit\":\"pct\",\"x\":10,\"y\":10,\"w\":30,\"h\":30,\"style\":\"blur\"},"
    "{\"shape\":\"ellipse\",\"unit\":\"pct\",\"x\":50,\"y\":50,\"w\":30,\"h\":30,"
    "\"style\":\"mosaic\"},"
    "{\"shape\":\"rect\",\"x\":0,\"y\":0,\"w\":3,\"h\":3,\"color\":\"#20c040\"}]}";

static bool fill_fixed(void *context, void *out, size_t len)
{
    (void)context;
    memset(out, 0x5A, len);
    return true;
}

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

static OskWorkerAsk make_ask(uint8_t how, const char *format, size_t len)
{
    OskWorkerAsk ask = { .op = how % 4 == 0 ? OSK_WORKER_RENDER : OSK_WORKER_REDACT,
                         .has_regions = (how & 4) != 0,
                         .turn = (how >> 3 & 3u) * 90,
                         .mirror = (how & 32) != 0,
                         .resize = (how & 64) != 0 ? 16 : 0,
                         .limits = { .memory = 256u << 20, .parts = 1u << 22, .pixels = 1u << 16 },
                         .input_len = len,
                         .output_capacity = 64u << 20 };
    size_t letters = strlen(format);
    memcpy(ask.format, format, letters < sizeof(ask.format) ? letters : 0);
    if (ask.op == OSK_WORKER_RENDER) {
        memcpy(ask.output_format, "png", 4);
    }
    ask.regions_len = ask.has_regions ? sizeof(regions) - 1 : 0;
    return ask;
}

static void read_again(const OskWriter *out, const OskWorkerAsk *ask)
{
    OskWriter none;
    OskWorkerDone done;
    OskWorkerAsk again = { .op = OSK_WORKER_INFO, .input_len = out->len };
    OskFault fault = { .status = OSK_OK };
    memcpy(again.format, ask->op == OSK_WORKER_RENDER ? ask->output_format : ask->format,
           sizeof(again.format));
    const OskJob job = { .ask = &again, .bytes = out->bytes };
    osk_writer_init(&none, 1);
    OskStatus status = osk_job_run(&job, &none, &done, &fault);
    if (status != OSK_OK) {
        fprintf(stderr, "%s: %s\n", fault.part, fault.what);
    }
    must(status == OSK_OK, "an output that is read");
    must(ask->resize == 0 || (done.info.width <= 16 && done.info.height <= 16),
         "an output of the size that was asked for");
    osk_writer_free(&none);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const OskFormatInfo *format = size > 0 ? osk_probe(data, size) : NULL;
    if (format == NULL || osk_codec_find(format->name) == NULL) {
        return -1;
    }
#ifdef OSK_FUZZ_FORMAT
    if (strcmp(format->name, OSK_FUZZ_FORMAT) != 0) {
        return -1;
    }
#endif
    uint8_t how = 0;
    for (size_t i = 0; i < size; i++) {
        how = (uint8_t)(how * 31 + data[i]);
    }
    OskWorkerAsk ask = make_ask(how, format->name, size);
    uint8_t *bytes = malloc(size);
    OskWriter out;
    OskWorkerDone done;
    OskFault fault = { .status = OSK_OK };
    if (bytes == NULL) {
        return 0;
    }
    memcpy(bytes, data, size);
    const OskJob job = { .ask = &ask,
                         .bytes = bytes,
                         .regions = ask.has_regions ? (const uint8_t *)regions : NULL,
                         .random = { .fill = fill_fixed } };
    osk_writer_init(&out, (size_t)ask.output_capacity);
    OskStatus status = osk_job_run(&job, &out, &done, &fault);
    must(status != OSK_BUG && status != OSK_MISUSE, "neither bug nor misuse");
    must((status == OSK_OK) == (fault.status == OSK_OK), "a fault where something failed");
    if (status == OSK_OK && osk_writer_ok(&out)) {
        read_again(&out, &ask);
    }
    osk_writer_free(&out);
    free(bytes);
    return 0;
}
