#include <stdio.h>
#include <stdlib.h>

#include "access/access_impl.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/oom.h"
#include "base/text.h"
#include "ledger/service.h"
#include "store/sql_names.h"

/* The trail of refusals and administrative acts.  Refusals come on network threads and from whoever likes: they are counted in memory by kind, address and
 * route, REFUSALS kinds a minute at most and the rest together, and written now and then. */
enum { REFUSALS = 64 };

struct one { int64_t org; int status; uint64_t times; char actor[64], address[48], route[40], request[24]; };
struct refusals { pthread_mutex_t lock; struct one list[REFUSALS + 1]; size_t n; };

struct refusals *refusals_new(void)
{
        struct refusals *r = or_abort(calloc(1, sizeof *r));
        pthread_mutex_init(&r->lock, NULL);
        return r;
}

void refusals_free(struct refusals *r)
{
        if (!r)
                return;
        pthread_mutex_destroy(&r->lock);
        free(r);
}

/* A proxy before us is on loopback, and the last address of its list is the one it saw. */
struct str access_address(const struct request *q)
{
        struct str peer = str_of(q->peer), list = request_header(q, "X-Forwarded-For"), one, last = STR_NONE;
        if (!(str_is(peer, "127.0.0.1") || str_is(peer, "::1")))
                return peer;
        while (str_split(&list, ',', &one))
                last = str_trim(one);
        return last.n && last.n < 46 && utf8_valid(last) ? last : peer;
}

void refusal(struct access *x, const struct request *q, const struct route *route, int status)
{
        const struct caller *c = q->caller;
        struct one o = { .org = c && c->org ? c->org : ORG_DEFAULT, .status = status };
        struct str address = access_address(q);
        snprintf(o.actor, sizeof o.actor, "%.*s", c ? (int)(c->actor.n < 60 ? c->actor.n : 60) : 0, c ? c->actor.p : "");
        snprintf(o.address, sizeof o.address, "%.*s", (int)address.n, address.p ? address.p : "");
        snprintf(o.route, sizeof o.route, "%s", route ? route->name : "none");
        snprintf(o.request, sizeof o.request, "%s", q->id);
        struct refusals *r = x->refusals;
        pthread_mutex_lock(&r->lock);
        size_t i = 0;
        while (i < r->n && !(r->list[i].org == o.org && r->list[i].status == status && !strcmp(r->list[i].actor, o.actor) &&
                             !strcmp(r->list[i].address, o.address) && !strcmp(r->list[i].route, o.route)))
                i++;
        if (i >= REFUSALS && i == r->n)
                o = (struct one){ .org = ORG_DEFAULT, .status = status, .actor = "many", .address = "many", .route = "many" };
        if (i == r->n && i <= REFUSALS)
                r->list[r->n++] = o;
        r->list[i <= REFUSALS ? i : REFUSALS].times++;
        pthread_mutex_unlock(&r->lock);
}

void access_forbidden(const struct request *q, const struct route *route, void *service)
{
        const struct service *v = service;
        if (v->access)
                refusal(v->access, q, route, 403);
}

int audit_write(struct db *db, const struct audit_row *w, struct err *reterr)
{
        const struct str none = STR("");
#define T(s) db_t((s).n ? (s) : none)
        return db_run(db, SQL_audit_add, DB_ARGS(db_i(w->org ? w->org : ORG_DEFAULT), db_i(clock_now_us()), T(w->actor), T(w->address), T(w->act), T(w->target),
                                                 T(w->outcome), T(w->detail), T(w->request)), reterr);
#undef T
}

int access_audit_of(struct db *db, int64_t org, struct str actor, struct str address, struct str act, struct str target, struct str outcome, struct str detail, struct err *reterr)
{
        struct audit_row row = { .org = org, .actor = actor, .address = address, .act = act, .target = target, .outcome = outcome, .detail = detail };
        return audit_write(db, &row, reterr);
}

int access_audit(struct db *db, const struct request *q, int64_t org, struct str act, struct str target, struct str detail, struct err *reterr)
{
        struct audit_row row = { .org = org, .actor = caller_of(q)->actor, .address = access_address(q), .act = act, .target = target, .outcome = STR("ok"), .detail = detail,
                                 .request = str_of(q->id) };
        return audit_write(db, &row, reterr);
}

#define TEXT(array) ((struct str){ (array), strnlen((array), sizeof(array)) })
struct flushing { struct one list[REFUSALS + 1]; size_t n; };

static int write_rows(struct db *db, void *ctx, struct err *reterr)
{
        const struct flushing *f = ctx;
        int64_t turn, last = 0;
        for (size_t i = 0; i < f->n && i <= REFUSALS; i++) {
                const struct one *o = &f->list[i];
                char outcome[16], detail[64];
                snprintf(outcome, sizeof outcome, "%d", o->status);
                snprintf(detail, sizeof detail, "times=%llu", (unsigned long long)o->times);
                if (last != ORG_DEFAULT && db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0)
                        return -1;
                last = ORG_DEFAULT;
                struct audit_row row = { o->org, TEXT(o->actor), TEXT(o->address), STR("refused"), TEXT(o->route), TEXT(outcome), TEXT(detail), TEXT(o->request) };
                if (audit_write(db, &row, reterr) < 0)
                        return -1;
        }
        return 0;
}

int refusals_flush(struct access *x, struct err *reterr)
{
        struct flushing *f = or_abort(calloc(1, sizeof *f));
        pthread_mutex_lock(&x->refusals->lock);
        f->n = x->refusals->n;
        memcpy(f->list, x->refusals->list, f->n * sizeof *f->list);
        memset(x->refusals->list, 0, sizeof x->refusals->list);
        x->refusals->n = 0;
        pthread_mutex_unlock(&x->refusals->lock);
        int rc = f->n ? ledger_act(x->ledger, write_rows, f, reterr) : 0;
        free(f);
        return rc;
}

struct paging { struct access *x; int64_t org, after; int max; struct buf *out; struct arena *a; int64_t last; size_t begin; };

static void write_row(struct paging *p, const struct db_row *row)
{
        static const char *const names[] = { "actor", "address", "act", "target", "outcome", "detail", "request" };
        buf_printf(p->out, "%s{\"n\":%lld,\"time\":", p->last ? "," : "", (long long)db_int(row, 0));
        json_write_str(p->out, stamp_utc(p->a, db_int(row, 1)));
        for (int i = 0; i < 7; i++) {
                buf_char(p->out, ',');
                json_write_name(p->out, names[i]);
                json_write_str(p->out, db_text(row, i + 2));
        }
        buf_char(p->out, '}');
        p->last = db_int(row, 0);
}

static int read_page(struct db *db, void *ctx, struct err *reterr)
{
        struct paging *p = ctx;
        const struct db_row *row;
        buf_clear(p->out);
        p->last = 0;
        buf_z(p->out, "{\"audit\":[");
        int rc = db_query(db, SQL_audit_page, DB_ARGS(db_i(p->org), db_i(p->after), db_i(p->max)), reterr);
        while (rc >= 0 && (rc = db_next(db, SQL_audit_page, &row, reterr)) == 1)
                write_row(p, row);
        buf_printf(p->out, "],\"next\":%lld}\n", (long long)(p->last ? p->last : p->after));
        return rc;
}

int access_audit_page(struct access *x, struct arena *a, int64_t org, int64_t after, int max, struct buf *out, struct err *reterr)
{
        struct paging p = { .x = x, .org = org, .after = after, .max = max, .out = out, .a = a };
        return refusals_flush(x, reterr) < 0 ? -1 : ledger_act(x->ledger, read_page, &p, reterr);
}
