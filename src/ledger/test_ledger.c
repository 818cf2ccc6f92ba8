/* The rules of the write path, one at a time. */
#include "ledger/test_support.h"

#define UUID "urn:uuid:0193579b-1c00-7001-8000-000000000001"

static struct event_head head_of(struct fixture *f, int64_t seq)
{
        struct reader *r;
        struct event_head h;
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        assert_int_equal(reader_event(r, f->arena, ORG_DEFAULT, seq, &h, NULL), 1);
        reader_end(r);
        return h;
}

static struct event_digests digests_of(struct fixture *f, int64_t seq)
{
        struct reader *r;
        struct event_digests d;
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        assert_int_equal(reader_event_digests(r, ORG_DEFAULT, seq, &d, NULL), 1);
        reader_end(r);
        return d;
}

static int64_t last_seq(struct fixture *f)
{
        struct reader *r;
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        int64_t n = reader_last_seq(r, ORG_DEFAULT, NULL);
        reader_end(r);
        return n;
}

static void an_event_is_kept_with_its_views(void **state)
{
        struct fixture *f = *state;
        struct ledger_job *j = RECORD(f, PLAIN, { .id = UUID, .minute = 61, .items = "'https://trace.example.cn/lot/a/L1'",
                                                  .more = ",'quantityList':[{'epcClass':'https://trace.example.cn/lot/a/L2','quantity':2.50,'uom':'KGM'}],'suyuan:note':'x'" });
        assert_int_equal(j->captured, 1);
        assert_int_equal(j->recorded[0].outcome, OUTCOME_CAPTURED);
        assert_int_equal(j->recorded[0].seq, 1);
        assert_string_equal(j->recorded[0].event_id, UUID);

        struct reader *r;
        struct item_event at[4];
        struct str body, context;
        int64_t seqs[4];
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        int64_t one = reader_item(r, ORG_DEFAULT, STR("/lot/a/L1"), NULL), two = reader_item(r, ORG_DEFAULT, STR("/lot/a/L2"), NULL);
        assert_int_equal(one, 1);       /* in order of first sight */
        assert_int_equal(two, 2);
        assert_int_equal(reader_item_events(r, ORG_DEFAULT, two, 0, at, 4, NULL), 1);
        assert_int_equal(at[0].role, ROLE_QUANTITY);
        assert_int_equal(at[0].seq, 1);
        assert_int_equal(reader_item_events(r, ORG_DEFAULT, two, 1, at, 4, NULL), 0);
        assert_int_equal(reader_event_id(r, ORG_DEFAULT, STR(UUID), seqs, 4, NULL), 1);
        assert_int_equal(reader_event_id(r, ORG_DEFAULT, STR("urn:uuid:other"), seqs, 4, NULL), 0);
        assert_int_equal(reader_body(r, f->arena, ORG_DEFAULT, 1, &body, &context, NULL), 1);
        assert_non_null(strstr(body.p, "\"suyuan:note\":\"x\""));
        assert_non_null(strstr(body.p, "2.50"));
        assert_non_null(strstr(context.p, "w3id.org/suyuan/voc"));
        reader_end(r);

        struct event_head h = head_of(f, 1);
        assert_int_equal(h.offset_min, 480);
        assert_true(str_is(h.biz_step, "inspecting"));
        assert_true(str_is(h.event_id, UUID));
        assert_int_equal(h.n_refs, 2);
        assert_true(str_is(h.refs[1].quantity, "2.5"));
        assert_true(str_is(h.refs[1].uom, "KGM"));
        assert_int_equal(at[0].time_us, h.time_us);
        assert_whole(f);
}

static void the_same_record_is_kept_once(void **state)
{
        struct fixture *f = *state;
        struct ledger_job *first = RECORD(f, PLAIN, { .minute = 1, .items = "'urn:x:1'" });
        struct ledger_job *again = RECORD(f, PLAIN, { .minute = 1, .items = "'urn:x:1'" }, { .minute = 2, .items = "'urn:x:1'" },
                                          { .minute = 2, .items = "'urn:x:1'" });
        assert_int_equal(first->captured, 1);
        assert_int_equal(again->captured, 1);
        assert_int_equal(again->known, 2);
        assert_int_equal(again->recorded[0].outcome, OUTCOME_KNOWN);
        assert_int_equal(again->recorded[0].seq, 1);
        assert_string_equal(again->recorded[0].event_id, first->recorded[0].event_id);
        assert_int_equal(again->recorded[2].outcome, OUTCOME_KNOWN);    /* within one document too */
        assert_int_equal(again->recorded[2].seq, again->recorded[1].seq);
        assert_int_equal(last_seq(f), 2);
        assert_whole(f);
}

static void without_an_event_id_one_is_given(void **state)
{
        struct fixture *f = *state;
        struct ledger_job *j = RECORD(f, PLAIN, { .minute = 1 }, { .minute = 2 });
        assert_memory_equal(j->recorded[0].event_id, "urn:uuid:", 9);
        assert_int_equal(strlen(j->recorded[0].event_id), 45);
        assert_string_not_equal(j->recorded[0].event_id, j->recorded[1].event_id);
        assert_true(head_of(f, 1).event_id_given_here);
        assert_whole(f);
}

static void another_record_under_an_event_id_is_told(void **state)
{
        struct fixture *f = *state;
        const struct kept_finding *findings;
        struct reader *r;
        int64_t seqs[4];
        RECORD(f, PLAIN, { .id = UUID, .minute = 1 });
        struct ledger_job *refused = RECORD(f, JOB(.refuse_known_event_id = true), { .id = UUID, .minute = 2 });
        assert_int_equal(refused->recorded[0].outcome, OUTCOME_CONFLICT);
        assert_int_equal(refused->refused, 1);
        assert_int_equal(last_seq(f), 1);
        struct ledger_job *known = RECORD(f, JOB(.refuse_known_event_id = true), { .id = UUID, .minute = 1 });
        assert_int_equal(known->recorded[0].outcome, OUTCOME_KNOWN);
        struct ledger_job *kept = RECORD(f, PLAIN, { .id = UUID, .minute = 2 }, { .id = UUID, .minute = 3 });
        assert_int_equal(kept->captured, 2);
        assert_true(kept->recorded[0].same_event_id);
        assert_true(kept->recorded[1].same_event_id);
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        assert_int_equal(reader_findings(r, f->arena, ORG_DEFAULT, 2, &findings, NULL), 1);
        assert_true(str_is(findings[0].code, "same-event-id"));
        assert_int_equal(reader_event_id(r, ORG_DEFAULT, STR(UUID), seqs, 4, NULL), 3);
        reader_end(r);
        assert_whole(f);
}

static void within_one_document_too(void **state)
{
        struct fixture *f = *state;
        struct ledger_job *j = RECORD(f, JOB(.refuse_known_event_id = true), { .id = UUID, .minute = 1 }, { .id = UUID, .minute = 2 });
        assert_int_equal(j->captured, 1);
        assert_int_equal(j->recorded[1].outcome, OUTCOME_CONFLICT);
        assert_whole(f);
}

static void an_error_declaration_shares_the_event_id(void **state)
{
        struct fixture *f = *state;
        RECORD(f, PLAIN, { .id = UUID, .minute = 1, .items = "'urn:x:1'" });
        assert_false(head_of(f, 1).declared_wrong);
        uint64_t before = store_change_now(f->store);
        struct ledger_job *j = RECORD(f, JOB(.refuse_known_event_id = true), { .id = UUID, .minute = 1, .items = "'urn:x:1'", .declares_error = true });
        assert_int_equal(j->recorded[0].outcome, OUTCOME_CAPTURED);
        assert_false(j->recorded[0].same_event_id);
        assert_true(head_of(f, 1).declared_wrong);
        assert_true(head_of(f, 2).error_declaration);
        assert_false(head_of(f, 2).declared_wrong);
        assert_true(store_item_changed(f->store, ORG_DEFAULT, 1) > before);
        assert_memory_equal(digests_of(f, 1).event_hash.b, digests_of(f, 2).event_hash.b, 32);
        assert_memory_not_equal(digests_of(f, 1).digest.b, digests_of(f, 2).digest.b, 32);
        assert_whole(f);
}

static void a_declaration_may_come_first_or_beside(void **state)
{
        struct fixture *f = *state;
        RECORD(f, PLAIN, { .id = "urn:e:1", .minute = 1, .declares_error = true });
        RECORD(f, PLAIN, { .id = "urn:e:1", .minute = 1 });
        assert_true(head_of(f, 2).declared_wrong);
        RECORD(f, PLAIN, { .id = "urn:e:2", .minute = 1 }, { .id = "urn:e:2", .minute = 1, .declares_error = true });
        assert_true(head_of(f, 3).declared_wrong);
        assert_true(head_of(f, 4).error_declaration);
        assert_whole(f);
}

static void a_declaration_of_another_event_clashes(void **state)
{
        struct fixture *f = *state;
        RECORD(f, PLAIN, { .id = UUID, .minute = 1 });
        struct ledger_job *j = RECORD(f, JOB(.refuse_known_event_id = true), { .id = UUID, .minute = 9, .declares_error = true });
        assert_int_equal(j->recorded[0].outcome, OUTCOME_CONFLICT);
        assert_false(head_of(f, 1).declared_wrong);
        assert_whole(f);
}

static void all_or_nothing_undoes_a_job(void **state)
{
        struct fixture *f = *state;
        RECORD(f, PLAIN, { .id = UUID, .minute = 1 });
        struct ledger_job *j = RECORD(f, JOB(.refuse_known_event_id = true, .all_or_nothing = true, .keep_job = true),
                                      { .minute = 5, .items = "'urn:x:new'" }, { .minute = 5, .items = "'urn:x:new'" }, { .id = UUID, .minute = 1 },
                                      { .id = UUID, .minute = 2 });
        assert_true(j->undone);
        assert_int_equal(j->captured, 0);
        assert_int_equal(j->known, 1);
        assert_int_equal(j->refused, 3);
        assert_int_equal(j->recorded[0].outcome, OUTCOME_REFUSED);
        assert_int_equal(j->recorded[0].seq, 0);
        assert_int_equal(j->recorded[1].outcome, OUTCOME_REFUSED);
        assert_int_equal(j->recorded[3].outcome, OUTCOME_CONFLICT);
        assert_int_equal(last_seq(f), 1);
        assert_non_null(strstr(j->report.p, "\"success\":false"));
        struct ledger_job *next = RECORD(f, PLAIN, { .minute = 6 });
        assert_int_equal(next->recorded[0].seq, 2);     /* no number was lost */
        assert_whole(f);
}

/* An event that the standard refuses. */
#define FAULTY ",'persistentDisposition':7"

static void a_faulty_event_is_left_out_or_undoes_all(void **state)
{
        struct fixture *f = *state;
        struct ledger_job *part = RECORD(f, PLAIN, { .minute = 1, .more = FAULTY }, { .minute = 2 });
        assert_int_equal(part->captured, 1);
        assert_int_equal(part->refused, 1);
        assert_int_equal(part->recorded[0].outcome, OUTCOME_REFUSED);
        assert_int_equal(part->recorded[1].seq, 1);
        struct ledger_job *whole = RECORD(f, JOB(.all_or_nothing = true), { .minute = 3, .more = FAULTY }, { .minute = 4 });
        assert_true(whole->undone);
        assert_int_equal(whole->refused, 2);
        assert_int_equal(last_seq(f), 1);
        assert_whole(f);
}

static void findings_and_the_report_are_kept(void **state)
{
        struct fixture *f = *state;
        const struct kept_finding *list;
        struct reader *r;
        struct str report;
        struct ledger_job *j = RECORD(f, JOB(.keep_job = true), { .minute = 1 },
                                      { .minute = 2, .items = "'https://id.gs1.org/01/06901234567893/10/L'" });       /* a wrong check digit */
        assert_int_equal(strlen(j->capture_id), 36);
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        assert_int_equal(reader_findings(r, f->arena, ORG_DEFAULT, 1, &list, NULL), 0);
        assert_int_equal(reader_findings(r, f->arena, ORG_DEFAULT, 2, &list, NULL), 1);
        assert_true(str_is(list[0].pointer, "/epcList/0"));
        reader_end(r);
        assert_int_equal(ledger_capture_report(f->store, f->arena, ORG_DEFAULT, str_of(j->capture_id), &report, NULL), 1);
        assert_true(str_eq(report, j->report));
        assert_non_null(strstr(report.p, "\"captured\":2"));
        assert_non_null(strstr(report.p, "/epcisBody/eventList/1/epcList/0"));
        assert_int_equal(ledger_capture_report(f->store, f->arena, ORG_DEFAULT, STR("nothing"), &report, NULL), 0);
}

static void master(struct fixture *f, const char *name)
{
        const struct str own = STR("https://trace.example.cn");
        struct buf b;
        buf_init(&b, 1 << 16);
        buf_printf(&b, "{'@context':'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld','type':'EPCISDocument','schemaVersion':'2.0',"
                       "'creationDate':'2026-07-01T00:00:00Z','epcisHeader':{'epcisMasterData':{'vocabularyList':[{'type':'urn:epcglobal:epcis:vtype:Location',"
                       "'vocabularyElementList':[{'id':'https://trace.example.cn/place/a/P1','attributes':[{'id':'urn:epcglobal:cbv:mda#name','attribute':'%s'}]}]}]}},"
                       "'epcisBody':{'eventList':[]}}", name);
        const struct document *d = read_quoted(f->arena, &b, &(struct origins){ &own, 1 });
        record(f, (struct ledger_job){ .doc = d }, NULL, 0);
}

static void the_newest_master_data_holds(void **state)
{
        struct fixture *f = *state;
        struct reader *r;
        struct str type, json;
        master(f, "first");
        uint64_t before = store_change_now(f->store);
        master(f, "first");
        assert_true(store_master_changed(f->store) <= before);  /* said before: no new statement */
        master(f, "second");
        assert_true(store_master_changed(f->store) > before);
        assert_int_equal(reader_begin(f->store, &r, NULL), 0);
        assert_int_equal(reader_master(r, f->arena, ORG_DEFAULT, STR("/place/a/P1"), &type, &json, NULL), 1);
        assert_non_null(strstr(json.p, "second"));
        assert_int_equal(reader_master(r, f->arena, ORG_DEFAULT, STR("/place/a/P2"), &type, &json, NULL), 0);
        reader_end(r);
        assert_int_equal(raw_sql(f->db, "SELECT count(*) FROM master"), 2);
}

static void it_goes_on_where_it_was(void **state)
{
        struct fixture *f = *state;
        RECORD(f, PLAIN, { .minute = 1, .items = "'urn:x:1','urn:x:2'" });
        fixture_close(f);
        fixture_open(f);
        struct ledger_job *j = RECORD(f, PLAIN, { .minute = 1, .items = "'urn:x:1','urn:x:2'" }, { .minute = 2, .items = "'urn:x:2','urn:x:3'" });
        assert_int_equal(j->known, 1);
        assert_int_equal(j->recorded[1].seq, 2);
        assert_int_equal(head_of(f, 2).refs[0].item, 2);
        assert_int_equal(head_of(f, 2).refs[1].item, 3);
        assert_true(head_of(f, 2).record_us >= head_of(f, 1).record_us);
        assert_whole(f);
}

static void changes_are_marked_for_their_items(void **state)
{
        struct fixture *f = *state;
        RECORD(f, PLAIN, { .minute = 1, .items = "'urn:x:1'" }, { .minute = 1, .items = "'urn:x:2'" });
        uint64_t start = store_change_now(f->store);
        RECORD(f, PLAIN, { .minute = 2, .items = "'urn:x:2'" });
        assert_true(store_change_now(f->store) > start);
        assert_true(store_item_changed(f->store, ORG_DEFAULT, 1) <= start);
        assert_true(store_item_changed(f->store, ORG_DEFAULT, 2) > start);
}

static void an_unknown_organisation_is_refused(void **state)
{
        struct fixture *f = *state;
        struct err e = { 0 };
        struct ledger_job j = { .org = 5, .doc = document_of(f->arena, NULL, 0), .arena = f->arena };
        assert_int_equal(ledger_record(f->ledger, &j, &e), -1);
        assert_int_equal(e.kind, ERR_NOT_FOUND);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        const struct CMUnitTest tests[] = {
                T(an_event_is_kept_with_its_views),
                T(the_same_record_is_kept_once),
                T(without_an_event_id_one_is_given),
                T(another_record_under_an_event_id_is_told),
                T(within_one_document_too),
                T(an_error_declaration_shares_the_event_id),
                T(a_declaration_may_come_first_or_beside),
                T(a_declaration_of_another_event_clashes),
                T(all_or_nothing_undoes_a_job),
                T(a_faulty_event_is_left_out_or_undoes_all),
                T(findings_and_the_report_are_kept),
                T(the_newest_master_data_holds),
                T(it_goes_on_where_it_was),
                T(changes_are_marked_for_their_items),
                T(an_unknown_organisation_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
