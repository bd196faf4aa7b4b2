/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of regions, for the JSON and the text form. */
#ifndef OSK_REDACT_WORDS_H
#define OSK_REDACT_WORDS_H

#include "oilskin/redact.h"

/* Each is false, and changes nothing, when `text` is not one of the words, in lower case. */
bool osk_shape_from(const char *text, size_t len, OskShape *out);
bool osk_unit_from(const char *text, size_t len, OskUnit *out);
bool osk_style_from(const char *text, size_t len, OskRegionStyle *out);
/* "#rrggbb", in either case. */
bool osk_color_from(const char *text, size_t len, uint8_t out[3]);

#endif
