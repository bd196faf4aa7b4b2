/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page has no signals. The crypto library would raise one for a guarded page of memory that was
 * written to; there are no such pages here. */
#ifndef OSK_WASM_SIGNAL_H
#define OSK_WASM_SIGNAL_H

#define SIGSEGV 11
#define SIGKILL 9
#define SIGABRT 6

int raise(int number);

#endif
