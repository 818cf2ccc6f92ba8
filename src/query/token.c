#include "base/buf.h"
#include "base/digest.h"
#include "query/run.h"

/* base64url(version, expiry, place, seal): the place is no secret, the seal is HMAC-SHA-256 over it and over what it is bound to, cut to
 * 16 bytes. */

enum { TOKEN_VERSION = 1, TOKEN_NUMBERS = 6, TOKEN_HEAD = 1 + 8 * TOKEN_NUMBERS, TOKEN_SEAL = 16, TOKEN_KEY_MAX = 512, TOKEN_MAX = 1024 };

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static struct str encode(struct arena *a, const uint8_t *p, size_t n)
{
        char *out = arena_raw(a, (n + 2) / 3 * 4 + 1);
        size_t k = 0;
        for (size_t i = 0; i < n; i += 3) {
                uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0u);
                size_t left = n - i < 3 ? n - i + 1 : 4;
                for (size_t j = 0; j < left; j++)
                        out[k++] = digits[v >> (18 - 6 * j) & 63];
        }
        out[k] = '\0';
        return (struct str){ out, k };
}

/* How many bytes; 0 when it is no base64url, or one that spells its bytes in another way than encode. */
static size_t decode(struct str s, uint8_t *ret)
{
        size_t n = 0;
        uint32_t v = 0;
        int bits = 0;
        if (s.n % 4 == 1)
                return 0;
        for (size_t i = 0; i < s.n; i++) {
                const char *at = s.p[i] ? strchr(digits, s.p[i]) : NULL;
                if (!at)
                        return 0;
                v = v << 6 | (uint32_t)(at - digits);
                if ((bits += 6) >= 8)
                        ret[n++] = (uint8_t)(v >> (bits -= 8));
        }
        return v & ((1u << bits) - 1) ? 0 : n;
}

static void put(uint8_t *p, int64_t v)
{
        for (int i = 0; i < 8; i++)
                p[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
}

static int64_t get(const uint8_t *p)
{
        uint64_t v = 0;
        for (int i = 0; i < 8; i++)
                v = v << 8 | p[i];
        return (int64_t)v;
}

static struct hash seal(const uint8_t key[32], struct str bound_to, const uint8_t *p, size_t n)
{
        struct hash bound = sha256(bound_to.n ? bound_to.p : "", bound_to.n);
        struct hash both = sha256_2(bound.b, sizeof(bound.b), p, n);
        return hmac_sha256(key, 32, both.b, sizeof(both.b));
}

struct str page_token(struct arena *a, const uint8_t key[32], struct str bound_to, const struct query_page_from *at, int64_t expires_us)
{
        uint8_t raw[TOKEN_HEAD + TOKEN_KEY_MAX + TOKEN_SEAL] = { TOKEN_VERSION };
        const int64_t numbers[TOKEN_NUMBERS] = { expires_us, at->high_record_us, at->key_us, at->org, at->seq, at->told };
        size_t n = TOKEN_HEAD, text = at->key_text.n < TOKEN_KEY_MAX ? at->key_text.n : TOKEN_KEY_MAX;
        for (int i = 0; i < TOKEN_NUMBERS; i++)
                put(raw + 1 + 8 * i, numbers[i]);
        if (text)
                memcpy(raw + n, at->key_text.p, text);
        n += text;
        struct hash h = seal(key, bound_to, raw, n);
        memcpy(raw + n, h.b, TOKEN_SEAL);
        return encode(a, raw, n + TOKEN_SEAL);
}

static bool sealed(const uint8_t key[32], struct str bound_to, const uint8_t *raw, size_t n)
{
        struct hash h = seal(key, bound_to, raw, n - TOKEN_SEAL);
        uint8_t differ = 0;
        for (size_t i = 0; i < TOKEN_SEAL; i++)         /* in the same time wherever they differ */
                differ |= (uint8_t)(h.b[i] ^ raw[n - TOKEN_SEAL + i]);
        return !differ;
}

int page_token_read(struct arena *a, const uint8_t key[32], struct str bound_to, struct str token, int64_t now_us,
                    struct query_page_from *ret, struct err *reterr)
{
        uint8_t raw[TOKEN_MAX];
        size_t n = token.n && token.n <= TOKEN_MAX ? decode(token, raw) : 0;
        *ret = (struct query_page_from){ .first = true };
        if (n < TOKEN_HEAD + TOKEN_SEAL || raw[0] != TOKEN_VERSION || !sealed(key, bound_to, raw, n))
                return err_set(reterr, ERR_BAD_QUERY, "nextPageToken was not given out here for this query and this caller; send it unchanged with the same query, or leave it out to begin again");
        if (get(raw + 1) < now_us)
                return err_set(reterr, ERR_BAD_QUERY, "nextPageToken has expired; leave it out to begin again");
        size_t text = n - TOKEN_HEAD - TOKEN_SEAL;
        *ret = (struct query_page_from){ .high_record_us = get(raw + 9), .key_us = get(raw + 17), .org = get(raw + 25), .seq = get(raw + 33),
                                         .told = get(raw + 41) };
        if (text)
                ret->key_text = arena_str(a, (struct str){ (const char *)raw + TOKEN_HEAD, text });
        return 0;
}
