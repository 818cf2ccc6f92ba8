#include <math.h>
#include <stdlib.h>

#include "base/limits.h"
#include "farm/thing.h"

/* Outlines of plots: GeoJSON (RFC 7946) in WGS 84, and what is measured on them.  A plot is small, so the ground about a point is taken as a plane whose
 * scale is that of the ellipsoid there. */

struct point { double lon, lat; };
struct ring { struct point *p; size_t n; size_t polygon; bool hole; };  /* closed: the last point leads to the first; no point stands twice in a row */
struct outline { struct ring *rings; size_t n; };

struct judge { struct arena *a; struct faults *f; struct outline *o; size_t points; bool good; };

static void wrong(struct judge *j, struct str at, const char *what)
{
        j->good = false;
        faults_tell(j->a, j->f, CODE_BAD_OUTLINE, at, "%s", what);
}

static struct str below(struct judge *j, struct str at, size_t i)
{
        return arena_printf(j->a, "%.*s/%zu", STR_ARG(at), i);
}

/* ---- reading ---- */

static bool coordinate(const struct json *v, double most, double *ret)
{
        if (!json_is(v, JSON_NUMBER))
                return false;
        *ret = strtod(v->text, NULL);
        return fabs(*ret) <= most;
}

static bool same(struct point a, struct point b)
{
        return a.lon == b.lon && a.lat == b.lat;        /* as they were written */
}

static bool read_points(struct judge *j, const struct json *list, struct str at, struct ring *r)
{
        struct point first = { 0 }, p = { 0 };
        r->p = arena_array(j->a, struct point, list->n);
        for (uint32_t i = 0; i < list->n; i++) {
                const struct json *v = &list->items[i];
                if (!json_is(v, JSON_ARRAY) || v->n < 2 || v->n > 3 || !coordinate(&v->items[0], 180, &p.lon) || !coordinate(&v->items[1], 90, &p.lat)) {
                        wrong(j, below(j, at, i), "a point is [longitude, latitude] in degrees (WGS-84)");
                        return false;
                }
                if (!i)
                        first = p;
                if (!r->n || !same(r->p[r->n - 1], p))
                        r->p[r->n++] = p;
        }
        if (!same(first, p)) {
                wrong(j, at, "a ring ends with the point with which it begins");
                return false;
        }
        r->n -= r->n > 1;       /* the first again */
        return true;
}

static void read_ring(struct judge *j, const struct json *list, struct str at, size_t polygon, bool hole)
{
        struct ring r = { .polygon = polygon, .hole = hole };
        if (!json_is(list, JSON_ARRAY) || list->n < 4) {
                wrong(j, at, "a ring is a list of at least four points, the last one being the first again");
                return;
        }
        j->points += list->n;
        if (j->points > LIMIT_OUTLINE_POINTS || j->o->n >= LIMIT_OUTLINE_RINGS) {
                if (j->good)
                        faults_tell(j->a, j->f, CODE_TOO_LONG, at, "an outline has at most %d points in %d rings; draw it more coarsely", LIMIT_OUTLINE_POINTS, LIMIT_OUTLINE_RINGS);
                j->good = false;
                return;
        }
        if (!read_points(j, list, at, &r))
                return;
        if (r.n < 3)
                wrong(j, at, "a ring has at least three different points");
        else
                j->o->rings[j->o->n++] = r;
}

static void read_polygon(struct judge *j, const struct json *list, struct str at, size_t polygon)
{
        if (!json_is(list, JSON_ARRAY) || !list->n) {
                wrong(j, at, "a polygon is a list of rings, the outer one first");
                return;
        }
        for (uint32_t i = 0; i < list->n && j->points <= LIMIT_OUTLINE_POINTS; i++)
                read_ring(j, &list->items[i], below(j, at, i), polygon, i > 0);
}

static void read_shape(struct judge *j, const struct json *v, struct str at)
{
        struct str type = json_str(v, "type");
        const struct json *list = json_get(v, "coordinates");
        at = arena_printf(j->a, "%.*s/coordinates", STR_ARG(at));
        if (str_is(type, "Polygon")) {
                read_polygon(j, list, at, 0);
        } else if (!json_is(list, JSON_ARRAY) || !list->n) {
                wrong(j, at, "a MultiPolygon has a list of polygons");
        } else {
                for (uint32_t i = 0; i < list->n && j->points <= LIMIT_OUTLINE_POINTS; i++)
                        read_polygon(j, &list->items[i], below(j, at, i), i);
        }
}

/* ---- crossings ---- */

static int turn(struct point a, struct point b, struct point c)
{
        double d = (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon);
        return (d > 0) - (d < 0);
}

static bool between(struct point a, struct point b, struct point p)
{
        return fmin(a.lon, b.lon) <= p.lon && p.lon <= fmax(a.lon, b.lon) && fmin(a.lat, b.lat) <= p.lat && p.lat <= fmax(a.lat, b.lat);
}

static bool apart(struct point a, struct point b, struct point c, struct point d)
{
        return fmax(a.lon, b.lon) < fmin(c.lon, d.lon) || fmax(c.lon, d.lon) < fmin(a.lon, b.lon) ||
               fmax(a.lat, b.lat) < fmin(c.lat, d.lat) || fmax(c.lat, d.lat) < fmin(a.lat, b.lat);
}

/* The lines a–b and c–d cross; with `touch`, also where they only meet: but for c on a–b, since who walks a ring has asked of the line before c–d, which
 * ends there. */
static bool cross(struct point a, struct point b, struct point c, struct point d, bool touch)
{
        if (apart(a, b, c, d))
                return false;
        int t1 = turn(a, b, c), t2 = turn(a, b, d), t3 = turn(c, d, a), t4 = turn(c, d, b);
        if (t1 * t2 < 0 && t3 * t4 < 0)
                return true;
        return touch && ((!t2 && between(a, b, d)) || (!t3 && between(c, d, a)) || (!t4 && between(c, d, b)));
}

static struct point at_of(const struct ring *r, size_t i)
{
        return r->p[i % r->n];
}

/* Neighbours meet in one point; a line that runs back over the one before it is a crossing too. */
static bool runs_back(struct point a, struct point b, struct point c)
{
        return turn(a, b, c) == 0 && (b.lon - a.lon) * (c.lon - b.lon) + (b.lat - a.lat) * (c.lat - b.lat) < 0;
}

static bool crosses_itself(const struct ring *r)
{
        for (size_t i = 0; i < r->n; i++) {
                if (runs_back(at_of(r, i), at_of(r, i + 1), at_of(r, i + 2)))
                        return true;
                for (size_t k = i + 2; k < r->n && !(i == 0 && k == r->n - 1); k++)
                        if (cross(at_of(r, i), at_of(r, i + 1), at_of(r, k), at_of(r, k + 1), true))
                                return true;
        }
        return false;
}

static bool rings_cross(const struct ring *a, const struct ring *b)
{
        for (size_t i = 0; i < a->n; i++)
                for (size_t k = 0; k < b->n; k++)
                        if (cross(at_of(a, i), at_of(a, i + 1), at_of(b, k), at_of(b, k + 1), false))
                                return true;
        return false;
}

static bool within_ring(const struct ring *r, struct point p)
{
        bool in = false;
        for (size_t i = 0; i < r->n; i++) {
                struct point a = at_of(r, i), b = at_of(r, i + 1);
                if (!turn(a, b, p) && between(a, b, p))
                        return true;
                if ((a.lat > p.lat) != (b.lat > p.lat) && p.lon < (b.lon - a.lon) * (p.lat - a.lat) / (b.lat - a.lat) + a.lon)
                        in = !in;
        }
        return in;
}

static void check_crossings(struct judge *j, struct str at)
{
        const struct outline *o = j->o;
        const struct ring *outer = o->rings;   /* the first ring is no hole */
        for (size_t i = 0; i < o->n && j->good; i++) {
                const struct ring *r = &o->rings[i];
                outer = r->hole ? outer : r;
                if (crosses_itself(r))
                        wrong(j, at, "the outline crosses itself or touches itself");
                for (size_t k = 0; k < i && j->good; k++)
                        if (rings_cross(&o->rings[k], r))
                                wrong(j, at, "two rings of the outline cross each other");
                if (j->good && r->hole && !within_ring(outer, r->p[0]))
                        wrong(j, at, "a hole of the outline lies outside of it");
        }
}

struct outline *outline_judge(struct arena *a, const struct json *v, struct str at, struct faults *f)
{
        struct judge j = { .a = a, .f = f, .o = arena_alloc(a, sizeof *j.o), .good = true };
        if (str_is(json_str(v, "type"), "Feature")) {
                v = json_get(v, "geometry");
                at = arena_printf(a, "%.*s/geometry", STR_ARG(at));
        }
        if (!str_is(json_str(v, "type"), "Polygon") && !str_is(json_str(v, "type"), "MultiPolygon")) {
                wrong(&j, at, "an outline is a GeoJSON Polygon or MultiPolygon");
                return NULL;
        }
        if (json_get(v, "crs")) {
                wrong(&j, at, "coordinates are WGS-84; another system (crs) is not taken");
                return NULL;
        }
        j.o->rings = arena_array(a, struct ring, LIMIT_OUTLINE_RINGS);
        read_shape(&j, v, at);
        if (j.good)
                check_crossings(&j, at);
        return j.good ? j.o : NULL;
}

struct outline *outline_read(struct arena *a, const struct json *geojson)
{
        struct faults f = { 0 };
        return json_is(geojson, JSON_OBJECT) ? outline_judge(a, geojson, STR(""), &f) : NULL;
}

/* ---- measuring ---- */

struct plane { double lon, lat, x, y; };        /* metres a degree about a point */

/* Radii of curvature of the WGS 84 ellipsoid along the meridian and across it. */
static struct plane plane_at(double lon, double lat)
{
        const double rad = 3.14159265358979323846 / 180, a = 6378137.0, e2 = 6.69437999014e-3;
        double s = sin(lat * rad), w = 1 - e2 * s * s;
        return (struct plane){ lon, lat, a / sqrt(w) * cos(lat * rad) * rad, a * (1 - e2) / (w * sqrt(w)) * rad };
}

/* From the plane's origin to the line a–b. */
static double line_distance(const struct plane *m, struct point a, struct point b)
{
        double ax = (a.lon - m->lon) * m->x, ay = (a.lat - m->lat) * m->y, bx = (b.lon - m->lon) * m->x, by = (b.lat - m->lat) * m->y;
        double dx = bx - ax, dy = by - ay, l = dx * dx + dy * dy;
        double t = l > 0 ? -(ax * dx + ay * dy) / l : 0;
        t = t < 0 ? 0 : t > 1 ? 1 : t;
        return hypot(ax + t * dx, ay + t * dy);
}

static bool within(const struct outline *o, struct point p)
{
        for (size_t i = 0; i < o->n; i++) {
                if (o->rings[i].hole || !within_ring(&o->rings[i], p))
                        continue;
                bool in = true;
                for (size_t k = i + 1; k < o->n && o->rings[k].hole; k++)
                        in &= !within_ring(&o->rings[k], p);
                if (in)
                        return true;
        }
        return false;
}

double outline_distance_m(const struct outline *o, struct position p)
{
        struct plane m = plane_at(p.lon, p.lat);
        double least = HUGE_VAL;
        if (within(o, (struct point){ p.lon, p.lat }))
                return 0;
        for (size_t i = 0; i < o->n; i++)
                for (size_t k = 0; k < o->rings[i].n; k++)
                        least = fmin(least, line_distance(&m, at_of(&o->rings[i], k), at_of(&o->rings[i], k + 1)));
        return least;
}

static double ring_area(const struct ring *r)
{
        struct plane m = plane_at(r->p[0].lon, r->p[0].lat);
        double twice = 0;
        for (size_t i = 0; i < r->n; i++) {
                struct point a = at_of(r, i), b = at_of(r, i + 1);
                twice += (a.lon - m.lon) * m.x * ((b.lat - m.lat) * m.y) - (b.lon - m.lon) * m.x * ((a.lat - m.lat) * m.y);
        }
        return fabs(twice) / 2;
}

double outline_area_mu(const struct outline *o)
{
        double area = 0;
        for (size_t i = 0; i < o->n; i++)
                area += o->rings[i].hole ? -ring_area(&o->rings[i]) : ring_area(&o->rings[i]);
        return area * 15 / 10000;
}
