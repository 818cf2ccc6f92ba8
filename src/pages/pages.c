#include "pages/pages_impl.h"

/* One server a process, so its cache of rendered pages is the process's. */
static struct cache *the_cache;

struct cache *pages_cache(void)
{
        return the_cache;
}

int pages_start(const struct service *v, struct err *reterr)
{
        (void)reterr;
        photo_key_start();
        shell_start();
        the_cache = cache_new(v->store);
        return 0;
}

void pages_stop(void)
{
        cache_free(the_cache);
        the_cache = NULL;
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
