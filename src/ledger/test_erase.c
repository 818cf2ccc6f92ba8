/* Erasing through the ledger, and what readers are told of signed and erased records. */
#include <sodium.h>

#include "base/text.h"
#include "epcis/digest.h"
#include "ledger/test_support.h"
#include "store/record.h"
#include "store/sql_names.h"

#define PRIVATE ",'suyuan:operator':'PRIVATE','suyuan:crop':'rice'"

struct wish { struct ledger *ledger; struct ledger_erasure erasure; };

static int erase(struct db *db, void *ctx, struct err *reterr)
{
        struct wish *w = ctx;
        (void)db;
        return ledger_erase_in(w->ledger, &w->erasure, reterr);
}

static int try_erase(struct fixture *f, const char *id, struct wish *w, struct err *e)
{
        *w = (struct wish){ .ledger = f->ledger, .erasure = { .org = ORG_DEFAULT, .event_id = str_of(id), .reason = STR("request"), .arena = f->arena } };
        return ledger_act(f->ledger, erase, w, e);
}

static struct reader *reading(struct fixture *f)
{
        struct reader *r;
        struct err e = { 0 };
        if (reader_begin(f->store, &r, &e) < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
        return r;
}

static struct str form_of(struct fixture *f, int64_t seq)
{
        struct reader *r = reading(f);
        struct str form = STR_NONE;
        struct event_digests d;
        assert_int_equal(reader_record_form(r, f->arena, ORG_DEFAULT, seq, &form, NULL), 1);
        assert_int_equal(reader_event_digests(r, ORG_DEFAULT, seq, &d, NULL), 1);
        reader_end(r);
        struct hash of_form = sha256(form.p, form.n);
        assert_memory_equal(&of_form, &d.digest, sizeof of_form);
        return form;
}

static void the_form_outlives_what_was_erased(void **state)
{
        struct fixture *f = *state;
        struct wish w;
        struct record_erasure x;
        struct err e = { 0 };
        RECORD(f, PLAIN, { .id = "urn:e:1", .minute = 1, .items = "'urn:x:1'", .more = PRIVATE }, { .id = "urn:e:2", .minute = 2, .items = "'urn:x:1'" });
        struct str before = form_of(f, 1), body, context;
        assert_int_equal(try_erase(f, "urn:e:1", &w, &e), 0);
        assert_int_equal(w.erasure.n, 1);
        assert_int_equal(w.erasure.records[0].outcome, ERASED);
        assert_int_equal(w.erasure.records[0].members, 1);
        assert_true(str_eq(form_of(f, 1), before));
        struct reader *r = reading(f);
        assert_int_equal(reader_body(r, f->arena, ORG_DEFAULT, 1, &body, &context, NULL), 1);
        assert_null(memmem(body.p, body.n, "PRIVATE", 7));
        assert_non_null(memmem(body.p, body.n, "rice", 4));
        assert_int_equal(reader_record_erasure(r, f->arena, ORG_DEFAULT, 1, &x, NULL), 1);
        assert_true(x.members == 1 && x.erased_us > 0 && str_is(x.reason, "request"));
        assert_int_equal(reader_record_erasure(r, f->arena, ORG_DEFAULT, 2, &x, NULL), 0);
        assert_int_equal(reader_record_form(r, f->arena, ORG_DEFAULT, 3, &body, NULL), 0);
        reader_end(r);
        assert_int_equal(try_erase(f, "urn:e:1", &w, &e), 0);
        assert_int_equal(w.erasure.records[0].outcome, ERASED_BEFORE);
        assert_int_equal(try_erase(f, "urn:e:3", &w, &e), -1);
        assert_int_equal(e.kind, ERR_NOT_FOUND);
        assert_whole(f);
}

/* What cannot be held against its digest any more is evidence of something else. */
static void what_is_damaged_is_not_erased(void **state)
{
        struct fixture *f = *state;
        struct wish w;
        struct err e = { 0 };
        RECORD(f, PLAIN, { .id = "urn:e:1", .minute = 1, .items = "'urn:x:1'", .more = PRIVATE });
        fixture_close(f);
        assert_int_equal(raw_sql(f->db, "UPDATE event_body SET body = replace(body, 'rice', 'oats')"), 0);
        fixture_open(f);
        assert_int_equal(try_erase(f, "urn:e:1", &w, &e), -1);
        assert_non_null(strstr(e.detail, "suyuan check"));
        assert_true(faults_of(f) > 0);
}

/* ---- signatures ---- */

struct device { uint8_t key[32], secret[64]; };

static int add_key(struct db *db, void *ctx, struct err *reterr)
{
        const struct device *d = ctx;
        return db_run(db, SQL_device_key_add, DB_ARGS(db_i(ORG_DEFAULT), db_i(1), db_t(STR("phone")), db_b(d->key, 32), db_i(5), db_t(STR("tester"))), reterr);
}

static const char *member(struct fixture *f, const struct device *d, const uint8_t value[64])
{
        struct buf b = { .max = 4096 };
        buf_z(&b, PRIVATE ",'suyuan:signature':{'suyuan:key':'");
        base64_encode(&b, d->key, 32);
        buf_z(&b, "','suyuan:salt':'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff','suyuan:value':'");
        base64_encode(&b, value, 64);
        buf_z(&b, "'}");
        const char *z = arena_cstr(f->arena, buf_view(&b));
        buf_free(&b);
        return z;
}

static struct line signed_line(struct fixture *f, const struct device *d)
{
        uint8_t value[64] = { 0 }, text[SIGNED_BYTES];
        struct line l = { .id = "urn:e:1", .minute = 1, .items = "'urn:x:1'", .more = member(f, d, value) };
        struct record_digest r;
        record_digest(f->arena, &document_of(f->arena, &l, 1)->events[0], NULL, &r);
        signed_text(text, &r.digest);
        crypto_sign_detached(value, NULL, text, sizeof text, d->secret);
        l.more = member(f, d, value);
        return l;
}

static void a_signature_is_told_with_its_keys_name(void **state)
{
        struct fixture *f = *state;
        static const uint8_t seed[32] = { 7 };
        struct device d;
        struct record_signature s;
        struct device_key k, list[2];
        struct wish w;
        struct err e = { 0 };
        crypto_sign_seed_keypair(d.key, d.secret, seed);
        struct line l = signed_line(f, &d);
        struct ledger_job *j = record(f, JOB(.all_or_nothing = true), &l, 1);
        assert_true(j->undone && j->recorded[0].fault);
        assert_string_equal(j->recorded[0].fault->code, "signing-key-unknown");
        assert_int_equal(ledger_act(f->ledger, add_key, &d, &e), 0);
        assert_int_equal(record(f, PLAIN, &l, 1)->captured, 1);
        assert_int_equal(record(f, PLAIN, &l, 1)->known, 1);
        RECORD(f, PLAIN, { .minute = 2 });
        for (int erased = 0; erased < 2; erased++) {
                struct reader *r = reading(f);
                assert_int_equal(reader_record_signature(r, f->arena, ORG_DEFAULT, 1, &s, NULL), 1);
                assert_true(str_is(s.name, "phone") && s.n == 1 && s.registered_us == 5 && !s.revoked_us);
                assert_memory_equal(s.key, d.key, 32);
                assert_int_equal(reader_record_signature(r, f->arena, ORG_DEFAULT, 2, &s, NULL), 0);
                assert_int_equal(reader_device_key(r, f->arena, ORG_DEFAULT, 1, &k, NULL), 1);
                assert_int_equal(reader_device_keys(r, f->arena, ORG_DEFAULT, 0, list, 2, NULL), 1);
                assert_memory_equal(list[0].key, k.key, 32);
                reader_end(r);
                assert_whole(f);
                assert_int_equal(try_erase(f, "urn:e:1", &w, &e), 0);
        }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                T(the_form_outlives_what_was_erased),
                T(what_is_damaged_is_not_erased),
                T(a_signature_is_told_with_its_keys_name),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
