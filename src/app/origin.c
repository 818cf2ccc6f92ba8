#include "app/origin.h"

#include <string.h>

static int read_one(const char *url, char ret[ORIGIN_BYTES], struct err *reterr)
{
        size_t n = strlen(url), scheme;

        if (n >= ORIGIN_BYTES)
                return err_set(reterr, ERR_BAD_INPUT, "--origin has at most %d characters", ORIGIN_BYTES - 1);
        for (size_t i = 0; i <= n; i++)
                ret[i] = url[i] >= 'A' && url[i] <= 'Z' ? (char)(url[i] + 'a' - 'A') : url[i];
        scheme = strncmp(ret, "https://", 8) == 0 ? 8 : strncmp(ret, "http://", 7) == 0 ? 7 : 0;
        if (scheme && n > scheme + 1 && ret[n - 1] == '/')
                ret[--n] = '\0';
        if (!scheme || n == scheme)
                return err_set(reterr, ERR_BAD_INPUT, "--origin is an address like https://trace.example.cn, not '%.80s'", url);
        size_t bad = scheme + strcspn(ret + scheme, "/?#@ \t\r\n");
        if (ret[bad])
                return err_set(reterr, ERR_BAD_INPUT, "--origin is scheme and host only; leave out '%.60s'", url + bad);
        return 0;
}

int origins_read(const char *const *urls, size_t n, struct origin_list *ret, struct err *reterr)
{
        if (n > ORIGINS_MOST)
                return err_set(reterr, ERR_BAD_INPUT, "at most %d origins", ORIGINS_MOST);
        ret->n = n ? n : 1;
        ret->v[0] = STR("http://127.0.0.1:8080");
        for (size_t i = 0; i < n; i++) {
                if (read_one(urls[i], ret->text[i], reterr) < 0)
                        return -1;
                ret->v[i] = str_of(ret->text[i]);
                for (size_t k = 0; k < i; k++)
                        if (str_eq(ret->v[k], ret->v[i]))
                                return err_set(reterr, ERR_BAD_INPUT, "--origin %.80s stands twice", urls[i]);
        }
        return 0;
}
