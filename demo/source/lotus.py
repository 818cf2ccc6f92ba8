"""Story three: a cooperative's lotus root and mushrooms.  One lot failed its test: held, and all that was made of it recalled and destroyed."""
import district as d
from cabbage import Farm
from gs1 import lot, own, unit
from story import Story, amount, kg, loss, transaction, units
from tests import MASS, elements, inhibition, residue, strip

SITE, WORK, ROOM = d.place("liantang", "Site"), d.place("liantang", "Work"), d.place("liantang", "Test")
POND2, POND3, SHED = (own("season", d.HOME, x) for x in ("Pond2-2026", "Pond3-2026", "Shed5-2026"))
BAD, GOOD, FRESH = lot(d.LOTUS, "LR0912"), lot(d.LOTUS, "LR1020"), lot(d.SHIITAKE, "XG0911")
BAD_PACKS, GOOD_PACKS, PUNNETS = lot(d.LOTUS_PACK, "L260912"), lot(d.LOTUS_PACK, "L261020"), lot(d.SHIITAKE_PACK, "X260911")
SERIALS = d.lotus_packs(20)
CARTONS = [unit("9521205", 609120 + i) for i in range(1, 3)]
PALLETS = [unit("9521205", 609130 + i) for i in range(1, 3)]
MUSHROOM_PALLET, LOTUS_PALLET = unit("9521205", 609140), unit("9521205", 610200)
TRUCK, DOCK, SHELF = d.place("lengpei", "Truck1"), d.place("szdian", "Dock"), d.place("szdian", "Shelf")
HOLD = {"set": ["suyuan:on_hold"]}


def ponds(two, three):
    two.buy("2026-03-10 09:00", [kg(two.item("Seed2"), 8100), kg(two.item("Organic26"), 5400), kg(two.item("IMI26"), 2), kg(two.item("Sawdust26"), 1200), kg(two.item("Spawn26"), 60)], "INV260310")
    for farm, day in ((two, "2026-03-28"), (three, "2026-03-30")):
        farm.put(day + " 08:00", "sowing", [kg(farm.item("Seed2"), 300 * farm.area)], crop="莲藕", variety="鄂莲五号")
        farm.put(day[:5] + "05-10 07:30", "fertilising", [kg(farm.item("Organic26"), 200 * farm.area)], dose="200 kg/亩")
        farm.look(day[:5] + "06-25 09:00", photos=["lotus-pond"], growthStage="BBCH 60", note="始花期，立叶封行")
        farm.spray(day[:5] + "07-20 17:00", "IMI26", farm.area * 0.02, "KGM", "20 克/亩", "莲缢管蚜")
    two.spray("2026-09-02 17:10", "IMI26", 0.3, "KGM", "20 克/亩", "莲缢管蚜")


def shed(f):
    f.put("2026-03-18 09:00", "inoculating", [kg(f.item("Sawdust26"), 1200), kg(f.item("Spawn26"), 60)], crop="香菇", variety="香菇808", photos=["mushrooms"])
    f.put("2026-06-02 08:00", "irrigating", [amount(f.item("Water26"), 6, "MTQ")])
    f.look("2026-08-30 09:00", "tending", note="控温催蕾，全程未用药")


def wash(s, when, raw, quantity, packs, count, serials, lost, code):
    s.add("TransformationEvent", when, "packing", WORK, SITE, operator=("liantang", "W2"), inputQuantityList=[kg(raw, quantity)], outputQuantityList=[amount(packs, count)], more={"loss": [loss(lost, "清洗去泥、切头与次品")]},
          ilmd={"cbvmda:lotNumber": code, "cbvmda:itemExpirationDate": "2026-09-26" if serials else "2026-11-03"}, **({"outputEPCList": serials} if serials else {}))


def laboratory(s, when, what, reports, code, good, more):
    s.observe(when, "inspecting", d.place("shiyan", "Lab"), d.place("shiyan", "Lab"), quantityList=[amount(what)], disposition="conformant" if good else "non_conformant", photos=["laboratory"], bizTransactionList=[transaction("testres", "shiyan", code)], sensorElementList=elements(*reports),
              more={"result": "合格" if good else "不合格", "basis": "GB 2763-2026", **more})


def certify(s, when, what, code):
    s.observe(when, "suyuan:certifying", WORK, SITE, quantityList=[amount(what)], disposition="conformant", bizTransactionList=[transaction("cert", "liantang", code)], more={"basis": "自检合格"})


def ship(s, day, epcs, lots, code, temperatures):
    papers = [transaction("po", "szxian", "PO" + code), transaction("desadv", "liantang", "DN" + code)]
    way = {"sourceList": [{"type": "owning_party", "source": d.org("liantang")}], "destinationList": [{"type": "owning_party", "destination": d.org("szxian")}, {"type": "location", "destination": DOCK}]}
    goods = {"epcList": epcs, "quantityList": lots}
    s.observe(day + " 03:20", "shipping", SITE, TRUCK, disposition="in_transit", bizTransactionList=papers, photos=["truck"], **goods, **way)
    s.observe(day + " 03:30", "departing", SITE, TRUCK, epcList=epcs, disposition="in_transit", bizTransactionList=papers[1:])
    low, high, mean = temperatures
    s.observe(day + " 08:05", "transporting", TRUCK, TRUCK, epcList=epcs, disposition="in_transit", sensorElementList=[{
        "sensorMetadata": {"startTime": f"{day}T03:30:00+08:00", "endTime": f"{day}T08:05:00+08:00", "deviceID": d.device("lengpei", "Logger1"), "rawData": own("doc", "lengpei", "Log" + code)}, "sensorReport": [{"type": "Temperature", "minValue": low, "maxValue": high, "meanValue": mean, "uom": "CEL"}]}])
    s.observe(day + " 08:10", "arriving", DOCK, DOCK, epcList=epcs, disposition="in_progress", bizTransactionList=papers[1:])
    s.observe(day + " 08:40", "receiving", DOCK, DOCK, disposition="in_progress", bizTransactionList=papers + [transaction("recadv", "szxian", "GR" + code)], **goods, **way)


def september(s, two, five):
    """The rapid test by enzyme inhibition is blind to imidacloprid: it passed, the laboratory did not."""
    five.harvest("2026-09-11 08:00", FRESH, 400, "香菇808", "香菇", ["mushrooms"])
    s.observe("2026-09-11 08:40", "inspecting", ROOM, SITE, quantityList=[amount(FRESH)], disposition="conformant", photos=["rapid-test"], bizTransactionList=[transaction("testres", "liantang", "RT20260911")], sensorElementList=elements(inhibition(7.4), strip("啶虫脒")), more={"result": "合格", "basis": "自检"})
    s.add("TransformationEvent", "2026-09-11 14:00", "packing", WORK, SITE, operator=("liantang", "W2"), inputQuantityList=[kg(FRESH, 400)], outputQuantityList=[amount(PUNNETS, 784)], more={"loss": [loss(8, "剪柄与次品")]}, ilmd={"cbvmda:lotNumber": "X260911", "cbvmda:itemExpirationDate": "2026-09-18"})
    certify(s, "2026-09-11 14:20", PUNNETS, "HGZ260911")
    s.add("AggregationEvent", "2026-09-12 16:00", "packing", WORK, SITE, action="ADD", disposition="container_closed", parentID=MUSHROOM_PALLET, childQuantityList=[amount(PUNNETS, 784)])
    two.harvest("2026-09-12 09:00", BAD, 3000, "鄂莲五号", "莲藕", ["lotus-root"])
    s.observe("2026-09-12 09:40", "inspecting", ROOM, SITE, quantityList=[amount(BAD)], disposition="conformant", photos=["rapid-test"], bizTransactionList=[transaction("testres", "liantang", "RT20260912")], sensorElementList=elements(inhibition(13.8)), more={"result": "合格", "basis": "自检"})
    wash(s, "2026-09-12 14:00", BAD, 3000, BAD_PACKS, 1060, SERIALS, 300, "L260912")
    certify(s, "2026-09-12 14:30", BAD_PACKS, "HGZ260912")
    for i, carton in enumerate(CARTONS):
        s.add("AggregationEvent", f"2026-09-12 15:0{i}", "packing", WORK, SITE, action="ADD", disposition="container_closed", parentID=carton, childEPCs=SERIALS[10 * i:10 * i + 10])
        s.add("AggregationEvent", f"2026-09-12 15:3{i}", "packing", WORK, SITE, photos=["pallet"] if i == 0 else (), action="ADD", disposition="container_closed", parentID=PALLETS[i], childEPCs=[carton], childQuantityList=[amount(BAD_PACKS, 530)])
    ship(s, "2026-09-13", PALLETS + [MUSHROOM_PALLET], [amount(BAD_PACKS, 1060), amount(PUNNETS, 784)], "260913", (3.2, 6.1, 4.5))
    s.add("AggregationEvent", "2026-09-13 08:50", "unpacking", DOCK, DOCK, action="DELETE", parentID=MUSHROOM_PALLET, childQuantityList=[amount(PUNNETS, 784)])
    for pallet, carton in zip(PALLETS, CARTONS):
        s.add("AggregationEvent", "2026-09-13 08:55", "unpacking", DOCK, DOCK, action="DELETE", parentID=pallet, childEPCs=[carton], childQuantityList=[amount(BAD_PACKS, 530)])
    s.observe("2026-09-13 09:30", "stocking", SHELF, SHELF, disposition="sellable_accessible", epcList=CARTONS + SERIALS, quantityList=[amount(BAD_PACKS, 1060), amount(PUNNETS, 784)], photos=["shelf"])
    s.add("ObjectEvent", "2026-09-14 20:00", "retail_selling", SHELF, SHELF, action="DELETE", disposition="retail_sold", quantityList=[amount(BAD_PACKS, 35)])


def recall(s):
    packs = {"epcList": SERIALS + CARTONS + PALLETS, "quantityList": [amount(BAD_PACKS, 1060), kg(BAD, 3000)]}
    laboratory(s, "2026-09-15 09:00", BAD, [residue("吡虫啉", 0.11, 0.05, MASS), residue("啶虫脒", None, 0.05, MASS)], "R-2609-0312", False, {"note": "9 月 12 日产地抽样；末次用药距采收 10 天，标签要求 15 天"})
    s.observe("2026-09-15 09:20", "holding", SITE, SITE, disposition="suyuan:on_hold", persistentDisposition=HOLD, operator=("liantang", "W1"), more={"basis": "R-2609-0312 吡虫啉 0.11 mg/kg，限量 0.05 mg/kg"}, **packs)
    s.observe("2026-09-15 10:05", "holding", SHELF, SHELF, disposition="recalled", persistentDisposition={"set": ["recalled"]}, more={"basis": "《食品召回管理办法》二级召回"}, **packs)
    left = {"epcList": SERIALS, "quantityList": [amount(BAD_PACKS, 1025)]}
    for carton in CARTONS:
        s.add("AggregationEvent", "2026-09-15 13:00", "unpacking", DOCK, DOCK, action="DELETE", parentID=carton, childEPCs=SERIALS[10 * CARTONS.index(carton):10 * CARTONS.index(carton) + 10])
    s.observe("2026-09-15 14:00", "shipping", DOCK, TRUCK, disposition="returned", bizTransactionList=[transaction("rma", "szxian", "RMA260915")], sourceList=[{"type": "owning_party", "source": d.org("szxian")}], destinationList=[{"type": "owning_party", "destination": d.org("liantang")}], **left)
    s.observe("2026-09-15 19:30", "receiving", d.place("wuhai", "Site"), d.place("wuhai", "Site"), disposition="non_sellable_other", bizTransactionList=[transaction("rma", "szxian", "RMA260915")], **left)
    s.add("ObjectEvent", "2026-09-16 10:00", "destroying", d.place("wuhai", "Site"), d.place("wuhai", "Site"), action="DELETE", disposition="destroyed", photos=["destroyed"], more={"basis": "监督销毁，无害化处理"}, **left)


def october(s, three):
    three.harvest("2026-10-20 08:30", GOOD, 2200, "鄂莲五号", "莲藕", ["lotus-root"])
    laboratory(s, "2026-10-20 17:00", GOOD, [residue("吡虫啉", 0.01, 0.05, MASS), residue("啶虫脒", None, 0.05, MASS)], "R-2610-0398", True, {})
    wash(s, "2026-10-21 09:00", GOOD, 2200, GOOD_PACKS, 800, None, 200, "L261020")
    certify(s, "2026-10-21 09:30", GOOD_PACKS, "HGZ261021")
    s.add("AggregationEvent", "2026-10-21 15:00", "packing", WORK, SITE, action="ADD", disposition="container_closed", parentID=LOTUS_PALLET, childQuantityList=[amount(GOOD_PACKS, 800)])
    ship(s, "2026-10-22", [LOTUS_PALLET], [amount(GOOD_PACKS, 800)], "261022", (3.0, 5.8, 4.2))
    s.add("AggregationEvent", "2026-10-22 08:50", "unpacking", DOCK, DOCK, action="DELETE", parentID=LOTUS_PALLET, childQuantityList=[amount(GOOD_PACKS, 800)])
    s.observe("2026-10-22 09:20", "stocking", SHELF, SHELF, disposition="sellable_accessible", quantityList=[amount(GOOD_PACKS, 800)], photos=["shelf"])


def story():
    s = Story("held-and-recalled")
    two, three, five = (Farm(s, "liantang", d.place("liantang", p), season, area) for p, season, area in (("Pond2", POND2, 15), ("Pond3", POND3, 12), ("Shed5", SHED, 2)))
    ponds(two, three)
    shed(five)
    september(s, two, five)
    recall(s)
    october(s, three)
    return s


UNITS = units(("净莲藕纸箱（10 袋）", "carton of 10 lotus root bags", CARTONS), ("净莲藕托盘", "pallet of lotus root", PALLETS + [LOTUS_PALLET]), ("香菇托盘", "pallet of shiitake", [MUSHROOM_PALLET]))

FRONT = {"uri": SERIALS[2], "title": ("许家洞净莲藕 2.5 kg（已召回）", "許家洞淨蓮藕 2.5 kg（已召回）", "Xujiadong lotus root 2.5 kg (recalled)"),
         "note": ("检测不合格，已暂控、召回并销毁", "檢測不合格，已暫控、召回並銷毀", "Failed its test: held, recalled and destroyed")}
