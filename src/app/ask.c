#include "app/ask.h"

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

static int ask_here(struct service *v, struct arena *a, const char *method, const char *path, struct str body, struct str *ret, struct err *reterr)
{
        struct http_options o = { .routes = api_routes, .n_routes = api_n_routes, .app = v, .admit = access_admit, .forbidden = access_forbidden, .quiet = true };
        const struct loopback_header json = { "Content-Type", "application/json" };
        struct loopback_request in = { .method = method, .target = str_of(path), .headers = &json, .n_headers = 1, .body = body, .local = true };
        struct loopback_reply out = { 0 };
        if (ledger_open(v->store, &v->ledger, reterr) < 0)
                return -1;
        int rc = access_open(v->store, v->ledger, &v->access, reterr);
        if (rc == 0)
                rc = daybook_start(v->store, v->ledger, &v->daybook, reterr);
        if (rc == 0)
                rc = sensing_start(v->store, v->ledger, v->access, &(struct sensing_options){ .readers = 2, .grace_s = 600 }, &v->sensing, reterr);
        if (rc == 0) {
                struct loopback *l = loopback_new(&o);
                loopback_ask(l, a, &in, &out);
                loopback_free(l);
                *ret = out.body;
                rc = judge(a, out.status, out.body, reterr);
        }
        sensing_stop(v->sensing);
        daybook_stop(v->daybook);
        access_close(v->access);
        ledger_close(v->ledger);
        return rc;
}

int ask_api(const struct settings *s, struct arena *a, const char *method, const char *path, struct str body, struct str *ret, struct err *reterr)
{
        struct store_options o = { .writer_cache_kib = 4096, .reader_cache_kib = 1024, .readers = 2, .database = s->database };
        struct service v = { 0 };
        struct err e = { 0 };
        int status = 0;
        if (store_open(s->data, true, &o, &v.store, &e) == 0) {
                int rc = ask_here(&v, a, method, path, body, ret, reterr);
                store_close(v.store);
                return rc;
        }
        if (e.kind != ERR_BUSY) {
                *reterr = e;
                return -1;
        }
        if (handover_ask(a, s->data, method, path, body, &status, ret, reterr) < 0)
                return -1;
        return judge(a, status, *ret, reterr);
}

void ask_member(struct buf *b, const char *name, const char *value)
{
        if (!*value)
                return;
        buf_z(b, b->n > 1 ? "," : "");
        json_write_name(b, name);
        json_write_str(b, str_of(value));
}
