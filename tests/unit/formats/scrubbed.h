/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scrubbing a file that a test has put together, and looking at what came out. */
#ifndef TESTS_UNIT_FORMATS_SCRUBBED_H
#define TESTS_UNIT_FORMATS_SCRUBBED_H

#include "unit.h"

#include <string.h>

#include "base/writer.h"
#include "oilskin/oilskin.h"

typedef struct Scrubbed {
    OskStatus status;
    uint8_t *bytes;
    size_t len;
    size_t findings; /* in the input */
} Scrubbed;

static inline size_t count_findings(const uint8_t *bytes, size_t len)
{
    OskSource source = osk_source_from_memory(bytes, len);
    OskScrub *job = NULL;
    (void)osk_scrub_open(&source, NULL, &job);
    size_t count = 0;
    for (size_t i = 0; i < osk_report_count(osk_scrub_report(job)); i++) {
        count += osk_report_at(osk_scrub_report(job), i)->stays ? 0 : 1;
    }
    osk_scrub_free(&job);
    return count;
}

/* Scrubs, verifies, and proves that a second scrub finds nothing and changes nothing. Frees the
 * writer. */
static inline Scrubbed scrub(OskWriter *input)
{
    Scrubbed out = { .status = OSK_OK };
    assert_true(osk_writer_ok(input));
    out.findings = count_findings(input->bytes, input->len);
    out.status = osk_scrub_bytes(input->bytes, input->len, NULL, &out.bytes, &out.len, NULL);
    osk_writer_free(input);
    if (out.status == OSK_OK) {
        uint8_t *again = NULL;
        size_t again_len = 0;
        assert_int_equal(count_findings(out.bytes, out.len), 0);
        assert_int_equal(osk_scrub_bytes(out.bytes, out.len, NULL, &again, &again_len, NULL),
                         OSK_OK);
        assert_int_equal(again_len, out.len);
        assert_memory_equal(again, out.bytes, out.len);
        osk_bytes_free(&again);
    }
    return out;
}

static inline bool holds(const Scrubbed *s, const void *bytes, size_t len)
{
    for (size_t i = 0; i + len <= s->len; i++) {
        if (memcmp(s->bytes + i, bytes, len) == 0) {
            return true;
        }
    }
    return false;
}

static inline bool holds_text(const Scrubbed *s, const char *text)
{
    return holds(s, text, strlen(text));
}

/* The status of scrubbing a file that must not give an output. */
static inline OskStatus refusal(OskWriter *input)
{
    Scrubbed out = scrub(input);
    assert_null(out.bytes);
    return out.status;
}

#endif
