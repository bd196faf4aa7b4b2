/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left to do where a picture can't be scrubbed as it is: decode it in the worker's sandbox,
 * and make a fresh file of what is seen. */
#ifndef OSK_CLI_FLATTEN_H
#define OSK_CLI_FLATTEN_H

#include "cli/edit.h"
#include "host/input.h"

/* True for a picture whose refusal a fresh file may get around. */
bool osk_flatten_applies(const OskFormatInfo *format, OskStatus refusal);

typedef struct OskFlatten {
    const OskFormatInfo *format;
    OskLimits limits;
    bool trial; /* nobody asked for it: then it may take OSK_FLATTEN_TRIAL_MS at most */
} OskFlatten;

/* Decodes the whole of `input`: the bytes in `edited` are a fresh PNG where the picture is
 * transparent, has a palette or was exact; else a JPEG. They are not proven.
 * Ownership: osk_edited_free(), whatever the status is. */
OskStatus osk_flatten_input(const OskFlatten *how, OskInput *input, OskEdited *edited,
                            OskFault *fault);

/* A refusal should not take long; a picture that takes longer is told the slower step. */
#define OSK_FLATTEN_TRIAL_MS 15000u

/* What a person can do about a refusal where that works: of a scrub, and of an edit. */
extern const char osk_flatten_next[];
extern const char osk_flatten_first[];

/* Says why it was done, and what it changed. */
void osk_flatten_say(FILE *out, const OskFault *refusal, const OskEdited *edited);
void osk_flatten_json(FILE *out, const OskFault *refusal, const OskEdited *edited);

#endif
