#ifndef SUYUAN_BASE_CLOCK_H
#define SUYUAN_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* Times are UTC microseconds since 1970 (proleptic Gregorian), with the writer's offset beside them. */
struct stamp {
        int64_t us;
        int16_t offset_min;     /* minutes east of UTC */
};

int64_t clock_now_us(void);             /* wall clock */
int64_t clock_mono_us(void);            /* for durations */

/* RFC 3339 date-time with an offset; any number of fraction digits (rounded half up to 1 µs);
 * second 60 only as a leap second.  Year 0001 to 9999. */
bool stamp_read(struct str s, struct stamp *ret);
/* "+08:00", "-03:30", "+14:00" (EPCIS eventTimeZoneOffset). */
bool offset_read(struct str s, int16_t *ret_minutes);
/* "2026-11-23T21:52:44.000Z": milliseconds, or six digits where they are not zero. */
struct str stamp_utc(struct arena *a, int64_t us);

/* A day and a time of day as people see them at `offset_min` east of UTC. */
struct civil { int year, month, day, hour, minute, second; int64_t day_number; };
struct civil civil_of(int64_t us, int offset_min);
/* A day by itself, "2026-06-01", as the number of days since 1970. */
bool day_read(struct str s, int *ret);
struct str day_text(struct arena *a, int day);

#endif
