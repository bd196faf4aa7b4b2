/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In front of oilskin-strip (the linker's --wrap): a scrub that would keep every byte of any file,
 * as if each row of every policy table said KEEP. Nothing differs then, and the second opinion is
 * all that is left to find what is hidden. */
#include "oilskin/scrub.h"

OskStatus __real_osk_scrub_open(const OskSource *source, const OskScrubOptions *options,
                                OskScrub **out);
OskStatus __wrap_osk_scrub_open(const OskSource *source, const OskScrubOptions *options,
                                OskScrub **out);
OskStatus __wrap_osk_scrub_apply(OskScrub *scrub, const OskSink *sink);

static uint64_t size;

OskStatus __wrap_osk_scrub_open(const OskSource *source, const OskScrubOptions *options,
                                OskScrub **out)
{
    size = source->size;
    return __real_osk_scrub_open(source, options, out);
}

OskStatus __wrap_osk_scrub_apply(OskScrub *scrub, const OskSink *sink)
{
    (void)scrub;
    return sink->copy(sink->context, 0, size) ? OSK_OK : OSK_IO;
}
