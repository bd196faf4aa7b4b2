/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line on the terminal for long work; silent when standard error is no terminal. */
#ifndef OSK_CLI_PROGRESS_H
#define OSK_CLI_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct OskProgress {
    bool shown;  /* the line stands on the terminal now */
    bool active; /* standard error is a terminal */
    uint64_t total_bytes;
    size_t total_files;
    size_t done_files;
    _Atomic uint64_t done_bytes; /* moved by the workers */
    int64_t started_ms;
    int64_t drawn_ms;
} OskProgress;

void osk_progress_start(OskProgress *progress, uint64_t total_bytes, size_t total_files);
/* Draws the line when it is time to. Work of less than half a second never shows one. */
void osk_progress_tick(OskProgress *progress);
/* Takes the line away, so that something can be printed, or at the end. */
void osk_progress_clear(OskProgress *progress);

#endif
