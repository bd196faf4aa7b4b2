/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slots: "<from>.<nonce>.<mac>", which a form carries from the page to its POST. The server keeps
 * nothing of a slot until it is used: pages that are asked for by the million cost a MAC each.
 *
 * A slot says nothing of a place in a line: whoever fetches a thousand would have a thousand
 * places. The line is at the door, one place a connection; a slot says that its holder has passed
 * it, or has not. */
#include "intake/admission_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/random.h"
#include "oilskin/seal.h"

#define NONCE_BYTES 16u
#define MAC_BYTES 16u

/* A page that waits asks again after this long, and is then held at the door. */
#define ASK_MS 1000

/* Leading zero bits that a phone finds in some seconds, and a flood not a thousand times. */
#define EFFORT_BITS 16u

/* What the last bytes of a nonce say; the MAC is over them, too. */
#define AT_PASSED (NONCE_BYTES - 1)
#define AT_EFFORT (NONCE_BYTES - 2)

typedef struct Slot {
    int64_t from_ms;
    uint8_t nonce[NONCE_BYTES];
} Slot;

static void mac_of(const OskAdmission *admission, const Slot *slot, uint8_t out[32])
{
    static const char label[] = "oilskin slot";
    uint8_t bytes[sizeof(label) + sizeof(slot->from_ms) + NONCE_BYTES];
    memcpy(bytes, label, sizeof(label));
    memcpy(bytes + sizeof(label), &slot->from_ms, sizeof(slot->from_ms));
    memcpy(bytes + sizeof(label) + sizeof(slot->from_ms), slot->nonce, NONCE_BYTES);
    osk_seal_hmac(admission->limits.slot_key, sizeof(admission->limits.slot_key), bytes,
                  sizeof(bytes), out);
}

static void put_hex(char *out, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool get_hex(const char *text, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(text[2 * i]);
        int low = high >= 0 ? hex_digit(text[2 * i + 1]) : -1;
        if (low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

/* Strict: one text for one slot, so that a used one does not come back in other letters. */
static bool read_slot(const OskAdmission *admission, const char *text, Slot *out)
{
    size_t digits = 0;
    out->from_ms = 0;
    while (digits < 18 && text[digits] >= '0' && text[digits] <= '9') {
        out->from_ms = out->from_ms * 10 + (text[digits] - '0');
        digits++;
    }
    const char *nonce = text + digits + 1;
    const size_t rest = 2 * NONCE_BYTES + 1 + 2 * MAC_BYTES;
    uint8_t mac[MAC_BYTES];
    if (digits == 0 || text[digits] != '.' || strnlen(nonce, rest + 1) != rest ||
        !get_hex(nonce, out->nonce, NONCE_BYTES) || nonce[2 * NONCE_BYTES] != '.' ||
        !get_hex(nonce + 2 * NONCE_BYTES + 1, mac, MAC_BYTES)) {
        return false;
    }
    uint8_t right[32];
    mac_of(admission, out, right);
    return osk_seal_equal(mac, right, MAC_BYTES) && (text[0] != '0' || digits == 1);
}

/* ---- used ones ---- */

static uint64_t nonce_hash(const uint8_t nonce[NONCE_BYTES])
{
    uint64_t hash = 0;
    memcpy(&hash, nonce, sizeof(hash));
    return hash != 0 ? hash : 1;
}

static bool has_nonce(const OskNonces *nonces, uint64_t hash)
{
    if (nonces->seen == NULL) {
        return false;
    }
    for (size_t at = hash % OSK_NONCES; nonces->seen[at] != 0; at = (at + 1) % OSK_NONCES) {
        if (nonces->seen[at] == hash) {
            return true;
        }
    }
    return false;
}

static bool is_used(const OskAdmission *admission, const Slot *slot)
{
    uint64_t hash = nonce_hash(slot->nonce);
    return has_nonce(&admission->nonces[0], hash) || has_nonce(&admission->nonces[1], hash);
}

/* False without memory. The older generation is forgotten when its slots are too old anyway, or
 * when the younger one is full. */
static bool add_nonce(OskAdmission *admission, uint64_t hash, int64_t now)
{
    OskNonces *young = &admission->nonces[0];
    if (young->seen == NULL || young->count >= OSK_NONCES / 4 * 3 ||
        now - young->from_ms >= OSK_SLOT_MS) {
        uint64_t *fresh = calloc(OSK_NONCES, sizeof(*fresh));
        if (fresh == NULL) {
            return false;
        }
        free(admission->nonces[1].seen);
        admission->nonces[1] = *young;
        *young = (OskNonces){ .seen = fresh, .from_ms = now };
    }
    size_t at = hash % OSK_NONCES;
    while (young->seen[at] != 0) {
        at = (at + 1) % OSK_NONCES;
    }
    young->seen[at] = hash;
    young->count++;
    return true;
}

void osk_slots_free(OskAdmission *admission)
{
    free(admission->nonces[0].seen);
    free(admission->nonces[1].seen);
}

/* ---- issue, look, use ---- */

static void write_slot(const OskAdmission *admission, const Slot *slot,
                       char out[OSK_SLOT_TEXT_BYTES])
{
    uint8_t mac[32];
    mac_of(admission, slot, mac);
    char nonce[2 * NONCE_BYTES + 1];
    char tag[2 * MAC_BYTES + 1];
    put_hex(nonce, slot->nonce, NONCE_BYTES);
    put_hex(tag, mac, MAC_BYTES);
    snprintf(out, OSK_SLOT_TEXT_BYTES, "%lld.%s.%s", (long long)slot->from_ms, nonce, tag);
}

OskStatus osk_slot_issue(OskAdmission *admission, unsigned effort, char out[OSK_SLOT_TEXT_BYTES],
                         int64_t *out_wait_ms)
{
    Slot slot = { 0 };
    if (!osk_random_fill(NULL, slot.nonce, sizeof(slot.nonce))) {
        return OSK_IO;
    }
    pthread_mutex_lock(&admission->lock);
    bool is_free = osk_door_is_free(admission);
    slot.from_ms = osk_admission_now(admission);
    slot.nonce[AT_PASSED] = is_free;
    slot.nonce[AT_EFFORT] = (uint8_t)(effort < 255 ? effort : 255);
    if (is_free) {
        osk_ticket_give(admission, OSK_HOPE_SLOT, slot.nonce);
    } else {
        admission->counts.delayed++;
    }
    admission->counts.slots_issued++;
    write_slot(admission, &slot, out);
    pthread_mutex_unlock(&admission->lock);
    *out_wait_ms = is_free ? 0 : ASK_MS;
    return OSK_OK;
}

OskStatus osk_turn_pass(OskTurn **turn, char out[OSK_SLOT_TEXT_BYTES])
{
    OskAdmission *admission = (*turn)->admission;
    Slot slot = { 0 };
    if (!osk_random_fill(NULL, slot.nonce, sizeof(slot.nonce))) {
        return OSK_IO;
    }
    slot.nonce[AT_PASSED] = true;
    pthread_mutex_lock(&admission->lock);
    slot.from_ms = osk_admission_now(admission);
    admission->counts.slots_issued++;
    write_slot(admission, &slot, out);
    pthread_mutex_unlock(&admission->lock);
    osk_turn_hand_on(turn, OSK_HOPE_SLOT, slot.nonce);
    return OSK_OK;
}

static OskSlotState look_locked(OskAdmission *admission, const char *text, Slot *slot)
{
    if (!read_slot(admission, text, slot)) {
        return OSK_SLOT_FALSE;
    }
    int64_t age = osk_admission_now(admission) - slot->from_ms;
    /* The clock begins anew with the machine: what is of a time to come is of the last one. */
    if (age < 0 || age >= OSK_SLOT_MS) {
        return OSK_SLOT_OLD;
    }
    if (is_used(admission, slot)) {
        return OSK_SLOT_USED;
    }
    return slot->nonce[AT_PASSED] != 0 ? OSK_SLOT_GOOD : OSK_SLOT_EARLY;
}

OskSlotState osk_slot_look(OskAdmission *admission, const char *slot, int64_t *out_wait_ms)
{
    Slot read = { 0 };
    pthread_mutex_lock(&admission->lock);
    OskSlotState state = look_locked(admission, slot, &read);
    pthread_mutex_unlock(&admission->lock);
    *out_wait_ms = state == OSK_SLOT_EARLY ? ASK_MS : 0;
    return state;
}

static OskSlotState use_locked(OskAdmission *admission, const char *text, Slot *slot)
{
    OskSlotState state = look_locked(admission, text, slot);
    if (state == OSK_SLOT_GOOD &&
        !add_nonce(admission, nonce_hash(slot->nonce), osk_admission_now(admission))) {
        return OSK_SLOT_EARLY;
    }
    return state;
}

OskSlotState osk_slot_use(OskAdmission *admission, const char *slot)
{
    Slot read = { 0 };
    pthread_mutex_lock(&admission->lock);
    OskSlotState state = use_locked(admission, slot, &read);
    pthread_mutex_unlock(&admission->lock);
    return state;
}

OskSlotState osk_turn_slot(OskTurn *turn, const char *slot)
{
    OskAdmission *admission = turn->admission;
    Slot read = { 0 };
    pthread_mutex_lock(&admission->lock);
    OskSlotState state = use_locked(admission, slot, &read);
    if (state == OSK_SLOT_GOOD ||
        (state == OSK_SLOT_EARLY && read.nonce[AT_EFFORT] >= EFFORT_BITS)) {
        turn->has_waited = true;
    }
    pthread_mutex_unlock(&admission->lock);
    if (state == OSK_SLOT_GOOD) {
        osk_turn_claim(turn, read.nonce);
    }
    return state;
}
