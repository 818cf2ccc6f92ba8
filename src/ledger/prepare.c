#include "base/json.h"
#include "base/limits.h"
#include "ledger/ledger_impl.h"

#define BODY_MAX (4 * (size_t)LIMIT_BODY_BYTES) /* written by json_write, which may spell a character longer than it was sent */

static struct str body_text(struct arena *a, struct buf *out, const struct json *json)
{
        buf_clear(out);
        json_write(out, json);
        return arena_str(a, buf_view(out));
}

void job_prepare(struct store *s, const struct views *v, const struct org *org, struct ledger_job *job)
{
        const struct document *d = job->doc;
        struct prepared *p = arena_alloc(job->arena, sizeof(*p));
        p->entries = arena_array(job->arena, struct entry, d->n_events + 1);
        p->events = arena_array(job->arena, struct prepared_event, d->n_events + 1);
        job->recorded = arena_array(job->arena, struct recorded, d->n_events + 1);
        struct arena *scratch = arena_new();
        struct buf out = { .max = BODY_MAX };
        for (size_t i = 0; i < d->n_events; i++) {
                job->recorded[i].outcome = OUTCOME_REFUSED;
                if (d->refused[i])
                        continue;
                event_prepare(job->arena, scratch, v, org, &d->events[i], job->actor, &p->entries[p->n]);
                p->events[p->n] = (struct prepared_event){ .index = (uint32_t)i, .body = body_text(job->arena, &out, d->events[i].json) };
                p->n++;
                share_prepare(s, v, org, job, p, scratch);
                arena_reset(scratch);
        }
        buf_free(&out);
        arena_free(scratch);
        p->bytes = arena_used(job->arena);
        job->prepared = p;
}
