#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "merkle/prooffile.h"
#include "proof/bundle_make.h"
#include "trace/trace.h"

/* Gathers what is told about a thing with its proofs ("suyuan-proof/1"): the records of its page, what they name as evidence, the seals of those who
 * shipped it.  One record a line, so that a broken file tells by its line where. */

/* A checker has a signature to check for each older checkpoint, which is slow on a phone. */
enum { FIRST_WITHIN_S = 60, FIRSTS_MAX = 64 };

struct line { struct str text; int64_t idx; size_t first; /* number in `firsts`; SIZE_MAX: none yet */ };
/* The oldest cosigned checkpoint of some records; `use` is the one that is shown for it. */
struct first { int64_t size, time_s; struct str note; size_t use; };

struct gathering {
        struct maker m;
        struct proof *proof;
        struct line *lines;
        size_t n, cap;
        bool cut;
        /* hashes, each once */
        struct hash *hashes;
        uint32_t n_hashes, cap_hashes, *slots, n_slots;
        /* notes: [0] proves all; the others are the first that were cosigned with a record inside */
        struct { int64_t size; struct str note; } *notes;
        size_t n_notes;
        struct first *firsts;           /* by size */
        size_t n_firsts;
        struct policy *policy;          /* what we ourselves tell verifiers to ask for */
        struct str *evidence;           /* subjects of blobs that are in already, with their organisation before them */
        size_t n_evidence;
};

/* ---- hashes, each once ---- */

static uint32_t slot_of(const struct gathering *g, const struct hash *h)
{
        uint32_t at;
        memcpy(&at, h->b, sizeof at);
        for (at &= g->n_slots - 1; g->slots[at] && memcmp(&g->hashes[g->slots[at] - 1], h, sizeof *h) != 0;)
                at = (at + 1) & (g->n_slots - 1);
        return at;
}

static void widen(struct gathering *g)
{
        struct hash *more = arena_raw(g->m.arena, (g->cap_hashes = g->cap_hashes ? 2 * g->cap_hashes : 512) * sizeof *more);
        if (g->n_hashes)
                memcpy(more, g->hashes, g->n_hashes * sizeof *more);
        g->hashes = more;
        g->n_slots = 2 * g->cap_hashes;
        g->slots = arena_array(g->m.arena, uint32_t, g->n_slots);
        for (uint32_t i = 0; i < g->n_hashes; i++)
                g->slots[slot_of(g, &g->hashes[i])] = i + 1;
}

static uint32_t hash_number(struct gathering *g, const struct hash *h)
{
        if (g->n_hashes == g->cap_hashes)
                widen(g);
        uint32_t at = slot_of(g, h);
        if (!g->slots[at]) {
                g->hashes[g->n_hashes] = *h;
                g->slots[at] = ++g->n_hashes;
        }
        return g->slots[at] - 1;
}

/* ---- the records ---- */

static struct line *add(struct gathering *g, const struct buf *b, int64_t idx)
{
        if (g->n == g->cap) {
                struct line *more = arena_raw(g->m.arena, (g->cap = g->cap ? 2 * g->cap : 64) * sizeof *more);
                if (g->n)
                        memcpy(more, g->lines, g->n * sizeof *more);
                g->lines = more;
        }
        g->lines[g->n] = (struct line){ arena_str(g->m.arena, buf_view(b)), idx, 0 };
        return &g->lines[g->n++];
}

static bool is_new_evidence(struct gathering *g, int64_t org, struct str subject)
{
        struct str key = arena_printf(g->m.arena, "%lld %.*s", (long long)org, STR_ARG(subject));
        for (size_t i = 0; i < g->n_evidence; i++)
                if (str_eq(g->evidence[i], key))
                        return false;
        if (g->n_evidence == LIMIT_PROOF_EVIDENCE)
                return false;
        if (!g->evidence)
                g->evidence = arena_array(g->m.arena, struct str, LIMIT_PROOF_EVIDENCE);
        g->evidence[g->n_evidence++] = key;
        return true;
}

/* The statement by which the organisation bound these bytes; none where it has not got them. */
static int gather_blob(struct gathering *g, int64_t org, struct str subject, struct buf *b, struct err *reterr)
{
        struct log_opening o;
        struct str detail;
        int64_t n;
        ssize_t found = is_new_evidence(g, org, subject) ? reader_log_about(g->m.reader, g->m.arena, org, LEAF_BLOB, subject, &n, 1, reterr) : 0;
        if (found <= 0)
                return found < 0 ? -1 : 0;
        buf_clear(b);
        if (make_statement(&g->m, org, LEAF_BLOB, n, b, &o, &detail, reterr) < 0)
                return -1;
        add(g, b, o.idx);
        return 0;
}

/* Whatever public text of an event is the name of bytes. */
static int gather_evidence(struct gathering *g, int64_t org, struct str event, struct buf *b, struct err *reterr)
{
        static const char name[] = "\"ni:///sha-256;";
        enum { WHOLE = sizeof name - 2 + 64 };
        struct str rest = event;
        for (const char *at; rest.n && (at = memmem(rest.p, rest.n, name, sizeof name - 1));) {
                struct str subject = { at + 1, WHOLE };
                rest = str_from(rest, (size_t)(at - rest.p) + sizeof name - 1);
                if ((size_t)(event.p + event.n - subject.p) > WHOLE && subject.p[WHOLE] == '"' && gather_blob(g, org, subject, b, reterr) < 0)
                        return -1;
        }
        return 0;
}

static int gather_event(struct gathering *g, int64_t org, int64_t number, struct buf *b, struct err *reterr)
{
        struct log_opening o;
        struct str event;
        int64_t whose = reader_event_org(org, number);
        buf_clear(b);
        if (make_event(&g->m, whose, reader_event_seq(org, number), b, &o, &event, reterr) < 0)
                return -1;
        add(g, b, o.idx);
        return gather_evidence(g, whose, event, b, reterr);
}

/* The newest seal of a thing by one of those whose records are in the file. */
static int gather_seal(struct gathering *g, int64_t org, struct str item, struct buf *b, struct err *reterr)
{
        struct log_opening o;
        int64_t n;
        ssize_t found = reader_log_about(g->m.reader, g->m.arena, org, LEAF_LOT_SEAL, item, &n, 1, reterr);
        if (found <= 0)
                return found < 0 ? -1 : 0;
        buf_clear(b);
        if (make_seal(&g->m, org, n, item, b, &o, reterr) < 0)
                return -1;
        add(g, b, o.idx);
        return 0;
}

static int by_number(const void *x, const void *y)
{
        const int64_t *a = x, *b = y;
        return (*a > *b) - (*a < *b);
}

static size_t orgs_of(struct gathering *g, int64_t org, const struct trace *t, int64_t **ret)
{
        size_t n = 0, kept = 0;
        int64_t *list = arena_array(g->m.arena, int64_t, t->n_events + 1);
        for (size_t i = 0; i < t->n_events; i++)
                list[n++] = reader_event_org(org, t->events[i].seq);
        qsort(list, n, sizeof *list, by_number);
        for (size_t i = 0; i < n; i++)
                if (!kept || list[kept - 1] != list[i])
                        list[kept++] = list[i];
        *ret = list;
        return kept;
}

static int gather_seals(struct gathering *g, int64_t org, const struct trace *t, struct buf *b, struct err *reterr)
{
        int64_t *orgs;
        size_t n = orgs_of(g, org, t, &orgs);
        for (size_t i = 0; i < t->n_nodes; i++)
                for (size_t k = 0; k < n; k++)
                        if (g->n < LIMIT_PROOF_RECORDS && gather_seal(g, orgs[k], t->nodes[i].id, b, reterr) < 0)
                                return -1;
        return 0;
}

static int gather(struct gathering *g, int64_t org, const struct trace *t, struct err *reterr)
{
        int rc = 0;
        struct buf b = { .max = LIMIT_PROOF_FILE_BYTES };
        g->cut = t->truncated;
        for (size_t i = 0; rc == 0 && i < t->n_events; i++) {
                if (g->n >= LIMIT_PROOF_RECORDS) {
                        g->cut = true;
                        break;
                }
                rc = gather_event(g, org, t->events[i].seq, &b, reterr);
        }
        rc = rc < 0 ? rc : gather_seals(g, org, t, &b, reterr);
        buf_free(&b);
        return rc;
}

/* ---- the checkpoint ---- */

static int64_t note_size(struct arena *a, struct str note)
{
        struct note n;
        struct checkpoint c;
        return note_read(a, note, &n, NULL) < 0 || checkpoint_read(n.text, &c, NULL) < 0 ? -1 : c.size;
}

static int read_policy(struct gathering *g, struct err *reterr)
{
        struct buf b = { .max = POLICY_BYTES_MAX };
        int rc = proof_policy(g->proof, &b, reterr) < 0 ? -1 : policy_read(g->m.arena, arena_str(g->m.arena, buf_view(&b)), &g->policy, reterr);
        buf_free(&b);
        return rc;
}

static bool suffices(struct gathering *g, struct str note)
{
        struct policy_seen seen;
        return policy_open(g->m.arena, g->policy, note, &seen, NULL) == 0;
}

/* The newest covers all; but its witnesses may not have answered yet, and then an older one that covers all and is cosigned proves more. */
static int choose_checkpoint(struct gathering *g, int64_t last, struct err *reterr)
{
        struct str note, older;
        int64_t size, older_size;
        if (read_policy(g, reterr) < 0)
                return -1;
        if (proof_checkpoint(g->proof, g->m.arena, &note, reterr) < 0)
                return reterr->kind == ERR_NOT_FOUND ? err_set(reterr, ERR_BUSY, "the log has no checkpoint yet; try again in a second") : -1;
        if ((size = note_size(g->m.arena, note)) <= last)
                return err_set(reterr, ERR_BUSY, "the newest record is not under a checkpoint yet; try again in a second");
        if (!suffices(g, note)) {
                int rc = proof_first_witnessed(g->proof, g->m.reader, g->m.arena, last, &older_size, &older, reterr);
                if (rc < 0)
                        return -1;
                if (rc == 1 && older_size < size && suffices(g, older)) {
                        note = older;
                        size = older_size;
                }
        }
        g->notes[0].size = size;
        g->notes[0].note = note;
        g->n_notes = 1;
        return 0;
}

static size_t note_number(struct gathering *g, int64_t size, struct str note)
{
        for (size_t i = 0; i < g->n_notes; i++)
                if (g->notes[i].size == size)
                        return i;
        g->notes[g->n_notes].size = size;
        g->notes[g->n_notes].note = note;
        return g->n_notes++;
}

/* ---- when first witnessed ---- */

static int64_t first_time(struct gathering *g, struct str note)
{
        struct note n;
        int64_t time = 0;
        return note_read(g->m.arena, note, &n, NULL) == 0 && policy_first(g->policy, &n, &time) == 1 ? time : 0;
}

/* The lines by index: a checkpoint that covers one is the oldest for all that it covers after it.  Later lines than the last cosigned one have none. */
static int find_firsts(struct gathering *g, struct err *reterr)
{
        g->firsts = arena_alloc(g->m.arena, (g->n + 1) * sizeof *g->firsts);
        for (size_t i = 0; i < g->n; i++) {
                struct first *f = &g->firsts[g->n_firsts];
                int rc = g->n_firsts && g->lines[i].idx < f[-1].size ? 0 : proof_first_witnessed(g->proof, g->m.reader, g->m.arena, g->lines[i].idx, &f->size, &f->note, reterr);
                if (rc < 0)
                        return -1;
                if (rc == 1 && f->size <= g->notes[0].size) {
                        f->time_s = first_time(g, f->note);
                        if (!f->time_s && g->n_firsts)          /* by a witness that our policy has no more */
                                f->time_s = f[-1].time_s;
                        g->n_firsts++;
                }
                bool covered = g->n_firsts && g->lines[i].idx < g->firsts[g->n_firsts - 1].size;
                g->lines[i].first = covered ? g->n_firsts - 1 : SIZE_MAX;
        }
        return 0;
}

/* Those within `within` seconds after one give way to the last of them.  How many remain. */
static size_t share_firsts(struct gathering *g, int64_t within)
{
        size_t n = 0;
        for (size_t from = 0, to; from < g->n_firsts; from = to, n++) {
                for (to = from + 1; to < g->n_firsts && g->firsts[to].time_s - g->firsts[from].time_s <= within;)
                        to++;
                for (size_t i = from; i < to; i++)
                        g->firsts[i].use = to - 1;
        }
        return n;
}

static int choose_firsts(struct gathering *g, struct err *reterr)
{
        if (find_firsts(g, reterr) < 0)
                return -1;
        for (int64_t within = FIRST_WITHIN_S; share_firsts(g, within) > FIRSTS_MAX && within < INT64_MAX / 2;)
                within *= 2;
        return 0;
}

/* ---- writing ---- */

static int put_proof(struct gathering *g, int64_t idx, int64_t size, struct buf *out, struct err *reterr)
{
        struct hash list[PROOF_MAX];
        int n = proof_inclusion(g->proof, idx, size, list, reterr);
        buf_z(out, "\"proof\":[");
        for (int i = 0; i < n; i++)
                buf_printf(out, i ? ",%u" : "%u", hash_number(g, &list[i]));
        buf_char(out, ']');
        return n < 0 ? -1 : 0;
}

static int put_first(struct gathering *g, const struct line *l, struct buf *out, struct err *reterr)
{
        if (l->first == SIZE_MAX)
                return 0;
        const struct first *f = &g->firsts[g->firsts[l->first].use];
        buf_printf(out, ",\"first\":{\"checkpoint\":%zu,", note_number(g, f->size, f->note));
        int rc = put_proof(g, l->idx, f->size, out, reterr);
        buf_char(out, '}');
        return rc;
}

static int by_idx(const void *x, const void *y)
{
        const struct line *a = x, *b = y;
        return (a->idx > b->idx) - (a->idx < b->idx);
}

static int put_records(struct gathering *g, struct buf *out, struct err *reterr)
{
        buf_z(out, " \"records\": [");
        for (size_t i = 0; i < g->n; i++) {
                buf_z(out, i ? ",\n  " : "\n  ");
                buf_str(out, g->lines[i].text);
                buf_char(out, ',');
                if (put_proof(g, g->lines[i].idx, g->notes[0].size, out, reterr) < 0 || put_first(g, &g->lines[i], out, reterr) < 0)
                        return -1;
                buf_char(out, '}');
        }
        buf_z(out, "\n ]");
        return 0;
}

static void put_shared(struct gathering *g, struct buf *out)
{
        buf_z(out, " \"checkpoints\": [");
        for (size_t i = 0; i < g->n_notes; i++) {
                buf_z(out, i ? ",\n  " : "\n  ");
                json_write_str(out, g->notes[i].note);
        }
        buf_z(out, "\n ],\n \"hashes\": [");
        for (uint32_t i = 0; i < g->n_hashes; i++) {
                buf_z(out, i ? ",\n  \"" : "\n  \"");
                base64_encode(out, g->hashes[i].b, sizeof g->hashes[i].b);
                buf_char(out, '"');
        }
        buf_z(out, "\n ]");
}

/* Records first into a buffer of their own: what they share stands before them and is known after them. */
static int put_file(struct gathering *g, struct str item, struct buf *out, struct err *reterr)
{
        struct buf records = { .max = LIMIT_PROOF_FILE_BYTES };
        struct str made = stamp_utc(g->m.arena, clock_now_us() / 1000000 * 1000000);
        g->notes = arena_alloc(g->m.arena, (g->n + 1) * sizeof *g->notes);
        qsort(g->lines, g->n, sizeof *g->lines, by_idx);
        int rc = choose_checkpoint(g, g->lines[g->n - 1].idx, reterr);
        rc = rc < 0 ? rc : choose_firsts(g, reterr);
        rc = rc < 0 ? rc : put_records(g, &records, reterr);
        if (rc == 0) {
                buf_z(out, "{\"format\": \"suyuan-proof/1\", \"item\": ");
                json_write_str(out, item);
                buf_z(out, ", \"made\": ");
                json_write_str(out, made);
                buf_z(out, g->cut ? ", \"cut\": true,\n" : ",\n");
                put_shared(g, out);
                buf_z(out, ",\n");
                buf_str(out, buf_view(&records));
                buf_z(out, "}\n");
                if (records.overflow || out->overflow)
                        rc = err_set(reterr, ERR_TOO_LARGE, "the proof of %.*s is larger than %d bytes", STR_ARG(item), LIMIT_PROOF_FILE_BYTES);
        }
        buf_free(&records);
        return rc;
}

int bundle_of_item(struct proof *p, struct reader *r, struct arena *a, int64_t org, struct str item, bool openings, struct buf *out, struct err *reterr)
{
        struct gathering g = { .m = { .reader = r, .arena = a, .lists = proof_seal_lists(p), .openings = openings }, .proof = p };
        struct trace_options o = { .max_nodes = LIMIT_PAGE_NODES, .containers_too = true };
        struct trace *t;
        if (trace_walk(a, r, org, item, TRACE_BACK, &o, &t, reterr) < 0)
                return -1;
        if (!t->n_events)
                return err_set(reterr, ERR_NOT_FOUND, "no record tells of %.*s", STR_ARG(item));
        return gather(&g, org, t, reterr) < 0 ? -1 : put_file(&g, t->item, out, reterr);
}

int proof_of_event(struct proof *p, struct reader *r, struct arena *a, int64_t org, int64_t seq, bool openings, struct buf *out, struct err *reterr)
{
        struct gathering g = { .m = { .reader = r, .arena = a, .lists = proof_seal_lists(p), .openings = openings }, .proof = p };
        struct proof_file f = { 0 };
        struct log_opening o;
        struct str event;
        struct buf b = { .max = LIMIT_PROOF_FILE_BYTES / 4 };
        g.notes = arena_alloc(a, sizeof *g.notes);
        int rc = make_event(&g.m, reader_event_org(org, seq), reader_event_seq(org, seq), &b, &o, &event, reterr);
        rc = rc < 0 ? rc : choose_checkpoint(&g, o.idx, reterr);
        int n = rc < 0 ? -1 : proof_inclusion(p, o.idx, g.notes[0].size, f.proof, reterr);
        if (n >= 0) {
                buf_char(&b, '}');
                f.extra = buf_view(&b);
                f.index = o.idx;
                f.n = (size_t)n;
                f.checkpoint = g.notes[0].note;
                proof_file_write(out, &f);
        }
        bool large = b.overflow || out->overflow;
        buf_free(&b);
        return n < 0 ? -1 : large ? err_set(reterr, ERR_TOO_LARGE, "the record is too large for a .tlog-proof: ask for the proof of the thing") : 0;
}

int proof_of_leaf(struct proof *p, struct arena *a, int64_t index, struct buf *out, struct err *reterr)
{
        struct proof_file f = { .index = index };
        struct proof_figures known;
        proof_figures(p, &known);
        if (index >= known.leaves)
                return err_set(reterr, ERR_NOT_FOUND, "the log has no leaf %lld", (long long)index);
        if (proof_checkpoint(p, a, &f.checkpoint, reterr) < 0 && reterr->kind != ERR_NOT_FOUND)
                return -1;
        int64_t size = f.checkpoint.n ? note_size(a, f.checkpoint) : 0;
        if (size <= index)
                return err_set(reterr, ERR_BUSY, "leaf %lld is not under a checkpoint yet; try again in a second", (long long)index);
        int n = proof_inclusion(p, index, size, f.proof, reterr);
        f.n = n < 0 ? 0 : (size_t)n;
        if (n >= 0)
                proof_file_write(out, &f);
        return n < 0 ? -1 : 0;
}
