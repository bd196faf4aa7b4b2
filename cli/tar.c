/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/tar.h"

#include <stdio.h>
#include <string.h>

#include "oilskin/seal.h"

/* 1980-01-01, the time that all copies of ours have. */
#define TIME 315532800

/* The fields that are not zeros. */
#define NAME_AT 0
#define MODE_AT 100
#define UID_AT 108
#define GID_AT 116
#define SIZE_AT 124
#define TIME_AT 136
#define SUM_AT 148
#define SUM_BYTES 8
#define TYPE_AT 156
#define MAGIC_AT 257

static const uint8_t zeros[OSK_TAR_BLOCK_BYTES];

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, uint64_t at)
{
    *fault = (OskFault){ .status = status, .part = "archive", .what = what, .offset = at };
    return status;
}

static uint64_t gap_behind(uint64_t len)
{
    return (OSK_TAR_BLOCK_BYTES - len % OSK_TAR_BLOCK_BYTES) % OSK_TAR_BLOCK_BYTES;
}

bool osk_tar_is_name(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/.-";
    size_t len = strspn(name, letters);
    if (len == 0 || len >= OSK_TAR_NAME_BYTES || name[len] != 0) {
        return false;
    }
    bool is_edge = true; /* a dot or a slash may not stand here */
    for (size_t i = 0; i < len; i++) {
        bool is_sign = strchr("/.-", name[i]) != NULL;
        if (is_sign && is_edge) {
            return false;
        }
        is_edge = is_sign;
    }
    return !is_edge;
}

static void make_header(uint8_t block[OSK_TAR_BLOCK_BYTES], const char *name, uint64_t len)
{
    char size[16];
    char sum[16];
    char time[16];
    unsigned total = 0;
    memset(block, 0, OSK_TAR_BLOCK_BYTES);
    memcpy(block + NAME_AT, name, strlen(name));
    memcpy(block + MODE_AT, "0000600", 7);
    memcpy(block + UID_AT, "0000000", 7);
    memcpy(block + GID_AT, "0000000", 7);
    snprintf(size, sizeof(size), "%011llo", (unsigned long long)len);
    memcpy(block + SIZE_AT, size, 11);
    snprintf(time, sizeof(time), "%011llo", (unsigned long long)TIME);
    memcpy(block + TIME_AT, time, 11);
    memset(block + SUM_AT, ' ', SUM_BYTES);
    block[TYPE_AT] = '0';
    memcpy(block + MAGIC_AT, "ustar\00000", 8);
    for (size_t i = 0; i < OSK_TAR_BLOCK_BYTES; i++) {
        total += block[i];
    }
    snprintf(sum, sizeof(sum), "%06o", total);
    memcpy(block + SUM_AT, sum, 7); /* with its NUL; the blank behind it stays */
}

/* ---- writing ---- */

bool osk_tar_begin(const OskSink *sink, const char *name, uint64_t len)
{
    uint8_t block[OSK_TAR_BLOCK_BYTES];
    if (!osk_tar_is_name(name) || len > OSK_TAR_LEN_MAX) {
        return false;
    }
    make_header(block, name, len);
    return sink->write(sink->context, block, sizeof(block));
}

bool osk_tar_end_file(const OskSink *sink, uint64_t len)
{
    size_t gap = (size_t)gap_behind(len);
    return gap == 0 || sink->write(sink->context, zeros, gap);
}

uint64_t osk_tar_file_len(uint64_t len)
{
    return OSK_TAR_BLOCK_BYTES + len + gap_behind(len);
}

uint64_t osk_tar_whole_len(uint64_t len)
{
    uint64_t padded = osk_seal_padded_len(len + 2 * (uint64_t)OSK_TAR_BLOCK_BYTES);
    return padded + gap_behind(padded);
}

bool osk_tar_end(const OskSink *sink, uint64_t len)
{
    for (uint64_t left = osk_tar_whole_len(len) - len; left > 0; left -= OSK_TAR_BLOCK_BYTES) {
        if (!sink->write(sink->context, zeros, sizeof(zeros))) {
            return false;
        }
    }
    return true;
}

/* ---- reading ---- */

static OskStatus read_block(const OskSource *source, uint64_t at,
                            uint8_t block[OSK_TAR_BLOCK_BYTES], OskFault *fault)
{
    if (at > source->size || source->size - at < OSK_TAR_BLOCK_BYTES) {
        return fail(fault, OSK_TRUNCATED, "ends too early", at);
    }
    if (source->bytes != NULL) {
        memcpy(block, source->bytes + at, OSK_TAR_BLOCK_BYTES);
        return OSK_OK;
    }
    return source->read(source->context, at, block, OSK_TAR_BLOCK_BYTES)
               ? OSK_OK
               : fail(fault, OSK_IO, "could not be read", at);
}

static bool read_size(const uint8_t *block, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < 11; i++) {
        uint8_t digit = block[SIZE_AT + i];
        if (digit < '0' || digit > '7') {
            return false;
        }
        *out = *out * 8 + (uint64_t)(digit - '0');
    }
    return true;
}

OskStatus osk_tar_read(const OskSource *source, uint64_t at, char out_name[OSK_TAR_NAME_BYTES],
                       uint64_t *out_len, OskFault *fault)
{
    uint8_t block[OSK_TAR_BLOCK_BYTES];
    uint8_t wanted[OSK_TAR_BLOCK_BYTES];
    OskStatus status = read_block(source, at, block, fault);
    if (status != OSK_OK) {
        return status;
    }
    memcpy(out_name, block + NAME_AT, OSK_TAR_NAME_BYTES);
    if (memchr(out_name, 0, OSK_TAR_NAME_BYTES) == NULL || !osk_tar_is_name(out_name) ||
        !read_size(block, out_len)) {
        return fail(fault, OSK_MALFORMED, "holds what no export writes", at);
    }
    make_header(wanted, out_name, *out_len);
    if (memcmp(block, wanted, sizeof(block)) != 0) {
        return fail(fault, OSK_MALFORMED, "holds what no export writes", at);
    }
    if (source->size - at < osk_tar_file_len(*out_len)) {
        return fail(fault, OSK_TRUNCATED, "ends too early", at);
    }
    uint64_t gap = gap_behind(*out_len);
    uint64_t last = at + osk_tar_file_len(*out_len) - OSK_TAR_BLOCK_BYTES;
    status = gap == 0 ? OSK_OK : read_block(source, last, block, fault);
    if (status == OSK_OK && memcmp(block + OSK_TAR_BLOCK_BYTES - gap, zeros, (size_t)gap) != 0) {
        status = fail(fault, OSK_MALFORMED, "holds what no export writes", last);
    }
    return status;
}

OskStatus osk_tar_read_end(const OskSource *source, uint64_t at, OskFault *fault)
{
    uint8_t block[OSK_TAR_BLOCK_BYTES];
    OskStatus status = OSK_OK;
    if (source->size != osk_tar_whole_len(at)) {
        return fail(fault, OSK_MALFORMED, "ends where no export does", at);
    }
    for (; status == OSK_OK && at < source->size; at += OSK_TAR_BLOCK_BYTES) {
        status = read_block(source, at, block, fault);
        if (status == OSK_OK && memcmp(block, zeros, sizeof(block)) != 0) {
            status = fail(fault, OSK_MALFORMED, "has something behind its end", at);
        }
    }
    return status;
}
