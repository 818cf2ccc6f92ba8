#include "base/clock.h"
#include "base/text.h"
#include "daybook/daybook_impl.h"
#include "store/sql_names.h"

/* What an act needs to know of the farm to become an event, and whether it is recorded already. */

struct finding_out { struct daybook *d; struct arena *a; int64_t org; struct act_form *form; struct act_surroundings *s; struct faults *faults; struct err *err; };

static int body_of(const struct finding_out *x, const struct thing *t, const struct json **ret)
{
        return json_read(x->a, t->body.p, t->body.n, NULL, ret, x->err);
}

static int find_season(struct finding_out *x)
{
        struct act_form *form = x->form;
        struct thing t;
        int rc = 1;
        if (!form->season.n)
                rc = daybook_open_season(x->d, x->a, x->org, form->place, form->at.us, &form->season, x->err);
        if (rc == 0)
                faults_tell(x->a, x->faults, CODE_UNKNOWN_THING, STR("/plot"), "no season was open on this plot at that time");
        if (rc == 1 && (rc = daybook_thing(x->d, x->a, x->org, THING_SEASON, form->season, &t, x->err)) == 0)
                faults_tell(x->a, x->faults, CODE_UNKNOWN_THING, STR("/season"), "there is no season %.*s/%.*s; open it with POST /api/seasons", STR_ARG(form->org), STR_ARG(form->season));
        const struct json *body;
        if (rc != 1 || (rc = body_of(x, &t, &body)) < 0)
                return rc < 0 ? -1 : 0;
        struct thing crop;
        struct str name = json_str(body, "crop");
        x->s->variety = json_str(body, "variety");
        if (!form->place.n)
                form->place = json_str(body, "plot");
        if (form->act == ACT_HARVEST && !form->product.n && json_str(body, "product").n) {
                struct str *one = arena_array(x->a, struct str, form->n_products + 1);
                for (size_t i = 0; i < form->n_products; i++)
                        one[i] = form->products[i];
                one[form->n_products++] = form->product = json_str(body, "product");
                form->products = one;
        }
        const struct json *known = NULL;
        rc = name.n ? daybook_thing(x->d, x->a, x->org, THING_CROP, name, &crop, x->err) : 0;
        if (rc < 0 || (rc == 1 && body_of(x, &crop, &known) < 0))
                return -1;
        x->s->crop = known && json_str(known, "name").n ? json_str(known, "name") : name;
        return 0;
}

static int find_place(struct finding_out *x)
{
        struct thing t;
        struct str place = x->form->place;
        bool whole = place.n && (memchr(place.p, '/', place.n) || memchr(place.p, ':', place.n));
        int rc = place.n && !whole ? daybook_thing(x->d, x->a, x->org, THING_PLACE, place, &t, x->err) : 0;
        x->s->place = rc == 1 ? t.canonical : act_reference(x->a, "place", x->form->org, place, x->s->own);
        return rc < 0 ? -1 : 0;
}

/* Behind what the lots of a good are named. */
static struct str lots_of(struct arena *a, struct str canonical, struct str org)
{
        return canonical.n && canonical.p[0] != '/' ? arena_printf(a, "%.*s/10/", STR_ARG(canonical)) : arena_printf(a, "/lot/%.*s/", STR_ARG(org));
}

static struct str own_lot(const struct finding_out *x, struct str prefix)
{
        const struct act_form *form = x->form;
        struct civil day = civil_of(form->at.us, form->at.offset_min);
        struct str tail = form->event_id.n > 13 ? (struct str){ form->event_id.p + 9, 4 } : STR("0000");
        struct str head = prefix.p[0] == '/' ? form->product : STR("L");
        struct str code = arena_printf(x->a, "%.*s-%02d%02d%02d-%.*s", (int)(head.n > 60 ? 60 : head.n), head.p, day.year % 100, day.month, day.day, STR_ARG(tail));
        return act_lot(x->a, prefix, form->org, code, x->s->own);
}

static int find_lot(struct finding_out *x)
{
        const struct act_form *form = x->form;
        const struct input_facts *in = x->s->input;
        struct str good = in ? in->canonical : act_reference(x->a, "input", form->org, form->product, x->s->own), prefix = lots_of(x->a, good, form->org);
        struct civil day = civil_of(form->at.us, form->at.offset_min);
        if (form->lot.n)
                x->s->lot = act_lot(x->a, prefix, form->org, form->lot, x->s->own);
        else if (form->act == ACT_RECEIVE_INPUT)        /* a delivery is a lot: so it can be told from the next */
                x->s->lot = own_lot(x, prefix);
        else if (daybook_lot(x->d, x->a, x->org, good, arena_printf(x->a, "%04d-%02d-%02d", day.year, day.month, day.day), &x->s->lot, x->err) < 0)
                return -1;
        return 0;
}

static int find_input(struct finding_out *x)
{
        struct thing t;
        if (!act_uses_input(x->form->act) || !x->form->product.n)
                return 0;
        int rc = daybook_thing(x->d, x->a, x->org, THING_INPUT, x->form->product, &t, x->err);
        if (rc < 0 || (rc == 1 && body_of(x, &t, &x->s->input_body) < 0))
                return -1;
        if (rc == 1) {
                struct input_facts *in = arena_alloc(x->a, sizeof *in);
                input_read(x->a, t.code, t.canonical, x->s->input_body, in);
                x->s->input = in;
        }
        return find_lot(x);
}

static int find_goods(struct finding_out *x)
{
        const struct act_form *form = x->form;
        struct act_good *list = arena_array(x->a, struct act_good, form->n_products + 1);
        x->s->goods = list;
        for (size_t i = 0; i < form->n_products && !act_uses_input(form->act); i++) {
                struct thing t;
                struct str code = form->products[i];
                int rc = daybook_thing(x->d, x->a, x->org, THING_PRODUCT, code, &t, x->err);
                if (rc < 0)
                        return -1;
                struct act_good *g = &list[x->s->n_goods++];
                *g = (struct act_good){ .code = code, .canonical = rc == 1 ? t.canonical : act_reference(x->a, "product", form->org, code, x->s->own) };
                g->prefix = lots_of(x->a, g->canonical, form->org);
                if (rc == 1 && body_of(x, &t, &g->body) < 0)
                        return -1;
        }
        return 0;
}

/* The record that bears an eventID and is no declaration about one; 1, 0, -1. */
static int record_of(struct daybook *d, struct arena *a, int64_t org, struct str event_id, int64_t *ret_seq, struct str *ret_body, struct str *ret_context, struct err *reterr)
{
        enum { NAMESAKES = 64 };
        int64_t seqs[NAMESAKES];
        struct reader *r;
        if (reader_begin(d->store, &r, reterr) < 0)
                return -1;
        ssize_t n = reader_event_id(r, org, event_id, seqs, NAMESAKES, reterr);
        int rc = n < 0 ? -1 : 0;
        for (ssize_t i = 0; i < n && rc == 0; i++) {
                struct event_head head;
                int found = reader_event(r, a, org, seqs[i], &head, reterr);
                if (found < 0)
                        rc = -1;
                else if (found == 1 && !head.error_declaration)
                        rc = reader_body(r, a, org, *ret_seq = seqs[i], ret_body, ret_context, reterr) < 0 ? -1 : 1;
        }
        reader_end(r);
        return rc;
}

static int find_corrected(struct finding_out *x)
{
        int64_t seq;
        if (!x->form->corrects.n)
                return 0;
        int rc = record_of(x->d, x->a, x->org, x->form->corrects, &seq, &x->s->corrected, &x->s->corrected_context, x->err);
        if (rc == 0)
                faults_tell(x->a, x->faults, CODE_UNKNOWN_THING, STR("/corrects"), "no record here bears the eventID %.*s", (int)(x->form->corrects.n < 60 ? x->form->corrects.n : 60), x->form->corrects.p);
        return rc < 0 ? -1 : 0;
}

/* May this key sign for the organisation? */
static int check_key(struct finding_out *x)
{
        const struct db_row *row;
        struct reader *r;
        if (!x->form->signature)
                return 0;
        if (reader_begin(x->d->store, &r, x->err) < 0)
                return -1;
        int rc = db_one(reader_db(r), SQL_device_key_find, DB_ARGS(db_i(x->org), db_b(x->form->signature->key, sizeof x->form->signature->key)), &row, x->err);
        bool revoked = rc == 1 && db_int(row, 1);
        db_done(reader_db(r), SQL_device_key_find);
        reader_end(r);
        if (rc == 0)
                faults_tell(x->a, x->faults, CODE_SIGNING_KEY_UNKNOWN, STR("/signature"), "the key of this signature is not registered for the organisation; register it first (POST /api/device-keys)");
        if (revoked)
                faults_tell(x->a, x->faults, CODE_SIGNING_KEY_REVOKED, STR("/signature"), "the key of this signature was revoked; sign with another one");
        return rc < 0 ? -1 : 0;
}

int daybook_surroundings(struct daybook *d, struct arena *a, int64_t org, struct act_form *form, struct act_surroundings *ret, struct faults *f, struct err *reterr)
{
        struct finding_out x = { d, a, org, form, ret, f, reterr };
        *ret = (struct act_surroundings){ .own = store_origins(d->store), .now_us = clock_now_us() };
        ret->clock_grade = act_clock_grade(json_get(form->json, "clock"), form->at, ret->now_us);
        if (act_on_season(form->act) && find_season(&x) < 0)
                return -1;
        return find_place(&x) < 0 || find_input(&x) < 0 || find_goods(&x) < 0 || find_corrected(&x) < 0 || check_key(&x) < 0 ? -1 : 0;
}

int daybook_recorded(struct daybook *d, struct arena *a, int64_t org, const struct act_form *form, int64_t *ret_seq, struct err *reterr)
{
        struct str body, context;
        struct event e;
        struct hash h;
        int rc = record_of(d, a, org, form->event_id, ret_seq, &body, &context, reterr);
        if (rc != 1)
                return rc;
        if (event_reread(a, body, context, store_origins(d->store), &e, reterr) < 0)
                return -1;
        struct str said = json_text(event_extension(&e, e.json, SUYUAN_VOC "form")), head = STR("ni:///sha-256;");
        if (str_starts(said, head) && hex_read(str_from(said, head.n), &h, sizeof h) && memcmp(&h, &form->digest, sizeof h) == 0)
                return 1;
        err_set(reterr, ERR_CONFLICT, "another act was recorded under this id: give each act an id of its own, or correct that one (corrects)");
        return err_at(reterr, "/id");
}
