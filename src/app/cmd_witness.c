#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/serving.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "cosigner/cosigner.h"

static int print_key(const struct settings *s, struct err *reterr)
{
        struct arena *a = arena_new();
        struct buf b = { .max = 4096 };
        struct vkey k;
        int rc = cosigner_vkey(a, s->data, s->name, &k, reterr);
        if (rc == 0) {
                vkey_write(&b, &k);
                printf("%s\n", b.p);
        }
        buf_free(&b);
        arena_free(a);
        return rc;
}

static int answer(const struct settings *s, struct cosigner *c, const sigset_t *set, struct err *reterr)
{
        struct http_options o = { .listen = s->listen, .threads = 1, .workers = 4, .routes = cosigner_routes, .n_routes = cosigner_n_routes, .app = c };
        struct http *h;
        int sig;
        if (http_start(&o, &h, reterr) < 0)
                return -1;
        printf("listening on %s\n", http_address(h));
        fflush(stdout);
        sigwait(set, &sig);
        http_stop(h, 4000);
        return 0;
}

static int serve(const struct settings *s, struct err *reterr)
{
        struct cosigner_options o = { .dir = s->data, .name = s->name, .logs = s->log.v, .n_logs = s->log.n, .policy = s->policy };
        struct cosigner *c;
        sigset_t set;
        if (serving_log_level(s->log_level, reterr) < 0)
                return -1;
        serving_block_signals(&set);
        if (cosigner_open(&o, &c, reterr) < 0)
                return -1;
        int rc = answer(s, c, &set, reterr);
        cosigner_close(c);
        return rc;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        int rc;
        if (n == 1 && strcmp(operands[0], "key") == 0)
                rc = print_key(s, reterr);
        else if (n == 0)
                rc = serve(s, reterr);
        else
                rc = err_set(reterr, ERR_BAD_INPUT, "用法 / usage: suyuan witness [key] --data DIR --name NAME --log VKEY");
        return rc == 0 ? EXIT_OK : reterr->kind == ERR_BAD_INPUT ? EXIT_USAGE : EXIT_REFUSED;
}

const struct command command_witness = {
        .name = "witness", .operands = "[key]", .min_operands = 0, .max_operands = 1,
        .about = "为别人的日志作见证 / witness the logs of others",
        .help = "Answers the C2SP witness protocol: cosigns a log's checkpoint when it follows from the one cosigned before.  DIR is this witness's own, no data\n"
                "directory of records; its key (DIR/witness.key, 0600) is made at the first start.  Losing DIR means beginning anew with another name.\n"
                "`key` prints the public key alone: the log's operator puts it into the policy file.\n\n"
                "  suyuan witness --data /var/lib/suyuan-witness --name witness.example.cn --listen 0.0.0.0:8090 --log 'trace.example.cn/log+…'\n"
                "  suyuan witness key --data /var/lib/suyuan-witness",
        .run = run,
};
