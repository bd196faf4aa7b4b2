/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/temp.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "host/output.h"

/* More than the most jobs that run at once (see -j). */
#define SLOT_COUNT 256

typedef enum SlotState { SLOT_FREE, SLOT_FILLING, SLOT_USED } SlotState;

/* The only state of the host room: a signal handler can be handed nothing. */
static struct {
    _Atomic int state;
    int dir_fd;
    char name[32];
} slots[SLOT_COUNT];

int osk_temp_register(int dir_fd, const char *name)
{
    for (int i = 0; i < SLOT_COUNT; i++) {
        int expected = SLOT_FREE;
        if (atomic_compare_exchange_strong(&slots[i].state, &expected, SLOT_FILLING)) {
            slots[i].dir_fd = dir_fd;
            strncpy(slots[i].name, name, sizeof(slots[i].name) - 1);
            atomic_store(&slots[i].state, SLOT_USED);
            return i;
        }
    }
    return -1;
}

void osk_temp_forget(int slot)
{
    if (slot >= 0) {
        atomic_store(&slots[slot].state, SLOT_FREE);
    }
}

static void clean_up(int signal_number)
{
    for (int i = 0; i < SLOT_COUNT; i++) {
        if (atomic_load(&slots[i].state) == SLOT_USED) {
            unlinkat(slots[i].dir_fd, slots[i].name, 0);
        }
    }
    /* The default action is back (SA_RESETHAND): the parent sees what ended us. */
    raise(signal_number);
}

void osk_output_catch_signals(void)
{
    static const int endings[] = { SIGINT, SIGTERM, SIGHUP };
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        struct sigaction now;
        /* One that was ignored (nohup) stays ignored. */
        if (sigaction(endings[i], NULL, &now) == 0 && now.sa_handler == SIG_IGN) {
            continue;
        }
        struct sigaction action = { .sa_handler = clean_up, .sa_flags = (int)SA_RESETHAND };
        sigemptyset(&action.sa_mask);
        sigaction(endings[i], &action, NULL);
    }
    /* A reader that went away is an error that is told, not an end without a word. */
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
}
