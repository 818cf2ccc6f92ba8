#include "api/api_impl.h"
#include "base/text.h"

/* GS1-EPC-Format (EPCIS 2.0 §12.4): how identifiers are spelt in the events of an answer, and what the answer says of it. */

static const struct { const char *name; enum epc_format format; } formats[] = {
        { "Always_GS1_Digital_Link", EPC_DIGITAL_LINK },        /* the standard's default */
        { "Always_EPC_URN", EPC_URN },
        { "Never_Translates", EPC_AS_SENT },
        { "No_Preference", EPC_AS_SENT },
};

int epc_format_asked(const struct request *q, enum epc_format *ret, struct err *reterr)
{
        struct str asked = str_trim(request_header(q, "GS1-EPC-Format"));

        *ret = formats[0].format;
        for (size_t i = 0; asked.n && i < sizeof formats / sizeof *formats; i++)
                if (str_is(asked, formats[i].name)) {
                        *ret = formats[i].format;
                        return 0;
                }
        return !asked.n ? 0 : err_set(reterr, ERR_NOT_ACCEPTABLE, "GS1-EPC-Format is No_Preference, Always_GS1_Digital_Link, Always_EPC_URN or Never_Translates");
}

void epc_format_header(struct reply *r, enum epc_format f)
{
        size_t i = 0;

        while (formats[i].format != f)
                i++;
        reply_header(r, "GS1-EPC-Format", formats[i].name);
}

void translate_events(struct request *q, const struct service *v, enum epc_format f, struct told_events *events)
{
        for (size_t i = 0; i < events->n; i++)
                events->list[i].event.json = event_translate(q->arena, f, events->list[i].event.json, store_origins(v->store));
}
