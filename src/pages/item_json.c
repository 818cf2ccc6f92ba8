#include "base/clock.h"
#include "base/json.h"
#include "pages/pages_impl.h"

/* The facts of the page for machines: JSON-LD under suyuan's vocabulary.  The same public facts, decided by the same code;
 * the events themselves are named by their eventID. */

static void member(struct buf *b, const char *name, struct str value)
{
        if (!value.n)
                return;
        buf_char(b, ',');
        json_write_name(b, name);
        json_write_str(b, value);
}

static void member_time(const struct item_page *p, const char *name, int64_t us)
{
        if (us != INT64_MIN)
                member(p->b, name, stamp_utc(p->q->arena, us));
}

static void member_number(struct buf *b, const char *name, long value)
{
        buf_char(b, ',');
        json_write_name(b, name);
        buf_i64(b, value);
}

static void write_name(const struct item_page *p, const char *name, const struct story_name *n)
{
        if (!n)
                return;
        buf_char(p->b, ',');
        json_write_name(p->b, name);
        buf_z(p->b, "{\"id\":");
        json_write_str(p->b, ident_uri(p->q->arena, n->canonical, p->own));
        member(p->b, "suyuan:name", n->text[p->l]);
        buf_char(p->b, '}');
}

static void write_amount_list(const struct item_page *p, const char *name, const struct story_amount *list, size_t n)
{
        if (!n)
                return;
        buf_char(p->b, ',');
        json_write_name(p->b, name);
        buf_char(p->b, '[');
        for (size_t i = 0; i < n; i++) {
                buf_z(p->b, i ? ",{\"id\":" : "{\"id\":");
                json_write_str(p->b, ident_uri(p->q->arena, list[i].what->canonical, p->own));
                member(p->b, "suyuan:name", list[i].what->text[p->l]);
                if (list[i].quantity.n) {
                        buf_z(p->b, ",\"quantity\":");
                        buf_str(p->b, list[i].quantity);
                }
                member(p->b, "uom", list[i].uom);
                buf_char(p->b, '}');
        }
        buf_char(p->b, ']');
}

static const char *kind_name(enum story_kind k)
{
        static const char *const names[STORY_KINDS] = {
                "sow", "fertilise", "spray", "irrigate", "input", "tend", "growth", "harvest", "process", "store", "pack", "test", "certificate",
                "hold", "release", "recall", "ship", "arrive", "shelf", "sold", "destroy",
                "order", "load", "depart", "transport", "receive", "other"
        };
        return names[k];
}

static void write_entry(const struct item_page *p, const struct story_entry *e)
{
        buf_z(p->b, "{\"eventID\":");
        json_write_str(p->b, e->event_id);
        member(p->b, "suyuan:kind", str_of(kind_name(e->kind)));
        member_time(p, "eventTime", e->time_us);
        write_name(p, "suyuan:place", e->place);
        write_name(p, "suyuan:organisation", e->org);
        write_name(p, "suyuan:from", e->from);
        write_name(p, "suyuan:to", e->to);
        write_amount_list(p, "suyuan:used", e->in, e->n_in);
        write_amount_list(p, "suyuan:made", e->out, e->n_out);
        member(p->b, "suyuan:target", e->target);
        member(p->b, "suyuan:dose", e->dose);
        if (e->interval_days >= 0)
                member_number(p->b, "suyuan:preHarvestIntervalDays", e->interval_days);
        if (e->result != RESULT_NONE)
                member(p->b, "suyuan:result", e->result == RESULT_PASSED ? STR("passed") : STR("failed"));
        if (e->declared_wrong)
                buf_z(p->b, ",\"suyuan:declaredWrong\":true");
        buf_char(p->b, '}');
}

static void write_gaps(const struct item_page *p)
{
        static const char *const names[] = { "origin", "sowing", "spraying", "interval", "harvest", "test", "transport", "temperature", "shelf", "photo", "testResult" };
        bool any = false;
        buf_z(p->b, ",\"suyuan:notRecorded\":[");
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (p->s->gaps & 1u << i) {
                        buf_printf(p->b, "%s\"%s\"", any ? "," : "", names[i]);
                        any = true;
                }
        buf_char(p->b, ']');
}

void item_json(const struct item_page *p)
{
        const struct story *s = p->s;
        buf_z(p->b, "{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\",{\"suyuan\":\"https://w3id.org/suyuan/voc/\"}],\"id\":");
        json_write_str(p->b, ident_uri(p->q->arena, s->item->canonical, p->own));
        buf_z(p->b, ",\"type\":\"suyuan:Story\"");
        member(p->b, "suyuan:name", s->item->text[p->l]);
        member(p->b, "suyuan:verdict", str_of(verdict_name(story_verdict(s))));
        write_name(p, "suyuan:because", s->state != STATE_CLEAR ? s->state_of : NULL);
        write_name(p, "suyuan:producer", s->producer);
        member_time(p, "suyuan:harvested", s->harvest_us);
        member_time(p, "suyuan:onShelf", s->shelf_us);
        if (s->spray_days >= 0)
                member_number(p->b, "suyuan:daysFromSprayToHarvest", s->spray_days);
        if (s->spray_required >= 0)
                member_number(p->b, "suyuan:daysRequired", s->spray_required);
        member_number(p->b, "suyuan:testsPassed", (long)s->tests_passed);
        member_number(p->b, "suyuan:testsFailed", (long)s->tests_failed);
        write_gaps(p);
        buf_z(p->b, ",\"suyuan:entries\":[");
        for (size_t i = 0; i < s->n_entries; i++) {
                buf_z(p->b, i ? "," : "");
                write_entry(p, &s->entries[i]);
        }
        buf_z(p->b, "]}");
}
