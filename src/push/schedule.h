#ifndef SUYUAN_PUSH_SCHEDULE_H
#define SUYUAN_PUSH_SCHEDULE_H

#include "base/json.h"

/* When a scheduled subscription runs (EPCIS 2.0 §8.2.5.3, the REST binding's query-schedule).  Pure; times are UTC.
 *
 * Every field is a text: values or ranges between commas, "0,15,[30-40]".  All given fields hold together, also day of month and day
 * of week.  A field that is left out takes every value, except that what is finer than the finest given one takes its first: hour "3" is
 * once a day at 03:00:00, not 3600 times. */
struct schedule {
        uint64_t second, minute;        /* bit n: runs then */
        uint32_t hour, day, month;      /* day 1…31, month 1…12 */
        uint8_t weekday;                /* 1 Monday … 7 Sunday */
};

/* ERR_BAD_SUBSCRIPTION points at the member.  A schedule that never comes (30 February) is refused too. */
int schedule_read(const struct json *object, struct schedule *ret, struct err *reterr);
/* The first whole second after `after_us`; 0 when there is none within 41 years. */
int64_t schedule_next(const struct schedule *s, int64_t after_us);

#endif
