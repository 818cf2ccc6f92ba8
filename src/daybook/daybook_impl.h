#ifndef SUYUAN_DAYBOOK_DAYBOOK_IMPL_H
#define SUYUAN_DAYBOOK_DAYBOOK_IMPL_H

#include <pthread.h>

#include "daybook/daybook.h"
#include "store/store_impl.h"

struct db;

/* One step of following an organisation: some records in the order of their numbers.  Read and prepared on the caller's thread, written in one change
 * on the writer's. */
struct followed_event {
        int64_t seq;
        struct str event_id;
        bool error_declaration, declared_wrong;
        struct event event;
        bool copy;              /* another organisation's record, of which this one was given a copy */
};
/* What could not be followed (farm_passed): the day goes on past it.  Numbers are stored. */
enum { PASSED_EVENT = 1, PASSED_MASTER, PASSED_JUDGING };
struct passed { int what; int64_t n; struct str name, why; };
struct followed_master { int64_t n, record_us; struct str canonical, type; const struct json *json; };
struct step {
        struct daybook *book;
        struct arena *arena;
        struct reader *reader;  /* while preparing; NULL in the change */
        int64_t org;
        int64_t seq, master;            /* followed before this step */
        int64_t seq_to, master_to;      /* and after it */
        int64_t seq_last, master_last;  /* no further than this */
        size_t max;                     /* so many records at most */
        bool making;                    /* for check: up to those last ones, whoever has things */
        const char *refuse;             /* the one record of this step (max 1) is passed over, for this reason; NULL */
        struct followed_event *events;
        size_t n_events, bytes;
        struct followed_master *masters;
        size_t n_masters;
        int64_t *again;         /* events before `seq` that are followed once more: then nothing else is */
        size_t n_again;
        struct passed *passed;
        size_t n_passed, cap_passed;
        struct str *due;        /* canonical names of seasons and lots to be judged anew */
        size_t n_due, cap_due;
};
/* May be said in either half; twice does no harm. */
void step_due(struct step *s, struct str subject);

/* The day goes on without this one.  While preparing. */
void step_pass(struct step *s, int64_t seq, const char *why);
/* One event with what following needs; 1, 0 there is none that could be read (`ret_why`), -1. */
int step_read_event(struct step *s, int64_t seq, struct followed_event *ret, const char **ret_why, struct err *reterr);

/* Who makes rows of a step, in the order of daybook.c's list.  `write` may be run again from the beginning (ledger_act). */
struct follower {
        int (*prepare)(struct step *s, void **ret, struct err *reterr);
        int (*write)(struct step *s, void *prepared, struct db *db, struct err *reterr);
};
extern const struct follower follow_things, follow_acts;

/* Says once, when it is durable, what was passed over. */
void passed_tell(const struct daybook *d, int64_t org, const struct passed *p);
int passed_write(struct db *db, int64_t org, const struct passed *p, struct err *reterr);

/* The reading of seasons and things on a connection that somebody holds: the same as daybook_season and daybook_thing. */
struct looking { struct db *db; const struct store *store; struct reader *reader; /* of the events; only where lots are looked at */ };
int season_look(const struct looking *l, struct arena *a, int64_t org, struct str code, struct season_facts *ret, struct err *reterr);
int thing_look(const struct looking *l, struct arena *a, int64_t org, enum thing_kind k, struct str code, struct thing *ret, struct err *reterr);

/* Judges what is due of an organisation and keeps the alarms.  How many subjects were judged, -1. */
int64_t judge_due(struct daybook *d, int64_t org, struct err *reterr);

/* ---- lots.c ---- */
int lot_facts_read(struct reader *r, struct arena *a, int64_t org, struct str lot, struct lot_facts *ret, struct err *reterr);

/* What judging keeps in memory (judge.c); may be NULL until it is wanted. */
struct judge;
void judge_free(struct judge *j);

enum { DAYBOOK_TURNS = 16 };
struct daybook {
        struct store *store;
        struct ledger *ledger;
        pthread_t thread;
        pthread_mutex_t turns[DAYBOOK_TURNS];   /* one step of an organisation at a time: by its number */
        pthread_mutex_t sleep;
        pthread_cond_t woken;
        _Atomic bool stop;
        _Atomic bool asked;     /* look, whether or not something was committed */
        bool trouble;
        pthread_mutex_t judge_mutex;
        struct judge *judge;
};

#endif
