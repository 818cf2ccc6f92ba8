#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "app/command.h"
#include "app/doors_of.h"
#include "app/serving.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "ingest/broker.h"
#include "ingest/collector.h"
#include "ingest/decoder.h"

/* What is under way gets its time; when the parent is gone there is nobody to hand over to, and the devices will send it again. */
enum { DRAIN_MS = 8000, END_S = 9, KEY_BYTES = 4096, DOORS_MAX = 16, DESCRIPTORS = 512 };

struct running { struct collector *c; struct broker *broker; const struct door *doors[DOORS_MAX]; void *handles[DOORS_MAX]; size_t n; };

static void list(void)
{
        for (size_t i = 0; i < n_doors; i++)
                printf("door    %-10s %s / %s\n", doors[i]->name, doors[i]->about_zh, doors[i]->about);
        for (size_t i = 0; i < n_decoders; i++)
                printf("format  %-10s %s / %s\n", decoders[i]->name, decoders[i]->about_zh, decoders[i]->about);
}

static int read_key(const struct settings *s, struct arena *a, const char **ret, struct err *reterr)
{
        struct str all, line;
        *ret = NULL;
        if (!*s->collect_key_file)
                return 0;
        if (file_read_private(a, s->collect_key_file, KEY_BYTES, &all, reterr) < 0)
                return -1;
        *ret = str_split(&all, '\n', &line) ? arena_cstr(a, str_trim(line)) : "";
        return 0;
}

static int start_doors(struct running *r, const struct settings *s, struct err *reterr)
{
        for (size_t i = 0; i < n_doors; i++) {
                struct settings_door o;
                if (!door_wanted(s, doors[i]->name, &o))
                        continue;
                if (doors[i]->start(r->c, &o, &r->handles[r->n], reterr) < 0)
                        return -1;
                const char *address = doors[i]->address ? doors[i]->address(r->handles[r->n]) : NULL;
                log_line(LOG_INFO, "collect.door", "door=%s address=%s", doors[i]->name, address ? address : o.url && *o.url ? o.url : "-");
                printf("collecting %s %s\n", doors[i]->name, address ? address : o.url && *o.url ? o.url : "-");
                r->doors[r->n++] = doors[i];
        }
        return r->n ? 0 : err_set(reterr, ERR_BAD_INPUT, "nothing to collect: give --hj212, --mqtt or --modbus; `suyuan collect --list` shows what there is");
}

/* True: asked to end by a signal; false: the parent has gone. */
static bool await_end(const sigset_t *set, bool until_eof)
{
        struct pollfd p[2] = { { .fd = signalfd(-1, set, SFD_CLOEXEC), .events = POLLIN }, { .fd = until_eof ? STDIN_FILENO : -1, .events = POLLIN } };
        char drop[256];
        for (;;) {
                if (poll(p, 2, -1) < 0 && errno == EINTR)
                        continue;
                if (p[0].revents)
                        break;
                if (p[1].revents && read(STDIN_FILENO, drop, sizeof drop) <= 0)
                        break;
        }
        close(p[0].fd);
        return p[0].revents;
}

static void end(struct running *r, int drain_ms)
{
        if (r->c)
                collector_drain(r->c, drain_ms);
        broker_stop(r->broker);
        while (r->n) {
                r->n--;
                r->doors[r->n]->stop(r->handles[r->n]);
        }
        collector_stop(r->c);
}

static int collect(const struct settings *s, const sigset_t *set, struct arena *a, struct err *reterr)
{
        struct running r = { 0 };
        struct collect_options o = { .socket = *s->server ? NULL : arena_printf(a, "%s/suyuan.sock", s->data).p, .url = *s->server ? s->server : NULL };
        if (read_key(s, a, &o.key, reterr) < 0 || collector_start(&o, &r.c, reterr) < 0)
                return -1;
        if ((*s->broker && broker_start(r.c, s->broker, &r.broker, reterr) < 0) || start_doors(&r, s, reterr) < 0) {
                end(&r, 0);
                return -1;
        }
        puts("ready");
        fflush(stdout);
        bool told = await_end(set, s->until_eof);
        log_line(LOG_INFO, "collect.end", "why=%s", told ? "signal" : "parent");
        alarm(END_S);           /* stuck beyond its time: as safe as a kill */
        end(&r, told ? DRAIN_MS : 0);
        alarm(0);
        return 0;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        (void)operands;
        (void)n;
        if (s->list) {
                list();
                return EXIT_OK;
        }
        if (serving_log_level(s->log_level, reterr) < 0)
                return EXIT_USAGE;
        sigset_t set;
        serving_block_signals(&set);
        serving_want_descriptors(DESCRIPTORS + LIMIT_CONNECTIONS);
        struct arena *a = arena_new();
        int rc = collect(s, &set, a, reterr);
        arena_free(a);
        return rc == 0 ? EXIT_OK : reterr->kind == ERR_BAD_INPUT ? EXIT_USAGE : EXIT_REFUSED;
}

const struct command command_collect = {
        .name = "collect",
        .operands = "",
        .about = "采集进程：接收设备的 MQTT、HJ 212、Modbus，交给服务 / take what devices say and hand it to the server",
        .help = "`suyuan serve` with --hj212, --mqtt or --modbus starts it by itself.  On a machine of its own it hands over to --server with a key of scope collect:\n"
                "  suyuan collect --server https://trace.example.cn --key-file collect.key --mqtt mqtts://broker.example.cn --mqtt-user suyuan-collect …\n"
                "It holds no database; a device, or the broker, is answered only after the server said that a reading is durable.",
        .run = run,
};
