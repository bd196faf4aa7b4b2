/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packs that were laid over a representative lately and are explained by it. Who sends the same
 * bytes once more has the same sealed pack (intake/look.h): it is known without being opened. */
#ifndef OSK_DESK_FOLD_AGAIN_H
#define OSK_DESK_FOLD_AGAIN_H

#include "oilskin/fingerprint.h"
#include "oilskin/seal.h"
#include "store/store.h"

/* Of a flood there are fewer that are sent again and again. */
#define OSK_FOLD_AGAIN_MAX 512u

typedef struct OskFoldAgain {
    struct {
        uint8_t digest[32];
        OskFolded folded;
    } of[OSK_FOLD_AGAIN_MAX];
    size_t next; /* the oldest, once there are as many */
    size_t count;
} OskFoldAgain;

/* SHA-256 of sealed bytes, which are random: it says nothing of what they hold. */
void osk_fold_again_digest(const OskBytes *sealed, uint8_t out[32]);
/* NULL where it was not there lately. Whether the representative still is, the caller knows. */
const OskFolded *osk_fold_again_find(const OskFoldAgain *again, const uint8_t digest[32]);
/* @param folded of the tier EXPLAINED. */
void osk_fold_again_note(OskFoldAgain *again, const uint8_t digest[32], const OskFolded *folded);

#endif
