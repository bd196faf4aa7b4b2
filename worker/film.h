/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of a video, behind one adapter (film_av.c): no other file knows the library. */
#ifndef OSK_WORKER_FILM_H
#define OSK_WORKER_FILM_H

#include "oilskin/io.h"
#include "oilskin/scrub.h"
#include "pixels/image.h"

#define OSK_FILM_NAME_BYTES 16u /* with its end */

typedef struct OskFilm OskFilm;

typedef struct OskFilmInfo {
    uint32_t width; /* as displayed: in square pixels, turned; osk_film_size() sets them */
    uint32_t height;
    unsigned orientation; /* as in EXIF, of the frames that osk_film_picture() gives */
    uint64_t duration_ms; /* as the file says; 0 where it doesn't */
    uint32_t track_count; /* that show moving pictures; the first is decoded */
    bool has_sound;
    bool has_others; /* tracks of words, of data, covers: nothing of them is looked at */
} OskFilmInfo;

/* What is decoded: all of it lent until the end. */
typedef struct OskFilmFile {
    const OskSource *source; /* with `read` */
    const char *format;      /* "mp4", "matroska" or "webm", as osk_probe() says */
    const OskLimits *limits;
} OskFilmFile;

/* Before the sandbox stands: what the library asks the machine. */
void osk_film_prepare(void);
/* Errors: UNSUPPORTED for another format or a coding that isn't on the list of film_av.c;
 * MALFORMED; LIMIT; NO_MEMORY. Ownership: osk_film_close(). */
OskStatus osk_film_open(OskFilm **out, const OskFilmFile *file, OskFilmInfo *info, OskFault *fault);
/* Decodes the next frame. @param out_time_ms since the first one. @param out_ended set instead of a
 * frame, also where the rest is broken. Errors: NO_MEMORY; MALFORMED where there is no frame at
 * all. */
OskStatus osk_film_next(OskFilm *film, uint64_t *out_time_ms, bool *out_ended, OskFault *fault);
/* After the end: whether all that another player would show was decoded, as far as the file says
 * what there is. False after damage that frames were made up for, where samples were left out or
 * lie under another description than the first, and where more than a second passes without a
 * frame. */
bool osk_film_is_whole(const OskFilm *film, const OskFilmInfo *info);
/* Sets width and height, which some codings tell in their frames alone: of the one that was decoded
 * last. */
void osk_film_size(const OskFilm *film, OskFilmInfo *info);
/* The codings of pictures and of sound that not every browser plays in a file like this one, by the
 * library's names without their signs, "" where each plays it: of what was decoded so far. */
void osk_film_unplayed(const OskFilm *film, char out_picture[OSK_FILM_NAME_BYTES],
                       char out_sound[OSK_FILM_NAME_BYTES]);
/* The next frame is the last one at or before this time that needs no other. False where the file
 * can't be read so. */
bool osk_film_seek(OskFilm *film, uint64_t time_ms);
/* The frame that was decoded last: RGB of 8 bits in square pixels, before it is turned, of at most
 * `side` a side. Errors: LIMIT, NO_MEMORY, UNSUPPORTED. Ownership: osk_image_free(). */
OskStatus osk_film_picture(OskFilm *film, uint32_t side, OskImage *out, OskBudget *budget);
/* Accepts NULL and nulls. */
void osk_film_close(OskFilm **film);

#endif
