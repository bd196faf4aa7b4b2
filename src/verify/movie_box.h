/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the movie checker share. Nothing outside of movie*.c needs it. */
#ifndef OSK_VERIFY_MOVIE_BOX_H
#define OSK_VERIFY_MOVIE_BOX_H

#include "verify/movie.h"
#include "verify/video.h"

#define OSK_TYPE(a, b, c, d)                                                                       \
    ((uint32_t)(uint8_t)(a) << 24 | (uint32_t)(uint8_t)(b) << 16 | (uint32_t)(uint8_t)(c) << 8 |   \
     (uint32_t)(uint8_t)(d))

/* A table of the sample table box: the bytes behind its count, and the count. */
typedef struct OskTable {
    bool there;
    OskCursor rows;
    uint32_t count;
    uint32_t
        fixed; /* stsz: the size that all samples have; ctts: its version; stz2: bits of a size */
} OskTable;

typedef struct OskMovieTrack {
    uint32_t id;
    uint32_t handler;
    uint32_t timescale;
    OskTable stsd;
    OskTable stts;
    OskTable ctts;
    OskTable stsc;
    OskTable stsz;
    OskTable stz2;
    OskTable stco;
    OskTable co64;
    OskTable stss;
    OskTable elst;
    OskTable sbgp;
    uint32_t groups;       /* descriptions in sgpd */
    uint32_t group;        /* of alternatives; 0: none */
    uint32_t priming;      /* packets of sound that one coding delay may leave unplayed */
    bool linked;           /* it is the auxiliary of another track */
    uint32_t default_size; /* trex */
    uint32_t default_duration;
    uint32_t default_flags;
    OskVideo *video;  /* NULL for codings that aren't looked into */
    bool mpeg4;       /* start codes, among which user data may stand */
    uint64_t samples; /* seen so far */
    int64_t decode_time;
    uint64_t hidden; /* samples outside of the edit list */
    uint64_t hidden_time;
    uint64_t run;     /* of them, since the last that is shown */
    uint64_t longest; /* the longest of such runs */
    bool needless;    /* some are needed by none that is shown */
} OskMovieTrack;

#define OSK_MOVIE_TRACKS 64u

typedef struct OskMovie {
    OskCheck *check;
    OskShownList *shown;
    OskMovieTrack *tracks;
    size_t track_count;
    OskMovieTrack *track; /* the one at hand */
    uint32_t timescale;
    OskTable mvex;
    bool sequence;        /* the pictures of HEIF and AVIF move: other kinds of tracks */
    bool quicktime;       /* its sound descriptions have fields of their own */
    uint32_t entry_width; /* of the picture description at hand */
    uint32_t entry_height;
    OskStatus status; /* sticky: what can't go on */

    /* The box at hand. */
    const char *part;
    uint64_t at;

    /* The fragment at hand. */
    uint64_t moof_at;
    uint64_t base_at; /* what offsets of runs count from */
    uint64_t data_at; /* where the next run's samples begin */
    uint32_t run_size;
    uint32_t run_duration;
    uint32_t run_flags;
} OskMovie;

typedef struct OskBoxRule {
    uint32_t parent;
    uint32_t type;
    const char *name; /* what findings name */
    bool many;
    void (*check)(OskMovie *movie, OskCursor *body); /* NULL: a container */
} OskBoxRule;

/* Walks the boxes in `body`, all of which must have a rule with `parent`, once unless it says many.
 */
void osk_check_movie_children(OskMovie *movie, const OskBoxRule *rules, size_t count,
                              uint32_t parent, OskCursor body);
/* Something that may not be there, in the box at hand. */
void osk_check_movie_found(OskMovie *movie, const char *what);
/* Takes version and flags of a full box; flags other than `flags` are found. Returns the version.
 */
unsigned osk_check_movie_full(OskMovie *movie, OskCursor *body, uint32_t flags,
                              unsigned version_most);
/* Takes `len` bytes that must be zero. */
void osk_check_movie_zeros(OskMovie *movie, OskCursor *body, size_t len, const char *what);
/* Takes a table with a 32-bit count of rows of `width` bytes each. */
OskTable osk_check_movie_table(OskMovie *movie, OskCursor *body, unsigned width);

/* ---- movie_moov.c ---- */

OskStatus osk_check_movie_begin(OskMovie *movie, OskCheck *check, OskShownList *shown);
void osk_check_movie_moov(OskMovie *movie, uint64_t offset, uint64_t header, uint64_t len);
/* To be called when every sample of the file has been seen. */
void osk_check_movie_ends(OskMovie *movie);
/* The track of this number; NULL, and found, when there is none. */
OskMovieTrack *osk_check_movie_track(OskMovie *movie, uint32_t id);
void osk_check_movie_sgpd(OskMovie *movie, OskCursor *body);
void osk_check_movie_sbgp(OskMovie *movie, OskCursor *body);

/* ---- movie_moof.c ---- */

void osk_check_movie_moof(OskMovie *movie, uint64_t offset, uint64_t header, uint64_t len);

/* ---- movie_entry.c ---- */

/* Checks the sample description of the track at hand and makes its reader of coded video. */
void osk_check_movie_entries(OskMovie *movie);

/* ---- movie_samples.c ---- */

/* Checks every sample that the tables of the track at hand describe. */
void osk_check_movie_samples(OskMovie *movie);
typedef struct OskMovieSample {
    uint64_t offset;
    uint32_t size;
    uint32_t duration;
    int64_t shift; /* from decoding to showing */
    bool sync;     /* decoding can begin here */
} OskMovieSample;

/* Checks one sample of the track at hand: its bytes, and whether it is shown. */
void osk_check_movie_sample(OskMovie *movie, const OskMovieSample *sample);
/* To be called when the last sample of the track at hand has been seen. */
void osk_check_movie_samples_end(OskMovie *movie);

#endif
