#include "sheet/sheet_impl.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <zip.h>

#include "base/decimal.h"
#include "base/limits.h"
#include "base/text.h"

/* An XLSX workbook (ECMA-376): a ZIP file of XML.  Read are xl/sharedStrings.xml and the first sheet, piece by piece, never more than LIMIT_SHEET_BYTES of both
 * together, whatever the file says of itself.  A document type is refused where it begins, so there are no entities. */

struct reading {
        struct arena *a;
        struct sheet_rows *rows;
        struct err *err;
        bool failed;
        XML_Parser parser;
        size_t unpacked;                /* of all parts so far */
        int depth;
        struct buf text;                /* of the element that is being read */
        bool taking;                    /* characters belong to `text` */
        int skipping;                   /* within phonetic hints (rPh) */

        struct str *shared;             /* the texts that cells name by number */
        size_t n_shared, cap_shared;

        struct str cells[LIMIT_CSV_FIELDS];
        size_t n_cells;                 /* of this row */
        int row, column;                /* column of this cell, from 0 */
        enum { CELL_NUMBER, CELL_SHARED, CELL_TEXT, CELL_FLAG, CELL_ERROR } cell;
};

static void stop(struct reading *r, enum err_kind kind, const char *what)
{
        if (!r->failed) {
                err_set(r->err, kind, "%s", what);
                if (r->err && r->row)
                        r->err->line = r->row;
        }
        r->failed = true;
        XML_StopParser(r->parser, XML_FALSE);
}

static void doctype(void *ctx, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
        (void)name, (void)system, (void)public, (void)internal;
        stop(ctx, ERR_BAD_INPUT, "the workbook holds a document type, which no spreadsheet writes");
}

static const char *local(const XML_Char *name)
{
        const char *colon = strrchr(name, ':');
        return colon ? colon + 1 : name;
}

static const char *attribute(const XML_Char **list, const char *name)
{
        for (; *list; list += 2)
                if (!strcmp(list[0], name))
                        return list[1];
        return "";
}

static void characters(void *ctx, const XML_Char *s, int n)
{
        struct reading *r = ctx;
        if (!r->taking || r->skipping)
                return;
        buf_add(&r->text, s, (size_t)n);
        if (r->text.overflow)
                stop(r, ERR_TOO_LARGE, "a cell holds too long a text");
}

/* What every part has: depth is bounded, texts are gathered in <t> and <v>. */
static bool enter(struct reading *r, const char *name)
{
        if (++r->depth > LIMIT_SHEET_DEPTH) {
                stop(r, ERR_BAD_INPUT, "the workbook's XML is nested too deeply");
                return false;
        }
        r->skipping += !strcmp(name, "rPh");
        return true;
}

static void leave(struct reading *r, const char *name)
{
        r->depth--;
        r->skipping -= !strcmp(name, "rPh");
}

/* ---- shared texts ---- */

static void shared_start(void *ctx, const XML_Char *full, const XML_Char **attributes)
{
        struct reading *r = ctx;
        const char *name = local(full);
        (void)attributes;
        if (!enter(r, name))
                return;
        if (!strcmp(name, "si"))
                buf_clear(&r->text);
        r->taking = !strcmp(name, "t");
}

static void shared_end(void *ctx, const XML_Char *full)
{
        struct reading *r = ctx;
        const char *name = local(full);
        leave(r, name);
        r->taking = false;
        if (strcmp(name, "si") != 0)
                return;
        if (r->n_shared == r->cap_shared) {
                size_t cap = r->cap_shared ? 2 * r->cap_shared : 256;
                struct str *list = arena_array(r->a, struct str, cap);
                if (r->n_shared)
                        memcpy(list, r->shared, r->n_shared * sizeof *list);
                r->shared = list;
                r->cap_shared = cap;
        }
        r->shared[r->n_shared++] = arena_str(r->a, str_trim(buf_view(&r->text)));
}

/* ---- the sheet ---- */

static int row_number(const char *said, int otherwise)
{
        int64_t n;
        return number_read(str_of(said), &n) && n > 0 && n <= 1048576 ? (int)n : otherwise;
}

/* "B7": 1; without a name the one after the last. */
static int column_of(const char *said, int otherwise)
{
        int n = 0;
        for (; *said >= 'A' && *said <= 'Z' && n < 20000; said++)
                n = n * 26 + (*said - 'A' + 1);
        return n ? n - 1 : otherwise;
}

static void begin_cell(struct reading *r, const XML_Char **attributes)
{
        static const struct { const char *name; int kind; } kinds[] = { { "s", CELL_SHARED }, { "str", CELL_TEXT }, { "inlineStr", CELL_TEXT }, { "b", CELL_FLAG }, { "e", CELL_ERROR } };
        const char *type = attribute(attributes, "t");
        r->column = column_of(attribute(attributes, "r"), r->column + 1);
        r->cell = CELL_NUMBER;
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
                if (!strcmp(type, kinds[i].name))
                        r->cell = kinds[i].kind;
        buf_clear(&r->text);
}

static void sheet_start(void *ctx, const XML_Char *full, const XML_Char **attributes)
{
        struct reading *r = ctx;
        const char *name = local(full);
        if (!enter(r, name))
                return;
        if (!strcmp(name, "row")) {
                r->row = row_number(attribute(attributes, "r"), r->row + 1);
                r->n_cells = 0;
                r->column = -1;
        } else if (!strcmp(name, "c")) {
                begin_cell(r, attributes);
        }
        r->taking = !strcmp(name, "v") || !strcmp(name, "t");
}

/* A number as it was meant: the sheet stores 0.3 as 0.29999999999999999. */
static struct str number(struct reading *r, struct str text)
{
        char *end, out[40];
        char *z = arena_cstr(r->a, text);
        double d = strtod(z, &end);
        if (!text.n || *end)
                return arena_str(r->a, text);
        snprintf(out, sizeof out, "%.15g", d);
        struct decimal exact;
        return decimal_read(str_of(out), &exact) ? decimal_text(r->a, exact) : arena_str(r->a, text);
}

static struct str cell_text(struct reading *r)
{
        struct str text = str_trim(buf_view(&r->text));
        int64_t n;
        switch (r->cell) {
        case CELL_SHARED:
                if (number_read(text, &n) && (size_t)n < r->n_shared)
                        return r->shared[n];
                stop(r, ERR_BAD_INPUT, "a cell names a text that the workbook does not hold");
                return STR_NONE;
        case CELL_FLAG:
                return str_is(text, "1") ? STR("true") : STR("false");
        case CELL_ERROR:
                return STR_NONE;
        case CELL_NUMBER:
                return number(r, text);
        default:
                return arena_str(r->a, text);
        }
}

static void end_cell(struct reading *r)
{
        struct str text = r->text.n ? cell_text(r) : STR_NONE;
        if (!text.n)
                return;
        if (r->column >= LIMIT_CSV_FIELDS) {
                stop(r, ERR_TOO_LARGE, "the table has too many columns");
                return;
        }
        while (r->n_cells <= (size_t)r->column)
                r->cells[r->n_cells++] = STR_NONE;
        r->cells[r->column] = text;
}

static void sheet_end(void *ctx, const XML_Char *full)
{
        struct reading *r = ctx;
        const char *name = local(full);
        leave(r, name);
        r->taking = false;
        if (!strcmp(name, "c"))
                end_cell(r);
        else if (!strcmp(name, "row") && sheet_add_row(r->rows, r->cells, r->n_cells, r->row, r->err) < 0) {
                r->failed = true;
                XML_StopParser(r->parser, XML_FALSE);
        }
}

/* ---- parts of the file ---- */

static int feed(struct reading *r, zip_file_t *f)
{
        char piece[32 * 1024];
        zip_int64_t n;
        while ((n = zip_fread(f, piece, sizeof piece)) > 0) {
                r->unpacked += (size_t)n;
                if (r->unpacked > LIMIT_SHEET_BYTES)
                        return err_set(r->err, ERR_TOO_LARGE, "the workbook unpacks to more than %d MiB", LIMIT_SHEET_BYTES >> 20);
                if (XML_Parse(r->parser, piece, (int)n, 0) == XML_STATUS_ERROR)
                        return r->failed ? -1 : err_set(r->err, ERR_BAD_INPUT, "the workbook's XML is not well-formed");
        }
        if (n < 0 || XML_Parse(r->parser, piece, 0, 1) == XML_STATUS_ERROR)
                return r->failed ? -1 : err_set(r->err, ERR_BAD_INPUT, "the workbook is damaged");
        return r->failed ? -1 : 0;
}

static int read_part(struct reading *r, zip_t *z, zip_int64_t index, XML_StartElementHandler start, XML_EndElementHandler end)
{
        zip_file_t *f = zip_fopen_index(z, (zip_uint64_t)index, 0);
        if (!f)
                return err_set(r->err, ERR_BAD_INPUT, "a part of the workbook cannot be unpacked; has it a password?");
        r->parser = XML_ParserCreate("UTF-8");
        if (!r->parser)
                abort();
        XML_SetUserData(r->parser, r);
        XML_SetElementHandler(r->parser, start, end);
        XML_SetCharacterDataHandler(r->parser, characters);
        XML_SetStartDoctypeDeclHandler(r->parser, doctype);
        r->depth = r->skipping = 0;
        r->taking = false;
        int rc = feed(r, f);
        XML_ParserFree(r->parser);
        zip_fclose(f);
        return rc;
}

/* sheet1.xml, else whatever sheet comes first. */
static zip_int64_t find_sheet(zip_t *z)
{
        zip_int64_t n = zip_get_num_entries(z, 0), first = zip_name_locate(z, "xl/worksheets/sheet1.xml", ZIP_FL_NOCASE);
        for (zip_int64_t i = 0; first < 0 && i < n; i++) {
                const char *name = zip_get_name(z, (zip_uint64_t)i, 0);
                if (name && !strncmp(name, "xl/worksheets/", 14) && strstr(name, ".xml") && !strchr(name + 14, '/'))
                        first = i;
        }
        return first;
}

static int read_workbook(struct reading *r, zip_t *z)
{
        zip_int64_t n = zip_get_num_entries(z, 0);
        if (n > LIMIT_SHEET_PARTS)
                return err_set(r->err, ERR_TOO_LARGE, "the workbook has more than %d parts", LIMIT_SHEET_PARTS);
        zip_int64_t shared = zip_name_locate(z, "xl/sharedStrings.xml", ZIP_FL_NOCASE), sheet = find_sheet(z);
        if (sheet < 0)
                return err_set(r->err, ERR_BAD_INPUT, "the file is no XLSX workbook: it holds no sheet");
        if (shared >= 0 && read_part(r, z, shared, shared_start, shared_end) < 0)
                return -1;
        return read_part(r, z, sheet, sheet_start, sheet_end);
}

int sheet_read_xlsx(struct arena *a, struct str bytes, struct sheet_rows *rows, struct err *reterr)
{
        struct reading *r = arena_alloc(a, sizeof *r);
        zip_error_t why;
        *r = (struct reading){ .a = a, .rows = rows, .err = reterr, .text = { .max = LIMIT_CSV_FIELD_BYTES } };
        zip_source_t *source = zip_source_buffer_create(bytes.p, bytes.n, 0, &why);
        zip_t *z = source ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
        if (!z) {
                if (source)
                        zip_source_free(source);
                return err_set(reterr, ERR_BAD_INPUT, "the file is no XLSX workbook");
        }
        int rc = read_workbook(r, z);
        buf_free(&r->text);
        zip_discard(z);
        return rc;
}
