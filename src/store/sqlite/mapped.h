#ifndef SUYUAN_STORE_SQLITE_MAPPED_H
#define SUYUAN_STORE_SQLITE_MAPPED_H

/* The name of a VFS for connections that read: the system's own, but a mapping of the database file outlives commits of others.
 * SQLite gives it up at the first transaction after each, since the file may have become shorter; ours never does while a process has it
 * open.  Making it anew, page for page, was most of such a transaction's time: 1.5 ms where 0.1 would do. */
const char *mapped_vfs(void);

#endif
