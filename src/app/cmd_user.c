#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/ask.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

/* From standard input, or made here and told once. */
static struct str password_of(struct arena *a, bool *ret_made)
{
        char line[256];
        *ret_made = false;
        if (!isatty(STDIN_FILENO) && fgets(line, sizeof line, stdin)) {
                line[strcspn(line, "\r\n")] = '\0';
                if (*line)
                        return arena_str(a, str_of(line));
        }
        static const char letters[] = "abcdefghjkmnpqrstvwxyz0123456789";
        unsigned char r[20];
        char made[24];
        size_t n = 0;
        random_bytes(r, sizeof r);
        for (size_t i = 0; i < sizeof r; i++) {
                if (i && i % 5 == 0)
                        made[n++] = '-';
                made[n++] = letters[r[i] & 31];
        }
        *ret_made = true;
        return arena_str(a, (struct str){ made, n });
}

static void member(struct buf *b, const char *name, struct str value)
{
        buf_z(b, b->n > 1 ? "," : "");
        json_write_name(b, name);
        json_write_str(b, value);
}

static int list(const struct settings *s, struct arena *a, struct err *reterr)
{
        struct str answer;
        const struct json *j;
        if (ask_api(s, a, "GET", "/api/users", STR_NONE, &answer, reterr) < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return EXIT_REFUSED;
        const struct json *users = json_get(j, "users");
        for (uint32_t i = 0; users && i < users->n; i++) {
                const struct json *u = &users->items[i];
                struct str name = json_str(u, "name"), org = json_str(u, "org"), role = json_str(u, "role");
                if (!*s->org || str_is(org, s->org))
                        printf("%.*s\t%.*s\t%.*s\t%s\n", STR_ARG(name), STR_ARG(org), STR_ARG(role), json_is(json_get(u, "disabled"), JSON_TRUE) ? "disabled" : "");
        }
        return EXIT_OK;
}

static int change(const struct settings *s, struct arena *a, const char *verb, const char *name, struct err *reterr)
{
        struct buf b = { .max = 16 * 1024 }, path = { .max = 4096 };
        struct str answer, password = STR_NONE;
        bool add = !strcmp(verb, "add"), made = false;
        buf_char(&b, '{');
        buf_z(&path, "/api/users");
        if (add) {
                member(&b, "name", str_of(name));
                member(&b, "org", str_of(s->org));
                member(&b, "role", str_of(s->role));
        } else {
                buf_char(&path, '/');
                percent_encode(&path, str_of(name), "");
        }
        if (add || !strcmp(verb, "password"))
                member(&b, "password", password = password_of(a, &made));
        else
                buf_printf(&b, "\"disabled\":%s", strcmp(verb, "disable") ? "false" : "true");
        buf_char(&b, '}');
        int rc = ask_api(s, a, "POST", path.p, buf_view(&b), &answer, reterr);
        if (rc == 0 && made)
                printf("%.*s\n", STR_ARG(password));
        buf_free(&b);
        buf_free(&path);
        return rc < 0 ? EXIT_REFUSED : EXIT_OK;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        static const char *const verbs[] = { "add", "disable", "enable", "password" };
        struct arena *a = arena_new();
        int code = EXIT_USAGE;
        err_set(reterr, ERR_BAD_INPUT, "用法 / usage: suyuan user add NAME --org CODE --role ROLE | disable NAME | enable NAME | password NAME | list");
        if (n == 1 && !strcmp(operands[0], "list")) {
                *reterr = (struct err){ 0 };
                code = list(s, a, reterr);
        }
        for (size_t i = 0; n == 2 && i < sizeof verbs / sizeof *verbs; i++)
                if (!strcmp(operands[0], verbs[i]) && (i || (*s->org && *s->role))) {
                        *reterr = (struct err){ 0 };
                        code = change(s, a, verbs[i], operands[1], reterr);
                }
        arena_free(a);
        return code;
}

const struct command command_user = {
        .name = "user", .operands = "add NAME | disable NAME | enable NAME | password NAME | list", .min_operands = 1, .max_operands = 2,
        .about = "用户与口令 / users and their passwords",
        .help = "Works while a server runs.  The password is the first line of standard input; without one it is made and printed once.\n\n"
                "  suyuan user add li --org lotus --role manager\n"
                "  printf '%s\\n' \"$PASSWORD\" | suyuan user password li",
        .run = run,
};
