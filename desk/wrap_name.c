/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/wrap_name.h"

#include <stdio.h>
#include <string.h>

#include "desk/hex.h"

static const char letters[] = { 'b', 'm', 'l', 'r' };

static bool is_written(OskSpace space)
{
    return space == OSK_SPACE_NOTE || space == OSK_SPACE_TAGS || space == OSK_SPACE_DRAFT ||
           space == OSK_SPACE_ASSIGNMENT;
}

void osk_wrap_name_text(const OskWrapName *name, char out[OSK_WRAP_NAME_BYTES])
{
    char owner[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char id[OSK_HEX_BYTES(OSK_ID_BYTES)];
    osk_hex_write(&name->owner, sizeof(name->owner), owner);
    osk_hex_write(&name->id, sizeof(name->id), id);
    snprintf(out, OSK_WRAP_NAME_BYTES, "%c-%s-%s-%u", letters[name->kind], owner, id, name->number);
}

static bool read_kind(char letter, OskWrapName *out)
{
    for (int kind = OSK_WRAP_BLOB; kind <= OSK_WRAP_RECORD; kind++) {
        if (letters[kind] == letter) {
            out->kind = (OskWrapKind)kind;
            return out->kind != OSK_WRAP_RECORD || is_written((OskSpace)out->number);
        }
    }
    return false;
}

bool osk_wrap_name_read(const char *text, OskWrapName *out)
{
    char owner[33] = "";
    char id[33] = "";
    char again[OSK_WRAP_NAME_BYTES];
    char letter = 0;
    *out = (OskWrapName){ .number = 0 };
    if (text == NULL ||
        sscanf(text, "%c-%32[0-9a-f]-%32[0-9a-f]-%9u", &letter, owner, id, &out->number) != 4 ||
        !read_kind(letter, out) || !osk_hex_read(owner, &out->owner, sizeof(out->owner)) ||
        !osk_hex_read(id, &out->id, sizeof(out->id))) {
        return false;
    }
    /* scanf() takes blanks, signs and zeros before a number. */
    osk_wrap_name_text(out, again);
    return strcmp(text, again) == 0;
}

void osk_wrap_place_text(const OskWrapPlace *place, char out[OSK_WRAP_PLACE_BYTES])
{
    char id[OSK_HEX_BYTES(OSK_ID_BYTES)];
    osk_hex_write(&place->after, sizeof(place->after), id);
    snprintf(out, OSK_WRAP_PLACE_BYTES, "%d-%s-%llu%s%s", (int)place->day, id,
             (unsigned long long)place->passed, place->item[0] != 0 ? "-" : "", place->item);
}

bool osk_wrap_place_read(const char *text, OskWrapPlace *out)
{
    char id[33] = "";
    char again[OSK_WRAP_PLACE_BYTES];
    int day = 0;
    unsigned long long passed = 0;
    int len = 0;
    OskWrapName item;
    *out = (OskWrapPlace){ .passed = 0 };
    if (text == NULL || sscanf(text, "%9d-%32[0-9a-f]-%18llu%n", &day, id, &passed, &len) != 3 ||
        !osk_hex_read(id, &out->after, sizeof(out->after))) {
        return false;
    }
    out->day = day;
    out->passed = passed;
    if (text[len] == '-' && osk_wrap_name_read(text + len + 1, &item)) {
        osk_wrap_name_text(&item, out->item);
    }
    osk_wrap_place_text(out, again);
    return strcmp(text, again) == 0;
}
