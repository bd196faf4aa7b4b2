/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all walks share: rows of a policy, faults, budgets, and reading the source. */
#include <string.h>

#include "base/checked.h"
#include "formats/format.h"
#include "parts/icc.h"

const OskPart *osk_part_find(const OskPart *parts, size_t count, uint64_t tag)
{
    for (size_t i = 0; i < count; i++) {
        if (parts[i].tag == tag) {
            return &parts[i];
        }
    }
    return NULL;
}

OskStatus osk_walk_fail(OskWalk *walk, OskStatus status, const char *part, const char *what,
                        uint64_t offset)
{
    return osk_fault_set(walk->fault, status, part, what, offset);
}

void osk_walk_inspect_profile(OskWalk *walk, OskCursor profile, const char *part)
{
    osk_icc_inspect(profile, part, walk->report, walk->budget, walk->options->icc == OSK_ICC_KEEP);
}

OskStatus osk_walk_take_profile(OskWalk *walk, OskCursor profile, const char *part, OskWriter *out)
{
    if (walk->options->icc == OSK_ICC_DROP) {
        return OSK_OK;
    }
    bool keeps = walk->options->icc == OSK_ICC_KEEP;
    OskWriter spare; /* a kept profile is rebuilt too, to know whether a reader can use it */
    osk_writer_init(&spare, SIZE_MAX / 2);
    OskFault fault = { .status = OSK_OK };
    OskStatus status = osk_icc_rebuild(profile, walk->budget, keeps ? &spare : out, &fault);
    osk_writer_free(&spare);
    if (status == OSK_MALFORMED || status == OSK_TRUNCATED) {
        return OSK_OK;
    }
    if (keeps && (status == OSK_OK || status == OSK_UNSUPPORTED)) {
        osk_writer_bytes(out, osk_cursor_rest(&profile), osk_cursor_left(&profile));
        status = osk_writer_ok(out) ? OSK_OK : OSK_NO_MEMORY;
    }
    if (status == OSK_NO_MEMORY) {
        return osk_walk_no_memory(walk, part, osk_cursor_offset(&profile));
    }
    if (status != OSK_OK) {
        osk_walk_fail(walk, status, part, fault.what, osk_cursor_offset(&profile));
    }
    if (status == OSK_UNSUPPORTED) {
        osk_fault_next(walk->fault,
                       "run again with --icc=drop to remove the colour profile (colours "
                       "may shift), or with --icc=keep to leave it as it is");
    }
    return status;
}

OskStatus osk_walk_no_memory(OskWalk *walk, const char *part, uint64_t offset)
{
    return osk_walk_fail(walk, OSK_NO_MEMORY, part, "not enough memory for this part", offset);
}

bool osk_walk_spend(OskWalk *walk, uint64_t count, const char *part, uint64_t offset)
{
    if (osk_budget_parts(walk->budget, count)) {
        return true;
    }
    osk_walk_fail(walk, OSK_LIMIT, part, "more parts than one file may have", offset);
    return false;
}

OskStatus osk_walk_read(OskWalk *walk, uint64_t offset, void *out, size_t len)
{
    if (!osk_range_within(offset, len, walk->size)) {
        return osk_walk_fail(walk, OSK_TRUNCATED, "file", "the file ends early", walk->size);
    }
    if (len == 0) {
        return OSK_OK;
    }
    const uint8_t *bytes = walk->bytes != NULL ? walk->bytes : walk->source->bytes;
    if (bytes != NULL) {
        memcpy(out, bytes + offset, len);
        return OSK_OK;
    }
    if (!walk->source->read(walk->source->context, offset, out, len)) {
        return osk_walk_fail(walk, OSK_IO, "file", "the file could not be read", offset);
    }
    return OSK_OK;
}

OskStatus osk_walk_load(OskWalk *walk, uint64_t offset, uint64_t len, OskCursor *out)
{
    if (!osk_range_within(offset, len, walk->size)) {
        return osk_walk_fail(walk, OSK_TRUNCATED, "file", "the file ends early", walk->size);
    }
    const uint8_t *bytes = walk->bytes != NULL ? walk->bytes : walk->source->bytes;
    if (bytes != NULL) {
        *out = osk_cursor_make(bytes + offset, (size_t)len, offset);
        return OSK_OK;
    }
    uint8_t *copy = len <= SIZE_MAX ? osk_arena_alloc(walk->arena, (size_t)len) : NULL;
    if (copy == NULL) {
        return osk_walk_no_memory(walk, "file", offset);
    }
    OskStatus status = osk_walk_read(walk, offset, copy, (size_t)len);
    if (status == OSK_OK) {
        *out = osk_cursor_make(copy, (size_t)len, offset);
    }
    return status;
}
