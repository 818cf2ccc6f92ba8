"""Story one: ratoon rice of a family farm.  One sowing, two harvests; 5,000 kg go to a customer in Shenzhen."""
import district as d
from gs1 import lot, own, unit
from story import Story, amount, kg, loss, transaction, units
from tests import MASS, elements, inhibition, residue, strip

FARM, MILL = d.place("guyu", "Site"), d.place("xiangsui", "Site")
FIELD, STORE, ROOM = d.place("guyu", "P01"), d.place("guyu", "Store"), d.place("guyu", "Test")
DRYER, STONES, BARN, PACKING = (d.place("xiangsui", x) for x in ("Dryer", "Mill", "Barn", "Work"))
SEASON = own("season", d.HOME, "Rice2026")
WORKER, SECOND = ("guyu", "W1"), ("guyu", "W2")
PADDY_A, PADDY_B, DRY_A, DRY_B = (d.farm_lot("guyu", x) for x in ("PaddyA26", "PaddyB26", "DryA26", "DryB26"))
BULK, BAGS = lot(d.RICE_BULK, "R261030"), lot(d.RICE_BAG, "R261031")
SERIALS = d.rice_bags(20)
CARTONS = [unit("9521202", 610310 + i, 1) for i in range(1, 6)]
PALLETS = [unit("9521202", 610320 + i, 2) for i in range(1, 6)]
LOAD = unit("9521202", 610330, 3)
POSITION = {"suyuan:latitude": 25.5871, "suyuan:longitude": 113.1264, "suyuan:accuracyM": 8}


def item(name):
    return d.farm_lot("guyu", name)


def handover(s, when_out, when_in, lots, frm, to, gate_out, gate_in, codes, out_operator=None):
    """Ship and receive between two organisations."""
    parties = {"sourceList": [{"type": "owning_party", "source": d.org(frm)}], "destinationList": [{"type": "owning_party", "destination": d.org(to)}]}
    s.observe(when_out, "shipping", gate_out, d.place(frm, "Site") if frm in d.PREFIX else gate_out, disposition="in_transit", quantityList=lots, bizTransactionList=[transaction("desadv", frm, codes)], operator=out_operator, **parties)
    s.observe(when_in, "receiving", gate_in, d.place(to, "Site") if to in d.PREFIX else gate_in, disposition="in_progress", quantityList=lots, bizTransactionList=[transaction("recadv", to, codes), transaction("desadv", frm, codes)], **parties)


def buy(s):
    stock = [kg(item("Seed26"), 60), kg(item("Organic26"), 3600), kg(item("NPK26"), 1440), kg(item("Urea26"), 1250), amount(item("CAP26"), 1, "LTR"), amount(item("VAL26"), 6, "LTR"), kg(item("TMX26"), 0.2)]
    s.add("ObjectEvent", "2026-03-15 09:20", "receiving", STORE, FARM, action="ADD", disposition="active", quantityList=stock, bizTransactionList=[transaction("inv", "lvfeng", "INV260315")], operator=WORKER,
          sourceList=[{"type": "owning_party", "source": d.org("lvfeng")}], destinationList=[{"type": "owning_party", "destination": d.org("guyu")}])


def spray(s, when, name, quantity, uom, dose, target, photos=()):
    spec = {a["id"]: a["attribute"] for e in d.INPUTS if e["id"] == item(name) for a in e["attributes"]}
    s.put_in(when, "suyuan:spraying", FIELD, FARM, SEASON, [amount(item(name), quantity, uom)], photos=photos, operator=SECOND,
             more={"target": target, "dose": dose, "activeIngredient": spec["suyuan:activeIngredient"], "registrationNumber": spec["suyuan:registrationNumber"], "preHarvestIntervalDays": spec["suyuan:preHarvestIntervalDays"], "areaMu": 36, "position": POSITION})


def look(s, when, stage, note, photos=()):
    s.observe(when, "suyuan:growing", FIELD, FARM, epcList=[SEASON], photos=photos, operator=WORKER, more={"growthStage": stage, "note": note})


def first_crop(s):
    s.put_in("2026-03-22 08:10", "suyuan:sowing", FIELD, FARM, SEASON, [kg(item("Seed26"), 54)], operator=WORKER, more={"crop": "再生稻", "variety": "甬优4949", "areaMu": 36})
    s.put_in("2026-04-18 07:40", "suyuan:fertilising", FIELD, FARM, SEASON, [kg(item("Organic26"), 3600), kg(item("NPK26"), 1440)], operator=SECOND, more={"dose": "有机肥 100 kg/亩，复合肥 40 kg/亩", "areaMu": 36})
    s.observe("2026-04-20 08:30", "suyuan:transplanting", FIELD, FARM, epcList=[SEASON], photos=["rice-transplant"], operator=WORKER, more={"crop": "再生稻", "areaMu": 36, "note": "机插，行株距 30×14 cm"})
    s.put_in("2026-04-30 16:20", "suyuan:fertilising", FIELD, FARM, SEASON, [kg(item("Urea26"), 288)], operator=SECOND, more={"dose": "分蘖肥 8 kg/亩", "areaMu": 36})
    s.put_in("2026-05-03 06:50", "suyuan:irrigating", FIELD, FARM, SEASON, [amount(item("Water26"), 1800, "MTQ")], operator=WORKER)
    look(s, "2026-05-12 09:15", "BBCH 23", "分蘖盛期，苗齐苗壮")
    spray(s, "2026-05-26 17:10", "CAP26", 0.36, "LTR", "10 毫升/亩", "二化螟", ["rice-spray"])
    spray(s, "2026-06-28 17:30", "VAL26", 5.4, "LTR", "150 毫升/亩", "纹枯病")
    look(s, "2026-07-05 08:40", "BBCH 55", "抽穗整齐")
    spray(s, "2026-07-12 17:20", "TMX26", 0.108, "KGM", "3 克/亩", "稻飞虱")
    s.put_in("2026-07-30 06:40", "suyuan:fertilising", FIELD, FARM, SEASON, [kg(item("Urea26"), 540)], operator=SECOND, more={"dose": "促芽肥 15 kg/亩", "areaMu": 36})
    look(s, "2026-08-06 08:20", "BBCH 89", "头季完熟，留桩 40 cm 收割")


def harvest(s, when, out, quantity, begin, photos):
    s.add("TransformationEvent", when, "suyuan:harvesting", FIELD, FARM, photos=photos, operator=WORKER, transformationID=SEASON, outputQuantityList=[kg(out, quantity)], more={"areaMu": 36, "position": POSITION},
          ilmd={"cbvmda:lotNumber": out.split("/")[-1], "cbvmda:harvestStartDate": begin, "cbvmda:harvestEndDate": when[:10], "suyuan:variety": "甬优4949", "suyuan:crop": "再生稻"})


def rapid(s, when, what, percent):
    s.observe(when, "inspecting", ROOM, FARM, quantityList=[amount(what)], disposition="conformant", photos=["rapid-test"], operator=SECOND, bizTransactionList=[transaction("testres", "guyu", "RT" + when[:10].replace("-", ""))],
              sensorElementList=elements(inhibition(percent), strip("噻虫嗪")), more={"result": "合格", "basis": "自检"})


def dry(s, when, wet, dried, quantity, result):
    s.add("TransformationEvent", when, "suyuan:drying", DRYER, MILL, operator=("xiangsui", "W3"),
          inputQuantityList=[kg(wet, quantity)], outputQuantityList=[kg(dried, result)], more={"loss": [loss(quantity - result, "水分")]})


def first_harvest(s):
    harvest(s, "2026-08-12 15:30", PADDY_A, 19080, "2026-08-11", ["rice-first-harvest"])
    rapid(s, "2026-08-12 16:10", PADDY_A, 8.6)
    handover(s, "2026-08-12 17:00", "2026-08-12 18:10", [kg(PADDY_A, 19080)], "guyu", "xiangsui", FARM, MILL, "DN260812", out_operator=WORKER)
    dry(s, "2026-08-13 20:00", PADDY_A, DRY_A, 19080, 16536)
    handover(s, "2026-08-20 08:00", "2026-08-20 09:20", [kg(DRY_A, 16536)], "xiangsui", "liangku", MILL, d.place("liangku", "Gate"), "DN260820")


def ratoon_crop(s):
    s.put_in("2026-08-14 07:00", "suyuan:fertilising", FIELD, FARM, SEASON, [kg(item("Urea26"), 360)], operator=SECOND, more={"dose": "提苗肥 10 kg/亩", "areaMu": 36})
    s.put_in("2026-08-14 16:00", "suyuan:irrigating", FIELD, FARM, SEASON, [amount(item("Water26"), 1400, "MTQ")], operator=WORKER)
    look(s, "2026-08-22 09:00", "BBCH 21", "再生芽齐发", ["rice-ratoon"])
    spray(s, "2026-09-10 17:00", "CAP26", 0.36, "LTR", "10 毫升/亩", "稻纵卷叶螟", ["rice-spray"])
    look(s, "2026-09-20 08:50", "BBCH 61", "再生季扬花")
    harvest(s, "2026-10-20 16:00", PADDY_B, 9000, "2026-10-20", ["rice-ratoon-ripe"])
    rapid(s, "2026-10-20 16:40", PADDY_B, 6.2)
    handover(s, "2026-10-20 17:20", "2026-10-20 18:30", [kg(PADDY_B, 9000)], "guyu", "xiangsui", FARM, MILL, "DN261020", out_operator=WORKER)
    dry(s, "2026-10-21 21:00", PADDY_B, DRY_B, 9000, 7800)


def mill(s):
    s.observe("2026-10-24 15:30", "inspecting", d.place("shiyan", "Lab"), d.place("shiyan", "Lab"), quantityList=[amount(DRY_B)], disposition="conformant", photos=["laboratory"], bizTransactionList=[transaction("testres", "shiyan", "R-2610-0457")],
              sensorElementList=elements(residue("噻虫嗪", 0.02, 0.5, MASS), residue("吡虫啉", None, 0.05, MASS), residue("啶虫脒", None, 0.5, MASS), residue("氯虫苯甲酰胺", None, None, MASS), residue("井冈霉素", None, None, MASS), residue("镉", 0.06, 0.2, "GB 5009.15-2023")),
              more={"result": "合格", "basis": "GB 2763-2026、GB 2762-2025（按糙米）"})
    s.observe("2026-10-28 08:00", "storing", BARN, MILL, quantityList=[kg(DRY_B, 7800)], disposition="in_progress", sensorElementList=[{
        "sensorMetadata": {"startTime": "2026-10-22T08:00:00+08:00", "endTime": "2026-10-28T08:00:00+08:00", "deviceID": d.device("xiangsui", "Barn1")},
        "sensorReport": [{"type": "Temperature", "minValue": 14.1, "maxValue": 16.8, "meanValue": 15.3, "uom": "CEL"}, {"type": "RelativeHumidity", "minValue": 58.2, "maxValue": 66.9, "meanValue": 62.5, "uom": "P1"}]}])
    s.add("TransformationEvent", "2026-10-30 14:00", "suyuan:milling", STONES, MILL, photos=["rice-mill"], operator=("xiangsui", "W3"), inputQuantityList=[kg(DRY_B, 7400)], outputQuantityList=[kg(BULK, 5032)],
          more={"loss": [loss(1480, "稻壳"), loss(666, "米糠"), loss(222, "碎米")]}, ilmd={"cbvmda:lotNumber": "R261030", "suyuan:variety": "甬优4949", "suyuan:grade": "优质一级"})
    s.add("TransformationEvent", "2026-10-31 10:30", "packing", PACKING, MILL, photos=["rice-bags"], operator=("xiangsui", "W4"), inputQuantityList=[kg(BULK, 5032)], outputQuantityList=[amount(BAGS, 980)], outputEPCList=SERIALS,
          more={"loss": [loss(30, "色选剔除"), loss(2, "留样")]}, ilmd={"cbvmda:lotNumber": "R261031", "cbvmda:itemExpirationDate": "2027-04-30", "suyuan:grade": "优质一级"})


def pack_up(s):
    for i, carton in enumerate(CARTONS):
        s.add("AggregationEvent", f"2026-10-31 11:{i:02d}", "packing", PACKING, MILL, action="ADD", disposition="container_closed", parentID=carton, childEPCs=SERIALS[4 * i:4 * i + 4])
    for i, pallet in enumerate(PALLETS):
        s.add("AggregationEvent", f"2026-10-31 15:{i * 6:02d}", "packing", PACKING, MILL, photos=["pallet"] if i == 0 else (), action="ADD", disposition="container_closed", parentID=pallet, childEPCs=[CARTONS[i]], childQuantityList=[amount(BAGS, 196)])
    s.add("AggregationEvent", "2026-11-02 05:10", "loading", MILL, MILL, photos=["truck"], action="ADD", parentID=LOAD, childEPCs=PALLETS)


def deliver(s):
    truck, hub, shop = d.place("lengpei", "Truck2"), d.place("szliang", "Hub"), d.place("szliang", "Shop")
    papers = [transaction("po", "szliang", "PO260930"), transaction("desadv", "xiangsui", "DN261102")]
    way = {"sourceList": [{"type": "owning_party", "source": d.org("xiangsui")}, {"type": "location", "source": MILL}], "destinationList": [{"type": "owning_party", "destination": d.org("szliang")}, {"type": "location", "destination": hub}]}
    goods = {"epcList": [LOAD] + SERIALS, "quantityList": [amount(BAGS, 980)]}
    s.observe("2026-11-02 05:20", "shipping", MILL, MILL, disposition="in_transit", bizTransactionList=papers, **goods, **way)
    s.observe("2026-11-02 05:30", "departing", MILL, truck, epcList=[LOAD], disposition="in_transit", bizTransactionList=papers[1:])
    s.observe("2026-11-02 11:45", "transporting", truck, truck, epcList=[LOAD], disposition="in_transit", sensorElementList=[{
        "sensorMetadata": {"startTime": "2026-11-02T05:30:00+08:00", "endTime": "2026-11-02T11:45:00+08:00", "deviceID": d.device("lengpei", "Logger2"), "rawData": own("doc", "lengpei", "Log261102B")},
        "sensorReport": [{"type": "Temperature", "minValue": 15.2, "maxValue": 22.4, "meanValue": 18.9, "uom": "CEL"}]}])
    s.observe("2026-11-02 11:50", "arriving", hub, hub, epcList=[LOAD], disposition="in_progress", bizTransactionList=papers[1:])
    s.observe("2026-11-02 12:40", "receiving", hub, hub, disposition="in_progress", bizTransactionList=papers + [transaction("recadv", "szliang", "GR261102")], **goods, **way)
    s.add("AggregationEvent", "2026-11-02 13:10", "unpacking", hub, hub, action="DELETE", parentID=LOAD, childEPCs=PALLETS)
    for i, (pallet, carton) in enumerate(zip(PALLETS, CARTONS)):
        s.add("AggregationEvent", f"2026-11-02 14:{i * 5:02d}", "unpacking", hub, hub, action="DELETE", parentID=pallet, childEPCs=[carton], childQuantityList=[amount(BAGS, 196)])
        s.add("AggregationEvent", f"2026-11-02 16:{i * 5:02d}", "unpacking", shop, shop, action="DELETE", parentID=carton, childEPCs=SERIALS[4 * i:4 * i + 4])
    s.observe("2026-11-03 08:30", "stocking", shop, shop, disposition="sellable_accessible", epcList=SERIALS, quantityList=[amount(BAGS, 980)], photos=["rice-bags"])


def story():
    s = Story("ratoon-rice")
    for chapter in (buy, first_crop, first_harvest, ratoon_crop, mill, pack_up, deliver):
        chapter(s)
    return s


UNITS = units(("再生稻大米纸箱（4 袋）", "carton of 4 rice bags", CARTONS), ("再生稻大米托盘（200 袋）", "pallet of 200 rice bags", PALLETS), ("再生稻大米整车（5 托）", "truckload of 5 pallets", [LOAD]))

FRONT = {"uri": SERIALS[6], "title": ("栖凤渡再生稻大米 5 kg", "棲鳳渡再生稻大米 5 kg", "Qifengdu ratoon rice, 5 kg bag"),
         "note": ("一次播种、两季收割，从谷雨家庭农场到深圳货架", "一次播種、兩季收割，從穀雨家庭農場到深圳貨架", "One sowing, two harvests: from a family farm to a shelf in Shenzhen")}
