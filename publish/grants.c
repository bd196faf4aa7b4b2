/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publish/grants.h"

#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>

#include "oilskin/seal.h"

#define GRANT_MS ((int64_t)OSK_GRANT_MINUTES * 60 * 1000)

typedef struct Said {
    OskId share;
    int64_t until_ms;
} Said;

#define BOX_BYTES (sizeof(Said) + OSK_BOX_EXTRA_BYTES)

_Static_assert(sizeof(Said) == 24, "nothing lies between its members");
_Static_assert((BOX_BYTES * 4 + 2) / 3 == OSK_GRANT_LETTERS, "letters of a box");

struct OskGrants {
    uint8_t key[OSK_GRANT_KEY_BYTES];
    const OskRandom *random;
};

OskStatus osk_grants_open(OskGrants **out, const uint8_t key[OSK_GRANT_KEY_BYTES],
                          const OskRandom *random)
{
    *out = NULL;
    OskGrants *grants = calloc(1, sizeof(*grants));
    if (grants == NULL) {
        return OSK_NO_MEMORY;
    }
    grants->random = random;
    memcpy(grants->key, key, sizeof(grants->key));
    *out = grants;
    return OSK_OK;
}

OskStatus osk_grant_write(const OskGrants *grants, const OskId *share, int64_t now_ms,
                          char out[OSK_GRANT_BYTES])
{
    const Said said = { .share = *share, .until_ms = now_ms + GRANT_MS };
    uint8_t box[BOX_BYTES];
    /* The library writes whole groups of four letters, the last ones filled up. */
    char text[BASE64_ENCODE_RAW_LENGTH(BOX_BYTES)];
    struct base64_encode_ctx encoder;
    memset(out, 0, OSK_GRANT_BYTES);
    OskStatus status = osk_box_lock(grants->key, &said, sizeof(said), box, grants->random);
    if (status == OSK_OK) {
        base64url_encode_init(&encoder);
        size_t len = base64_encode_update(&encoder, text, sizeof(box), box);
        (void)base64_encode_final(&encoder, text + len);
        memcpy(out, text, OSK_GRANT_LETTERS);
    }
    return status;
}

/* Letters of a box, and no other writing of the same. */
static bool read_box(const char *text, size_t len, uint8_t out[BOX_BYTES])
{
    static const char padding[] = "==";
    struct base64_decode_ctx decoder;
    uint8_t bytes[BASE64_DECODE_LENGTH(OSK_GRANT_LETTERS + sizeof(padding) - 1)];
    size_t got = sizeof(bytes);
    size_t more = sizeof(bytes);
    if (len != OSK_GRANT_LETTERS || memchr(text, '=', len) != NULL) {
        return false;
    }
    base64url_decode_init(&decoder);
    if (base64_decode_update(&decoder, &got, bytes, len, text) != 1) {
        return false;
    }
    more -= got;
    if (base64_decode_update(&decoder, &more, bytes + got, sizeof(padding) - 1, padding) != 1 ||
        base64_decode_final(&decoder) != 1 || got + more != BOX_BYTES) {
        return false;
    }
    memcpy(out, bytes, BOX_BYTES);
    return true;
}

bool osk_grant_read(const OskGrants *grants, const char *text, size_t len, int64_t now_ms,
                    OskId *out)
{
    uint8_t box[BOX_BYTES];
    Said said;
    bool is_ours = read_box(text, len, box) &&
                   osk_box_unlock(grants->key, box, sizeof(box), (uint8_t *)&said) == OSK_OK;
    if (!is_ours || now_ms >= said.until_ms || said.until_ms - now_ms > GRANT_MS) {
        return false;
    }
    *out = said.share;
    return true;
}

void osk_grants_close(OskGrants **grants)
{
    if (*grants != NULL) {
        osk_seal_wipe(*grants, sizeof(**grants));
        free(*grants);
    }
    *grants = NULL;
}
