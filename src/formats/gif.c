/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GIF: a screen with a colour table, then extensions and pictures, each a run of sub-blocks; a
 * semicolon ends it. GIF89a specification, CompuServe 1990, and the Netscape, Adobe (XMP) and ICC
 * application extensions. Tolerated, because readers do: no end mark, stray bytes between blocks,
 * pictures without an end code or with too few pixels. */
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "formats/gif_state.h"
#include "parts/xmp.h"

#define ICC_MAX ((size_t)64 << 20)
#define XMP_TRAILER 257u
#define APP_ID 11u

static const OskPart parts[] = {
    [OSK_GIF_ROW_HEADER] = { 0, "header", "version and screen size", OSK_KEEP, OSK_KIND_NONE,
                             "GIF89a 17, 18", "13 bytes; the screen holds the first frame" },
    [OSK_GIF_ROW_COLOURS] = { 0, "colour table", "colours of the pictures", OSK_KEEP, OSK_KIND_NONE,
                              "GIF89a 19, 21", "colours that no pixel uses are zeroed" },
    [OSK_GIF_ROW_PICTURE] = { 0x2C, "picture", "a frame", OSK_KEEP, OSK_KIND_NONE, "GIF89a 20, 22",
                              "the LZW stream is walked to its end code; what follows it goes, as "
                              "do "
                              "pixels "
                              "beyond the screen" },
    [OSK_GIF_ROW_CONTROL] = { 0x21F9, "graphic control",
                              "timing and transparency of the next frame", OSK_KEEP, OSK_KIND_NONE,
                              "GIF89a 23", "8 bytes, bits that nothing uses zeroed" },
    [OSK_GIF_ROW_LOOP] = { 0x21FF01, "NETSCAPE2.0", "how often the animation is repeated", OSK_KEEP,
                           OSK_KIND_NONE, "Netscape", "the repeat count alone is kept" },
    [OSK_GIF_ROW_ICC] = { 0x21FF02, "ICCRGBG1",
                          "colour profile; may name a device, a maker and a date", OSK_REWRITE,
                          OSK_KIND_DEVICE, "ICC.1:2022 B.6",
                          "rebuilt from its colour-defining tags" },
    [OSK_GIF_ROW_COMMENT] = { 0x21FE, "comment", "text: names, captions, programs", OSK_DROP,
                              OSK_KIND_NAME, "GIF89a 24", NULL },
    [OSK_GIF_ROW_TEXT] = { 0x2101, "plain text", "text that no reader of today draws", OSK_DROP,
                           OSK_KIND_NAME, "GIF89a 25", NULL },
    [OSK_GIF_ROW_XMP] = { 0x21FF03, "XMP Data", "names, places, times, editing history", OSK_DROP,
                          OSK_KIND_NAME, "XMP part 3, 1.1.2", NULL },
    [OSK_GIF_ROW_APPLICATION] = { 0x21FF, "application", "data of a program", OSK_DROP,
                                  OSK_KIND_SOFTWARE, "GIF89a 26", NULL },
    [OSK_GIF_ROW_UNKNOWN] = { 0x21, "unknown extension",
                              "an extension that this table doesn't know", OSK_DROP, OSK_KIND_OTHER,
                              "GIF89a 12", NULL },
    [OSK_GIF_ROW_STRAY] = { 0, "stray bytes", "bytes between two blocks", OSK_DROP, OSK_KIND_OTHER,
                            "GIF89a 12", NULL },
    [OSK_GIF_ROW_END] = { 0x3B, "end", "end of the file", OSK_KEEP, OSK_KIND_NONE, "GIF89a 27",
                          "one byte" },
    [OSK_GIF_ROW_TRAILER] = { 0, "trailer", "bytes behind the end", OSK_DROP, OSK_KIND_OTHER,
                              "GIF89a 27", NULL },
};

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
        { "NETSCAPE2.0", 11, OSK_GIF_ROW_LOOP },
        { "ANIMEXTS1.0", 11, OSK_GIF_ROW_LOOP },
        { "ICCRGBG1012", 11, OSK_GIF_ROW_ICC },
        { "XMP DataXMP", 11, OSK_GIF_ROW_XMP },
    };
    if (osk_cursor_u8(&data) == APP_ID) {
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
            if (osk_cursor_starts(&data, known[i].id, known[i].len)) {
                return known[i].row;
            }
        }
    }
    return OSK_GIF_ROW_APPLICATION;
}

static bool read_extension(OskCursor *c, OskGifBlock *block)
{
    uint8_t label = osk_cursor_u8(c);
    block->data = osk_cursor_offset(c);
    switch (label) {
    case 0xF9: block->row = OSK_GIF_ROW_CONTROL; break;
    case 0xFE: block->row = OSK_GIF_ROW_COMMENT; break;
    case 0x01: block->row = OSK_GIF_ROW_TEXT; break;
    case 0xFF: block->row = row_of_application(*c); break;
    default: block->row = OSK_GIF_ROW_UNKNOWN; break;
    }
    return skip_sub_blocks(c);
}

static bool read_picture(OskCursor *c, OskGifBlock *block)
{
    osk_cursor_skip(c, 8);
    osk_cursor_skip(c, osk_gif_table_size(osk_cursor_u8(c)));
    osk_cursor_skip(c, 1);
    block->row = OSK_GIF_ROW_PICTURE;
    block->stays = true;
    block->data = osk_cursor_offset(c);
    return skip_sub_blocks(c);
}

/* Called twice, because the array is made in between: `blocks` NULL counts. */
static OskStatus read_blocks(OskGif *gif, OskGifBlock *blocks)
{
    OskCursor c = gif->file;
    bool strays = false;
    gif->count = 0;
    gif->ended = false;
    while (osk_cursor_more(&c) && !gif->ended) {
        OskGifBlock block = { .offset = osk_cursor_offset(&c) };
        bool whole = true;
        switch (osk_cursor_u8(&c)) {
        case 0x21: whole = read_extension(&c, &block); break;
        case 0x2C: whole = read_picture(&c, &block); break;
        case 0x3B:
            block.row = OSK_GIF_ROW_END;
            block.stays = true;
            gif->ended = true;
            break;
        default: block.row = OSK_GIF_ROW_STRAY; break;
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
        bool joins = strays && block.row == OSK_GIF_ROW_STRAY;
        strays = block.row == OSK_GIF_ROW_STRAY;
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

/* GIF89a 20 wants every picture within the screen. Browsers enlarge the screen for a first one that
 * isn't, and cut the others off; so do we, and all readers show the same. */
static OskStatus measure_screen(OskGif *gif)
{
    const uint8_t *head = gif->at;
    gif->width = head[6] | (uint32_t)head[7] << 8;
    gif->height = head[8] | (uint32_t)head[9] << 8;
    const OskGifBlock *block = gif->blocks;
    while (block < gif->blocks + gif->count && block->row != OSK_GIF_ROW_PICTURE) {
        block++;
    }
    if (block == gif->blocks + gif->count ||
        !osk_gif_reaches_beyond(gif, osk_gif_frame_of(gif, block))) {
        return OSK_OK;
    }
    OskGifFrame frame = osk_gif_frame_of(gif, block);
    uint32_t right = frame.left + frame.width;
    uint32_t bottom = frame.top + frame.height;
    gif->width = right > gif->width ? right : gif->width;
    gif->height = bottom > gif->height ? bottom : gif->height;
    if (gif->width > 0xFFFF || gif->height > 0xFFFF) {
        return osk_walk_fail(gif->walk, OSK_UNSUPPORTED, "picture",
                             "the first frame reaches beyond any screen", block->offset);
    }
    if (!osk_budget_pixels(gif->walk->budget, (uint64_t)gif->width * gif->height)) {
        return osk_walk_fail(gif->walk, OSK_LIMIT, "picture", "larger than a picture may be",
                             block->offset);
    }
    return OSK_OK;
}

/* A control block counts for the next picture, the last repeat count for the file. */
static OskStatus choose_blocks(OskGif *gif)
{
    bool picture = false;
    OskGifBlock *control = NULL;
    OskGifBlock *loop = NULL;
    for (size_t i = 0; i < gif->count; i++) {
        OskGifBlock *block = &gif->blocks[i];
        const uint8_t *data = gif->at + block->data;
        switch (block->row) {
        case OSK_GIF_ROW_CONTROL: control = data[0] >= 4 ? block : control; break;
        case OSK_GIF_ROW_TEXT: control = NULL; break;
        case OSK_GIF_ROW_LOOP:
            /* Sub-block 1 holds the count; its length byte stands behind the identifier. */
            loop = data[APP_ID + 1] >= 3 && (data[APP_ID + 2] & 7) == 1 ? block : loop;
            break;
        case OSK_GIF_ROW_PICTURE:
            picture = true;
            block->outside = osk_gif_lies_outside(gif, osk_gif_frame_of(gif, block));
            if (control != NULL) {
                control->stays = true;
                control->outside = block->outside;
                block->controlled = true;
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
static OskCursor join(OskGif *gif, const OskGifBlock *block, size_t skip)
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

/* The packet is not cut into sub-blocks: it stands as it is, and 257 bytes behind it lead any
 * reader of sub-blocks to the end. */
static void inspect_xmp(OskGif *gif, const OskGifBlock *block)
{
    uint64_t head = block->data - block->offset + 1 + APP_ID;
    uint64_t len = block->len > head + XMP_TRAILER ? block->len - head - XMP_TRAILER : 0;
    OskCursor packet =
        osk_cursor_make(gif->at + block->offset + head, (size_t)len, block->offset + head);
    osk_xmp_inspect(packet, "XMP Data", gif->walk->report);
}

static void inspect_block(OskGif *gif, const OskGifBlock *block)
{
    OskWalk *walk = gif->walk;
    size_t before = osk_report_count(walk->report);
    if (block->row == OSK_GIF_ROW_XMP) {
        inspect_xmp(gif, block);
    } else if (block->row == OSK_GIF_ROW_COMMENT || block->row == OSK_GIF_ROW_TEXT ||
               block->row == OSK_GIF_ROW_APPLICATION) {
        static const struct {
            const char *field;
            const char *label;
            size_t skip;
        } texts[] = {
            [OSK_GIF_ROW_COMMENT] = { "gif.comment", "comment", 0 },
            [OSK_GIF_ROW_TEXT] = { "gif.plain_text", "text", 12 },
            [OSK_GIF_ROW_APPLICATION] = { "gif.application", "data of a program", 0 },
        };
        OskCursor text = join(gif, block, texts[block->row].skip);
        osk_report_add_untrusted(
            walk->report,
            osk_gif_fact_of(gif, block, texts[block->row].field, texts[block->row].label),
            osk_cursor_rest(&text), osk_cursor_left(&text), OSK_UTF8);
    }
    if (osk_report_count(walk->report) == before && !osk_report_is_cut(walk->report)) {
        OskFact fact = osk_gif_fact_of(gif, block, "gif.block", parts[block->row].meaning);
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

static OskStatus plan_profile(OskGif *gif, const OskGifBlock *block)
{
    OskWalk *walk = gif->walk;
    if (walk->options->icc == OSK_ICC_DROP) {
        inspect_block(gif, block);
        osk_plan_drop(walk->plan, &parts[OSK_GIF_ROW_ICC], block->offset, block->len);
        return OSK_OK;
    }
    OskWriter profile;
    OskWriter out;
    osk_writer_init(&profile, ICC_MAX);
    osk_writer_init(&out, ICC_MAX * 2);
    OskCursor old = join(gif, block, APP_ID);
    osk_walk_inspect_profile(walk, old, "ICCRGBG1");
    OskStatus status = osk_walk_take_profile(walk, old, "ICCRGBG1", &profile);
    bool goes = profile.len == 0;
    if (status == OSK_OK && !goes) {
        osk_writer_bytes(&out, "\x21\xFF\x0BICCRGBG1012", 14);
        write_sub_blocks(&out, profile.bytes, profile.len);
    }
    if (!osk_writer_ok(&profile) || !osk_writer_ok(&out)) {
        status = osk_walk_no_memory(walk, "ICCRGBG1", block->offset);
    }
    if (status == OSK_OK && goes) {
        osk_plan_drop(walk->plan, &parts[OSK_GIF_ROW_ICC], block->offset, block->len);
    } else if (status == OSK_OK) {
        osk_plan_rewrite(walk->plan, &parts[OSK_GIF_ROW_ICC], block->offset, block->len, out.bytes,
                         out.len);
    }
    osk_writer_free(&profile);
    osk_writer_free(&out);
    return status;
}

/* ---- the plan ---- */

static void plan_control(OskGif *gif, const OskGifBlock *block, unsigned *transparent)
{
    const uint8_t *data = gif->at + block->data;
    bool has_transparent = (data[1] & 1) != 0;
    uint8_t index = has_transparent ? data[4] : 0;
    uint8_t out[8] = { 0x21, 0xF9, 4, data[1] & 0x1F, data[2], data[3], index, 0 };
    *transparent = has_transparent ? index : 256;
    if (block->outside) {
        /* The finding is the picture's. */
        out[3] = (uint8_t)((data[1] & 2) | OSK_GIF_LEAVE_TRANSPARENT);
        out[6] = 0;
        *transparent = 0;
        osk_plan_rewrite(gif->walk->plan, &parts[OSK_GIF_ROW_CONTROL], block->offset, block->len,
                         out, 8);
        return;
    }
    if (block->len == 8 && memcmp(out, gif->at + block->offset, 8) == 0) {
        osk_plan_keep(gif->walk->plan, &parts[OSK_GIF_ROW_CONTROL], block->offset, block->len,
                      false);
        return;
    }
    osk_gif_hidden(gif, block, "gif.reserved", "bits that no reader shows", block->len);
    osk_plan_rewrite(gif->walk->plan, &parts[OSK_GIF_ROW_CONTROL], block->offset, block->len, out,
                     8);
}

static void plan_loop(OskGif *gif, const OskGifBlock *block)
{
    const uint8_t *data = gif->at + block->data;
    uint8_t out[19] = { 0x21, 0xFF, APP_ID };
    memcpy(out + 3, data + 1, APP_ID);
    out[14] = 3;
    out[15] = 1;
    out[16] = data[APP_ID + 3];
    out[17] = data[APP_ID + 4];
    if (block->len == sizeof(out) && memcmp(out, gif->at + block->offset, sizeof(out)) == 0) {
        osk_plan_keep(gif->walk->plan, &parts[OSK_GIF_ROW_LOOP], block->offset, block->len, false);
        return;
    }
    osk_gif_hidden(gif, block, "gif.loop", "data beside the repeat count", block->len);
    osk_plan_rewrite(gif->walk->plan, &parts[OSK_GIF_ROW_LOOP], block->offset, block->len, out,
                     sizeof(out));
}

static OskStatus plan_blocks(OskGif *gif)
{
    OskStatus status = OSK_OK;
    unsigned transparent = 256;
    for (size_t i = 0; status == OSK_OK && i < gif->count; i++) {
        const OskGifBlock *block = &gif->blocks[i];
        const OskPart *part = &parts[block->row];
        if (block->row == OSK_GIF_ROW_ICC) {
            status = plan_profile(gif, block);
        } else if (!block->stays) {
            inspect_block(gif, block);
            osk_plan_drop(gif->walk->plan, part, block->offset, block->len);
        } else if (block->row == OSK_GIF_ROW_PICTURE) {
            status = osk_gif_plan_picture(gif, block, transparent);
            transparent = 256;
        } else if (block->row == OSK_GIF_ROW_CONTROL) {
            plan_control(gif, block, &transparent);
        } else if (block->row == OSK_GIF_ROW_LOOP) {
            plan_loop(gif, block);
        } else {
            osk_plan_keep(gif->walk->plan, part, block->offset, block->len, false);
        }
    }
    return status;
}

static void plan_end(OskGif *gif)
{
    OskWalk *walk = gif->walk;
    if (!gif->ended) {
        osk_plan_rewrite(walk->plan, &parts[OSK_GIF_ROW_END], gif->end, 0, ";", 1);
    }
    OskGifBlock rest = { .offset = gif->end,
                         .len = walk->size - gif->end,
                         .row = OSK_GIF_ROW_TRAILER };
    if (rest.len > 0) {
        inspect_block(gif, &rest);
        osk_plan_drop(walk->plan, &parts[OSK_GIF_ROW_TRAILER], rest.offset, rest.len);
    }
    OskGifBlock table = { .offset = 13, .len = gif->table_bytes, .row = OSK_GIF_ROW_COLOURS };
    if (gif->colours != NULL && osk_gif_clear_unused(gif->colours, gif->table_bytes, gif->used)) {
        inspect_block(gif, &table);
    }
}

/* The screen grows with its first picture. */
static void plan_header(OskGif *gif)
{
    OskWalk *walk = gif->walk;
    uint8_t size[4] = { (uint8_t)gif->width, (uint8_t)(gif->width >> 8), (uint8_t)gif->height,
                        (uint8_t)(gif->height >> 8) };
    if (memcmp(size, gif->at + 6, sizeof(size)) == 0) {
        osk_plan_keep(walk->plan, &parts[OSK_GIF_ROW_HEADER], 0, 13, false);
        return;
    }
    OskGifBlock header = { .len = 13, .row = OSK_GIF_ROW_HEADER };
    OskFact fact =
        osk_gif_fact_of(gif, &header, "gif.screen", "part of the picture that some readers hide");
    fact.kind = OSK_KIND_PREVIEW;
    osk_report_add(walk->report, fact, NULL);
    osk_plan_keep(walk->plan, &parts[OSK_GIF_ROW_HEADER], 0, 6, false);
    osk_plan_rewrite(walk->plan, &parts[OSK_GIF_ROW_HEADER], 6, sizeof(size), size, sizeof(size));
    osk_plan_keep(walk->plan, &parts[OSK_GIF_ROW_HEADER], 10, 3, false);
}

static OskStatus list_blocks(OskGif *gif)
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
    OskGif gif = { .walk = walk, .parts = parts, .at = walk->bytes };
    gif.file = osk_cursor_make(walk->bytes, (size_t)walk->size, 0);
    const uint8_t *head = osk_cursor_bytes(&gif.file, 13);
    gif.table_bytes = head != NULL ? osk_gif_table_size(head[10]) : 0;
    const uint8_t *table = osk_cursor_bytes(&gif.file, gif.table_bytes);
    if (!osk_cursor_ok(&gif.file) || head == NULL || table == NULL) {
        return osk_walk_fail(walk, OSK_TRUNCATED, "header", "the file ends inside this part", 0);
    }
    gif.end = osk_cursor_offset(&gif.file);
    OskStatus status = list_blocks(&gif);
    if (status == OSK_OK) {
        status = measure_screen(&gif);
    }
    if (status == OSK_OK) {
        status = choose_blocks(&gif);
    }
    if (status != OSK_OK) {
        return status;
    }
    plan_header(&gif);
    if (gif.table_bytes > 0) {
        gif.used[head[11]] = true; /* the background */
        gif.colours = osk_plan_rewrite(walk->plan, &parts[OSK_GIF_ROW_COLOURS], 13, gif.table_bytes,
                                       table, gif.table_bytes);
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
