/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sample/clip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>

#include "cli/sample/sample.h"

/* One at each of the times at which frames are compared (every eighth of a second). */
#define FRAMES_A_SECOND 16
#define WHOLE_MS 4000
/* What a telephone films; who sends it on may have fewer. */
#define SEEN_WIDTH 256u
#define SEEN_HEIGHT 144u
/* How much larger the stage is than what the camera sees of it. */
#define WIDER 3
#define TALLER_HALVES 3

const char *const osk_sample_forms[OSK_SAMPLE_FORMS] = { "whole", "trim", "small", "still" };

typedef struct Shape {
    unsigned width;
    unsigned height;
    int until_ms;
    const char *quality; /* of x264, fewer is better */
} Shape;

static const Shape shapes[OSK_SAMPLE_FORMS] = {
    [OSK_SAMPLE_WHOLE] = { SEEN_WIDTH, SEEN_HEIGHT, WHOLE_MS, "26" },
    [OSK_SAMPLE_TRIM] = { SEEN_WIDTH, SEEN_HEIGHT, 3250, "26" },
    [OSK_SAMPLE_SMALL] = { 192, 108, WHOLE_MS, "27" },
    [OSK_SAMPLE_STILL] = { SEEN_WIDTH, SEEN_HEIGHT, 2000, "" },
};

/* ---- what the camera sees ---- */

typedef struct Stage {
    Shape shape;
    unsigned width; /* of all of it */
    unsigned height;
    uint8_t *rgb;
    uint8_t *seen; /* of the shape's size */
} Stage;

static bool open_stage(Stage *stage, const Shape *shape, unsigned number)
{
    *stage = (Stage){ .shape = *shape,
                      .width = SEEN_WIDTH * WIDER,
                      .height = SEEN_HEIGHT * TALLER_HALVES / 2 };
    stage->rgb = malloc((size_t)stage->width * stage->height * 3);
    stage->seen = malloc((size_t)shape->width * shape->height * 3);
    if (stage->rgb == NULL || stage->seen == NULL) {
        return false;
    }
    osk_sample_arena(stage->rgb, stage->width, stage->height, number);
    return true;
}

/* One value of a smaller picture: the mean of what lies under it, by quarters of a pixel. */
static uint8_t mean(const uint8_t *from, size_t stride, const Shape *shape, unsigned x, unsigned y)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < 16; i++) {
        const unsigned left = (x * 4 + i % 4) * SEEN_WIDTH / (shape->width * 4);
        const unsigned top = (y * 4 + i / 4) * SEEN_HEIGHT / (shape->height * 4);
        sum += from[stride * top + (size_t)left * 3];
    }
    return (uint8_t)((sum + 8) / 16);
}

/* From one end to the other, up and down once on the way. */
static void see(Stage *stage, int time_ms)
{
    const double part = (double)time_ms / WHOLE_MS;
    const double lift = 0.5 + 0.5 * sin(part * 6.2831853);
    const unsigned left = (unsigned)((stage->width - SEEN_WIDTH) * part);
    const unsigned top = (unsigned)((stage->height - SEEN_HEIGHT) * lift);
    const size_t stride = (size_t)stage->width * 3;
    const uint8_t *from = stage->rgb + stride * top + (size_t)left * 3;
    const Shape *shape = &stage->shape;
    for (unsigned y = 0; y < shape->height; y++) {
        for (unsigned x = 0; x < shape->width; x++) {
            for (unsigned colour = 0; colour < 3; colour++) {
                stage->seen[((size_t)y * shape->width + x) * 3 + colour] =
                    mean(from + colour, stride, shape, x, y);
            }
        }
    }
}

static bool write_still(const char *path, Stage *stage)
{
    const Shape *shape = &stage->shape;
    OskSampleBytes picture = { .len = 0 };
    see(stage, shape->until_ms);
    osk_sample_jpeg(&picture, stage->seen, shape->width, shape->height, NULL);
    const bool fine = !picture.failed && osk_sample_write(path, &picture);
    free(picture.at);
    return fine;
}

/* ---- as a video (ITU-T H.264 in ISO/IEC 14496-14) ---- */

typedef struct Writing {
    AVFormatContext *file;
    AVCodecContext *encoder;
    AVStream *stream;
    AVFrame *frame;
    AVPacket *packet;
} Writing;

static bool open_encoder(Writing *writing, const Shape *shape)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_H264);
    writing->encoder = codec != NULL ? avcodec_alloc_context3(codec) : NULL;
    AVCodecContext *encoder = writing->encoder;
    if (encoder == NULL) {
        return false;
    }
    encoder->width = (int)shape->width;
    encoder->height = (int)shape->height;
    encoder->time_base = (AVRational){ 1, FRAMES_A_SECOND };
    encoder->framerate = (AVRational){ FRAMES_A_SECOND, 1 };
    encoder->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder->gop_size = 2 * FRAMES_A_SECOND;
    encoder->max_b_frames = 0;
    encoder->thread_count = 1;
    encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    /* An encoder without these words has its own. */
    (void)av_opt_set(encoder->priv_data, "preset", "veryfast", 0);
    (void)av_opt_set(encoder->priv_data, "crf", shape->quality, 0);
    return avcodec_open2(encoder, codec, NULL) == 0;
}

static bool open_file(Writing *writing, const char *path)
{
    if (avformat_alloc_output_context2(&writing->file, NULL, "mp4", path) < 0) {
        return false;
    }
    writing->stream = avformat_new_stream(writing->file, NULL);
    if (writing->stream == NULL) {
        return false;
    }
    writing->stream->time_base = writing->encoder->time_base;
    return avcodec_parameters_from_context(writing->stream->codecpar, writing->encoder) >= 0 &&
           avio_open(&writing->file->pb, path, AVIO_FLAG_WRITE) >= 0 &&
           avformat_write_header(writing->file, NULL) >= 0;
}

static bool open_frame(Writing *writing)
{
    writing->packet = av_packet_alloc();
    writing->frame = av_frame_alloc();
    if (writing->frame == NULL) {
        return false;
    }
    writing->frame->width = writing->encoder->width;
    writing->frame->height = writing->encoder->height;
    writing->frame->format = writing->encoder->pix_fmt;
    return writing->packet != NULL && av_frame_get_buffer(writing->frame, 0) == 0;
}

/* ITU-R BT.601, of 16 to 235. Colour is of the first pixel of each two by two. */
static void convert(AVFrame *frame, const uint8_t *rgb)
{
    const size_t stride = (size_t)frame->width * 3;
    for (int y = 0; y < frame->height; y++) {
        for (int x = 0; x < frame->width; x++) {
            const uint8_t *at = rgb + stride * (size_t)y + (size_t)x * 3;
            const int r = at[0];
            const int g = at[1];
            const int b = at[2];
            frame->data[0][y * frame->linesize[0] + x] =
                (uint8_t)(16 + (66 * r + 129 * g + 25 * b + 128) / 256);
            if (x % 2 == 0 && y % 2 == 0) {
                frame->data[1][y / 2 * frame->linesize[1] + x / 2] =
                    (uint8_t)((32768 + 112 * b - 38 * r - 74 * g + 128) / 256);
                frame->data[2][y / 2 * frame->linesize[2] + x / 2] =
                    (uint8_t)((32768 + 112 * r - 94 * g - 18 * b + 128) / 256);
            }
        }
    }
}

/* @param frame NULL for the end. */
static bool encode(Writing *writing, const AVFrame *frame)
{
    bool fine = avcodec_send_frame(writing->encoder, frame) == 0;
    while (fine && avcodec_receive_packet(writing->encoder, writing->packet) == 0) {
        writing->packet->stream_index = writing->stream->index;
        writing->packet->duration = 1;
        av_packet_rescale_ts(writing->packet, writing->encoder->time_base,
                             writing->stream->time_base);
        fine = av_interleaved_write_frame(writing->file, writing->packet) == 0;
    }
    return fine;
}

static bool write_frames(Writing *writing, Stage *stage)
{
    bool fine = true;
    for (int i = 0; fine && i * 1000 < stage->shape.until_ms * FRAMES_A_SECOND; i++) {
        fine = av_frame_make_writable(writing->frame) == 0;
        if (fine) {
            see(stage, i * 1000 / FRAMES_A_SECOND);
            convert(writing->frame, stage->seen);
            writing->frame->pts = i;
            fine = encode(writing, writing->frame);
        }
    }
    return fine && encode(writing, NULL) && av_write_trailer(writing->file) == 0;
}

static bool write_film(const char *path, Stage *stage)
{
    Writing writing = { .file = NULL };
    av_log_set_level(AV_LOG_QUIET);
    bool fine = open_encoder(&writing, &stage->shape) && open_file(&writing, path) &&
                open_frame(&writing) && write_frames(&writing, stage);
    av_packet_free(&writing.packet);
    av_frame_free(&writing.frame);
    avcodec_free_context(&writing.encoder);
    if (writing.file != NULL && writing.file->pb != NULL) {
        fine = avio_closep(&writing.file->pb) == 0 && fine;
    }
    avformat_free_context(writing.file);
    return fine;
}

bool osk_sample_clip(const char *path, unsigned number, OskSampleForm form)
{
    Stage stage;
    const bool fine =
        open_stage(&stage, &shapes[form], number) &&
        (form == OSK_SAMPLE_STILL ? write_still(path, &stage) : write_film(path, &stage));
    free(stage.rgb);
    free(stage.seen);
    return fine;
}
