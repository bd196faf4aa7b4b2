/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is in an archive of evidence (docs/evidence.md), and whether it holds together. */
#ifndef OSK_CLI_EVIDENCE_H
#define OSK_CLI_EVIDENCE_H

#include "cli/tar.h"
#include "http/json.h"

/* One "hex  name" line of SHA256SUMS. */
#define OSK_EVIDENCE_LINE_BYTES (64u + 2 + OSK_TAR_NAME_BYTES + 1)
#define OSK_EVIDENCE_JSON_BYTES ((uint64_t)16 << 20) /* of one of its lists or words */
#define OSK_EVIDENCE_ENTRY_BYTES ((size_t)64 << 10)  /* of an entry of the audit chain */

void osk_evidence_file_name(char out[OSK_TAR_NAME_BYTES], uint64_t number, const char *ending);
void osk_evidence_message_name(char out[OSK_TAR_NAME_BYTES], uint64_t number);
void osk_evidence_regions_name(char out[OSK_TAR_NAME_BYTES], uint64_t number);

/* An audit chain, entry by entry. Zero-initialised it is empty. */
typedef struct OskEvidenceChain {
    uint64_t count;
    uint8_t digest[32]; /* of the last entry */
} OskEvidenceChain;

/* False when the entry does not follow: then nothing has changed. @param len without a NUL or LF.
 */
bool osk_evidence_follow(OskEvidenceChain *chain, const char *entry, size_t len);

/* What is said of each thing that was looked at, in printable words. */
typedef struct OskEvidenceTell {
    void *context;
    void (*say)(void *context, bool is_right, const char *what);
} OskEvidenceTell;

/* Looks at all of an opened archive. Nothing is taken from it but its bytes: no name of a file, and
 * no word of the desk.
 * Errors: FOUND when something in it is wrong, which was told; MALFORMED, TRUNCATED for what is no
 * archive of evidence; IO, AUTH from the source; NO_MEMORY. */
OskStatus osk_evidence_check(const OskSource *archive, const OskEvidenceTell *tell,
                             OskFault *fault);

#endif
