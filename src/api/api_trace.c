#include "api/api_impl.h"
#include "base/limits.h"
#include "trace/trace.h"

/* GET /api/trace?item=…&direction=back|forward&limit=N&format=json|text|dot: the way of a thing. */

struct asked {
        struct ident item;
        enum trace_direction direction;
        int format;
        struct trace_options options;
};

static const char *const formats[] = { "json", "text", "dot" };
static const char *const types[] = { "application/json", "text/plain; charset=utf-8", "text/vnd.graphviz; charset=utf-8" };

/* The place of a parameter's value in a list of words; 0 when absent. */
static int word_param(const struct request *q, const char *name, const char *const *words, int n, const char *all, int *ret, struct err *reterr)
{
        struct str text;
        int found = request_param(q, name, &text);

        *ret = 0;
        if (found == 0)
                return 0;
        for (int i = 0; found > 0 && i < n; i++)
                if (str_is(text, words[i])) {
                        *ret = i;
                        return 0;
                }
        return err_set(reterr, ERR_BAD_QUERY, "%s is %s", name, all);
}

static int read_question(struct request *q, const struct service *v, struct asked *ret, struct err *reterr)
{
        static const char *const directions[] = { "back", "forward" };
        struct str item;
        int64_t limit;
        int direction;

        if (request_param(q, "item", &item) != 1 || !item.n)
                return err_set(reterr, ERR_BAD_QUERY, "item is missing: the address on the code, an EPC URN or an element string, percent-encoded");
        if (word_param(q, "direction", directions, 2, "back or forward", &direction, reterr) < 0 ||
            word_param(q, "format", formats, 3, "json, text or dot", &ret->format, reterr) < 0 ||
            number_param(q, "limit", 1, LIMIT_TRACE_NODES_MAX, LIMIT_TRACE_NODES, &limit, reterr) < 0)
                return -1;
        ret->direction = direction ? TRACE_FORWARD : TRACE_BACK;
        ret->options = (struct trace_options){ .max_nodes = (uint32_t)limit };
        return ident_parse_any(q->arena, item, store_origins(v->store), &ret->item, reterr);
}

static void write_trace(struct buf *b, const struct asked *k, const struct trace *t, const struct origins *own, enum lang l)
{
        switch (k->format) {
        case 0: trace_json(b, t, own); break;
        case 1: trace_text_in(b, t, own, l); break;
        default: trace_dot(b, t, own); break;
        }
}

static void trace(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct asked k = { 0 };
        struct reader *r;
        struct trace *t;

        if (read_question(q, v, &k, &e) < 0 || reader_begin(v->store, &r, &e) < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        const struct caller *c = caller_of(q);
        int64_t org = reader_see(r, c->sees, c->n_sees, c->sees_all);
        int rc = trace_walk(q->arena, r, org, k.item.canonical, k.direction, &k.options, &t, &e);
        reader_end(r);
        if (rc < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        write_trace(&b, &k, t, store_origins(v->store), q->lang);
        answer_buf(q, 200, types[k.format], &b, "the trace");
}

const struct route route_trace = {
        .methods = METHOD_GET, .pattern = "/api/trace", .name = "trace", .needs = MAY_QUERY, .handle = trace,
};
