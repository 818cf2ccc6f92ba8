#include "api/api_impl.h"
#include "base/json.h"
#include "store/wipe.h"

/* POST /api/erase: the sealed members of a record are erased (docs/design/digests.md). */

enum { ERASE_BYTES = 16 * 1024 };

static const char *const outcomes[] = { [ERASED] = "erased", [ERASED_BEFORE] = "erased before", [ERASED_NOTHING] = "nothing sealed" };

static void add_text(struct buf *b, bool *more, struct str s)
{
        if (*more)
                buf_char(b, ',');
        *more = true;
        json_write_str(b, s);
}

/* Where the values may still stand, for whoever has to answer for it. */
static void write_remains(struct buf *b, struct request *q, const struct service *v, bool wiped)
{
        struct str *copies;
        size_t n = store_older_copies(v->store, q->arena, &copies);
        bool more = false;
        buf_z(b, "],\"remains\":[");
        for (size_t i = 0; i < n; i++)
                add_text(b, &more, copies[i]);
        if (!wiped)
                add_text(b, &more, STR("the write-ahead log, which a reader of an older state holds: ask again"));
        if (store_shared(v->store))
                add_text(b, &more, STR("PostgreSQL's dead rows until VACUUM, its WAL and its archives"));
        add_text(b, &more, STR("backups made before; what partners, subscribers and auditors were given"));
        buf_z(b, "]}\n");
}

static void write_answer(struct buf *b, struct request *q, const struct service *v, const struct ledger_erasure *e, bool wiped)
{
        buf_z(b, "{\"eventID\":");
        json_write_str(b, e->event_id);
        buf_z(b, ",\"records\":[");
        for (size_t i = 0; i < e->n; i++) {
                const struct erased_record *r = &e->records[i];
                buf_printf(b, "%s{\"org\":", i ? "," : "");
                json_write_str(b, store_org_code(v->store, q->arena, r->org));
                buf_printf(b, ",\"seq\":%lld,\"outcome\":\"%s\",\"members\":%lld}", (long long)r->seq, outcomes[r->outcome], (long long)r->members);
        }
        write_remains(b, q, v, wiped);
}

static void erase(struct request *q, void *app)
{
        const struct service *v = app;
        const struct json *j;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        bool wiped = true;
        struct ledger_erasure x = { 0 };
        int rc = epcis_body(q, &e) < 0 ? -1 : json_read(q->arena, q->body.p ? q->body.p : "", q->body.n, NULL, &j, &e);
        if (rc == 0) {
                x.event_id = json_str(j, "eventID");
                x.reason = json_str(j, "reason");
                rc = access_erase(v->access, q, json_str(j, "org"), &x, &wiped, &e);
        }
        if (rc < 0) {
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        write_answer(&b, q, v, &x, wiped);
        answer_buf(q, 200, "application/json", &b, "the answer");
}

const struct route route_erase = { .methods = METHOD_POST, .pattern = "/api/erase", .name = "erase", .needs = MAY_USERS, .max_body = ERASE_BYTES, .handle = erase };
