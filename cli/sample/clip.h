/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Short videos of a stage, as fans' telephones take them and as they go round: a camera that passes
 * along it, whole, cut, and made smaller by who sends it on. Behind one adapter (clip.c), as the
 * library that writes them is behind no other file here. */
#ifndef OSK_CLI_SAMPLE_CLIP_H
#define OSK_CLI_SAMPLE_CLIP_H

#include <stdbool.h>

typedef enum OskSampleForm {
    OSK_SAMPLE_WHOLE, /* four seconds, H.264 in MP4 */
    OSK_SAMPLE_TRIM,  /* without its end */
    OSK_SAMPLE_SMALL, /* all of it, encoded anew with fewer pixels */
    OSK_SAMPLE_STILL, /* a screenshot of its middle, a JPEG */
    OSK_SAMPLE_FORMS
} OskSampleForm;

extern const char *const osk_sample_forms[OSK_SAMPLE_FORMS];

/* @param number the stage. Errors: false where it can't be written, and where the library has no
 * encoder of H.264. */
bool osk_sample_clip(const char *path, unsigned number, OskSampleForm form);

#endif
