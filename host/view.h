/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are looked at where they lie: their pages belong to the system, which takes them back
 * when it needs room, so that a large file costs a process no memory. */
#ifndef OSK_HOST_VIEW_H
#define OSK_HOST_VIEW_H

#include "oilskin/scrub.h"

/* Zero-initialised it is closed. */
typedef struct OskView {
    const uint8_t *bytes; /* NULL while closed */
    size_t len;
    void *base; /* what is mapped, the bytes in it */
    size_t span;
    int slot; /* where a fault of its pages is noted */
} OskView;

/* Maps the first `len` bytes of a file; what others write to it meanwhile may show.
 * False where the file system can't do that, with errno set. Close with osk_view_close(). */
bool osk_view_open(OskView *view, int fd, uint64_t len);

/* What applying the plan of `job` makes of `original`, a view of the file `fd`: where whole pages
 * of that stay, they are shown again, and only the rest takes memory. Nothing is written to a disk.
 * False when memory ends, with errno set. Close with osk_view_close(). */
bool osk_view_splice(OskView *view, const OskScrub *job, const OskView *original, int fd);

/* False once a page could not be read, because the file was cut or its disk is broken: the bytes
 * are zeros from there on. The process lives on, and what was made of them is worth nothing. */
bool osk_view_is_whole(const OskView *view);

void osk_view_close(OskView *view);

#endif
