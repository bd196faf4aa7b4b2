/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What programs that load a server share. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdint.h>

/* Seconds, of a clock that nobody sets. */
double load_now(void);
/* To a port of this machine, and what is written is sent at once; -1 with errno. The caller closes
 * it. */
int load_connect(uint16_t port);

#endif
