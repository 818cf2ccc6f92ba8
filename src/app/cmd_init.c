#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "base/text.h"
#include "store/store.h"

/* scheme://host[:port], nothing behind it: paths are the things' own names. */
static int check_origin(const char *url, struct err *reterr)
{
        const char *rest = strncmp(url, "https://", 8) == 0 ? url + 8 : strncmp(url, "http://", 7) == 0 ? url + 7 : NULL;
        if (!rest || !*rest)
                return err_set(reterr, ERR_BAD_INPUT, "--origin is an address like https://trace.example.cn, not '%.80s'", url);
        size_t bad = strcspn(rest, "/?#@ \t\r\n");
        if (rest[bad])
                return err_set(reterr, ERR_BAD_INPUT, "--origin is scheme and host only; leave out '%.60s'", rest + bad);
        return 0;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        (void)operands;
        (void)n;
        struct str origins[16] = { STR("http://127.0.0.1:8080") };
        size_t count = s->origin.n ? s->origin.n : 1;
        if (count > 16) {
                err_set(reterr, ERR_BAD_INPUT, "at most 16 origins");
                return EXIT_USAGE;
        }
        for (size_t i = 0; i < s->origin.n; i++) {
                if (check_origin(s->origin.v[i], reterr) < 0)
                        return EXIT_USAGE;
                origins[i] = str_of(s->origin.v[i]);
                for (size_t k = 0; k < i; k++)
                        if (str_ieq(origins[k], origins[i])) {
                                err_set(reterr, ERR_BAD_INPUT, "--origin %.80s stands twice", s->origin.v[i]);
                                return EXIT_USAGE;
                        }
        }
        if (store_init(s->data, origins, count, reterr) < 0)
                return EXIT_REFUSED;
        printf("已建立 / created %s; codes will bear %.*s\n", s->data, STR_ARG(origins[0]));
        return EXIT_OK;
}

const struct command command_init = {
        .name = "init",
        .operands = "",
        .about = "建立数据目录 / create a data directory",
        .help = "DIR may exist empty.  Several --origin may be given: the first is printed on new codes, all name the same things,\n"
                "so that a changed domain orphans no printed code.\n\n"
                "  suyuan init --data /var/lib/suyuan --origin https://trace.example.cn --origin https://old.example.cn",
        .run = run,
};
