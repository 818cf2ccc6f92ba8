#include <stdlib.h>

#include "api/api_impl.h"
#include "base/json.h"
#include "base/text.h"

void epcis_headers(struct reply *r)
{
        reply_header(r, "GS1-EPCIS-Version", "2.0.0");
        reply_header(r, "GS1-CBV-Version", "2.0.0");
        reply_header(r, "GS1-Extensions", "suyuan=" SUYUAN_VOC);
}

static const char *const epcis_types[] = { "application/json", "application/ld+json" };

const char *epcis_type(const struct request *q, struct err *reterr)
{
        int i = request_prefers(q, epcis_types, 2);

        if (epcis_versions(q, reterr) < 0)
                return NULL;
        if (i >= 0)
                return epcis_types[i];
        err_set(reterr, ERR_NOT_ACCEPTABLE, "this resource speaks application/json and application/ld+json");
        return NULL;
}

int epcis_body(const struct request *q, struct err *reterr)
{
        struct str coding = request_header(q, "Content-Encoding");
        if (coding.n && !str_ieq(coding, STR("identity")))
                return err_set(reterr, ERR_MEDIA_TYPE, "send the body as it is, not as \"%.*s\"", (int)(coding.n < 100 ? coding.n : 100), coding.p);
        if (request_media_is(q, epcis_types[0]) || request_media_is(q, epcis_types[1]))
                return 0;
        struct str sent = request_header(q, "Content-Type");
        return err_set(reterr, ERR_MEDIA_TYPE, "send application/json or application/ld+json in UTF-8, not \"%.*s\"",
                       (int)(sent.n < 100 ? sent.n : 100), sent.p ? sent.p : "");
}

int epcis_read(struct request *q, const struct service *v, const char **ret_type, struct document **ret, struct err *reterr)
{
        *ret_type = epcis_type(q, reterr);
        if (!*ret_type || epcis_body(q, reterr) < 0 ||
            document_read(q->arena, q->body.p ? q->body.p : "", q->body.n, store_origins(v->store), ret, reterr) < 0)
                return -1;
        request_drop_body(q);   /* the tree stands by itself, and a capture may wait for its commit */
        return 0;
}

static void write_fault(struct buf *b, const struct fault *f)
{
        buf_z(b, "{\"code\":");
        json_write_str(b, str_of(f->code));
        buf_z(b, ",\"pointer\":");
        json_write_str(b, f->pointer);
        buf_z(b, ",\"detail\":");
        json_write_str(b, f->message);
        if (f->event >= 0)
                buf_printf(b, ",\"event\":%d", f->event);
        buf_char(b, '}');
}

void write_faults(struct buf *b, const char *name, const struct faults *f, enum fault_severity severity)
{
        bool more = false;

        json_write_name(b, name);
        buf_char(b, '[');
        for (size_t i = 0; i < f->n; i++) {
                if (f->list[i].severity != severity)
                        continue;
                if (more)
                        buf_char(b, ',');
                more = true;
                write_fault(b, &f->list[i]);
        }
        buf_char(b, ']');
}

void write_not_understood(struct buf *b, const struct faults *f)
{
        size_t n = 0;
        for (size_t i = 0; i < f->n; i++) {
                if (f->list[i].severity != FAULT_FINDING)
                        continue;
                buf_z(b, n++ ? "," : ",\"notUnderstood\":[");
                json_write_str(b, f->list[i].pointer);
        }
        if (n)
                buf_char(b, ']');
}

static const struct fault *first_refused(const struct faults *f)
{
        for (size_t i = 0; i < f->n; i++)
                if (f->list[i].severity == FAULT_REFUSED)
                        return &f->list[i];
        return NULL;
}

static void tell_faults(struct request *q, const struct faults *f, enum err_kind kind)
{
        const struct fault *first = first_refused(f);
        struct buf extra = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };

        err_set(&e, kind, "%zu fault%s, nothing was stored. The first: %.*s", f->refused, f->refused == 1 ? "" : "s",
                first ? (int)(first->message.n < 250 ? first->message.n : 250) : 0, first ? first->message.p : "");
        if (first && first->pointer.n < sizeof e.pointer)
                err_at(&e, first->pointer.p);
        write_faults(&extra, "errors", f, FAULT_REFUSED);
        buf_char(&extra, ',');
        write_faults(&extra, "findings", f, FAULT_FINDING);
        if (f->dropped)
                buf_printf(&extra, ",\"untold\":%zu", f->dropped);
        exchange_problem(q->exchange, &e, &extra);
        buf_free(&extra);
}

void answer_faults(struct request *q, const struct document *d)
{
        tell_faults(q, &d->faults, ERR_BAD_EVENT);
}

void answer_list_of_faults(struct request *q, const struct faults *f)
{
        tell_faults(q, f, ERR_BAD_INPUT);
}

bool answer_refused(struct request *q, const struct ledger_job *job)
{
        struct document d = *job->doc;
        d.faults = (struct faults){ .list = arena_array(q->arena, struct fault, d.n_events + 1) };

        for (size_t i = 0; i < d.n_events; i++)
                if (job->recorded[i].fault)
                        d.faults.list[d.faults.n++] = *job->recorded[i].fault;
        d.faults.refused = d.faults.n;
        if (d.faults.n)
                answer_faults(q, &d);
        return d.faults.n > 0;
}

int64_t path_org(struct request *q, const struct service *v, bool write, struct str *ret_code, struct str *ret_rest, struct err *reterr)
{
        struct str rest = q->rest, org = STR_NONE, code = STR_NONE;
        *ret_code = STR_NONE;
        *ret_rest = STR_NONE;
        if (!str_split(&rest, '/', &org) || !percent_decode(q->arena, org, &org))
                return err_set(reterr, ERR_NOT_FOUND, "没有这个资源 / there is no such resource"), 0;
        if (rest.p && (!str_split(&rest, '/', &code) || !percent_decode(q->arena, code, ret_code)))
                return err_set(reterr, ERR_NOT_FOUND, "没有这个资源 / there is no such resource"), 0;
        *ret_rest = rest;
        if (!org.n)
                return err_set(reterr, ERR_NOT_FOUND, "没有这个组织 / there is no organisation without a code"), 0;
        return write ? access_org_of(v->access, q, org, reterr) : access_org_seen(v->access, q, org, reterr);
}

void reply_take(struct request *q, struct reply *r, struct buf *b)
{
        size_t n;
        char *p = buf_take(b, &n);

        arena_at_exit(q->arena, free, p);
        r->body = (struct str){ p, n };
}

void answer_buf(struct request *q, int status, const char *type, struct buf *b, const char *what)
{
        struct reply r = { .status = status, .content_type = type };
        struct err e = { 0 };

        if (b->overflow) {
                buf_free(b);
                err_set(&e, ERR_TOO_LARGE, "%s is too large to be told in one answer; ask for less", what);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        reply_take(q, &r, b);
        exchange_answer(q->exchange, &r);
}

int number_param(const struct request *q, const char *name, int64_t low, int64_t high, int64_t otherwise, int64_t *ret, struct err *reterr)
{
        struct str text;
        int64_t v = 0;
        int found = request_param(q, name, &text);

        *ret = otherwise;
        if (found == 0)
                return 0;
        bool good = found > 0 && text.n > 0 && text.n < 12;
        for (size_t i = 0; good && i < text.n; i++) {
                good = text.p[i] >= '0' && text.p[i] <= '9';
                v = v * 10 + (text.p[i] - '0');
        }
        if (!good || v < low || v > high)
                return err_set(reterr, ERR_BAD_QUERY, "%s is a whole number from %lld to %lld", name, (long long)low, (long long)high);
        *ret = v;
        return 0;
}
