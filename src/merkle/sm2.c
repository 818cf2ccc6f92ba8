#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include "merkle/note_impl.h"

/* SM2 signatures with SM3 (GB/T 32918.2, GB/T 35275) by OpenSSL, which speaks of them as DER; a note bears r ‖ s, 32 bytes each. */

static const char distinguishing_id[] = "1234567812345678";
enum { NUMBER = 32, DER_MAX = 80 };

/* A digest context that is ready to sign or verify with the key; NULL. */
struct run { EVP_MD_CTX *md; EVP_PKEY_CTX *key; };

static bool run_begin(struct run *r, EVP_PKEY *k)
{
        r->md = EVP_MD_CTX_new();
        r->key = EVP_PKEY_CTX_new(k, NULL);
        if (!r->md || !r->key || EVP_PKEY_CTX_set1_id(r->key, distinguishing_id, sizeof distinguishing_id - 1) != 1)
                return false;
        EVP_MD_CTX_set_pkey_ctx(r->md, r->key);
        return true;
}

static void run_end(struct run *r)
{
        EVP_MD_CTX_free(r->md);
        EVP_PKEY_CTX_free(r->key);
}

/* ---- verifying ---- */

static EVP_PKEY *public_key(struct str key)
{
        OSSL_PARAM params[] = {
                OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char[]){ "SM2" }, 0),
                OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)key.p, key.n),
                OSSL_PARAM_construct_end(),
        };
        EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
        EVP_PKEY *k = NULL;

        if (c && EVP_PKEY_fromdata_init(c) == 1 && EVP_PKEY_fromdata(c, &k, EVP_PKEY_PUBLIC_KEY, params) != 1)
                k = NULL;
        EVP_PKEY_CTX_free(c);
        return k;
}

static int der_of(struct str signature, unsigned char **ret)
{
        ECDSA_SIG *sig = ECDSA_SIG_new();
        BIGNUM *r = BN_bin2bn((const unsigned char *)signature.p, NUMBER, NULL), *s = BN_bin2bn((const unsigned char *)signature.p + NUMBER, NUMBER, NULL);
        int n = -1;

        *ret = NULL;
        if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1) {
                n = i2d_ECDSA_SIG(sig, ret);
        } else {
                BN_free(r);
                BN_free(s);
        }
        ECDSA_SIG_free(sig);
        return n;
}

static bool verify(EVP_PKEY *k, struct str text, const unsigned char *der, size_t n)
{
        struct run r;
        bool ok = run_begin(&r, k) && EVP_DigestVerifyInit(r.md, NULL, EVP_sm3(), NULL, k) == 1 &&
                  EVP_DigestVerify(r.md, der, n, (const unsigned char *)text.p, text.n) == 1;

        run_end(&r);
        return ok;
}

bool sm2_ok(struct str key, struct str text, struct str signature)
{
        unsigned char *der = NULL;
        EVP_PKEY *k;
        int n;
        bool ok;

        if (key.n != SM2_KEY || signature.n != SM2_SIGNATURE)
                return false;
        k = public_key(key);
        n = der_of(signature, &der);
        ok = k && n > 0 && verify(k, text, der, (size_t)n);
        OPENSSL_free(der);
        EVP_PKEY_free(k);
        return ok;
}

/* ---- signing ---- */

static bool raw_of(const unsigned char *der, size_t n, unsigned char ret[SM2_SIGNATURE])
{
        ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
        bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), ret, NUMBER) == NUMBER && BN_bn2binpad(ECDSA_SIG_get0_s(sig), ret + NUMBER, NUMBER) == NUMBER;

        ECDSA_SIG_free(sig);
        return ok;
}

static int sign_sm2(const struct signer *s, struct str text, struct buf *out, struct err *reterr)
{
        unsigned char der[DER_MAX], raw[SM2_SIGNATURE];
        size_t n = sizeof der;
        struct run r;
        bool ok = run_begin(&r, s->secret) && EVP_DigestSignInit(r.md, NULL, EVP_sm3(), NULL, s->secret) == 1 &&
                  EVP_DigestSign(r.md, der, &n, (const unsigned char *)text.p, text.n) == 1 && raw_of(der, n, raw);

        run_end(&r);
        if (!ok)
                return err_set(reterr, ERR_INTERNAL, "OpenSSL could not sign with the SM2 key");
        buf_add(out, raw, sizeof raw);
        return 0;
}

static void free_key(void *k)
{
        EVP_PKEY_free(k);
}

static EVP_PKEY *private_key(struct str pem)
{
        BIO *b = BIO_new_mem_buf(pem.p, (int)pem.n);
        /* An empty passphrase: never ask the terminal for one. */
        EVP_PKEY *k = b ? PEM_read_bio_PrivateKey(b, NULL, NULL, (char[]){ "" }) : NULL;

        BIO_free(b);
        if (k && !EVP_PKEY_is_a(k, "SM2")) {
                EVP_PKEY_free(k);
                k = NULL;
        }
        return k;
}

struct signer *signer_sm2(struct arena *a, struct str name, struct str pem, struct err *reterr)
{
        struct signer *s = arena_alloc(a, sizeof *s);
        EVP_PKEY *k = pem.n <= 64 * 1024 ? private_key(pem) : NULL;
        unsigned char point[SM2_KEY];
        size_t n = 0;

        if (!k) {
                err_set(reterr, ERR_BAD_INPUT, "this is no SM2 key in PEM without passphrase; make one with: openssl genpkey -algorithm SM2");
                return NULL;
        }
        arena_at_exit(a, free_key, k);
        if (EVP_PKEY_set_utf8_string_param(k, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") != 1 ||
            EVP_PKEY_get_octet_string_param(k, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point, sizeof point, &n) != 1 || n != sizeof point) {
                err_set(reterr, ERR_BAD_INPUT, "the SM2 key has no public half");
                return NULL;
        }
        s->vkey = vkey_of(a, name, KEY_SM2, point, n);
        s->sign = sign_sm2;
        s->secret = k;
        return s;
}
