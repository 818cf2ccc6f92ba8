#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "epcis/digest.h"
#include "epcis/read.h"
#include "proof/bundle_make.h"
#include "store/record.h"
#include "trace/trace.h"

/* One record as a member of a file of proof, without its place in the tree: what was hashed, and what opens it. */

struct record {
        struct log_opening opening;
        struct str header, event;               /* of an event */
        int is_signed;                          /* by a device */
        struct record_signature signature;
        const struct seal *seals;
        size_t n_seals;
        struct hash salt;                       /* of the seals */
};

static void put_base64(struct buf *b, const char *name, const void *p, size_t n)
{
        json_write_name(b, name);
        buf_char(b, '"');
        base64_encode(b, p, n);
        buf_char(b, '"');
}

static void put_text(struct buf *b, const char *name, struct str s)
{
        json_write_name(b, name);
        json_write_str(b, s);
}

/* ---- what the store has ---- */

/* The record hash of the number before: the chain of the organisation. */
static int hash_before(struct reader *r, int64_t org, int64_t seq, struct hash *ret, struct err *reterr)
{
        struct log_opening o;
        int rc = seq > 1 ? reader_log_of(r, org, LEAF_EVENT, seq - 1, &o, reterr) : 0;
        *ret = (struct hash){ 0 };
        if (rc == 1)
                *ret = o.hash;
        return rc < 0 ? -1 : 0;
}

static int read_header(const struct maker *m, int64_t org, int64_t seq, int64_t time_us, struct record *ret, struct err *reterr)
{
        struct record_header h = { .number = seq, .time_us = time_us };
        h.org = arena_printf(m->arena, "/org/%.*s", STR_ARG(reader_org_code(m->reader, m->arena, org)));
        if (ret->is_signed)
                h.signature = sha256_2(ret->signature.key, sizeof ret->signature.key, ret->signature.value, sizeof ret->signature.value);
        if (hash_before(m->reader, org, seq, &h.before, reterr) < 0)
                return -1;
        ret->header = record_header_write(m->arena, &h);
        return 0;
}

/* Sealed members as they stand in the body: none of an erased record. */
static int read_seals(const struct maker *m, int64_t org, int64_t seq, struct record *ret, struct err *reterr)
{
        struct str body, context;
        struct event e;
        struct event_digests d;
        struct record_erasure gone;
        int rc = reader_record_erasure(m->reader, m->arena, org, seq, &gone, reterr);
        if (rc)
                return rc < 0 ? -1 : 0;
        if (reader_body(m->reader, m->arena, org, seq, &body, &context, reterr) != 1 || reader_event_digests(m->reader, org, seq, &d, reterr) != 1 ||
            event_reread(m->arena, body, context, reader_origins(m->reader), &e, reterr) < 0)
                return -1;
        ret->salt = d.salt;
        ret->n_seals = record_seals(m->arena, &e, &d.salt, &ret->seals);
        return 0;
}

static int read_event(const struct maker *m, int64_t org, int64_t seq, struct record *ret, struct err *reterr)
{
        struct event_head head;
        int rc = reader_event(m->reader, m->arena, org, seq, &head, reterr);
        if (rc == 1)
                rc = reader_record_form(m->reader, m->arena, org, seq, &ret->event, reterr);
        if (rc == 1 && (ret->is_signed = reader_record_signature(m->reader, m->arena, org, seq, &ret->signature, reterr)) < 0)
                rc = -1;
        if (rc != 1 || (m->openings && read_seals(m, org, seq, ret, reterr) < 0))
                return err_set(reterr, ERR_STORE, "record %lld of its organisation cannot be read", (long long)seq);
        return read_header(m, org, seq, head.time_us, ret, reterr);
}

/* ---- its members ---- */

static void put_openings(struct buf *b, const struct record *k)
{
        if (!k->n_seals)
                return;
        buf_z(b, ",\"openings\":{\"salt\":\"");
        buf_hex(b, k->salt.b, sizeof k->salt.b);
        buf_z(b, "\",\"members\":[");
        for (size_t i = 0; i < k->n_seals; i++) {
                buf_z(b, i ? ",{" : "{");
                put_text(b, "pointer", k->seals[i].pointer);
                buf_char(b, ',');
                put_text(b, "value", k->seals[i].value);
                buf_char(b, '}');
        }
        buf_z(b, "]}");
}

static void put_signature(struct buf *b, const struct record *k)
{
        if (!k->is_signed)
                return;
        buf_z(b, ",\"signature\":{");
        put_base64(b, "key", k->signature.key, sizeof k->signature.key);
        buf_char(b, ',');
        put_base64(b, "value", k->signature.value, sizeof k->signature.value);
        if (k->signature.name.n) {
                buf_char(b, ',');
                put_text(b, "name", k->signature.name);
        }
        buf_char(b, '}');
}

static void put_common(struct buf *b, int type, const struct log_opening *o)
{
        buf_printf(b, "{\"type\":%d,\"index\":%lld,\"recordedMs\":%lld,", type, (long long)o->idx, (long long)o->ms);
        put_base64(b, "salt", o->salt.b, sizeof o->salt.b);
        buf_char(b, ',');
}

static int no_leaf(int rc, struct err *reterr)
{
        return rc < 0 ? -1 : err_set(reterr, ERR_BUSY, "a record is not in the log yet; try again in a second");
}

int make_event(const struct maker *m, int64_t org, int64_t seq, struct buf *b, struct log_opening *ret, struct str *ret_event, struct err *reterr)
{
        struct record k = { 0 };
        int rc = reader_log_of(m->reader, org, LEAF_EVENT, seq, ret, reterr);
        if (rc != 1)
                return no_leaf(rc, reterr);
        if (read_event(m, org, seq, &k, reterr) < 0)
                return -1;
        put_common(b, LEAF_EVENT, ret);
        put_text(b, "header", k.header);
        buf_char(b, ',');
        put_text(b, "event", k.event);
        put_signature(b, &k);
        put_openings(b, &k);
        *ret_event = k.event;
        return 0;
}

int make_statement(const struct maker *m, int64_t org, uint8_t type, int64_t n, struct buf *b, struct log_opening *ret, struct str *ret_detail, struct err *reterr)
{
        struct statement s = { .type = type, .number = n };
        int rc = reader_log_of(m->reader, org, type, n, ret, reterr);
        if (rc == 1)
                rc = reader_log_statement(m->reader, m->arena, org, type, n, &s.subject, &s.detail, reterr);
        if (rc != 1)
                return no_leaf(rc, reterr);
        s.org = arena_printf(m->arena, "/org/%.*s", STR_ARG(reader_org_code(m->reader, m->arena, org)));
        put_common(b, type, ret);
        put_text(b, "statement", statement_write(m->arena, &s));
        *ret_detail = s.detail;
        return 0;
}

/* ---- lot seals ---- */

ssize_t seal_commitments(struct arena *a, struct reader *r, int64_t org, struct str item, int64_t through, struct hash **ret, struct err *reterr)
{
        struct trace *t;
        struct log_opening o;
        struct trace_options w = { .through = through };
        size_t n = 0;
        if (trace_walk(a, r, org, item, TRACE_BACK, &w, &t, reterr) < 0)
                return -1;
        *ret = arena_array(a, struct hash, t->n_events + 1);
        for (size_t i = 0; i < t->n_events; i++) {
                int copy = reader_is_copy(r, org, t->events[i].seq, reterr);
                int rc = copy ? copy : reader_log_of(r, org, LEAF_EVENT, t->events[i].seq, &o, reterr);
                if (copy < 0 || (copy == 0 && rc != 1))
                        return no_leaf(rc < 0 || copy < 0 ? -1 : 0, reterr);
                if (copy == 0)
                        (*ret)[n++] = leaf_commitment(&o.salt, &o.hash);
        }
        return (ssize_t)n;
}

/* The list that was sealed, sorted.  One that is not what was sealed any more (rows were altered) is shown as it is, and kept nowhere. */
static int seal_list(const struct maker *m, int64_t org, struct str item, const struct seal_detail *d, struct hash **ret, size_t *ret_n, struct err *reterr)
{
        if (seal_lists_find(m->lists, m->arena, &d->hash, ret, ret_n))
                return 0;
        ssize_t n = seal_commitments(m->arena, m->reader, org, item, d->through, ret, reterr);
        if (n < 0)
                return -1;
        struct hash h = seal_hash_of(*ret, *ret_n = (size_t)n);
        if (memcmp(&h, &d->hash, sizeof h) == 0)
                seal_lists_keep(m->lists, &h, *ret, *ret_n);
        return 0;
}

int make_seal(const struct maker *m, int64_t org, int64_t n, struct str item, struct buf *b, struct log_opening *ret, struct err *reterr)
{
        struct str detail;
        struct seal_detail d;
        struct hash *list;
        if (make_statement(m, org, LEAF_LOT_SEAL, n, b, ret, &detail, reterr) < 0)
                return -1;
        if (!seal_detail_read(detail, &d))
                return err_set(reterr, ERR_STORE, "a lot seal in the store cannot be read");
        size_t count;
        if (seal_list(m, org, item, &d, &list, &count, reterr) < 0)
                return -1;
        buf_z(b, ",\"commitments\":[");
        for (size_t i = 0; i < count; i++) {
                buf_z(b, i ? ",\"" : "\"");
                base64_encode(b, list[i].b, sizeof list[i].b);
                buf_char(b, '"');
        }
        buf_char(b, ']');
        return 0;
}
