/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ways into the drop share: uploads (upload_tus.h), programs (api.h) and pages (drop.h).
 */
#ifndef OSK_INTAKE_PARTS_H
#define OSK_INTAKE_PARTS_H

#include "http/errands.h"
#include "intake/receipt.h"
#include "intake/submission.h"
#include "intake/templates.h"

/* Everything is lent and must outlive who is given it. */
typedef struct OskIntakeParts {
    OskStore *store;
    OskSpool *spool;
    OskSubmitter *submitter;
    OskReceiptPool *receipts;
    OskAdmission *admission;
    OskErrands *errands;
    const OskTemplates *templates;
    const OskRandom *random;
} OskIntakeParts;

#endif
