#include <stdio.h>
#include <unistd.h>

#include "app/command.h"
#include "app/whose.h"
#include "base/limits.h"
#include "trace/trace.h"

/* The way of a thing from the command line.  Reads the data directory by itself: a running server is not asked. */

static int choose_format(const struct settings *s, const char **ret, struct err *reterr)
{
        static const char *const known[] = { "json", "text", "dot" };
        *ret = s->format && *s->format ? s->format : isatty(STDOUT_FILENO) ? "text" : "json";
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
                if (strcmp(*ret, known[i]) == 0)
                        return 0;
        return err_set(reterr, ERR_BAD_INPUT, "--format is json, text or dot, not '%s'", *ret);
}

static int write_out(const struct buf *b, struct err *reterr)
{
        if (b->overflow)
                return err_set(reterr, ERR_TOO_LARGE, "the trace is too large to print; lower --max-nodes");
        if (fwrite(b->p, 1, b->n, stdout) != b->n || fflush(stdout) != 0)
                return err_set(reterr, ERR_STORE, "standard output does not take the trace");
        return 0;
}

static int print(const struct settings *s, const struct trace *t, const struct origins *own, const char *format,
                 struct err *reterr)
{
        struct buf b;
        buf_init(&b, (size_t)4 << 30);
        if (strcmp(format, "json") == 0) {
                trace_json(&b, t, own);
                buf_char(&b, '\n');
        } else if (strcmp(format, "dot") == 0) {
                trace_dot(&b, t, own);
        } else {
                trace_text_in(&b, t, own, lang_choose(str_of(s->lang), STR_NONE));
        }
        int r = write_out(&b, reterr);
        buf_free(&b);
        return r;
}

static int trace_in(struct store *store, struct arena *a, const struct settings *s, const char *item,
                    const char *format, struct err *reterr)
{
        struct ident id;
        struct reader *r;
        struct trace *t;
        struct trace_options o = { .max_nodes = (uint32_t)s->max_nodes };
        int64_t org;
        if (whose(s, store, &org, reterr) < 0 || ident_parse_any(a, str_of(item), store_origins(store), &id, reterr) < 0 ||
            reader_begin(store, &r, reterr) < 0)
                return -1;
        int done = trace_walk(a, r, org, id.canonical, s->forward ? TRACE_FORWARD : TRACE_BACK, &o, &t, reterr);
        reader_end(r);
        return done < 0 ? -1 : print(s, t, store_origins(store), format, reterr);
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        struct store_options o = { .reader_cache_kib = 16 * 1024, .readers = 1, .database = s->database };
        struct store *store;
        const char *format;
        (void)n;
        if (choose_format(s, &format, reterr) < 0)
                return EXIT_USAGE;
        if (s->max_nodes < 1 || s->max_nodes > LIMIT_TRACE_NODES_MAX) {
                err_set(reterr, ERR_BAD_INPUT, "--max-nodes is between 1 and %d", LIMIT_TRACE_NODES_MAX);
                return EXIT_USAGE;
        }
        if (store_open(s->data, false, &o, &store, reterr) < 0)
                return EXIT_REFUSED;
        struct arena *a = arena_new();
        int done = trace_in(store, a, s, operands[0], format, reterr);
        arena_free(a);
        store_close(store);
        return done < 0 ? EXIT_REFUSED : EXIT_OK;
}

const struct command command_trace = {
        .name = "trace",
        .operands = "ITEM",
        .about = "追溯：回到源头，或看做成了什么 / walk the way of an item back to its origins, or forward to what was made of it",
        .help = "ITEM is the address on its code, a path such as /lot/ORG/CODE, an EPC URN or an element string (01)…(10)….\n"
                "Text on a terminal, JSON otherwise; --format dot is for Graphviz:\n"
                "  suyuan trace --data data --format dot https://trace.example.cn/lot/farm/R1 | dot -Tsvg > way.svg\n",
        .min_operands = 1,
        .max_operands = 1,
        .run = run,
};
