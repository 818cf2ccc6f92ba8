#include "access/credential.h"

#include "base/text.h"

static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";      /* Crockford: none that look alike */

enum { PREFIX = 11, RANDOM = 32, CHECK = 6 };

static void check_of(const char *p, char ret[CHECK])
{
        struct hash h = sha256(p, PREFIX + RANDOM);
        for (int i = 0; i < CHECK; i++)
                ret[i] = letters[h.b[i] & 31];
}

void credential_make(const char *prefix, char ret[CREDENTIAL_BYTES + 1])
{
        unsigned char r[RANDOM];
        random_bytes(r, sizeof r);
        memcpy(ret, prefix, PREFIX);
        for (int i = 0; i < RANDOM; i++)
                ret[PREFIX + i] = letters[r[i] & 31];
        check_of(ret, ret + PREFIX + RANDOM);
        ret[CREDENTIAL_BYTES] = '\0';
}

enum credential credential_look(struct str s, const char *prefix)
{
        char check[CHECK];
        if (!s.n)
                return CREDENTIAL_NONE;
        if (s.n != CREDENTIAL_BYTES || memcmp(s.p, prefix, PREFIX) != 0)
                return CREDENTIAL_MALFORMED;
        for (size_t i = PREFIX; i < s.n; i++)
                if (!s.p[i] || !strchr(letters, s.p[i]))
                        return CREDENTIAL_MALFORMED;
        check_of(s.p, check);
        return memcmp(check, s.p + PREFIX + RANDOM, CHECK) == 0 ? CREDENTIAL_FORMED : CREDENTIAL_MISTYPED;
}

enum credential credential_bearer(struct str header, struct str *ret)
{
        struct str rest = str_trim(header), scheme;
        *ret = STR_NONE;
        if (!rest.n)
                return CREDENTIAL_NONE;
        if (!str_split(&rest, ' ', &scheme) || !str_ieq(scheme, STR("Bearer")))
                return CREDENTIAL_MALFORMED;
        *ret = str_trim(rest);
        enum credential c = credential_look(*ret, KEY_PREFIX);
        return c == CREDENTIAL_NONE ? CREDENTIAL_MALFORMED : c;
}

struct str credential_cookie(struct str header, const char *name)
{
        struct str one, key;
        while (str_split(&header, ';', &one)) {
                one = str_trim(one);
                if (one.n && memchr(one.p, '=', one.n) && str_split(&one, '=', &key) && str_is(key, name))
                        return one;
        }
        return STR_NONE;
}
