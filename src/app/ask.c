#include "app/ask.h"

#include <stdlib.h>

#include "access/access.h"
#include "api/api.h"
#include "app/handover.h"
#include "base/buf.h"
#include "base/json.h"
#include "daybook/daybook.h"
#include "ledger/service.h"
#include "sensing/sensing.h"

static int judge(struct arena *a, int status, struct str answer, struct err *reterr)
{
        const struct json *problem;
        if (status >= 200 && status < 300)
                return 0;
        struct str detail = STR("refused");
        if (json_read(a, answer.p ? answer.p : "", answer.n, NULL, &problem, NULL) == 0 && json_str(problem, "detail").n)
                detail = json_str(problem, "detail");
        return err_set(reterr, status == 400 ? ERR_BAD_INPUT : status == 404 ? ERR_NOT_FOUND : status == 409 ? ERR_CONFLICT : ERR_FORBIDDEN, "%.*s",
                       (int)(detail.n < 380 ? detail.n : 380), detail.p);
}

/* ---- the routes in this process ---- */

struct asking { struct service service; struct http_options options; struct loopback *loopback; };

int ask_begin(struct store *store, struct ledger *ledger, struct asking **ret, struct err *reterr)
{
        struct asking *x = calloc(1, sizeof *x);
        if (!x)
                abort();
        struct service *v = &x->service;
        *x = (struct asking){ .service = { .store = store, .ledger = ledger } };
        x->options = (struct http_options){ .routes = api_routes, .n_routes = api_n_routes, .app = v, .admit = access_admit, .forbidden = access_forbidden, .quiet = true };
        int rc = access_open(store, ledger, &v->access, reterr);
        if (rc == 0)
                rc = daybook_start(store, ledger, &v->daybook, reterr);
        if (rc == 0)
                rc = sensing_start(store, ledger, v->access, &(struct sensing_options){ .readers = 2, .grace_s = 600 }, &v->sensing, reterr);
        if (rc < 0) {
                ask_end(x);
                return -1;
        }
        x->loopback = loopback_new(&x->options);
        *ret = x;
        return 0;
}

static int ask_as(struct asking *x, struct arena *a, const char *method, const char *path, const char *type, struct str body, struct str *ret)
{
        const struct loopback_header header = { "Content-Type", type };
        struct loopback_request in = { .method = method, .target = str_of(path), .headers = &header, .n_headers = 1, .body = body, .local = true };
        struct loopback_reply out = { 0 };
        loopback_ask(x->loopback, a, &in, &out);
        *ret = out.body;
        return out.status;
}

int ask_on(struct asking *x, struct arena *a, const char *method, const char *path, struct str body, struct str *ret)
{
        return ask_as(x, a, method, path, "application/json", body, ret);
}

struct series *ask_series(const struct asking *x)
{
        return sensing_series(x->service.sensing);
}

void ask_end(struct asking *x)
{
        if (x->loopback)
                loopback_free(x->loopback);
        sensing_stop(x->service.sensing);
        daybook_stop(x->service.daybook);
        access_close(x->service.access);
        free(x);
}

static int ask_here(struct store *store, struct arena *a, const char *method, const char *path, const char *type, struct str body, struct str *ret, struct err *reterr)
{
        struct ledger *ledger;
        struct asking *x;
        if (ledger_open(store, &ledger, reterr) < 0)
                return -1;
        int rc = ask_begin(store, ledger, &x, reterr);
        if (rc == 0) {
                rc = judge(a, ask_as(x, a, method, path, type, body, ret), *ret, reterr);
                ask_end(x);
        }
        ledger_close(ledger);
        return rc;
}

int ask_api_with(const struct settings *s, struct arena *a, const char *method, const char *path, const char *type, struct str body, struct str *ret, struct err *reterr)
{
        struct store_options o = { .writer_cache_kib = 4096, .reader_cache_kib = 1024, .readers = 2, .database = s->database };
        struct store *store;
        struct err e = { 0 };
        int status = 0;
        if (store_open(s->data, true, &o, &store, &e) == 0) {
                int rc = ask_here(store, a, method, path, type, body, ret, reterr);
                store_close(store);
                return rc;
        }
        if (e.kind != ERR_BUSY) {
                *reterr = e;
                return -1;
        }
        if (handover_ask(a, s->data, method, path, type, body, &status, ret, reterr) < 0)
                return -1;
        return judge(a, status, *ret, reterr);
}

int ask_api(const struct settings *s, struct arena *a, const char *method, const char *path, struct str body, struct str *ret, struct err *reterr)
{
        return ask_api_with(s, a, method, path, "application/json", body, ret, reterr);
}

void ask_member(struct buf *b, const char *name, const char *value)
{
        if (!*value)
                return;
        buf_z(b, b->n > 1 ? "," : "");
        json_write_name(b, name);
        json_write_str(b, str_of(value));
}
