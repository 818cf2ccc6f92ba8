/* Goal: no bytes break the reader of events, and what it takes is the same when it is read again. */
#include <assert.h>
#include <stdint.h>

#include "epcis/digest.h"
#include "epcis/erase.h"
#include "epcis/read.h"
#include "epcis/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str own_list[] = { { "https://trace.example.cn", 24 } };
static const struct origins own = { own_list, 1 };
static const struct hash secret = { { 1 } };

/* What is left once its sealed members are erased reads again, and agrees with the form; a signature that was taken holds over both. */
static void use_erased(struct arena *a, const struct event *e, struct str form, const struct hash *digest)
{
        struct buf b = { .max = 64u << 20 };
        struct event left;
        struct err err = { 0 };

        event_public(&b, e);
        assert(event_reread(a, buf_view(&b), e->context_json, &own, &left, &err) == 0);
        assert(erased_agrees(a, &left, form));
        assert(!e->signature == !left.signature);
        assert(!left.signature || signature_holds(left.signature, digest));
        buf_free(&b);
}

/* A stored event gives the record that was sent, and its sealed form holds to the digest. */
static void use_taken(struct arena *a, const struct event *e)
{
        struct buf b = { .max = 64u << 20 };
        struct record_digest one, two;
        struct event again;
        struct err err = { 0 };

        record_digest(a, e, &secret, &one);
        struct str form = record_canonical(a, e, &one.salt, true);
        struct hash of_form = sha256(form.p, form.n);

        assert(memcmp(&of_form, &one.digest, sizeof of_form) == 0);
        use_erased(a, e, form, &one.digest);
        json_write(&b, e->json);
        assert(event_reread(a, buf_view(&b), e->context_json, &own, &again, &err) == 0);
        record_digest(a, &again, &secret, &two);
        assert(memcmp(&one, &two, sizeof one) == 0);
        buf_clear(&b);
        event_write(&b, &again, 0, STR("urn:uuid:00000000-0000-7000-8000-000000000000"));
        assert(event_reread(a, buf_view(&b), e->context_json, &own, &again, &err) == 0);
        assert(again.event_id.n > 0 && again.n_items == e->n_items);
        buf_free(&b);
}

static void use_document(struct arena *a, const struct document *d)
{
        for (size_t i = 0; i < d->faults.n; i++)
                assert(d->faults.list[i].message.n > 0 && d->faults.list[i].event < (int64_t)d->n_events);
        for (size_t i = 0; i < d->n_events; i++) {
                struct hash h, again;
                struct str string;

                event_hash(a, &d->events[i], &h, &string);
                again = sha256(string.p, string.n);
                assert(memcmp(&h, &again, sizeof h) == 0);
                if (!d->refused[i])
                        use_taken(a, &d->events[i]);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new();
        struct document *d = NULL;
        struct err e = { 0 };

        if (document_read(a, (const char *)data, size, &own, &d, &e) == 0)
                use_document(a, d);
        else
                assert(e.kind != ERR_NONE && e.detail[0]);
        arena_free(a);
        return 0;
}
