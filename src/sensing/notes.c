#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/oom.h"
#include "base/text.h"
#include "sensing/sensing_impl.h"
#include "store/sql_names.h"

/* Findings and notices come on threads that may not wait: they are gathered here and written by the keeper, within a second.  The same finding said again before that is
 * one; what is more than there is room for is counted. */

enum { FINDINGS_WAITING = 1024, EVIDENCE_BYTES = 4096 };

static const struct { const char *name; bool trail; int severity; } notices[] = {
#define NOTICE(symbol, name, trail, severity) { name, trail, severity },
#include "sensing/notices.def"
#undef NOTICE
};

int sensing_notice_of(struct str name)
{
        for (int i = 0; i < SENSING_NOTICES; i++)
                if (str_is(name, notices[i].name))
                        return i;
        return -1;
}

struct waiting_finding { struct device_finding f; bool over; int64_t times; };
struct waiting_notice { int what; struct str device, from, detail, bytes; int64_t at_us, times; };
struct notes {
        pthread_mutex_t mutex;
        struct arena *arena;            /* of both lists */
        struct waiting_finding findings[FINDINGS_WAITING];
        struct waiting_notice notices[LIMIT_NOTICES_WAITING];
        size_t n_findings, n_notices;
        uint64_t dropped;
        struct notes *again;            /* the keeper's: taken out and not written yet */
};

struct notes *notes_new(void)
{
        struct notes *n = or_abort(calloc(1, sizeof *n));
        pthread_mutex_init(&n->mutex, NULL);
        n->arena = arena_new();
        return n;
}

static void drop(struct notes *full);

void notes_free(struct notes *n)
{
        if (!n)
                return;
        drop(n->again);
        arena_free(n->arena);
        pthread_mutex_destroy(&n->mutex);
        free(n);
}

/* ---- taking ---- */

static struct str cut(struct arena *a, struct str s, size_t max)
{
        struct str part = { s.p, s.n < max ? s.n : max };
        return part.n ? arena_str(a, part) : STR("");
}

/* A line that may stand in the trail, whatever was sent. */
static struct str clean(struct arena *a, struct str s, size_t max)
{
        struct str c = cut(a, s, max);
        c.n = utf8_valid_to(c);
        char *p = arena_cstr(a, c);
        for (size_t i = 0; i < c.n; i++)
                if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
                        p[i] = ' ';
        return (struct str){ p, c.n };
}

static struct waiting_finding *find_waiting(struct notes *n, const struct device_finding *f)
{
        for (size_t i = 0; i < n->n_findings; i++)
                if (str_eq(n->findings[i].f.device, f->device) && str_eq(n->findings[i].f.channel, f->channel) && str_eq(n->findings[i].f.kind, f->kind))
                        return &n->findings[i];
        return NULL;
}

static void take_finding(struct sensing *g, const struct device_finding *f, bool over)
{
        struct notes *n = g->notes;
        pthread_mutex_lock(&n->mutex);
        struct waiting_finding *w = find_waiting(n, f);
        if (w && !over && !w->over) {
                w->times++;
        } else if (w || n->n_findings < FINDINGS_WAITING) {
                struct arena *a = n->arena;
                w = w ? w : &n->findings[n->n_findings++];
                *w = (struct waiting_finding){ .over = over, .times = 1, .f = { cut(a, f->device, 64), cut(a, f->channel, 64), cut(a, f->kind, 64),
                                               f->evidence.n <= EVIDENCE_BYTES ? cut(a, f->evidence, EVIDENCE_BYTES) : STR("{}"), f->severity } };
        } else {
                n->dropped++;
        }
        pthread_mutex_unlock(&n->mutex);
}

void sensing_finding(struct sensing *g, const struct device_finding *f)
{
        take_finding(g, f, false);
}

void sensing_finding_over(struct sensing *g, struct str device, struct str channel, struct str kind)
{
        const struct device_finding f = { .device = device, .channel = channel, .kind = kind };
        take_finding(g, &f, true);
}

void sensing_notice(struct sensing *g, int what, struct str device, struct str from, struct str detail, struct str bytes, int64_t at_ms, int64_t times)
{
        struct notes *n = g->notes;
        pthread_mutex_lock(&n->mutex);
        if (n->n_notices < LIMIT_NOTICES_WAITING) {
                struct arena *a = n->arena;
                n->notices[n->n_notices++] = (struct waiting_notice){ what, clean(a, device, 64), clean(a, from, 100), clean(a, detail, 400), cut(a, bytes, LIMIT_QUARANTINE_BYTES), at_ms * 1000, times };
        } else {
                n->dropped++;
        }
        pthread_mutex_unlock(&n->mutex);
}

/* ---- writing ---- */

struct flushing { struct sensing *g; struct notes *n; int64_t now; };

static int write_finding(struct db *db, const struct waiting_finding *w, int64_t now, struct err *reterr)
{
        const struct device_finding *f = &w->f;
        if (w->over)
                return db_run(db, SQL_device_finding_close, DB_ARGS(db_i(now), db_t(f->device), db_t(f->channel), db_t(f->kind)), reterr);
        return db_run(db, SQL_device_finding_open, DB_ARGS(db_t(f->device), db_t(f->channel), db_t(f->kind), db_i(f->severity), db_i(now), db_i(w->times), db_t(f->evidence)), reterr);
}

/* What strangers do is kept in the trail of the installation, what is done to a device in its organisation's. */
static int write_trail(struct db *db, struct sensing *g, const struct waiting_notice *w, struct err *reterr)
{
        char detail[500];
        int64_t org = sensing_device_org(g, w->device);
        snprintf(detail, sizeof detail, "%.*s times=%lld", STR_ARG(w->detail), (long long)w->times);
        return access_audit_of(db, org ? org : ORG_DEFAULT, STR("collect"), w->from, STR("refused"), w->device, str_of(notices[w->what].name), str_of(detail), reterr);
}

static int write_notice(struct db *db, struct flushing *f, const struct waiting_notice *w, int64_t number, struct err *reterr)
{
        bool known = sensing_device_org(f->g, w->device) != 0;
        struct waiting_finding found = { .times = w->times, .f = { w->device, STR(""), str_of(notices[w->what].name), STR("{}"), notices[w->what].severity } };
        if (db_run(db, SQL_device_notice_add, DB_ARGS(db_i(number), db_i(w->at_us ? w->at_us : f->now), db_i(w->what), db_t(w->device), db_t(w->from), db_t(w->detail),
                                                      db_b(w->bytes.p, w->bytes.n)), reterr) < 0 ||
            (notices[w->what].trail && write_trail(db, f->g, w, reterr) < 0))
                return -1;
        return known && notices[w->what].severity >= 0 ? write_finding(db, &found, f->now, reterr) : 0;
}

static int write_notices(struct db *db, struct flushing *f, struct err *reterr)
{
        const struct db_row *row;
        int rc = db_one(db, SQL_device_notice_next, DB_NO_ARGS, &row, reterr);
        int64_t number = rc == 1 ? db_int(row, 0) : 1;
        db_done(db, SQL_device_notice_next);
        for (size_t i = 0; i < f->n->n_notices && rc >= 0; i++)
                rc = write_notice(db, f, &f->n->notices[i], number++, reterr);
        return rc < 0 || db_run(db, SQL_device_notice_tidy, DB_ARGS(db_i(number - LIMIT_NOTICES)), reterr) < 0 ? -1 : 0;
}

static int write_notes(struct db *db, void *ctx, struct err *reterr)
{
        struct flushing *f = ctx;
        int64_t turn;
        int rc = db_turn(db, ORG_DEFAULT, false, &turn, reterr);
        for (size_t i = 0; i < f->n->n_findings && rc >= 0; i++)
                rc = write_finding(db, &f->n->findings[i], f->now, reterr);
        return rc < 0 || (f->n->n_notices && write_notices(db, f, reterr) < 0) ? -1 : 0;
}

/* What is waiting, taken out: `notes` gathers anew. */
static struct notes *take_all(struct notes *n)
{
        struct notes *full = or_abort(malloc(sizeof *full));
        pthread_mutex_lock(&n->mutex);
        memcpy(full->findings, n->findings, n->n_findings * sizeof *n->findings);
        memcpy(full->notices, n->notices, n->n_notices * sizeof *n->notices);
        full->n_findings = n->n_findings;
        full->n_notices = n->n_notices;
        full->arena = n->arena;
        n->arena = arena_new();
        n->n_findings = n->n_notices = 0;
        pthread_mutex_unlock(&n->mutex);
        return full;
}

static void drop(struct notes *full)
{
        if (!full)
                return;
        arena_free(full->arena);
        free(full);
}

/* A finding is told once by who found it, so what could not be written is kept and written first the next time. */
int notes_flush(struct sensing *g, struct err *reterr)
{
        struct notes *n = g->notes;
        if (!n->again)
                n->again = take_all(n);
        struct flushing f = { .g = g, .n = n->again, .now = clock_now_us() };
        if (n->again->n_findings + n->again->n_notices && ledger_act(g->ledger, write_notes, &f, reterr) < 0)
                return -1;
        drop(n->again);
        n->again = NULL;
        return 0;
}

static int fade(struct db *db, void *ctx, struct err *reterr)
{
        int64_t now = *(int64_t *)ctx;
        return db_run(db, SQL_device_finding_fade, DB_ARGS(db_i(now), db_i(now - 86400 * INT64_C(1000000))), reterr);
}

int notes_fade(struct sensing *g, struct err *reterr)
{
        int64_t now = clock_now_us();
        return ledger_act(g->ledger, fade, &now, reterr);
}

uint64_t notes_dropped(struct sensing *g)
{
        pthread_mutex_lock(&g->notes->mutex);
        uint64_t n = g->notes->dropped;
        pthread_mutex_unlock(&g->notes->mutex);
        return n;
}

/* ---- telling ---- */

static bool place_known(struct reader *r, struct arena *a, const struct device_row *d, struct err *reterr)
{
        struct str type, json;
        return !d->place.n || reader_master(r, a, d->org, d->place, &type, &json, reterr) != 0;
}

bool device_model_known(const struct device_row *d, const struct json *detail)
{
        static const char *const models[] = {
#define MODEL(name, about) name,
#include "sensing/models.def"
#undef MODEL
        };
        const struct json *channels = json_get(detail, "channels");
        for (size_t i = 0; i < sizeof models / sizeof *models; i++)
                if (str_is(d->model, models[i]))
                        return true;
        return json_is(channels, JSON_ARRAY) && channels->n > 0;
}

static void begin_finding(struct buf *b, bool *more, const char *kind, int severity)
{
        static const char *const words[] = { "informs", "warns", "grave" };
        buf_z(b, *more ? "," : "");
        *more = true;
        buf_printf(b, "{\"kind\":\"%s\",\"severity\":\"%s\"", kind, words[severity < 0 ? 0 : severity > 2 ? 2 : severity]);
}

/* What follows from the registration alone, and from nothing that is kept. */
static void write_registered(struct buf *b, bool *more, const struct device_row *d, bool place, bool model)
{
        if (!place) {
                begin_finding(b, more, "unknown-place", 0);
                buf_z(b, ",\"evidence\":{\"place\":");
                json_write_str(b, d->place);
                buf_z(b, "}}");
        }
        if (!model) {
                begin_finding(b, more, "unknown-model", 0);
                buf_z(b, ",\"evidence\":{\"model\":");
                json_write_str(b, d->model);
                buf_z(b, "}}");
        }
}

static void write_kept(struct buf *b, struct arena *a, bool *more, const struct db_row *row)
{
        begin_finding(b, more, arena_cstr(a, db_text(row, 1)), (int)db_int(row, 2));
        if (db_text(row, 0).n) {
                buf_z(b, ",\"channel\":");
                json_write_str(b, db_text(row, 0));
        }
        buf_z(b, ",\"opened\":");
        json_write_str(b, stamp_utc(a, db_int(row, 3)));
        buf_z(b, ",\"last\":");
        json_write_str(b, stamp_utc(a, db_int(row, 4)));
        buf_printf(b, ",\"times\":%lld,\"evidence\":", (long long)db_int(row, 5));
        buf_str(b, db_text(row, 6).n ? db_text(row, 6) : STR("{}"));
        buf_char(b, '}');
}

int sensing_findings_write(struct sensing *g, const struct device_row *d, struct buf *b, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        const struct json *detail = NULL;
        bool more = false;
        if (reader_begin(g->store, &r, reterr) < 0)
                return -1;
        struct arena *a = arena_new();
        json_read(a, d->detail.p, d->detail.n, NULL, &detail, NULL);
        buf_char(b, '[');
        write_registered(b, &more, d, place_known(r, a, d, NULL), device_model_known(d, detail));
        int rc = db_query(reader_db(r), SQL_device_findings, DB_ARGS(db_t(d->id)), reterr);
        while (rc >= 0 && (rc = db_next(reader_db(r), SQL_device_findings, &row, reterr)) == 1)
                write_kept(b, a, &more, row);
        buf_char(b, ']');
        arena_free(a);
        reader_end(r);
        return rc < 0 ? -1 : 0;
}

static void write_noticed(struct buf *b, struct arena *a, const struct db_row *row)
{
        int64_t what = db_int(row, 2);
        buf_printf(b, "{\"n\":%lld,\"time\":", (long long)db_int(row, 0));
        json_write_str(b, stamp_utc(a, db_int(row, 1)));
        buf_printf(b, ",\"what\":\"%s\",\"from\":", what >= 0 && what < SENSING_NOTICES ? notices[what].name : "unknown");
        json_write_str(b, db_text(row, 3));
        buf_z(b, ",\"detail\":");
        json_write_str(b, db_text(row, 4));
        buf_z(b, ",\"bytes\":\"");
        base64_encode(b, db_text(row, 5).p, db_text(row, 5).n);
        buf_z(b, "\"}");
}

int sensing_notices_write(struct sensing *g, struct arena *a, struct str device, int max, struct buf *b, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        bool more = false;
        if (reader_begin(g->store, &r, reterr) < 0)
                return -1;
        buf_char(b, '[');
        int rc = db_query(reader_db(r), SQL_device_notices, DB_ARGS(db_t(device), db_i(max)), reterr);
        while (rc >= 0 && (rc = db_next(reader_db(r), SQL_device_notices, &row, reterr)) == 1) {
                buf_z(b, more ? "," : "");
                more = true;
                write_noticed(b, a, row);
        }
        buf_char(b, ']');
        reader_end(r);
        return rc < 0 ? -1 : 0;
}
