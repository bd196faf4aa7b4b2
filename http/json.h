/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON, read strictly and written whole (jansson, in json.c alone). Messages and receipts pass
 * through here: what its memory held is wiped when it is given back. */
#ifndef OSK_HTTP_JSON_H
#define OSK_HTTP_JSON_H

#include "oilskin/status.h"

typedef struct OskJson OskJson; /* a value */

/* No request of ours nests deeper than an object in a list in an object. */
#define OSK_JSON_DEPTH_MAX 16u

/* ---- reading ---- */

/* One value and nothing behind it; UTF-8; no key twice; no NUL in a text.
 * Ownership: osk_json_free(). Errors: MALFORMED with the offset; LIMIT for too deep a nesting;
 * NO_MEMORY. */
OskStatus osk_json_read(OskJson **out, const char *bytes, size_t len, OskFault *fault);
/* The member of an object; NULL when there is none, or it is null, or `value` is no object. Lent.
 */
const OskJson *osk_json_get(const OskJson *value, const char *key);
/* Whether `value` is an object all of whose keys are in `keys` (NULL behind the last). */
bool osk_json_has_only(const OskJson *value, const char *const *keys);
/* NULL unless it is a text. Lent, UTF-8, with a NUL behind it. */
const char *osk_json_text(const OskJson *value);
/* False unless it is a whole number that is not negative. */
bool osk_json_whole(const OskJson *value, uint64_t *out);
/* False unless it is true or false. */
bool osk_json_flag(const OskJson *value, bool *out);
bool osk_json_is_list(const OskJson *value);
bool osk_json_is_true(const OskJson *value);
size_t osk_json_count(const OskJson *list); /* 0 for everything else */
const OskJson *osk_json_at(const OskJson *list, size_t index);

/* ---- writing: a failed allocation is remembered by its value, and shows when it is written ----
 */

/* `schema` becomes its first member where it is not NULL: "oilskin/draft/1". */
OskJson *osk_json_object(const char *schema);
OskJson *osk_json_list(void);
/* `text` is UTF-8; what isn't makes osk_json_write() fail. NULL writes null. */
void osk_json_set_text(OskJson *object, const char *key, const char *text);
void osk_json_set_whole(OskJson *object, const char *key, uint64_t number); /* at most 2^63 - 1 */
void osk_json_set_flag(OskJson *object, const char *key, bool flag);
/* Ownership of `value` passes, whatever happens. */
void osk_json_set(OskJson *object, const char *key, OskJson *value);
void osk_json_add(OskJson *list, OskJson *value);
void osk_json_add_text(OskJson *list, const char *text); /* as osk_json_set_text() */
void osk_json_add_whole(OskJson *list, uint64_t number); /* at most 2^63 - 1 */
/* All of it anew. */
OskJson *osk_json_copy(const OskJson *value);
/* In one line, with a NUL behind it. NULL when memory ended on the way here. Ownership:
 * osk_json_text_free(). */
char *osk_json_write(const OskJson *value, size_t *out_len);
void osk_json_text_free(char *text); /* wipes; accepts NULL */

void osk_json_free(OskJson **value); /* wipes; accepts NULL and nulls */

#endif
