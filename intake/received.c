/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "intake/received.h"

const char *osk_outcome_name(OskFileOutcome outcome)
{
    switch (outcome) {
    case OSK_OUTCOME_SCRUBBED: return "scrubbed";
    case OSK_OUTCOME_ORIGINAL_CHOSEN: return "original-chosen";
    case OSK_OUTCOME_DEVICE: return "device";
    case OSK_OUTCOME_ORIGINAL_KEPT: break;
    }
    return "original-kept";
}

OskJson *osk_received_json(const OskFileOutcome *outcomes, size_t count)
{
    OskJson *received = osk_json_object("oilskin/received/1");
    OskJson *files = osk_json_list();
    for (size_t i = 0; i < count; i++) {
        OskJson *file = osk_json_object(NULL);
        osk_json_set_text(file, "outcome", osk_outcome_name(outcomes[i]));
        osk_json_add(files, file);
    }
    osk_json_set_flag(received, "received", true);
    osk_json_set(received, "files", files);
    return received;
}
