/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The door and the places behind it. What is counted is work that runs now, never what is merely
 * open: a connection, an upload or a form that does nothing stands in nobody's way. */
#include "intake/admission_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

/* A body that brought nothing for this long has given its place back: it waits for its sender. */
#define LINGER_MS 20

/* How long a request stands at the door. Proxies end what is silent for 60 s. */
#define DOOR_MS 45000

/* What a slow sender may bring without a place: a phone's or Tor's rate. All of them together get
 * as much as costs a few percent of a processor; beyond that they take places as others do. */
#define SLOW_RATE (64u * 1024)
#define SLOW_RATE_ALL (16u * 1024 * 1024)

/* Of it at first: a fast sender brings more in one piece, and is known by it. */
#define SLOW_FIRST (4u * 1024)

/* However few of those who are let in need a place, so many are let in at once and no more. */
#define HOPEFUL_MAX 16u

/* Waiting for the disk leaves the processor to others, and the disk does sixteen syncs at once in
 * the time of two. */
#define FINISHING_COST (OSK_PLACE / 32)

/* A large body gives way to whoever is let in, piece by piece: a film must not shut the door. */
#define YIELDING_COST (OSK_PLACE / 8)

/* A scrub or Argon2id fills a processor, and the disk and the network need the other: on two, one
 * submission is worked on at a time. */
#define WORK_COST (OSK_PLACE + OSK_PLACE / 2)

/* Leases last for a minute, and there are thousands to look at. */
#define LAPSE_MS 1000

/* Behind this many no connection limit holds any more, and memory must. */
#define TURNS_MAX 16384u

/* ---- lines ---- */

static void line_leave(OskTurn *turn)
{
    OskLine *line = turn->line;
    if (line == NULL) {
        return;
    }
    *(turn->previous != NULL ? &turn->previous->next : &line->first) = turn->next;
    *(turn->next != NULL ? &turn->next->previous : &line->last) = turn->previous;
    line->count--;
    turn->next = NULL;
    turn->previous = NULL;
    turn->line = NULL;
}

static void line_join(OskLine *line, OskTurn *turn, int64_t now)
{
    line_leave(turn);
    turn->line = line;
    turn->since_ms = now;
    turn->previous = line->last;
    *(line->last != NULL ? &line->last->next : &line->first) = turn;
    line->last = turn;
    line->count++;
}

/* ---- the door ---- */

/* What a whole body will cost: the work of its submission, as likely as experience says of bodies
 * that are one, and of those that wait for the request that submits them. */
static uint64_t cost_of_rest(const OskAdmission *admission)
{
    uint64_t alone = admission->alone;
    uint64_t likely = (OSK_PLACE - alone) * admission->chance[OSK_HOPE_REST] +
                      alone * admission->chance[OSK_HOPE_SUBMIT];
    return likely / OSK_PLACE * WORK_COST / OSK_PLACE;
}

/* What one who is let in will cost once it comes: its work, for which it is let in and must find
 * the place free; little more than the disk's time when uploads are not submitted now. */
static uint64_t cost_of_body(const OskAdmission *admission)
{
    uint64_t rest = cost_of_rest(admission);
    return rest > OSK_PLACE / 8 ? rest : OSK_PLACE / 8;
}

/* What is held for work that follows. */
static uint64_t cost_of_held(const OskAdmission *admission)
{
    uint64_t likely =
        (uint64_t)admission->chance[OSK_HOPE_REST] * admission->hoped[OSK_HOPE_REST] +
        (uint64_t)admission->chance[OSK_HOPE_SUBMIT] * admission->hoped[OSK_HOPE_SUBMIT];
    return likely * WORK_COST / OSK_PLACE;
}

static unsigned level_of(const OskTurn *turn)
{
    unsigned level = 0;
    for (uint64_t bound = OSK_LEVEL_BYTES; turn->attained >= bound && level + 1 < OSK_LEVELS;
         bound *= 2) {
        level++;
    }
    return level;
}

/* Of those that run, the small ones; adds the others to `large`. */
static unsigned count_running(const OskAdmission *admission, uint64_t *large)
{
    unsigned small = 0;
    for (const OskTurn *turn = admission->running.first; turn != NULL; turn = turn->next) {
        small += level_of(turn) == 0 ? 1 : 0;
    }
    *large += admission->running.count - small;
    return small;
}

static uint64_t load(const OskAdmission *admission)
{
    const uint32_t *chance = admission->chance;
    const unsigned *hoped = admission->hoped;
    uint64_t works = admission->works[OSK_WORK_SCRUB] + admission->works[OSK_WORK_RECEIPT];
    uint64_t large = 0;
    uint64_t bodies = admission->inside[0].count + count_running(admission, &large);
    for (unsigned level = 1; level < OSK_LEVELS; level++) {
        large += admission->inside[level].count;
    }
    uint64_t body = chance[OSK_HOPE_BODY];
    body = body > OSK_PLACE / HOPEFUL_MAX ? body : OSK_PLACE / HOPEFUL_MAX;
    bodies = bodies * OSK_PLACE + body * admission->hopeful.count +
             (uint64_t)chance[OSK_HOPE_UPLOAD] * hoped[OSK_HOPE_UPLOAD] +
             (uint64_t)chance[OSK_HOPE_SLOT] * hoped[OSK_HOPE_SLOT];
    return works * WORK_COST + bodies / 256 * cost_of_body(admission) / (OSK_PLACE / 256) +
           cost_of_rest(admission) * admission->finishing + cost_of_held(admission) +
           (uint64_t)YIELDING_COST * large + (uint64_t)FINISHING_COST * admission->finishing;
}

/* A quarter of a place more than there is: what is finishing or unlikely must not shut the door. */
static bool has_place(const OskAdmission *admission)
{
    return load(admission) + OSK_PLACE <=
           (uint64_t)OSK_PLACE * admission->limits.active + OSK_PLACE / 4;
}

bool osk_door_is_free(OskAdmission *admission)
{
    return admission->door[0].count + admission->door[1].count == 0 && has_place(admission);
}

static void let_in(OskAdmission *admission, OskTurn *turn, int64_t now)
{
    turn->is_inside = true;
    line_join(&admission->hopeful, turn, now);
}

/* Woken when the lock is free. */
static void call(OskAdmission *admission, OskTurn *turn)
{
    turn->next_due = NULL;
    *(admission->last_due != NULL ? &admission->last_due->next_due : &admission->first_due) = turn;
    admission->last_due = turn;
}

static void call_off(OskAdmission *admission, OskTurn *turn)
{
    OskTurn *before = NULL;
    for (OskTurn *at = admission->first_due; at != NULL; before = at, at = at->next_due) {
        if (at == turn) {
            *(before != NULL ? &before->next_due : &admission->first_due) = at->next_due;
            if (admission->last_due == at) {
                admission->last_due = before;
            }
            return;
        }
    }
}

/* Those with a slot and those without go by turns, so that neither can shut the other out. */
static void open_door(OskAdmission *admission, int64_t now)
{
    while (admission->door[0].count + admission->door[1].count > 0 && has_place(admission)) {
        admission->door_next ^= 1;
        if (admission->door[admission->door_next].count == 0) {
            admission->door_next ^= 1;
        }
        OskTurn *turn = admission->door[admission->door_next].first;
        let_in(admission, turn, now);
        call(admission, turn);
    }
}

/* ---- places inside ---- */

/* On one of the first `levels`. */
static bool somebody_waits(const OskAdmission *admission, unsigned levels)
{
    for (unsigned i = 0; i < levels; i++) {
        if (admission->inside[i].count > 0) {
            return true;
        }
    }
    return false;
}

static void give_places(OskAdmission *admission, int64_t now)
{
    for (unsigned level = 0; level < OSK_LEVELS; level++) {
        while (admission->inside[level].count > 0 &&
               admission->running.count < admission->limits.active) {
            OskTurn *turn = admission->inside[level].first;
            line_join(&admission->running, turn, now);
            call(admission, turn);
        }
    }
}

/* It was let in, and no byte of it came. */
static void give_up(OskAdmission *admission, OskTurn *turn)
{
    if (turn->len > 0) {
        osk_learn(&admission->chance[OSK_HOPE_BODY], false);
    }
    line_leave(turn);
}

static void end_idle_ones(OskAdmission *admission, int64_t now)
{
    OskTurn *next = NULL;
    for (OskTurn *turn = admission->running.first; turn != NULL; turn = next) {
        next = turn->next;
        if (now - turn->since_ms >= LINGER_MS) {
            line_leave(turn);
        }
    }
    while (admission->hopeful.first != NULL &&
           now - admission->hopeful.first->since_ms >= OSK_HOPE_MS) {
        give_up(admission, admission->hopeful.first);
    }
}

/* Refills what slow ones may bring, and takes `len` of it. */
static bool take_slowly(OskAdmission *admission, OskTurn *turn, size_t len, int64_t now)
{
    uint64_t own = turn->slow_bytes + (uint64_t)(now - turn->slow_ms) * SLOW_RATE / 1000;
    uint64_t all =
        admission->slow_bytes + (uint64_t)(now - admission->slow_ms) * SLOW_RATE_ALL / 1000;
    turn->slow_bytes = own < SLOW_RATE ? own : SLOW_RATE;
    turn->slow_ms = now;
    admission->slow_bytes = all < SLOW_RATE_ALL ? all : SLOW_RATE_ALL;
    admission->slow_ms = now;
    if (turn->slow_bytes < len || admission->slow_bytes < len) {
        return false;
    }
    turn->slow_bytes -= len;
    admission->slow_bytes -= len;
    return true;
}

/* True when `turn` may run: it does already, or there is a place and nobody who has had less waits
 * for it. */
static bool has_run(OskAdmission *admission, OskTurn *turn, int64_t now)
{
    unsigned level = level_of(turn);
    if (turn->line == &admission->running) {
        if (!somebody_waits(admission, level)) {
            turn->since_ms = now;
            return true;
        }
        line_leave(turn);
        return false;
    }
    if (somebody_waits(admission, level + 1) ||
        admission->running.count >= admission->limits.active) {
        return false;
    }
    line_join(&admission->running, turn, now);
    return true;
}

/* ---- waking ---- */

/* Unlocks for each call: a wake resumes a connection, which may come straight back here. */
static void call_all(OskAdmission *admission)
{
    while (admission->first_due != NULL) {
        OskTurn *turn = admission->first_due;
        call_off(admission, turn);
        void (*wake)(void *) = turn->wake;
        void *context = turn->context;
        turn->wake = NULL;
        if (wake == NULL) {
            continue;
        }
        turn->is_called = true;
        pthread_mutex_unlock(&admission->lock);
        wake(context);
        pthread_mutex_lock(&admission->lock);
        turn->is_called = false;
        pthread_cond_broadcast(&admission->called);
    }
}

/* After the load fell. Where there is a thread, it is the one that wakes. */
void osk_go_on(OskAdmission *admission)
{
    if (admission->has_thread) {
        pthread_cond_signal(&admission->tick);
    }
}

static void end_waits(OskAdmission *admission, int64_t now)
{
    /* Those with a slot are never sent away. */
    OskTurn *next = NULL;
    for (OskTurn *turn = admission->door[0].first; turn != NULL && now - turn->since_ms >= DOOR_MS;
         turn = next) {
        next = turn->next;
        if (!turn->is_patient) {
            line_leave(turn);
            call(admission, turn);
        }
    }
}

void osk_turns_tick(OskAdmission *admission)
{
    int64_t now = osk_admission_now(admission);
    end_idle_ones(admission, now);
    osk_tickets_lapse(admission, now);
    if (now - admission->lapsed_ms >= LAPSE_MS) {
        admission->lapsed_ms = now;
        osk_leases_lapse(admission, now);
    }
    give_places(admission, now);
    open_door(admission, now);
    end_waits(admission, now);
    call_all(admission);
}

unsigned osk_turns_waiting(const OskAdmission *admission)
{
    unsigned waiting = admission->door[0].count + admission->door[1].count;
    for (unsigned level = 0; level < OSK_LEVELS; level++) {
        waiting += admission->inside[level].count;
    }
    return waiting;
}

/* ---- turns ---- */

OskStatus osk_turn_begin(OskAdmission *admission, uint64_t len, bool has_waited, OskTurn **out,
                         unsigned *out_retry_s, OskFault *fault)
{
    *out = NULL;
    OskTurn *turn = calloc(1, sizeof(*turn));
    if (turn == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    turn->admission = admission;
    turn->len = len;
    turn->has_waited = has_waited;
    turn->door_ms = -1;
    pthread_mutex_lock(&admission->lock);
    bool is_full = admission->turns >= TURNS_MAX;
    if (!is_full) {
        admission->turns++;
        turn->slow_bytes = SLOW_FIRST;
        turn->slow_ms = osk_admission_now(admission);
    } else {
        admission->counts.delayed++;
    }
    pthread_mutex_unlock(&admission->lock);
    if (is_full) {
        free(turn);
        if (out_retry_s != NULL) {
            *out_retry_s = 10;
        }
        osk_fault_set(fault, OSK_LIMIT, "", "very many people are sending now", OSK_NO_OFFSET);
        osk_fault_next(fault, "try again in a few seconds; nothing is lost");
        return OSK_LIMIT;
    }
    *out = turn;
    return OSK_OK;
}

void osk_turn_claim(OskTurn *turn, const uint8_t key[OSK_TICKET_KEY_BYTES])
{
    OskAdmission *admission = turn->admission;
    pthread_mutex_lock(&admission->lock);
    if (osk_ticket_use(admission, key) && !turn->is_inside) {
        turn->is_inside = true;
        line_join(&admission->hopeful, turn, osk_admission_now(admission));
    }
    pthread_mutex_unlock(&admission->lock);
}

/* Waits in `line` until called. */
static void wait_in(OskLine *line, OskTurn *turn, void (*wake)(void *), void *context)
{
    OskAdmission *admission = turn->admission;
    if (line != turn->line) {
        line_join(line, turn, osk_admission_now(admission));
    }
    turn->wake = wake;
    turn->context = context;
    admission->counts.delayed++;
    osk_go_on(admission);
}

static OskDoor enter_locked(OskTurn *turn, void (*wake)(void *), void *context)
{
    OskAdmission *admission = turn->admission;
    if (turn->is_inside) {
        return OSK_DOOR_OPEN;
    }
    int64_t now = osk_admission_now(admission);
    if (osk_door_is_free(admission)) {
        let_in(admission, turn, now);
        return OSK_DOOR_OPEN;
    }
    if (turn->door_ms < 0) {
        turn->door_ms = now;
    }
    if (!turn->has_waited && !turn->is_patient && now - turn->door_ms >= DOOR_MS) {
        admission->counts.delayed++;
        return OSK_DOOR_LATER;
    }
    wait_in(&admission->door[turn->has_waited], turn, wake, context);
    return OSK_DOOR_WAIT;
}

OskDoor osk_turn_enter(OskTurn *turn, void (*wake)(void *context), void *context,
                       unsigned *out_retry_s)
{
    OskAdmission *admission = turn->admission;
    pthread_mutex_lock(&admission->lock);
    OskDoor door = enter_locked(turn, wake, context);
    if (door == OSK_DOOR_LATER && out_retry_s != NULL) {
        /* Who comes again is the last in a line of about DOOR_MS. */
        *out_retry_s = 1 + (unsigned)(admission->counts.delayed % 3);
    }
    pthread_mutex_unlock(&admission->lock);
    return door;
}

/* Its first bytes are there. What begins slowly takes no place, and teaches that fewer are needed.
 */
static void stop_hoping(OskTurn *turn, bool needs_place)
{
    OskAdmission *admission = turn->admission;
    if (turn->line == &admission->hopeful) {
        osk_learn(&admission->chance[OSK_HOPE_BODY], needs_place);
        line_leave(turn);
    }
}

static void take_note(OskTurn *turn, size_t len)
{
    OskAdmission *admission = turn->admission;
    turn->attained += len;
    if (!turn->is_finishing && turn->attained >= turn->len) {
        turn->is_finishing = true;
        admission->finishing++;
        line_leave(turn);
        osk_go_on(admission);
    }
}

static size_t take_locked(OskTurn *turn, size_t len, void (*wake)(void *), void *context)
{
    OskAdmission *admission = turn->admission;
    if (!turn->is_inside) {
        if (turn->attained + len <= OSK_TURN_FREE_BYTES) {
            turn->attained += len;
            return len;
        }
        /* Here is nobody to send away any more: it waits as long as it takes. */
        turn->is_patient = true;
        if (enter_locked(turn, wake, context) != OSK_DOOR_OPEN) {
            return 0;
        }
    }
    int64_t now = osk_admission_now(admission);
    if (turn->line == &admission->hopeful) {
        /* The wait at the door has saved up nothing. */
        turn->slow_bytes = SLOW_FIRST;
        turn->slow_ms = now;
    }
    bool is_slow = turn->line != &admission->running && take_slowly(admission, turn, len, now);
    stop_hoping(turn, !is_slow || turn->attained + len >= turn->len);
    if (is_slow || has_run(admission, turn, now)) {
        take_note(turn, len);
        return len;
    }
    wait_in(&admission->inside[level_of(turn)], turn, wake, context);
    return 0;
}

size_t osk_turn_take(OskTurn *turn, size_t len, void (*wake)(void *context), void *context)
{
    if (len == 0) {
        return 0;
    }
    OskAdmission *admission = turn->admission;
    pthread_mutex_lock(&admission->lock);
    size_t taken = take_locked(turn, len, wake, context);
    pthread_mutex_unlock(&admission->lock);
    return taken;
}

/* Out of everything; the caller frees it. */
static void turn_out(OskTurn *turn)
{
    OskAdmission *admission = turn->admission;
    turn->wake = NULL;
    call_off(admission, turn);
    if (turn->line == &admission->hopeful) {
        give_up(admission, turn);
    }
    line_leave(turn);
    while (turn->is_called) {
        pthread_cond_wait(&admission->called, &admission->lock);
    }
    admission->turns--;
    osk_go_on(admission);
}

void osk_turn_hand_on(OskTurn **turn, OskHope hope, const uint8_t *key)
{
    OskAdmission *admission = (*turn)->admission;
    pthread_mutex_lock(&admission->lock);
    bool was_inside = (*turn)->is_inside;
    line_leave(*turn);
    turn_out(*turn);
    if (was_inside) {
        osk_ticket_give(admission, hope, key);
    }
    pthread_mutex_unlock(&admission->lock);
    free(*turn);
    *turn = NULL;
}

void osk_turn_leave(OskTurn **turn, const uint8_t key[OSK_TICKET_KEY_BYTES])
{
    osk_turn_hand_on(turn, OSK_HOPE_UPLOAD, key);
}

void osk_turn_is_alone(OskTurn *turn, const uint8_t *key)
{
    pthread_mutex_lock(&turn->admission->lock);
    turn->is_alone = true;
    turn->has_key = key != NULL;
    if (key != NULL) {
        memcpy(turn->key, key, sizeof(turn->key));
    }
    pthread_mutex_unlock(&turn->admission->lock);
}

/* Its body is whole: what follows is hoped for. */
static void hope_for_rest(OskTurn *turn)
{
    OskAdmission *admission = turn->admission;
    if (turn->len > 0) {
        osk_learn(&admission->alone, turn->is_alone);
    }
    if (turn->has_key) {
        osk_ticket_give(admission, OSK_HOPE_SUBMIT, turn->key);
    } else if (!turn->is_alone && turn->len > 0) {
        osk_rest_hope(admission);
    }
}

void osk_turn_end(OskTurn **turn)
{
    if (*turn == NULL) {
        return;
    }
    OskAdmission *admission = (*turn)->admission;
    pthread_mutex_lock(&admission->lock);
    /* All of it passed before the door. */
    bool came_before = (*turn)->line == &admission->hopeful && (*turn)->len > 0 &&
                       (*turn)->attained >= (*turn)->len;
    if (came_before) {
        stop_hoping(*turn, true);
    }
    turn_out(*turn);
    if ((*turn)->is_finishing) {
        admission->finishing--;
    }
    if ((*turn)->is_finishing || came_before) {
        hope_for_rest(*turn);
    }
    pthread_mutex_unlock(&admission->lock);
    free(*turn);
    *turn = NULL;
}
