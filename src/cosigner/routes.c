#include "base/log.h"
#include "cosigner/cosigner_impl.h"
#include "cosigner/page.h"

/* The doors of C2SP tlog-witness.  Its checks and statuses stand in merkle/witness.h; what is malformed or unknown is found here. */

static void say(struct request *q, int status, const char *type, struct str body, const char *why)
{
        struct reply r = { .status = status, .content_type = type, .body = body };
        reply_header(&r, "Cache-Control", "no-store");
        if (why)                /* bodies are the protocol's; a reason helps who sets a log up */
                reply_header(&r, "Suyuan-Why", arena_cstr(q->arena, str_of(why)));
        exchange_answer(q->exchange, &r);
}

static void refuse(struct request *q, int status, const char *why)
{
        say(q, status, "text/plain; charset=utf-8", STR_NONE, why);
}

static const char *why_not(int status)
{
        switch (status) {
        case 400: return "the old size is larger than the checkpoint's";
        case 403: return "no line of a key that is known here for this origin, or one that does not hold";
        default: return "the checkpoint does not follow from the one that was cosigned before";
        }
}

static void tell(struct request *q, const struct origin_state *o, const struct state_answer *s, int64_t size)
{
        log_line(s->status == 200 || s->status == 409 ? LOG_INFO : LOG_WARN, "witness.asked", "origin=%s size=%lld status=%d", log_quote(o->origin.p, o->origin.n), (long long)size, s->status);
        if (s->status == 200)
                say(q, 200, "text/plain; charset=utf-8", s->lines, NULL);
        else if (s->status == 409)
                say(q, 409, "text/x.tlog.size", arena_printf(q->arena, "%lld\n", (long long)s->size), NULL);
        else
                refuse(q, s->status, why_not(s->status));
}

static void too_many(struct request *q)
{
        struct err e = { 0 };
        err_set(&e, ERR_TOO_MANY, "this witness is asked too often; ask about the newest checkpoint only");
        e.retry_s = 1;
        exchange_problem(q->exchange, &e, NULL);
}

static void add_checkpoint(struct request *q, void *app)
{
        struct cosigner *c = app;
        struct witness_request w;
        struct note n;
        struct checkpoint cp;
        struct state_answer s;
        struct err e = { 0 };
        if (!pace_peer(c->pace, q->peer)) {
                too_many(q);
                return;
        }
        if (witness_read(q->body, &w, &e) < 0 || note_read(q->arena, w.note, &n, &e) < 0 || checkpoint_read(n.text, &cp, &e) < 0) {
                refuse(q, 400, "malformed");
                return;
        }
        struct origin_state *o = state_find(c, cp.origin);
        if (!o)
                refuse(q, 404, "no log of this origin is known here");
        else if (state_advance(c, o, q->arena, &w, &n, &cp, &s, &e) < 0)
                exchange_problem(q->exchange, &e, NULL);
        else if (s.status == 429)
                too_many(q);
        else
                tell(q, o, &s, cp.size);
}

/* GET /HEX/checkpoint */
static void checkpoint(struct request *q, void *app)
{
        struct cosigner *c = app;
        const struct str end = STR("/checkpoint");
        struct str hex = q->rest;
        struct origin_state *o = NULL;
        if (hex.n > end.n && str_eq(str_from(hex, hex.n - end.n), end))
                o = state_find_hex(c, (struct str){ hex.p, hex.n - end.n });
        struct str note = o ? state_note(o, q->arena) : STR_NONE;
        if (note.n)
                say(q, 200, "text/plain; charset=utf-8", note, NULL);
        else
                refuse(q, 404, o ? "nothing of this log was cosigned yet" : "nothing is here");
}

static void front(struct request *q, void *app)
{
        struct buf b;
        buf_init(&b, COSIGNER_PAGE_BYTES);
        cosigner_page(&b, app, q);
        struct reply r = { .status = 200, .content_type = "text/html; charset=utf-8", .body = arena_str(q->arena, buf_view(&b)) };
        buf_free(&b);
        reply_header(&r, "Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
        reply_header(&r, "Content-Language", lang_tag(q->lang));
        reply_header(&r, "Vary", "Accept-Language");
        reply_header(&r, "Cache-Control", "no-cache");
        exchange_answer(q->exchange, &r);
}

static const struct route route_front = { .methods = METHOD_GET, .pattern = "/", .name = "witness.front", .handle = front };
static const struct route route_add = { .methods = METHOD_POST, .pattern = "/add-checkpoint", .name = "witness.add", .max_body = WITNESS_BYTES_MAX, .handle = add_checkpoint };
static const struct route route_checkpoint = { .methods = METHOD_GET, .pattern = "/*", .name = "witness.checkpoint", .handle = checkpoint };

const struct route *const cosigner_routes[] = { &route_front, &route_add, &route_checkpoint };
const size_t cosigner_n_routes = sizeof cosigner_routes / sizeof *cosigner_routes;
