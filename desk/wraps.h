/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other headers for what lies there sealed, when who may read has changed: who came since opens it
 * then, too, and who left doesn't. The new ones are made in a browser, or by the command: keys are
 * there alone. */
#ifndef OSK_DESK_WRAPS_H
#define OSK_DESK_WRAPS_H

#include "desk/wrap_name.h"
#include "http/json.h"
#include "oilskin/seal.h"
#include "store/store.h"

/* Of one answer, and of one change; and how many submissions an answer looks through. */
#define OSK_WRAPS_MAX 32u
#define OSK_WRAPS_SUBMISSIONS 64u

/* What it holds now. */
typedef struct OskWrapped {
    OskBytes bytes; /* its header, or all of it where a row holds it */
    OskSealHeader header;
    uint64_t version; /* of the row that is to be changed */
    uint32_t old_len; /* of a blob: bytes that its first header takes */
    bool has_old;     /* of a blob: that header is still there, behind another one */
    bool is_reply;    /* sealed to the receipt, too: */
    OskRecipient receipt;
} OskWrapped;

/* FOUND when it is gone, or no age file. Ownership: osk_wrapped_free(). */
OskStatus osk_wrapped_open(OskStore *store, const OskWrapName *name, OskWrapped *out,
                           OskFault *fault);
void osk_wrapped_free(OskWrapped *wrapped);
/* Whether its header is of this list (and of its receipt), and no other. */
bool osk_wrapped_fits(const OskWrapped *wrapped, const OskSealHeader *header,
                      const OskRecipient *keys, size_t count);

/* All of a submission's that there are; `each` false ends it. */
OskStatus osk_wraps_each(OskStore *store, const OskId *submission,
                         bool (*each)(void *context, const OskWrapName *name), void *context,
                         OskFault *fault);

#endif
