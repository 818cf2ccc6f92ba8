"""The district: eighteen enterprises, their partners, places, goods and inputs.  All of it is invented for demonstration."""
from gs1 import ORIGIN, gln, gtin, lot, own, trade_item
from story import Story, element

HOME = "default"        # the organisation that records everything of the demonstration: its seasons are on its desk

# code, name, English name, town, English town, main products, English, GS1 company prefix or None
ENTERPRISES = [
    ("guyu", "栖凤渡谷雨家庭农场（示范）", "Guyu Family Farm, Qifengdu (demo)", "栖凤渡镇", "Qifengdu", "再生稻", "ratoon rice", None),
    ("xiangsui", "湘穗米业（示范）", "Xiangsui Rice Mill (demo)", "白露塘镇", "Bailutang", "大米", "milled rice", "9521202"),
    ("wugai", "五盖山云顶高山蔬菜专业合作社（示范）", "Yunding Mountain Vegetable Cooperative, Wugaishan (demo)", "五盖山镇", "Wugaishan", "高山包菜", "mountain cabbage", "9521203"),
    ("aotian", "坳上红薹蔬菜种植基地（示范）", "Aoshang Red Flowering Cabbage Base (demo)", "坳上镇", "Aoshang", "红菜薹", "red flowering cabbage", None),
    ("liantang", "许家洞荷风莲藕食用菌专业合作社（示范）", "Hefeng Lotus Root and Mushroom Cooperative, Xujiadong (demo)", "许家洞镇", "Xujiadong", "莲藕、香菇、平菇", "lotus root, shiitake, oyster mushrooms", "9521205"),
    ("liangtian", "良田橘园果业（示范）", "Liangtian Citrus Orchard (demo)", "良田镇", "Liangtian", "脐橙", "navel oranges", "9521206"),
    ("feitian", "飞天山丹霞柰李园（示范）", "Danxia Nai Plum Garden, Feitianshan (demo)", "飞天山镇", "Feitianshan", "柰李", "nai plums", None),
    ("qinghe", "五里牌青禾育秧中心（示范）", "Qinghe Seedling Centre, Wulipai (demo)", "五里牌镇", "Wulipai", "水稻与蔬菜种苗", "rice and vegetable seedlings", None),
    ("micha", "五盖山米茶茶业（示范）", "Wugaishan Micha Tea (demo)", "五盖山镇", "Wugaishan", "绿茶", "green tea", "9521209"),
    ("yufen", "栖凤渡鱼粉食品厂（示范）", "Qifengdu Fish Noodle Works (demo)", "栖凤渡镇", "Qifengdu", "栖凤渡鱼粉", "Qifengdu fish noodles", "9521210"),
    ("youcha", "王仙岭油茶专业合作社（示范）", "Wangxianling Camellia Oil Cooperative (demo)", "王仙岭街道", "Wangxianling", "山茶油", "camellia oil", "9521211"),
    ("muyuan", "白露塘牧园生猪养殖场（示范）", "Muyuan Pig Farm, Bailutang (demo)", "白露塘镇", "Bailutang", "生猪", "pigs", None),
    ("linxia", "瓦窑坪林下土鸡养殖社（示范）", "Woodland Chicken Cooperative, Wayaoping (demo)", "瓦窑坪镇", "Wayaoping", "土鸡、土鸡蛋", "free-range chicken and eggs", None),
    ("danya", "良田蛋鸭养殖场（示范）", "Liangtian Laying Duck Farm (demo)", "良田镇", "Liangtian", "鸭蛋", "duck eggs", None),
    ("donghe", "飞天山东河生态鱼养殖社（示范）", "Donghe Ecological Fishery, Feitianshan (demo)", "飞天山镇", "Feitianshan", "草鱼、鳙鱼", "grass carp, bighead carp", None),
    ("putao", "良田葡萄种植基地（示范）", "Liangtian Grape Base (demo)", "良田镇", "Liangtian", "阳光玫瑰葡萄", "Shine Muscat grapes", "9521216"),
    ("nanta", "南塔设施蔬菜园（示范）", "Nanta Greenhouse Vegetables (demo)", "南塔街道", "Nanta", "番茄、辣椒", "tomatoes, peppers", "9521217"),
    ("lengpei", "苏仙农产品冷链配送中心（示范）", "Suxian Cold-Chain Distribution Centre (demo)", "白露塘镇", "Bailutang", "预冷、冷链运输", "pre-cooling, cold-chain transport", "9521218"),
]

PARTNERS = [
    ("lvfeng", "苏仙绿丰农资店（示范）", "Lvfeng Farm Supplies (demo)", "苏仙区", "Suxian"),
    ("jiance", "苏仙区农产品质量安全检测站（示范）", "Suxian Produce Testing Station (demo)", "苏仙区", "Suxian"),
    ("shiyan", "郴州农产品检测实验室（示范）", "Chenzhou Produce Laboratory (demo)", "郴州市", "Chenzhou"),
    ("liangku", "苏仙粮食储备库（示范）", "Suxian Grain Reserve (demo)", "苏仙区", "Suxian"),
    ("szliang", "深圳粮油贸易商（示范）", "Shenzhen Grain Trader (demo)", "深圳市", "Shenzhen"),
    ("szxian", "深圳湾鲜供应链（示范）", "Wanxian Supply Chain, Shenzhen (demo)", "深圳市", "Shenzhen"),
    ("szdian", "深圳福田样板门店（示范）", "Futian Model Store, Shenzhen (demo)", "深圳市", "Shenzhen"),
    ("wuhai", "苏仙无害化处理点（示范）", "Suxian Disposal Site (demo)", "苏仙区", "Suxian"),
]

PREFIX = {row[0]: row[7] for row in ENTERPRISES}


def org(code):
    return f"{ORIGIN}/417/{gln(PREFIX[code])}" if PREFIX.get(code) else own("org", code)


def place(code, spot):
    return f"{ORIGIN}/414/{gln(PREFIX[code])}/254/{spot}" if PREFIX.get(code) else own("place", code, spot)


def device(code, name):
    return own("device", code, name)


# The four key points of every enterprise, and its site as a whole.
POINTS = [("Site", "场区", "site"), ("Store", "投入品仓库", "input store"), ("Field", "种植养殖区", "growing area"), ("Work", "分拣加工间", "sorting and packing room"), ("Test", "检测室", "inspection room")]

# code, spot, name, English: what the stories need beside them
PLACES = [
    ("guyu", "P01", "栖凤渡 1 号再生稻田（36 亩）", "Qifengdu ratoon rice field 1 (36 mu)"), ("xiangsui", "Dryer", "湘穗米业烘干车间", "Xiangsui drying plant"),
    ("xiangsui", "Mill", "湘穗米业碾米车间", "Xiangsui milling plant"), ("xiangsui", "Barn", "湘穗米业低温仓库", "Xiangsui cool warehouse"), ("wugai", "P03", "五盖山 3 号高山菜地（20 亩）", "Wugaishan mountain plot 3 (20 mu)"),
    ("wugai", "Cool", "五盖山预冷库", "Wugaishan pre-cooling store"), ("aotian", "P07", "坳上 7 号红菜薹地（10 亩）", "Aoshang plot 7 (10 mu)"), ("aotian", "Cool", "坳上预冷间", "Aoshang pre-cooling room"),
    ("liantang", "Pond2", "许家洞 2 号藕塘（15 亩）", "Xujiadong lotus pond 2 (15 mu)"), ("liantang", "Pond3", "许家洞 3 号藕塘（12 亩）", "Xujiadong lotus pond 3 (12 mu)"), ("liantang", "Shed5", "许家洞 5 号菌棚", "Xujiadong mushroom shed 5"),
    ("lengpei", "Truck1", "1 号冷藏车", "refrigerated truck 1"), ("lengpei", "Truck2", "2 号货车", "lorry 2"), ("lvfeng", "Shop", "绿丰农资店", "Lvfeng shop"), ("jiance", "Lab", "检测站快检室", "testing station, rapid tests"),
    ("shiyan", "Lab", "郴州农产品检测实验室", "Chenzhou Produce Laboratory"), ("liangku", "Gate", "苏仙粮食储备库", "Suxian Grain Reserve"), ("szliang", "Hub", "深圳粮油仓库", "Shenzhen grain warehouse"),
    ("szliang", "Shop", "深圳龙华粮油店", "Longhua grain shop, Shenzhen"), ("szdian", "Dock", "深圳福田样板门店收货区", "Futian store, receiving dock"), ("szdian", "Shelf", "深圳福田样板门店货架", "Futian store, shelf"), ("wuhai", "Site", "苏仙无害化处理点", "Suxian disposal site"),
]

RICE_BULK, RICE_BAG = gtin("9521202", 1), gtin("9521202", 2)
CABBAGE, CABBAGE_CRATE = gtin("9521203", 1), gtin("9521203", 2)
LOTUS, LOTUS_PACK, SHIITAKE, SHIITAKE_PACK = (gtin("9521205", i) for i in (1, 2, 3, 4))

GOODS = [
    element(trade_item(RICE_BULK), "再生稻大米（散装）", "Ratoon rice, bulk", tradeItemKind="大米"),
    element(trade_item(RICE_BAG), "栖凤渡再生稻大米 5 kg", "Qifengdu ratoon rice 5 kg", netContent="5 kg", gradeAndStandard="GB/T 1354-2018 优质一级"),
    element(trade_item(CABBAGE), "五盖山高山包菜", "Wugaishan mountain cabbage"), element(trade_item(CABBAGE_CRATE), "五盖山高山包菜 15 kg 筐", "Wugaishan mountain cabbage, 15 kg crate", netContent="15 kg"),
    element(trade_item(LOTUS), "许家洞莲藕", "Xujiadong lotus root"), element(trade_item(LOTUS_PACK), "许家洞净莲藕 2.5 kg", "Xujiadong cleaned lotus root 2.5 kg", netContent="2.5 kg"),
    element(trade_item(SHIITAKE), "许家洞鲜香菇", "Xujiadong fresh shiitake"), element(trade_item(SHIITAKE_PACK), "许家洞鲜香菇 500 g 盒", "Xujiadong fresh shiitake, 500 g punnet", netContent="500 g"),
]


def farm_lot(code, name):
    return own("lot", code, name)


def material(code, name, hans, en, **more):
    return element(farm_lot(code, name), hans, en, **more)


def pesticide(code, name, hans, en, ingredient, formulation, number, days):
    """The registration number is a placeholder: the real label decides, and it is not ours to invent."""
    return material(code, name, hans, en, activeIngredient=ingredient, formulation=formulation, registrationNumber=f"PD示范{number:04d}", preHarvestIntervalDays=days)


INPUTS = [
    material("guyu", "Seed26", "水稻种子 甬优4949", "rice seed Yongyou 4949", variety="甬优4949"), material("guyu", "Organic26", "商品有机肥", "organic fertiliser"), material("guyu", "NPK26", "复合肥 15-15-15", "compound fertiliser 15-15-15"),
    material("guyu", "Urea26", "尿素 46%", "urea 46 %"), material("guyu", "Water26", "东江灌区灌溉水", "irrigation water, Dongjiang scheme"),
    pesticide("guyu", "CAP26", "氯虫苯甲酰胺 200 克/升悬浮剂", "chlorantraniliprole 200 g/L SC", "氯虫苯甲酰胺", "悬浮剂", 1, 7), pesticide("guyu", "VAL26", "井冈霉素 5% 水剂", "validamycin 5 % AS", "井冈霉素", "水剂", 2, 14),
    pesticide("guyu", "TMX26", "噻虫嗪 25% 水分散粒剂", "thiamethoxam 25 % WG", "噻虫嗪", "水分散粒剂", 3, 28),
    material("wugai", "Seed26", "包菜种子 京丰一号", "cabbage seed Jingfeng No. 1", variety="京丰一号"), material("wugai", "Organic26", "商品有机肥", "organic fertiliser"), material("wugai", "NPK26", "复合肥 15-15-15", "compound fertiliser 15-15-15"), material("wugai", "Water26", "山泉灌溉水", "spring water"),
    pesticide("wugai", "CAP26", "氯虫苯甲酰胺 5% 悬浮剂", "chlorantraniliprole 5 % SC", "氯虫苯甲酰胺", "悬浮剂", 4, 1), pesticide("wugai", "EMA26", "甲氨基阿维菌素苯甲酸盐 0.5% 微乳剂", "emamectin benzoate 0.5 % ME", "甲氨基阿维菌素苯甲酸盐", "微乳剂", 5, 7),
    material("aotian", "Seed26", "红菜薹种子 湘红一号", "red flowering cabbage seed Xianghong No. 1", variety="湘红一号"), material("aotian", "Organic26", "商品有机肥", "organic fertiliser"), material("aotian", "Urea26", "尿素 46%", "urea 46 %"), material("aotian", "Water26", "山塘灌溉水", "pond water"),
    pesticide("aotian", "ABA26", "阿维菌素 1.8% 乳油", "abamectin 1.8 % EC", "阿维菌素", "乳油", 6, 7),
    material("liantang", "Seed2", "莲藕种藕 鄂莲五号", "lotus seed rhizomes Elian No. 5", variety="鄂莲五号"), material("liantang", "Organic26", "商品有机肥", "organic fertiliser"), material("liantang", "Spawn26", "香菇菌种 808", "shiitake spawn 808", variety="香菇808"),
    material("liantang", "Sawdust26", "杂木屑菌棒料", "hardwood sawdust substrate"), material("liantang", "Water26", "地下水", "groundwater"), pesticide("liantang", "IMI26", "吡虫啉 10% 可湿性粉剂", "imidacloprid 10 % WP", "吡虫啉", "可湿性粉剂", 7, 15),
]

LOTS = [
    material("guyu", "PaddyA26", "再生稻头季湿谷", "ratoon rice paddy, first harvest"), material("guyu", "PaddyB26", "再生稻再生季湿谷", "ratoon rice paddy, ratoon harvest"),
    element(farm_lot("guyu", "DryA26"), "再生稻头季干谷", "dried paddy, first harvest"), element(farm_lot("guyu", "DryB26"), "再生稻再生季干谷", "dried paddy, ratoon harvest"),
    material("aotian", "CT1105", "坳上红菜薹", "Aoshang red flowering cabbage"), material("aotian", "CTBox1105", "坳上红菜薹 10 kg 箱", "Aoshang red flowering cabbage, 10 kg box"),
]

SEASONS = [
    element(own("season", HOME, "Rice2026"), "2026 年再生稻（头季与再生季）", "Ratoon rice 2026 (first and ratoon harvest)"), element(own("season", HOME, "Cabbage2026"), "2026 年高山包菜秋茬", "Mountain cabbage, autumn 2026"),
    element(own("season", HOME, "Caitai2026"), "2026 年红菜薹秋茬", "Red flowering cabbage, autumn 2026"), element(own("season", HOME, "Pond2-2026"), "2 号塘 2026 年莲藕", "Lotus root 2026, pond 2"),
    element(own("season", HOME, "Pond3-2026"), "3 号塘 2026 年莲藕", "Lotus root 2026, pond 3"), element(own("season", HOME, "Shed5-2026"), "5 号棚 2026 年香菇", "Shiitake 2026, shed 5"),
]


def organisations():
    out = [element(org(code), hans, en, city="郴州市苏仙区" + town, cityEn=town_en + ", Suxian, Chenzhou", cityHant="郴州市蘇仙區" + town.replace("栖凤", "棲鳳").replace("盖", "蓋").replace("许", "許").replace("飞", "飛").replace("岭街", "嶺街"),
                   town=town, creditCode=f"示范91431003DEMO{i:04d}", mainProducts=goods, mainProductsEn=goods_en)
           for i, (code, hans, en, town, town_en, goods, goods_en, _) in enumerate(ENTERPRISES, 1)]
    return out + [element(org(code), hans, en, city=town, cityEn=town_en, cityHant=town.replace("苏仙区", "蘇仙區")) for code, hans, en, town, town_en in PARTNERS]


def short(row):
    """What people call an enterprise, for the names of its rooms."""
    hans = row[1].replace("（示范）", "")
    for tail in ("高山蔬菜专业合作社", "莲藕食用菌专业合作社", "专业合作社", "家庭农场", "蔬菜种植基地", "种植基地", "生态鱼养殖社", "养殖社", "养殖场", "食品厂", "配送中心"):
        hans = hans.removesuffix(tail)
    return hans, row[2].replace(" (demo)", "").split(",")[0]


def places():
    def of(row):
        name = short(row)
        return [element(place(row[0], spot), name[0] + hans, f"{name[1]}: {en}") for spot, hans, en in POINTS]
    return [e for row in ENTERPRISES for e in of(row)] + [element(place(c, spot), hans, en) for c, spot, hans, en in PLACES]


def devices():
    cameras = [element(device(row[0], f"Cam{i}"), short(row)[0] + spot[1] + "摄像机", f"{short(row)[1]}: camera, {spot[2]}", cameraPoint=spot[0]) for row in ENTERPRISES for i, spot in enumerate(POINTS[1:], 1)]
    return cameras + [element(device("lengpei", f"Logger{i}"), f"{i} 号车温度记录仪", f"temperature logger, vehicle {i}") for i in (1, 2)] + [element(device("xiangsui", "Barn1"), "仓库温湿度记录仪", "warehouse temperature and humidity logger")]


def master():
    vtype = "urn:epcglobal:epcis:vtype:"
    return [("https://w3id.org/suyuan/voc/Organisation", organisations()), (vtype + "BusinessLocation", places()), (vtype + "EPCClass", GOODS + INPUTS + LOTS),
            ("https://w3id.org/suyuan/voc/Season", SEASONS), ("https://w3id.org/suyuan/voc/Device", devices())]


def story():
    """Each enterprise got its four cameras at the start of the year."""
    s = Story("district")
    for i, row in enumerate(ENTERPRISES):
        site = place(row[0], "Site")
        s.add("AssociationEvent", f"2026-01-{5 + i:02d} 10:00", "installing", site, site, action="ADD", parentID=site, childEPCs=[device(row[0], f"Cam{n}") for n in (1, 2, 3, 4)])
    return s


def rice_bags(n):
    from gs1 import pack
    return [pack(RICE_BAG, f"R2610310{i:04d}") for i in range(1, n + 1)]


def lotus_packs(n):
    from gs1 import pack
    return [pack(LOTUS_PACK, f"L2609120{i:04d}") for i in range(1, n + 1)]
