#include "ingest/mqtt_message.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/oom.h"
#include "base/spread.h"
#include "base/text.h"
#include "ingest/aliases.h"
#include "ingest/decoder.h"

/* What is known of a device that spoke: its format and mapping, made once for each state of its description; the names that it gave its numbers. */
enum { HEADS = 4096 };

struct kit {
        struct kit *next;
        struct arena *arena;            /* of what follows from the description */
        struct str detail;
        const struct decoder *decoder;
        const struct mapping *mapping;
        struct aliases *aliases;
        size_t n;
        char device[];
};

struct mqtt_reader {
        struct collector *c;
        bool sparkplug;
        struct kit *heads[HEADS];
        char tried[65], tried_from[64];         /* who is at the broker's door, by the last line of its log */
};

struct address { struct str device, channel; bool sparkplug, silent, is_log; };

struct mqtt_reader *mqtt_reader_new(struct collector *c, bool sparkplug)
{
        struct mqtt_reader *x = or_abort(calloc(1, sizeof *x));
        x->c = c;
        x->sparkplug = sparkplug;
        return x;
}

void mqtt_reader_free(struct mqtt_reader *x)
{
        for (size_t i = 0; x && i < HEADS; i++)
                for (struct kit *k = x->heads[i], *next; k; k = next) {
                        next = k->next;
                        arena_free(k->arena);
                        aliases_free(k->aliases);
                        free(k);
                }
        free(x);
}

/* ---- kits ---- */

static struct kit *kit_find(struct mqtt_reader *x, struct str device)
{
        struct kit **head = &x->heads[spread_in(spread(device), HEADS)];
        for (struct kit *k = *head; k; k = k->next)
                if (str_eq((struct str){ k->device, k->n }, device))
                        return k;
        struct kit *k = or_abort(calloc(1, sizeof *k + device.n));
        k->n = device.n;
        memcpy(k->device, device.p, device.n);
        k->next = *head;
        *head = k;
        return k;
}

/* A description that cannot be understood is taken as none: the registry refused it, or an older server did not. */
static void kit_make(struct kit *k, struct str detail)
{
        struct err e = { 0 };
        const struct json *j = NULL;
        arena_free(k->arena);
        k->arena = arena_new();
        k->detail = arena_str(k->arena, detail);
        k->mapping = NULL;
        k->decoder = NULL;
        if (!detail.n)
                return;
        if (mapping_read(k->arena, k->detail, &k->mapping, &e) < 0)
                k->mapping = NULL;
        if (json_read(k->arena, detail.p, detail.n, NULL, &j, &e) == 0)
                k->decoder = decoder_find(json_str(j, "format"));
}

static struct kit *kit_of(struct mqtt_reader *x, const struct known_device *d)
{
        struct kit *k = kit_find(x, d->id);
        if (!k->arena || !str_eq(k->detail, d->detail))
                kit_make(k, d->detail);
        return k;
}

/* ---- topics ---- */

static bool read_ours(struct str rest, struct address *ret)
{
        struct str word;
        if (!str_split(&rest, '/', &ret->device) || !str_split(&rest, '/', &word) || !str_is(word, "readings"))
                return false;
        return !rest.p || (str_split(&rest, '/', &ret->channel) && !rest.p && ret->channel.n);
}

static bool read_sparkplug(struct str rest, struct address *ret)
{
        struct str group, kind, node;
        ret->sparkplug = true;
        if (!str_split(&rest, '/', &group))
                return false;
        if (str_is(group, "STATE")) {
                ret->silent = true;
                return true;
        }
        if (!str_split(&rest, '/', &kind) || !str_split(&rest, '/', &node))
                return false;
        ret->device = rest.p ? rest : node;
        ret->silent = !str_is(kind, "NBIRTH") && !str_is(kind, "DBIRTH") && !str_is(kind, "NDATA") && !str_is(kind, "DDATA");
        return !memchr(ret->device.p, '/', ret->device.n);
}

static bool read_topic(const struct mqtt_reader *x, struct str topic, struct address *ret)
{
        *ret = (struct address){ .device = STR_NONE, .is_log = str_is(topic, BROKER_LOG_TOPIC) };
        if (ret->is_log)
                return true;
        if (str_starts(topic, STR("suyuan/")))
                return read_ours(str_from(topic, 7), ret);
        return x->sparkplug && str_starts(topic, STR("spBv1.0/")) && read_sparkplug(str_from(topic, 8), ret);
}

/* ---- readings ---- */

struct gather { struct reading *r; size_t n; };

static void gather_one(void *ctx, const struct reading *r)
{
        struct gather *g = ctx;
        g->r[g->n++] = *r;
}

static int readings_of(struct arena *a, struct batch *b, const struct reading **ret, size_t *ret_n, struct err *reterr)
{
        struct batch_view *v;
        if (batch_open(a, batch_bytes(b), &v, reterr) < 0)
                return -1;
        struct gather g = { .r = arena_array(a, struct reading, batch_view_n(v) + 1) };
        batch_each(v, STR_NONE, gather_one, &g);
        *ret = g.r;
        *ret_n = g.n;
        return 0;
}

static const struct decoder *decoder_for(const struct kit *k, const struct address *at, const struct mqtt_packet *p)
{
        const struct decoder *d = at->sparkplug ? decoder_find(STR("sparkplug")) : k->decoder;
        if (!d && p->content_type.n)
                d = decoder_of_media(p->content_type);
        return d ? d : decoder_find(STR("json"));
}

static int decode(struct kit *k, struct arena *a, const struct known_device *d, const struct address *at, const struct mqtt_packet *p,
                  const struct reading **ret, size_t *ret_n, struct err *reterr)
{
        struct batch *b = batch_new(a);
        if (at->sparkplug && !k->aliases)
                k->aliases = aliases_new();
        struct message m = { .device = d->id, .channel = at->channel, .bytes = p->payload, .received_ms = clock_now_us() / 1000, .zone_min = 480,
                             .mapping = k->mapping, .aliases = k->aliases };
        return decoder_run(decoder_for(k, at, p), a, &m, b, reterr) < 0 ? -1 : readings_of(a, b, ret, ret_n, reterr);
}

static enum mqtt_outcome read_known(struct mqtt_reader *x, struct arena *a, const struct known_device *d, const struct address *at,
                                    const struct mqtt_packet *p, const struct reading **ret, size_t *ret_n)
{
        struct err e = { 0 };
        if (d->revoked) {
                collector_notice(x->c, NOTICE_UNKNOWN_DEVICE, at->device, STR("mqtt"), STR("it is revoked"), p->payload);
                return OUTCOME_STRANGER;
        }
        if (decode(kit_of(x, d), a, d, at, p, ret, ret_n, &e) < 0) {
                collector_notice(x->c, NOTICE_BAD_FRAME, at->device, STR("mqtt"), str_of(e.detail), p->payload);
                return OUTCOME_BROKEN;
        }
        if (!*ret_n)
                return OUTCOME_NONE;
        return collector_allows(x->c, d, *ret_n) ? OUTCOME_READINGS : OUTCOME_THROTTLED;
}

/* Where the list does not have it, one that is as new as the message decides. */
static enum mqtt_outcome read_new(struct mqtt_reader *x, struct arena *a, const struct address *at, const struct mqtt_packet *p, int64_t arrived_us,
                                  const struct reading **ret, size_t *ret_n)
{
        const struct device_list *l = collector_devices_since(x->c, arrived_us);
        if (!l)
                return OUTCOME_LATER;
        const struct known_device *d = device_by_id(l, at->device);
        enum mqtt_outcome rc = OUTCOME_STRANGER;
        if (d)
                rc = read_known(x, a, d, at, p, ret, ret_n);
        else
                collector_notice(x->c, NOTICE_UNKNOWN_DEVICE, at->device, STR("mqtt"), STR("no such device is registered"), p->payload);
        device_list_done(l);
        return rc;
}

/* A line of the broker's log.  Of mosquitto itself "1795916835: Client <unknown> disconnected, not authorised."; who that was stands in the line before, of our plugin
 * (mosquitto_plugin.c), since the broker does one thing after the other. */
static void keep(char *to, size_t room, struct str s)
{
        size_t n = s.n < room - 1 ? s.n : room - 1;
        if (n)
                memcpy(to, s.p, n);
        to[n] = 0;
}

static void hear_plugin(struct mqtt_reader *x, struct str line)
{
        struct str what = STR_NONE, name = STR_NONE, from = STR_NONE;
        if (!str_split(&line, ' ', &what) || !str_split(&line, ' ', &name) || !str_split(&line, ' ', &from))
                return;
        if (str_is(what, "foreign-topic"))
                collector_notice(x->c, NOTICE_FOREIGN_TOPIC, name, from, line, STR_NONE);
        if (str_is(what, "tries")) {
                keep(x->tried, sizeof x->tried, name);
                keep(x->tried_from, sizeof x->tried_from, from);
        }
}

static void hear_broker(struct mqtt_reader *x, struct str line)
{
        struct str second;
        const struct str refused = STR("not authorised."), ours = STR(" suyuan: ");
        if (!str_split(&line, ':', &second))
                return;
        bool plugin = str_starts(line, ours);   /* ends with a topic that somebody chose */
        if (!plugin && line.n >= refused.n && str_eq(str_from(line, line.n - refused.n), refused))
                collector_notice(x->c, NOTICE_WRONG_SECRET, str_of(x->tried), str_of(*x->tried_from ? x->tried_from : "mqtt broker"), STR("the broker turned it away: the name or the password is wrong"), STR_NONE);
        x->tried[0] = x->tried_from[0] = 0;
        if (plugin)
                hear_plugin(x, str_from(line, ours.n));
}

enum mqtt_outcome mqtt_message_read(struct mqtt_reader *x, struct arena *a, const struct mqtt_packet *p, int64_t arrived_us,
                                    const struct reading **ret, size_t *ret_n)
{
        struct address at;
        *ret_n = 0;
        if (!read_topic(x, p->topic, &at)) {
                collector_notice(x->c, NOTICE_BAD_FRAME, STR_NONE, STR("mqtt"), p->topic, p->payload);
                return OUTCOME_BROKEN;
        }
        if (at.is_log)
                hear_broker(x, p->payload);
        if (at.is_log || at.silent)
                return OUTCOME_NONE;
        const struct device_list *l = collector_devices(x->c);
        const struct known_device *d = device_by_id(l, at.device);
        enum mqtt_outcome rc = d ? read_known(x, a, d, &at, p, ret, ret_n) : OUTCOME_LATER;
        device_list_done(l);
        return d ? rc : read_new(x, a, &at, p, arrived_us, ret, ret_n);
}
