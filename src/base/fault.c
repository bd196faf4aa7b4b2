/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/fault.h"

#include <string.h>

OskStatus osk_fault_set(OskFault *fault, OskStatus status, const char *part, const char *what,
                        uint64_t offset)
{
    if (fault != NULL && fault->status == OSK_OK) {
        *fault = (OskFault){ .status = status, .part = part, .what = what, .offset = offset };
    }
    return status;
}

void osk_fault_next(OskFault *fault, const char *next)
{
    if (fault != NULL && fault->next == NULL) {
        fault->next = next;
    }
}

bool osk_fault_is_disk(const OskFault *fault)
{
    return fault->status == OSK_LIMIT && fault->part != NULL &&
           strcmp(fault->part, OSK_FAULT_DISK) == 0;
}

const char *osk_status_name(OskStatus status)
{
    switch (status) {
    case OSK_OK: return "ok";
    case OSK_MORE: return "more";
    case OSK_TRUNCATED: return "truncated";
    case OSK_MALFORMED: return "malformed";
    case OSK_UNSUPPORTED: return "unsupported";
    case OSK_LIMIT: return "limit";
    case OSK_NO_MEMORY: return "no-memory";
    case OSK_IO: return "io";
    case OSK_AUTH: return "auth";
    case OSK_FOUND: return "found";
    case OSK_MISUSE: return "misuse";
    case OSK_BUG: return "bug";
    }
    return "bug";
}
