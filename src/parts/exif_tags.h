/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the value of an Exif tag is decoded; the `style` of OskExifTag. Private to exif*.c. */
#ifndef OSK_PARTS_EXIF_TAGS_H
#define OSK_PARTS_EXIF_TAGS_H

typedef enum ExifStyle {
    EXIF_COUNTED, /* no finding of its own: counted as a camera setting */
    EXIF_VALUE,   /* text or numbers, by the entry's type */
    EXIF_COMMENT, /* text behind an 8-byte name of its encoding */
    EXIF_UTF16,   /* the XP tags of Windows */
    EXIF_SIZE,    /* only its presence and size are told */
    EXIF_POINTER, /* offset of another directory */
    EXIF_MAKER,   /* maker notes */
    EXIF_XMP,
    EXIF_IPTC,
    EXIF_PHOTOSHOP
} ExifStyle;

#endif
