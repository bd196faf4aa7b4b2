/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "looked.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/random.h"
#include "unit/unit.h"

const OskRecipient *looked_triage;
OskIdentity looked_triage_key;
bool looked_films;

void looked_begin(void)
{
    const uint8_t seed[32] = { 7 };
    assert_int_equal(osk_identity_from_seed(&looked_triage_key, seed), OSK_OK);
    looked_triage = &looked_triage_key.recipient;
}

OskStatus looked_ask(const Sealed *sealed, const char *worker, OskLookDone *done, OskFault *fault)
{
    const OskStripJob job = { .input_fd = sealed->input,
                              .segments = sealed->segments,
                              .segment_count = sealed->count,
                              .output_fd = sealed->output,
                              .output_max = OSK_LOOK_OUTPUT_MAX,
                              .recipients = &rig_desk.recipient,
                              .recipient_count = 1,
                              .triage = looked_triage,
                              .limits = { .memory = UINT64_C(256) << 20 },
                              .deadline_ms = LOOKED_MS,
                              .films = looked_films,
                              .worker = worker };
    *fault = (OskFault){ .status = OSK_OK };
    OskStatus status = osk_worker_look(&job, done, fault);
    assert_int_equal(fault->status, status);
    assert_true(status == OSK_OK || fault->what != NULL);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    return status;
}

static void decode(const uint8_t *bytes, size_t len, OskImage *out)
{
    OskBudget budget = osk_budget_default();
    OskDecoder *decoder = NULL;
    OskCodecInfo info;
    OskFrame frame;
    memset(&frame, 0, sizeof(frame));
    assert_int_equal(osk_codec_jpeg.open(bytes, len, &budget, &decoder, &info, NULL), OSK_OK);
    assert_int_equal(osk_codec_jpeg.next(decoder, &frame, NULL), OSK_OK);
    osk_codec_jpeg.close(&decoder);
    assert_int_equal(info.orientation, 1);
    assert_int_equal(frame.image.model, OSK_PIXELS_RGB);
    *out = frame.image;
}

/* Both parts of an answer lie in one file, one behind the other. */
static void open_pack(const Sealed *sealed, Looked *looked)
{
    const OskUnsealWith desk = { .identities = &rig_desk, .count = 1 };
    const OskUnsealWith triage = { .identities = &looked_triage_key, .count = 1 };
    OskMemory plain = { .max = 2 * OSK_PACK_BYTES_MAX };
    size_t len = (size_t)looked->done.pack_len;
    uint8_t *bytes = malloc(len);
    assert_non_null(bytes);
    assert_int_equal(pread(sealed->output, bytes, len, (off_t)looked->done.output_len), len);
    assert_int_equal(osk_unseal_bytes(bytes, len, &desk, &plain, NULL), OSK_AUTH);
    assert_int_equal(osk_unseal_bytes(bytes, len, &triage, &plain, NULL), OSK_OK);
    assert_int_equal(plain.len, osk_seal_padded_len(looked->done.pack_plain_len));
    assert_int_equal(osk_pack_read(&looked->pack, plain.bytes, plain.len, NULL), OSK_OK);
    assert_int_equal(ftruncate(sealed->output, (off_t)looked->done.output_len), 0);
    osk_bytes_free(&plain.bytes);
    free(bytes);
}

void looked_at(Looked *looked, const char *worker, const uint8_t *bytes, size_t len, size_t pieces)
{
    Sealed sealed;
    memset(looked, 0, sizeof(*looked));
    rig_seal(&sealed, bytes, len, pieces);
    looked->status = looked_ask(&sealed, worker, &looked->done, &looked->fault);
    if (looked->status == OSK_OK && looked->done.pack_len > 0) {
        open_pack(&sealed, looked);
    }
    if (looked->status == OSK_OK) {
        assert_true(looked->done.plain_len <= OSK_LOOK_PREVIEW_BYTES);
        looked->jpeg = rig_open(&sealed, looked->done.output_len, looked->done.plain_len);
        decode(looked->jpeg, (size_t)looked->done.plain_len, &looked->preview);
        assert_true(looked->preview.width <= OSK_LOOK_PREVIEW_SIDE &&
                    looked->preview.height <= OSK_LOOK_PREVIEW_SIDE);
    }
    rig_let_go(&sealed);
}

void looked_forget(Looked *looked)
{
    OskBudget budget = osk_budget_default();
    osk_image_free(&looked->preview, &budget);
    osk_pack_free(&looked->pack);
    osk_bytes_free(&looked->jpeg);
}

const uint8_t *looked_pixel(const Looked *looked, uint32_t x, uint32_t y)
{
    return looked->preview.pixels + looked->preview.stride * y + (size_t)3 * x;
}

bool looked_is_near(const uint8_t *rgb, int red, int green, int blue)
{
    const int wanted[3] = { red, green, blue };
    for (int i = 0; i < 3; i++) {
        if (rgb[i] < wanted[i] - 12 || rgb[i] > wanted[i] + 12) {
            return false;
        }
    }
    return true;
}

/* ---- pictures to look at ---- */

size_t drawing_write(const Drawing *drawing, uint8_t *out, size_t room)
{
    OskBudget budget = osk_budget_default();
    const OskEncodeOptions options = { .orientation = 1, .quality = 95 };
    const OskCodecInfo info = { .width = drawing->width,
                                .height = drawing->height,
                                .orientation = 1,
                                .frames = drawing->frames,
                                .alpha = drawing->model == OSK_PIXELS_RGBA };
    OskEncoder *encoder = NULL;
    OskWriter writer;
    osk_writer_init(&writer, room);
    assert_int_equal(drawing->codec->begin(&options, &info, &budget, &encoder, NULL), OSK_OK);
    for (uint32_t i = 0; i < drawing->frames; i++) {
        OskFrame frame;
        memset(&frame, 0, sizeof(frame));
        frame.duration_num = drawing->frames > 1 ? 1 : 0;
        frame.duration_den = drawing->frames > 1 ? 10 : 1;
        assert_int_equal(osk_image_make(&frame.image, drawing->width, drawing->height,
                                        drawing->model, 8, &budget),
                         OSK_OK);
        drawing->paint(&frame.image, i);
        assert_int_equal(drawing->codec->add(encoder, &frame, NULL), OSK_OK);
        osk_image_free(&frame.image, &budget);
    }
    assert_int_equal(drawing->codec->end(encoder, &writer, NULL), OSK_OK);
    drawing->codec->drop(&encoder);
    assert_true(osk_writer_ok(&writer));
    size_t len = writer.len;
    memcpy(out, writer.bytes, len);
    osk_writer_free(&writer);
    return len;
}

/* Each frame in a shade of its own. */
void paint_shade(OskImage *image, uint32_t frame)
{
    memset(image->pixels, (int)(10 * frame), image->stride * image->height);
    for (uint32_t i = 0; image->model == OSK_PIXELS_RGBA && i < image->width * image->height; i++) {
        image->pixels[4 * i + 3] = 255;
    }
}

void paint_clear(OskImage *image, uint32_t frame)
{
    (void)frame;
    memset(image->pixels, 255, image->stride * image->height);
    for (uint32_t i = 0; i < image->width * image->height; i++) {
        image->pixels[4 * i + 3] = 0;
    }
}

void paint_noise(OskImage *image, uint32_t frame)
{
    (void)frame;
    assert_true(osk_random_fill(NULL, image->pixels, image->stride * image->height));
}
