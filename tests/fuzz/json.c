/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fuzz target of JSON: what was read is written, read again and written again, alike. */
#include "http/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "invariant broken: %s\n", what);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const keys[] = { "receipt", "message", NULL };
    OskJson *value = NULL;
    OskFault fault = { 0 };
    OskStatus status = osk_json_read(&value, (const char *)data, size, &fault);
    if (status != OSK_OK) {
        hold(value == NULL, "a refusal gives nothing");
        hold(fault.status == status && fault.what != NULL, "a refusal says why");
        hold(fault.offset <= size, "a fault stands in the input");
        return 0;
    }
    size_t len = 0;
    char *first = osk_json_write(value, &len);
    if (first != NULL) {
        OskJson *again = NULL;
        size_t again_len = 0;
        hold(osk_json_read(&again, first, len, &fault) == OSK_OK, "what is written can be read");
        char *second = osk_json_write(again, &again_len);
        hold(second != NULL && again_len == len && memcmp(first, second, len) == 0,
             "and written alike");
        osk_json_text_free(second);
        osk_json_free(&again);
    }
    osk_json_text_free(first);
    const char *text = osk_json_text(osk_json_get(value, "receipt"));
    hold(text == NULL || strlen(text) < size, "a text is no longer than the input");
    if (osk_json_has_only(value, keys)) {
        hold(osk_json_count(value) == 0, "an object is no list");
    }
    for (size_t i = 0; i < osk_json_count(value); i++) {
        hold(osk_json_at(value, i) != NULL, "a list has what it counts");
    }
    osk_json_free(&value);
    return 0;
}
