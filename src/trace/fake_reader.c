#include "trace/fake_reader.h"

#include <assert.h>
#include <stdio.h>

#include "epcis/read.h"

struct reader *fake_new(struct arena *a)
{
        struct reader *f = arena_alloc(a, sizeof *f);
        f->a = a;
        return f;
}

static int64_t named(struct reader *f, struct str name)
{
        for (int64_t i = 0; i < f->n_items; i++)
                if (str_eq(f->items[i].name, name))
                        return i + 1;
        return 0;
}

static int64_t intern(struct reader *f, struct str name, int kind)
{
        int64_t id = named(f, name);
        if (id)
                return id;
        assert(f->n_items < 512);
        f->items[f->n_items++] = (struct fake_item){ .name = arena_str(f->a, name), .kind = kind };
        return f->n_items;
}

int64_t fake_item(struct reader *f, const char *name, int kind)
{
        return intern(f, str_of(name), kind);
}

int64_t fake_event(struct reader *f, enum event_type type, enum event_action action, int64_t time_us)
{
        assert(f->n_events < 4096);
        struct fake_event *e = arena_alloc(f->a, sizeof *e);
        f->events[f->n_events++] = e;
        e->head = (struct event_head){ .seq = f->n_events, .time_us = time_us, .type = (uint8_t)type,
                                       .action = (uint8_t)action, .refs = e->refs };
        e->head.event_id = arena_printf(f->a, "urn:event:%lld", (long long)f->n_events);
        return f->n_events;
}

void fake_ref(struct reader *f, int64_t seq, enum item_role role, int64_t item, const char *quantity, const char *uom)
{
        struct fake_event *e = f->events[seq - 1];
        assert(e->head.n_refs < 64);
        e->refs[e->head.n_refs++] = (struct event_ref){ .item = item, .role = (uint8_t)role,
                                                        .has_quantity = quantity != NULL,
                                                        .quantity = str_of(quantity), .uom = str_of(uom) };
}

static void keep_event(struct reader *f, const struct event *e)
{
        struct buf body;
        int64_t seq = fake_event(f, e->type, e->action, e->time.us);
        struct fake_event *x = f->events[seq - 1];
        x->head.offset_min = e->time.offset_min;
        x->head.error_declaration = e->has_error_declaration;
        x->head.biz_step = arena_str(f->a, e->biz_step);
        x->head.disposition = arena_str(f->a, e->disposition);
        if (e->event_id.n)
                x->head.event_id = arena_str(f->a, e->event_id);
        for (size_t i = 0; i < e->n_items; i++) {
                const struct event_item *it = &e->items[i];
                const char *q = it->quantity.p ? arena_cstr(f->a, it->quantity) : NULL;
                fake_ref(f, seq, it->role, intern(f, it->canonical, it->kind), q,
                         it->uom.p ? arena_cstr(f->a, it->uom) : NULL);
        }
        buf_init(&body, 1 << 20);
        json_write(&body, e->json);
        x->body = arena_str(f->a, buf_view(&body));
        x->context = arena_str(f->a, e->context_json);
        buf_free(&body);
}

void fake_document(struct reader *f, const char *json, size_t n, const struct origins *own)
{
        struct document *d;
        struct err e = { 0 };
        struct buf b;
        if (document_read(f->a, json, n, own, &d, &e) < 0)
                fprintf(stderr, "%s\n", e.detail);
        assert(e.kind == ERR_NONE);
        for (size_t i = 0; i < d->faults.n; i++)
                if (d->faults.list[i].severity == FAULT_REFUSED)
                        fprintf(stderr, "%.*s: %.*s\n", STR_ARG(d->faults.list[i].pointer),
                                STR_ARG(d->faults.list[i].message));
        assert(d->faults.refused == 0);
        for (size_t i = 0; i < d->n_events; i++)
                keep_event(f, &d->events[i]);
        for (size_t i = 0; i < d->n_master; i++) {
                int64_t id = intern(f, d->master[i].canonical, IDENT_OTHER);
                f->items[id - 1].master_type = arena_str(f->a, d->master[i].type);
                buf_init(&b, 1 << 20);
                json_write(&b, d->master[i].json);
                f->items[id - 1].master = arena_str(f->a, buf_view(&b));
                buf_free(&b);
        }
}

/* ---- the store's reading face ---- */

int64_t reader_item(struct reader *r, int64_t org, struct str canonical, struct err *reterr)
{
        (void)org;
        (void)reterr;
        return named(r, canonical);
}

struct str reader_item_name(struct reader *r, struct arena *a, int64_t org, int64_t item, int *ret_kind)
{
        (void)a;
        (void)org;
        assert(item > 0 && item <= r->n_items);
        *ret_kind = r->items[item - 1].kind;
        return r->items[item - 1].name;
}

int reader_item_names(struct reader *r, struct arena *a, int64_t org, struct item_named *list, size_t n,
                      struct err *reterr)
{
        (void)reterr;
        for (size_t i = 0; i < n; i++)
                list[i].name = reader_item_name(r, a, org, list[i].item, &list[i].kind);
        return 0;
}

ssize_t reader_item_events(struct reader *r, int64_t org, int64_t item, int64_t after_seq,
                           struct item_event *ret, size_t max, struct err *reterr)
{
        size_t n = 0;
        (void)org;
        (void)reterr;
        r->rows_read++;
        for (int64_t i = after_seq; i < r->n_events; i++) {
                const struct event_head *h = &r->events[i]->head;
                for (size_t j = 0; j < h->n_refs && n < max; j++)
                        if (h->refs[j].item == item)
                                ret[n++] = (struct item_event){ h->seq, h->time_us, h->refs[j].role };
        }
        return (ssize_t)n;
}

int reader_event(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct event_head *ret,
                 struct err *reterr)
{
        (void)a;
        (void)org;
        (void)reterr;
        r->heads_read++;
        if (seq < 1 || seq > r->n_events)
                return 0;
        *ret = r->events[seq - 1]->head;
        return 1;
}

int reader_body(struct reader *r, struct arena *a, int64_t org, int64_t seq, struct str *ret_body,
                struct str *ret_context, struct err *reterr)
{
        (void)a;
        (void)org;
        (void)reterr;
        r->bodies_read++;
        if (seq < 1 || seq > r->n_events)
                return 0;
        *ret_body = r->events[seq - 1]->body;
        *ret_context = r->events[seq - 1]->context;
        return 1;
}

int reader_master(struct reader *r, struct arena *a, int64_t org, struct str canonical, struct str *ret_type,
                  struct str *ret_json, struct err *reterr)
{
        int64_t id = named(r, canonical);
        (void)a;
        (void)org;
        (void)reterr;
        if (!id || !r->items[id - 1].master.p)
                return 0;
        *ret_type = r->items[id - 1].master_type;
        *ret_json = r->items[id - 1].master;
        return 1;
}
