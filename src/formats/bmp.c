/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BMP: a file header, one of seven picture headers, colour masks, a palette, rows or runs of
 * pixels, and a colour profile behind them. "Bitmap Storage", Microsoft; OS/2 2.0 headers.
 * Tolerated, because readers do: wrong sizes in the headers, a palette cut short by the pixels,
 * runs beyond the edge, no end mark behind the last row. */
#include <string.h>

#include "base/writer.h"
#include "formats/bmp.h"

#define FILE_HEADER 14u
#define CORE_HEADER 12u
#define INFO_HEADER 40u
#define OS2_HEADER 64u
#define V4_HEADER 108u
#define V5_HEADER 124u
#define ICC_MAX ((size_t)64 << 20)

/* Colour spaces of V4 and V5 headers. */
#define SPACE_CALIBRATED 0u
#define SPACE_SRGB 0x73524742u
#define SPACE_WINDOWS 0x57696E20u
#define SPACE_EMBEDDED 0x4D424544u
#define SPACE_LINKED 0x4C494E4Bu

enum Row {
    ROW_FILE,
    ROW_INFO,
    ROW_MASKS,
    ROW_PALETTE,
    ROW_GAP,
    ROW_PIXELS,
    ROW_PROFILE,
    ROW_TRAILER,
    ROW_COUNT
};

static const OskPart parts[] = {
    [ROW_FILE] = { 0, "file header", "size of the file and where the pixels begin", OSK_REWRITE,
                   OSK_KIND_NONE, "BITMAPFILEHEADER", "14 bytes, computed anew" },
    [ROW_INFO] = { 0, "info header", "size and kind of the picture", OSK_REWRITE, OSK_KIND_NONE,
                   "BITMAPINFOHEADER to BITMAPV5HEADER, OS/2 2.0",
                   "written anew; fields that readers don't use are zero" },
    [ROW_MASKS] = { 0, "masks", "which bits of a pixel are which colour", OSK_KEEP, OSK_KIND_NONE,
                    "BI_BITFIELDS", "12 or 16 bytes, used for every pixel" },
    [ROW_PALETTE] = { 0, "palette", "colours of the picture", OSK_REWRITE, OSK_KIND_NONE, "RGBQUAD",
                      "reserved bytes, and colours that no pixel uses, are zero" },
    [ROW_GAP] = { 0, "gap", "bytes between two parts", OSK_DROP, OSK_KIND_OTHER, "bfOffBits",
                  NULL },
    [ROW_PIXELS] = { 0, "pixels", "the picture", OSK_KEEP, OSK_KIND_NONE, "Bitmap Storage",
                     "exact length; padding and unused bits zero; runs walked to their end" },
    [ROW_PROFILE] = { 0, "profile", "colour profile, or the name of a file with one", OSK_REWRITE,
                      OSK_KIND_DEVICE, "BITMAPV5HEADER bV5ProfileData",
                      "rebuilt from its colour-defining tags; names of files are dropped" },
    [ROW_TRAILER] = { 0, "trailer", "bytes behind the end of the picture", OSK_DROP, OSK_KIND_OTHER,
                      "bfSize", NULL },
};

typedef struct Bmp {
    OskWalk *walk;
    const uint8_t *info;                     /* the picture header in the input */
    uint8_t header[FILE_HEADER + V5_HEADER]; /* both headers, as they will be written */
    uint32_t info_len;
    uint32_t masks_len;
    uint32_t entry_bytes; /* of a palette entry */
    uint32_t entries;
    uint64_t palette_at;
    uint64_t pixels_at;
    OskBmpPixels pixels;
} Bmp;

static uint32_t le(const uint8_t *in, unsigned width)
{
    uint32_t value = 0;
    for (unsigned i = width; i > 0; i--) {
        value = value << 8 | in[i - 1];
    }
    return value;
}

static void put(uint8_t *out, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

static void report(Bmp *bmp, enum Row row, const char *field, const char *label, uint64_t offset,
                   uint64_t len)
{
    OskKind kind = parts[row].kind == OSK_KIND_NONE ? OSK_KIND_OTHER : parts[row].kind;
    osk_report_add(bmp->walk->report,
                   (OskFact){ .kind = kind,
                              .part = parts[row].name,
                              .field = field,
                              .label = label,
                              .offset = offset,
                              .len = len },
                   NULL);
}

/* ---- headers ---- */

static bool header_is_known(uint32_t len)
{
    return len == CORE_HEADER || len == INFO_HEADER || len == 52 || len == 56 ||
           len == OS2_HEADER || len == V4_HEADER || len == V5_HEADER;
}

static void read_core(Bmp *bmp)
{
    const uint8_t *in = bmp->info;
    bmp->pixels.width = le(in + 4, 2);
    bmp->pixels.height = le(in + 6, 2);
    bmp->pixels.bits = le(in + 10, 2);
    bmp->entry_bytes = 3;
}

/* Masks are kept when they are used, or when they could be: alpha masks of uncompressed 32-bit
 * pixels are looked at by some readers. A mask is a run of ones. */
static bool is_mask(uint32_t mask)
{
    uint32_t low = mask & (~mask + 1);
    return mask == 0 || ((mask + low) & mask) == 0;
}

/* True when no two of the masks share a bit. */
static bool masks_are_legal(const uint8_t *masks, unsigned count)
{
    uint32_t all = 0;
    for (unsigned i = 0; i < count; i++) {
        uint32_t mask = le(masks + 4 * (size_t)i, 4);
        if (!is_mask(mask) || (mask & all) != 0) {
            return false;
        }
        all |= mask;
    }
    return true;
}

static OskStatus read_masks(Bmp *bmp)
{
    OskBmpPixels *p = &bmp->pixels;
    uint8_t *out = bmp->header + FILE_HEADER;
    bool fields = p->compression == OSK_BMP_FIELDS || p->compression == OSK_BMP_ALPHA_FIELDS;
    bool inside = bmp->info_len >= 52 && bmp->info_len != OS2_HEADER;
    if (fields && !inside) {
        bmp->masks_len = p->compression == OSK_BMP_FIELDS ? 12 : 16;
    }
    p->mask = p->bits == 16 && !fields ? 0x7FFF7FFF : UINT32_MAX;
    const uint8_t *masks = bmp->info + INFO_HEADER;
    unsigned count = inside ? (bmp->info_len == 52 ? 3 : 4) : bmp->masks_len / 4;
    bool legal = masks_are_legal(masks, count);
    if (fields && !legal) {
        return osk_walk_fail(bmp->walk, OSK_MALFORMED, "masks", "two colours share bits of a pixel",
                             FILE_HEADER + INFO_HEADER);
    }
    if (fields) {
        p->mask = 0;
        for (unsigned i = 0; i < count; i++) {
            p->mask |= le(masks + 4 * (size_t)i, 4);
        }
    }
    if (inside && legal) {
        memcpy(out + INFO_HEADER, masks, (size_t)count * 4);
    }
    return OSK_OK;
}

/* Primaries and gamma count only for a calibrated space; profiles are decided later. */
static void read_space(Bmp *bmp)
{
    const uint8_t *in = bmp->info;
    uint8_t *out = bmp->header + FILE_HEADER;
    if (bmp->info_len < V4_HEADER) {
        return;
    }
    uint32_t space = le(in + 56, 4);
    if (space == SPACE_CALIBRATED) {
        memcpy(out + 60, in + 60, 48);
    }
    bool known = space == SPACE_CALIBRATED || space == SPACE_SRGB || space == SPACE_WINDOWS;
    put(out + 56, known ? space : SPACE_WINDOWS, 4);
    if (bmp->info_len == V5_HEADER && le(in + 108, 4) <= 8) {
        put(out + 108, le(in + 108, 4), 4);
    }
}

static OskStatus read_info(Bmp *bmp)
{
    const uint8_t *in = bmp->info;
    uint8_t *out = bmp->header + FILE_HEADER;
    OskBmpPixels *p = &bmp->pixels;
    p->width = le(in + 4, 4);
    uint32_t height = le(in + 8, 4);
    p->height = (height & 0x80000000u) != 0 ? ~height + 1 : height;
    p->bits = le(in + 14, 2);
    p->compression = le(in + 16, 4);
    bmp->entry_bytes = 4;
    memcpy(out + 4, in + 4, 16);  /* width, height, planes, bits, compression */
    memcpy(out + 24, in + 24, 8); /* pixels per metre */
    put(out + 12, 1, 2);
    read_space(bmp);
    return read_masks(bmp);
}

/* OS/2 has its own meaning for 3 (a fax code) and 4; elsewhere 4 and 5 are whole JPEG and PNG
 * files. */
static bool kind_is_known(const OskBmpPixels *p, bool os2)
{
    switch (p->compression) {
    case OSK_BMP_RGB:
        return p->bits == 1 || p->bits == 2 || p->bits == 4 || p->bits == 8 || p->bits == 16 ||
               p->bits == 24 || p->bits == 32;
    case OSK_BMP_RLE8: return p->bits == 8;
    case OSK_BMP_RLE4: return p->bits == 4;
    case OSK_BMP_FIELDS:
    case OSK_BMP_ALPHA_FIELDS: return !os2 && (p->bits == 16 || p->bits == 32);
    case OSK_BMP_RLE24: return os2 && p->bits == 24;
    default: return false;
    }
}

static OskStatus read_headers(Bmp *bmp)
{
    OskWalk *walk = bmp->walk;
    OskCursor file = osk_cursor_make(walk->bytes, (size_t)walk->size, 0);
    osk_cursor_skip(&file, 10);
    bmp->pixels_at = osk_cursor_u32le(&file);
    OskCursor peek = file;
    bmp->info_len = osk_cursor_u32le(&peek);
    if (!osk_cursor_ok(&peek) || bmp->info_len > osk_cursor_left(&file)) {
        return osk_walk_fail(walk, OSK_TRUNCATED, "info header", "the file ends inside this part",
                             FILE_HEADER);
    }
    if (!header_is_known(bmp->info_len)) {
        return osk_walk_fail(walk, OSK_UNSUPPORTED, "info header",
                             "a kind of header that we don't know", FILE_HEADER);
    }
    bmp->info = walk->bytes + FILE_HEADER;
    memcpy(bmp->header, walk->bytes, 2);
    put(bmp->header + FILE_HEADER, bmp->info_len, 4);
    bool masks = bmp->info_len == INFO_HEADER && (le(bmp->info + 16, 4) == OSK_BMP_FIELDS ||
                                                  le(bmp->info + 16, 4) == OSK_BMP_ALPHA_FIELDS);
    if (masks && osk_cursor_left(&file) < INFO_HEADER + 16) {
        return osk_walk_fail(walk, OSK_TRUNCATED, "masks", "the file ends inside this part",
                             FILE_HEADER);
    }
    if (bmp->info_len == CORE_HEADER) {
        bmp->pixels.mask = UINT32_MAX;
        memcpy(bmp->header + FILE_HEADER + 4, bmp->info + 4, 8);
        put(bmp->header + FILE_HEADER + 8, 1, 2);
        read_core(bmp);
    } else {
        OskStatus status = read_info(bmp);
        if (status != OSK_OK) {
            return status;
        }
    }
    const OskBmpPixels *p = &bmp->pixels;
    if (!kind_is_known(p, bmp->info_len == OS2_HEADER)) {
        return osk_walk_fail(walk, OSK_UNSUPPORTED, "info header",
                             "pixels of a kind that we don't know, or another file as pixels",
                             FILE_HEADER);
    }
    if (p->width == 0 || p->height == 0 || p->width > INT32_MAX || p->height > INT32_MAX) {
        return osk_walk_fail(walk, OSK_MALFORMED, "info header", "the picture has no size",
                             FILE_HEADER);
    }
    return OSK_OK;
}

/* Where the palette ends and the pixels begin. */
static OskStatus find_pixels(Bmp *bmp)
{
    OskWalk *walk = bmp->walk;
    OskBmpPixels *p = &bmp->pixels;
    bmp->palette_at = (uint64_t)FILE_HEADER + bmp->info_len + bmp->masks_len;
    if (bmp->pixels_at < bmp->palette_at || bmp->pixels_at > walk->size) {
        return osk_walk_fail(walk, OSK_MALFORMED, "file header",
                             "the pixels begin outside the picture", 10);
    }
    if (p->bits <= 8) {
        uint32_t declared = bmp->info_len == CORE_HEADER ? 0 : le(bmp->info + 32, 4);
        uint32_t most = 1u << p->bits;
        uint64_t room = (bmp->pixels_at - bmp->palette_at) / bmp->entry_bytes;
        bmp->entries = declared == 0 || declared > most ? most : declared;
        bmp->entries = room < bmp->entries ? (uint32_t)room : bmp->entries;
        if (bmp->info_len != CORE_HEADER) {
            put(bmp->header + FILE_HEADER + 32,
                declared == 0 && bmp->entries == most ? 0 : bmp->entries, 4);
        }
    }
    p->bytes = walk->bytes + bmp->pixels_at;
    p->left = (size_t)(walk->size - bmp->pixels_at);
    return osk_bmp_walk_pixels(walk, p);
}

/* ---- the colour profile ---- */

typedef struct Profile {
    OskCursor in; /* failed when there is none */
    uint32_t space;
    uint64_t offset;
    uint64_t len;
    OskWriter out;
} Profile;

static Profile find_profile(Bmp *bmp)
{
    Profile profile = { .in = { .failed = true } };
    osk_writer_init(&profile.out, ICC_MAX);
    if (bmp->info_len != V5_HEADER) {
        return profile;
    }
    profile.space = le(bmp->info + 56, 4);
    if (profile.space == SPACE_EMBEDDED || profile.space == SPACE_LINKED) {
        profile.offset = (uint64_t)FILE_HEADER + le(bmp->info + 112, 4);
        profile.len = le(bmp->info + 116, 4);
        OskCursor file = osk_cursor_make(bmp->walk->bytes, (size_t)bmp->walk->size, 0);
        osk_cursor_skip(&file, profile.offset);
        profile.in = osk_cursor_take(&file, profile.len);
    }
    return profile;
}

static OskStatus rebuild_profile(Bmp *bmp, Profile *profile)
{
    OskWalk *walk = bmp->walk;
    if (!osk_cursor_ok(&profile->in) || osk_cursor_left(&profile->in) == 0) {
        return OSK_OK;
    }
    if (profile->space == SPACE_LINKED) {
        osk_report_add_untrusted(
            walk->report,
            (OskFact){ .kind = OSK_KIND_NAME,
                       .part = "profile",
                       .field = "bmp.profile_file",
                       .label = "name of a file on the computer it was made on",
                       .offset = profile->offset,
                       .len = profile->len },
            osk_cursor_rest(&profile->in), osk_cursor_left(&profile->in), OSK_LATIN1);
        return OSK_OK;
    }
    osk_walk_inspect_profile(walk, profile->in, "profile");
    if (walk->options->icc == OSK_ICC_DROP) {
        report(bmp, ROW_PROFILE, "bmp.profile", "colour profile", profile->offset, profile->len);
    }
    return osk_walk_take_profile(walk, profile->in, "profile", &profile->out);
}

/* ---- the plan ---- */

static bool any_set(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return true;
        }
    }
    return false;
}

/* `planned` is the picture header as it will be written. What the profile changes in it is no
 * finding. */
static void report_headers(Bmp *bmp, const uint8_t *planned)
{
    if (any_set(bmp->walk->bytes + 6, 4)) {
        report(bmp, ROW_FILE, "bmp.reserved", "bytes that no reader shows", 6, 4);
    }
    static const struct {
        uint8_t from;
        uint8_t to;
    } ranges[] = { { 40, 56 }, { 60, 112 }, { 120, 124 } };
    bool unused = false;
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        for (size_t at = ranges[i].from; at < ranges[i].to && at < bmp->info_len; at++) {
            unused = unused || planned[at] != bmp->info[at];
        }
    }
    if (unused) {
        report(bmp, ROW_INFO, "bmp.unused", "fields that no reader uses", FILE_HEADER + INFO_HEADER,
               bmp->info_len - INFO_HEADER);
    }
    uint32_t important = bmp->info_len >= INFO_HEADER ? le(bmp->info + 36, 4) : 0;
    if (important > 256) {
        report(bmp, ROW_INFO, "bmp.unused", "fields that no reader uses", FILE_HEADER + 36, 4);
    }
}

static void plan_palette(Bmp *bmp)
{
    uint64_t len = (uint64_t)bmp->entries * bmp->entry_bytes;
    const uint8_t *in = bmp->walk->bytes + bmp->palette_at;
    if (len == 0) {
        return;
    }
    uint8_t *out =
        osk_plan_rewrite(bmp->walk->plan, &parts[ROW_PALETTE], bmp->palette_at, len, in, len);
    for (uint64_t i = 0; out != NULL && i < len; i++) {
        bool shown = bmp->pixels.used[i / bmp->entry_bytes] && i % bmp->entry_bytes < 3;
        out[i] = shown ? out[i] : 0;
    }
    if (out != NULL && memcmp(out, in, (size_t)len) != 0) {
        report(bmp, ROW_PALETTE, "bmp.palette", "colours that no pixel uses", bmp->palette_at, len);
    }
}

static void plan_pixels(Bmp *bmp)
{
    OskPlan *plan = bmp->walk->plan;
    const OskBmpPixels *p = &bmp->pixels;
    if (p->rewritten == NULL) {
        osk_plan_keep(plan, &parts[ROW_PIXELS], bmp->pixels_at, p->len, true);
        return;
    }
    report(bmp, ROW_PIXELS, "bmp.padding", "bits that no reader shows", bmp->pixels_at, p->len);
    osk_plan_rewrite(plan, &parts[ROW_PIXELS], bmp->pixels_at, p->len, p->rewritten, p->out_len);
}

static void plan_profile(Bmp *bmp, const Profile *profile, uint8_t *info)
{
    OskPlan *plan = bmp->walk->plan;
    uint64_t behind = bmp->pixels_at + bmp->pixels.len;
    bool inside = osk_cursor_ok(&profile->in) && profile->offset >= behind;
    if (inside && profile->offset > behind) {
        report(bmp, ROW_GAP, "bmp.gap", parts[ROW_GAP].meaning, behind, profile->offset - behind);
        osk_plan_drop(plan, &parts[ROW_GAP], behind, profile->offset - behind);
    }
    uint64_t at = inside ? profile->offset : behind;
    uint64_t len = inside ? profile->len : 0;
    if (profile->out.len > 0) {
        put(info + 56, SPACE_EMBEDDED, 4);
        put(info + 112, plan->out_end - FILE_HEADER, 4);
        put(info + 116, profile->out.len, 4);
        osk_plan_rewrite(plan, &parts[ROW_PROFILE], at, len, profile->out.bytes, profile->out.len);
    } else {
        osk_plan_drop(plan, &parts[ROW_PROFILE], at, len);
    }
    uint64_t end = at + len;
    if (end < bmp->walk->size) {
        report(bmp, ROW_TRAILER, "bmp.trailer", parts[ROW_TRAILER].meaning, end,
               bmp->walk->size - end);
        osk_plan_drop(plan, &parts[ROW_TRAILER], end, bmp->walk->size - end);
    }
}

static OskStatus plan_file(Bmp *bmp, const Profile *profile)
{
    OskPlan *plan = bmp->walk->plan;
    uint8_t *file =
        osk_plan_rewrite(plan, &parts[ROW_FILE], 0, FILE_HEADER, bmp->header, FILE_HEADER);
    uint8_t *info = osk_plan_rewrite(plan, &parts[ROW_INFO], FILE_HEADER, bmp->info_len,
                                     bmp->header + FILE_HEADER, bmp->info_len);
    if (file == NULL || info == NULL) {
        return osk_walk_no_memory(bmp->walk, "file header", 0);
    }
    report_headers(bmp, info);
    osk_plan_keep(plan, &parts[ROW_MASKS], (uint64_t)FILE_HEADER + bmp->info_len, bmp->masks_len,
                  false);
    plan_palette(bmp);
    uint64_t palette_end = bmp->palette_at + (uint64_t)bmp->entries * bmp->entry_bytes;
    if (palette_end < bmp->pixels_at) {
        report(bmp, ROW_GAP, "bmp.gap", parts[ROW_GAP].meaning, palette_end,
               bmp->pixels_at - palette_end);
        osk_plan_drop(plan, &parts[ROW_GAP], palette_end, bmp->pixels_at - palette_end);
    }
    put(file + 10, plan->out_end, 4);
    plan_pixels(bmp);
    plan_profile(bmp, profile, info);
    if (bmp->info_len >= INFO_HEADER) {
        put(info + 20, bmp->pixels.out_len, 4);
    }
    put(file + 2, plan->out_end, 4);
    return OSK_OK;
}

static OskStatus walk_bmp(OskWalk *walk)
{
    Bmp bmp = { .walk = walk };
    OskStatus status = read_headers(&bmp);
    if (status == OSK_OK) {
        status = find_pixels(&bmp);
    }
    if (status != OSK_OK) {
        return status;
    }
    Profile profile = find_profile(&bmp);
    status = rebuild_profile(&bmp, &profile);
    if (status == OSK_OK) {
        status = plan_file(&bmp, &profile);
    }
    osk_writer_free(&profile.out);
    return status;
}

/* Two letters are little: the header behind them must be one of the known ones. */
static OskProbe probe_bmp(const uint8_t *head, size_t len)
{
    if (len < FILE_HEADER + 4 || head[0] != 'B' || head[1] != 'M') {
        return OSK_PROBE_NO;
    }
    return header_is_known(le(head + FILE_HEADER, 4)) ? OSK_PROBE_YES : OSK_PROBE_MAYBE;
}

extern const OskFormat osk_format_bmp;
const OskFormat osk_format_bmp = {
    .info = { .name = "bmp",
              .title = "BMP",
              .media_type = "image/bmp",
              .extensions = "bmp dib",
              .parts = parts,
              .part_count = ROW_COUNT },
    .whole = true,
    .probe = probe_bmp,
    .walk = walk_bmp,
};
