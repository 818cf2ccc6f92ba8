#include "api/api_impl.h"
#include "base/limits.h"
#include "base/text.h"

/* GET /epcis/capture?perPage=N&nextPageToken=T: the organisation's own capture jobs, a page at a time in order of their ids.  The
 * token is the last id told: it names a place in the asker's own list and nothing else, so it neither expires nor needs a seal, and
 * jobs that come meanwhile move nothing. */

static int page(struct request *q, const struct service *v, struct kept_capture *list, size_t max, ssize_t *ret_n, struct err *reterr)
{
        struct str after = STR_NONE;
        struct reader *r;
        int found = request_param(q, "nextPageToken", &after);

        if (found < 0 || after.n > CAPTURE_ID_BYTES || (found && !after.n))
                return err_set(reterr, ERR_BAD_QUERY, "nextPageToken is not one that was given here");
        if (reader_begin(v->store, &r, reterr) < 0)
                return -1;
        *ret_n = reader_captures(r, q->arena, caller_of(q)->org, after, list, max, reterr);
        reader_end(r);
        return *ret_n < 0 ? -1 : 0;
}

static void write_page(struct buf *b, const struct kept_capture *list, size_t n)
{
        buf_char(b, '[');
        for (size_t i = 0; i < n; i++) {
                if (i)
                        buf_char(b, ',');
                buf_str(b, list[i].report);
        }
        buf_z(b, "]\n");
}

static void jobs(struct request *q, void *app)
{
        struct err e = { 0 };
        struct reply r = { .status = 200, .content_type = epcis_type(q, &e) };
        struct buf b = { .max = ANSWER_BYTES_MAX };
        int64_t per_page = 0;
        ssize_t n = 0;

        if (!r.content_type || number_param(q, "perPage", 1, INT32_MAX, LIMIT_PAGE_DEFAULT, &per_page, &e) < 0)
                goto refused;
        size_t max = (size_t)(per_page > LIMIT_PAGE_JOBS ? LIMIT_PAGE_JOBS : per_page);
        struct kept_capture *list = arena_array(q->arena, struct kept_capture, max + 1);
        if (page(q, app, list, max + 1, &n, &e) < 0)
                goto refused;
        size_t told = (size_t)n > max ? max : (size_t)n;
        write_page(&b, list, told);
        reply_take(q, &r, &b);
        epcis_headers(&r);
        if ((size_t)n > max)
                reply_header(&r, "Link", arena_printf(q->arena, "</epcis/capture?perPage=%zu&nextPageToken=%.*s>; rel=\"next\"", max, STR_ARG(list[told - 1].id)).p);
        exchange_answer(q->exchange, &r);
        return;
refused:
        exchange_problem(q->exchange, &e, NULL);
}

const struct route route_capture_jobs = {
        .methods = METHOD_GET, .pattern = "/epcis/capture", .name = "capture.jobs", .needs = MAY_QUERY, .handle = jobs,
};
