#include "ingest/decoder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define DECODER(name) extern const struct decoder decoder_##name;
#include "ingest/decoders.def"
#undef DECODER

const struct decoder *const decoders[] = {
#define DECODER(name) &decoder_##name,
#include "ingest/decoders.def"
#undef DECODER
};
const size_t n_decoders = sizeof decoders / sizeof *decoders;

const struct decoder *decoder_find(struct str name)
{
        for (size_t i = 0; i < n_decoders; i++)
                if (str_is(name, decoders[i]->name))
                        return decoders[i];
        return NULL;
}

/* Parameters (`; charset=utf-8`) do not choose. */
const struct decoder *decoder_of_media(struct str media_type)
{
        struct str type = STR_NONE, one;

        str_split(&media_type, ';', &type);
        type = str_trim(type);
        for (size_t i = 0; type.n && i < n_decoders; i++)
                for (struct str rest = str_of(decoders[i]->media_types); str_split(&rest, ' ', &one);)
                        if (str_ieq(one, type))
                                return decoders[i];
        return NULL;
}

int decoder_run(const struct decoder *d, struct arena *a, const struct message *m, struct batch *ret, struct err *reterr)
{
        if (m->bytes.n == 0)
                return err_set(reterr, ERR_BAD_INPUT, "the message is empty");
        if (m->bytes.n > d->max_bytes)
                return err_set(reterr, ERR_TOO_LARGE, "a message of the format %s has at most %zu bytes", d->name, d->max_bytes);
        return d->decode(a, m, ret, reterr);
}

int decoded_add(const struct message *m, struct batch *b, const struct reading *said, struct err *reterr)
{
        struct reading r = *said;

        r.device = m->device;
        if (!mapping_apply(m->mapping, &r))
                return err_set(reterr, ERR_BAD_INPUT, "the value of '%.*s' does not fit after scale and offset", STR_ARG(said->channel));
        if (!channel_name(r.channel))
                return err_set(reterr, ERR_BAD_INPUT, "'%.*s' can be no channel: 1 to 64 letters, digits and . _ : -; the device's description may rename it",
                               (int)(r.channel.n < 80 ? r.channel.n : 80), r.channel.p ? r.channel.p : "");
        if (!batch_add(b, &r))
                return err_set(reterr, ERR_BAD_INPUT, "the message has too many values, or they fall into too many hours; send it in parts");
        return 0;
}

bool moment_fine(int64_t t_ms)
{
        return t_ms > 0 && t_ms < 253402300800000;
}

static bool of_double(double v, bool single, struct decimal *ret)
{
        char text[400];

        if (!isfinite(v) || fabs(v) >= 1e18)
                return false;
        for (int digits = single ? 6 : 15; digits <= 17; digits++) {
                snprintf(text, sizeof text, "%.*g", digits, v);
                if (single ? strtof(text, NULL) == (float)v : strtod(text, NULL) == v)
                        break;
        }
        if (decimal_read(str_of(text), ret))
                return true;
        int places = fabs(v) < 1 ? 15 : fabs(v) < 1e6 ? 11 : 0;         /* so that all digits are fewer than 18 */
        snprintf(text, sizeof text, "%.*f", places, v);
        return decimal_read(str_of(text), ret);
}

static const char *copied(char *ret, struct str s)
{
        memcpy(ret, s.p, s.n);
        ret[s.n] = '\0';
        return ret;
}

bool decimal_of_text(struct str s, struct decimal *ret)
{
        char text[64], *end;
        if (decimal_read(s, ret))
                return true;
        if (!s.n || s.n >= sizeof text || strspn(copied(text, s), "+-.0123456789eE") != s.n)
                return false;
        double v = strtod(text, &end);
        return end == text + s.n && of_double(v, false, ret);
}

bool decimal_of_double(double v, struct decimal *ret)
{
        return of_double(v, false, ret);
}

bool decimal_of_float(float v, struct decimal *ret)
{
        return of_double((double)v, true, ret);
}
