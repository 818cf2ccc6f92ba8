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

/* An extension's name with its namespace in full: "https://…" or "urn:…", which no later reading takes for a prefix.  Inside an
 * extension a name may be without any. */
static int full_name(struct reading_query *r, struct str param, struct str name, struct str *ret, struct err *reterr)
{
        struct str local = name, prefix;
        str_split(&local, ':', &prefix);
        bool bare = !local.p;
        *ret = r->context ? context_expand(r->arena, r->context, name) : standard_name(r->arena, name);
        local = *ret;
        str_split(&local, ':', &prefix);
        if (bare || str_starts(local, STR("//")) || str_is(prefix, "urn"))
                return 0;
        return err_set(reterr, ERR_BAD_QUERY, "%.*s: nothing tells what the prefix %.*s stands for; say it in the header GS1-Extensions: %.*s=https://… or in the @context of a query",
                       STR_ARG(param), STR_ARG(prefix), STR_ARG(prefix));
}

/* The parameter's being there is all it says. */
static bool is_nothing(const struct condition *c)
{
        return param_rows[c->param].reading == READ_NOTHING || (c->field && c->field->op == COMPARE_EXISTS);
}

static int read_ident(struct reading_query *r, struct str name, struct condition *c, struct str text, struct str *ret, struct err *reterr)
{
        struct ident ident;
        ident_read(r->arena, text, r->q->own, &ident);
        if (ident.pattern && !param_roles(c->param))
                return err_set(reterr, ERR_BAD_QUERY, "%.*s: a pattern with * can be asked for by MATCH_ parameters only", STR_ARG(name));
        /* A class is named by its pattern: there it is itself, elsewhere what it stands for. */
        bool class = ident.source != IDENT_FROM_VERBATIM && (param_roles(c->param) & param_roles(PARAM_ANY_CLASS));
        c->patterned |= ident.pattern && !class;
        if (!ident.pattern || class)
                *ret = ident.canonical;
        return 0;
}

static int read_field_value(struct str name, const struct condition *c, struct str text, struct err *reterr)
{
        struct decimal number;
        struct stamp stamp;
        if (c->field->op == COMPARE_EQ || decimal_read(text, &number) || stamp_read(text, &stamp))
                return 0;
        return err_set(reterr, ERR_BAD_QUERY, "%.*s: %.*s is neither a number nor a date-time with an offset, and nothing else has an order",
                       STR_ARG(name), STR_ARG(text));
}

static int read_time(struct reading_query *r, struct str name, struct condition *c, struct str text, struct str *ret, struct err *reterr)
{
        struct stamp stamp;
        if (!stamp_read(text, &stamp))
                return err_set(reterr, ERR_BAD_QUERY, "%.*s: %.*s is no date-time with an offset, like 2026-11-23T08:00:00+08:00", STR_ARG(name), STR_ARG(text));
        c->us = stamp.us;
        *ret = stamp_utc(r->arena, stamp.us);
        return 0;
}

static int read_nothing(struct str name, struct str text, struct err *reterr)
{
        if (!text.n || str_is(text, "true") || str_is(text, "1"))
                return 0;
        return err_set(reterr, ERR_BAD_QUERY, "%.*s: the value is true or nothing", STR_ARG(name));
}

static int read_value(struct reading_query *r, struct str name, struct condition *c, struct str text, struct str *ret, struct err *reterr)
{
        const struct param_row *row = &param_rows[c->param];
        struct decimal number;
        if (is_nothing(c))
                return read_nothing(name, text, reterr);
        if (!text.n || text.n > LIMIT_IDENTIFIER_BYTES)
                return err_set(reterr, ERR_BAD_QUERY, "%.*s: a value is empty or longer than %d bytes", STR_ARG(name), LIMIT_IDENTIFIER_BYTES);
        *ret = arena_str(r->arena, text);
        switch (row->reading) {
        case READ_TIME: return read_time(r, name, c, text, ret, reterr);
        case READ_WORDS: *ret = query_word(r->arena, r->context, row->vocabulary, *ret); return 0;
        case READ_IDENTS: return read_ident(r, name, c, text, ret, reterr);
        case READ_ACTION:
                if (!str_is(text, "ADD") && !str_is(text, "OBSERVE") && !str_is(text, "DELETE"))
                        return err_set(reterr, ERR_BAD_QUERY, "%.*s: an action is ADD, OBSERVE or DELETE, not %.*s", STR_ARG(name), STR_ARG(text));
                return 0;
        case READ_MEASURE: return decimal_read(text, &number) ? 0 : err_set(reterr, ERR_BAD_QUERY, "%.*s: %.*s is no number", STR_ARG(name), STR_ARG(text));
        case READ_FIELD: return read_field_value(name, c, text, reterr);
        case READ_HAS_ATTRIBUTE: return full_name(r, name, *ret, ret, reterr);
        default: return 0;
        }
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

/* UN/ECE Recommendation 20: two or three capital letters or digits; the query schema lets four pass. */
static bool is_unit(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", s.p[i]) || !s.p[i])
                        return false;
        return s.n >= 2 && s.n <= 4;
}

static bool names_measure(struct str name, const struct param_row *row)
{
        bool compared = false;
        for (int i = 0; i <= COMPARE_LE; i++)
                compared |= str_starts(name, str_of(comparisons[i]));
        if (!compared || !str_starts(str_from(name, strlen("EQ_")), str_of(row->name)))
                return false;
        struct str after = str_from(name, strlen("EQ_") + strlen(row->name));
        return !after.n || (after.p[0] == '_' && is_unit(str_from(after, 1)));
}

static int read_field(struct reading_query *r, struct str name, struct condition *c, struct err *reterr)
{
        struct field *f = arena_alloc(r->arena, sizeof(*f));
        if (!field_name_read(arena_str(r->arena, name), f) || full_name(r, name, f->name, &f->name, reterr) < 0)
                return -1;
        c->field = f;
        c->word = field_name_write(r->arena, f);
        return 0;
}

static int read_attribute(struct reading_query *r, struct str name, struct condition *c, struct err *reterr)
{
        const struct param_row *row = &param_rows[c->param];
        struct str rest = arena_str(r->arena, str_from(name, strlen(row->name)));
        bool valued = row->reading == READ_ATTRIBUTE;
        if (!attribute_name_read(rest, valued, &c->word, &c->attribute))
                return err_set(reterr, ERR_BAD_QUERY, "%.*s: name a field of the standard (readPoint, bizLocation, bizStep …) or an extension's%s", STR_ARG(name),
                               valued ? ", _ and the attribute" : "");
        if (full_name(r, name, c->word, &c->word, reterr) < 0 || full_name(r, name, c->attribute, &c->attribute, reterr) < 0)
                return -1;
        return 0;
}

static bool names(struct str name, const struct param_row *row)
{
        struct field f;
        if (row->reading == READ_FIELD)
                return field_name_read(name, &f);
        if (row->reading == READ_MEASURE)
                return names_measure(name, row);
        return row->open ? name.n > strlen(row->name) && str_starts(name, str_of(row->name)) : str_is(name, row->name);
}

/* What the parameter's name says beside the parameter. */
static int read_name(struct reading_query *r, struct str name, struct condition *c, struct err *reterr)
{
        const struct param_row *row = &param_rows[c->param];
        if (row->reading == READ_FIELD && read_field(r, name, c, reterr) < 0)
                return -1;
        if ((row->reading == READ_ATTRIBUTE || row->reading == READ_HAS_ATTRIBUTE) && read_attribute(r, name, c, reterr) < 0)
                return -1;
        if (row->reading == READ_MEASURE)
                read_comparison(r, name, row, c);
        else if (row->open && !c->word.p)
                c->word = query_word(r->arena, r->context, row->vocabulary, arena_str(r->arena, str_from(name, strlen(row->name))));
        bool whole = row->reading == READ_MEASURE || row->reading == READ_FIELD;
        c->name = whole ? c->word : arena_printf(r->arena, "%s%.*s%s%.*s", row->name, STR_ARG(c->word), c->attribute.n ? "_" : "", STR_ARG(c->attribute));
        return 0;
}

static int check_count(const struct condition *c, struct str name, size_t n, struct err *reterr)
{
        bool one = param_rows[c->param].reading == READ_TIME || (c->field && c->field->op != COMPARE_EQ && !is_nothing(c));
        if (one && n != 1)
                return err_set(reterr, ERR_BAD_QUERY, "%.*s takes one value", STR_ARG(name));
        if (!is_nothing(c) && !n)
                return err_set(reterr, ERR_BAD_QUERY, "%.*s needs a value", STR_ARG(name));
        return 0;
}

static int read_condition(struct reading_query *r, enum param p, struct str name, const struct str *texts, size_t n, struct err *reterr)
{
        struct condition c = { .param = p };
        struct str *values = arena_array(r->arena, struct str, n ? n : 1);
        if (r->q->n == LIMIT_QUERY_CONDITIONS)
                return err_set(reterr, ERR_BAD_QUERY, "%.*s: a query has at most %d conditions", STR_ARG(name), LIMIT_QUERY_CONDITIONS);
        if (read_name(r, name, &c, reterr) < 0 || check_count(&c, name, n, reterr) < 0)
                return -1;
        for (size_t i = 0; i < n; i++)
                if (read_value(r, name, &c, texts[i], &values[i], reterr) < 0)
                        return -1;
        c.n = is_nothing(&c) ? 0 : n;
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
                return full_name(r, STR("orderBy"), arena_str(r->arena, text), &s->extension, reterr);
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

/* A query is an object when it is kept, so no parameter may stand in it twice, however it was spelt. */
static int check_once(const struct query *q, struct err *reterr)
{
        for (size_t i = 0; i < q->n; i++)
                for (size_t k = i + 1; k < q->n && q->list[k].param == q->list[i].param; k++)
                        if (str_eq(q->list[k].name, q->list[i].name))
                                return err_set(reterr, ERR_BAD_QUERY, "%.*s is given twice; alternatives are one parameter's values, with | between them",
                                               STR_ARG(q->list[i].name));
        return 0;
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
                if (memchr(bare.p, '\0', bare.n) || (pair.n && memchr(pair.p, '\0', pair.n)))
                        return err_set(reterr, ERR_BAD_QUERY, "a query holds no NUL");
                if (!percent_decode(a, bare, &name))
                        return err_set(reterr, ERR_BAD_QUERY, "%.*s: a percent escape is broken", STR_ARG(bare));
                if (!is_ignored(name, ignore) && read_pair(&r, name, pair, reterr) < 0)
                        return -1;
        }
        return finish(&r, reterr) < 0 ? -1 : check_once(r.q, reterr);
}

static int read_member(struct reading_query *r, const struct json_member *m, struct err *reterr)
{
        const struct json *v = &m->value;
        size_t n = json_is(v, JSON_ARRAY) ? v->n : 1;
        struct str *texts = arena_array(r->arena, struct str, n + 1);
        for (size_t i = 0; i < n; i++) {
                const struct json *one = json_is(v, JSON_ARRAY) ? &v->items[i] : v;
                texts[i] = json_is(one, JSON_NULL) ? STR("") : json_is(one, JSON_TRUE) ? STR("true") : json_is(one, JSON_FALSE) ? STR("false") : json_text(one);
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
        r.context = context_read(a, json_get(object, "@context"), r.context);
        for (uint32_t i = 0; i < object->n; i++)
                if (!str_is(object->members[i].name, "@context") && read_member(&r, &object->members[i], reterr) < 0)
                        return -1;
        return finish(&r, reterr) < 0 ? -1 : check_once(r.q, reterr);
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

struct query *query_both(struct arena *a, const struct query *x, const struct query *y)
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
