#include "base/text.h"
#include "pages/pages_impl.h"

/* "Check it yourself": what an item's page holds for it.  All of it says its piece without script too; web/verify/ fills it with life. */

static void write_proof_href(const struct item_page *p)
{
        struct buf code;
        buf_init(&code, 4096);
        percent_encode(&code, p->s->item->canonical, "/");
        buf_z(p->b, "/log/proof?item=");
        html_text(p->b, buf_view(&code));
        buf_free(&code);
}

/* The card behind the verdict: one sentence, which the script replaces by what it found. */
void item_check(const struct item_page *p)
{
        buf_z(p->b, "<section class=\"card k\" id=\"check\" data-proof=\"");
        write_proof_href(p);
        buf_printf(p->b, "\" data-policy=\"/log/policy\" data-words=\"/verify/%s.%s.json\">", verify_version(), lang_tag(p->l));
        shell_icon(p->b, ICON_SHIELD);
        buf_z(p->b, "<div><h2>");
        html_words(p->b, p->l, W_C_TITLE);
        buf_z(p->b, "</h2><p role=\"status\">");
        html_words(p->b, p->l, W_CHECK_REST);
        buf_z(p->b, "</p><progress hidden max=\"1\" value=\"0\" aria-label=\"");
        html_words(p->b, p->l, W_C_TITLE);
        buf_z(p->b, "\"></progress><p class=\"go\"><button type=\"button\" hidden></button> <a href=\"#proves\">");
        html_words(p->b, p->l, W_CHECK_WHAT);
        buf_z(p->b, "</a></p></div></section>");
}

static void line(const struct item_page *p, const char *class, enum words head, enum words text)
{
        buf_printf(p->b, "<li class=\"%s\"><b>", class);
        html_words(p->b, p->l, head);
        buf_z(p->b, "</b> ");
        html_words(p->b, p->l, text);
        buf_z(p->b, "</li>");
}

static void write_own_way(const struct item_page *p)
{
        buf_z(p->b, "<h3>");
        html_words(p->b, p->l, W_OWN_WAY);
        buf_z(p->b, "</h3><p>");
        html_words(p->b, p->l, W_OWN_WAY_TEXT);
        buf_z(p->b, "</p><pre><code>suyuan verify suyuan-proof.json --policy suyuan-policy.txt</code></pre><p class=\"links\"><a download=\"suyuan-proof.json\" href=\"");
        write_proof_href(p);
        buf_z(p->b, "\">");
        html_words(p->b, p->l, W_PROOF_FILE);
        buf_z(p->b, "</a> <a download=\"suyuan-policy.txt\" href=\"/log/policy\">");
        html_words(p->b, p->l, W_POLICY_FILE);
        buf_z(p->b, "</a></p><dl id=\"check-key\" hidden></dl>");
}

/* Who recorded: the organisations of this page's entries, as they are called. */
static void write_orgs(const struct item_page *p)
{
        buf_z(p->b, "<template id=\"check-orgs\">");
        for (size_t i = 0; i < p->n_orgs; i++) {
                buf_z(p->b, "<i data-k=\"");
                html_text(p->b, p->orgs[i].code);
                buf_z(p->b, "\">");
                html_text(p->b, p->orgs[i].name[p->l]);
                buf_z(p->b, "</i>");
        }
        buf_z(p->b, "</template>");
}

/* What all this proves and what it doesn't, and how to do without this page. */
void item_proves(const struct item_page *p)
{
        buf_z(p->b, "<section class=\"card\" id=\"proves\"><h2>");
        html_words(p->b, p->l, W_PROVES);
        buf_z(p->b, "</h2><p>");
        html_words(p->b, p->l, W_PROVES_TEXT);
        buf_z(p->b, "</p><ul class=\"pv\">");
        line(p, "", W_PROVES_DOES, W_PROVES_DOES_TEXT);
        line(p, "no", W_PROVES_NOT, W_PROVES_NOT_TEXT);
        buf_z(p->b, "</ul>");
        write_own_way(p);
        write_orgs(p);
        buf_z(p->b, "</section>");
}

void item_script(const struct item_page *p)
{
        buf_printf(p->b, "<script type=\"module\" src=\"/verify/%s.js\"></script>", verify_version());
}

static bool has_org(const struct item_page *p, struct str code)
{
        for (size_t i = 0; i < p->n_orgs; i++)
                if (str_eq(p->orgs[i].code, code))
                        return true;
        return false;
}

/* An organisation without a name of its own in the master data is told by its code; the one that every installation begins with, in words. */
static int name_org(struct item_page *p, struct reader *r, int64_t org, struct str code, struct err *reterr)
{
        struct story_name n;
        struct item_org *o = &p->orgs[p->n_orgs];
        struct str canonical = arena_printf(p->q->arena, "/org/%.*s", STR_ARG(code));
        if (story_name_of(p->q->arena, r, org, canonical, &n, reterr) < 0)
                return -1;
        o->code = code;
        for (int l = 0; l < LANGS; l++)
                o->name[l] = n.own ? n.text[l] : str_is(code, "default") ? str_of(words(W_HOUSE, (enum lang)l)) : code;
        p->n_orgs++;
        return 0;
}

int item_check_orgs(struct item_page *p, struct reader *r, struct err *reterr)
{
        const struct trace *t = p->s->trace;
        for (size_t i = 0; i < p->s->n_entries && p->n_orgs < ITEM_ORGS; i++) {
                struct str code = store_org_code(p->store, p->q->arena, reader_event_org(p->org, t->events[p->s->entries[i].event].seq));
                if (code.n && !has_org(p, code) && name_org(p, r, p->org, code, reterr) < 0)
                        return -1;
        }
        return 0;
}

static struct str last_part(struct str s)
{
        for (size_t i = s.n; i-- > 0;)
                if (s.p[i] == '/' || s.p[i] == ':' || s.p[i] == '#' || s.p[i] == '-')
                        return str_from(s, i + 1);
        return s;
}

/* What a row claims to tell, for the script to hold against the proven record: organisation, number there, step, and the beginning of the eventID's
 * SHA-256 ("-" where the client gave none). */
void item_row_claims(const struct item_page *p, const struct story_entry *e)
{
        const struct event_head *h = &p->s->trace->events[e->event];
        struct hash id = sha256(h->event_id.p, h->event_id.n);
        buf_z(p->b, " data-r=\"");
        html_text(p->b, store_org_code(p->store, p->q->arena, reader_event_org(p->org, h->seq)));
        buf_char(p->b, ' ');
        buf_i64(p->b, reader_event_seq(p->org, h->seq));
        buf_char(p->b, ' ');
        html_text(p->b, h->biz_step.n ? last_part(h->biz_step) : STR("-"));
        buf_char(p->b, ' ');
        if (h->event_id_given_here)
                buf_char(p->b, '-');
        else
                buf_hex(p->b, id.b, 6);
        buf_char(p->b, '"');
}
