/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In front of oilskin-frames (the linker's --wrap): a decoder that was taken over, and hides words
 * in what it draws, where every reader of pictures passes over them. */
#include <string.h>

#include "sheet.h"

OskStatus __real_osk_sheet_write(OskSheet *sheet, OskWriter *out, OskFault *fault);
OskStatus __wrap_osk_sheet_write(OskSheet *sheet, OskWriter *out, OskFault *fault);

/* A comment of JPEG. */
static const uint8_t comment[] = { 0xFF, 0xFE, 0, 8, 's', 'e', 'c', 'r', 'e', 't' };

OskStatus __wrap_osk_sheet_write(OskSheet *sheet, OskWriter *out, OskFault *fault)
{
    OskStatus status = __real_osk_sheet_write(sheet, out, fault);
    size_t len = out->len;
    osk_writer_bytes(out, comment, sizeof(comment));
    if (status == OSK_OK && osk_writer_ok(out)) {
        memmove(out->bytes + 2 + sizeof(comment), out->bytes + 2, len - 2);
        memcpy(out->bytes + 2, comment, sizeof(comment));
    }
    return status;
}
