/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that is never swapped, in no core dump, and not in a child's: for whoever holds plaintext
 * or keys for a moment (sealers, texts of forms). */
#ifndef OSK_HOST_LOCKED_H
#define OSK_HOST_LOCKED_H

#include <stddef.h>

/* NULL when there is none left: RLIMIT_MEMLOCK is a budget. */
void *osk_locked_alloc(size_t len);
/* Accepts NULL. The pages go back to the kernel, which clears them before anybody else has them. */
void osk_locked_free(void *bytes);

#endif
