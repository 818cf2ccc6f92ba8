#include <inttypes.h>
#include <stdio.h>

#include "app/command.h"
#include "app/progress.h"
#include "base/file.h"
#include "proof/whole.h"

/* Computes a whole log again: whoever keeps a copy, or can reach it, needs nothing else. */

static void say(void *ctx, const char *where, const char *what)
{
        (void)ctx;
        progress_end();
        printf("%s: %s\n", where, what);
}

static void show(void *ctx, int64_t done, int64_t total)
{
        (void)ctx;
        progress_show("tiles", done, total);
}

static int read_keys(struct arena *a, const struct settings *s, struct whole_options *ret, struct policy **ret_policy, struct err *reterr)
{
        struct str text;
        size_t n;
        bool key = s->key.n > 0, policy = s->policy && *s->policy;
        if (!key && !policy)
                return err_set(reterr, ERR_BAD_INPUT, "--key VKEY says whose log it is (the operator's `suyuan log key`), or --policy FILE");
        if (policy && (file_read(a, s->policy, POLICY_BYTES_MAX, &text, reterr) < 0 || policy_read(a, text, ret_policy, reterr) < 0))
                return err_while(reterr, "reading the policy %s", s->policy);
        ret->policy = policy ? *ret_policy : NULL;
        if (key)
                return vkey_read(a, str_of(s->key.v[0]), &ret->key, reterr);
        const struct policy_log *logs = policy_logs(*ret_policy, &n);
        if (n != 1)
                return err_set(reterr, ERR_BAD_INPUT, "the policy names %zu logs: say with --key which one", n);
        ret->key = logs[0].vkey;
        return 0;
}

static void tell(enum lang l, const struct whole *w)
{
        if (w->faults && l == LANG_EN)
                printf("Does not hold: %" PRId64 " fault%s.\n", w->faults, w->faults == 1 ? "" : "s");
        else if (w->faults)
                printf(l == LANG_HANS ? "不成立：%" PRId64 " 处有误。\n" : "不成立：%" PRId64 " 處有誤。\n", w->faults);
        else if (l == LANG_EN)
                printf("Holds: all %" PRId64 " leaves of %.*s are under the signed root, cosigned by %zu.\n", w->size, STR_ARG(w->origin), w->cosigned);
        else
                printf(l == LANG_HANS ? "成立：%.*s 的全部 %" PRId64 " 条都在已签名的根之下，%zu 个见证人会签。\n" : "成立：%.*s 的全部 %" PRId64 " 條都在已簽名的根之下，%zu 個見證人會簽。\n",
                       STR_ARG(w->origin), w->size, w->cosigned);
}

static bool is_url(const char *where)
{
        return str_starts(str_of(where), STR("http://")) || str_starts(str_of(where), STR("https://"));
}

static int verify(struct arena *a, const struct settings *s, const char *where, struct err *reterr)
{
        struct whole_options o = { .say = say, .progress = show };
        struct whole w;
        struct policy *p = NULL;
        struct source *from;
        if (read_keys(a, s, &o, &p, reterr) < 0)
                return EXIT_USAGE;
        if ((is_url(where) ? source_url(where, &from, reterr) : source_folder(where, &from, reterr)) < 0)
                return EXIT_USAGE;
        int64_t faults = whole_verify(a, from, &o, &w, reterr);
        progress_end();
        from->close(from);
        if (faults < 0)
                return EXIT_USAGE;
        *reterr = (struct err){ 0 };
        tell(lang_choose(str_of(s->lang), STR_NONE), &w);
        return faults ? EXIT_REFUSED : EXIT_OK;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        (void)n;
        struct arena *a = arena_new();
        int code = verify(a, s, operands[0], reterr);
        arena_free(a);
        return code;
}

const struct command command_verify_log = {
        .name = "verify-log",
        .operands = "DIR|URL",
        .about = "重算整个日志 / compute a whole log again: every entry, every tile, the root, the signatures",
        .help = "DIR is a data directory, its log/, or a folder of tiles (C2SP tlog-tiles); URL is where a log is served.  The key comes from elsewhere:\n"
                "who gives the log must not give the key as well.  With --policy its witnesses must have cosigned too.\n"
                "Exit 0: it holds; 1: it does not, one line for each of the first faults; 2: it cannot be read, or wrong usage.\n\n"
                "  suyuan verify-log https://trace.example.cn --key 'trace.example.cn/log+0a1b2c3d+AX…'\n",
        .min_operands = 1,
        .max_operands = 1,
        .run = run,
};
