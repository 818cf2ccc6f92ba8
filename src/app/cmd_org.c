#include <stdio.h>
#include <string.h>

#include "app/ask.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

static void text_member(struct buf *b, const char *name, const char *value)
{
        if (!*value)
                return;
        buf_char(b, ',');
        json_write_name(b, name);
        json_write_str(b, str_of(value));
}

/* "-" takes away what is there. */
static void card_member(struct buf *b, const char *name, const char *value)
{
        if (strcmp(value, "-") != 0)
                text_member(b, name, value);
        else
                buf_printf(b, ",\"%s\":\"\"", name);
}

static const char *const card_members[] = { "code", "name", "nameHant", "nameEn", "kind", "district", "creditCode", "address", "contact" };

static int show(const struct settings *s, struct arena *a, const char *code, struct err *reterr)
{
        struct str answer;
        const struct json *j;
        if (ask_api(s, a, "GET", "/api/orgs", STR_NONE, &answer, reterr) < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return EXIT_REFUSED;
        const struct json *orgs = json_get(j, "orgs"), *o = NULL;
        for (uint32_t i = 0; orgs && i < orgs->n; i++)
                if (str_is(json_str(&orgs->items[i], "code"), code))
                        o = &orgs->items[i];
        if (!o)
                return err_set(reterr, ERR_NOT_FOUND, "没有这个组织 / there is no organisation %.64s", code), EXIT_REFUSED;
        for (size_t i = 0; i < sizeof card_members / sizeof *card_members; i++) {
                struct str value = json_str(o, card_members[i]);
                if (value.n)
                        printf("%s\t%.*s\n", card_members[i], STR_ARG(value));
        }
        printf("published\t%s\ndisabled\t%s\n", json_is(json_get(o, "published"), JSON_TRUE) ? "yes" : "no", json_is(json_get(o, "disabled"), JSON_TRUE) ? "yes" : "no");
        return EXIT_OK;
}

static int list(const struct settings *s, struct arena *a, struct err *reterr)
{
        struct str answer;
        const struct json *j;
        if (ask_api(s, a, "GET", "/api/orgs", STR_NONE, &answer, reterr) < 0 || json_read(a, answer.p, answer.n, NULL, &j, reterr) < 0)
                return EXIT_REFUSED;
        const struct json *orgs = json_get(j, "orgs");
        for (uint32_t i = 0; orgs && i < orgs->n; i++) {
                const struct json *o = &orgs->items[i];
                struct str code = json_str(o, "code"), name = json_str(o, "name"), kind = json_str(o, "kind"), district = json_str(o, "district");
                printf("%.*s\t%.*s\t%.*s\t%.*s%s\n", STR_ARG(code), STR_ARG(kind), (int)district.n, district.p ? district.p : "", STR_ARG(name),
                       json_is(json_get(o, "disabled"), JSON_TRUE) ? "\tdisabled" : "");
        }
        return EXIT_OK;
}

/* Refuses its keys and users, or lets them in again. */
static int disable(const struct settings *s, struct arena *a, bool yes, const char *code, struct err *reterr)
{
        struct buf path = { .max = 4096 };
        struct str answer;
        buf_z(&path, "/api/orgs/");
        percent_encode(&path, str_of(code), "");
        int rc = ask_api(s, a, "POST", path.p, yes ? STR("{\"disabled\":true}") : STR("{\"disabled\":false}"), &answer, reterr);
        buf_free(&path);
        return rc < 0 ? EXIT_REFUSED : EXIT_OK;
}

static int put(const struct settings *s, struct arena *a, bool add, const char *code, struct err *reterr)
{
        struct buf b = { .max = 64 * 1024 }, path = { .max = 4096 };
        struct str answer;
        buf_z(&b, "{\"code\":");
        json_write_str(&b, str_of(code));
        text_member(&b, "name", s->name);
        text_member(&b, "kind", s->kind);
        text_member(&b, "district", s->district);
        card_member(&b, "creditCode", s->credit_code);
        card_member(&b, "nameHant", s->name_hant);
        card_member(&b, "nameEn", s->name_en);
        card_member(&b, "address", s->address);
        card_member(&b, "contact", s->contact);
        if (*s->published)
                buf_printf(&b, ",\"published\":%s", strcmp(s->published, "no") ? "true" : "false");
        buf_z(&b, ",\"parties\":[");
        for (size_t i = 0; i < s->party.n; i++) {
                if (i)
                        buf_char(&b, ',');
                json_write_str(&b, str_of(s->party.v[i]));
        }
        buf_z(&b, "]}");
        buf_z(&path, "/api/orgs");
        if (!add) {
                buf_char(&path, '/');
                percent_encode(&path, str_of(code), "");
        }
        int rc = ask_api(s, a, "POST", path.p, buf_view(&b), &answer, reterr);
        buf_free(&b);
        buf_free(&path);
        return rc < 0 ? EXIT_REFUSED : EXIT_OK;
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        struct arena *a = arena_new();
        int code = EXIT_USAGE;
        if (n == 1 && !strcmp(operands[0], "list"))
                code = list(s, a, reterr);
        else if (n == 2 && (!strcmp(operands[0], "add") || !strcmp(operands[0], "set")))
                code = put(s, a, !strcmp(operands[0], "add"), operands[1], reterr);
        else if (n == 2 && !strcmp(operands[0], "show"))
                code = show(s, a, operands[1], reterr);
        else if (n == 2 && (!strcmp(operands[0], "disable") || !strcmp(operands[0], "enable")))
                code = disable(s, a, !strcmp(operands[0], "disable"), operands[1], reterr);
        else
                err_set(reterr, ERR_BAD_INPUT, "用法 / usage: suyuan org add CODE --name N | set CODE … | show CODE | disable CODE | enable CODE | list");
        arena_free(a);
        return code;
}

const struct command command_org = {
        .name = "org", .operands = "add CODE | set CODE | show CODE | disable CODE | enable CODE | list", .min_operands = 1, .max_operands = 2,
        .about = "组织：企业、监管、检测、采购、承运 / organisations",
        .help = "Works while a server runs.  `disable` refuses its keys and users; what it recorded stays.  --party names it as events do; --district is the regulator's organisation that sees its records.\n"
                "--name is its full name, --name-hant and --name-en the same in traditional characters and in English.  --credit-code, --address and --contact are shown to the organisation\n"
                "and printed in its record book; a credit code whose check character is wrong is refused.\n\n"
                "  suyuan org add honghu --name 洪湖市农业农村局 --kind regulator\n"
                "  suyuan org add lotus --name 荷香合作社 --district honghu --party urn:epc:id:pgln:6901234.00000\n"
                "  suyuan org set lotus --credit-code 91350100M000100Y43 --address 洪湖市万全镇 --contact 0716-0000000",
        .run = run,
};
