/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who was let in and has not begun. Places are held for them as far as experience says that they
 * come: else ten thousand creations without a byte would hold all places there are. */
#include "intake/admission_inside.h"

#include <string.h>

/* How long the right to come in without waiting again lasts: a round trip over Tor, and a page that
 * is drawn. */
#define TICKET_MS 5000

/* How long a place is held for the work behind a whole body: it follows when the disk has it, which
 * takes its time under load, or it is the next request of somebody who is near. */
#define REST_MS 300

void osk_hope_learn(OskAdmission *admission, OskHope hope, bool came)
{
    uint32_t *chance = &admission->chance[hope];
    *chance = *chance - *chance / 8 + (came ? OSK_PLACE / 8 : 0);
}

static OskTicket *ticket_at(OskAdmission *admission, size_t number)
{
    return &admission->tickets[number % OSK_TICKETS];
}

/* Its place is not held any longer. */
static void stop_hoping(OskAdmission *admission, OskTicket *ticket, bool came)
{
    if (ticket->is_counted) {
        ticket->is_counted = false;
        admission->hoped[ticket->hope]--;
        osk_hope_learn(admission, ticket->hope, came);
    }
}

static void drop_oldest(OskAdmission *admission)
{
    stop_hoping(admission, ticket_at(admission, admission->first_ticket), false);
    admission->first_ticket++;
}

void osk_ticket_give(OskAdmission *admission, OskHope hope, const uint8_t *key)
{
    if (admission->next_ticket - admission->first_ticket == OSK_TICKETS) {
        drop_oldest(admission);
    }
    OskTicket *ticket = ticket_at(admission, admission->next_ticket++);
    *ticket = (OskTicket){
        .given_ms = osk_admission_now(admission), .hope = hope, .is_there = true, .is_counted = true
    };
    admission->hoped[hope]++;
    memcpy(ticket->key, key, sizeof(ticket->key));
}

static OskTicket *ticket_find(OskAdmission *admission, const uint8_t *key)
{
    for (size_t i = admission->next_ticket; i > admission->first_ticket; i--) {
        OskTicket *ticket = ticket_at(admission, i - 1);
        if (ticket->is_there && memcmp(ticket->key, key, sizeof(ticket->key)) == 0) {
            return ticket;
        }
    }
    return NULL;
}

bool osk_ticket_use(OskAdmission *admission, const uint8_t *key)
{
    OskTicket *ticket = ticket_find(admission, key);
    if (ticket == NULL) {
        return false;
    }
    stop_hoping(admission, ticket, true);
    ticket->is_there = false;
    return true;
}

void osk_tickets_lapse(OskAdmission *admission, int64_t now)
{
    while (admission->first_ticket < admission->next_ticket &&
           now - ticket_at(admission, admission->first_ticket)->given_ms >= TICKET_MS) {
        drop_oldest(admission);
    }
    for (size_t i = admission->first_ticket; i < admission->next_ticket; i++) {
        OskTicket *ticket = ticket_at(admission, i);
        if (now - ticket->given_ms < OSK_HOPE_MS) {
            break;
        }
        stop_hoping(admission, ticket, false);
    }
    while (admission->hoped[OSK_HOPE_REST] > 0 &&
           now - admission->rests[admission->first_rest % OSK_RESTS] >= REST_MS) {
        admission->first_rest++;
        admission->hoped[OSK_HOPE_REST]--;
        osk_hope_learn(admission, OSK_HOPE_REST, false);
    }
}

/* ---- bodies that are whole, and the work that follows ---- */

void osk_rest_hope(OskAdmission *admission)
{
    if (admission->hoped[OSK_HOPE_REST] < OSK_RESTS) {
        size_t at = admission->first_rest + admission->hoped[OSK_HOPE_REST];
        admission->rests[at % OSK_RESTS] = osk_admission_now(admission);
        admission->hoped[OSK_HOPE_REST]++;
    }
}

void osk_rest_came(OskAdmission *admission)
{
    if (admission->hoped[OSK_HOPE_REST] > 0) {
        admission->first_rest++;
        admission->hoped[OSK_HOPE_REST]--;
        osk_hope_learn(admission, OSK_HOPE_REST, true);
    }
}
