#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "farm/regulation.h"

/* What a crop is among the crops and groups of the tables, from farm/crops.def. */

static const struct { const char *name, *categories, *others; } crops[] = {
#define CROP(name, categories, others) { name, categories, others },
#include "farm/crops.def"
#undef CROP
};
enum { N = sizeof crops / sizeof *crops, NAMES_MAX = 32 };

static bool word_in(const char *words, struct str s)
{
        struct str rest = str_of(words), one;
        while (str_split(&rest, ' ', &one))
                if (one.n && str_ieq(one, s))
                        return true;
        return false;
}

/* "番茄(大棚)", "枣（鲜）": the name before the bracket. */
static struct str bare(struct str s)
{
        static const char *const opening[] = { "(", "（" };
        for (size_t i = 0; i < 2; i++) {
                const char *p = s.n ? memmem(s.p, s.n, opening[i], strlen(opening[i])) : NULL;
                if (p && p > s.p)
                        s.n = (size_t)(p - s.p);
        }
        return str_trim(s);
}

static size_t find(struct str name)
{
        size_t i = 0;
        while (i < N && !str_ieq(str_of(crops[i].name), name) && !word_in(crops[i].others, name))
                i++;
        return i;
}

static void add(struct str *list, size_t *n, struct str one)
{
        for (size_t i = 0; i < *n; i++)
                if (str_eq(list[i], one))
                        return;
        assert(*n < NAMES_MAX);
        if (one.n)
                list[(*n)++] = one;
}

static void add_words(struct str *list, size_t *n, const char *words)
{
        struct str rest = str_of(words), one;
        while (str_split(&rest, ' ', &one))
                add(list, n, one);
}

size_t crop_categories(struct arena *a, struct str crop, const struct str **ret)
{
        struct str *list = arena_array(a, struct str, NAMES_MAX);
        struct str name = bare(crop);
        size_t n = 0, i = find(name);
        add(list, &n, crop);
        add(list, &n, name);
        if (i < N) {
                add(list, &n, str_of(crops[i].name));
                add_words(list, &n, crops[i].others);
                add_words(list, &n, crops[i].categories);
        }
        *ret = list;
        return n;
}
