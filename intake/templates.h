/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drop's pages: HTML that the web build made of the one catalogue of texts, one file for each
 * page and language, read once at the start. `{{name}}` is filled with text, escaped;
 * `{{#name}}…{{/name}}` stands there where a flag is on, where a text is there, or once for each
 * row of a list; `{{^name}}…{{/name}}` where not. */
#ifndef OSK_INTAKE_TEMPLATES_H
#define OSK_INTAKE_TEMPLATES_H

#include "oilskin/status.h"

typedef enum OskPage {
    OSK_PAGE_DROP,
    OSK_PAGE_WAITING,
    OSK_PAGE_RECEIVED,
    OSK_PAGE_RECEIPT,
    OSK_PAGE_PROBLEM,
    OSK_PAGE_COUNT
} OskPage;

typedef struct OskSlots OskSlots;

/* What stands behind one name. */
typedef struct OskSlot {
    const char *name;
    const char *text;     /* lent; or NULL */
    bool is_on;           /* a flag */
    const OskSlots *rows; /* a list, lent; or NULL */
    size_t row_count;
} OskSlot;

/* Names that one place of a page can see; what is not found here is looked up around it. */
struct OskSlots {
    const OskSlot *items; /* lent */
    size_t count;
};

typedef struct OskTemplates OskTemplates;

/* Reads <page>.<language>.html of `folder` for every page and every language of language.h.
 * Errors: IO when one is missing, MALFORMED when one has a section that does not close; the fault
 * names the page. */
OskStatus osk_templates_load(OskTemplates **out, const char *folder, OskFault *fault);
void osk_templates_free(OskTemplates **templates);

/* One page. @param language index into osk_languages. @param pad_to the page is made exactly so
 * long with spaces behind it, so that its length says nothing; 0 for as long as it is.
 * Ownership: osk_filled_free(), which wipes: pages hold receipts and replies.
 * Errors: NO_MEMORY; LIMIT when it is longer than `pad_to`, or than a page may be. */
OskStatus osk_templates_fill(const OskTemplates *templates, OskPage page, size_t language,
                             const OskSlots *slots, size_t pad_to, char **out_html,
                             size_t *out_len);
void osk_filled_free(char *html, size_t len);

#endif
