/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration of a drop: any text is taken or refused with a reason, and what is taken can be
 * finished or names what is missing. */
#include <stdlib.h>
#include <string.h>

#include "cli/serve_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* A text that ends within its room. */
static void must_end(const char *text, size_t room)
{
    must(memchr(text, 0, room) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static OskServeConfig config;
    OskConfigFault fault;
    char *text = malloc(size > 0 ? size : 1);
    must(text != NULL);
    memcpy(text, data, size);
    osk_config_init(&config);
    bool fits = osk_config_parse(&config, text, size, &fault);
    must(fits || (fault.what != NULL && fault.what[0] != 0));
    must_end(fault.key, sizeof(fault.key));
    must(config.listen_count <= OSK_CONFIG_LISTEN_MAX);
    must(config.recipient_count <= OSK_CONFIG_RECIPIENTS_MAX);
    must(config.intake.category_count <= OSK_INTAKE_CATEGORIES_MAX);
    must_end(config.data, sizeof(config.data));
    must_end(config.intake.notice.operator_name, sizeof(config.intake.notice.operator_name));
    for (size_t i = 0; i < config.intake.category_count; i++) {
        must_end(config.intake.categories[i].id, OSK_CATEGORY_BYTES);
        must(config.intake.categories[i].id[0] != 0);
    }
    if (fits && osk_config_finish(&config, &fault)) {
        must(config.intake.notice.operator_name[0] != 0 && config.listen_count > 0);
    }
    free(text);
    return 0;
}
