/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures that are drawn, sent into a worker, and what it makes of them. */
#ifndef OSK_TESTS_WORKER_LOOKED_H
#define OSK_TESTS_WORKER_LOOKED_H

#include "oilskin/fingerprint.h"
#include "pixels/codec.h"
#include "rig.h"

#define LOOKED_FILE_MAX (8u << 20)

/* A picture in a file, and what the worker made of it. */
typedef struct Looked {
    OskStatus status;
    OskFault fault;
    OskLookDone done;
    OskImage preview;
    uint8_t *jpeg;
    OskPack *pack; /* NULL where there is none */
} Looked;

/* Who opens the packs of the looks to come; made by looked_begin(). NULL: nobody, and none is made.
 */
extern const OskRecipient *looked_triage;
extern OskIdentity looked_triage_key;
/* Whether it is oilskin-frames that is asked. */
extern bool looked_films;
/* How long a look may take: it stands behind all other work, and a machine may be busy. */
#define LOOKED_MS 600000u
void looked_begin(void);
/* One look; nothing of it stays in this process but its answer. */
OskStatus looked_ask(const Sealed *sealed, const char *worker, OskLookDone *done, OskFault *fault);
/* The same of bytes that are sealed in `pieces`, and all of the answer opened: looked_forget() it.
 */
void looked_at(Looked *looked, const char *worker, const uint8_t *bytes, size_t len, size_t pieces);
void looked_forget(Looked *looked);
/* A pixel of the preview, and whether it is nearly of this colour. */
const uint8_t *looked_pixel(const Looked *looked, uint32_t x, uint32_t y);
bool looked_is_near(const uint8_t *rgb, int red, int green, int blue);

typedef struct Drawing {
    const OskCodec *codec;
    OskPixelModel model;
    uint32_t width;
    uint32_t height;
    uint32_t frames;
    void (*paint)(OskImage *image, uint32_t frame);
} Drawing;

size_t drawing_write(const Drawing *drawing, uint8_t *out, size_t room);
/* Each frame in a shade of its own; all clear; noise. */
void paint_shade(OskImage *image, uint32_t frame);
void paint_clear(OskImage *image, uint32_t frame);
void paint_noise(OskImage *image, uint32_t frame);

#endif
