#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/whose.h"
#include "base/clock.h"
#include "base/limits.h"
#include "label/label.h"
#include "store/store.h"
#include "trace/story.h"

static const char *say(enum lang l, const char *hans, const char *hant, const char *en)
{
        return l == LANG_HANS ? hans : l == LANG_HANT ? hant : en;
}

static void write_lines(struct arena *a, struct label *out, const struct story *s, struct str canonical, enum lang l)
{
        struct ident_parts part;
        size_t n = 0;
        ident_parts(a, canonical, &part);
        struct str lot = part.lot.n ? part.lot : part.serial.n ? part.serial : part.code;
        if (lot.n)
                out->lines[n++] = arena_printf(a, "%s %.*s", part.serial.n ? say(l, "编号", "編號", "Serial") : say(l, "批次", "批次", "Lot"), STR_ARG(lot));
        if (s->item->detail[l].n)
                out->lines[n++] = arena_printf(a, "%s %.*s", say(l, "规格", "規格", "Content"), STR_ARG(s->item->detail[l]));
        if (s->harvest_us != INT64_MIN) {
                struct civil c = civil_of(s->harvest_us, STORY_OFFSET_MIN);
                out->lines[n++] = arena_printf(a, "%s %04d-%02d-%02d", say(l, "采收", "採收", "Harvest"), c.year, c.month, c.day);
        }
        if (s->producer)
                out->lines[n++] = arena_printf(a, "%s %.*s", say(l, "生产", "生產", "By"), STR_ARG(s->producer->text[l]));
        if (s->crop_place)
                out->lines[n++] = arena_printf(a, "%s %.*s", say(l, "产地", "產地", "From"), STR_ARG(s->crop_place->text[l]));
}

/* Facts are never refused, permissions are: what is held, recalled or failed its test gets no new label. */
static int permit(const struct story *s, struct str item, struct err *reterr)
{
        const char *why = s->state == STATE_RECALLED ? "recalled" : s->state == STATE_HELD ? "on hold" : s->destroyed ? "destroyed" : NULL;
        if (why)
                return err_set(reterr, ERR_FORBIDDEN, "%.*s gets no label: %.*s is %s", STR_ARG(item),
                               STR_ARG(s->state != STATE_CLEAR ? s->state_of->canonical : s->item->canonical), why);
        return s->failed ? err_set(reterr, ERR_FORBIDDEN, "%.*s gets no label: it, or what it was made of, failed a test", STR_ARG(item)) : 0;
}

/* What the record says of the item.  A label for a thing that nobody recorded would be a code that leads nowhere, and a door for
 * forgeries: it is refused. */
static int describe(struct arena *a, struct store *store, int64_t org, struct str item, enum lang l, struct label *out, struct err *reterr)
{
        struct ident id;
        struct trace *t;
        struct story *s = NULL;
        struct reader *r;
        struct trace_options o = { .max_nodes = LIMIT_PAGE_NODES };
        if (ident_parse(a, item, store_origins(store), &id, reterr) < 0 || reader_begin(store, &r, reterr) < 0)
                return -1;
        int rc = trace_walk(a, r, org, id.canonical, TRACE_BACK, &o, &t, reterr);
        if (rc == 0)
                rc = story_tell(a, r, org, t, store_origins(store), NULL, &s, reterr);
        reader_end(r);
        if (rc < 0)
                return reterr->kind == ERR_NOT_FOUND ? err_set(reterr, ERR_NOT_FOUND, "no event names %.*s yet: record it first, then print its label", STR_ARG(item)) : -1;
        if (permit(s, item, reterr) < 0)
                return -1;
        out->uri = ident_page(a, id.canonical, store_origins(store));
        out->title = s->item->text[l];
        out->small = out->uri;
        out->lang = l;
        write_lines(a, out, s, id.canonical, l);
        return 0;
}

static int write_out(const struct settings *s, const struct buf *b, struct err *reterr)
{
        bool file = s->output && *s->output;
        FILE *f = file ? fopen(s->output, "we") : stdout;
        if (!f || fwrite(b->p, 1, b->n, f) != b->n || fflush(f) != 0 || (file && fclose(f) != 0))
                return err_set(reterr, ERR_STORE, "cannot write %s: %s", file ? s->output : "standard output", strerror(errno));
        return 0;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        (void)n;
        enum label_format format;
        struct store_options o = { .writer_cache_kib = 4096, .reader_cache_kib = 4096, .readers = 1, .database = s->database };
        struct store *store;
        struct label label = { 0 };
        struct buf b;
        if (label_format_read(str_of(*s->format ? s->format : "pdf"), &format, reterr) < 0)
                return EXIT_USAGE;
        if (!*s->output && isatty(STDOUT_FILENO)) {
                err_set(reterr, ERR_BAD_INPUT, "a label is no text for a terminal: give --output FILE");
                return EXIT_USAGE;
        }
        if (store_open(s->data, false, &o, &store, reterr) < 0)
                return EXIT_REFUSED;
        struct arena *a = arena_new();
        buf_init(&b, 64u << 20);
        int64_t org;
        int rc = whose(s, store, &org, reterr) < 0 ? -1 : describe(a, store, org, str_of(operands[0]), lang_choose(str_of(s->lang), STR_NONE), &label, reterr);
        rc = rc < 0 ? rc : label_draw(&b, &label, format, reterr);
        rc = rc < 0 ? rc : write_out(s, &b, reterr);
        buf_free(&b);
        arena_free(a);
        store_close(store);
        return rc < 0 ? EXIT_REFUSED : EXIT_OK;
}

const struct command command_label = {
        .name = "label",
        .operands = "ITEM",
        .about = "打印标签：60×40 毫米，二维码和中文 / a printed label, 60 × 40 mm, with the QR code of the item's page",
        .help = "ITEM is a URI, an EPC URN, an element string (01)…(10)… or a path like /lot/farm/A1.  A wrong check digit is named, and nothing is written.\n"
                "What nobody recorded gets no label, nor what is on hold, recalled or failed its test.\n\n"
                "  suyuan label /lot/farm/A1 --format pdf --output label.pdf",
        .min_operands = 1,
        .max_operands = 1,
        .run = run,
};
