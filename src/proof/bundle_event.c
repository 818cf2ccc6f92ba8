#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "epcis/canonical.h"
#include "epcis/digest.h"
#include "epcis/read.h"
#include "proof/bundle_impl.h"

/* Is the event that somebody holds the one that a proof is about?  Both are compared in the canonical form; where the record has a seal, the
 * value itself is held against it when the file brings the record's salt, and else only that something stands there. */

struct comparing {
        struct arena *arena;
        const struct hash *salt;        /* NULL: seals are not opened */
        struct buf at;                  /* where we are */
        struct str wrong;               /* the first place that differs; .p NULL none */
};

static bool differs(struct comparing *c)
{
        if (!c->wrong.p)
                c->wrong = arena_str(c->arena, buf_view(&c->at));
        return false;
}

static bool opens(struct comparing *c, struct str hex, const struct json *value)
{
        struct hash sealed;
        struct str text = json_canonical(c->arena, value);
        if (!c->salt)
                return true;
        char *all = arena_raw(c->arena, c->at.n + text.n + 1);
        memcpy(all, c->at.p ? c->at.p : "", c->at.n);
        memcpy(all + c->at.n, text.p, text.n);
        struct hash real = hmac_sha256(c->salt->b, sizeof c->salt->b, all, c->at.n + text.n);
        return (hex_read(hex, sealed.b, sizeof sealed.b) && memcmp(&sealed, &real, sizeof real) == 0) || differs(c);
}

static bool same(struct comparing *c, const struct json *record, const struct json *held);

static bool same_member(struct comparing *c, struct str name, const struct json *record, const struct json *held)
{
        size_t n = c->at.n;
        json_pointer_add(&c->at, name);
        bool ok = record && held ? same(c, record, held) : differs(c);
        c->at.n = n;
        return ok;
}

static bool same_members(struct comparing *c, const struct json *record, const struct json *held)
{
        bool top = c->at.n == 0;
        for (uint32_t i = 0; i < record->n; i++)
                if (!same_member(c, record->members[i].name, &record->members[i].value, json_get_str(held, record->members[i].name)))
                        return false;
        for (uint32_t i = 0; i < held->n; i++) {
                struct str name = held->members[i].name;
                bool ours = top && str_is(name, "eventID");     /* the server gave it, and then it is not part of the record */
                if (!ours && !json_get_str(record, name))
                        return same_member(c, name, NULL, &held->members[i].value);
        }
        return true;
}

static bool same_items(struct comparing *c, const struct json *record, const struct json *held)
{
        size_t n = c->at.n;
        for (uint32_t i = 0; i < record->n || i < held->n; i++) {
                json_pointer_index(&c->at, i);
                if (i >= record->n || i >= held->n)
                        return differs(c);
                if (!same(c, &record->items[i], &held->items[i]))
                        return false;
                c->at.n = n;
        }
        return true;
}

static bool same(struct comparing *c, const struct json *record, const struct json *held)
{
        struct str sealed = record->n == 1 ? json_str(record, "sealed") : STR_NONE;
        if (sealed.n == 64 && !json_equal(record, held))
                return opens(c, sealed, held);
        if (json_is(record, JSON_OBJECT) && json_is(held, JSON_OBJECT))
                return same_members(c, record, held);
        if (json_is(record, JSON_ARRAY) && json_is(held, JSON_ARRAY))
                return same_items(c, record, held);
        return json_equal(record, held) || differs(c);
}

static bool is_record(struct comparing *c, const struct file_record *f, const struct event *e, struct err *reterr)
{
        const struct json *record, *held;
        struct hash salt;
        struct str form = record_canonical(c->arena, e, NULL, false);
        *c = (struct comparing){ .arena = c->arena, .at = { .max = 1 << 16 } };
        if (f->openings && hex_read(json_str(f->openings, "salt"), salt.b, sizeof salt.b))
                c->salt = &salt;
        bool ok = json_read(c->arena, f->event.p, f->event.n, NULL, &record, reterr) == 0 &&
                  json_read(c->arena, form.p, form.n, NULL, &held, reterr) == 0 && same(c, record, held);
        buf_free(&c->at);
        c->salt = NULL;
        return ok;
}

int bundle_is_of(struct arena *a, struct str file, struct str event, struct err *reterr)
{
        struct bundle_file f;
        struct document *d;
        struct comparing c = { .arena = a };
        if (bundle_read(a, file, &f, reterr) < 0)
                return -1;
        for (size_t i = 0; i < f.n_records; i++)
                if (f.records[i].event.n && str_eq(f.records[i].event, event))
                        return 1;
        if (document_read(a, event.p, event.n, NULL, &d, reterr) < 0)
                return -1;
        for (size_t i = 0; i < f.n_records; i++)
                for (size_t k = 0; f.records[i].event.n && k < d->n_events; k++)
                        if (is_record(&c, &f.records[i], &d->events[k], reterr))
                                return 1;
        err_set(reterr, ERR_BAD_INPUT, "the event is another than the proof is about: at %.200s", c.wrong.n ? c.wrong.p : "the whole");
        return 0;
}
