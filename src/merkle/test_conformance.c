/* Goal: trees, proofs, notes, cosignatures, tiles and the answers of a witness are byte for byte those that an implementation
 * in another language made.  Its files are not in this tree: SUYUAN_CONFORMANCE names their folder, ../shared/data is looked at otherwise;
 * without it the test says that it skipped. */
#include "merkle/test_log.h"

#include <ftw.h>
#include <sys/stat.h>

#include "base/json.h"
#include "merkle/policy.h"
#include "merkle/prooffile.h"
#include "merkle/witness.h"

static char folder[512];
static struct arena *arena;
static const struct json *vectors;
static struct test_log *logs[2];        /* of 300 and 70000 leaves */

static struct str read_file(const char *name)
{
        char path[1200];
        struct stat st;
        FILE *f;

        snprintf(path, sizeof path, "%s%s%s", *name == '/' ? "" : folder, *name == '/' ? "" : "/", name);
        f = fopen(path, "rb");
        if (!f || fstat(fileno(f), &st) < 0)
                fail_msg("%s cannot be read", path);
        char *p = arena_raw(arena, (size_t)st.st_size + 1);
        struct str s = { p, fread(p, 1, (size_t)st.st_size, f) };

        fclose(f);
        return s;
}

static const struct json *read_json(const char *name)
{
        struct str s = read_file(name);
        const struct json *v;

        assert_int_equal(json_read(arena, s.p, s.n, NULL, &v, NULL), 0);
        return v;
}

static struct hash in_base64(struct str s)
{
        struct hash h;

        assert_true(base64_read(s, h.b, sizeof h.b));
        return h;
}

static size_t read_proof(const struct json *list, struct hash ret[PROOF_MAX])
{
        assert_in_range(list->n, 0, PROOF_MAX);
        for (uint32_t i = 0; i < list->n; i++)
                ret[i] = in_base64(json_text(&list->items[i]));
        return list->n;
}

static struct tiles tiles_of(int64_t size)
{
        return (struct tiles){ size, test_log_fetch, size <= 300 ? logs[0] : logs[1] };
}

static void assert_same(struct str got, struct str want)
{
        assert_int_equal(got.n, want.n);
        assert_memory_equal(got.p, want.p, want.n);
}

/* ---- tree ---- */

static void roots(void **state)
{
        const struct json *list = json_get(vectors, "roots");

        (void)state;
        assert_in_range(list->n, 30, 1000);
        for (uint32_t i = 0; i < list->n; i++) {
                struct str want = json_text(&list->members[i].value);
                struct hash h, got;
                int64_t size;

                assert_true(number_read(list->members[i].name, &size) && hex_read(want, h.b, sizeof h.b));
                struct tiles t = tiles_of(size);
                assert_int_equal(tree_root(size, tiles_read, &t, &got), 0);
                assert_memory_equal(got.b, h.b, sizeof h.b);
        }
        assert_true(str_eq(json_str(vectors, "empty_root"), json_str(list, "0")));
}

static void inclusion_proofs(void **state)
{
        const struct json *list = json_get(vectors, "inclusion");

        (void)state;
        assert_in_range(list->n, 10, 1000);
        for (uint32_t i = 0; i < list->n; i++) {
                const struct json *v = &list->items[i];
                int64_t index = json_int(json_get(v, "index"), -1), size = json_int(json_get(v, "size"), -1);
                struct hash want[PROOF_MAX], got[PROOF_MAX], root = in_base64(json_str(v, "root"));
                size_t n = read_proof(json_get(v, "proof"), want);
                struct tiles t = tiles_of(size);
                struct str entry;

                assert_int_equal(tree_prove(index, size, tiles_read, &t, got), n);
                assert_memory_equal(got, want, n * sizeof *got);
                assert_true(base64_decode(arena, json_str(v, "leaf"), &entry));
                struct hash leaf = tree_leaf(entry.p, entry.n);
                assert_true(tree_verify(index, size, &leaf, want, n, &root));
        }
}

static void consistency_proofs(void **state)
{
        const struct json *list = json_get(vectors, "consistency");

        (void)state;
        assert_in_range(list->n, 10, 1000);
        for (uint32_t i = 0; i < list->n; i++) {
                const struct json *v = &list->items[i];
                int64_t old = json_int(json_get(v, "old_size"), -1), size = json_int(json_get(v, "size"), -1);
                struct hash want[PROOF_MAX], got[PROOF_MAX], old_root = in_base64(json_str(v, "old_root")), root = in_base64(json_str(v, "root"));
                size_t n = read_proof(json_get(v, "proof"), want);
                struct tiles t = tiles_of(size);

                assert_int_equal(tree_prove_consistency(old, size, tiles_read, &t, got), n);
                assert_memory_equal(got, want, n * sizeof *got);
                assert_true(tree_verify_consistency(old, size, &old_root, &root, want, n));
        }
}

/* ---- keys and notes ---- */

static struct signer *signer_from(const struct json *key, struct str name, enum key_type type)
{
        uint8_t seed[32];

        assert_true(hex_read(json_str(key, "seed"), seed, sizeof seed));
        return signer_ed25519(arena, name, type, seed);
}

static struct signer *log_signer(void)
{
        return signer_from(json_get(json_get(vectors, "keys"), "log"), STR("log.example.org/trace"), KEY_ED25519);
}

static struct signer *witness_signer(uint32_t i)
{
        const struct json *w = &json_get(json_get(vectors, "keys"), "witnesses")->items[i];

        return signer_from(w, json_str(w, "name"), KEY_COSIGN);
}

static void check_key(const struct json *key, const struct signer *s)
{
        struct buf b = { .max = 1000 };
        struct vkey k;

        vkey_write(&b, &s->vkey);
        assert_same(buf_view(&b), json_str(key, "vkey"));
        assert_int_equal(vkey_read(arena, buf_view(&b), &k, NULL), 0);
        assert_int_equal(k.id, s->vkey.id);
        assert_true(str_eq(k.key, s->vkey.key) && str_eq(k.name, s->vkey.name) && k.type == s->vkey.type);
        buf_free(&b);
}

static void keys_from_their_seeds(void **state)
{
        const struct json *keys = json_get(vectors, "keys"), *witnesses = json_get(keys, "witnesses");

        (void)state;
        check_key(json_get(keys, "log"), log_signer());
        assert_int_equal(witnesses->n, 3);
        for (uint32_t i = 0; i < witnesses->n; i++)
                check_key(&witnesses->items[i], witness_signer(i));
}

/* Makes the note again, with every line that stands in it. */
static void check_checkpoint(struct str want, int64_t size)
{
        const struct signer *log = log_signer();
        struct buf text = { .max = 10000 }, note = { .max = 10000 };
        struct checkpoint c = { .origin = STR("log.example.org/trace"), .size = size };
        struct tiles t = tiles_of(size);
        struct signed_checkpoint s;

        assert_int_equal(tree_root(size, tiles_read, &t, &c.root), 0);
        checkpoint_write(&text, &c);
        assert_int_equal(note_write(&note, buf_view(&text), &log, 1, NULL), 0);
        assert_int_equal(checkpoint_open(arena, want, &log->vkey, &s, NULL), 0);
        assert_int_equal(s.c.size, size);
        for (uint32_t i = 0; i < 3; i++) {
                const struct signer *w = witness_signer(i);
                int64_t time = 0;
                if (cosigned(&s.note, &w->vkey, &time) == 0)
                        continue;
                assert_int_equal(time, 1767225600);
                assert_int_equal(cosign(w, buf_view(&text), time, &note, NULL), 0);
        }
        assert_same(buf_view(&note), want);
        buf_free(&text);
        buf_free(&note);
}

static void checkpoints_and_cosignatures(void **state)
{
        const struct json *list = json_get(vectors, "checkpoints");

        (void)state;
        assert_in_range(list->n, 5, 1000);
        for (uint32_t i = 0; i < list->n; i++) {
                int64_t size;
                assert_true(number_read(list->members[i].name, &size));
                check_checkpoint(json_text(&list->members[i].value), size);
        }
        check_checkpoint(read_file("log-300/checkpoint"), 300);
        check_checkpoint(read_file("log-70000/checkpoint"), 70000);
}

/* ---- files of proof ---- */

static struct policy *policy_of(const char *quorum)
{
        const struct json *keys = json_get(vectors, "keys"), *w = json_get(keys, "witnesses");
        struct buf b = { .max = 10000 };
        struct policy *p;

        buf_printf(&b, "log %s\n", json_str(json_get(keys, "log"), "vkey").p);
        for (uint32_t i = 0; i < w->n; i++)
                buf_printf(&b, "witness w%u %s\n", i + 1, json_str(&w->items[i], "vkey").p);
        buf_printf(&b, "group two 2 w1 w2 w3\nquorum %s\n", quorum);
        assert_int_equal(policy_read(arena, buf_view(&b), &p, NULL), 0);
        buf_free(&b);
        return p;
}

static void check_proof_file(const char *name, const char *extra, int witnesses)
{
        struct str text = read_file(name);
        struct proof_file p;
        struct policy_seen seen;
        struct buf b = { .max = 100000 };
        char entry[32];

        assert_int_equal(proof_file_read(arena, text, &p, NULL), 0);
        assert_int_equal(policy_open(arena, policy_of("none"), p.checkpoint, &seen, NULL), 0);
        assert_int_equal(seen.n_witnesses, witnesses);
        assert_int_equal(seen.first_s, witnesses ? 1767225600 : 0);
        assert_int_equal(policy_open(arena, policy_of("two"), p.checkpoint, &seen, NULL), witnesses >= 2 ? 0 : -1);

        struct str e = test_leaf(entry, p.index);
        struct hash leaf = tree_leaf(e.p, e.n);
        assert_true(tree_verify(p.index, seen.checkpoint.c.size, &leaf, p.proof, p.n, &seen.checkpoint.c.root));
        assert_str(p.extra, extra);
        proof_file_write(&b, &p);
        assert_same(buf_view(&b), text);
        buf_free(&b);
}

static void files_of_proof(void **state)
{
        (void)state;
        check_proof_file("leaf-0-size-1.tlog-proof", "", 0);
        check_proof_file("leaf-12345.tlog-proof", "", 3);
        check_proof_file("leaf-5-extra.tlog-proof", "{\"salt\":\"00\"}", 1);
}

static void a_proof_in_json(void **state)
{
        const struct json *v = read_json("sigstore-12345.json");
        struct hash proof[PROOF_MAX];
        size_t n = read_proof(json_get(v, "proof"), proof);
        struct signed_checkpoint s;
        struct vkey log;
        struct str entry;

        (void)state;
        assert_int_equal(vkey_read(arena, json_str(v, "vkey"), &log, NULL), 0);
        assert_int_equal(checkpoint_open(arena, json_str(v, "checkpoint"), &log, &s, NULL), 0);
        assert_true(base64_decode(arena, json_str(v, "leaf"), &entry));
        struct hash leaf = tree_leaf(entry.p, entry.n);
        assert_true(tree_verify(json_int(json_get(v, "index"), -1), s.c.size, &leaf, proof, n, &s.c.root));
}

/* ---- tiles ---- */

static struct { const struct test_log *log; size_t root; int files; } walk;

static int check_tile(const char *path, const struct stat *st, int flag, struct FTW *f)
{
        struct tile t;
        struct buf b = { .max = 100 };

        (void)st, (void)f;
        if (flag != FTW_F)
                return 0;
        const char *name = path + walk.root;    /* "0/000" */
        assert_int_equal(tile_read_path(str_of(name), &t, NULL), 0);
        assert_int_equal(tile_width(walk.log->size, t.level, t.n), t.width);
        tile_path(&b, t);
        assert_str(buf_view(&b), path + walk.root - 5);
        assert_same(test_log_tile(walk.log, t), read_file(path));
        buf_free(&b);
        walk.files++;
        return 0;
}

static int count_tiles(int64_t size)
{
        int n = 0;

        for (int level = TILE_ENTRIES; level < TILE_LEVELS; level++)
                for (int64_t i = 0; tile_width(size, level, i); i++)
                        n++;
        return n;
}

static void check_folder(const struct test_log *l, const char *name)
{
        char path[1000];

        walk.log = l;
        walk.files = 0;
        walk.root = (size_t)snprintf(path, sizeof path, "%s/%s/tile", folder, name) + 1;
        assert_int_equal(nftw(path, check_tile, 16, FTW_PHYS), 0);
        assert_int_equal(walk.files, count_tiles(l->size));
}

static void folders_of_tiles(void **state)
{
        (void)state;
        check_folder(logs[0], "log-300");
        check_folder(logs[1], "log-70000");
}

/* ---- a witness ---- */

static int answer(const struct witness_known *known, struct str body, struct witness_answer *ret, struct note *ret_note)
{
        struct witness_request q;
        struct checkpoint c;

        if (witness_read(body, &q, NULL) < 0 || note_read(arena, q.note, ret_note, NULL) < 0 || checkpoint_read(ret_note->text, &c, NULL) < 0)
                return 400;
        if (!str_eq(c.origin, known->keys[0].name))
                return 404;
        *ret = witness_decide(&q, ret_note, &c, known);

        struct buf again = { .max = WITNESS_BYTES_MAX };
        witness_write(&again, &q);
        assert_same(buf_view(&again), body);
        buf_free(&again);
        return ret->status;
}

/* The line the answer shows as an example, made with its time. */
static void check_line(const struct signer *s, const struct note *n, struct str body)
{
        const char *at = memmem(body.p, body.n, "\xe2\x80\x94", 3);
        struct str line = { at, body.n - (size_t)(at - body.p) };
        struct buf b = { .max = 10000 };
        struct note cosignature;
        int64_t time;

        buf_str(&b, n->text);
        buf_char(&b, '\n');
        buf_str(&b, line);
        assert_int_equal(note_read(arena, buf_view(&b), &cosignature, NULL), 0);
        assert_int_equal(cosigned(&cosignature, &s->vkey, &time), 1);
        buf_clear(&b);
        assert_int_equal(cosign(s, n->text, time, &b, NULL), 0);
        assert_same(buf_view(&b), line);
        buf_free(&b);
}

static void exchanges_with_a_witness(void **state)
{
        const struct json *v = read_json("witness-w1.json"), *list = json_get(v, "exchanges");
        struct vkey log;
        struct witness_known known = { .keys = &log, .n_keys = 1, .root = tree_empty() };
        const struct signer *s = witness_signer(0);

        (void)state;
        assert_int_equal(vkey_read(arena, json_str(v, "log_vkey"), &log, NULL), 0);
        assert_in_range(list->n, 12, 100);
        for (uint32_t i = 0; i < list->n; i++) {
                const struct json *x = &list->items[i];
                struct witness_answer a = { 0 };
                struct note n;
                int status = answer(&known, json_str(x, "request"), &a, &n);

                if (status != json_int(json_get(x, "status"), 0))
                        fail_msg("%s: %d", json_str(x, "name").p, status);
                if (status == 409)
                        assert_true(str_eq(arena_printf(arena, "%lld\n", (long long)a.size), json_str(x, "body")));
                if (status != 200)
                        continue;
                check_line(s, &n, json_str(x, "body"));
                known.size = a.checkpoint.size;
                known.root = a.checkpoint.root;
        }
        assert_int_equal(known.size, 300);
}

static bool files_are_there(void)
{
        const char *where = getenv("SUYUAN_CONFORMANCE");
        struct stat st;

        snprintf(folder, sizeof folder, "%s/tlog/own", where && *where ? where : SOURCE_ROOT "/../shared/data");
        return stat(folder, &st) == 0;
}

static int setup(void **state)
{
        (void)state;
        arena = arena_new();
        vectors = read_json("vectors.json");
        logs[0] = test_log_new(300);
        logs[1] = test_log_new(70000);
        return 0;
}

static int teardown(void **state)
{
        (void)state;
        test_log_free(logs[0]);
        test_log_free(logs[1]);
        arena_free(arena);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(roots), cmocka_unit_test(inclusion_proofs), cmocka_unit_test(consistency_proofs),
                cmocka_unit_test(keys_from_their_seeds), cmocka_unit_test(checkpoints_and_cosignatures),
                cmocka_unit_test(files_of_proof), cmocka_unit_test(a_proof_in_json), cmocka_unit_test(folders_of_tiles),
                cmocka_unit_test(exchanges_with_a_witness),
        };

        if (!files_are_there()) {
                printf("1..1\nok 1 - files of another implementation # SKIP no %s\n", folder);
                return 0;
        }
        return cmocka_run_group_tests_name("merkle/conformance", tests, setup, teardown);
}
