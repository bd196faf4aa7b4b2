/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/jpeg_blocks.h"

void osk_blocks_layout(const OskBlocksJob *job, const OskBlocksScan *scan, OskBlocksLayout *out)
{
    const OskBlocksFile *file = &job->file;
    const OskBlocksBox *window = &job->paint.window;
    *out = (OskBlocksLayout){ .columns = file->mcus_wide,
                              .rows = file->mcus_high,
                              .window = *window,
                              .across = 1,
                              .down = 1 };
    if (scan->count == 1) {
        const OskBlocksComponent *c = &file->components[scan->members[0]];
        uint32_t right = window->right * c->h;
        uint32_t bottom = window->bottom * c->v;
        out->columns = c->blocks_wide;
        out->rows = c->blocks_high;
        out->across = c->h;
        out->down = c->v;
        out->window.left = window->left * c->h;
        out->window.top = window->top * c->v;
        out->window.right = right < c->blocks_wide ? right : c->blocks_wide;
        out->window.bottom = bottom < c->blocks_high ? bottom : c->blocks_high;
        out->count = 1;
        out->blocks[0].first = true;
        return;
    }
    for (unsigned m = 0; m < scan->count; m++) {
        const OskBlocksComponent *c = &file->components[scan->members[m]];
        for (unsigned i = 0; i < c->h * c->v; i++) {
            out->blocks[out->count].member = (uint8_t)m;
            out->blocks[out->count].x = (uint8_t)(i % c->h);
            out->blocks[out->count].y = (uint8_t)(i / c->h);
            out->blocks[out->count].first = i == 0;
            out->count++;
        }
    }
}

OskBlocksSpot osk_blocks_spot(const OskBlocksScan *scan, const OskBlocksLayout *layout, uint32_t x,
                              uint32_t y, unsigned b)
{
    return (OskBlocksSpot){ .component = scan->members[layout->blocks[b].member],
                            .x = x / layout->across,
                            .y = y / layout->down,
                            .block_x = x % layout->across + layout->blocks[b].x,
                            .block_y = y % layout->down + layout->blocks[b].y };
}

/* ---- headers ---- */

static void write_u16(OskBlocksWriter *writer, unsigned value)
{
    uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };
    osk_blocks_write(writer, bytes, sizeof(bytes));
}

/* True when the output holds this table in this slot already. */
static bool is_defined(const OskBlocksJob *job, unsigned class, unsigned slot)
{
    const OskJpegHuffman *table = &job->codes[class][slot].table;
    const OskJpegHuffman *defined = &job->defined[class][slot];
    return job->is_defined[class][slot] && defined->symbol_count == table->symbol_count &&
           memcmp(defined->counts, table->counts, sizeof(table->counts)) == 0 &&
           memcmp(defined->symbols, table->symbols, table->symbol_count) == 0;
}

/* One DHT segment with all tables that the scan needs and the output lacks (T.81 B.2.4.2). */
static void write_tables(OskBlocksJob *job)
{
    unsigned len = 2;
    for (unsigned i = 0; i < 2 * OSK_BLOCKS_SLOTS; i++) {
        OskBlocksCode *code = &job->codes[i / OSK_BLOCKS_SLOTS][i % OSK_BLOCKS_SLOTS];
        code->used = code->used && !is_defined(job, i / OSK_BLOCKS_SLOTS, i % OSK_BLOCKS_SLOTS);
        len += code->used ? 17 + code->table.symbol_count : 0;
    }
    if (len == 2) {
        return;
    }
    write_u16(job->writer, 0xFFC4);
    write_u16(job->writer, len);
    for (unsigned i = 0; i < 2 * OSK_BLOCKS_SLOTS; i++) {
        unsigned class = i / OSK_BLOCKS_SLOTS;
        unsigned slot = i % OSK_BLOCKS_SLOTS;
        OskBlocksCode *code = &job->codes[class][slot];
        if (!code->used) {
            continue;
        }
        uint8_t head = (uint8_t)(class << 4 | slot);
        osk_blocks_write(job->writer, &head, 1);
        osk_blocks_write(job->writer, code->table.counts, sizeof(code->table.counts));
        osk_blocks_write(job->writer, code->table.symbols, code->table.symbol_count);
        job->defined[class][slot] = code->table;
        job->is_defined[class][slot] = true;
        code->used = false;
    }
}

void osk_blocks_write_header(OskBlocksJob *job, const OskBlocksScan *scan)
{
    OskBlocksWriter *writer = job->writer;
    write_tables(job);
    if (scan->restart != job->restart) {
        write_u16(writer, 0xFFDD);
        write_u16(writer, 4);
        write_u16(writer, scan->restart);
        job->restart = scan->restart;
    }
    write_u16(writer, 0xFFDA);
    write_u16(writer, 6 + 2 * scan->count);
    uint8_t bytes[1 + 2 * OSK_BLOCKS_PARTS + 3];
    unsigned len = 0;
    bytes[len++] = (uint8_t)scan->count;
    for (unsigned i = 0; i < scan->count; i++) {
        bytes[len++] = job->file.components[scan->members[i]].id;
        bytes[len++] = scan->slots[i];
    }
    bytes[len++] = scan->first;
    bytes[len++] = scan->last;
    bytes[len++] = (uint8_t)(scan->high << 4 | scan->low);
    osk_blocks_write(writer, bytes, len);
}

/* ---- intervals ---- */

void osk_blocks_write_restart(OskBlocksWriter *writer, uint32_t number)
{
    osk_blocks_align(writer);
    write_u16(writer, 0xFFD0 + (number & 7));
}

OskStatus osk_blocks_out_of_data(OskBlocksJob *job, const OskBlocksScan *scan,
                                 const OskJpegBits *bits)
{
    const uint8_t *data = osk_cursor_rest(&scan->data);
    return osk_blocks_fail(&job->file, OSK_TRUNCATED, "scan", "the picture data ends early",
                           osk_cursor_offset(&scan->data) + (uint64_t)(bits->at - data));
}

OskStatus osk_blocks_end_interval(OskBlocksJob *job, const OskBlocksScan *scan, OskJpegBits *bits,
                                  bool marker, uint32_t number)
{
    if (osk_jpeg_overran(*bits)) {
        return osk_blocks_out_of_data(job, scan, bits);
    }
    const uint8_t *data = osk_cursor_rest(&scan->data);
    OskBlocksPlace place = osk_blocks_place(*bits, data);
    const uint8_t *at = place.at;
    if (place.bit != 0) {
        at += *at == 0xFF ? 2 : 1;
    }
    bool fine = marker ? bits->end - at >= 2 && at[0] == 0xFF && at[1] == 0xD0 + (number & 7)
                       : at == bits->end;
    if (!fine) {
        return osk_blocks_fail(&job->file, OSK_MALFORMED, "scan",
                               marker ? "no restart marker where one must be"
                                      : "bytes behind the last block",
                               osk_cursor_offset(&scan->data) + (uint64_t)(at - data));
    }
    *bits = (OskJpegBits){ .at = at + (marker ? 2 : 0), .end = bits->end };
    return OSK_OK;
}
