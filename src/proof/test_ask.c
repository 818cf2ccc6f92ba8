#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/test.h"
#include "http/http.h"
#include "merkle/witness.h"
#include "proof/ask_impl.h"

/* The log's side of the witness protocol against witnesses that answer as told: well, late, never, wrongly. */

enum { LEAVES = 300, WAIT_MS = 10000 };

static struct arena *A;
static struct signer *log_key, *witness_key, *other_key;
static struct hash leaves[LEAVES];

static int read_leaves(void *ctx, int level, int64_t index, struct hash *ret)
{
        struct frontier t = { 0 };
        (void)ctx;
        for (int64_t i = index << level; i < (index + 1) << level; i++)
                frontier_add(&t, &leaves[i]);
        *ret = frontier_root(&t);
        return 0;
}

static int consistency(void *ctx, int64_t old, int64_t size, struct hash ret[PROOF_MAX], struct err *reterr)
{
        (void)ctx, (void)reterr;
        return tree_prove_consistency(old, size, read_leaves, NULL, ret);
}

/* The log's checkpoint of `size`; `twist` makes another tree of the same size. */
static struct str note_of(struct arena *a, int64_t size, bool twist)
{
        struct checkpoint c = { .origin = log_key->vkey.name, .size = size };
        struct buf text = { .max = 1000 }, note = { .max = 2000 };
        tree_root(size, read_leaves, NULL, &c.root);
        c.root.b[0] ^= twist;
        checkpoint_write(&text, &c);
        assert_int_equal(note_write(&note, buf_view(&text), (const struct signer *const[]){ log_key }, 1, NULL), 0);
        struct str s = arena_str(a, buf_view(&note));
        buf_free(&text);
        buf_free(&note);
        return s;
}

static struct str line_of(struct arena *a, struct str note, const struct signer *by)
{
        struct buf line = { .max = 1000 };
        struct note n;
        assert_int_equal(note_read(a, note, &n, NULL), 0);
        assert_int_equal(cosign(by, n.text, 1764316800, &line, NULL), 0);
        struct str s = arena_str(a, buf_view(&line));
        buf_free(&line);
        return s;
}

/* ---- a witness that does as it is told ---- */

enum manner { WELL, MUTE, BAD_LINE, REFUSES, TOO_LONG, LONG, CLAIMS };

struct actor {
        struct http *http;
        enum manner manner;
        int64_t size;                   /* cosigned */
        int64_t claims;                 /* CLAIMS: it has so much */
        size_t bytes;                   /* LONG: of its answer */
        struct str shows;               /* its checkpoint of us; none: 404 */
        int asked, conflicts;
        int64_t olds[64];
        struct exchange *held;          /* MUTE: never answered until the end */
};

struct world {
        struct actor actors[2];
        struct policy_witness list[2];
        pthread_mutex_t mutex;
        pthread_cond_t news;
        struct ask *ask;
        int64_t came_size[64], ahead_size;
        int came, ahead, claims, came_of[2];
        int64_t claimed;
        struct vkey log;                /* our key, as it is now */
} *W;

static void say(struct request *q, int status, const char *type, struct str body)
{
        struct reply r = { .status = status, .content_type = type, .body = body };
        exchange_answer(q->exchange, &r);
}

static void well(struct request *q, struct actor *x, const struct witness_request *w, int64_t size)
{
        if (w->old != x->size) {
                x->conflicts++;
                say(q, 409, "text/x.tlog.size", arena_printf(q->arena, "%lld\n", (long long)x->size));
                return;
        }
        x->size = size;
        say(q, 200, "text/plain", arena_printf(q->arena, "nonsense\n%.*s%.*s", STR_ARG(line_of(q->arena, w->note, other_key)), STR_ARG(line_of(q->arena, w->note, witness_key))));
}

/* The line, and behind it what is nobody's. */
static struct str padded(struct arena *a, struct str line, size_t bytes)
{
        char *p = arena_alloc(a, bytes);
        memset(p, 'x', bytes);
        memcpy(p, line.p, line.n);
        return (struct str){ p, bytes };
}

static void add_checkpoint(struct request *q, void *app)
{
        struct actor *x = app;
        struct witness_request w;
        struct note n;
        struct checkpoint c;
        if (witness_read(q->body, &w, NULL) < 0 || note_read(q->arena, w.note, &n, NULL) < 0 || checkpoint_read(n.text, &c, NULL) < 0) {
                say(q, 400, "text/plain", STR_NONE);
                return;
        }
        pthread_mutex_lock(&W->mutex);
        x->olds[x->asked++ % 64] = w.old;
        enum manner manner = x->manner;         /* as they were when it was asked */
        size_t bytes = x->bytes;
        if (manner == MUTE)
                x->held = q->exchange;
        pthread_cond_broadcast(&W->news);
        pthread_mutex_unlock(&W->mutex);
        if (manner == WELL)
                well(q, x, &w, c.size);
        else if (manner == BAD_LINE)
                say(q, 200, "text/plain", line_of(q->arena, note_of(q->arena, c.size, true), witness_key));
        else if (manner == REFUSES)
                say(q, 403, "text/plain", STR("no\n"));
        else if (manner == TOO_LONG)
                say(q, 200, "text/plain", (struct str){ arena_alloc(q->arena, 1 << 20), 1 << 20 });
        else if (manner == LONG)
                say(q, 200, "text/plain", padded(q->arena, line_of(q->arena, w.note, witness_key), bytes));
        else if (manner == CLAIMS)
                say(q, 409, "text/x.tlog.size", arena_printf(q->arena, "%lld\n", (long long)x->claims));
}

static void checkpoint(struct request *q, void *app)
{
        struct actor *x = app;
        say(q, x->shows.n ? 200 : 404, "text/plain", x->shows);
}

static const struct route add = { .methods = METHOD_POST, .pattern = "/w/add-checkpoint", .name = "add", .max_body = WITNESS_BYTES_MAX, .handle = add_checkpoint };
static const struct route get = { .methods = METHOD_GET, .pattern = "/w/*", .name = "get", .handle = checkpoint };
static const struct route *const routes[] = { &add, &get };

/* ---- our own side ---- */

static void came(void *ctx, int64_t size, const struct policy_witness *w, struct str line, int64_t time_s)
{
        struct arena *a = arena_new();
        (void)ctx;
        assert_int_equal(time_s, 1764316800);
        struct str own = line_of(a, note_of(a, size, false), witness_key);
        assert_int_equal(line.n, own.n);
        assert_memory_equal(line.p, own.p, own.n);
        pthread_mutex_lock(&W->mutex);
        W->came_size[W->came++ % 64] = size;
        W->came_of[w - W->list]++;
        pthread_cond_broadcast(&W->news);
        pthread_mutex_unlock(&W->mutex);
        arena_free(a);
}

static size_t keys(void *ctx, struct vkey ret[ASK_KEYS_MAX])
{
        (void)ctx;
        pthread_mutex_lock(&W->mutex);
        ret[0] = W->log;
        pthread_mutex_unlock(&W->mutex);
        return 1;
}

static void claims(void *ctx, const struct policy_witness *w, int64_t their_size)
{
        (void)ctx, (void)w;
        pthread_mutex_lock(&W->mutex);
        W->claimed = their_size;
        W->claims++;
        pthread_cond_broadcast(&W->news);
        pthread_mutex_unlock(&W->mutex);
}

static void ahead(void *ctx, const struct policy_witness *w, int64_t their_size, const struct hash *root)
{
        (void)ctx, (void)w;
        assert_non_null(root);
        pthread_mutex_lock(&W->mutex);
        W->ahead_size = their_size;
        W->ahead++;
        pthread_cond_broadcast(&W->news);
        pthread_mutex_unlock(&W->mutex);
}

#define WAIT_UNTIL(fact)                                                                                        \
        do {                                                                                                    \
                struct timespec until_;                                                                         \
                clock_gettime(CLOCK_REALTIME, &until_);                                                         \
                until_.tv_sec += WAIT_MS / 1000;                                                                \
                pthread_mutex_lock(&W->mutex);                                                                  \
                int rc_ = 0;                                                                                    \
                while (!(fact) && rc_ == 0)                                                                     \
                        rc_ = pthread_cond_timedwait(&W->news, &W->mutex, &until_);                             \
                pthread_mutex_unlock(&W->mutex);                                                                \
                assert_int_equal(rc_, 0);                                                                       \
        } while (0)

static void start(const struct vkey *log, int timeout_ms)
{
        struct ask_options o = { .witnesses = W->list, .n = 2, .keys = keys, .consistency = consistency, .came = came, .ahead = ahead, .claims = claims, .timeout_ms = timeout_ms };
        W->log = *log;
        W->ask = ask_start(&o);
}

static void publish(int64_t size)
{
        struct arena *a = arena_new();
        ask_checkpoint(W->ask, size, note_of(a, size, false));
        arena_free(a);
}

static int begin(void **state)
{
        (void)state;
        W = calloc(1, sizeof *W);
        pthread_mutex_init(&W->mutex, NULL);
        pthread_cond_init(&W->news, NULL);
        for (int i = 0; i < 2; i++) {
                struct http_options o = { .listen = "127.0.0.1:0", .threads = 1, .workers = 2, .routes = routes, .n_routes = 2, .app = &W->actors[i], .quiet = true };
                if (http_start(&o, &W->actors[i].http, NULL) < 0)
                        return -1;
                W->list[i] = (struct policy_witness){ .name = STR("w"), .vkey = witness_key->vkey, .url = arena_printf(A, "%s/w%s", http_address(W->actors[i].http), i ? "/" : "") };
        }
        return 0;
}

static int end(void **state)
{
        (void)state;
        ask_stop(W->ask);
        for (int i = 0; i < 2; i++) {
                struct reply r = { .status = 503 };
                if (W->actors[i].held)
                        exchange_answer(W->actors[i].held, &r);
                http_stop(W->actors[i].http, 100);
        }
        pthread_mutex_destroy(&W->mutex);
        pthread_cond_destroy(&W->news);
        free(W);
        return 0;
}

static void each_checkpoint_is_cosigned_and_asked_from_the_last_one(void **state)
{
        (void)state;
        start(&log_key->vkey, 0);
        publish(7);
        WAIT_UNTIL(W->came == 2);
        publish(8);
        WAIT_UNTIL(W->came == 4);
        publish(300);
        WAIT_UNTIL(W->came == 6);
        assert_int_equal(W->actors[0].asked, 3);
        assert_int_equal(W->actors[0].conflicts, 0);
        assert_int_equal(W->actors[0].olds[1], 7);
        assert_int_equal(W->actors[0].olds[2], 8);
        assert_int_equal(W->ahead, 0);
}

static void one_that_knows_us_names_its_size_and_is_asked_once_more(void **state)
{
        (void)state;
        W->actors[0].size = 100;
        start(&log_key->vkey, 0);
        publish(300);
        WAIT_UNTIL(W->came == 2);
        assert_int_equal(W->actors[0].asked, 2);
        assert_int_equal(W->actors[0].olds[1], 100);
}

static void one_that_never_answers_holds_nobody_up(void **state)
{
        int64_t before = clock_mono_us();
        (void)state;
        W->actors[0].manner = MUTE;
        start(&log_key->vkey, 60000);
        for (int i = 1; i <= 5; i++) {
                publish(i * 10);
                WAIT_UNTIL(W->came_of[1] == i);
        }
        assert_true(clock_mono_us() - before < 20000000);
        assert_int_equal(W->actors[0].asked, 1);
        W->actors[0].manner = WELL;
        struct reply r = { .status = 503, .content_type = "text/plain" };
        exchange_answer(W->actors[0].held, &r);
        W->actors[0].held = NULL;
        WAIT_UNTIL(W->came_of[0] == 1);         /* comes back by itself, with the newest alone */
        assert_int_equal(W->came_size[5], 50);
}

static void what_does_not_hold_is_not_taken_and_not_asked_for_all_the_time(void **state)
{
        static const enum manner manners[] = { BAD_LINE, REFUSES, TOO_LONG };
        (void)state;
        start(&log_key->vkey, 0);
        for (int i = 0; i < 3; i++) {
                W->actors[0].manner = manners[i];
                int asked = W->actors[0].asked;
                publish(10 + i);
                WAIT_UNTIL(W->came_of[1] == i + 1 && W->actors[0].asked > asked);
        }
        for (int i = 0; i < 20; i++) {
                publish(20 + i);
                WAIT_UNTIL(W->came_of[1] == 4 + i);
        }
        assert_true(W->actors[0].asked < 8);
        assert_int_equal(W->came_of[0], 0);
        assert_int_equal(W->ahead, 0);
}

static void an_answer_is_as_long_as_the_limit_says_and_no_longer(void **state)
{
        (void)state;
        W->actors[0].manner = LONG;
        W->actors[0].bytes = LIMIT_WITNESS_ANSWER_BYTES + 1;
        start(&log_key->vkey, 0);
        publish(10);
        WAIT_UNTIL(W->came_of[1] == 1 && W->actors[0].asked == 1);
        W->actors[0].bytes = LIMIT_WITNESS_ANSWER_BYTES;
        WAIT_UNTIL(W->came_of[0] == 1);         /* it is asked again by itself */
        assert_int_equal(W->actors[0].asked, 2);
}

static void one_that_shows_more_of_us_than_we_have_is_an_alarm(void **state)
{
        (void)state;
        W->actors[0].manner = CLAIMS;
        W->actors[0].claims = 200;
        W->actors[0].shows = note_of(A, 200, false);
        start(&log_key->vkey, 0);
        publish(100);
        WAIT_UNTIL(W->ahead);
        assert_int_equal(W->ahead_size, 200);
}

static void so_is_one_that_shows_another_tree_of_ours(void **state)
{
        (void)state;
        W->actors[0].manner = CLAIMS;
        W->actors[0].claims = 50;               /* and will not take what follows from 50 */
        W->actors[0].shows = note_of(A, 50, true);
        start(&log_key->vkey, 0);
        publish(100);
        WAIT_UNTIL(W->ahead);
        assert_int_equal(W->ahead_size, 50);
        assert_int_equal(W->actors[0].asked, 2);
}

static void its_mere_word_is_no_alarm_when_it_shows_less(void **state)
{
        (void)state;
        W->actors[0].manner = CLAIMS;
        W->actors[0].claims = 200;
        W->actors[0].shows = note_of(A, 60, false);
        start(&log_key->vkey, 0);
        publish(100);
        WAIT_UNTIL(W->actors[0].asked >= 2);
        assert_int_equal(W->ahead, 0);
        assert_int_equal(W->claims, 0);
}

/* Nothing, nonsense, and a checkpoint that somebody else signed in our name. */
static void nor_when_it_shows_nothing_that_we_signed(void **state)
{
        (void)state;
        struct signer *own = log_key, *forger = signer_ed25519(A, log_key->vkey.name, KEY_ED25519, (const uint8_t[32]){ 99 });
        log_key = forger;
        struct str forged = note_of(A, 200, false);
        log_key = own;
        const struct str shown[] = { STR_NONE, STR("nonsense"), forged };
        W->actors[0].manner = CLAIMS;
        W->actors[0].claims = INT64_MAX;
        start(&log_key->vkey, 0);
        for (int i = 0; i < 3; i++) {
                W->actors[0].shows = shown[i];
                int before = W->claims;
                publish(100 + i);
                WAIT_UNTIL(W->claims > before && W->came_of[1] == i + 1);
                assert_true(W->claimed == INT64_MAX);
        }
        W->actors[0].manner = WELL;             /* it is asked on, and may come to its senses */
        publish(110);
        WAIT_UNTIL(W->came_of[0]);
        assert_int_equal(W->ahead, 0);
}

/* `key rotate` while the asking goes on. */
static void what_it_shows_is_read_with_the_key_of_now(void **state)
{
        (void)state;
        struct signer *old = log_key, *next = signer_ed25519(A, log_key->vkey.name, KEY_ED25519, (const uint8_t[32]){ 98 });
        start(&old->vkey, 0);
        publish(10);
        WAIT_UNTIL(W->came == 2);
        pthread_mutex_lock(&W->mutex);
        W->log = next->vkey;
        pthread_mutex_unlock(&W->mutex);
        log_key = next;
        W->actors[0].shows = note_of(A, 200, false);
        W->actors[0].claims = 200;
        W->actors[0].manner = CLAIMS;
        publish(100);
        WAIT_UNTIL(W->ahead);
        log_key = old;
        assert_int_equal(W->ahead_size, 200);
}

static void stopping_waits_no_longer_than_was_said(void **state)
{
        (void)state;
        W->actors[0].manner = MUTE;
        start(&log_key->vkey, 300);
        publish(10);
        WAIT_UNTIL(W->actors[0].asked);
        int64_t before = clock_mono_us();
        ask_stop(W->ask);
        W->ask = NULL;
        assert_true(clock_mono_us() - before < 5000000);
}

static void the_latest_of_all_is_known_within_a_time(void **state)
{
        struct witness_has has[3];
        (void)state;
        W->actors[0].shows = note_of(A, 77, false);
        struct policy_witness list[3] = { W->list[0], W->list[1], { .url = STR("http://127.0.0.1:1") } };
        ask_latest(list, 3, log_key->vkey.name, &log_key->vkey, 1, 3000, has);
        assert_int_equal(has[0].size, 77);
        assert_int_equal(has[1].size, 0);
        assert_int_equal(has[2].size, -1);
        W->actors[1].shows = note_of(A, 77, false);
        ((char *)(uintptr_t)W->actors[1].shows.p)[W->actors[1].shows.n - 4] ^= 1;       /* the log did not sign that */
        ask_latest(list, 2, log_key->vkey.name, &log_key->vkey, 1, 3000, has);
        assert_int_equal(has[1].size, -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define WITH(f) cmocka_unit_test_setup_teardown(f, begin, end)
                WITH(each_checkpoint_is_cosigned_and_asked_from_the_last_one),
                WITH(one_that_knows_us_names_its_size_and_is_asked_once_more),
                WITH(one_that_never_answers_holds_nobody_up),
                WITH(what_does_not_hold_is_not_taken_and_not_asked_for_all_the_time),
                WITH(an_answer_is_as_long_as_the_limit_says_and_no_longer),
                WITH(one_that_shows_more_of_us_than_we_have_is_an_alarm),
                WITH(so_is_one_that_shows_another_tree_of_ours),
                WITH(its_mere_word_is_no_alarm_when_it_shows_less),
                WITH(nor_when_it_shows_nothing_that_we_signed),
                WITH(what_it_shows_is_read_with_the_key_of_now),
                WITH(stopping_waits_no_longer_than_was_said),
                WITH(the_latest_of_all_is_known_within_a_time),
        };
        static const uint8_t seeds[3][32] = { { 1 }, { 2 }, { 3 } };
        log_set_level(LOG_ERROR);
        A = arena_new();
        log_key = signer_ed25519(A, STR("log.test/trace"), KEY_ED25519, seeds[0]);
        witness_key = signer_ed25519(A, STR("w.test"), KEY_COSIGN, seeds[1]);
        other_key = signer_ed25519(A, STR("other.test"), KEY_COSIGN, seeds[2]);
        for (int i = 0; i < LEAVES; i++)
                leaves[i] = tree_leaf(&i, sizeof i);
        int rc = cmocka_run_group_tests(tests, NULL, NULL);
        arena_free(A);
        return rc;
}
