#include "access/credit_code.h"

#include <string.h>

#include "base/text.h"

static const char letters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int value_of(char c)
{
        const char *at = c ? strchr(letters, c) : NULL;
        return at ? (int)(at - letters) : -1;
}

char credit_code_check(struct str first)
{
        int sum = 0, weight = 1;
        for (size_t i = 0; i < first.n; i++, weight = weight * 3 % 31) {
                int v = value_of(first.p[i]);
                if (v < 0)
                        return 0;
                sum += v * weight;
        }
        return letters[(31 - sum % 31) % 31];
}

/* The first place that cannot be right, from 1; 0: none. */
static int wrong_place(const char c[CREDIT_CODE_BYTES])
{
        for (int i = 0; i < CREDIT_CODE_BYTES; i++)
                if (value_of(c[i]) < 0 || (i >= 2 && i < 8 && value_of(c[i]) > 9))
                        return i + 1;
        return 0;
}

int credit_code_read(struct str s, char ret[CREDIT_CODE_BYTES], struct err *reterr)
{
        s = str_trim(s);
        if (s.n != CREDIT_CODE_BYTES)
                return err_set(reterr, ERR_BAD_INPUT, "统一社会信用代码是 18 位 / a unified social credit code has 18 characters; these are %zu bytes", s.n);
        for (int i = 0; i < CREDIT_CODE_BYTES; i++)
                ret[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 'a' + 'A') : s.p[i];
        int place = wrong_place(ret);
        if (place)
                return err_set(reterr, ERR_BAD_INPUT, "统一社会信用代码第 %d 位不对：%s / the credit code's character %d is wrong: %s", place,
                               place >= 3 && place <= 8 ? "应为数字" : "只有数字和大写字母，没有 I、O、S、V、Z", place,
                               place >= 3 && place <= 8 ? "a digit stands there" : "digits and letters without I, O, S, V, Z");
        char want = credit_code_check((struct str){ ret, CREDIT_CODE_BYTES - 1 });
        if (ret[CREDIT_CODE_BYTES - 1] != want)
                return err_set(reterr, ERR_BAD_INPUT, "统一社会信用代码的校验位（第 18 位）不对，前 17 位的校验位是 %c；请核对全部各位 / the credit code's check character is wrong: the first 17 want %c; look at all of them",
                               want, want);
        return 0;
}
