#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "app/command.h"
#include "app/serving.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "proof/monitor.h"

enum { TIMEOUT_MS = 10000, LINE_BYTES = 4 << 20 };

static void member(struct buf *b, const char *name, struct str value)
{
        buf_char(b, ',');
        json_write_name(b, name);
        json_write_str(b, value);
}

/* One line a look, for machines.  What is wrong travels with both notes: signed evidence that anybody can check. */
static void print_line(struct arena *a, const char *url, const struct monitor_report *r)
{
        struct buf b = { .max = LINE_BYTES };
        buf_z(&b, "{\"time\":");
        json_write_str(&b, stamp_utc(a, clock_now_us()));
        member(&b, "found", str_of(found_word(r->found)));
        member(&b, "url", str_of(url));
        member(&b, "origin", r->origin);
        buf_printf(&b, ",\"size\":%" PRId64 ",\"before\":%" PRId64 ",\"cosigned\":%zu,\"witnessesAsked\":%zu,\"witnessesHeard\":%zu", r->size, r->before, r->cosigned, r->asked, r->heard);
        if (r->found != FOUND_OK) {
                member(&b, "why", str_of(r->why));
                member(&b, "note", r->note);
                member(&b, "noteBefore", r->note_before);
        }
        buf_char(&b, '}');
        puts(b.overflow ? "{\"found\":\"unreachable\"}" : b.p);
        fflush(stdout);
        buf_free(&b);
}

static void shout(const char *url, const struct monitor_report *r)
{
        if (r->found != FOUND_OK)
                fprintf(stderr, "suyuan monitor: %s: %s (%s)\n", url, found_sentence(r->found), r->why);
}

static enum monitor_found look(struct monitor *m, const char *url)
{
        struct arena *a = arena_new();
        struct monitor_report r;
        monitor_look(m, a, &r);
        print_line(a, url, &r);
        shout(url, &r);
        enum monitor_found found = r.found;
        arena_free(a);
        return found;
}

/* Until somebody ends it. */
static void follow(struct monitor *m, const char *url, int64_t every_s)
{
        sigset_t set;
        struct timespec t = { .tv_sec = every_s };
        serving_block_signals(&set);
        do
                look(m, url);
        while (sigtimedwait(&set, NULL, &t) < 0);
}

static int read_policy(const struct settings *s, struct arena *a, const struct policy **ret, struct err *reterr)
{
        struct str text;
        struct policy *p;
        if (!*s->policy)
                return 0;
        if (file_read(a, s->policy, POLICY_BYTES_MAX, &text, reterr) < 0 || policy_read(a, text, &p, reterr) < 0)
                return err_while(reterr, "reading %s", s->policy);
        *ret = p;
        return 0;
}

/* Of --key, and of the policy's logs where none is given. */
static int read_keys(const struct settings *s, struct arena *a, const struct policy *p, struct monitor_options *o, struct err *reterr)
{
        size_t n_logs = 0, n = 0;
        const struct policy_log *logs = p && !s->key.n ? policy_logs(p, &n_logs) : NULL;
        struct vkey *keys = arena_array(a, struct vkey, s->key.n + n_logs + 1);
        for (size_t i = 0; i < s->key.n; i++)
                if (vkey_read(a, str_of(s->key.v[i]), &keys[n++], reterr) < 0)
                        return -1;
        for (size_t i = 0; i < n_logs; i++)
                keys[n++] = logs[i].vkey;
        o->keys = keys;
        o->n_keys = n;
        return n ? 0 : err_set(reterr, ERR_BAD_INPUT, "give the log's public key (--key), or a policy that names it (--policy)");
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        struct arena *a = arena_new();
        struct monitor_options o = { .url = str_of(operands[0]), .state = s->state, .stale_s = s->stale, .timeout_ms = TIMEOUT_MS };
        struct monitor *m;
        int code = EXIT_USAGE;
        (void)n;
        if (s->every < 1 || s->every > 86400 || s->stale < 0)
                err_set(reterr, ERR_BAD_INPUT, "--every is 1 to 86400 seconds");
        else if (read_policy(s, a, &o.policy, reterr) == 0 && read_keys(s, a, o.policy, &o, reterr) == 0 && monitor_open(&o, &m, reterr) == 0) {
                code = EXIT_OK;
                if (!s->once)
                        follow(m, operands[0], s->every);
                else if (look(m, operands[0]) != FOUND_OK)
                        code = EXIT_REFUSED;
                monitor_close(m);
        }
        arena_free(a);
        return code;
}

const struct command command_monitor = {
        .name = "monitor", .operands = "URL", .min_operands = 1, .max_operands = 1,
        .about = "盯住一个日志，分叉或倒退即报警 / follow a log, shout on a fork or a rollback",
        .help = "Looks at the checkpoint, proves with tiles that it contains the last one that was good, and with a policy asks the witnesses what they were shown.\n"
                "A line of JSON a look on standard output, what is wrong on standard error too.  With --once: exit 0 all is well, 1 something is wrong.\n"
                "Keep --state where the log's operator cannot write.\n\n"
                "  suyuan monitor https://trace.example.cn --key 'trace.example.cn/log+…' --state /var/lib/suyuan-monitor/example --policy policy",
        .run = run,
};
