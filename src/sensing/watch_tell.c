#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "epcis/read.h"
#include "sensing/alarm_event.h"
#include "sensing/watch.h"
#include "store/sql_names.h"

/* What the checks tell, as rows and events.  A row's kind is the check's name, of an alarm "alarm:" and its own. */

enum { RECENT_MS = 3600000, EVIDENCE_BYTES = 4096, ZONE_MIN = 480 };

static struct str kind_of(struct arena *a, const struct happening *h)
{
        if (!str_is(str_of(h->check->name), "alarm"))
                return str_of(h->check->name);
        return arena_printf(a, "alarm:%.*s", STR_ARG(h->key));
}

static struct str evidence_of(struct arena *a, const struct happening *h)
{
        struct buf b;
        buf_init(&b, EVIDENCE_BYTES);
        buf_printf(&b, "{\"from\":%lld,\"at\":%lld,\"value\":%.10g,\"limit\":%.10g", (long long)h->from_ms, (long long)h->t_ms, h->value, h->limit);
        buf_z(&b, ",\"words\":{");
        for (int l = 0; l < LANGS; l++) {
                buf_printf(&b, "%s\"%s\":", l ? "," : "", lang_tag(l));
                json_write_str(&b, h->words[l]);
        }
        buf_z(&b, "}}");
        struct str s = b.overflow ? STR("{}") : arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

int watch_record(void *watch, const struct alarm_row *row, struct err *reterr)
{
        struct watch *w = watch;
        struct document *doc = NULL;
        struct arena *a = arena_new();
        int rc = document_read(a, row->document.p, row->document.n, store_origins(w->g->store), &doc, reterr);
        struct ledger_job job = { .org = row->org, .door = DOOR_DEVICE, .actor = arena_printf(a, "device:%.*s", STR_ARG(row->device)), .doc = doc, .arena = a };
        rc = rc < 0 ? -1 : ledger_record(w->g->ledger, &job, reterr);
        arena_free(a);
        return rc;
}

/* The alarm as an event of the device's organisation. */
static bool event_of(const struct watch *w, const struct watched *d, struct arena *a, const struct happening *h, struct alarm_event *ret)
{
        const struct origins *own = store_origins(w->g->store);
        struct str device = arena_printf(a, "/device/%.*s/%.*s", STR_ARG(store_org_code(w->g->store, a, d->org)), STR_ARG(device_code(a, d->id)));
        *ret = (struct alarm_event){ .device = ident_uri(a, device, own), .place = d->place.n ? ident_uri(a, d->place, own) : STR_NONE, .alarm = h->key, .opens = h->opens, .t_ms = h->t_ms,
                                     .value = h->value, .limit = h->limit, .words = { h->words[0], h->words[1], h->words[2] }, .zone_min = ZONE_MIN };
        ret->channel = quality_channel_spec(d->quality, h->channel);
        if (!ret->channel)
                log_line(LOG_WARN, "sensing.alarm", "device=%s, an alarm of a channel that nobody knows, ignoring", log_quote(d->id.p, d->id.n));
        return ret->channel != NULL;
}

static void tell_event(struct telling *t, struct arena *a, const struct happening *h)
{
        struct alarm_event e;
        if (!event_of(t->w, t->d, a, h, &e))
                return;
        const struct alarm_row row = { .org = t->d->org, .device = t->d->id, .document = alarm_event_write(a, &e) };
        alarm_queue_put(t->w->alarms, &row, clock_now_us() / 1000);
}

/* History that comes late is no alarm of today: it has its finding and no event. */
static bool is_news(int64_t now_ms, int64_t t_ms)
{
        return now_ms - t_ms < RECENT_MS;
}

void watch_tell(void *telling, const struct happening *h)
{
        struct telling *t = telling;
        struct arena *a = arena_new();
        bool alarm = str_is(str_of(h->check->name), "alarm");
        struct device_finding f = { .device = t->d->id, .channel = h->channel.n ? h->channel : STR(""), .kind = kind_of(a, h), .evidence = evidence_of(a, h), .severity = (int)h->check->grade - 1 };
        if (h->opens)
                sensing_finding(t->w->g, &f);
        else
                sensing_finding_over(t->w->g, f.device, f.channel, f.kind);
        if (alarm && is_news(t->now_ms, h->t_ms))
                tell_event(t, a, h);
        arena_free(a);
}

/* An alarm that stands open, as it was told. */
struct open_alarm { struct open_alarm *next; struct happening h; };

static struct open_alarm *alarm_of(struct arena *a, const struct open_finding *f, const struct json *evidence)
{
        const struct json *words = json_get(evidence, "words");
        struct decimal limit = { 0 };
        struct open_alarm *x = arena_array(a, struct open_alarm, 1);
        decimal_read(json_text(json_get(evidence, "limit")), &limit);
        x->h = (struct happening){ .channel = f->channel, .key = f->key, .opens = true, .t_ms = f->t_ms, .value = f->value, .limit = decimal_double(limit) };
        for (int l = 0; l < LANGS; l++)
                x->h.words[l] = json_str(words, lang_tag(l));
        return words ? x : NULL;
}

/* What nobody watches for any more, since the device was described anew, is over. */
static void resume(struct watch *w, struct watched *d, struct arena *a, const struct db_row *row, struct open_alarm **list)
{
        struct str kind = arena_str(a, db_text(row, 1)), told = arena_str(a, db_text(row, 6));
        const struct json *evidence = NULL;
        struct decimal value = { 0 };
        bool alarm = str_starts(kind, STR("alarm:"));
        json_read(a, told.p, told.n, NULL, &evidence, NULL);
        decimal_read(json_text(json_get(evidence, "value")), &value);
        struct open_finding f = { .check = alarm ? STR("alarm") : kind, .channel = arena_str(a, db_text(row, 0)), .key = alarm ? str_from(kind, 6) : STR_NONE, .value = decimal_double(value) };
        f.from_ms = json_int(json_get(evidence, "from"), db_int(row, 3) / 1000);
        f.t_ms = json_int(json_get(evidence, "at"), f.from_ms);
        if (!quality_resume(d->quality, &f)) {
                sensing_finding_over(w->g, d->id, f.channel.n ? f.channel : STR(""), kind);
                return;
        }
        int64_t opened_us = db_int(row, 3);
        struct open_alarm *x = alarm && opened_us < w->began_us && is_news(opened_us / 1000, f.t_ms) ? alarm_of(a, &f, evidence) : NULL;
        if (x) {
                x->next = *list;
                *list = x;
        }
}

/* Those whose events waited for the ledger when the process was killed.  Looked for by eventID: what the event says beside it, as the place, may be another by now. */
static int queue_again(struct watch *w, const struct watched *d, struct reader *r, struct arena *a, const struct open_alarm *list, struct err *reterr)
{
        for (; list; list = list->next) {
                struct alarm_event e;
                int64_t seq;
                if (!event_of(w, d, a, &list->h, &e))
                        continue;
                ssize_t there = reader_event_id(r, d->org, alarm_event_id(a, &e), &seq, 1, reterr);
                if (there < 0)
                        return -1;
                if (!there)
                        alarm_queue_add(w->alarms, &(struct alarm_row){ .org = d->org, .device = d->id, .document = alarm_event_write(a, &e) });
        }
        return 0;
}

int watch_resume(struct watch *w, struct watched *d, bool first, struct err *reterr)
{
        struct open_alarm *list = NULL;
        struct reader *r;
        const struct db_row *row;
        if (reader_begin(w->g->store, &r, reterr) < 0)
                return -1;
        struct arena *a = arena_new();
        int rc = db_query(reader_db(r), SQL_device_findings, DB_ARGS(db_t(d->id)), reterr);
        while (rc >= 0 && (rc = db_next(reader_db(r), SQL_device_findings, &row, reterr)) == 1)
                resume(w, d, a, row, &list);
        db_done(reader_db(r), SQL_device_findings);
        if (rc >= 0 && first)
                rc = queue_again(w, d, r, a, list, reterr);
        arena_free(a);
        reader_end(r);
        return rc < 0 ? -1 : 0;
}

ssize_t watch_alarmed(struct watch *w, struct arena *a, struct str *ret, size_t max, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        size_t n = 0;
        if (reader_begin(w->g->store, &r, reterr) < 0)
                return -1;
        int rc = db_query(reader_db(r), SQL_device_findings_alarmed, DB_NO_ARGS, reterr);
        while (rc >= 0 && n < max && (rc = db_next(reader_db(r), SQL_device_findings_alarmed, &row, reterr)) == 1)
                ret[n++] = arena_str(a, db_text(row, 0));
        db_done(reader_db(r), SQL_device_findings_alarmed);
        reader_end(r);
        return rc < 0 ? -1 : (ssize_t)n;
}
