#include "merkle/tile.h"

#include <assert.h>

#include "base/text.h"

/* ---- names ---- */

enum { TILE_PATH_MAX = 64 };    /* "entries/" and seven groups with their width need less */

/* "x001/x234/067": three digits a group, all but the last with an x before it. */
static void number_path(struct buf *out, int64_t n)
{
        int64_t above = 1;

        while (n / above >= 1000)
                above *= 1000;
        for (; above > 1; above /= 1000)
                buf_printf(out, "x%03d/", (int)(n / above % 1000));
        buf_printf(out, "%03d", (int)(n % 1000));
}

static void path_in_tile(struct buf *out, struct tile t)
{
        assert(t.n >= 0 && t.width >= 1 && t.width <= TILE_HASHES);
        if (t.level == TILE_ENTRIES)
                buf_z(out, "entries/");
        else
                buf_printf(out, "%d/", t.level);
        number_path(out, t.n);
        if (t.width < TILE_HASHES)
                buf_printf(out, ".p/%d", t.width);
}

void tile_path(struct buf *out, struct tile t)
{
        buf_z(out, "tile/");
        path_in_tile(out, t);
}

static bool read_level(struct str s, int *ret)
{
        int64_t level;

        if (str_is(s, "entries"))
                *ret = TILE_ENTRIES;
        else if (number_read(s, &level) && level <= 63)
                *ret = (int)level;
        else
                return false;
        return true;
}

/* The digits of all groups together, whatever stands between: tile_read_path compares the spelling. */
static bool read_groups(struct str s, int64_t *ret)
{
        int64_t n = 0;

        for (size_t i = 0; i < s.n; i++) {
                if (s.p[i] == 'x' || s.p[i] == '/')
                        continue;
                if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, s.p[i] - '0', &n))
                        return false;
        }
        *ret = n;
        return true;
}

/* Takes ".p/W" off the end of *s; 256 where there is none. */
static bool read_width(struct str *s, int *ret)
{
        const char *at = s->n ? memmem(s->p, s->n, ".p/", 3) : NULL;
        int64_t width = TILE_HASHES;

        if (at) {
                size_t before = (size_t)(at - s->p);
                if (!number_read(str_from(*s, before + 3), &width) || width < 1 || width >= TILE_HASHES)
                        return false;
                s->n = before;
        }
        *ret = (int)width;
        return true;
}

/* What reads as a tile must also be how that tile is written: so no other spelling gets through. */
static bool is_spelt(struct str path, struct tile t)
{
        struct buf b = { .max = TILE_PATH_MAX };
        bool same;

        path_in_tile(&b, t);
        same = !b.overflow && str_eq(buf_view(&b), path);
        buf_free(&b);
        return same;
}

int tile_read_path(struct str path, struct tile *ret, struct err *reterr)
{
        struct str rest = path, level;
        struct tile t;

        if (path.n > TILE_PATH_MAX || !str_split(&rest, '/', &level) || !read_level(level, &t.level) || !read_width(&rest, &t.width) ||
            !read_groups(rest, &t.n) || !is_spelt(path, t))
                return err_set(reterr, ERR_BAD_INPUT, "'%.*s' names no tile: LEVEL/NUMBER or LEVEL/NUMBER.p/WIDTH is expected, as in 0/x001/234.p/5",
                               (int)(path.n < 80 ? path.n : 80), path.p ? path.p : "");
        *ret = t;
        return 0;
}

/* ---- sizes ---- */

int tile_width(int64_t size, int level, int64_t n)
{
        int64_t hashes = level == TILE_ENTRIES ? size : level >= 0 && level < TILE_LEVELS ? size >> (TILE_HEIGHT * level) : 0;

        if (n < 0 || hashes <= 0 || n > (hashes - 1) / TILE_HASHES)
                return 0;

        int64_t left = hashes - n * TILE_HASHES;
        return left < TILE_HASHES ? (int)left : TILE_HASHES;
}

/* ---- hashes out of tiles ---- */

/* The root over 2^levels hashes that stand beside each other. */
static struct hash fold(const uint8_t *p, int levels)
{
        struct hash left, right;

        if (levels == 0) {
                memcpy(left.b, p, sizeof left.b);
                return left;
        }
        left = fold(p, levels - 1);
        right = fold(p + (sizeof left.b << (levels - 1)), levels - 1);
        return tree_node(&left, &right);
}

int tiles_read(void *tiles, int level, int64_t index, struct hash *ret)
{
        const struct tiles *t = tiles;
        const uint8_t *bytes;

        if (level < 0 || level > 62 || index < 0 || index > TREE_MAX >> level)
                return -1;

        int above = level % TILE_HEIGHT;
        int64_t first = index << above;
        struct tile want = { .level = level / TILE_HEIGHT, .n = first / TILE_HASHES };
        int at = (int)(first % TILE_HASHES);

        want.width = tile_width(t->size, want.level, want.n);
        if (at + (1 << above) > want.width || t->fetch(t->ctx, want, &bytes) < 0)
                return -1;
        *ret = fold(bytes + (size_t)at * sizeof ret->b, above);
        return 0;
}

/* ---- entries ---- */

bool bundle_next(struct str *rest, struct str *ret_entry)
{
        const uint8_t *p = (const uint8_t *)rest->p;

        if (rest->n < 2)
                return false;

        size_t n = (size_t)p[0] << 8 | p[1];
        if (rest->n - 2 < n)
                return false;
        *ret_entry = (struct str){ rest->p + 2, n };
        *rest = (struct str){ rest->p + 2 + n, rest->n - 2 - n };
        return true;
}

void bundle_add(struct buf *out, struct str entry)
{
        assert(entry.n <= UINT16_MAX);
        buf_add(out, (char[]){ (char)(entry.n >> 8), (char)entry.n }, 2);
        buf_str(out, entry);
}
