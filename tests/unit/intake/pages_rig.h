/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drop's pages on the rig: a form of a browser, and pages as lists of what they were filled
 * with ("PAGE 1", then a line "name=text" or "name" for each place). */
#ifndef TESTS_UNIT_INTAKE_PAGES_RIG_H
#define TESTS_UNIT_INTAKE_PAGES_RIG_H

#include "intake/drop.h"
#include "rig.h"

#define FIELD(name, value)                                                                         \
    "--B\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define FILE_FIELD(file, value)                                                                    \
    "--B\r\nContent-Disposition: form-data; name=\"files\"; filename=\"" file                      \
    "\"\r\nContent-Type: image/jpeg\r\n\r\n" value "\r\n"
#define FORM_END "--B--\r\n"
#define PAGES_MULTIPART                                                                            \
    {                                                                                              \
        "Content-Type", "multipart/form-data; boundary=B"                                          \
    }

extern RigAnswer pages_got;
/* With "protest" and the paused "closed" as categories, 2 files of 100 bytes, 150 together. */
int pages_set_up(void **state);
int pages_tear_down(void **state);
void pages_pause_large(void);
void pages_scrub_nothing(void);
/* Into pages_got. */
void pages_ask(const RigAsk *ask);
/* POST to `path` in pieces of `piece` bytes (0 for one), with `slot` in its address. */
void pages_post(const char *path, const char *slot, const char *body, size_t piece);
/* Whether the page that was answered has this line. */
bool pages_say(const char *line);

#endif
