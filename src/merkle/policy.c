#include "merkle/policy.h"

#include <stdlib.h>

#include "base/text.h"

/* A name of the file: a witness, or a group over earlier names.  Names are bytes, not words: C2SP keeps Unicode out of it. */
struct node {
        struct str name;
        size_t witness;                 /* its number; of a group SIZE_MAX */
        size_t *members, n_members;     /* numbers of nodes before this one */
        int64_t least;                  /* how many of them */
        bool used;                      /* is a member of a group: of one at most */
};

enum { NAMES_MAX = 1024, FIELDS_MAX = 3 + NAMES_MAX, NO_QUORUM = -1 };

struct policy {
        struct policy_log *logs;
        struct policy_witness *witnesses;
        struct node *nodes;
        size_t n_logs, n_witnesses, n_nodes;
        int64_t quorum;                 /* the number of a node, or NO_QUORUM */
        bool has_quorum;
};

/* ---- reading ---- */

struct reading {
        struct arena *a;
        struct policy *p;
        struct str field[FIELDS_MAX];   /* of this line */
        size_t n_fields;
        int line;
        struct err *reterr;
};

static int at_line(struct reading *r)
{
        if (r->reterr)
                r->reterr->line = r->line;
        return -1;
}

static int bad(struct reading *r, struct str what, const char *why)
{
        what.n = utf8_valid_to((struct str){ what.p, what.n < 80 ? what.n : 80 });
        err_set(r->reterr, ERR_BAD_INPUT, "line %d of the policy: '%.*s' %s", r->line, STR_ARG(what), why);
        return at_line(r);
}

/* Splits at blanks and tabs; -1 when there are more words than any line may have. */
static int cut_fields(struct reading *r, struct str line)
{
        r->n_fields = 0;
        for (size_t i = 0; i < line.n;) {
                size_t from = i;
                while (i < line.n && line.p[i] != ' ' && line.p[i] != '\t')
                        i++;
                if (i > from) {
                        if (r->n_fields == FIELDS_MAX)
                                return bad(r, r->field[0], "has too many words");
                        r->field[r->n_fields++] = (struct str){ line.p + from, i - from };
                }
                i += i < line.n;
        }
        return 0;
}

static int64_t find(const struct policy *p, struct str name)
{
        for (size_t i = 0; i < p->n_nodes; i++)
                if (str_eq(p->nodes[i].name, name))
                        return (int64_t)i;
        return -1;
}

static struct node *add_node(struct reading *r, struct str name)
{
        struct policy *p = r->p;

        if (str_is(name, "none") || find(p, name) >= 0) {
                bad(r, name, "is taken: each witness and group has a name of its own, and 'none' is nobody's");
                return NULL;
        }
        if (p->n_nodes == NAMES_MAX) {
                bad(r, name, "is one name too many");
                return NULL;
        }
        struct node *n = &p->nodes[p->n_nodes++];
        *n = (struct node){ .name = arena_str(r->a, name), .witness = SIZE_MAX };
        return n;
}

static int read_key(struct reading *r, struct str text, struct vkey *ret)
{
        struct err why = { 0 };

        if (vkey_read(r->a, text, ret, &why) == 0)
                return 0;
        err_set(r->reterr, ERR_BAD_INPUT, "line %d of the policy: %s", r->line, why.detail);
        return at_line(r);
}

static struct str read_url(struct reading *r, size_t at)
{
        return r->n_fields > at ? arena_str(r->a, r->field[at]) : STR_NONE;
}

/* Whatever name and type they go by. */
static bool same_key(const struct vkey *a, const struct vkey *b)
{
        return str_eq(a->key, b->key);
}

/* log <vkey> [url] */
static int read_log(struct reading *r)
{
        struct policy *p = r->p;
        struct policy_log *l = &p->logs[p->n_logs];

        if (r->n_fields < 2 || r->n_fields > 3)
                return bad(r, r->field[0], "has a key and, if any, an address");
        if (p->n_logs == NAMES_MAX)
                return bad(r, r->field[0], "stands there too often");
        if (read_key(r, r->field[1], &l->vkey) < 0)
                return -1;
        if (l->vkey.type == KEY_COSIGN)
                return bad(r, r->field[1], "is the key of a witness, not of a log");
        for (size_t i = 0; i < p->n_logs; i++)
                if (same_key(&p->logs[i].vkey, &l->vkey))
                        return bad(r, r->field[1], "is a key that an earlier line has too");
        l->url = read_url(r, 2);
        p->n_logs++;
        return 0;
}

/* witness <name> <vkey> [url] */
static int read_witness(struct reading *r)
{
        struct policy *p = r->p;
        struct policy_witness *w = &p->witnesses[p->n_witnesses];
        struct node *n;

        if (r->n_fields < 3 || r->n_fields > 4)
                return bad(r, r->field[0], "has a name, a key and, if any, an address");
        if (!(n = add_node(r, r->field[1])) || read_key(r, r->field[2], &w->vkey) < 0)
                return -1;
        if (w->vkey.type == KEY_ED25519 || w->vkey.type == KEY_SM2)
                return bad(r, r->field[2], "is the key of a log, not of a witness");
        for (size_t i = 0; i < p->n_witnesses; i++)
                if (same_key(&p->witnesses[i].vkey, &w->vkey))
                        return bad(r, r->field[2], "is a key that an earlier line has too: one witness counts once");
        w->name = n->name;
        w->url = read_url(r, 3);
        n->witness = p->n_witnesses++;
        return 0;
}

/* How many of n members. */
static bool read_least(struct str s, size_t n, int64_t *ret)
{
        if (str_is(s, "any"))
                *ret = 1;
        else if (str_is(s, "all"))
                *ret = (int64_t)n;
        else if (!number_read(s, ret))
                return false;
        return *ret >= 1 && *ret <= (int64_t)n;
}

/* group <name> <k|any|all> <member>… */
static int read_group(struct reading *r)
{
        struct policy *p = r->p;
        size_t members = r->n_fields < 3 ? 0 : r->n_fields - 3;
        struct node group = { .members = arena_array(r->a, size_t, members ? members : 1) }, *n;

        if (members == 0)
                return bad(r, r->field[0], "has a name, how many must agree, and members");
        if (!read_least(r->field[2], members, &group.least))
                return bad(r, r->field[2], "is not 'any', 'all' or a number from 1 to that of the members");
        for (size_t i = 0; i < members; i++) {
                int64_t m = find(p, r->field[3 + i]);
                if (m < 0)
                        return bad(r, r->field[3 + i], "is no witness or group of an earlier line");
                if (p->nodes[m].used)
                        return bad(r, r->field[3 + i], "is a member already: each name counts in one place only");
                p->nodes[m].used = true;
                group.members[group.n_members++] = (size_t)m;
        }
        if (!(n = add_node(r, r->field[1])))
                return -1;
        n->members = group.members;
        n->n_members = group.n_members;
        n->least = group.least;
        return 0;
}

/* quorum <name>|none */
static int read_quorum(struct reading *r)
{
        if (r->n_fields != 2)
                return bad(r, r->field[0], "names one witness or group, or 'none'");
        if (r->p->has_quorum)
                return bad(r, r->field[0], "stands there twice");
        r->p->has_quorum = true;
        r->p->quorum = find(r->p, r->field[1]);
        if (r->p->quorum < 0 && !str_is(r->field[1], "none"))
                return bad(r, r->field[1], "is no witness or group of an earlier line");
        return 0;
}

static int read_policy_line(struct reading *r, struct str line)
{
        static const struct { const char *word; int (*read)(struct reading *r); } words[] = {
                { "log", read_log }, { "witness", read_witness }, { "group", read_group }, { "quorum", read_quorum },
        };

        for (size_t i = 0; i < line.n; i++)
                if (((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7f)
                        return bad(r, STR("…"), "holds a control character");
        if (cut_fields(r, line) < 0)
                return -1;
        if (r->n_fields == 0 || r->field[0].p[0] == '#')
                return 0;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (str_is(r->field[0], words[i].word))
                        return words[i].read(r);
        return bad(r, r->field[0], "is not log, witness, group or quorum");
}

/* A line makes one thing at most. */
static struct policy *policy_new(struct arena *a, struct str text)
{
        struct policy *p = arena_alloc(a, sizeof *p);
        size_t room = 2;        /* the last line, and one to read into */

        for (size_t i = 0; i < text.n && room <= NAMES_MAX; i++)
                room += text.p[i] == '\n';
        p->logs = arena_array(a, struct policy_log, room);
        p->witnesses = arena_array(a, struct policy_witness, room);
        p->nodes = arena_array(a, struct node, room);
        p->quorum = NO_QUORUM;
        return p;
}

int policy_read(struct arena *a, struct str text, struct policy **ret, struct err *reterr)
{
        struct reading *r = arena_alloc(a, sizeof *r);
        struct str rest = text, line;

        *r = (struct reading){ .a = a, .p = policy_new(a, text), .reterr = reterr };
        if (text.n > POLICY_BYTES_MAX)
                return err_set(reterr, ERR_TOO_LARGE, "a policy has at most %d bytes", POLICY_BYTES_MAX);
        while (str_split(&rest, '\n', &line)) {
                r->line++;
                if (read_policy_line(r, line) < 0)
                        return -1;
        }
        if (!r->p->has_quorum)
                return bad(r, STR("quorum"), "is missing: name a witness or group, or say 'quorum none'");
        *ret = r->p;
        return 0;
}

/* ---- asking ---- */

const struct policy_log *policy_logs(const struct policy *p, size_t *ret_n)
{
        *ret_n = p->n_logs;
        return p->logs;
}

const struct policy_witness *policy_witnesses(const struct policy *p, size_t *ret_n)
{
        *ret_n = p->n_witnesses;
        return p->witnesses;
}

const char *policy_quorum(const struct policy *p)
{
        return p->quorum < 0 ? "none" : p->nodes[p->quorum].name.p;     /* arena_str ends with a NUL */
}

/* One of the policy's logs has signed, under its own name, and no line of any log's key that is known fails. */
static int check_logs(const struct policy *p, struct policy_seen *seen, struct err *reterr)
{
        const struct signed_checkpoint *s = &seen->checkpoint;
        bool named = false;

        for (size_t i = 0; i < p->n_logs; i++) {
                const struct vkey *k = &p->logs[i].vkey;
                bool ours = str_eq(k->name, s->c.origin);
                int found = note_verify(&s->note, k);
                if (found < 0)
                        return err_set(reterr, ERR_BAD_INPUT, "the signature of the log '%.*s' does not hold", STR_ARG(k->name));
                if (found && ours && !seen->log)
                        seen->log = &p->logs[i];
                named |= ours;
        }
        if (seen->log)
                return 0;
        return err_set(reterr, ERR_BAD_INPUT, named ? "the checkpoint of '%.*s' is not signed with a key that the policy has of this log" :
                       "the checkpoint is of the log '%.*s', which the policy does not know", STR_ARG(s->c.origin));
}

/* Fills in whose cosignatures hold; -1 when one does not. */
static int check_witnesses(const struct policy *p, struct policy_seen *seen, bool *ret_holds, struct err *reterr)
{
        for (size_t i = 0; i < p->n_witnesses; i++) {
                int64_t time = 0;
                int found = cosigned(&seen->checkpoint.note, &p->witnesses[i].vkey, &time);
                if (found < 0)
                        return err_set(reterr, ERR_BAD_INPUT, "the cosignature of the witness '%.*s' does not hold", STR_ARG(p->witnesses[i].name));
                ret_holds[i] = found > 0;
                if (!found)
                        continue;
                seen->first_s = seen->n_witnesses == 0 || time < seen->first_s ? time : seen->first_s;
                seen->last_s = time > seen->last_s ? time : seen->last_s;
                seen->n_witnesses++;
        }
        return 0;
}

/* Groups stand after their members: one pass. */
static int check_quorum(struct arena *a, const struct policy *p, const bool *witnessed, size_t n_witnesses, struct err *reterr)
{
        bool *holds = arena_array(a, bool, p->n_nodes + 1);
        int64_t have = 0;

        if (p->quorum < 0)
                return 0;
        for (size_t i = 0; i <= (size_t)p->quorum; i++) {
                const struct node *n = &p->nodes[i];
                have = n->witness == SIZE_MAX ? 0 : witnessed[n->witness];
                for (size_t m = 0; m < n->n_members; m++)
                        have += holds[n->members[m]];
                holds[i] = have >= (n->witness == SIZE_MAX ? n->least : 1);
        }
        if (holds[p->quorum])
                return 0;

        const struct node *q = &p->nodes[p->quorum];
        if (q->witness != SIZE_MAX)
                return err_set(reterr, ERR_BAD_INPUT, "the witness '%s', which the policy asks for, has not cosigned the checkpoint", q->name.p);
        return err_set(reterr, ERR_BAD_INPUT, "the quorum '%s' is not met: %lld of its %zu members have witnessed the checkpoint, %lld are needed (%zu cosignatures hold)",
                       q->name.p, (long long)have, q->n_members, (long long)q->least, n_witnesses);
}

int policy_open(struct arena *a, const struct policy *p, struct str checkpoint_note, struct policy_seen *ret, struct err *reterr)
{
        bool *witnessed = arena_array(a, bool, p->n_witnesses + 1);

        *ret = (struct policy_seen){ 0 };
        if (note_read(a, checkpoint_note, &ret->checkpoint.note, reterr) < 0 ||
            checkpoint_read(ret->checkpoint.note.text, &ret->checkpoint.c, reterr) < 0 ||
            check_logs(p, ret, reterr) < 0 || check_witnesses(p, ret, witnessed, reterr) < 0)
                return -1;
        return check_quorum(a, p, witnessed, ret->n_witnesses, reterr);
}

/* The line of this witness with the earliest time before `*said`, which is moved there. */
static struct note_line *earlier_line(const struct note *n, const struct vkey *witness, int64_t *said)
{
        struct note_line *found = NULL;

        for (size_t i = 0; i < n->n_lines; i++) {
                int64_t time = cosigned_said(&n->lines[i]);
                if (!note_line_of(&n->lines[i], witness) || time >= *said)
                        continue;
                found = &n->lines[i];
                *said = time;
        }
        return found;
}

int policy_first(const struct policy *p, const struct note *n, int64_t *ret_time_s)
{
        struct note one = { .text = n->text, .n_lines = 1 };
        const struct vkey *witness = NULL;
        int64_t said = INT64_MAX;

        for (size_t i = 0; i < p->n_witnesses; i++) {
                struct note_line *l = p->witnesses[i].vkey.type == KEY_COSIGN ? earlier_line(n, &p->witnesses[i].vkey, &said) : NULL;
                if (!l)
                        continue;
                one.lines = l;
                witness = &p->witnesses[i].vkey;
        }
        return witness ? cosigned(&one, witness, ret_time_s) : 0;
}
