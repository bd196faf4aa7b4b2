/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Covering pixels of a decoded frame. */
#ifndef OSK_REDACT_PAINT_H
#define OSK_REDACT_PAINT_H

#include "pixels/image.h"
#include "redact/synth.h"

/* Covers what the regions say in `frame`. Covered pixels become opaque. An INDEXED image gets
 * colours of its palette where they are near enough, else new entries where there is room; else
 * the nearest ones.
 * @param noise drawn for the first frame and kept over an animation. */
OskStatus osk_paint_frame(OskImage *image, const OskRegions *regions, unsigned orientation,
                          uint32_t frame, const OskNoise *noise, OskBudget *budget,
                          OskFault *fault);

#endif
