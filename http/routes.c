/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/routes.h"

#include <string.h>

static bool is_prefix(const OskRoute *route, const char *path, size_t len)
{
    return len > 1 && route->path[len - 1] == '/' && strncmp(route->path, path, len) == 0;
}

const OskRoute *osk_routes_find(const OskRoutes *routes, const char *path, bool *out_is_exact)
{
    const OskRoute *best = NULL;
    size_t best_len = 0;
    *out_is_exact = false;
    for (size_t i = 0; i < routes->count; i++) {
        const OskRoute *route = &routes->items[i];
        size_t len = strlen(route->path);
        if (strcmp(route->path, path) == 0) {
            *out_is_exact = true;
            return route;
        }
        if (len > best_len && is_prefix(route, path, len)) {
            best = route;
            best_len = len;
        }
    }
    return best;
}

bool osk_routes_allow(const char *methods, const char *method)
{
    size_t len = strlen(method);
    const char *at = methods;
    while (*at != 0) {
        size_t word = strcspn(at, " ");
        if (word == len && memcmp(at, method, len) == 0) {
            return true;
        }
        at += word + strspn(at + word, " ");
    }
    return false;
}

void osk_routes_allow_text(const char *methods, char out[128])
{
    size_t at = 0;
    for (const char *from = methods; *from != 0 && at + 2 < 128; from++) {
        if (*from == ' ') {
            out[at++] = ',';
        }
        out[at++] = *from;
    }
    out[at] = 0;
}
