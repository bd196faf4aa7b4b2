/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frames of a video. */
#include <string.h>
#include <time.h>

#include "film.h"
#include "host/clock.h"
#include "look.h"
#include "oilskin/format.h"
#include "pixels/orient.h"
#include "poster.h"

#define PROBE_BYTES (64u * 1024)
/* Frames that are packed: so many a second, and the first of each such time. */
#define SAMPLE_MS 125u
/* Decoding all frames takes two thirds of the job's processor time at most, and little more of the
 * clock, where there is twice as much. A longer video has a preview alone. */
#define PACK_CPU_MS(seconds) ((int64_t)(seconds)*2000 / 3)
#define PACK_WALL_MS(seconds) ((int64_t)(seconds)*1200)
/* Kept for the sheet while nobody knows how long the video is. */
#define HELD_MAX (2u * OSK_SHEET_FRAMES_MAX)

typedef struct Held {
    OskImage image;
    uint64_t time_ms;
} Held;

typedef struct Watching {
    OskLook *look;
    OskFilm *film;
    OskFilmInfo info;
    int64_t until_ms; /* of the clock */
    uint64_t next_sample_ms;
    uint64_t last_ms; /* of the frames so far */
    uint64_t frames;  /* so far */
    Held held[HELD_MAX];
    uint32_t held_count;
    uint64_t step_ms; /* between those that are held */
    uint64_t next_held_ms;
    Held last; /* sampled, and not held */
    OskPoster poster;
} Watching;

static int64_t cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool has_time(const Watching *watching)
{
    return cpu_ms() < PACK_CPU_MS(watching->look->cpu_seconds) && osk_now_ms() < watching->until_ms;
}

/* ---- what the sheet shows ---- */

static void take_held(Watching *watching, Held *to, Held *from)
{
    if (to == from) {
        return;
    }
    osk_image_free(&to->image, &watching->look->budget);
    *to = *from;
    *from = (Held){ .time_ms = 0 };
}

static void cut(Watching *watching, uint32_t count)
{
    while (watching->held_count > count) {
        osk_image_free(&watching->held[--watching->held_count].image, &watching->look->budget);
    }
}

/* Keeps so many of those that are held: the first, the last, and evenly spaced ones between. */
static void thin(Watching *watching, uint32_t wanted)
{
    uint32_t count = watching->held_count;
    for (uint32_t i = 1; i < wanted && wanted < count; i++) {
        take_held(watching, &watching->held[i], &watching->held[i * (count - 1) / (wanted - 1)]);
    }
    cut(watching, wanted);
}

/* Frames at round times, twice as far apart whenever there are too many: what the file says of its
 * length is not believed. */
static void hold(Watching *watching, Held *frame)
{
    uint64_t time_ms = frame->time_ms;
    if (watching->held_count == HELD_MAX) {
        for (uint32_t i = 1; i < HELD_MAX / 2; i++) {
            take_held(watching, &watching->held[i], &watching->held[(size_t)2 * i]);
        }
        cut(watching, HELD_MAX / 2);
        watching->step_ms *= 2;
    }
    watching->next_held_ms = time_ms - time_ms % watching->step_ms + watching->step_ms;
    take_held(watching, &watching->held[watching->held_count++], frame);
}

/* The frame that was decoded last, as it is displayed. */
static OskStatus get_image(Watching *watching, OskImage *out)
{
    OskBudget *budget = &watching->look->budget;
    /* Frames come and go. */
    uint64_t pixels = budget->pixels;
    OskStatus status = osk_film_picture(watching->film, OSK_PACKING_SIDE, out, budget);
    if (status == OSK_OK) {
        status = osk_image_orient(out, watching->info.orientation, budget);
    }
    budget->pixels = pixels;
    return status;
}

/* ---- all frames, while there is time ---- */

static OskStatus sample(Watching *watching, uint64_t time_ms)
{
    OskLook *look = watching->look;
    Held frame = { .time_ms = time_ms };
    OskStatus status = get_image(watching, &frame.image);
    watching->next_sample_ms = time_ms - time_ms % SAMPLE_MS + SAMPLE_MS;
    if (status == OSK_OK) {
        osk_packing_add(&look->packing, &frame.image, time_ms);
        if (watching->held_count == 0 || time_ms >= watching->next_held_ms) {
            osk_image_free(&watching->last.image, &look->budget);
            hold(watching, &frame);
        } else {
            take_held(watching, &watching->last, &frame);
        }
    }
    osk_image_free(&frame.image, &look->budget);
    return status;
}

/* The same where one frame is wanted, until there is one. */
static OskStatus sample_poster(Watching *watching, uint64_t time_ms)
{
    watching->next_sample_ms = time_ms - time_ms % SAMPLE_MS + SAMPLE_MS;
    return osk_poster_is_found(&watching->poster)
               ? OSK_OK
               : osk_poster_try(&watching->poster, watching->film, watching->info.orientation,
                                &watching->look->budget);
}

/* As the largest of its frames is displayed: the first may be a small one. */
static void see_size(Watching *watching)
{
    OskFilmInfo here = watching->info;
    osk_film_size(watching->film, &here);
    if ((uint64_t)here.width * here.height >
            (uint64_t)watching->info.width * watching->info.height ||
        watching->frames == 1) {
        watching->info = here;
    }
}

/* @param out_whole whether the end was reached. */
static OskStatus watch_all(Watching *watching, bool *out_whole)
{
    OskStatus status = OSK_OK;
    *out_whole = false;
    while (status == OSK_OK && !*out_whole && has_time(watching)) {
        uint64_t time_ms = 0;
        status = osk_film_next(watching->film, &time_ms, out_whole, watching->look->fault);
        if (status != OSK_OK || *out_whole) {
            break;
        }
        watching->frames++;
        see_size(watching);
        /* Times that go back are taken for the last one. */
        time_ms = time_ms > watching->last_ms ? time_ms : watching->last_ms;
        watching->last_ms = time_ms;
        if (watching->frames == 1 || time_ms >= watching->next_sample_ms) {
            status = watching->look->poster ? sample_poster(watching, time_ms)
                                            : sample(watching, time_ms);
        }
    }
    return status;
}

/* ---- what there was no time for ---- */

/* Frames that need no other, evenly spaced over what is left. */
static void skim(Watching *watching)
{
    uint64_t duration = watching->info.duration_ms;
    uint32_t steps = OSK_SHEET_FRAMES_MAX - 1;
    uint32_t seen = duration > watching->last_ms
                        ? (uint32_t)(watching->last_ms / (duration / steps + 1)) + 1
                        : OSK_SHEET_FRAMES_MAX;
    thin(watching, seen);
    for (uint32_t i = seen; i <= steps; i++) {
        Held frame = { .time_ms = 0 };
        bool ended = true;
        if (!osk_film_seek(watching->film, duration / steps * i) ||
            osk_film_next(watching->film, &frame.time_ms, &ended, NULL) != OSK_OK || ended) {
            return;
        }
        if (frame.time_ms > watching->last_ms && get_image(watching, &frame.image) == OSK_OK) {
            watching->last_ms = frame.time_ms;
            take_held(watching, &watching->held[watching->held_count++], &frame);
        }
        osk_image_free(&frame.image, &watching->look->budget);
    }
}

/* ---- the whole ---- */

static OskStatus open_film(Watching *watching, const OskSource *source)
{
    OskLook *look = watching->look;
    uint8_t head[PROBE_BYTES];
    size_t len = look->len < sizeof(head) ? (size_t)look->len : sizeof(head);
    if (len > 0 && !osk_sealed_read(&look->input, 0, head, len)) {
        return look->input.status;
    }
    const OskFormatInfo *format = osk_probe(head, len);
    if (format == NULL || (strcmp(format->name, "mp4") != 0 && strcmp(format->name, "webm") != 0 &&
                           strcmp(format->name, "matroska") != 0)) {
        return osk_look_pass(look);
    }
    const OskLimits limits = { .memory = look->budget.memory, .pixels = look->budget.pixels };
    const OskFilmFile file = { source, format->name, &limits };
    return osk_film_open(&watching->film, &file, &watching->info, look->fault);
}

static void tell(const Watching *watching)
{
    OskLook *look = watching->look;
    uint64_t duration = watching->info.duration_ms;
    duration = duration > watching->last_ms ? duration : watching->last_ms;
    uint64_t frames = watching->frames;
    look->done->kind = OSK_LOOK_VIDEO;
    look->done->width = watching->info.width;
    look->done->height = watching->info.height;
    look->done->duration_ms = duration < OSK_LOOK_DURATION_MAX ? duration : OSK_LOOK_DURATION_MAX;
    look->done->frames = frames < OSK_WORKER_FRAMES_MAX ? (uint32_t)frames : OSK_WORKER_FRAMES_MAX;
    osk_film_unplayed(watching->film, look->done->unplayed_picture, look->done->unplayed_sound);
    look->packing.facts =
        (OskFramesFacts){ .kind = OSK_PACK_VIDEO,
                          .width = watching->info.width,
                          .height = watching->info.height,
                          .duration_ms = duration < UINT32_MAX ? (uint32_t)duration : UINT32_MAX,
                          .capture = (watching->info.has_sound ? OSK_CAPTURE_SOUND : 0) |
                                     (watching->info.has_others ? OSK_CAPTURE_HIDDEN : 0) };
}

static OskStatus draw(Watching *watching)
{
    OskLook *look = watching->look;
    OskStatus status = watching->held_count > 0 ? OSK_OK : OSK_MALFORMED;
    look->sheet = osk_sheet_make(watching->held_count, &look->budget);
    for (uint32_t i = 0; status == OSK_OK && i < watching->held_count; i++) {
        status = osk_sheet_add(&look->sheet, &watching->held[i].image);
    }
    return osk_look_check(look, status);
}

static OskStatus draw_poster(Watching *watching)
{
    OskLook *look = watching->look;
    look->sheet = osk_sheet_make_poster(&look->budget);
    return osk_look_check(look, watching->poster.image.pixels == NULL
                                    ? OSK_MALFORMED
                                    : osk_sheet_add(&look->sheet, &watching->poster.image));
}

static OskStatus watch(Watching *watching)
{
    OskLook *look = watching->look;
    bool whole = false;
    /* What a second track shows is in no pack, so that such a file folds under nothing. */
    if (look->packs && watching->info.track_count == 1) {
        osk_packing_begin(&look->packing, false, &look->budget);
    }
    OskStatus status = watch_all(watching, &whole);
    if (status != OSK_OK) {
        return osk_look_check(look, status);
    }
    /* What nobody decoded was never compared. */
    if (!whole || !osk_film_is_whole(watching->film, &watching->info)) {
        osk_packing_free(&look->packing);
    }
    if (look->poster) {
        tell(watching);
        return draw_poster(watching);
    }
    if (whole) {
        if (watching->last.image.pixels != NULL) {
            hold(watching, &watching->last);
        }
        thin(watching, OSK_SHEET_FRAMES_MAX);
    } else {
        skim(watching);
    }
    tell(watching);
    return draw(watching);
}

OskStatus osk_look_film(OskLook *look)
{
    const OskSource source = { .context = &look->input,
                               .read = osk_sealed_read,
                               .size = look->len };
    Watching watching = { .look = look,
                          .until_ms = osk_now_ms() + PACK_WALL_MS(look->cpu_seconds),
                          .step_ms = SAMPLE_MS };
    OskStatus status = open_film(&watching, &source);
    if (status == OSK_OK) {
        status = watch(&watching);
    }
    cut(&watching, 0);
    osk_image_free(&watching.last.image, &look->budget);
    osk_image_free(&watching.poster.image, &look->budget);
    osk_film_close(&watching.film);
    return status;
}
