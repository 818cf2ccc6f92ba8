"""From a few words an act to an EPCIS 2.0 document.  Everything is fixed: the same source gives the same bytes."""
import hashlib
import json
import pathlib
import uuid

from gs1 import ORIGIN, own

HERE = pathlib.Path(__file__).resolve().parent.parent
CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"suyuan": "https://w3id.org/suyuan/voc/"}]
DEMONSTRATION = "示范数据"

# The characters of our names whose traditional shape differs.
SHAPES = {pair[0]: pair[1] for pair in (
    "与與 专專 业業 东東 个個 丰豐 买買 云雲 产產 亩畝 仓倉 仪儀 优優 传傳 储儲 养養 冈岡 农農 净淨 凤鳳 剂劑 剥剝 势勢 区區 华華 协協 单單 卖賣 厂廠 双雙 发發 号號 员員 园園 "
    "围圍 图圖 场場 处處 备備 复複 头頭 宝寶 实實 对對 岭嶺 干乾 庄莊 库庫 应應 录錄 态態 拣揀 摄攝 无無 时時 术術 机機 杂雜 条條 标標 树樹 栖棲 样樣 检檢 气氣 汇匯 测測 涧澗 "
    "温溫 湾灣 湿濕 点點 热熱 盐鹽 监監 盖蓋 码碼 种種 窑窯 粮糧 红紅 级級 线線 细細 给給 维維 绿綠 网網 罗羅 联聯 苏蘇 范範 药藥 莲蓮 虫蟲 装裝 订訂 记記 许許 设設 试試 课課 "
    "谷穀 货貨 质質 贸貿 资資 车車 过過 运運 这這 进進 连連 递遞 酰醯 钉釘 链鏈 销銷 锁鎖 锯鋸 长長 门門 间間 陈陳 霉黴 顶頂 预預 风風 飞飛 饮飲 验驗 鱼魚 鲜鮮 鸡雞 鸭鴨 龙龍 纸紙 笼籠 盘盤 托托").split()}


def hant(hans):
    return "".join(SHAPES.get(c, c) for c in hans)


def attribute(name, value):
    return {"id": name, "attribute": value}


def element(uri, hans, en, **more):
    """A master-data element: three names, then what else is known.  `more`: suyuan:NAME=value."""
    named = [attribute("cbvmda:name", hans), attribute("suyuan:nameHant", hant(hans)), attribute("suyuan:nameEn", en)]
    return {"id": uri, "attributes": named + [attribute("suyuan:" + k, v) for k, v in more.items()] + [attribute("suyuan:demonstration", DEMONSTRATION)]}


def units(*kinds):
    """Master data of logistic units: what stands on the floor, not only its number."""
    return [element(uri, hans, en) for hans, en, uris in kinds for uri in uris]


def amount(uri, quantity=None, uom=None):
    out = {"epcClass": uri}
    if quantity is not None:
        out["quantity"] = quantity
    if uom:
        out["uom"] = uom
    return out


def kg(uri, quantity):
    return amount(uri, quantity, "KGM")


def loss(quantity, reason, uom="KGM"):
    return {"suyuan:quantity": quantity, "suyuan:uom": uom, "suyuan:reason": reason}


def photo(name, taken):
    data = (HERE / "photos" / f"{name}.png").read_bytes()
    return {"id": "ni:///sha-256;" + hashlib.sha256(data).hexdigest(), "suyuan:kind": "photo", "suyuan:mediaType": "image/png", "suyuan:bytes": len(data), "suyuan:takenAt": stamp(taken)}


def stamp(when):
    """"2026-03-22 08:10" in the district's time."""
    day, clock = when.split()
    return f"{day}T{clock}:00+08:00"


def transaction(kind, org, code):
    return {"type": kind, "bizTransaction": own("doc", org, code)}


class Story:
    def __init__(self, name):
        self.name, self.events, self.seen = name, [], set()

    def add(self, kind, when, step, place, site, photos=(), operator=None, more=None, **members):
        """One act.  `members` are EPCIS members, `more` our own (names without prefix)."""
        key = f"{ORIGIN}/demo/{self.name}/{when}/{step}/{place}"
        while key in self.seen:
            key += "+"
        self.seen.add(key)
        event = {"type": kind, "eventID": uuid.uuid5(uuid.NAMESPACE_URL, key).urn, "eventTime": stamp(when), "eventTimeZoneOffset": "+08:00"}
        event.update({"bizStep": step, "readPoint": {"id": place}, "bizLocation": {"id": site}})
        event.update(members)
        for k, v in (more or {}).items():
            event["suyuan:" + k] = v
        if operator:
            event["suyuan:operator"] = own("staff", *operator)
        if photos:
            event["suyuan:evidence"] = [photo(p, when) for p in photos]
        self.events.append(event)
        return event

    def observe(self, when, step, place, site, **members):
        return self.add("ObjectEvent", when, step, place, site, action="OBSERVE", **members)

    def put_in(self, when, step, place, site, season, inputs, **members):
        return self.add("TransformationEvent", when, step, place, site, transformationID=season, inputQuantityList=inputs, **members)

    def document(self, master):
        """With the master data of whatever the events name."""
        body = json.dumps(self.events, ensure_ascii=False)
        events = sorted(self.events, key=lambda e: e["eventTime"])
        return document(events, [(t, [e for e in es if mentions(body, e["id"])]) for t, es in master])


def mentions(body, uri):
    return f'"{uri}"' in body or "/01/" in uri and f'"{uri}/' in body or "/org/" in uri and f'/{uri.split("/")[-1]}/' in body or "/417/" in uri and f'/414/{uri.split("/")[-1]}/' in body


def document(events, master):
    return {"@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-23T00:00:00+08:00",
            "epcisHeader": {"epcisMasterData": {"vocabularyList": [{"type": t, "vocabularyElementList": es} for t, es in master if es]}},
            "epcisBody": {"eventList": events}}


def write(data):
    """One event or master-data element a line: readable, and small in a difference."""
    text = json.dumps(data, ensure_ascii=False, indent=None, separators=(",", ":"))
    if "epcisBody" not in data:
        return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    head = {k: v for k, v in data.items() if k not in ("epcisHeader", "epcisBody")}
    line = lambda v: json.dumps(v, ensure_ascii=False, separators=(",", ":"))
    text = line(head)[:-1] + ',\n"epcisHeader":{"epcisMasterData":{"vocabularyList":[\n'
    text += ",\n".join(f'{{"type":{line(v["type"])},"vocabularyElementList":[\n' + ",\n".join(map(line, v["vocabularyElementList"])) + "\n]}" for v in data["epcisHeader"]["epcisMasterData"]["vocabularyList"])
    return text + '\n]}},\n"epcisBody":{"eventList":[\n' + ",\n".join(map(line, data["epcisBody"]["eventList"])) + "\n]}}\n"


def write_asks(asks):
    """What `suyuan demo` asks the API for, an act or a thing a line."""
    line = lambda v: json.dumps(v, ensure_ascii=False, separators=(",", ":"))
    one = lambda a: line(a) if isinstance(a["body"], dict) else line({**a, "body": []})[:-3] + "[\n" + ",\n".join(map(line, a["body"])) + "\n]}"
    return "[\n" + ",\n".join(map(one, asks)) + "\n]\n"
