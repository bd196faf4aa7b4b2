/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coding the strips and tiles of a JPEG page again.
 *
 * They share the page's tables. Huffman tables that were made for a picture tell of all of it, what
 * is covered included, and have no codes for what is painted, about which libjpeg says nothing. So
 * the copy has the standard ones: blocks in which nothing is painted are written with them from
 * their coefficients, which stay as they are; others are coded afresh, with the quantisers and the
 * sampling that they had, and then go the same way. libtiff can do neither; libjpeg can. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>

#include <jpeglib.h>

#include "pixels/codec_jpeg_out.h"
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

/* What is inside libjpeg, to be destroyed whatever happens. */
typedef struct Work {
    Trap trap;
    struct jpeg_decompress_struct old;
    struct jpeg_decompress_struct again;
    struct jpeg_compress_struct new;
    OskJpegOut out;
} Work;

static void begin_work(Work *work)
{
    memset(work, 0, sizeof *work);
    set_trap(&work->trap);
    work->old.err = &work->trap.base;
    work->again.err = &work->trap.base;
    work->new.err = &work->trap.base;
}

static bool end_work(Work *work, bool ok)
{
    jpeg_destroy_decompress(&work->old);
    jpeg_destroy_decompress(&work->again);
    jpeg_destroy_compress(&work->new);
    return ok;
}

static void read_tables(struct jpeg_decompress_struct *from, const uint8_t *tables, size_t len)
{
    jpeg_create_decompress(from);
    if (len > 0) {
        jpeg_mem_src(from, tables, (unsigned long)len);
        if (jpeg_read_header(from, FALSE) != JPEG_HEADER_TABLES_ONLY) {
            leave((j_common_ptr)from);
        }
    }
}

static void read_strip(const OskTiffJpeg *job, struct jpeg_decompress_struct *from,
                       const uint8_t *strip, size_t len)
{
    jpeg_mem_src(from, strip, (unsigned long)len);
    if (jpeg_read_header(from, TRUE) != JPEG_HEADER_OK ||
        from->num_components != (int)job->components || from->data_precision != 8 ||
        from->image_width > job->width || from->image_height > job->height_most) {
        leave((j_common_ptr)from);
    }
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

/* ---- tables ---- */

static void write_tables(const OskTiffJpegTables *tables, Work *work, OskWriter *out)
{
    struct jpeg_compress_struct *new = &work->new;
    read_tables(&work->old, tables->old, tables->old_len);
    jpeg_create_compress(new);
    osk_jpeg_out(new, &work->out, out);
    new->input_components = 1;
    new->in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(new);
    for (unsigned i = 0; i < NUM_QUANT_TBLS; i++) {
        new->quant_tbl_ptrs[i] = NULL;
    }
    (void)copy_quant(work->old.quant_tbl_ptrs, new);
    jpeg_write_tables(new);
}

bool osk_tiff_jpeg_tables(OskTiffJpegTables *tables)
{
    Work work;
    begin_work(&work);
    if (setjmp(work.trap.back) != 0) {
        return end_work(&work, false);
    }
    write_tables(tables, &work, &tables->written);
    return end_work(&work, true);
}

/* ---- coding afresh ---- */

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
    /* Tables made for these rows have a code for all that is in them. */
    new->optimize_coding = TRUE;
    bool ok = copy_quant(old->quant_tbl_ptrs, new);
    for (unsigned i = 0; i < job->components; i++) {
        jpeg_component_info *to = &new->comp_info[i];
        const jpeg_component_info *from = &old->comp_info[i];
        to->component_id = from->component_id;
        to->h_samp_factor = from->h_samp_factor;
        to->v_samp_factor = from->v_samp_factor;
        to->quant_tbl_no = from->quant_tbl_no;
        ok = ok && to->quant_tbl_no >= 0 && to->quant_tbl_no < NUM_QUANT_TBLS &&
             old->quant_tbl_ptrs[to->quant_tbl_no] != NULL;
    }
    return ok;
}

static void code_rows(const OskTiffJpeg *job, Work *work, OskWriter *out)
{
    struct jpeg_compress_struct *new = &work->new;
    read_tables(&work->old, job->tables->old, job->tables->old_len);
    read_strip(job, &work->old, job->strip, job->strip_len);
    jpeg_create_compress(new);
    osk_jpeg_out(new, &work->out, out);
    if (!take_over(job, &work->old, new)) {
        leave((j_common_ptr) new);
    }
    jpeg_start_compress(new, TRUE);
    while (new->next_scanline < new->image_height) {
        JSAMPROW row = job->rows + (size_t) new->next_scanline * job->row_len;
        (void)jpeg_write_scanlines(new, &row, 1);
    }
    jpeg_finish_compress(new);
}

static bool code_afresh(const OskTiffJpeg *job, OskWriter *out)
{
    Work work;
    begin_work(&work);
    if (setjmp(work.trap.back) != 0) {
        return end_work(&work, false);
    }
    code_rows(job, &work, out);
    return end_work(&work, true);
}

/* ---- the standard tables ---- */

static bool is_quant_same(const JQUANT_TBL *a, const JQUANT_TBL *b)
{
    return a != NULL && b != NULL && memcmp(a->quantval, b->quantval, sizeof a->quantval) == 0;
}

/* What the page's tables say isn't said again in a strip. Readers keep the tables of one strip for
 * the next: once a strip has brought one of its own, all behind it bring theirs. */
static void suppress_shared(const OskTiffJpeg *job, JQUANT_TBL *const *shared,
                            struct jpeg_compress_struct *new)
{
    bool any = job->tables->old_len > 0;
    jpeg_suppress_tables(new, FALSE);
    for (unsigned i = 0; i < NUM_QUANT_TBLS; i++) {
        JQUANT_TBL *own = new->quant_tbl_ptrs[i];
        if (own != NULL) {
            job->tables->own[i] = job->tables->own[i] || !is_quant_same(own, shared[i]);
            own->sent_table = !job->tables->own[i];
        }
    }
    for (unsigned i = 0; i < NUM_HUFF_TBLS; i++) {
        if (any && new->dc_huff_tbl_ptrs[i] != NULL) {
            new->dc_huff_tbl_ptrs[i]->sent_table = TRUE;
        }
        if (any && new->ac_huff_tbl_ptrs[i] != NULL) {
            new->ac_huff_tbl_ptrs[i]->sent_table = TRUE;
        }
    }
}

static bool is_same(Work *work, jvirt_barray_ptr *before, jvirt_barray_ptr *after)
{
    bool same = work->old.image_width == work->again.image_width &&
                work->old.image_height == work->again.image_height &&
                work->again.err->num_warnings == 0;
    for (int i = 0; same && i < work->old.num_components; i++) {
        const jpeg_component_info *a = &work->old.comp_info[i];
        const jpeg_component_info *b = &work->again.comp_info[i];
        same = a->width_in_blocks == b->width_in_blocks &&
               a->height_in_blocks == b->height_in_blocks &&
               is_quant_same(a->quant_table, b->quant_table);
        for (JDIMENSION y = 0; same && y < a->height_in_blocks; y++) {
            JBLOCKARRAY old = (*work->old.mem->access_virt_barray)((j_common_ptr)&work->old,
                                                                   before[i], y, 1, FALSE);
            JBLOCKARRAY new = (*work->again.mem->access_virt_barray)((j_common_ptr)&work->again,
                                                                     after[i], y, 1, FALSE);
            same = memcmp(old[0], new[0], a->width_in_blocks * sizeof(JBLOCK)) == 0;
        }
    }
    return same;
}

/* Writes the coefficients of `strip` with the tables of the copy, and reads them again. */
static bool write_again(const OskTiffJpeg *job, const OskWriter *strip, Work *work, OskWriter *out)
{
    struct jpeg_compress_struct *new = &work->new;
    read_tables(&work->again, job->tables->old, job->tables->old_len);
    read_tables(&work->old, job->tables->old, job->tables->old_len);
    read_strip(job, &work->old, strip->bytes, strip->len);
    jvirt_barray_ptr *before = jpeg_read_coefficients(&work->old);
    jpeg_create_compress(new);
    osk_jpeg_out(new, &work->out, out);
    jpeg_copy_critical_parameters(&work->old, new);
    new->write_JFIF_header = FALSE;
    new->write_Adobe_marker = FALSE;
    jpeg_write_coefficients(new, before);
    /* `again` still holds what the page shares. */
    suppress_shared(job, work->again.quant_tbl_ptrs, new);
    jpeg_finish_compress(new);
    jpeg_destroy_decompress(&work->again);
    work->again.err = &work->trap.base;
    work->trap.base.num_warnings = 0;
    read_tables(&work->again, job->tables->written.bytes, job->tables->written.len);
    read_strip(job, &work->again, out->bytes, out->len);
    return is_same(work, before, jpeg_read_coefficients(&work->again));
}

static bool code_again(const OskTiffJpeg *job, const OskWriter *strip, OskWriter *out)
{
    Work work;
    begin_work(&work);
    if (setjmp(work.trap.back) != 0) {
        return end_work(&work, false);
    }
    return end_work(&work, write_again(job, strip, &work, out));
}

bool osk_tiff_jpeg_code(const OskTiffJpeg *job, OskWriter *out)
{
    OskWriter fresh;
    OskWriter old = { .bytes = job->strip, .len = job->strip_len };
    osk_writer_init(&fresh, out->ceiling);
    bool ok = job->rows == NULL || code_afresh(job, &fresh);
    ok = ok && code_again(job, job->rows == NULL ? &old : &fresh, out);
    out->failed = out->failed || fresh.failed;
    osk_writer_free(&fresh);
    return ok;
}
