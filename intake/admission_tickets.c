/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who was let in and has not begun. Places are held for them as far as experience says that they
 * come: else ten thousand creations without a byte would hold all places there are. */
#include "intake/admission_inside.h"

#include <string.h>

/* How long the right to come in without waiting again lasts: a round trip over Tor, and a page that
 * is drawn. */
#define TICKET_MS 5000

void osk_hope_learn(OskAdmission *admission, OskHope hope, bool came)
{
    uint32_t *chance = &admission->chance[hope];
    *chance = *chance - *chance / 16 + (came ? OSK_PLACE / 16 : 0);
}

static void ticket_end(OskAdmission *admission, OskTicket *ticket, bool came)
{
    if (ticket->is_counted) {
        osk_hope_learn(admission, ticket->hope, came);
    }
    ticket->is_counted = false;
}

void osk_ticket_give(OskAdmission *admission, OskHope hope, const uint8_t *key)
{
    OskTicket *oldest = &admission->tickets[0];
    for (size_t i = 0; i < OSK_TICKETS; i++) {
        OskTicket *ticket = &admission->tickets[i];
        if (!ticket->is_there) {
            oldest = ticket;
            break;
        }
        if (ticket->given_ms < oldest->given_ms) {
            oldest = ticket;
        }
    }
    if (oldest->is_there) {
        ticket_end(admission, oldest, false);
    }
    *oldest = (OskTicket){
        .given_ms = osk_admission_now(admission), .hope = hope, .is_there = true, .is_counted = true
    };
    if (key != NULL) {
        memcpy(oldest->key, key, sizeof(oldest->key));
    }
}

static OskTicket *ticket_find(OskAdmission *admission, const uint8_t *key)
{
    for (size_t i = 0; i < OSK_TICKETS; i++) {
        OskTicket *ticket = &admission->tickets[i];
        if (ticket->is_there && ticket->hope != OSK_HOPE_REST &&
            memcmp(ticket->key, key, sizeof(ticket->key)) == 0) {
            return ticket;
        }
    }
    return NULL;
}

bool osk_ticket_is_there(OskAdmission *admission, const uint8_t *key)
{
    return ticket_find(admission, key) != NULL;
}

bool osk_ticket_use(OskAdmission *admission, const uint8_t *key)
{
    OskTicket *ticket = ticket_find(admission, key);
    if (ticket == NULL) {
        return false;
    }
    ticket_end(admission, ticket, true);
    ticket->is_there = false;
    return true;
}

void osk_ticket_use_rest(OskAdmission *admission)
{
    for (size_t i = 0; i < OSK_TICKETS; i++) {
        OskTicket *ticket = &admission->tickets[i];
        if (ticket->is_there && ticket->hope == OSK_HOPE_REST) {
            ticket_end(admission, ticket, true);
            ticket->is_there = false;
            return;
        }
    }
}

void osk_tickets_lapse(OskAdmission *admission, int64_t now)
{
    for (size_t i = 0; i < OSK_TICKETS; i++) {
        OskTicket *ticket = &admission->tickets[i];
        if (ticket->is_there && now - ticket->given_ms >= OSK_HOPE_MS) {
            ticket_end(admission, ticket, false);
            ticket->is_there = ticket->hope != OSK_HOPE_REST && now - ticket->given_ms < TICKET_MS;
        }
    }
}
