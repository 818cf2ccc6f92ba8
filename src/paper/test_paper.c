#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "paper/paper.h"

/* Fonts are kept for the life of the process. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libfontconfig\nleak:libcairo\n"; }

/* What stands in the file is asked of poppler's pdftotext, which a reader's search would find as well. */

static struct str text_of(struct arena *a, const struct buf *pdf)
{
        char path[] = "/tmp/test_paper_XXXXXX", command[128];
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        struct str s = buf_view(pdf);
        assert_int_equal(write(fd, s.p, s.n), s.n);
        close(fd);
        snprintf(command, sizeof command, "pdftotext -layout %s -", path);
        FILE *f = popen(command, "r");
        char *text = arena_alloc(a, 1 << 20);
        size_t n = fread(text, 1, 1 << 20, f);
        assert_int_equal(pclose(f), 0);
        const char *keep = getenv("SUYUAN_KEEP_PDF");   /* to look at it */
        if (keep)
                rename(path, keep);
        else
                unlink(path);
        return (struct str){ text, n };
}

static size_t count(struct str s, const char *what)
{
        size_t n = 0;
        for (size_t i = 0; i + strlen(what) <= s.n; i++)
                n += !memcmp(s.p + i, what, strlen(what));
        return n;
}

static void a_long_table_repeats_its_head_on_every_page(void **state)
{
        (void)state;
        enum { ROWS = 90 };
        struct arena *a = arena_new();
        struct buf b = { .max = 1 << 26 };
        struct err e = { 0 };
        const struct paper_column columns[] = { { STR("日期"), 1, false }, { STR("投入品"), 2, false }, { STR("用量"), 1, true } };
        struct paper *p = paper_new(&b, &(struct paper_options){ .lang = LANG_HANS, .title = STR("农业生产记录"), .foot = STR("谷雨家庭农场") });
        struct str *cells = arena_array(a, struct str, ROWS * 3);
        for (int i = 0; i < ROWS; i++) {
                cells[3 * i] = arena_printf(a, "2026-06-%02d", 1 + i % 30);
                cells[3 * i + 1] = arena_printf(a, "第%d号阿维菌素", i);
                cells[3 * i + 2] = STR("0.5 L");
        }
        paper_heading(p, STR("用药记录"));
        paper_pairs(p, (const struct paper_pair[]){ { STR("地块"), STR("三号田") }, { STR("作物"), STR("水稻") } }, 2);
        paper_table(p, columns, 3, cells, ROWS, STR("无"));
        paper_heading(p, STR("采收记录"));
        paper_table(p, columns, 3, NULL, 0, STR("没有记录"));
        assert_int_equal(paper_end(p, &e), 0);
        struct str text = text_of(a, &b);
        size_t pages = count(text, "谷雨家庭农场");
        assert_true(pages >= 4);
        assert_int_equal(count(text, "日期"), pages + 1);       /* the first table's on each page, the empty one's beside */
        assert_int_equal(count(text, "号阿维菌素"), ROWS);
        assert_int_equal(count(text, "没有记录"), 1);
        assert_int_equal(count(text, "第"), ROWS + pages);      /* rows say it too: page numbers stand on all */
        buf_free(&b);
        arena_free(a);
}

static void a_cell_without_end_does_not_leave_the_page(void **state)
{
        (void)state;
        struct arena *a = arena_new();
        struct buf b = { .max = 1 << 26 };
        struct err e = { 0 };
        struct paper *p = paper_new(&b, &(struct paper_options){ .lang = LANG_EN, .title = STR("Record"), .foot = STR_NONE });
        char *endless = arena_alloc(a, 100000);
        memset(endless, 'x', 100000);
        const struct str cells[] = { { endless, 100000 }, STR("after") };
        paper_table(p, (const struct paper_column[]){ { STR("one"), 1, false }, { STR("two"), 1, false } }, 2, cells, 1, STR("none"));
        paper_text(p, STR("the end"));
        assert_int_equal(paper_end(p, &e), 0);
        struct str text = text_of(a, &b);
        assert_int_equal(count(text, "after"), 1);
        assert_int_equal(count(text, "the end"), 1);
        assert_true(count(text, "page ") <= 2);
        buf_free(&b);
        arena_free(a);
}

static void a_file_past_its_bound_fails(void **state)
{
        (void)state;
        struct buf b = { .max = 2000 };
        struct err e = { 0 };
        struct paper *p = paper_new(&b, &(struct paper_options){ .lang = LANG_HANS, .title = STR("农业生产记录"), .foot = STR_NONE });
        assert_int_equal(paper_end(p, &e), -1);
        assert_int_equal(e.kind, ERR_INTERNAL);
        buf_free(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_long_table_repeats_its_head_on_every_page),
                cmocka_unit_test(a_cell_without_end_does_not_leave_the_page),
                cmocka_unit_test(a_file_past_its_bound_fails),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
