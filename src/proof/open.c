#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/oom.h"
#include "proof/proof_impl.h"

/* Opening and the end. */

enum { EVERY_US = 200000, PEM_BYTES_MAX = 64 * 1024 };

/* ---- who we are ---- */

/* "https://trace.example.cn" → "trace.example.cn/log" */
struct str log_origin(const struct store *s, struct arena *a, int64_t n)
{
        const struct origins *o = store_origins(s);
        struct str first = o->n ? o->list[0] : STR("localhost");
        const char *scheme = memmem(first.p, first.n, "://", 3);
        if (scheme)
                first = str_from(first, (size_t)(scheme - first.p) + 3);
        return n > 1 ? arena_printf(a, "%.*s/log/%lld", STR_ARG(first), (long long)n) : arena_printf(a, "%.*s/log", STR_ARG(first));
}

/* One process keeps a folder's files; where somebody else does already, we read. */
static int take_folder(struct proof *p, struct err *reterr)
{
        char path[PATH_MAX];
        snprintf(p->folder, sizeof p->folder, "%.3900s/log", store_dir(p->store));
        if (!p->ledger)
                return 0;
        if (fileio_folder(p->folder, 0750, reterr) < 0)
                return -1;
        snprintf(path, sizeof path, "%.3950s/lock", p->folder);
        p->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
        if (p->lock_fd < 0)
                return fileio_failed("opening", path, reterr);
        if (flock(p->lock_fd, LOCK_EX | LOCK_NB) < 0) {
                close(p->lock_fd);
                p->lock_fd = -1;
        }
        return 0;
}

/* ---- keys ---- */

bool vkey_is(const struct vkey *k, struct str text)
{
        struct buf b = { .max = 4096 };
        vkey_write(&b, k);
        bool same = str_eq(buf_view(&b), text);
        buf_free(&b);
        return same;
}

static int load_keys(struct proof *p, struct err *reterr)
{
        const char *dir = store_dir(p->store);
        int rc = key_load(p->arena, dir, KEY_FILE, p->passphrase, &p->key, reterr);
        p->has_key = rc == 1;
        return rc < 0 ? -1 : 0;
}

/* The key was changed and the process ended before the file had its new name. */
static int finish_rotation(struct proof *p, const struct log_state *s, struct err *reterr)
{
        struct key next;
        int rc = key_load(p->arena, store_dir(p->store), KEY_NEXT, p->passphrase, &next, reterr);
        if (rc < 1 || !vkey_is(&next.vkey, s->vkey))
                return rc < 0 ? -1 : 0;
        if (key_take_next(store_dir(p->store), reterr) < 0)
                return -1;
        p->key = next;
        p->has_key = true;
        return 0;
}

/* May this process sign?  On a database of several the others follow, and that is all right. */
static void judge_key(struct proof *p, const struct log_state *s)
{
        static const char encrypted[] = "the log's key is encrypted and no passphrase was given (SUYUAN_KEY_PASSPHRASE or --key-passphrase-file)";
        bool ours = p->has_key && vkey_is(&p->key.vkey, s->vkey);
        p->can_sign = ours && p->key.signer && p->ledger && p->lock_fd >= 0;
        if (!p->ledger || p->lock_fd < 0 || p->can_sign)
                return;
        if (ours && !store_shared(p->store))
                refuse(p, NULL, "%s", encrypted);
        else if (store_shared(p->store)) {
                p->follows = ours ? "keys/" KEY_FILE " is encrypted and no passphrase was given (SUYUAN_KEY_PASSPHRASE or --key-passphrase-file): others sign"
                           : p->has_key ? "keys/" KEY_FILE " is not the key of this log: others sign" : "keys/" KEY_FILE " is not here: others sign";
                log_line(LOG_INFO, "log.follows", "why=\"%s\"", p->follows);
        } else
                refuse(p, NULL, "keys/" KEY_FILE " is %s: put back the key of this log, or begin a new one (`suyuan log begin`)",
                       p->has_key ? "another key than the one of this log" : "missing");
}

static int open_keys(struct proof *p, const struct log_state *s, const char *sm2, struct err *reterr)
{
        if (load_keys(p, reterr) < 0)
                return -1;
        if (s->n && p->ledger && p->lock_fd >= 0 && !(p->has_key && vkey_is(&p->key.vkey, s->vkey)) && finish_rotation(p, s, reterr) < 0)
                return -1;
        if (s->n && vkey_read(p->arena, arena_str(p->arena, s->vkey), &p->vkey, reterr) < 0)
                return -1;
        if (!s->n && p->has_key)
                p->vkey = p->key.vkey;
        if (sm2 && *sm2) {
                struct str pem;
                if (file_read(p->arena, sm2, PEM_BYTES_MAX, &pem, reterr) < 0)
                        return -1;
                p->sm2 = signer_sm2(p->arena, p->origin, pem, reterr);
                if (!p->sm2)
                        return err_while(reterr, "reading %s", sm2);
        }
        judge_key(p, s);
        return 0;
}

/* The first process that opens a log gives it a name and a key. */
static int begin_log(struct proof *p, struct err *reterr)
{
        if (load_keys(p, reterr) < 0)
                return -1;
        if (!p->has_key && key_make(p->arena, store_dir(p->store), KEY_FILE, p->origin, p->passphrase, 0, &p->key, reterr) < 0)
                return -1;
        return logstate_add(p, 1, p->origin, &p->key.vkey, reterr);
}

/* ---- opening ---- */

static int load_state(struct proof *p, struct reader **r, struct log_state *s, struct err *reterr)
{
        if (reader_begin(p->store, r, reterr) < 0)
                return -1;
        int rc = logstate_load(p, *r, p->arena, s, reterr);
        if (rc == 0 && p->ledger && p->lock_fd >= 0) {
                reader_end(*r);
                *r = NULL;
                if (begin_log(p, reterr) < 0 || reader_begin(p->store, r, reterr) < 0)
                        return -1;
                rc = logstate_load(p, *r, p->arena, s, reterr);
        }
        if (rc == 1) {
                p->n = s->n;
                p->origin = s->origin;
        }
        return rc < 0 ? -1 : 0;
}

static int open_files(struct proof *p, struct reader *r, const struct log_state *s, const struct proof_options *o, struct err *reterr)
{
        char path[PATH_MAX];
        int64_t rows = reader_log_size(r, reterr);
        bool write = p->lock_fd >= 0;
        if (rows < 0 || treefiles_open(p->folder, write, p->io, &p->files, reterr) < 0)
                return -1;
        p->leaves = rows;
        if (!write)
                return s->n ? look_on(p, r, s, reterr) : 0;
        snprintf(path, sizeof path, "%.3950s/signed", p->folder);
        if (last_open(path, p->io, &p->last, reterr) < 0 || (o->copy && *o->copy && last_open(o->copy, p->io, &p->copy, reterr) < 0))
                return -1;
        if (o->rebuild && treefiles_recover(p->files, 0, reterr) < 0)
                return -1;
        if (recover(p, r, s, rows, reterr) < 0 || follow(p, r, s, reterr) < 0)
                return refused(p) ? 0 : -1;
        return 0;
}

static int open_all(struct proof *p, const struct proof_options *o, struct err *reterr)
{
        struct reader *r = NULL;
        struct log_state s = { 0 };
        if (take_folder(p, reterr) < 0)
                return -1;
        p->origin = log_origin(p->store, p->arena, 1);
        int rc = load_state(p, &r, &s, reterr) < 0 || open_keys(p, &s, o->sm2, reterr) < 0 || open_files(p, r, &s, o, reterr) < 0 ||
                 open_policy(p, o->policy, reterr) < 0 ? -1 : 0;
        reader_end(r);
        return rc;
}

int proof_open(struct store *s, struct ledger *l, const struct proof_options *o, struct proof **ret, struct err *reterr)
{
        struct proof *p = or_abort(calloc(1, sizeof *p));
        p->store = s;
        p->ledger = l;
        p->io = o->io ? o->io : &fileio_system;
        p->arena = arena_new();
        p->round = arena_new();
        p->seal_lists = seal_lists_new();
        p->passphrase = o->passphrase;
        p->every_us = o->every_ms ? o->every_ms * 1000 : EVERY_US;
        p->lock_fd = -1;
        p->size = p->edge_at = -1;
        p->note.max = p->lines.max = CHECKPOINT_BYTES_MAX;
        pthread_mutex_init(&p->turn, NULL);
        pthread_mutex_init(&p->publishing, NULL);
        pthread_mutex_init(&p->mutex, NULL);
        pthread_cond_init(&p->woken, NULL);
        store_holder(p->store, p->me, sizeof p->me);
        if (open_all(p, o, reterr) < 0) {
                proof_close(p);
                return -1;
        }
        if (o->follow) {
                start_asking(p);
                if (pthread_create(&p->thread, NULL, proof_run, p) != 0)
                        or_abort(NULL);
                pthread_setname_np(p->thread, "log");
                p->started = true;
        }
        *ret = p;
        return 0;
}

static void stop_thread(struct proof *p)
{
        struct err e = { 0 };
        if (!p->started)
                return;
        pthread_mutex_lock(&p->mutex);
        p->stop = true;
        pthread_cond_signal(&p->woken);
        pthread_mutex_unlock(&p->mutex);
        pthread_join(p->thread, NULL);
        if (!refused(p) && proof_advance(p, &e) < 0)
                log_err(LOG_WARN, "log.end", &e);
}

void proof_close(struct proof *p)
{
        if (!p)
                return;
        stop_thread(p);
        ask_stop(p->ask);
        if (p->ledger && p->n)
                logstate_release(p);
        if (p->files && p->lock_fd >= 0)
                (void)treefiles_sync(p->files, true, NULL);     /* else the next start reads some rows more */
        treefiles_close(p->files);
        last_close(p->last);
        last_close(p->copy);
        if (p->lock_fd >= 0)
                close(p->lock_fd);
        buf_free(&p->note);
        buf_free(&p->lines);
        pthread_mutex_destroy(&p->turn);
        pthread_mutex_destroy(&p->publishing);
        pthread_mutex_destroy(&p->mutex);
        pthread_cond_destroy(&p->woken);
        seal_lists_free(p->seal_lists);
        arena_free(p->round);
        arena_free(p->arena);
        free(p);
}
