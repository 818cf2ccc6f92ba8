#include "sheet/sheet_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

void sheet_csv_begin(struct buf *out)
{
        buf_z(out, "\xef\xbb\xbf");
}

static void csv_cell(struct buf *out, struct str s)
{
        bool guard = sheet_needs_guard(s);
        bool quote = guard;
        for (size_t i = 0; i < s.n && !quote; i++)
                quote = s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
        if (quote)
                buf_char(out, '"');
        if (guard)
                buf_char(out, '\'');
        for (size_t i = 0; i < s.n; i++) {
                if (s.p[i] == '"')
                        buf_char(out, '"');
                buf_char(out, s.p[i]);
        }
        if (quote)
                buf_char(out, '"');
}

void sheet_csv_row(struct buf *out, const struct str *cells, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                if (i)
                        buf_char(out, ',');
                csv_cell(out, cells[i]);
        }
        buf_z(out, "\r\n");
}

/* ---- XLSX: the library writes to a path, so it gets one of memory ---- */

static bool short_number(struct str s, double *ret)
{
        char text[20], *end;
        if (!s.n || s.n > 12)
                return false;
        memcpy(text, s.p, s.n);
        text[s.n] = '\0';
        for (size_t i = 0; i < s.n; i++)
                if ((text[i] < '0' || text[i] > '9') && text[i] != '.')
                        return false;
        *ret = strtod(text, &end);
        return !*end;
}

static void write_rows(lxw_worksheet *w, const struct sheet *s, const bool *numbers, lxw_format *head)
{
        for (size_t i = 0; i < s->n; i++)
                for (size_t c = 0; c < s->rows[i].n; c++) {
                        struct str cell = s->rows[i].cells[c];
                        double d;
                        if (cell.n && i && numbers[c] && short_number(cell, &d)) {
                                worksheet_write_number(w, (lxw_row_t)i, (lxw_col_t)c, d, NULL);
                        } else if (cell.n) {
                                char *z = strndup(cell.p, cell.n);
                                if (!z)
                                        abort();
                                worksheet_write_string(w, (lxw_row_t)i, (lxw_col_t)c, z, i ? NULL : head);
                                free(z);
                        }
                }
        worksheet_freeze_panes(w, 1, 0);
}

static int take_file(int fd, struct buf *out, struct err *reterr)
{
        struct stat st;
        char piece[32 * 1024];
        ssize_t n = fstat(fd, &st) == 0 && st.st_size > 0 ? 1 : -1;
        for (off_t at = 0; n > 0; at += n) {
                n = pread(fd, piece, sizeof piece, at);
                if (n > 0)
                        buf_add(out, piece, (size_t)n);
        }
        return n < 0 ? err_set(reterr, ERR_INTERNAL, "the workbook could not be written") : 0;
}

int sheet_write_xlsx(const struct sheet *s, const char *name, const bool *numbers, struct buf *out, struct err *reterr)
{
        char path[64];
        int fd = memfd_create("sheet", MFD_CLOEXEC);
        if (fd < 0)
                return err_set(reterr, ERR_INTERNAL, "there is no memory for a workbook");
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        lxw_workbook *book = workbook_new(path);
        lxw_worksheet *w = book ? workbook_add_worksheet(book, name) : NULL;
        lxw_format *head = book ? workbook_add_format(book) : NULL;
        if (!w || !head)
                abort();
        format_set_bold(head);
        write_rows(w, s, numbers, head);
        int rc = workbook_close(book) == LXW_NO_ERROR ? take_file(fd, out, reterr) : err_set(reterr, ERR_INTERNAL, "the workbook could not be written");
        close(fd);
        return rc;
}
