#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "merkle/prooffile.h"
#include "proof/bundle.h"
#include "proof/seal.h"

/* A log made by hand beside the product's own writer: ten leaves, of which a file of proof tells five.  Then every byte of the file is changed, one at a time. */

enum { LEAVES = 10, OLD = 7, EVENTS = 3 };

struct lab {
        struct arena *a;
        struct signer *log, *witness;
        struct policy *policy, *other;
        struct hash leaves[LEAVES];
        struct hash salts[LEAVES];
        struct str header[EVENTS], event[EVENTS];
        struct hash record[EVENTS], commitment[EVENTS];
        struct str blob, seal;
        struct hash sealed[EVENTS];
        struct str notes[2];
        struct str signature;           /* "key":…,"value":… */
        struct str openings;
        struct hash member_salt;
};

static const int64_t began_ms = 1764316800000;

static void base64(struct buf *b, const void *p, size_t n)
{
        buf_char(b, '"');
        base64_encode(b, p, n);
        buf_char(b, '"');
}

static int read_leaf(void *ctx, int level, int64_t index, struct hash *ret)
{
        struct lab *l = ctx;
        struct hash left, right;
        if (level == 0) {
                *ret = l->leaves[index];
                return 0;
        }
        read_leaf(ctx, level - 1, 2 * index, &left);
        read_leaf(ctx, level - 1, 2 * index + 1, &right);
        *ret = tree_node(&left, &right);
        return 0;
}

static struct hash put_leaf(struct lab *l, int i, uint8_t type, const struct hash *h)
{
        uint8_t entry[LEAF_BYTES];
        memset(l->salts[i].b, 0x40 + i, sizeof l->salts[i].b);
        struct hash c = leaf_commitment(&l->salts[i], h);
        leaf_write(entry, &(struct leaf){ type, began_ms + i, c });
        l->leaves[i] = tree_leaf(entry, sizeof entry);
        return c;
}

/* ---- what is recorded ---- */

static void sign_event(struct lab *l, const struct hash *digest, struct hash *ret)
{
        static const uint8_t seed[32] = "a farmer's telephone, 32 bytes .";
        struct signer *s = signer_ed25519(l->a, STR("phone"), KEY_ED25519, seed);
        struct buf text = { .max = 100 }, out = { .max = 100 }, b = { .max = 1000 };
        buf_z(&text, "suyuan signature v1\n");
        buf_add(&text, digest->b, sizeof digest->b);
        assert_int_equal(s->sign(s, buf_view(&text), &out, NULL), 0);
        *ret = sha256_2(s->vkey.key.p, s->vkey.key.n, out.p, out.n);
        buf_z(&b, ",\"signature\":{\"key\":");
        base64(&b, s->vkey.key.p, s->vkey.key.n);
        buf_z(&b, ",\"value\":");
        base64(&b, out.p, out.n);
        buf_char(&b, '}');
        l->signature = arena_str(l->a, buf_view(&b));
        buf_free(&text);
        buf_free(&out);
        buf_free(&b);
}

static struct str seal_member(struct lab *l)
{
        static const char pointer[] = "/https:~1~1w3id.org~1suyuan~1voc~1worker", value[] = "\"Li\"";
        struct buf b = { .max = 1000 };
        memset(l->member_salt.b, 0x11, sizeof l->member_salt.b);
        struct hash h = hmac_sha256(l->member_salt.b, 32, "/https:~1~1w3id.org~1suyuan~1voc~1worker\"Li\"", sizeof pointer - 1 + sizeof value - 1);
        buf_hex(&b, h.b, sizeof h.b);
        struct str hex = arena_str(l->a, buf_view(&b));
        buf_clear(&b);
        buf_z(&b, ",\"openings\":{\"salt\":\"");
        buf_hex(&b, l->member_salt.b, 32);
        buf_printf(&b, "\",\"members\":[{\"pointer\":\"%s\",\"value\":\"\\\"Li\\\"\"}]}", pointer);
        l->openings = arena_str(l->a, buf_view(&b));
        buf_free(&b);
        return hex;
}

static void record_events(struct lab *l)
{
        struct hash before = { 0 };
        struct str hex = seal_member(l);
        for (int i = 0; i < EVENTS; i++) {
                struct record_header h = { .org = STR("/org/farm"), .number = i + 1, .before = before, .time_us = (began_ms / 1000 + i) * 1000000 };
                l->event[i] = arena_printf(l->a,
                        "{\"action\":\"OBSERVE\",\"bizStep\":\"shipping\",\"epcList\":[\"https://trace.example.cn/lot/farm/A%d\"],\"eventTime\":\"2025-11-28T08:00:0%dZ\","
                        "\"eventTimeZoneOffset\":\"+08:00\",\"https://w3id.org/suyuan/voc/worker\":{\"sealed\":\"%.*s\"},\"type\":\"ObjectEvent\"}", i == 2 ? 2 : 1, i, STR_ARG(hex));
                struct hash digest = sha256(l->event[i].p, l->event[i].n);
                if (i == 1)
                        sign_event(l, &digest, &h.signature);
                l->header[i] = record_header_write(l->a, &h);
                l->record[i] = before = record_hash(l->header[i], &digest);
                l->commitment[i] = put_leaf(l, i * 2, LEAF_EVENT, &before);
        }
}

static struct str state(struct lab *l, int leaf, const struct statement *s)
{
        struct str text = statement_write(l->a, s);
        struct hash h = sha256(text.p, text.n);
        put_leaf(l, leaf, s->type, &h);
        return text;
}

static void record_statements(struct lab *l, size_t n_sealed)
{
        struct seal_detail d = { .through = EVENTS, .count = (int64_t)n_sealed };
        memcpy(l->sealed, l->commitment, sizeof l->sealed);
        d.hash = seal_hash_of(l->sealed, n_sealed);
        l->blob = state(l, 7, &(struct statement){ LEAF_BLOB, STR("/org/farm"), 1, STR("ni:///sha-256;00"), STR("1 image/jpeg") });
        l->seal = state(l, 8, &(struct statement){ LEAF_LOT_SEAL, STR("/org/farm"), 1, STR("/lot/farm/A1"), seal_detail_write(l->a, &d) });
}

static struct str note_of(struct lab *l, int64_t size, int64_t time_s)
{
        struct buf text = { .max = 1000 }, note = { .max = 5000 };
        struct checkpoint c = { .origin = STR("trace.example.cn/log"), .size = size };
        const struct signer *signers[] = { l->log };
        assert_int_equal(tree_root(size, read_leaf, l, &c.root), 0);
        checkpoint_write(&text, &c);
        assert_int_equal(note_write(&note, buf_view(&text), signers, 1, NULL), 0);
        assert_int_equal(cosign(l->witness, buf_view(&text), time_s, &note, NULL), 0);
        struct str s = arena_str(l->a, buf_view(&note));
        buf_free(&text);
        buf_free(&note);
        return s;
}

static struct policy *policy_of(struct lab *l, const struct vkey *log, const struct vkey *witness)
{
        struct buf b = { .max = 2000 };
        struct policy *p;
        struct err e = { 0 };
        buf_z(&b, "log ");
        vkey_write(&b, log);
        buf_z(&b, "\nwitness w ");
        vkey_write(&b, witness);
        buf_z(&b, "\nquorum w\n");
        assert_int_equal(policy_read(l->a, arena_str(l->a, buf_view(&b)), &p, &e), 0);
        buf_free(&b);
        return p;
}

static void make(struct lab *l, size_t n_sealed)
{
        static const uint8_t seed[32] = "the log's key of this very test.", seed_w[32] = "the witness's key of this test .";
        struct hash filler = { 0 };
        l->a = arena_new();
        l->log = signer_ed25519(l->a, STR("trace.example.cn/log"), KEY_ED25519, seed);
        l->witness = signer_ed25519(l->a, STR("witness.example.org"), KEY_COSIGN, seed_w);
        struct signer *stranger = signer_ed25519(l->a, STR("witness.example.org"), KEY_COSIGN, seed);
        l->policy = policy_of(l, &l->log->vkey, &l->witness->vkey);
        l->other = policy_of(l, &l->log->vkey, &stranger->vkey);
        for (int i = 0; i < LEAVES; i++)
                put_leaf(l, i, LEAF_CLOCK, &filler);
        record_events(l);
        record_statements(l, n_sealed);
        l->notes[0] = note_of(l, LEAVES, 1764320000);
        l->notes[1] = note_of(l, OLD, 1764317000);
}

static void unmake(struct lab *l)
{
        arena_free(l->a);
}

/* ---- the file ---- */

static uint32_t number_of(struct hash *list, uint32_t *n, const struct hash *h)
{
        for (uint32_t i = 0; i < *n; i++)
                if (memcmp(&list[i], h, sizeof *h) == 0)
                        return i;
        list[*n] = *h;
        return (*n)++;
}

static void put_proof(struct lab *l, struct buf *b, int leaf, int64_t size, struct hash *list, uint32_t *n_list)
{
        struct hash proof[PROOF_MAX];
        int n = tree_prove(leaf, size, read_leaf, l, proof);
        assert_true(n > 0);
        buf_z(b, "\"proof\":[");
        for (int i = 0; i < n; i++)
                buf_printf(b, "%s%u", i ? "," : "", number_of(list, n_list, &proof[i]));
        buf_char(b, ']');
}

static void put_begin(struct lab *l, struct buf *b, int type, int leaf)
{
        buf_printf(b, "{\"type\":%d,\"index\":%d,\"recordedMs\":%lld,\"salt\":", type, leaf, (long long)(began_ms + leaf));
        base64(b, l->salts[leaf].b, 32);
        buf_char(b, ',');
}

static void put_event_text(struct lab *l, struct buf *b, int i)
{
        put_begin(l, b, LEAF_EVENT, 2 * i);
        json_write_name(b, "header");
        json_write_str(b, l->header[i]);
        buf_char(b, ',');
        json_write_name(b, "event");
        json_write_str(b, l->event[i]);
        if (i == 1)
                buf_str(b, l->signature);
        if (i == 0)
                buf_str(b, l->openings);
}

static void put_events(struct lab *l, struct buf *b, struct hash *list, uint32_t *n_list, unsigned which)
{
        bool first = true;
        for (int i = 0; i < EVENTS; i++) {
                if (!(which >> i & 1))
                        continue;
                buf_z(b, first ? "\n  " : ",\n  ");
                first = false;
                put_event_text(l, b, i);
                buf_char(b, ',');
                put_proof(l, b, 2 * i, LEAVES, list, n_list);
                buf_z(b, ",\"first\":{\"checkpoint\":1,");
                put_proof(l, b, 2 * i, OLD, list, n_list);
                buf_z(b, "}}");
        }
}

static void put_statements(struct lab *l, struct buf *b, struct hash *list, uint32_t *n_list, size_t n_sealed)
{
        buf_z(b, ",\n  ");
        put_begin(l, b, LEAF_BLOB, 7);
        json_write_name(b, "statement");
        json_write_str(b, l->blob);
        buf_char(b, ',');
        put_proof(l, b, 7, LEAVES, list, n_list);
        buf_z(b, "},\n  ");
        put_begin(l, b, LEAF_LOT_SEAL, 8);
        json_write_name(b, "statement");
        json_write_str(b, l->seal);
        buf_z(b, ",\"commitments\":[");
        for (size_t i = 0; i < n_sealed; i++) {
                buf_z(b, i ? "," : "");
                base64(b, l->sealed[i].b, 32);
        }
        buf_z(b, "],");
        put_proof(l, b, 8, LEAVES, list, n_list);
        buf_char(b, '}');
}

static struct str file_of(struct lab *l, unsigned which, size_t n_sealed)
{
        struct hash list[200];
        uint32_t n = 0;
        struct buf records = { .max = 1 << 20 }, b = { .max = 1 << 20 };
        put_events(l, &records, list, &n, which);
        put_statements(l, &records, list, &n, n_sealed);
        buf_z(&b, "{\"format\":\"suyuan-proof/1\",\"item\":\"/lot/farm/A1\",\"made\":\"2026\",\"checkpoints\":[\n");
        json_write_str(&b, l->notes[0]);
        buf_z(&b, ",\n");
        json_write_str(&b, l->notes[1]);
        buf_z(&b, "],\"hashes\":[");
        for (uint32_t i = 0; i < n; i++) {
                buf_z(&b, i ? "," : "");
                base64(&b, list[i].b, 32);
        }
        buf_z(&b, "],\"records\":[");
        buf_str(&b, buf_view(&records));
        buf_z(&b, "]}\n");
        struct str s = arena_str(l->a, buf_view(&b));
        buf_free(&b);
        buf_free(&records);
        return s;
}

static struct bundle_result verified(struct lab *l, struct str file, const struct policy *p)
{
        struct bundle_result r;
        struct err e = { 0 };
        if (bundle_verify(l->a, file, p, &r, &e) < 0) {
                print_message("%s\n", e.detail);
                fail();
        }
        return r;
}

/* ---- the tests ---- */

static void a_good_file_holds(void **state_)
{
        struct lab l;
        (void)state_;
        make(&l, EVENTS);
        struct bundle_result r = verified(&l, file_of(&l, 7, EVENTS), l.policy);
        assert_string_equal(r.why, "");
        assert_true(r.ok);
        assert_int_equal(r.n, 5);
        assert_int_equal(r.n_missing, 0);
        assert_int_equal(r.records[0].number, 1);
        assert_int_equal(r.records[0].witnessed_s, 1764317000);
        assert_int_equal(r.records[0].recorded_ms, began_ms);
        assert_int_equal(r.records[3].witnessed_s, 1764320000);
        assert_true(r.records[1].is_signed);
        assert_false(r.records[0].is_signed);
        assert_int_equal(r.seen.n_witnesses, 1);
        struct buf b = { .max = 1000 };
        bundle_sentence(&b, &r, LANG_EN);
        assert_string_equal(b.p, "Holds: 5 records about /lot/farm/A1 stand as recorded in the log trace.example.cn/log (10 leaves), which 1 witness cosigned.");
        buf_clear(&b);
        bundle_sentence(&b, &r, LANG_HANS);
        assert_non_null(strstr(b.p, "成立"));
        buf_free(&b);
        unmake(&l);
}

static void the_quorum_is_asked_for(void **state_)
{
        struct lab l;
        (void)state_;
        make(&l, EVENTS);
        struct bundle_result r = verified(&l, file_of(&l, 7, EVENTS), l.other);
        assert_false(r.ok);
        assert_true(str_starts(str_of(r.why), STR("checkpoints[0]")));
        unmake(&l);
}

static void what_a_seal_counts_and_the_file_lacks_is_said(void **state_)
{
        struct lab l;
        (void)state_;
        make(&l, EVENTS);
        struct bundle_result r = verified(&l, file_of(&l, 5, EVENTS), l.policy);
        assert_true(r.ok);
        assert_int_equal(r.n_missing, 1);
        assert_memory_equal(r.records[3].missing, &l.commitment[1], sizeof(struct hash));
        struct buf b = { .max = 1000 };
        bundle_sentence(&b, &r, LANG_EN);
        assert_non_null(strstr(b.p, "its own seal counts 1 further record that this file does not hold"));
        buf_free(&b);
        unmake(&l);
}

/* A record about the sealed thing that the seal left out, though it was there: somebody made the seal without it. */
static void a_seal_that_leaves_one_out_fails(void **state_)
{
        struct lab l;
        (void)state_;
        make(&l, 1);
        struct bundle_result r = verified(&l, file_of(&l, 7, 1), l.policy);
        assert_false(r.ok);
        assert_int_equal(r.records[4].step, STEP_SEAL);
        assert_string_equal(r.why, "records[4] (/org/farm no. 1): records[1] (no. 2) is about the same and not newer, and this seal does not count it");
        unmake(&l);
}

/* Swaps the second event's header for one that follows nobody. */
static void a_broken_chain_fails(void **state_)
{
        struct lab l;
        (void)state_;
        make(&l, EVENTS);
        struct record_header h;
        assert_int_equal(record_header_read(l.header[2], &h, NULL), 0);
        h.before = l.record[0];
        l.header[2] = record_header_write(l.a, &h);
        struct hash digest = sha256(l.event[2].p, l.event[2].n);
        l.record[2] = record_hash(l.header[2], &digest);
        l.commitment[2] = put_leaf(&l, 4, LEAF_EVENT, &l.record[2]);
        record_statements(&l, EVENTS);
        l.notes[0] = note_of(&l, LEAVES, 1764320000);
        l.notes[1] = note_of(&l, OLD, 1764317000);
        struct bundle_result r = verified(&l, file_of(&l, 7, EVENTS), l.policy);
        assert_false(r.ok);
        assert_int_equal(r.records[2].step, STEP_CHAIN);
        unmake(&l);
}

/* Where a change alters no statement, or makes it weaker: when the file was made; the log's own line under an older checkpoint, and who its witness was,
 * without whom the record counts as witnessed later. */
static bool says_nothing(struct lab *l, struct str file, size_t at)
{
        const char *made = strstr(file.p, "\"2026\""), *end = strstr(file.p, "\"hashes\""), *line = NULL, *witness = NULL;
        for (const char *p = file.p; (p = strstr(p, "\xe2\x80\x94 trace.example.cn/log ")) && p < end; p++)
                line = p;       /* the last one is that of the older checkpoint */
        for (const char *p = file.p; (p = strstr(p, "witness.example.org ")) && p < end; p++)
                witness = p;
        const char *p = file.p + at;
        (void)l;
        return (p > made && p < made + 5) || (p >= line && p < witness + 20 + 8);
}

static void no_changed_byte_passes(struct lab *l, struct str file, bool (*exempt)(struct lab *, struct str, size_t))
{
        static const unsigned char bits[] = { 0x01, 0x02, 0x20 };
        char *copy = malloc(file.n + 1);
        int64_t first_s = verified(l, file, l->policy).records[0].witnessed_s;
        assert_non_null(copy);
        for (size_t i = 0; i < file.n; i++) {
                struct arena *a = arena_new();
                for (size_t k = 0; k < COUNT(bits); k++) {
                        struct bundle_result r;
                        struct err e = { 0 };
                        memcpy(copy, file.p, file.n + 1);
                        copy[i] = (char)(copy[i] ^ bits[k]);
                        int rc = bundle_verify(a, (struct str){ copy, file.n }, l->policy, &r, &e);
                        if (rc == 0 && r.ok && (!exempt(l, file, i) || r.records[0].witnessed_s < first_s)) {
                                print_message("byte %zu, bit %x: …%.60s\n", i, bits[k], copy + (i > 30 ? i - 30 : 0));
                                fail();
                        }
                        assert_true(rc < 0 ? e.detail[0] != '\0' : r.ok || r.why[0]);
                        if (rc == 0 && !r.ok && r.n)
                                assert_true(str_starts(str_of(r.why), STR("records[")) || str_starts(str_of(r.why), STR("checkpoints[")) || str_starts(str_of(r.why), STR("item")));
                }
                arena_free(a);
        }
        free(copy);
}

static void every_byte_of_a_bundle_counts(void **state_)
{
        struct lab l;
        (void)state_;
        make(&l, EVENTS);
        no_changed_byte_passes(&l, file_of(&l, 7, EVENTS), says_nothing);
        unmake(&l);
}

static struct str tlog_of(struct lab *l, int event)
{
        struct buf extra = { .max = 1 << 16 }, b = { .max = 1 << 16 };
        struct proof_file f = { .index = 2 * event, .checkpoint = l->notes[0] };
        put_event_text(l, &extra, event);
        buf_char(&extra, '}');
        f.extra = buf_view(&extra);
        f.n = (size_t)tree_prove(f.index, LEAVES, read_leaf, l, f.proof);
        proof_file_write(&b, &f);
        struct str s = arena_str(l->a, buf_view(&b));
        buf_free(&b);
        buf_free(&extra);
        return s;
}

static bool nothing(struct lab *l, struct str file, size_t at)
{
        (void)l, (void)file, (void)at;
        return false;
}

static void every_byte_of_a_tlog_proof_counts(void **state_)
{
        struct lab l;
        (void)state_;
        make(&l, EVENTS);
        struct bundle_result r = verified(&l, tlog_of(&l, 1), l.policy);
        assert_string_equal(r.why, "");
        assert_true(r.ok && r.records[0].is_signed);
        no_changed_byte_passes(&l, tlog_of(&l, 1), nothing);
        no_changed_byte_passes(&l, tlog_of(&l, 0), nothing);
        unmake(&l);
}

static void a_proof_is_of_one_event(void **state_)
{
        struct lab l;
        struct err e = { 0 };
        (void)state_;
        make(&l, EVENTS);
        struct str proof = tlog_of(&l, 0);
        char event[] = "{\"@context\":[{\"s\":\"https://w3id.org/suyuan/voc/\"}],\"type\":\"ObjectEvent\",\"eventTime\":\"2025-11-28T08:00:00Z\",\"s:worker\":\"Li\","
                       "\"eventTimeZoneOffset\":\"+08:00\",\"bizStep\":\"shipping\",\"action\":\"OBSERVE\",\"epcList\":[\"https://trace.example.cn/lot/farm/A1\"]}";
        assert_int_equal(bundle_is_of(l.a, proof, l.event[0], &e), 1);
        if (bundle_is_of(l.a, proof, str_of(event), &e) != 1) {
                print_message("%s\n", e.detail);
                fail();
        }
        strstr(event, "\"Li\"")[1] = 'M';
        assert_int_equal(bundle_is_of(l.a, proof, str_of(event), &e), 0);
        assert_non_null(strstr(e.detail, "worker"));
        strstr(event, "\"Mi\"")[1] = 'L';
        strstr(event, "farm/A1")[6] = '2';
        assert_int_equal(bundle_is_of(l.a, proof, str_of(event), &e), 0);
        assert_non_null(strstr(e.detail, "/epcList/0"));
        assert_int_equal(bundle_is_of(l.a, proof, STR("no event"), &e), -1);
        unmake(&l);
}

static void what_is_no_file_of_proof_is_refused(void **state_)
{
        static const char *const files[] = { "", "{}", "[]", "{\"format\":\"other\"}", "PK", "c2sp.org/tlog-proof@v2\n" };
        struct lab l;
        struct bundle_result r;
        (void)state_;
        make(&l, EVENTS);
        for (size_t i = 0; i < COUNT(files); i++) {
                struct err e = { 0 };
                assert_int_equal(bundle_verify(l.a, str_of(files[i]), l.policy, &r, &e), -1);
                assert_int_equal(e.kind, ERR_BAD_INPUT);
        }
        assert_int_equal(bundle_verify(l.a, STR("{\"format\":\"suyuan-proof/1\","), l.policy, &r, NULL), 0);
        assert_false(r.ok);
        assert_non_null(strstr(r.why, "line 1"));
        unmake(&l);
}

int main(int argc, char **argv)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_good_file_holds),
                cmocka_unit_test(the_quorum_is_asked_for),
                cmocka_unit_test(what_a_seal_counts_and_the_file_lacks_is_said),
                cmocka_unit_test(a_seal_that_leaves_one_out_fails),
                cmocka_unit_test(a_broken_chain_fails),
                cmocka_unit_test(every_byte_of_a_bundle_counts),
                cmocka_unit_test(every_byte_of_a_tlog_proof_counts),
                cmocka_unit_test(a_proof_is_of_one_event),
                cmocka_unit_test(what_is_no_file_of_proof_is_refused),
        };
        if (argc > 2) {         /* makes the fuzzer's first inputs: test_bundle bundle|tlog FILE */
                struct lab l;
                make(&l, EVENTS);
                FILE *f = fopen(argv[2], "wb");
                struct str s = argv[1][0] == 't' ? tlog_of(&l, 1) : file_of(&l, 7, EVENTS);
                bool failed = !f || fwrite(s.p, 1, s.n, f) != s.n || fclose(f) != 0;
                unmake(&l);
                return failed;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
