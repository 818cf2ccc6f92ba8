#include <stdio.h>

#include "app/ask.h"
#include "base/buf.h"
#include "base/json.h"

static void print(const struct json *answer)
{
        const struct json *records = json_get(answer, "records"), *remains = json_get(answer, "remains");
        for (uint32_t i = 0; json_is(records, JSON_ARRAY) && i < records->n; i++) {
                const struct json *r = &records->items[i];
                printf("%.*s\t%lld\t%.*s\t%lld\n", STR_ARG(json_str(r, "org")), (long long)json_int(json_get(r, "seq"), 0), STR_ARG(json_str(r, "outcome")),
                       (long long)json_int(json_get(r, "members"), 0));
        }
        for (uint32_t i = 0; json_is(remains, JSON_ARRAY) && i < remains->n; i++)
                fprintf(stderr, "可能仍留有 / may still have it: %.*s\n", STR_ARG(json_text(&remains->items[i])));
}

static int run(const struct settings *s, char **operands, int n, struct err *reterr)
{
        struct arena *a = arena_new();
        struct buf b = { .max = 64 * 1024 };
        struct str answer;
        const struct json *j;
        (void)n;
        buf_char(&b, '{');
        ask_member(&b, "org", s->org);
        ask_member(&b, "eventID", operands[0]);
        ask_member(&b, "reason", s->reason);
        buf_char(&b, '}');
        int rc = ask_api(s, a, "POST", "/api/erase", buf_view(&b), &answer, reterr);
        if (rc == 0 && (rc = json_read(a, answer.p, answer.n, NULL, &j, reterr)) == 0)
                print(j);
        buf_free(&b);
        arena_free(a);
        return rc < 0 ? EXIT_REFUSED : EXIT_OK;
}

const struct command command_erase = {
        .name = "erase",
        .operands = "EVENTID",
        .about = "抹除一条记录中的个人数据 / erase the personal data of a record",
        .help = "Deletes the values of the sealed members of the records that bear the eventID, and of the copies that others were given; what is public stays, and\n"
                "digests, proofs and pages with it.  The reason is a word and goes into the log: write no name into it.  Works while a server runs; done again it does nothing.\n"
                "Prints organisation, number, outcome and how many members; says on standard error where older copies may still have them.\n\n"
                "  suyuan erase urn:uuid:0190f3a0-1111-7222-8333-000000000001 --org lotus --reason request",
        .min_operands = 1,
        .max_operands = 1,
        .run = run,
};
