/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A submission as the desk answers it, and what a key opens of it. */
#ifndef OSK_CLI_DESK_SUBMISSION_H
#define OSK_CLI_DESK_SUBMISSION_H

#include <stdio.h>

#include "cli/desk_client.h"
#include "cli/key_files.h"

#define OSK_DESK_ID_LETTERS 32u
#define OSK_DESK_MESSAGES_MAX 10000u

/* Opened words: JSON without its padding. `json` is NULL while they are sealed. */
typedef struct OskDeskWords {
    OskJson *json;
    uint8_t *bytes; /* wiped */
    size_t len;
} OskDeskWords;

typedef struct OskDeskMessage {
    uint64_t number;
    const char *day;
    bool from_desk; /* a reply; its words stay sealed where no key opens them */
    OskDeskWords words;
} OskDeskMessage;

typedef struct OskDeskSubmission {
    OskJson *answer;
    const char *id;
    const char *day;
    OskDeskWords manifest;
    OskDeskMessage *messages;
    size_t message_count;
    size_t file_count;
} OskDeskSubmission;

typedef struct OskDeskFile {
    const char *id;
    uint64_t number;
    uint64_t segments;
    uint64_t sealed_len;
    const char *state;    /* NULL where the desk says none */
    const OskJson *about; /* what the manifest, or a message, says; NULL while they are sealed */
} OskDeskFile;

/* @param answer given: of GET /api/submissions/ID. @param keys NULL to leave it sealed.
 * Ownership: osk_desk_submission_free(), whatever the status is. Errors: MALFORMED for an answer
 * that is none; AUTH when no key opens the manifest; NO_MEMORY. */
OskStatus osk_desk_submission_read(OskDeskSubmission *out, OskJson *answer,
                                   const OskIdentities *keys, OskFault *fault);
/* The same, from the desk, all pages of it. Errors: those of osk_desk_get(), too. */
OskStatus osk_desk_submission_get(OskDeskSubmission *out, OskDeskClient *client, const char *id,
                                  const OskIdentities *keys, OskFault *fault);
/* False when the desk's words about it are not as they should be. All lent. */
bool osk_desk_submission_file(const OskDeskSubmission *submission, size_t index, OskDeskFile *out);
void osk_desk_submission_free(OskDeskSubmission *submission);

bool osk_desk_is_id(const char *text);

/* For people: its rows, and its words where they are open. */
void osk_desk_say_submission(FILE *out, const OskDeskSubmission *submission);
/* In one line; characters that steer a terminal or turn a text around become escapes. */
void osk_desk_say_json(FILE *out, const OskJson *json);

/* ---- a file out of its seals ---- */

/* Where the sealed parts of a file are. */
typedef struct OskDeskParts {
    void *context;
    /* Lent until the next call. */
    OskStatus (*open)(void *context, uint64_t part, OskSource *out, OskFault *fault);
} OskDeskParts;

/* Writes the file as it was kept, without padding, and compares its length and digest with the
 * manifest's: what was written before an error is to be thrown away.
 * Errors: AUTH; MALFORMED when it is not what the manifest says. */
OskStatus osk_desk_file_unseal(const OskDeskFile *file, const OskDeskParts *parts,
                               const OskIdentities *keys, const OskSink *sink, OskFault *fault);
/* The name of a sealed part of it in a folder: "file-1.age", "file-1-part-2.age". */
#define OSK_DESK_PART_NAME_BYTES 64u
void osk_desk_part_name(const OskDeskFile *file, uint64_t part, char out[OSK_DESK_PART_NAME_BYTES]);
/* "jpeg", "bin" where the manifest names no format. */
const char *osk_desk_file_ending(const OskDeskFile *file);
/* What became of it at the drop: "scrubbed", "original", "unscrubbed", "device"; "" while sealed.
 */
const char *osk_desk_file_kind(const OskDeskFile *file);

#endif
