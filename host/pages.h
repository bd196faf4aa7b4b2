/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory for whole pictures. */
#ifndef OSK_HOST_PAGES_H
#define OSK_HOST_PAGES_H

#include <stddef.h>

/* Memory that free() and realloc() take. Where it is long, the system is asked for large pages: a
 * fault for each 4 KiB of a picture that is held three times costs a tenth of redacting it.
 * Returns NULL when there is none. */
void *osk_pages_alloc(size_t size);

#endif
