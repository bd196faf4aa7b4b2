/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A strict reader of JSON (RFC 8259) for documents whose shape is known: the caller asks for what
 * must come next. It keeps nothing, allocates nothing and does not recurse. */
#ifndef OSK_REDACT_JSON_H
#define OSK_REDACT_JSON_H

#include "base/cursor.h"
#include "oilskin/status.h"

/* Failure is sticky: the first is recorded, and every later call returns false. */
typedef struct OskJsonReader {
    OskCursor in;
    const char *part; /* static: what is read now, for the fault */
    OskStatus status;
    OskFault *fault;
} OskJsonReader;

/* A string that is one of a few known words. Longer ones equal none of them. */
typedef struct OskJsonWord {
    char text[16];
    bool whole;
    uint64_t offset;
} OskJsonWord;

/* @param bytes lent until the last call. */
OskJsonReader osk_json_reader_make(const void *bytes, size_t len, OskFault *fault);
/* Records a fault; returns false, so that a caller can return it. */
bool osk_json_reader_fail(OskJsonReader *json, OskStatus status, const char *what, uint64_t offset);

/* Where the next value begins. */
uint64_t osk_json_reader_offset(OskJsonReader *json);
/* Enters an object or an array. */
bool osk_json_reader_enter(OskJsonReader *json, char open);
/* True when another member or element follows; false when `close` was read, and after a failure.
 * @param first set to true before the first call. */
bool osk_json_reader_more(OskJsonReader *json, char close, bool *first);
/* The name of a member, and its colon. */
bool osk_json_reader_name(OskJsonReader *json, OskJsonWord *name);
bool osk_json_reader_word(OskJsonReader *json, OskJsonWord *word);
bool osk_json_reader_is(const OskJsonWord *word, const char *text);
bool osk_json_reader_number(OskJsonReader *json, double *number);
/* A number without a fraction, 0 to 2^32 - 1. */
bool osk_json_reader_whole(OskJsonReader *json, uint32_t *number);
bool osk_json_reader_bool(OskJsonReader *json, bool *value);
/* Only white space may follow. */
bool osk_json_reader_end(OskJsonReader *json);

#endif
