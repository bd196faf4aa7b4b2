/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve.h"

#include <errno.h>
#include <sys/random.h>

#include "base/fault.h"
#include "check.h"
#include "strip.h"

static bool fill_random(void *context, void *out, size_t len)
{
    uint8_t *at = out;
    (void)context;
    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);
        if (got < 0 && errno != EINTR) {
            return false;
        }
        if (got > 0) {
            at += got;
            len -= (size_t)got;
        }
    }
    return true;
}

const OskRandom osk_serve_random = { .fill = fill_random };

bool osk_serve_fault(const OskChannel *channel, OskStatus status, OskFault *fault)
{
    osk_fault_set(fault, status, "picture", "the decoder gave up", OSK_NO_OFFSET);
    return osk_channel_fault(channel, fault);
}

bool osk_serve_clean(const OskChannel *channel, const OskRequest *request, OskFault *fault)
{
    const OskStripAsk *ask = &request->strip;
    OskStripDone stripped;
    OskCheckDone checked;
    OskStatus status = ask->checks
                           ? osk_check_file(ask, request->segments, &checked, fault)
                           : osk_strip(ask, request->segments, &osk_serve_random, &stripped, fault);
    if (status != OSK_OK) {
        return osk_serve_fault(channel, status, fault);
    }
    return ask->checks ? osk_channel_checked(channel, &checked)
                       : osk_channel_stripped(channel, &stripped);
}
