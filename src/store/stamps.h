#ifndef SUYUAN_STORE_STAMPS_H
#define SUYUAN_STORE_STAMPS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Which commit last touched an item, for everybody in this process (store.h, change stamps).  Items share a mark by
 * hash.  One thread marks items, another marks all; any thread looks. */
#define STAMPS (64 * 1024)

struct stamps {
        _Atomic uint64_t now;
        _Atomic uint64_t master;
        _Atomic uint64_t all;           /* the last change by another process: who knows of what */
        _Atomic bool blind;             /* we cannot hear of such changes: nothing is fresh */
        _Atomic uint64_t marks[STAMPS];
};

/* Marks first, then publishes the number: who reads `now` before taking a snapshot can miss nothing. */
uint64_t stamps_next(const struct stamps *s);
void stamps_mark(struct stamps *s, uint64_t number, int64_t org, int64_t item);
void stamps_publish(struct stamps *s, uint64_t number);
void stamps_mark_all(struct stamps *s);
void stamps_blind(struct stamps *s, bool blind);
uint64_t stamps_master(const struct stamps *s);
uint64_t stamps_of(const struct stamps *s, int64_t org, int64_t item);

#endif
