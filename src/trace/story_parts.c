#include "epcis/context.h"
#include "trace/story_impl.h"

/* One pass over an event's members, instead of one search a question: a page asks some twenty of each of its events. */

#define IS(name, part) { { name, sizeof name - 1 }, part }
static const struct { struct str name; enum part_name part; } plain[] = {
        IS("readPoint", PART_READ_POINT), IS("bizLocation", PART_LOCATION), IS("sourceList", PART_SOURCES),
        IS("destinationList", PART_DESTINATIONS), IS("sensorElementList", PART_SENSORS),
        IS("bizTransactionList", PART_TRANSACTIONS), IS("persistentDisposition", PART_PERSISTENT),
        IS("ilmd", PART_ILMD),
}, own[] = {
        IS("crop", PART_CROP), IS("variety", PART_VARIETY), IS("target", PART_TARGET),
        IS("dose", PART_DOSE), IS("growthStage", PART_STAGE), IS("preHarvestIntervalDays", PART_INTERVAL),
        IS("registrationNumber", PART_REGISTRATION), IS("activeIngredient", PART_INGREDIENT),
        IS("result", PART_RESULT), IS("method", PART_METHOD), IS("limit", PART_LIMIT),
        IS("evidence", PART_EVIDENCE), IS("mediaType", PART_MEDIA_TYPE), IS("takenAt", PART_TAKEN_AT),
};

/* ---- the members worth parsing ---- */

/* Past the string that begins at `i`.  The text was valid JSON when it was kept: no bounds can be missed. */
static size_t past_string(struct str s, size_t i)
{
        for (i++;; i++) {
                const char *quote = memchr(s.p + i, '"', s.n - i);
                if (!quote)
                        return s.n;
                i = (size_t)(quote - s.p);
                size_t slashes = 0;
                while (s.p[i - 1 - slashes] == '\\')
                        slashes++;
                if (slashes % 2 == 0)
                        return i + 1;
        }
}

/* To the comma or bracket behind the value that begins at `i`. */
static size_t past_value(struct str s, size_t i)
{
        for (int depth = 0; i < s.n;) {
                char c = s.p[i];
                if (c == '"') {
                        i = past_string(s, i);
                        continue;
                }
                if (depth == 0 && (c == ',' || c == '}' || c == ']'))
                        return i;
                depth += (c == '{' || c == '[') - (c == '}' || c == ']');
                i++;
        }
        return s.n;
}

/* Names are told by their end here, whatever their prefix stands for; story_parts looks again. */
static bool may_matter(struct str name)
{
        size_t from = name.n;
        while (from > 0 && name.p[from - 1] != ':' && name.p[from - 1] != '/')
                from--;
        struct str local = str_from(name, from);
        if (from == 0) {
                for (size_t k = 0; k < sizeof plain / sizeof *plain; k++)
                        if (str_eq(name, plain[k].name))
                                return true;
                return str_is(name, "@context");
        }
        for (size_t k = 0; k < sizeof own / sizeof *own; k++)
                if (str_eq(local, own[k].name))
                        return true;
        return false;
}

void story_skim(struct buf *b, struct str body)
{
        bool first = true;
        buf_char(b, '{');
        for (size_t i = 1; i < body.n && body.p[i] == '"';) {
                size_t name_end = past_string(body, i);
                size_t end = past_value(body, name_end + 1);
                if (may_matter((struct str){ body.p + i + 1, name_end - i - 2 })) {
                        buf_z(b, first ? "" : ",");
                        buf_add(b, body.p + i, end - i);
                        first = false;
                }
                i = end + 1;
        }
        buf_char(b, '}');
}

/* ---- the members ---- */

/* The part of a name in our vocabulary behind its namespace; false for others.  The prefix is looked up once a context. */
static bool own_local(struct teller *t, const struct context *c, struct str name, size_t colon, struct str *ret)
{
        static const struct str voc = { SUYUAN_VOC, sizeof SUYUAN_VOC - 1 };
        struct str space, prefix = { name.p, colon };
        if (c == t->voc_context && str_eq(prefix, t->voc_prefix)) {
                *ret = str_from(name, prefix.n + 1);
                return true;
        }
        if (str_starts(name, voc)) {
                *ret = str_from(name, voc.n);
                return true;
        }
        if (!context_split(c, name, &space, ret) || !str_eq(space, voc))
                return false;
        t->voc_context = c;
        t->voc_prefix = prefix;
        return true;
}

void story_parts(struct teller *t, const struct context *c, const struct json *object, struct parts *ret)
{
        memset(ret, 0, sizeof *ret);
        for (uint32_t i = 0; json_is(object, JSON_OBJECT) && i < object->n; i++) {
                const struct json_member *m = &object->members[i];
                struct str local;
                const char *colon = memchr(m->name.p, ':', m->name.n);
                for (size_t k = 0; !colon && k < sizeof plain / sizeof *plain; k++)
                        if (str_eq(m->name, plain[k].name))
                                ret->of[plain[k].part] = &m->value;
                if (!colon || !own_local(t, c, m->name, (size_t)(colon - m->name.p), &local))
                        continue;
                for (size_t k = 0; k < sizeof own / sizeof *own; k++)
                        if (str_eq(local, own[k].name))
                                ret->of[own[k].part] = &m->value;
        }
}
