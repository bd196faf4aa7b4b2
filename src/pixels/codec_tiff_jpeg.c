/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coding a strip or tile of a JPEG page again, with the tables that it had.
 *
 * Readers keep the tables of one strip for the next, so a strip with other tables than those that
 * the page shares would break all strips behind it. libtiff can't code with given tables; libjpeg
 * can: quantisation, sampling and Huffman tables are taken from JPEGTables and the old strip. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>

#include <jpeglib.h>

#include "pixels/codec_tiff.h"

typedef struct Trap {
    struct jpeg_error_mgr base;
    jmp_buf back;
} Trap;

static void leave(j_common_ptr info)
{
    longjmp(((Trap *)(void *)info->err)->back, 1);
}

static void say_nothing(j_common_ptr info)
{
    (void)info;
}

static void count_warning(j_common_ptr info, int level)
{
    info->err->num_warnings += level < 0;
}

static void set_trap(Trap *trap)
{
    (void)jpeg_std_error(&trap->base);
    trap->base.error_exit = leave;
    trap->base.output_message = say_nothing;
    trap->base.emit_message = count_warning;
}

/* False for a step of zero: a decoder multiplies by it, but the encoder would divide. */
static bool copy_quant(JQUANT_TBL *const *from, j_compress_ptr to)
{
    for (unsigned i = 0; i < NUM_QUANT_TBLS; i++) {
        if (from[i] == NULL) {
            continue;
        }
        if (to->quant_tbl_ptrs[i] == NULL) {
            to->quant_tbl_ptrs[i] = jpeg_alloc_quant_table((j_common_ptr)to);
        }
        memcpy(to->quant_tbl_ptrs[i]->quantval, from[i]->quantval, sizeof from[i]->quantval);
        for (unsigned k = 0; k < DCTSIZE2; k++) {
            if (from[i]->quantval[k] == 0) {
                return false;
            }
        }
    }
    return true;
}

static void copy_huffman(JHUFF_TBL *const *from, JHUFF_TBL **to, j_common_ptr info)
{
    for (unsigned i = 0; i < NUM_HUFF_TBLS; i++) {
        if (from[i] == NULL) {
            continue;
        }
        if (to[i] == NULL) {
            to[i] = jpeg_alloc_huff_table(info);
        }
        memcpy(to[i]->bits, from[i]->bits, sizeof from[i]->bits);
        memcpy(to[i]->huffval, from[i]->huffval, sizeof from[i]->huffval);
    }
}

/* Which tables the page shares: those aren't written again in a strip. */
typedef struct Shared {
    bool quant[NUM_QUANT_TBLS];
    bool dc[NUM_HUFF_TBLS];
    bool ac[NUM_HUFF_TBLS];
} Shared;

static void find_shared(j_decompress_ptr old, Shared *shared)
{
    for (unsigned i = 0; i < NUM_QUANT_TBLS; i++) {
        shared->quant[i] = old->quant_tbl_ptrs[i] != NULL;
    }
    for (unsigned i = 0; i < NUM_HUFF_TBLS; i++) {
        shared->dc[i] = old->dc_huff_tbl_ptrs[i] != NULL;
        shared->ac[i] = old->ac_huff_tbl_ptrs[i] != NULL;
    }
}

static void suppress_shared(j_compress_ptr new, const Shared *shared)
{
    for (unsigned i = 0; i < NUM_QUANT_TBLS; i++) {
        if (new->quant_tbl_ptrs[i] != NULL) {
            new->quant_tbl_ptrs[i]->sent_table = shared->quant[i];
        }
    }
    for (unsigned i = 0; i < NUM_HUFF_TBLS; i++) {
        if (new->dc_huff_tbl_ptrs[i] != NULL) {
            new->dc_huff_tbl_ptrs[i]->sent_table = shared->dc[i];
        }
        if (new->ac_huff_tbl_ptrs[i] != NULL) {
            new->ac_huff_tbl_ptrs[i]->sent_table = shared->ac[i];
        }
    }
}

static J_COLOR_SPACE space_of(const OskTiffJpeg *job, bool input)
{
    if (job->components == 1) {
        return JCS_GRAYSCALE;
    }
    if (job->components != 3) {
        return job->components == 4 ? JCS_CMYK : JCS_UNKNOWN;
    }
    return job->ycbcr && !input ? JCS_YCbCr : JCS_RGB;
}

/* Everything that the new strip must have from the old one; false where that can't be. */
static bool take_over(const OskTiffJpeg *job, struct jpeg_decompress_struct *old,
                      struct jpeg_compress_struct *new)
{
    new->image_width = job->width;
    new->image_height = job->height;
    new->input_components = (int)job->components;
    new->in_color_space = space_of(job, true);
    jpeg_set_defaults(new);
    jpeg_set_colorspace(new, space_of(job, false));
    new->write_JFIF_header = FALSE;
    new->write_Adobe_marker = FALSE;
    new->dct_method = JDCT_ISLOW;
    bool ok = copy_quant(old->quant_tbl_ptrs, new);
    if (job->tables_len > 0) {
        copy_huffman(old->dc_huff_tbl_ptrs, new->dc_huff_tbl_ptrs, (j_common_ptr) new);
        copy_huffman(old->ac_huff_tbl_ptrs, new->ac_huff_tbl_ptrs, (j_common_ptr) new);
    }
    for (unsigned i = 0; i < job->components; i++) {
        jpeg_component_info *to = &new->comp_info[i];
        const jpeg_component_info *from = &old->comp_info[i];
        to->component_id = from->component_id;
        to->h_samp_factor = from->h_samp_factor;
        to->v_samp_factor = from->v_samp_factor;
        to->quant_tbl_no = from->quant_tbl_no;
        to->dc_tbl_no = i == 0 ? 0 : new->dc_huff_tbl_ptrs[1] != NULL && job->ycbcr ? 1 : 0;
        to->ac_tbl_no = to->dc_tbl_no;
        ok = ok && to->quant_tbl_no >= 0 && to->quant_tbl_no < NUM_QUANT_TBLS &&
             new->quant_tbl_ptrs[to->quant_tbl_no] != NULL;
    }
    return ok;
}

static void write_rows(const OskTiffJpeg *job, struct jpeg_compress_struct *new)
{
    while (new->next_scanline < new->image_height) {
        JSAMPROW row = job->rows + (size_t) new->next_scanline * job->row_len;
        (void)jpeg_write_scanlines(new, &row, 1);
    }
}

bool osk_tiff_jpeg_code(const OskTiffJpeg *job, uint8_t **out, size_t *out_len)
{
    struct jpeg_decompress_struct old = { 0 };
    struct jpeg_compress_struct new = { 0 };
    Shared shared = { 0 };
    Trap trap;
    unsigned char *coded = NULL;
    unsigned long coded_len = 0;
    set_trap(&trap);
    old.err = &trap.base;
    new.err = &trap.base;
    if (setjmp(trap.back) != 0) {
        jpeg_destroy_decompress(&old);
        jpeg_destroy_compress(&new);
        free(coded);
        return false;
    }
    jpeg_create_decompress(&old);
    jpeg_create_compress(&new);
    jpeg_mem_dest(&new, &coded, &coded_len);
    if (job->tables_len > 0) {
        jpeg_mem_src(&old, job->tables, (unsigned long)job->tables_len);
        (void)jpeg_read_header(&old, FALSE);
    }
    find_shared(&old, &shared);
    jpeg_mem_src(&old, job->strip, (unsigned long)job->strip_len);
    if (jpeg_read_header(&old, TRUE) != JPEG_HEADER_OK ||
        old.num_components != (int)job->components || old.arith_code || old.data_precision != 8) {
        longjmp(trap.back, 1);
    }
    if (!take_over(job, &old, &new)) {
        longjmp(trap.back, 1);
    }
    suppress_shared(&new, &shared);
    jpeg_start_compress(&new, FALSE);
    write_rows(job, &new);
    jpeg_finish_compress(&new);
    jpeg_destroy_decompress(&old);
    jpeg_destroy_compress(&new);
    *out = coded;
    *out_len = coded_len;
    return true;
}
