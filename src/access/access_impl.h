#ifndef SUYUAN_ACCESS_ACCESS_IMPL_H
#define SUYUAN_ACCESS_ACCESS_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "access/access.h"
#include "access/credential.h"
#include "base/digest.h"
#include "ledger/ledger.h"
#include "store/db.h"
#include "store/shares.h"

/* Accounts live in memory: admission may not wait for a database.  A book is one state of them, read in one transaction and never changed but for its
 * "last seen" figures; a change makes a new one. */
struct book_org { int64_t id; struct str code, name, kind; int64_t district; bool published, disabled; int64_t n_parties; struct access_card card; };
struct book_account { int64_t id, org; struct str name; enum role role; const char *password; bool disabled; };
struct book_key {
        struct hash hash;
        int64_t id, org;
        enum role role;
        struct str scope, name, device;
        int64_t created_us, expires_us, revoked_us;
        _Atomic int64_t used_us;
};
struct book_login { struct hash hash; int64_t account, created_us, rotated_us, until_us; _Atomic int64_t seen_us; };

struct book {
        struct arena *arena;
        int64_t change;
        struct book_org *orgs;
        struct book_account *accounts;
        struct book_key *keys;          /* by hash */
        struct book_login *logins;      /* by hash */
        size_t n_orgs, n_accounts, n_keys, n_logins;
};
int book_load(struct db *db, struct book **ret, struct err *reterr);
void book_free(struct book *b);         /* NULL is fine */
void book_keep_seen(struct book *to, const struct book *from);
const struct book_org *book_org(const struct book *b, int64_t id);
const struct book_org *book_org_code(const struct book *b, struct str code);
bool book_org_disabled(const struct book *b, int64_t id);
const struct book_account *book_account(const struct book *b, int64_t id);
const struct book_account *book_account_name(const struct book *b, struct str name);
struct book_key *book_key(const struct book *b, const struct hash *h);
struct book_login *book_login(const struct book *b, const struct hash *h);

struct throttle;
struct refusals;
struct shares;
struct access {
        struct store *store;
        struct ledger *ledger;
        bool secure;                    /* our first origin is https */
        pthread_rwlock_t lock;          /* guards the pointer; held only to look and to swap */
        struct book *book;
        struct throttle *throttle;
        struct refusals *refusals;
        struct shares *shares;
        _Atomic int hashing;            /* passwords being hashed: each takes PASSWORD_MEMORY */
        pthread_t keeper;
        int64_t opened_us;
        pthread_mutex_t mutex;
        pthread_cond_t wake;
        bool stop;
        access_device *device;          /* who knows devices' secrets, or NULL */
        void *device_ctx;
};
/* A change of accounts with its audit row, in one transaction; then the new book. */
int access_act(struct access *x, ledger_change *act, void *ctx, struct err *reterr);

/* ---- password.c ---- */
enum { PASSWORD_BYTES = 128, PASSWORD_MEMORY = 32 << 20, PASSWORD_PASSES = 2, PASSWORDS_AT_ONCE = 2 };
int password_hash(struct access *x, struct arena *a, struct str password, const char **ret, struct err *reterr);
/* 1 right, 0 wrong, -1 too many at once.  NULL `hash`: the same work, always wrong. */
int password_right(struct access *x, struct arena *a, const char *hash, struct str password, struct err *reterr);

/* ---- throttle.c: back-off by name and by address; for any thread ---- */
struct throttle *throttle_new(void);
void throttle_free(struct throttle *t);
int throttle_wait(struct throttle *t, struct str name, struct str address);      /* seconds, 0: go on */
void throttle_failed(struct throttle *t, struct str name, struct str address);
void throttle_good(struct throttle *t, struct str name);

/* ---- audit.c ---- */
struct audit_row { int64_t org; struct str actor, address, act, target, outcome, detail, request; };
int audit_write(struct db *db, const struct audit_row *row, struct err *reterr);
struct refusals *refusals_new(void);
void refusals_free(struct refusals *r);
int refusals_flush(struct access *x, struct err *reterr);
/* Counted; written by refusals_flush.  Any thread. */
void refusal(struct access *x, const struct request *q, const struct route *route, int status);


/* ---- card.c ---- */
/* Holds what was sent against the rules and puts it beside what is there: all of it set afterwards; which members change comes in `ret_changes`, for
 * the trail.  -1: ERR_BAD_INPUT. */
int card_complete(struct arena *a, const struct access_card *sent, const struct access_card *there, struct access_card *ret, struct str *ret_changes, struct err *reterr);
int card_write(struct db *db, int64_t org, const struct access_card *card, struct err *reterr);
void card_tell(struct buf *b, const struct access_card *card);         /* ,"creditCode":"…" …: what is there */

/* ---- sharing.c ---- */
struct shares *shares_new(const struct access *x);
void shares_free(struct shares *s);     /* ends its thread; NULL is fine */
/* Within the change that registers: its job (store/shares.h), held by this process … */
int shares_register(struct access *x, struct db *db, int64_t org, struct str actor, struct share_job *ret, struct err *reterr);
/* … and then its first part; `patient`: all of it.  The rest, and what fails, is the sharing thread's. */
void shares_first(struct access *x, const struct share_job *job, bool patient);
/* Later, once, for each: what was recorded while this process did not know the organisation. */
int shares_look(struct access *x, const int64_t *orgs, size_t n, struct err *reterr);

#define SESSION_COOKIE "suyuan_session"
/* The permissions of a list of scopes; a word that is none comes in `ret_unknown`. */
unsigned access_scope_may(struct str scope, struct str *ret_unknown);

/* A request from a page of ours, and of no other site. */
bool access_same_origin(const struct request *q, bool strict);

#endif
