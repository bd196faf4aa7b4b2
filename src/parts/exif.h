/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exif: what the TIFF structure inside APP1, eXIf, EXIF chunks and items reveals, and the one value
 * that must survive a scrub. */
#ifndef OSK_PARTS_EXIF_H
#define OSK_PARTS_EXIF_H

#include "base/budget.h"
#include "base/cursor.h"
#include "base/report.h"
#include "base/writer.h"

/* What a tag is, in words that a reporter understands. */
typedef struct OskExifTag {
    uint16_t tag;
    uint8_t kind;  /* OskKind; OSK_KIND_NONE: structure or appearance, no finding */
    uint8_t style; /* how the value is decoded, private to exif.c */
    const char *field;
    const char *label;
} OskExifTag;

typedef enum OskExifIfd {
    OSK_EXIF_IFD_IMAGE, /* IFD0, IFD1, sub-IFDs and every page of a TIFF file */
    OSK_EXIF_IFD_EXIF,
    OSK_EXIF_IFD_GPS,
    OSK_EXIF_IFD_INTEROP
} OskExifIfd;

/* The row of a tag; NULL when it is not known. Ownership: static. */
const OskExifTag *osk_exif_tag(OskExifIfd ifd, uint16_t tag);

/* One directory entry, its value already found and lent. */
typedef struct OskExifEntry {
    uint16_t tag;
    uint16_t type;
    uint64_t count;
    OskCursor value; /* the whole value, at its place in the input; failed when it lies outside */
    bool big;        /* big end first */
} OskExifEntry;

/* Bytes of one value of this type (TIFF 6.0 section 2, BigTIFF); 0 for an unknown type. */
unsigned osk_exif_type_size(uint16_t type);

/* Adds the finding of one entry of an image directory (texts, times, makes, coordinates of
 * GeoTIFF...) unless its tag is structure or appearance. `image` tags that the table doesn't know
 * are findings too. For TIFF files, whose own directories are read by their format module. Pointers
 * (Exif, GPS, SubIFDs, maker notes) are not followed: see osk_exif_inspect_ifd(). */
void osk_exif_inspect_entry(const OskExifEntry *entry, const char *part, OskReport *report);

/* Adds findings for everything that an Exif block reveals. `tiff` begins with II*\0 or MM\0*; a
 * leading "Exif\0\0" is stepped over. Never fails: what cannot be read is itself a finding, and a
 * block that holds exactly what osk_exif_write_orientation() writes gives none.
 * @param part  static: where it was found ("APP1 Exif").
 * @param report may be NULL.
 * Cost: one step of the budget per directory entry.
 * Source: Exif 3.0 (CIPA DC-008), TIFF 6.0. */
void osk_exif_inspect(OskCursor tiff, const char *part, OskReport *report, OskBudget *budget);

/* The same for one directory at `offset` of a classic TIFF structure `tiff` (the whole file for
 * TIFF), with everything it points to. */
void osk_exif_inspect_ifd(OskCursor tiff, OskExifIfd ifd, uint64_t offset, const char *part,
                          OskReport *report, OskBudget *budget);

/* The orientation tag of the first directory: 1 to 8, or 0 where the file says that it isn't known,
 * which a reader may ask about and so stays; 1 when it is absent or not valid. */
unsigned osk_exif_orientation(OskCursor tiff);

/* Writes the smallest Exif block that tells a reader how to turn the picture: 26 bytes, big end
 * first, one directory with one entry. Without the "Exif\0\0" prefix of JPEG.
 * @param orientation 0 to 8. False when it is not, or when the writer is full. */
bool osk_exif_write_orientation(OskWriter *writer, unsigned orientation);

/* True when `tiff` is byte for byte what osk_exif_write_orientation() writes. */
bool osk_exif_is_minimal(OskCursor tiff);

#endif
