/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a report must tell. */
#ifndef TESTS_UNIT_PARTS_TOLD_H
#define TESTS_UNIT_PARTS_TOLD_H

#include <string.h>

#include "oilskin/report.h"
#include "unit.h"

static inline void expect(const OskReport *report, const char *field, OskKind kind,
                          const char *value)
{
    for (size_t i = 0; i < osk_report_count(report); i++) {
        const OskFinding *f = osk_report_at(report, i);
        if (strcmp(f->field, field) == 0 && strcmp(f->value, value) == 0) {
            assert_int_equal(f->kind, kind);
            return;
        }
    }
    fail_msg("%s = %s is not told", field, value);
}

#endif
