/* SPDX-License-Identifier: GPL-3.0-or-later */
/* H.264's picture timing message: how long a picture is shown and which fields it has, and the
 * clock time at which a camcorder took it. The clock goes. */
#ifndef OSK_PARTS_PIC_TIMING_H
#define OSK_PARTS_PIC_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a sequence parameter set says about the form of the message. */
typedef struct OskAvcTiming {
    bool known;
    bool mixed;          /* two sets say different things */
    bool delays;         /* cpb_removal_delay and dpb_output_delay are there */
    bool fields;         /* pic_struct is there, and perhaps clocks */
    uint8_t removal_len; /* bits */
    uint8_t output_len;
    uint8_t offset_len;
} OskAvcTiming;

#define OSK_PIC_TIMING_MOST 64u

typedef struct OskPicTiming {
    bool fits;  /* the message has the form that the set says; else it goes */
    bool clock; /* it tells a time */
    bool exact; /* hours, minutes and seconds are known */
    uint8_t hours;
    uint8_t minutes;
    uint8_t seconds;
    uint8_t bytes[OSK_PIC_TIMING_MOST]; /* the message without its clocks */
    size_t len;
} OskPicTiming;

/* Notes what one more set says. */
void osk_avc_timing_learn(OskAvcTiming *timing, const OskAvcTiming *set);

/* Reads a message payload and makes the one that stays.
 * Source: H.264 D.1.3, D.2.3. */
OskPicTiming osk_pic_timing_read(const OskAvcTiming *timing, const uint8_t *payload, size_t len);

#endif
