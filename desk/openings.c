/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/openings.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "desk/hex.h"
#include "oilskin/seal.h"

typedef struct Place {
    bool is_taken;
    uint8_t address[16];
    int64_t until_ms;
    OskOpening opening;
} Place;

struct OskOpenings {
    pthread_mutex_t lock;
    size_t next;
    Place places[OSK_OPENINGS_MAX];
};

OskOpenings *osk_openings_open(void)
{
    OskOpenings *openings = calloc(1, sizeof(*openings));
    if (openings != NULL) {
        pthread_mutex_init(&openings->lock, NULL);
    }
    return openings;
}

bool osk_openings_add(OskOpenings *openings, const OskOpening *opening, const OskRandom *random,
                      int64_t now_ms, char out[OSK_OPENING_TEXT_BYTES])
{
    Place place = { .is_taken = true, .until_ms = now_ms + OSK_OPENING_MS, .opening = *opening };
    if (!random->fill(random->context, place.address, sizeof(place.address))) {
        return false;
    }
    osk_hex_write(place.address, sizeof(place.address), out);
    pthread_mutex_lock(&openings->lock);
    openings->places[openings->next++ % OSK_OPENINGS_MAX] = place;
    pthread_mutex_unlock(&openings->lock);
    return true;
}

bool osk_openings_find(OskOpenings *openings, const char *text, const OskId *reviewer,
                       int64_t now_ms, OskOpening *out)
{
    uint8_t address[16];
    bool found = false;
    if (!osk_hex_read(text, address, sizeof(address))) {
        return false;
    }
    pthread_mutex_lock(&openings->lock);
    for (size_t i = 0; i < OSK_OPENINGS_MAX; i++) {
        const Place *place = &openings->places[i];
        if (place->is_taken && osk_seal_equal(place->address, address, sizeof(address)) &&
            memcmp(&place->opening.reviewer, reviewer, sizeof(*reviewer)) == 0 &&
            now_ms < place->until_ms) {
            *out = place->opening;
            found = true;
        }
    }
    pthread_mutex_unlock(&openings->lock);
    return found;
}

void osk_openings_close(OskOpenings **openings)
{
    OskOpenings *closing = *openings;
    if (closing != NULL) {
        pthread_mutex_destroy(&closing->lock);
        free(closing);
        *openings = NULL;
    }
}
