#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "epcis/read.h"
#include "proof/bundle_impl.h"
#include "proof/bundle_seal.h"

/* Checks a file of proof from its bytes and a policy (docs/design/proof.md).  No count, index or name in it is believed: whatever is told of a record
 * follows from bytes that lead to a root which the log signed. */

static void fail(struct verifying *v, size_t i, enum bundle_step step, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static void fail(struct verifying *v, size_t i, enum bundle_step step, const char *fmt, ...)
{
        struct bundle_record *r = &v->ret->records[i];
        va_list ap;
        if (r->step)
                return;         /* what failed first is the cause */
        int n = r->number ? snprintf(r->why, sizeof r->why, "records[%zu] (%.60s no. %lld): ", i, r->org.n ? r->org.p : "", (long long)r->number)
                          : snprintf(r->why, sizeof r->why, "records[%zu]: ", i);
        va_start(ap, fmt);
        vsnprintf(r->why + n, sizeof r->why - (size_t)n, fmt, ap);
        va_end(ap);
        r->ok = false;
        r->step = step;
}

/* ---- checkpoints ---- */

/* An older one only says that what is in its tree was there by a time, for which one witness is enough; without one it says nothing. */
static void open_older(struct verifying *v, struct str text, struct opened *ret)
{
        struct note n;
        struct checkpoint c;
        struct err e = { 0 };
        const struct checkpoint *newest = &v->ret->seen.checkpoint.c;
        if (note_read(v->arena, text, &n, &e) < 0 || checkpoint_read(n.text, &c, &e) < 0)
                snprintf(ret->why, sizeof ret->why, "%.250s", e.detail);
        else if (!str_eq(c.origin, newest->origin) || c.size > newest->size)
                snprintf(ret->why, sizeof ret->why, "it is no older state of the same log");
        else if (policy_first(v->policy, &n, &ret->time_s) < 0)
                snprintf(ret->why, sizeof ret->why, "the line of the witness with the earliest time does not hold");
        else
                *ret = (struct opened){ .ok = true, .size = c.size, .root = c.root, .time_s = ret->time_s };
}

static void open_newest(struct verifying *v)
{
        struct opened *o = &v->checkpoints[0];
        struct policy_seen *seen = &v->ret->seen;
        struct err e = { 0 };
        o->tried = true;
        if (policy_open(v->arena, v->policy, v->file.checkpoints[0], seen, &e) < 0) {
                snprintf(o->why, sizeof o->why, "%.250s", e.detail);
                return;
        }
        *o = (struct opened){ .tried = true, .ok = true, .size = seen->checkpoint.c.size, .root = seen->checkpoint.c.root, .time_s = seen->first_s };
}

static const struct opened *checkpoint(struct verifying *v, size_t k)
{
        struct opened *o = &v->checkpoints[k];
        if (!o->tried && v->checkpoints[0].ok)
                open_older(v, v->file.checkpoints[k], o);
        o->tried = true;
        return o;
}

/* ---- a record by itself ---- */

static bool included(struct verifying *v, size_t i)
{
        const struct file_record *f = &v->file.records[i];
        const struct opened *o = checkpoint(v, 0);
        uint8_t entry[LEAF_BYTES];
        leaf_write(entry, &(struct leaf){ f->type, f->ms, v->facts[i].commitment });
        v->facts[i].leaf = tree_leaf(entry, sizeof entry);
        if (!o->ok)
                fail(v, i, STEP_CHECKPOINT, "the checkpoint does not hold: %s", o->why);
        else if (!tree_verify(f->index, o->size, &v->facts[i].leaf, f->proof, f->n_proof, &o->root))
                fail(v, i, STEP_LEAF, "its leaf is not under the checkpoint's root: its text, salt, time, type, index or proof is not what was recorded");
        return v->ret->records[i].ok;
}

static void check_first(struct verifying *v, size_t i)
{
        const struct file_record *f = &v->file.records[i];
        struct bundle_record *r = &v->ret->records[i];
        r->witnessed_s = v->checkpoints[0].time_s;
        if (!f->has_first)
                return;
        const struct opened *o = checkpoint(v, f->first_checkpoint);
        if (!o->ok)
                fail(v, i, STEP_FIRST, "checkpoints[%zu], which first held it, does not hold: %s", f->first_checkpoint, o->why);
        else if (!tree_verify(f->index, o->size, &v->facts[i].leaf, f->first, f->n_first, &o->root))
                fail(v, i, STEP_FIRST, "it is not under the root of checkpoints[%zu], which is said to be the first with it", f->first_checkpoint);
        else if (o->time_s && (!r->witnessed_s || o->time_s < r->witnessed_s))
                r->witnessed_s = o->time_s;
}

static void check_signature(struct verifying *v, size_t i, const struct hash *digest)
{
        static const struct hash none;
        const struct file_record *f = &v->file.records[i];
        const struct hash *named = &v->facts[i].header.signature;
        struct hash given = f->has_signature ? signature_hash(&f->signature) : none;
        if (memcmp(named, &none, sizeof none) == 0 && !f->has_signature)
                return;
        if (!f->has_signature)
                fail(v, i, STEP_SIGNATURE, "its header names a device's signature, which the file lacks");
        else if (memcmp(&given, named, sizeof given) != 0)
                fail(v, i, STEP_SIGNATURE, "the signature in the file is not the one that its header names");
        else if (!signature_holds(&f->signature, digest))
                fail(v, i, STEP_SIGNATURE, "the device's signature does not hold");
        else
                v->ret->records[i].is_signed = true;
}

static bool opens(const struct verifying *v, const struct json *event, const struct hash *salt, struct str pointer, struct str value)
{
        struct hash sealed;
        const struct json *at = json_at(event, pointer);
        struct str hex = json_str(at, "sealed");
        char *text = arena_raw(v->arena, pointer.n + value.n + 1);
        memcpy(text, pointer.p, pointer.n);
        memcpy(text + pointer.n, value.p, value.n);
        struct hash real = hmac_sha256(salt->b, sizeof salt->b, text, pointer.n + value.n);
        return at && at->n == 1 && hex_read(hex, sealed.b, sizeof sealed.b) && memcmp(&sealed, &real, sizeof real) == 0;
}

static void check_openings(struct verifying *v, size_t i)
{
        const struct json *o = v->file.records[i].openings, *members = json_get(o, "members");
        struct hash salt;
        if (!o)
                return;
        if (!hex_read(json_str(o, "salt"), salt.b, sizeof salt.b) || !json_is(members, JSON_ARRAY)) {
                fail(v, i, STEP_OPENING, "its openings cannot be read");
                return;
        }
        for (uint32_t k = 0; k < members->n; k++) {
                struct str pointer = json_str(&members->items[k], "pointer"), value = json_str(&members->items[k], "value");
                if (!pointer.n || !value.n || !opens(v, v->facts[i].event.json, &salt, pointer, value))
                        fail(v, i, STEP_OPENING, "the member %.80s is not what was sealed", pointer.n ? pointer.p : "without a pointer");
        }
}

static void check_event(struct verifying *v, size_t i, const struct hash *digest)
{
        struct bundle_record *r = &v->ret->records[i];
        struct facts *k = &v->facts[i];
        struct str text = v->file.records[i].event;
        if (text.p[0] != '{' || event_reread(v->arena, text, STR_NONE, NULL, &k->event, NULL) < 0) {
                k->event = (struct event){ 0 };
                fail(v, i, STEP_FORM, "its event is no JSON object");
                return;
        }
        r->event_id = k->event.event_id;
        if (k->event.time.us != k->header.time_us)
                fail(v, i, STEP_HEADER, "its header claims another time than its event");
        if (k->header.number == 1 && memcmp(&k->header.before, &(struct hash){ 0 }, sizeof k->header.before) != 0)
                fail(v, i, STEP_CHAIN, "it is the first of its organisation and names one before it");
        check_signature(v, i, digest);
        check_openings(v, i);
}

static void verify_event(struct verifying *v, size_t i)
{
        const struct file_record *f = &v->file.records[i];
        struct bundle_record *r = &v->ret->records[i];
        struct facts *k = &v->facts[i];
        struct err e = { 0 };
        if (record_header_read(f->header, &k->header, &e) < 0) {
                fail(v, i, STEP_HEADER, "its header cannot be read: %.120s", e.detail);
                return;
        }
        r->org = arena_str(v->arena, k->header.org);
        r->number = k->header.number;
        r->time_us = k->header.time_us;
        struct hash digest = sha256(f->event.p, f->event.n);
        k->hash = record_hash(f->header, &digest);
        k->commitment = leaf_commitment(&f->salt, &k->hash);
        k->known = true;
        if (included(v, i))
                check_event(v, i, &digest);
        if (r->ok)
                check_first(v, i);
}

static void verify_statement(struct verifying *v, size_t i)
{
        const struct file_record *f = &v->file.records[i];
        struct bundle_record *r = &v->ret->records[i];
        struct facts *k = &v->facts[i];
        struct err e = { 0 };
        if (statement_read(f->statement, &k->statement, &e) < 0 || k->statement.type != f->type) {
                fail(v, i, STEP_FORM, "its statement cannot be read: %.120s", e.kind ? e.detail : "it is of another type");
                return;
        }
        r->org = arena_str(v->arena, k->statement.org);
        r->number = k->statement.number;
        r->event_id = k->statement.subject;
        k->hash = sha256(f->statement.p, f->statement.n);
        k->commitment = leaf_commitment(&f->salt, &k->hash);
        k->known = true;
        if (included(v, i))
                check_first(v, i);
}

static void verify_one(struct verifying *v, size_t i)
{
        const struct file_record *f = &v->file.records[i];
        v->ret->records[i] = (struct bundle_record){ .index = f->index, .type = f->type, .ok = true, .recorded_ms = f->ms, .time_us = INT64_MIN };
        if (f->fault)
                fail(v, i, STEP_FORM, "%s is missing or cannot be read", f->fault);
        else if (f->type == LEAF_EVENT)
                verify_event(v, i);
        else
                verify_statement(v, i);
}

/* ---- records beside each other ---- */

struct place { const struct verifying *v; size_t i; };

static int by_number(const void *x, const void *y)
{
        const struct place *a = x, *b = y;
        const struct bundle_record *p = &a->v->ret->records[a->i], *q = &b->v->ret->records[b->i];
        int d = str_cmp(p->org, q->org);
        d = d ? d : (p->number > q->number) - (p->number < q->number);
        return d ? d : (a->i > b->i) - (a->i < b->i);
}

static void check_neighbours(struct verifying *v, size_t before, size_t i)
{
        const struct bundle_record *p = &v->ret->records[before], *q = &v->ret->records[i];
        if (!str_eq(p->org, q->org) || q->number - p->number > 1)
                return;
        if (q->number == p->number)
                fail(v, i, STEP_CHAIN, "records[%zu] bears the same number", before);
        else if (memcmp(&v->facts[i].header.before, &v->facts[before].hash, sizeof(struct hash)) != 0)
                fail(v, i, STEP_CHAIN, "it was recorded after another record than records[%zu], which bears the number before", before);
}

static void check_chains(struct verifying *v)
{
        size_t n = 0;
        struct place *order = arena_array(v->arena, struct place, v->ret->n + 1);
        for (size_t i = 0; i < v->ret->n; i++)
                if (v->file.records[i].type == LEAF_EVENT && v->ret->records[i].ok)
                        order[n++] = (struct place){ v, i };
        qsort(order, n, sizeof *order, by_number);
        for (size_t i = 1; i < n; i++)
                check_neighbours(v, order[i - 1].i, order[i].i);
}

/* ---- the file ---- */

static void sum_up(struct verifying *v)
{
        struct bundle_result *r = v->ret;
        r->ok = true;
        for (size_t i = 0; i < r->n; i++) {
                *(str_eq(r->records[i].event_id, r->item) ? &r->n_missing : &r->n_related) += r->records[i].n_missing;
                if (r->records[i].ok)
                        continue;
                if (r->ok)
                        snprintf(r->why, sizeof r->why, "%s", r->records[i].why);
                r->ok = false;
        }
        if (!v->checkpoints[0].ok)
                snprintf(r->why, sizeof r->why, "checkpoints[0]: %s", v->checkpoints[0].why);
        else if (r->ok && r->item.n && !seals_name(v, r->item)) {
                snprintf(r->why, sizeof r->why, "item: no record of the file names %.200s", r->item.p);
                r->ok = false;
        }
}

static void verify(struct verifying *v)
{
        struct bundle_result *r = v->ret;
        r->item = v->file.item;
        r->n = v->file.n_records;
        r->records = arena_array(v->arena, struct bundle_record, r->n + 1);
        v->facts = arena_array(v->arena, struct facts, r->n + 1);
        v->checkpoints = arena_array(v->arena, struct opened, v->file.n_checkpoints);
        open_newest(v);
        for (size_t i = 0; i < r->n; i++)
                verify_one(v, i);
        check_chains(v);
        seals_check(v, fail);
        sum_up(v);
}

int bundle_verify(struct arena *a, struct str file, const struct policy *p, struct bundle_result *ret, struct err *reterr)
{
        struct verifying v = { .arena = a, .policy = p, .ret = ret };
        *ret = (struct bundle_result){ 0 };
        if (bundle_read(a, file, &v.file, reterr) < 0)
                return -1;
        if (v.file.damage[0])
                snprintf(ret->why, sizeof ret->why, "%s", v.file.damage);
        else
                verify(&v);
        return 0;
}
