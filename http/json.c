/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/json.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory that is wiped when it is given back: its length stands in front ---- */

#define FRONT_BYTES ((size_t)16) /* keeps the alignment that malloc gives */

static void *take_memory(size_t len)
{
    if (len > SIZE_MAX - FRONT_BYTES) {
        return NULL;
    }
    unsigned char *block = malloc(FRONT_BYTES + len);
    if (block == NULL) {
        return NULL;
    }
    memcpy(block, &len, sizeof(len));
    return block + FRONT_BYTES;
}

static void give_memory(void *bytes)
{
    if (bytes != NULL) {
        unsigned char *block = (unsigned char *)bytes - FRONT_BYTES;
        size_t len = 0;
        memcpy(&len, block, sizeof(len));
        explicit_bzero(block, FRONT_BYTES + len);
        free(block);
    }
}

/* Before the first value, and once: the library's functions are the process's. */
static void set_memory_once(void)
{
    json_set_alloc_funcs(take_memory, give_memory);
    json_object_seed(0);
}

static void set_memory(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_memory_once);
}

/* An OskJson is a json_t under another name, so that nobody else needs to know of the library. */
static json_t *inner(const OskJson *value)
{
    return (json_t *)(uintptr_t)value;
}

static OskJson *outer(json_t *value)
{
    return (OskJson *)value;
}

/* ---- reading ---- */

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, uint64_t offset)
{
    *fault = (OskFault){ .status = status, .part = "JSON", .what = what, .offset = offset };
    return status;
}

/* The library goes down by recursion, 2,048 levels deep: more than a small stack holds. Brackets
 * are counted before it starts. */
static bool is_shallow(const char *bytes, size_t len, size_t *out_at)
{
    unsigned depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < len; i++) {
        char c = bytes[i];
        if (in_text) {
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                in_text = false;
            }
        } else if (c == '"') {
            in_text = true;
        } else if (c == '[' || c == '{') {
            *out_at = i;
            if (++depth > OSK_JSON_DEPTH_MAX) {
                return false;
            }
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return true;
}

OskStatus osk_json_read(OskJson **out, const char *bytes, size_t len, OskFault *fault)
{
    size_t at = 0;
    json_error_t error;
    if (!is_shallow(bytes, len, &at)) {
        return fail(fault, OSK_LIMIT, "lists and objects stand too deep in each other", at);
    }
    set_memory();
    json_t *value = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
    if (value == NULL) {
        enum json_error_code code = json_error_code(&error);
        uint64_t offset = error.position < 0 ? 0 : (uint64_t)error.position;
        /* The library's own text quotes what it read. */
        memset(&error, 0, sizeof(error));
        return code == json_error_out_of_memory
                   ? fail(fault, OSK_NO_MEMORY, "no memory for it", offset)
                   : fail(fault, OSK_MALFORMED, "this is not valid JSON", offset);
    }
    *out = outer(value);
    return OSK_OK;
}

const OskJson *osk_json_get(const OskJson *value, const char *key)
{
    json_t *member = json_object_get(inner(value), key);
    return json_is_null(member) ? NULL : outer(member);
}

static bool is_one_of(const char *key, const char *const *keys)
{
    for (; *keys != NULL; keys++) {
        if (strcmp(key, *keys) == 0) {
            return true;
        }
    }
    return false;
}

bool osk_json_has_only(const OskJson *value, const char *const *keys)
{
    json_t *object = inner(value);
    if (!json_is_object(object)) {
        return false;
    }
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        if (!is_one_of(json_object_iter_key(at), keys)) {
            return false;
        }
    }
    return true;
}

const char *osk_json_text(const OskJson *value)
{
    return json_string_value(inner(value));
}

bool osk_json_whole(const OskJson *value, uint64_t *out)
{
    json_int_t number = json_integer_value(inner(value));
    if (!json_is_integer(inner(value)) || number < 0) {
        return false;
    }
    *out = (uint64_t)number;
    return true;
}

bool osk_json_flag(const OskJson *value, bool *out)
{
    *out = json_is_true(inner(value));
    return json_is_boolean(inner(value));
}

bool osk_json_is_list(const OskJson *value)
{
    return json_is_array(inner(value));
}

bool osk_json_is_true(const OskJson *value)
{
    return json_is_true(inner(value));
}

size_t osk_json_count(const OskJson *list)
{
    return json_array_size(inner(list));
}

const OskJson *osk_json_at(const OskJson *list, size_t index)
{
    return outer(json_array_get(inner(list), index));
}

/* ---- writing ---- */

/* A value that could not be made leaves a mark that is no UTF-8, and so the writing fails. */
static void put(json_t *object, const char *key, json_t *value)
{
    if (object != NULL && (value == NULL || json_object_set_new(object, key, value) != 0)) {
        json_object_clear(object);
        json_object_set_new(object, "", json_string_nocheck("\xff"));
    }
}

OskJson *osk_json_object(const char *schema)
{
    set_memory();
    json_t *object = json_object();
    if (schema != NULL) {
        put(object, "schema", json_string(schema));
    }
    return outer(object);
}

OskJson *osk_json_list(void)
{
    set_memory();
    return outer(json_array());
}

void osk_json_set_text(OskJson *object, const char *key, const char *text)
{
    put(inner(object), key, text == NULL ? json_null() : json_string(text));
}

void osk_json_set_whole(OskJson *object, const char *key, uint64_t number)
{
    put(inner(object), key, number > INT64_MAX ? NULL : json_integer((json_int_t)number));
}

void osk_json_set_flag(OskJson *object, const char *key, bool flag)
{
    put(inner(object), key, json_boolean(flag));
}

void osk_json_set(OskJson *object, const char *key, OskJson *value)
{
    if (object == NULL) {
        osk_json_free(&value);
        return;
    }
    put(inner(object), key, inner(value));
}

void osk_json_add(OskJson *list, OskJson *value)
{
    json_t *array = inner(list);
    if (array == NULL) {
        osk_json_free(&value);
    } else if (value == NULL || json_array_append_new(array, inner(value)) != 0) {
        json_array_clear(array);
        json_array_append_new(array, json_string_nocheck("\xff"));
    }
}

void osk_json_add_text(OskJson *list, const char *text)
{
    osk_json_add(list, outer(text == NULL ? json_null() : json_string(text)));
}

void osk_json_add_whole(OskJson *list, uint64_t number)
{
    osk_json_add(list, number > INT64_MAX ? NULL : outer(json_integer((json_int_t)number)));
}

OskJson *osk_json_copy(const OskJson *value)
{
    return outer(json_deep_copy(inner(value)));
}

char *osk_json_write(const OskJson *value, size_t *out_len)
{
    char *text = value == NULL ? NULL : json_dumps(inner(value), JSON_COMPACT);
    if (text != NULL) {
        *out_len = strlen(text);
    }
    return text;
}

void osk_json_text_free(char *text)
{
    give_memory(text);
}

void osk_json_free(OskJson **value)
{
    if (*value != NULL) {
        json_decref(inner(*value));
        *value = NULL;
    }
}
