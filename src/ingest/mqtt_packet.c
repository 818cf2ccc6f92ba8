#include "ingest/mqtt_packet.h"

#include "base/text.h"

enum { LENGTH_BYTES_MAX = 4, TEXT_MAX = 65535 };

/* ---- bytes within a packet: what is missing sets `bad` and reads as nothing ---- */

struct cut { const uint8_t *p; size_t n; bool bad; };

static const uint8_t *take(struct cut *c, size_t n)
{
        const uint8_t *p = c->p;
        if (c->n < n) {
                c->bad = true;
                c->n = 0;
                return NULL;
        }
        c->p += n;
        c->n -= n;
        return p;
}

static uint8_t take_u8(struct cut *c)
{
        const uint8_t *p = take(c, 1);
        return p ? *p : 0;
}

static uint16_t take_u16(struct cut *c)
{
        const uint8_t *p = take(c, 2);
        return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static struct str take_bytes(struct cut *c)
{
        size_t n = take_u16(c);
        const uint8_t *p = take(c, n);
        return p ? (struct str){ (const char *)p, n } : STR_NONE;
}

/* §1.5.4: UTF-8 without U+0000. */
static struct str take_text(struct cut *c)
{
        struct str s = take_bytes(c);
        if (s.n && (memchr(s.p, 0, s.n) || !utf8_valid(s)))
                c->bad = true;
        return s;
}

/* §1.5.5.  How many bytes it has; 0: more is to come; -1: it has too many. */
static int variable(const uint8_t *p, size_t n, uint32_t *ret)
{
        *ret = 0;
        for (int i = 0; i < LENGTH_BYTES_MAX; i++) {
                if ((size_t)i == n)
                        return 0;
                *ret |= (uint32_t)(p[i] & 127) << (7 * i);
                if (!(p[i] & 128))
                        return i && !p[i] ? -1 : i + 1;         /* one spelling only */
        }
        return -1;
}

static uint32_t take_variable(struct cut *c)
{
        uint32_t v = 0;
        int n = variable(c->p, c->n, &v);
        if (n <= 0) {
                c->bad = true;
                return 0;
        }
        (void)take(c, (size_t)n);
        return v;
}

/* ---- properties, §2.2.2 ---- */

enum { P_CONTENT_TYPE = 3, P_SUBSCRIPTION = 11, P_KEEP_ALIVE = 19, P_REASON = 31, P_SESSION = 17, P_RECEIVE_MAX = 33, P_ALIAS = 35, P_USER = 38, P_MAX_PACKET = 39, P_END = 43 };

/* How a property is written: 1, 2, 4 bytes; v: variable; t: text; b: bytes; p: a pair of texts; blank: there is none. */
static const char shapes[P_END + 1] = { [1] = '1', [2] = '4', [3] = 't', [8] = 't', [9] = 'b', [11] = 'v', [17] = '4', [18] = 't', [19] = '2', [21] = 't', [22] = 'b',
        [23] = '1', [24] = '4', [25] = '1', [26] = 't', [28] = 't', [31] = 't', [33] = '2', [34] = '2', [35] = '2', [36] = '1', [37] = '1', [38] = 'p', [39] = '4',
        [40] = '1', [41] = '1', [42] = '1' };

struct property { uint32_t name, number; struct str text; };

static void take_property(struct cut *c, struct property *p)
{
        *p = (struct property){ .name = take_variable(c) };
        switch (p->name < P_END ? shapes[p->name] : 0) {
        case '1': p->number = take_u8(c); break;
        case '2': p->number = take_u16(c); break;
        case '4': p->number = (uint32_t)take_u16(c) << 16; p->number |= take_u16(c); break;
        case 'v': p->number = take_variable(c); break;
        case 't': p->text = take_text(c); break;
        case 'b': p->text = take_bytes(c); break;
        case 'p': (void)take_text(c); p->text = take_text(c); break;
        default: c->bad = true;
        }
}

/* All of them; those that we look at go into `ret`.  Only two kinds may stand more than once. */
static void take_properties(struct cut *c, struct mqtt_packet *ret)
{
        size_t n = take_variable(c);
        const uint8_t *start = take(c, n);
        struct cut in = { start, start ? n : 0, false };
        uint64_t seen = 0;
        while (in.n && !in.bad) {
                struct property p;
                take_property(&in, &p);
                if (in.bad || ((seen & UINT64_C(1) << p.name) && p.name != P_USER && p.name != P_SUBSCRIPTION)) {
                        in.bad = true;
                        break;
                }
                seen |= UINT64_C(1) << p.name;
                if (p.name == P_CONTENT_TYPE)
                        ret->content_type = p.text;
                else if (p.name == P_KEEP_ALIVE)
                        ret->keep_alive_s = (int)p.number;
                else if (p.name == P_REASON)
                        ret->reason_text = p.text;
                else if (p.name == P_ALIAS)
                        in.bad = true;          /* we allowed none */
        }
        c->bad = c->bad || in.bad || in.n;
}

/* ---- packets ---- */

/* A broker of 3.1.1 answers a CONNECT of 5 in its own form, without properties (3.1.1 §3.2.2.3). */
static void read_connack(struct cut *c, enum mqtt_version version, struct mqtt_packet *ret)
{
        uint8_t flags = take_u8(c);
        ret->reason = take_u8(c);
        ret->session_present = flags & 1;
        c->bad = c->bad || flags > 1;
        if (version == MQTT_5 && c->n)
                take_properties(c, ret);
        else if (version == MQTT_5 && ret->reason != MQTT_OLD_VERSION)
                c->bad = true;
}

static bool topic_good(struct str t)
{
        return t.n && !memchr(t.p, '+', t.n) && !memchr(t.p, '#', t.n);
}

static void read_publish(struct cut *c, enum mqtt_version version, unsigned flags, struct mqtt_packet *ret)
{
        ret->dup = flags & 8;
        ret->qos = (int)(flags >> 1 & 3);
        ret->retain = flags & 1;
        ret->topic = take_text(c);
        if (ret->qos)
                ret->id = take_u16(c);
        if (version == MQTT_5)
                take_properties(c, ret);
        if (ret->qos > 1 || (ret->qos && !ret->id) || !topic_good(ret->topic))
                c->bad = true;
        ret->payload = (struct str){ (const char *)c->p, c->n };
        c->n = 0;
}

static void read_suback(struct cut *c, enum mqtt_version version, struct mqtt_packet *ret)
{
        ret->id = take_u16(c);
        if (version == MQTT_5)
                take_properties(c, ret);
        ret->n_codes = c->n;
        ret->codes = take(c, c->n);
        c->bad = c->bad || !ret->n_codes;
}

static void read_disconnect(struct cut *c, enum mqtt_version version, struct mqtt_packet *ret)
{
        if (version != MQTT_5) {
                c->bad = true;          /* in 3.1.1 only clients say it */
                return;
        }
        ret->reason = c->n ? take_u8(c) : MQTT_SUCCESS;
        if (c->n)
                take_properties(c, ret);
}

static void read_body(struct cut *c, enum mqtt_version version, unsigned flags, struct mqtt_packet *ret)
{
        if (ret->type != MQTT_PUBLISH && flags)
                c->bad = true;
        switch (ret->type) {
        case MQTT_CONNACK: read_connack(c, version, ret); break;
        case MQTT_PUBLISH: read_publish(c, version, flags, ret); break;
        case MQTT_SUBACK: read_suback(c, version, ret); break;
        case MQTT_PINGRESP: break;
        case MQTT_DISCONNECT: read_disconnect(c, version, ret); break;
        default: c->bad = true;
        }
        c->bad = c->bad || c->n;
}

long mqtt_read(enum mqtt_version version, const uint8_t *p, size_t n, size_t max, struct mqtt_packet *ret, struct err *reterr)
{
        uint32_t length = 0;
        int head = n < 2 ? 0 : variable(p + 1, n - 1, &length);
        if (head < 0)
                return err_set(reterr, ERR_BAD_INPUT, "a packet's length has more than four bytes");
        if (head == 0)
                return 0;
        size_t whole = 1 + (size_t)head + length;
        if (whole > max)
                return err_set(reterr, ERR_BAD_INPUT, "a packet of %zu bytes, more than %zu", whole, max);
        if (n < whole)
                return 0;
        struct cut c = { p + 1 + head, length, false };
        *ret = (struct mqtt_packet){ .type = (enum mqtt_type)(p[0] >> 4), .keep_alive_s = -1 };
        read_body(&c, version, p[0] & 15, ret);
        if (c.bad)
                return err_set(reterr, ERR_BAD_INPUT, "a broken packet of kind %d, %zu bytes", p[0] >> 4, whole);
        return (long)whole;
}

/* ---- writing ---- */

static void put_u16(struct buf *b, unsigned v)
{
        buf_char(b, (char)(v >> 8));
        buf_char(b, (char)v);
}

static void put_u32(struct buf *b, uint32_t v)
{
        put_u16(b, v >> 16);
        put_u16(b, v & 65535);
}

static void put_text(struct buf *b, struct str s)
{
        size_t n = s.n > TEXT_MAX ? TEXT_MAX : s.n;
        put_u16(b, (unsigned)n);
        buf_add(b, s.p, n);
}

static void put_variable(struct buf *b, size_t v)
{
        do {
                buf_char(b, (char)((v & 127) | (v > 127 ? 128 : 0)));
                v >>= 7;
        } while (v);
}

static void put_packet(struct buf *b, int first, const struct buf *body)
{
        buf_char(b, (char)first);
        put_variable(b, body->n);
        buf_add(b, body->p, body->n);
}

static void put_connect_properties(struct buf *b, const struct mqtt_connect *c)
{
        put_variable(b, 5 + 3 + 5);
        buf_char(b, P_SESSION);
        put_u32(b, c->session_expiry_s);
        buf_char(b, P_RECEIVE_MAX);
        put_u16(b, c->receive_maximum);
        buf_char(b, P_MAX_PACKET);
        put_u32(b, c->max_packet);
}

void mqtt_write_connect(struct buf *b, const struct mqtt_connect *c)
{
        struct buf body;
        buf_init(&body, 256 * 1024);
        put_text(&body, STR("MQTT"));
        buf_char(&body, (char)c->version);
        buf_char(&body, (char)((c->user.n ? 0x80 : 0) | (c->password.n ? 0x40 : 0)));
        put_u16(&body, (unsigned)c->keep_alive_s);
        if (c->version == MQTT_5)
                put_connect_properties(&body, c);
        put_text(&body, c->client);
        if (c->user.n)
                put_text(&body, c->user);
        if (c->password.n)
                put_text(&body, c->password);
        put_packet(b, 0x10, &body);
        buf_free(&body);
}

void mqtt_write_subscribe(struct buf *b, enum mqtt_version version, uint16_t id, const struct str *topics, size_t n)
{
        struct buf body;
        buf_init(&body, 256 * 1024);
        put_u16(&body, id);
        if (version == MQTT_5)
                put_variable(&body, 0);
        for (size_t i = 0; i < n; i++) {
                put_text(&body, topics[i]);
                buf_char(&body, 1);
        }
        put_packet(b, 0x82, &body);
        buf_free(&body);
}

void mqtt_write_puback(struct buf *b, enum mqtt_version version, uint16_t id, enum mqtt_reason reason)
{
        bool said = version == MQTT_5 && reason != MQTT_SUCCESS;
        buf_char(b, 0x40);
        buf_char(b, said ? 3 : 2);
        put_u16(b, id);
        if (said)
                buf_char(b, (char)reason);
}

void mqtt_write_pingreq(struct buf *b)
{
        buf_add(b, "\xc0\0", 2);
}

/* Reason 0, and so nothing else: the session goes on. */
void mqtt_write_disconnect(struct buf *b)
{
        buf_add(b, "\xe0\0", 2);
}
