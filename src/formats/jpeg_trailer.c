/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows the end of a picture: second pictures (CIPA DC-007), short videos (motion photos),
 * and the notes of Samsung cameras. Found by their signatures, because the pointers to them lie
 * about as often as not once a file was edited. All of it goes. */
#include "base/text.h"
#include "formats/jpeg_state.h"

#define PART "trailer"
#define SEF_ENTRY 12u
#define SEF_ENTRIES_MAX 256u

/* Where `len` bytes stand in the cursor's rest, or NULL. */
static const uint8_t *find(OskCursor in, const char *bytes, size_t len)
{
    const uint8_t *at = osk_cursor_rest(&in);
    size_t left = osk_cursor_left(&in);
    while (left >= len) {
        const uint8_t *hit = memchr(at, bytes[0], left - len + 1);
        if (hit == NULL) {
            return NULL;
        }
        if (memcmp(hit, bytes, len) == 0) {
            return hit;
        }
        left -= (size_t)(hit - at) + 1;
        at = hit + 1;
    }
    return NULL;
}

static void add(OskWalk *walk, OskKind kind, const char *field, const char *label, OskCursor in)
{
    osk_report_add(walk->report,
                   (OskFact){ .kind = kind,
                              .part = PART,
                              .field = field,
                              .label = label,
                              .offset = osk_cursor_offset(&in),
                              .len = osk_cursor_left(&in) },
                   NULL);
}

static void inspect_video(OskWalk *walk, OskCursor in)
{
    const uint8_t *ftyp = find(in, "ftyp", 4);
    if (ftyp == NULL || ftyp - osk_cursor_rest(&in) < 4) {
        return;
    }
    osk_cursor_skip(&in, (uint64_t)(ftyp - osk_cursor_rest(&in)) - 4);
    bool sound = find(in, "soun", 4) != NULL;
    add(walk, OSK_KIND_PREVIEW, "jpeg.trailer.video",
        sound ? "a short video with sound" : "a short video", in);
}

static void inspect_pictures(OskWalk *walk, OskCursor in)
{
    OskCursor rest = in;
    OskCursor first = in;
    uint64_t count = 0;
    for (const uint8_t *at = find(rest, "\xFF\xD8\xFF", 3); at != NULL;
         at = find(rest, "\xFF\xD8\xFF", 3)) {
        osk_cursor_skip(&rest, (uint64_t)(at - osk_cursor_rest(&rest)));
        first = count == 0 ? rest : first;
        count++;
        osk_cursor_skip(&rest, 3);
    }
    if (count == 0) {
        return;
    }
    OskText text;
    osk_text_init(&text);
    osk_text_u64(&text, count);
    osk_report_add(walk->report,
                   (OskFact){ .kind = OSK_KIND_PREVIEW,
                              .part = PART,
                              .field = "jpeg.trailer.pictures",
                              .label = "further pictures behind the one that is shown",
                              .offset = osk_cursor_offset(&first),
                              .len = osk_cursor_left(&first) },
                   &text);
}

/* One note of a Samsung trailer: two zero bytes, its kind, the length of its name, the name, the
 * value. */
static void inspect_note(OskWalk *walk, OskCursor note)
{
    osk_cursor_skip(&note, 2);
    uint16_t kind = osk_cursor_u16le(&note);
    uint32_t name_len = osk_cursor_u32le(&note);
    OskCursor name = osk_cursor_take(&note, name_len);
    if (!osk_cursor_ok(&note)) {
        return;
    }
    OskFact fact = { .kind = OSK_KIND_OTHER,
                     .part = PART,
                     .field = "jpeg.trailer.samsung.note",
                     .label = "a note of the camera",
                     .offset = osk_cursor_offset(&note),
                     .len = osk_cursor_left(&note) };
    OskCursor value = name;
    if (kind == 0x0A01) {
        fact.kind = OSK_KIND_TIME;
        fact.field = "jpeg.trailer.samsung.time";
        fact.label = "when it was taken (milliseconds since 1970)";
        value = note;
    } else if (kind == 0x0AA1) {
        fact.kind = OSK_KIND_PLACE;
        fact.field = "jpeg.trailer.samsung.country";
        fact.label = "mobile network country code";
        value = note;
    } else if (kind == 0x0100) {
        fact.kind = OSK_KIND_PREVIEW;
        fact.field = "jpeg.trailer.samsung.sound";
        fact.label = "a sound recording";
    }
    osk_report_add_untrusted(walk->report, fact, osk_cursor_rest(&value), osk_cursor_left(&value),
                             OSK_UTF8);
}

/* "SEFH" version count entries... length "SEFT"; entries count backwards from "SEFH". */
static void inspect_samsung(OskWalk *walk, OskCursor in)
{
    size_t len = osk_cursor_left(&in);
    const uint8_t *bytes = osk_cursor_rest(&in);
    if (len < 24 || memcmp(bytes + len - 4, "SEFT", 4) != 0) {
        return;
    }
    OskCursor tail = in;
    osk_cursor_skip(&tail, len - 8);
    uint32_t directory = osk_cursor_u32le(&tail);
    if (directory < 12 || directory > len - 8) {
        return;
    }
    size_t head = len - 8 - directory;
    OskCursor entries = in;
    osk_cursor_skip(&entries, head);
    if (!osk_cursor_starts(&entries, "SEFH", 4)) {
        return;
    }
    osk_cursor_skip(&entries, 8);
    uint32_t count = osk_cursor_u32le(&entries);
    for (uint32_t i = 0; i < count && i < SEF_ENTRIES_MAX; i++) {
        if (osk_cursor_left(&entries) < SEF_ENTRY) {
            return;
        }
        osk_cursor_skip(&entries, 4);
        uint32_t back = osk_cursor_u32le(&entries);
        uint32_t size = osk_cursor_u32le(&entries);
        if (back <= head && size <= back) {
            OskCursor note = in;
            osk_cursor_skip(&note, head - back);
            inspect_note(walk, osk_cursor_take(&note, size));
        }
    }
}

void osk_jpeg_inspect_trailer(OskWalk *walk, OskCursor trailer)
{
    const uint8_t *bytes = osk_cursor_rest(&trailer);
    size_t len = osk_cursor_left(&trailer);
    bool same = true;
    for (size_t i = 1; i < len && same; i++) {
        same = bytes[i] == bytes[0];
    }
    if (same) {
        add(walk, OSK_KIND_OTHER, "jpeg.trailer.padding", "padding after the end of the picture",
            trailer);
        return;
    }
    size_t before = osk_report_count(walk->report);
    inspect_samsung(walk, trailer);
    inspect_video(walk, trailer);
    inspect_pictures(walk, trailer);
    if (osk_report_count(walk->report) == before) {
        add(walk, OSK_KIND_OTHER, "jpeg.trailer", "bytes hidden after the end of the picture",
            trailer);
    }
}
