#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "proof/proof_impl.h"

/* What anybody may know of the log: the newest checkpoint with the lines that have come, figures, and why nothing is signed. */

/* A reader of the folder sees the old checkpoint or the new one.  Nothing rests upon this file, so it is not synced as file_replace would do a few times a second: after a
 * power cut the next start writes it again. */
static int put_checkpoint(struct proof *p, struct str bytes, struct err *reterr)
{
        char path[PATH_MAX], made[PATH_MAX];
        snprintf(path, sizeof path, "%.3950s/checkpoint", p->folder);
        snprintf(made, sizeof made, "%.3950s/.checkpoint.new", p->folder);
        int fd = p->io->open(made, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (fd < 0)
                return fileio_failed("creating", made, reterr);
        int rc = fileio_write(p->io, fd, bytes.p, bytes.n, 0) < 0 ? fileio_failed("writing", made, reterr) : 0;
        close(fd);
        return rc == 0 && p->io->rename(made, path) < 0 ? fileio_failed("naming", path, reterr) : rc;
}

static void write_checkpoint(struct proof *p)
{
        struct err e = { 0 };
        struct buf b = { .max = CHECKPOINT_BYTES_MAX };
        if (p->lock_fd < 0)
                return;
        pthread_mutex_lock(&p->mutex);
        buf_str(&b, buf_view(&p->note));
        buf_str(&b, buf_view(&p->lines));
        pthread_mutex_unlock(&p->mutex);
        if (put_checkpoint(p, buf_view(&b), &e) < 0)
                log_err(LOG_WARN, "log.publish", &e);
        buf_free(&b);
}

static void set(struct buf *b, struct str s)
{
        buf_clear(b);
        buf_str(b, s);
}

/* The file bears what is told over HTTP, and in the same order; who only asks does not wait for the disk. */
void publish(struct proof *p, const struct log_state *s, struct str lines, int64_t signed_us)
{
        pthread_mutex_lock(&p->publishing);
        pthread_mutex_lock(&p->mutex);
        p->size = s->size;
        p->root = s->root;
        p->signed_us = signed_us;
        if (p->leaves < s->size)
                p->leaves = s->size;
        set(&p->note, s->note);
        set(&p->lines, lines);
        if (lines.n)
                p->cosigned = s->size;
        pthread_mutex_unlock(&p->mutex);
        write_checkpoint(p);
        pthread_mutex_unlock(&p->publishing);
}

void publish_line(struct proof *p, int64_t size, struct str line)
{
        pthread_mutex_lock(&p->publishing);
        pthread_mutex_lock(&p->mutex);
        bool newest = size == p->size && !memmem(p->lines.p ? p->lines.p : "", p->lines.n, line.p, line.n);
        if (size > p->cosigned)
                p->cosigned = size;
        if (newest)
                buf_str(&p->lines, line);
        pthread_mutex_unlock(&p->mutex);
        if (newest)
                write_checkpoint(p);
        pthread_mutex_unlock(&p->publishing);
}

int64_t published_size(struct proof *p)
{
        pthread_mutex_lock(&p->mutex);
        int64_t size = p->size;
        pthread_mutex_unlock(&p->mutex);
        return size;
}

void publish_doubt(struct proof *p, const struct policy_witness *w, const char *why)
{
        pthread_mutex_lock(&p->mutex);
        bool news = why && p->doubted != w;
        if (why) {
                p->doubted = w;
                snprintf(p->doubt, sizeof p->doubt, "%s", why);
        } else if (p->doubted == w) {
                p->doubted = NULL;
                *p->doubt = '\0';
        }
        pthread_mutex_unlock(&p->mutex);
        if (news)
                log_line(LOG_ERROR, "log.doubt", "why=%s", log_quote(why, strlen(why)));
}

size_t told_keys(struct proof *p, struct vkey ret[KEYS_MAX])
{
        pthread_mutex_lock(&p->mutex);
        size_t n = 1;
        ret[0] = p->vkey;
        if (p->announced)
                ret[n++] = p->next.vkey;
        pthread_mutex_unlock(&p->mutex);
        return n;
}

int refuse(struct proof *p, struct err *reterr, const char *fmt, ...)
{
        char why[sizeof p->refusal];
        va_list args;
        va_start(args, fmt);
        vsnprintf(why, sizeof why, fmt, args);
        va_end(args);
        pthread_mutex_lock(&p->mutex);
        bool first = !*p->refusal;
        if (first)
                snprintf(p->refusal, sizeof p->refusal, "%s", why);
        pthread_mutex_unlock(&p->mutex);
        if (first)
                log_line(LOG_ERROR, "log.refused", "why=%s", log_quote(why, strlen(why)));
        return err_set(reterr, ERR_CONFLICT, "%s", why);
}

bool refused(struct proof *p)
{
        pthread_mutex_lock(&p->mutex);
        bool yes = *p->refusal;
        pthread_mutex_unlock(&p->mutex);
        return yes;
}

void proof_figures(struct proof *p, struct proof_figures *ret)
{
        size_t witnesses = 0;
        if (p->policy)
                policy_witnesses(p->policy, &witnesses);
        pthread_mutex_lock(&p->mutex);
        *ret = (struct proof_figures){ .leaves = p->leaves, .size = p->size < 0 ? 0 : p->size, .signed_ms = p->signed_us / 1000, .witnesses = (int64_t)witnesses,
                                       .cosigned = p->cosigned, .follows = p->follows };
        snprintf(ret->refusal, sizeof ret->refusal, "%s", *p->refusal ? p->refusal : p->trouble);
        snprintf(ret->doubt, sizeof ret->doubt, "%s", p->doubt);
        pthread_mutex_unlock(&p->mutex);
}

int proof_checkpoint(struct proof *p, struct arena *a, struct str *ret, struct err *reterr)
{
        struct buf b = { .max = CHECKPOINT_BYTES_MAX };
        pthread_mutex_lock(&p->mutex);
        buf_str(&b, buf_view(&p->note));
        buf_str(&b, buf_view(&p->lines));
        pthread_mutex_unlock(&p->mutex);
        *ret = arena_str(a, buf_view(&b));
        buf_free(&b);
        return ret->n ? 0 : err_set(reterr, ERR_NOT_FOUND, "nothing of this log is signed yet");
}

int proof_tile(struct proof *p, struct tile t, int *ret_fd, int64_t *ret_at, int64_t *ret_bytes, struct err *reterr)
{
        if (treefiles_slice(p->files, t, published_size(p), ret_fd, ret_at, ret_bytes))
                return 0;
        return err_set(reterr, ERR_NOT_FOUND, "the signed log has no such tile");
}

/* Which size is meant, and is it a published one? */
static int sized(struct proof *p, int64_t least, int64_t *size, struct err *reterr)
{
        int64_t most = published_size(p);
        if (*size <= 0)
                *size = most;
        if (*size > most || *size < least)
                return err_set(reterr, ERR_NOT_FOUND, "the signed log does not reach that far yet");
        return 0;
}

int proof_inclusion(struct proof *p, int64_t index, int64_t size, struct hash ret[PROOF_MAX], struct err *reterr)
{
        return index < 0 || sized(p, index + 1, &size, reterr) < 0 ? -1 : treefiles_inclusion(p->files, index, size, ret, reterr);
}

int proof_consistency(struct proof *p, int64_t old, int64_t size, struct hash ret[PROOF_MAX], struct err *reterr)
{
        if (old < 1)
                return err_set(reterr, ERR_BAD_INPUT, "nothing is proven from the empty log on");
        return sized(p, old, &size, reterr) < 0 ? -1 : treefiles_consistency(p->files, old, size, ret, reterr);
}

int proof_first_witnessed(struct proof *p, struct reader *r, struct arena *a, int64_t index, int64_t *ret_size, struct str *ret_note, struct err *reterr)
{
        struct str note;
        int64_t us;
        struct buf b = { .max = CHECKPOINT_BYTES_MAX };
        if (logstate_cosigned(p, r, index, ret_size, reterr) < 0)
                return -1;
        if (*ret_size < 0)
                return 0;
        int rc = logstate_checkpoint(p, r, a, *ret_size, &note, &us, reterr);
        if (rc == 1) {
                buf_str(&b, note);
                rc = logstate_lines(p, r, *ret_size, &b, reterr) < 0 ? -1 : 1;
                *ret_note = arena_str(a, buf_view(&b));
                buf_free(&b);
        }
        return rc;
}

struct str proof_origin(const struct proof *p)
{
        return p->origin;
}

struct seal_lists *proof_seal_lists(struct proof *p)
{
        return p->seal_lists;
}

struct vkey proof_vkey(struct proof *p)
{
        struct vkey keys[KEYS_MAX];
        told_keys(p, keys);
        return keys[0];
}

static void policy_line(struct buf *out, const struct vkey *k, const char *url)
{
        buf_z(out, "log ");
        vkey_write(out, k);
        if (*url)
                buf_printf(out, " %s", url);
        buf_char(out, '\n');
}

/* Of the operator's file, witnesses and groups: log and quorum are said by us, and his remarks are nobody else's. */
static bool is_told(struct str line)
{
        struct str s = str_trim(line);
        size_t n = 0;
        while (n < s.n && s.p[n] != ' ' && s.p[n] != '\t')
                n++;
        return str_is((struct str){ s.p, n }, "witness") || str_is((struct str){ s.p, n }, "group");
}

int proof_policy(struct proof *p, struct buf *out, struct err *reterr)
{
        char url[1024] = "";
        struct str rest = p->policy_text, line;
        const struct origins *o = store_origins(p->store);
        (void)reterr;
        if (o->n)
                snprintf(url, sizeof url, "%.*s/log", STR_ARG(o->list[0]));
        struct vkey keys[KEYS_MAX];
        for (size_t i = 0, n = told_keys(p, keys); i < n; i++)
                policy_line(out, &keys[i], url);
        if (p->sm2) {
                buf_z(out, "# also signed with SM2/SM3: ");
                vkey_write(out, &p->sm2->vkey);
                buf_char(out, '\n');
        }
        while (str_split(&rest, '\n', &line))
                if (is_told(line))
                        buf_printf(out, "%.*s\n", STR_ARG(line));
        buf_printf(out, "quorum %s\n", p->policy ? policy_quorum(p->policy) : "none");
        return 0;
}
