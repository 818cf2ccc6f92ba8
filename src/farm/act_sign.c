#include <assert.h>
#include <sodium.h>

#include "base/text.h"
#include "farm/act_impl.h"

/* A phone signs the form, since it cannot know the event: what the label says, the lot that is taken and the clock's grade are added here. */

enum { HEAD_BYTES = 24 };
static const char head[HEAD_BYTES + 1] = "suyuan act signature v1\n";

static_assert(sizeof ((struct act_signature *)0)->key == crypto_sign_PUBLICKEYBYTES && sizeof ((struct act_signature *)0)->value == crypto_sign_BYTES, "Ed25519");

bool signature_of(const struct json *v, struct act_signature *ret)
{
        return json_is(v, JSON_OBJECT) && v->n == 2 && base64_read(json_str(v, "key"), ret->key, sizeof ret->key) && base64_read(json_str(v, "value"), ret->value, sizeof ret->value);
}

bool act_signature_holds(const struct act_signature *s, const struct hash *form_digest)
{
        uint8_t text[HEAD_BYTES + sizeof form_digest->b];
        memcpy(text, head, HEAD_BYTES);
        memcpy(text + HEAD_BYTES, form_digest->b, sizeof form_digest->b);
        return crypto_sign_verify_detached(s->value, text, sizeof text, s->key) == 0;
}
