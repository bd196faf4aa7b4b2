/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "redact/jpeg_walk.h"

bool osk_blocks_pass_ac(OskJpegBits *io, const OskJpegTables *tables)
{
    OskJpegLooks looks = { .first = tables->chain,
                           .chain = tables->chain,
                           .shift = OSK_BLOCKS_SHIFT };
    unsigned passed = osk_jpeg_pass_joined(io, looks);
    return passed > 63 || osk_jpeg_finish_block(io, tables, passed > 0 ? passed : 1);
}

bool osk_blocks_pass_mcu(OskBlocksWalk *w)
{
    OskJpegBits bits = w->bits;
    for (unsigned b = 0; b < w->layout.count; b++) {
        unsigned m = w->layout.blocks[b].member;
        if (!osk_blocks_take_dc(&bits, w->dc_look[m], &w->in_dc[m]) ||
            !osk_blocks_pass_ac(&bits, &w->tables[m])) {
            return false;
        }
    }
    w->bits = bits;
    return true;
}

bool osk_blocks_pass_mcu_blindly(OskBlocksWalk *w)
{
    OskJpegBits bits = w->bits;
    for (unsigned b = 0; b < w->layout.count; b++) {
        const OskJpegTables *tables = &w->tables[w->layout.blocks[b].member];
        OskJpegLooks looks = { .first = tables->first,
                               .chain = tables->chain,
                               .shift = OSK_BLOCKS_SHIFT };
        unsigned passed = osk_jpeg_pass_joined(&bits, looks);
        if (OSK_JPEG_LIKELY(passed > 63)) {
            continue;
        }
        if (passed > 0) {
            if (!osk_jpeg_finish_block(&bits, tables, passed)) {
                return false;
            }
            continue;
        }
        unsigned m = w->layout.blocks[b].member;
        int32_t dc = 0;
        if (!osk_blocks_take_dc(&bits, w->dc_look[m], &dc) || !osk_blocks_pass_ac(&bits, tables)) {
            return false;
        }
    }
    w->bits = bits;
    return true;
}

void osk_blocks_write_dc(OskBlocksWalk *w, unsigned member, int32_t dc)
{
    int32_t difference = dc - w->out_dc[member];
    unsigned size = osk_blocks_size(difference);
    w->out_dc[member] = dc;
    if (size > 15) {
        w->coder.failed = true;
        return;
    }
    osk_blocks_code(&w->coder, w->dc[member], size, osk_blocks_magnitude(difference, size), size);
}

OskStatus osk_blocks_walk_prepare(OskBlocksWalk *w)
{
    OskBlocksJob *job = w->job;
    const OskBlocksScan *scan = w->scan;
    osk_blocks_layout(job, scan, &w->layout);
    for (unsigned i = 0; i < scan->count; i++) {
        unsigned twin = 0;
        while (twin < i && (scan->dc[twin] != scan->dc[i] || scan->ac[twin] != scan->ac[i])) {
            twin++;
        }
        w->dc_look[i] = &job->looks[0][twin];
        w->ac_look[i] = &job->looks[1][twin];
        w->dc[i] = &job->codes[0][scan->slots[i] >> 4];
        w->ac[i] = &job->codes[1][scan->slots[i] & 15];
        if (twin < i) {
            w->tables[i] = w->tables[twin];
            continue;
        }
        osk_blocks_look_make(&job->looks[0][i], scan->dc[i]);
        osk_blocks_look_make(&job->looks[1][i], scan->ac[i]);
        w->tables[i] =
            (OskJpegTables){ .dc = scan->dc[i], .ac = scan->ac[i], .window = OSK_BLOCKS_WINDOW };
        void *memory = osk_arena_alloc(job->file.arena, osk_jpeg_tables_size(OSK_BLOCKS_WINDOW));
        if (memory == NULL) {
            return osk_blocks_fail(&job->file, OSK_NO_MEMORY, "scan", "not enough memory",
                                   osk_cursor_offset(&scan->data));
        }
        osk_jpeg_tables_build(&w->tables[i], false, memory);
    }
    uint64_t mcus = (uint64_t)w->layout.columns * w->layout.rows;
    /* A run of empty blocks costs few bits but a look at each of them: 16 looks a part. */
    if (!osk_budget_parts(job->file.budget, 1 + mcus / 16)) {
        return osk_blocks_fail(&job->file, OSK_LIMIT, "scan", "more work than one job may do",
                               osk_cursor_offset(&scan->data));
    }
    return OSK_OK;
}
