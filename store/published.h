/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is public, as records: the desk writes them, the pages that the public sees are made of
 * them. Both rooms read them with these functions alone. The owner of each record is zeros: what
 * was published outlives the submission that it was made of, and leads to none. */
#ifndef OSK_STORE_PUBLISHED_H
#define OSK_STORE_PUBLISHED_H

#include "store/store.h"

#define OSK_RENDITIONS_MAX 4u
/* Of texts, in bytes of UTF-8, without the NUL. */
#define OSK_CAPTION_MAX 2000u
#define OSK_ALT_MAX 1000u
#define OSK_WARNING_MAX 200u
#define OSK_TITLE_MAX 200u
#define OSK_LANGUAGE_MAX 16u
#define OSK_DIGEST_BYTES 32u

/* ---- PUBLICATION: id random; `flags` its state; its blob the copy, and renditions behind it, in
 * the clear ---- */

typedef enum OskPublicationState {
    OSK_PUBLICATION_WAITING = 1,  /* until a second person says so, too */
    OSK_PUBLICATION_PUBLIC = 2,   /* in its album */
    OSK_PUBLICATION_UNLISTED = 3, /* where a link leads to it */
    OSK_PUBLICATION_HIDDEN = 4,   /* while somebody looks whether it may stay */
    OSK_PUBLICATION_WITHDRAWN = 5 /* for good: its blob is gone */
} OskPublicationState;

/* What a copy is; each is shown by every browser. */
typedef enum OskMediaKind {
    OSK_MEDIA_JPEG = 1,
    OSK_MEDIA_PNG = 2,
    OSK_MEDIA_WEBP = 3,
    OSK_MEDIA_GIF = 4,
    OSK_MEDIA_MP4 = 5,
    OSK_MEDIA_WEBM = 6
} OskMediaKind;

/* A smaller JPEG of a still, within the blob. */
typedef struct OskRendition {
    uint64_t offset;
    uint32_t len;
    uint16_t width;
    uint16_t height;
} OskRendition;

typedef struct OskPublication {
    OskId album; /* zeros for none */
    OskDay day;
    OskMediaKind kind;
    uint32_t width; /* as displayed */
    uint32_t height;
    uint32_t duration_ms; /* 0 for a still */
    uint32_t areas;       /* that were covered, as its maker says */
    uint64_t copy_len;
    uint8_t digest[OSK_DIGEST_BYTES]; /* SHA-256 of the copy */
    uint32_t rendition_count;
    OskRendition renditions[OSK_RENDITIONS_MAX]; /* small ones first */
    OskId maker;                                 /* reviewers; zeros for none */
    OskId second;
    bool was_public; /* everybody could see it once: it outlives its submission */
    bool was_seen;   /* a second person has said yes to the copy, whatever its words are now */
    char caption[OSK_CAPTION_MAX + 1];
    char alt[OSK_ALT_MAX + 1];
    char warning[OSK_WARNING_MAX + 1];
} OskPublication;

/* ---- ALBUM: id random; `flags` 1 open, 2 hidden ---- */

enum { OSK_ALBUM_OPEN = 1, OSK_ALBUM_HIDDEN = 2 };

typedef struct OskAlbum {
    OskDay day;                          /* of the newest that is in it, or when it was made */
    OskId maker;                         /* reviewer who worded it last; zeros for none */
    char language[OSK_LANGUAGE_MAX + 1]; /* of its texts: "es" */
    char title[OSK_TITLE_MAX + 1];
    char description[OSK_CAPTION_MAX + 1];
    char warning[OSK_WARNING_MAX + 1];
} OskAlbum;

/* ---- SHARE: id the first 16 bytes of SHA-256 of its token ---- */

enum {
    OSK_SHARE_CHECKED = 1, /* of a publication */
    OSK_SHARE_SEALED = 2,  /* its blob is an age file whose key the server never sees */
    OSK_SHARE_ENDED = 4
};
#define OSK_SHARE_VIEWS_ANY UINT32_MAX
#define OSK_SHARE_SALT_BYTES 16u
#define OSK_SHARE_VERIFIER_BYTES 32u

typedef struct OskShare {
    OskId publication; /* zeros for a sealed one */
    OskDay made;
    OskDay expires; /* the last day on which it opens; 0 for none */
    uint32_t views; /* that are left */
    bool has_passphrase;
    uint8_t salt[OSK_SHARE_SALT_BYTES];
    uint8_t verifier[OSK_SHARE_VERIFIER_BYTES]; /* Argon2id of the passphrase */
    OskId maker;                                /* reviewer; zeros for none */
} OskShare;

/* ---- ASKED: id random; what somebody asks of the operator from a public page ---- */

enum {
    OSK_ASKED_COVER = 1,
    OSK_ASKED_REMOVE = 2,
    OSK_ASKED_REPORT = 3,
    OSK_ASKED_KINDS = 255,    /* mask */
    OSK_ASKED_ANSWERED = 256, /* somebody has looked at it */
    OSK_ASKED_BY_LINK = 512,  /* asked where a link leads, by who has that link */
    OSK_ASKED_SORTS = OSK_ASKED_KINDS | OSK_ASKED_BY_LINK
};

typedef struct OskAskedRow {
    OskSpace space; /* of what it is about: PUBLICATION, ALBUM or SHARE */
    OskId target;
    OskDay day;
    OskBytes sealed; /* words, to the desk; empty for none. Lent by a write, and by a read from the
                      * bytes that were read */
} OskAskedRow;

/* Bytes of a record. Errors: LIMIT when they are longer than a record may be; MISUSE for texts that
 * are no UTF-8 or too long; NO_MEMORY. Ownership: osk_bytes_clear(). */
OskStatus osk_publication_write(const OskPublication *publication, OskBytes *out);
OskStatus osk_album_write(const OskAlbum *album, OskBytes *out);
OskStatus osk_share_write(const OskShare *share, OskBytes *out);
OskStatus osk_asked_write(const OskAskedRow *asked, OskBytes *out);
/* False for what these did not write: another version, too short, too long, wrong values. */
bool osk_publication_read(OskPublication *out, const OskBytes *bytes);
bool osk_album_read(OskAlbum *out, const OskBytes *bytes);
bool osk_share_read(OskShare *out, const OskBytes *bytes);
bool osk_asked_read(OskAskedRow *out, const OskBytes *bytes);

/* "image/jpeg", "jpg"; static. */
const char *osk_media_type(OskMediaKind kind);
const char *osk_media_extension(OskMediaKind kind);
bool osk_media_is_video(OskMediaKind kind);

/* ---- what the public sees of an id ---- */

#define OSK_PUBLIC_ID_BYTES 33u /* with the NUL */
#define OSK_PUBLIC_NAME_BYTES 24u

/* 32 small hexadecimal digits: "/a/ALBUM/ID". */
void osk_public_id_write(const OskId *id, char out[OSK_PUBLIC_ID_BYTES]);
/* False for anything else, of which there is one way only to write it. @param text needs no NUL. */
bool osk_public_id_read(const char *text, size_t len, OskId *out);
/* Under which a copy is saved: "oilskin-89ba1fe7.jpg". */
void osk_public_name(const OskId *id, OskMediaKind kind, char out[OSK_PUBLIC_NAME_BYTES]);

/* Further requests about what an ASKED row is about, whose words were not kept: in its `flags`. */
#define OSK_ASKED_MORE_MAX 65535u
uint32_t osk_asked_more(uint32_t flags);
/* The flags with so many of them, at most OSK_ASKED_MORE_MAX. */
uint32_t osk_asked_with(uint32_t flags, uint32_t more);
/* The flags with one more of them. */
uint32_t osk_asked_count(uint32_t flags);

#endif
