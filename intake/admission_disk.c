/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room on the disk. What was promised and is not written yet is taken off what is free, so that
 * whoever was told to go on can go on, however many do so at once. */
#include "intake/admission_inside.h"

#include <stdlib.h>

#include "base/fault.h"

/* Rows, their log, and what the desk needs to delete: never promised to anybody. */
#define FLOOR_PERMILLE 2
#define FLOOR_BYTES (8ull * 1024 * 1024)
/* Behind the reserve of small files: for words alone. */
#define TEXT_PERMILLE 10
#define TEXT_BYTES (16ull * 1024 * 1024)

/* Until so much has come, no more than FIRST_BYTES is promised: else a thousand connections that
 * send nothing would be promised the disk. */
#define PROOF_BYTES (256u * 1024)
#define FIRST_BYTES (1024u * 1024)

/* When somebody else would be sent away for it, a promise goes back that would take longer than
 * SLOW_MS to be kept at the pace of the last MARK_MS. */
#define MARK_MS 2000
#define SLOW_MS (60 * 1000)

/* Sealing adds 16 bytes to 64 KiB, padding up to an eighth. */
#define PADDING(plain) ((plain) / 8 + 4096)

struct OskLease {
    OskAdmission *admission;
    OskLease *next;
    OskLease *previous;
    uint64_t declared;
    uint64_t granted; /* plain bytes, from the first */
    uint64_t written;
    int64_t seen_ms;
    int64_t mark_ms; /* its pace is measured from here */
    uint64_t mark_written;
    bool is_text;
    bool is_held; /* whole, until its end: it neither lapses nor is taken back */
};

static void set_promise(OskLease *lease, uint64_t granted, uint64_t written);

/* A share of the disk, and on a small one more: the log of the rows is as long there. */
static uint64_t share_of(uint64_t total, uint64_t permille, uint64_t bytes)
{
    uint64_t share = total / 1000 * permille;
    bytes = bytes < total / 8 ? bytes : total / 8;
    return share > bytes ? share : bytes;
}

/* What may be promised to one of this kind. False when the disk can't be asked. */
static bool room_for(OskAdmission *admission, uint64_t declared, bool is_text, uint64_t *out)
{
    uint64_t free_bytes = 0;
    uint64_t total = 0;
    if (admission->limits.disk == NULL) {
        *out = UINT64_MAX;
        return true;
    }
    if (!admission->limits.disk(admission->limits.disk_context, &free_bytes, &total)) {
        return false;
    }
    uint64_t kept = total / 100 * admission->limits.disk_reserve_pct;
    if (is_text) {
        kept = share_of(total, FLOOR_PERMILLE, FLOOR_BYTES);
    } else if (declared <= admission->limits.small_bytes) {
        kept = share_of(total, TEXT_PERMILLE, TEXT_BYTES);
    }
    kept += admission->promised;
    *out = free_bytes > kept ? free_bytes - kept : 0;
    return true;
}

static OskStatus say_full(OskAdmission *admission, uint64_t declared, OskFault *fault)
{
    admission->counts.refused_disk++;
    if (declared > admission->limits.small_bytes) {
        osk_fault_set(fault, OSK_LIMIT, OSK_FAULT_DISK,
                      "there is no room for a file of this size now", OSK_NO_OFFSET);
        osk_fault_next(fault, "send a shorter clip, or come back tomorrow: room is made every day");
    } else {
        osk_fault_set(fault, OSK_LIMIT, OSK_FAULT_DISK, "there is no room for files now",
                      OSK_NO_OFFSET);
        osk_fault_next(fault, "send your words without the file, and add the file tomorrow");
    }
    return OSK_LIMIT;
}

static bool is_slow(const OskLease *lease, int64_t now)
{
    int64_t passed = now - lease->mark_ms;
    uint64_t came = lease->written - lease->mark_written;
    return passed >= MARK_MS && lease->granted > lease->written &&
           came * SLOW_MS / (uint64_t)passed < lease->granted - lease->written;
}

/* What is promised to those who bring little. Their next byte asks again. */
static void take_back(OskAdmission *admission, int64_t now)
{
    for (OskLease *lease = admission->leases; lease != NULL; lease = lease->next) {
        if (!lease->is_held && is_slow(lease, now)) {
            set_promise(lease, lease->written, lease->written);
        }
    }
}

/* The bytes of the next lease of an upload that has `total`. */
static uint64_t step_behind(const OskAdmission *admission, uint64_t total, uint64_t declared)
{
    uint64_t end = total / admission->limits.lease_bytes * admission->limits.lease_bytes +
                   admission->limits.lease_bytes;
    return end < declared ? end : declared;
}

/* LIMIT says nothing in the fault. */
static OskStatus find_room(OskAdmission *admission, uint64_t declared, bool is_text,
                           uint64_t wanted, OskFault *fault)
{
    uint64_t room = 0;
    if (!room_for(admission, declared, is_text, &room)) {
        return osk_fault_set(fault, OSK_IO, "", "the disk does not answer", OSK_NO_OFFSET);
    }
    wanted += PADDING(wanted);
    if (wanted > room) {
        take_back(admission, osk_admission_now(admission));
        room_for(admission, declared, is_text, &room);
    }
    return wanted <= room ? OSK_OK : OSK_LIMIT;
}

static OskStatus ask(OskAdmission *admission, uint64_t declared, bool is_text, uint64_t wanted,
                     OskFault *fault)
{
    if (!is_text && admission->limits.pause_large && declared > admission->limits.small_bytes &&
        declared != UINT64_MAX) {
        admission->counts.refused_disk++;
        osk_fault_set(fault, OSK_LIMIT, OSK_FAULT_DISK,
                      "large files wait until there is less to do", OSK_NO_OFFSET);
        osk_fault_next(fault, "send a shorter clip or a photo; everything else is open");
        return OSK_LIMIT;
    }
    OskStatus status = find_room(admission, declared, is_text, wanted, fault);
    return status == OSK_LIMIT ? say_full(admission, declared, fault) : status;
}

OskStatus osk_lease_ask(OskAdmission *admission, uint64_t declared, uint64_t bytes, OskFault *fault)
{
    pthread_mutex_lock(&admission->lock);
    OskStatus status = bytes < UINT64_MAX / 4 ? ask(admission, declared, false, bytes, fault)
                                              : say_full(admission, declared, fault);
    pthread_mutex_unlock(&admission->lock);
    return status;
}

/* What is granted and not written, and the padding that comes when a segment ends. */
static uint64_t promise_of(const OskAdmission *admission, uint64_t granted, uint64_t written)
{
    uint64_t segment =
        granted < admission->limits.lease_bytes ? granted : admission->limits.lease_bytes;
    return granted > 0 ? granted - (written < granted ? written : granted) + PADDING(segment) : 0;
}

static void set_promise(OskLease *lease, uint64_t granted, uint64_t written)
{
    OskAdmission *admission = lease->admission;
    admission->promised -= promise_of(admission, lease->granted, lease->written);
    admission->promised += promise_of(admission, granted, written);
    lease->granted = granted;
    lease->written = written;
}

/* Puts `lease` into the list, with all but its promise. */
static void add_lease(OskAdmission *admission, OskLease *lease)
{
    lease->admission = admission;
    lease->seen_ms = osk_admission_now(admission);
    lease->mark_ms = lease->seen_ms;
    lease->next = admission->leases;
    if (lease->next != NULL) {
        lease->next->previous = lease;
    }
    admission->leases = lease;
}

OskStatus osk_lease_take(OskAdmission *admission, uint64_t declared, bool is_text, OskLease **out,
                         OskFault *fault)
{
    *out = NULL;
    OskLease *lease = calloc(1, sizeof(*lease));
    if (lease == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    pthread_mutex_lock(&admission->lock);
    uint64_t step = step_behind(admission, 0, declared);
    /* An unknown length is a small one until it has shown otherwise. */
    OskStatus status = ask(admission, declared == UINT64_MAX ? 0 : declared, is_text, step, fault);
    if (status == OSK_OK) {
        lease->declared = declared;
        lease->is_text = is_text;
        add_lease(admission, lease);
        set_promise(lease, step < FIRST_BYTES ? step : FIRST_BYTES, 0);
    }
    pthread_mutex_unlock(&admission->lock);
    if (status != OSK_OK) {
        free(lease);
        return status;
    }
    *out = lease;
    return OSK_OK;
}

OskStatus osk_lease_hold(OskAdmission *admission, uint64_t declared, uint64_t bytes, OskLease **out,
                         OskFault *fault)
{
    *out = NULL;
    OskLease *lease = calloc(1, sizeof(*lease));
    if (lease == NULL) {
        return osk_fault_set(fault, OSK_NO_MEMORY, "", "out of memory", OSK_NO_OFFSET);
    }
    pthread_mutex_lock(&admission->lock);
    OskStatus status =
        bytes < UINT64_MAX / 4 ? find_room(admission, declared, false, bytes, fault) : OSK_LIMIT;
    if (status == OSK_OK) {
        lease->declared = bytes;
        lease->is_held = true;
        add_lease(admission, lease);
        set_promise(lease, bytes, 0);
        *out = lease;
    }
    admission->counts.refused_disk += status == OSK_LIMIT ? 1 : 0;
    pthread_mutex_unlock(&admission->lock);
    if (status == OSK_LIMIT) {
        osk_fault_set(fault, OSK_LIMIT, OSK_FAULT_DISK, "there is no room to work on this file now",
                      OSK_NO_OFFSET);
        osk_fault_next(fault, "submit again later; what has arrived is kept for two days");
    }
    if (status != OSK_OK) {
        free(lease);
    }
    return status;
}

/* What is promised next to a lease that has `total`, or will have. */
static uint64_t next_promise(const OskLease *lease, uint64_t total)
{
    uint64_t step = step_behind(lease->admission, total - 1, lease->declared);
    if (total < PROOF_BYTES || is_slow(lease, lease->seen_ms)) {
        step = step < total + FIRST_BYTES ? step : total + FIRST_BYTES;
    }
    return step > total ? step : total;
}

OskStatus osk_lease_extend(OskLease *lease, uint64_t total, OskFault *fault)
{
    OskAdmission *admission = lease->admission;
    OskStatus status = OSK_OK;
    pthread_mutex_lock(&admission->lock);
    lease->seen_ms = osk_admission_now(admission);
    /* Sealing and padding are counted in what was leased for these bytes. */
    total = total < lease->declared ? total : lease->declared;
    bool is_proven = lease->written < PROOF_BYTES && total >= PROOF_BYTES;
    if (!lease->is_held && (total > lease->granted || is_proven)) {
        uint64_t step = next_promise(lease, total);
        uint64_t size = lease->declared == UINT64_MAX ? total : lease->declared;
        status =
            ask(admission, size, lease->is_text, step > lease->granted ? step - lease->granted : 0,
                total > lease->granted ? fault : NULL);
        if (status == OSK_OK) {
            set_promise(lease, step > lease->granted ? step : lease->granted, lease->written);
        } else if (total <= lease->granted) {
            status = OSK_OK;
        }
    }
    if (status == OSK_OK && total > lease->written) {
        set_promise(lease, lease->granted, total);
    }
    if (lease->seen_ms - lease->mark_ms >= 2 * MARK_MS) {
        lease->mark_ms = lease->seen_ms;
        lease->mark_written = lease->written;
    }
    pthread_mutex_unlock(&admission->lock);
    return status;
}

void osk_leases_lapse(OskAdmission *admission, int64_t now)
{
    for (OskLease *lease = admission->leases; lease != NULL; lease = lease->next) {
        if (!lease->is_held && lease->granted > lease->written &&
            now - lease->seen_ms >= (int64_t)admission->limits.lease_idle_ms) {
            /* The next byte asks again. */
            set_promise(lease, lease->written, lease->written);
        }
    }
}

void osk_lease_end(OskLease **lease)
{
    if (*lease == NULL) {
        return;
    }
    OskAdmission *admission = (*lease)->admission;
    pthread_mutex_lock(&admission->lock);
    set_promise(*lease, 0, 0);
    if ((*lease)->next != NULL) {
        (*lease)->next->previous = (*lease)->previous;
    }
    *((*lease)->previous != NULL ? &(*lease)->previous->next : &admission->leases) = (*lease)->next;
    pthread_mutex_unlock(&admission->lock);
    free(*lease);
    *lease = NULL;
}
