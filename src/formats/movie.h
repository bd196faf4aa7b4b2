/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the movie_*.c files share: a movie as tracks of samples, however the file spells them.
 *
 * Plain and fragmented files are read into the same tables, and one plain movie is written from
 * them. The order of work: movie_read (boxes, moov), movie_table and movie_fragment (samples),
 * movie_edit (which of them are shown), movie_write (the new moov, with room for sizes and
 * offsets), movie_media (the plan over the media data, which fills that room). */
#ifndef OSK_FORMATS_MOVIE_H
#define OSK_FORMATS_MOVIE_H

#include "base/writer.h"
#include "formats/isobmff_box.h"
#include "formats/isobmff_still.h"
#include "parts/aac_config.h"
#include "parts/coded.h"

/* Files from this size on get 64-bit offsets, whatever becomes of their size: 64 MiB for a grown
 * index. */
#define OSK_MOVIE_WIDE_FROM ((UINT64_C(1) << 32) - (UINT64_C(64) << 20))

/* Growing arrays of numbers; freed by osk_movie_free(). */
typedef struct OskU32s {
    uint32_t *items;
    uint32_t count;
    uint32_t capacity;
} OskU32s;

typedef struct OskU64s {
    uint64_t *items;
    uint32_t count;
    uint32_t capacity;
} OskU64s;

/* Run lengths: stts (durations), ctts (offsets), sbgp (group indices). */
typedef struct OskRuns {
    OskU32s counts;
    OskU32s values;
} OskRuns;

/* How the samples of a track are looked into. */
typedef enum OskSampleKind {
    OSK_SAMPLES_OPAQUE, /* coded sound or pictures without a place for messages that readers skip */
    OSK_SAMPLES_NAL,
    OSK_SAMPLES_OBU,
    OSK_SAMPLES_MPEG4, /* start codes: user data goes */
    OSK_SAMPLES_JPEG,  /* each sample is a JPEG: its application segments and comments go */
    OSK_SAMPLES_AAC    /* the first frames are looked at for an encoder's name */
} OskSampleKind;

/* Children of one sample description; more than so many kinds of box are none. */
#define OSK_ENTRY_BOXES_MAX 24u

/* One row of stsd. */
typedef struct OskEntry {
    OskCursor body;   /* behind the box header */
    OskStatus status; /* of reading it: what is wrong when a sample uses it */
    OskFault fault;
    uint32_t type;
    uint32_t number;   /* in the output, from 1; 0 while no kept chunk uses it */
    uint32_t data_ref; /* index into dref, from 1 */
    OskSampleKind kind;
    OskCodec codec;          /* NAL */
    unsigned length_size;    /* NAL */
    OskAvcTiming timing;     /* AVC */
    uint32_t packet_samples; /* QuickTime sound whose sample size is a fiction: samples and bytes of
                                a packet */
    uint32_t packet_bytes;
    bool sound;
    bool in_wave;                       /* children of its wave box are read */
    uint32_t seen[OSK_ENTRY_BOXES_MAX]; /* types of the children that are written */
    unsigned seen_count;
    unsigned seen_from; /* those of the box that is read */
    uint32_t delay;     /* sound: samples that the decoder needs before what it shall play */
    OskWriter out;      /* the rebuilt entry */
    OskCoded *filter;   /* of its samples; NULL until the first one */
} OskEntry;

/* A range of samples that stays, in decoding order. */
typedef struct OskSpan {
    uint32_t first;
    uint32_t end;
    uint64_t removed; /* media time taken away in front of it */
} OskSpan;

typedef struct OskEdit {
    uint64_t duration;  /* movie time */
    int64_t media_time; /* -1: nothing is shown */
    uint32_t rate;      /* 16.16 */
} OskEdit;

/* Groups of samples that change how they are decoded: 'roll', 'prol', 'rap '. */
#define OSK_GROUPS_MAX 3u

typedef struct OskGroup {
    uint32_t type;
    OskRuns runs;
    uint32_t values[16]; /* descriptions of sgpd, by index from 1 */
    uint32_t value_count;
} OskGroup;

typedef struct OskTrack {
    uint64_t offset; /* of the trak box */
    uint64_t len;
    uint32_t id;
    uint32_t number; /* in the output, from 1 */
    uint32_t handler;
    uint32_t flags; /* of tkhd */
    uint32_t timescale;
    uint32_t alternate_group;
    uint64_t duration; /* as tkhd says; UINT64_MAX: it is not known, or has no end */
    bool kept;
    bool repeats; /* the edits are played again, until the track's duration ends */
    OskCursor tkhd; /* layer and what follows it */
    OskCursor vmhd;
    OskCursor smhd;
    OskCursor stsd;
    OskCursor stbl;
    OskCursor dref;
    OskCursor elst;
    OskCursor tref;
    OskCursor tapt;

    OskEntry *entries;
    uint32_t entry_count;
    uint8_t stsd_version;

    /* Samples; a fixed size has no table. */
    uint32_t sample_count;
    uint32_t fixed_size;
    OskU32s sizes; /* in the input; overwritten by those of the output */
    OskRuns durations;
    OskRuns offsets; /* composition offsets; empty: none */
    bool offsets_signed;
    OskU32s syncs; /* from 0, rising; meaningful unless all_sync */
    bool all_sync;
    OskGroup groups[OSK_GROUPS_MAX];
    unsigned group_count;

    OskU64s chunk_at;    /* in the input; overwritten by positions behind the mdat header */
    OskU32s chunk_first; /* first sample */
    OskU32s chunk_entry; /* index into entries */
    bool wide_offsets;   /* co64 */
    OskU32s order;       /* chunks in file order; empty: they are */

    /* Fragments. */
    uint32_t trex[4]; /* description, duration, size, flags */
    bool has_trex;
    uint64_t first_time; /* of the first fragment's first sample */
    uint64_t media_end;  /* media time behind the last sample read */
    bool fragmented;

    OskEdit *edits;
    uint32_t edit_count;
    OskSpan *spans;
    uint32_t span_count;
    uint32_t out_samples;
    uint32_t out_chunks;
    uint64_t media_duration; /* of the kept samples */
    uint64_t shown_duration; /* movie time */

    size_t sizes_at; /* where the tables begin in the moov literal */
    size_t chunks_at;
} OskTrack;

typedef struct OskMovie {
    OskWalk *walk;
    OskBox ftyp;
    OskBox moov;
    OskBox meta;
    bool has_ftyp;
    bool has_moov;
    bool has_meta;
    bool has_fragments;
    bool has_mvex;
    bool wide_mdat; /* the first mdat has a 64-bit size */
    bool quicktime;
    uint64_t first_mdat; /* its offset; UINT64_MAX: none */
    uint32_t timescale;
    uint64_t duration;
    OskCursor mvhd; /* rate and what follows it */
    OskTrack *tracks;
    uint32_t track_count;
    OskU64s boxes; /* top-level boxes: offsets, types, header sizes */
    OskU32s box_types;
    OskU32s box_headers;
    uint64_t trailer; /* where the boxes end */
    OskStill *still;
    const uint8_t *brands; /* the ftyp of an image sequence */
    size_t brands_len;
    OskWriter out; /* the new moov */
    bool no_memory;
} OskMovie;

/* movie_vector.c; each returns false when memory or its budget is spent. */
bool osk_u32s_add(OskMovie *movie, OskU32s *array, uint32_t value);
bool osk_u64s_add(OskMovie *movie, OskU64s *array, uint64_t value);
bool osk_u32s_reserve(OskMovie *movie, OskU32s *array, uint32_t count);
bool osk_u64s_reserve(OskMovie *movie, OskU64s *array, uint32_t count);
void osk_u32s_free(OskU32s *array);
/* Appends `count` times `value`, joining the last run where it can. */
bool osk_runs_add(OskMovie *movie, OskRuns *runs, uint32_t count, uint32_t value);
void osk_movie_free(OskMovie *movie);

/* Walks along runs: the value of one sample after the other. */
typedef struct OskRunWalk {
    const OskRuns *runs;
    uint32_t run;
    uint32_t into;
} OskRunWalk;

/* The value of the next sample; 0 behind the last run. */
static inline uint32_t osk_run_next(OskRunWalk *w)
{
    while (w->run < w->runs->counts.count && w->into >= w->runs->counts.items[w->run]) {
        w->run++;
        w->into = 0;
    }
    if (w->run >= w->runs->counts.count) {
        return 0;
    }
    w->into++;
    return w->runs->values.items[w->run];
}

/* movie_read.c: the boxes of the file and of moov; adds findings for whatever is not kept. */
OskStatus osk_movie_read(OskMovie *movie);
/* A top-level box, `index` < movie->boxes.count. */
OskBox osk_movie_box(const OskMovie *movie, uint32_t index);
/* movie_table.c: the sample tables of a kept track, and how many bytes some of its samples take. */
OskStatus osk_movie_table(OskMovie *movie, OskTrack *track);
/* The first sample behind a chunk. */
uint32_t osk_movie_chunk_end(const OskTrack *track, uint32_t chunk);
/* Fills `order` when the chunks don't stand in the file as they are numbered. */
OskStatus osk_movie_sort(OskMovie *movie, OskTrack *track);
uint64_t osk_movie_bytes(const OskTrack *track, uint32_t entry, uint32_t first, uint32_t end);
/* movie_fragment.c: a moof box; appends its samples to the tables. */
OskStatus osk_movie_fragment(OskMovie *movie, const OskBox *moof);
OskStatus osk_movie_fragment_defaults(OskMovie *movie, OskCursor mvex);
/* movie_entry.c: the sample descriptions of a track, rebuilt. */
OskStatus osk_movie_entries(OskMovie *movie, OskTrack *track);
/* OK, or what is wrong with a description that samples use. */
OskStatus osk_movie_use_entry(OskMovie *movie, const OskEntry *entry);
/* Writes the settings of AAC without the name that a program wrote into the list of channels, and
 * without what stands behind them; reports both. */
void osk_movie_aac(OskMovie *movie, OskCursor info, const OskAacConfig *config, OskWriter *out);
/* movie_entry_box.c: one child box of a sample description: what is written of it. */
OskStatus osk_movie_entry_box(OskMovie *movie, OskEntry *entry, const OskBox *box, OskCursor body);
/* movie_edit.c: edits, and the spans of samples that they show. */
OskStatus osk_movie_edits(OskMovie *movie, OskTrack *track);
/* Fragments that begin late: what the edit lists must say so that the tracks keep their distance.
 * Once, before the edits of any track are read. */
OskStatus osk_movie_rebase(OskMovie *movie);
/* movie_write.c: moov into movie->out. */
OskStatus osk_movie_write(OskMovie *movie);
/* How many samples of [first, end) stay. `span` (0 at the start) moves along with rising samples.
 */
uint32_t osk_movie_kept(const OskTrack *track, uint32_t first, uint32_t end, uint32_t *span);
/* movie_media.c: the steps of the whole file. */
OskStatus osk_movie_plan(OskMovie *movie);
/* movie_report.c: what the dropped boxes and tracks reveal. `path` is a static name. */
/* The row of a box of this type at this level, in this format's own table; NULL: none. */
const OskPart *osk_movie_row(unsigned level, uint32_t type);
void osk_movie_report_box(OskMovie *movie, const OskBox *box, OskCursor body, unsigned level);
void osk_movie_report_times(OskMovie *movie, OskCursor body, const char *part);
void osk_movie_report_handler(OskMovie *movie, OskCursor body);
void osk_movie_report_track(OskMovie *movie, const OskTrack *track);

OskStatus osk_movie_fail(OskMovie *movie, OskStatus status, const char *part, const char *what,
                         uint64_t offset);
OskStatus osk_movie_memory(OskMovie *movie, const char *part);

/* Levels of the policy table: the tag of a row is the box type, and in the upper half where it
 * stands. */
enum {
    OSK_AT_FILE = 0,
    OSK_AT_MOOV = 16, /* below are the places of isobmff_parts.h */
    OSK_AT_TRAK,
    OSK_AT_MDIA,
    OSK_AT_MINF,
    OSK_AT_STBL,
    OSK_AT_ENTRY,
    OSK_AT_TRACK /* tracks by the type of their handler or their samples */
};
#define OSK_ROW(level, type) ((uint64_t)(level) << 32 | (type))
/* Rows that are not boxes. */
#define OSK_MOVIE_TAG_DATA OSK_FOURCC('v', 'd', 'a', 't')    /* samples that are shown */
#define OSK_MOVIE_TAG_MESSAGE OSK_FOURCC('v', 'm', 's', 'g') /* messages between pictures */
#define OSK_MOVIE_TAG_UNUSED OSK_FOURCC('v', 'j', 'n', 'k')  /* bytes that no kept sample shows */
#define OSK_MOVIE_TAG_OTHER OSK_FOURCC('?', '?', '?', '?')   /* boxes that we do not know */
#define OSK_MOVIE_TAG_TRAILER OSK_FOURCC('v', 'e', 'n', 'd') /* bytes behind the last box */

#endif
