/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The adapter to libavformat, libavcodec and libswscale. It reads with one demuxer, which is said
 * and never guessed, and with the decoders of a short list, in this one thread. */
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/cpu.h>
#include <libavutil/display.h>
#include <libavutil/intreadwrite.h>
#include <libswscale/swscale.h>

#include "base/fault.h"
#include "film.h"
#include "shown.h"

#define IO_BYTES (64 * 1024)
/* Broken packets in a row, behind which nobody looks for a whole one. */
#define BROKEN_MAX 300u
/* The longest time without a frame in what counts as whole. */
#define BARE_MS 1000
/* Of an index that is read in pieces; each takes the last bytes of the one before with it. */
#define INDEX_BYTES ((size_t)(16 * 1024))
#define INDEX_MAX (UINT64_C(256) << 20)

struct OskFilm {
    const OskSource *source;
    int64_t at; /* where the demuxer reads next */
    AVIOContext *io;
    AVFormatContext *demuxer;
    AVCodecContext *decoder;
    AVStream *stream;
    bool is_webm;
    AVPacket *packet;
    AVFrame *frame;
    struct SwsContext *scaler;
    int64_t first; /* time of the first frame, in the stream's units */
    bool has_first;
    bool is_drained; /* the decoder knows that no packet comes */
    /* What tells whether that was all. */
    bool is_described; /* samples have one description alone */
    bool is_deep;      /* a frame had more than 8 bits, or colours finer than 4:2:0 */
    bool is_damaged;
    int64_t packets;  /* of the track */
    int64_t earliest; /* times of those that are shown, in the stream's units */
    int64_t latest;
    int64_t last; /* time of the last frame */
    uint64_t last_ms;
    uint64_t bare_ms; /* the longest between two frames */
};

static const enum AVCodecID codecs[] = {
    AV_CODEC_ID_H264,       AV_CODEC_ID_HEVC,       AV_CODEC_ID_AV1,    AV_CODEC_ID_VP8,
    AV_CODEC_ID_VP9,        AV_CODEC_ID_MPEG4,      AV_CODEC_ID_MJPEG,  AV_CODEC_ID_H263,
    AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_PRORES,
};

static OskStatus fail(OskFault *fault, OskStatus status, const char *what)
{
    return osk_fault_set(fault, status, "video", what, OSK_NO_OFFSET);
}

static OskStatus fail_memory(OskFault *fault)
{
    return fail(fault, OSK_NO_MEMORY, "not enough memory");
}

void osk_film_prepare(void)
{
    av_log_set_level(AV_LOG_QUIET);
    (void)av_get_cpu_flags();
    (void)av_cpu_count();
}

/* ---- reading ---- */

static int read_file(void *context, uint8_t *out, int len)
{
    OskFilm *film = context;
    uint64_t size = film->source->size;
    if (film->at < 0 || len <= 0 || (uint64_t)film->at >= size) {
        return AVERROR_EOF;
    }
    uint64_t left = size - (uint64_t)film->at;
    size_t take = left < (uint64_t)len ? (size_t)left : (size_t)len;
    if (!film->source->read(film->source->context, (uint64_t)film->at, out, take)) {
        return AVERROR(EIO);
    }
    film->at += (int64_t)take;
    return (int)take;
}

static int64_t seek_file(void *context, int64_t offset, int whence)
{
    OskFilm *film = context;
    int64_t size = film->source->size <= INT64_MAX ? (int64_t)film->source->size : INT64_MAX;
    int64_t from = whence == SEEK_CUR ? film->at : whence == SEEK_END ? size : 0;
    if ((whence & AVSEEK_SIZE) != 0) {
        return size;
    }
    if ((offset < 0 && from + offset < 0) || (offset > 0 && from > INT64_MAX - offset)) {
        return AVERROR(EINVAL);
    }
    film->at = from + offset;
    return film->at;
}

/* ---- opening ---- */

static OskStatus open_demuxer(OskFilm *film, const char *format, OskFault *fault)
{
    bool is_mp4 = strcmp(format, "mp4") == 0;
    const AVInputFormat *input = av_find_input_format(is_mp4 ? "mov" : "matroska");
    if (input == NULL) {
        return fail(fault, OSK_UNSUPPORTED, "there is no decoder for this format");
    }
    uint8_t *room = av_malloc(IO_BYTES);
    film->demuxer = avformat_alloc_context();
    film->io = room != NULL
                   ? avio_alloc_context(room, IO_BYTES, 0, film, read_file, NULL, seek_file)
                   : NULL;
    if (film->io == NULL || film->demuxer == NULL) {
        av_free(film->io == NULL ? room : NULL);
        return fail_memory(fault);
    }
    film->demuxer->pb = film->io;
    film->demuxer->flags |= AVFMT_FLAG_CUSTOM_IO;
    int error = avformat_open_input(&film->demuxer, "", input, NULL);
    return error == 0                 ? OSK_OK
           : error == AVERROR(ENOMEM) ? fail_memory(fault)
                                      : fail(fault, OSK_MALFORMED, "the video can't be read");
}

static bool is_listed(enum AVCodecID id)
{
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        if (codecs[i] == id) {
            return true;
        }
    }
    return false;
}

/* The first track that shows moving pictures; a cover is none. */
static OskStatus find_track(OskFilm *film, OskFilmInfo *info, OskFault *fault)
{
    for (unsigned i = 0; i < film->demuxer->nb_streams; i++) {
        AVStream *stream = film->demuxer->streams[i];
        bool shows = stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
                     (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0;
        bool sounds = stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
        info->track_count += shows;
        info->has_sound = info->has_sound || sounds;
        info->has_others = info->has_others || (!shows && !sounds);
        if (shows && film->stream == NULL) {
            film->stream = stream;
        } else {
            stream->discard = AVDISCARD_ALL;
        }
    }
    if (film->stream == NULL) {
        return fail(fault, OSK_UNSUPPORTED, "no track shows anything");
    }
    return is_listed(film->stream->codecpar->codec_id)
               ? OSK_OK
               : fail(fault, OSK_UNSUPPORTED, "there is no decoder for this coding");
}

static OskStatus open_decoder(OskFilm *film, const OskLimits *limits, OskFault *fault)
{
    const AVCodec *codec = avcodec_find_decoder(film->stream->codecpar->codec_id);
    if (codec == NULL) {
        return fail(fault, OSK_UNSUPPORTED, "there is no decoder for this coding");
    }
    film->decoder = avcodec_alloc_context3(codec);
    film->packet = av_packet_alloc();
    film->frame = av_frame_alloc();
    if (film->decoder == NULL || film->packet == NULL || film->frame == NULL ||
        avcodec_parameters_to_context(film->decoder, film->stream->codecpar) < 0) {
        return fail_memory(fault);
    }
    film->decoder->thread_count = 1;
    film->decoder->pkt_timebase = film->stream->time_base;
    if (limits->pixels > 0 && limits->pixels < INT64_MAX) {
        film->decoder->max_pixels = (int64_t)limits->pixels;
    }
    return avcodec_open2(film->decoder, codec, NULL) == 0
               ? OSK_OK
               : fail(fault, OSK_UNSUPPORTED, "there is no decoder for this coding");
}

/* ---- what the demuxer leaves out, and says nothing of ---- */

/* Counts descriptions of samples in a part of an index, up to where the rest is too short. */
static void count_descriptions(const uint8_t *bytes, size_t len, unsigned *out_tables,
                               bool *out_one)
{
    for (size_t i = 0; i + 12 <= len; i++) {
        if (memcmp(bytes + i, "stsd", 4) == 0) {
            *out_tables += 1;
            *out_one = *out_one && AV_RB32(bytes + i + 8) == 1;
        }
    }
}

/* Samples of MP4 may have several descriptions each. Those of another coding than the first are
 * passed over in silence, while players of another make show them. */
static void read_descriptions(OskFilm *film, uint64_t from, uint64_t until, unsigned *out_tables)
{
    uint8_t bytes[INDEX_BYTES];
    for (uint64_t at = from; at < until; at += INDEX_BYTES - 11) {
        size_t len = until - at < INDEX_BYTES ? (size_t)(until - at) : INDEX_BYTES;
        if (!film->source->read(film->source->context, at, bytes, len)) {
            film->is_described = false;
            return;
        }
        count_descriptions(bytes, len, out_tables, &film->is_described);
    }
}

/* An index that nobody finds, is packed or endless says nothing. */
static void look_for_descriptions(OskFilm *film)
{
    uint64_t size = film->source->size;
    unsigned tables = 0;
    film->is_described = true;
    for (uint64_t at = 0; at <= size && size - at >= 16;) {
        uint8_t head[16];
        if (!film->source->read(film->source->context, at, head, sizeof(head))) {
            break;
        }
        uint64_t len = AV_RB32(head);
        len = len == 1 ? AV_RB64(head + 8) : len == 0 ? size - at : len;
        if (len < 8 || len > size - at) {
            break;
        }
        if (memcmp(head + 4, "moov", 4) == 0) {
            film->is_described = film->is_described && len <= INDEX_MAX;
            read_descriptions(film, at, len <= INDEX_MAX ? at + len : at, &tables);
        }
        at += len;
    }
    film->is_described = film->is_described && tables > 0;
}

/* ---- how it is displayed ---- */

/* The orientations that turn by no quarter, and their numbers in EXIF. A matrix stands for where
 * the axes go; the order is that of the library: a, b, u, c, d, v, x, y, w. */
static unsigned read_orientation(const AVStream *stream)
{
    static const struct {
        int a, b, c, d;
        unsigned orientation;
    } known[] = {
        { 1, 0, 0, 1, 1 }, { -1, 0, 0, 1, 2 }, { -1, 0, 0, -1, 3 }, { 1, 0, 0, -1, 4 },
        { 0, 1, 1, 0, 5 }, { 0, 1, -1, 0, 6 }, { 0, -1, -1, 0, 7 }, { 0, -1, 1, 0, 8 },
    };
    size_t len = 0;
    const uint8_t *bytes = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &len);
    int32_t matrix[9];
    if (bytes == NULL || len < sizeof(matrix)) {
        return 1;
    }
    memcpy(matrix, bytes, sizeof(matrix));
    int signs[4];
    const int32_t values[4] = { matrix[0], matrix[1], matrix[3], matrix[4] };
    for (size_t i = 0; i < 4; i++) {
        signs[i] = values[i] > 0x8000 ? 1 : values[i] < -0x8000 ? -1 : 0;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].a == signs[0] && known[i].b == signs[1] && known[i].c == signs[2] &&
            known[i].d == signs[3]) {
            return known[i].orientation;
        }
    }
    return 1;
}

/* In square pixels: the side that is longer on the screen grows. */
static void square(AVRational ratio, uint32_t *width, uint32_t *height)
{
    bool is_sane =
        ratio.num > 0 && ratio.den > 0 && ratio.num / ratio.den < 16 && ratio.den / ratio.num < 16;
    if (!is_sane) {
        return;
    }
    if (ratio.num > ratio.den) {
        *width = (uint32_t)((uint64_t)*width * (uint64_t)ratio.num / (uint64_t)ratio.den);
    } else {
        *height = (uint32_t)((uint64_t)*height * (uint64_t)ratio.den / (uint64_t)ratio.num);
    }
}

static AVRational ratio_of(const OskFilm *film)
{
    AVRational said = film->stream->sample_aspect_ratio;
    return said.num > 0 ? said : film->frame->sample_aspect_ratio;
}

static void tell(const OskFilm *film, OskFilmInfo *info)
{
    int64_t duration = film->demuxer->duration;
    info->orientation = read_orientation(film->stream);
    info->duration_ms = duration > 0 ? (uint64_t)duration / (AV_TIME_BASE / 1000) : 0;
}

OskStatus osk_film_open(OskFilm **out, const OskFilmFile *file, OskFilmInfo *info, OskFault *fault)
{
    OskFilm *film = calloc(1, sizeof(*film));
    *out = NULL;
    *info = (OskFilmInfo){ 0 };
    if (film == NULL) {
        return fail_memory(fault);
    }
    film->source = file->source;
    film->is_webm = strcmp(file->format, "webm") == 0;
    film->earliest = AV_NOPTS_VALUE;
    film->latest = AV_NOPTS_VALUE;
    av_max_alloc((size_t)file->limits->memory);
    OskStatus status = open_demuxer(film, file->format, fault);
    if (status == OSK_OK) {
        status = find_track(film, info, fault);
    }
    if (status == OSK_OK) {
        status = open_decoder(film, file->limits, fault);
    }
    if (status == OSK_OK) {
        tell(film, info);
        film->is_described = true;
        if (strcmp(file->format, "mp4") == 0) {
            look_for_descriptions(film);
        }
    } else {
        osk_film_close(&film);
    }
    *out = film;
    return status;
}

void osk_film_close(OskFilm **film)
{
    OskFilm *closed = *film;
    *film = NULL;
    if (closed == NULL) {
        return;
    }
    sws_freeContext(closed->scaler);
    av_frame_free(&closed->frame);
    av_packet_free(&closed->packet);
    avcodec_free_context(&closed->decoder);
    avformat_close_input(&closed->demuxer);
    if (closed->io != NULL) {
        av_freep(&closed->io->buffer);
        avio_context_free(&closed->io);
    }
    free(closed);
}

/* ---- frames ---- */

static void count_packet(OskFilm *film)
{
    const AVPacket *packet = film->packet;
    bool shown = (packet->flags & AV_PKT_FLAG_DISCARD) == 0 && packet->pts != AV_NOPTS_VALUE;
    film->is_damaged = film->is_damaged || (packet->flags & AV_PKT_FLAG_CORRUPT) != 0;
    film->packets++;
    if (shown && (film->earliest == AV_NOPTS_VALUE || packet->pts < film->earliest)) {
        film->earliest = packet->pts;
    }
    if (shown && (film->latest == AV_NOPTS_VALUE || packet->pts > film->latest)) {
        film->latest = packet->pts;
    }
}

/* The next packet of the track into the decoder; false when there is none. */
static bool feed(OskFilm *film)
{
    for (;;) {
        int error = av_read_frame(film->demuxer, film->packet);
        if (error < 0) {
            film->is_damaged = film->is_damaged || error != AVERROR_EOF || film->io->error != 0;
            return false;
        }
        bool is_ours = film->packet->stream_index == film->stream->index;
        if (is_ours) {
            count_packet(film);
            bool is_taken = avcodec_send_packet(film->decoder, film->packet) == 0;
            film->is_damaged = film->is_damaged || !is_taken;
        }
        av_packet_unref(film->packet);
        if (is_ours) {
            return true;
        }
    }
}

static int64_t ms_between(const OskFilm *film, int64_t from, int64_t until)
{
    return av_rescale_q(av_sat_sub64(until, from), film->stream->time_base,
                        (AVRational){ 1, 1000 });
}

static uint64_t time_of(OskFilm *film)
{
    int64_t at = film->frame->best_effort_timestamp;
    if (at == AV_NOPTS_VALUE) {
        at = film->has_first ? film->first : 0;
    }
    if (!film->has_first) {
        film->first = at;
        film->has_first = true;
    }
    film->last = at;
    int64_t ms = at > film->first ? ms_between(film, film->first, at) : 0;
    return ms > 0 ? (uint64_t)ms : 0;
}

/* Frames that the decoder made up for are none that it read. */
static void count_frame(OskFilm *film, uint64_t time_ms)
{
    const AVFrame *frame = film->frame;
    film->is_damaged = film->is_damaged || frame->decode_error_flags != 0 ||
                       (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0;
    uint64_t bare_ms = time_ms > film->last_ms ? time_ms - film->last_ms : 0;
    film->bare_ms = bare_ms > film->bare_ms ? bare_ms : film->bare_ms;
    film->last_ms = time_ms;
    film->is_deep = film->is_deep ||
                    (frame->format != AV_PIX_FMT_YUV420P && frame->format != AV_PIX_FMT_YUVJ420P);
}

OskStatus osk_film_next(OskFilm *film, uint64_t *out_time_ms, bool *out_ended, OskFault *fault)
{
    *out_ended = false;
    for (unsigned broken = 0; broken < BROKEN_MAX;) {
        int got = avcodec_receive_frame(film->decoder, film->frame);
        if (got == 0) {
            *out_time_ms = time_of(film);
            count_frame(film, *out_time_ms);
            return OSK_OK;
        }
        if (got == AVERROR(ENOMEM)) {
            return fail_memory(fault);
        }
        if (got == AVERROR_EOF) {
            break;
        }
        broken += got != AVERROR(EAGAIN);
        film->is_damaged = film->is_damaged || got != AVERROR(EAGAIN);
        if (film->is_drained && got != AVERROR(EAGAIN)) {
            continue;
        }
        if (!feed(film)) {
            if (film->is_drained) {
                break;
            }
            (void)avcodec_send_packet(film->decoder, NULL);
            film->is_drained = true;
        }
    }
    *out_ended = true;
    return film->has_first ? OSK_OK : fail(fault, OSK_MALFORMED, "no frame can be decoded");
}

bool osk_film_is_whole(const OskFilm *film, const OskFilmInfo *info)
{
    bool is_counted = film->stream->nb_frames > 0 && film->packets == film->stream->nb_frames;
    bool is_dated = film->earliest != AV_NOPTS_VALUE && film->latest != AV_NOPTS_VALUE;
    return film->is_described && !film->is_damaged && is_dated &&
           (is_counted || film->bare_ms <= BARE_MS) &&
           ms_between(film, film->earliest, film->first) <= BARE_MS &&
           ms_between(film, film->last, film->latest) <= BARE_MS &&
           film->last_ms + BARE_MS >= info->duration_ms;
}

bool osk_film_seek(OskFilm *film, uint64_t time_ms)
{
    if (time_ms > INT64_MAX / 2) {
        return false;
    }
    /* Both are a stranger's numbers. */
    int64_t at = av_sat_add64(film->first, av_rescale_q((int64_t)time_ms, (AVRational){ 1, 1000 },
                                                        film->stream->time_base));
    if (av_seek_frame(film->demuxer, film->stream->index, at, AVSEEK_FLAG_BACKWARD) < 0) {
        return false;
    }
    avcodec_flush_buffers(film->decoder);
    film->is_drained = false;
    return true;
}

/* ---- who plays it ---- */

/* What browsers of all makers have played for years, on telephones and without a chip for it. AV1
 * and HEVC are not among it, nor is FLAC or Opus in MP4. */
static bool is_played(const OskFilm *film, enum AVCodecID id)
{
    return film->is_webm ? id == AV_CODEC_ID_VP8 || id == AV_CODEC_ID_VP9 ||
                               id == AV_CODEC_ID_OPUS || id == AV_CODEC_ID_VORBIS
                         : id == AV_CODEC_ID_H264 || id == AV_CODEC_ID_AAC || id == AV_CODEC_ID_MP3;
}

/* Names have signs in them, which a message has no room for. */
static void write_name(enum AVCodecID id, const char *behind, char out[OSK_FILM_NAME_BYTES])
{
    const char *parts[] = { id != AV_CODEC_ID_NONE ? avcodec_get_name(id) : "unknown", behind };
    size_t len = 0;
    for (size_t i = 0; i < 2; i++) {
        for (const char *at = parts[i]; *at != 0 && len + 1 < OSK_FILM_NAME_BYTES; at++) {
            if ((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9')) {
                out[len++] = *at;
            }
        }
    }
    out[len] = 0;
}

void osk_film_unplayed(const OskFilm *film, char out_picture[OSK_FILM_NAME_BYTES],
                       char out_sound[OSK_FILM_NAME_BYTES])
{
    enum AVCodecID id = film->stream->codecpar->codec_id;
    bool is_known = is_played(film, id);
    memset(out_picture, 0, OSK_FILM_NAME_BYTES);
    memset(out_sound, 0, OSK_FILM_NAME_BYTES);
    if (!is_known || film->is_deep) {
        write_name(id, is_known ? "deep" : "", out_picture);
    }
    for (unsigned i = 0; i < film->demuxer->nb_streams && out_sound[0] == 0; i++) {
        const AVCodecParameters *sound = film->demuxer->streams[i]->codecpar;
        if (sound->codec_type == AVMEDIA_TYPE_AUDIO && !is_played(film, sound->codec_id)) {
            write_name(sound->codec_id, "", out_sound);
        }
    }
}

/* ---- pixels ---- */

void osk_film_size(const OskFilm *film, OskFilmInfo *info)
{
    uint32_t width = film->frame->width > 0 ? (uint32_t)film->frame->width : 1;
    uint32_t height = film->frame->height > 0 ? (uint32_t)film->frame->height : 1;
    bool swapped = info->orientation >= 5;
    square(ratio_of(film), &width, &height);
    info->width = swapped ? height : width;
    info->height = swapped ? width : height;
}

/* What the brightness and the colours of a frame mean. */
static void set_colours(const OskFilm *film)
{
    const AVFrame *frame = film->frame;
    int space = frame->colorspace != AVCOL_SPC_UNSPECIFIED ? (int)frame->colorspace
                : frame->height >= 720                     ? (int)AVCOL_SPC_BT709
                                                           : (int)AVCOL_SPC_SMPTE170M;
    const int *in = sws_getCoefficients(space);
    const int *out = sws_getCoefficients(SWS_CS_DEFAULT);
    (void)sws_setColorspaceDetails(film->scaler, in, frame->color_range == AVCOL_RANGE_JPEG, out, 1,
                                   0, 1 << 16, 1 << 16);
}

OskStatus osk_film_picture(OskFilm *film, uint32_t side, OskImage *out, OskBudget *budget)
{
    const AVFrame *frame = film->frame;
    *out = (OskImage){ .pixels = NULL };
    if (frame->width <= 0 || frame->height <= 0 || frame->data[0] == NULL) {
        return OSK_UNSUPPORTED;
    }
    uint32_t width = (uint32_t)frame->width;
    uint32_t height = (uint32_t)frame->height;
    square(ratio_of(film), &width, &height);
    osk_shown_fit(&width, &height, side, side);
    film->scaler = sws_getCachedContext(
        film->scaler, frame->width, frame->height, (enum AVPixelFormat)frame->format, (int)width,
        (int)height, AV_PIX_FMT_RGB24, SWS_AREA | SWS_ACCURATE_RND, NULL, NULL, NULL);
    if (film->scaler == NULL) {
        return OSK_UNSUPPORTED;
    }
    set_colours(film);
    OskStatus status = osk_image_make(out, width, height, OSK_PIXELS_RGB, 8, budget);
    if (status != OSK_OK) {
        return status;
    }
    uint8_t *const planes[4] = { out->pixels };
    const int strides[4] = { (int)out->stride };
    const uint8_t *const from[4] = { frame->data[0], frame->data[1], frame->data[2],
                                     frame->data[3] };
    int lines = sws_scale(film->scaler, from, frame->linesize, 0, frame->height, planes, strides);
    if (lines != (int)height) {
        osk_image_free(out, budget);
        return OSK_UNSUPPORTED;
    }
    return OSK_OK;
}
