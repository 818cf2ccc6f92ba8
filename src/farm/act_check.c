#include "farm/act_impl.h"

#include <math.h>

#include "base/limits.h"
#include "base/text.h"

/* What a value of each type must look like.  One function a type; each tells all that is wrong. */

#define SHOWN(s) (int)((s).n < 60 ? (s).n : 60), (s).p ? (s).p : ""

struct str pointer_to(struct arena *a, struct str at, struct str member)
{
        struct buf b = { .max = 64 * 1024 };
        buf_str(&b, at);
        json_pointer_add(&b, member);
        struct str s = arena_str(a, buf_view(&b));
        buf_free(&b);
        return s;
}

struct str pointer_at(struct arena *a, struct str at, size_t index)
{
        return arena_printf(a, "%.*s/%zu", STR_ARG(at), index);
}

static struct str below(struct checking *c, struct str at, const char *member)
{
        return pointer_to(c->a, at, str_of(member));
}

static bool is_text(struct checking *c, struct str at, const struct json *v, size_t most)
{
        if (!json_is(v, JSON_STRING))
                faults_tell(c->a, c->faults, CODE_WRONG_KIND, at, "%s must be a text", c->field->name);
        else if (v->n > most)
                faults_tell(c->a, c->faults, CODE_TOO_LONG, at, "%s has more than %zu bytes", c->field->name, most);
        else if (!str_trim(json_text(v)).n)
                faults_tell(c->a, c->faults, CODE_OUT_OF_RANGE, at, "%s is empty; leave it out where nothing is known", c->field->name);
        else
                return true;
        return false;
}

static void check_text(struct checking *c, struct str at, const struct json *v)
{
        is_text(c, at, v, c->field->type == TYPE_LONGTEXT ? LIMIT_ACT_TEXT : LIMIT_ACT_TEXT / 8);
}

/* A number within bounds; `low` included or not. */
static bool check_bounds(struct checking *c, struct str at, const struct json *v, int64_t low, bool with_low, int64_t high)
{
        struct decimal n;
        if (!number_of(v, &n)) {
                faults_tell(c->a, c->faults, CODE_WRONG_KIND, at, "%s must be a number", c->field->name);
                return false;
        }
        int to_low = decimal_cmp(n, (struct decimal){ low, 0 });
        if (to_low < 0 || (to_low == 0 && !with_low) || decimal_cmp(n, (struct decimal){ high, 0 }) > 0) {
                faults_tell(c->a, c->faults, CODE_OUT_OF_RANGE, at, "%s must be %s %lld and not more than %lld", c->field->name,
                           with_low ? "at least" : "more than", (long long)low, (long long)high);
                return false;
        }
        if (n.scale > 6) {
                faults_tell(c->a, c->faults, CODE_OUT_OF_RANGE, at, "%s has more than 6 digits behind the point", c->field->name);
                return false;
        }
        return true;
}

static void check_number(struct checking *c, struct str at, const struct json *v)
{
        check_bounds(c, at, v, 0, true, 100000);
}

static void check_area(struct checking *c, struct str at, const struct json *v)
{
        check_bounds(c, at, v, 0, false, 1000000);
}

static void check_quantity(struct checking *c, struct str at, const struct json *v)
{
        check_bounds(c, at, v, 0, c->field->type == TYPE_COUNTED, 1000000000000);
}

static void check_uom(struct checking *c, struct str at, const struct json *v)
{
        if (is_text(c, at, v, LIMIT_ACT_TEXT / 8) && !unit_of(json_text(v)))
                faults_tell(c->a, c->faults, CODE_NOT_IN_LIST, at, "'%.*s' is no unit known here: kg, g, jin, t, L, mL, m3, pcs … or their UN/ECE codes", SHOWN(json_text(v)));
}

static void check_dose(struct checking *c, struct str at, const struct json *v)
{
        if (json_is(v, JSON_STRING))
                is_text(c, at, v, LIMIT_ACT_TEXT / 8);
        else
                check_bounds(c, at, v, 0, false, 1000000);
}

static void check_choice(struct checking *c, struct str at, const struct json *v)
{
        if (is_text(c, at, v, LIMIT_ACT_TEXT / 8) && !option_of(c->field->options, json_text(v)))
                faults_tell(c->a, c->faults, CODE_NOT_IN_LIST, at, "'%.*s' is none of the choices of %s (GET /api/acts/kinds)", SHOWN(json_text(v)), c->field->name);
}

static void check_stage(struct checking *c, struct str at, const struct json *v)
{
        struct str s = json_text(v);
        if (str_starts(s, STR("BBCH ")))
                s = str_from(s, 5);
        bool good = (json_is(v, JSON_STRING) || json_is(v, JSON_NUMBER)) && (s.n == 1 || s.n == 2);
        for (size_t i = 0; good && i < s.n; i++)
                good = s.p[i] >= '0' && s.p[i] <= '9';
        if (!good)
                faults_tell(c->a, c->faults, CODE_OUT_OF_RANGE, at, "a BBCH stage is a number from 00 to 99");
}

static bool is_date(struct str s)
{
        char text[32];
        struct stamp t;
        if (s.n != 10)
                return false;
        memcpy(text, s.p, 10);
        memcpy(text + 10, "T00:00:00Z", 10);
        return stamp_read((struct str){ text, 20 }, &t);
}

static void check_date(struct checking *c, struct str at, const struct json *v)
{
        if (!json_is(v, JSON_STRING) || !is_date(json_text(v)))
                faults_tell(c->a, c->faults, CODE_NOT_A_TIME, at, "%s must be a day as in 2026-10-20", c->field->name);
}

static void check_time(struct checking *c, struct str at, const struct json *v)
{
        struct stamp t;
        if (!time_of(v, &t))
                faults_tell(c->a, c->faults, CODE_NOT_A_TIME, at, "%s must be a time with its offset (RFC 3339), or milliseconds since 1970", c->field->name);
}

/* A code, org/code, or an address. */
static void check_reference(struct checking *c, struct str at, const struct json *v)
{
        struct err why = { 0 };
        struct str s = json_text(v);
        if (!is_text(c, at, v, LIMIT_IDENTIFIER_BYTES))
                return;
        if (memchr(s.p, ':', s.n) || s.p[0] == '/') {
                struct ident i;
                if (ident_parse_any(c->a, s, NULL, &i, &why) < 0)
                        faults_tell(c->a, c->faults, CODE_BAD_PATTERN, at, "%s: %s", c->field->name, why.detail);
                return;
        }
        const char *slash = memchr(s.p, '/', s.n);
        struct str org = { s.p, slash ? (size_t)(slash - s.p) : 0 }, code = slash ? str_from(s, org.n + 1) : s;
        bool number = c->field->type == TYPE_LOT || c->field->type == TYPE_LOTS || c->field->type == TYPE_CODES || c->field->type == TYPE_UNIT;
        if (number && code.n && code.p[0] >= '0' && code.p[0] <= '9')
                code = arena_printf(c->a, "L%.*s", STR_ARG(code));
        if ((slash && ident_check_code(org, &why) < 0) || ident_check_code(code, &why) < 0)
                faults_tell(c->a, c->faults, CODE_BAD_PATTERN, at, "%s: %s", c->field->name, why.detail);
}

static bool is_list(struct checking *c, struct str at, const struct json *v, size_t most)
{
        if (!json_is(v, JSON_ARRAY))
                faults_tell(c->a, c->faults, CODE_WRONG_KIND, at, "%s must be a list [ … ]", c->field->name);
        else if (!v->n)
                faults_tell(c->a, c->faults, CODE_EMPTY_LIST, at, "%s has no entry", c->field->name);
        else if (v->n > most)
                faults_tell(c->a, c->faults, CODE_TOO_LONG, at, "%s has more than %zu entries", c->field->name, most);
        else
                return true;
        return false;
}

static void check_known(struct checking *c, struct str at, const struct json *o, const char *const *names)
{
        for (uint32_t i = 0; i < o->n; i++) {
                bool known = false;
                for (const char *const *n = names; *n && !known; n++)
                        known = str_is(o->members[i].name, *n);
                if (!known)
                        faults_tell(c->a, c->faults, CODE_UNKNOWN_MEMBER, pointer_to(c->a, at, o->members[i].name), "%.*s is no member of an entry of %s",
                                   SHOWN(o->members[i].name), c->field->name);
        }
}

static void check_amount(struct checking *c, struct str at, const struct json *o, bool needed)
{
        const struct json *q = json_get(o, "quantity"), *u = json_get(o, "uom");
        if (q)
                check_quantity(c, below(c, at, "quantity"), q);
        else if (needed)
                faults_tell(c->a, c->faults, CODE_MISSING_MEMBER, at, "%s needs quantity", c->field->name);
        if (u)
                check_uom(c, below(c, at, "uom"), u);
        else if (q || needed)
                faults_tell(c->a, c->faults, CODE_MISSING_MEMBER, at, "%s needs uom", c->field->name);
}

static void check_lots(struct checking *c, struct str at, const struct json *v)
{
        static const char *const names[] = { "lot", "product", "quantity", "uom", NULL };
        if (!is_list(c, at, v, LIMIT_ACT_LOTS))
                return;
        for (uint32_t i = 0; i < v->n; i++) {
                const struct json *o = &v->items[i], *lot = json_get(o, "lot"), *product = json_get(o, "product");
                struct str here = pointer_at(c->a, at, i);
                if (!json_is(o, JSON_OBJECT)) {
                        faults_tell(c->a, c->faults, CODE_WRONG_KIND, here, "an entry of %s must be {\"lot\", \"quantity\", \"uom\"}", c->field->name);
                        continue;
                }
                check_known(c, here, o, names);
                if (lot)
                        check_reference(c, below(c, here, "lot"), lot);
                else
                        faults_tell(c->a, c->faults, CODE_MISSING_MEMBER, here, "an entry of %s needs lot", c->field->name);
                if (product)
                        check_reference(c, below(c, here, "product"), product);
                check_amount(c, here, o, false);
        }
}

static void check_loss(struct checking *c, struct str at, const struct json *v)
{
        static const char *const names[] = { "reason", "quantity", "uom", NULL };
        if (!is_list(c, at, v, LIMIT_ACT_LOTS))
                return;
        for (uint32_t i = 0; i < v->n; i++) {
                struct str here = pointer_at(c->a, at, i);
                if (!json_is(&v->items[i], JSON_OBJECT)) {
                        faults_tell(c->a, c->faults, CODE_WRONG_KIND, here, "an entry of loss must be {\"quantity\", \"uom\", \"reason\"}");
                        continue;
                }
                check_known(c, here, &v->items[i], names);
                check_amount(c, here, &v->items[i], true);
                if (json_get(&v->items[i], "reason"))
                        is_text(c, below(c, here, "reason"), json_get(&v->items[i], "reason"), LIMIT_ACT_TEXT / 8);
        }
}

static void check_codes(struct checking *c, struct str at, const struct json *v)
{
        if (!is_list(c, at, v, LIMIT_ACT_CODES))
                return;
        for (uint32_t i = 0; i < v->n; i++)
                check_reference(c, pointer_at(c->a, at, i), &v->items[i]);
}

static bool coordinate(const struct json *v, double most)
{
        struct decimal d;
        return number_of(v, &d) && fabs(decimal_double(d)) <= most;
}

static void check_position(struct checking *c, struct str at, const struct json *v)
{
        const struct json *accuracy = json_get(v, "accuracyM");
        if (!json_is(v, JSON_OBJECT) || !coordinate(json_get(v, "lat"), 90) || !coordinate(json_get(v, "lon"), 180) || (accuracy && !coordinate(accuracy, 10000000)))
                faults_tell(c->a, c->faults, CODE_OUT_OF_RANGE, at, "%s must be {\"lat\", \"lon\", \"accuracyM\"?}: degrees (WGS 84) and metres", c->field->name);
}

static void check_evidence(struct checking *c, struct str at, const struct json *v)
{
        if (!json_is(v, JSON_ARRAY) || v->n)
                if (!is_list(c, at, v, LIMIT_ACT_EVIDENCE))
                        return;
        for (uint32_t i = 0; i < v->n; i++) {
                const struct json *o = &v->items[i], *bytes = json_get(o, "bytes"), *taken = json_get(o, "takenAt");
                struct str here = pointer_at(c->a, at, i);
                if (!evidence_id(c->a, o).n)
                        faults_tell(c->a, c->faults, CODE_BAD_PATTERN, here, "evidence needs sha256: the 64 hex digits of its SHA-256");
                if (json_get(o, "position"))
                        check_position(c, below(c, here, "position"), json_get(o, "position"));
                if (taken)
                        check_time(c, below(c, here, "takenAt"), taken);
                if (bytes && json_int(bytes, -1) < 0)
                        faults_tell(c->a, c->faults, CODE_OUT_OF_RANGE, below(c, here, "bytes"), "bytes is how many there are");
                for (int k = 0; k < 2; k++) {
                        const struct json *word = json_get(o, k ? "kind" : "mediaType");
                        if (word && (!json_is(word, JSON_STRING) || word->n > 100))
                                faults_tell(c->a, c->faults, CODE_WRONG_KIND, below(c, here, k ? "kind" : "mediaType"), "must be a short text");
                }
        }
}

static void check_clock(struct checking *c, struct str at, const struct json *v)
{
        static const char *const times[] = { "deviceTime", "serverTime" }, *const numbers[] = { "uptimeMs", "serverUptimeMs", "offsetMs" };
        if (!json_is(v, JSON_OBJECT) || v->n > 20) {
                faults_tell(c->a, c->faults, CODE_WRONG_KIND, at, "clock must be {\"deviceTime\", \"uptimeMs\", \"serverTime\"?, \"serverUptimeMs\"?, \"offsetMs\"?}");
                return;
        }
        for (size_t i = 0; i < 2; i++) {
                struct stamp t;
                const struct json *x = json_get(v, times[i]);
                if (x && x->kind != JSON_NULL && !time_of(x, &t))
                        faults_tell(c->a, c->faults, CODE_NOT_A_TIME, below(c, at, times[i]), "%s must be a time", times[i]);
        }
        for (size_t i = 0; i < 3; i++) {
                struct decimal d;
                const struct json *x = json_get(v, numbers[i]);
                if (x && x->kind != JSON_NULL && !(json_is(x, JSON_NUMBER) && decimal_read(json_text(x), &d)))
                        faults_tell(c->a, c->faults, CODE_WRONG_KIND, below(c, at, numbers[i]), "%s must be a number of milliseconds", numbers[i]);
        }
}

static void check_id(struct checking *c, struct str at, const struct json *v)
{
        if (is_text(c, at, v, 200) && c->field->type == TYPE_EVENTID && !memchr(v->text, ':', v->n))
                faults_tell(c->a, c->faults, CODE_NOT_A_URI, at, "corrects names an eventID: urn:uuid:…");
}

static void check_signature(struct checking *c, struct str at, const struct json *v)
{
        struct act_signature s;
        if (!signature_of(v, &s))
                faults_tell(c->a, c->faults, CODE_BAD_PATTERN, at, "signature must be {\"key\", \"value\"}: base64 of the 32 bytes of an Ed25519 key and of the 64 of its signature");
}

typedef void check_value(struct checking *c, struct str at, const struct json *v);

void field_check(struct checking *c, struct str pointer, const struct json *v)
{
        static check_value *const checks[FIELD_TYPES] = {
                [TYPE_TEXT] = check_text, [TYPE_LONGTEXT] = check_text, [TYPE_NUMBER] = check_number, [TYPE_AREA] = check_area,
                [TYPE_QUANTITY] = check_quantity, [TYPE_COUNTED] = check_quantity, [TYPE_UOM] = check_uom, [TYPE_DOSE] = check_dose,
                [TYPE_CHOICE] = check_choice, [TYPE_STAGE] = check_stage, [TYPE_DATE] = check_date, [TYPE_TIME] = check_time,
                [TYPE_SEASON] = check_reference, [TYPE_PLACE] = check_reference, [TYPE_INPUT] = check_reference, [TYPE_PRODUCT] = check_reference,
                [TYPE_LOT] = check_reference, [TYPE_PARTNER] = check_reference, [TYPE_STAFF] = check_reference, [TYPE_CODE] = check_reference,
                [TYPE_UNIT] = check_reference, [TYPE_LOTS] = check_lots, [TYPE_LOSS] = check_loss, [TYPE_CODES] = check_codes,
                [TYPE_POSITION] = check_position, [TYPE_EVIDENCE] = check_evidence, [TYPE_CLOCK] = check_clock, [TYPE_EVENTID] = check_id,
                [TYPE_ID] = check_id, [TYPE_SIGNATURE] = check_signature,
        };
        checks[c->field->type](c, pointer, v);
}
