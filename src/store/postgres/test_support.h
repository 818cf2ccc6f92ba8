#ifndef SUYUAN_STORE_POSTGRES_TEST_SUPPORT_H
#define SUYUAN_STORE_POSTGRES_TEST_SUPPORT_H

#include <stdbool.h>
#include <stdint.h>

/* For tests that run against both engines: with SUYUAN_TEST_DATABASE (set by tests/support/pg_cluster.py) they use that server. */

/* The address of a fresh, empty place on the server (a schema of its own); false when there is no server to test with. */
bool fresh_server_database(char ret[512]);
/* SQL behind the store's back: the first column of the first row as an integer (0 when there is none), -1 when it fails. */
int64_t raw_server_sql(const char *url, const char *sql);

#endif
