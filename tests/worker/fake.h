/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker that answers wrongly, in the way that its own name says. Without any sandbox. */
#ifndef OSK_TESTS_WORKER_FAKE_H
#define OSK_TESTS_WORKER_FAKE_H

#include <stddef.h>
#include <stdint.h>

#include "worker/channel.h"

typedef struct OskFakeAct {
    const char *name;
    void (*act)(void);
    bool before; /* it comes before the job */
} OskFakeAct;

/* Of a process that does one thing. */
extern OskChannel osk_fake_channel;
extern OskRequest osk_fake_request;
extern uint8_t osk_fake_message[4 * OSK_WORKER_MESSAGE_MAX];

/* Sends the first `len` bytes of the message. */
void osk_fake_send(size_t len);
/* The right answer to what asks for a picture, in six bytes. */
void osk_fake_right_picture(void);
/* The right answers to what asks for a scrubbed file, and for a look at one. */
void osk_fake_right_strip(void);
void osk_fake_right_look(void);

/* Answers about sealed files, and about files that are to be public. The last has no name. */
extern const OskFakeAct osk_fake_sealed[];
extern const OskFakeAct osk_fake_public[];

#endif
