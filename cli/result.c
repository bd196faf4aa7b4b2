/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/result.h"

#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

OskStatus osk_result_count(OskResult *result, const OskReport *report)
{
    size_t count = osk_report_count(report);
    result->found = 0;
    result->staying = 0;
    result->asked = 0;
    for (size_t i = 0; i < count; i++) {
        const OskFinding *finding = osk_report_at(report, i);
        result->found++;
        result->staying += finding->stays ? 1 : 0;
        result->asked += finding->asked ? 1 : 0;
        if (result->content_id == NULL && finding->value[0] != 0 &&
            strcmp(finding->field, "apple.content-identifier") == 0) {
            result->content_id = strdup(finding->value);
            if (result->content_id == NULL) {
                return OSK_NO_MEMORY;
            }
        }
    }
    return OSK_OK;
}

void osk_result_free(OskResult *result)
{
    free(result->content_id);
    free(result->copy);
    free(result->lead);
    free(result->body);
    free(result->why);
    *result = (OskResult){ .status = OSK_OK };
}

OskStatus osk_result_verdict(const OskResult *result)
{
    return result->outsider == OSK_LEFT_ALONE ? OSK_OK : result->status;
}

OskStatus osk_status_worse(OskStatus a, OskStatus b)
{
    return osk_exit_code(b) > osk_exit_code(a) ? b : a;
}

bool osk_status_is_refusal(OskStatus status)
{
    return status != OSK_OK && status != OSK_IO && status != OSK_NO_MEMORY;
}
