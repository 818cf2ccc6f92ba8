#include "app/wire.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access/access.h"
#include "api/api.h"
#include "app/passphrase.h"
#include "base/log.h"
#include "daybook/daybook.h"
#include "http/http.h"
#include "ledger/service.h"
#include "ledger/upload.h"
#include "pages/pages.h"
#include "picture/picture.h"
#include "proof/anchor.h"
#include "proof/proof.h"
#include "proof/seal.h"
#include "push/push.h"
#include "push/stream.h"
#include "sensing/sensing.h"

enum { PROGRAM_BYTES = 4096 };

struct wire {
        struct service service;
        struct http *http;
        struct seals *seals;
        char socket[4096];
        const struct route **routes;
        bool loopback_only;
        char passphrase[PASSPHRASE_BYTES];      /* of the log's key */
        struct anchors *anchors;
};

static int open_store(struct wire *w, const struct settings *s, struct err *reterr)
{
        struct store_options o = { .writer_cache_kib = s->cache_mib * 1024, .reader_cache_kib = 4096, .readers = (int)s->workers + 3,
                                   .database = s->database, .migrate = s->migrate };
        if (store_open(s->data, true, &o, &w->service.store, reterr) < 0)
                return -1;
        return ledger_open(w->service.store, &w->service.ledger, reterr);
}

/* Half of the processors: the other half reads, checks and writes.  One thread answers some 70,000 pages a second, and a second
 * that has no processor of its own only takes the first one's away. */
static int network_threads(const struct settings *s)
{
        long half = sysconf(_SC_NPROCESSORS_ONLN) / 2;
        return s->threads ? (int)s->threads : half < 1 ? 1 : half > 64 ? 64 : (int)half;
}

static int start_http(struct wire *w, const struct settings *s, struct err *reterr)
{
        size_t n = 0;
        w->routes = calloc(api_n_routes + pages_n_routes, sizeof *w->routes);
        if (!w->routes)
                abort();
        for (size_t i = 0; i < api_n_routes; i++)
                w->routes[n++] = api_routes[i];
        for (size_t i = 0; i < pages_n_routes; i++)
                w->routes[n++] = pages_routes[i];
        snprintf(w->socket, sizeof w->socket, "%s/suyuan.sock", s->data);
        struct http_options o = {
                .listen = s->listen, .unix_socket = w->socket, .threads = network_threads(s), .workers = (int)s->workers,
                .routes = w->routes, .n_routes = n, .app = &w->service, .admit = access_admit, .forbidden = access_forbidden, .fallback = &pages_fallback,
        };
        return http_start(&o, &w->http, reterr);
}

static int start_push(struct wire *w, const struct settings *s, struct err *reterr)
{
        struct push_options o = { .allow = s->push_allow.v, .n_allow = s->push_allow.n, .retry_ms = s->push_retry_ms,
                                  .sees = access_sees, .sees_ctx = w->service.access };
        return push_start(&w->service, &o, &w->service.push, reterr);
}

static int start_log(struct wire *w, const struct settings *s, struct err *reterr)
{
        struct proof_options o = { .policy = s->policy, .copy = s->log_copy, .sm2 = s->sm2, .follow = true };
        if (passphrase_read(s, w->passphrase, sizeof w->passphrase, reterr) < 0)
                return -1;
        o.passphrase = w->passphrase;
        if (!*s->tsa != !*s->tsa_ca)
                return err_set(reterr, ERR_BAD_INPUT, "--tsa and --tsa-ca go together: a time stamp is believed only under certificates that are named");
        if (proof_open(w->service.store, w->service.ledger, &o, &w->service.proof, reterr) < 0)
                return -1;
        if (*s->tsa)
                w->anchors = anchors_start(w->service.proof, w->service.ledger, s->data, s->tsa, s->tsa_ca);
        return seals_start(w->service.store, w->service.ledger, &w->seals, reterr);
}

/* Made before anybody looks, where there is time. */
static void stored(void *ctx, const struct hash *h)
{
        if (ctx)
                picture_want(ctx, h);
}

static struct str stage_at(void *ctx, struct arena *a, int64_t org, struct str place)
{
        struct str stage = STR_NONE;
        struct err e = { 0 };
        if (daybook_stage(ctx, a, org, place, clock_now_us(), &stage, &e) < 0)
                log_err(LOG_WARN, "sensing.stage", &e);
        return stage;
}

static int start_devices(struct wire *w, const struct settings *s, struct err *reterr)
{
        struct service *v = &w->service;
        struct sensing_options o = { .readers = (int)s->workers + 1, .metrics_url = s->metrics_url, .grace_s = s->seal_after, .keep_days_least = s->keep_days_least, .retains = true, .smtp_url = s->smtp_url, .smtp_from = s->smtp_from, .smtp_user = s->smtp_user,
                                     .smtp_password_file = s->smtp_password_file, .smtp_ca = s->smtp_ca, .alarm_mail = s->alarm_mail.v, .n_alarm_mail = s->alarm_mail.n };
        if (s->seal_after < 0 || s->seal_after > 86400)
                return err_set(reterr, ERR_BAD_INPUT, "--seal-after is 0 to 86400 seconds");
        if (s->keep_days_least < 1 || s->keep_days_least > 36500)
                return err_set(reterr, ERR_BAD_INPUT, "--keep-days-least is 1 to 36500 days");
        if (sensing_start(v->store, v->ledger, v->access, &o, &v->sensing, reterr) < 0)
                return -1;
        sensing_stage_from(v->sensing, stage_at, v->daybook);
        return 0;
}

static int start_files(struct wire *w, struct err *reterr)
{
        char program[PROGRAM_BYTES];
        if (!pictures_program(program, sizeof program))
                log_line(LOG_WARN, "picture.program", "suyuan-image is not beside this program: no photos are shown, going on");
        else if (pictures_start(w->service.store, program, &w->service.pictures, reterr) < 0)
                return -1;
        return uploads_start(w->service.store, w->service.ledger, stored, w->service.pictures, &w->service.uploads, reterr);
}

static int start_records(struct wire *w, struct err *reterr)
{
        struct service *v = &w->service;
        return access_open(v->store, v->ledger, &v->access, reterr) < 0 || daybook_start(v->store, v->ledger, &v->daybook, reterr) < 0 ? -1 : pages_start(v, reterr);
}

int wire_up(const struct settings *s, struct wire **ret, struct err *reterr)
{
        if (s->open && !access_is_loopback(str_of(s->listen)))
                return err_set(reterr, ERR_BAD_INPUT, "--open makes everyone administrator, so it listens on loopback only (127.0.0.1, [::1]), not on %.80s", s->listen);
        if (s->workers < 1 || s->workers > 256 || s->threads < 0 || s->threads > 64)
                return err_set(reterr, ERR_BAD_INPUT, "--workers is 1 to 256, --threads 1 to 64 (0: half of the processors)");
        struct wire *w = calloc(1, sizeof *w);
        if (!w)
                abort();
        w->service.open = s->open;
        if (open_store(w, s, reterr) < 0 || start_log(w, s, reterr) < 0 || start_records(w, reterr) < 0 || start_devices(w, s, reterr) < 0 || start_push(w, s, reterr) < 0 ||
            start_files(w, reterr) < 0 || start_http(w, s, reterr) < 0 || access_share_start(w->service.access, reterr) < 0) {
                wire_down(w);
                return -1;
        }
        *ret = w;
        return 0;
}

const char *wire_address(const struct wire *w)
{
        return http_address(w->http);
}

void wire_down(struct wire *w)
{
        if (!w)
                return;
        push_end_streams(w->service.push);
        sensing_end_live(w->service.sensing);
        if (w->http)
                http_stop(w->http, 8000);
        push_stop(w->service.push);
        uploads_stop(w->service.uploads);
        pictures_stop(w->service.pictures);
        pages_stop();
        sensing_stop(w->service.sensing);
        daybook_stop(w->service.daybook);
        access_close(w->service.access);
        anchors_stop(w->anchors);
        seals_stop(w->seals);
        proof_close(w->service.proof);
        sodium_memzero(w->passphrase, sizeof w->passphrase);
        if (w->service.ledger)
                ledger_close(w->service.ledger);
        store_close(w->service.store);
        free(w->routes);
        free(w);
}
