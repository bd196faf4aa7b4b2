/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target of multipart forms. However a form is cut, and however often it is put off, the
 * same is said; and what is said of a good one is what a second reader, who has all of it at once
 * and searches for boundaries, finds in it. */
#define _GNU_SOURCE /* memmem() */
#include "http/multipart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE "multipart/form-data; boundary=\"XyZ\""
#define BOUNDARY "--XyZ"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

/* What was said: a digest of it, for forms may be long. */
typedef struct Said {
    uint64_t digest;
    uint64_t data; /* bytes of all parts */
    unsigned parts;
    bool is_open;
    unsigned calls;
    unsigned seed; /* 0: nothing is put off */
    bool was_put_off;
} Said;

static void say(Said *said, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i++) {
        said->digest = (said->digest ^ at[i]) * 1099511628211u;
    }
}

static bool is_put_off(Said *said)
{
    said->calls++;
    bool off =
        said->seed > 0 && !said->was_put_off && (said->calls * 2654435761u + said->seed) >> 30 == 0;
    said->was_put_off = off;
    return off;
}

static OskFormStep on_begin(void *context, const OskFormPart *part)
{
    Said *said = context;
    hold(!said->is_open, "a part begins behind the end of the last one");
    hold(strnlen(part->name, sizeof(part->name)) < sizeof(part->name), "a name ends");
    hold(part->name[0] != 0, "a field has a name");
    hold(part->is_file || !part->is_empty_choice, "only a file can be an empty choice");
    said->is_open = true;
    said->parts++;
    say(said, part->name, strlen(part->name) + 1);
    say(said, "<", 1);
    return is_put_off(said) ? OSK_FORM_WAIT : OSK_FORM_ON;
}

static size_t on_data(void *context, const uint8_t *bytes, size_t len)
{
    Said *said = context;
    hold(said->is_open && len > 0, "data belongs to a part");
    size_t took = is_put_off(said) ? len / 2 : len;
    said->data += took;
    say(said, bytes, took);
    return took;
}

static OskFormStep on_end(void *context)
{
    Said *said = context;
    hold(said->is_open, "a part ends once");
    said->is_open = false;
    say(said, ">", 1);
    return is_put_off(said) ? OSK_FORM_WAIT : OSK_FORM_ON;
}

/* Feeds pieces of 1 to `most` bytes, each in a block of exactly its size. */
static OskStatus feed(OskMultipart *form, const uint8_t *data, size_t size, size_t most)
{
    OskFault fault = { 0 };
    size_t at = 0;
    while (at < size) {
        size_t len = size - at < most ? size - at : most;
        uint8_t *block = malloc(len);
        if (block == NULL) {
            abort();
        }
        memcpy(block, data + at, len);
        size_t taken = 0;
        OskStatus status = osk_multipart_feed(form, block, len, &taken, &fault);
        free(block);
        hold(taken <= len, "no more is taken than there is");
        if (status != OSK_OK) {
            hold(fault.offset <= size, "a fault lies in the body");
            return status;
        }
        at += taken;
    }
    return osk_multipart_end(form, &fault);
}

static OskStatus hear(Said *said, const uint8_t *data, size_t size, size_t most)
{
    OskMultipart *form = NULL;
    OskFault fault = { 0 };
    const OskMultipartEvents events = {
        .context = said, .part_begin = on_begin, .part_data = on_data, .part_end = on_end
    };
    hold(osk_multipart_open(&form, TYPE, &events, &fault) == OSK_OK, "the boundary is one");
    OskStatus status = feed(form, data, size, most);
    osk_multipart_free(&form);
    hold(status != OSK_BUG && status != OSK_MISUSE && status != OSK_IO,
         "a bad form is its own fault");
    hold(said->data <= size, "no byte is said twice");
    return status;
}

/* The second reader, of a form that was good. */
static void check_again(const Said *said, const uint8_t *data, size_t size)
{
    const uint8_t *end = data + size;
    const uint8_t *at = memmem(data, size, BOUNDARY, strlen(BOUNDARY));
    uint64_t bytes = 0;
    unsigned parts = 0;
    hold(at == data || at == data + 2, "a form begins with its boundary");
    for (at += strlen(BOUNDARY); memcmp(at, "--", 2) != 0; parts++) {
        const uint8_t *body = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
        hold(body != NULL, "headers end with an empty line");
        body += 4;
        const uint8_t *next =
            memmem(body, (size_t)(end - body), "\r\n" BOUNDARY, 2 + strlen(BOUNDARY));
        hold(next != NULL && end - next >= 9, "a part ends with a boundary");
        bytes += (uint64_t)(next - body);
        at = next + 2 + strlen(BOUNDARY);
    }
    hold(parts == said->parts && bytes == said->data, "both readers find the same");
}

static void open_any(const uint8_t *data, size_t size)
{
    const OskMultipartEvents events = { 0 };
    OskFault fault = { 0 };
    OskMultipart *form = NULL;
    char *type = malloc(size + 1);
    if (type == NULL) {
        abort();
    }
    memcpy(type, data, size);
    type[size] = 0;
    if (osk_multipart_open(&form, type, &events, &fault) != OSK_OK) {
        hold(form == NULL, "what is not open is not there");
    }
    osk_multipart_free(&form);
    free(type);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    const unsigned seed = data[0];
    const size_t most = 1 + data[1];
    data += 2;
    size -= 2;
    Said whole = { 0 };
    Said pieces = { .seed = seed };
    OskStatus status = hear(&whole, data, size, size > 0 ? size : 1);
    hold(hear(&pieces, data, size, most) == status, "cuts and waits change no status");
    hold(pieces.digest == whole.digest || status != OSK_OK, "cuts and waits change no word");
    hold(pieces.parts == whole.parts, "cuts and waits change no part");
    if (status == OSK_OK) {
        hold(!whole.is_open, "a good form ends no part early");
        check_again(&whole, data, size);
    }
    open_any(data, size);
    return 0;
}
