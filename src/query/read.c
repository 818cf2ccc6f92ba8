#include "query/query_impl.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "epcis/context.h"

const struct param_row param_rows[PARAMS] = {
#define PARAM(name, text, open, reading, vocabulary) { text, open, READ_##reading, vocabulary },
#include "query/params.def"
#undef PARAM
};

/* What is read into: `list` grows. */
struct reading_query {
        struct arena *arena;
        struct query *q;
        const struct context *context;
        size_t cap;
        bool directed;
};

static const char *urn_part(enum vocabulary v)
{
        switch (v) {
        case VOC_BIZ_STEP: return "urn:epcglobal:cbv:bizstep:";
        case VOC_DISPOSITION: return "urn:epcglobal:cbv:disp:";
        case VOC_BIZ_TRANSACTION: return "urn:epcglobal:cbv:btt:";
        case VOC_SOURCE_DEST: return "urn:epcglobal:cbv:sdt:";
        case VOC_ERROR_REASON: return "urn:epcglobal:cbv:er:";
        case VOC_MEASUREMENT: return "https://gs1.org/voc/";    /* the context's, where the vocabulary says ref.gs1.org */
        default: return NULL;
        }
}

/* The standard's own prefixes hold without a context too. */
static struct str standard_name(struct arena *a, struct str text)
{
        struct str local = text, prefix;
        str_split(&local, ':', &prefix);
        struct str iri = context_default(prefix);
        return iri.n ? arena_printf(a, "%.*s%.*s", STR_ARG(iri), STR_ARG(local)) : text;
}

struct str query_word(struct arena *a, const struct context *c, enum vocabulary v, struct str text)
{
        struct str urn = str_of(urn_part(v)), iri, bare;
        if (!memchr(text.p, ':', text.n))
                return text;
        iri = c ? context_expand(a, c, text) : standard_name(a, text);
        if (urn.n && str_starts(iri, urn) && vocabulary_has(v, str_from(iri, urn.n)))
                return str_from(iri, urn.n);
        bare = vocabulary_word(v, iri);
        return bare.p ? bare : iri;
}

static int by_text(const void *pa, const void *pb)
{
        return str_cmp(*(const struct str *)pa, *(const struct str *)pb);
}

static int by_condition(const void *pa, const void *pb)
{
        const struct condition *a = pa, *b = pb;
        int order = a->param != b->param ? (int)a->param - (int)b->param : str_cmp(a->word, b->word);
        for (size_t i = 0; !order && i < a->n && i < b->n; i++)
                order = str_cmp(a->values[i], b->values[i]);
        return order ? order : (a->n > b->n) - (a->n < b->n);
}

static int read_value(struct reading_query *r, struct str name, struct condition *c, struct str text, struct str *ret, struct err *reterr)
{
        const struct param_row *row = &param_rows[c->param];
        struct ident ident;
        struct stamp stamp;
        struct decimal number;
        if (!text.n || text.n > LIMIT_IDENTIFIER_BYTES)
                return err_set(reterr, ERR_BAD_QUERY, "%.*s: a value is empty or longer than %d bytes", STR_ARG(name), LIMIT_IDENTIFIER_BYTES);
        *ret = arena_str(r->arena, text);
        if (row->reading == READ_TIME) {
                if (!stamp_read(text, &stamp))
                        return err_set(reterr, ERR_BAD_QUERY, "%.*s: %.*s is no date-time with an offset, like 2026-11-23T08:00:00+08:00", STR_ARG(name), STR_ARG(text));
                c->us = stamp.us;
                *ret = stamp_utc(r->arena, stamp.us);
        } else if (row->reading == READ_WORDS) {
                *ret = query_word(r->arena, r->context, row->vocabulary, *ret);
        } else if (row->reading == READ_IDENTS) {
                ident_read(r->arena, text, r->q->own, &ident);
                if (ident.pattern)
                        return err_set(reterr, ERR_NOT_BUILT, "%.*s: patterns with * are not matched here", STR_ARG(name));
                *ret = ident.canonical;
        } else if (row->reading == READ_ACTION && !str_is(text, "ADD") && !str_is(text, "OBSERVE") && !str_is(text, "DELETE")) {
                return err_set(reterr, ERR_BAD_QUERY, "%.*s: an action is ADD, OBSERVE or DELETE, not %.*s", STR_ARG(name), STR_ARG(text));
        } else if (row->reading == READ_MEASURE && !decimal_read(text, &number)) {
                return err_set(reterr, ERR_BAD_QUERY, "%.*s: %.*s is no number", STR_ARG(name), STR_ARG(text));
        } else if (row->reading == READ_NOTHING && !str_is(text, "true")) {
                return err_set(reterr, ERR_BAD_QUERY, "%.*s: the value is true or nothing", STR_ARG(name));
        }
        return 0;
}

static void sort_values(struct str *values, size_t *n)
{
        size_t kept = 0;
        qsort(values, *n, sizeof(*values), by_text);
        for (size_t i = 0; i < *n; i++)
                if (!kept || !str_eq(values[kept - 1], values[i]))
                        values[kept++] = values[i];
        *n = kept;
}

static void append(struct reading_query *r, struct condition c)
{
        struct query *q = r->q;
        if (q->n == r->cap) {
                struct condition *more = arena_array(r->arena, struct condition, r->cap = r->cap ? r->cap * 2 : 8);
                if (q->n)
                        memcpy(more, q->list, q->n * sizeof(*more));
                q->list = more;
        }
        q->list[q->n++] = c;
}

static const char *const comparisons[] = { "EQ_", "GT_", "GE_", "LT_", "LE_" };

/* "GE_value_CEL": an operator, what is measured, and a unit if any. */
static void read_comparison(struct reading_query *r, struct str name, const struct param_row *row, struct condition *c)
{
        struct str after = str_from(name, strlen("EQ_") + strlen(row->name));
        c->word = arena_str(r->arena, name);
        c->uom = after.n > 1 ? arena_str(r->arena, str_from(after, 1)) : STR_NONE;
        for (int i = 0; i <= COMPARE_LE; i++)
                if (str_starts(name, str_of(comparisons[i])))
                        c->op = (enum comparison)i;
}

static bool names_measure(struct str name, const struct param_row *row)
{
        bool compared = false;
        for (int i = 0; i <= COMPARE_LE; i++)
                compared |= str_starts(name, str_of(comparisons[i]));
        if (!compared || !str_starts(str_from(name, strlen("EQ_")), str_of(row->name)))
                return false;
        struct str after = str_from(name, strlen("EQ_") + strlen(row->name));
        return !after.n || (after.n > 1 && after.p[0] == '_');
}

static bool names(struct str name, const struct param_row *row)
{
        if (row->reading == READ_MEASURE)
                return names_measure(name, row);
        return row->open ? name.n > strlen(row->name) && str_starts(name, str_of(row->name)) : str_is(name, row->name);
}

static int read_condition(struct reading_query *r, enum param p, struct str name, const struct str *texts, size_t n, struct err *reterr)
{
        const struct param_row *row = &param_rows[p];
        struct condition c = { .param = p, .n = row->reading == READ_NOTHING ? 0 : n };
        struct str *values = arena_array(r->arena, struct str, n ? n : 1);
        if (row->reading == READ_MEASURE)
                read_comparison(r, name, row, &c);
        else if (row->open)
                c.word = query_word(r->arena, r->context, row->vocabulary, arena_str(r->arena, str_from(name, strlen(row->name))));
        c.name = row->reading == READ_MEASURE ? c.word : arena_printf(r->arena, "%s%.*s", row->name, STR_ARG(c.word));
        if (row->reading == READ_TIME && n != 1)
                return err_set(reterr, ERR_BAD_QUERY, "%.*s takes one value", STR_ARG(name));
        if (row->reading != READ_NOTHING && !n)
                return err_set(reterr, ERR_BAD_QUERY, "%.*s needs a value", STR_ARG(name));
        for (size_t i = 0; i < n; i++)
                if (row->reading == READ_NOTHING && !texts[i].n)
                        continue;
                else if (read_value(r, name, &c, texts[i], &values[i], reterr) < 0)
                        return -1;
        sort_values(values, &c.n);
        c.values = values;
        append(r, c);
        return 0;
}

static int read_count(struct str name, struct str text, int64_t *ret, struct err *reterr)
{
        int64_t v = 0;
        for (size_t i = 0; i < text.n; i++) {
                if (text.p[i] < '0' || text.p[i] > '9' || v > INT64_MAX / 10 - 10)
                        return err_set(reterr, ERR_BAD_QUERY, "%.*s: a whole number from 1 on", STR_ARG(name));
                v = v * 10 + (text.p[i] - '0');
        }
        if (!v)
                return err_set(reterr, ERR_BAD_QUERY, "%.*s: a whole number from 1 on", STR_ARG(name));
        *ret = v;
        return 0;
}

static int read_order(struct reading_query *r, struct str text, struct err *reterr)
{
        struct query_shape *s = &r->q->shape;
        s->ordered = true;
        if (str_is(text, "eventTime"))
                s->by = ORDER_EVENT_TIME;
        else if (str_is(text, "recordTime"))
                s->by = ORDER_RECORD_TIME;
        else if (!memchr(text.p, ':', text.n))
                return err_set(reterr, ERR_BAD_QUERY, "orderBy: eventTime, recordTime or the full name of an extension, not %.*s", STR_ARG(text));
        else {
                s->by = ORDER_EXTENSION;
                s->extension = arena_str(r->arena, r->context ? context_expand(r->arena, r->context, text) : text);
        }
        return 0;
}

/* 1 when `name` is one of the parameters of order and size. */
static int read_shape(struct reading_query *r, struct str name, const struct str *texts, size_t n, struct err *reterr)
{
        struct query_shape *s = &r->q->shape;
        bool order = str_is(name, "orderBy"), direction = str_is(name, "orderDirection");
        bool limit = str_is(name, "eventCountLimit"), max = str_is(name, "maxEventCount");
        if (!order && !direction && !limit && !max)
                return 0;
        if (n != 1 || !texts[0].n)
                return err_set(reterr, ERR_BAD_QUERY, "%.*s takes one value", STR_ARG(name));
        if (order)
                return read_order(r, texts[0], reterr) < 0 ? -1 : 1;
        if (direction) {
                r->directed = true;
                s->ascending = str_is(texts[0], "ASC");
                if (!s->ascending && !str_is(texts[0], "DESC"))
                        return err_set(reterr, ERR_BAD_QUERY, "orderDirection: ASC or DESC");
                return 1;
        }
        return read_count(name, texts[0], limit ? &s->event_count_limit : &s->max_event_count, reterr) < 0 ? -1 : 1;
}

static int read_param(struct reading_query *r, struct str name, const struct str *texts, size_t n, struct err *reterr)
{
        int shape = read_shape(r, name, texts, n, reterr);
        if (shape)
                return shape < 0 ? -1 : 0;
        for (int p = 0; p < PARAMS; p++)
                if (names(name, &param_rows[p]))
                        return read_condition(r, (enum param)p, name, texts, n, reterr);
        return err_set(reterr, ERR_BAD_QUERY, "%.*s is no parameter of queries that is known here", STR_ARG(name));
}

static int finish(struct reading_query *r, struct err *reterr)
{
        const struct query_shape *s = &r->q->shape;
        if (s->event_count_limit && s->max_event_count)
                return err_set(reterr, ERR_BAD_QUERY, "eventCountLimit and maxEventCount exclude each other");
        if (s->event_count_limit && !s->ordered)
                return err_set(reterr, ERR_BAD_QUERY, "eventCountLimit needs orderBy");
        if (r->q->n)
                qsort(r->q->list, r->q->n, sizeof(*r->q->list), by_condition);
        return 0;
}

static struct reading_query reading(struct arena *a, const struct query_names *names, const struct origins *own)
{
        struct query *q = arena_alloc(a, sizeof(*q));
        q->arena = a;
        q->own = own;
        return (struct reading_query){ .arena = a, .q = q, .context = names ? names->context : NULL };
}

static bool is_ignored(struct str name, const char *const *ignore)
{
        for (; ignore && *ignore; ignore++)
                if (str_is(name, *ignore))
                        return true;
        return str_is(name, "perPage") || str_is(name, "nextPageToken");
}

static int read_pair(struct reading_query *r, struct str name, struct str sent, struct err *reterr)
{
        struct str text = STR(""), *texts = arena_array(r->arena, struct str, sent.n + 1);
        size_t n = 0;
        /* A URI cannot carry '|' as it is, so what divides alternatives comes escaped: unescape first. */
        if (sent.n && !percent_decode(r->arena, sent, &text))
                return err_set(reterr, ERR_BAD_QUERY, "%.*s: a percent escape is broken", STR_ARG(name));
        while (str_split(&text, '|', &texts[n]))
                n++;
        return read_param(r, name, texts, n, reterr);
}

int query_from_url(struct arena *a, struct str text, const struct query_names *names, const struct origins *own,
                   const char *const *ignore, struct query **ret, struct err *reterr)
{
        struct reading_query r = reading(a, names, own);
        struct str pair, name, bare;
        *ret = r.q;
        while (str_split(&text, '&', &pair)) {
                if (!pair.n)
                        continue;
                str_split(&pair, '=', &bare);
                if (!percent_decode(a, bare, &name))
                        return err_set(reterr, ERR_BAD_QUERY, "%.*s: a percent escape is broken", STR_ARG(bare));
                if (!is_ignored(name, ignore) && read_pair(&r, name, pair, reterr) < 0)
                        return -1;
        }
        return finish(&r, reterr);
}

static int read_member(struct reading_query *r, const struct json_member *m, struct err *reterr)
{
        const struct json *v = &m->value;
        size_t n = json_is(v, JSON_ARRAY) ? v->n : 1;
        struct str *texts = arena_array(r->arena, struct str, n + 1);
        for (size_t i = 0; i < n; i++) {
                const struct json *one = json_is(v, JSON_ARRAY) ? &v->items[i] : v;
                texts[i] = json_is(one, JSON_TRUE) ? STR("true") : json_is(one, JSON_FALSE) ? STR("false") : json_text(one);
                if (!texts[i].p)
                        return err_set(reterr, ERR_BAD_QUERY, "%.*s: a value is neither text nor number", STR_ARG(m->name));
        }
        return read_param(r, m->name, texts, n, reterr);
}

int query_from_json(struct arena *a, const struct json *object, const struct query_names *names, const struct origins *own,
                    struct query **ret, struct err *reterr)
{
        struct reading_query r = reading(a, names, own);
        *ret = r.q;
        if (!json_is(object, JSON_OBJECT))
                return err_set(reterr, ERR_BAD_QUERY, "a query is an object of parameters");
        for (uint32_t i = 0; i < object->n; i++)
                if (!str_is(object->members[i].name, "@context") && read_member(&r, &object->members[i], reterr) < 0)
                        return -1;
        return finish(&r, reterr);
}

static void copy_all(struct reading_query *r, const struct query *from)
{
        for (size_t i = 0; i < from->n; i++)
                append(r, from->list[i]);
}

int query_and(struct arena *a, const struct query *q, struct str name, struct str value, const struct origins *own,
              struct query **ret, struct err *reterr)
{
        struct reading_query r = reading(a, NULL, own ? own : q->own);
        *ret = r.q;
        r.q->shape = q->shape;
        copy_all(&r, q);
        return read_param(&r, name, &value, 1, reterr) < 0 ? -1 : finish(&r, reterr);
}

const struct query *query_both(struct arena *a, const struct query *x, const struct query *y)
{
        struct reading_query r = reading(a, NULL, x->own ? x->own : y->own);
        r.q->shape = y->shape.ordered || y->shape.max_event_count ? y->shape : x->shape;
        copy_all(&r, x);
        copy_all(&r, y);
        if (r.q->n)
                qsort(r.q->list, r.q->n, sizeof(*r.q->list), by_condition);
        return r.q;
}

const struct query_shape *query_shape(const struct query *q)
{
        return &q->shape;
}
