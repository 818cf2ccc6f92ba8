#ifndef SUYUAN_STORE_LOG_H
#define SUYUAN_STORE_LOG_H

#include "store/store.h"

/* Reading what the log is made of (docs/design/proof.md).  The ledger writes it. */
struct log_row { int64_t idx, org, ref, ms; uint8_t type; struct hash commitment; };
/* Leaves from `first` on, at most `max`; count, -1. */
ssize_t reader_log_rows(struct reader *r, int64_t first, struct log_row *ret, size_t max, struct err *reterr);
int64_t reader_log_size(struct reader *r, struct err *reterr);          /* how many leaves are stored; -1 */
/* 1 / 0 no leaf (erased salts stay: only sealed members are erased) / -1. */
struct log_opening { int64_t idx, ms; struct hash salt, hash; };
int reader_log_of(struct reader *r, int64_t org, uint8_t type, int64_t ref, struct log_opening *ret, struct err *reterr);
int reader_log_row(struct reader *r, int64_t idx, struct log_row *ret, struct err *reterr);     /* 1 / 0 / -1 */
/* A statement's subject and detail, in the arena: 1 / 0 / -1. */
int reader_log_statement(struct reader *r, struct arena *a, int64_t org, uint8_t type, int64_t n, struct str *ret_subject, struct str *ret_detail, struct err *reterr);
int64_t reader_log_newest(struct reader *r, int64_t org, uint8_t type, struct err *reterr);     /* the number of its newest statement, 0 none, -1 */
/* The statements of a type about a subject, newest first; count, -1. */
ssize_t reader_log_about(struct reader *r, struct arena *a, int64_t org, uint8_t type, struct str subject, int64_t *ret_ns, size_t max, struct err *reterr);

#endif
