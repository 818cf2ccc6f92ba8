#include "proof/stamp.h"

#include <openssl/err.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <time.h>

#include "base/limits.h"

/* ---- asking ---- */

static int fill(TS_REQ *q, struct str data)
{
        struct hash h = sha256(data.p, data.n);
        uint8_t nonce[16];
        X509_ALGOR *algorithm = X509_ALGOR_new();
        TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
        random_bytes(nonce, sizeof nonce);
        nonce[0] &= 0x7f;
        BIGNUM *number = BN_bin2bn(nonce, sizeof nonce, NULL);
        ASN1_INTEGER *n = number ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
        int ok = algorithm && imprint && n && X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) && TS_MSG_IMPRINT_set_algo(imprint, algorithm) &&
                 TS_MSG_IMPRINT_set_msg(imprint, h.b, sizeof h.b) && TS_REQ_set_version(q, 1) && TS_REQ_set_msg_imprint(q, imprint) && TS_REQ_set_nonce(q, n) &&
                 TS_REQ_set_cert_req(q, 1);
        ASN1_INTEGER_free(n);
        BN_free(number);
        TS_MSG_IMPRINT_free(imprint);
        X509_ALGOR_free(algorithm);
        return ok;
}

int stamp_request(struct arena *a, struct str data, struct str *ret, struct err *reterr)
{
        TS_REQ *q = TS_REQ_new();
        unsigned char *der = NULL;
        int n = q && fill(q, data) ? i2d_TS_REQ(q, &der) : -1;
        TS_REQ_free(q);
        if (n < 0)
                return err_set(reterr, ERR_INTERNAL, "no time stamp request could be made");
        *ret = arena_str(a, (struct str){ (char *)der, (size_t)n });
        OPENSSL_free(der);
        return 0;
}

/* ---- believing ---- */

static X509_STORE *store_of(const char *ca)
{
        X509_STORE *s = X509_STORE_new();
        if (s && X509_STORE_load_file(s, ca) == 1)
                return s;
        X509_STORE_free(s);
        return NULL;
}

static int refuse(struct err *reterr, const char *what)
{
        char why[200] = "";
        unsigned long code = ERR_peek_last_error();
        if (code)
                ERR_error_string_n(code, why, sizeof why);
        ERR_clear_error();
        return err_set(reterr, ERR_BAD_INPUT, "the time stamp %s%s%s", what, *why ? ": " : "", why);
}

static int64_t time_of(TS_RESP *r)
{
        struct tm tm = { 0 };
        TS_TST_INFO *info = TS_RESP_get_tst_info(r);
        if (!info || ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm) != 1)
                return 0;
        return (int64_t)timegm(&tm);
}

static int check(TS_RESP *r, TS_REQ *q, const char *ca, int64_t *ret_time_s, struct err *reterr)
{
        TS_VERIFY_CTX *ctx = TS_REQ_to_TS_VERIFY_CTX(q, NULL);
        X509_STORE *store = store_of(ca);
        int rc = -1;
        if (!store)
                refuse(reterr, "authority's certificates cannot be read");
        else if (!ctx)
                refuse(reterr, "request cannot be read");
        else {
                TS_VERIFY_CTX_set_store(ctx, store);    /* the context's from now on */
                store = NULL;
                TS_VERIFY_CTX_add_flags(ctx, TS_VFY_SIGNATURE);
                rc = TS_RESP_verify_response(ctx, r) == 1 ? 0 : refuse(reterr, "does not hold");
        }
        X509_STORE_free(store);
        TS_VERIFY_CTX_free(ctx);
        *ret_time_s = rc == 0 ? time_of(r) : 0;
        return rc == 0 && *ret_time_s == 0 ? refuse(reterr, "says no time") : rc;
}

int stamp_verify(struct str reply, struct str request, const char *ca, int64_t *ret_time_s, struct err *reterr)
{
        const unsigned char *p = (const unsigned char *)reply.p, *q = (const unsigned char *)request.p;
        if (reply.n > LIMIT_STAMP_BYTES)
                return err_set(reterr, ERR_TOO_LARGE, "the time stamp has more than %d bytes", LIMIT_STAMP_BYTES);
        ERR_clear_error();
        TS_RESP *r = d2i_TS_RESP(NULL, &p, (long)reply.n);
        TS_REQ *asked = d2i_TS_REQ(NULL, &q, (long)request.n);
        int rc = !r || !asked ? refuse(reterr, "is none") : (const char *)p != reply.p + reply.n ? refuse(reterr, "has bytes after its end") : check(r, asked, ca, ret_time_s, reterr);
        TS_REQ_free(asked);
        TS_RESP_free(r);
        return rc;
}
