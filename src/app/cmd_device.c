#include <stdio.h>
#include <string.h>

#include "app/ask.h"
#include "app/input.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

/* Devices from the command line: asks the API as the owner of the data directory. */

enum { BODY_BYTES = 512 * 1024 };

static const char *path_of(struct arena *a, const char *id, const char *what)
{
        struct buf b = { .max = 4096 };
        buf_z(&b, "/api/devices/");
        percent_encode(&b, str_of(id), "");
        buf_z(&b, what);
        char *z = arena_cstr(a, buf_view(&b));
        buf_free(&b);
        return z;
}

/* The first line of standard input; "" with none. */
static const char *secret_read(const struct settings *s, struct arena *a)
{
        char line[512];
        if (!s->secret_stdin || !fgets(line, sizeof line, stdin))
                return "";
        line[strcspn(line, "\r\n")] = '\0';
        return arena_cstr(a, str_of(line));
}

/* A list is that of the channels, an object any members of the description. */
static int add_file(struct buf *b, struct arena *a, const char *name, struct err *reterr)
{
        struct str bytes;
        const struct json *j;
        if (!*name)
                return 0;
        if (input_bytes(a, name, &bytes, reterr) < 0 || json_read(a, bytes.p, bytes.n, NULL, &j, reterr) < 0)
                return -1;
        if (json_is(j, JSON_ARRAY)) {
                buf_z(b, b->n > 1 ? ",\"channels\":" : "\"channels\":");
                json_write(b, j);
                return 0;
        }
        for (uint32_t i = 0; json_is(j, JSON_OBJECT) && i < j->n; i++) {
                buf_z(b, b->n > 1 ? "," : "");
                json_write_str(b, j->members[i].name);
                buf_char(b, ':');
                json_write(b, &j->members[i].value);
        }
        return json_is(j, JSON_OBJECT) ? 0 : err_set(reterr, ERR_BAD_INPUT, "%.200s holds a list of channels, or an object", name);
}

static int write_body(const struct settings *s, struct arena *a, const char *id, struct buf *b, struct err *reterr)
{
        buf_char(b, '{');
        ask_member(b, "id", id);
        ask_member(b, "org", s->org);
        ask_member(b, "place", s->place);
        ask_member(b, "model", s->model);
        ask_member(b, "protocol", s->protocol);
        ask_member(b, "mn", s->mn);
        ask_member(b, "name", s->name);
        ask_member(b, "secret", secret_read(s, a));
        if (add_file(b, a, s->channels, reterr) < 0)
                return -1;
        buf_char(b, '}');
        return 0;
}

/* ---- answers ---- */

static void line(const struct json *j, const char *name)
{
        struct str v = json_str(j, name);
        if (v.n)
                printf("%s %.*s\n", name, STR_ARG(v));
}

static void print_findings(const struct json *j)
{
        const struct json *list = json_get(j, "findings");
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                struct str kind = json_str(&list->items[i], "kind"), evidence = STR_NONE;
                const struct json *e = json_get(&list->items[i], "evidence");
                if (json_is(e, JSON_OBJECT) && e->n)
                        evidence = json_text(&e->members[0].value);
                struct str words = json_str(json_get(e, "words"), "zh-Hans"), english = json_str(json_get(e, "words"), "en");
                if (words.n)
                        fprintf(stderr, "finding: %.*s %.*s / %.*s\n", STR_ARG(kind), STR_ARG(words), STR_ARG(english));
                else
                        fprintf(stderr, "finding: %.*s %.*s\n", STR_ARG(kind), (int)evidence.n, evidence.p ? evidence.p : "");
        }
}

/* The secret last, and on standard output alone. */
static void print_credentials(const struct json *j)
{
        line(j, "id");
        line(j, "mn");
        line(j, "secret");
        fflush(stdout);
        print_findings(j);
}

static int put(const struct settings *s, struct arena *a, bool add, const char *id, struct err *reterr)
{
        struct buf b = { .max = BODY_BYTES };
        struct str answer;
        const struct json *j;
        int rc = write_body(s, a, id, &b, reterr);
        if (rc == 0)
                rc = ask_api(s, a, add ? "POST" : "PUT", add ? "/api/devices" : path_of(a, id, ""), buf_view(&b), &answer, reterr);
        buf_free(&b);
        if (rc < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return EXIT_REFUSED;
        if (add)
                print_credentials(j);
        else
                print_findings(j);
        return EXIT_OK;
}

/* ---- telling ---- */

static void cell(const struct json *j, const char *name)
{
        struct str v = json_str(j, name);
        printf("\t%.*s", (int)v.n, v.p ? v.p : "");
}

static int list_page(const struct settings *s, struct arena *a, struct str *after, struct err *reterr)
{
        static const char *const columns[] = { "org", "protocol", "model", "mn", "state", "lastSeen", "placeUri" };
        struct buf path = { .max = 4096 };
        struct str answer;
        const struct json *j, *list;
        buf_z(&path, "/api/devices?perPage=500&org=");
        percent_encode(&path, str_of(s->org), "");
        buf_z(&path, "&after=");
        percent_encode(&path, *after, "");
        int rc = ask_api(s, a, "GET", arena_cstr(a, buf_view(&path)), STR_NONE, &answer, reterr);
        buf_free(&path);
        if (rc < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return -1;
        list = json_get(j, "devices");
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                *after = json_str(&list->items[i], "id");
                printf("%.*s", STR_ARG(*after));
                for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
                        cell(&list->items[i], columns[c]);
                putchar('\n');
        }
        return json_is(list, JSON_ARRAY) && list->n == 500;
}

static int list(const struct settings *s, struct arena *a, struct err *reterr)
{
        struct str after = STR("");
        int more;
        while ((more = list_page(s, a, &after, reterr)) == 1)
                ;
        return more < 0 ? EXIT_REFUSED : EXIT_OK;
}

static int show(const struct settings *s, struct arena *a, const char *id, struct err *reterr)
{
        struct str answer;
        if (ask_api(s, a, "GET", path_of(a, id, ""), STR_NONE, &answer, reterr) < 0)
                return EXIT_REFUSED;
        printf("%.*s", STR_ARG(answer));
        return EXIT_OK;
}

/* What is older than its description keeps: it goes now, or with --dry-run that is only said. */
static int retain(const struct settings *s, struct arena *a, const char *id, struct err *reterr)
{
        struct str answer;
        const struct json *j, *list;
        if (ask_api(s, a, s->dry_run ? "GET" : "POST", path_of(a, id, "/retention"), STR_NONE, &answer, reterr) < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return EXIT_REFUSED;
        list = json_get(j, "channels");
        for (uint32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
                const struct json *c = &list->items[i];
                struct str channel = json_str(c, "channel");
                printf("%.*s\tkeepDays %lld\thours %lld", STR_ARG(channel), (long long)json_int(json_get(c, "keepDays"), 0), (long long)json_int(json_get(c, "hours"), 0));
                cell(c, "first");
                cell(c, "before");
                putchar('\n');
        }
        return EXIT_OK;
}

/* ---- acts ---- */

static int act(const struct settings *s, struct arena *a, const char *id, const char *what, const char *member, const char *value, struct err *reterr)
{
        struct buf b = { .max = BODY_BYTES };
        struct str answer;
        const struct json *j;
        buf_char(&b, '{');
        ask_member(&b, member, value);
        buf_char(&b, '}');
        int rc = ask_api(s, a, "POST", path_of(a, id, what), buf_view(&b), &answer, reterr);
        buf_free(&b);
        if (rc < 0)
                return EXIT_REFUSED;
        if (answer.n && json_read(a, answer.p, answer.n, NULL, &j, NULL) == 0)
                print_credentials(j);
        return EXIT_OK;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        struct arena *a = arena_new();
        const char *verb = operands[0], *id = n > 1 ? operands[1] : "";
        int code = EXIT_USAGE;
        if (n == 2 && !strcmp(verb, "add") && *s->org && *s->protocol)
                code = put(s, a, true, id, reterr);
        else if (n == 2 && !strcmp(verb, "set"))
                code = put(s, a, false, id, reterr);
        else if (n == 1 && !strcmp(verb, "list"))
                code = list(s, a, reterr);
        else if (n == 2 && !strcmp(verb, "show"))
                code = show(s, a, id, reterr);
        else if (n == 2 && !strcmp(verb, "revoke"))
                code = act(s, a, id, "/revoke", "", "", reterr);
        else if (n == 2 && !strcmp(verb, "renew"))
                code = act(s, a, id, "/renew", "secret", secret_read(s, a), reterr);
        else if (n == 2 && !strcmp(verb, "remove"))
                code = act(s, a, id, "/remove", "", "", reterr);
        else if (n == 3 && !strcmp(verb, "replace"))
                code = act(s, a, id, "/replace", "successor", operands[2], reterr);
        else if (n == 2 && !strcmp(verb, "retain"))
                code = retain(s, a, id, reterr);
        else
                err_set(reterr, ERR_BAD_INPUT, "用法 / usage: suyuan device add ID --org CODE --place URI --model M --protocol hj212|mqtt|modbus|http [--mn MN] [--secret-stdin] | list | show ID | set ID | "
                                               "revoke ID | renew ID | replace OLD NEW | remove ID | retain ID [--dry-run]");
        arena_free(a);
        return code;
}

const struct command command_device = {
        .name = "device", .operands = "add ID | list | show ID | set ID | revoke ID | renew ID | replace OLD NEW | remove ID | retain ID", .min_operands = 1, .max_operands = 3,
        .about = "设备：登记、描述、密码、更换 / devices that measure: registered, described, their secrets, replaced",
        .help = "Works while a server runs.  `add` prints the id and, this once, the secret: one that it makes, or with --secret-stdin the one on the first line of standard input.\n"
                "An id is unique in the installation.  Unknown models and places are accepted, and said as findings.  Without --mn the id of an hj212 station is its MN.  For hj212 the secret is the password PW, six characters as the\n"
                "standard has it.  `set` changes what is given: --place, --model, --mn, --name, and with --channels FILE the channels (a JSON list) or any members (an object).\n"
                "`renew` makes a new secret, also for a revoked device; `replace` takes OLD down and puts NEW, registered before, in its place.  `retain` lets readings go that are older than\n"
                "their channel's keepDays, as the server does once a day; with --dry-run it says what would go.  docs/ref/devices.md has the members.\n\n"
                "  suyuan device add soil-3 --org lotus --place https://trace.example.cn/place/lotus/A1 --model generic --protocol http",
        .run = run,
};
