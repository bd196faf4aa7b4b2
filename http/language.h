/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which language a page is in: the one that was asked for, else the browser's, else the
 * operator's. Nothing is remembered. */
#ifndef OSK_HTTP_LANGUAGE_H
#define OSK_HTTP_LANGUAGE_H

#include <stddef.h>

#define OSK_LANGUAGE_COUNT 6u

typedef struct OskLanguage {
    const char *tag;  /* "zh", as in the names of templates and in ?lang= */
    const char *lang; /* of the page: "zh-Hans" */
} OskLanguage;

/* English first. */
extern const OskLanguage osk_languages[OSK_LANGUAGE_COUNT];

/* Index of the first that fits.
 * @param asked of ?lang=, or NULL. @param accepted Accept-Language, or NULL.
 * @param usual the operator's, or NULL for English. Source: RFC 9110 section 12.5.4; only weights
 *        are looked at, regions are not. */
size_t osk_language_choose(const char *asked, const char *accepted, const char *usual);

#endif
