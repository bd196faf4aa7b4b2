/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of files as something that may be printed. */
#ifndef OSK_HOST_PRINTABLE_H
#define OSK_HOST_PRINTABLE_H

#include <stdbool.h>
#include <stdio.h>

/* Prints a name: control, bidirectional, zero-width and terminal characters as \u{..}, bytes that
 * are not UTF-8 as \x{..}. */
void osk_printable_text(FILE *out, const char *name);

/* Prints a JSON string with its quotes; the same characters as \u escapes of JSON, so that the
 * exact name can be read back. Bytes that are not UTF-8 appear as the text \x{..}. */
void osk_printable_json(FILE *out, const char *text);

/* Prints JSON that is written already: the same characters in its texts become \u escapes. */
void osk_printable_json_value(FILE *out, const char *json);

/* Prints a field of a tab-separated list: tabs, newlines and backslashes become \t, \n and \\. */
void osk_printable_field(FILE *out, const char *text);

/* True when a name is printed as it is. */
bool osk_printable_is_plain(const char *name);

#endif
