#include "pages/growing.h"

#include "base/clock.h"
#include "pages/html.h"

/* Twice as fine as a narrow phone's pixels, so that whole numbers suffice: they are what makes a picture small. */
enum { WIDTH = 640, HEIGHT = 290, LEFT = 70, RIGHT = 630, TOP = 14, BOTTOM = 240, TEXT_BELOW = 280 };

struct scale { const struct growing_chart *c; double low, high, step; };

double growing_mean(const struct growing_point *p)
{
        return p->hours ? p->sum / p->hours : 0;
}

void growing_add(struct growing_point *p, const struct growing_point *more)
{
        if (!more->hours)
                return;
        p->min = !p->hours || more->min < p->min ? more->min : p->min;
        p->max = !p->hours || more->max > p->max ? more->max : p->max;
        p->sum += more->sum;
        p->hours += more->hours;
        p->n += more->n;
}

void growing_number(struct buf *b, double v)
{
        double size = fabs(v);
        if (size < 0.005)
                v = 0;
        buf_printf(b, "%.*f", size >= 1000 ? 0 : size >= 1 || v == 0 ? 1 : 2, v);
}

/* 1, 2 or 5 times a power of ten, of which about four lie between. */
static double round_step(double span)
{
        double rough = span / 4, ten = pow(10, floor(log10(rough)));
        double times = rough / ten;
        return ten * (times > 5 ? 10 : times > 2 ? 5 : times > 1 ? 2 : 1);
}

static bool scale_of(const struct growing_chart *c, struct scale *s)
{
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < c->n; i++) {
                if (!c->points[i].hours)
                        continue;
                low = fmin(low, c->points[i].min);
                high = fmax(high, c->points[i].max);
        }
        if (!isfinite(low) || !isfinite(high))
                return false;
        low = isnan(c->suits_from) ? low : fmin(low, c->suits_from);
        high = isnan(c->suits_to) ? high : fmax(high, c->suits_to);
        if (high - low < 1e-6) {
                low -= 1;
                high += 1;
        }
        double step = round_step(high - low);
        *s = (struct scale){ c, floor(low / step) * step, ceil(high / step) * step, step };
        return true;
}

static int x_at(const struct scale *s, double point)
{
        return LEFT + (int)lround((RIGHT - LEFT) * point / (double)s->c->n);
}

static int y_at(const struct scale *s, double v)
{
        return BOTTOM - (int)lround((BOTTOM - TOP) * (v - s->low) / (s->high - s->low));
}

static void grid(struct buf *b, const struct scale *s)
{
        int n = (int)lround((s->high - s->low) / s->step);
        for (int i = 0; i <= n && i < 12; i++) {
                double v = s->low + i * s->step;
                buf_printf(b, "<path d=\"M%d %dH%d\"/>", LEFT, y_at(s, v), RIGHT);
                buf_printf(b, "<text x=\"%d\" y=\"%d\" class=\"y\">%.*f</text>", LEFT - 8, y_at(s, v) + 9, s->step < 0.1 ? 2 : s->step < 1 ? 1 : 0, v + 0.0);
        }
}

static void day_label(struct buf *b, int x, int64_t day, const char *class)
{
        struct civil c = civil_of(day * INT64_C(86400000000), 0);
        buf_printf(b, "<text x=\"%d\" y=\"%d\"%s>%02d-%02d</text>", x, TEXT_BELOW, class, c.month, c.day);
}

static void days(struct buf *b, const struct scale *s)
{
        const struct growing_chart *c = s->c;
        int64_t all = (int64_t)c->n * c->step_days;
        day_label(b, LEFT, c->first_day, "");
        if (all > 20)
                day_label(b, (LEFT + RIGHT) / 2, c->first_day + all / 2, " class=\"m\"");
        if (all > 1)
                day_label(b, RIGHT, c->first_day + all - 1, " class=\"y\"");
}

/* What suits the crop, behind everything; a side that is not stated is open. */
static void suits(struct buf *b, const struct scale *s)
{
        double from = s->c->suits_from, to = s->c->suits_to;
        if (isnan(from) && isnan(to))
                return;
        int top = isnan(to) ? TOP : y_at(s, to), bottom = isnan(from) ? BOTTOM : y_at(s, from);
        buf_printf(b, "<path class=\"s\" d=\"M%d %dH%dV%dH%dZ\"/>", LEFT, top, RIGHT, bottom, LEFT);
        if (!isnan(to))
                buf_printf(b, "<path class=\"l\" d=\"M%d %dH%d\"/>", LEFT, top, RIGHT);
        if (!isnan(from))
                buf_printf(b, "<path class=\"l\" d=\"M%d %dH%d\"/>", LEFT, bottom, RIGHT);
}

/* Points that follow each other without a gap: [from, *ret_end). */
static size_t stretch(const struct growing_chart *c, size_t from, size_t *ret_end)
{
        while (from < c->n && !c->points[from].hours)
                from++;
        *ret_end = from;
        while (*ret_end < c->n && c->points[*ret_end].hours)
                ++*ret_end;
        return from;
}

/* To the next corner, from where the pen is. */
struct pen { int x, y; };
static void line_to(struct buf *b, struct pen *p, int x, int y)
{
        int dx = x - p->x, dy = y - p->y;
        buf_printf(b, dy < 0 ? "l%d%d" : "l%d %d", dx, dy);
        *p = (struct pen){ x, y };
}

/* A stretch reaches from the beginning of its first day to the end of its last, so that one day alone is seen too. */
static void band(struct buf *b, const struct scale *s, size_t from, size_t end)
{
        const struct growing_point *p = s->c->points;
        struct pen pen = { x_at(s, (double)from), y_at(s, p[from].max) };
        buf_printf(b, "M%d %d", pen.x, pen.y);
        for (size_t i = from; i < end; i++)
                line_to(b, &pen, x_at(s, (double)i + 0.5), y_at(s, p[i].max));
        line_to(b, &pen, x_at(s, (double)end), y_at(s, p[end - 1].max));
        line_to(b, &pen, x_at(s, (double)end), y_at(s, p[end - 1].min));
        for (size_t i = end; i-- > from;)
                line_to(b, &pen, x_at(s, (double)i + 0.5), y_at(s, p[i].min));
        line_to(b, &pen, x_at(s, (double)from), y_at(s, p[from].min));
        buf_char(b, 'z');
}

static void middle(struct buf *b, const struct scale *s, size_t from, size_t end)
{
        const struct growing_point *p = s->c->points;
        struct pen pen = { x_at(s, (double)from), y_at(s, growing_mean(&p[from])) };
        buf_printf(b, "M%d %d", pen.x, pen.y);
        for (size_t i = from; i < end; i++)
                line_to(b, &pen, x_at(s, (double)i + 0.5), y_at(s, growing_mean(&p[i])));
        line_to(b, &pen, x_at(s, (double)end), pen.y);
}

static void curve(struct buf *b, const struct scale *s, const char *class, void (*draw)(struct buf *b, const struct scale *s, size_t from, size_t end))
{
        buf_printf(b, "<path class=\"%s\" d=\"", class);
        for (size_t from = 0, end; (from = stretch(s->c, from, &end)) < end; from = end)
                draw(b, s, from, end);
        buf_z(b, "\"/>");
}

void growing_svg(struct buf *b, const struct growing_chart *c)
{
        struct scale s;
        if (!scale_of(c, &s))
                return;
        buf_printf(b, "<svg class=\"q4\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"gt%d gd%d\"><title id=\"gt%d\">", WIDTH, HEIGHT, c->number, c->number, c->number);
        html_text(b, c->title);
        buf_printf(b, "</title><desc id=\"gd%d\">", c->number);
        html_text(b, c->about);
        buf_z(b, "</desc>");
        suits(b, &s);
        grid(b, &s);
        days(b, &s);
        curve(b, &s, "b", band);
        curve(b, &s, "a", middle);
        buf_z(b, "</svg>");
}
