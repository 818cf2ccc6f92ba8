#include "pages/pages_impl.h"

/* One server a process, so what it keeps of pages and stories is the process's. */
static struct cache *the_cache;
static struct excerpts *the_excerpts;

struct cache *pages_cache(void)
{
        return the_cache;
}

struct excerpts *pages_excerpts(void)
{
        return the_excerpts;
}

int pages_start(const struct service *v, struct err *reterr)
{
        (void)reterr;
        photo_key_start();
        shell_start();
        verify_start();
        the_cache = cache_new(v->store);
        the_excerpts = excerpts_new();
        return 0;
}

void pages_stop(void)
{
        cache_free(the_cache);
        the_cache = NULL;
        excerpts_free(the_excerpts);
        the_excerpts = NULL;
        verify_stop();
}

#define PAGE(symbol) extern const struct route symbol;
#include "pages/pages.def"
#undef PAGE

const struct route *const pages_routes[] = {
#define PAGE(symbol) &symbol,
#include "pages/pages.def"
#undef PAGE
};
const size_t pages_n_routes = sizeof pages_routes / sizeof *pages_routes;
