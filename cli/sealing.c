/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sealing.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "host/errors.h"

static bool print_bytes(void *context, const void *bytes, size_t len)
{
    OskSealed *sealed = context;
    if (!osk_write_all(STDOUT_FILENO, bytes, len)) {
        sealed->error = errno;
        return false;
    }
    return true;
}

OskStatus osk_sealed_begin(OskSealed *sealed, const char *path, bool replace, OskFault *fault)
{
    *sealed = (OskSealed){ .path = path != NULL && strcmp(path, "-") == 0 ? NULL : path };
    if (sealed->path == NULL) {
        sealed->sink = (OskSink){ .context = sealed, .write = print_bytes };
        return OSK_OK;
    }
    OskOutputOptions options = { .replace = replace, .owner = (uid_t)-1, .group = (gid_t)-1 };
    OskStatus status = osk_output_begin(&sealed->output, path, options, fault);
    sealed->sink = osk_output_sink(&sealed->output, NULL, NULL);
    return status;
}

OskStatus osk_sealed_end(OskSealed *sealed, OskStatus status, OskFault *fault)
{
    if (sealed->path == NULL) {
        if (sealed->error != 0) {
            *fault = (OskFault){ .status = OSK_OK };
            return osk_host_fail(fault, "copy", sealed->error);
        }
        return status;
    }
    if (sealed->output.error != 0) {
        *fault = (OskFault){ .status = OSK_OK };
        status = osk_output_explain(&sealed->output, fault);
    }
    if (status != OSK_OK) {
        osk_output_abort(&sealed->output);
        return status;
    }
    return osk_output_commit(&sealed->output, fault);
}

int osk_say_sealing_fault(const char *command, const char *input, const OskSealed *sealed,
                          const OskFault *fault)
{
    bool is_output = fault->part != NULL && strcmp(fault->part, "copy") == 0;
    const char *output = sealed->path != NULL ? sealed->path : "standard output";
    return osk_say_key_fault(command, is_output ? output : input, 0, fault);
}
