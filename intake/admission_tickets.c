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

void osk_learn(uint32_t *chance, bool came)
{
    *chance = *chance - *chance / 8 + (came ? OSK_PLACE / 8 : 0);
}

static OskTicket *ticket_at(OskAdmission *admission, size_t number)
{
    return &admission->tickets[number % OSK_TICKETS];
}

static void stop_holding(OskAdmission *admission, OskTicket *ticket)
{
    ticket->is_counted = false;
    admission->hoped[ticket->hope]--;
}

/* Its place was held for long enough. Who submits takes as long as the disk does: whether that one
 * comes is known when the ticket is used, or is over. */
static void stop_hoping(OskAdmission *admission, OskTicket *ticket)
{
    if (ticket->is_counted) {
        stop_holding(admission, ticket);
        if (ticket->hope != OSK_HOPE_SUBMIT) {
            osk_learn(&admission->chance[ticket->hope], false);
        }
    }
}

static void drop_oldest(OskAdmission *admission)
{
    OskTicket *ticket = ticket_at(admission, admission->first_ticket++);
    stop_hoping(admission, ticket);
    if (ticket->hope == OSK_HOPE_SUBMIT && ticket->is_there) {
        osk_learn(&admission->chance[OSK_HOPE_SUBMIT], false);
    }
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
    if (ticket->is_counted || ticket->hope == OSK_HOPE_SUBMIT) {
        osk_learn(&admission->chance[ticket->hope], true);
    }
    if (ticket->is_counted) {
        stop_holding(admission, ticket);
    }
    ticket->is_there = false;
    return true;
}

/* ---- bodies that are whole, and the work that follows ---- */

static int64_t *rest_at(OskAdmission *admission, size_t number)
{
    return &admission->rests[number % OSK_RESTS];
}

static void forget_rest(OskAdmission *admission)
{
    if (admission->held_rest == admission->first_rest) {
        admission->held_rest++;
        admission->hoped[OSK_HOPE_REST]--;
    }
    admission->first_rest++;
    osk_learn(&admission->chance[OSK_HOPE_REST], false);
}

/* A place is held for a moment. What is learned waits for the work itself: a machine on which it
 * takes long would else believe that none comes, and let in more exactly then. */
static void rests_lapse(OskAdmission *admission, int64_t now)
{
    while (admission->held_rest < admission->next_rest &&
           now - *rest_at(admission, admission->held_rest) >= REST_MS) {
        admission->held_rest++;
        admission->hoped[OSK_HOPE_REST]--;
    }
    while (admission->first_rest < admission->next_rest &&
           now - *rest_at(admission, admission->first_rest) >= TICKET_MS) {
        forget_rest(admission);
    }
}

void osk_rest_hope(OskAdmission *admission)
{
    if (admission->next_rest - admission->first_rest == OSK_RESTS) {
        forget_rest(admission);
    }
    *rest_at(admission, admission->next_rest++) = osk_admission_now(admission);
    admission->hoped[OSK_HOPE_REST]++;
}

void osk_rest_came(OskAdmission *admission, OskWork work)
{
    bool is_held = admission->held_rest < admission->next_rest;
    bool is_awaited = admission->first_rest < admission->next_rest;
    if (is_held) {
        /* Its time moves to where no place is held: there the oldest goes. */
        admission->held_rest++;
        admission->hoped[OSK_HOPE_REST]--;
    }
    if (is_awaited) {
        admission->first_rest++;
    }
    if (is_awaited || work == OSK_WORK_SCRUB) {
        osk_learn(&admission->chance[OSK_HOPE_REST], true);
    }
}

/* ---- time ---- */

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
        stop_hoping(admission, ticket);
    }
    rests_lapse(admission, now);
}
