/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hooks. A row of a policy table says by its tag where its part stands: in ISOBMFF a level
 * above the four characters of the box, in Matroska by the name in front of the slash. */
#include "tools/seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/plan.h"
#include "base/writer.h"
#include "formats/isobmff_parts.h"
#include "formats/matroska.h"
#include "formats/movie.h"

void __real_osk_plan_drop(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len);
void __wrap_osk_plan_drop(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len);
void __real_osk_writer_close(OskWriter *writer, OskWriterMark mark);
void __wrap_osk_writer_close(OskWriter *writer, OskWriterMark mark);
uint8_t *__real_osk_plan_rewrite(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len,
                                 const void *bytes, uint64_t out_len);
uint8_t *__wrap_osk_plan_rewrite(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len,
                                 const void *bytes, uint64_t out_len);
void __real_osk_ebml_close(OskWriter *out, OskWriterMark mark);
void __wrap_osk_ebml_close(OskWriter *out, OskWriterMark mark);

/* Longer parts are cut off the search in the input: made-up ones do as well. */
#define PART_MOST ((size_t)65536)

typedef enum SeedTable { TABLE_OTHER, TABLE_MOVIE, TABLE_STILL, TABLE_EBML } SeedTable;

static struct {
    SeedWay way;
    SeedTable table;
    const OskPart *row;
    OskVerdict verdict; /* what the row says */
    const uint8_t *input;
    size_t len;
} seed;

/* The tables are constants: their pages are made writable. */
static void set_verdict(const OskPart *row, OskVerdict verdict)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t at = (uintptr_t)row;
    uintptr_t first = at - at % page;
    size_t len = at + sizeof(*row) - first;
    if (mprotect((void *)first, len, PROT_READ | PROT_WRITE) != 0) {
        perror("mprotect");
        exit(2);
    }
    memcpy((void *)(at + offsetof(OskPart, verdict)), &verdict, sizeof(verdict));
}

void seed_set(SeedWay way, const char *format, const OskPart *row, const uint8_t *input, size_t len)
{
    if (seed.way == SEED_TABLE) {
        set_verdict(seed.row, seed.verdict);
    }
    SeedTable table = TABLE_OTHER;
    if (strcmp(format, "mp4") == 0) {
        table = TABLE_MOVIE;
    } else if (strcmp(format, "heif") == 0 || strcmp(format, "avif") == 0) {
        table = TABLE_STILL;
    } else if (strcmp(format, "matroska") == 0 || strcmp(format, "webm") == 0) {
        table = TABLE_EBML;
    }
    seed.way = way;
    seed.table = table;
    seed.row = row;
    seed.verdict = row->verdict;
    seed.input = input;
    seed.len = len;
    if (way == SEED_TABLE) {
        set_verdict(row, OSK_KEEP);
    }
}

/* ---- Parts of the input ---- */

static uint32_t level_of(const OskPart *row)
{
    return (uint32_t)(row->tag >> 32);
}

static void put_be(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        at[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    }
}

static unsigned id_width(uint64_t id)
{
    return id > 0xFFFFFF ? 4 : id > 0xFFFF ? 3 : id > 0xFF ? 2 : 1;
}

/* The box or element of the row as it stands in the input; one of our own making when there is
 * none. `*out` is the caller's to free. */
static size_t find_part(uint8_t **out)
{
    bool ebml = seed.table == TABLE_EBML;
    unsigned width = ebml ? id_width(seed.row->tag) : 4;
    uint8_t code[4];
    put_be(code, (uint32_t)seed.row->tag, width);
    for (size_t i = 8; i + 8 < seed.len && width > 1; i++) {
        if (memcmp(seed.input + i, code, width) != 0) {
            continue;
        }
        const uint8_t *size = seed.input + i - 4;
        size_t len = 0;
        if (ebml) {
            uint8_t first = seed.input[i + width];
            len = (first & 0x80) != 0 ? (size_t)width + 1 + (first & 0x7F) : 0;
        } else if (size[0] == 0) {
            len = (size_t)size[1] << 16 | (size_t)size[2] << 8 | size[3];
        }
        size_t from = ebml ? i : i - 4;
        if (len >= 8 && len <= PART_MOST && len <= seed.len - from) {
            *out = malloc(len);
            memcpy(*out, seed.input + from, len);
            return len;
        }
    }
    static const char text[] = "this should not be here";
    size_t len = (ebml ? width + 1 : 12) + sizeof(text) - 1;
    uint8_t *part = calloc(1, len);
    if (ebml) {
        memcpy(part, code, width);
        part[width] = (uint8_t)(0x80 | (sizeof(text) - 1));
    } else {
        put_be(part, len, 4);
        memcpy(part + 4, code, 4);
    }
    memcpy(part + len - (sizeof(text) - 1), text, sizeof(text) - 1);
    *out = part;
    return len;
}

static void write_part(OskWriter *writer)
{
    uint8_t *part = NULL;
    size_t len = find_part(&part);
    osk_writer_bytes(writer, part, len);
    free(part);
}

/* A row whose tag is no box has a name in plain words. */
static bool is_box_row(void)
{
    return (seed.table == TABLE_MOVIE || seed.table == TABLE_STILL) && level_of(seed.row) == 0 &&
           strchr(seed.row->name, ' ') == NULL;
}

size_t seed_trailer(uint8_t **out)
{
    return seed.way == SEED_APPEND && is_box_row() ? find_part(out) : 0;
}

/* ---- Steps ---- */

/* The bytes at `offset` begin with the seeded row's box or element. */
static bool is_seeded_box(uint64_t offset, uint64_t len)
{
    uint8_t code[4];
    bool ebml = seed.table == TABLE_EBML;
    bool box = is_box_row();
    unsigned width = ebml ? id_width(seed.row->tag) : 4;
    put_be(code, (uint32_t)seed.row->tag, width);
    uint64_t at = ebml ? offset : offset + 4;
    return (ebml || box) && len >= 8 && at + width <= seed.len &&
           memcmp(seed.input + at, code, width) == 0;
}

static void keep(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len)
{
    OskVerdict verdict = part->verdict;
    set_verdict(part, OSK_KEEP);
    osk_plan_keep(plan, part, offset, len, false);
    set_verdict(part, verdict);
}

void __wrap_osk_plan_drop(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len)
{
    bool by_row = part == seed.row && (seed.way == SEED_TABLE || seed.way == SEED_STEP);
    bool by_box = seed.way == SEED_BOX && is_seeded_box(offset, len);
    if (!by_row && !by_box) {
        __real_osk_plan_drop(plan, part, offset, len);
        return;
    }
    keep(plan, part, offset, len);
}

/* ---- Literals ---- */

static const char *movie_parent(void)
{
    switch (level_of(seed.row)) {
    case OSK_AT_MOOV: return "moov";
    case OSK_AT_TRAK: return "trak";
    case OSK_AT_MDIA: return "mdia";
    case OSK_AT_MINF: return "minf";
    case OSK_AT_STBL: return "stbl";
    case OSK_AT_ENTRY: return "entry";
    default: return "";
    }
}

static bool is_picture_entry(const uint8_t *type)
{
    static const char types[][5] = { "avc1", "avc3", "hvc1", "hev1", "av01", "vp09", "mp4v" };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (memcmp(type, types[i], 4) == 0) {
            return true;
        }
    }
    return false;
}

/* One more item: its number is one that nobody else has. */
static void write_item(OskWriter *writer, size_t iinf)
{
    static const char mime[] = "application/rdf+xml";
    uint32_t type = (uint32_t)seed.row->tag;
    bool wide = writer->bytes[iinf + 8] != 0;
    size_t at = iinf + 12;
    uint64_t count = 0;
    for (unsigned i = 0; i < (wide ? 4u : 2u); i++) {
        count = count << 8 | writer->bytes[at + i];
    }
    osk_writer_patch_be(writer, at, count + 1, wide ? 4 : 2);
    OskWriterMark mark = osk_writer_box(writer, "infe");
    osk_writer_be(writer, 0x02000000, 4);
    osk_writer_be(writer, 0x7E01, 2);
    osk_writer_be(writer, 0, 2);
    osk_writer_be(writer, type, 4);
    osk_writer_u8(writer, 0);
    if (type == OSK_FOURCC('m', 'i', 'm', 'e') || type == OSK_FOURCC('u', 'r', 'i', ' ')) {
        osk_writer_bytes(writer, mime, sizeof(mime));
    }
    __real_osk_writer_close(writer, mark);
}

/* A reference from the first item to itself: whatever it says, no shown picture needs it. */
static void write_reference(OskWriter *writer, size_t iref)
{
    unsigned width = writer->bytes[iref + 8] == 0 ? 2 : 4;
    OskWriterMark mark = osk_writer_open(writer, 4, true);
    osk_writer_be(writer, (uint32_t)seed.row->tag, 4);
    osk_writer_be(writer, 1, width);
    osk_writer_be(writer, 1, 2);
    osk_writer_be(writer, 1, width);
    __real_osk_writer_close(writer, mark);
}

static void seed_still(OskWriter *writer, size_t box)
{
    const uint8_t *type = writer->bytes + box + 4;
    switch (level_of(seed.row)) {
    case OSK_ISOBMFF_ITEM:
        if (memcmp(type, "iinf", 4) == 0) {
            write_item(writer, box);
        }
        break;
    case OSK_ISOBMFF_PROP:
        if (memcmp(type, "ipco", 4) == 0) {
            write_part(writer);
        }
        break;
    case OSK_ISOBMFF_REF:
        if (memcmp(type, "iref", 4) == 0) {
            write_reference(writer, box);
        }
        break;
    default: break;
    }
}

void __wrap_osk_writer_close(OskWriter *writer, OskWriterMark mark)
{
    bool box = seed.way == SEED_LITERAL && osk_writer_ok(writer) && mark.width == 4 &&
               mark.counted == mark.at && writer->len >= mark.at + 8;
    if (box && seed.table == TABLE_MOVIE) {
        const uint8_t *type = writer->bytes + mark.at + 4;
        const char *parent = movie_parent();
        bool entry = strcmp(parent, "entry") == 0;
        if (entry ? is_picture_entry(type) : memcmp(type, parent, strlen(parent)) == 0) {
            if (parent[0] != 0) {
                write_part(writer);
            }
        }
    } else if (box && seed.table == TABLE_STILL) {
        seed_still(writer, mark.at);
    }
    __real_osk_writer_close(writer, mark);
}

static uint32_t ebml_parent(void)
{
    static const struct {
        const char *prefix;
        uint32_t id;
    } parents[] = { { "Info/", MKV_INFO },       { "TrackEntry/", MKV_TRACK_ENTRY },
                    { "Video/", MKV_VIDEO },     { "Audio/", MKV_AUDIO },
                    { "Cluster/", MKV_CLUSTER }, { "BlockGroup/", MKV_BLOCK_GROUP } };
    for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
        if (strncmp(seed.row->name, parents[i].prefix, strlen(parents[i].prefix)) == 0) {
            return parents[i].id;
        }
    }
    return 0;
}

static bool ends_with_id(const OskWriter *out, size_t end, uint32_t id)
{
    uint8_t code[4];
    unsigned width = id_width(id);
    put_be(code, id, width);
    return id != 0 && osk_writer_ok(out) && end >= width &&
           memcmp(out->bytes + end - width, code, width) == 0;
}

void __wrap_osk_ebml_close(OskWriter *out, OskWriterMark mark)
{
    uint32_t parent = seed.way == SEED_LITERAL && seed.table == TABLE_EBML ? ebml_parent() : 0;
    if (ends_with_id(out, mark.at, parent)) {
        write_part(out);
    }
    __real_osk_ebml_close(out, mark);
}

/* Clusters and block groups are written as their headers alone; what is in them follows as steps of
 * its own. A cluster's size is filled in at its end, a group's stands in the header. */
uint8_t *__wrap_osk_plan_rewrite(OskPlan *plan, const OskPart *part, uint64_t offset, uint64_t len,
                                 const void *bytes, uint64_t out_len)
{
    if (seed.way == SEED_REWRITE && part == seed.row && len > 0) {
        keep(plan, part, offset, len);
        /* The caller may fill in sizes and offsets: somewhere else. */
        return osk_arena_alloc(&plan->arena, (size_t)out_len + 1);
    }
    uint32_t parent = seed.way == SEED_LITERAL && seed.table == TABLE_EBML ? ebml_parent() : 0;
    bool head = bytes != NULL && part->tag == parent;
    bool cluster = head && parent == MKV_CLUSTER;
    bool group = head && parent == MKV_BLOCK_GROUP && out_len >= 2;
    if (!cluster && !group) {
        return __real_osk_plan_rewrite(plan, part, offset, len, bytes, out_len);
    }
    uint8_t *more = NULL;
    size_t more_len = find_part(&more);
    uint8_t *written = NULL;
    if (cluster) {
        written = __real_osk_plan_rewrite(plan, part, offset, len, bytes, out_len);
    } else {
        OskCursor size = osk_cursor_make(bytes, (size_t)out_len, 0);
        osk_cursor_skip(&size, 1);
        uint64_t value = osk_cursor_be(&size, (unsigned)out_len - 1);
        value &= (UINT64_C(1) << (7 * (out_len - 1))) - 1;
        OskWriter w;
        osk_writer_init(&w, 16);
        osk_ebml_put_id(&w, MKV_BLOCK_GROUP);
        osk_ebml_put_size(&w, value + more_len, 0);
        written = __real_osk_plan_rewrite(plan, part, offset, len, w.bytes, w.len);
        osk_writer_free(&w);
    }
    /* The caller keeps a pointer to its own literal. */
    (void)__real_osk_plan_rewrite(plan, part, plan->in_end, 0, more, more_len);
    free(more);
    return written;
}
