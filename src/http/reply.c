#include <assert.h>
#include <stdlib.h>

#include "http/http_impl.h"

struct shared_body {
        atomic_int refs;
        _Atomic(void *) form;
        void (*unmake)(void *form);
        size_t n;
        char p[];
};

struct shared_body *shared_body_new(const void *p, size_t n)
{
        struct shared_body *s = malloc(sizeof *s + n);

        if (!s)
                abort();
        s->refs = 1;
        s->form = NULL;
        s->n = n;
        if (n)
                memcpy(s->p, p, n);
        return s;
}

struct shared_body *shared_body_ref(struct shared_body *s)
{
        s->refs++;
        return s;
}

void shared_body_unref(struct shared_body *s)
{
        if (!s || --s->refs > 0)
                return;
        void *form = s->form;
        if (form)
                s->unmake(form);        /* which may still be on its way out somewhere */
        else
                free(s);
}

void shared_body_end(struct shared_body *s)
{
        free(s);
}

void *shared_body_form(const struct exchange *x, const struct reply *r, make_form make, void (*unmake)(void *form))
{
        static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
        struct shared_body *s = r->shared;

        if (s->form)
                return s->form;
        pthread_mutex_lock(&making);
        if (!s->form) {
                s->unmake = unmake;
                s->form = make(x, r);
        }
        pthread_mutex_unlock(&making);
        return s->form;
}

const void *shared_body_bytes(const struct shared_body *s, size_t *ret_n)
{
        *ret_n = s->n;
        return s->p;
}

void reply_header(struct reply *r, const char *name, const char *value)
{
        assert(r->n_headers < sizeof r->headers / sizeof *r->headers);
        r->headers[r->n_headers++] = (struct reply_header){ name, value };
}

int64_t reply_size(const struct reply *r)
{
        if (r->shared)
                return (int64_t)r->shared->n;
        return r->fd > 0 ? r->fd_size : (int64_t)r->body.n;
}

/* A value that could end its line would let a stranger write the next header. */
static bool value_is_safe(const char *value)
{
        for (const unsigned char *p = (const unsigned char *)value; *p; p++)
                if ((*p < 0x20 && *p != '\t') || *p == 0x7f)
                        return false;
        return true;
}

static bool has(const struct reply_header *list, size_t n, const char *name)
{
        for (size_t i = 0; i < n; i++)
                if (!strcasecmp(list[i].name, name))
                        return true;
        return false;
}

size_t reply_all_headers(const struct exchange *x, const struct reply *r, struct reply_header *ret)
{
        const struct reply_header ours[] = {
                { "Content-Type", r->content_type },
                { "X-Request-Id", r->shared && !x->foreign_id ? NULL : x->q.id },
                { "X-Content-Type-Options", "nosniff" },
                { "Referrer-Policy", "same-origin" },
                { "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'" },
                { "Connection", x->close || x->front->draining ? "close" : NULL },
        };
        size_t n = 0;

        for (size_t i = 0; i < r->n_headers; i++)
                if (r->headers[i].value && value_is_safe(r->headers[i].value))
                        ret[n++] = r->headers[i];
        for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
                if (ours[i].value && !has(r->headers, r->n_headers, ours[i].name))
                        ret[n++] = ours[i];
        return n;
}

void exchange_answer(struct exchange *x, const struct reply *r)
{
        struct reply mem;

        assert(r->status >= 200 && r->status <= 599);
        bool second = atomic_exchange(&x->answered, true);
        assert(!second);
        r = reply_packed(x, r, &mem);
        x->status = r->status;
        x->reply_bytes = x->q.method == METHOD_HEAD ? 0 : reply_size(r);
        x->deliver(x, r);
}
