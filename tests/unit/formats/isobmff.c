/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HEIF and AVIF files put together box by box: only what the shown picture is made from stays; what
 * would hide something is refused. */
#include "formats/scrubbed.h"

#define SECRET "xk-secret-31"
#define PICTURE ((size_t)14)

/* A sequence header and a frame of AV1 that nobody decodes here; the last byte tells pictures
 * apart. */
static void put_picture(OskWriter *w, uint8_t mark)
{
    static const uint8_t obus[PICTURE] = { 0x0A, 0x06, 0x18, 0x15, 0x7F, 0xFC, 0x00,
                                           0x08, 0x32, 0x04, 0x10, 0x00, 0x00, 0x80 };
    osk_writer_bytes(w, obus, PICTURE - 2);
    osk_writer_u8(w, mark);
    osk_writer_u8(w, 0x80);
}

typedef struct Item {
    const char *type;
    const char *name;
    uint32_t at;
    uint32_t len;
    bool hidden;
    uint8_t props[8]; /* numbers of properties, essential ones with 0x80; 0 ends */
} Item;

typedef struct Ref {
    const char *type;
    uint16_t from;
    uint16_t to[4]; /* 0 ends */
} Ref;

/* A file under construction: `mdat` stands before `meta`, so that positions are known. */
typedef struct File {
    OskWriter w;
    OskWriter props;
    OskWriter extra; /* more boxes of meta */
    OskWriterMark mdat;
    Item items[8];
    size_t item_count;
    Ref refs[8];
    size_t ref_count;
    uint8_t prop_count;
} File;

static void full(OskWriter *w, uint32_t version_and_flags)
{
    osk_writer_be(w, version_and_flags, 4);
}

static void begin(File *f)
{
    *f = (File){ .item_count = 0 };
    osk_writer_init(&f->w, 1 << 16);
    osk_writer_init(&f->props, 1 << 12);
    osk_writer_init(&f->extra, 1 << 12);
    OskWriterMark ftyp = osk_writer_box(&f->w, "ftyp");
    osk_writer_bytes(&f->w, "avif\0\0\0\0mif1avifmiaf", 20);
    osk_writer_close(&f->w, ftyp);
    f->mdat = osk_writer_box(&f->w, "mdat");
}

static uint8_t add_prop(File *f, const char *type, const void *body, size_t len)
{
    OskWriterMark box = osk_writer_box(&f->props, type);
    osk_writer_bytes(&f->props, body, len);
    osk_writer_close(&f->props, box);
    return ++f->prop_count;
}

static uint8_t add_ispe(File *f, uint32_t width, uint32_t height)
{
    OskWriterMark box = osk_writer_box(&f->props, "ispe");
    full(&f->props, 0);
    osk_writer_be(&f->props, width, 4);
    osk_writer_be(&f->props, height, 4);
    osk_writer_close(&f->props, box);
    return ++f->prop_count;
}

static uint8_t add_av1c(File *f)
{
    return add_prop(f, "av1C", "\x81\0\x0C\0", 4);
}

static Item *add_item(File *f, const char *type, const void *data, size_t len)
{
    Item *item = &f->items[f->item_count++];
    *item = (Item){ .type = type, .name = "", .at = (uint32_t)f->w.len, .len = (uint32_t)len };
    osk_writer_bytes(&f->w, data, len);
    return item;
}

static Item *add_picture(File *f, uint8_t mark, uint8_t ispe, uint8_t av1c)
{
    Item *item = add_item(f, "av01", NULL, 0);
    put_picture(&f->w, mark);
    item->len = PICTURE;
    item->props[0] = ispe;
    item->props[1] = av1c | 0x80;
    return item;
}

static Ref *add_ref(File *f, const char *type, uint16_t from, uint16_t to)
{
    Ref *ref = &f->refs[f->ref_count++];
    *ref = (Ref){ .type = type, .from = from, .to = { to } };
    return ref;
}

static void put_items(File *f)
{
    OskWriterMark iinf = osk_writer_box(&f->w, "iinf");
    full(&f->w, 0);
    osk_writer_be(&f->w, f->item_count, 2);
    for (size_t i = 0; i < f->item_count; i++) {
        OskWriterMark infe = osk_writer_box(&f->w, "infe");
        full(&f->w, 0x02000000u | (f->items[i].hidden ? 1 : 0));
        osk_writer_be(&f->w, i + 1, 2);
        osk_writer_be(&f->w, 0, 2);
        osk_writer_bytes(&f->w, f->items[i].type, 4);
        osk_writer_bytes(&f->w, f->items[i].name, strlen(f->items[i].name) + 1);
        osk_writer_close(&f->w, infe);
    }
    osk_writer_close(&f->w, iinf);
}

static void put_refs(File *f)
{
    OskWriterMark iref = osk_writer_box(&f->w, "iref");
    full(&f->w, 0);
    for (size_t i = 0; i < f->ref_count; i++) {
        OskWriterMark box = osk_writer_box(&f->w, f->refs[i].type);
        size_t count = 0;
        while (count < 4 && f->refs[i].to[count] != 0) {
            count++;
        }
        osk_writer_be(&f->w, f->refs[i].from, 2);
        osk_writer_be(&f->w, count, 2);
        for (size_t k = 0; k < count; k++) {
            osk_writer_be(&f->w, f->refs[i].to[k], 2);
        }
        osk_writer_close(&f->w, box);
    }
    osk_writer_close(&f->w, iref);
}

static void put_props(File *f)
{
    OskWriterMark iprp = osk_writer_box(&f->w, "iprp");
    OskWriterMark ipco = osk_writer_box(&f->w, "ipco");
    osk_writer_bytes(&f->w, f->props.bytes, f->props.len);
    osk_writer_close(&f->w, ipco);
    OskWriterMark ipma = osk_writer_box(&f->w, "ipma");
    full(&f->w, 0);
    osk_writer_be(&f->w, f->item_count, 4);
    for (size_t i = 0; i < f->item_count; i++) {
        size_t count = strlen((const char *)f->items[i].props);
        osk_writer_be(&f->w, i + 1, 2);
        osk_writer_be(&f->w, count, 1);
        osk_writer_bytes(&f->w, f->items[i].props, count);
    }
    osk_writer_close(&f->w, ipma);
    osk_writer_close(&f->w, iprp);
}

static void put_locations(File *f)
{
    OskWriterMark iloc = osk_writer_box(&f->w, "iloc");
    full(&f->w, 0);
    osk_writer_be(&f->w, 0x4400, 2);
    osk_writer_be(&f->w, f->item_count, 2);
    for (size_t i = 0; i < f->item_count; i++) {
        osk_writer_be(&f->w, i + 1, 2);
        osk_writer_be(&f->w, 0, 2);
        osk_writer_be(&f->w, 1, 2);
        osk_writer_be(&f->w, f->items[i].at, 4);
        osk_writer_be(&f->w, f->items[i].len, 4);
    }
    osk_writer_close(&f->w, iloc);
}

/* Item `primary` is what opens. */
static OskWriter *finish(File *f, uint16_t primary)
{
    osk_writer_close(&f->w, f->mdat);
    OskWriterMark meta = osk_writer_box(&f->w, "meta");
    full(&f->w, 0);
    OskWriterMark hdlr = osk_writer_box(&f->w, "hdlr");
    osk_writer_bytes(&f->w, "\0\0\0\0\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0", 25);
    osk_writer_close(&f->w, hdlr);
    OskWriterMark pitm = osk_writer_box(&f->w, "pitm");
    full(&f->w, 0);
    osk_writer_be(&f->w, primary, 2);
    osk_writer_close(&f->w, pitm);
    put_locations(f);
    put_items(f);
    put_refs(f);
    put_props(f);
    osk_writer_bytes(&f->w, f->extra.bytes, f->extra.len);
    osk_writer_close(&f->w, meta);
    osk_writer_free(&f->props);
    osk_writer_free(&f->extra);
    return &f->w;
}

/* The picture with this mark is there once, and a location points at it. */
static void expect_picture(const Scrubbed *s, uint8_t mark)
{
    OskWriter picture;
    osk_writer_init(&picture, PICTURE);
    put_picture(&picture, mark);
    size_t found = 0;
    size_t at = 0;
    for (size_t i = 0; i + PICTURE <= s->len; i++) {
        if (memcmp(s->bytes + i, picture.bytes, PICTURE) == 0) {
            found++;
            at = i;
        }
    }
    osk_writer_free(&picture);
    assert_int_equal(found, 1);
    uint8_t location[8] = { 0, 0, (uint8_t)(at >> 8), (uint8_t)at, 0, 0, 0, PICTURE };
    assert_true(holds(s, location, sizeof(location)));
}

static void expect_no_picture(const Scrubbed *s, uint8_t mark)
{
    uint8_t end[5] = { 0x04, 0x10, 0x00, mark, 0x80 };
    assert_false(holds(s, end, sizeof(end)));
}

static void isobmff__drops_items_that_describe(void **state)
{
    (void)state;
    File f;
    begin(&f);
    osk_writer_bytes(&f.w, SECRET, strlen(SECRET));
    add_item(&f, "Exif", "\0\0\0\0" SECRET, 4 + strlen(SECRET));
    uint8_t ispe = add_ispe(&f, 64, 64);
    add_picture(&f, 1, ispe, add_av1c(&f));
    f.items[1].name = SECRET;
    add_item(&f, "mime", SECRET, strlen(SECRET));
    add_item(&f, "prvt", SECRET, strlen(SECRET));
    add_ref(&f, "cdsc", 1, 2);
    Scrubbed out = scrub(finish(&f, 2));
    assert_int_equal(out.status, OSK_OK);
    assert_true(out.findings >= 5);
    assert_false(holds_text(&out, SECRET));
    expect_picture(&out, 1);
    osk_bytes_free(&out.bytes);
}

static void isobmff__drops_pictures_that_do_not_open(void **state)
{
    (void)state;
    File f;
    begin(&f);
    uint8_t ispe = add_ispe(&f, 64, 64);
    uint8_t av1c = add_av1c(&f);
    uint8_t depth = add_prop(&f, "auxC", "\0\0\0\0urn:mpeg:hevc:2015:auxid:2", 31);
    add_picture(&f, 1, ispe, av1c);
    add_picture(&f, 2, ispe, av1c);
    add_picture(&f, 3, ispe, av1c)->props[2] = depth;
    add_picture(&f, 4, ispe, av1c)->hidden = true;
    add_ref(&f, "thmb", 2, 1);
    add_ref(&f, "auxl", 3, 1);
    Scrubbed out = scrub(finish(&f, 1));
    assert_int_equal(out.status, OSK_OK);
    expect_picture(&out, 1);
    expect_no_picture(&out, 2);
    expect_no_picture(&out, 3);
    expect_no_picture(&out, 4);
    assert_false(holds_text(&out, "auxid:2"));
    osk_bytes_free(&out.bytes);
}

static void isobmff__keeps_transparency(void **state)
{
    (void)state;
    static const char name[] = "\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha";
    File f;
    begin(&f);
    uint8_t ispe = add_ispe(&f, 64, 64);
    uint8_t av1c = add_av1c(&f);
    uint8_t alpha = add_prop(&f, "auxC", name, sizeof(name));
    add_picture(&f, 1, ispe, av1c);
    add_picture(&f, 2, ispe, av1c)->props[2] = alpha;
    add_ref(&f, "auxl", 2, 1);
    add_ref(&f, "prem", 1, 2);
    Scrubbed out = scrub(finish(&f, 1));
    assert_int_equal(out.status, OSK_OK);
    expect_picture(&out, 1);
    expect_picture(&out, 2);
    assert_true(holds_text(&out, "auxl"));
    assert_true(holds_text(&out, "prem"));
    osk_bytes_free(&out.bytes);
}

static File grid_file(uint8_t columns_less_one, uint32_t tile_width)
{
    File f;
    begin(&f);
    uint8_t tile = add_ispe(&f, tile_width, 64);
    uint8_t whole = add_ispe(&f, 100, 60);
    uint8_t av1c = add_av1c(&f);
    uint8_t turn = add_prop(&f, "irot", "\1", 1);
    add_picture(&f, 1, tile, av1c)->hidden = true;
    add_picture(&f, 2, tile, av1c)->hidden = true;
    uint8_t body[8] = { 0, 0, 0, columns_less_one, 0, 100, 0, 60 };
    Item *grid = add_item(&f, "grid", body, sizeof(body));
    osk_writer_bytes(&f.w, SECRET, strlen(SECRET));
    grid->len += (uint32_t)strlen(SECRET);
    grid->props[0] = whole;
    grid->props[1] = turn | 0x80;
    add_ref(&f, "dimg", 3, 1)->to[1] = 2;
    return f;
}

static void isobmff__keeps_a_grid_and_its_turn(void **state)
{
    (void)state;
    File f = grid_file(1, 64);
    Scrubbed out = scrub(finish(&f, 3));
    assert_int_equal(out.status, OSK_OK);
    expect_picture(&out, 1);
    expect_picture(&out, 2);
    assert_true(holds(&out, "\0\0\0\x09irot\1", 9));
    assert_false(holds_text(&out, SECRET));
    osk_bytes_free(&out.bytes);
}

static void isobmff__refuses_tiles_that_no_cell_shows(void **state)
{
    (void)state;
    File f = grid_file(0, 64);
    assert_int_equal(refusal(finish(&f, 3)), OSK_UNSUPPORTED);
}

static OskStatus overlay_status(uint16_t left, uint32_t layer_width, uint32_t layer_height)
{
    File f;
    begin(&f);
    uint8_t tile = add_ispe(&f, layer_width, layer_height);
    uint8_t whole = add_ispe(&f, 128, 64);
    uint8_t av1c = add_av1c(&f);
    add_picture(&f, 1, tile, av1c);
    add_picture(&f, 2, tile, av1c);
    uint8_t body[22] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 0, 64, 0, 0, 0, 0 };
    body[18] = (uint8_t)(left >> 8);
    body[19] = (uint8_t)left;
    add_item(&f, "iovl", body, sizeof(body))->props[0] = whole;
    add_ref(&f, "dimg", 3, 1)->to[1] = 2;
    Scrubbed out = scrub(finish(&f, 3));
    osk_bytes_free(&out.bytes);
    return out.status;
}

static void isobmff__refuses_layers_that_hide(void **state)
{
    (void)state;
    assert_int_equal(overlay_status(64, 64, 64), OSK_OK);
    assert_int_equal(overlay_status(63, 64, 64), OSK_UNSUPPORTED);
    assert_int_equal(overlay_status(65, 64, 64), OSK_UNSUPPORTED);
    assert_int_equal(overlay_status(0, 64, 64), OSK_UNSUPPORTED);
}

/* A layer that claims no width or height meets no other, and is decoded all the same. */
static void isobmff__refuses_layers_and_tiles_without_a_size(void **state)
{
    (void)state;
    assert_int_equal(overlay_status(0, 0, 64), OSK_UNSUPPORTED);
    assert_int_equal(overlay_status(0, 64, 0), OSK_UNSUPPORTED);
    File f = grid_file(1, 0);
    assert_int_equal(refusal(finish(&f, 3)), OSK_UNSUPPORTED);
}

static OskStatus crop_status(uint32_t coded, uint32_t shown)
{
    File f;
    begin(&f);
    uint8_t ispe = add_ispe(&f, coded, 100);
    uint8_t av1c = add_av1c(&f);
    OskWriter clap;
    osk_writer_init(&clap, 32);
    osk_writer_be(&clap, shown, 4);
    osk_writer_be(&clap, 1, 4);
    osk_writer_be(&clap, 100, 4);
    osk_writer_be(&clap, 1, 4);
    osk_writer_be(&clap, (uint32_t)shown - coded, 4);
    osk_writer_be(&clap, 2, 4);
    osk_writer_be(&clap, 0, 4);
    osk_writer_be(&clap, 1, 4);
    uint8_t crop = add_prop(&f, "clap", clap.bytes, clap.len);
    osk_writer_free(&clap);
    add_picture(&f, 1, ispe, av1c)->props[2] = crop | 0x80;
    Scrubbed out = scrub(finish(&f, 1));
    osk_bytes_free(&out.bytes);
    return out.status;
}

static void isobmff__refuses_a_crop_but_not_coding_padding(void **state)
{
    (void)state;
    assert_int_equal(crop_status(452, 452), OSK_OK);
    assert_int_equal(crop_status(452, 451), OSK_OK);
    assert_int_equal(crop_status(64, 29), OSK_OK);
    assert_int_equal(crop_status(452, 450), OSK_UNSUPPORTED);
    assert_int_equal(crop_status(65, 29), OSK_UNSUPPORTED);
}

static void isobmff__drops_properties_and_boxes_that_tell(void **state)
{
    (void)state;
    File f;
    begin(&f);
    uint8_t ispe = add_ispe(&f, 64, 64);
    uint8_t av1c = add_av1c(&f);
    uint8_t note = add_prop(&f, "udes", "\0\0\0\0en\0" SECRET "\0\0", 9 + strlen(SECRET));
    uint8_t slack = add_prop(&f, "pixi", "\0\0\0\0\3\10\10\10" SECRET, 8 + strlen(SECRET));
    Item *picture = add_picture(&f, 1, ispe, av1c);
    picture->props[2] = note;
    picture->props[3] = slack;
    OskWriterMark box = osk_writer_box(&f.extra, "grpl");
    osk_writer_bytes(&f.extra, SECRET, strlen(SECRET));
    osk_writer_close(&f.extra, box);
    finish(&f, 1);
    osk_writer_bytes(&f.w,
                     "\0\0\0\x14"
                     "free" SECRET,
                     20);
    osk_writer_bytes(&f.w,
                     "\0\0\0\x14"
                     "mpvd" SECRET,
                     20);
    osk_writer_bytes(&f.w, SECRET, strlen(SECRET));
    Scrubbed out = scrub(&f.w);
    assert_int_equal(out.status, OSK_OK);
    assert_true(out.findings >= 6);
    assert_false(holds_text(&out, SECRET));
    assert_true(holds(&out, "pixi\0\0\0\0\3\10\10\10", 12));
    osk_bytes_free(&out.bytes);
}

static void isobmff__refuses_an_essential_property_it_does_not_know(void **state)
{
    (void)state;
    File f;
    begin(&f);
    uint8_t ispe = add_ispe(&f, 64, 64);
    uint8_t av1c = add_av1c(&f);
    uint8_t strange = add_prop(&f, "abcd", SECRET, strlen(SECRET));
    add_picture(&f, 1, ispe, av1c)->props[2] = strange | 0x80;
    assert_int_equal(refusal(finish(&f, 1)), OSK_UNSUPPORTED);
}

static void isobmff__shares_data_between_pictures(void **state)
{
    (void)state;
    File f = grid_file(1, 64);
    f.items[1].at = f.items[0].at;
    Scrubbed out = scrub(finish(&f, 3));
    assert_int_equal(out.status, OSK_OK);
    expect_picture(&out, 1);
    expect_no_picture(&out, 2);
    osk_bytes_free(&out.bytes);
}

/* A list without a picture in front of the short form: the short one is read. */
static void isobmff__passes_by_a_list_without_a_picture(void **state)
{
    (void)state;
    OskWriter w;
    osk_writer_init(&w, 1 << 12);
    OskWriterMark box = osk_writer_box(&w, "ftyp");
    osk_writer_bytes(&w, "mif3avifmif3", 12);
    osk_writer_close(&w, box);
    box = osk_writer_box(&w, "meta");
    full(&w, 0);
    osk_writer_close(&w, box);
    box = osk_writer_box(&w, "mini");
    osk_writer_zeros(&w, 2);
    osk_writer_close(&w, box);
    assert_int_equal(refusal(&w), OSK_MALFORMED);
}

static void isobmff__tells_what_is_missing(void **state)
{
    (void)state;
    File f;
    begin(&f);
    uint8_t ispe = add_ispe(&f, 64, 64);
    add_picture(&f, 1, ispe, add_av1c(&f))->len = 100000;
    assert_int_equal(refusal(finish(&f, 1)), OSK_TRUNCATED);
    begin(&f);
    add_picture(&f, 1, add_ispe(&f, 64, 64), add_av1c(&f));
    assert_int_equal(refusal(finish(&f, 7)), OSK_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(isobmff__drops_items_that_describe),
        cmocka_unit_test(isobmff__drops_pictures_that_do_not_open),
        cmocka_unit_test(isobmff__keeps_transparency),
        cmocka_unit_test(isobmff__keeps_a_grid_and_its_turn),
        cmocka_unit_test(isobmff__refuses_tiles_that_no_cell_shows),
        cmocka_unit_test(isobmff__refuses_layers_that_hide),
        cmocka_unit_test(isobmff__refuses_layers_and_tiles_without_a_size),
        cmocka_unit_test(isobmff__refuses_a_crop_but_not_coding_padding),
        cmocka_unit_test(isobmff__drops_properties_and_boxes_that_tell),
        cmocka_unit_test(isobmff__refuses_an_essential_property_it_does_not_know),
        cmocka_unit_test(isobmff__shares_data_between_pictures),
        cmocka_unit_test(isobmff__passes_by_a_list_without_a_picture),
        cmocka_unit_test(isobmff__tells_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
