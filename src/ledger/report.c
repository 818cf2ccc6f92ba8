#include "base/clock.h"
#include "base/json.h"
#include "ledger/ledger_impl.h"

#define PROBLEM "\"type\":\"epcisException:ValidationException\",\"title\":\"The event is not valid EPCIS 2.0\",\"status\":400,"

/* What refused an event is a problem of RFC 9457, as the standard has them in a job. */
static void add_fault(struct buf *b, const struct fault *f, bool *first)
{
        buf_z(b, *first ? "{" : ",{");
        *first = false;
        if (f->severity == FAULT_REFUSED)
                buf_z(b, PROBLEM);
        buf_z(b, "\"code\":");
        json_write_str(b, str_of(f->code));
        buf_z(b, ",\"pointer\":");
        json_write_str(b, f->pointer);
        buf_z(b, ",\"detail\":");
        json_write_str(b, f->message);
        if (f->event >= 0)
                buf_printf(b, ",\"event\":%d", f->event);
        buf_char(b, '}');
}

static void add_faults(struct buf *b, const char *member, const struct ledger_job *job, enum fault_severity severity)
{
        const struct faults *f = &job->doc->faults;
        bool first = true;
        buf_printf(b, ",\"%s\":[", member);
        for (size_t i = 0; i < f->n; i++)
                if (f->list[i].severity == severity)
                        add_fault(b, &f->list[i], &first);
        for (size_t i = 0; i < job->doc->n_events; i++) {
                const struct recorded *r = &job->recorded[i];
                if (r->fault && severity == FAULT_REFUSED)
                        add_fault(b, r->fault, &first);
                bool conflict = r->outcome == OUTCOME_CONFLICT;
                if (severity == FAULT_REFUSED ? !conflict : !r->same_event_id)
                        continue;
                buf_printf(b, "%s{\"code\":\"same-event-id\",\"event\":%zu,\"detail\":\"another record bears this eventID%s\"}", first ? "" : ",", i,
                           conflict ? "" : " too; both are kept");
                first = false;
        }
        buf_char(b, ']');
}

struct str capture_report(const struct ledger_job *job, int64_t now_us)
{
        struct buf b = { .max = SIZE_MAX / 8 };
        struct str now = stamp_utc(job->arena, now_us);
        bool success = job->all_or_nothing ? !job->undone : job->refused == 0;
        buf_printf(&b, "{\"captureID\":\"%s\",\"createdAt\":\"%.*s\",\"finishedAt\":\"%.*s\",\"running\":false,\"success\":%s,"
                   "\"captureErrorBehaviour\":\"%s\",\"captured\":%zu,\"known\":%zu,\"refused\":%zu",
                   job->capture_id, STR_ARG(now), STR_ARG(now), success ? "true" : "false",
                   job->all_or_nothing ? "rollback" : "proceed", job->captured, job->known, job->refused);
        add_faults(&b, "errors", job, FAULT_REFUSED);
        add_faults(&b, "findings", job, FAULT_FINDING);
        buf_char(&b, '}');
        struct str report = arena_str(job->arena, buf_view(&b));
        buf_free(&b);
        return report;
}

int ledger_capture_report(struct store *s, struct arena *a, int64_t org, struct str capture_id,
                          struct str *ret_json, struct err *reterr)
{
        struct reader *r;
        if (reader_begin(s, &r, reterr) < 0)
                return -1;
        int rc = reader_capture(r, a, org, capture_id, ret_json, reterr);
        reader_end(r);
        return rc;
}
