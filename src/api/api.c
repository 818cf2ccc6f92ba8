#include "api/api.h"

#define ROUTE(symbol) extern const struct route symbol;
#include "api/routes.def"
#undef ROUTE

const struct route *const api_routes[] = {
#define ROUTE(symbol) &symbol,
#include "api/routes.def"
#undef ROUTE
};
const size_t api_n_routes = sizeof api_routes / sizeof *api_routes;
