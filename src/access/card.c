#include "access/access_impl.h"
#include "access/credit_code.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "store/sql_names.h"

/* What stands on an organisation's licence: the credit code, the full name in other languages, the address; and whom to ask. */

enum { CARD_MEMBERS = 5, CARD_TEXT_BYTES = 400 };

static const struct { const char *name; size_t at; } members[CARD_MEMBERS] = {
        { "creditCode", offsetof(struct access_card, credit_code) }, { "nameHant", offsetof(struct access_card, name_hant) },
        { "nameEn", offsetof(struct access_card, name_en) }, { "address", offsetof(struct access_card, address) },
        { "contact", offsetof(struct access_card, contact) },
};

static struct str *text_at(struct access_card *c, int i)
{
        return (struct str *)(void *)((char *)c + members[i].at);
}

static struct str text_of(const struct access_card *c, int i)
{
        struct access_card copy = *c;
        return *text_at(&copy, i);
}

/* One line of text: it stands in tables and on paper. */
static int judge_text(const char *name, struct str s, struct err *reterr)
{
        for (size_t i = 0; i < s.n; i++)
                if ((unsigned char)s.p[i] < 0x20)
                        return err_set(reterr, ERR_BAD_INPUT, "%s 是一行文字 / %s is one line of text", name, name);
        return s.n <= CARD_TEXT_BYTES ? 0 : err_set(reterr, ERR_BAD_INPUT, "%s 最多 %d 字节 / %s has at most %d bytes", name, CARD_TEXT_BYTES, name, CARD_TEXT_BYTES);
}

int card_complete(struct arena *a, const struct access_card *sent, const struct access_card *there, struct access_card *ret, struct str *ret_changes, struct err *reterr)
{
        struct access_card want = *sent;
        char code[CREDIT_CODE_BYTES];
        if (want.credit_code.n) {
                if (credit_code_read(want.credit_code, code, reterr) < 0)
                        return -1;
                want.credit_code = (struct str){ code, sizeof code };
        }
        struct buf changes = { .max = 200 };
        for (int i = 0; i < CARD_MEMBERS; i++) {
                struct str now = text_of(there, i), then = text_of(&want, i).p ? str_trim(text_of(&want, i)) : now;
                if (judge_text(members[i].name, then, reterr) < 0) {
                        buf_free(&changes);
                        return -1;
                }
                if (!str_eq(now, then))
                        buf_printf(&changes, "%s%s", changes.n ? "," : "", members[i].name);
                *text_at(ret, i) = then.n ? arena_str(a, then) : STR("");
        }
        *ret_changes = changes.n ? arena_str(a, buf_view(&changes)) : STR_NONE;
        buf_free(&changes);
        return 0;
}

int card_write(struct db *db, int64_t org, const struct access_card *c, struct err *reterr)
{
        return db_run(db, SQL_org_card_set, DB_ARGS(db_i(org), db_t(c->credit_code), db_t(c->name_hant), db_t(c->name_en), db_t(c->address), db_t(c->contact)), reterr);
}

void card_tell(struct buf *b, const struct access_card *card)
{
        for (int i = 0; i < CARD_MEMBERS; i++) {
                struct str s = text_of(card, i);
                if (!s.n)
                        continue;
                buf_printf(b, ",\"%s\":", members[i].name);
                json_write_str(b, s);
        }
}

bool access_card_of(struct access *x, struct arena *a, int64_t org, struct str *ret_name, struct access_card *ret)
{
        pthread_rwlock_rdlock(&x->lock);
        const struct book_org *o = book_org(x->book, org);
        if (o) {
                *ret_name = str_eq(o->name, o->code) ? STR_NONE : arena_str(a, o->name);
                for (int i = 0; i < CARD_MEMBERS; i++)
                        *text_at(ret, i) = arena_str(a, text_of(&o->card, i));
        }
        pthread_rwlock_unlock(&x->lock);
        return o != NULL;
}
