/* A walk through trace_walk, and the same walk written against SQLite directly.
 *
 *   walks DIR ITEM back|forward [TIMES]
 *
 * The bare walk goes breadth first over the same tables of the same file: the index rows of an item, the row of each event once, the name
 * of each item once; it keeps every edge.  It knows transformations only, which is all that the graph of the figure holds, and minds neither
 * time nor quantities nor declared errors.  Both take turns after one round that does not count; both caches have the same size.
 *
 * Prints one line of JSON: nodes and edges (equal in both, or the program fails), the medians of both in µs. */
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "bare.h"
#include "epcis/event.h"
#include "trace/trace.h"

#define CACHE_KIB 4096                  /* of a reading connection, as app/wire.c sets it */
#define MMAP "2147418112"
#define MAX_NODES 100000

/* ---- the bare walk ---- */

struct set { int64_t *keys; uint32_t *values; uint32_t cap, n; };

struct edge { uint32_t from, to; int64_t seq; };

struct bare {
        sqlite3 *db;
        sqlite3_stmt *begin, *end, *find, *rows, *event, *name;
        struct set items, seqs;
        int64_t *queue;
        char *names;                    /* of the nodes, one after the other */
        size_t names_n, names_cap;
        struct edge *edges;
        uint32_t n_nodes, n_edges, cap_edges;
        uint32_t *sides, n_sides, cap_sides;    /* of each event, the nodes on the side that the walk goes to: */
        uint32_t first_side[MAX_NODES + 1];     /* from here to where the next event's begin */
        bool back;
};

static void set_clear(struct set *s)
{
        memset(s->keys, 0, s->cap * sizeof *s->keys);
        s->n = 0;
}

static struct set set_of(uint32_t cap)
{
        return (struct set){ must(calloc(cap, sizeof(int64_t))), must(calloc(cap, sizeof(uint32_t))), cap, 0 };
}

/* The place of `key`, which is put there when it was not. */
static uint64_t set_at(struct set *s, int64_t key, bool *ret_new)
{
        uint64_t at = (uint64_t)key * 0x9e3779b97f4a7c15u >> 32;
        for (at &= s->cap - 1; s->keys[at] && s->keys[at] != key; at = (at + 1) & (s->cap - 1))
                ;
        *ret_new = !s->keys[at];
        s->keys[at] = key;
        return at;
}

static void set_grow(struct set *s)
{
        struct set wider = set_of(s->cap * 2);
        for (uint32_t i = 0; i < s->cap; i++) {
                bool new;
                if (s->keys[i])
                        wider.values[set_at(&wider, s->keys[i], &new)] = s->values[i];
        }
        wider.n = s->n;
        free(s->keys);
        free(s->values);
        *s = wider;
}

/* The number of `key`, the next one when it was not there. */
static uint32_t set_add(struct set *s, int64_t key, bool *ret_new)
{
        if (s->n == s->cap / 2)
                set_grow(s);
        uint64_t at = set_at(s, key, ret_new);
        if (*ret_new)
                s->values[at] = s->n++;
        return s->values[at];
}

static void bare_begin(struct bare *b, const char *path, bool back)
{
        b->back = back;
        b->db = bare_open(path, SQLITE_OPEN_READWRITE);
        bare_do(b->db, "PRAGMA query_only = 1; PRAGMA mmap_size = " MMAP ";");
        bare_dof(b->db, "PRAGMA cache_size = -%d;", CACHE_KIB);
        b->begin = bare_prepare(b->db, "BEGIN");
        b->end = bare_prepare(b->db, "COMMIT");
        b->find = bare_prepare(b->db, "SELECT id FROM item WHERE org = 1 AND canonical = ?1");
        b->rows = bare_prepare(b->db, "SELECT seq, role FROM event_item WHERE org = 1 AND item = ?1");
        b->event = bare_prepare(b->db, "SELECT refs, event_id, time_us, type FROM event WHERE key = (1 << 40) | ?1");
        b->name = bare_prepare(b->db, "SELECT canonical FROM item WHERE key = (1 << 40) | ?1");
        b->items = set_of(1 << 10);
        b->seqs = set_of(1 << 10);
        b->queue = must(calloc(MAX_NODES, sizeof *b->queue));
}

static uint64_t number(const unsigned char **p)
{
        uint64_t v = 0;
        for (int shift = 0;; shift += 7) {
                unsigned char c = *(*p)++;
                v |= (uint64_t)(c & 0x7f) << shift;
                if (c < 0x80)
                        return v;
        }
}

static void keep_name(struct bare *b, int64_t item)
{
        sqlite3_bind_int64(b->name, 1, item);
        if (!bare_step(b->name))
                errx(1, "item %lld has no name", (long long)item);
        size_t n = (size_t)sqlite3_column_bytes(b->name, 0) + 1;
        if (b->names_n + n > b->names_cap)
                b->names = must(realloc(b->names, b->names_cap = 2 * b->names_cap + n));
        memcpy(b->names + b->names_n, sqlite3_column_text(b->name, 0), n);
        b->names_n += n;
        sqlite3_reset(b->name);
}

static uint32_t reach(struct bare *b, int64_t item)
{
        bool new;
        uint32_t node = set_add(&b->items, item, &new);
        if (new) {
                assert(node == b->n_nodes && node < MAX_NODES);
                b->queue[b->n_nodes++] = item;
                keep_name(b, item);
        }
        return node;
}

static void keep_edge(struct bare *b, uint32_t origin, uint32_t product, int64_t seq)
{
        if (b->n_edges == b->cap_edges)
                b->edges = must(realloc(b->edges, (b->cap_edges = 2 * b->cap_edges + 1024) * sizeof *b->edges));
        b->edges[b->n_edges++] = (struct edge){ origin, product, seq };
}

static bool on_this_side(const struct bare *b, uint64_t role, bool origins)
{
        bool input = role == ROLE_INPUT || role == ROLE_INPUT_QUANTITY, output = role == ROLE_OUTPUT || role == ROLE_OUTPUT_QUANTITY;
        return b->back == origins ? input : output;
}

static void keep_side(struct bare *b, uint32_t node)
{
        if (b->n_sides == b->cap_sides)
                b->sides = must(realloc(b->sides, (b->cap_sides = 2 * b->cap_sides + 1024) * sizeof *b->sides));
        b->sides[b->n_sides++] = node;
}

/* Unpacks an event's references (store/refs.h) and keeps the nodes on the side that the walk goes to. */
static void read_event(struct bare *b, int64_t seq)
{
        sqlite3_bind_int64(b->event, 1, seq);
        if (!bare_step(b->event))
                errx(1, "no event %lld", (long long)seq);
        const unsigned char *p = sqlite3_column_blob(b->event, 0);
        int64_t item = 0;
        for (uint64_t n = number(&p); n > 0; n--) {
                uint64_t step = number(&p);
                item += (int64_t)(step >> 1 ^ -(step & 1));
                unsigned how = *p++;
                for (int texts = !!(how & 0x10) + !!(how & 0x20); texts > 0; texts--) {
                        uint64_t length = number(&p);
                        p += length;
                }
                if (on_this_side(b, how & 15, true))
                        keep_side(b, reach(b, item));
        }
        sqlite3_reset(b->event);
}

/* From `node`, which stands in event `seq`, to what it was made of (or what was made of it).  An event is read once. */
static void follow(struct bare *b, uint32_t node, int64_t seq)
{
        bool new;
        uint32_t event = set_add(&b->seqs, seq, &new);
        assert(event < MAX_NODES);
        if (new) {
                b->first_side[event] = b->n_sides;
                read_event(b, seq);
                b->first_side[event + 1] = b->n_sides;
        }
        for (uint32_t i = b->first_side[event]; i < b->first_side[event + 1]; i++)
                keep_edge(b, b->back ? b->sides[i] : node, b->back ? node : b->sides[i], seq);
}

static void bare_walk(struct bare *b, const char *start)
{
        set_clear(&b->items);
        set_clear(&b->seqs);
        b->n_nodes = b->n_edges = b->n_sides = 0;
        b->names_n = 0;
        bare_step(b->begin);
        sqlite3_reset(b->begin);
        sqlite3_bind_text(b->find, 1, start, -1, SQLITE_STATIC);
        if (!bare_step(b->find))
                errx(1, "%s is not there", start);
        reach(b, sqlite3_column_int64(b->find, 0));
        sqlite3_reset(b->find);
        for (uint32_t node = 0; node < b->n_nodes; node++) {
                sqlite3_bind_int64(b->rows, 1, b->queue[node]);
                while (bare_step(b->rows))
                        if (on_this_side(b, (uint64_t)sqlite3_column_int(b->rows, 1), false))
                                follow(b, node, sqlite3_column_int64(b->rows, 0));
                sqlite3_reset(b->rows);
        }
        bare_step(b->end);
        sqlite3_reset(b->end);
}

/* ---- both, in turns ---- */

static void walk(struct store *s, struct arena *a, const char *item, enum trace_direction d, struct trace **ret)
{
        struct err e = { 0 };
        struct reader *r;
        struct trace_options o = { .max_nodes = MAX_NODES };
        if (reader_begin(s, &r, &e) < 0 || trace_walk(a, r, ORG_DEFAULT, str_of(item), d, &o, ret, &e) < 0)
                errx(1, "trace_walk: %s (%s)", e.detail, e.cause);
        reader_end(r);
}

static int by_value(const void *a, const void *b)
{
        int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
        return (x > y) - (x < y);
}

static int64_t median(int64_t *us, int n)
{
        qsort(us, (size_t)n, sizeof *us, by_value);
        return us[n / 2];
}

static void compare(struct store *s, struct bare *b, const char *item, int times)
{
        enum trace_direction d = b->back ? TRACE_BACK : TRACE_FORWARD;
        int64_t *ours = must(calloc((size_t)times + 1, sizeof *ours)), *theirs = must(calloc((size_t)times + 1, sizeof *theirs));
        struct arena *a = arena_new();
        struct trace *t = NULL;
        for (int i = 0; i <= times; i++) {
                arena_reset(a);
                int64_t begun = now_us();
                walk(s, a, item, d, &t);
                ours[i] = now_us() - begun;
                begun = now_us();
                bare_walk(b, item);
                theirs[i] = now_us() - begun;
        }
        if (t->n_nodes != b->n_nodes || t->n_edges != b->n_edges || t->truncated)
                errx(1, "%zu nodes and %zu edges, but %u and %u by the bare walk", t->n_nodes, t->n_edges, b->n_nodes, b->n_edges);
        printf("{\"nodes\": %zu, \"edges\": %zu, \"events\": %zu, \"walk_us\": %lld, \"bare_us\": %lld}\n", t->n_nodes, t->n_edges, t->n_events,
               (long long)median(ours + 1, times), (long long)median(theirs + 1, times));
        arena_free(a);
        free(ours);
        free(theirs);
}

int main(int argc, char **argv)
{
        if (argc < 4 || (strcmp(argv[3], "back") != 0 && strcmp(argv[3], "forward") != 0))
                errx(2, "usage: walks DIR ITEM back|forward [TIMES]");
        struct err e = { 0 };
        struct store *s;
        struct store_options o = { .writer_cache_kib = CACHE_KIB, .reader_cache_kib = CACHE_KIB, .readers = 1 };
        if (store_open(argv[1], false, &o, &s, &e) < 0)
                errx(1, "%s (%s)", e.detail, e.cause);
        static struct bare b;
        char *path = must(sqlite3_mprintf("%s/suyuan.db", argv[1]));
        bare_begin(&b, path, strcmp(argv[3], "back") == 0);
        compare(s, &b, argv[2], argc > 4 ? (int)strtol(argv[4], NULL, 10) : 21);
        sqlite3_free(path);
        store_close(s);
        return 0;
}
