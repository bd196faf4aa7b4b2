/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the C library would print or jump for. An instance works for one file only, so that the end
 * of the instance is a good way out of a codec: the page throws it away and shows the reason. */
#include "stop.h"

#include <setjmp.h>
#include <stdlib.h>

static OskFault reason;

const OskFault *osk_stop_reason(void)
{
    return reason.status != OSK_OK ? &reason : NULL;
}

static _Noreturn void stop(OskStatus status, const char *what)
{
    reason = (OskFault){
        .status = status, .part = "", .what = what, .next = NULL, .offset = OSK_NO_OFFSET
    };
    __builtin_trap();
}

/* Only adapters of codecs jump, out of a library that has met what it can't decode. */
int setjmp(jmp_buf place)
{
    (void)place;
    return 0;
}

void longjmp(jmp_buf place, int value)
{
    (void)place;
    (void)value;
    stop(OSK_MALFORMED, "the picture can't be decoded");
}

_Noreturn void __assert_fail(const char *text, const char *file, int line, const char *function);
_Noreturn void __assert_fail(const char *text, const char *file, int line, const char *function)
{
    (void)text;
    (void)file;
    (void)line;
    (void)function;
    stop(OSK_BUG, "this file made the program stop; nothing was saved");
}

void abort(void)
{
    stop(OSK_BUG, "this file made the program stop; nothing was saved");
}
