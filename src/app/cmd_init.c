#include <stdio.h>

#include "app/command.h"
#include "app/origin.h"
#include "store/store.h"

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        (void)operands;
        (void)n;
        struct origin_list origins;
        if (origins_read(s->origin.v, s->origin.n, &origins, reterr) < 0)
                return EXIT_USAGE;
        int rc = *s->database ? store_init_server(s->data, s->database, origins.v, origins.n, reterr)
                              : store_init(s->data, origins.v, origins.n, reterr);
        if (rc < 0)
                return EXIT_REFUSED;
        printf("已建立 / created %s; codes will bear %.*s\n", s->data, STR_ARG(origins.v[0]));
        return EXIT_OK;
}

const struct command command_init = {
        .name = "init",
        .operands = "",
        .about = "建立数据目录 / create a data directory",
        .help = "DIR may exist empty.  Several --origin may be given: the first is printed on new codes, all name the same things,\n"
                "so that a changed domain orphans no printed code.\n\n"
                "  suyuan init --data /var/lib/suyuan --origin https://trace.example.cn --origin https://old.example.cn\n"
                "  suyuan init --data /var/lib/suyuan --database postgres://suyuan@db.example.cn/suyuan --origin https://trace.example.cn",
        .run = run,
};
