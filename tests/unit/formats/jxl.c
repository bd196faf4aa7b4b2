/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JPEG XL codestreams and containers: they end with their last frame, carry no names, and are
 * refused where something hidden can't be taken out. */
#include "formats/scrubbed.h"

#define SECRET "xk-secret-37"

/* A codestream bit by bit, low bit first. Nothing of it is decoded here: a frame's data is any
 * bytes, as long as its table of contents says how many. */
typedef struct Bits {
    OskWriter w;
    uint8_t byte;
    unsigned count;
} Bits;

static void put(Bits *b, uint32_t value, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        b->byte |= (uint8_t)((value >> i & 1u) << b->count);
        if (++b->count == 8) {
            osk_writer_u8(&b->w, b->byte);
            b->byte = 0;
            b->count = 0;
        }
    }
}

static void align(Bits *b)
{
    put(b, 0, (8 - b->count) % 8);
}

static void put_name(Bits *b, const char *name)
{
    size_t len = strlen(name);
    assert_true(len < 16);
    put(b, len > 0 ? 1 : 0, 2);
    put(b, (uint32_t)len, len > 0 ? 4 : 0);
    for (size_t i = 0; i < len; i++) {
        put(b, (uint8_t)name[i], 8);
    }
}

typedef struct Header {
    bool animated;
    bool timecodes;
    bool profile;
    bool preview;
    uint32_t orientation; /* 1 to 8 */
    const char *channel;  /* name of an alpha channel, or NULL */
} Header;

/* 8 x 8 pixels; image metadata with every field that a test asks for. */
static void put_header(Bits *b, Header h)
{
    *b = (Bits){ .count = 0 };
    osk_writer_init(&b->w, 1 << 14);
    put(b, 0x0AFF, 16);
    put(b, 1, 1); /* sides are multiples of 8 */
    put(b, 0, 5); /* height 8 */
    put(b, 1, 3); /* width the same */
    put(b, 0, 1); /* not all default */
    put(b, 1, 1); /* extra fields */
    put(b, h.orientation > 0 ? h.orientation - 1 : 0, 3);
    put(b, 0, 1); /* no intrinsic size */
    put(b, h.preview, 1);
    put(b, h.animated, 1);
    if (h.animated) {
        put(b, 0, 2); /* 100 ticks */
        put(b, 0, 2); /* a second */
        put(b, 0, 2); /* for ever */
        put(b, h.timecodes, 1);
    }
    put(b, 0, 1); /* whole numbers */
    put(b, 0, 2); /* of 8 bits */
    put(b, 1, 1); /* 16-bit buffers are enough */
    put(b, h.channel != NULL, 2);
    if (h.channel != NULL) {
        put(b, 0, 1); /* not all default */
        put(b, 0, 2); /* alpha */
        put(b, 0, 1);
        put(b, 0, 2);
        put(b, 0, 2);
        put_name(b, h.channel);
        put(b, 0, 1);
    }
    put(b, 1, 1); /* XYB */
    put(b, !h.profile, 1);
    if (h.profile) {
        put(b, 1, 1);
        put(b, 0, 2);
    }
    put(b, 1, 1); /* tone mapping all default */
    put(b, 0, 2); /* no extensions */
    put(b, 1, 1); /* transform all default */
    align(b);
}

typedef struct Frame {
    Header of;
    bool last;
    const char *name;
    uint32_t timecode;
    const char *data;
} Frame;

static void put_frame(Bits *b, Frame f)
{
    put(b, 0, 1); /* not all default */
    put(b, 0, 2); /* regular */
    put(b, 1, 1); /* modular */
    put(b, 0, 2); /* no flags */
    put(b, 0, 2); /* no upsampling */
    put(b, 0, f.of.channel != NULL ? 2 : 0);
    put(b, 1, 2); /* groups of 256 */
    put(b, 0, 2); /* one pass */
    put(b, 0, 1); /* whole picture */
    put(b, 0, 2); /* replaces what is there */
    put(b, 0, f.of.channel != NULL ? 2 : 0);
    if (f.of.animated) {
        put(b, 1, 2); /* one tick */
        put(b, f.timecode, f.of.timecodes ? 32 : 0);
    }
    put(b, f.last, 1);
    if (!f.last) {
        put(b, 0, 2); /* saved nowhere when it is shown for a while */
        put(b, 0, f.of.animated ? 0 : 1);
    }
    put_name(b, f.name != NULL ? f.name : "");
    put(b, 1, 1); /* filters all default */
    put(b, 0, 2); /* no extensions */
    put(b, 0, 1); /* sections in order */
    align(b);
    put(b, 0, 2);
    put(b, (uint32_t)strlen(f.data), 10);
    align(b);
    osk_writer_bytes(&b->w, f.data, strlen(f.data));
}

static void put_box(OskWriter *w, const char *type, const void *data, size_t len)
{
    OskWriterMark box = osk_writer_box(w, type);
    osk_writer_bytes(w, data, len);
    osk_writer_close(w, box);
}

static void begin_container(OskWriter *w)
{
    osk_writer_init(w, 1 << 14);
    osk_writer_bytes(w, "\0\0\0\x0CJXL \r\n\x87\n", 12);
    osk_writer_bytes(w,
                     "\0\0\0\x14"
                     "ftypjxl \0\0\0\0jxl ",
                     20);
}

static Bits one_frame(Header h)
{
    Bits b;
    put_header(&b, h);
    put_frame(&b, (Frame){ .of = h, .last = true, .data = "picture" });
    return b;
}

static void jxl__bare_codestream_ends_with_its_last_frame(void **state)
{
    (void)state;
    Bits b = one_frame((Header){ .orientation = 6 });
    size_t len = b.w.len;
    osk_writer_bytes(&b.w, SECRET, strlen(SECRET));
    Scrubbed out = scrub(&b.w);
    assert_int_equal(out.status, OSK_OK);
    assert_int_equal(out.len, len);
    assert_int_equal(out.findings, 1);
    osk_bytes_free(&out.bytes);
}

static void jxl__container_keeps_only_the_codestream(void **state)
{
    (void)state;
    Bits b = one_frame((Header){ .orientation = 1 });
    OskWriter w;
    begin_container(&w);
    put_box(&w, "jxll", "\x05", 1);
    put_box(&w, "Exif", "\0\0\0\0" SECRET, 4 + strlen(SECRET));
    put_box(&w, "xml ", SECRET, strlen(SECRET));
    put_box(&w, "jxlc", b.w.bytes, b.w.len);
    put_box(&w, "brob", "Exif" SECRET, 4 + strlen(SECRET));
    put_box(&w, "jbrd", SECRET, strlen(SECRET));
    put_box(&w, "jumb", SECRET, strlen(SECRET));
    put_box(&w, "abcd", SECRET, strlen(SECRET));
    osk_writer_bytes(&w, "\0\0", 2);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_false(holds_text(&out, SECRET));
    assert_int_equal(out.len, 12 + 20 + 9 + 8 + b.w.len);
    assert_true(holds(&out, b.w.bytes, b.w.len));
    osk_bytes_free(&out.bytes);
    osk_writer_free(&b.w);
}

static void jxl__parts_of_a_codestream_are_joined_and_cut(void **state)
{
    (void)state;
    Bits b = one_frame((Header){ .orientation = 1 });
    OskWriter w;
    OskWriter part;
    begin_container(&w);
    osk_writer_init(&part, 1 << 12);
    osk_writer_be(&part, 0, 4);
    osk_writer_bytes(&part, b.w.bytes, 5);
    put_box(&w, "jxlp", part.bytes, part.len);
    osk_writer_free(&part);
    put_box(&w, "xml ", SECRET, strlen(SECRET));
    osk_writer_be(&part, 1, 4);
    osk_writer_bytes(&part, b.w.bytes + 5, b.w.len - 5);
    put_box(&w, "jxlp", part.bytes, part.len);
    osk_writer_free(&part);
    osk_writer_be(&part, 0x80000002, 4);
    osk_writer_bytes(&part, SECRET, strlen(SECRET));
    put_box(&w, "jxlp", part.bytes, part.len);
    osk_writer_free(&part);
    Scrubbed out = scrub(&w);
    assert_int_equal(out.status, OSK_OK);
    assert_false(holds_text(&out, SECRET));
    assert_int_equal(out.len, 12 + 20 + 12 + 12 + b.w.len);
    assert_true(holds(&out, "jxlp\x80\0\0\1", 8));
    osk_bytes_free(&out.bytes);
    osk_writer_free(&b.w);
}

static void jxl__names_and_timecodes_are_emptied(void **state)
{
    (void)state;
    Header h = { .orientation = 1, .channel = "Ada", .animated = true, .timecodes = true };
    Header plain = { .orientation = 1, .channel = "", .animated = true };
    Bits named;
    Bits empty;
    put_header(&named, h);
    put_header(&empty, plain);
    for (int last = 0; last < 2; last++) {
        put_frame(&named, (Frame){ h, last, "Bob", 0x12345678, "picture" });
        put_frame(&empty, (Frame){ plain, last, "", 0, "picture" });
    }
    Scrubbed out = scrub(&named.w);
    assert_int_equal(out.status, OSK_OK);
    assert_true(out.findings >= 3);
    assert_int_equal(out.len, empty.w.len);
    assert_memory_equal(out.bytes, empty.w.bytes, out.len);
    osk_bytes_free(&out.bytes);
    osk_writer_free(&empty.w);
}

static void jxl__refuses_what_it_cannot_take_out(void **state)
{
    (void)state;
    Bits b = one_frame((Header){ .orientation = 1, .profile = true });
    assert_int_equal(refusal(&b.w), OSK_UNSUPPORTED);
    b = one_frame((Header){ .orientation = 1, .preview = true });
    assert_int_equal(refusal(&b.w), OSK_UNSUPPORTED);
}

static void jxl__refuses_a_frame_that_nobody_sees(void **state)
{
    (void)state;
    Bits b;
    put_header(&b, (Header){ .orientation = 1 });
    put_frame(&b, (Frame){ .data = "hidden" });
    put_frame(&b, (Frame){ .last = true, .data = "shown" });
    assert_int_equal(refusal(&b.w), OSK_UNSUPPORTED);
}

static void jxl__tells_a_cut_file(void **state)
{
    (void)state;
    Bits whole = one_frame((Header){ .orientation = 1 });
    for (size_t len = 2; len < whole.w.len; len++) {
        OskWriter w;
        osk_writer_init(&w, len);
        osk_writer_bytes(&w, whole.w.bytes, len);
        assert_int_equal(refusal(&w), OSK_TRUNCATED);
    }
    osk_writer_free(&whole.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jxl__bare_codestream_ends_with_its_last_frame),
        cmocka_unit_test(jxl__container_keeps_only_the_codestream),
        cmocka_unit_test(jxl__parts_of_a_codestream_are_joined_and_cut),
        cmocka_unit_test(jxl__names_and_timecodes_are_emptied),
        cmocka_unit_test(jxl__refuses_what_it_cannot_take_out),
        cmocka_unit_test(jxl__refuses_a_frame_that_nobody_sees),
        cmocka_unit_test(jxl__tells_a_cut_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
