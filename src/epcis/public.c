#include "epcis/public.h"

#include "epcis/digest.h"

struct row {
        struct str name;
        enum public_group below;
};

/* FIRST_x is the number of the first row of group x.  An enumerator counts on by itself, so each PUBLIC line has
 * one, named by its line. */
#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
enum {
#define GROUP(name) FIRST_##name, BEFORE_##name = FIRST_##name - 1,
#define PUBLIC(name, below) JOIN(ROW_, __LINE__),
#include "epcis/public.def"
#undef GROUP
#undef PUBLIC
        N_ROWS
};

static const unsigned short first[PUBLIC_GROUPS + 1] = {
#define GROUP(name) FIRST_##name,
#define PUBLIC(name, below)
#include "epcis/public.def"
#undef GROUP
#undef PUBLIC
        N_ROWS
};

static const struct row rows[] = {
#define GROUP(name)
#define PUBLIC(name, below) { { (name), sizeof(name) - 1 }, PUBLIC_##below },
#include "epcis/public.def"
#undef GROUP
#undef PUBLIC
};

static bool fits(struct str row, struct str name)
{
        if (row.n == name.n)
                return memcmp(row.p, name.p, name.n) == 0;
        return row.p[row.n - 1] == '*' && str_starts(name, (struct str){ row.p, row.n - 1 });
}

enum public_group public_below(enum public_group g, struct str name)
{
        if (g == PUBLIC_NONE)
                return PUBLIC_NONE;
        for (size_t i = first[g]; i < first[g + 1]; i++)
                if (fits(rows[i].name, name))
                        return rows[i].below;
        return PUBLIC_NONE;
}

bool member_is_public(const struct str *path, size_t n)
{
        enum public_group g = PUBLIC_EVENT;

        for (size_t i = 0; i < n; i++)
                g = public_below(g, path[i]);
        return n > 0 && g != PUBLIC_NONE;
}

static bool is_geo(const struct json *v)
{
        return json_is(v, JSON_STRING) && str_starts(json_text(v), STR("geo:"));
}

/* cbv:Comp-latitude, the Web URI and the bare word all end alike. */
static bool is_coordinate(struct str component)
{
        static const char *const ends[] = { "latitude", "longitude", "altitude", "easting", "northing" };

        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
                struct str end = str_of(ends[i]);

                if (component.n >= end.n && str_eq(str_from(component, component.n - end.n), end))
                        return true;
        }
        return false;
}

bool has_coordinates(const struct json *object)
{
        struct str component = json_str(object, "component");

        return component.n && is_coordinate(component);
}

bool value_is_position(bool coordinates, struct str name, const struct json *v)
{
        if (is_geo(v))
                return true;
        if (json_is(v, JSON_ARRAY))
                for (uint32_t i = 0; i < v->n; i++)
                        if (is_geo(&v->items[i]))
                                return true;
        return coordinates && !str_is(name, "component") && !str_is(name, "type") && !str_is(name, "uom") &&
               !str_is(name, "time") && !str_is(name, "coordinateReferenceSystem");
}

bool member_open(const struct str *path, size_t n, const struct json *object, const struct json *v)
{
        return member_is_public(path, n) && !value_is_position(has_coordinates(object), path[n - 1], v);
}
