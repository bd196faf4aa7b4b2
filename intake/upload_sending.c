/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/upload_sending.h"

#include <stdlib.h>
#include <string.h>

void osk_sending_end_upload(OskSending *sending)
{
    OskUploadState state;
    OskFault fault = { 0 };
    if (sending->upload != NULL && !sending->holds_back) {
        osk_upload_commit(sending->upload, &state, &fault);
    }
    osk_upload_close(&sending->upload);
}

void osk_sending_close(OskErrand *errand)
{
    OskSending *sending = (OskSending *)errand;
    osk_sending_end_upload(sending);
    osk_digester_end(&sending->digester, NULL);
    osk_upload_ask_wipe(&sending->ask);
    osk_visit_free(&sending->visit);
    explicit_bzero(sending, sizeof(*sending));
    free(sending);
}

void osk_sending_come_back(OskSending *sending, OskSendingStage stage)
{
    sending->stage = stage;
    osk_visit_come_back(&sending->visit);
}

void osk_sending_refuse(OskSending *sending, unsigned status, const char *what, const char *next)
{
    sending->result.refusal = (OskRefusal){ .status = status, .what = what, .next = next };
}

void osk_sending_refuse_fault(OskSending *sending, const OskFault *fault)
{
    sending->result.refusal = osk_refusal_of(fault);
    if (sending->result.refusal.status == 503) {
        sending->result.retry_s = OSK_BUSY_RETRY_S;
    }
}

void osk_sending_refuse_length(OskSending *sending)
{
    osk_sending_refuse(sending, sending->ask.is_draft ? 400 : 413,
                       "This is more than the upload's length", NULL);
    sending->result.refusal.problem = OSK_PROBLEM_LENGTH;
}
