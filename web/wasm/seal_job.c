/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seal.wasm: seals a file to the recipients that stand behind the record, one a line. */
#include "frame.h"

#include <string.h>

static OskSealer sealer;
static bool is_open;

bool osk_frame_knows(const OskWasmRequest *ask)
{
    return ask->op == OSK_WASM_SEAL && (ask->memory == 0 || ask->memory >= ask->input_len);
}

void osk_frame_tell(const OskFrame *frame, OskAnswer *answer)
{
    (void)frame;
    osk_answer_text(answer, "mediaType", "application/octet-stream");
    osk_answer_text(answer, "extension", "age");
}

static OskStatus open_sealer(OskFrame *frame)
{
    OskFrameLine line;
    for (size_t at = 0; osk_frame_line(frame->text, frame->ask.regions_len, &at, &line);) {
        OskStatus status = osk_frame_take_recipient(frame, line);
        if (status != OSK_OK) {
            return status;
        }
    }
    const OskSealTo to = { .recipients = frame->recipients,
                           .count = frame->recipient_count,
                           .random = &osk_frame_random,
                           .names_list = true };
    is_open = true;
    return osk_sealer_open(&sealer, &to, &osk_frame_output, NULL, &frame->fault);
}

/* One piece. `memory` of the record is the length that the plaintext is padded to with zeros, which
 * is the input's own when it is 0. */
static OskStatus seal_piece(OskFrame *frame)
{
    uint64_t input_len = frame->ask.input_len;
    uint64_t whole = frame->ask.memory == 0 ? input_len : frame->ask.memory;
    uint64_t left = whole - frame->at;
    size_t len = left < sizeof(frame->piece) ? (size_t)left : sizeof(frame->piece);
    uint64_t unread = frame->at < input_len ? input_len - frame->at : 0;
    size_t read = unread < len ? (size_t)unread : len;
    memset(frame->piece + read, 0, len - read);
    if (!osk_frame_read(frame->at, frame->piece, read)) {
        return osk_frame_fail(frame, OSK_IO, "", "the file can't be read");
    }
    OskStatus status = osk_sealer_write(&sealer, frame->piece, len, &frame->fault);
    frame->at += len;
    if (status == OSK_OK && frame->at == whole) {
        osk_seal_wipe(frame->piece, sizeof(frame->piece));
        return osk_sealer_finish(&sealer, &frame->fault);
    }
    return status == OSK_OK ? OSK_MORE : status;
}

OskStatus osk_frame_step(OskFrame *frame)
{
    OskStatus status = is_open ? OSK_OK : open_sealer(frame);
    return status == OSK_OK ? seal_piece(frame) : status;
}
