/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are either whole or not there. */
#ifndef OSK_HOST_OUTPUT_H
#define OSK_HOST_OUTPUT_H

#include <stdatomic.h>
#include <sys/types.h>

#include "host/input.h"
#include "oilskin/io.h"

/* What a committed file is like. */
typedef struct OskOutputOptions {
    bool replace; /* an existing file is replaced, and the commit waits until the disk holds the new
                   * one; else it is kept and the commit fails */
    bool is_unproven; /* nobody finds it before the commit, whatever ends the run: it has no name
                       * even where files need one. There the commit makes a copy, with a name */
    uid_t owner;      /* given to the file where the process may; (uid_t)-1 for nobody */
    gid_t group;
} OskOutputOptions;

/* A file under construction. It has no name (O_TMPFILE) or, where the file system cannot do that, a
 * hidden temporary one, until it is committed. Mode 0600, a neutral time, no extended attributes.
 */
typedef struct OskOutput {
    int dir_fd;
    int fd;
    char *name;     /* the last component of the path it will have */
    char temp[32];  /* "" while the file has no name at all */
    bool is_hidden; /* its temporary name was taken away */
    int temp_slot;  /* what is unlinked when a signal ends the run; -1 for none */
    uint64_t size;  /* bytes written */
    int error;      /* errno of the first failed write */
    OskOutputOptions options;
    uint8_t *bounce;                 /* what copies go through that the kernel is slower at */
    const OskInput *copied_from;     /* for osk_output_sink() */
    _Atomic uint64_t *written_total; /* counts bytes for a progress bar; may be NULL */
} OskOutput;

/* The modification time of every copy: 1980-01-01 00:00 UTC, the earliest that all file systems
 * hold. */
#define OSK_NEUTRAL_TIME 315532800

/* Begins a file that will be `path`.
 * Ownership: end with osk_output_commit() or osk_output_abort(), whatever the status is. */
OskStatus osk_output_begin(OskOutput *output, const char *path, OskOutputOptions options,
                           OskFault *fault);

/* Reserves room on the disk for `size` bytes, so that a full disk is known before the work, and
 * writing is quicker. A file system that cannot do that is fine. */
OskStatus osk_output_reserve(OskOutput *output, uint64_t size, OskFault *fault);

/* A sink that appends; kept ranges of `input` move inside the kernel where it can do that. */
OskSink osk_output_sink(OskOutput *output, const OskInput *input, _Atomic uint64_t *written_total);

/* What was written, read again. */
OskSource osk_output_source(OskOutput *output);

/* Why the sink failed, in plain words. */
OskStatus osk_output_explain(const OskOutput *output, OskFault *fault);

/* Gives the file its name: all of it or nothing. The output is closed whatever the status is. */
OskStatus osk_output_commit(OskOutput *output, OskFault *fault);

/* All of a file at once. */
OskStatus osk_output_write(const char *path, OskOutputOptions options, const void *bytes,
                           size_t len, OskFault *fault);

/* Throws the file away. NULL members are fine. */
void osk_output_abort(OskOutput *output);

/* A file without a name for what must not be seen yet, in $TMPDIR or /tmp. */
OskStatus osk_scratch_open(int *out_fd, OskFault *fault);

/* Writes everything or returns false with errno set. */
bool osk_write_all(int fd, const void *bytes, size_t len);

/* Copies `len` bytes from the start of one file to a stream. */
bool osk_copy_to_stream(int from, int to, uint64_t len);

/* Ends the process on SIGINT, SIGTERM and SIGHUP without leaving temporary names behind. */
void osk_output_catch_signals(void);

#endif
