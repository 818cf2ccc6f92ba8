#ifndef SUYUAN_STORE_SQLITE_TEST_SUPPORT_H
#define SUYUAN_STORE_SQLITE_TEST_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For tests: a disk that fails, and SQL behind the store's back. */

enum faulty { FAULTY_FULL, FAULTY_BROKEN };     /* as on a full disk; as on one that gives errors */

/* From now on the database files of this process go through a layer that can fail.  Call before opening any. */
void faulty_disk_install(void);
/* The n-th write or sync from now on fails (1: the next), and every one after it; 0 heals.  Readable at once by all threads. */
void faulty_disk_after(int64_t n, enum faulty how);
int64_t faulty_disk_calls(void);        /* writes and syncs so far */

/* Runs SQL on a file; the first column of the first row as an integer (0 when there is none), -1 when it fails. */
int64_t raw_sql(const char *path, const char *sql);
/* The schema as text, one object after the other by name, without comments and in single blanks; malloc'ed. */
char *raw_schema(const char *path);

#endif
