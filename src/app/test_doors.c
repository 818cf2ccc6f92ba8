#include "base/test_folder.h"
#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "access/access.h"
#include "access/credential.h"
#include "api/api.h"
#include "base/clock.h"
#include "base/text.h"
#include "ledger/service.h"
#include "pages/pages.h"
#include "store/db.h"
#include "store/sql_names.h"

/* Every route × every method × every kind of caller, held against doors.def.  The handlers are replaced by one that says 204: what is tested is who
 * gets to them.  With `--list` it prints the routes with their rows, for the scenario that asks a real server. */

enum {
#define KIND(symbol, roles, scopes) DOOR_##symbol,
#define DOOR(name, kind)
#include "app/doors.def"
#undef KIND
#undef DOOR
};

static const struct kind { const char *symbol, *roles, *scopes; } kinds[] = {
#define KIND(symbol, roles, scopes) [DOOR_##symbol] = { #symbol, roles, scopes },
#define DOOR(name, kind)
#include "app/doors.def"
#undef KIND
#undef DOOR
};

static const struct { const char *route; int kind; } table[] = {
#define KIND(symbol, roles, scopes)
#define DOOR(name, kind) { name, DOOR_##kind },
#include "app/doors.def"
#undef KIND
#undef DOOR
};

static const char *const scopes[] = {
#define SCOPE(name, may, about) name,
#include "access/scopes.def"
#undef SCOPE
};

enum { ROUTES_MAX = 160, BEARERS_MAX = 160 };
static struct route copies[ROUTES_MAX];
static const struct route *routes[ROUTES_MAX];
static size_t n_routes;

enum sort { NOBODY, AT_THE_MACHINE, SESSION, SESSION_ELSEWHERE, KEY, BAD };
struct bearer { enum sort sort; const char *what, *role, *scope; struct loopback_header header, proof; };
struct world {
        struct service service;
        struct loopback *l;
        struct arena *a;
        struct bearer bearers[BEARERS_MAX];
        size_t n_bearers;
        char dir[64];
};

/* ---- the routes ---- */

static void say_yes(struct request *q, void *app)
{
        struct reply r = { .status = 204 };
        (void)app;
        exchange_answer(q->exchange, &r);
}

static void take_route(const struct route *from)
{
        struct route r = *from;
        assert_true(n_routes < ROUTES_MAX);
        r.handle = say_yes;
        r.quick = NULL;
        memcpy(&copies[n_routes], &r, sizeof r);
        routes[n_routes] = &copies[n_routes];
        n_routes++;
}

/* As app/wire.c puts them together; the last one is the fallback. */
static void take_routes(void)
{
        n_routes = 0;
        for (size_t i = 0; i < api_n_routes; i++)
                take_route(api_routes[i]);
        for (size_t i = 0; i < pages_n_routes; i++)
                take_route(pages_routes[i]);
        take_route(&pages_fallback);
}

static const struct kind *kind_of(const char *route)
{
        for (size_t i = 0; i < COUNT(table); i++)
                if (strcmp(table[i].route, route) == 0)
                        return &kinds[table[i].kind];
        fail_msg("src/app/doors.def lacks the route \"%s\": who may use it?", route);
        return NULL;
}

/* An address of the pattern that no earlier route takes. */
static const char *target_of(struct arena *a, const struct route *r)
{
        char *z = arena_cstr(a, str_of(r->pattern)), *star = strchr(z, '*');
        if (star)
                *star = 'x';
        return z;
}

/* ---- who comes: rows planted in the database, so that also what only time makes is there ---- */

struct planting { int64_t org, key, account; struct str token, name, role, scope; bool login, disabled; int64_t expires_us, seen_us, revoked_us; };

static int plant_login(struct db *db, const struct planting *p, const struct hash *h, struct err *reterr)
{
        if (db_run(db, SQL_account_add, DB_ARGS(db_i(p->account), db_i(p->org), db_t(p->name), db_t(p->role), db_t(STR("-")), db_i(1)), reterr) < 0 ||
            db_run(db, SQL_account_disable, DB_ARGS(db_i(p->disabled), db_i(p->account)), reterr) < 0)
                return -1;
        return db_run(db, SQL_login_add, DB_ARGS(db_b(h, sizeof *h), db_i(p->account), db_i(1), db_i(p->seen_us), db_i(p->expires_us)), reterr);
}

static int plant(struct db *db, void *ctx, struct err *reterr)
{
        const struct planting *p = ctx;
        struct hash h = sha256(p->token.p, p->token.n);
        int64_t turn;
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0 || db_run(db, SQL_access_changed, DB_NO_ARGS, reterr) < 0)
                return -1;
        if (p->login)
                return plant_login(db, p, &h, reterr);
        if (db_run(db, SQL_api_key_add, DB_ARGS(db_i(p->key), db_i(p->org), db_b(&h, sizeof h), db_t(p->role), db_t(p->scope), db_t(STR("")), db_t(STR("")), db_i(1),
                                                db_i(p->expires_us)), reterr) < 0)
                return -1;
        return p->revoked_us ? db_run(db, SQL_api_key_revoke, DB_ARGS(db_i(p->revoked_us), db_i(p->key)), reterr) : 0;
}

static struct bearer *bear(struct world *w, enum sort sort, const char *what)
{
        assert_true(w->n_bearers < BEARERS_MAX);
        struct bearer *b = &w->bearers[w->n_bearers++];
        *b = (struct bearer){ .sort = sort, .what = what, .role = "nobody", .scope = "", .header = { "X-Nothing", "-" }, .proof = { "Sec-Fetch-Site", "same-origin" } };
        return b;
}

static struct bearer *bear_header(struct world *w, enum sort sort, const char *what, const char *name, const char *value)
{
        struct bearer *b = bear(w, sort, what);
        b->header = (struct loopback_header){ name, value };
        return b;
}

static const char *token_new(struct world *w, const char *prefix)
{
        char token[CREDENTIAL_BYTES + 1];
        credential_make(prefix, token);
        return arena_cstr(w->a, str_of(token));
}

static void plant_key(struct world *w, enum sort sort, const char *what, struct planting p)
{
        const char *token = token_new(w, KEY_PREFIX);
        p.org = p.org ? p.org : ORG_DEFAULT;
        p.key = (int64_t)w->n_bearers + 1;
        p.token = str_of(token);
        assert_int_equal(ledger_act(w->service.ledger, plant, &p, NULL), 0);
        struct bearer *b = bear_header(w, sort, what, "Authorization", arena_printf(w->a, "Bearer %s", token).p);
        b->role = arena_cstr(w->a, p.role);
        b->scope = arena_cstr(w->a, p.scope);
}

static struct bearer *plant_session(struct world *w, enum sort sort, const char *what, struct planting p)
{
        const char *token = token_new(w, SESSION_PREFIX);
        p.login = true;
        p.org = p.org ? p.org : ORG_DEFAULT;
        p.account = (int64_t)w->n_bearers + 1;
        p.name = arena_printf(w->a, "u%zu", w->n_bearers);
        p.token = str_of(token);
        assert_int_equal(ledger_act(w->service.ledger, plant, &p, NULL), 0);
        struct bearer *b = bear_header(w, sort, what, "Cookie", arena_printf(w->a, "a=b; suyuan_session=%s", token).p);
        b->role = arena_cstr(w->a, p.role);
        return b;
}

#define HOUR_US (INT64_C(3600) * 1000000)

static void bear_without_proof(struct world *w, const struct bearer *of, const char *what, const char *name, const char *value)
{
        struct bearer *b = bear_header(w, SESSION_ELSEWHERE, what, of->header.name, of->header.value);
        b->role = of->role;
        b->proof = (struct loopback_header){ name, value };
}

static void plant_good(struct world *w)
{
        int64_t now = clock_now_us();
        bear(w, NOBODY, "no credentials");
        bear(w, AT_THE_MACHINE, "no credentials, from this machine");
        for (int r = AS_ADMIN; r < AS_ROLES; r++) {
                struct str role = str_of(role_name((enum role)r));
                const struct bearer *b = plant_session(w, SESSION, "a session", (struct planting){ .role = role, .expires_us = now + HOUR_US, .seen_us = now });
                bear_without_proof(w, b, "a session, from another site", "Sec-Fetch-Site", "cross-site");
                bear_without_proof(w, b, "a session, from another origin", "Origin", "https://evil.example");
                bear_without_proof(w, b, "a session, from nowhere", "X-Nothing", "-");
                for (size_t i = 0; i < COUNT(scopes); i++)
                        plant_key(w, KEY, "a key", (struct planting){ .role = role, .scope = str_of(scopes[i]) });
                plant_key(w, KEY, "a key of two scopes", (struct planting){ .role = role, .scope = STR("capture,query") });
        }
}

enum { ORG_CLOSED = 2 };

static int close_org(struct db *db, void *ctx, struct err *reterr)
{
        int64_t turn;
        (void)ctx;
        if (db_turn(db, ORG_DEFAULT, false, &turn, reterr) < 0 ||
            db_run(db, SQL_org_add, DB_ARGS(db_i(ORG_CLOSED), db_t(STR("closed")), db_t(STR("closed")), db_b("-", 1), db_i(1)), reterr) < 0)
                return -1;
        return db_run(db, SQL_org_disable, DB_ARGS(db_i(ORG_CLOSED), db_i(1)), reterr);
}

static void plant_bad(struct world *w)
{
        const struct str all = STR("capture,query,subscribe,audit,users,watch"), admin = STR("admin");
        int64_t now = clock_now_us();
        plant_key(w, BAD, "an expired key", (struct planting){ .role = admin, .scope = all, .expires_us = now - 1 });
        plant_key(w, BAD, "a revoked key", (struct planting){ .role = admin, .scope = all, .revoked_us = 1 });
        plant_session(w, BAD, "a session at its end", (struct planting){ .role = admin, .expires_us = now - 1, .seen_us = now });
        plant_session(w, BAD, "a session long silent", (struct planting){ .role = admin, .expires_us = now + HOUR_US, .seen_us = now - 3 * HOUR_US });
        plant_session(w, BAD, "a disabled user's session", (struct planting){ .role = admin, .expires_us = now + HOUR_US, .seen_us = now, .disabled = true });
        assert_int_equal(ledger_act(w->service.ledger, close_org, NULL, NULL), 0);
        plant_key(w, BAD, "a disabled organisation's key", (struct planting){ .org = ORG_CLOSED, .role = admin, .scope = all });
        plant_session(w, BAD, "a disabled organisation's session", (struct planting){ .org = ORG_CLOSED, .role = admin, .expires_us = now + HOUR_US, .seen_us = now });
        plant_session(w, BAD, "a session of a role that is none", (struct planting){ .role = STR("root"), .expires_us = now + HOUR_US, .seen_us = now });
        bear_header(w, BAD, "a forged key", "Authorization", arena_printf(w->a, "Bearer %s", token_new(w, KEY_PREFIX)).p);
        bear_header(w, BAD, "a forged session", "Cookie", arena_printf(w->a, "suyuan_session=%s", token_new(w, SESSION_PREFIX)).p);
        bear_header(w, BAD, "a session as a key", "Authorization", arena_printf(w->a, "Bearer %s", token_new(w, SESSION_PREFIX)).p);
        bear_header(w, BAD, "an empty key", "Authorization", "Bearer ");
        bear_header(w, BAD, "another scheme", "Authorization", "Basic YWRtaW46YWRtaW4=");
}

/* The same secrets, bent. */
static void bend_good(struct world *w)
{
        const struct bearer *session = NULL, *key = NULL;
        for (size_t i = 0; i < w->n_bearers; i++) {
                session = w->bearers[i].sort == SESSION && !session ? &w->bearers[i] : session;
                key = w->bearers[i].sort == KEY && !key ? &w->bearers[i] : key;
        }
        char *bent = arena_cstr(w->a, str_of(key->header.value));
        bent[20] = bent[20] == '0' ? '1' : '0';
        bear_header(w, BAD, "a key with a typing error", "Authorization", bent);
        bear_header(w, BAD, "a key twice", "Authorization", arena_printf(w->a, "%s %s", key->header.value, key->header.value + strlen("Bearer ")).p);
        bear_header(w, BAD, "a session cut short", "Cookie", arena_str(w->a, (struct str){ session->header.value, strlen(session->header.value) - 1 }).p);
        bear_header(w, BAD, "a key as a session", "Cookie", arena_printf(w->a, "suyuan_session=%s", key->header.value + strlen("Bearer ")).p);
}

/* ---- the table's word ---- */

static bool has_word(const char *list, const char *word)
{
        struct str rest = str_of(list), one;
        while (str_split(&rest, ' ', &one))
                if (str_is(one, word))
                        return true;
        return false;
}

static bool scope_opens(const struct kind *k, const char *scope)
{
        struct str rest = str_of(scope), one;
        while (str_split(&rest, ',', &one))
                for (size_t i = 0; i < COUNT(scopes); i++)
                        if (str_is(one, scopes[i]) && has_word(k->scopes, scopes[i]))
                                return true;
        return false;
}

static int word_of_the_table(const struct kind *k, const struct bearer *b, bool changes)
{
        if (has_word(k->roles, "nobody") || (b->sort == AT_THE_MACHINE && !strcmp(k->symbol, "WATCH")))
                return 204;
        if (b->sort == BAD || b->sort == NOBODY || b->sort == AT_THE_MACHINE)
                return 401;
        if (b->sort == SESSION_ELSEWHERE && changes)
                return 403;
        return has_word(k->roles, b->role) && (b->sort != KEY || scope_opens(k, b->scope)) ? 204 : 403;
}

/* ---- the tests ---- */

static int ask(struct world *w, const struct bearer *b, const char *method, const char *target)
{
        struct loopback_header h[] = { b->header, b->proof };
        struct loopback_request in = { .method = method, .target = str_of(target), .headers = h, .n_headers = COUNT(h),
                                       .peer = b->sort == AT_THE_MACHINE ? "127.0.0.1" : "192.0.2.7" };
        struct loopback_reply out;
        loopback_ask(w->l, w->a, &in, &out);
        return out.status;
}

static const struct { unsigned bit; const char *name; bool changes; } methods[] = {
        { METHOD_GET, "GET", false }, { METHOD_HEAD, "HEAD", false }, { METHOD_POST, "POST", true }, { METHOD_PUT, "PUT", true }, { METHOD_DELETE, "DELETE", true },
        { METHOD_OPTIONS, "OPTIONS", false },
};

/* HEAD comes with GET, unless a row of the same resource names it. */
static bool answers(const struct route *r, unsigned bit)
{
        bool named = false;
        for (size_t i = 0; i < n_routes; i++)
                named |= routes[i]->methods & METHOD_HEAD && !strcmp(routes[i]->pattern, r->pattern);
        return r->methods & bit || (bit == METHOD_HEAD && r->methods & METHOD_GET && !named);
}

static int try_route(struct world *w, const struct route *r)
{
        const struct kind *k = kind_of(r->name);
        const char *target = target_of(w->a, r);
        int wrong = 0;
        for (size_t m = 0; m < COUNT(methods); m++)
                for (size_t i = 0; answers(r, methods[m].bit) && i < w->n_bearers; i++) {
                        const struct bearer *b = &w->bearers[i];
                        int status = ask(w, b, methods[m].name, target), want = word_of_the_table(k, b, methods[m].changes);
                        if (status == want)
                                continue;
                        print_error("%s %s (%s) answers %d to %s of %s (%s); the table says %d\n", methods[m].name, target, r->name, status, b->what, b->role, b->scope, want);
                        wrong++;
                }
        return wrong;
}

static void every_cell_of_the_table_holds(void **state)
{
        struct world *w = *state;
        int wrong = 0;
        for (size_t i = 0; i < n_routes; i++)
                wrong += try_route(w, routes[i]);
        assert_int_equal(wrong, 0);
}

static void every_row_of_the_table_is_one_route(void **state)
{
        (void)state;
        for (size_t i = 0; i < COUNT(table); i++) {
                int found = 0;
                for (size_t k = 0; k < n_routes; k++)
                        found += strcmp(table[i].route, routes[k]->name) == 0;
                if (found != 1)
                        fail_msg("the table names \"%s\", which is %d routes", table[i].route, found);
        }
        assert_int_equal(COUNT(table), n_routes);
}

static void the_table_s_words_are_roles_and_scopes(void **state)
{
        (void)state;
        for (size_t i = 0; i < COUNT(kinds); i++) {
                struct str rest = str_of(kinds[i].roles), one, unknown = STR_NONE;
                while (str_split(&rest, ' ', &one))
                        assert_int_not_equal(role_of_name(one), AS_ROLES);
                for (rest = str_of(kinds[i].scopes); str_split(&rest, ' ', &one);) {
                        bool known = false;
                        for (size_t s = 0; s < COUNT(scopes); s++)
                                known |= str_is(one, scopes[s]);
                        if (!known && one.n)
                                unknown = one;
                }
                assert_null(unknown.p);
        }
}

/* ---- the world ---- */

static int setup(void **state)
{
        const struct str origin = STR("http://127.0.0.1:8080");
        struct store_options o = { .writer_cache_kib = 1024, .reader_cache_kib = 256, .readers = 2 };
        struct world *w = calloc(1, sizeof *w);
        snprintf(w->dir, sizeof w->dir, "/tmp/suyuan-doors-XXXXXX");
        if (!mkdtemp(w->dir) || store_init(w->dir, &origin, 1, NULL) < 0 || store_open(w->dir, true, &o, &w->service.store, NULL) < 0 ||
            ledger_open(w->service.store, &w->service.ledger, NULL) < 0)
                return -1;
        w->a = arena_new();
        take_routes();
        plant_good(w);
        plant_bad(w);
        bend_good(w);
        if (access_open(w->service.store, w->service.ledger, &w->service.access, NULL) < 0)
                return -1;
        struct http_options h = { .routes = routes, .n_routes = n_routes - 1, .app = &w->service, .admit = access_admit, .fallback = routes[n_routes - 1], .quiet = true };
        w->l = loopback_new(&h);
        *state = w;
        return 0;
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

static int list(void)
{
        struct arena *a = arena_new();
        take_routes();
        for (size_t i = 0; i < n_routes; i++)
                for (size_t m = 0; m < COUNT(methods); m++)
                        if (answers(routes[i], methods[m].bit))
                                printf("%s\t%s\t%s\t%s\t%s\n", routes[i]->name, methods[m].name, routes[i]->pattern, kind_of(routes[i]->name)->roles,
                                       kind_of(routes[i]->name)->scopes);
        arena_free(a);
        return 0;
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_cell_of_the_table_holds),
                cmocka_unit_test(every_row_of_the_table_is_one_route),
                cmocka_unit_test(the_table_s_words_are_roles_and_scopes),
        };
        if (argc > 1 && !strcmp(argv[1], "--list"))
                return list();
        return cmocka_run_group_tests_name("app/doors", tests, setup, teardown);
}
