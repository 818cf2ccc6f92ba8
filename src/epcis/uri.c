#include "epcis/uri.h"

#include <stdint.h>

enum { ALPHA = 1, DIGIT = 2, HEX = 4, SCHEME = 8, PCHAR = 16, QUERY = 32, HOST = 64 };

#define AZ(c) [c] = ALPHA | SCHEME | PCHAR | QUERY | HOST
#define AF(c) [c] = ALPHA | SCHEME | PCHAR | QUERY | HOST | HEX
#define NUM(c) [c] = DIGIT | SCHEME | PCHAR | QUERY | HOST | HEX
#define SUB(c) [c] = PCHAR | QUERY | HOST

/* Which characters stand where; `%` needs two hex digits behind it and is looked at apart. */
static const uint8_t class_of[256] = {
        AF('a'), AF('b'), AF('c'), AF('d'), AF('e'), AF('f'), AZ('g'), AZ('h'), AZ('i'), AZ('j'), AZ('k'), AZ('l'), AZ('m'),
        AZ('n'), AZ('o'), AZ('p'), AZ('q'), AZ('r'), AZ('s'), AZ('t'), AZ('u'), AZ('v'), AZ('w'), AZ('x'), AZ('y'), AZ('z'),
        AF('A'), AF('B'), AF('C'), AF('D'), AF('E'), AF('F'), AZ('G'), AZ('H'), AZ('I'), AZ('J'), AZ('K'), AZ('L'), AZ('M'),
        AZ('N'), AZ('O'), AZ('P'), AZ('Q'), AZ('R'), AZ('S'), AZ('T'), AZ('U'), AZ('V'), AZ('W'), AZ('X'), AZ('Y'), AZ('Z'),
        NUM('0'), NUM('1'), NUM('2'), NUM('3'), NUM('4'), NUM('5'), NUM('6'), NUM('7'), NUM('8'), NUM('9'),
        ['-'] = SCHEME | PCHAR | QUERY | HOST, ['.'] = SCHEME | PCHAR | QUERY | HOST, ['+'] = SCHEME | PCHAR | QUERY | HOST,
        SUB('_'), SUB('~'), SUB('!'), SUB('$'), SUB('&'), SUB('\''), SUB('('), SUB(')'), SUB('*'), SUB(','), SUB(';'), SUB('='),
        [':'] = PCHAR | QUERY, ['@'] = PCHAR | QUERY, ['/'] = PCHAR | QUERY, ['?'] = QUERY,
};

static bool is(char c, uint8_t what)
{
        return (class_of[(unsigned char)c] & what) != 0;
}

/* Every character is of class `what` or a whole percent escape. */
static bool all(struct str s, uint8_t what)
{
        for (size_t i = 0; i < s.n; i++) {
                if (is(s.p[i], what))
                        continue;
                if (s.p[i] != '%' || i + 2 >= s.n || !is(s.p[i + 1], HEX) || !is(s.p[i + 2], HEX))
                        return false;
                i += 2;
        }
        return true;
}

static struct str cut(struct str *rest, char at)
{
        const char *p = rest->n ? memchr(rest->p, at, rest->n) : NULL;

        if (!p)
                return STR_NONE;
        struct str tail = str_from(*rest, (size_t)(p - rest->p) + 1);

        rest->n = (size_t)(p - rest->p);
        return tail.n ? tail : STR("");
}

static bool ip_literal(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if (!is(s.p[i], HOST) && s.p[i] != ':')
                        return false;
        return s.n > 0;
}

/* [userinfo "@"] host [":" port] */
static bool authority(struct str s)
{
        const char *at = s.n ? memrchr(s.p, '@', s.n) : NULL;

        if (at) {
                struct str user = { s.p, (size_t)(at - s.p) };

                for (size_t i = 0; i < user.n; i++)
                        if (user.p[i] == '@' || user.p[i] == '/')
                                return false;
                if (!all(user, PCHAR))
                        return false;
                s = str_from(s, user.n + 1);
        }
        struct str port = STR_NONE;

        if (s.n && s.p[0] == '[') {
                struct str rest = cut(&s, ']');

                if (!rest.p || !ip_literal(str_from(s, 1)) || (rest.n && rest.p[0] != ':'))
                        return false;
                port = str_from(rest, 1);
        } else {
                port = cut(&s, ':');
                if (!all(s, HOST))
                        return false;
        }
        for (size_t i = 0; i < port.n; i++)
                if (!is(port.p[i], DIGIT))
                        return false;
        return true;
}

bool uri_valid(struct str s)
{
        size_t n = 0;

        if (s.n == 0 || !is(s.p[0], ALPHA))
                return false;
        while (n < s.n && is(s.p[n], SCHEME))
                n++;
        if (n == s.n || s.p[n] != ':')
                return false;
        struct str rest = str_from(s, n + 1);
        struct str fragment = cut(&rest, '#');
        struct str query = cut(&rest, '?');

        if (!all(fragment, QUERY) || !all(query, QUERY))
                return false;
        if (!str_starts(rest, STR("//")))
                return all(rest, PCHAR);
        struct str host = str_from(rest, 2);
        struct str path = cut(&host, '/');

        return authority(host) && all(path, PCHAR);
}
