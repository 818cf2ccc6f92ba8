#include "base/json.h"
#include "farm/act_impl.h"
#include "farm/fact_impl.h"

/* Facts as small JSON: what stands in season_act.facts.  Short names, since there is one row an act; what is not known is not written. */

static void name(struct buf *b, const char *n)
{
        buf_char(b, ',');       /* the act stands before all */
        json_write_name(b, n);
}

static void text(struct buf *b, const char *n, struct str s)
{
        if (!s.n)
                return;
        name(b, n);
        json_write_str(b, s);
}

static void put_decimal(struct buf *b, struct decimal d)
{
        char digits[40];
        for (; d.scale > 0 && d.mantissa % 10 == 0; d.scale--)
                d.mantissa /= 10;
        uint64_t m = d.mantissa < 0 ? -(uint64_t)d.mantissa : (uint64_t)d.mantissa;
        int n = 0;
        do {
                digits[n++] = (char)('0' + m % 10);
                m /= 10;
        } while (m || n <= d.scale);
        buf_z(b, d.mantissa < 0 ? "-" : "");
        while (n-- > 0) {
                buf_char(b, digits[n]);
                if (n == d.scale && n)
                        buf_char(b, '.');
        }
}

static void amounts(struct buf *b, const char *n, const struct fact_amount *list, size_t count)
{
        if (!count)
                return;
        name(b, n);
        buf_char(b, '[');
        for (size_t i = 0; i < count; i++) {
                buf_z(b, i ? ",[" : "[");
                json_write_str(b, list[i].lot);
                buf_char(b, ',');
                json_write_str(b, list[i].good);
                buf_char(b, ',');
                json_write_str(b, list[i].uom);
                if (list[i].stated) {
                        buf_char(b, ',');
                        put_decimal(b, list[i].quantity);
                }
                buf_char(b, ']');
        }
        buf_char(b, ']');
}

static void put_position(struct buf *b, const struct position *p)
{
        if (p->given)           /* of decimals, so they are finite */
                buf_printf(b, ",\"at\":[%.7f,%.7f,%.1f]", p->lat, p->lon, p->accuracy_m);
}

void fact_write(struct buf *b, const struct fact *f)
{
        buf_printf(b, "{\"act\":%d,\"day\":%d,\"off\":%d", f->act, f->day, f->offset_min);
        amounts(b, "in", f->in, f->n_in);
        amounts(b, "out", f->out, f->n_out);
        text(b, "input", f->input);
        text(b, "reg", f->registration);
        text(b, "target", f->target);
        for (size_t i = 0; i < f->n_ingredients; i++) {
                buf_z(b, i ? "," : ",\"ai\":[");
                json_write_str(b, f->ingredients[i]);
        }
        buf_z(b, f->n_ingredients ? "]" : "");
        if (f->interval_days >= 0)
                buf_printf(b, ",\"days\":%d", f->interval_days);
        if (f->dose_uom.n) {
                text(b, "doseUom", f->dose_uom);
                name(b, "dose");
                put_decimal(b, f->dose);
        }
        if (f->area_mu.mantissa) {
                name(b, "mu");
                put_decimal(b, f->area_mu);
        }
        put_position(b, &f->at);
        if (f->clock)
                text(b, "clock", str_of(f->clock));
        buf_z(b, f->has_photo ? ",\"photo\":true" : "");
        buf_z(b, f->wrong ? ",\"wrong\":true" : "");
        buf_char(b, '}');
}

/* ---- reading ---- */

static size_t read_amounts(struct arena *a, const struct json *v, struct fact_amount **ret)
{
        size_t n = json_is(v, JSON_ARRAY) ? v->n : 0;
        *ret = arena_array(a, struct fact_amount, n + 1);
        for (size_t i = 0; i < n; i++) {
                const struct json *x = &v->items[i];
                struct fact_amount *q = &(*ret)[i];
                if (!json_is(x, JSON_ARRAY) || x->n < 3)
                        continue;
                *q = (struct fact_amount){ .lot = json_text(&x->items[0]), .good = json_text(&x->items[1]), .uom = json_text(&x->items[2]) };
                q->stated = x->n > 3 && number_of(&x->items[3], &q->quantity);
        }
        return n;
}

static void read_ingredients(struct arena *a, const struct json *v, struct fact *f)
{
        size_t n = json_is(v, JSON_ARRAY) ? v->n : 0;
        struct str *list = arena_array(a, struct str, n + 1);
        for (size_t i = 0; i < n; i++)
                list[i] = json_text(&v->items[i]);
        f->ingredients = list;
        f->n_ingredients = n;
}

static void read_position(const struct json *v, struct position *p)
{
        struct decimal d[3];
        if (!json_is(v, JSON_ARRAY) || v->n != 3)
                return;
        for (uint32_t i = 0; i < 3; i++)
                if (!number_of(&v->items[i], &d[i]))
                        return;
        *p = (struct position){ decimal_double(d[0]), decimal_double(d[1]), decimal_double(d[2]), true };
}

int fact_read(struct arena *a, struct str facts, struct fact *ret, struct err *reterr)
{
        const struct json *j;
        *ret = (struct fact){ 0 };
        if (json_read(a, facts.p ? facts.p : "", facts.n, NULL, &j, reterr) < 0)
                return err_while(reterr, "reading the facts of a season's act");
        int64_t act = json_int(json_get(j, "act"), 0);
        ret->act = act > 0 && act < ACTS ? (enum act)act : ACT_OTHER;
        ret->day = (int)json_int(json_get(j, "day"), 0);
        ret->offset_min = (int16_t)json_int(json_get(j, "off"), 0);
        ret->n_in = read_amounts(a, json_get(j, "in"), &ret->in);
        ret->n_out = read_amounts(a, json_get(j, "out"), &ret->out);
        ret->input = json_str(j, "input");
        ret->registration = json_str(j, "reg");
        ret->target = json_str(j, "target");
        read_ingredients(a, json_get(j, "ai"), ret);
        ret->interval_days = (int)json_int(json_get(j, "days"), -1);
        ret->dose_uom = json_str(j, "doseUom");
        if (ret->dose_uom.n)
                number_of(json_get(j, "dose"), &ret->dose);
        number_of(json_get(j, "mu"), &ret->area_mu);
        read_position(json_get(j, "at"), &ret->at);
        ret->clock = fact_grade(json_str(j, "clock"));
        ret->has_photo = json_is(json_get(j, "photo"), JSON_TRUE);
        ret->wrong = json_is(json_get(j, "wrong"), JSON_TRUE);
        return 0;
}
