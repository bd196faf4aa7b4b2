/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outcomes of every call, and where in a file a fault was found. */
#ifndef OILSKIN_STATUS_H
#define OILSKIN_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define OSK_API
#else
#define OSK_API __attribute__((visibility("default")))
#endif

typedef enum OskStatus {
    OSK_OK = 0,
    OSK_MORE,        /* feed more bytes */
    OSK_TRUNCATED,   /* the file ends early */
    OSK_MALFORMED,   /* the file breaks its specification */
    OSK_UNSUPPORTED, /* maybe valid, but we can't promise that the result is clean */
    OSK_LIMIT,       /* a budget is spent */
    OSK_NO_MEMORY,
    OSK_IO,     /* a source or sink callback failed */
    OSK_AUTH,   /* wrong key or tampered */
    OSK_FOUND,  /* verify: something that may not be in a clean file is in it */
    OSK_MISUSE, /* the caller broke the contract */
    OSK_BUG     /* our own invariant broke; a fuzzer treats it as a crash */
} OskStatus;

/* Where and why a call failed. All strings are static: nothing that was read from a file, and no
 * file name, is ever stored here. */
typedef struct OskFault {
    OskStatus status;
    const char *part; /* the named piece of the file ("IDAT", "moov/trak"), or "" */
    const char *what; /* what is wrong, one clause, plain words */
    const char *next; /* a next step that works for the person, or NULL for the general one */
    uint64_t offset;  /* byte offset in the input; OSK_NO_OFFSET where there is none */
} OskFault;

#define OSK_NO_OFFSET UINT64_MAX

/* A stable lower-case name ("malformed"); never NULL. */
OSK_API const char *osk_status_name(OskStatus status);

#ifdef __cplusplus
}
#endif
#endif
