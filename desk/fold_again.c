/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk/fold_again.h"

#include <string.h>

void osk_fold_again_digest(const OskBytes *sealed, uint8_t out[32])
{
    OskSha256 hash;
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, sealed->bytes, sealed->len);
    osk_sha256_end(&hash, out);
}

const OskFolded *osk_fold_again_find(const OskFoldAgain *again, const uint8_t digest[32])
{
    for (size_t i = 0; i < again->count; i++) {
        if (memcmp(again->of[i].digest, digest, sizeof(again->of[i].digest)) == 0) {
            return &again->of[i].folded;
        }
    }
    return NULL;
}

void osk_fold_again_note(OskFoldAgain *again, const uint8_t digest[32], const OskFolded *folded)
{
    memcpy(again->of[again->next].digest, digest, sizeof(again->of[again->next].digest));
    again->of[again->next].folded = *folded;
    again->next = (again->next + 1) % OSK_FOLD_AGAIN_MAX;
    again->count += again->count < OSK_FOLD_AGAIN_MAX;
}
