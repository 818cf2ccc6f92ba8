#include "trace/words.h"

#include <assert.h>
#include <string.h>

#include "gs1/ident.h"

static const char *const words[TRACE_WORDS][LANGS] = {
        [TRACE_WORD_BACK] = { "来源", "來源", "Origins of" },
        [TRACE_WORD_FORWARD] = { "去向", "去向", "Products of" },
        [TRACE_WORD_NODES] = { "个物项", "個物項", "things" },
        [TRACE_WORD_EDGES] = { "条联系", "條聯繫", "links" },
        [TRACE_WORD_EVENTS] = { "个事件", "個事件", "events" },
        [TRACE_WORD_PIECES] = { "件", "件", "pcs" },
        [TRACE_WORD_TRUNCATED] = { "结果过大，已截断（--max-nodes 可放宽）", "結果過大，已截斷（--max-nodes 可放寬）",
                                   "cut short: too large (raise --max-nodes)" },
        [TRACE_WORD_WRONG] = { "已声明有误", "已聲明有誤", "declared wrong" },
};

static const char *const kinds[IDENT_KINDS][LANGS] = {
        [IDENT_OTHER] = { "物项", "物項", "thing" },
        [IDENT_CLASS] = { "品类", "品類", "class" },
        [IDENT_LOT] = { "批次", "批次", "lot" },
        [IDENT_ITEM] = { "单品", "單品", "item" },
        [IDENT_UNIT] = { "箱托", "箱托", "unit" },
        [IDENT_ORG] = { "主体", "主體", "organisation" },
        [IDENT_PLACE] = { "地点", "地點", "place" },
        [IDENT_SEASON] = { "茬口", "茬口", "season" },
        [IDENT_DEVICE] = { "设备", "設備", "device" },
        [IDENT_DOCUMENT] = { "单证", "單證", "document" },
        [IDENT_RELATION] = { "关系", "關係", "relation" },
};

static const struct { const char *role; const char *in[LANGS]; } roles[] = {
        { "input", { "投入", "投入", "input" } },
        { "input-after", { "其后投入", "其後投入", "input after" } },
        { "transformation", { "产出", "產出", "output" } },
        { "aggregation", { "装入", "裝入", "packed" } },
};

const char *trace_word(enum trace_word w, enum lang l)
{
        assert(w < TRACE_WORDS && l < LANGS);
        return words[w][l];
}

const char *trace_word_kind(uint8_t kind, enum lang l)
{
        assert(kind < IDENT_KINDS && l < LANGS);
        return kinds[kind][l];
}

const char *trace_word_role(const char *role, enum lang l)
{
        for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
                if (strcmp(roles[i].role, role) == 0)
                        return roles[i].in[l];
        return role;
}
