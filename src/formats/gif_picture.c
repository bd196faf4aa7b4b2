/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pictures of a GIF: descriptor, local colours, LZW stream; cut off at the edge of the screen.
 */
#include <string.h>

#include "base/writer.h"
#include "formats/gif_clip.h"
#include "formats/gif_lzw.h"
#include "formats/gif_state.h"

#define LZW_MAX ((size_t)1 << 31)

size_t osk_gif_table_size(uint8_t packed)
{
    return (packed & 0x80) != 0 ? (size_t)3 << ((packed & 7) + 1) : 0;
}

OskGifFrame osk_gif_frame_of(const OskGif *gif, const OskGifBlock *block)
{
    const uint8_t *at = gif->at + block->offset + 1;
    return (OskGifFrame){ .left = at[0] | (uint32_t)at[1] << 8,
                          .top = at[2] | (uint32_t)at[3] << 8,
                          .width = at[4] | (uint32_t)at[5] << 8,
                          .height = at[6] | (uint32_t)at[7] << 8 };
}

bool osk_gif_reaches_beyond(const OskGif *gif, OskGifFrame frame)
{
    return frame.left + frame.width > gif->width || frame.top + frame.height > gif->height;
}

bool osk_gif_lies_outside(const OskGif *gif, OskGifFrame frame)
{
    return frame.left >= gif->width || frame.top >= gif->height;
}

OskFact osk_gif_fact_of(const OskGif *gif, const OskGifBlock *block, const char *field,
                        const char *label)
{
    return (OskFact){ .kind = gif->parts[block->row].kind,
                      .part = gif->parts[block->row].name,
                      .field = field,
                      .label = label,
                      .offset = block->offset,
                      .len = block->len };
}

void osk_gif_hidden(OskGif *gif, const OskGifBlock *block, const char *field, const char *label,
                    uint64_t len)
{
    OskFact fact = osk_gif_fact_of(gif, block, field, label);
    fact.kind = OSK_KIND_OTHER;
    fact.len = len;
    osk_report_add(gif->walk->report, fact, NULL);
}

/* ---- pictures ---- */

bool osk_gif_clear_unused(uint8_t *table, size_t bytes, const bool used[256])
{
    bool found = false;
    for (size_t i = 0; i < bytes; i++) {
        found = found || (!used[i / 3] && table[i] != 0);
        table[i] = used[i / 3] ? table[i] : 0;
    }
    return found;
}

/* The sub-blocks up to the last byte that stays. */
static void plan_cut(OskGif *gif, const OskGifBlock *block, const OskGifTail *tail)
{
    OskPlan *plan = gif->walk->plan;
    const OskPart *part = &gif->parts[OSK_GIF_ROW_PICTURE];
    uint64_t offset = block->data;
    size_t at = 0; /* in the joined stream */
    for (uint8_t len = gif->at[offset]; len != 0; len = gif->at[offset]) {
        size_t stays = at >= tail->used ? 0 : tail->used - at < len ? tail->used - at : len;
        if (stays == 0) {
            osk_plan_drop(plan, part, offset, (uint64_t)len + 1);
        } else {
            uint8_t size = (uint8_t)stays;
            size_t plain = tail->at <= at ? 0 : tail->at - at < stays ? tail->at - at : stays;
            osk_plan_rewrite(plan, part, offset, 1, &size, 1);
            osk_plan_keep(plan, part, offset + 1, plain, true);
            if (plain < stays) {
                osk_plan_rewrite(plan, part, offset + 1 + plain, stays - plain,
                                 tail->bytes + (at + plain - tail->at), stays - plain);
            }
            osk_plan_drop(plan, part, offset + 1 + stays, len - stays);
        }
        at += len;
        offset += (uint64_t)len + 1;
    }
    osk_plan_keep(plan, part, offset, 1, true);
}

static OskStatus walk_picture(OskGif *gif, const OskGifBlock *block, OskGifPicture *picture)
{
    OskWalk *walk = gif->walk;
    OskGifFrame frame = osk_gif_frame_of(gif, block);
    picture->pixels = (uint64_t)frame.width * frame.height;
    picture->min_code = gif->at[block->data - 1];
    if (!osk_budget_pixels(walk->budget, picture->pixels)) {
        return osk_walk_fail(walk, OSK_LIMIT, "picture", "larger than a picture may be",
                             block->offset);
    }
    OskGifStream stream = { .bytes = gif->at + block->data,
                            .left = (size_t)(block->offset + block->len - block->data) };
    if (picture->min_code < 1 || picture->min_code > 11 || picture->pixels == 0 ||
        !osk_gif_walk_lzw(stream, picture)) {
        return osk_walk_fail(walk, OSK_MALFORMED, "picture", "the coded picture is broken",
                             block->offset);
    }
    return OSK_OK;
}

/* The descriptor, and the local colour table without the colours that no pixel uses. */
static void plan_picture_head(OskGif *gif, const OskGifBlock *block, const uint8_t out[10],
                              const bool used[256])
{
    OskPlan *plan = gif->walk->plan;
    const uint8_t *head = gif->at + block->offset;
    size_t table = osk_gif_table_size(out[9]);
    if (((head[9] ^ out[9]) & OSK_GIF_RESERVED) != 0) {
        osk_gif_hidden(gif, block, "gif.reserved", "bits that no reader shows", 10);
    }
    if (memcmp(out, head, 10) == 0) {
        osk_plan_keep(plan, &gif->parts[OSK_GIF_ROW_PICTURE], block->offset, 10, true);
    } else {
        osk_plan_rewrite(plan, &gif->parts[OSK_GIF_ROW_PICTURE], block->offset, 10, out, 10);
    }
    if (table > 0) {
        uint8_t *copy = osk_plan_rewrite(plan, &gif->parts[OSK_GIF_ROW_COLOURS], block->offset + 10,
                                         table, head + 10, table);
        if (copy != NULL && osk_gif_clear_unused(copy, table, used)) {
            osk_gif_hidden(gif, block, "gif.colours", "colours that no pixel uses", table);
        }
    } else {
        for (size_t i = 0; i < 256; i++) {
            gif->used[i] = gif->used[i] || used[i];
        }
    }
}

/* ---- pictures that reach beyond the screen ---- */

/* The picture's place on the screen, its first `width` columns and `height` rows. */
static void plan_cut_head(OskGif *gif, const OskGifBlock *block, const OskGifClip *clip)
{
    uint8_t out[10];
    memcpy(out, gif->at + block->offset, sizeof(out));
    if (block->outside) {
        memset(out + 1, 0, 4);
    }
    out[5] = (uint8_t)clip->kept_width;
    out[6] = (uint8_t)(clip->kept_width >> 8);
    out[7] = (uint8_t)clip->kept_height;
    out[8] = (uint8_t)(clip->kept_height >> 8);
    out[9] &= (uint8_t) ~(OSK_GIF_RESERVED | OSK_GIF_INTERLACED);
    plan_picture_head(gif, block, out, clip->used);
}

/* Nothing of it is seen, but it takes its time: a transparent pixel takes its place. */
static OskStatus clip_outside(OskGif *gif, const OskGifBlock *block, OskGifClip *clip,
                              OskWriter *out)
{
    static const uint8_t pixel = 0;
    static const uint8_t control[8] = { 0x21, 0xF9, 4, OSK_GIF_LEAVE_TRANSPARENT, 0, 0, 0, 0 };
    if (!block->controlled) {
        osk_plan_rewrite(gif->walk->plan, &gif->parts[OSK_GIF_ROW_CONTROL], block->offset, 0,
                         control, sizeof(control));
    }
    clip->kept_width = 1;
    clip->kept_height = 1;
    clip->min_code = 2;
    clip->used[0] = true;
    osk_gif_write_lzw(&pixel, 1, clip->min_code, out);
    return osk_writer_ok(out) ? OSK_OK : OSK_NO_MEMORY;
}

static OskStatus clip_picture(OskGif *gif, const OskGifBlock *block, OskGifClip *clip,
                              OskWriter *out)
{
    OskGifFrame frame = osk_gif_frame_of(gif, block);
    OskGifStream stream = { .bytes = gif->at + block->data,
                            .left = (size_t)(block->offset + block->len - block->data) };
    uint32_t right = gif->width - frame.left;
    uint32_t bottom = gif->height - frame.top;
    clip->width = frame.width;
    clip->height = frame.height;
    clip->kept_width = frame.width < right ? frame.width : right;
    clip->kept_height = frame.height < bottom ? frame.height : bottom;
    clip->min_code = gif->at[block->data - 1];
    clip->interlaced = (gif->at[block->offset + 9] & OSK_GIF_INTERLACED) != 0;
    return osk_gif_clip(stream, clip, gif->walk->arena, out);
}

/* Readers cut these pictures off at the edge of the screen; so do we, with the pixels. */
static OskStatus plan_cut_picture(OskGif *gif, const OskGifBlock *block, unsigned transparent)
{
    OskWalk *walk = gif->walk;
    OskGifClip clip = { .width = 0 };
    OskWriter out;
    osk_writer_init(&out, LZW_MAX);
    OskFact fact =
        osk_gif_fact_of(gif, block, "gif.beyond", "part of a frame beyond the edge, never shown");
    fact.kind = OSK_KIND_PREVIEW;
    osk_report_add(walk->report, fact, NULL);
    OskStatus status = block->outside ? clip_outside(gif, block, &clip, &out)
                                      : clip_picture(gif, block, &clip, &out);
    if (status == OSK_OK) {
        uint8_t min_code = (uint8_t)clip.min_code;
        uint64_t end = block->offset + block->len;
        if (transparent < 256) {
            clip.used[transparent] = true;
        }
        plan_cut_head(gif, block, &clip);
        osk_plan_rewrite(walk->plan, &gif->parts[OSK_GIF_ROW_PICTURE], block->data - 1, 1,
                         &min_code, 1);
        osk_plan_rewrite(walk->plan, &gif->parts[OSK_GIF_ROW_PICTURE], block->data,
                         end - block->data, out.bytes, out.len);
    } else if (status == OSK_NO_MEMORY) {
        status = osk_walk_no_memory(walk, "picture", block->offset);
    } else {
        status = osk_walk_fail(walk, status, "picture",
                               "a frame beyond the edge that can't be cut off", block->offset);
    }
    osk_writer_free(&out);
    return status;
}

OskStatus osk_gif_plan_picture(OskGif *gif, const OskGifBlock *block, unsigned transparent)
{
    OskGifPicture picture = { .pixels = 0 };
    OskStatus status = walk_picture(gif, block, &picture);
    if (status != OSK_OK) {
        return status;
    }
    if (osk_gif_reaches_beyond(gif, osk_gif_frame_of(gif, block))) {
        return plan_cut_picture(gif, block, transparent);
    }
    if (transparent < 256) {
        picture.used[transparent] = true;
    }
    uint8_t head[10];
    memcpy(head, gif->at + block->offset, sizeof(head));
    head[9] &= (uint8_t)~OSK_GIF_RESERVED;
    plan_picture_head(gif, block, head, picture.used);
    osk_plan_keep(gif->walk->plan, &gif->parts[OSK_GIF_ROW_PICTURE], block->data - 1, 1, true);
    const uint8_t *data = gif->at + block->data;
    OskGifTail tail = osk_gif_tail_make(data, &picture);
    if (osk_gif_tail_is_there(data, &tail)) {
        osk_plan_keep(gif->walk->plan, &gif->parts[OSK_GIF_ROW_PICTURE], block->data,
                      block->offset + block->len - block->data, true);
        return OSK_OK;
    }
    osk_gif_hidden(gif, block, "gif.slack", "bytes behind the end of the coded picture",
                   osk_gif_stream_len(data) - tail.used);
    plan_cut(gif, block, &tail);
    return OSK_OK;
}
