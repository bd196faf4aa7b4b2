/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The crypto library writes this file when it is configured; nothing of ours asks for its version. */
#ifndef OSK_WASM_SODIUM_VERSION_H
#define OSK_WASM_SODIUM_VERSION_H
#endif
