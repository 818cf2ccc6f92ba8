/* What check finds, what rebuild mends and what it refuses to touch; the cache of numbers. */
#include "ledger/item_cache.h"
#include "ledger/test_support.h"

static void fill(struct fixture *f)
{
        RECORD(f, PLAIN, { .id = "urn:e:1", .minute = 1, .items = "'urn:x:1','urn:x:2'" }, { .id = "urn:e:2", .minute = 2, .items = "'urn:x:2','urn:x:3'" },
               { .minute = 3, .items = "'urn:x:3'" });
        assert_whole(f);
}

static void behind_its_back(struct fixture *f, const char *sql)
{
        fixture_close(f);
        if (raw_sql(f->db, sql) < 0)
                fail_msg("not run: %s", sql);
        fixture_open(f);
}

static int try_rebuild(struct fixture *f, struct err *e)
{
        fixture_close(f);
        fixture_open_store(f);
        int rc = ledger_rebuild(f->store, NULL, NULL, e);
        store_close(f->store);
        fixture_open(f);
        return rc;
}

static void damaged_views_are_found_and_mended(void **state)
{
        static const struct { const char *sql, *says; } damages[] = {
                { "DELETE FROM event_item WHERE item = 2 AND seq = 1", "event_item: org 1, item 2, seq 1, role 1: is missing" },
                { "INSERT INTO event_item VALUES (1, 2, 3, 1, 0)", "event_item: org 1, item 2, seq 3, role 1: stands here" },
                { "UPDATE event_item SET time_us = 0 WHERE item = 3 AND seq = 2", "time_us" },
                { "UPDATE item SET canonical = 'urn:x:other' WHERE id = 2", "item: org 1, id 2: is not what the event says: canonical" },
                { "DELETE FROM event_facet WHERE facet = 1 AND seq = 2", "event_facet" },
                { "UPDATE event_facet SET time_us = 0 WHERE seq = 3", "event_facet" },
                { "DELETE FROM event_once WHERE seq = 2", "event_once" },
                { "UPDATE event_name SET head = head + 1 WHERE seq = 1", "event_name" },
                { "UPDATE event SET event_hash = zeroblob(32) WHERE seq = 2", "event_hash" },
                { "UPDATE event SET refs = zeroblob(1) WHERE seq = 3", "refs" },
                { "UPDATE event SET flags = flags | 2 WHERE seq = 3", "flags" },
                { "UPDATE event SET biz_step = 1 WHERE seq = 3", "biz_step" },
        };
        struct fixture *f = *state;
        fill(f);
        for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
                struct err e = { 0 };
                behind_its_back(f, damages[i].sql);
                if (faults_of(f) < 1 || !strstr(f->faults.p, damages[i].says))
                        fail_msg("after %s check said: %s", damages[i].sql, f->faults.p);
                if (try_rebuild(f, &e) < 0)
                        fail_msg("%s (%s)", e.detail, e.cause);
                assert_whole(f);
        }
}

static void damaged_facts_are_found_and_left(void **state)
{
        static const struct { const char *sql, *says; } damages[] = {
                { "UPDATE event_body SET body = replace(body, 'urn:x:1', 'urn:x:9') WHERE seq = 1", "digest" },
                { "UPDATE event_body SET body = '{' WHERE seq = 1", "event 1 has a body that cannot be read" },
                { "DELETE FROM event_body WHERE seq = 2", "event 2 has no body" },
                { "UPDATE event SET digest = zeroblob(32) WHERE seq = 1", "event: org 1, seq 1: is not what the event says: digest" },
                { "UPDATE event SET digest = zeroblob(31) WHERE seq = 1", "event 1 has no digest" },
                { "UPDATE event SET salt = zeroblob(32) WHERE seq = 1", "salt" },
                { "UPDATE event SET event_id = 'urn:e:9' WHERE seq = 2", "another eventID than its body" },
                { "DELETE FROM event WHERE seq = 2", "event 2 is missing" },
                { "DELETE FROM term WHERE id = (SELECT context FROM event WHERE seq = 1)", "event 1 lacks the @context it came with" },
                { "DELETE FROM term WHERE id = (SELECT actor FROM event WHERE seq = 1)", "event 1 lacks the name of who sent it" },
                { "INSERT INTO event_body VALUES (5, 0, 5, '{}')", "bodies without an event" },
        };
        for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
                struct fixture *f;
                struct err e = { 0 };
                void *own = NULL;
                assert_int_equal(setup(&own), 0);
                f = own;
                fill(f);
                behind_its_back(f, damages[i].sql);
                if (faults_of(f) < 1 || !strstr(f->faults.p, damages[i].says))
                        fail_msg("after %s check said: %s", damages[i].sql, f->faults.p);
                int rc = try_rebuild(f, &e);
                assert_true(rc == 0 || e.kind == ERR_STORE);
                assert_true(faults_of(f) > 0);  /* a rebuild must not hide it */
                teardown(&own);
        }
        (void)state;
}

static void damaged_blobs_are_found(void **state)
{
        struct fixture *f = *state;
        struct hash h;
        char sql[200];
        assert_int_equal(blob_put(f->store, "photo", 5, &h, NULL), 0);
        assert_whole(f);
        snprintf(sql, sizeof sql, "%s/blobs/sha256/%02x", f->dir, h.b[0]);
        char *name = arena_cstr(f->arena, arena_printf(f->arena, "%s/", sql));
        struct buf path = { .max = 300 };
        buf_z(&path, name);
        buf_hex(&path, h.b + 1, 31);
        FILE *file = fopen(path.p, "w");
        assert_non_null(file);
        fputs("other", file);
        fclose(file);
        assert_int_equal(faults_of(f), 1);
        assert_non_null(strstr(f->faults.p, "its bytes are not those of its name"));
        buf_free(&path);
}

static void the_cache_forgets_but_never_lies(void **state)
{
        (void)state;
        struct item_cache *c = item_cache_new(64);
        struct text_key keys[1000];
        int found = 0;
        for (int i = 0; i < 1000; i++) {
                char text[32];
                snprintf(text, sizeof text, "text %d", i);
                keys[i] = item_cache_key(c, 1, str_of(text));
                struct text_key other = item_cache_key(c, 2, str_of(text));
                assert_memory_not_equal(&keys[i], &other, sizeof other);
                assert_int_equal(item_cache_get(c, &keys[i]), 0);
                item_cache_put(c, &keys[i], i + 1);
                assert_int_equal(item_cache_get(c, &keys[i]), i + 1);
        }
        for (int i = 0; i < 1000; i++) {
                int64_t id = item_cache_get(c, &keys[i]);
                assert_true(id == 0 || id == i + 1);
                found += id != 0;
        }
        assert_int_equal(found, 64);
        item_cache_clear(c);
        assert_int_equal(item_cache_get(c, &keys[999]), 0);
        item_cache_free(c);
}

/* ---- a database of the first release ---- */

/* Takes back what later steps brought: the tables of v1, with their rows, in a file of that version. */
static void make_older(struct fixture *f)
{
        static const char *const tables[] = { "org (id, code, name, secret, created_us)", "origin (n, url)", "term (key, org, id, text)", "term_head (org, head, id)",
                "event (key, org, seq, record_us, door, actor, context, event_id, time_us, offset_min, type, action, flags, biz_step, disposition, digest, salt, event_hash, refs)",
                "event_body (key, org, seq, body)", "item (key, org, id, canonical, kind)", "event_item (org, item, seq, role, time_us)",
                "event_once (org, time_us, head, seq)", "event_name (org, head, seq)" };
        struct str old = arena_printf(f->arena, "%s/old.db", f->dir);
        char line[4096];
        FILE *frozen = fopen(SOURCE_ROOT "/src/store/schema/frozen/v1.sql", "r");
        assert_non_null(frozen);
        struct buf sql;
        buf_init(&sql, 1 << 20);
        for (int indexes = 0; indexes < 2; indexes++, rewind(frozen))   /* tables come first */
                while (fgets(line, sizeof line, frozen))
                        if (indexes == (strncmp(line, "CREATE TABLE", 12) != 0))
                                buf_printf(&sql, "%s;", line);
        fclose(frozen);
        buf_printf(&sql, "ATTACH '%s' AS new;", f->db);
        for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
                int name = (int)strcspn(tables[i], " ");
                buf_printf(&sql, "INSERT INTO main.%s SELECT %.*s FROM new.%.*s;", tables[i], (int)strlen(tables[i]) - name - 3, tables[i] + name + 2, name, tables[i]);
        }
        buf_printf(&sql, "PRAGMA main.user_version = 1; PRAGMA main.application_id = %lld", (long long)raw_sql(f->db, "PRAGMA application_id"));
        if (raw_sql(old.p, sql.p) < 0)
                fail_msg("not run: %s", sql.p);
        buf_free(&sql);
        assert_int_equal(rename(old.p, f->db), 0);
}

static void an_older_database_gets_its_facets_and_its_log_when_it_is_opened(void **state)
{
        struct fixture *f = *state;
        if (f->server)
                return;         /* there was no server then */
        RECORD(f, PLAIN, { .minute = 1, .items = "'urn:x:1'", .more = ",'bizTransactionList':[{'bizTransaction':'urn:t:1'}],'readPoint':{'id':'urn:p'}" },
               { .minute = 2, .items = "'urn:x:2'", .more = ",'bizTransactionList':[{'bizTransaction':'urn:t:1'}],'disposition':'active'" });
        assert_int_equal(raw_sql(f->db, "SELECT count(*) FROM event_facet"), 6);
        struct hash photo;
        assert_int_equal(blob_put(f->store, "photo", 5, &photo, NULL), 0);
        fixture_close(f);
        make_older(f);
        /* terms that only facets have are met again, new ones in order */
        assert_int_equal(raw_sql(f->db, "DELETE FROM term_head WHERE id = (SELECT id FROM term WHERE text = 'urn:p'); DELETE FROM term WHERE text = 'urn:p'"), 0);
        fixture_open(f);
        assert_int_equal(raw_sql(f->db, "SELECT count(*) FROM event_facet"), 6);
        assert_int_equal(raw_sql(f->db, "SELECT count(*) FROM log_leaf"), 3);   /* two events and a photo */
        assert_int_equal(raw_sql(f->db, "SELECT count(*) FROM view_pending"), 0);
        assert_int_equal(raw_sql(f->db, "SELECT count(*) FROM event_facet f JOIN term t ON t.id = f.value WHERE f.facet = 3 AND t.text = 'urn:p' AND f.seq = 1"), 1);
        assert_whole(f);
        RECORD(f, PLAIN, { .minute = 3, .items = "'urn:x:2'", .more = ",'readPoint':{'id':'urn:p'}" });
        assert_whole(f);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                T(damaged_views_are_found_and_mended),
                cmocka_unit_test(damaged_facts_are_found_and_left),
                T(damaged_blobs_are_found),
                T(an_older_database_gets_its_facets_and_its_log_when_it_is_opened),
                cmocka_unit_test(the_cache_forgets_but_never_lies),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
