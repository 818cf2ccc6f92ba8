#include "proof/whole.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Each tile is held against the one below it as that one is stored, so that a fault is told at its own place and does not spread upward:
 *
 *   entries ──SHA-256──► level 0 ──256 to 1──► level 1 ──256 to 1──► level 2 … ──► root
 */

struct whole_run {
        const struct whole_options *o;
        struct whole *ret;
        struct hash made[TILE_LEVELS][TILE_HASHES];     /* of the tile of a level that comes next: what it must hold */
        int n_made[TILE_LEVELS];
        struct frontier edge;           /* from the stored hashes at the right edge */
        int64_t size;
};

/* ---- the order ---- */

/* Level `level` after bundle n: is its tile over after this bundle? */
static bool is_over(const struct plan *p, int level, int64_t n, struct tile *ret)
{
        int64_t last = (p->size - 1) / TILE_HASHES;
        int shift = TILE_HEIGHT * level;
        bool full = shift < 62 && ((n + 1) & ((INT64_C(1) << shift) - 1)) == 0;
        int64_t at = shift < 62 ? n >> shift : 0;
        *ret = (struct tile){ level, at, tile_width(p->size, level, at) };
        return ret->width && (full || n == last);
}

bool plan_next(struct plan *p, struct tile *ret)
{
        if (p->size <= 0)
                return false;
        int64_t bundles = (p->size - 1) / TILE_HASHES + 1;
        while (p->n < bundles) {
                int level = p->level++;
                if (level == 0) {
                        *ret = (struct tile){ TILE_ENTRIES, p->n, tile_width(p->size, 0, p->n) };
                        return true;
                }
                if (level <= TILE_LEVELS && is_over(p, level - 1, p->n, ret))
                        return true;
                if (level > TILE_LEVELS) {
                        p->level = 0;
                        p->n++;
                }
        }
        return false;
}

int64_t plan_tiles(int64_t size)
{
        int64_t n = 0, all = 0;
        for (n = size; n > 0; n /= TILE_HASHES)
                all += (n + TILE_HASHES - 1) / TILE_HASHES;
        return all + (size + TILE_HASHES - 1) / TILE_HASHES;
}

/* ---- faults ---- */

static void fault(struct whole_run *w, const char *where, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void fault(struct whole_run *w, const char *where, const char *fmt, ...)
{
        char text[400];
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        if (w->ret->faults++ < WHOLE_FAULTS)
                w->o->say(w->o->ctx, where, text);
}

struct path { char text[96]; };

static const char *path_of(struct tile t, struct path *ret)
{
        struct buf b = { .max = sizeof ret->text - 1 };
        tile_path(&b, t);
        snprintf(ret->text, sizeof ret->text, "%.*s", STR_ARG(buf_view(&b)));
        buf_free(&b);
        return ret->text;
}

/* ---- tiles ---- */

/* The leaves of a bundle. */
static void take_entries(struct whole_run *w, struct tile t, const uint8_t *p, size_t n)
{
        struct path at;
        struct str rest = { (const char *)p, n }, entry;
        int k = 0;
        for (; k < t.width && bundle_next(&rest, &entry); k++)
                w->made[0][k] = tree_leaf(entry.p, entry.n);
        w->n_made[0] = k;
        if (k < t.width)
                fault(w, path_of(t, &at), "entry %lld cannot be read: the bundle is cut short", (long long)(t.n * TILE_HASHES + k));
        else if (rest.n)
                fault(w, path_of(t, &at), "%zu bytes follow its last entry", rest.n);
}

/* The root of 2^n hashes, over themselves. */
static struct hash fold(struct hash *list, int n)
{
        for (; n > 1; n /= 2)
                for (int i = 0; i < n / 2; i++)
                        list[i] = tree_node(&list[2 * i], &list[2 * i + 1]);
        return list[0];
}

/* A tile at the right edge that is not full: its hashes are complete subtrees of the root. */
static void take_edge(struct whole_run *w, struct tile t, struct hash *list)
{
        for (int bit = TILE_HEIGHT - 1; bit >= 0; bit--) {
                if (!(t.width >> bit & 1))
                        continue;
                w->edge.f[TILE_HEIGHT * t.level + bit] = fold(list, 1 << bit);
                list += 1 << bit;
        }
}

static void compare(struct whole_run *w, struct tile t, const struct hash *stored)
{
        struct path at, below;
        for (int i = 0; i < w->n_made[t.level] && i < t.width; i++) {
                if (memcmp(&stored[i], &w->made[t.level][i], sizeof *stored) == 0)
                        continue;
                int64_t n = t.n * TILE_HASHES + i;
                path_of((struct tile){ t.level ? t.level - 1 : TILE_ENTRIES, t.level ? n : t.n, t.level ? TILE_HASHES : t.width }, &below);
                if (t.level)
                        fault(w, path_of(t, &at), "hash %d is not the root of %s", i, below.text);
                else
                        fault(w, path_of(t, &at), "hash %d is not that of entry %lld in %s", i, (long long)n, below.text);
        }
}

/* `n` 0: the tile is missing, and what should be there stands in for it. */
static void take_hashes(struct whole_run *w, struct tile t, const uint8_t *p, size_t n)
{
        struct path at;
        struct hash list[TILE_HASHES];
        size_t whole = (size_t)t.width * sizeof *list, have = n < whole ? n - n % sizeof *list : whole;
        if (n && n != whole)
                fault(w, path_of(t, &at), "it has %zu bytes, not %zu", n, whole);
        memcpy(list, w->made[t.level], sizeof list);
        if (have)
                memcpy(list, p, have);
        compare(w, t, list);
        w->n_made[t.level] = 0;
        if (t.width < TILE_HASHES)
                take_edge(w, t, list);
        else if (t.level + 1 < TILE_LEVELS)
                w->made[t.level + 1][w->n_made[t.level + 1]++] = fold(list, TILE_HASHES);
}

static int take_tile(struct whole_run *w, struct source *s, struct tile t, int64_t *missing, struct err *reterr)
{
        struct path at;
        const uint8_t *bytes = NULL;
        size_t n = 0;
        int rc = s->tile(s, t, &bytes, &n, reterr);
        if (rc < 0)
                return err_while(reterr, "reading %s", path_of(t, &at));
        if (rc == 0 || !n) {
                fault(w, path_of(t, &at), "it is missing");
                ++*missing;
                n = 0;
        }
        if (t.level != TILE_ENTRIES)
                take_hashes(w, t, bytes, n);
        else if (n)
                take_entries(w, t, bytes, n);
        else
                w->n_made[0] = 0;
        return 0;
}

/* A checkpoint may claim any size: what has no tiles is not looked for to its end. */
static int take_tiles(struct whole_run *w, struct source *s, struct err *reterr)
{
        enum { MISSING_MAX = 1000 };
        struct plan p = { .size = w->size };
        struct tile t;
        int64_t done = 0, total = plan_tiles(w->size), missing = 0;
        while (missing < MISSING_MAX && plan_next(&p, &t)) {
                if (take_tile(w, s, t, &missing, reterr) < 0)
                        return -1;
                if (w->o->progress && (++done & 255) == 0)
                        w->o->progress(w->o->ctx, done, total);
        }
        return 0;
}

/* ---- the note ---- */

/* Lines of witnesses that the policy names; and with the log's own policy, lines that are nobody's: the log adds none but theirs. */
static void check_lines(struct whole_run *w, const struct policy *p, const struct note *n)
{
        int64_t at;
        size_t n_witnesses;
        const struct policy_witness *list = policy_witnesses(p, &n_witnesses);
        for (size_t i = 0; i < n->n_lines; i++) {
                bool known = note_line_of(&n->lines[i], &w->o->key) || str_eq(n->lines[i].name, w->o->key.name);
                for (size_t k = 0; k < n_witnesses && !known; k++)
                        known = note_line_of(&n->lines[i], &list[k].vkey);
                if (!known && !w->o->policy)
                        fault(w, "checkpoint", "the line of %.*s is of no key that the log's policy names", STR_ARG(n->lines[i].name));
        }
        for (size_t k = 0; k < n_witnesses; k++) {
                int rc = cosigned(n, &list[k].vkey, &at);
                w->ret->cosigned += rc == 1;
                if (rc < 0)
                        fault(w, "checkpoint", "the cosignature of %.*s does not hold", STR_ARG(list[k].vkey.name));
        }
}

static int check_note(struct whole_run *w, struct arena *a, struct str note, struct str own_policy, struct checkpoint *ret, struct err *reterr)
{
        struct signed_checkpoint c;
        struct note n;
        struct policy_seen seen;
        struct policy *own = NULL;
        struct err e = { 0 };
        if (note_read(a, note, &n, reterr) < 0 || checkpoint_read(n.text, ret, reterr) < 0) {
                fault(w, "checkpoint", "it is no checkpoint: %s", reterr->detail);
                return -1;
        }
        if (checkpoint_open(a, note, &w->o->key, &c, &e) < 0)
                fault(w, "checkpoint", "%s", e.detail);
        if (own_policy.n && !w->o->policy)
                (void)policy_read(a, own_policy, &own, NULL);
        if (own || w->o->policy)
                check_lines(w, own ? own : w->o->policy, &n);
        e = (struct err){ 0 };
        if (w->o->policy && policy_open(a, w->o->policy, note, &seen, &e) < 0 && !w->ret->faults)
                fault(w, "checkpoint", "%s", e.detail);
        return 0;
}

int64_t whole_verify(struct arena *a, struct source *s, const struct whole_options *o, struct whole *ret, struct err *reterr)
{
        struct str note, policy = STR_NONE;
        struct checkpoint c;
        struct whole_run *w = arena_alloc(a, sizeof *w);
        *ret = (struct whole){ 0 };
        w->o = o;
        w->ret = ret;
        if (s->note(s, a, &note, &policy, reterr) < 0)
                return -1;
        if (check_note(w, a, note, policy, &c, reterr) < 0)
                return ret->faults;
        ret->origin = c.origin;
        ret->size = w->size = w->edge.size = c.size;
        if (s->begin(s, c.size, reterr) < 0 || take_tiles(w, s, reterr) < 0)
                return -1;
        struct hash root = frontier_root(&w->edge);
        if (memcmp(&root, &c.root, sizeof root) != 0)
                fault(w, "checkpoint", "its root is not that of the tree of %lld leaves below it", (long long)c.size);
        return ret->faults;
}
