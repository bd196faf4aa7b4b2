/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages that a room fills: HTML that the web build made of the one catalogue of texts, one file for
 * each page and language, read once at the start. `{{name}}` is filled with text, escaped;
 * `{{#name}}…{{/name}}` stands there where a flag is on, where a text is there, or once for each
 * row of a list; `{{^name}}…{{/name}}` where not. */
#ifndef OSK_HTTP_TEMPLATES_H
#define OSK_HTTP_TEMPLATES_H

#include "oilskin/status.h"

#define OSK_TEMPLATE_PAGES_MAX 16u

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

/* Where the pages of a room are. */
typedef struct OskTemplateSet {
    const char *folder;       /* lent for the call */
    const char *const *names; /* static; a page is asked for by its place here */
    size_t count;             /* 1 to OSK_TEMPLATE_PAGES_MAX */
} OskTemplateSet;

/* Reads <page>.<language>.html of the folder for every page and every language of language.h.
 * Errors: IO when one is missing, MALFORMED when one has a section that does not close; the fault
 * names the page. */
OskStatus osk_templates_load(OskTemplates **out, const OskTemplateSet *set, OskFault *fault);
void osk_templates_free(OskTemplates **templates);

/* One page. @param language index into osk_languages. @param pad_to the page is made exactly so
 * long with spaces behind it, so that its length says nothing; 0 for as long as it is.
 * Ownership: osk_filled_free(), which wipes: pages hold receipts and replies.
 * Errors: NO_MEMORY; LIMIT when it is longer than `pad_to`, or than a page may be. */
OskStatus osk_templates_fill(const OskTemplates *templates, size_t page, size_t language,
                             const OskSlots *slots, size_t pad_to, char **out_html,
                             size_t *out_len);
void osk_filled_free(char *html, size_t len);

#endif
