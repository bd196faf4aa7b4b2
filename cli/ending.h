/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server in the foreground, until somebody ends it. */
#ifndef OSK_CLI_ENDING_H
#define OSK_CLI_ENDING_H

/* Before threads are made, so that none of them takes the signal: Ctrl-C, SIGTERM and SIGHUP wait
 * for osk_ending_wait(), and who goes away while we write to them ends nothing. */
void osk_ending_hold(void);
/* Says what was printed, and waits for one of them. */
void osk_ending_wait(void);

#endif
