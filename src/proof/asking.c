#include <stdio.h>

#include "base/file.h"
#include "base/log.h"
#include "proof/proof_impl.h"

/* Witnesses: who is asked, and what becomes of their answers.  All but the first runs on the ask's thread. */

int open_policy(struct proof *p, const char *path, struct err *reterr)
{
        char own[PATH_MAX];
        struct err e = { 0 };
        bool named = path && *path;
        snprintf(own, sizeof own, "%.3900s/policy", p->folder);
        if (file_read(p->arena, named ? path : own, POLICY_BYTES_MAX, &p->policy_text, &e) < 0) {
                if (reterr)
                        *reterr = e;
                return e.kind == ERR_NOT_FOUND && !named ? 0 : -1;
        }
        if (policy_read(p->arena, p->policy_text, &p->policy, reterr) < 0)
                return err_while(reterr, "reading %s", named ? path : own);
        return 0;
}

static int consistency(void *ctx, int64_t old, int64_t size, struct hash ret[PROOF_MAX], struct err *reterr)
{
        return proof_consistency(ctx, old, size, ret, reterr);
}

static void came(void *ctx, int64_t size, const struct policy_witness *w, struct str line, int64_t time_s)
{
        struct proof *p = ctx;
        struct err e = { 0 };
        if (logstate_cosign(p, size, w->vkey.name, line, time_s, &e) < 0)
                log_err(LOG_WARN, "log.cosign", &e);    /* it is asked again with the next checkpoint */
        else
                publish_line(p, size, line);
        publish_doubt(p, w, NULL);
}

static size_t keys(void *ctx, struct vkey ret[ASK_KEYS_MAX])
{
        return told_keys(ctx, ret);
}

static int64_t rows_of(struct proof *p)
{
        struct reader *r;
        if (reader_begin(p->store, &r, NULL) < 0)
                return -1;
        int64_t rows = reader_log_size(r, NULL);
        reader_end(r);
        return rows;
}

/* While another process signs, a witness may well have seen more than this one has published: then all leaves count, and the root where our files
 * reach that far.  What it shows bears our signature, so this is for good. */
static void ahead(void *ctx, const struct policy_witness *w, int64_t their_size, const struct hash *root)
{
        struct proof *p = ctx;
        struct hash ours;
        int64_t rows = rows_of(p);
        struct str name = { w->name.p, w->name.n < 100 ? w->name.n : 100 };
        if (rows >= 0 && their_size > rows)
                refuse(p, NULL, "witness %.*s has cosigned %lld leaves, the database holds %lld: it is an older copy.  " WHAT_TO_DO, STR_ARG(name), (long long)their_size, (long long)rows);
        else if (their_size <= published_size(p) && treefiles_root(p->files, their_size, &ours, NULL) == 0 && memcmp(ours.b, root->b, sizeof ours.b) != 0)
                refuse(p, NULL, "witness %.*s has cosigned another tree of %lld leaves than ours: the database was put back to an older copy and went on from there.  " WHAT_TO_DO,
                       STR_ARG(name), (long long)their_size);
}

/* A broken or hostile witness could say that too, and must not end our signing with a word.  If it is true, then it never cosigns what we sign now, and the quorum
 * of whoever checks is not reached; so an operator is told. */
static void claims(void *ctx, const struct policy_witness *w, int64_t their_size)
{
        struct proof *p = ctx;
        int64_t rows = rows_of(p);
        char why[DOUBT_BYTES];
        if (rows < 0 || their_size <= rows)
                return;
        snprintf(why, sizeof why, "witness %.*s says that it has cosigned %lld leaves, the database holds %lld, and it shows no checkpoint of ours to prove it.  If this database may be an older copy: end the "
                 "server and find out", (int)(w->name.n < 100 ? w->name.n : 100), w->name.p, (long long)their_size, (long long)rows);
        publish_doubt(p, w, why);
}

void start_asking(struct proof *p)
{
        size_t n = 0;
        const struct policy_witness *list = p->policy ? policy_witnesses(p->policy, &n) : NULL;
        struct ask_options o = { .witnesses = list, .n = n, .keys = keys, .consistency = consistency, .came = came, .ahead = ahead, .claims = claims, .ctx = p };
        if (n)
                p->ask = ask_start(&o);
}
