/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exif 3.0 section 4.6.6: GPS attribute information. */
#include "parts/exif_gps.h"

#define NANO INT64_C(1000000000)

typedef struct Fact {
    OskKind kind;
    const char *field;
    const char *label;
} Fact;

static bool read_pair(const OskExifEntry *entry, uint64_t index, uint32_t *num, uint32_t *den)
{
    if ((entry->type != 5 && entry->type != 10) || index >= entry->count) {
        return false;
    }
    OskCursor c = entry->value;
    osk_cursor_skip(&c, index * 8);
    *num = entry->big ? osk_cursor_u32be(&c) : osk_cursor_u32le(&c);
    *den = entry->big ? osk_cursor_u32be(&c) : osk_cursor_u32le(&c);
    return osk_cursor_ok(&c) && *den != 0;
}

/* Rational `index` in units of a billionth, saturating. */
static bool read_nano(const OskExifEntry *entry, uint64_t index, int64_t *out)
{
    uint32_t num = 0;
    uint32_t den = 0;
    if (!read_pair(entry, index, &num, &den)) {
        return false;
    }
    *out = (int64_t)((uint64_t)num * (uint64_t)NANO / den);
    if (*out < 0) {
        *out = INT64_MAX / 4;
    }
    return true;
}

static void report_fact(const OskExifEntry *entry, const char *part, Fact fact, const OskText *text,
                        OskReport *report)
{
    osk_report_add(report,
                   (OskFact){ .kind = fact.kind,
                              .part = part,
                              .field = fact.field,
                              .label = fact.label,
                              .offset = osk_cursor_offset(&entry->value),
                              .len = osk_cursor_left(&entry->value) },
                   text);
}

static char first_letter(const OskExifEntry *entry)
{
    uint8_t c = 0;
    return osk_cursor_peek(&entry->value, &c, 1) == 1 ? (char)c : 0;
}

/* Degrees, minutes, seconds and a hemisphere into hundred-thousandths of a degree (about a metre).
 */
static bool read_degrees(const OskExifEntry *entry, char hemisphere, int64_t *out)
{
    int64_t degrees = 0;
    int64_t minutes = 0;
    int64_t seconds = 0;
    if (!read_nano(entry, 0, &degrees)) {
        return false;
    }
    (void)read_nano(entry, 1, &minutes);
    (void)read_nano(entry, 2, &seconds);
    /* Beyond a million of a unit nothing is a place, and the sum below would not fit. */
    if (degrees > NANO * 1000000 || minutes > NANO * 1000000 || seconds > NANO * 1000000) {
        return false;
    }
    int64_t arc_seconds = degrees * 3600 + minutes * 60 + seconds; /* in billionths */
    int64_t sum = (arc_seconds + 18000000) / 36000000;
    *out = hemisphere == 'S' || hemisphere == 'W' || hemisphere == 's' || hemisphere == 'w' ? -sum
                                                                                            : sum;
    return true;
}

static unsigned report_position(const ExifGps *gps, unsigned ref, Fact fact, const char *part,
                                OskReport *report)
{
    const OskExifEntry *lat = &gps->entries[ref + 1];
    const OskExifEntry *lon = &gps->entries[ref + 3];
    if (!gps->present[ref + 1] && !gps->present[ref + 3]) {
        return 0;
    }
    int64_t north = 0;
    int64_t east = 0;
    bool has_lat =
        gps->present[ref + 1] && read_degrees(lat, first_letter(&gps->entries[ref]), &north);
    bool has_lon =
        gps->present[ref + 3] && read_degrees(lon, first_letter(&gps->entries[ref + 2]), &east);
    if (!has_lat && !has_lon) {
        return 0;
    }
    OskText text;
    osk_text_init(&text);
    if (has_lat) {
        osk_text_decimal(&text, north, 5);
    } else {
        osk_text_str(&text, "?");
    }
    osk_text_str(&text, ", ");
    if (has_lon) {
        osk_text_decimal(&text, east, 5);
    } else {
        osk_text_str(&text, "?");
    }
    report_fact(gps->present[ref + 1] ? lat : lon, part, fact, &text, report);
    return (unsigned)gps->present[ref] + gps->present[ref + 1] + gps->present[ref + 2] +
           gps->present[ref + 3];
}

static unsigned report_altitude(const ExifGps *gps, const char *part, OskReport *report)
{
    if (!gps->present[6]) {
        return 0;
    }
    OskText text;
    osk_text_init(&text);
    if (gps->present[5] && (osk_exif_number(&gps->entries[5], 0) & 1) == 1) {
        osk_text_str(&text, "-");
    }
    if (!osk_exif_put_number(&text, &gps->entries[6], 0, 1)) {
        return 0;
    }
    osk_text_str(&text, " m");
    Fact fact = { OSK_KIND_PLACE, "exif.gps.altitude", "height above sea level" };
    report_fact(&gps->entries[6], part, fact, &text, report);
    return 1u + gps->present[5];
}

static unsigned report_time(const ExifGps *gps, const char *part, OskReport *report)
{
    OskText text;
    osk_text_init(&text);
    const OskExifEntry *date = &gps->entries[29];
    const OskExifEntry *time = &gps->entries[7];
    if (gps->present[29]) {
        osk_text_untrusted(&text, osk_cursor_rest(&date->value), osk_cursor_left(&date->value),
                           OSK_UTF8);
    }
    int64_t hms[3] = { 0 };
    if (gps->present[7] && read_nano(time, 0, &hms[0])) {
        (void)read_nano(time, 1, &hms[1]);
        (void)read_nano(time, 2, &hms[2]);
        osk_text_str(&text, text.len > 0 ? " " : "");
        for (unsigned i = 0; i < 3; i++) {
            osk_text_str(&text, i > 0 ? ":" : "");
            osk_text_padded(&text, (uint64_t)(hms[i] / NANO), 2);
        }
        osk_text_str(&text, " UTC");
    }
    if (text.len == 0) {
        return 0;
    }
    if (gps->present[7] || gps->present[29]) {
        Fact fact = { OSK_KIND_TIME, "exif.gps.time", "when the place was measured" };
        report_fact(gps->present[29] ? date : time, part, fact, &text, report);
    }
    return (unsigned)gps->present[7] + gps->present[29];
}

typedef struct Measure {
    unsigned tag;
    unsigned ref;
    const char *field;
    const char *label;
    const char *unit;
} Measure;

/* Speeds and distances by the letter of their reference tag. */
static const char *unit_of(const ExifGps *gps, const Measure *m)
{
    if (m->unit != NULL) {
        return m->unit;
    }
    char letter = gps->present[m->ref] ? first_letter(&gps->entries[m->ref]) : 'K';
    bool speed = m->tag == 13;
    switch (letter) {
    case 'M': return speed ? " mph" : " miles";
    case 'N': return speed ? " knots" : " nautical miles";
    default: return speed ? " km/h" : " km";
    }
}

static unsigned report_measures(const ExifGps *gps, const char *part, OskReport *report)
{
    static const Measure measures[] = {
        { 17, 16, "exif.gps.bearing", "direction the camera pointed to", " degrees" },
        { 15, 14, "exif.gps.track", "direction of movement", " degrees" },
        { 13, 12, "exif.gps.speed", "speed of movement", NULL },
        { 24, 23, "exif.gps.destination-bearing", "direction of the destination", " degrees" },
        { 26, 25, "exif.gps.destination-distance", "distance of the destination", NULL },
        { 31, 31, "exif.gps.error", "how exact the place is", " m" },
    };
    unsigned told = 0;
    for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++) {
        const Measure *m = &measures[i];
        if (!gps->present[m->tag]) {
            continue;
        }
        OskText text;
        osk_text_init(&text);
        if (!osk_exif_put_number(&text, &gps->entries[m->tag], 0, 1)) {
            continue;
        }
        osk_text_str(&text, unit_of(gps, m));
        report_fact(&gps->entries[m->tag], part, (Fact){ OSK_KIND_PLACE, m->field, m->label },
                    &text, report);
        told += 1u + (m->ref != m->tag && gps->present[m->ref]);
    }
    return told;
}

unsigned osk_exif_gps_report(const ExifGps *gps, const char *part, OskReport *report)
{
    Fact here = { OSK_KIND_PLACE, "exif.gps.position", "place where it was taken" };
    Fact there = { OSK_KIND_PLACE, "exif.gps.destination", "place it points to" };
    unsigned told = report_position(gps, 1, here, part, report);
    told += report_altitude(gps, part, report);
    told += report_measures(gps, part, report);
    told += report_position(gps, 19, there, part, report);
    told += report_time(gps, part, report);
    return told;
}
