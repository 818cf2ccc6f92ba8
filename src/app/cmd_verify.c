#include <stdio.h>

#include "app/command.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "proof/bundle.h"
#include "proof/plain.h"

/* Checks a file of proof offline: no server, no data directory, only the file and the keys that whoever asks believes. */

static const char *word(enum lang l, const char *hans, const char *hant, const char *en)
{
        return l == LANG_HANS ? hans : l == LANG_HANT ? hant : en;
}

static int policy_of(struct arena *a, const struct settings *s, struct policy **ret, struct err *reterr)
{
        struct str text = STR_NONE;
        if (!s->policy || !*s->policy)
                return err_set(reterr, ERR_BAD_INPUT, "--policy FILE says whose log and witnesses you believe (docs/ref/proof.md); a log gives a first one at /log/policy");
        if (file_read(a, s->policy, POLICY_BYTES_MAX, &text, reterr) < 0 || policy_read(a, text, ret, reterr) < 0)
                return err_while(reterr, "reading the policy %s", s->policy);
        return 0;
}

/* ---- the table ---- */

static const char *clock_text(struct arena *a, int64_t us)
{
        return us > 0 ? arena_cstr(a, stamp_utc(a, us)) : "-";
}

static void print_missing(const struct bundle_record *r, enum lang l)
{
        struct buf b = { .max = 100 };
        for (size_t i = 0; i < r->n_missing; i++) {
                buf_clear(&b);
                buf_hex(&b, r->missing[i].b, sizeof r->missing[i].b);
                printf("      %s %s\n", word(l, "此文件没有的记录，其承诺为", "此檔案沒有的記錄，其承諾為", "counted, and not in this file: commitment"), b.p);
        }
        buf_free(&b);
}

static void print_record(struct arena *a, const struct bundle_record *r, size_t i, enum lang l)
{
        printf("%s %4zu  %.*s %s%lld  %s %lld\n", r->ok ? "✓" : "✗", i, STR_ARG(r->org), r->type == LEAF_EVENT ? "#" : "", (long long)r->number,
               word(l, "叶", "葉", "leaf"), (long long)r->index);
        if (r->event_id.n)
                printf("      %.*s\n", STR_ARG(r->event_id));
        if (r->time_us != INT64_MIN)
                printf("      %s %s\n", word(l, "自称发生于", "自稱發生於", "done, as claimed  "), clock_text(a, r->time_us));
        printf("      %s %s\n", word(l, "记录于    ", "記錄於    ", "recorded          "), clock_text(a, r->recorded_ms * 1000));
        printf("      %s %s\n", word(l, "首次见证于", "首次見證於", "first witnessed by"), clock_text(a, r->witnessed_s * 1000000));
        if (r->is_signed)
                printf("      %s\n", word(l, "设备签名有效", "裝置簽名有效", "signed by a device"));
        if (!r->ok)
                printf("      %s\n", r->why);
        print_missing(r, l);
}

/* ---- the answer ---- */

static int answer(struct arena *a, const struct bundle_result *r, enum lang l, bool verbose)
{
        struct buf b = { .max = 8192 };
        bundle_sentence(&b, r, l);
        printf("%s\n", b.p);
        buf_free(&b);
        for (size_t i = 0; verbose && i < r->n; i++)
                print_record(a, &r->records[i], i, l);
        return r->ok ? EXIT_OK : EXIT_REFUSED;
}

/* With --proof the operand is an event, and must be the one that the proof is about. */
static int is_of(struct arena *a, struct str proof, const char *event_file, enum lang l, struct err *reterr)
{
        struct str event;
        struct err e = { 0 };
        if (file_read(a, event_file, LIMIT_BODY_BYTES, &event, reterr) < 0)
                return EXIT_USAGE;
        int rc = bundle_is_of(a, proof, event, &e);
        if (rc == 0)
                printf("%s%s\n", word(l, "不成立：事件与证明所指的不符：", "不成立：事件與證明所指的不符：", "Does not hold: "), e.detail);
        else if (rc < 0)
                *reterr = e;
        return rc == 1 ? EXIT_OK : rc == 0 ? EXIT_REFUSED : EXIT_USAGE;
}

/* A proof that bears no record of ours: the operand's bytes are the leaf. */
static int verify_plain(struct arena *a, struct str proof, const char *leaf_file, const struct policy *p, enum lang l, struct err *reterr)
{
        struct str leaf;
        struct err why = { 0 };
        struct plain_result r = { 0 };
        if (file_read(a, leaf_file, LIMIT_PROOF_FILE_BYTES, &leaf, reterr) < 0)
                return EXIT_USAGE;
        int rc = plain_verify(a, proof, leaf, p, &r, &why);
        const struct checkpoint *c = &r.seen.checkpoint.c;
        if (rc < 0)
                *reterr = why;
        else if (rc == 0)
                printf("%s%s\n", word(l, "不成立：", "不成立：", "Does not hold: "), why.detail);
        else if (l == LANG_EN)
                printf("Holds: the file is leaf %lld of the log %.*s (%lld leaves), which %zu witnesses cosigned.\n", (long long)r.index, STR_ARG(c->origin), (long long)c->size,
                       r.seen.n_witnesses);
        else
                printf(l == LANG_HANS ? "成立：此文件是日志 %.*s 的第 %lld 号（共 %lld 条，%zu 个见证人会签）。\n" : "成立：此檔案是日誌 %.*s 的第 %lld 號（共 %lld 條，%zu 個見證人會簽）。\n",
                       STR_ARG(c->origin), (long long)r.index, (long long)c->size, r.seen.n_witnesses);
        return rc == 1 ? EXIT_OK : rc == 0 ? EXIT_REFUSED : EXIT_USAGE;
}

static int verify(struct arena *a, const struct settings *s, const char *operand, struct err *reterr)
{
        bool with_event = s->proof && *s->proof;
        enum lang l = lang_choose(str_of(s->lang), STR_NONE);
        struct bundle_result r;
        struct policy *p;
        struct str file;
        if (policy_of(a, s, &p, reterr) < 0 || file_read(a, with_event ? s->proof : operand, LIMIT_PROOF_FILE_BYTES, &file, reterr) < 0)
                return EXIT_USAGE;
        if (with_event && proof_is_plain(a, file))
                return verify_plain(a, file, operand, p, l, reterr);
        if (bundle_verify(a, file, p, &r, reterr) < 0)
                return EXIT_USAGE;
        int code = with_event && r.ok ? is_of(a, file, operand, l, reterr) : EXIT_OK;
        return code == EXIT_OK ? answer(a, &r, l, s->verbose) : code;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        (void)n;
        struct arena *a = arena_new();
        int code = verify(a, s, operands[0], reterr);
        arena_free(a);
        return code;
}

const struct command command_verify = {
        .name = "verify",
        .operands = "FILE",
        .about = "核验证明文件，不需要联网 / check a file of proof, offline",
        .help = "FILE is what `suyuan export proof` and the consumer's page give (a bundle, or a .tlog-proof).  With --proof it is the event\n"
                "itself, and the proof must be of that event; a proof of another log, which bears no record of ours, is checked against the bytes of FILE.\n"
                "Nobody is asked: what decides are the keys in the policy.\n"
                "Exit 0: it holds; 1: it does not, and the sentence says where; 2: no file of proof, or wrong usage.\n\n"
                "  suyuan verify a1.proof.json --policy policy\n"
                "  suyuan verify event.json --proof event.tlog-proof --policy policy --verbose\n",
        .min_operands = 1,
        .max_operands = 1,
        .run = run,
};
