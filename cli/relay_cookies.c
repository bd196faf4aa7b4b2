/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/relay_cookies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "oilskin/seal.h"

/* Both are numbers in hexadecimal digits, and never as long. */
#define VALUE_BYTES 160u
#define AGE_MAX_S 31536000ul

static const char *const names[] = { "oilskin-desk", "oilskin-desk-known" };
#define NAMES (sizeof(names) / sizeof(names[0]))

void osk_relay_tag(char out[OSK_RELAY_TAG_BYTES], const char *origin)
{
    uint8_t digest[32];
    OskSha256 hash;
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, origin, strlen(origin));
    osk_sha256_end(&hash, digest);
    for (size_t i = 0; 2 * i + 1 < OSK_RELAY_TAG_BYTES; i++) {
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
    }
}

/* The length of the value, in hexadecimal digits up to a semicolon or the end; -1 for another. */
static int length_of(const char *value)
{
    size_t len = strspn(value, "0123456789abcdef");
    char behind = value[len + strspn(value + len, " ")];
    return (behind == ';' || behind == 0) && len < VALUE_BYTES ? (int)len : -1;
}

/* What stands behind "NAME=" or "NAME-TAG="; NULL where the text begins with another name. */
static const char *value_of(const char *text, const char *name, const char *tag)
{
    char start[64];
    int len = snprintf(start, sizeof(start), "%s%s%s=", name, tag == NULL ? "" : "-",
                       tag == NULL ? "" : tag);
    return strncmp(text, start, (size_t)len) == 0 ? text + len : NULL;
}

void osk_relay_cookies_to_desk(char out[OSK_RELAY_COOKIES_BYTES], const char *tag, const char *sent)
{
    size_t at = 0;
    bool is_taken[NAMES] = { false };
    out[0] = 0;
    while (sent != NULL && *sent != 0) {
        sent += strspn(sent, "; ");
        for (size_t i = 0; i < NAMES; i++) {
            const char *value = value_of(sent, names[i], tag);
            int len = value != NULL && !is_taken[i] ? length_of(value) : -1;
            if (len > 0) {
                is_taken[i] = true;
                at += (size_t)snprintf(out + at, OSK_RELAY_COOKIES_BYTES - at, "%s%s=%.*s",
                                       at > 0 ? "; " : "", names[i], len, value);
            }
        }
        sent += strcspn(sent, ";");
    }
}

/* For how long the browser keeps it; an attribute of more than a year is one of a year. */
static void put_age(char out[32], const char *said)
{
    const char *age = strcasestr(said, "; Max-Age=");
    out[0] = 0;
    if (age != NULL && age[10] >= '0' && age[10] <= '9') {
        unsigned long seconds = strtoul(age + 10, NULL, 10);
        snprintf(out, 32, "; Max-Age=%lu", seconds < AGE_MAX_S ? seconds : AGE_MAX_S);
    }
}

bool osk_relay_cookie_to_browser(char out[OSK_RELAY_COOKIES_BYTES], const char *tag,
                                 const char *said)
{
    char age[32];
    for (size_t i = 0; i < NAMES; i++) {
        const char *value = value_of(said, names[i], NULL);
        int len = value != NULL ? length_of(value) : -1;
        if (len >= 0) {
            put_age(age, value + len);
            /* Here the page comes without TLS, over no network: "Secure" would lose it. */
            snprintf(out, OSK_RELAY_COOKIES_BYTES,
                     "%s-%s=%.*s; Path=/; HttpOnly; SameSite=Strict%s", names[i], tag, len, value,
                     age);
            return true;
        }
    }
    return false;
}
