"""The farm's day: what the desk and the phone show of the district.  Things are master data like the rest; seasons that are open, what was done in the
last weeks and what lies in the stores is told in days before the demonstration is loaded (farm-day.json), since a board of last year is nobody's day.

Days and times are marks that `suyuan demo` fills in (src/app/demo_farm.h): "@-12@" is the day twelve days before, "@~90@" the moment ninety minutes before."""
import hashlib
import math
import pathlib

import district as d
from district import HOME
from gs1 import own
from story import attribute, element, hant

PHOTOS = pathlib.Path(__file__).resolve().parent.parent / "photos"


def thing(kind, code, **body):
    """A thing of the farm as an element of master data: what docs/design/farm.md says of suyuan:thing and suyuan:detail."""
    body = {k: v for k, v in body.items() if v is not None}
    body.setdefault("nameHant", hant(body["name"]))
    more = [("suyuan:placeType", body.get("type")), ("suyuan:registrationNumber", body.get("registrationNumber")), ("suyuan:netContent", body.get("netContent"))]
    e = element(own(kind, HOME, code), body["name"], body.get("nameEn", body["name"]), **{k[7:]: v for k, v in more if v})
    e["attributes"] += [attribute("suyuan:thing", f"{kind}/{HOME}/{code}"), attribute("suyuan:detail", body)]
    return e


# ---- where it lies ----

# Towns as on a map, to a minute or so; the plots about them are invented.
TOWNS = {"栖凤渡镇": (25.5871, 113.1264), "白露塘镇": (25.7312, 113.0871), "五盖山镇": (25.6655, 113.1702), "坳上镇": (25.6480, 113.0236), "许家洞镇": (25.8512, 113.0297), "良田镇": (25.6127, 113.0019),
         "飞天山镇": (25.8804, 113.1003), "五里牌镇": (25.8367, 113.0842), "王仙岭街道": (25.7706, 113.0618), "瓦窑坪镇": (25.9040, 113.0421), "南塔街道": (25.7948, 113.0265)}
NORTH = 111195.0        # metres in a degree


def outline(lat, lon, mu, turn, aspect=1.4):
    """A field of so many mu: four corners and one more, as fields are, turned by so many degrees."""
    corners = [(-0.5, -0.46), (0.02, -0.53), (0.5, -0.44), (0.47, 0.5), (-0.52, 0.45)]
    area = abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, corners[1:] + corners[:1]))) / 2
    side = math.sqrt(mu * 10000 / 15 / area)
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    ring = []
    for x, y in corners:
        east, north = x * side * math.sqrt(aspect), y * side / math.sqrt(aspect)
        e, n = east * c - north * s, east * s + north * c
        ring.append([round(lon + e / NORTH / math.cos(math.radians(lat)), 6), round(lat + n / NORTH, 6)])
    return {"type": "Polygon", "coordinates": [ring + ring[:1]]}


# enterprise, code, name, English, mu, metres east and north of its town, turn
PLOTS = [
    ("guyu", "P01", "1 号再生稻田", "ratoon rice field 1", 36, 0, 0, 12), ("guyu", "P02", "2 号油菜田", "rapeseed field 2", 28, 260, 40, 8), ("guyu", "P03", "3 号萝卜地", "radish field 3", 12, 40, 210, 20),
    ("wugai", "P03", "3 号高山菜地", "mountain plot 3", 20, 0, 0, 30), ("wugai", "P04", "4 号高山萝卜地", "mountain radish plot 4", 18, 210, 60, 35), ("wugai", "P05", "5 号高山白菜地", "mountain Chinese cabbage plot 5", 15, -30, 200, 25),
    ("aotian", "P07", "7 号红菜薹地", "plot 7", 10, 0, 0, -15), ("aotian", "P08", "8 号菜薹地", "plot 8", 8, 130, -10, -12), ("aotian", "P09", "9 号菠菜地", "plot 9", 6, 10, 120, -18), ("aotian", "P10", "10 号轮作地", "plot 10", 7, 130, 110, -15),
    ("liantang", "Pond2", "2 号藕塘", "lotus pond 2", 15, 0, 0, 5), ("liantang", "Pond3", "3 号藕塘", "lotus pond 3", 12, 150, 10, 0), ("liantang", "Shed5", "5 号菌棚", "mushroom shed 5", 2, 10, 120, 0), ("liantang", "Shed6", "6 号菌棚", "mushroom shed 6", 2, 70, 120, 0),
    ("liangtian", "P01", "1 号脐橙园", "navel orange grove 1", 60, 0, 0, 40), ("liangtian", "P02", "2 号脐橙园", "navel orange grove 2", 45, 330, 40, 38), ("putao", "P01", "1 号葡萄棚", "vineyard 1", 30, -520, 260, 0),
    ("feitian", "P01", "1 号柰李园", "nai plum garden 1", 40, 0, 0, -30), ("qinghe", "G01", "1 号育苗棚", "seedling house 1", 6, 0, 0, 0), ("micha", "P01", "1 号茶园", "tea garden 1", 50, 900, 700, 55),
    ("youcha", "P01", "1 号油茶林", "camellia grove 1", 120, 0, 0, 15), ("nanta", "G01", "1 号番茄棚", "tomato house 1", 6, 0, 0, 0), ("nanta", "G02", "2 号辣椒棚", "pepper house 2", 6, 0, 95, 0), ("nanta", "G03", "3 号黄瓜棚", "cucumber house 3", 5, 105, 0, 0),
]
ROW = {row[0]: row for row in d.ENTERPRISES}


def spot(code, east, north):
    lat, lon = TOWNS[ROW[code][3]]
    return lat + north / NORTH, lon + east / NORTH / math.cos(math.radians(lat))


def plot(row):
    code, name, hans, en, mu, east, north, turn = row
    short, english = d.short(ROW[code])
    return thing("place", f"{code}-{name}", name=f"{short} {hans}", nameEn=f"{english}: {en}", type="plot", areaMu=mu, address="郴州市苏仙区" + ROW[code][3], outline=outline(*spot(code, east, north), mu, turn))


ROOMS = [("Store", "投入品仓库", "input store", "store"), ("Work", "分拣加工间", "sorting and packing room", "workshop"), ("Test", "检测室", "inspection room", "inspection-room")]


def rooms(i, row):
    code, (short, english) = row[0], d.short(row)
    for name, hans, en, kind in ROOMS:
        lat, lon = spot(code, -420 + 170 * (i % 3), -380)
        yield thing("place", f"{code}-{name}", name=f"{short} {hans}", nameEn=f"{english}: {en}", type=kind, address="郴州市苏仙区" + row[3], position={"lat": round(lat, 5), "lon": round(lon, 5)} if name == "Store" else None)


def places():
    mill = [thing("place", "xiangsui-" + c, name=hans, nameEn=en, type="workshop", address="郴州市苏仙区白露塘镇") for c, hans, en in (("Dryer", "湘穗米业烘干车间", "Xiangsui drying plant"), ("Mill", "湘穗米业碾米车间", "Xiangsui milling plant"))]
    trucks = [thing("place", "lengpei-Truck1", name="1 号冷藏车", nameEn="refrigerated truck 1", type="vehicle"), thing("place", "lengpei-Truck2", name="2 号货车", nameEn="lorry 2", type="vehicle")]
    shop = [thing("place", "szdian-Shelf", name="深圳福田样板门店", nameEn="Futian Model Store, Shenzhen", type="shop", address="深圳市福田区")]
    return [plot(r) for r in PLOTS] + [e for i, row in enumerate(d.ENTERPRISES) for e in rooms(i, row)] + mill + trucks + shop


# ---- what grows, what is sold ----

CROPS = [("rice", "水稻", "Rice", ["甬优4949"], 1200), ("rape", "油菜", "Rapeseed", ["湘杂油示范1号"], 250), ("radish", "萝卜", "Radish", ["示范白玉"], 6000), ("cabbage", "结球甘蓝", "Cabbage", ["京丰一号"], 6000),
         ("baicai", "大白菜", "Chinese cabbage", ["示范高山88"], 8000), ("caitai", "菜薹", "Flowering cabbage", ["湘红一号"], 3000), ("spinach", "菠菜", "Spinach", ["示范大叶"], 2500), ("lettuce", "叶用莴苣", "Lettuce", ["示范意大利"], 3000),
         ("lotus", "莲藕", "Lotus root", ["鄂莲五号"], 3000), ("shiitake", "香菇", "Shiitake", ["香菇808"], 5000), ("oyster", "平菇", "Oyster mushroom", ["示范平菇2号"], 8000), ("orange", "橙", "Navel orange", ["纽荷尔"], 4000),
         ("plum", "李子", "Nai plum", ["花柰"], 2500), ("tea", "茶叶", "Tea", ["五盖山群体种"], 150), ("camellia", "油茶", "Oil camellia", ["湘林示范"], 1200), ("tomato", "番茄", "Tomato", ["示范红果"], 10000), ("pepper", "辣椒", "Chilli", ["示范螺丝椒"], 6000),
         ("cucumber", "黄瓜", "Cucumber", ["示范水果黄瓜"], 12000), ("grape", "葡萄", "Grape", ["阳光玫瑰"], 2500)]

# code, name, English, crop, pack, net content, shelf life, the element of the stories it is
SOLD = [
    ("RiceBulk", "再生稻大米（散装）", "Ratoon rice, bulk", "rice", None, None, 180, d.RICE_BULK), ("RiceBag", "栖凤渡再生稻大米 5 kg", "Qifengdu ratoon rice 5 kg", "rice", "袋", "5 kg", 180, d.RICE_BAG),
    ("Cabbage", "五盖山高山包菜", "Wugaishan mountain cabbage", "cabbage", None, None, 15, d.CABBAGE), ("CabbageCrate", "五盖山高山包菜 15 kg 筐", "Wugaishan mountain cabbage, 15 kg crate", "cabbage", "筐", "15 kg", 15, d.CABBAGE_CRATE),
    ("Lotus", "许家洞莲藕", "Xujiadong lotus root", "lotus", None, None, 14, d.LOTUS), ("LotusPack", "许家洞净莲藕 2.5 kg", "Xujiadong cleaned lotus root 2.5 kg", "lotus", "袋", "2.5 kg", 14, d.LOTUS_PACK),
    ("Shiitake", "许家洞鲜香菇", "Xujiadong fresh shiitake", "shiitake", None, None, 7, d.SHIITAKE), ("ShiitakePack", "许家洞鲜香菇 500 g 盒", "Xujiadong fresh shiitake, 500 g punnet", "shiitake", "盒", "500 g", 7, d.SHIITAKE_PACK),
    ("Orange", "良田脐橙", "Liangtian navel oranges", "orange", None, None, 60, None), ("OrangeBox", "良田脐橙 5 kg 箱", "Liangtian navel oranges, 5 kg box", "orange", "箱", "5 kg", 60, None), ("Caitai", "坳上红菜薹", "Aoshang red flowering cabbage", "caitai", None, None, 7, None),
    ("Baicai", "五盖山高山大白菜", "Wugaishan Chinese cabbage", "baicai", None, None, 20, None), ("Radish", "栖凤渡白萝卜", "Qifengdu radish", "radish", None, None, 20, None), ("Oyster", "许家洞鲜平菇", "Xujiadong oyster mushrooms", "oyster", None, None, 7, None),
    ("Tomato", "南塔番茄", "Nanta tomatoes", "tomato", None, None, 10, None), ("Cucumber", "南塔水果黄瓜", "Nanta cucumbers", "cucumber", None, None, 7, None), ("CamelliaSeed", "王仙岭油茶籽", "Wangxianling camellia seed", "camellia", None, None, None, None),
]


def crops():
    return [thing("crop", c, name=hans, nameEn=en, variety=v, yieldKgMu=most) for c, hans, en, v, most in CROPS]


def product(row):
    code, hans, en, crop, pack, net, days, number = row
    body = {"name": hans, "nameHant": hant(hans), "nameEn": en, "gtin": number, "crop": crop, "pack": pack, "netContent": net, "uom": "pcs" if pack else "kg", "shelfDays": days}
    return code, {k: v for k, v in body.items() if v is not None}


# ---- what is used ----

def label(crop, target, days, uses, low, high, unit):
    return {"crop": crop, "target": target, "intervalDays": days, "maxUses": uses, "dose": {"min": str(low), "max": str(high), "uom": unit + "/mu"}}


# Generic names: what is in it, how much, in which form.  The numbers and the labels are invented and say so; what holds is on the bottle.
PESTICIDES = [
    ("CAP200", "氯虫苯甲酰胺 200 克/升悬浮剂", "chlorantraniliprole 200 g/L SC", "氯虫苯甲酰胺", "悬浮剂", 1, 7, [label("水稻", "二化螟", 7, 3, 8, 12, "mL"), label("水稻", "稻纵卷叶螟", 7, 3, 8, 12, "mL"), label("萝卜", "小菜蛾", 7, 2, 8, 12, "mL")]),
    ("VAL5", "井冈霉素 5% 水剂", "validamycin 5 % AS", "井冈霉素", "水剂", 2, 14, [label("水稻", "纹枯病", 14, 3, 100, 150, "mL")]),
    ("TMX25", "噻虫嗪 25% 水分散粒剂", "thiamethoxam 25 % WG", "噻虫嗪", "水分散粒剂", 3, 28, [label("水稻", "稻飞虱", 28, 2, 2, 4, "g")]),
    ("CAP5", "氯虫苯甲酰胺 5% 悬浮剂", "chlorantraniliprole 5 % SC", "氯虫苯甲酰胺", "悬浮剂", 4, 1, [label("结球甘蓝", "甜菜夜蛾", 1, 3, 30, 55, "mL"), label("菜薹", "小菜蛾", 1, 3, 30, 55, "mL")]),
    ("EMA05", "甲氨基阿维菌素苯甲酸盐 0.5% 微乳剂", "emamectin benzoate 0.5 % ME", "甲氨基阿维菌素苯甲酸盐", "微乳剂", 5, 7, [label("结球甘蓝", "小菜蛾", 7, 2, 60, 100, "mL"), label("大白菜", "小菜蛾", 7, 2, 60, 100, "mL"), label("萝卜", "小菜蛾", 7, 2, 60, 100, "mL")]),
    ("ABA18", "阿维菌素 1.8% 乳油", "abamectin 1.8 % EC", "阿维菌素", "乳油", 6, 7, [label("菜薹", "小菜蛾", 7, 1, 30, 40, "mL")]),
    ("IMI10", "吡虫啉 10% 可湿性粉剂", "imidacloprid 10 % WP", "吡虫啉", "可湿性粉剂", 7, 15, [label("莲藕", "莲缢管蚜", 15, 2, 10, 20, "g")]),
    ("AZO25", "嘧菌酯 250 克/升悬浮剂", "azoxystrobin 250 g/L SC", "嘧菌酯", "悬浮剂", 8, 5, [label("番茄", "早疫病", 5, 3, 60, 90, "mL"), label("辣椒", "炭疽病", 5, 3, 60, 90, "mL"), label("黄瓜", "霜霉病", 3, 3, 60, 90, "mL")]),
    ("MCZ80", "代森锰锌 80% 可湿性粉剂", "mancozeb 80 % WP", "代森锰锌", "可湿性粉剂", 9, 21, [label("橙", "炭疽病", 21, 3, 150, 220, "g"), label("葡萄", "霜霉病", 28, 3, 130, 200, "g")]),
    ("MOL999", "矿物油 99% 乳油", "mineral oil 99 % EC", "矿物油", "乳油", 10, 0, [label("橙", "红蜘蛛", 0, 4, 500, 800, "mL"), label("茶叶", "茶橙瘿螨", 0, 3, 300, 500, "mL")]),
]
OTHERS = [
    ("ORG", "商品有机肥", "organic fertiliser", "fertiliser", "kg"), ("NPK15", "复合肥 15-15-15", "compound fertiliser 15-15-15", "fertiliser", "kg"), ("UREA", "尿素 46%", "urea 46 %", "fertiliser", "kg"), ("SOP", "硫酸钾 50%", "potassium sulphate 50 %", "fertiliser", "kg"),
    ("WSF20", "水溶肥 20-20-20", "water-soluble fertiliser 20-20-20", "fertiliser", "kg"), ("SeedRape", "油菜种子 湘杂油示范1号", "rapeseed seed", "seed", "kg"), ("SeedRadish", "萝卜种子 示范白玉", "radish seed", "seed", "kg"), ("SeedBaicai", "大白菜种子 示范高山88", "Chinese cabbage seed", "seed", "kg"),
    ("SeedCaitai", "红菜薹种子 湘红一号", "red flowering cabbage seed Xianghong No. 1", "seed", "kg"), ("SeedSpinach", "菠菜种子 示范大叶", "spinach seed", "seed", "kg"), ("SpawnOyster", "平菇菌种 示范2号", "oyster mushroom spawn", "seed", "kg"),
]


def inputs():
    out = []
    for i, (code, hans, en, ingredient, form, number, days, labels) in enumerate(PESTICIDES, 1):
        out.append(thing("input", code, name=hans, nameEn=en, category="pesticide", registrationNumber=f"PD示范{number:04d}", activeIngredients=[ingredient], formulation=form, manufacturer="示范农药厂（虚构）", supplier="苏仙绿丰农资店（示范）",
                         barcode=f"952129900{number:03d}" + check(f"952129900{number:03d}"), uom="mL" if labels[0]["dose"]["uom"].startswith("mL") else "g", intervalDays=days, labels=labels, note="示范标签：以实物标签为准"))
    return out + [thing("input", code, name=hans, nameEn=en, category=kind, uom=unit, supplier="苏仙绿丰农资店（示范）") for code, hans, en, kind, unit in OTHERS]


def check(digits):
    from gs1 import check_digit
    return check_digit(digits)


ROLES = {"lvfeng": "supplier", "szliang": "buyer", "szxian": "buyer", "szdian": "buyer", "liangku": "buyer"}


def partners():
    return [thing("partner", c, name=hans, nameEn=en, role=ROLES[c], creditCode=f"示范91431003DEMO{50 + i:04d}", license="农药经营许可 示范0001" if c == "lvfeng" else None, address=town)
            for i, (c, hans, en, town, _) in enumerate(d.PARTNERS) if c in ROLES]


# The seasons of the stories under their own names, so that what the stories tell of them is what the desk shows.
# code, plot, crop, product, opened, cleared
FINISHED = [("Rice2026", "guyu-P01", "rice", None, "2026-03-22", "2026-10-28"), ("Cabbage2026", "wugai-P03", "cabbage", "Cabbage", "2026-07-20", "2026-11-07"), ("Caitai2026", "aotian-P07", "caitai", "Caitai", "2026-08-28", "2026-11-08"),
            ("Pond2-2026", "liantang-Pond2", "lotus", "Lotus", "2026-03-28", "2026-09-20"), ("Pond3-2026", "liantang-Pond3", "lotus", "Lotus", "2026-03-30", "2026-10-24"), ("Shed5-2026", "liantang-Shed5", "shiitake", "Shiitake", "2026-03-18", "2026-09-18")]


def master():
    """Types and elements, in the order in which they are stated."""
    vtype, voc = "urn:epcglobal:epcis:vtype:", "https://w3id.org/suyuan/voc/"
    return [(vtype + "BusinessLocation", places()), (voc + "Crop", crops()), (vtype + "EPCClass", inputs()), (voc + "Partner", partners())]


# ---- the last weeks ----

class Day:
    def __init__(self):
        self.asks, self.acts, self.n = [], [], 0

    def ask(self, method, path, body):
        self.asks.append({"method": method, "path": path, "body": body})

    def act(self, act, when, **fields):
        """`when`: "-12 17:20", or minutes before the moment as a number."""
        self.n += 1
        at = f"@~{when}@" if isinstance(when, int) else "@{}@T{}:00+08:00".format(*when.split()) if when[0] in "-0" else when
        day, photos = at, fields.pop("photos", ())
        evidence = [{"sha256": hashlib.sha256((PHOTOS / f"{p}.png").read_bytes()).hexdigest(), "mediaType": "image/png", "kind": "photo", "takenAt": day} for p in photos]
        self.acts.append({"act": act, "id": f"demo-{self.n:03d}", "at": at, **({"evidence": evidence} if evidence else {}), **fields})

    def all(self):
        for i in range(0, len(self.acts), 50):
            self.ask("POST", "/api/acts", self.acts[i:i + 50])
        return self.asks


PEOPLE = [("guyu-W1", "王示范", "种植", "worker"), ("guyu-W2", "何示范", "植保", "worker"), ("wugai-W1", "李示范", "种植", "worker"), ("aotian-W1", "周示范", "种植", "worker"), ("liantang-W1", "许示范", "藕塘", "worker"), ("liantang-W2", "邓示范", "分拣", "worker"),
          ("liangtian-W1", "黄示范", "果园", "worker"), ("nanta-W1", "陈示范", "大棚", "worker"), ("youcha-W1", "罗示范", "林地", "worker"), ("office-M1", "曾示范", "记账、质量", "manager")]

# code, plot, crop, product, days ago, more
OPEN = [
    ("Rape2027", "guyu-P02", "rape", None, 52, {}), ("Radish-A", "guyu-P03", "radish", "Radish", 62, {}), ("Radish-B", "wugai-P04", "radish", None, 48, {}), ("Baicai-A", "wugai-P05", "baicai", "Baicai", 78, {}), ("Caitai-B", "aotian-P08", "caitai", "Caitai", 58, {}),
    ("Spinach-A", "aotian-P09", "spinach", None, 22, {}), ("Lettuce-A", "aotian-P10", "lettuce", None, 2, {}), ("Oyster-A", "liantang-Shed6", "oyster", "Oyster", 50, {}), ("Orange-A", "liangtian-P01", "orange", "Orange", 238, {}), ("Orange-B", "liangtian-P02", "orange", "Orange", 238, {"wantsPhotos": True}),
    ("Tomato-A", "nanta-G01", "tomato", "Tomato", 92, {}), ("Pepper-A", "nanta-G02", "pepper", None, 60, {}), ("Cucumber-A", "nanta-G03", "cucumber", "Cucumber", 66, {}), ("Tea2027", "micha-P01", "tea", None, 30, {}), ("Camellia2026", "youcha-P01", "camellia", "CamelliaSeed", 230, {}),
    ("Grape2027", "putao-P01", "grape", None, 20, {}), ("Plum2027", "feitian-P01", "plum", None, 16, {}), ("Seedling2027", "qinghe-G01", "rice", None, 1, {}),
]


def open_one(day, code, where, crop, sold, opened, more):
    names = next(e for e in d.SEASONS if e["id"].endswith("/" + code))["attributes"] if any(e["id"].endswith("/" + code) for e in d.SEASONS) else []
    told = {member: a["attribute"] for member, name in (("name", "cbvmda:name"), ("nameHant", "suyuan:nameHant"), ("nameEn", "suyuan:nameEn")) for a in names if a["id"] == name}
    body = {**told, "plot": where, "crop": crop, "variety": next(c[3][0] for c in CROPS if c[0] == crop), "areaMu": next(r[4] for r in PLOTS if f"{r[0]}-{r[1]}" == where), "product": sold, "opened": opened, **more}
    day.ask("POST", "/api/seasons", {"org": HOME, "code": code, **{k: v for k, v in body.items() if v is not None}})


def seasons(day):
    for i, (code, where, crop, sold, ago, more) in enumerate(OPEN):     # in the first stands the moment that all days are counted from, also when this is loaded again
        open_one(day, code, where, crop, sold, f"@-{ago}@", {**more, "x-demonstrationAt": "@~0@"} if i == 0 else more)
    for code, where, crop, sold, opened, _ in FINISHED:
        open_one(day, code, where, crop, sold, opened, {})


# Whose store holds what: input, quantity, unit, came so many days ago, goes out of date in so many.
STOCK = {
    "guyu": [("CAP200", 2, "L", 70, 420), ("NPK15", 1500, "kg", 66, None), ("UREA", 600, "kg", 66, None), ("SeedRape", 12, "kg", 60, 200), ("SeedRadish", 8, "kg", 64, 190)],
    "wugai": [("EMA05", 6, "L", 85, 9), ("CAP5", 3, "L", 85, 300), ("ORG", 9000, "kg", 82, None), ("NPK15", 1200, "kg", 82, None), ("SeedRadish", 5, "kg", 52, 230), ("SeedBaicai", 2, "kg", 82, 180)],
    "aotian": [("CAP5", 2, "L", 62, 340), ("ABA18", 1, "L", 300, -3), ("ORG", 6000, "kg", 62, None), ("UREA", 300, "kg", 62, None), ("SeedCaitai", 2, "kg", 61, 150), ("SeedSpinach", 6, "kg", 25, 260)],
    "liantang": [("SpawnOyster", 80, "kg", 53, 30)],
    "liangtian": [("MCZ80", 60, "kg", 120, 500), ("MOL999", 90, "L", 120, 380), ("ORG", 40000, "kg", 235, None), ("SOP", 2000, "kg", 130, None)],
    "nanta": [("AZO25", 4, "L", 75, 21), ("WSF20", 400, "kg", 75, 330), ("ORG", 4000, "kg", 95, None)],
    "micha": [("ORG", 8000, "kg", 28, None), ("MOL999", 30, "L", 28, 400)],
    "youcha": [("ORG", 20000, "kg", 228, None)],
}


def stock_up(day):
    n = 0
    for code, rows in STOCK.items():
        for product_, quantity, unit, ago, left in rows:
            n += 1
            more = {"expires": f"@{left:+d}@"} if left is not None else {}
            day.act("receive-input", f"-{ago} 09:{n % 60:02d}", product=product_, lot=f"{code}-{product_}-1", quantity=quantity, uom=unit, place=f"{code}-Store", supplier="lvfeng", invoice=f"示范发票-{260000 + n}", **more)


def use(day, act, season_, when, what, quantity, unit, mu=None, who=None, **more):
    farm = next(r[1] for r in OPEN if r[0] == season_).split("-")[0]
    area = {"areaMu": mu} if mu else {}
    day.act(act, when, season=f"{HOME}/{season_}", product=what, lot=f"{farm}-{what}-1", quantity=quantity, uom=unit, operator=who or f"{farm}-W1", **area, **more)


def spray(day, season_, when, what, per_mu, unit, mu, target, **more):
    use(day, "spray", season_, when, what, per_mu * mu, unit, mu, target=target, dose=per_mu, doseUom=unit, method="knapsack", **more)


def look(day, season_, when, act="growth", **more):
    day.act(act, when, season=f"{HOME}/{season_}", **more)


def harvest(day, season_, when, kg, mu=None, **more):
    day.act("harvest", when, season=f"{HOME}/{season_}", quantity=kg, uom="kg", **({"areaMu": mu} if mu else {}), **more)


def at(code, name, east=0, north=0):
    row = next(r for r in PLOTS if (r[0], r[1]) == (code, name))
    lat, lon = spot(code, row[5] + east, row[6] + north)
    return {"lat": round(lat, 6), "lon": round(lon, 6), "accuracyM": 8}


def field_crops(day):
    use(day, "sow", "Rape2027", "-52 08:10", "SeedRape", 8.4, "kg", 28, variety="湘杂油示范1号", position=at("guyu", "P02"))
    use(day, "fertilise", "Rape2027", "-50 08:30", "NPK15", 840, "kg", 28, dose=30, doseUom="kg", method="broadcast")
    look(day, "Rape2027", "-38 16:00", "irrigate", method="furrow", note="约 420 立方米")
    look(day, "Rape2027", "-24 09:10", stage=14, look="good", heightCm=16, note="四叶一心，苗齐")
    look(day, "Rape2027", "-10 08:20", "weed", method="hand")
    use(day, "fertilise", "Rape2027", "-6 08:40", "UREA", 140, "kg", 28, dose=5, doseUom="kg", method="broadcast", note="苗肥")
    look(day, "Rape2027", 215, stage=17, look="good", heightCm=24, position=at("guyu", "P02", 20, 10), note="越冬前长势良好")
    use(day, "sow", "Radish-A", "-61 07:50", "SeedRadish", 4.8, "kg", 12, variety="示范白玉")
    use(day, "fertilise", "Radish-A", "-45 08:00", "NPK15", 300, "kg", 12, dose=25, doseUom="kg", method="furrow")
    spray(day, "Radish-A", "-19 16:40", "CAP200", 10, "mL", 12, "小菜蛾", position=at("guyu", "P03"))
    look(day, "Radish-A", "-8 09:00", stage=45, look="good", note="肉质根膨大")
    harvest(day, "Radish-A", "-4 07:10", 9800, 3, position=at("guyu", "P03", 5, 5))
    harvest(day, "Radish-A", 330, 8600, 3, position=at("guyu", "P03", -10, 8))


def mountain(day):
    use(day, "sow", "Radish-B", "-47 08:00", "SeedRadish", 4, "kg", 18, variety="示范白玉")
    use(day, "fertilise", "Radish-B", "-30 08:20", "NPK15", 360, "kg", 18, dose=20, doseUom="kg", method="furrow")
    look(day, "Radish-B", "-14 09:30", stage=41, look="fair", pest="小菜蛾，每百株 12 头", note="局部虫口上升")
    spray(day, "Radish-B", "-3 16:20", "EMA05", 80, "mL", 18, "小菜蛾", position=at("wugai", "P04"))
    look(day, "Radish-B", 150, "irrigate", method="sprinkler", note="约 120 立方米")
    use(day, "sow", "Baicai-A", "-77 07:40", "SeedBaicai", 1.5, "kg", 15, variety="示范高山88")
    use(day, "fertilise", "Baicai-A", "-60 08:00", "ORG", 4500, "kg", 15, dose=300, doseUom="kg", method="furrow")
    look(day, "Baicai-A", "-25 09:00", stage=45, look="good", note="结球初期")
    spray(day, "Baicai-A", "-11 16:30", "EMA05", 80, "mL", 15, "小菜蛾", position=at("wugai", "P05"))
    harvest(day, "Baicai-A", "-6 07:30", 12000, 4, photos=["cabbage-hill"], note="客户临时加单")         # five days after: the label asks seven


def greens(day):
    use(day, "sow", "Caitai-B", "-57 07:30", "SeedCaitai", 0.5, "kg", 8, variety="湘红一号")
    look(day, "Caitai-B", "-36 08:10", "transplant", areaMu=8, note="行株距 40×30 cm")
    use(day, "fertilise", "Caitai-B", "-28 07:50", "UREA", 64, "kg", 8, dose=8, doseUom="kg", method="hole")
    spray(day, "Caitai-B", "-15 16:50", "CAP5", 40, "mL", 8, "小菜蛾", position=at("aotian", "P08"))
    look(day, "Caitai-B", "-5 09:20", stage=51, look="good", photos=["caitai-field"], note="主薹抽出")
    harvest(day, "Caitai-B", "-1 06:50", 480, 2, photos=["caitai-field"], position=at("aotian", "P08"))
    harvest(day, "Caitai-B", 265, 520, 2, photos=["caitai-field"], position=at("aotian", "P08", 10, 0))
    use(day, "sow", "Spinach-A", "-21 08:00", "SeedSpinach", 4.5, "kg", 6, variety="示范大叶")
    look(day, "Spinach-A", "-20 16:30", "irrigate", method="sprinkler", note="约 36 立方米")
    look(day, "Spinach-A", "-7 08:30", "weed", method="hand")
    look(day, "Spinach-A", 95, stage=14, look="good", heightCm=9)
    look(day, "Oyster-A", "-49 09:00", "sow", variety="示范平菇2号", note="菌棒接种 3000 棒")
    look(day, "Oyster-A", "-12 08:00", "irrigate", method="sprinkler", note="约 3 立方米")
    look(day, "Oyster-A", "-6 09:00", stage=69, look="good", photos=["mushrooms"], note="原基分化，通风增湿")
    harvest(day, "Oyster-A", "-1 08:20", 420, photos=["mushrooms"])


def groves(day):
    look(day, "Orange-A", "-225 08:30", "prune", method="开心形修剪，去除荫蔽枝")
    use(day, "fertilise", "Orange-A", "-222 08:00", "ORG", 24000, "kg", 60, dose=400, doseUom="kg", method="hole")
    spray(day, "Orange-A", "-95 16:30", "MCZ80", 180, "g", 60, "炭疽病")
    use(day, "fertilise", "Orange-A", "-80 08:00", "SOP", 900, "kg", 60, dose=15, doseUom="kg", method="furrow", note="壮果肥")
    look(day, "Orange-A", "-15 09:30", stage=85, look="good", note="转色七成，可溶性固形物 11.8%")
    harvest(day, "Orange-A", "-5 07:40", 9600, 8, lot="Orange-A-1", position=at("liangtian", "P01"))
    harvest(day, "Orange-A", "-2 07:50", 10200, 8, lot="Orange-A-2", position=at("liangtian", "P01", 40, 30))
    day.act("pack", "-1 10:30", place="liangtian-Work", inputs=[{"product": "Orange", "lot": "Orange-A-1", "quantity": 5000, "uom": "kg"}], product="OrangeBox", lot="OrangeBox-1", quantity=960, uom="pcs", loss=[{"quantity": 200, "uom": "kg", "reason": "次果"}], expires="@+45@", operator="liangtian-W1")
    harvest(day, "Orange-A", 400, 8800, 7, lot="Orange-A-3", position=at("liangtian", "P01", -40, 20))
    look(day, "Orange-B", "-224 08:30", "prune", method="疏除直立枝")
    spray(day, "Orange-B", "-58 16:10", "MOL999", 600, "mL", 45, "红蜘蛛", photos=["rice-spray"])
    look(day, "Orange-B", "-12 09:30", stage=83, look="good", note="转色六成")
    harvest(day, "Orange-B", "-3 08:10", 3600, 4, lot="Orange-B-1", position=at("liangtian", "P02"))                                 # photos were promised
    look(day, "Camellia2026", "-210 08:30", "prune", method="清除下脚枝")
    use(day, "fertilise", "Camellia2026", "-205 08:00", "ORG", 18000, "kg", 120, dose=150, doseUom="kg", method="hole")
    harvest(day, "Camellia2026", "-34 07:40", 21000, 60)
    harvest(day, "Camellia2026", "-27 07:40", 18400, 60)
    look(day, "Camellia2026", "-9 09:00", "clear", note="清园、垦覆")
    use(day, "fertilise", "Tea2027", "-18 08:20", "ORG", 7500, "kg", 50, dose=150, doseUom="kg", method="furrow", note="秋冬基肥", who="office-M1")
    spray(day, "Tea2027", "-8 15:40", "MOL999", 400, "mL", 50, "茶橙瘿螨", who="office-M1")
    look(day, "Grape2027", "-2 09:00", "prune", method="冬剪，留 2–3 芽")
    look(day, "Plum2027", 50, "prune", method="疏除病虫枝", note="冬季清园")


def houses(day):
    look(day, "Tomato-A", "-90 09:00", "sow", variety="示范红果", note="穴盘育苗 72 孔")
    look(day, "Tomato-A", "-64 08:10", "transplant", areaMu=6)
    use(day, "fertilise", "Tomato-A", "-66 08:00", "ORG", 1800, "kg", 6, dose=300, doseUom="kg", method="furrow", note="基肥")
    use(day, "fertilise", "Tomato-A", "-20 07:40", "WSF20", 48, "kg", 6, dose=8, doseUom="kg", method="fertigation")
    spray(day, "Tomato-A", "-13 17:00", "AZO25", 70, "mL", 6, "早疫病", position=at("nanta", "G01"))
    harvest(day, "Tomato-A", "-7 07:20", 1900, position=at("nanta", "G01"))
    spray(day, "Tomato-A", "-2 17:00", "AZO25", 70, "mL", 6, "早疫病", position=at("nanta", "G01", 10, 5))
    look(day, "Pepper-A", "-58 08:40", "transplant", areaMu=6, variety="示范螺丝椒")
    use(day, "fertilise", "Pepper-A", "-22 07:50", "WSF20", 36, "kg", 6, dose=6, doseUom="kg", method="fertigation")
    look(day, "Pepper-A", "-4 09:10", stage=65, look="fair", pest="炭疽病零星", note="加强通风")
    spray(day, "Pepper-A", "-1 16:40", "AZO25", 80, "mL", 6, "炭疽病", position=at("nanta", "G02", 560, 80))                      # the phone stood elsewhere
    look(day, "Cucumber-A", "-62 08:30", "sow", variety="示范水果黄瓜")
    look(day, "Cucumber-A", "-9 07:30", "irrigate", method="drip", note="约 20 立方米")
    harvest(day, "Cucumber-A", "-10 07:00", 2600)
    harvest(day, "Cucumber-A", "-3 07:00", 2300)
    harvest(day, "Cucumber-A", 300, 2100, position=at("nanta", "G03"))


def keeping(day):
    day.act("stocktake", "-5 14:00", product="CAP5", lot="wugai-CAP5-1", quantity=2.9, uom="L", place="wugai-Store", operator="office-M1", note="月末盘点")
    day.act("destroy-input", "-4 15:00", product="SpawnOyster", lot="liantang-SpawnOyster-1", quantity=12, uom="kg", place="liantang-Store", reason="damaged", operator="liantang-W1", note="受潮污染")
    day.act("receive-input", 120, product="AZO25", lot="nanta-AZO25-2", quantity=6, uom="L", place="nanta-Store", supplier="lvfeng", invoice="示范发票-260099", expires="@+700@", operator="nanta-W1")


def clear(day):
    for code, *_, when in FINISHED:
        day.act("clear", when + "T16:00:00+08:00", season=f"{HOME}/{code}")


def last_weeks():
    day = Day()
    day.ask("POST", f"/api/orgs/{HOME}", {"code": HOME, "name": "苏仙区示范基地（示范数据）"})
    for code, name, note, role in PEOPLE:
        day.ask("PUT", f"/api/staff/{HOME}/{code}", {"name": name, "role": role, "note": note})
    for code, body in map(product, SOLD):
        day.ask("PUT", f"/api/products/{HOME}/{code}", body)
    seasons(day)
    for part in (stock_up, field_crops, mountain, greens, groves, houses, keeping, clear):
        part(day)
    return day.all()
