#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/oom.h"
#include "base/text.h"
#include "sensing/mail.h"
#include "sensing/watch.h"
#include "store/sql_names.h"

/* Alarms by letter.  What is to be told stands in its row (told_us 0) until a server took it: at least once, over restarts.  In an alarm's quiet hours it waits; what ended
 * meanwhile is not told. */

enum { LOOK_S = 5, MOST_WAIT_S = 600, PAGE = 1000, TRIES = 3 /* letters in a row that a server does not take: it takes none now */, TO_MAX = 16, ZONE_MIN = 480 };

struct teller {
        struct sensing *g;
        struct mail_server server;
        char *texts;
        struct str to[TO_MAX];          /* who is told of every device's */
        size_t n_to;
        pthread_t thread;
        pthread_mutex_t mutex;
        pthread_cond_t wake;
        bool stop, started;
};

struct letter { struct str device, channel, kind, evidence; int64_t opened_us; };

/* ---- whom, and whether now ---- */

static size_t add_recipients(const struct json *list, struct arena *a, struct str *ret, size_t n)
{
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n && n < TO_MAX; i++)
                if (list->items[i].kind == JSON_STRING && mail_address_ok(json_text(&list->items[i])))
                        ret[n++] = arena_str(a, json_text(&list->items[i]));
        return n;
}

/* An alarm's own quiet hours, read where they are described. */
static bool is_quiet(const struct json *detail, struct arena *a, const struct letter *l, int64_t now_ms)
{
        struct device_spec *s = device_spec_read(a, l->device, detail);
        struct str name = str_starts(l->kind, STR("alarm:")) ? str_from(l->kind, 6) : STR_NONE;
        for (size_t i = 0; i < s->n; i++)
                for (size_t k = 0; str_eq(s->channels[i].code, l->channel) && k < s->channels[i].n_alarms; k++)
                        if (str_eq(s->channels[i].alarms[k].name, name))
                                return alarm_is_quiet(&s->channels[i].alarms[k], now_ms, ZONE_MIN);
        return false;
}

/* ---- what is written ---- */

static void write_row(struct buf *b, const char *name, struct str value)
{
        if (value.n)
                buf_printf(b, "%s%.*s\n", name, STR_ARG(value));
}

static struct str text_of(struct arena *a, const struct device_row *d, const struct letter *l, const struct json *words)
{
        struct buf b;
        buf_init(&b, 16384);
        for (int i = 0; i < LANGS; i++)
                write_row(&b, "", json_str(words, lang_tag(i)));
        buf_z(&b, "\n");
        write_row(&b, "设备 / device: ", d->id);
        write_row(&b, "地点 / place: ", d->place);
        write_row(&b, "通道 / channel: ", l->channel);
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

/* The first sentence in Chinese, as far as a subject goes. */
static struct str subject_of(struct arena *a, const struct device_row *d, const struct json *words)
{
        struct str s = json_str(words, "zh-Hans");
        s.n = s.n < 120 ? s.n : 120;
        s.n = utf8_valid_to(s);
        return arena_printf(a, "[%.*s] %.*s", STR_ARG(d->id), STR_ARG(s));
}

/* 1 told or nobody to tell, 0 not now, -1 the server did not take it. */
static int tell_one(struct teller *t, struct arena *a, const struct letter *l, struct err *reterr)
{
        struct device_row d;
        const struct json *detail = NULL, *evidence = NULL;
        struct str to[TO_MAX];
        int64_t now_us = clock_now_us();
        if (!book_copy(t->g, a, l->device, &d))
                return 1;
        json_read(a, d.detail.p, d.detail.n, NULL, &detail, NULL);
        json_read(a, l->evidence.p, l->evidence.n, NULL, &evidence, NULL);
        size_t n = add_recipients(json_get(detail, "mail"), a, to, 0);
        for (size_t i = 0; i < t->n_to && n < TO_MAX; i++)
                to[n++] = t->to[i];
        bool old = now_us / 1000 - json_int(json_get(evidence, "at"), now_us / 1000) > 24 * INT64_C(3600000);
        if (!n || old)
                return 1;
        if (is_quiet(detail, a, l, now_us / 1000))
                return 0;
        const struct json *words = json_get(evidence, "words");
        struct mail m = { .to = to, .n_to = n, .subject = subject_of(a, &d, words), .text = text_of(a, &d, l, words), .time_us = now_us };
        m.id = arena_printf(a, "%.*s.%lld", STR_ARG(d.code), (long long)l->opened_us);
        return mail_send(a, &t->server, &m, reterr) < 0 ? -1 : 1;
}

/* ---- the round ---- */

static int read_letters(struct teller *t, struct arena *a, struct letter *ret, size_t *ret_n, struct err *reterr)
{
        struct reader *r;
        const struct db_row *row;
        *ret_n = 0;
        if (reader_begin(t->g->store, &r, reterr) < 0)
                return -1;
        int rc = db_query(reader_db(r), SQL_device_findings_untold, DB_ARGS(db_i(PAGE)), reterr);
        while (rc >= 0 && (rc = db_next(reader_db(r), SQL_device_findings_untold, &row, reterr)) == 1 && *ret_n < PAGE)
                ret[(*ret_n)++] = (struct letter){ arena_str(a, db_text(row, 0)), arena_str(a, db_text(row, 1)), arena_str(a, db_text(row, 2)), arena_str(a, db_text(row, 3)), db_int(row, 4) };
        db_done(reader_db(r), SQL_device_findings_untold);
        reader_end(r);
        return rc < 0 ? -1 : 0;
}

static int mark_told(struct db *db, void *ctx, struct err *reterr)
{
        const struct letter *l = ctx;
        return db_run(db, SQL_device_finding_told, DB_ARGS(db_i(clock_now_us()), db_t(l->device), db_t(l->channel), db_t(l->kind), db_i(l->opened_us)), reterr);
}

/* A letter that is refused for good is not tried for ever, and stands in nobody's way. */
static int tell_or_give_up(struct teller *t, struct arena *a, const struct letter *l, struct err *reterr)
{
        struct err e = { 0 };
        int told = tell_one(t, a, l, &e);
        if (told >= 0)
                return told;
        if (e.kind == ERR_BAD_INPUT) {
                log_err(LOG_ERROR, "sensing.mail-refused", &e);
                return 1;
        }
        *reterr = e;
        return -1;
}

static int tell_all(struct teller *t, struct err *reterr)
{
        struct arena *a = arena_new();
        struct letter *list = arena_array(a, struct letter, PAGE);
        size_t n;
        int rc = read_letters(t, a, list, &n, reterr), failed = 0;
        for (size_t i = 0; rc == 0 && i < n && failed < TRIES; i++) {
                int told = tell_or_give_up(t, a, &list[i], reterr);
                failed = told < 0 ? failed + 1 : told ? 0 : failed;
                rc = told > 0 ? ledger_act(t->g->ledger, mark_told, &list[i], reterr) : 0;
        }
        arena_free(a);
        return failed ? -1 : rc;
}

static bool wait_for(struct teller *t, int seconds)
{
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += seconds;
        pthread_mutex_lock(&t->mutex);
        if (!t->stop)
                pthread_cond_timedwait(&t->wake, &t->mutex, &until);
        bool stop = t->stop;
        pthread_mutex_unlock(&t->mutex);
        return !stop;
}

static void *tell_on(void *ctx)
{
        struct teller *t = ctx;
        int wait_s = LOOK_S;
        while (wait_for(t, wait_s)) {
                struct err e = { 0 };
                bool failed = tell_all(t, &e) < 0;
                if (failed)
                        log_err(LOG_WARN, "sensing.mail", &e);
                wait_s = !failed ? LOOK_S : wait_s * 2 < MOST_WAIT_S ? wait_s * 2 : MOST_WAIT_S;
        }
        return NULL;
}

/* ---- beginning and end ---- */

static int read_options(struct teller *t, struct arena *a, const struct sensing_options *o, struct err *reterr)
{
        struct str password = STR("");
        if (!mail_address_ok(str_of(o->smtp_from)))
                return err_set(reterr, ERR_BAD_INPUT, "--smtp-from is the address that letters come from, like alarm@example.cn");
        if (*o->smtp_password_file && file_read_private(a, o->smtp_password_file, 4096, &password, reterr) < 0)
                return -1;
        while (password.n && strchr("\r\n", password.p[password.n - 1]))
                password.n--;
        t->texts = strdup(arena_cstr(a, password));
        t->server = (struct mail_server){ .url = o->smtp_url, .from = o->smtp_from, .user = o->smtp_user, .password = or_abort(t->texts), .ca = o->smtp_ca };
        for (size_t i = 0; i < o->n_alarm_mail && t->n_to < TO_MAX; i++) {
                t->to[t->n_to] = str_of(o->alarm_mail[i]);
                if (!mail_address_ok(t->to[t->n_to++]))
                        return err_set(reterr, ERR_BAD_INPUT, "--alarm-mail %.100s is no mail address", o->alarm_mail[i]);
        }
        return 0;
}

int teller_start(struct sensing *g, const struct sensing_options *o, struct teller **ret, struct err *reterr)
{
        *ret = NULL;
        if (!o->smtp_url || !*o->smtp_url)
                return 0;
        struct teller *t = or_abort(calloc(1, sizeof *t));
        struct arena *a = arena_new();
        t->g = g;
        pthread_mutex_init(&t->mutex, NULL);
        pthread_cond_init(&t->wake, NULL);
        int rc = read_options(t, a, o, reterr);
        arena_free(a);
        if (rc == 0 && pthread_create(&t->thread, NULL, tell_on, t) != 0)
                rc = err_set(reterr, ERR_INTERNAL, "the thread that sends letters cannot be started");
        t->started = rc == 0;
        if (t->started)
                pthread_setname_np(t->thread, "letters");
        *ret = t;
        return rc;
}

void teller_stop(struct teller *t)
{
        if (!t)
                return;
        pthread_mutex_lock(&t->mutex);
        t->stop = true;
        pthread_cond_signal(&t->wake);
        pthread_mutex_unlock(&t->mutex);
        if (t->started)
                pthread_join(t->thread, NULL);
        pthread_mutex_destroy(&t->mutex);
        pthread_cond_destroy(&t->wake);
        if (t->texts)
                explicit_bzero(t->texts, strlen(t->texts));
        free(t->texts);
        free(t);
}
