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

#include "oilskin/edit.h"
#include "oilskin/format.h"
#include "pixels/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* x265 forgets some copies of its parameters, and libheif what it asked dav1d for, for a picture
 * without data. The checker finds this by its name. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libx265.so\nleak:dav1d_data_create\n";
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

static OskEditAsk make_ask(uint8_t how, const char *format, const uint8_t *bytes, size_t len)
{
    bool covers = (how & 4) != 0;
    return (OskEditAsk){ .op = how % 4 == 0 ? OSK_EDIT_RENDER : OSK_EDIT_REDACT,
                         .format = format,
                         .output_format = how % 4 == 0 ? "png" : "",
                         .bytes = bytes,
                         .len = len,
                         .regions = covers ? (const uint8_t *)regions : NULL,
                         .regions_len = covers ? sizeof(regions) - 1 : 0,
                         .turn = (how >> 3 & 3u) * 90,
                         .mirror = (how & 32) != 0,
                         .resize = (how & 64) != 0 ? 16 : 0,
                         .limits = { .memory = 256u << 20, .parts = 1u << 22, .pixels = 1u << 16 },
                         .random = { .fill = fill_fixed },
                         .output_max = 64u << 20 };
}

static void read_again(const uint8_t *bytes, size_t len, const OskEditAsk *ask)
{
    uint8_t *none = NULL;
    size_t none_len = 0;
    OskEditDone done;
    OskFault fault = { .status = OSK_OK };
    const OskEditAsk again = { .op = OSK_EDIT_INFO,
                               .format = ask->op == OSK_EDIT_RENDER ? "png" : ask->format,
                               .output_format = "",
                               .bytes = bytes,
                               .len = len };
    OskStatus status = osk_edit_bytes(&again, &none, &none_len, &done, &fault);
    if (status != OSK_OK) {
        fprintf(stderr, "%s: %s\n", fault.part, fault.what);
    }
    must(status == OSK_OK, "an output that is read");
    must(ask->resize == 0 || (done.info.width <= 16 && done.info.height <= 16),
         "an output of the size that was asked for");
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
    uint8_t *bytes = malloc(size);
    uint8_t *made = NULL;
    size_t made_len = 0;
    OskEditDone done;
    OskFault fault = { .status = OSK_OK };
    if (bytes == NULL) {
        return 0;
    }
    memcpy(bytes, data, size);
    const OskEditAsk ask = make_ask(how, format->name, bytes, size);
    OskStatus status = osk_edit_bytes(&ask, &made, &made_len, &done, &fault);
    must(status != OSK_BUG && status != OSK_MISUSE, "neither bug nor misuse");
    must((status == OSK_OK) == (fault.status == OSK_OK), "a fault where something failed");
    if (status == OSK_OK) {
        read_again(made, made_len, &ask);
    }
    free(made);
    free(bytes);
    return 0;
}
