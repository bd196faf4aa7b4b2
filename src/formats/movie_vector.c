/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "formats/movie.h"

/* The next capacity for at least `need` items, or 0 when the budget of memory is spent. */
static uint32_t grow(OskMovie *movie, uint32_t capacity, uint32_t need, size_t size)
{
    uint64_t next = (uint64_t)capacity + capacity / 2 + 16;
    if (next < need) {
        next = need;
    }
    if (next > UINT32_MAX || next > SIZE_MAX / size ||
        !osk_budget_memory(movie->walk->budget, (next - capacity) * size)) {
        movie->no_memory = true;
        return 0;
    }
    return (uint32_t)next;
}

bool osk_u32s_reserve(OskMovie *movie, OskU32s *array, uint32_t count)
{
    if (count <= array->capacity) {
        return true;
    }
    uint32_t capacity = grow(movie, array->capacity, count, sizeof(uint32_t));
    uint32_t *items =
        capacity > 0 ? realloc(array->items, (size_t)capacity * sizeof(uint32_t)) : NULL;
    if (items == NULL) {
        movie->no_memory = true;
        return false;
    }
    array->items = items;
    array->capacity = capacity;
    return true;
}

bool osk_u64s_reserve(OskMovie *movie, OskU64s *array, uint32_t count)
{
    if (count <= array->capacity) {
        return true;
    }
    uint32_t capacity = grow(movie, array->capacity, count, sizeof(uint64_t));
    uint64_t *items =
        capacity > 0 ? realloc(array->items, (size_t)capacity * sizeof(uint64_t)) : NULL;
    if (items == NULL) {
        movie->no_memory = true;
        return false;
    }
    array->items = items;
    array->capacity = capacity;
    return true;
}

bool osk_u32s_add(OskMovie *movie, OskU32s *array, uint32_t value)
{
    if (array->count == UINT32_MAX || !osk_u32s_reserve(movie, array, array->count + 1)) {
        return false;
    }
    array->items[array->count++] = value;
    return true;
}

bool osk_u64s_add(OskMovie *movie, OskU64s *array, uint64_t value)
{
    if (array->count == UINT32_MAX || !osk_u64s_reserve(movie, array, array->count + 1)) {
        return false;
    }
    array->items[array->count++] = value;
    return true;
}

bool osk_runs_add(OskMovie *movie, OskRuns *runs, uint32_t count, uint32_t value)
{
    uint32_t last = runs->counts.count;
    if (count == 0) {
        return true;
    }
    if (last > 0 && runs->values.items[last - 1] == value &&
        runs->counts.items[last - 1] <= UINT32_MAX - count) {
        runs->counts.items[last - 1] += count;
        return true;
    }
    return osk_u32s_add(movie, &runs->counts, count) && osk_u32s_add(movie, &runs->values, value);
}

void osk_u32s_free(OskU32s *array)
{
    free(array->items);
    *array = (OskU32s){ .items = NULL };
}

static void free_runs(OskRuns *runs)
{
    free(runs->counts.items);
    free(runs->values.items);
}

static void free_track(OskTrack *track)
{
    free(track->sizes.items);
    free(track->syncs.items);
    free(track->chunk_at.items);
    free(track->chunk_first.items);
    free(track->chunk_entry.items);
    free(track->order.items);
    free_runs(&track->durations);
    free_runs(&track->offsets);
    for (unsigned i = 0; i < OSK_GROUPS_MAX; i++) {
        free_runs(&track->groups[i].runs);
    }
    for (uint32_t i = 0; i < track->entry_count; i++) {
        osk_writer_free(&track->entries[i].out);
        if (track->entries[i].filter != NULL) {
            osk_coded_free(track->entries[i].filter);
        }
    }
}

void osk_movie_free(OskMovie *movie)
{
    for (uint32_t i = 0; i < movie->track_count; i++) {
        free_track(&movie->tracks[i]);
    }
    free(movie->boxes.items);
    free(movie->box_types.items);
    free(movie->box_headers.items);
    osk_writer_free(&movie->out);
}
