#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "ingest/decoder.h"
#include "ingest/hj212.h"

enum { ZONE_MIN = 8 * 60 };

/* ---- the frame's own members ---- */
static bool split_member(struct str token, struct str *ret_name, struct str *ret_value)
{
        struct str rest = token;

        if (!str_split(&rest, '=', ret_name) || !rest.p)
                return false;
        *ret_name = str_trim(*ret_name);
        *ret_value = str_trim(rest);
        return true;
}

static bool small_number(struct str s, int most, int *ret)
{
        int64_t n;
        while (s.n > 1 && s.p[0] == '0')
                s = str_from(s, 1);
        if (!number_read(s, &n) || n > most)
                return false;
        *ret = (int)n;
        return true;
}

static bool set_text(struct str *to, struct str value)
{
        bool first = to->p == NULL;

        *to = value;
        return first && value.n <= 64;
}

static bool set_number(int *to, struct str value, int most)
{
        return *to == 0 && small_number(value, most, to);
}

static bool read_member(struct hj212 *h, struct str name, struct str value)
{
        if (str_is(name, "QN"))
                return set_text(&h->qn, value);
        if (str_is(name, "ST"))
                return set_text(&h->st, value);
        if (str_is(name, "PW"))
                return set_text(&h->pw, value);
        if (str_is(name, "MN"))
                return set_text(&h->mn, value);
        if (str_is(name, "CN"))
                return set_number(&h->cn, value, 9999);
        if (str_ieq(name, STR("Flag")))
                return set_number(&h->flag, value, 255);
        if (str_is(name, "PNUM"))
                return value.n == 0 || set_number(&h->pnum, value, 9999);
        if (str_is(name, "PNO"))
                return value.n == 0 || set_number(&h->pno, value, 9999);
        return true;
}

/* What stands between CP=&& and &&; devices that write one & are understood. */
static void read_cp(struct hj212 *h, struct str s)
{
        s = str_trim(s);
        for (int i = 0; i < 2 && s.n && s.p[0] == '&'; i++)
                s = str_from(s, 1);
        h->open = !(s.n && s.p[s.n - 1] == '&');
        for (int i = 0; i < 2 && s.n && s.p[s.n - 1] == '&'; i++)
                s.n--;
        h->cp = s;
}

static bool printable(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if ((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t')
                        return false;
        return true;
}

static void find_data_time(struct hj212 *h)
{
        struct str group, token, name, value;

        for (struct str rest = h->cp; str_split(&rest, ';', &group);)
                while (str_split(&group, ',', &token))
                        if (split_member(token, &name, &value) && str_is(name, "DataTime") && !hj212_time(value, &h->data_ms))
                                h->data_ms = -1;
}

int hj212_read(struct str data, struct hj212 *ret, struct err *reterr)
{
        struct str rest = data, token, name, value;

        *ret = (struct hj212){ .open = true };
        if (!printable(data))
                return err_set(reterr, ERR_BAD_INPUT, "control characters stand in the data");
        for (struct str here = rest; str_split(&rest, ';', &token); here = rest) {
                if (str_starts(str_trim(token), STR("CP="))) {
                        read_cp(ret, str_from(str_trim(here), 3));
                        break;
                }
                if (split_member(token, &name, &value) && !read_member(ret, name, value))
                        return err_set(reterr, ERR_BAD_INPUT, "%.*s stands there twice, or is no such thing", (int)(name.n < 40 ? name.n : 40), name.p);
        }
        if (!ret->cn || !ret->mn.n)
                return err_set(reterr, ERR_BAD_INPUT, "the frame names no %s", ret->cn ? "MN" : "CN");
        find_data_time(ret);
        return 0;
}

/* ---- times ---- */
bool hj212_time(struct str s, int64_t *ret_ms)
{
        char text[40];
        struct stamp t;

        if (s.n != 14 && s.n != 17)
                return false;
        for (size_t i = 0; i < s.n; i++)
                if (s.p[i] < '0' || s.p[i] > '9')
                        return false;
        snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s.%.*sZ", s.p, s.p + 4, s.p + 6, s.p + 8, s.p + 10, s.p + 12, s.n == 17 ? 3 : 1, s.n == 17 ? s.p + 14 : "0");
        if (!stamp_read(str_of(text), &t))
                return false;
        *ret_ms = t.us / 1000 - (int64_t)ZONE_MIN * 60000;
        return moment_fine(*ret_ms);
}

/* ---- parts ---- */
static bool same_message(const struct hj212_parts *p, const struct hj212 *h)
{
        return p->next && p->cn == h->cn && p->pnum == h->pnum && str_is(h->mn, p->mn);
}

static int no_sense(const struct hj212 *h, struct err *reterr)
{
        return err_set(reterr, ERR_BAD_INPUT, "part %d of %d makes no sense without the one before", h->pno, h->pnum);
}

static int begin_parts(struct hj212_parts *p, const struct hj212 *h, struct err *reterr)
{
        if (h->pno < 1 || h->pno > h->pnum || h->pnum > LIMIT_HJ212_PARTS || h->mn.n >= sizeof p->mn)
                return err_set(reterr, ERR_BAD_INPUT, "PNO %d of PNUM %d: out of range", h->pno, h->pnum);
        if (same_message(p, h) && h->pno != 1)
                return 0;
        if (h->pno != 1 && h->data_ms <= 0)
                return no_sense(h, reterr);
        *p = (struct hj212_parts){ .cn = h->cn, .pnum = h->pnum, .next = h->pno };
        memcpy(p->mn, h->mn.p, h->mn.n);
        return 0;
}

/* Keeps what stands behind the last semicolon.  1: there is something. */
static int keep_tail(struct hj212_parts *p, struct hj212 *h, struct err *reterr)
{
        size_t cut = h->cp.n;

        while (cut && h->cp.p[cut - 1] != ';')
                cut--;
        p->tail_n = h->cp.n - cut;
        if (p->tail_n > sizeof p->tail)
                return err_set(reterr, ERR_BAD_INPUT, "what part %d cuts is too long", h->pno);
        memcpy(p->tail, h->cp.p ? h->cp.p + cut : "", p->tail_n);
        p->cut = p->cut || p->tail_n;
        h->cp.n = cut;
        return p->tail_n > 0;
}

static void put_before(struct hj212_parts *p, struct arena *a, struct hj212 *h)
{
        if (p->tail_n)
                h->cp = arena_printf(a, "%.*s%.*s", (int)p->tail_n, p->tail, (int)h->cp.n, h->cp.p ? h->cp.p : "");
        p->tail_n = 0;
}

int hj212_join(struct hj212_parts *p, struct arena *a, struct hj212 *h, struct err *reterr)
{
        if (h->pnum <= 1)
                return 0;
        if (begin_parts(p, h, reterr) < 0)
                return -1;
        if (h->pno == p->next)
                put_before(p, a, h);
        else if (p->cut)
                return no_sense(h, reterr);
        p->next = h->pno + 1;
        if (h->data_ms == 0)
                h->data_ms = p->data_ms;
        p->data_ms = h->data_ms;
        return h->open && h->pno < h->pnum ? keep_tail(p, h, reterr) : 0;
}

/* ---- values ---- */
struct member { struct str factor, field, value; };
struct members { struct member list[LIMIT_HJ212_VALUES]; size_t n; struct str flag; };

static const struct field { const char *said, *ours; } fields[] = {
#define FIELD(said, ours) { #said, #ours },
#include "ingest/hj212_fields.def"
#undef FIELD
};

static const struct field *field_of(struct str said)
{
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
                if (str_ieq(said, str_of(fields[i].said)))
                        return &fields[i];
        return NULL;
}

/* CODE-Field: the last hyphen counts, a code of one's own may have others. */
static bool split_factor(struct str name, struct member *ret)
{
        size_t at = name.n;

        while (at && name.p[at - 1] != '-')
                at--;
        if (at < 2)
                return false;
        ret->factor = str_trim((struct str){ name.p, at - 1 });
        ret->field = str_trim(str_from(name, at));
        return ret->factor.n && ret->field.n;
}

static int read_members(const struct hj212 *h, struct members *ret, struct err *reterr)
{
        struct str group, token, name, value;

        for (struct str rest = h->cp; str_split(&rest, ';', &group);)
                while (str_split(&group, ',', &token)) {
                        struct member m = { 0 };
                        if (!split_member(token, &name, &value))
                                continue;
                        if (str_is(name, "Flag"))
                                ret->flag = value;
                        if (!split_factor(name, &m))
                                continue;
                        if (ret->n == LIMIT_HJ212_VALUES)
                                return err_set(reterr, ERR_BAD_INPUT, "more than %d members in one frame", LIMIT_HJ212_VALUES);
                        m.value = value;
                        ret->list[ret->n++] = m;
                }
        return 0;
}

/* A member of the same factor; most stand near. */
static struct str beside(const struct members *all, struct str factor, const char *field)
{
        for (size_t i = 0; i < all->n; i++)
                if (str_is(all->list[i].field, field) && str_eq(all->list[i].factor, factor))
                        return all->list[i].value;
        return STR_NONE;
}

static uint8_t flag_of(struct str said)
{
        switch (said.n == 1 ? said.p[0] & ~0x20 : said.n ? '?' : 'N') {
        case 'N': return FLAG_NORMAL;
        case 'C': return FLAG_CALIBRATION;
        case 'M': return FLAG_MAINTENANCE;
        case 'T': return FLAG_OVER;
        case 'S': return FLAG_MANUAL;
        default: return FLAG_SUSPECT;
        }
}

static struct str channel_of(struct arena *a, int cn, struct str factor, const struct field *f)
{
        const char *period = cn == CN_MINUTE ? ".m" : cn == CN_HOUR ? ".h" : cn == CN_DAY ? ".d" : "";

        if (cn == CN_REAL_TIME && str_is(str_of(f->ours), "rtd"))
                return factor;
        return arena_printf(a, "%.*s%s.%s", STR_ARG(factor), period, f->ours);
}

static bool has_no_value(struct str s)
{
        return s.n == 0 || str_is(s, "-") || str_is(s, "--") || str_ieq(s, STR("null")) || str_ieq(s, STR("nan"));
}

static int moment_of(const struct hj212 *h, const struct members *all, const struct member *m, int64_t *ret, struct err *reterr)
{
        struct str sampled = beside(all, m->factor, "SampleTime");

        *ret = h->data_ms;
        if (sampled.n && !hj212_time(sampled, ret))
                return err_set(reterr, ERR_BAD_INPUT, "SampleTime of %.*s is no time of 14 digits", STR_ARG(m->factor));
        return *ret > 0 ? 0 : err_set(reterr, ERR_BAD_INPUT, "DataTime is missing, or no time of 14 digits");
}

/* 1: a reading; 0: none. */
static int reading_of(struct arena *a, const struct hj212 *h, const struct members *all, const struct member *m, struct reading *ret, size_t *left_out, struct err *reterr)
{
        const struct field *f = field_of(m->field);
        struct str flag = beside(all, m->factor, "Flag");

        if (!f || has_no_value(m->value))
                return 0;
        *ret = (struct reading){ .channel = channel_of(a, h->cn, m->factor, f), .flag = flag_of(flag.n ? flag : all->flag) };
        if (!decimal_of_text(m->value, &ret->value)) {
                ++*left_out;
                return 0;
        }
        return moment_of(h, all, m, &ret->t_ms, reterr) < 0 ? -1 : 1;
}

int hj212_readings(struct arena *a, const struct hj212 *h, struct reading **ret, size_t *ret_n, size_t *ret_left_out, struct err *reterr)
{
        struct members *all = arena_raw(a, sizeof *all);

        all->n = 0;
        all->flag = STR_NONE;
        *ret_n = *ret_left_out = 0;
        if (read_members(h, all, reterr) < 0)
                return -1;
        *ret = arena_array(a, struct reading, all->n + 1);
        for (size_t i = 0; i < all->n; i++) {
                int have = reading_of(a, h, all, &all->list[i], &(*ret)[*ret_n], ret_left_out, reterr);
                if (have < 0)
                        return -1;
                *ret_n += (size_t)have;
        }
        return 0;
}

bool hj212_is_data(int cn)
{
        return cn == CN_REAL_TIME || cn == CN_STATE || cn == CN_DAY || cn == CN_RUN_TIME || cn == CN_MINUTE || cn == CN_HOUR || cn == CN_STARTED;
}

/* ---- answers ---- */
static void head(struct buf *b, const struct hj212 *h, const char *st, int cn, int flag)
{
        if (h->qn.n)
                buf_printf(b, "QN=%.*s;", STR_ARG(h->qn));
        buf_printf(b, "ST=%s;CN=%d;PW=%.*s;MN=%.*s;Flag=%d;CP=&&", st, cn, (int)h->pw.n, h->pw.p ? h->pw.p : "", STR_ARG(h->mn), flag);
}

static void finish(struct buf *b, struct buf *data)
{
        buf_z(data, "&&");
        hj212_frame_write(b, buf_view(data));
        buf_free(data);
}

/* The version of 2005 names what is answered within CP. */
void hj212_answer(struct buf *b, const struct hj212 *h, int cn, const char *cp)
{
        struct buf data = { .max = 512 };
        bool elder = h->flag / FLAG_VERSION == 0 && h->qn.n;

        head(&data, h, "91", cn, h->flag & ~(FLAG_ANSWER | FLAG_PARTS));
        if (elder)
                buf_printf(&data, "QN=%.*s%s", STR_ARG(h->qn), *cp || cn == CN_DATA_ANSWER ? ";" : "");
        if (elder && cn == CN_DATA_ANSWER)
                buf_printf(&data, "CN=%d%s", h->cn, *cp ? ";" : "");
        buf_z(&data, cp);
        finish(b, &data);
}

void hj212_set_time(struct buf *b, const struct hj212 *h, int64_t now_ms)
{
        struct civil c = civil_of(now_ms * 1000, ZONE_MIN);
        struct buf data = { .max = 512 };
        char st[8], now[32];

        snprintf(st, sizeof st, "%.*s", (int)(h->st.n < 4 ? h->st.n : 4), h->st.n ? h->st.p : "22");
        snprintf(now, sizeof now, "%04d%02d%02d%02d%02d%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
        struct hj212 own = *h;
        char qn[40];
        snprintf(qn, sizeof qn, "%s%03d", now, (int)(now_ms % 1000));
        own.qn = str_of(qn);
        head(&data, &own, st, CN_SET_TIME, (h->flag & ~FLAG_PARTS) | FLAG_ANSWER);
        buf_printf(&data, "SystemTime=%s", now);
        finish(b, &data);
}
