#include "app/passphrase.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int passphrase_read(const struct settings *s, char *ret, size_t size, struct err *reterr)
{
        const char *given = getenv("SUYUAN_KEY_PASSPHRASE");
        snprintf(ret, size, "%s", given ? given : "");
        if (!*s->key_passphrase_file)
                return 0;
        FILE *f = fopen(s->key_passphrase_file, "re");
        if (!f || !fgets(ret, (int)size, f))
                err_set(reterr, ERR_NOT_FOUND, "%.200s: %s", s->key_passphrase_file, f ? "is empty" : strerror(errno));
        bool bad = !f || !*ret;
        if (f)
                fclose(f);
        ret[strcspn(ret, "\r\n")] = '\0';
        return bad ? -1 : 0;
}
