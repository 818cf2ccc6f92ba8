/* Goal: documents that others published are taken, refused and hashed as their authors say.  They are not ours and not in
 * this tree: SUYUAN_CONFORMANCE names the folder that has them, ../shared/data is looked at otherwise; without it the
 * test says that it skipped. */
#include "test_support.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/text.h"

static char folder[512];

static struct str read_file(struct arena *a, const char *path)
{
        struct stat st;
        FILE *f = fopen(path, "rb");

        if (!f || fstat(fileno(f), &st) < 0)
                fail_msg("%s cannot be read", path);
        char *p = arena_raw(a, (size_t)st.st_size + 1);
        struct str s = { p, fread(p, 1, (size_t)st.st_size, f) };

        fclose(f);
        return s;
}

/* Calls `check` for every file of epcis/`kind`; how many there were. */
static int each(const char *kind, void (*check)(struct arena *, const char *name, const struct document *))
{
        char path[1200];
        int n = 0;

        snprintf(path, sizeof path, "%s/epcis/%s", folder, kind);
        DIR *dir = opendir(path);

        assert_non_null(dir);
        for (struct dirent *d; (d = readdir(dir));) {
                struct arena *a = arena_new();
                struct document *document;
                struct err e = { 0 };

                if (d->d_name[0] != '.') {
                        snprintf(path, sizeof path, "%s/epcis/%s/%s", folder, kind, d->d_name);
                        struct str s = read_file(a, path);

                        if (document_read(a, s.p, s.n, &test_own, &document, &e) < 0)
                                fail_msg("%s: %s", d->d_name, e.detail);
                        check(a, d->d_name, document);
                        n++;
                }
                arena_free(a);
        }
        closedir(dir);
        return n;
}

static void check_valid(struct arena *a, const char *name, const struct document *d)
{
        static const struct hash secret = { { 7 } };

        if (d->faults.refused)
                fail_msg("%s is refused: %s", name, told(a, d, FAULT_REFUSED));
        assert_true(d->n_events > 0);
        for (size_t i = 0; i < d->n_events; i++) {
                struct buf b = { .max = 1 << 24 };
                struct record_digest one, two;
                struct event again;
                struct err e = { 0 };

                /* What goes to the store comes back as the same record. */
                json_write(&b, d->events[i].json);
                if (event_reread(a, buf_view(&b), d->events[i].context_json, &test_own, &again, &e) < 0)
                        fail_msg("%s: %s", name, e.detail);
                assert_true(json_equal(again.json, d->events[i].json));
                record_digest(a, &d->events[i], &secret, &one);
                record_digest(a, &again, &secret, &two);
                assert_memory_equal(&one, &two, sizeof one);
                buf_free(&b);
        }
}

static void valid_documents_are_taken(void **state)
{
        (void)state;
        assert_true(each("valid", check_valid) > 0);
}

static const struct json *at_pointer(struct arena *a, const struct json *v, struct str pointer)
{
        struct str token;

        if (!pointer.n)
                return v;
        pointer = str_from(pointer, 1);
        while (v && str_split(&pointer, '/', &token)) {
                char *name = arena_cstr(a, token), *to = name;

                if (json_is(v, JSON_ARRAY)) {
                        unsigned long i = strtoul(name, NULL, 10);

                        v = i < v->n ? &v->items[i] : NULL;
                        continue;
                }
                for (const char *p = name; *p; p++)
                        *to++ = *p == '~' ? (*++p == '1' ? '/' : '~') : *p;
                *to = '\0';
                v = json_get(v, name);
        }
        return v;
}

static void check_invalid(struct arena *a, const char *name, const struct document *d)
{
        if (!d->faults.refused)
                fail_msg("%s is taken", name);
        for (size_t i = 0; i < d->faults.n; i++)
                if (!at_pointer(a, d->json, d->faults.list[i].pointer))
                        fail_msg("%s: %.*s names nothing", name, STR_ARG(d->faults.list[i].pointer));
}

static void invalid_documents_are_refused(void **state)
{
        (void)state;
        assert_true(each("invalid", check_invalid) > 0);
}

/* One row of hash/index.tsv: document, event, version, hash. */
static bool check_hash(struct str row)
{
        struct arena *a = arena_new();
        struct str name = STR_NONE, number = STR_NONE, version = STR_NONE, want = STR_NONE, bytes, got, string;
        struct document *d;
        struct hash h;
        bool same;

        str_split(&row, '\t', &name);
        str_split(&row, '\t', &number);
        str_split(&row, '\t', &version);
        str_split(&row, '\t', &want);
        if (!str_eq(version, STR("CBV2.0"))) {
                arena_free(a);
                return true;
        }
        bytes = read_file(a, arena_printf(a, "%s/epcis/hash/%.*s", folder, STR_ARG(name)).p);
        assert_int_equal(document_read(a, bytes.p, bytes.n, &test_own, &d, NULL), 0);
        unsigned long i = strtoul(arena_cstr(a, number), NULL, 10);

        assert_true(i < d->n_events);
        event_hash(a, &d->events[i], &h, &string);
        got = event_hash_uri(a, &h);
        same = str_eq(got, want);
        if (!same)
                print_error("%.*s %lu\n  %.*s\n", STR_ARG(name), i, STR_ARG(string));
        arena_free(a);
        return same;
}

static void published_hashes_are_met(void **state)
{
        struct arena *a = arena_new();
        struct str rest = read_file(a, arena_printf(a, "%s/epcis/hash/index.tsv", folder).p), row;
        int rows = 0, wrong = 0;

        (void)state;
        str_split(&rest, '\n', &row);
        while (str_split(&rest, '\n', &row))
                if (row.n) {
                        rows++;
                        wrong += !check_hash(row);
                }
        arena_free(a);
        assert_int_equal(wrong, 0);
        assert_true(rows > 0);
}

static bool is_there(void)
{
        const char *named = getenv("SUYUAN_CONFORMANCE");
        char path[600];
        struct stat st;

        snprintf(folder, sizeof folder, "%s", named && *named ? named : SOURCE_ROOT "/../shared/data");
        snprintf(path, sizeof path, "%s/epcis/hash/index.tsv", folder);
        return stat(path, &st) == 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(valid_documents_are_taken),
                cmocka_unit_test(invalid_documents_are_refused),
                cmocka_unit_test(published_hashes_are_met),
        };

        if (!is_there()) {
                printf("1..1\nok 1 # SKIP no public EPCIS documents in %s (SUYUAN_CONFORMANCE)\n", folder);
                return 0;
        }
        return cmocka_run_group_tests_name("epcis/conformance", tests, NULL, NULL);
}
