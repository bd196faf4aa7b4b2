/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a link (/s/, /s/x/) is to both rooms: the desk makes and ends it, the public pages open it.
 * Its token is nowhere kept: the row's id is the begin of the token's SHA-256. */
#ifndef OSK_STORE_SHARES_H
#define OSK_STORE_SHARES_H

#include "oilskin/random.h"
#include "store/clock.h"
#include "store/published.h"

/* Letters of base64url, each drawn: 132 bits. */
#define OSK_SHARE_TOKEN_LETTERS 22u
#define OSK_SHARE_TOKEN_BYTES (OSK_SHARE_TOKEN_LETTERS + 1u)
/* In bytes. A passphrase is tried against the server alone, and slowed there. */
#define OSK_SHARE_PASSPHRASE_MIN 8u
#define OSK_SHARE_PASSPHRASE_MAX 256u

typedef enum OskShareState {
    OSK_SHARE_IS_OPEN,
    OSK_SHARE_IS_ENDED,
    OSK_SHARE_IS_EXPIRED,
    OSK_SHARE_IS_USED,   /* its views are */
    OSK_SHARE_IS_DOUBTED /* open or expired, by whether the date is right: it opens nothing now */
} OskShareState;

/* Errors: IO without randomness. */
OskStatus osk_share_draw(char out[OSK_SHARE_TOKEN_BYTES], const OskRandom *random);
/* The row's id; false for what is no token. @param len of `token`, which may go on behind it. */
bool osk_share_id(const char *token, size_t len, OskId *out);
/* The same of an address as people paste it: "https://drop.example/s/TOKEN", "/s/x/TOKEN#key", or
 * the token alone, with white space around it. What stands behind '#' or '?' is not looked at. */
bool osk_share_address_id(const char *address, OskId *out);
/* A link as it is stored. */
typedef struct OskShareFound {
    OskRecordRow row; /* without bytes; with the blob of a sealed one */
    OskShare share;
    OskBelieved believed; /* the day that the clock is doubted by */
} OskShareFound;

/* Who comes with a token. */
typedef struct OskShareVisit {
    OskId id;
    uint32_t kind; /* OSK_SHARE_CHECKED or OSK_SHARE_SEALED: of the other kind it is unknown */
    OskDay today;
} OskShareVisit;

/* False as with osk_store_record(); MALFORMED in the fault for a row that can't be read. */
bool osk_share_find(OskStore *store, const OskId *id, OskShareFound *out, OskFault *fault);
OskShareState osk_share_state(const OskShareFound *found, OskDay today);
/* Of the kind that the visit is for, and open. */
bool osk_share_opens(const OskShareFound *found, const OskShareVisit *visit);
/* Of that kind, and nobody knows: DOUBTED. */
bool osk_share_is_doubted(const OskShareFound *found, const OskShareVisit *visit);

/* Errors: MISUSE for too short or too long a passphrase; IO; NO_MEMORY. Cost: 64 MiB, some tenths
 * of a second, as the next. */
OskStatus osk_share_set_passphrase(OskShare *share, const char *passphrase,
                                   const OskRandom *random);
/* True for every passphrase where it has none. */
bool osk_share_knows(const OskShare *share, const char *passphrase);

/* Takes one of its views, durably, where they are counted. Of two who come for the last one, one
 * gets it. `out` is the link behind it.
 * Errors: FOUND where it opens nothing (any more), or is unknown; LIMIT for a full disk; IO;
 * NO_MEMORY. Show nothing then; after IO a view may be gone. */
OskStatus osk_share_spend(OskStore *store, const OskShareVisit *visit, OskShareFound *out,
                          OskFault *fault);
/* The row as it is when the link is ended: nothing opens it any more, and a sealed one's bytes go.
 * For a change of the caller's own. Ownership: osk_bytes_clear() of its bytes. Errors: NO_MEMORY.
 */
OskStatus osk_share_end(const OskShareFound *found, OskDay today, OskRecordRow *out);
/* Whether nobody needs the row any more, by a date that is believed: expired, withdrawn what it
 * leads to, or for a day ended or used up, so that who has just opened it keeps what was shown.
 * What can't be read stays, with the reason in the fault. */
bool osk_share_is_over(OskStore *store, const OskId *id, OskDay today, OskFault *fault);

#endif
