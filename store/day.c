/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/day.h"

#include <time.h>

#define DAY_S 86400

void osk_day_write(OskDay day, char out[OSK_DAY_TEXT_BYTES])
{
    /* Days to a date of the civil calendar: Howard Hinnant, "chrono-Compatible Low-Level Date
     * Algorithms". */
    int64_t z = (int64_t)day + 719468;
    int64_t era = z / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int64_t date = doy - (153 * mp + 2) / 5 + 1;
    int64_t month = mp < 10 ? mp + 3 : mp - 9;
    int64_t year = yoe + era * 400 + (month <= 2 ? 1 : 0);
    const int64_t parts[] = { year / 100 % 100, year % 100, month, date };
    size_t at = 0;
    for (size_t i = 0; i < 4; i++) {
        if (i > 1) {
            out[at++] = '-';
        }
        out[at++] = (char)('0' + parts[i] / 10);
        out[at++] = (char)('0' + parts[i] % 10);
    }
    out[at] = 0;
}

OskDay osk_day_today(void)
{
    return (OskDay)(time(NULL) / DAY_S);
}
