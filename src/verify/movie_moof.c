/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Movie fragments. Source: ISO/IEC 14496-12, 8.8. */
#include "verify/movie_box.h"

#define MOOF OSK_TYPE('m', 'o', 'o', 'f')
#define TRAF OSK_TYPE('t', 'r', 'a', 'f')

static void check_mfhd(OskMovie *movie, OskCursor *body)
{
    (void)osk_check_movie_full(movie, body, 0, 0);
    osk_cursor_skip(body, 4);
}

static void check_tfhd(OskMovie *movie, OskCursor *body)
{
    uint8_t head[4] = { 0, 0, 0, 0 };
    (void)osk_cursor_peek(body, head, 4);
    (void)osk_check_movie_full(movie, body, 0x03003B, 0);
    movie->track = osk_check_movie_track(movie, osk_cursor_u32be(body));
    if ((head[3] & 0x01) != 0) {
        movie->data_at = osk_cursor_u64be(body);
        movie->moof_at = movie->data_at;
    } else if ((head[1] & 0x02) != 0) {
        movie->data_at = movie->moof_at;
    }
    osk_cursor_skip(body, (head[3] & 0x02) != 0 ? 4 : 0);
    movie->run_duration = movie->track != NULL ? movie->track->default_duration : 0;
    movie->run_size = movie->track != NULL ? movie->track->default_size : 0;
    if ((head[3] & 0x08) != 0) {
        movie->run_duration = osk_cursor_u32be(body);
    }
    if ((head[3] & 0x10) != 0) {
        movie->run_size = osk_cursor_u32be(body);
    }
    movie->run_flags = movie->track != NULL ? movie->track->default_flags : 0;
    if ((head[3] & 0x20) != 0) {
        movie->run_flags = osk_cursor_u32be(body);
    }
    movie->base_at = movie->data_at;
}

static void check_tfdt(OskMovie *movie, OskCursor *body)
{
    uint64_t time = osk_cursor_be(body, osk_check_movie_full(movie, body, 0, 1) == 1 ? 8 : 4);
    if (movie->track != NULL && time < INT64_MAX / 4) {
        movie->track->decode_time = (int64_t)time;
    }
}

static void check_trun(OskMovie *movie, OskCursor *body)
{
    uint8_t head[4] = { 0, 0, 0, 0 };
    (void)osk_cursor_peek(body, head, 4);
    (void)osk_check_movie_full(movie, body, 0x000F05, 1);
    uint32_t count = osk_cursor_u32be(body);
    if ((head[3] & 0x01) != 0) {
        movie->data_at = movie->base_at + (uint64_t)(int64_t)(int32_t)osk_cursor_u32be(body);
    }
    bool first_flags = (head[3] & 0x04) != 0;
    uint32_t first = first_flags ? osk_cursor_u32be(body) : 0;
    for (uint32_t i = 0; i < count && osk_cursor_ok(body) && movie->status == OSK_OK; i++) {
        uint32_t duration = (head[2] & 0x01) != 0 ? osk_cursor_u32be(body) : movie->run_duration;
        uint32_t size = (head[2] & 0x02) != 0 ? osk_cursor_u32be(body) : movie->run_size;
        uint32_t flags = (head[2] & 0x04) != 0   ? osk_cursor_u32be(body)
                         : first_flags && i == 0 ? first
                                                 : movie->run_flags;
        int32_t shift = (head[2] & 0x08) != 0 ? (int32_t)osk_cursor_u32be(body) : 0;
        if (movie->track != NULL && osk_cursor_ok(body)) {
            OskMovieSample sample = { .offset = movie->data_at,
                                      .size = size,
                                      .duration = duration,
                                      .shift = shift,
                                      .sync = (flags & 0x10000) == 0 };
            osk_check_movie_sample(movie, &sample);
            movie->data_at += size;
        }
    }
}

static const OskBoxRule moof_rules[] = {
    { MOOF, OSK_TYPE('m', 'f', 'h', 'd'), "mfhd", false, check_mfhd },
    { MOOF, TRAF, "traf", true, NULL },
    { TRAF, OSK_TYPE('t', 'f', 'h', 'd'), "tfhd", false, check_tfhd },
    { TRAF, OSK_TYPE('t', 'f', 'd', 't'), "tfdt", false, check_tfdt },
    { TRAF, OSK_TYPE('t', 'r', 'u', 'n'), "trun", true, check_trun },
    { TRAF, OSK_TYPE('s', 'g', 'p', 'd'), "traf/sgpd", true, osk_check_movie_sgpd },
    { TRAF, OSK_TYPE('s', 'b', 'g', 'p'), "traf/sbgp", true, osk_check_movie_sbgp },
};

void osk_check_movie_moof(OskMovie *movie, uint64_t offset, uint64_t header, uint64_t len)
{
    OskCursor body;
    movie->status = osk_check_load(movie->check, offset + header, len - header, &body);
    if (movie->status != OSK_OK) {
        return;
    }
    movie->track = NULL;
    movie->moof_at = offset;
    movie->data_at = offset;
    movie->base_at = offset;
    movie->part = "moof";
    osk_check_movie_children(movie, moof_rules, sizeof(moof_rules) / sizeof(moof_rules[0]), MOOF,
                             body);
}
