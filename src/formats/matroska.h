/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the Matroska module share: reading EBML, the table of elements, the tracks. */
#ifndef OSK_FORMATS_MATROSKA_H
#define OSK_FORMATS_MATROSKA_H

#include "base/writer.h"
#include "formats/format.h"
#include "parts/coded.h"

/* Element ids with their length marker, as they stand in a file. Source: RFC 8794, 11.3; RFC
 * 9559, 5.1. */
enum {
    MKV_EBML = 0x1A45DFA3,
    MKV_EBML_VERSION = 0x4286,
    MKV_EBML_READ_VERSION = 0x42F7,
    MKV_EBML_MAX_ID = 0x42F2,
    MKV_EBML_MAX_SIZE = 0x42F3,
    MKV_DOC_TYPE = 0x4282,
    MKV_DOC_TYPE_VERSION = 0x4287,
    MKV_DOC_TYPE_READ_VERSION = 0x4285,
    MKV_DOC_TYPE_EXTENSION = 0x4281,
    MKV_VOID = 0xEC,
    MKV_CRC32 = 0xBF,
    MKV_SEGMENT = 0x18538067,
    MKV_SEEK_HEAD = 0x114D9B74,
    MKV_SEEK = 0x4DBB,
    MKV_SEEK_ID = 0x53AB,
    MKV_SEEK_POSITION = 0x53AC,
    MKV_INFO = 0x1549A966,
    MKV_TIMESTAMP_SCALE = 0x2AD7B1,
    MKV_DURATION = 0x4489,
    MKV_MUXING_APP = 0x4D80,
    MKV_WRITING_APP = 0x5741,
    MKV_DATE_UTC = 0x4461,
    MKV_CLUSTER = 0x1F43B675,
    MKV_TIMESTAMP = 0xE7,
    MKV_SILENT_TRACKS = 0x5854,
    MKV_POSITION = 0xA7,
    MKV_PREV_SIZE = 0xAB,
    MKV_SIMPLE_BLOCK = 0xA3,
    MKV_BLOCK_GROUP = 0xA0,
    MKV_BLOCK = 0xA1,
    MKV_BLOCK_VIRTUAL = 0xA2,
    MKV_BLOCK_ADDITIONS = 0x75A1,
    MKV_BLOCK_MORE = 0xA6,
    MKV_BLOCK_ADDITIONAL = 0xA5,
    MKV_BLOCK_ADD_ID = 0xEE,
    MKV_BLOCK_DURATION = 0x9B,
    MKV_REFERENCE_BLOCK = 0xFB,
    MKV_CODEC_STATE = 0xA4,
    MKV_DISCARD_PADDING = 0x75A2,
    MKV_ENCRYPTED_BLOCK = 0xAF,
    MKV_TRACKS = 0x1654AE6B,
    MKV_TRACK_ENTRY = 0xAE,
    MKV_TRACK_NUMBER = 0xD7,
    MKV_TRACK_UID = 0x73C5,
    MKV_TRACK_TYPE = 0x83,
    MKV_FLAG_ENABLED = 0xB9,
    MKV_CODEC_ID = 0x86,
    MKV_CODEC_PRIVATE = 0x63A2,
    MKV_CODEC_DELAY = 0x56AA,
    MKV_LANGUAGE = 0x22B59C,
    MKV_LANGUAGE_BCP47 = 0x22B59D,
    MKV_MAX_BLOCK_ADDITION_ID = 0x55EE,
    MKV_TRACK_OPERATION = 0xE2,
    MKV_VIDEO = 0xE0,
    MKV_AUDIO = 0xE1,
    MKV_COLOUR = 0x55B0,
    MKV_MASTERING = 0x55D0,
    MKV_PROJECTION = 0x7670,
    MKV_PROJECTION_TYPE = 0x7671,
    MKV_PROJECTION_PRIVATE = 0x7672,
    MKV_ALPHA_MODE = 0x53C0,
    MKV_FOURCC = 0x2EB524,
    MKV_FLAG_DEFAULT = 0x88,
    MKV_FLAG_COMMENTARY = 0x55AF,
    MKV_FLAG_HEARING = 0x55AB,
    MKV_FLAG_VISUAL = 0x55AC,
    MKV_FLAG_DESCRIPTIONS = 0x55AD,
    MKV_CUE_REFERENCE = 0xDB,
    MKV_CUE_RELATIVE_POSITION = 0xF0,
    MKV_CUE_DURATION = 0xB2,
    MKV_CUE_BLOCK_NUMBER = 0x5378,
    MKV_CUE_CODEC_STATE = 0xEA,
    MKV_CUE_REF_TIME = 0x96,
    MKV_CROP_BOTTOM = 0x54AA,
    MKV_CROP_TOP = 0x54BB,
    MKV_CROP_LEFT = 0x54CC,
    MKV_CROP_RIGHT = 0x54DD,
    MKV_ENCODINGS = 0x6D80,
    MKV_ENCODING = 0x6240,
    MKV_ENCODING_SCOPE = 0x5032,
    MKV_ENCODING_TYPE = 0x5033,
    MKV_COMPRESSION = 0x5034,
    MKV_COMPRESSION_ALGO = 0x4254,
    MKV_COMPRESSION_SETTINGS = 0x4255,
    MKV_CUES = 0x1C53BB6B,
    MKV_CUE_POINT = 0xBB,
    MKV_CUE_TIME = 0xB3,
    MKV_CUE_TRACK_POSITIONS = 0xB7,
    MKV_CUE_TRACK = 0xF7,
    MKV_CUE_CLUSTER_POSITION = 0xF1,
    MKV_CHAPTERS = 0x1043A770,
    MKV_EDITION_ENTRY = 0x45B9,
    MKV_EDITION_ORDERED = 0x45DD,
    MKV_CHAPTER_ATOM = 0xB6,
    MKV_CHAPTER_DISPLAY = 0x80,
    MKV_CHAPTER_STRING = 0x85,
    MKV_TAGS = 0x1254C367,
    MKV_TAG = 0x7373,
    MKV_SIMPLE_TAG = 0x67C8,
    MKV_TAG_NAME = 0x45A3,
    MKV_TAG_STRING = 0x4487,
    MKV_ATTACHMENTS = 0x1941A469,
    MKV_ATTACHED_FILE = 0x61A7,
    MKV_FILE_NAME = 0x466E,
    MKV_FILE_MEDIA_TYPE = 0x4660,
    MKV_FILE_DESCRIPTION = 0x467E,
    MKV_FILE_DATA = 0x465C,
    MKV_TRAILER = 0,         /* not an id: what follows the segment */
    MKV_UNKNOWN = 0x0FFFFFFF /* not an id: it lacks its length marker */
};

typedef enum OskEbmlShape {
    OSK_EBML_BYTES,
    OSK_EBML_UINT,
    OSK_EBML_INT,
    OSK_EBML_FLOAT,
    OSK_EBML_TEXT,
    OSK_EBML_DATE,
    OSK_EBML_MASTER
} OskEbmlShape;

/* An element in the file. */
typedef struct OskElement {
    uint32_t id;
    uint64_t at;   /* of its id */
    uint64_t body; /* behind its size */
    uint64_t end;  /* where it ends; where its parent ends when the size is unknown */
    bool
        unknown; /* the size is unknown: it ends before the first element that can't be its child */
} OskElement;

/* An element in memory. */
typedef struct OskChild {
    uint32_t id;
    OskCursor body;
    uint64_t at; /* of its id, in the input */
} OskChild;

/* How frames say themselves that they aren't shown. */
typedef enum OskMkvHides { OSK_MKV_HIDES_NOT, OSK_MKV_HIDES_VP8, OSK_MKV_HIDES_VP9 } OskMkvHides;

typedef struct OskMkvBlock OskMkvBlock;

typedef struct OskMkvTrack {
    uint64_t number;
    bool kept;
    bool video;
    bool alpha; /* BlockAdditional 1 is the alpha channel */
    OskMkvHides hides;
    bool filtered; /* `coded` looks at every frame */
    OskCoded coded;
    OskStatus (*filter)(OskCoded *coded, uint64_t offset, uint64_t len);
    const uint8_t *prefix; /* header stripping: stands before every frame */
    size_t prefix_len;
    uint64_t frame_at; /* for reading through the prefix: where the frame begins in the file */
    struct OskMkv *mkv;
} OskMkvTrack;

/* What lacing may pack into one block. */
#define MKV_FRAMES_MOST 256u
#define MKV_FLAG_LACING 0x06u

typedef struct OskMkvFrame {
    uint64_t at;
    uint64_t len;
    uint64_t out_len;
} OskMkvFrame;

struct OskMkvBlock {
    OskElement element;
    OskMkvTrack *track; /* NULL: of a track that goes */
    int64_t time;
    uint8_t flags;
    uint8_t flags_out;
    size_t count;
    size_t out_count; /* frames that are not empty afterwards */
    bool changed;     /* the frames or the header are not what they were */
    OskMkvFrame frames[MKV_FRAMES_MOST];
    uint8_t head[MKV_FRAMES_MOST * 9]; /* track, time, flags and lacing as they will be */
    size_t head_len;
    uint64_t out_len; /* of the body, as it will be */
};

#define MKV_WINDOW ((size_t)4096)

typedef struct OskMkv {
    OskWalk *walk;
    uint8_t window[MKV_WINDOW];
    uint64_t window_at;
    size_t window_len;

    OskMkvTrack *tracks;
    size_t track_count;
    size_t kept_count;
    bool stray;         /* a frame of no track was reported */
    uint64_t cue_track; /* the number of the track that cues point at; 0 while there is none */
    OskWriter tracks_out;
    OskWriter info_out;

    uint64_t body_out; /* where the segment's body begins in the output */

    /* The cluster at hand. */
    uint64_t cluster_time;
    bool cluster_timed;
    bool cluster_open; /* its header is in the plan */
    bool cluster_cued;
    uint64_t cluster_out; /* where it begins in the output */
    uint64_t cluster_body_out;
    uint8_t *cluster_size; /* the literal to fill in */

    OskMkvBlock *block; /* room for the block at hand */
    OskWriter cues;
    uint64_t cue_count;
} OskMkv;

/* ---- matroska_ebml.c ---- */

/* Up to `want` (at most MKV_WINDOW) bytes at `at`, lent until the next call. NULL with the fault
 * set when reading fails; `*got` is less than `want` only at the end of the file. */
const uint8_t *osk_mkv_peek(OskMkv *mkv, uint64_t at, size_t want, size_t *got);
/* The header of the element at `at`, whose parent ends at `limit`.
 * Errors: TRUNCATED when the file ends in it, MALFORMED when it is no element or leaves its parent.
 */
OskStatus osk_mkv_element(OskMkv *mkv, uint64_t at, uint64_t limit, OskElement *out);
/* A variable-length integer without its marker, from the file, within `limit`. `*width` is its
 * length. */
OskStatus osk_mkv_vint(OskMkv *mkv, uint64_t at, uint64_t limit, uint64_t *out, unsigned *width);
/* An unsigned integer element of the file, at most 8 bytes. */
OskStatus osk_mkv_uint(OskMkv *mkv, const OskElement *element, uint64_t *out);
/* The next element in memory; false at the end. Damage fails the cursor. */
bool osk_ebml_next(OskCursor *c, OskChild *out);
/* The value of an unsigned integer; fails the cursor when it is longer than 8 bytes. */
uint64_t osk_ebml_uint(OskCursor *body);
int64_t osk_ebml_int(OskCursor *body);

void osk_ebml_put_id(OskWriter *out, uint32_t id);
/* The bytes that a size takes at least. */
unsigned osk_ebml_size_width(uint64_t size);
/* `width` 0: as short as can be. */
void osk_ebml_put_size(OskWriter *out, uint64_t size, unsigned width);
void osk_ebml_put_uint(OskWriter *out, uint32_t id, uint64_t value);
void osk_ebml_put_bytes(OskWriter *out, uint32_t id, const void *bytes, size_t len);
OskWriterMark osk_ebml_open(OskWriter *out, uint32_t id);
void osk_ebml_close(OskWriter *out, OskWriterMark mark);

/* ---- matroska_parts.c ---- */

#define MKV_PART_COUNT 146
extern const OskPart osk_mkv_parts[MKV_PART_COUNT];

/* The row of an element; the row of unknown ones when there is none. */
const OskPart *osk_mkv_part(uint32_t id);
OskEbmlShape osk_mkv_shape(uint32_t id);
/* False when the element is known to belong somewhere else than into `parent`. */
bool osk_mkv_belongs(uint32_t id, uint32_t parent);
/* The largest number that an element may have. */
uint64_t osk_mkv_most(uint32_t id);
/* The machine name of an element in findings. */
const char *osk_mkv_field(uint32_t id);

/* ---- matroska_report.c ---- */

/* Adds the finding of a dropped element in memory, if its row gives anything away. */
void osk_mkv_report(OskMkv *mkv, const OskChild *child);
/* The same for what is inside a dropped master: tags, chapters, attachments, unknown elements. */
OskStatus osk_mkv_report_element(OskMkv *mkv, const OskElement *element);

/* ---- matroska_tracks.c ---- */

/* Reads Tracks and Info into `tracks`, `tracks_out` and `info_out`; the second time an element of
 * the kind is met it is only reported. */
OskStatus osk_mkv_read_tracks(OskMkv *mkv, const OskElement *element);
OskStatus osk_mkv_read_info(OskMkv *mkv, const OskElement *element);
/* NULL when there is no such track, or it goes. */
OskMkvTrack *osk_mkv_track(OskMkv *mkv, uint64_t number);
/* True for tracks that Tracks describes, whether they stay or go. */
bool osk_mkv_knows(const OskMkv *mkv, uint64_t number);

/* ---- matroska_codec.c ---- */

/* Sets the track's filter by its codec and writes the CodecPrivate element, when the codec has one.
 * @param private  the payload of CodecPrivate; empty when there is none.
 * Errors: UNSUPPORTED for codecs that we don't know. */
OskStatus osk_mkv_codec(OskMkv *mkv, OskMkvTrack *track, OskCursor id, OskCursor private,
                        OskWriter *out);

/* ---- matroska_lacing.c ---- */

/* Divides the body of a block, which begins at `at` behind its flags, into its frames. */
OskStatus osk_mkv_read_lacing(OskMkv *mkv, OskMkvBlock *block, uint64_t at);

/* ---- matroska_blocks.c ---- */

/* Makes room for blocks. Errors: NO_MEMORY. */
OskStatus osk_mkv_blocks_init(OskMkv *mkv);
/* Plans one child of a cluster. */
OskStatus osk_mkv_cluster_child(OskMkv *mkv, const OskElement *child);
/* Fills in the size of the cluster at hand. */
void osk_mkv_cluster_end(OskMkv *mkv);

#endif
