/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GIF: a screen with a colour table, then extensions and pictures, each a run of sub-blocks; a
 * semicolon ends it. GIF89a specification, CompuServe 1990, and the Netscape, Adobe (XMP) and ICC
 * application extensions. Tolerated, because readers do: no end mark, stray bytes between blocks,
 * pictures without an end code or with too few pixels. */
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "formats/format.h"
#include "formats/gif_lzw.h"
#include "parts/icc.h"
#include "parts/xmp.h"

#define ICC_MAX ((size_t)64 << 20)
#define XMP_TRAILER 257u
#define APP_ID 11u

enum Row {
    ROW_HEADER,
    ROW_COLOURS,
    ROW_PICTURE,
    ROW_CONTROL,
    ROW_LOOP,
    ROW_ICC,
    ROW_COMMENT,
    ROW_TEXT,
    ROW_XMP,
    ROW_APPLICATION,
    ROW_UNKNOWN,
    ROW_STRAY,
    ROW_END,
    ROW_TRAILER
};

static const OskPart parts[] = {
    [ROW_HEADER] = { 0, "header", "version and screen size", OSK_KEEP, OSK_KIND_NONE,
                     "GIF89a 17, 18", "13 bytes" },
    [ROW_COLOURS] = { 0, "colour table", "colours of the pictures", OSK_KEEP, OSK_KIND_NONE,
                      "GIF89a 19, 21", "colours that no pixel uses are zeroed" },
    [ROW_PICTURE] = { 0x2C, "picture", "a frame", OSK_KEEP, OSK_KIND_NONE, "GIF89a 20, 22",
                      "the LZW stream is walked to its end code; what follows it goes" },
    [ROW_CONTROL] = { 0x21F9, "graphic control", "timing and transparency of the next frame",
                      OSK_KEEP, OSK_KIND_NONE, "GIF89a 23",
                      "8 bytes, bits that nothing uses zeroed" },
    [ROW_LOOP] = { 0x21FF01, "NETSCAPE2.0", "how often the animation is repeated", OSK_KEEP,
                   OSK_KIND_NONE, "Netscape", "the repeat count alone is kept" },
    [ROW_ICC] = { 0x21FF02, "ICCRGBG1", "colour profile; may name a device, a maker and a date",
                  OSK_REWRITE, OSK_KIND_DEVICE, "ICC.1:2022 B.6",
                  "rebuilt from its colour-defining tags" },
    [ROW_COMMENT] = { 0x21FE, "comment", "text: names, captions, programs", OSK_DROP, OSK_KIND_NAME,
                      "GIF89a 24", NULL },
    [ROW_TEXT] = { 0x2101, "plain text", "text that no reader of today draws", OSK_DROP,
                   OSK_KIND_NAME, "GIF89a 25", NULL },
    [ROW_XMP] = { 0x21FF03, "XMP Data", "names, places, times, editing history", OSK_DROP,
                  OSK_KIND_NAME, "XMP part 3, 1.1.2", NULL },
    [ROW_APPLICATION] = { 0x21FF, "application", "data of a program", OSK_DROP, OSK_KIND_SOFTWARE,
                          "GIF89a 26", NULL },
    [ROW_UNKNOWN] = { 0x21, "unknown extension", "an extension that this table doesn't know",
                      OSK_DROP, OSK_KIND_OTHER, "GIF89a 12", NULL },
    [ROW_STRAY] = { 0, "stray bytes", "bytes between two blocks", OSK_DROP, OSK_KIND_OTHER,
                    "GIF89a 12", NULL },
    [ROW_END] = { 0x3B, "end", "end of the file", OSK_KEEP, OSK_KIND_NONE, "GIF89a 27",
                  "one byte" },
    [ROW_TRAILER] = { 0, "trailer", "bytes behind the end", OSK_DROP, OSK_KIND_OTHER, "GIF89a 27",
                      NULL },
};

typedef struct Block {
    uint64_t offset;
    uint64_t len;
    uint64_t data; /* offset of the first sub-block's length byte */
    uint8_t row;
    bool stays;
} Block;

typedef struct Gif {
    OskWalk *walk;
    OskCursor file;
    Block *blocks;
    size_t count;
    uint64_t end; /* behind the last block */
    bool ended;   /* there is an end mark */
    size_t table_bytes;
    bool used[256];    /* entries of the global table */
    uint8_t *colours;  /* the planned global table, patched at the end */
    const uint8_t *at; /* the whole file */
} Gif;

/* ---- the list of blocks ---- */

static bool skip_sub_blocks(OskCursor *c)
{
    uint8_t len = 0;
    do {
        len = osk_cursor_u8(c);
        osk_cursor_skip(c, len);
    } while (len != 0);
    return osk_cursor_ok(c);
}

static uint8_t row_of_application(OskCursor data)
{
    static const struct {
        const char *id;
        size_t len;
        uint8_t row;
    } known[] = {
        { "NETSCAPE2.0", 11, ROW_LOOP },
        { "ANIMEXTS1.0", 11, ROW_LOOP },
        { "ICCRGBG1012", 11, ROW_ICC },
        { "XMP DataXMP", 11, ROW_XMP },
    };
    if (osk_cursor_u8(&data) == APP_ID) {
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
            if (osk_cursor_starts(&data, known[i].id, known[i].len)) {
                return known[i].row;
            }
        }
    }
    return ROW_APPLICATION;
}

static bool read_extension(OskCursor *c, Block *block)
{
    uint8_t label = osk_cursor_u8(c);
    block->data = osk_cursor_offset(c);
    switch (label) {
    case 0xF9: block->row = ROW_CONTROL; break;
    case 0xFE: block->row = ROW_COMMENT; break;
    case 0x01: block->row = ROW_TEXT; break;
    case 0xFF: block->row = row_of_application(*c); break;
    default: block->row = ROW_UNKNOWN; break;
    }
    return skip_sub_blocks(c);
}

static size_t table_size(uint8_t packed)
{
    return (packed & 0x80) != 0 ? (size_t)3 << ((packed & 7) + 1) : 0;
}

static bool read_picture(OskCursor *c, Block *block)
{
    osk_cursor_skip(c, 8);
    osk_cursor_skip(c, table_size(osk_cursor_u8(c)));
    osk_cursor_skip(c, 1);
    block->row = ROW_PICTURE;
    block->stays = true;
    block->data = osk_cursor_offset(c);
    return skip_sub_blocks(c);
}

/* Called twice, because the array is made in between: `blocks` NULL counts. */
static OskStatus read_blocks(Gif *gif, Block *blocks)
{
    OskCursor c = gif->file;
    bool strays = false;
    gif->count = 0;
    gif->ended = false;
    while (osk_cursor_more(&c) && !gif->ended) {
        Block block = { .offset = osk_cursor_offset(&c) };
        bool whole = true;
        switch (osk_cursor_u8(&c)) {
        case 0x21: whole = read_extension(&c, &block); break;
        case 0x2C: whole = read_picture(&c, &block); break;
        case 0x3B:
            block.row = ROW_END;
            block.stays = true;
            gif->ended = true;
            break;
        default: block.row = ROW_STRAY; break;
        }
        if (!whole) {
            return osk_walk_fail(gif->walk, OSK_TRUNCATED, parts[block.row].name,
                                 "the file ends inside this part", block.offset);
        }
        if (!osk_walk_spend(gif->walk, 1, "block", block.offset)) {
            return OSK_LIMIT;
        }
        block.len = osk_cursor_offset(&c) - block.offset;
        gif->end = osk_cursor_offset(&c);
        bool joins = strays && block.row == ROW_STRAY;
        strays = block.row == ROW_STRAY;
        if (joins) {
            if (blocks != NULL) {
                blocks[gif->count - 1].len++;
            }
            continue;
        }
        if (blocks != NULL) {
            blocks[gif->count] = block;
        }
        gif->count++;
    }
    return OSK_OK;
}

/* A control block counts for the next picture, the last repeat count for the file. */
static OskStatus choose_blocks(Gif *gif)
{
    bool picture = false;
    Block *control = NULL;
    Block *loop = NULL;
    for (size_t i = 0; i < gif->count; i++) {
        Block *block = &gif->blocks[i];
        const uint8_t *data = gif->at + block->data;
        switch (block->row) {
        case ROW_CONTROL: control = data[0] >= 4 ? block : control; break;
        case ROW_TEXT: control = NULL; break;
        case ROW_LOOP:
            /* Sub-block 1 holds the count; its length byte stands behind the identifier. */
            loop = data[APP_ID + 1] >= 3 && (data[APP_ID + 2] & 7) == 1 ? block : loop;
            break;
        case ROW_PICTURE:
            picture = true;
            if (control != NULL) {
                control->stays = true;
                control = NULL;
            }
            break;
        default: break;
        }
    }
    if (loop != NULL) {
        loop->stays = true;
    }
    return picture ? OSK_OK
                   : osk_walk_fail(gif->walk, OSK_TRUNCATED, "picture", "there is no picture",
                                   gif->end);
}

/* ---- findings ---- */

/* The sub-blocks joined, in the arena. */
static OskCursor join(Gif *gif, const Block *block, size_t skip)
{
    const uint8_t *in = gif->at + block->data;
    uint8_t *out = osk_arena_alloc(gif->walk->arena, (size_t)block->len);
    size_t len = 0;
    while (out != NULL && *in != 0) {
        memcpy(out + len, in + 1, *in);
        len += *in;
        in += (size_t)*in + 1;
    }
    OskCursor c = osk_cursor_make(out, len, block->data);
    osk_cursor_skip(&c, skip);
    return c;
}

static OskFact fact_of(const Block *block, const char *field, const char *label)
{
    return (OskFact){ .kind = parts[block->row].kind,
                      .part = parts[block->row].name,
                      .field = field,
                      .label = label,
                      .offset = block->offset,
                      .len = block->len };
}

static void hidden(Gif *gif, const Block *block, const char *field, const char *label, uint64_t len)
{
    OskFact fact = fact_of(block, field, label);
    fact.kind = OSK_KIND_OTHER;
    fact.len = len;
    osk_report_add(gif->walk->report, fact, NULL);
}

/* The packet is not cut into sub-blocks: it stands as it is, and 257 bytes behind it lead any
 * reader of sub-blocks to the end. */
static void inspect_xmp(Gif *gif, const Block *block)
{
    uint64_t head = block->data - block->offset + 1 + APP_ID;
    uint64_t len = block->len > head + XMP_TRAILER ? block->len - head - XMP_TRAILER : 0;
    OskCursor packet =
        osk_cursor_make(gif->at + block->offset + head, (size_t)len, block->offset + head);
    osk_xmp_inspect(packet, "XMP Data", gif->walk->report);
}

static void inspect_block(Gif *gif, const Block *block)
{
    OskWalk *walk = gif->walk;
    size_t before = osk_report_count(walk->report);
    if (block->row == ROW_XMP) {
        inspect_xmp(gif, block);
    } else if (block->row == ROW_COMMENT || block->row == ROW_TEXT ||
               block->row == ROW_APPLICATION) {
        static const struct {
            const char *field;
            const char *label;
            size_t skip;
        } texts[] = {
            [ROW_COMMENT] = { "gif.comment", "comment", 0 },
            [ROW_TEXT] = { "gif.plain_text", "text", 12 },
            [ROW_APPLICATION] = { "gif.application", "data of a program", 0 },
        };
        OskCursor text = join(gif, block, texts[block->row].skip);
        osk_report_add_untrusted(walk->report,
                                 fact_of(block, texts[block->row].field, texts[block->row].label),
                                 osk_cursor_rest(&text), osk_cursor_left(&text), OSK_UTF8);
    }
    if (osk_report_count(walk->report) == before && !osk_report_is_cut(walk->report)) {
        OskFact fact = fact_of(block, "gif.block", parts[block->row].meaning);
        fact.kind = fact.kind == OSK_KIND_NONE ? OSK_KIND_OTHER : fact.kind;
        osk_report_add(walk->report, fact, NULL);
    }
}

/* ---- colour profile ---- */

static void write_sub_blocks(OskWriter *out, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        size_t piece = len < 255 ? len : 255;
        osk_writer_u8(out, (uint8_t)piece);
        osk_writer_bytes(out, bytes, piece);
        bytes += piece;
        len -= piece;
    }
    osk_writer_u8(out, 0);
}

/* The profile as it will be written: rebuilt, or as it is. */
static OskStatus take_profile(Gif *gif, const Block *block, OskWriter *out)
{
    OskWalk *walk = gif->walk;
    OskCursor profile = join(gif, block, APP_ID);
    osk_icc_inspect(profile, "ICCRGBG1", walk->report, walk->budget);
    if (walk->options->icc == OSK_ICC_KEEP) {
        osk_writer_bytes(out, osk_cursor_rest(&profile), osk_cursor_left(&profile));
        return OSK_OK;
    }
    OskStatus status = osk_icc_rebuild(profile, walk->budget, out, NULL);
    return status == OSK_OK || status == OSK_NO_MEMORY
               ? status
               : osk_walk_bad_profile(walk, "ICCRGBG1", block->offset);
}

static OskStatus plan_profile(Gif *gif, const Block *block)
{
    OskWalk *walk = gif->walk;
    if (walk->options->icc == OSK_ICC_DROP) {
        inspect_block(gif, block);
        osk_plan_drop(walk->plan, &parts[ROW_ICC], block->offset, block->len);
        return OSK_OK;
    }
    OskWriter profile;
    OskWriter out;
    osk_writer_init(&profile, ICC_MAX);
    osk_writer_init(&out, ICC_MAX * 2);
    OskStatus status = take_profile(gif, block, &profile);
    if (status == OSK_OK) {
        osk_writer_bytes(&out, "\x21\xFF\x0BICCRGBG1012", 14);
        write_sub_blocks(&out, profile.bytes, profile.len);
    }
    if (status == OSK_NO_MEMORY || !osk_writer_ok(&profile) || !osk_writer_ok(&out)) {
        status = osk_walk_no_memory(walk, "ICCRGBG1", block->offset);
    }
    if (status == OSK_OK) {
        osk_plan_rewrite(walk->plan, &parts[ROW_ICC], block->offset, block->len, out.bytes,
                         out.len);
    }
    osk_writer_free(&profile);
    osk_writer_free(&out);
    return status;
}

/* ---- pictures ---- */

/* Zeroes the entries that no pixel uses; true when any was not zero. */
static bool clear_unused(uint8_t *table, size_t bytes, const bool used[256])
{
    bool found = false;
    for (size_t i = 0; i < bytes; i++) {
        found = found || (!used[i / 3] && table[i] != 0);
        table[i] = used[i / 3] ? table[i] : 0;
    }
    return found;
}

/* What is written instead of the last bytes of the stream: an end code, and zeros behind it. */
typedef struct Tail {
    uint8_t bytes[4];
    size_t at;   /* in the joined stream: they replace it from here on */
    size_t used; /* bytes of the stream that stay */
} Tail;

static uint8_t stream_byte(const uint8_t *sub_block, size_t at)
{
    while (at >= *sub_block) {
        at -= *sub_block;
        sub_block += (size_t)*sub_block + 1;
    }
    return sub_block[1 + at];
}

static Tail make_tail(const uint8_t *data, const OskGifPicture *picture)
{
    Tail tail = { .used = (size_t)((picture->bits + 7) / 8) };
    uint64_t from = picture->patch_width > 0 ? picture->patch_at : picture->bits;
    tail.at = (size_t)(from / 8);
    for (size_t i = tail.at; i < tail.used; i++) {
        tail.bytes[i - tail.at] = stream_byte(data, i);
    }
    unsigned shift = (unsigned)(from % 8);
    uint32_t end_code = picture->patch_width > 0 ? (1u << picture->min_code) + 1 : 0;
    uint32_t value = (uint32_t)(tail.bytes[0] & ((1u << shift) - 1)) | end_code << shift;
    for (size_t i = 0; i < tail.used - tail.at; i++) {
        tail.bytes[i] = (uint8_t)(value >> (8 * i));
    }
    return tail;
}

static bool tail_is_there(const uint8_t *data, const Tail *tail)
{
    bool same = true;
    for (size_t i = tail->at; i < tail->used; i++) {
        same = same && stream_byte(data, i) == tail->bytes[i - tail->at];
    }
    return same;
}

/* Bytes of the joined stream. */
static size_t stream_len(const uint8_t *data)
{
    size_t len = 0;
    for (; *data != 0; data += (size_t)*data + 1) {
        len += *data;
    }
    return len;
}

/* The sub-blocks up to the last byte that stays. */
static void plan_cut(Gif *gif, const Block *block, const Tail *tail)
{
    OskPlan *plan = gif->walk->plan;
    const OskPart *part = &parts[ROW_PICTURE];
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

static OskStatus walk_picture(Gif *gif, const Block *block, OskGifPicture *picture)
{
    OskWalk *walk = gif->walk;
    const uint8_t *head = gif->at + block->offset;
    uint64_t width = (uint64_t)head[5] | (uint64_t)head[6] << 8;
    uint64_t height = (uint64_t)head[7] | (uint64_t)head[8] << 8;
    /* Browsers enlarge the screen for a first frame, others cut it off: nobody can say what is
     * shown. */
    uint64_t right = width + ((uint64_t)head[1] | (uint64_t)head[2] << 8);
    uint64_t bottom = height + ((uint64_t)head[3] | (uint64_t)head[4] << 8);
    const uint8_t *screen = gif->at + 6;
    if (right > ((uint64_t)screen[0] | (uint64_t)screen[1] << 8) ||
        bottom > ((uint64_t)screen[2] | (uint64_t)screen[3] << 8)) {
        return osk_walk_fail(walk, OSK_UNSUPPORTED, "picture",
                             "a frame reaches beyond the screen, where readers hide it",
                             block->offset);
    }
    picture->pixels = width * height;
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

/* The descriptor, with its reserved bits zeroed, the local colour table and the minimum code size.
 */
static void plan_picture_head(Gif *gif, const Block *block, const OskGifPicture *picture)
{
    OskPlan *plan = gif->walk->plan;
    const uint8_t *head = gif->at + block->offset;
    uint8_t packed = (uint8_t)(head[9] & 0xE7);
    size_t table = table_size(packed);
    if (packed != head[9]) {
        hidden(gif, block, "gif.reserved", "bits that no reader shows", 10);
        osk_plan_keep(plan, &parts[ROW_PICTURE], block->offset, 9, true);
        osk_plan_rewrite(plan, &parts[ROW_PICTURE], block->offset + 9, 1, &packed, 1);
    } else {
        osk_plan_keep(plan, &parts[ROW_PICTURE], block->offset, 10, true);
    }
    if (table > 0) {
        uint8_t *copy = osk_plan_rewrite(plan, &parts[ROW_COLOURS], block->offset + 10, table,
                                         head + 10, table);
        if (copy != NULL && clear_unused(copy, table, picture->used)) {
            hidden(gif, block, "gif.colours", "colours that no pixel uses", table);
        }
    } else {
        for (size_t i = 0; i < 256; i++) {
            gif->used[i] = gif->used[i] || picture->used[i];
        }
    }
    osk_plan_keep(plan, &parts[ROW_PICTURE], block->data - 1, 1, true);
}

static OskStatus plan_picture(Gif *gif, const Block *block, unsigned transparent)
{
    OskGifPicture picture = { .pixels = 0 };
    OskStatus status = walk_picture(gif, block, &picture);
    if (status != OSK_OK) {
        return status;
    }
    if (transparent < 256) {
        picture.used[transparent] = true;
    }
    plan_picture_head(gif, block, &picture);
    const uint8_t *data = gif->at + block->data;
    Tail tail = make_tail(data, &picture);
    size_t len = stream_len(data);
    if (tail.used == len && tail_is_there(data, &tail)) {
        osk_plan_keep(gif->walk->plan, &parts[ROW_PICTURE], block->data,
                      block->offset + block->len - block->data, true);
        return OSK_OK;
    }
    hidden(gif, block, "gif.slack", "bytes behind the end of the coded picture", len - tail.used);
    plan_cut(gif, block, &tail);
    return OSK_OK;
}

/* ---- the plan ---- */

static void plan_control(Gif *gif, const Block *block, unsigned *transparent)
{
    const uint8_t *data = gif->at + block->data;
    bool has_transparent = (data[1] & 1) != 0;
    uint8_t index = has_transparent ? data[4] : 0;
    uint8_t out[8] = { 0x21, 0xF9, 4, data[1] & 0x1F, data[2], data[3], index, 0 };
    *transparent = has_transparent ? index : 256;
    if (block->len == 8 && memcmp(out, gif->at + block->offset, 8) == 0) {
        osk_plan_keep(gif->walk->plan, &parts[ROW_CONTROL], block->offset, block->len, false);
        return;
    }
    hidden(gif, block, "gif.reserved", "bits that no reader shows", block->len);
    osk_plan_rewrite(gif->walk->plan, &parts[ROW_CONTROL], block->offset, block->len, out, 8);
}

static void plan_loop(Gif *gif, const Block *block)
{
    const uint8_t *data = gif->at + block->data;
    uint8_t out[19] = { 0x21, 0xFF, APP_ID };
    memcpy(out + 3, data + 1, APP_ID);
    out[14] = 3;
    out[15] = 1;
    out[16] = data[APP_ID + 3];
    out[17] = data[APP_ID + 4];
    if (block->len == sizeof(out) && memcmp(out, gif->at + block->offset, sizeof(out)) == 0) {
        osk_plan_keep(gif->walk->plan, &parts[ROW_LOOP], block->offset, block->len, false);
        return;
    }
    hidden(gif, block, "gif.loop", "data beside the repeat count", block->len);
    osk_plan_rewrite(gif->walk->plan, &parts[ROW_LOOP], block->offset, block->len, out,
                     sizeof(out));
}

static OskStatus plan_blocks(Gif *gif)
{
    OskStatus status = OSK_OK;
    unsigned transparent = 256;
    for (size_t i = 0; status == OSK_OK && i < gif->count; i++) {
        const Block *block = &gif->blocks[i];
        const OskPart *part = &parts[block->row];
        if (block->row == ROW_ICC) {
            status = plan_profile(gif, block);
        } else if (!block->stays) {
            inspect_block(gif, block);
            osk_plan_drop(gif->walk->plan, part, block->offset, block->len);
        } else if (block->row == ROW_PICTURE) {
            status = plan_picture(gif, block, transparent);
            transparent = 256;
        } else if (block->row == ROW_CONTROL) {
            plan_control(gif, block, &transparent);
        } else if (block->row == ROW_LOOP) {
            plan_loop(gif, block);
        } else {
            osk_plan_keep(gif->walk->plan, part, block->offset, block->len, false);
        }
    }
    return status;
}

static void plan_end(Gif *gif)
{
    OskWalk *walk = gif->walk;
    if (!gif->ended) {
        osk_plan_rewrite(walk->plan, &parts[ROW_END], gif->end, 0, ";", 1);
    }
    Block rest = { .offset = gif->end, .len = walk->size - gif->end, .row = ROW_TRAILER };
    if (rest.len > 0) {
        inspect_block(gif, &rest);
        osk_plan_drop(walk->plan, &parts[ROW_TRAILER], rest.offset, rest.len);
    }
    Block table = { .offset = 13, .len = gif->table_bytes, .row = ROW_COLOURS };
    if (gif->colours != NULL && clear_unused(gif->colours, gif->table_bytes, gif->used)) {
        inspect_block(gif, &table);
    }
}

static OskStatus list_blocks(Gif *gif)
{
    OskWalk *walk = gif->walk;
    OskStatus status = read_blocks(gif, NULL);
    if (status != OSK_OK) {
        return status;
    }
    gif->blocks = osk_arena_array(walk->arena, gif->count, sizeof(*gif->blocks));
    if (gif->blocks == NULL) {
        return osk_walk_no_memory(walk, "block", 0);
    }
    return read_blocks(gif, gif->blocks);
}

static OskStatus walk_gif(OskWalk *walk)
{
    Gif gif = { .walk = walk, .at = walk->bytes };
    gif.file = osk_cursor_make(walk->bytes, (size_t)walk->size, 0);
    const uint8_t *head = osk_cursor_bytes(&gif.file, 13);
    gif.table_bytes = head != NULL ? table_size(head[10]) : 0;
    const uint8_t *table = osk_cursor_bytes(&gif.file, gif.table_bytes);
    if (!osk_cursor_ok(&gif.file) || head == NULL || table == NULL) {
        return osk_walk_fail(walk, OSK_TRUNCATED, "header", "the file ends inside this part", 0);
    }
    gif.end = osk_cursor_offset(&gif.file);
    OskStatus status = list_blocks(&gif);
    if (status == OSK_OK) {
        status = choose_blocks(&gif);
    }
    if (status != OSK_OK) {
        return status;
    }
    osk_plan_keep(walk->plan, &parts[ROW_HEADER], 0, 13, false);
    if (gif.table_bytes > 0) {
        gif.used[head[11]] = true; /* the background */
        gif.colours = osk_plan_rewrite(walk->plan, &parts[ROW_COLOURS], 13, gif.table_bytes, table,
                                       gif.table_bytes);
    }
    status = plan_blocks(&gif);
    if (status == OSK_OK) {
        plan_end(&gif);
    }
    return status;
}

static OskProbe probe_gif(const uint8_t *head, size_t len)
{
    bool ours = len >= 6 && memcmp(head, "GIF8", 4) == 0 && (head[4] == '7' || head[4] == '9') &&
                head[5] == 'a';
    return ours ? OSK_PROBE_YES : OSK_PROBE_NO;
}

extern const OskFormat osk_format_gif;
const OskFormat osk_format_gif = {
    .info = { .name = "gif",
              .title = "GIF",
              .media_type = "image/gif",
              .extensions = "gif",
              .parts = parts,
              .part_count = sizeof(parts) / sizeof(parts[0]) },
    .whole = true,
    .probe = probe_gif,
    .walk = walk_gif,
};
