/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading files that others may change, and standard input. */
#ifndef OSK_HOST_INPUT_H
#define OSK_HOST_INPUT_H

#include <sys/stat.h>

#include "host/view.h"
#include "oilskin/format.h"
#include "oilskin/io.h"

/* An opened input. What it was at opening (device, inode, size, times) is kept, because what was
 * walked must be what is written. Zero-initialised and with `fd` -1 it is closed. */
typedef struct OskInput {
    int fd;
    struct stat identity;
    uint8_t *spool; /* a stream that fitted into memory; else NULL */
    OskView view;   /* after osk_input_view() */
    uint64_t size;
    bool is_stream;  /* no file of its own: nothing can change it */
    bool short_read; /* the file ended before the size it had at opening */
    int error;       /* errno of the first failed read */
} OskInput;

typedef enum OskInputFlags {
    OSK_INPUT_FOLLOW = 0,
    OSK_INPUT_NO_FOLLOW = 1 /* a symbolic link is an error: it is about to be replaced */
} OskInputFlags;

/* Opens a file for reading; pipes and sockets are spooled as standard input is.
 * Ownership: close with osk_input_close() whatever the status is.
 * Errors: IO with the fault set in plain words. */
OskStatus osk_input_open(OskInput *input, const char *path, OskInputFlags flags, OskFault *fault);

/* Takes standard input: as it is when it is a file, else into memory, beyond 64 MiB into a file
 * without a name, which vanishes with the process. */
OskStatus osk_input_open_stdin(OskInput *input, OskFault *fault);

/* Reads all of `len` bytes at `offset`; else false with errno set, to 0 where the file ends before.
 */
bool osk_read_at(int fd, uint64_t offset, void *out, size_t len);

/* Lets the bytes be looked at where they lie in their file instead of in memory. Where that can't
 * be had, or others may write to the file, nothing changes. */
void osk_input_view(OskInput *input);

/* The bytes; lent, `input` must stay where it is. */
OskSource osk_input_source(OskInput *input);

/* The format that the first bytes tell, or NULL. */
const OskFormatInfo *osk_input_format(OskInput *input);

/* Copies up to `most` bytes from the start; returns how many there were. */
size_t osk_input_head(OskInput *input, uint8_t *out, size_t most);

/* OSK_OK when the file is still the one that was opened, unchanged; else IO with the fault set. */
OskStatus osk_input_confirm(const OskInput *input, OskFault *fault);

/* The same, and `path` still leads to it: before it is replaced. */
OskStatus osk_input_confirm_path(const OskInput *input, const char *path, OskFault *fault);

void osk_input_close(OskInput *input);

#endif
