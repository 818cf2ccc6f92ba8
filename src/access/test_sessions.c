#include "base/test_folder.h"
#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "access/access_impl.h"
#include "base/clock.h"
#include "base/text.h"
#include "ledger/service.h"
#include "store/sql_names.h"

/* Sessions and keys over their lives: begun, rotated, silent, at their end, used, disabled.  What only time does is planted. */

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

struct world { struct service service; struct loopback *l; struct arena *a; char dir[64]; };

/* ---- two routes: one signs in by the query's name and password, one tells who asks and rotates ---- */

static struct str param(const struct request *q, const char *name)
{
        struct str s;
        return request_param(q, name, &s) == 1 ? s : STR_NONE;
}

static void answer(struct request *q, int rc, const char *cookie, const struct err *e)
{
        struct reply r = { .status = 200, .content_type = "text/plain", .body = caller_of(q)->actor };
        if (cookie)
                reply_header(&r, "Set-Cookie", cookie);
        if (rc < 0)
                exchange_problem(q->exchange, e, NULL);
        else
                exchange_answer(q->exchange, &r);
}

static void enter(struct request *q, void *app)
{
        const struct service *v = app;
        const char *cookie = NULL;
        struct err e = { 0 };
        int rc = access_login(v->access, q, param(q, "name"), param(q, "password"), &cookie, &e);
        answer(q, rc, cookie, &e);
}

static void tell(struct request *q, void *app)
{
        const struct service *v = app;
        const char *cookie = NULL;
        struct err e = { 0 };
        int rc = access_rotate(v->access, q, &cookie, &e);
        answer(q, rc, cookie, &e);
}

static void add_user(struct request *q, void *app)
{
        const struct service *v = app;
        struct err e = { 0 };
        int rc = access_user_add(v->access, q, param(q, "name"), STR("default"), STR("manager"), STR("correct horse"), &e);
        answer(q, rc, NULL, &e);
}

static void set_user(struct request *q, void *app)
{
        const struct service *v = app;
        struct err e = { 0 };
        struct str disabled = param(q, "disabled");
        answer(q, access_user_set(v->access, q, param(q, "name"), disabled.n ? str_is(disabled, "yes") : -1, param(q, "password"), &e), NULL, &e);
}

static const struct route r_enter = { .methods = METHOD_POST, .pattern = "/enter", .name = "enter", .needs = MAY_PUBLIC, .handle = enter };
static const struct route r_tell = { .methods = METHOD_GET | METHOD_POST, .pattern = "/tell", .name = "tell", .needs = MAY_ACCOUNT, .handle = tell };
static const struct route r_add = { .methods = METHOD_POST, .pattern = "/add", .name = "add", .needs = MAY_USERS, .handle = add_user };
static const struct route r_set = { .methods = METHOD_POST, .pattern = "/set", .name = "set", .needs = MAY_USERS, .handle = set_user };
static const struct route *const routes[] = { &r_enter, &r_tell, &r_add, &r_set };

/* ---- asking ---- */

static struct loopback_reply ask(struct world *w, const char *method, const char *target, const char *name, const char *value)
{
        struct loopback_header h[] = { { name ? name : "X-Nothing", value ? value : "-" }, { "Sec-Fetch-Site", "same-origin" } };
        struct loopback_request in = { .method = method, .target = str_of(target), .headers = h, .n_headers = COUNT(h), .local = !name };
        struct loopback_reply out;
        loopback_ask(w->l, w->a, &in, &out);
        return out;
}

static int owner_says(struct world *w, const char *target)
{
        return ask(w, "POST", target, NULL, NULL).status;
}

static const char *cookie_of(struct world *w, const struct loopback_reply *r)
{
        const char *c = loopback_header(r, "Set-Cookie");
        return c ? arena_str(w->a, (struct str){ c, strcspn(c, ";") }).p : NULL;
}

static const char *sign_in(struct world *w, const char *name, const char *password)
{
        struct loopback_reply r = ask(w, "POST", arena_printf(w->a, "/enter?name=%s&password=%s", name, password).p, "Accept", "*/*");
        return r.status == 200 ? cookie_of(w, &r) : NULL;
}

static int told(struct world *w, const char *cookie)
{
        return ask(w, "POST", "/tell", "Cookie", cookie).status;
}

static struct hash hash_of(const char *token)
{
        return sha256(token, strlen(token));
}

/* ---- planting ---- */

struct planting { struct hash hash; bool key; int64_t account, created_us, seen_us, until_us; };

static int plant(struct db *db, void *ctx, struct err *reterr)
{
        const struct planting *p = ctx;
        int64_t turn;
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0)
                return -1;
        if (p->key)
                return db_run(db, SQL_api_key_add, DB_ARGS(db_i(1), db_i(ORG_DEFAULT), db_b(&p->hash, sizeof p->hash), db_t(STR("manager")), db_t(STR("query")), db_t(STR("")),
                                                           db_t(STR("")), db_i(1), db_i(p->until_us)), reterr);
        return db_run(db, SQL_login_add, DB_ARGS(db_b(&p->hash, sizeof p->hash), db_i(p->account), db_i(p->created_us), db_i(p->seen_us), db_i(p->until_us)), reterr);
}

static void open_access(struct world *w)
{
        assert_int_equal(access_open(w->service.store, w->service.ledger, &w->service.access, NULL), 0);
}

/* A session of the first account with this age; its cookie. */
static const char *session_of_age(struct world *w, int64_t created_us, int64_t seen_us, int64_t until_us)
{
        char token[CREDENTIAL_BYTES + 1];
        credential_make(SESSION_PREFIX, token);
        struct planting p = { .hash = hash_of(token), .account = 1, .created_us = created_us, .seen_us = seen_us, .until_us = until_us };
        access_close(w->service.access);
        assert_int_equal(ledger_act(w->service.ledger, plant, &p, NULL), 0);
        open_access(w);
        return arena_printf(w->a, "suyuan_session=%s", token).p;
}

static const struct book_login *login_of(struct world *w, const char *cookie)
{
        struct hash h = hash_of(cookie + strlen("suyuan_session="));
        return book_login(w->service.access->book, &h);
}

/* ---- sessions ---- */

static void whoever_signs_in_is_known_by_a_cookie(void **state)
{
        struct world *w = *state;
        const char *cookie = sign_in(w, "li", "correct%20horse");
        assert_non_null(cookie);
        assert_str(ask(w, "GET", "/tell", "Cookie", cookie).body, "user:li");
        assert_null(sign_in(w, "li", "wrong%20horse"));
        assert_null(sign_in(w, "wang", "correct%20horse"));
        const struct book_login *l = login_of(w, cookie);
        assert_non_null(l);
        assert_in_range(l->until_us - l->created_us, 12 * HOUR, 12 * HOUR);
        for (size_t i = 0; i < w->service.access->book->n_logins; i++)         /* the secret itself is nowhere */
                assert_null(memmem(&w->service.access->book->logins[i].hash, sizeof(struct hash), cookie + 26, 16));
}

static void a_young_session_keeps_its_secret(void **state)
{
        struct world *w = *state;
        int64_t now = clock_now_us();
        const char *cookie = session_of_age(w, now - 14 * MINUTE, now - 14 * MINUTE, now + HOUR);
        struct loopback_reply r = ask(w, "GET", "/tell", "Cookie", cookie);
        assert_int_equal(r.status, 200);
        assert_null(loopback_header(&r, "Set-Cookie"));
}

static void an_older_one_gets_another_and_the_old_is_good_for_a_minute(void **state)
{
        struct world *w = *state;
        int64_t now = clock_now_us(), created = now - 3 * HOUR;
        const char *old = session_of_age(w, created, now - 16 * MINUTE, created + 12 * HOUR);
        struct loopback_reply r = ask(w, "GET", "/tell", "Cookie", old);
        const char *young = cookie_of(w, &r);
        assert_non_null(young);
        assert_string_not_equal(young, old);
        assert_int_equal(told(w, young), 200);
        assert_int_equal(told(w, old), 200);            /* what is under way */
        const struct book_login *was = login_of(w, old), *is = login_of(w, young);
        assert_true(was->until_us <= clock_now_us() + 60 * SECOND && was->until_us > now);
        assert_true(is->created_us == created && is->until_us == created + 12 * HOUR);          /* a new secret is no new day */
        r = ask(w, "GET", "/tell", "Cookie", old);
        assert_null(loopback_header(&r, "Set-Cookie"));         /* the old one breeds no third */
}

static void silence_and_time_end_a_session(void **state)
{
        struct world *w = *state;
        int64_t now = clock_now_us();
        assert_int_equal(told(w, session_of_age(w, now - 3 * HOUR, now - 2 * HOUR + MINUTE, now + HOUR)), 200);
        assert_int_equal(told(w, session_of_age(w, now - 3 * HOUR, now - 2 * HOUR - SECOND, now + HOUR)), 401);
        assert_int_equal(told(w, session_of_age(w, now - 12 * HOUR, now - MINUTE, now + MINUTE)), 200);
        assert_int_equal(told(w, session_of_age(w, now - 12 * HOUR, now - MINUTE, now - 1)), 401);
}

static void asking_keeps_a_session_awake_also_over_a_restart(void **state)
{
        struct world *w = *state;
        int64_t now = clock_now_us();
        const char *cookie = session_of_age(w, now - 3 * HOUR, now - HOUR, now + HOUR);
        assert_int_equal(told(w, cookie), 200);
        access_close(w->service.access);
        open_access(w);
        assert_true(login_of(w, cookie)->seen_us >= now);
}

static void disabling_and_a_new_password_end_the_sessions(void **state)
{
        struct world *w = *state;
        const char *one = sign_in(w, "li", "correct%20horse");
        assert_int_equal(owner_says(w, "/set?name=li&password=another%20horse"), 200);
        assert_int_equal(told(w, one), 401);
        assert_null(sign_in(w, "li", "correct%20horse"));
        const char *two = sign_in(w, "li", "another%20horse");
        assert_int_equal(told(w, two), 200);
        assert_int_equal(owner_says(w, "/set?name=li&disabled=yes"), 200);
        assert_int_equal(told(w, two), 401);
        assert_null(sign_in(w, "li", "another%20horse"));
        assert_int_equal(owner_says(w, "/set?name=li&disabled=no"), 200);
        assert_int_equal(told(w, two), 401);            /* what has ended stays so */
        assert_non_null(sign_in(w, "li", "another%20horse"));
}

/* ---- keys ---- */

static const char *key_until(struct world *w, int64_t until_us)
{
        char token[CREDENTIAL_BYTES + 1];
        credential_make(KEY_PREFIX, token);
        struct planting p = { .hash = hash_of(token), .key = true, .until_us = until_us };
        access_close(w->service.access);
        assert_int_equal(ledger_act(w->service.ledger, plant, &p, NULL), 0);
        open_access(w);
        return arena_printf(w->a, "Bearer %s", token).p;
}

static void a_key_is_good_until_its_end(void **state)
{
        struct world *w = *state;
        assert_int_equal(ask(w, "POST", "/tell", "Authorization", key_until(w, clock_now_us() - 1)).status, 401);
}

static void a_key_s_last_use_is_kept(void **state)
{
        struct world *w = *state;
        int64_t now = clock_now_us();
        const char *key = key_until(w, now + HOUR);
        assert_int_equal(w->service.access->book->keys[0].used_us, 0);
        assert_int_equal(ask(w, "POST", "/tell", "Authorization", key).status, 200);
        assert_int_equal(owner_says(w, "/add?name=zhao"), 200);         /* a new book keeps it too */
        assert_true(w->service.access->book->keys[0].used_us >= now);
        access_close(w->service.access);
        open_access(w);
        assert_true(w->service.access->book->keys[0].used_us >= now);
}

/* ---- the world ---- */

static int setup(void **state)
{
        const struct str origin = STR("http://127.0.0.1:8080");
        struct store_options o = { .writer_cache_kib = 1024, .reader_cache_kib = 256, .readers = 2 };
        struct world *w = calloc(1, sizeof *w);
        struct http_options h = { .routes = routes, .n_routes = COUNT(routes), .app = &w->service, .admit = access_admit, .forbidden = access_forbidden, .quiet = true };
        snprintf(w->dir, sizeof w->dir, "/tmp/suyuan-access-XXXXXX");
        if (!mkdtemp(w->dir) || store_init(w->dir, &origin, 1, NULL) < 0 || store_open(w->dir, true, &o, &w->service.store, NULL) < 0 ||
            ledger_open(w->service.store, &w->service.ledger, NULL) < 0 || access_open(w->service.store, w->service.ledger, &w->service.access, NULL) < 0)
                return -1;
        w->a = arena_new();
        w->l = loopback_new(&h);
        *state = w;
        return owner_says(w, "/add?name=li") == 200 ? 0 : -1;
}

static int teardown(void **state)
{
        struct world *w = *state;
        loopback_free(w->l);
        access_close(w->service.access);
        ledger_close(w->service.ledger);
        store_close(w->service.store);
        test_folder_remove(w->dir);
        arena_free(w->a);
        free(w);
        return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(whoever_signs_in_is_known_by_a_cookie),
                T(a_young_session_keeps_its_secret),
                T(an_older_one_gets_another_and_the_old_is_good_for_a_minute),
                T(silence_and_time_end_a_session),
                T(asking_keeps_a_session_awake_also_over_a_restart),
                T(disabling_and_a_new_password_end_the_sessions),
                T(a_key_is_good_until_its_end),
                T(a_key_s_last_use_is_kept),
        };
        return cmocka_run_group_tests_name("access/sessions", tests, NULL, NULL);
}
