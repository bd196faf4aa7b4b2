/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The GPS directory, put together into what a map would show. Private to exif*.c. */
#ifndef OSK_PARTS_EXIF_GPS_H
#define OSK_PARTS_EXIF_GPS_H

#include "parts/exif.h"

#define EXIF_GPS_TAGS 32u

/* The entries of one GPS directory by tag number; value.at is NULL where absent. */
typedef struct ExifGps {
    OskExifEntry entries[EXIF_GPS_TAGS];
    bool present[EXIF_GPS_TAGS];
} ExifGps;

/* Adds position, altitude, bearings, speed, times; returns how many of the present entries it told.
 */
unsigned osk_exif_gps_report(const ExifGps *gps, const char *part, OskReport *report);

/* Shared with exif.c: unsigned value `index` of an integer entry, 0 when there is none. */
uint64_t osk_exif_number(const OskExifEntry *entry, uint64_t index);
/* Appends rational `index` (or any number) with up to `decimals` decimals; false when there is
 * none. */
bool osk_exif_put_number(OskText *text, const OskExifEntry *entry, uint64_t index,
                         unsigned decimals);

#endif
