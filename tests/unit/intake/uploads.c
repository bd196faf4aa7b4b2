/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "uploads.h"

#include "unit.h"

#include <string.h>

RigAnswer got;

static OskErrands *errands;
OskTus *tus;
static const OskRoute *route;

int uploads_set_up(void **state)
{
    (void)state;
    static OskIntakeOptions options = { .file_max = 1000,
                                        .categories = { { .id = "protest" },
                                                        { .id = "closed", .paused = true } },
                                        .category_count = 2 };
    rig_reset();
    if (osk_errands_open(&errands, 3) != OSK_OK) {
        return -1;
    }
    OskIntakeParts parts = { .errands = errands };
    if (osk_tus_open(&tus, &parts, &options) != OSK_OK) {
        return -1;
    }
    route = osk_tus_routes(tus);
    return 0;
}

int uploads_tear_down(void **state)
{
    (void)state;
    osk_errands_close(&errands);
    osk_tus_close(&tus);
    return 0;
}

const char *uploads_ask(const RigAsk *asked)
{
    rig_ask(route, asked, &got);
    return got.body;
}

void assert_header(const char *name, const char *value)
{
    const char *is = rig_header(&got, name);
    if (value == NULL) {
        assert_null(is);
    } else {
        assert_non_null(is);
        assert_string_equal(is, value);
    }
}

void assert_submitted(const char *bytes)
{
    assert_int_equal(rig.submitted, 1);
    assert_int_equal(rig.submitted_len, strlen(bytes));
    assert_memory_equal(rig.submitted_bytes, bytes, strlen(bytes));
}

void create(const char *len)
{
    ASK("POST", "/uploads/", { V, { "Upload-Length", len } });
    assert_int_equal(got.status, 201);
}
