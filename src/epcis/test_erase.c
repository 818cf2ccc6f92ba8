/* Goal: erasing takes every private value and nothing else, and what is left still agrees with the digest.  A device's signature is read strictly and
 * holds over the record digest. */
#include "test_support.h"

#include <sodium.h>

#include "base/text.h"
#include "epcis/erase.h"
#include "epcis/public.h"
#include "epcis/signature.h"

static const struct hash secret = { { 1, 2, 3 } };

/* ---- erasing ---- */

/* Private values all bear "PRIVATE", public ones never. */
static const char *const members[] = {
        "'suyuan:operator':'PRIVATE'", "'suyuan:crop':'rice'", "'ex:note':{'a':['PRIVATE',{'b':1}]}", "'suyuan:clock':{'x':'PRIVATE \\u0022:{\\u0022sealed\\u0022:'}",
        "'suyuan:evidence':[{'id':'ni:///sha-256;aa','suyuan:position':'geo:22.9,PRIVATE'},{'suyuan:kind':'photo','ex:who':'PRIVATE'}]",
        "'readPoint':{'id':'" OWN "/place/q/P1','suyuan:position':['PRIVATE',114.05]}",
        "'sensorElementList':[{'sensorMetadata':{'deviceID':'" OWN "/device/q/D1','ex:where':'PRIVATE'},'sensorReport':[{'type':'Temperature','value':21.50},"
        "{'type':'Angle','component':'latitude','stringValue':'PRIVATE','uom':'DD'}]}]",
        "'disposition':'active'", "'recordTime':'2026-07-01T01:00:00Z'", "'@context':{'z':'https://w3id.org/suyuan/voc/'},'z:worker':'PRIVATE','suyuan:worker':'PRIVATE too'",
        "'eventID':'urn:uuid:0190f3a0-1111-7222-8333-000000000001'", "'suyuan:loss':{'suyuan:quantity':1e1,'suyuan:by':'PRIVATE'}", "'suyuan:basis':':{\\u0022sealed\\u0022:\\u0022'",
};
enum { MEMBERS = sizeof members / sizeof members[0] };

static bool contains(struct str s, const char *part)
{
        return memmem(s.p, s.n, part, strlen(part)) != NULL;
}

static void reread(struct arena *a, struct str body, struct str context, struct event *ret)
{
        struct err e = { 0 };

        if (event_reread(a, body, context, &test_own, ret, &e) < 0)
                fail_msg("%s in %.*s", e.detail, STR_ARG(body));
}

static struct str left_of(struct arena *a, const struct event *e)
{
        struct buf b = { .max = 1 << 24 };

        event_public(&b, e);
        struct str s = arena_str(a, buf_view(&b));

        buf_free(&b);
        return s;
}

static void erase_and_hold(struct arena *a, const struct event *e)
{
        struct record_digest d;
        struct event left;

        record_digest(a, e, &secret, &d);
        struct str form = record_canonical(a, e, &d.salt, true), body = left_of(a, e);
        struct hash again = sha256(form.p, form.n);

        reread(a, body, e->context_json, &left);
        if (contains(body, "PRIVATE") || contains(form, "PRIVATE"))
                fail_msg("%.*s", STR_ARG(body));
        assert_memory_equal(&again, &d.digest, sizeof again);
        if (!erased_agrees(a, &left, form))
                fail_msg("%.*s\n%.*s", STR_ARG(form), STR_ARG(record_canonical(a, &left, &d.salt, false)));
        assert_str(left.event_id.p ? left.event_id : STR(""), e->event_id.p ? e->event_id.p : "");
        assert_int_equal(left.n_items, e->n_items);
        assert_int_equal(left.time.us, e->time.us);
        /* Once more takes nothing more. */
        assert_str(left_of(a, &left), body.p);
}

static void random_members_are_erased(void **state)
{
        uint64_t seed = 7;

        (void)state;
        for (int round = 0; round < 400; round++) {
                struct arena *a = arena_new();
                struct buf b = { .max = 1 << 20 };
                uint32_t some = next_random(&seed), from = next_random(&seed) % MEMBERS;

                buf_z(&b, "'type':'ObjectEvent'," WHEN ",'action':'OBSERVE','epcList':['urn:epc:id:sgtin:6901234.056789.1']");
                for (uint32_t i = 0; i < MEMBERS; i++)
                        if (round == 0 || (some >> i & 1))
                                buf_printf(&b, ",%s", members[(i + from) % MEMBERS]);
                struct document *d = read_event(a, b.p);

                if (d->faults.refused)
                        fail_msg("%s", told(a, d, FAULT_REFUSED));
                erase_and_hold(a, &d->events[0]);
                buf_free(&b);
                arena_free(a);
        }
}

/* `check` relies on it: what is left must say every public member as it was, and nothing private. */
static void what_was_put_back_is_noticed(void **state)
{
        struct arena *a = arena_new();
        struct document *d = read_event(a, OBJECT ",'suyuan:operator':'PRIVATE','suyuan:crop':'rice','suyuan:dose':1");
        const struct event *e = &d->events[0];
        static const char *const wrong[] = { OBJECT ",'suyuan:operator':'PRIVATE','suyuan:crop':'rice','suyuan:dose':1", OBJECT ",'suyuan:crop':'rise','suyuan:dose':1",
                                             OBJECT ",'suyuan:crop':'rice'", OBJECT ",'suyuan:crop':'rice','suyuan:dose':1,'suyuan:basis':'x'", OBJECT };
        struct record_digest r;
        struct event left;

        (void)state;
        record_digest(a, e, &secret, &r);
        struct str form = record_canonical(a, e, &r.salt, true);

        reread(a, left_of(a, e), d->context_json, &left);
        assert_true(erased_agrees(a, &left, form));
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
                assert_false(erased_agrees(a, &read_event(a, wrong[i])->events[0], form));
        arena_free(a);
}

/* form_public relies on it. */
static void no_public_member_is_named_sealed(void **state)
{
        (void)state;
        for (int g = 0; g < PUBLIC_GROUPS; g++)
                assert_int_equal(public_below((enum public_group)g, STR("sealed")), PUBLIC_NONE);
}

/* ---- signatures ---- */

struct device { uint8_t key[32], secret[64]; };

static struct device device(uint8_t n)
{
        uint8_t seed[32] = { n };
        struct device d;

        crypto_sign_seed_keypair(d.key, d.secret, seed);
        return d;
}

static const char *base64(struct arena *a, const void *p, size_t n)
{
        struct buf b = { .max = 1000 };

        base64_encode(&b, p, n);
        const char *z = arena_cstr(a, buf_view(&b));

        buf_free(&b);
        return z;
}

#define SALT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char *member(struct arena *a, const char *prefix, const char *key, const char *salt, const char *value)
{
        return arena_cstr(a, arena_printf(a, "'%ssignature':{'%skey':'%s','%ssalt':'%s','%svalue':'%s'}", prefix, prefix, key, prefix, salt, prefix, value));
}

/* The event's members with a signature of `d` over them. */
static const char *sign(struct arena *a, const struct device *d, const char *event, const char *prefix)
{
        uint8_t nothing[64] = { 0 }, text[SIGNED_BYTES], value[64];
        const char *unsigned_yet = member(a, prefix, base64(a, d->key, 32), SALT, base64(a, nothing, 64));
        struct document *doc = read_event(a, arena_printf(a, "%s,%s", event, unsigned_yet).p);
        struct record_digest r;

        assert_non_null(doc->events[0].signature);
        record_digest(a, &doc->events[0], NULL, &r);
        signed_text(text, &r.digest);
        crypto_sign_detached(value, NULL, text, sizeof text, d->secret);
        return arena_printf(a, "%s,%s", event, member(a, prefix, base64(a, d->key, 32), SALT, base64(a, value, 64))).p;
}

#define SIGNED OBJECT ",'suyuan:operator':'PRIVATE','suyuan:crop':'rice','suyuan:dose':1.50"

static void a_signature_holds_and_is_no_part_of_the_digest(void **state)
{
        struct arena *a = arena_new();
        struct device one = device(1);
        static const char *const prefixes[] = { "suyuan:", "https://w3id.org/suyuan/voc/" };
        struct record_digest first, r;

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                struct document *d = read_event(a, sign(a, &one, SIGNED, prefixes[i]));
                const struct event *e = &d->events[0];
                struct hash salt, other = { { 9 } };

                assert_string_equal(told(a, d, FAULT_REFUSED), "");
                assert_true(hex_read(STR(SALT), salt.b, 32));
                record_digest(a, e, &other, &r);        /* the same for every organisation */
                assert_memory_equal(&r.salt, &salt, 32);
                assert_true(signature_holds(e->signature, &r.digest));
                assert_false(contains(record_canonical(a, e, &r.salt, true), "signature"));
                struct hash both = sha256_2(one.key, 32, e->signature->value, 64), said = signature_hash(e->signature);

                assert_memory_equal(&both, &said, 32);
                assert_true(i == 0 || memcmp(&first, &r, sizeof r) == 0);
                first = r;
        }
        struct hash none = signature_hash(NULL), zeros = { { 0 } };

        assert_memory_equal(&none, &zeros, 32);
        arena_free(a);
}

static void what_is_wrong_with_a_signature(void **state)
{
        struct arena *a = arena_new();
        struct device one = device(1);
        const char *key = base64(a, one.key, 32), *value = base64(a, one.secret, 64), *longer = base64(a, one.secret, 33);
        const struct { const char *member, *faults; } cases[] = {
                { "'suyuan:signature':'x'", "wrong-kind@/suyuan:signature" },
                { "'suyuan:signature':{}", "missing-member@/suyuan:signature missing-member@/suyuan:signature missing-member@/suyuan:signature" },
                { "'suyuan:signature':[]", "wrong-kind@/suyuan:signature" },
                { member(a, "suyuan:", longer, SALT, value), "bad-pattern@/suyuan:signature/suyuan:key" },
                { member(a, "suyuan:", "", SALT, value), "bad-pattern@/suyuan:signature/suyuan:key" },
                { member(a, "suyuan:", key, SALT "00", value), "bad-pattern@/suyuan:signature/suyuan:salt" },
                { member(a, "suyuan:", key, "A" "0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", value), "bad-pattern@/suyuan:signature/suyuan:salt" },
                { member(a, "suyuan:", key, SALT, key), "bad-pattern@/suyuan:signature/suyuan:value" },
                { member(a, "suyuan:", key, SALT, "===="), "bad-pattern@/suyuan:signature/suyuan:value" },
                { "'suyuan:signature':{'suyuan:key':1}",
                  "wrong-kind@/suyuan:signature/suyuan:key missing-member@/suyuan:signature missing-member@/suyuan:signature" },
                { arena_printf(a, "'suyuan:signature':{'ex:key':'%s'}", key).p,
                  "unknown-member@/suyuan:signature/ex:key missing-member@/suyuan:signature missing-member@/suyuan:signature missing-member@/suyuan:signature" },
                { arena_printf(a, "'@context':{'z':'https://w3id.org/suyuan/voc/'},%s,%s", member(a, "z:", key, SALT, value), member(a, "suyuan:", key, SALT, value)).p,
                  "repeated-item@/suyuan:signature" },
                { arena_printf(a, "'@context':{'z':'https://w3id.org/suyuan/voc/'},'suyuan:signature':{'suyuan:key':'%s','z:key':'%s','suyuan:salt':'" SALT "','suyuan:value':'%s'}",
                               key, key, value).p, "repeated-item@/suyuan:signature/z:key" },
                { member(a, "suyuan:", key, SALT, value), "signature-wrong@/suyuan:signature" },
        };

        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct document *d = read_event(a, arena_printf(a, OBJECT ",%s", cases[i].member).p);

                assert_string_equal(told(a, d, FAULT_REFUSED), cases[i].faults);
                assert_true(d->refused[0]);
        }
        arena_free(a);
}

static void any_change_breaks_it(void **state)
{
        struct arena *a = arena_new();
        struct device one = device(1), two = device(2);
        const char *good = sign(a, &one, SIGNED, "suyuan:");
        static const struct { const char *from, *to; } changes[] = {
                { "'rice'", "'rise'" }, { "PRIVATE", "PRIVAT_" }, { "1.50", "1.51" }, { "OBSERVE", "DELETE" }, { "08:00:00+", "08:00:01+" }, { "'epcList':[]", "'epcList':['ex:1']" },
                { "00112233", "00112234" },
        };

        (void)state;
        for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
                char *text = arena_cstr(a, str_of(good)), *at = strstr(text, changes[i].from);
                char *other = arena_cstr(a, arena_printf(a, "%.*s%s%s", (int)(at - text), text, changes[i].to, at + strlen(changes[i].from)));

                assert_string_equal(told(a, read_event(a, other), FAULT_REFUSED), "signature-wrong@/suyuan:signature");
        }
        /* Another's key under the same signature. */
        char *text = arena_cstr(a, str_of(good));

        memcpy(strstr(text, base64(a, one.key, 32)), base64(a, two.key, 32), 44);
        assert_string_equal(told(a, read_event(a, text), FAULT_REFUSED), "signature-wrong@/suyuan:signature");
        /* Spelling is no change. */
        text = arena_cstr(a, str_of(good));
        memcpy(strstr(text, "1.50"), "1.5 ", 4);
        assert_string_equal(told(a, read_event(a, text), FAULT_REFUSED), "");
        arena_free(a);
}

static void a_signed_record_is_erased_and_stays_signed(void **state)
{
        struct arena *a = arena_new();
        struct device one = device(1);
        struct document *d = read_event(a, sign(a, &one, SIGNED, "suyuan:"));
        struct record_digest r;
        struct event left;

        (void)state;
        erase_and_hold(a, &d->events[0]);
        record_digest(a, &d->events[0], NULL, &r);
        struct str body = left_of(a, &d->events[0]);

        assert_false(contains(body, SALT));
        reread(a, body, d->context_json, &left);
        assert_non_null(left.signature);
        assert_false(left.signature->has_salt);
        assert_true(signature_holds(left.signature, &r.digest));
        /* As it is, nobody may send it. */
        assert_string_equal(told(a, read_event(a, arena_printf(a, "%.*s", (int)body.n - 2, body.p + 1).p), FAULT_REFUSED), "missing-member@/suyuan:signature");
        arena_free(a);
}

static void a_key_is_registered_by_who_holds_it(void **state)
{
        struct arena *a = arena_new();
        struct device one = device(1), two = device(2);
        struct str text = registration_text(a, STR("farm"), STR("phone"), one.key);
        uint8_t proof[64], zeros[32] = { 0 };

        (void)state;
        crypto_sign_detached(proof, NULL, (const unsigned char *)text.p, text.n, one.secret);
        assert_true(registration_holds(one.key, text, proof));
        assert_false(registration_holds(two.key, text, proof));
        assert_false(registration_holds(one.key, registration_text(a, STR("farm2"), STR("phone"), one.key), proof));
        assert_true(signing_key_good(one.key));
        assert_false(signing_key_good(zeros));
        zeros[0] = 1;
        assert_false(signing_key_good(zeros));
        arena_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(random_members_are_erased),
                cmocka_unit_test(what_was_put_back_is_noticed),
                cmocka_unit_test(no_public_member_is_named_sealed),
                cmocka_unit_test(a_signature_holds_and_is_no_part_of_the_digest),
                cmocka_unit_test(what_is_wrong_with_a_signature),
                cmocka_unit_test(any_change_breaks_it),
                cmocka_unit_test(a_signed_record_is_erased_and_stays_signed),
                cmocka_unit_test(a_key_is_registered_by_who_holds_it),
        };

        return cmocka_run_group_tests_name("epcis/erase", tests, NULL, NULL);
}
