#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "http/http_impl.h"

struct loopback {
        struct front front;
        pthread_mutex_t lock;
        pthread_cond_t answered;
};

/* One asking: lives on the asker's stack, who waits. */
struct asking {
        struct loopback *l;
        struct arena *a;        /* the asker's; touched by the answering thread while the asker waits */
        struct loopback_reply *ret;
        bool over;
};

static struct str file_bytes(struct arena *a, const struct reply *r)
{
        char *p = arena_raw(a, (size_t)r->fd_size + 1);
        ssize_t n = pread(r->fd, p, (size_t)r->fd_size, r->fd_at);

        close(r->fd);
        return (struct str){ p, n > 0 ? (size_t)n : 0 };
}

static struct str body_of(struct arena *a, const struct reply *r)
{
        if (r->fd > 0)
                return file_bytes(a, r);
        if (!r->shared)
                return arena_str(a, r->body);

        struct str s;
        s.p = shared_body_bytes(r->shared, &s.n);
        s = arena_str(a, s);
        shared_body_unref(r->shared);
        return s;
}

static void deliver(struct exchange *x, const struct reply *r)
{
        struct asking *k = x->transport;
        struct loopback *l = k->l;
        struct reply_header all[REPLY_HEADERS_MAX];
        size_t n = reply_all_headers(x, r, all);
        struct loopback_header *copy = arena_array(k->a, struct loopback_header, n);

        for (size_t i = 0; i < n; i++)
                copy[i] = (struct loopback_header){ arena_cstr(k->a, str_of(all[i].name)), arena_cstr(k->a, str_of(all[i].value)) };
        *k->ret = (struct loopback_reply){
                .status = r->status, .headers = copy, .n_headers = n, .body = body_of(k->a, r),
                .content_type = r->content_type ? arena_str(k->a, str_of(r->content_type)) : STR_NONE,
        };
        pthread_mutex_lock(&l->lock);
        k->over = true;
        pthread_cond_broadcast(&l->answered);
        pthread_mutex_unlock(&l->lock);
}

struct loopback *loopback_new(const struct http_options *o)
{
        struct loopback *l = calloc(1, sizeof *l);

        if (!l)
                abort();
        front_init(&l->front, o);
        pthread_mutex_init(&l->lock, NULL);
        pthread_cond_init(&l->answered, NULL);
        return l;
}

void loopback_free(struct loopback *l)
{
        if (!l)
                return;
        front_fini(&l->front);
        pthread_cond_destroy(&l->answered);
        pthread_mutex_destroy(&l->lock);
        free(l);
}

static void copy_headers(struct exchange *x, const struct loopback_request *in)
{
        for (size_t i = 0; i < in->n_headers && x->n_headers < HEADERS_MAX; i++)
                x->headers[x->n_headers++] = (struct header){ str_of(in->headers[i].name), str_of(in->headers[i].value) };
        if (!header_find(x, "Host").p && x->n_headers < HEADERS_MAX)
                x->headers[x->n_headers++] = (struct header){ STR("Host"), STR("127.0.0.1") };
}

void loopback_ask(struct loopback *l, struct arena *a, const struct loopback_request *in, struct loopback_reply *ret)
{
        struct exchange *x = exchange_new(&l->front);
        struct asking k = { .l = l, .a = a, .ret = ret };

        x->transport = &k;
        x->deliver = deliver;
        x->q.target = arena_str(x->q.arena, in->target);
        x->q.local = in->local;
        if (!in->local)
                snprintf(x->q.peer, sizeof x->q.peer, "%s", in->peer ? in->peer : "127.0.0.1");
        copy_headers(x, in);
        front_begin(x, in->method ? in->method : "GET", "HTTP/1.1");
        if (in->body.n)
                front_body(x, in->body.p, in->body.n);
        if (!front_end(x))
                front_handle(x);
        pthread_mutex_lock(&l->lock);
        while (!k.over)
                pthread_cond_wait(&l->answered, &l->lock);
        pthread_mutex_unlock(&l->lock);
        exchange_done(x);
}

const char *loopback_header(const struct loopback_reply *r, const char *name)
{
        for (size_t i = 0; i < r->n_headers; i++)
                if (!strcasecmp(r->headers[i].name, name))
                        return r->headers[i].value;
        return NULL;
}
