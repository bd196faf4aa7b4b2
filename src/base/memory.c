/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oilskin/io.h"

#include <stdlib.h>
#include <string.h>

OskSource osk_source_from_memory(const void *bytes, size_t size)
{
    return (OskSource){ .bytes = bytes, .size = size };
}

static bool make_room(OskMemory *memory, size_t len)
{
    size_t max = memory->max != 0 ? memory->max : SIZE_MAX;
    if (len <= memory->capacity - memory->len) {
        return true;
    }
    if (len > max - memory->len) {
        return false;
    }
    size_t wanted = memory->len + len;
    size_t half = memory->capacity / 2;
    size_t grown = half < max - memory->capacity ? memory->capacity + half : max;
    size_t capacity = grown > wanted ? grown : wanted;
    uint8_t *moved = realloc(memory->bytes, capacity);
    if (moved == NULL) {
        return false;
    }
    memory->bytes = moved;
    memory->capacity = capacity;
    return true;
}

static bool append(void *context, const void *bytes, size_t len)
{
    OskMemory *memory = context;
    if (!make_room(memory, len)) {
        return false;
    }
    if (len > 0) {
        memcpy(memory->bytes + memory->len, bytes, len);
        memory->len += len;
    }
    return true;
}

OskSink osk_sink_to_memory(OskMemory *memory)
{
    return (OskSink){ .context = memory, .write = append };
}

void osk_bytes_free(uint8_t **bytes)
{
    free(*bytes);
    *bytes = NULL;
}
