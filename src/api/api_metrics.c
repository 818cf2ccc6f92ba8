#include "api/api_impl.h"
#include "daybook/daybook.h"
#include "proof/proof.h"
#include "sensing/sensing.h"
#include "push/push.h"

/* GET /metrics: Prometheus text format 0.0.4. */

static void figure(struct buf *b, const char *name, const char *kind, const char *help, double value)
{
        buf_printf(b, "# HELP suyuan_%s %s\n# TYPE suyuan_%s %s\nsuyuan_%s %.17g\n", name, help, name, kind, name, value);
}

static void write_ledger(struct buf *b, struct ledger *l)
{
        struct ledger_stats s;

        ledger_stats(l, &s);
        figure(b, "events_captured_total", "counter", "Events recorded since the start.", (double)s.events);
        figure(b, "events_known_total", "counter", "Events that were there already.", (double)s.known);
        figure(b, "events_refused_total", "counter", "Events that were not taken.", (double)s.refused);
        figure(b, "commits_total", "counter", "Transactions.", (double)s.commits);
        figure(b, "commit_seconds_total", "counter", "Time in COMMIT.", (double)s.commit_us_total / 1e6);
        figure(b, "batch_events_max", "gauge", "The largest transaction so far.", (double)s.batch_events_max);
        figure(b, "write_queue_jobs", "gauge", "Jobs waiting for the writer.", (double)s.queue_jobs);
}

static void write_log(struct buf *b, struct proof *p)
{
        struct proof_figures f;

        if (!p)
                return;
        proof_figures(p, &f);
        figure(b, "log_leaves", "gauge", "Leaves that are stored.", (double)f.leaves);
        figure(b, "log_size", "gauge", "Leaves under the last signed checkpoint.", (double)f.size);
        figure(b, "log_signed_seconds", "gauge", "When the last checkpoint was signed.", (double)f.signed_ms / 1e3);
        figure(b, "log_witnesses", "gauge", "Witnesses that are asked.", (double)f.witnesses);
        figure(b, "log_cosigned_size", "gauge", "Leaves under the newest checkpoint that a witness has cosigned.", (double)f.cosigned);
        figure(b, "log_refused", "gauge", "1: nothing is signed; /healthz says why.", *f.refusal != 0);
}

/* Left out while the store fails: the other figures say so. */
static void write_series(struct buf *b, struct sensing *g)
{
        struct series_stats s;
        struct sensing_stats d;

        if (!g)
                return;
        series_stats(sensing_series(g), &s);
        sensing_stats(g, &d);
        figure(b, "readings_total", "counter", "Readings of devices that were acknowledged.", (double)s.readings);
        figure(b, "readings_duplicate_total", "counter", "Of them, those that were there already.", (double)s.duplicates);
        figure(b, "readings_conflict_total", "counter", "Of them, those that say another value of a moment that has one.", (double)s.conflicts);
        figure(b, "readings_late_total", "counter", "Of them, those of an hour that was sealed.", (double)s.late);
        figure(b, "readings_expired_total", "counter", "Of them, those of an hour whose readings are no longer kept.", (double)s.expired);
        figure(b, "readings_unchecked_total", "counter", "Of them, those that no check looked at, since too many came at once.", (double)d.unwatched);
        figure(b, "readings_commits_total", "counter", "Transactions of readings.", (double)s.commits);
        figure(b, "readings_journal_rows", "gauge", "Commits of readings that are not in blocks yet.", (double)s.journal_rows);
        figure(b, "readings_queue_jobs", "gauge", "Batches of readings that wait for their writer.", (double)s.queue_jobs);
        figure(b, "device_findings_dropped_total", "counter", "Findings about devices for which there was no room.", (double)d.findings_dropped);
}

static void write_day(struct buf *b, struct daybook *d)
{
        int64_t n = d ? daybook_passed(d, NULL) : -1;

        if (n >= 0)
                figure(b, "farm_passed_over", "gauge", "Records, seasons and lots that the farm's day goes on without; suyuan check says which and why.", (double)n);
}

static void metrics(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = 4 * 1024 * 1024 };

        write_ledger(&b, v->ledger);
        write_log(&b, v->proof);
        write_day(&b, v->daybook);
        write_series(&b, v->sensing);
        push_metrics(v->push, &b);
        http_metrics(q, &b);
        answer_buf(q, 200, "text/plain; version=0.0.4; charset=utf-8", &b, "the list of figures");
}

const struct route route_metrics = {
        .methods = METHOD_GET, .pattern = "/metrics", .name = "metrics", .needs = MAY_WATCH, .handle = metrics,
};
