#include "farm/act_impl.h"

#include "base/json.h"

/* The rows of acts.def, and the description of the forms that is made from them. */

static const struct act_row acts[] = {
#define ACT(symbol, number, name, subject, shape, action, step, disposition, hans, hant, en) \
        { ACT_##symbol, name, SUBJECT_##subject, SHAPE_##shape, action, step, disposition, { hans, hant, en } },
#include "farm/acts.def"
};

enum { REQUIRED = 1, OPTIONAL = 0 };
/* What a line may stand for: an act by its symbol, or several. */
enum {
#define ACT(symbol, number, ...) OF_##symbol = number,
#include "farm/acts.def"
        OF_ON_SEASON = ON_SEASON, OF_ON_STORE = ON_STORE, OF_ON_LOTS = ON_LOTS, OF_EVERY = EVERY
};

const struct field_row act_fields[] = {
#define FIELD(on, name, type, need, where, member, options, hans, hant, en) \
        { OF_##on, name, TYPE_##type, need, WHERE_##where, member, LIST_##options, { hans, hant, en } },
#include "farm/acts.def"
};
const size_t n_act_fields = sizeof act_fields / sizeof *act_fields;

static const struct option_row options[] = {
#define OPTION(list, value, hans, hant, en) { LIST_##list, value, { hans, hant, en } },
#include "farm/acts.def"
};

static const char *const types[FIELD_TYPES] = {
        [TYPE_TEXT] = "text", [TYPE_LONGTEXT] = "longText", [TYPE_NUMBER] = "number", [TYPE_AREA] = "number", [TYPE_QUANTITY] = "quantity",
        [TYPE_COUNTED] = "quantity", [TYPE_UOM] = "uom", [TYPE_DOSE] = "dose", [TYPE_CHOICE] = "choice", [TYPE_STAGE] = "stage", [TYPE_DATE] = "date",
        [TYPE_TIME] = "time", [TYPE_SEASON] = "season", [TYPE_PLACE] = "place", [TYPE_INPUT] = "input", [TYPE_PRODUCT] = "product",
        [TYPE_LOT] = "lot", [TYPE_PARTNER] = "partner", [TYPE_STAFF] = "staff", [TYPE_CODE] = "code", [TYPE_UNIT] = "unit", [TYPE_LOTS] = "lots",
        [TYPE_LOSS] = "loss", [TYPE_CODES] = "codes", [TYPE_POSITION] = "position", [TYPE_EVIDENCE] = "evidence", [TYPE_CLOCK] = "clock",
        [TYPE_EVENTID] = "event", [TYPE_ID] = "id", [TYPE_SIGNATURE] = "signature",
};
static const char *const subjects[] = { [SUBJECT_SEASON] = "season", [SUBJECT_STORE] = "place", [SUBJECT_LOTS] = "lots" };

const struct act_row *act_row(enum act k)
{
        for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
                if (acts[i].act == k)
                        return &acts[i];
        return NULL;
}

const char *act_name(enum act k)
{
        const struct act_row *row = act_row(k);
        return row ? row->name : "";
}

struct str act_title(enum act k, enum lang l)
{
        const struct act_row *row = act_row(k);
        return row ? str_of(row->title[l]) : STR_NONE;
}

enum act act_of_name(struct str name)
{
        for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
                if (str_is(name, acts[i].name))
                        return acts[i].act;
        return ACT_OTHER;
}

bool act_on_season(enum act k)
{
        const struct act_row *row = act_row(k);
        return row && row->subject == SUBJECT_SEASON;
}

bool act_uses_input(enum act k)
{
        const struct act_row *row = act_row(k);
        return row && (row->shape == SHAPE_USE || row->shape == SHAPE_STOCK);
}

bool act_takes_stock(enum act k)
{
        return act_uses_input(k) && k != ACT_RECEIVE_INPUT;
}

bool field_of(const struct field_row *f, const struct act_row *k)
{
        return f->on == EVERY || f->on == (int)k->act || f->on == ON_SEASON + (int)k->subject;
}

const char *field_type_name(enum field_type t)
{
        return types[t];
}

bool option_of(enum field_list list, struct str value)
{
        for (size_t i = 0; i < sizeof options / sizeof *options; i++)
                if (options[i].list == list && str_is(value, options[i].value))
                        return true;
        return false;
}

/* ---- GET /api/acts/kinds ---- */

static void put_words(struct buf *b, const char *const *words)
{
        for (int l = 0; l < LANGS; l++) {
                buf_z(b, l ? "," : "{");
                json_write_name(b, lang_tag((enum lang)l));
                json_write_str(b, str_of(words[l]));
        }
        buf_char(b, '}');
}

static void put_choice(struct buf *b, const char *value, const char *const *label, bool *more)
{
        buf_z(b, *more ? ",{\"value\":" : "{\"value\":");
        json_write_str(b, str_of(value));
        buf_z(b, ",\"label\":");
        put_words(b, label);
        buf_char(b, '}');
        *more = true;
}

static void put_choices(struct buf *b, const struct field_row *f)
{
        bool more = false;
        if (f->type == TYPE_UOM) {
                buf_z(b, ",\"units\":[");
                for (size_t i = 0; i < n_act_units; i++)
                        put_choice(b, act_units[i].entered, act_units[i].label, &more);
                buf_char(b, ']');
        } else if (f->options != LIST_NONE) {
                buf_z(b, ",\"options\":[");
                for (size_t i = 0; i < sizeof options / sizeof *options; i++)
                        if (options[i].list == f->options)
                                put_choice(b, options[i].value, options[i].label, &more);
                buf_char(b, ']');
        }
}

static void put_field(struct buf *b, const struct field_row *f)
{
        buf_z(b, "{\"name\":");
        json_write_str(b, str_of(f->name));
        buf_printf(b, ",\"type\":\"%s\",\"required\":%s,\"label\":", types[f->type], f->required ? "true" : "false");
        put_words(b, f->label);
        put_choices(b, f);
        if (f->on == EVERY)
                buf_z(b, ",\"common\":true");
        buf_char(b, '}');
}

static void put_act(struct buf *b, const struct act_row *k)
{
        bool more = false;
        buf_z(b, "{\"act\":");
        json_write_str(b, str_of(k->name));
        buf_z(b, ",\"title\":");
        put_words(b, k->title);
        buf_printf(b, ",\"subject\":\"%s\",\"fields\":[", subjects[k->subject]);
        for (size_t i = 0; i < n_act_fields; i++)
                if (field_of(&act_fields[i], k)) {
                        buf_z(b, more ? "," : "");
                        put_field(b, &act_fields[i]);
                        more = true;
                }
        buf_z(b, "]}");
}

void act_kinds_json(struct buf *out)
{
        buf_char(out, '[');
        for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
                buf_z(out, i ? "," : "");
                put_act(out, &acts[i]);
        }
        buf_z(out, "]\n");
}
