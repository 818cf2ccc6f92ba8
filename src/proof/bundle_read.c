#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "merkle/prooffile.h"
#include "proof/bundle_impl.h"

/* From bytes of anybody to a struct bundle_file.  A record that cannot be read is kept with the member that is at fault, so that the checker names
 * it; only what is no file of proof at all is refused. */

static const char bundle_format[] = "suyuan-proof/1", tlog_format[] = "c2sp.org/tlog-proof@v1\n";

static bool read_hash(const struct json *v, struct hash *ret)
{
        return json_is(v, JSON_STRING) && base64_read(json_text(v), ret->b, sizeof ret->b);
}

static bool read_index(const struct json *v, int64_t *ret)
{
        *ret = json_int(v, -1);
        return *ret >= 0;
}

/* Has it no members but these?  A name that is misspelt must not make what stands under it disappear. */
static bool only(const struct json *v, const char *names)
{
        if (!json_is(v, JSON_OBJECT))
                return false;
        for (uint32_t i = 0; i < v->n; i++) {
                struct str rest = str_of(names), word;
                bool known = false;
                while (!known && str_split(&rest, ' ', &word))
                        known = str_eq(word, v->members[i].name);
                if (!known)
                        return false;
        }
        return true;
}

/* ---- what several records share ---- */

struct shared { const struct hash *hashes; size_t n; size_t n_checkpoints; };

/* Numbers into the list of hashes. */
static bool read_proof(struct arena *a, const struct json *v, const struct shared *s, struct hash **ret, size_t *ret_n)
{
        if (!json_is(v, JSON_ARRAY) || v->n > PROOF_MAX)
                return false;
        *ret = arena_array(a, struct hash, v->n + 1);
        *ret_n = v->n;
        for (uint32_t i = 0; i < v->n; i++) {
                int64_t at = json_int(&v->items[i], -1);
                if (at < 0 || (uint64_t)at >= s->n)
                        return false;
                (*ret)[i] = s->hashes[at];
        }
        return true;
}

static bool read_first(struct arena *a, const struct json *v, const struct shared *s, struct file_record *ret)
{
        int64_t at;
        if (!v)
                return true;
        if (!only(v, "checkpoint proof") || !read_index(json_get(v, "checkpoint"), &at) || (uint64_t)at >= s->n_checkpoints)
                return false;
        ret->has_first = true;
        ret->first_checkpoint = (size_t)at;
        return read_proof(a, json_get(v, "proof"), s, &ret->first, &ret->n_first);
}

/* ---- a record ---- */

static bool read_signature(const struct json *v, struct file_record *ret)
{
        ret->has_signature = v != NULL;
        return !v || (only(v, "key value name") && base64_read(json_str(v, "key"), ret->signature.key, sizeof ret->signature.key) &&
                      base64_read(json_str(v, "value"), ret->signature.value, sizeof ret->signature.value));
}

static bool read_commitments(struct arena *a, const struct json *v, struct file_record *ret)
{
        if (!v)
                return true;
        if (!json_is(v, JSON_ARRAY))
                return false;
        ret->commitments = arena_array(a, struct hash, v->n + 1);
        ret->n_commitments = v->n;
        for (uint32_t i = 0; i < v->n; i++)
                if (!read_hash(&v->items[i], &ret->commitments[i]))
                        return false;
        return true;
}

static bool openings_ok(const struct json *v)
{
        const struct json *members = json_get(v, "members");
        if (!only(v, "salt members") || !json_is(members, JSON_ARRAY))
                return false;
        for (uint32_t i = 0; i < members->n; i++)
                if (!only(&members->items[i], "pointer value"))
                        return false;
        return true;
}

/* What is hashed: an event under its header, or a statement. */
static const char *read_text(struct arena *a, const struct json *v, struct file_record *ret)
{
        ret->header = json_str(v, "header");
        ret->event = json_str(v, "event");
        ret->statement = json_str(v, "statement");
        if (ret->type != LEAF_EVENT)
                return !ret->statement.n ? "statement" : read_commitments(a, json_get(v, "commitments"), ret) ? NULL : "commitments";
        if (!ret->header.n || !ret->event.n)
                return ret->header.n ? "event" : "header";
        ret->openings = json_get(v, "openings");
        if (ret->openings && !openings_ok(ret->openings))
                return "openings";
        return read_signature(json_get(v, "signature"), ret) ? NULL : "signature";
}

/* Which member cannot be read; NULL: none. */
static const char *read_common(struct arena *a, const struct json *v, struct file_record *ret)
{
        int64_t type = json_int(json_get(v, "type"), 0);
        if (!only(v, "type index recordedMs salt header event signature openings statement commitments proof first"))
                return "a member of its own";
        if (type < 1 || type >= LEAF_TYPES)
                return "type";
        ret->type = (uint8_t)type;
        if (!read_index(json_get(v, "index"), &ret->index))
                return "index";
        if (!read_index(json_get(v, "recordedMs"), &ret->ms))
                return "recordedMs";
        return read_hash(json_get(v, "salt"), &ret->salt) ? read_text(a, v, ret) : "salt";
}

static void read_record(struct arena *a, const struct json *v, const struct shared *s, struct file_record *ret)
{
        ret->fault = read_common(a, v, ret);
        if (!ret->fault && !read_proof(a, json_get(v, "proof"), s, &ret->proof, &ret->n_proof))
                ret->fault = "proof";
        if (!ret->fault && !read_first(a, json_get(v, "first"), s, ret))
                ret->fault = "first";
}

/* ---- the file ---- */

static int damaged(struct bundle_file *f, const char *what, const struct err *e)
{
        if (e && e->line)
                snprintf(f->damage, sizeof f->damage, "%s, line %d, column %d: %.200s", what, e->line, e->column, e->detail);
        else
                snprintf(f->damage, sizeof f->damage, "%s%s%.200s", what, e ? ": " : "", e ? e->detail : "");
        return 0;
}

static int read_checkpoints(struct arena *a, const struct json *v, struct bundle_file *ret)
{
        if (!json_is(v, JSON_ARRAY) || !v->n || v->n > LIMIT_PROOF_RECORDS + 1)
                return -1;
        ret->checkpoints = arena_array(a, struct str, v->n);
        ret->n_checkpoints = v->n;
        for (uint32_t i = 0; i < v->n; i++)
                if (!(ret->checkpoints[i] = json_text(&v->items[i])).n)
                        return -1;
        return 0;
}

/* A hash that cannot be read spoils the records that use it, not the others: it becomes one that fits nowhere. */
static int read_hashes(struct arena *a, const struct json *v, struct shared *ret)
{
        if (!json_is(v, JSON_ARRAY))
                return -1;
        struct hash *list = arena_array(a, struct hash, v->n + 1);
        for (uint32_t i = 0; i < v->n; i++)
                if (!read_hash(&v->items[i], &list[i]))
                        memset(&list[i], 0xff, sizeof list[i]);
        *ret = (struct shared){ .hashes = list, .n = v->n };
        return 0;
}

static int read_bundle(struct arena *a, const struct json *v, struct bundle_file *ret)
{
        struct shared s;
        const struct json *records = json_get(v, "records");
        if (!(ret->item = json_str(v, "item")).n || !only(v, "format item made cut checkpoints hashes records"))
                return damaged(ret, "a member of the file is missing or unknown", NULL);
        if (read_checkpoints(a, json_get(v, "checkpoints"), ret) < 0)
                return damaged(ret, "checkpoints is no list of notes", NULL);
        if (read_hashes(a, json_get(v, "hashes"), &s) < 0)
                return damaged(ret, "hashes is no list", NULL);
        if (!json_is(records, JSON_ARRAY) || !records->n || records->n > LIMIT_PROOF_FILE_RECORDS)
                return damaged(ret, "records is no list of records, or of too many", NULL);
        s.n_checkpoints = ret->n_checkpoints;
        ret->n_records = records->n;
        ret->records = arena_array(a, struct file_record, records->n);
        for (uint32_t i = 0; i < records->n; i++)
                read_record(a, &records->items[i], &s, &ret->records[i]);
        return 0;
}

/* The tlog-proof's extra is the record without its proof. */
static int read_tlog(struct arena *a, struct str file, struct bundle_file *ret)
{
        struct proof_file *p = arena_alloc(a, sizeof *p);
        struct err e = { 0 };
        const struct json *v;
        if (proof_file_read(a, file, p, &e) < 0)
                return damaged(ret, "the .tlog-proof", &e);
        if (!p->extra.n)
                return damaged(ret, "the .tlog-proof bears no record, only the way to one: name the file that was logged, and this one as its --proof", NULL);
        if (json_read(a, p->extra.p, p->extra.n, NULL, &v, &e) < 0)
                return damaged(ret, "extra of the .tlog-proof", &e);
        struct file_record *r = ret->records = arena_alloc(a, sizeof *r);
        ret->n_records = ret->n_checkpoints = 1;
        ret->checkpoints = arena_alloc(a, sizeof *ret->checkpoints);
        ret->checkpoints[0] = p->checkpoint;
        r->fault = read_common(a, v, r);
        if (!r->fault && r->index != p->index)
                r->fault = "index";
        r->proof = p->proof;
        r->n_proof = p->n;
        return 0;
}

/* Was this one of our files before somebody changed it?  Its first words say so, whatever came after. */
static bool was_ours(struct str file)
{
        return memmem(file.p, file.n < 200 ? file.n : 200, bundle_format, strlen(bundle_format)) != NULL;
}

int bundle_read(struct arena *a, struct str file, struct bundle_file *ret, struct err *reterr)
{
        struct err e = { 0 };
        const struct json *v;
        *ret = (struct bundle_file){ .item = STR_NONE };
        if (file.n > LIMIT_PROOF_FILE_BYTES)
                return err_set(reterr, ERR_BAD_INPUT, "a file of proof has at most %d bytes", LIMIT_PROOF_FILE_BYTES);
        if (str_starts(file, str_of(tlog_format)))
                return read_tlog(a, file, ret);
        if (!file.n || json_read(a, file.p, file.n, NULL, &v, &e) < 0)
                return file.n && was_ours(file) ? damaged(ret, "the file is no JSON any more", &e)
                                                : err_set(reterr, ERR_BAD_INPUT, "this is no file of proof: neither %s nor a .tlog-proof", bundle_format);
        if (!str_is(json_str(v, "format"), bundle_format))
                return err_set(reterr, ERR_BAD_INPUT, "this is no file of proof: its format is not %s", bundle_format);
        return read_bundle(a, v, ret);
}

/* ---- pointers ---- */

/* One token, with ~1 and ~0 undone. */
static struct str unescape(struct str token, char *room, size_t size)
{
        size_t n = 0;
        for (size_t i = 0; i < token.n && n < size; i++) {
                bool escaped = token.p[i] == '~' && i + 1 < token.n;
                room[n++] = escaped ? (token.p[i + 1] == '1' ? '/' : '~') : token.p[i];
                i += escaped;
        }
        return (struct str){ room, n };
}

static const struct json *child(const struct json *v, struct str token)
{
        int64_t at;
        if (json_is(v, JSON_OBJECT))
                return json_get_str(v, token);
        return json_is(v, JSON_ARRAY) && number_read(token, &at) && at < v->n ? &v->items[at] : NULL;
}

const struct json *json_at(const struct json *v, struct str pointer)
{
        char room[2048];
        struct str rest = pointer, token;
        if (!pointer.n)
                return v;
        if (pointer.p[0] != '/' || pointer.n > sizeof room)
                return NULL;
        rest = (struct str){ pointer.p + 1, pointer.n - 1 };
        while (v && str_split(&rest, '/', &token))
                v = child(v, unescape(token, room, sizeof room));
        return v;
}
