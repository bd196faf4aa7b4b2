/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The door, slots and letters, as rig.h has them. */
#include "rig.h"

#include "base/fault.h"
#include "intake/letters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the door ---- */

struct OskTurn {
    bool has_entered;
    bool has_waited;
    pthread_t waker;
    bool has_waker;
    void (*wake)(void *context);
    void *context;
};

OskStatus osk_turn_begin(OskAdmission *admission, uint64_t len, bool has_waited, OskTurn **out,
                         unsigned *out_retry_s, OskFault *fault)
{
    (void)admission;
    (void)len;
    (void)has_waited;
    (void)out_retry_s;
    *out = NULL;
    if (rig.turns_are_full) {
        return rig_fail(fault, OSK_LIMIT, "very many people are sending now");
    }
    *out = calloc(1, sizeof(**out));
    return *out == NULL ? OSK_NO_MEMORY : OSK_OK;
}

void osk_turn_claim(OskTurn *turn, const uint8_t key[OSK_TICKET_KEY_BYTES])
{
    (void)turn;
    rig.claims += memcmp(rig.key, key, sizeof(rig.key)) == 0 ? 1 : 0;
}

static void *wake_it(void *context)
{
    OskTurn *turn = context;
    turn->wake(turn->context);
    return NULL;
}

static void wake_soon(OskTurn *turn, void (*wake)(void *context), void *context)
{
    if (turn->has_waker) {
        pthread_join(turn->waker, NULL);
    }
    turn->wake = wake;
    turn->context = context;
    turn->has_waited = true;
    turn->has_waker = pthread_create(&turn->waker, NULL, wake_it, turn) == 0;
}

OskDoor osk_turn_enter(OskTurn *turn, void (*wake)(void *context), void *context,
                       unsigned *out_retry_s)
{
    if (rig.door_is_shut) {
        if (out_retry_s != NULL) {
            *out_retry_s = 17;
        }
        return OSK_DOOR_LATER;
    }
    if (rig.door_waits_once && !turn->has_waited) {
        wake_soon(turn, wake, context);
        return OSK_DOOR_WAIT;
    }
    turn->has_waited = false;
    return OSK_DOOR_OPEN;
}

size_t osk_turn_take(OskTurn *turn, size_t len, void (*wake)(void *context), void *context)
{
    if (rig.door_waits_once && !turn->has_waited) {
        wake_soon(turn, wake, context);
        return 0;
    }
    turn->has_waited = false;
    return len;
}

void osk_turn_end(OskTurn **turn)
{
    if (*turn != NULL) {
        if ((*turn)->has_waker) {
            pthread_join((*turn)->waker, NULL);
        }
        free(*turn);
        *turn = NULL;
    }
}

void osk_turn_leave(OskTurn **turn, const uint8_t key[OSK_TICKET_KEY_BYTES])
{
    (void)key;
    osk_turn_end(turn);
}

void osk_work_begin(OskAdmission *admission, OskWork work)
{
    (void)admission;
    (void)work;
}

void osk_work_end(OskAdmission *admission, OskWork work)
{
    (void)admission;
    (void)work;
}

void osk_turn_is_alone(OskTurn *turn, const uint8_t *key)
{
    (void)turn;
    rig.has_key = key != NULL;
    if (key != NULL) {
        memcpy(rig.key, key, sizeof(rig.key));
    }
}

void osk_work_pass_on(OskAdmission *admission, OskWork work)
{
    (void)admission;
    (void)work;
}

uint64_t osk_submit_room(uint64_t len, uint32_t flags)
{
    return (flags & (OSK_UPLOAD_DEVICE | OSK_UPLOAD_ORIGINAL)) != 0 ? len : 3 * len;
}

bool osk_submitter_can_scrub(const OskSubmitter *submitter)
{
    (void)submitter;
    return !rig.scrubs_nothing;
}

OskStatus osk_submit_fail_scrub(OskFault *fault)
{
    return osk_fault_set(fault, OSK_UNSUPPORTED, "upload", "nothing is cleaned", OSK_NO_OFFSET);
}

OskStatus osk_lease_ask(OskAdmission *admission, uint64_t declared, uint64_t bytes, OskFault *fault)
{
    (void)admission;
    (void)declared;
    rig.asked_bytes = bytes;
    return rig.disk_is_full || rig.disk_is_short ? rig_fail_disk(fault) : OSK_OK;
}

/* ---- slots: "1.n.m" is always early; others are what they say ---- */

OskStatus osk_slot_issue(OskAdmission *admission, unsigned effort, char out[OSK_SLOT_TEXT_BYTES],
                         int64_t *out_wait_ms)
{
    (void)admission;
    rig.effort = effort;
    snprintf(out, OSK_SLOT_TEXT_BYTES, "%s", rig.form_is_free ? "good.new" : "1.n.m");
    *out_wait_ms = rig.form_is_free ? 0 : 5;
    return OSK_OK;
}

OskSlotState osk_slot_look(OskAdmission *admission, const char *slot, int64_t *out_wait_ms)
{
    (void)admission;
    *out_wait_ms = strcmp(slot, "1.n.m") == 0 ? 5 : 0;
    return *out_wait_ms > 0                ? OSK_SLOT_EARLY
           : strncmp(slot, "good", 4) == 0 ? OSK_SLOT_GOOD
           : strncmp(slot, "used", 4) == 0 ? OSK_SLOT_USED
           : strncmp(slot, "old", 3) == 0  ? OSK_SLOT_OLD
                                           : OSK_SLOT_FALSE;
}

OskSlotState osk_turn_slot(OskTurn *turn, const char *slot)
{
    (void)turn;
    int64_t wait_ms = 0;
    snprintf(rig.turn_slot, sizeof(rig.turn_slot), "%s", slot);
    return osk_slot_look(NULL, slot, &wait_ms);
}

OskStatus osk_turn_pass(OskTurn **turn, char out[OSK_SLOT_TEXT_BYTES])
{
    snprintf(out, OSK_SLOT_TEXT_BYTES, "good.passed");
    osk_turn_end(turn);
    return OSK_OK;
}

unsigned rig_find_proof(const char *slot, unsigned bits)
{
    for (unsigned proof = 0;; proof++) {
        char text[160];
        uint8_t digest[32];
        OskSha256 hash;
        int len = snprintf(text, sizeof(text), "%s:%u", slot, proof);
        osk_sha256_begin(&hash);
        osk_sha256_add(&hash, text, (size_t)len);
        osk_sha256_end(&hash, digest);
        unsigned zeros = 0;
        while (zeros < bits && (digest[zeros / 8] & (0x80u >> zeros % 8)) == 0) {
            zeros++;
        }
        if (zeros == bits) {
            return proof;
        }
    }
}

/* ---- letters: of 2,000 bytes each ---- */

OskStatus osk_letters_read(OskStore *store, const OskReceipt *receipt, OskReturn *out,
                           bool (*each)(void *context, const OskLetter *letter), void *context,
                           OskFault *fault)
{
    (void)store;
    (void)receipt;
    (void)fault;
    *out = (OskReturn){ .state = (OskReturnState)rig.receipt_state };
    for (unsigned i = 0; i < rig.letter_count && each != NULL; i++) {
        char text[2001];
        memset(text, 'x', sizeof(text));
        text[sizeof(text) - 1] = 0;
        text[snprintf(text, sizeof(text), "%u ", i)] = 'x';
        OskLetter letter = { .number = i, .from_desk = true, .day = 20000, .text = text };
        each(context, &letter);
    }
    return OSK_OK;
}

OskStatus osk_letters_withdraw(OskStore *store, OskSubmitter *submitter, const OskReceipt *receipt,
                               const OskRandom *random, OskFault *fault)
{
    (void)store;
    (void)submitter;
    (void)receipt;
    (void)random;
    (void)fault;
    rig.withdrawn += rig.is_held ? 0 : 1;
    return rig.is_held ? OSK_UNSUPPORTED : OSK_OK;
}
