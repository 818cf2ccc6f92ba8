#ifndef SUYUAN_PAGES_GROWING_H
#define SUYUAN_PAGES_GROWING_H

#include <math.h>

#include "base/buf.h"
#include "base/str.h"

/* A season's curve as a picture: figures in, SVG out; pure, without a script or a style of its own (classes of pages/style.h). */

enum { GROWING_POINTS = 92, GROWING_DAYS = 400 };

struct growing_point {
        int64_t n;              /* readings */
        int hours;              /* that have any; 0: nothing was said, and nothing is drawn */
        double min, max;
        double sum;             /* of the hours' means, so that a device that speaks more often by day does not shift the mean */
};
double growing_mean(const struct growing_point *p);
/* `more` laid over `p`. */
void growing_add(struct growing_point *p, const struct growing_point *more);

struct growing_chart {
        int number;             /* of this page's charts: its ids */
        struct str title, about;        /* for who hears it: plain text */
        const struct growing_point *points;
        size_t n;
        int64_t first_day;      /* since 1970, of points[0] */
        int step_days;          /* of a point */
        double suits_from, suits_to;    /* NAN: not stated, on that side */
};
/* Points without a reading leave the picture empty at their place.  Nothing where no point has any. */
void growing_svg(struct buf *b, const struct growing_chart *c);
/* "19.3"; as many places as tell something. */
void growing_number(struct buf *b, double v);

#endif
