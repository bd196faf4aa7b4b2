/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of what is wrapped anew, and where a page of them goes on, as a browser may say them: what
 * is taken is written alike. */
#include "desk/wrap_name.h"

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
    OskWrapName name;
    OskWrapPlace place;
    char again[OSK_WRAP_PLACE_BYTES];
    /* On the heap, and no longer than it is: reading behind its end is found. */
    char *text = malloc(size + 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, size);
    text[size] = 0;
    if (osk_wrap_name_read(text, &name)) {
        osk_wrap_name_text(&name, again);
        hold(strcmp(text, again) == 0, "a name has one spelling");
        hold(name.kind <= OSK_WRAP_RECORD, "a name is of a kind");
    }
    if (osk_wrap_place_read(text, &place)) {
        osk_wrap_place_text(&place, again);
        hold(strcmp(text, again) == 0, "a place has one spelling");
        hold(place.item[0] == 0 || osk_wrap_name_read(place.item, &name),
             "it goes on behind a name");
    }
    free(text);
    return 0;
}
