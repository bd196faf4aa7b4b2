/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recipients and identities, and how people write them. */
#include "seal/bech32.h"
#include "seal/sodium.h"

#include "base/fault.h"

#include <assert.h>
#include <string.h>

static const char recipient_prefix[] = "age";
static const char identity_prefix[] = "AGE-SECRET-KEY-";

static_assert(sizeof(recipient_prefix) + OSK_BECH32_TAIL == OSK_RECIPIENT_TEXT_BYTES, "its text");
static_assert(sizeof(identity_prefix) + OSK_BECH32_TAIL == OSK_IDENTITY_TEXT_BYTES, "its text");

OskStatus osk_identity_from_seed(OskIdentity *out, const uint8_t seed[32])
{
    memcpy(out->secret, seed, sizeof(out->secret));
    osk_x25519_public(out->recipient.key, out->secret);
    return OSK_OK;
}

OskStatus osk_identity_make(OskIdentity *out, const OskRandom *random, OskFault *fault)
{
    uint8_t seed[32];
    if (!random->fill(random->context, seed, sizeof(seed))) {
        return osk_fault_set(fault, OSK_IO, "key", "there is no randomness", OSK_NO_OFFSET);
    }
    OskStatus status = osk_identity_from_seed(out, seed);
    osk_seal_wipe(seed, sizeof(seed));
    return status;
}

OskStatus osk_recipient_parse(OskRecipient *out, const char *text, size_t len, OskFault *fault)
{
    /* Any secret shows whether a point has a small order, so a fixed one does. */
    static const uint8_t probe[32] = { 1 };
    uint8_t key[32];
    uint8_t shared[32];
    size_t wrong = 0;
    const char *why = osk_bech32_read(recipient_prefix, text, len, key, &wrong);
    if (why == NULL && !osk_x25519_shared(shared, probe, key)) {
        why = "is a key that hides nothing";
    }
    if (why != NULL) {
        osk_fault_set(fault, OSK_MALFORMED, "recipient", why, wrong);
        osk_fault_next(fault, "copy the whole line that begins with age1");
        return OSK_MALFORMED;
    }
    memcpy(out->key, key, sizeof(out->key));
    return OSK_OK;
}

OskStatus osk_identity_parse(OskIdentity *out, const char *text, size_t len, OskFault *fault)
{
    uint8_t seed[32];
    size_t wrong = 0;
    const char *why = osk_bech32_read(identity_prefix, text, len, seed, &wrong);
    if (why != NULL) {
        osk_fault_set(fault, OSK_MALFORMED, "identity", why, wrong);
        osk_fault_next(fault, "copy the whole line that begins with AGE-SECRET-KEY-1");
        return OSK_MALFORMED;
    }
    OskStatus status = osk_identity_from_seed(out, seed);
    osk_seal_wipe(seed, sizeof(seed));
    return status;
}

void osk_recipient_text(const OskRecipient *recipient, char out[OSK_RECIPIENT_TEXT_BYTES])
{
    osk_bech32_write(recipient_prefix, recipient->key, out);
}

void osk_identity_text(const OskIdentity *identity, char out[OSK_IDENTITY_TEXT_BYTES])
{
    osk_bech32_write(identity_prefix, identity->secret, out);
}

void osk_identity_wipe(OskIdentity *identity)
{
    osk_seal_wipe(identity, sizeof(*identity));
}
