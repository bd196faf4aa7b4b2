/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Temporary names that must not outlive the process, also when a signal ends it. */
#ifndef OSK_HOST_TEMP_H
#define OSK_HOST_TEMP_H

/* Remembers a name in a folder until osk_temp_forget(); returns a slot, or -1 when all are taken
 * (the name then is only removed on the ordinary way out). The name is copied, the descriptor lent.
 */
int osk_temp_register(int dir_fd, const char *name);
void osk_temp_forget(int slot);

#endif
