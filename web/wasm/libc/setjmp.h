/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebAssembly has no jumps out of functions: stop.c ends the instance instead. */
#ifndef OSK_WASM_SETJMP_H
#define OSK_WASM_SETJMP_H

typedef char jmp_buf[1];

int setjmp(jmp_buf place);
_Noreturn void longjmp(jmp_buf place, int value);

#endif
