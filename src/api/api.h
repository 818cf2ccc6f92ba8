#ifndef SUYUAN_API_API_H
#define SUYUAN_API_API_H

#include "http/http.h"

/* The machine's doors: EPCIS capture and query, trace, health, metrics, what problems and own words mean.  A resource is one
 * file, api_<name>.c, and a line for each of its rows in routes.def.  Handlers are given a `struct service`. */
extern const struct route *const api_routes[];
extern const size_t api_n_routes;

#endif
