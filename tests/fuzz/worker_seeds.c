/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes one seed for each kind of message of the worker protocol into a folder.
 *
 * usage: worker_seeds FOLDER */
#include <stdio.h>
#include <string.h>

#include "host/strip_protocol.h"

#define SEED_BYTES 8192u

typedef struct Seed {
    uint8_t bytes[SEED_BYTES];
    size_t len;
} Seed;

static void add(Seed *seed, const uint8_t *message, size_t len)
{
    seed->bytes[seed->len++] = (uint8_t)len;
    seed->bytes[seed->len++] = (uint8_t)(len >> 8);
    memcpy(seed->bytes + seed->len, message, len);
    seed->len += len;
}

static bool save(const Seed *seed, const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *out = fopen(path, "wb");
    bool wrote = out != NULL && fwrite(seed->bytes, 1, seed->len, out) == seed->len;
    return out != NULL && fclose(out) == 0 && wrote;
}

static bool save_talk(const char *folder, bool fault)
{
    uint8_t message[OSK_WORKER_MESSAGE_BYTES];
    const OskWorkerHello hello = { OSK_LAYERS_ALL, 7 };
    const OskWorkerDone done = { .output_len = 999,
                                 .info = { .width = 100,
                                           .height = 50,
                                           .frames = 3,
                                           .memory = 12345,
                                           .cell_width = 1,
                                           .cell_height = 1,
                                           .exact = true },
                                 .areas = { 1, 1, 40, { { 0, 0, 10, 10 } } } };
    const OskFault wrong = { OSK_LIMIT, "picture", "not enough memory", NULL, 7 };
    Seed seed = { .bytes = { 5 }, .len = 1 };
    add(&seed, message, osk_worker_put_hello(message, 1, &hello));
    for (uint32_t i = 0; i <= 3; i++) {
        add(&seed, message, osk_worker_put_progress(message, 1, i, 3));
    }
    add(&seed, message,
        fault ? osk_worker_put_fault(message, 1, &wrong) : osk_worker_put_done(message, 1, &done));
    return save(&seed, folder, fault ? "fault" : "done");
}

static bool save_job(const char *folder)
{
    const OskWorkerAsk ask = { .op = OSK_WORKER_RENDER,
                               .format = "jpeg",
                               .output_format = "png",
                               .crop = true,
                               .crop_width = 5,
                               .crop_height = 5,
                               .has_regions = true,
                               .input_len = 10,
                               .output_capacity = 10,
                               .regions_len = 10 };
    Seed seed = { .bytes = { 3 << 4 | 4 }, .len = 1 };
    seed.len += osk_worker_put_job(seed.bytes + 1, 1, &ask);
    return save(&seed, folder, "job");
}

static bool save_strip_talk(const char *folder)
{
    uint8_t message[OSK_WORKER_MESSAGE_BYTES];
    const OskWorkerHello hello = { OSK_LAYERS_ALL, 7 };
    const OskStripDone done = {
        .output_len = 300, .plain_len = 50, .format = "jpeg", .findings = 2, .kinds = 3
    };
    Seed seed = { .bytes = { 1 | 4 | 8 }, .len = 1 };
    add(&seed, message, osk_worker_put_hello(message, 1, &hello));
    add(&seed, message, osk_strip_put_done(message, 1, &done));
    return save(&seed, folder, "stripped");
}

static bool save_look_talk(const char *folder)
{
    uint8_t message[OSK_WORKER_MESSAGE_BYTES];
    const OskWorkerHello hello = { OSK_LAYERS_ALL, 7 };
    const OskLookDone done = { .output_len = 300,
                               .plain_len = 50,
                               .pack_len = 400,
                               .pack_plain_len = 90,
                               .duration_ms = 900,
                               .kind = OSK_LOOK_ANIMATION,
                               .width = 40,
                               .height = 30,
                               .frames = 9 };
    Seed seed = { .bytes = { 1 | 4 | 8 | 16 }, .len = 1 };
    add(&seed, message, osk_worker_put_hello(message, 1, &hello));
    add(&seed, message, osk_look_put_done(message, 1, &done));
    if (!save(&seed, folder, "looked")) {
        return false;
    }
    /* A video may be of one frame. */
    const OskLookDone film = { .output_len = 300,
                               .plain_len = 50,
                               .kind = OSK_LOOK_VIDEO,
                               .width = 40,
                               .height = 30,
                               .frames = 1 };
    seed.len = 1;
    add(&seed, message, osk_worker_put_hello(message, 1, &hello));
    add(&seed, message, osk_look_put_done(message, 1, &film));
    return save(&seed, folder, "film");
}

static bool save_check_talk(const char *folder)
{
    uint8_t message[OSK_WORKER_MESSAGE_BYTES];
    const OskWorkerHello hello = { OSK_LAYERS_ALL, 7 };
    const OskCheckDone done = { .output_len = 300, .format = "webp" };
    const OskFault found = { OSK_FOUND, "APP1 Exif", "", NULL, 2 };
    Seed seed = { .bytes = { 1 | 4 | 32 }, .len = 1 };
    add(&seed, message, osk_worker_put_hello(message, 1, &hello));
    add(&seed, message, osk_check_put_done(message, 1, &done));
    if (!save(&seed, folder, "checked")) {
        return false;
    }
    seed.len = 1;
    add(&seed, message, osk_worker_put_hello(message, 1, &hello));
    add(&seed, message, osk_worker_put_fault(message, 1, &found));
    return save(&seed, folder, "found");
}

typedef enum Sealed { STRIP, LOOK, CHECK } Sealed;

static bool save_strip(const char *folder, Sealed job)
{
    static uint8_t message[OSK_STRIP_SEGMENTS_BYTES];
    static const char *const names[] = { "strip", "look", "check" };
    const OskStripAsk ask = { .looks = job == LOOK,
                              .packs = job == LOOK,
                              .checks = job == CHECK,
                              .input_len = 500,
                              .plain_len = 120,
                              .output_max = 1000,
                              .segment_count = 3,
                              .recipient_count = job == CHECK ? 0 : 2 };
    const OskStripSegment segments[3] = { { 0, 200, 50, { 1 } },
                                          { 200, 200, 60, { 2 } },
                                          { 400, 100, 10, { 3 } } };
    Seed seed = { .bytes = { 4 | 8 }, .len = 1 };
    add(&seed, message, osk_strip_put_ask(message, 1, &ask));
    add(&seed, message, osk_strip_put_segments(message, 1, 0, segments, 2));
    add(&seed, message, osk_strip_put_segments(message, 1, 2, segments, 1));
    return save(&seed, folder, names[job]);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        return 2;
    }
    return save_talk(argv[1], false) && save_talk(argv[1], true) && save_job(argv[1]) &&
                   save_strip_talk(argv[1]) && save_look_talk(argv[1]) &&
                   save_check_talk(argv[1]) && save_strip(argv[1], STRIP) &&
                   save_strip(argv[1], LOOK) && save_strip(argv[1], CHECK)
               ? 0
               : 1;
}
