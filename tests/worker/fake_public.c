/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wrong answers about files that are to be public. */
#include "fake.h"

#include <string.h>
#include <unistd.h>

static void write_output(const char *bytes, size_t len)
{
    (void)!pwrite(OSK_STRIP_OUTPUT_FD, bytes, len, 0);
}

static void send_checked(uint64_t len, const char *format)
{
    OskCheckDone done = { .output_len = len };
    memcpy(done.format, format, strlen(format));
    osk_fake_send(osk_check_put_done(osk_fake_message, osk_fake_channel.id, &done));
}

/* As long as the file is, and something else. */
static void check_other(void)
{
    for (uint64_t at = 0; at < osk_fake_request.strip.plain_len; at++) {
        (void)!pwrite(OSK_STRIP_OUTPUT_FD, "<", 1, (off_t)at);
    }
    send_checked(osk_fake_request.strip.plain_len, "jpeg");
}

static void check_nothing(void)
{
    send_checked(osk_fake_request.strip.plain_len, "jpeg");
}

static void check_less(void)
{
    write_output("<html>", 6);
    send_checked(6, "jpeg");
}

static void check_more(void)
{
    send_checked(osk_fake_request.strip.output_max + 1, "jpeg");
}

static void check_no_name(void)
{
    send_checked(osk_fake_request.strip.plain_len, "");
}

/* What the test seals for it. */
static void check_page(void)
{
    static const char page[] = "<html><script>alert(1)</script></html>";
    write_output(page, sizeof(page) - 1);
    send_checked(sizeof(page) - 1, "html");
}

static void check_short(void)
{
    OskCheckDone done = { .output_len = 5, .format = "jpeg" };
    osk_fake_send(osk_check_put_done(osk_fake_message, osk_fake_channel.id, &done) - 1);
}

static void send_render(uint32_t width)
{
    static const char page[] = "<html><script>alert(1)</script></html>";
    size_t len = sizeof(page) - 1;
    memcpy(osk_fake_request.output, page, len);
    OskWorkerDone done = { .output_len = len,
                           .info = { .width = width,
                                     .height = 300,
                                     .frames = 1,
                                     .memory = 1,
                                     .cell_width = 1,
                                     .cell_height = 1,
                                     .exact = true } };
    osk_fake_send(osk_worker_put_done(osk_fake_message, osk_fake_channel.id, &done));
}

static void render_page(void)
{
    send_render(1000);
}

static void render_large_page(void)
{
    send_render(2000);
}

const OskFakeAct osk_fake_public[] = {
    { "check-other", check_other, false },
    { "check-nothing", check_nothing, false },
    { "check-less", check_less, false },
    { "check-more", check_more, false },
    { "check-no-name", check_no_name, false },
    { "check-page", check_page, false },
    { "check-short", check_short, false },
    { "check-as-strip", osk_fake_right_strip, false },
    { "check-as-picture", osk_fake_right_picture, false },
    { "render-page", render_page, false },
    { "render-large-page", render_large_page, false },
    { NULL, NULL, false },
};
