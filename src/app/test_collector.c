#include "base/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "http/http.h"
#include "ingest/collector.h"
#include "ingest/collector_impl.h"

/* The collector against a server of ours that does as it is told. */
enum { WAIT_US = 20 * 1000000 };

struct world {
        struct http *http;
        struct collector *c;
        char folder[64], socket[128];
        atomic_int status;              /* what readings are answered with */
        atomic_bool hold;               /* they wait */
        atomic_int posts, readings;
        atomic_int refused;             /* told so */
        atomic_int bad;                 /* a batch with this value is refused; 0: none */
        pthread_mutex_t lock;
        char notices[8192];
        const char *devices;            /* the list; its mark is its length */
        const char *const *pages;       /* or what changed, answer by answer: page i for the mark "i", the first without one; NULL ends them */
        atomic_int asked;               /* for pages */
};

static struct world *here;

static void answer(struct request *q, int status, struct str body)
{
        struct reply r = { .status = status, .content_type = "application/json", .body = body };
        exchange_answer(q->exchange, &r);
}

struct counted { int n, bad; bool has_bad; };

static void count(void *ctx, const struct reading *r)
{
        struct counted *x = ctx;
        x->n++;
        x->has_bad |= x->bad && r->value.mantissa == x->bad;
}

static void on_readings(struct request *q, void *app)
{
        struct world *w = app;
        struct batch_view *v;
        struct counted x = { .bad = w->bad };
        while (w->hold)
                usleep(1000);
        w->posts++;
        int status = w->status;
        if (batch_open(q->arena, q->body, &v, NULL) < 0)
                status = 400;
        else
                batch_each(v, STR_NONE, count, &x);
        status = x.has_bad ? 400 : status;
        if (status < 300)
                w->readings += x.n;
        answer(q, status, x.has_bad ? STR("{\"detail\":\"no such value\"}") : STR("{}"));
}

static void on_notices(struct request *q, void *app)
{
        struct world *w = app;
        pthread_mutex_lock(&w->lock);
        snprintf(w->notices + strlen(w->notices), sizeof w->notices - strlen(w->notices), "%.*s", STR_ARG(q->body));
        pthread_mutex_unlock(&w->lock);
        answer(q, 204, STR_NONE);
}

static void on_devices(struct request *q, void *app)
{
        struct world *w = app;
        struct str since = STR_NONE;
        pthread_mutex_lock(&w->lock);
        if (w->pages) {
                int64_t i = 0;
                request_param(q, "since", &since);
                number_read(since, &i);
                const char *page = w->pages[i];
                pthread_mutex_unlock(&w->lock);
                w->asked++;
                answer(q, page ? 200 : 204, page ? str_of(page) : STR_NONE);
                return;
        }
        struct str mark = arena_printf(q->arena, "m%zu", strlen(w->devices));
        bool same = request_param(q, "since", &since) == 1 && str_eq(since, mark);
        struct str body = arena_printf(q->arena, "{\"mark\":\"%s\",\"devices\":[%s]}", mark.p, w->devices);
        pthread_mutex_unlock(&w->lock);
        answer(q, same ? 204 : 200, same ? STR_NONE : body);
}

static const struct route readings = { .methods = METHOD_POST, .pattern = "/api/collect/readings", .name = "r", .max_body = 1 << 24, .handle = on_readings },
        notices = { .methods = METHOD_POST, .pattern = "/api/collect/notices", .name = "n", .max_body = 1 << 20, .handle = on_notices },
        devices = { .methods = METHOD_GET, .pattern = "/api/collect/devices", .name = "d", .handle = on_devices };

static void serve(struct world *w)
{
        static const struct route *const routes[] = { &readings, &notices, &devices };
        struct http_options o = { .listen = "127.0.0.1:0", .unix_socket = w->socket, .threads = 1, .workers = 2, .routes = routes, .n_routes = 3, .app = w, .quiet = true };
        struct err e = { 0 };
        if (http_start(&o, &w->http, &e) < 0)
                fail_msg("%s", e.detail);
}

static int open_world(void **state)
{
        struct world *w = here = calloc(1, sizeof *w);
        struct err e = { 0 };
        snprintf(w->folder, sizeof w->folder, "/tmp/suyuan-collector-XXXXXX");
        assert_non_null(mkdtemp(w->folder));
        snprintf(w->socket, sizeof w->socket, "%s/s", w->folder);
        pthread_mutex_init(&w->lock, NULL);
        w->status = 204;
        w->devices = "{\"id\":\"d-1\",\"org\":\"farm\",\"protocol\":\"mqtt\",\"mn\":\"MN1\",\"maxPerMinute\":10,\"secret\":"
                     "\"sha256:0001:5c15e7ba4c6dbe5a1dabbbbd0f6ab5ecb4a5c6d5fcd2a5bd1bfcbfb3d6a7ad08\",\"detail\":{\"format\":\"senml\"}},{\"id\":\"b-2\",\"revoked\":true}";
        serve(w);
        struct collect_options o = { .socket = w->socket };
        assert_int_equal(collector_start(&o, &w->c, &e), 0);
        *state = w;
        return 0;
}

static int close_world(void **state)
{
        struct world *w = *state;
        collector_stop(w->c);
        if (w->http)
                http_stop(w->http, 1000);
        unlink(w->socket);
        rmdir(w->folder);
        free(w);
        return 0;
}

static void on_told(void *ctx, enum told what)
{
        ++((atomic_int *)ctx)[what == TOLD_DURABLE];
        here->refused += what == TOLD_REFUSED;
}

static bool give_value(struct world *w, int64_t t, size_t n, int64_t value, atomic_int told[2])
{
        struct reading r[100];
        assert_true(n <= COUNT(r));
        for (size_t i = 0; i < n; i++)
                r[i] = (struct reading){ .device = STR("d-1"), .channel = STR("ta"), .t_ms = 1780000000000 + t * 1000 + (int64_t)i, .value = { value, 1 } };
        return collector_give(w->c, r, n, on_told, told);
}

static bool give(struct world *w, int64_t t, size_t n, atomic_int told[2])
{
        return give_value(w, t, n, 193, told);
}

/* Waits for a number, as long as it takes within reason. */
static void reaches(const char *what, atomic_int *n, int want)
{
        int64_t until = clock_mono_us() + WAIT_US;
        while (*n < want) {
                if (clock_mono_us() > until)
                        fail_msg("%s: %d, wanted %d", what, *n, want);
                usleep(1000);
        }
}

static void what_is_given_is_told_once_it_is_durable(void **state)
{
        struct world *w = *state;
        atomic_int told[2] = { 0 };
        w->hold = true;
        for (int i = 0; i < 50; i++)
                assert_true(give(w, i, 3, told));
        usleep(50000);
        assert_int_equal(told[0] + told[1], 0);
        w->hold = false;
        reaches("told durable", &told[1], 50);
        assert_int_equal(told[0], 0);
        assert_int_equal(w->readings, 150);
        assert_true(w->posts <= 3);             /* what gathered while the first was on its way went together */
}

static void a_busy_server_is_asked_again(void **state)
{
        struct world *w = *state;
        atomic_int told[2] = { 0 };
        w->status = 503;
        assert_true(give(w, 1, 1, told));
        reaches("posts", &w->posts, 3);
        assert_int_equal(told[0] + told[1], 0);
        w->status = 200;
        reaches("told durable", &told[1], 1);
        assert_int_equal(w->readings, 1);
}

static void a_server_that_comes_back_gets_what_waited(void **state)
{
        struct world *w = *state;
        atomic_int told[2] = { 0 };
        http_stop(w->http, 1000);
        w->http = NULL;
        assert_true(give(w, 1, 2, told));
        usleep(200000);
        assert_int_equal(told[0] + told[1], 0);
        serve(w);
        reaches("told durable", &told[1], 1);
        assert_int_equal(w->readings, 2);
}

static void what_the_server_refuses_is_told_so(void **state)
{
        struct world *w = *state;
        atomic_int told[2] = { 0 };
        w->status = 400;
        assert_true(give(w, 1, 1, told));
        reaches("told not durable", &told[0], 1);
        assert_int_equal(told[1], 0);
        assert_int_equal(w->refused, 1);
}

static void notice_comes(struct world *w, const char *what, const char *detail)
{
        int64_t until = clock_mono_us() + WAIT_US;
        for (bool there = false; !there; usleep(1000)) {
                assert_true(clock_mono_us() < until);
                pthread_mutex_lock(&w->lock);
                there = strstr(w->notices, what) && strstr(w->notices, detail);
                pthread_mutex_unlock(&w->lock);
        }
}

static void one_that_is_refused_takes_no_other_with_it(void **state)
{
        struct world *w = *state;
        atomic_int told[2] = { 0 };
        w->bad = 666;
        for (int guilty = 0; guilty < 10; guilty++) {           /* at each place of a lot, and two of them */
                w->hold = true;
                int posts = w->posts;
                assert_true(give(w, guilty * 1000, 1, told));
                usleep(10000);                                  /* on its way, or among the others: either is fine */
                for (int i = 0; i < 10; i++)
                        assert_true(give_value(w, guilty * 1000 + 1 + i, 3, i == guilty || i == 4 ? 666 : 193, told));
                w->hold = false;
                int n_bad = 2 * (guilty + 1) - (guilty >= 4);
                reaches("told not durable", &told[0], n_bad);
                reaches("told durable", &told[1], 11 * (guilty + 1) - n_bad);
                assert_int_equal(told[0], n_bad);
                assert_int_equal(w->refused, n_bad);
                assert_int_equal(w->readings, 3 * told[1] - 2 * (guilty + 1));  /* each of the good ones once */
                assert_in_range(w->posts - posts, 3, 30);
        }
        notice_comes(w, "\"what\":\"bad-frame\"", "\"detail\":\"no such value\",\"bytes\":\"c3li");
        int posts = w->posts;
        assert_true(give(w, 99000, 1, told));                   /* and nothing comes again for ever */
        reaches("posts", &w->posts, posts + 1);
        usleep(50000);
        assert_int_equal(w->posts, posts + 1);
        assert_int_equal(told[0], w->refused);
}

static void what_is_no_fault_of_the_readings_throws_none_away(void **state)
{
        static const int not_theirs[] = { 401, 403, 404, 408, 415, 429 };
        struct world *w = *state;
        atomic_int told[2] = { 0 };
        for (int i = 0; i < (int)COUNT(not_theirs); i++) {
                int posts = w->posts;
                w->status = not_theirs[i];
                assert_true(give(w, i, 1, told));
                reaches("posts", &w->posts, posts + 2);
                assert_int_equal(told[0] + told[1], i);
                w->status = 200;
                reaches("told durable", &told[1], i + 1);
        }
        assert_int_equal(w->refused, 0);
}

static void what_fits_no_batch_is_refused_and_the_next_goes(void **state)
{
        struct world *w = *state;
        atomic_int told[2] = { 0 };
        struct reading *r = calloc(LIMIT_BATCH_HOURS + 1, sizeof *r);
        for (int64_t i = 0; i <= LIMIT_BATCH_HOURS; i++)
                r[i] = (struct reading){ .device = STR("d-1"), .channel = STR("ta"), .t_ms = i * 3600000, .value = { 1, 0 } };
        int64_t until = clock_mono_us() + WAIT_US;
        for (int i = 0; i < 3; i++) {
                while (!collector_give(w->c, r, LIMIT_BATCH_HOURS + 1, on_told, told)) {        /* behind others it waits for its turn */
                        assert_true(clock_mono_us() < until);
                        usleep(1000);
                }
                while (!give(w, i, 1, told))
                        usleep(1000);
        }
        reaches("told not durable", &told[0], 3);
        reaches("told durable", &told[1], 3);
        assert_int_equal(w->refused, 3);
        assert_int_equal(w->readings, 3);
        notice_comes(w, "\"what\":\"bad-frame\"", "fits no batch");
        free(r);
}

static void too_much_waits_at_its_sender(void **state)
{
        struct world *w = *state;
        atomic_int told[2] = { 0 };
        int given = 0;
        w->hold = true;
        while (give(w, given, 100, told))
                assert_true(++given <= 2 * LIMIT_COLLECT_READINGS / 100);
        assert_true(given >= LIMIT_COLLECT_READINGS / 100);
        w->hold = false;
        reaches("told durable", &told[1], given);
        assert_true(give(w, given, 1, told));
        reaches("told durable", &told[1], given + 1);
        assert_int_equal(w->readings, given * 100 + 1);
}

static void the_end_hands_over_what_there_is_and_gives_up_in_time(void **state)
{
        struct world *w = *state;
        atomic_int told[2] = { 0 };
        w->hold = true;
        for (int i = 0; i < 10; i++)
                assert_true(give(w, i, 1, told));
        usleep(20000);
        w->hold = false;
        collector_drain(w->c, 8000);
        assert_int_equal(told[1], 10);
        assert_false(give(w, 11, 1, told));
        collector_stop(w->c);

        struct collect_options o = { .socket = w->socket };
        assert_int_equal(collector_start(&o, &w->c, NULL), 0);
        w->status = 503;
        assert_true(give(w, 12, 1, told));
        int64_t began = clock_mono_us();
        collector_drain(w->c, 500);
        assert_in_range(clock_mono_us() - began, 0, 5000000);
        assert_int_equal(told[0], 1);
}

static const struct device_list *list_since_now(struct world *w)
{
        int64_t now = clock_mono_us();
        const struct device_list *l;
        while (!(l = collector_devices_since(w->c, now))) {
                assert_true(clock_mono_us() < now + WAIT_US);
                usleep(1000);
        }
        return l;
}

static void a_device_that_was_just_made_known_is_found(void **state)
{
        struct world *w = *state;
        const struct device_list *l = list_since_now(w);
        assert_null(device_by_id(l, STR("c-3")));
        const struct known_device *d = device_by_mn(l, STR("MN1"));
        assert_non_null(d);
        assert_str(d->id, "d-1");
        assert_str(d->detail, "{\"format\":\"senml\"}");
        assert_int_equal(d->max_per_minute, 10);
        assert_true(device_by_id(l, STR("b-2"))->revoked && !d->revoked);
        assert_null(device_by_mn(l, STR("")));
        assert_non_null(device_at(l, 1));
        assert_null(device_at(l, 2));
        device_list_done(l);
        pthread_mutex_lock(&w->lock);
        w->devices = "{\"id\":\"c-3\"}";
        pthread_mutex_unlock(&w->lock);
        int64_t began = clock_mono_us();
        l = list_since_now(w);
        assert_in_range(clock_mono_us() - began, 0, 900000);    /* before the second was over */
        assert_non_null(device_by_id(l, STR("c-3")));
        assert_null(device_by_id(l, STR("d-1")));
        device_list_done(l);
}

static const struct device_list *applied(const struct device_list *base, const char *json, bool *ret_more)
{
        struct err e = { 0 };
        const struct device_list *l = device_list_apply(base, str_of(json), ret_more, &e);
        if (!l)
                fail_msg("%s", e.detail);
        device_list_done(base);
        return l;
}

static void expect_devices(const struct device_list *l, const char *want)
{
        char have[400] = "";
        const struct known_device *d;
        for (size_t i = 0; (d = device_at(l, i)); i++) {
                assert_ptr_equal(device_by_id(l, d->id), d);
                snprintf(have + strlen(have), sizeof have - strlen(have), "%.*s:%.*s ", STR_ARG(d->id), (int)d->mn.n, d->mn.n ? d->mn.p : "");
        }
        assert_string_equal(have, want);
}

static void a_list_is_changed_by_what_changed(void **state)
{
        bool more;
        struct err e = { 0 };
        (void)state;
        const struct device_list *l = applied(NULL, "{\"mark\":\"3\",\"whole\":true,\"changed\":[{\"id\":\"d\",\"mn\":\"1\"},{\"id\":\"b\"},{\"id\":\"f\",\"mn\":\"2\"}],\"more\":true}", &more);
        assert_true(more);
        expect_devices(l, "b: d:1 f:2 ");
        const struct device_list *older = device_list_ref(l);
        l = applied(l, "{\"mark\":\"6\",\"changed\":[{\"id\":\"a\",\"mn\":\"2\"},{\"id\":\"f\"},{\"id\":\"e\"},{\"id\":\"g\"},{\"id\":\"e\",\"mn\":\"9\"}],\"gone\":[\"b\",\"never\"]}", &more);
        assert_false(more);
        expect_devices(l, "a:2 d:1 e:9 f: g: ");
        assert_string_equal(device_list_mark(l), "6");
        assert_str(device_by_mn(l, STR("2"))->id, "a");
        expect_devices(older, "b: d:1 f:2 ");           /* who holds it sees it as it was */
        assert_ptr_equal(device_by_id(older, STR("d")), device_by_id(l, STR("d")));     /* and what did not change is there once */
        device_list_done(older);
        assert_null(device_list_apply(l, STR("{\"mark\":\"7\",\"gone\":[]}"), &more, &e));
        assert_null(device_list_apply(l, STR("{\"changed\":[]}"), &more, &e));
        l = applied(l, "{\"mark\":\"9\",\"changed\":[],\"gone\":[\"a\",\"d\",\"e\",\"f\",\"g\"]}", &more);
        expect_devices(l, "");
        l = applied(l, "{\"mark\":\"1\",\"devices\":[{\"id\":\"z\"}]}", &more);      /* a server of the old form tells all of them */
        l = applied(l, "{\"mark\":\"2\",\"devices\":[{\"id\":\"y\"}]}", &more);
        expect_devices(l, "y: ");
        device_list_done(l);
}

static void a_long_list_comes_in_pages_and_is_seen_when_it_is_whole(void **state)
{
        static const char *const pages[] = {
                "{\"mark\":\"1\",\"whole\":true,\"changed\":[{\"id\":\"p-1\"}],\"more\":true}", "{\"mark\":\"2\",\"changed\":[{\"id\":\"p-2\"}],\"more\":true}",
                "{\"mark\":\"3\",\"changed\":[{\"id\":\"p-3\"}],\"gone\":[\"p-1\"]}", NULL,
        };
        struct world *w = *state;
        pthread_mutex_lock(&w->lock);
        w->pages = pages;
        pthread_mutex_unlock(&w->lock);
        for (int64_t until = clock_mono_us() + WAIT_US; w->asked < 4; usleep(1000))
                assert_true(clock_mono_us() < until);
        const struct device_list *l = list_since_now(w);
        expect_devices(l, "p-2: p-3: ");
        device_list_done(l);
}

static void a_secret_is_known_by_its_hash(void **state)
{
        struct arena *a = arena_new();
        struct hash h = sha256("\x00\x01geheim", 8);
        struct buf b;
        (void)state;
        buf_init(&b, 200);
        buf_z(&b, "sha256:0001:");
        buf_hex(&b, h.b, sizeof h.b);
        struct known_device d = { .secret = buf_view(&b) };
        assert_true(device_secret_is(&d, STR("geheim")));
        assert_false(device_secret_is(&d, STR("geheim ")));
        d.secret = STR_NONE;
        assert_false(device_secret_is(&d, STR("")));
        d.secret = STR("sha256::");
        assert_false(device_secret_is(&d, STR("")));
        buf_free(&b);
        arena_free(a);
}

static void a_notice_is_told_once_a_second_with_how_often(void **state)
{
        (void)state;
        struct notices *x = notices_new();
        struct arena *a = arena_new();
        const struct json *j;
        struct buf b;
        buf_init(&b, 1 << 20);
        char *bytes = calloc(1, LIMIT_QUARANTINE_BYTES + 1);
        for (int i = 0; i < 5; i++)
                notices_add(x, NOTICE_BAD_FRAME, STR("d-1"), STR("127.0.0.1"), STR("no frame"), (struct str){ bytes, LIMIT_QUARANTINE_BYTES + 1 }, 1000000 + i);
        notices_add(x, NOTICE_BAD_FRAME, STR("d-2"), STR_NONE, STR_NONE, STR("\xff\x00"), 1000000);
        notices_add(x, NOTICE_BAD_FRAME, STR("d-1"), STR_NONE, STR_NONE, STR_NONE, 2000001);
        assert_true(notices_take(x, &b));
        assert_int_equal(json_read(a, b.p, b.n, NULL, &j, NULL), 0);
        assert_int_equal(j->n, 3);
        assert_str(json_str(&j->items[0], "what"), "bad-frame");
        assert_str(json_str(&j->items[0], "from"), "127.0.0.1");
        assert_int_equal(json_str(&j->items[0], "bytes").n, (LIMIT_QUARANTINE_BYTES + 2) / 3 * 4);
        assert_int_equal(json_int(json_get(&j->items[0], "times"), 0), 1);
        assert_str(json_str(&j->items[1], "bytes"), "/wA=");
        assert_int_equal(json_int(json_get(&j->items[2], "times"), 0), 5);
        assert_false(notices_take(x, &b) || notices_wait(x));
        free(bytes);
        buf_free(&b);
        arena_free(a);
        notices_free(x);
}

static void notices_reach_the_server(void **state)
{
        struct world *w = *state;
        collector_notice(w->c, NOTICE_WRONG_SECRET, STR("d-1"), STR("10.0.0.7"), STR("x"), STR_NONE);
        int64_t until = clock_mono_us() + WAIT_US;
        for (bool there = false; !there; usleep(1000)) {
                assert_true(clock_mono_us() < until);
                pthread_mutex_lock(&w->lock);
                there = strstr(w->notices, "\"what\":\"wrong-secret\"") && strstr(w->notices, "10.0.0.7");
                pthread_mutex_unlock(&w->lock);
        }
}

static void half_an_hour_of_readings_may_come_at_once_and_not_one_more(void **state)
{
        (void)state;
        struct allowances *x = allowances_new();
        bool tell;
        assert_true(allowances_take(x, STR("d"), 10, 10 * LIMIT_DEVICE_BURST_MINUTES, 0, &tell));
        assert_false(allowances_take(x, STR("d"), 10, 1, 0, &tell));
        assert_true(tell);
        assert_false(allowances_take(x, STR("d"), 10, 1, 1000, &tell));
        assert_false(tell);                                                             /* once a minute */
        assert_true(allowances_take(x, STR("e"), 10, 1, 1000, &tell));                 /* the others are unharmed */
        assert_true(allowances_take(x, STR("d"), 10, 10, 60 * 1000000, &tell));
        assert_false(allowances_take(x, STR("d"), 10, 1, 60 * 1000000, &tell));
        assert_true(tell);
        assert_false(allowances_take(x, STR("f"), 0, 1, 0, &tell));
        allowances_free(x);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
        const struct CMUnitTest tests[] = {
                T(what_is_given_is_told_once_it_is_durable),
                T(a_busy_server_is_asked_again),
                T(a_server_that_comes_back_gets_what_waited),
                T(what_the_server_refuses_is_told_so),
                T(one_that_is_refused_takes_no_other_with_it),
                T(what_is_no_fault_of_the_readings_throws_none_away),
                T(what_fits_no_batch_is_refused_and_the_next_goes),
                T(too_much_waits_at_its_sender),
                T(the_end_hands_over_what_there_is_and_gives_up_in_time),
                T(a_device_that_was_just_made_known_is_found),
                T(a_long_list_comes_in_pages_and_is_seen_when_it_is_whole),
                cmocka_unit_test(a_list_is_changed_by_what_changed),
                T(notices_reach_the_server),
                cmocka_unit_test(a_secret_is_known_by_its_hash),
                cmocka_unit_test(a_notice_is_told_once_a_second_with_how_often),
                cmocka_unit_test(half_an_hour_of_readings_may_come_at_once_and_not_one_more),
        };
        return cmocka_run_group_tests_name("app/collector", tests, NULL, NULL);
}
