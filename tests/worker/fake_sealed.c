/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wrong answers about sealed files: scrubbed, and looked at. */
#include "fake.h"

#include <string.h>

static void send_stripped(uint64_t output_len, const char *format, uint32_t findings)
{
    OskStripDone done = { .output_len = output_len, .plain_len = 5, .findings = findings };
    memcpy(done.format, format, strlen(format));
    done.kinds = findings > 0 ? 1 : 0;
    osk_fake_send(osk_strip_put_done(osk_fake_message, osk_fake_channel.id, &done));
}

void osk_fake_right_strip(void)
{
    send_stripped(300, "jpeg", 1);
}

static void strip_too_long(void)
{
    send_stripped(osk_fake_request.strip.output_max + 1, "jpeg", 1);
}

static void strip_flat(void)
{
    send_stripped(5, "jpeg", 1);
}

static void strip_no_name(void)
{
    send_stripped(300, "", 1);
}

static void strip_bad_name(void)
{
    send_stripped(300, "../jpeg", 1);
}

static void strip_bad_kinds(void)
{
    OskStripDone done = { .output_len = 300, .format = "jpeg", .findings = 1, .kinds = 1u << 31 };
    osk_fake_send(osk_strip_put_done(osk_fake_message, osk_fake_channel.id, &done));
}

static void strip_short(void)
{
    OskStripDone done = { .output_len = 300, .format = "jpeg" };
    osk_fake_send(osk_strip_put_done(osk_fake_message, osk_fake_channel.id, &done) - 1);
}

/* Right, but for what `done` says otherwise. */
static void send_looked(OskLookDone done)
{
    done.plain_len = done.plain_len != 0 ? done.plain_len : 100;
    done.output_len = done.output_len != 0 ? done.output_len : 300;
    done.width = 4;
    done.height = done.height != 0 ? done.height : 3;
    osk_fake_send(osk_look_put_done(osk_fake_message, osk_fake_channel.id, &done));
}

void osk_fake_right_look(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL, .frames = 1 });
}

static void look_too_long(void)
{
    send_looked((OskLookDone){
        .kind = OSK_LOOK_STILL, .frames = 1, .output_len = osk_fake_request.strip.output_max + 1 });
}

static void look_flat(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL, .frames = 1, .plain_len = 300 });
}

/* With the preview longer than there is room. */
static void look_pack_too_long(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL,
                               .frames = 1,
                               .pack_len = osk_fake_request.strip.output_max - 299,
                               .pack_plain_len = 10 });
}

static void look_pack_flat(void)
{
    send_looked((OskLookDone){
        .kind = OSK_LOOK_STILL, .frames = 1, .pack_len = 200, .pack_plain_len = 200 });
}

static void look_pack_empty(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL, .frames = 1, .pack_plain_len = 200 });
}

static void look_no_kind(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_KINDS, .frames = 2 });
}

static void look_still_frames(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL, .frames = 2 });
}

static void look_no_frames(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_ANIMATION, .frames = 0 });
}

static void look_still_time(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL, .frames = 1, .duration_ms = 1 });
}

static void look_ages(void)
{
    send_looked(
        (OskLookDone){ .kind = OSK_LOOK_ANIMATION, .frames = 2, .duration_ms = UINT64_MAX });
}

static void look_huge(void)
{
    send_looked((OskLookDone){ .kind = OSK_LOOK_STILL, .frames = 1, .height = UINT32_MAX });
}

static void look_short(void)
{
    OskLookDone done = { .kind = OSK_LOOK_STILL, .frames = 1 };
    osk_fake_send(osk_look_put_done(osk_fake_message, osk_fake_channel.id, &done) - 1);
}

const OskFakeAct osk_fake_sealed[] = {
    { "strip-right", osk_fake_right_strip, false },
    { "strip-too-long", strip_too_long, false },
    { "strip-flat", strip_flat, false },
    { "strip-no-name", strip_no_name, false },
    { "strip-bad-name", strip_bad_name, false },
    { "strip-bad-kinds", strip_bad_kinds, false },
    { "strip-short", strip_short, false },
    { "strip-as-picture", osk_fake_right_picture, false },
    { "strip-as-look", osk_fake_right_look, false },
    { "look-right", osk_fake_right_look, false },
    { "look-too-long", look_too_long, false },
    { "look-flat", look_flat, false },
    { "look-pack-too-long", look_pack_too_long, false },
    { "look-pack-flat", look_pack_flat, false },
    { "look-pack-empty", look_pack_empty, false },
    { "look-no-kind", look_no_kind, false },
    { "look-still-frames", look_still_frames, false },
    { "look-no-frames", look_no_frames, false },
    { "look-still-time", look_still_time, false },
    { "look-ages", look_ages, false },
    { "look-huge", look_huge, false },
    { "look-short", look_short, false },
    { "look-as-strip", osk_fake_right_strip, false },
    { "look-as-picture", osk_fake_right_picture, false },
    { NULL, NULL, false },
};
