/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys that are no secret: SHA-256 of a sentence and a number. A public key can carry no mark, and
 * a remark beside it gets lost; these are known by what they are. */
#include <string.h>

#include "oilskin/seal.h"

OskStatus osk_identity_demo(OskIdentity *out, unsigned number)
{
    static const char sentence[] = "A key for demonstrations of Oilskin, which everybody has: ";
    const uint8_t letter = (uint8_t)('0' + number);
    uint8_t seed[32];
    OskSha256 hash;
    if (number >= OSK_DEMO_KEYS) {
        return OSK_MISUSE;
    }
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, sentence, sizeof(sentence) - 1);
    osk_sha256_add(&hash, &letter, sizeof(letter));
    osk_sha256_end(&hash, seed);
    return osk_identity_from_seed(out, seed);
}

bool osk_recipient_is_demo(const OskRecipient *recipient)
{
    bool is_one = false;
    for (unsigned i = 0; i < OSK_DEMO_KEYS; i++) {
        OskIdentity identity;
        is_one =
            is_one || (osk_identity_demo(&identity, i) == OSK_OK &&
                       memcmp(identity.recipient.key, recipient->key, sizeof(recipient->key)) == 0);
        osk_identity_wipe(&identity);
    }
    return is_one;
}
