/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/origin.h"

#include <string.h>

static bool ends_in(const char *host, size_t len, const char *ending)
{
    size_t ending_len = strlen(ending);
    return len > ending_len && memcmp(host + len - ending_len, ending, ending_len) == 0;
}

static bool is_port(const char *text)
{
    return text[0] == 0 ||
           (text[0] == ':' && text[1] != 0 && text[1 + strspn(text + 1, "0123456789")] == 0);
}

/* Of a host, or of an address in brackets; 0 for none. */
static size_t host_len(const char *text)
{
    if (text[0] != '[') {
        return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-");
    }
    size_t len = 1 + strspn(text + 1, "0123456789abcdef:");
    return text[len] == ']' ? len + 1 : 0;
}

bool osk_http_is_near(const char *address)
{
    size_t len = host_len(address);
    bool is_four = strncmp(address, "127.", 4) == 0 && strspn(address, "0123456789.") == len;
    return len > 0 && is_port(address + len) &&
           (is_four || (len == 5 && memcmp(address, "[::1]", 5) == 0) ||
            (len == 9 && memcmp(address, "localhost", 9) == 0));
}

bool osk_http_is_origin(const char *text)
{
    bool is_secure = strncmp(text, "https://", 8) == 0;
    if (!is_secure && strncmp(text, "http://", 7) != 0) {
        return false;
    }
    const char *host = text + (is_secure ? 8 : 7);
    size_t len = host_len(host);
    return len > 0 && is_port(host + len) &&
           (is_secure || ends_in(host, len, ".onion") || osk_http_is_near(host));
}
