/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oilskin/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/limits.h"
#include "verify/checker.h"

#define HEAD_BYTES ((size_t)64 << 10)

extern const OskChecker osk_checker_bmp;
extern const OskChecker osk_checker_gif;
extern const OskChecker osk_checker_heif;
extern const OskChecker osk_checker_jpeg;
extern const OskChecker osk_checker_jxl;
extern const OskChecker osk_checker_matroska;
extern const OskChecker osk_checker_png;
extern const OskChecker osk_checker_tiff;
extern const OskChecker osk_checker_webp;

extern const OskChecker osk_checker_movie;
static const OskChecker *const checkers[] = {
    &osk_checker_jpeg,
    &osk_checker_png,
    &osk_checker_gif,
    &osk_checker_webp,
    &osk_checker_tiff,
    &osk_checker_bmp,
    &osk_checker_matroska,
    &osk_checker_jxl,
    &osk_checker_heif,
    &osk_checker_movie,
    NULL, /* ends the list */
};

const OskChecker *osk_checkers_at(size_t index)
{
    return index < sizeof(checkers) / sizeof(checkers[0]) ? checkers[index] : NULL;
}

void osk_check_found(OskCheck *check, const char *part, const char *what, uint64_t offset)
{
    osk_check_found_as(check, "verify.found", part, what, offset);
}

void osk_check_found_as(OskCheck *check, const char *field, const char *part, const char *what,
                        uint64_t offset)
{
    check->found = true;
    osk_fault_set(check->fault, OSK_FOUND, part, what, offset);
    osk_report_add(
        check->report,
        (OskFact){
            .kind = OSK_KIND_OTHER, .part = part, .field = field, .label = what, .offset = offset },
        NULL);
}

OskStatus osk_check_fail(OskCheck *check, OskStatus status, const char *part, const char *what,
                         uint64_t offset)
{
    /* What was found until then stands in the report; the fault says why it ended. */
    if (check->fault != NULL && check->fault->status == OSK_FOUND) {
        *check->fault = (OskFault){ .status = OSK_OK };
    }
    return osk_fault_set(check->fault, status, part, what, offset);
}

OskStatus osk_check_read(OskCheck *check, uint64_t offset, void *out, size_t len)
{
    if (!osk_range_within(offset, len, check->size)) {
        return osk_check_fail(check, OSK_TRUNCATED, "file", "the file ends early", check->size);
    }
    if (len == 0) {
        return OSK_OK;
    }
    if (check->bytes != NULL) {
        memcpy(out, check->bytes + offset, len);
        return OSK_OK;
    }
    if (!check->source->read(check->source->context, offset, out, len)) {
        return osk_check_fail(check, OSK_IO, "file", "the file could not be read", offset);
    }
    return OSK_OK;
}

OskStatus osk_check_load(OskCheck *check, uint64_t offset, uint64_t len, OskCursor *out)
{
    if (!osk_range_within(offset, len, check->size)) {
        return osk_check_fail(check, OSK_TRUNCATED, "file", "the file ends early", check->size);
    }
    if (check->bytes != NULL) {
        *out = osk_cursor_make(check->bytes + offset, (size_t)len, offset);
        return OSK_OK;
    }
    uint8_t *copy = len <= SIZE_MAX ? osk_arena_alloc(check->arena, (size_t)len) : NULL;
    if (copy == NULL) {
        return osk_check_fail(check, OSK_NO_MEMORY, "file", "not enough memory", offset);
    }
    OskStatus status = osk_check_read(check, offset, copy, (size_t)len);
    if (status == OSK_OK) {
        *out = osk_cursor_make(copy, (size_t)len, offset);
    }
    return status;
}

bool osk_check_is_attested(const OskCheck *check, uint64_t offset, uint64_t len)
{
    size_t low = 0;
    size_t high = check->attested_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (check->attested[middle].offset <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    /* Ranges that touch count as one. */
    uint64_t at = offset;
    uint64_t end = 0;
    if (low == 0 || !osk_add_u64(offset, len, &end)) {
        return false;
    }
    for (size_t i = low - 1; i < check->attested_count && check->attested[i].offset <= at; i++) {
        at = check->attested[i].offset + check->attested[i].len;
        if (at >= end) {
            return true;
        }
    }
    return false;
}

static const OskChecker *find_checker(OskCheck *check)
{
    if (check->size == 0) {
        osk_check_fail(check, OSK_TRUNCATED, "file", "the file is empty", 0);
        osk_fault_next(check->fault, "get it again from where it came from: nothing of it arrived");
        return NULL;
    }
    size_t len = check->size < HEAD_BYTES ? (size_t)check->size : HEAD_BYTES;
    OskCursor head = osk_cursor_make(NULL, 0, 0);
    if (osk_check_load(check, 0, len, &head) != OSK_OK) {
        return NULL;
    }
    for (size_t i = 0; osk_checkers_at(i) != NULL; i++) {
        if (osk_checkers_at(i)->matches(osk_cursor_rest(&head), len)) {
            return osk_checkers_at(i);
        }
    }
    osk_check_fail(check, OSK_UNSUPPORTED, "file", "this is no format that we can verify", 0);
    return NULL;
}

OskStatus osk_verify_attested(OskCheck *check)
{
    check->bytes = check->source->bytes;
    const OskChecker *checker = find_checker(check);
    if (checker == NULL) {
        return check->fault->status;
    }
    if (checker->whole && check->bytes == NULL) {
        if (check->size > OSK_LIMIT_STILL_BYTES) {
            return osk_check_fail(check, OSK_LIMIT, "file", "larger than a picture may be", 0);
        }
        OskCursor all = osk_cursor_make(NULL, 0, 0);
        OskStatus status = osk_check_load(check, 0, check->size, &all);
        if (status != OSK_OK) {
            return status;
        }
        check->bytes = osk_cursor_rest(&all);
    }
    OskStatus status = checker->check(check);
    if (status == OSK_OK && check->report != NULL && check->report->failed) {
        status = osk_check_fail(check, OSK_NO_MEMORY, "file", "not enough memory", 0);
    }
    if (status == OSK_OK && check->found) {
        status = OSK_FOUND;
    }
    return status;
}

OskStatus osk_verify(const OskSource *source, const OskLimits *limits, OskReport **out_report,
                     OskFault *fault)
{
    OskBudget budget = osk_budget_from(limits);
    OskFault own_fault = { .status = OSK_OK };
    OskReport *report = malloc(sizeof(*report));
    if (report == NULL) {
        osk_fault_set(fault, OSK_NO_MEMORY, "file", "not enough memory", 0);
        return OSK_NO_MEMORY;
    }
    osk_report_init(report);
    OskArena arena;
    osk_arena_init(&arena, &budget);
    OskCheck check = { .source = source,
                       .size = source->size,
                       .budget = &budget,
                       .arena = &arena,
                       .report = report,
                       .fault = &own_fault };
    OskStatus status = osk_verify_attested(&check);
    osk_arena_free(&arena);
    if (fault != NULL) {
        *fault = own_fault;
    }
    if (out_report != NULL) {
        *out_report = report;
    } else {
        osk_report_free(&report);
    }
    return status;
}

void osk_report_free(OskReport **report)
{
    if (*report != NULL) {
        osk_report_clear(*report);
        free(*report);
        *report = NULL;
    }
}
