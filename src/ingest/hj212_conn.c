#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ingest/door_hj212_impl.h"

/* One connection's frames: who speaks, what of it counts, what is answered and when.  A frame that cannot be taken now stays where it is and the connection is not read
 * for a moment: so whoever floods fills only its own line. */
enum outcome { DONE, HOLD };
enum { FRESH_US = 100 * 1000, FRESH_MOST_US = 5 * 1000 * 1000, FULL_US = 50 * 1000, THROTTLED_US = 1000 * 1000 };

static enum outcome hold(struct conn *x, int64_t now_us, int64_t for_us)
{
        x->hold_us = now_us + for_us;
        x->door->held = true;
        return HOLD;
}

static enum outcome refuse(struct conn *x, enum notice what, struct str device, struct str detail, struct str raw)
{
        collector_notice(x->door->c, what, device, str_of(x->from), detail, raw);
        x->closing |= x->refusals >= LIMIT_HJ212_REFUSALS || x->bad_frames >= LIMIT_HJ212_BAD_FRAMES;
        return DONE;
}

static enum outcome bad_frame(struct conn *x, const char *why, struct str raw)
{
        x->bad_frames++;
        return refuse(x, NOTICE_BAD_FRAME, str_of(x->known ? x->id : ""), str_of(why), raw);
}

static void good_frame(struct conn *x)
{
        x->refusals = x->bad_frames = 0;
}

static void answer_now(struct conn *x, const struct hj212 *h, int cn, const char *cp)
{
        struct buf b = { .max = 1024 };

        if (h->flag & FLAG_ANSWER)
                hj212_answer(&b, h, cn, cp);
        conn_send(x, buf_view(&b));
        buf_free(&b);
}

/* ---- who speaks ---- */
static void remember(char *to, size_t room, struct str s)
{
        size_t n = s.n < room ? s.n : 0;        /* what does not fit is hashed each time */
        memcpy(to, n ? s.p : "", n);
        to[n] = 0;
}

static bool is_remembered(const struct conn *x, const struct known_device *d, const struct hj212 *h)
{
        return x->mn[0] && str_is(h->mn, x->mn) && str_is(h->pw, x->pw) && str_is(d->secret, x->secret) && str_is(d->id, x->id);
}

static void now_known(struct conn *x, const struct known_device *d, const struct hj212 *h)
{
        bool same = str_is(d->id, x->id);

        remember(x->mn, sizeof x->mn, h->mn);
        remember(x->pw, sizeof x->pw, h->pw);
        remember(x->secret, sizeof x->secret, d->secret);
        remember(x->id, sizeof x->id, d->id);
        if (!x->known || !same)
                collector_notice(x->door->c, NOTICE_CONNECTED, d->id, str_of(x->from), STR_NONE, STR_NONE);
        x->known = true;
}

/* Whoever guesses is slowed down: the address, for this device alone. */
static struct tries *tries_of(struct conn *x, const struct known_device *d)
{
        struct hash k = sha256_2(x->from, strrchr(x->from, ':') ? (size_t)(strrchr(x->from, ':') - x->from) : strlen(x->from), d->id.p, d->id.n);
        uint64_t key;

        memcpy(&key, k.b, sizeof key);
        struct tries *t = &x->door->tries[key % HJ212_TRIES];
        if (t->key != key)
                *t = (struct tries){ .key = key };
        return t;
}

static bool secret_is(struct conn *x, const struct known_device *d, struct str secret, int64_t now_us, bool counts)
{
        struct tries *t = tries_of(x, d);

        if (now_us < t->until_us)
                return false;
        if (device_secret_is(d, secret)) {
                *t = (struct tries){ 0 };
                return true;
        }
        int over = (t->n += counts) - LIMIT_HJ212_FREE_TRIES;
        if (counts && over > 0)
                t->until_us = now_us + (INT64_C(1000000) << (over < 9 ? over - 1 : 8));
        return false;
}

static bool may_speak(struct conn *x, const struct known_device *d, const struct hj212 *h, int64_t now_us, bool counts)
{
        if (!d || d->revoked || !str_is(d->protocol, "hj212"))
                return false;
        if (is_remembered(x, d, h))
                return true;
        if (!h->pw.n || !secret_is(x, d, h->pw, now_us, counts))
                return false;
        now_known(x, d, h);
        return true;
}

/* Who is not known is looked up once more in a list that is newer than its frame: a device registered a moment ago is not turned away. */
static enum outcome look_up(struct conn *x, const struct hj212 *h, int64_t now_us, const struct device_list **ret_list, const struct known_device **ret)
{
        *ret_list = collector_devices(x->door->c);
        *ret = *ret_list ? device_by_mn(*ret_list, h->mn) : NULL;
        if (may_speak(x, *ret, h, now_us, false)) {
                x->unknown_us = 0;
                return DONE;
        }
        device_list_done(*ret_list);
        if (!x->unknown_us)
                x->unknown_us = now_us;
        *ret_list = collector_devices_since(x->door->c, x->unknown_us);
        if (!*ret_list && now_us - x->unknown_us < FRESH_MOST_US)
                return hold(x, now_us, FRESH_US);
        x->unknown_us = 0;
        *ret = *ret_list ? device_by_mn(*ret_list, h->mn) : NULL;
        return DONE;
}

/* The same answer whatever was wrong: a stranger does not learn which MN there are. */
static enum outcome turn_away(struct conn *x, const struct hj212 *h, const struct known_device *d)
{
        char detail[120];

        snprintf(detail, sizeof detail, "MN %.*s", STR_ARG(h->mn));
        if (d && d->revoked)
                snprintf(detail, sizeof detail, "revoked");
        answer_now(x, h, CN_REQUEST_ANSWER, "QnRtn=2");
        x->refusals++;
        return refuse(x, d ? NOTICE_WRONG_SECRET : NOTICE_UNKNOWN_DEVICE, d ? d->id : STR_NONE, str_of(detail), STR_NONE);
}

/* ---- what it says ---- */
static const struct mapping *mapping_of(struct conn *x, const struct known_device *d)
{
        if (x->described && str_eq(x->detail, d->detail))
                return x->mapping;
        if (!x->described)
                x->described = arena_new();
        arena_reset(x->described);
        x->detail = arena_str(x->described, d->detail);
        if (mapping_read(x->described, x->detail, &x->mapping, NULL) < 0)
                x->mapping = NULL;
        return x->mapping;
}

/* Names and numbers as ours; what can be no channel, or no longer fits, is left out and told. */
static size_t as_ours(const struct mapping *m, struct str id, struct reading *r, size_t n)
{
        size_t kept = 0;

        for (size_t i = 0; i < n; i++) {
                r[i].device = id;
                if (mapping_apply(m, &r[i]) && channel_name(r[i].channel))
                        r[kept++] = r[i];
        }
        return kept;
}

static bool give(struct conn *x, const struct hj212 *h, const struct reading *r, size_t n, bool keep)
{
        struct buf b = { .max = 1024 }, no = { .max = 1024 };

        if (h->flag & FLAG_ANSWER) {
                hj212_answer(&b, h, CN_DATA_ANSWER, "");
                hj212_answer(&no, h, CN_REQUEST_ANSWER, "QnRtn=2");
        }
        struct hand *hand = hand_new(x->door->inbox, buf_view(&b), buf_view(&no));
        buf_free(&b);
        buf_free(&no);
        hand->slot = x->slot;
        hand->generation = x->generation;
        hand->keep = keep;
        x->waiting++;
        if (n == 0)
                inbox_tell(hand, TOLD_DURABLE); /* by the same way, so that answers keep their order */
        else if (!collector_give(x->door->c, r, n, inbox_tell, hand)) {
                x->waiting--;
                hand_back(hand);
                return false;
        }
        return true;
}

static enum outcome take_data(struct conn *x, struct hj212 *h, const struct known_device *d, struct str raw, int64_t now_us)
{
        struct hj212_parts parts = x->parts;
        struct err e = { 0 };
        struct reading *r;
        size_t n, left_out;

        int keep = hj212_join(&parts, x->door->scratch, h, &e);
        if (keep < 0 || hj212_readings(x->door->scratch, h, &r, &n, &left_out, &e) < 0)
                return bad_frame(x, e.detail, raw);
        size_t kept = as_ours(mapping_of(x, d), d->id, r, n);
        if (x->waiting >= LIMIT_HJ212_WAITING)
                return hold(x, now_us, FULL_US);
        if (kept && !collector_allows(x->door->c, d, kept))
                return hold(x, now_us, THROTTLED_US);
        if (!give(x, h, r, kept, keep > 0))
                return hold(x, now_us, FULL_US);
        if (left_out || kept < n)
                collector_notice(x->door->c, NOTICE_BAD_FRAME, d->id, str_of(x->from), STR("values that are no numbers, or no channels, were left out"), raw);
        x->parts = parts;
        good_frame(x);
        return DONE;
}

static enum outcome take_other(struct conn *x, const struct hj212 *h)
{
        good_frame(x);
        if (h->cn == CN_TIME_WANTED) {
                struct buf b = { .max = 1024 };
                answer_now(x, h, CN_NOTICE_ANSWER, "");
                hj212_set_time(&b, h, clock_now_us() / 1000);
                conn_send(x, buf_view(&b));
                buf_free(&b);
        } else if (h->cn < CN_REQUEST_ANSWER || h->cn > CN_DATA_ANSWER) {
                answer_now(x, h, CN_REQUEST_ANSWER, "QnRtn=8");         /* a command that we do not know */
        }
        return DONE;
}

static enum outcome take_frame(struct conn *x, const struct hj212_frame *f, int64_t now_us)
{
        const struct device_list *list;
        const struct known_device *d;
        struct err e = { 0 };
        struct hj212 h;

        if (hj212_read(f->data, &h, &e) < 0)
                return bad_frame(x, e.detail, f->raw);
        if (look_up(x, &h, now_us, &list, &d) == HOLD)
                return HOLD;
        enum outcome rc = !may_speak(x, d, &h, now_us, true) ? turn_away(x, &h, d) : hj212_is_data(h.cn) ? take_data(x, &h, d, f->raw, now_us) : take_other(x, &h);
        if (list)
                device_list_done(list);
        return rc;
}

/* Frames of this connection: so many at once, so many a second. */
static bool may_send(struct conn *x, int64_t now_us)
{
        x->tokens += (double)(now_us - x->tokens_us) * LIMIT_HJ212_FRAMES_PER_S / 1e6;
        x->tokens_us = now_us;
        if (x->tokens > LIMIT_HJ212_FRAMES_BURST)
                x->tokens = LIMIT_HJ212_FRAMES_BURST;
        if (x->tokens < 1)
                return false;
        return true;
}

static enum outcome take_found(struct conn *x, const struct hj212_frame *f, int64_t now_us)
{
        if (!may_send(x, now_us))
                return hold(x, now_us, 1000 * 1000 / LIMIT_HJ212_FRAMES_PER_S);
        arena_reset(x->door->scratch);
        enum outcome rc = f->found == HJ212_BAD ? bad_frame(x, f->why, f->raw) : take_frame(x, f, now_us);
        if (rc == DONE)
                x->tokens -= 1;
        return rc;
}

void conn_frames(struct conn *x, int64_t now_us)
{
        size_t at = 0;

        x->hold_us = 0;
        while (!x->closing && x->fd >= 0) {
                struct hj212_frame f;
                bool skipping = x->skipping;
                hj212_next((struct str){ x->in + at, x->in_n - at }, &skipping, &f);
                if (f.found != HJ212_MORE && take_found(x, &f, now_us) == HOLD)
                        break;
                x->skipping = skipping;
                at += f.used;
                if (f.found == HJ212_MORE && f.used == 0)
                        break;
        }
        memmove(x->in, x->in + at, x->in_n - at);
        x->in_n -= at;
}
