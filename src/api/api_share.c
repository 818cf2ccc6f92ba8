#include "api/api_impl.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "store/shares.h"

/* /api/share: copies of earlier records for an organisation, or an identifier of one, that was registered since.  What is asked is a job (store/shares.h)
 * that the server works at by itself; here it is asked for and told of. */

enum { JOBS_A_PAGE = 100 };

static void text(struct buf *b, const char *name, struct str value)
{
        buf_char(b, ',');
        json_write_name(b, name);
        json_write_str(b, value);
}

static void time_of(struct buf *b, struct arena *a, const char *name, int64_t us)
{
        if (us)
                text(b, name, stamp_utc(a, us));
}

static const char *state_of(const struct share_job *j)
{
        if (j->done_us)
                return j->replaced_by ? "replaced" : "done";
        return !j->begun_us ? "waiting" : j->until_us > clock_now_us() ? "running" : "interrupted";
}

static int write_job(struct buf *b, struct arena *a, struct reader *r, struct str code, const struct share_job *j, struct err *reterr)
{
        static const char *const kinds[] = { "", "asked", "registered", "look" };
        int64_t looked = 0, of = 0;
        if (!j->done_us && reader_share_progress(r, j, &looked, &of, reterr) < 0)
                return -1;
        buf_z(b, "{\"id\":");
        json_write_str(b, arena_printf(a, "%.*s/%lld", STR_ARG(code), (long long)j->n));
        text(b, "org", code);
        text(b, "kind", str_of(j->kind <= SHARE_LOOK ? kinds[j->kind] : ""));
        text(b, "state", str_of(state_of(j)));
        text(b, "actor", j->actor);
        time_of(b, a, "asked", j->asked_us);
        time_of(b, a, "due", j->begun_us || j->done_us ? 0 : j->due_us);
        time_of(b, a, "begun", j->begun_us);
        time_of(b, a, "finished", j->done_us);
        if (!j->done_us)
                buf_printf(b, ",\"looked\":%lld,\"of\":%lld", (long long)looked, (long long)of);
        if (j->replaced_by)
                text(b, "replacedBy", arena_printf(a, "%.*s/%lld", STR_ARG(code), (long long)j->replaced_by));
        buf_printf(b, ",\"copies\":%lld}", (long long)j->copied);
        return 0;
}

/* The jobs after `after`, at most `max`: how many, -1. */
static ssize_t write_jobs(struct request *q, const struct service *v, struct str code, int64_t after, size_t max, struct buf *b, struct err *reterr)
{
        struct share_job list[JOBS_A_PAGE];
        struct reader *r;
        if (reader_begin(v->store, &r, reterr) < 0)
                return -1;
        ssize_t n = reader_share_jobs(r, q->arena, store_org_number(v->store, code), after, list, max, reterr);
        for (ssize_t i = 0; i < n; i++) {
                buf_z(b, i ? "," : "");
                if (write_job(b, q->arena, r, code, &list[i], reterr) < 0)
                        n = -1;
        }
        reader_end(r);
        return n;
}

static int64_t org_asked(struct request *q, const struct service *v, struct str *ret_code, struct err *reterr)
{
        int64_t org = request_param(q, "org", ret_code) == 1 ? store_org_number(v->store, *ret_code) : 0;
        return org ? org : (err_set(reterr, ERR_NOT_FOUND, "org is the code of a registered organisation"), 0);
}

static void share(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX }, path = { .max = 4096 };
        struct reply r = { .status = 202, .content_type = "application/json" };
        struct err e = { 0 };
        struct str code;
        int64_t n, org = org_asked(q, v, &code, &e);
        if (!org || access_share(v->access, q, org, code, &n, &e) < 0 || write_jobs(q, v, code, n - 1, 1, &b, &e) < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        buf_char(&b, '\n');
        reply_take(q, &r, &b);
        buf_z(&path, "/api/share/");
        percent_encode(&path, code, "");
        reply_header(&r, "Location", arena_printf(q->arena, "%.*s/%lld", (int)path.n, path.p, (long long)n).p);
        buf_free(&path);
        exchange_answer(q->exchange, &r);
}

static void jobs(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str code;
        int64_t after = 0;
        buf_z(&b, "{\"jobs\":[");
        if (!org_asked(q, v, &code, &e) || number_param(q, "after", 0, INT64_C(1) << 40, 0, &after, &e) < 0 || write_jobs(q, v, code, after, JOBS_A_PAGE, &b, &e) < 0) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        buf_z(&b, "]}\n");
        answer_buf(q, 200, "application/json", &b, "the list");
}

/* "CODE/NUMBER", escaped. */
static bool read_id(struct request *q, struct str *ret_code, int64_t *ret_n)
{
        struct str rest = q->rest, code, number;
        return str_split(&rest, '/', &code) && str_split(&rest, '/', &number) && !rest.p && percent_decode(q->arena, code, ret_code) &&
               number_read(number, ret_n) && *ret_n > 0;
}

static void job(struct request *q, void *app)
{
        const struct service *v = app;
        struct buf b = { .max = ANSWER_BYTES_MAX };
        struct err e = { 0 };
        struct str code;
        int64_t n;
        /* Numbers have no gaps: the first after the one before is it. */
        ssize_t found = read_id(q, &code, &n) && store_org_number(v->store, code) ? write_jobs(q, v, code, n - 1, 1, &b, &e) : 0;
        if (found == 0)
                err_set(&e, ERR_NOT_FOUND, "there is no such job");
        if (found < 1) {
                buf_free(&b);
                exchange_problem(q->exchange, &e, NULL);
                return;
        }
        buf_char(&b, '\n');
        answer_buf(q, 200, "application/json", &b, "the job");
}

const struct route route_share = { .methods = METHOD_POST, .pattern = "/api/share", .name = "share", .needs = MAY_ORGS, .handle = share };
const struct route route_shares = { .methods = METHOD_GET, .pattern = "/api/share", .name = "shares", .needs = MAY_ORGS, .handle = jobs };
const struct route route_share_job = { .methods = METHOD_GET, .pattern = "/api/share/*", .name = "share.job", .needs = MAY_ORGS, .handle = job };
