#include "base/json_names.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/oom.h"

__extension__ typedef unsigned __int128 wide;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint64_t key[3];

static void init(void)
{
        random_bytes(key, sizeof key);
}

static uint64_t fold(uint64_t a, uint64_t b)
{
        wide m = (wide)a * b;

        return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* Multiply and fold, eight bytes at a time, under a key drawn once a process. */
static uint64_t hash(struct str s)
{
        uint64_t h = key[0] ^ s.n, eight;

        for (; s.n >= sizeof eight; s = (struct str){ s.p + 8, s.n - 8 }) {
                memcpy(&eight, s.p, sizeof eight);
                h = fold(h ^ eight, key[1] | 1);
        }
        eight = 0;
        if (s.n)
                memcpy(&eight, s.p, s.n);
        return fold(fold(h ^ eight, key[1] | 1) ^ key[2], key[0] | 1);
}

void names_begin(struct names *s)
{
        s->cap = 0;
}

void names_free(struct names *s)
{
        free(s->slots);
}

/* The slot that holds `name`, or the free one where it belongs. */
static uint32_t *find(const struct names *s, const struct json_member *members, struct str name)
{
        uint32_t mask = s->cap - 1;
        uint32_t i = (uint32_t)hash(name) & mask;

        while (s->slots[i] && !str_eq(members[s->slots[i] - 1].name, name))
                i = (i + 1) & mask;
        return &s->slots[i];
}

/* Doubles the table and puts the first `n` members in.  Only what this object needs is cleared, or
 * one huge object would make every later one slow. */
static void grow(struct names *s, const struct json_member *members, uint32_t n)
{
        s->cap = s->cap ? s->cap * 2 : 4 * NAMES_FEW;
        if (s->cap > s->room) {
                free(s->slots);
                s->slots = or_abort(malloc(s->cap * sizeof *s->slots));
                s->room = s->cap;
        }
        memset(s->slots, 0, s->cap * sizeof *s->slots);
        for (uint32_t i = 0; i < n; i++)
                *find(s, members, members[i].name) = i + 1;
}

bool names_repeated(struct names *s, const struct json_member *members, uint32_t n)
{
        struct str name = members[n - 1].name;

        if (n <= NAMES_FEW) {
                for (uint32_t i = 0; i + 1 < n; i++)
                        if (str_eq(members[i].name, name))
                                return true;
                return false;
        }
        pthread_once(&once, init);
        if (n > s->cap / 2)
                grow(s, members, n - 1);
        uint32_t *slot = find(s, members, name);
        if (*slot)
                return true;
        *slot = n;
        return false;
}
