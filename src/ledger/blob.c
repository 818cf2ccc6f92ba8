#include <unistd.h>

#include "base/buf.h"
#include "ledger/leaf.h"

/* Photos and reports: the file first, then the log says that it is there (docs/design/storage.md). */

/* What the log says of a stored file; ERR_NOT_FOUND. */
static int describe(struct store *s, struct arena *a, int64_t org, const struct hash *h, struct ledger_statement *ret, struct err *reterr)
{
        char head[BLOB_SNIFF_BYTES];
        int64_t size;
        int fd;
        struct buf b = { .max = 100 };
        if (blob_open(s, h, &fd, &size, reterr) < 0)
                return -1;
        ssize_t n = pread(fd, head, sizeof(head), 0);
        close(fd);
        if (n < 0)
                return err_set(reterr, ERR_STORE, "the stored file cannot be read");
        const char *type = blob_sniff(head, (size_t)n);
        buf_z(&b, "ni:///sha-256;");
        buf_hex(&b, h->b, sizeof(h->b));
        *ret = (struct ledger_statement){ .org = org, .type = LEAF_BLOB, .subject = arena_str(a, buf_view(&b)), .once = true,
                                          .detail = arena_printf(a, "%lld %s", (long long)size, type ? type : "application/octet-stream") };
        buf_free(&b);
        return 0;
}

int ledger_state_blob(struct ledger *l, struct store *s, int64_t org, const struct hash *h, struct err *reterr)
{
        struct ledger_statement x;
        struct arena *a = arena_new();
        int rc = describe(s, a, org, h, &x, reterr);
        if (rc == 0)
                rc = ledger_state(l, &x, NULL, reterr);
        arena_free(a);
        return rc;
}

int ledger_blob(struct ledger *l, struct store *s, int64_t org, const void *p, size_t n, struct hash *ret, struct err *reterr)
{
        return blob_put(s, p, n, ret, reterr) < 0 ? -1 : ledger_state_blob(l, s, org, ret, reterr);
}

struct earlier_blobs { struct store *store; struct views *views; int64_t now_us; };

static int state_earlier(void *ctx, const struct hash *h, struct err *reterr)
{
        struct earlier_blobs *x = ctx;
        struct ledger_statement s;
        struct arena *a = arena_new();
        int rc = describe(x->store, a, ORG_DEFAULT, h, &s, reterr);
        if (rc == 0)
                rc = statement_record(x->views, &s, x->now_us, NULL, reterr);
        arena_free(a);
        return rc;
}

int statements_of_earlier_blobs(struct store *s, struct views *v, int64_t now_us, struct err *reterr)
{
        struct earlier_blobs x = { s, v, now_us };
        return blob_each(s, state_earlier, &x, reterr);
}
