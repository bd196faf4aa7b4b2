/* SPDX-License-Identifier: GPL-3.0-or-later */
/* core.wasm decodes nothing: the page hands pictures that need it to pixels.wasm. */
#include "oilskin/edit.h"

OskStatus osk_edit_bytes(const OskEditAsk *ask, uint8_t **out_bytes, size_t *out_len,
                         OskEditDone *out_done, OskFault *fault)
{
    (void)ask;
    *out_bytes = NULL;
    *out_len = 0;
    *out_done = (OskEditDone){ 0 };
    *fault = (OskFault){ .status = OSK_UNSUPPORTED,
                         .part = "picture",
                         .what = "there is no decoder for this format",
                         .offset = OSK_NO_OFFSET };
    return OSK_UNSUPPORTED;
}
