/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/output_text.h"
#include "host/clock.h"

#define FIRST_AFTER_MS 500u
#define REDRAW_MS 100u
#define BAR_MAX 30

void osk_progress_start(OskProgress *progress, uint64_t total_bytes, size_t total_files)
{
    *progress = (OskProgress){ .active = isatty(STDERR_FILENO) == 1,
                               .total_bytes = total_bytes,
                               .total_files = total_files,
                               .started_ms = osk_now_ms() };
}

static int terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* "12 s", "3 min 20 s", "2 h 05 min" */
static void format_time(char *out, size_t size, uint64_t seconds)
{
    unsigned s = (unsigned)(seconds < 359999 ? seconds : 359999);
    if (s < 60) {
        snprintf(out, size, "%u s", s);
    } else if (s < 3600) {
        snprintf(out, size, "%u min %02u s", s / 60, s % 60);
    } else {
        snprintf(out, size, "%u h %02u min", s / 3600, s % 3600 / 60);
    }
}

static void draw(const OskProgress *progress, int64_t elapsed_ms)
{
    uint64_t total = progress->total_bytes > 0 ? progress->total_bytes : 1;
    uint64_t done = atomic_load(&progress->done_bytes);
    done = done < total ? done : total;
    double share = (double)done / (double)total;
    double rate = (double)done * 1000.0 / (double)elapsed_ms;
    char moved[32];
    char of[32];
    char speed[32];
    char left[32] = "";
    osk_format_size(moved, sizeof(moved), done);
    osk_format_size(of, sizeof(of), progress->total_bytes);
    osk_format_size(speed, sizeof(speed), (uint64_t)rate);
    if (rate > 0) {
        format_time(left, sizeof(left), (uint64_t)((double)(total - done) / rate) + 1);
    }
    char tail[200];
    int tail_len = 0;
    if (done == 0) {
        /* One large picture says nothing before it is done. */
        format_time(left, sizeof(left), (uint64_t)elapsed_ms / 1000);
        tail_len = snprintf(tail, sizeof(tail), "   0 %%  %zu/%zu files  of %s  at work for %s",
                            progress->done_files, progress->total_files, of, left);
    } else {
        tail_len = snprintf(tail, sizeof(tail), " %3d %%  %zu/%zu files  %s of %s  %s/s  %s left",
                            (int)(share * 100), progress->done_files, progress->total_files, moved,
                            of, speed, left[0] != 0 ? left : "?");
    }
    int width = terminal_width();
    int bar = width - tail_len - 3;
    bar = bar > BAR_MAX ? BAR_MAX : bar;
    fputc('\r', stderr);
    if (bar >= 8) {
        int full = (int)(share * bar);
        fputc('[', stderr);
        for (int i = 0; i < bar; i++) {
            fputc(i < full ? '#' : '.', stderr);
        }
        fputc(']', stderr);
    }
    fprintf(stderr, "%.*s\033[K", width > 1 ? width - 1 : 1, tail);
    fflush(stderr);
}

void osk_progress_tick(OskProgress *progress)
{
    int64_t now = osk_now_ms();
    int64_t elapsed = now - progress->started_ms;
    if (!progress->active || elapsed < FIRST_AFTER_MS || now - progress->drawn_ms < REDRAW_MS) {
        return;
    }
    progress->drawn_ms = now;
    progress->shown = true;
    draw(progress, elapsed);
}

void osk_progress_clear(OskProgress *progress)
{
    if (progress->shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        progress->shown = false;
    }
}
