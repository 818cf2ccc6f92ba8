/* The whole flow with calls that fail and processes that end at any of them: never two different checkpoints of one size among all that were ever signed or told,
 * nothing acknowledged outside the log, and tiles that are the tree of the records. */
#include "ledger/test_support.h"
#include "base/file.h"
#include "proof/last.h"
#include "proof/proof.h"
#include "proof/test_support.h"
#include "store/log.h"

enum { BATCHES = 2, PER_BATCH = 2, SEEN_MAX = 4096 };

/* ---- what was ever told ---- */

static struct seen { int64_t size; struct hash root; } seen[SEEN_MAX];
static size_t n_seen;

static void see(struct str note)
{
        struct arena *a = arena_new();
        struct note n;
        struct checkpoint c;
        if (note.n && note_read(a, note, &n, NULL) == 0 && checkpoint_read(n.text, &c, NULL) == 0) {
                for (size_t i = 0; i < n_seen; i++)
                        if (seen[i].size == c.size && memcmp(&seen[i].root, &c.root, sizeof c.root) != 0)
                                fail_msg("two checkpoints of %lld leaves", (long long)c.size);
                assert_true(n_seen < SEEN_MAX);
                seen[n_seen++] = (struct seen){ c.size, c.root };
        }
        arena_free(a);
}

static void see_file(const char *dir, const char *name)
{
        char path[256];
        struct str text;
        struct arena *a = arena_new();
        snprintf(path, sizeof path, "%s/log/%s", dir, name);
        if (file_read(a, path, 1 << 20, &text, NULL) == 0)
                for (size_t at = 0; at < text.n; at += 4096)    /* DIR/log/signed has two slots; a published one is shorter */
                        see((struct str){ text.p + at, strnlen(text.p + at, text.n - at < 4096 ? text.n - at : 4096) });
        arena_free(a);
}

/* ---- a process that records and signs ---- */

static struct proof *open_log(struct fixture *f, const struct fileio *io)
{
        struct err e = { 0 };
        struct proof *p = NULL;
        if (proof_open(f->store, f->ledger, &(struct proof_options){ .io = io }, &p, &e) < 0)
                return NULL;
        return p;
}

static void state_some(struct fixture *f, int from, int n)
{
        for (int i = from; i < from + n; i++) {
                char subject[32];
                struct err e = { 0 };
                snprintf(subject, sizeof subject, "ni:///sha-256;%d", i);
                struct ledger_statement s = { .org = ORG_DEFAULT, .type = LEAF_BLOB, .subject = str_of(subject), .detail = STR("1 image/jpeg") };
                if (ledger_state(f->ledger, &s, NULL, &e) < 0)
                        _exit(3);
        }
}

/* Tells each checkpoint that anybody could have seen; a failure is tried again, as the thread does. */
static void tell(struct proof *p, int out)
{
        struct arena *a = arena_new();
        struct str note;
        if (proof_checkpoint(p, a, &note, NULL) == 0 && write(out, note.p, note.n) == (ssize_t)note.n)
                (void)!write(out, "\f", 1);
        arena_free(a);
}

static void live(struct fixture *f, enum mishap what, long n, unsigned seed, int out)
{
        fixture_open(f);
        test_mishap(what, n, seed);
        struct proof *p = NULL;
        for (int i = 0; i < 3 && !p; i++) {
                p = open_log(f, &test_fileio);
                if (!p)
                        test_mishap(MISHAP_NONE, 0, 0);
        }
        if (!p)
                _exit(4);
        for (int b = 0; b < BATCHES; b++) {
                struct err e = { 0 };
                state_some(f, b * PER_BATCH, PER_BATCH);
                if (proof_advance(p, &e) < 0) {
                        tell(p, out);
                        test_mishap(MISHAP_NONE, 0, 0);
                        if (proof_advance(p, &e) < 0) {
                                fprintf(stderr, "# %s (%s)\n", e.detail, e.cause);
                                _exit(5);
                        }
                }
                tell(p, out);
        }
        bool all = test_calls() < n || what == MISHAP_NONE;
        proof_close(p);
        fixture_close(f);
        _exit(all ? 0 : 1);
}

static int in_a_process(struct fixture *f, enum mishap what, long n, unsigned seed)
{
        int ends[2], status;
        char told[64 * 1024];
        size_t got = 0;
        ssize_t k;
        assert_int_equal(pipe(ends), 0);
        fflush(stderr);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                close(ends[0]);
                live(f, what, n, seed, ends[1]);
        }
        close(ends[1]);
        while (got < sizeof told && (k = read(ends[0], told + got, sizeof told - got)) > 0)
                got += (size_t)k;
        close(ends[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        for (char *at = told, *end; (end = memchr(at, '\f', got - (size_t)(at - told))); at = end + 1)
                see((struct str){ at, (size_t)(end - at) });
        return WEXITSTATUS(status);
}

/* ---- afterwards ---- */

/* The tiles and the root are those of the rows. */
static void assert_true_to_rows(struct fixture *f, struct proof *p, int64_t size)
{
        struct reader *r;
        struct frontier t = { 0 };
        struct log_row row;
        uint8_t leaf[LEAF_BYTES];
        struct arena *a = arena_new();
        struct str note;
        struct signed_checkpoint c;
        struct vkey key = proof_vkey(p);
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        assert_int_equal(reader_log_size(r, NULL), size);
        for (int64_t i = 0; i < size; i++) {
                int fd;
                int64_t at, bytes;
                uint8_t frame[LEAF_FRAME], stored[32];
                assert_int_equal(reader_log_row(r, i, &row, NULL), 1);
                leaf_write(leaf, &(struct leaf){ row.type, row.ms, row.commitment });
                struct hash h = tree_leaf(leaf, sizeof leaf);
                frontier_add(&t, &h);
                assert_int_equal(proof_tile(p, (struct tile){ TILE_ENTRIES, 0, (int)i + 1 }, &fd, &at, &bytes, NULL), 0);
                assert_int_equal(pread(fd, frame, sizeof frame, at + bytes - LEAF_FRAME), sizeof frame);
                assert_memory_equal(frame + 2, leaf, sizeof leaf);
                assert_int_equal(proof_tile(p, (struct tile){ 0, 0, (int)i + 1 }, &fd, &at, &bytes, NULL), 0);
                assert_int_equal(pread(fd, stored, sizeof stored, at + bytes - 32), sizeof stored);
                assert_memory_equal(stored, h.b, sizeof stored);
        }
        reader_end(r);
        assert_int_equal(proof_checkpoint(p, a, &note, NULL), 0);
        assert_int_equal(checkpoint_open(a, note, &key, &c, NULL), 0);
        struct hash root = frontier_root(&t);
        assert_int_equal(c.c.size, size);
        assert_memory_equal(c.c.root.b, root.b, sizeof root.b);
        see(note);
        arena_free(a);
}

static void restart(struct fixture *f)
{
        struct err e = { 0 };
        struct reader *r;
        struct proof_figures figures;
        struct proof *p;
        see_file(f->dir, "signed");
        see_file(f->dir, "checkpoint");
        fixture_open(f);
        if (proof_open(f->store, f->ledger, &(struct proof_options){ 0 }, &p, &e) < 0 || proof_advance(p, &e) < 0)
                fail_msg("%s (%s)", e.detail, e.cause);
        state_some(f, 1000, 1);         /* something new, so that the sizes go on from where it was */
        assert_int_equal(proof_advance(p, &e), 0);
        proof_figures(p, &figures);
        assert_string_equal(figures.refusal, "");
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        int64_t rows = reader_log_size(r, NULL);
        reader_end(r);
        assert_true_to_rows(f, p, rows);
        see_file(f->dir, "signed");
        see_file(f->dir, "checkpoint");
        proof_close(p);
        fixture_close(f);
}

/* In memory where that can be: what the disk would have lost is played by test_support.c, and the database's own syncs are not what is tested. */
static struct arena *kept;
static struct str fresh;

static void make_place(struct fixture *f)
{
        char path[128];
        const struct str origin = STR("https://trace.example.cn");
        snprintf(f->dir, sizeof f->dir, "%s/suyuan-power-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        assert_non_null(mkdtemp(f->dir));
        if (!fresh.n) {         /* made once, then copied */
                assert_int_equal(store_init(f->dir, &origin, 1, NULL), 0);
                snprintf(path, sizeof path, "%s/suyuan.db", f->dir);
                assert_int_equal(file_read(kept, path, 16 << 20, &fresh, NULL), 0);
        } else {
                snprintf(path, sizeof path, "%s/suyuan.db", f->dir);
                assert_int_equal(file_replace(path, 0640, fresh, NULL), 0);
                snprintf(path, sizeof path, "%s/blobs", f->dir);
                assert_int_equal(fileio_folder(path, 0750, NULL), 0);
                snprintf(path, sizeof path, "%s/blobs/sha256", f->dir);
                assert_int_equal(fileio_folder(path, 0750, NULL), 0);
        }
        f->arena = arena_new();
        buf_init(&f->faults, 1 << 20);
}

/* One life that something befalls at its n-th call, and the next one. */
static int one_life(enum mishap what, long n, unsigned seed)
{
        struct fixture f = { 0 };
        n_seen = 0;
        make_place(&f);
        int code = in_a_process(&f, what, n, seed);
        assert_true(code == 0 || code == 1 || code == TEST_KILLED);
        assert_true(code != 1 || what == MISHAP_EIO || what == MISHAP_ENOSPC || what == MISHAP_SHORT);
        restart(&f);
        assert_true(n_seen > 1);
        remove_all(f.dir);
        arena_free(f.arena);
        buf_free(&f.faults);
        return code;
}

static long at_each_call(enum mishap what, unsigned seed)
{
        long n = 1;
        while (one_life(what, n, seed + (unsigned)n * 31u) != 0)
                n++;
        assert_true(n > 25);    /* opening and two batches take more */
        return n;
}

static void a_killed_process_signs_no_second_tree(void **state)
{
        (void)state;
        at_each_call(MISHAP_KILL, 0);
        at_each_call(MISHAP_KILL_AFTER, 0);
}

static void a_power_cut_signs_no_second_tree(void **state)
{
        (void)state;
        at_each_call(MISHAP_POWER, 1000);
}

/* A failed call may end the life's faults early: there are as many as the life without any has calls. */
static void a_failing_disk_signs_no_second_tree(void **state)
{
        static const enum mishap faults[] = { MISHAP_EIO, MISHAP_ENOSPC, MISHAP_SHORT };
        (void)state;
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
                for (long n = 1; n <= 45; n += i ? 3 : 1)
                        one_life(faults[i], n, 0);
}

/* The database's own writes and syncs. */
static void a_failing_database_signs_no_second_tree(void **state)
{
        struct fixture f = { 0 };
        struct proof *p;
        int made = 0;
        long failures = 0;
        (void)state;
        n_seen = 0;
        make_place(&f);
        fixture_open(&f);
        p = open_log(&f, &fileio_system);
        assert_non_null(p);
        for (int64_t n = 1; n <= 30; n++) {
                struct err e = { 0 };
                struct arena *a = arena_new();
                struct str note;
                state_some(&f, made, 2);
                made += 2;
                faulty_disk_after(1 + n % 10, n % 2 ? FAULTY_FULL : FAULTY_BROKEN);
                failures += proof_advance(p, &e) < 0;
                faulty_disk_after(0, FAULTY_FULL);
                see_file(f.dir, "signed");
                see_file(f.dir, "checkpoint");
                if (proof_advance(p, &e) < 0)
                        fail_msg("%s (%s)", e.detail, e.cause);
                assert_int_equal(proof_checkpoint(p, a, &note, NULL), 0);
                see(note);
                arena_free(a);
        }
        assert_true(failures > 3);
        proof_close(p);
        fixture_close(&f);
        restart(&f);
        remove_all(f.dir);
        arena_free(f.arena);
        buf_free(&f.faults);
}

/* Leaves that were taken in and not yet signed are gone: the files must not be signed as if they were still those of the rows. */
static void a_database_that_lost_rows_meanwhile_is_found_out(void **state)
{
        struct fixture f = { 0 };
        struct err e = { 0 };
        struct proof_figures figures;
        (void)state;
        make_place(&f);
        fixture_open(&f);
        struct proof *p = open_log(&f, &fileio_system);
        assert_non_null(p);
        state_some(&f, 0, 2);
        assert_int_equal(proof_advance(p, &e), 0);
        proof_figures(p, &figures);
        int64_t size = figures.size;
        state_some(&f, 2, 2);
        faulty_disk_after(1, FAULTY_BROKEN);
        assert_int_equal(proof_advance(p, &e), -1);
        faulty_disk_after(0, FAULTY_FULL);
        snprintf(f.db, sizeof f.db, "%s/suyuan.db", f.dir);
        assert_int_equal(raw_sql(f.db, "UPDATE log_leaf SET commitment = zeroblob(32) WHERE idx = (SELECT max(idx) FROM log_leaf)"), 0);
        assert_int_equal(proof_advance(p, &e), -1);
        proof_figures(p, &figures);
        assert_non_null(strstr(figures.refusal, "older copy"));
        assert_int_equal(figures.size, size);
        proof_close(p);
        fixture_close(&f);
        remove_all(f.dir);
        arena_free(f.arena);
        buf_free(&f.faults);
}

static int begin(void **state)
{
        (void)state;
        faulty_disk_install();
        kept = arena_new();
        return 0;
}

static int end(void **state)
{
        (void)state;
        arena_free(kept);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_failing_database_signs_no_second_tree),
                cmocka_unit_test(a_database_that_lost_rows_meanwhile_is_found_out),
                cmocka_unit_test(a_killed_process_signs_no_second_tree),
                cmocka_unit_test(a_power_cut_signs_no_second_tree),
                cmocka_unit_test(a_failing_disk_signs_no_second_tree),
        };
        return cmocka_run_group_tests(tests, begin, end);
}
