#include "epcis/signature.h"
#include "ledger/ledger_impl.h"
#include "store/sql_names.h"

/* Records that a device signed (docs/design/proof.md).  That a signature holds was seen when the document was read; whether its key may sign for the organisation
 * is asked here, within the organisation's turn, so that a revocation and a record have an order whichever server took them. */

static bool asks(const struct group *g, size_t i)
{
        return g->batch.entries[i]->event->signature && !g->event_of[i]->known_seq && !g->job_of[i]->only_known;
}

struct asking { struct group *g; size_t *of; };

static int key_found(void *ctx, size_t input, const struct db_row *row, struct err *reterr)
{
        struct asking *x = ctx;
        struct prepared_event *p = x->g->event_of[x->of[input]];
        (void)reterr;
        p->key = db_int(row, 1) ? KEY_REVOKED : KEY_GOOD;
        return 0;
}

int signed_find_keys(struct group *g)
{
        struct asking x = { g, arena_array(g->batch.arena, size_t, g->n_own + 1) };
        struct db_value *args = arena_raw(g->batch.arena, (2 * g->n_own + 1) * sizeof(*args));
        size_t n = 0;
        for (size_t i = 0; i < g->n_own; i++) {
                const struct entry *e = g->batch.entries[i];
                if (!asks(g, i))
                        continue;
                args[2 * n] = db_i(e->org->org->id);
                args[2 * n + 1] = db_b(e->event->signature->key, sizeof(e->event->signature->key));
                x.of[n++] = i;
        }
        return n ? db_many(g->views->db, SQL_device_key_find, args, 2, n, key_found, &x, g->err) : 0;
}

/* Where the member stands in the body that was sent. */
static struct str pointer_of(struct arena *a, const struct document *d, uint32_t index)
{
        static const char *const lists[] = { [DOCUMENT_CAPTURE] = "/epcisBody/eventList/", [DOCUMENT_QUERY] = "/epcisBody/queryResults/resultsBody/eventList/",
                                             [DOCUMENT_BARE_EVENT] = "" };
        struct buf b = { .max = 64 * 1024 };
        buf_z(&b, lists[d->kind]);
        if (d->kind != DOCUMENT_BARE_EVENT)
                buf_printf(&b, "%u", index);
        json_pointer_add(&b, d->events[index].signature->name);
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

bool signed_may(struct group *g, size_t i, struct recorded *r)
{
        const struct prepared_event *p = g->event_of[i];
        struct ledger_job *job = g->job_of[i];
        if (!asks(g, i) || p->key == KEY_GOOD)
                return true;
        struct fault *f = arena_alloc(job->arena, sizeof(*f));
        *f = (struct fault){ .severity = FAULT_REFUSED, .code = "signing-key-unknown", .event = (int32_t)p->index, .pointer = pointer_of(job->arena, job->doc, p->index),
                             .message = STR("the key of this signature is not registered for the organisation that records; register it first (suyuan key register)") };
        if (p->key == KEY_REVOKED) {
                f->code = "signing-key-revoked";
                f->message = STR("the key of this signature was revoked; sign with another one");
        }
        r->fault = f;
        return false;
}
