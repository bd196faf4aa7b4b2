/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publish/small_form.h"

#include <stdlib.h>
#include <string.h>

#include "oilskin/seal.h"

struct OskSmallForm {
    OskFormFields fields;
    size_t len;
    char bytes[OSK_SMALL_FORM_BYTES + 1];
};

OskSmallForm *osk_small_form_begin(const OskRequest *request)
{
    uint64_t len = osk_request_length(request);
    bool fits = osk_form_is_type(osk_request_header(request, "Content-Type")) &&
                (len <= OSK_SMALL_FORM_BYTES || len == UINT64_MAX);
    return fits ? calloc(1, sizeof(OskSmallForm)) : NULL;
}

bool osk_small_form_take(OskSmallForm **form, const uint8_t *bytes, size_t len)
{
    OskSmallForm *taking = *form;
    if (taking == NULL) {
        return true;
    }
    if (len > OSK_SMALL_FORM_BYTES - taking->len) {
        osk_small_form_free(form);
        return false;
    }
    memcpy(taking->bytes + taking->len, bytes, len);
    taking->len += len;
    return true;
}

bool osk_small_form_read(OskSmallForm *form)
{
    OskFault fault = { 0 };
    return osk_form_parse(form->bytes, form->len, &form->fields, &fault) == OSK_OK;
}

const char *osk_small_form_value(const OskSmallForm *form, const char *name)
{
    return osk_form_value(&form->fields, name);
}

void osk_small_form_free(OskSmallForm **form)
{
    if (*form != NULL) {
        osk_seal_wipe(*form, sizeof(**form));
        free(*form);
    }
    *form = NULL;
}
