#include "proof/bundle.h"

/* The result of a check in one sentence, for people. */

static const char *const steps[STEPS][LANGS] = {
#define STEP(name, en, hans, hant) [STEP_##name] = { [LANG_HANS] = (hans), [LANG_HANT] = (hant), [LANG_EN] = (en) },
#include "proof/bundle_steps.def"
#undef STEP
};

static void write(struct buf *out, enum lang l, const char *hans, const char *hant, const char *en)
{
        buf_z(out, l == LANG_HANS ? hans : l == LANG_HANT ? hant : en);
}

static void holds(struct buf *out, const struct bundle_result *r, enum lang l)
{
        const struct checkpoint *c = &r->seen.checkpoint.c;
        long long n = (long long)r->n, size = (long long)c->size;
        if (l == LANG_EN) {
                buf_printf(out, "Holds: %lld record%s%s%.*s stand%s as recorded in the log %.*s (%lld leaves), which %zu witness%s cosigned", n, n == 1 ? "" : "s",
                           r->item.n ? " about " : "", STR_ARG(r->item), n == 1 ? "s" : "", STR_ARG(c->origin), size, r->seen.n_witnesses, r->seen.n_witnesses == 1 ? "" : "es");
                if (r->n_missing)
                        buf_printf(out, "; its own seal counts %zu further record%s that this file does not hold", r->n_missing, r->n_missing == 1 ? "" : "s");
                if (r->n_related)
                        buf_printf(out, "; seals of related lots count %zu more, of their other goods as well", r->n_related);
                buf_char(out, '.');
                return;
        }
        write(out, l, "成立：", "成立：", "");
        if (r->item.n)
                buf_printf(out, l == LANG_HANS ? "%.*s 的 " : "%.*s 的 ", STR_ARG(r->item));
        buf_printf(out, l == LANG_HANS ? "%lld 条记录与当初记入日志 %.*s 的一致（共 %lld 条，%zu 个见证人会签）" : "%lld 條記錄與當初記入日誌 %.*s 的一致（共 %lld 條，%zu 個見證人會簽）",
                   n, STR_ARG(c->origin), size, r->seen.n_witnesses);
        if (r->n_missing)
                buf_printf(out, l == LANG_HANS ? "；它自己的封存另计有 %zu 条记录，此文件中没有" : "；它自己的封存另計有 %zu 條記錄，此檔案中沒有", r->n_missing);
        if (r->n_related)
                buf_printf(out, l == LANG_HANS ? "；相关批次的封存还计有 %zu 条，含同批其他货物的" : "；相關批次的封存還計有 %zu 條，含同批其他貨物的", r->n_related);
        buf_z(out, "。");
}

static const struct bundle_record *first_failing(const struct bundle_result *r, size_t *ret_i, size_t *ret_n)
{
        const struct bundle_record *found = NULL;
        *ret_n = 0;
        for (size_t i = 0; i < r->n; i++)
                if (!r->records[i].ok) {
                        *ret_i = found ? *ret_i : i;
                        found = found ? found : &r->records[i];
                        ++*ret_n;
                }
        return found;
}

/* The place and the step in the reader's language; the rest of the reason stands in English behind it. */
static void fails(struct buf *out, const struct bundle_result *r, enum lang l)
{
        size_t at, n;
        const struct bundle_record *bad = first_failing(r, &at, &n);
        write(out, l, "不成立：", "不成立：", "Does not hold: ");
        if (l != LANG_EN && bad && bad->step != STEP_CHECKPOINT) {
                buf_printf(out, l == LANG_HANS ? "共 %zu 条记录中有 %zu 条不符，先是第 %zu 条的%s" : "共 %zu 條記錄中有 %zu 條不符，先是第 %zu 條的%s", r->n, n, at + 1, steps[bad->step][l]);
                buf_printf(out, l == LANG_HANS ? "（%s）。" : "（%s）。", r->why);
                return;
        }
        if (l != LANG_EN && bad)
                buf_printf(out, "%s（%s）。", steps[STEP_CHECKPOINT][l], r->why);
        else
                buf_printf(out, "%s%s", r->why, l == LANG_EN ? "" : "。");
        if (l == LANG_EN && bad)
                buf_printf(out, " (%zu of %zu records)", n, r->n);
}

void bundle_sentence(struct buf *out, const struct bundle_result *r, enum lang l)
{
        if (r->ok)
                holds(out, r, l);
        else
                fails(out, r, l);
}
