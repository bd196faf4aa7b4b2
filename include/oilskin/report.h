/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a file reveals: the findings that `inspect` prints and `scrub` removes. */
#ifndef OILSKIN_REPORT_H
#define OILSKIN_REPORT_H

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is done with a part of a file. */
typedef enum OskVerdict { OSK_KEEP, OSK_REWRITE, OSK_DROP, OSK_REFUSE } OskVerdict;

/* What a finding gives away, worst first; `inspect` prints in this order. */
typedef enum OskKind {
    OSK_KIND_PLACE,    /* coordinates, place names, bearings */
    OSK_KIND_TIME,     /* when it was taken, edited, digitised */
    OSK_KIND_DEVICE,   /* serial numbers, unique ids, make and model, lens, owner's device name */
    OSK_KIND_PREVIEW,  /* faces and pictures that are not shown: thumbnails, second images, clips */
    OSK_KIND_NAME,     /* people, titles, captions, comments, any free text */
    OSK_KIND_SOFTWARE, /* programs and settings */
    OSK_KIND_OTHER,    /* hidden bytes whose meaning is unknown */
    OSK_KIND_NONE,     /* a part that reveals nothing by itself: picture data, structure */
    OSK_KIND_COUNT
} OskKind;

typedef struct OskFinding {
    OskKind kind;
    const char *part;  /* static: the part it was found in ("APP1 Exif", "moov/udta") */
    const char *field; /* static machine name ("exif.gps.latitude", "png.text"); never NULL */
    const char *label; /* static plain words ("place where it was taken"); never NULL */
    const char *value; /* decoded value: valid UTF-8 without control, bidirectional or terminal
                          characters, at most OSK_FINDING_VALUE_MAX bytes; "" where none */
    uint64_t offset;   /* in the input */
    uint64_t len;
    bool stays; /* true: a scrub does not remove it; it is named instead */
    bool asked; /* true: it stays because an option asked for that; else because nobody can remove
                   it without loss */
} OskFinding;

#define OSK_FINDING_VALUE_MAX 400u

typedef struct OskReport OskReport;

OSK_API size_t osk_report_count(const OskReport *report);
/* `index` < osk_report_count(); findings are in the order they were found.
 * Ownership: lent, as long as the report lives. NULL past the end. */
OSK_API const OskFinding *osk_report_at(const OskReport *report, size_t index);
/* True when findings were left out because there were more than the budget of parts allows. */
OSK_API bool osk_report_is_cut(const OskReport *report);
/* A stable lower-case name ("place"), and plain words for people ("where it was taken"). */
OSK_API const char *osk_kind_name(OskKind kind);
OSK_API const char *osk_kind_words(OskKind kind);

#ifdef __cplusplus
}
#endif
#endif
