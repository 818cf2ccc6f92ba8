/* What is acknowledged is seen at once and stays, once, in order, on both engines. */
#include <stdatomic.h>
#include <stdlib.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/limits.h"
#include "series/pack.h"
#include "series/test_support.h"

static void expect(struct fixture *f, const char *channel, int64_t from_ms, int64_t to_ms, size_t n, const int64_t (*want)[2])
{
        struct seen s = samples(f, "d", channel, from_ms, to_ms);
        assert_int_equal(s.n, n);
        for (size_t i = 0; i < n; i++) {
                assert_int_equal(s.list[i].t_ms, want[i][0]);
                assert_int_equal(decimal_cmp(s.list[i].value, (struct decimal){ want[i][1], 1 }), 0);
        }
        free(s.list);
}

static void readings_are_seen_at_once_and_after_they_moved(void **state)
{
        static const int64_t all[][2] = { { T0, 193 }, { T0 + 1000, 194 }, { T0 + HOUR, 200 }, { T0 + 30 * HOUR, 10 } };
        struct fixture *f = *state;
        struct batch *b = say(f, NULL, "d", "t", T0 + 1000, 194, 1);
        say(f, b, "d", "t", T0 + HOUR, 20, 0);
        say(f, b, "d", "u", T0, 1, 0);
        say(f, b, "e", "t", T0, 1, 0);
        append(f, b);
        append(f, say(f, say(f, NULL, "d", "t", T0 + 30 * HOUR, 1, 0), "d", "t", T0, 1930, 2));
        for (int i = 0; i < 3; i++) {
                expect(f, "t", T0, T0 + 100 * HOUR, 4, all);
                expect(f, "t", T0 + 1, T0 + HOUR, 1, all + 1);
                expect(f, "t", 0, T0, 0, NULL);
                expect(f, "nothing", 0, T0 * 2, 0, NULL);
                if (i == 0)
                        settle(f);
                if (i == 1) {
                        fixture_close(f);
                        fixture_open(f);
                }
        }
        assert_int_equal(f->stored, 6);
        assert_int_equal(raw_sql(f->db, "SELECT count(*) FROM series_journal"), 0);
        assert_int_equal(raw_sql(f->db, "SELECT count(*) FROM series_block"), 4);
}

static void the_first_statement_of_a_moment_stands(void **state)
{
        static const int64_t first[][2] = { { T0, 193 } };
        struct fixture *f = *state;
        struct series_stats st;
        append(f, say(f, say(f, NULL, "d", "t", T0, 193, 1), "d", "t", T0, 194, 1));
        append(f, say(f, NULL, "d", "t", T0, 1930, 2));
        expect(f, "t", T0, T0 + 1, 1, first);
        settle(f);
        append(f, say(f, NULL, "d", "t", T0, 195, 1));
        expect(f, "t", T0, T0 + 1, 1, first);
        settle(f);
        expect(f, "t", T0, T0 + 1, 1, first);
        series_stats(f->series, &st);
        assert_int_equal(st.duplicates, 1);
        assert_int_equal(st.conflicts, 2);
        assert_int_equal(f->n_told, 2);
        assert_string_equal(f->told[1].channel, "t");
        assert_int_equal(f->told[1].said.mantissa, 195);
        assert_int_equal(f->told[1].stands.mantissa, 193);
}

static void a_clock_beyond_belief_is_kept_but_gives_way(void **state)
{
        static const int64_t wrong[][2] = { { T0 + 100 * HOUR, 999 } }, right[][2] = { { T0 + 100 * HOUR, 193 } };
        struct fixture *f = *state;
        append(f, say(f, say(f, NULL, "d", "t", T0 + 100 * HOUR, 999, 1), "d", "t", 1000, 5, 0));
        expect(f, "t", T0, T0 + 200 * HOUR, 1, wrong);
        settle(f);
        struct seen s = samples(f, "d", "t", 0, T0 + 200 * HOUR);
        assert_int_equal(s.n, 2);
        assert_int_equal(s.list[0].flag, FLAG_CLOCK);
        assert_int_equal(s.list[1].flag, FLAG_CLOCK);
        free(s.list);
        f->now_ms = T0 + 100 * HOUR;
        append(f, say(f, NULL, "d", "t", T0 + 100 * HOUR, 193, 1));
        expect(f, "t", T0, T0 + 200 * HOUR, 1, right);
        settle(f);
        expect(f, "t", T0, T0 + 200 * HOUR, 1, right);
        assert_int_equal(f->n_told, 0);
}

struct sealed { struct sealed_hour list[64]; char device[64][65]; size_t n; };
static int note_sealed(void *ctx, const struct sealed_hour *h)
{
        struct sealed *s = ctx;
        snprintf(s->device[s->n], 65, "%.*s", STR_ARG(h->device));
        s->list[s->n++] = *h;
        return 0;
}

static void an_hour_is_sealed_after_its_grace_and_again_when_it_changed(void **state)
{
        struct fixture *f = *state;
        struct sealed s = { .n = 0 };
        struct err e = { 0 };
        struct hash root;
        int64_t n;
        append(f, say(f, say(f, NULL, "d", "t", T0 + 5, 193, 1), "d", "u", T0 + 5, 2, 0));
        f->now_ms = T0 + HOUR + 599999;
        settle(f);
        must(series_sealed(f->series, 0, 10, note_sealed, &s, &e), &e);
        assert_int_equal(s.n, 0);
        f->now_ms++;
        settle(f);
        must(series_sealed(f->series, 0, 10, note_sealed, &s, &e), &e);
        assert_int_equal(s.n, 1);
        assert_int_equal(s.list[0].at, 1);
        assert_int_equal(s.list[0].revision, 1);
        assert_int_equal(s.list[0].n, 2);
        assert_int_equal(s.list[0].channels, 2);
        assert_int_equal(s.list[0].hour_ms, T0);
        assert_string_equal(s.device[0], "d");
        must(series_root(f->series, f->arena, STR("d"), T0 + 77, &root, &n, &e), &e);
        assert_memory_equal(root.b, s.list[0].root.b, 32);
        append(f, say(f, NULL, "d", "t", T0 + 6, 1, 0));
        append(f, say(f, NULL, "d", "t", T0 + 5, 1930, 2));     /* nothing new in it */
        settle(f);
        f->now_ms += 600000;
        settle(f);
        must(series_sealed(f->series, 1, 10, note_sealed, &s, &e), &e);
        assert_int_equal(s.n, 2);
        assert_int_equal(s.list[1].at, 2);
        assert_int_equal(s.list[1].revision, 2);
        assert_int_equal(s.list[1].n, 3);
        assert_true(memcmp(s.list[1].root.b, s.list[0].root.b, 32) != 0);
        struct series_stats st;
        series_stats(f->series, &st);
        assert_int_equal(st.late, 1);
        assert_int_equal(series_root(f->series, f->arena, STR("d"), T0 + HOUR, &root, &n, &e), -1);
        assert_int_equal(e.kind, ERR_NOT_FOUND);
}

struct steps { struct figures list[100]; size_t n; };
static int note_step(void *ctx, const struct figures *g)
{
        struct steps *s = ctx;
        s->list[s->n++] = *g;
        return 0;
}

static void figures_are_of_steps_and_leave_out_what_is_doubtful(void **state)
{
        struct fixture *f = *state;
        struct err e = { 0 };
        struct batch *b = batch_new(f->arena);
        f->now_ms = T0 + 100 * HOUR;
        for (int i = 0; i < 48 * 60; i++)
                say(f, b, "d", "t", T0 + i * 60000, 100 + i % 60, 1);
        batch_add(b, &(struct reading){ STR("d"), STR("t"), T0 + 1, { 9999, 0 }, FLAG_SUSPECT, 0 });
        append(f, b);
        for (int round = 0; round < 2; round++) {
                struct steps s = { .n = 0 }, odd = { .n = 0 }, day = { .n = 0 };
                must(series_figures(f->series, STR("d"), STR("t"), T0, T0 + 48 * HOUR, HOUR, note_step, &s, &e), &e);
                assert_int_equal(s.n, 48);
                for (size_t i = 0; i < s.n; i++) {
                        assert_int_equal(s.list[i].n, 60);
                        assert_int_equal(s.list[i].t_ms, T0 + (int64_t)i * HOUR);
                        assert_true(s.list[i].min > 9.999 && s.list[i].min < 10.001 && s.list[i].max > 15.899 && s.list[i].max < 15.901);
                        assert_true(figures_mean(&s.list[i]) > 12.949 && figures_mean(&s.list[i]) < 12.951);
                        assert_true(figures_sdev(&s.list[i]) > 1.746 && figures_sdev(&s.list[i]) < 1.747);
                }
                must(series_figures(f->series, STR("d"), STR("t"), T0 + 90000, T0 + HOUR + 90000, 7 * 60000, note_step, &odd, &e), &e);
                assert_int_equal(odd.n, 9);
                assert_int_equal(odd.list[0].n, 7);
                assert_int_equal(odd.list[8].n, 4);
                must(series_figures(f->series, STR("d"), STR("t"), T0 - HOUR, T0 + 48 * HOUR, 24 * HOUR, note_step, &day, &e), &e);
                assert_int_equal(day.n, 3);
                assert_int_equal(day.list[0].n, 23 * 60);
                assert_int_equal(day.list[2].n, 60);
                settle(f);
        }
}

static void a_device_tells_what_it_has_said(void **state)
{
        struct fixture *f = *state;
        struct channel_state *c;
        struct err e = { 0 };
        size_t n;
        append(f, say(f, say(f, NULL, "d", "u", T0 + 5, 193, 1), "d", "t", T0 + 9, 7, 0));
        for (int round = 0; round < 2; round++) {
                must(series_channels(f->series, f->arena, STR("d"), &c, &n, &e), &e);
                assert_int_equal(n, 2);
                assert_str(c[0].channel, "t");
                assert_int_equal(c[0].last.t_ms, T0 + 9);
                assert_int_equal(c[1].last.value.mantissa, 193);
                assert_int_equal(c[1].first_ms, T0 + 5);
                settle(f);
        }
        append(f, say(f, NULL, "d", "t", T0 + 3, 8, 0));
        settle(f);
        must(series_channels(f->series, f->arena, STR("d"), &c, &n, &e), &e);
        assert_int_equal(c[0].n, 2);
        assert_int_equal(c[0].first_ms, T0 + 3);
        assert_int_equal(c[0].last.value.mantissa, 7);
        must(series_channels(f->series, f->arena, STR("nobody"), &c, &n, &e), &e);
        assert_int_equal(n, 0);
}

struct faults { size_t n; char last[300]; };
static void note_fault(void *ctx, const char *what, const char *detail)
{
        struct faults *l = ctx;
        l->n++;
        snprintf(l->last, sizeof l->last, "%s: %s", what, detail);
}

static int64_t checked(struct fixture *f, struct faults *l)
{
        struct err e = { 0 };
        *l = (struct faults){ 0 };
        int64_t n = series_check(f->store, note_fault, NULL, l, &e);
        must(n < 0 ? -1 : 0, &e);
        assert_int_equal(n, l->n);
        return n;
}

static void a_day_of_minutes(struct fixture *f, const char *device)
{
        struct batch *b = batch_new(f->arena);
        for (int i = 0; i < 24 * 60; i++) {
                say(f, b, device, "t", T0 + i * 60000, 100 + i % 61, 1);
                say(f, b, device, "u", T0 + i * 60000, 7, 0);
        }
        append(f, b);
}

static void what_was_dropped_leaves_its_figures_and_its_root(void **state)
{
        struct fixture *f = *state;
        struct err e = { 0 };
        struct faults l;
        struct hash before, after;
        struct series_due due;
        int64_t n, end;
        f->now_ms = T0 + 30 * HOUR;
        a_day_of_minutes(f, "d");
        f->now_ms += HOUR;
        settle(f);
        must(series_root(f->series, f->arena, STR("d"), T0, &before, &n, &e), &e);
        for (int round = 0; round < 2; round++) {
                struct steps hours = { .n = 0 }, half = { .n = 0 };
                must(series_retain(f->series, STR("d"), STR("t"), T0 + 12 * HOUR + 5, round ? KEEP_HOURS : KEEP_MINUTES, &e), &e);
                must(series_figures(f->series, STR("d"), STR("t"), T0, T0 + 24 * HOUR, HOUR, note_step, &hours, &e), &e);
                assert_int_equal(hours.n, 24);
                assert_int_equal(hours.list[3].n, 60);
                must(series_figures(f->series, STR("d"), STR("t"), T0, T0 + 2 * HOUR, HOUR / 2, note_step, &half, &e), &e);
                assert_int_equal(half.n, round ? 2 : 4);
                assert_int_equal(half.list[1].begin_ms, T0 + (round ? HOUR : HOUR / 2));
                assert_int_equal(half.list[1].end_ms, T0 + (round ? 2 * HOUR : HOUR));
                struct seen raw = samples(f, "d", "t", T0, T0 + 24 * HOUR), other = samples(f, "d", "u", T0, T0 + 24 * HOUR);
                assert_int_equal(raw.n, 12 * 60);
                assert_int_equal(other.n, 24 * 60);
                must(series_due(f->series, STR("d"), STR("t"), T0 + 14 * HOUR, &due, &e), &e);
                assert_int_equal(due.hours, round ? 2 : 14);            /* minutes are dropped too */
                assert_int_equal(due.first_ms, round ? T0 + 12 * HOUR : T0);
                must(series_dropped(f->series, STR("d"), STR("t"), T0 + 5, T0 + 24 * HOUR, &end, &e), &e);
                assert_int_equal(end, T0 + 12 * HOUR);
                must(series_dropped(f->series, STR("d"), STR("t"), T0 + 12 * HOUR, T0 + 24 * HOUR, &end, &e), &e);
                assert_int_equal(end, 0);
                must(series_dropped(f->series, STR("d"), STR("u"), T0, T0 + 24 * HOUR, &end, &e), &e);
                assert_int_equal(end, 0);
                free(raw.list);
                free(other.list);
                must(series_root(f->series, f->arena, STR("d"), T0, &after, &n, &e), &e);
                assert_memory_equal(before.b, after.b, 32);
                assert_int_equal(n, 120);
                assert_int_equal(checked(f, &l), 0);
        }
        append(f, say(f, NULL, "d", "t", T0 + 5, 1, 0));
        settle(f);
        struct series_stats st;
        series_stats(f->series, &st);
        assert_int_equal(st.expired, 1);
}

static void a_check_finds_what_was_tampered_with(void **state)
{
        static const char *const damage[] = {
                "UPDATE series_sealed SET n = n + 1 WHERE at = 3",
                "UPDATE series_sealed SET root = (SELECT packed FROM series_day) WHERE at = 1",
                "DELETE FROM series_sealed WHERE at = 24",
                "DELETE FROM series_block WHERE slot = (SELECT min(slot) FROM series_block)",
                "UPDATE series_block SET packed = (SELECT packed FROM series_block WHERE slot = (SELECT max(slot) FROM series_block)) WHERE slot = (SELECT min(slot) FROM series_block)",
                "DELETE FROM series_day",
                "UPDATE series_channel SET name = 'x' WHERE name = 'u'",
                "INSERT INTO series_journal (n, received_ms, readings, from_ms, to_ms, devices, batches) SELECT 1, 0, 1, 0, 0, -1, packed FROM series_day",
        };
        struct fixture *f = *state;
        struct faults l;
        assert_int_equal(checked(f, &l), 0);
        for (size_t i = 0; i < COUNT(damage); i++) {
                teardown(state);
                setup(state);
                f = *state;
                f->now_ms = T0 + 30 * HOUR;
                a_day_of_minutes(f, "d");
                f->now_ms += HOUR;
                settle(f);
                assert_int_equal(checked(f, &l), 0);
                assert_int_not_equal(raw_sql(f->db, damage[i]), -1);
                if (checked(f, &l) == 0)
                        fail_msg("not found: %s", damage[i]);
        }
        raw_sql(f->db, "DELETE FROM series_journal");
}

static void a_large_batch_goes_straight_into_blocks(void **state)
{
        struct fixture *f = *state;
        struct batch *b = batch_new(f->arena);
        f->now_ms = T0 + 1000 * HOUR;
        append(f, say(f, NULL, "d", "t", T0, 5, 0));
        for (int i = 0; i < 20001; i++)
                say(f, b, "d", "t", T0 + i * 60000, i, 1);
        append(f, b);
        assert_int_equal(raw_sql(f->db, "SELECT count(*) FROM series_journal"), 0);
        struct seen s = samples(f, "d", "t", 0, T0 * 2);
        assert_int_equal(s.n, 20001);
        assert_int_equal(decimal_cmp(s.list[0].value, (struct decimal){ 5, 0 }), 0);
        free(s.list);
        assert_int_equal(f->n_told, 1);
}

/* A stranger's batch, of one reading in each of so many hours: ours would hold no more than it may. */
static struct str hourly_bytes(struct fixture *f, int hours)
{
        struct pack section = { .a = f->arena }, k = { .a = f->arena };
        for (int i = 0; i < hours; i++) {
                pack_byte(&section, 0);
                pack_u(&section, 0);
                pack_i(&section, i ? HOUR : T0);
                pack_i(&section, 1);
        }
        pack_bytes(&k, "syb1", 4);
        pack_u(&k, 1);
        pack_str(&k, STR("d"));
        pack_u(&k, (uint64_t)hours);
        pack_u(&k, section.n);
        pack_u(&k, 1);
        pack_str(&k, STR("t"));
        pack_bytes(&k, section.p, section.n);
        return pack_view(&k);
}

static void a_batch_of_too_many_hours_is_refused(void **state)
{
        struct fixture *f = *state;
        struct batch *back = batch_new(f->arena);
        struct err e = { 0 };
        f->now_ms = T0 + 50000 * HOUR;
        for (int i = 0; i < 20000; i++)
                say(f, back, "d", "t", T0 + i * HOUR, 1, 0);
        for (int i = 0; i < 20000; i++)         /* again, so not more hours */
                say(f, back, "d", "t", T0 + i * HOUR + 1, 1, 0);
        assert_int_equal(series_append(f->series, hourly_bytes(f, 20001), &e), -1);
        assert_int_equal(e.kind, ERR_BAD_INPUT);
        assert_non_null(strstr(e.detail, "hours of devices"));
        assert_int_equal(series_append(f->series, hourly_bytes(f, 20000), &e), 0);
        append(f, back);
        assert_int_equal(series_append(f->series, STR("nonsense"), &e), -1);
        assert_int_equal(e.kind, ERR_BAD_INPUT);
}

/* ---- one device's channels ---- */

static struct batch *say_channels(struct fixture *f, struct batch *b, const char *device, int from, int to)
{
        struct batch *into = b ? b : batch_new(f->arena);
        for (int i = from; i < to; i++) {
                char channel[16];
                snprintf(channel, sizeof channel, "c%d", i);
                say(f, into, device, channel, T0 + i, i, 0);
        }
        return into;
}

static void refused(struct fixture *f, struct batch *b, const char *device)
{
        struct err e = { 0 };
        assert_int_equal(series_append(f->series, batch_bytes(b), &e), -1);
        assert_int_equal(e.kind, ERR_BAD_INPUT);
        assert_non_null(strstr(e.detail, device));
        assert_non_null(strstr(e.detail, "channels"));
}

static size_t channels_of(struct fixture *f, const char *device)
{
        struct channel_state *c;
        struct err e = { 0 };
        size_t n;
        must(series_channels(f->series, f->arena, str_of(device), &c, &n, &e), &e);
        return n;
}

static void a_device_says_only_so_many_channels(void **state)
{
        enum { MOST = LIMIT_SERIES_DEVICE_CHANNELS, SOME = MOST - 12 };
        struct fixture *f = *state;
        struct batch *bulk = say_channels(f, NULL, "device-1", MOST, MOST + 1);
        for (int i = 0; i <= LIMIT_SERIES_BULK; i++)
                say(f, bulk, "device-1", "c0", T0 + i * 1000, 1, 0);
        append(f, say_channels(f, NULL, "device-1", 0, SOME));
        settle(f);
        append(f, say_channels(f, NULL, "device-1", SOME - 5, MOST));
        for (int round = 0; round < 4; round++) {       /* counted as heard, from blocks and journal, from blocks alone */
                refused(f, say_channels(f, say_channels(f, NULL, "device-2", 0, 3), "device-1", MOST - 1, MOST + 1), "device-1");
                refused(f, bulk, "device-1");
                refused(f, say_channels(f, NULL, "device-3", 0, MOST + 1), "device-3");
                append(f, say_channels(f, NULL, "device-1", 0, MOST));
                assert_int_equal(channels_of(f, "device-1"), MOST);
                assert_int_equal(channels_of(f, "device-2"), 0);
                if (round == 1)
                        settle(f);
                fixture_close(f);
                fixture_open(f);
        }
        append(f, say_channels(f, say_channels(f, NULL, "device-2", 0, 3), "device-3", 1, MOST + 1));
        settle(f);
        assert_int_equal(channels_of(f, "device-2"), 3);
        assert_int_equal(channels_of(f, "device-3"), MOST);
        assert_int_equal(raw_sql(f->db, "SELECT count(*) FROM series_channel"), MOST + 1);
}

static void is_answered(struct series_job *job, void *ctx)
{
        (void)job;
        atomic_fetch_add((atomic_int *)ctx, 1);
}

static void who_says_too_many_channels_is_refused_alone(void **state)
{
        enum { JOBS = 40 };
        struct fixture *f = *state;
        static struct series_job jobs[JOBS];
        atomic_int answered = 0;
        struct err e = { 0 };
        for (int i = 0; i < JOBS; i++) {        /* many of them in one commit */
                char device[16];
                snprintf(device, sizeof device, "d%d", i);
                struct batch *b = say_channels(f, NULL, device, 0, i % 3 == 1 ? LIMIT_SERIES_DEVICE_CHANNELS + 1 : 2);
                jobs[i] = (struct series_job){ .bytes = batch_bytes(b), .arena = f->arena, .done = is_answered, .ctx = &answered };
        }
        for (int i = 0; i < JOBS; i++)
                must(series_submit(f->series, &jobs[i], &e), &e);
        while (atomic_load(&answered) < JOBS)
                usleep(1000);
        for (int i = 0; i < JOBS; i++) {
                char device[16];
                snprintf(device, sizeof device, "d%d", i);
                assert_int_equal(jobs[i].err.kind, i % 3 == 1 ? ERR_BAD_INPUT : ERR_NONE);
                assert_int_equal(channels_of(f, device), i % 3 == 1 ? 0 : 2);
        }
}

/* ---- a journal that cannot move ---- */

static uint64_t failures(struct fixture *f)
{
        struct series_stats st;
        series_stats(f->series, &st);
        return st.flush_failures;
}

static struct str many_readings(struct fixture *f)
{
        struct batch *b = batch_new(f->arena);
        for (int i = 0; i < LIMIT_SERIES_BULK; i++)
                say(f, b, "d", "t", T0 + i * 100, i, 1);
        return batch_bytes(b);
}

static void fill_the_journal(struct fixture *f, struct str bytes, int times)
{
        struct err e = { 0 };
        for (int i = 0; i < times * LIMIT_SERIES_JOURNAL_READINGS / LIMIT_SERIES_BULK; i++)
                must(series_append(f->series, bytes, &e), &e);
}

/* A block that cannot be read, in an hour of `broken`; what it was stays beside it. */
static void break_a_block(struct fixture *f)
{
        append(f, say(f, NULL, "broken", "t", T0, 5, 0));
        settle(f);
        append(f, say(f, NULL, "broken", "t", T0 + 1000, 6, 0));
        assert_int_not_equal(raw_sql(f->db, "INSERT INTO series_block (slot, packed) SELECT -slot, packed FROM series_block"), -1);
        assert_int_not_equal(raw_sql(f->db, "UPDATE series_block SET packed = (SELECT batches FROM series_journal) WHERE slot > 0"), -1);
}

/* In one statement: between two of them the journal may move, which is tried again all the while. */
static void mend_it(struct fixture *f)
{
        assert_int_not_equal(raw_sql(f->db, "UPDATE series_block SET packed = kept.packed FROM series_block kept WHERE series_block.slot > 0 AND kept.slot = -series_block.slot"), -1);
        assert_int_not_equal(raw_sql(f->db, "DELETE FROM series_block WHERE slot < 0"), -1);
}

/* At once, 1 s later, 2 s later, 4 s later … */
static void tried_seldom(struct fixture *f, int64_t since_us)
{
        uint64_t n = failures(f);
        assert_true(n < 20);
        assert_true(n == 0 || clock_mono_us() - since_us >= ((INT64_C(1) << (n - 1)) - 1) * 1000000);
}

static void a_journal_that_cannot_move_is_tried_seldom_and_still_fills(void **state)
{
        struct fixture *f = *state;
        struct str bytes = many_readings(f);
        f->now_ms = T0 + HOUR / 2;
        break_a_block(f);
        int64_t began_us = clock_mono_us();
        fill_the_journal(f, bytes, 1);
        append(f, say(f, NULL, "other", "t", T0, 7, 0));
        while (failures(f) < 3) {
                tried_seldom(f, began_us);
                usleep(1000);
        }
        struct seen all = samples(f, "d", "t", 0, T0 * 2), other = samples(f, "other", "t", 0, T0 * 2);
        assert_int_equal(all.n, LIMIT_SERIES_BULK);
        assert_int_equal(other.n, 1);
        free(all.list);
        free(other.list);
        assert_int_equal(raw_sql(f->db, "SELECT count(*) FROM series_block WHERE slot > 0"), 1);
        mend_it(f);
        while (raw_sql(f->db, "SELECT count(*) FROM series_journal") > 0)       /* by itself, some 4 s later */
                usleep(20000);
        struct seen broken = samples(f, "broken", "t", 0, T0 * 2);
        assert_int_equal(broken.n, 2);
        free(broken.list);
        tried_seldom(f, began_us);
        assert_int_equal(f->n_told, 0);
}

static void a_journal_that_cannot_move_does_not_grow_for_ever(void **state)
{
        struct fixture *f = *state;
        struct str bytes = many_readings(f);
        struct err e = { 0 };
        struct batch *bulk = batch_new(f->arena);
        for (int i = 0; i <= LIMIT_SERIES_BULK; i++)
                say(f, bulk, "d", "u", T0 + i * 100, i, 1);
        f->now_ms = T0 + HOUR / 2;
        break_a_block(f);
        fill_the_journal(f, bytes, 1);
        while (failures(f) == 0)
                usleep(1000);
        assert_int_equal(series_append(f->series, batch_bytes(bulk), &e), -1);
        assert_int_equal(e.kind, ERR_BUSY);
        fill_the_journal(f, bytes, LIMIT_SERIES_JOURNAL_TIMES - 1);
        int rc;
        for (int i = 0; (rc = series_append(f->series, bytes, &e)) == 0; i++)
                assert_true(i < 3);     /* the last to be answered may not be counted yet */
        assert_int_equal(e.kind, ERR_BUSY);
        assert_int_equal(series_settle(f->series, &e), -1);
        assert_non_null(strstr(e.cause, "moving readings into blocks"));
        mend_it(f);
        settle(f);
        append(f, bulk);
        append(f, say(f, NULL, "d", "t", T0 - 1000, 7, 0));
        struct seen all = samples(f, "d", "t", 0, T0 * 2);
        assert_int_equal(all.n, LIMIT_SERIES_BULK + 1);
        free(all.list);
}

/* ---- several processes on one server ---- */

struct teller { struct fixture *f; const char *device; };

static void *tell_much(void *ctx)
{
        struct teller *t = ctx;
        for (int i = 0; i < 60; i++) {
                struct batch *b = say(t->f, NULL, t->device, "t", T0 + i * 60000, i, 0);
                append(t->f, say(t->f, b, "both", t->device, T0 + i * 60000, i, 0));
                if (i % 7 == 0)
                        settle(t->f);
        }
        return NULL;
}

static int in_order(void *ctx, const struct sealed_hour *h)
{
        int64_t *n = ctx;
        assert_int_equal(h->at, ++*n);
        return 0;
}

/* Another process on the same database. */
static void another_open(struct fixture *f, struct fixture *g)
{
        *g = (struct fixture){ .server = true, .dir = "/tmp/suyuan-series-XXXXXX", .now_ms = f->now_ms, .arena = arena_new() };
        assert_non_null(mkdtemp(g->dir));
        memcpy(g->url, f->url, sizeof g->url);
        fixture_open(g);
}

static void another_close(struct fixture *g)
{
        fixture_close(g);
        test_folder_remove(g->dir);
        arena_free(g->arena);
}

static void several_processes_write_to_one_server(void **state)
{
        struct fixture *f = *state, g;
        struct faults l;
        struct err e = { 0 };
        pthread_t thread;
        int64_t n = 0;
        f->now_ms = T0 + 10 * HOUR;
        another_open(f, &g);
        struct teller a = { f, "a" }, b = { &g, "b" };
        assert_int_equal(pthread_create(&thread, NULL, tell_much, &b), 0);
        tell_much(&a);
        pthread_join(thread, NULL);
        append(f, say(f, NULL, "c", "t", T0, 1, 0));
        append(&g, say(&g, NULL, "c", "t", T0, 2, 0));
        static const char *const devices[] = { "a", "b" };
        for (int i = 0; i < 2; i++) {
                struct seen mine = samples(f, devices[i], "t", 0, T0 * 2), its = samples(&g, "both", devices[i], 0, T0 * 2);
                assert_int_equal(mine.n, 60);
                assert_int_equal(its.n, 60);
                free(mine.list);
                free(its.list);
        }
        g.now_ms = f->now_ms += HOUR;
        settle(&g);
        settle(f);
        assert_int_equal(f->n_told + g.n_told, 1);
        must(series_sealed(f->series, 0, 100, in_order, &n, &e), &e);
        assert_int_equal(n, 4);
        assert_int_equal(checked(f, &l), 0);
        another_close(&g);
}

/* ---- retention of several processes ---- */

enum { PAST_DAYS = 40, PAST_HOURS = PAST_DAYS * 24, LATE_EVERY = 7 };

/* Said, and sealed. */
static void say_past(struct fixture *f)
{
        static const char *const channels[] = { "t", "u", "v" };
        struct batch *b = batch_new(f->arena);
        for (int h = 0; h < PAST_HOURS; h++)
                for (int i = 0; i < 6; i++)
                        say(f, b, "d", channels[i % 3], T0 + h * HOUR + i * 60000, h % 50 + i, 1);
        f->now_ms = T0 + (PAST_HOURS + 2) * HOUR;
        append(f, b);
        f->now_ms += 2 * HOUR;
        settle(f);
}

struct letting { struct fixture *f; const char *channel; int64_t before_ms; int minute; };

static void let_go(struct fixture *f, const char *channel, int64_t before_ms)
{
        struct err e = { 0 };
        must(series_retain(f->series, STR("d"), str_of(channel), before_ms, KEEP_HOURS, &e), &e);
}

/* A pass for t and one for its own channel, while late readings of a third channel come into the same blocks. */
static void *let_much_go(void *ctx)
{
        const struct letting *x = ctx;
        for (int h = x->minute % LATE_EVERY, n = 0; h < PAST_HOURS; h += LATE_EVERY, n++) {
                append(x->f, say(x->f, NULL, "d", "v", T0 + h * HOUR + x->minute * 60000, 7, 0));
                if (n % 20 == 0) {
                        settle(x->f);
                        let_go(x->f, x->channel, T0 + n * HOUR * LATE_EVERY);
                        let_go(x->f, "t", x->before_ms);
                }
        }
        settle(x->f);
        let_go(x->f, "t", x->before_ms);
        return NULL;
}

static void assert_gone(struct fixture *f, const char *channel, int64_t before_ms, size_t n_left, const struct steps *figures)
{
        struct err e = { 0 };
        struct series_due due;
        struct steps now = { .n = 0 };
        int64_t end;
        let_go(f, channel, before_ms);          /* hours that a late reading had opened again waited */
        must(series_due(f->series, STR("d"), str_of(channel), before_ms, &due, &e), &e);
        assert_int_equal(due.hours, 0);
        must(series_dropped(f->series, STR("d"), str_of(channel), T0, T0 + PAST_HOURS * HOUR, &end, &e), &e);
        assert_int_equal(end, before_ms);
        struct seen left = samples(f, "d", channel, T0, T0 + PAST_HOURS * HOUR);
        assert_int_equal(left.n, n_left);
        assert_true(left.list[0].t_ms >= before_ms);
        free(left.list);
        must(series_figures(f->series, STR("d"), str_of(channel), T0, T0 + PAST_HOURS * HOUR, 24 * HOUR, note_step, &now, &e), &e);
        assert_int_equal(now.n, figures->n);
        assert_memory_equal(now.list, figures->list, now.n * sizeof *now.list);
}

static void several_processes_let_readings_go_at_once(void **state)
{
        struct fixture *f = *state, g;
        struct faults l;
        struct err e = { 0 };
        struct steps t = { .n = 0 }, u = { .n = 0 };
        struct hash before, after;
        struct series_due due;
        struct series_stats st;
        int64_t n;
        pthread_t thread;
        say_past(f);
        another_open(f, &g);
        must(series_figures(f->series, STR("d"), STR("t"), T0, T0 + PAST_HOURS * HOUR, 24 * HOUR, note_step, &t, &e), &e);
        must(series_figures(f->series, STR("d"), STR("u"), T0, T0 + PAST_HOURS * HOUR, 24 * HOUR, note_step, &u, &e), &e);
        must(series_root(f->series, f->arena, STR("d"), T0 + 3 * HOUR, &before, &n, &e), &e);     /* no late reading comes into this one */
        struct letting a = { f, "u", T0 + 30 * 24 * HOUR, 11 }, b = { &g, "u", T0 + 20 * 24 * HOUR, 13 };
        assert_int_equal(pthread_create(&thread, NULL, let_much_go, &b), 0);
        let_much_go(&a);
        pthread_join(thread, NULL);
        must(series_due(f->series, STR("d"), STR("t"), T0 + 30 * 24 * HOUR, &due, &e), &e);
        assert_in_range(due.hours, 1, 30 * 24 / 2);             /* those that a late reading opened again, and no other */
        g.now_ms = f->now_ms += 2 * HOUR;
        settle(&g);
        settle(f);
        append(&g, say(&g, NULL, "d", "t", T0 + 3 * HOUR + 30 * 60000, 9, 0));         /* of an hour that the other one let go */
        settle(&g);
        series_stats(g.series, &st);
        assert_int_equal(st.expired, 1);
        assert_gone(f, "t", T0 + 30 * 24 * HOUR, 10 * 24 * 2, &t);
        assert_gone(&g, "u", T0 + 35 * 24 * HOUR, 5 * 24 * 2, &u);
        struct seen v = samples(&g, "d", "v", T0, T0 + PAST_HOURS * HOUR);
        assert_int_equal(v.n, PAST_HOURS * 2 + (PAST_HOURS - 11 % LATE_EVERY + LATE_EVERY - 1) / LATE_EVERY + (PAST_HOURS - 13 % LATE_EVERY + LATE_EVERY - 1) / LATE_EVERY);
        free(v.list);
        must(series_root(g.series, f->arena, STR("d"), T0 + 3 * HOUR, &after, &n, &e), &e);
        assert_memory_equal(before.b, after.b, 32);
        assert_int_equal(checked(f, &l), 0);
        another_close(&g);
}

/* The server takes a commit back, as it does when it cannot be made in any order; what is made again is all of it. */
static void readings_go_also_when_a_transaction_is_made_again(void **state)
{
        struct fixture *f = *state;
        struct faults l;
        struct err e = { 0 };
        struct steps t = { .n = 0 };
        struct series_due due;
        say_past(f);
        must(series_figures(f->series, STR("d"), STR("t"), T0, T0 + PAST_HOURS * HOUR, 24 * HOUR, note_step, &t, &e), &e);
        raw_sql(f->db, "CREATE SEQUENCE tries; CREATE FUNCTION once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('tries') = 1 THEN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END IF; RETURN NULL; END $$; "
                       "CREATE CONSTRAINT TRIGGER once AFTER UPDATE ON series_day DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION once()");
        let_go(f, "t", T0 + 30 * 24 * HOUR);
        assert_true(raw_sql(f->db, "SELECT last_value FROM tries") > 1);
        must(series_due(f->series, STR("d"), STR("t"), T0 + 30 * 24 * HOUR, &due, &e), &e);
        assert_int_equal(due.hours, 0);
        assert_gone(f, "t", T0 + 30 * 24 * HOUR, 10 * 24 * 2, &t);
        assert_int_equal(checked(f, &l), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                T(readings_are_seen_at_once_and_after_they_moved),
                T(the_first_statement_of_a_moment_stands),
                T(a_clock_beyond_belief_is_kept_but_gives_way),
                T(an_hour_is_sealed_after_its_grace_and_again_when_it_changed),
                T(figures_are_of_steps_and_leave_out_what_is_doubtful),
                T(a_device_tells_what_it_has_said),
                T(what_was_dropped_leaves_its_figures_and_its_root),
                T(a_check_finds_what_was_tampered_with),
                T(a_large_batch_goes_straight_into_blocks),
                T(a_batch_of_too_many_hours_is_refused),
                T(a_device_says_only_so_many_channels),
                T(who_says_too_many_channels_is_refused_alone),
                T(a_journal_that_cannot_move_is_tried_seldom_and_still_fills),
                T(a_journal_that_cannot_move_does_not_grow_for_ever),
                T(several_processes_write_to_one_server),       /* from here on: SQLite has one writer */
                T(several_processes_let_readings_go_at_once),
                T(readings_go_also_when_a_transaction_is_made_again),
        };
        size_t n = sizeof(tests) / sizeof(*tests) - (getenv("SUYUAN_TEST_DATABASE") ? 0 : 3);
        return _cmocka_run_group_tests("series/series", tests, n, NULL, NULL);
}
