/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mutations of whole parts, for formats whose parts nest: boxes (ISO/IEC 14496-12) and elements
 * (RFC 8794). A fuzzer that flips bytes alone breaks the sizes around whatever it inserts, and
 * hardly ever gets behind the first check. Here a part is changed, removed, doubled, exchanged or
 * taken from another file, and the sizes around it and the offsets into the file follow.
 * OSK_FUZZ_ELEMENTS selects elements. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two,
                                 size_t two_size, uint8_t *out, size_t max_size, unsigned seed);

/* Enough for any seed; parts behind these are not chosen. */
#define NODES_MAX 2000
#define DEPTH_MAX 10

typedef struct Node {
    size_t at;
    size_t head;     /* bytes before the body */
    size_t len;      /* with the head */
    size_t size_at;  /* of the size field, from `at` */
    size_t size_len; /* its width; 0: the size is not written */
    uint32_t type;
    int parent; /* -1: the file */
} Node;

typedef struct Tree {
    Node nodes[NODES_MAX];
    int count;
} Tree;

static Tree tree;
static uint32_t state;

/* xorshift32. */
static uint32_t roll(uint32_t sides)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % sides;
}

static uint64_t read_be(const uint8_t *at, size_t len)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

static void write_be(uint8_t *at, uint64_t value, size_t len)
{
    for (size_t i = len; i > 0; i--, value >>= 8) {
        at[i - 1] = (uint8_t)value;
    }
}

#ifdef OSK_FUZZ_ELEMENTS

static bool read_head(const uint8_t *data, size_t left, Node *node)
{
    size_t id = 1;
    while (id <= 4 && left > 0 && (data[0] & 0x80u >> (id - 1)) == 0) {
        id++;
    }
    if (id > 4 || left < id + 1) {
        return false;
    }
    size_t width = 1;
    while (width <= 8 && (data[id] & 0x80u >> (width - 1)) == 0) {
        width++;
    }
    if (width > 8 || left < id + width) {
        return false;
    }
    uint64_t mask = (UINT64_C(1) << (7 * width)) - 1;
    uint64_t size = read_be(data + id, width) & mask;
    node->type = (uint32_t)read_be(data, id);
    node->head = id + width;
    node->size_at = id;
    node->size_len = size == mask ? 0 : width;
    node->len = size > left - node->head ? left : (size_t)size + node->head;
    return true;
}

static size_t open_body(const Node *node)
{
    switch (node->type) {
    case 0x18538067: /* Segment, SeekHead, Seek, Info, Cluster, BlockGroup, BlockAdditions, More */
    case 0x114D9B74:
    case 0x4DBB:
    case 0x1549A966:
    case 0x1F43B675:
    case 0xA0:
    case 0x75A1:
    case 0xA6:
    case 0x1654AE6B: /* Tracks, TrackEntry, Video, Colour, MasteringMetadata, Projection, Audio */
    case 0xAE:
    case 0xE0:
    case 0x55B0:
    case 0x55D0:
    case 0x7670:
    case 0xE1:
    case 0x6D80: /* ContentEncodings, ContentEncoding, ContentCompression */
    case 0x6240:
    case 0x5034:
    case 0x41E4:     /* BlockAdditionMapping */
    case 0x1C53BB6B: /* Cues, CuePoint, CueTrackPositions */
    case 0xBB:
    case 0xB7:
    case 0x1A45DFA3: /* EBML */ return node->head;
    default: return 0;
    }
}

static void write_size(uint8_t *data, const Node *node, size_t body)
{
    if (node->size_len == 0 || (uint64_t)body >= (UINT64_C(1) << (7 * node->size_len)) - 1) {
        return;
    }
    uint64_t marker = UINT64_C(1) << (7 * node->size_len);
    write_be(data + node->at + node->size_at, marker | body, node->size_len);
}

static void move_offsets(uint8_t *data, size_t from, int64_t by)
{
    (void)data; /* Seek heads and cues are written anew, whatever they say. */
    (void)from;
    (void)by;
}

#else

#define TYPE(s)                                                                                    \
    ((uint32_t)(s)[0] << 24 | (uint32_t)(s)[1] << 16 | (uint32_t)(s)[2] << 8 | (uint32_t)(s)[3])

static bool read_head(const uint8_t *data, size_t left, Node *node)
{
    if (left < 8) {
        return false;
    }
    uint64_t size = read_be(data, 4);
    node->type = (uint32_t)read_be(data + 4, 4);
    node->head = 8;
    node->size_at = 0;
    node->size_len = size == 0 ? 0 : 4;
    if (size == 1 && left >= 16) {
        size = read_be(data + 8, 8);
        node->head = 16;
        node->size_at = 8;
        node->size_len = 8;
    }
    node->len = size == 0 || size > left ? left : (size_t)size;
    return node->len >= node->head;
}

/* Where the first box inside stands, from the start of the box; 0: there are none. */
static size_t open_body(const Node *node)
{
    static const char plain[] = "moovtrakmdiaminfstbldinfedtsmvexmooftrafiprpipcotreftapt"
                                "udtawavesinf";
    for (const char *at = plain; *at != 0; at += 4) {
        if (node->type == TYPE(at)) {
            return node->head;
        }
    }
    if (node->type == TYPE("meta") || node->type == TYPE("iref")) {
        return node->head + 4;
    }
    if (node->type == TYPE("stsd") || node->type == TYPE("dref")) {
        return node->head + 8;
    }
    if (node->type == TYPE("iinf")) {
        return node->head + 6;
    }
    if (node->type == TYPE("avc1") || node->type == TYPE("hvc1") || node->type == TYPE("hev1") ||
        node->type == TYPE("av01") || node->type == TYPE("mp4v")) {
        return node->head + 78;
    }
    if (node->type == TYPE("mp4a") || node->type == TYPE("Opus")) {
        return node->head + 28;
    }
    return 0;
}

static void write_size(uint8_t *data, const Node *node, size_t body)
{
    if (node->size_len != 0) {
        write_be(data + node->at + node->size_at, (uint64_t)body + node->head, node->size_len);
    }
}

static void move_number(uint8_t *at, size_t width, size_t from, int64_t by)
{
    uint64_t value = read_be(at, width);
    if (value >= from) {
        write_be(at, value + (uint64_t)by, width);
    }
}

/* Extents of items that lie in the file (ISO/IEC 14496-12 8.11.3), in the usual widths only. */
static void move_items(uint8_t *box, size_t len, size_t from, int64_t by)
{
    uint8_t version = box[8];
    if (len < 16 || version > 1 || box[12] != 0x44 || (box[13] & 0xF0) != 0) {
        return;
    }
    size_t at = 16;
    for (uint64_t items = read_be(box + 14, 2); items > 0; items--) {
        size_t method = version == 1 ? 2 : 0;
        if (len - at < 6 + method) {
            return;
        }
        bool in_file = version == 0 || (box[at + 3] & 15) == 0;
        uint64_t extents = read_be(box + at + 4 + method, 2);
        at += 6 + method;
        for (; extents > 0 && len - at >= 8; extents--, at += 8) {
            if (in_file) {
                move_number(box + at, 4, from, by);
            }
        }
    }
}

static void move_offsets(uint8_t *data, size_t from, int64_t by)
{
    for (int i = 0; i < tree.count; i++) {
        uint8_t *box = data + tree.nodes[i].at;
        size_t len = tree.nodes[i].len;
        uint32_t type = tree.nodes[i].type;
        size_t width = type == TYPE("co64") ? 8 : 4;
        if (type == TYPE("stco") || type == TYPE("co64")) {
            for (size_t at = 16; at + width <= len; at += width) {
                move_number(box + at, width, from, by);
            }
        } else if (type == TYPE("iloc")) {
            move_items(box, len, from, by);
        }
    }
}

#endif

static void read_tree(const uint8_t *data, size_t from, size_t end, int parent, int depth)
{
    while (from < end && tree.count < NODES_MAX) {
        Node node = { .at = from, .parent = parent };
        if (!read_head(data + from, end - from, &node)) {
            return;
        }
        int index = tree.count++;
        tree.nodes[index] = node;
        size_t inside = open_body(&node);
        if (inside != 0 && inside <= node.len && depth < DEPTH_MAX) {
            read_tree(data, from + inside, from + node.len, index, depth + 1);
        }
        from += node.len;
    }
}

/* Replaces `old` bytes at `at`, inside of the part `inside`, by `len` bytes; the sizes around them
 * and the offsets into the file follow. Returns the new size, or `size` when there is no room. */
static size_t splice(uint8_t *data, size_t size, size_t max_size, int inside, size_t at, size_t old,
                     const uint8_t *bytes, size_t len)
{
    if (size - old + len > max_size) {
        return size;
    }
    for (int i = inside; i >= 0; i = tree.nodes[i].parent) {
        write_size(data, &tree.nodes[i], tree.nodes[i].len - tree.nodes[i].head - old + len);
    }
    memmove(data + at + len, data + at + old, size - at - old);
    memcpy(data + at, bytes, len);
    size = size - old + len;
    if (len != old && roll(8) != 0) {
        tree.count = 0;
        read_tree(data, 0, size, -1, 0);
        move_offsets(data, at + old, (int64_t)len - (int64_t)old);
    }
    return size;
}

/* Changes bytes of a body, and its length with them. */
static size_t mutate_body(uint8_t *data, size_t size, size_t max_size, int index)
{
    const Node node = tree.nodes[index];
    size_t body = node.len - node.head;
    size_t room = body + 64 < max_size ? body + 64 : max_size;
    uint8_t *copy = malloc(room + 1);
    if (copy == NULL || body > room) {
        free(copy);
        return size;
    }
    memcpy(copy, data + node.at + node.head, body);
    static const uint32_t values[] = { 0, 1, 2, 3, 16, 255, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF };
    size_t len = body;
    if (body >= 4 && roll(3) == 0) {
        uint32_t at = roll((uint32_t)body / 2) * 2;
        size_t width = body - at >= 4 && roll(2) == 0 ? 4 : body - at >= 2 ? 2 : 1;
        write_be(copy + at, values[roll(9)], width);
    } else {
        len = LLVMFuzzerMutate(copy, body, room);
    }
    size = splice(data, size, max_size, index, node.at + node.head, body, copy, len);
    free(copy);
    return size;
}

/* Puts a copy of `bytes` before, or in place of, a part. */
static size_t put_part(uint8_t *data, size_t size, size_t max_size, const uint8_t *bytes,
                       size_t len)
{
    const Node node = tree.nodes[roll((uint32_t)tree.count)];
    uint8_t *copy = malloc(len + 1);
    if (copy != NULL) {
        memcpy(copy, bytes, len);
        size_t old = roll(2) == 0 ? node.len : 0;
        size = splice(data, size, max_size, node.parent, node.at, old, copy, len);
    }
    free(copy);
    return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    state = seed | 1;
    tree.count = 0;
    read_tree(data, 0, size, -1, 0);
    if (tree.count == 0 || roll(6) == 0) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    int index = (int)roll((uint32_t)tree.count);
    const Node node = tree.nodes[index];
    const Node other = tree.nodes[roll((uint32_t)tree.count)];
    switch (roll(8)) {
    case 0: return splice(data, size, max_size, node.parent, node.at, node.len, data, 0);
    case 1: return put_part(data, size, max_size, data + node.at, node.len);
    case 2: /* the name of another part */
        if (node.head >= 8 && other.head >= 8) {
            memcpy(data + node.at + 4, data + other.at + 4, 4);
        }
        return size;
    default: return mutate_body(data, size, max_size, index);
    }
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two,
                                 size_t two_size, uint8_t *out, size_t max_size, unsigned seed)
{
    state = seed | 1;
    tree.count = 0;
    read_tree(two, 0, two_size, -1, 0);
    if (tree.count == 0 || one_size > max_size) {
        return 0;
    }
    const Node node = tree.nodes[roll((uint32_t)tree.count)];
    memcpy(out, one, one_size);
    tree.count = 0;
    read_tree(out, 0, one_size, -1, 0);
    return tree.count == 0 ? one_size : put_part(out, one_size, max_size, two + node.at, node.len);
}
