"""Story two: mountain cabbage and red flowering cabbage, grown to a Shenzhen trader's order, on the shelf within five hours of picking."""
import district as d
from gs1 import lot, own, unit
from story import Story, amount, kg, loss, transaction, units
from tests import elements, inhibition, strip

HILL, SOUTH = d.place("wugai", "Site"), d.place("aotian", "Site")
PLOT, BED = d.place("wugai", "P03"), d.place("aotian", "P07")
CABBAGE, CAITAI = own("season", d.HOME, "Cabbage2026"), own("season", d.HOME, "Caitai2026")
HEADS, CRATES = lot(d.CABBAGE, "C261105"), lot(d.CABBAGE_CRATE, "C261105")
STALKS, BOXES = d.farm_lot("aotian", "CT1105"), d.farm_lot("aotian", "CTBox1105")
PALLETS = [unit("9521203", 611050 + i) for i in range(1, 4)]
CAGE = own("unit", "aotian", "Cage1105")
LOAD = unit("9521218", 611050)
TRUCK, DOCK, SHELF = d.place("lengpei", "Truck1"), d.place("szdian", "Dock"), d.place("szdian", "Shelf")
ORDER = [transaction("po", "szxian", "PO260701"), transaction("prodorder", "szxian", "GROW260701")]
DELIVERY = [transaction("po", "szxian", "PO260701"), transaction("desadv", "lengpei", "DN261105")]


class Farm:
    def __init__(self, story, code, plot, season, area):
        self.s, self.code, self.plot, self.season, self.area, self.site, self.who = story, code, plot, season, area, d.place(code, "Site"), (code, "W1")

    def item(self, name):
        return d.farm_lot(self.code, name)

    def buy(self, when, stock, invoice):
        self.s.add("ObjectEvent", when, "receiving", d.place(self.code, "Store"), self.site, action="ADD", disposition="active", quantityList=stock, bizTransactionList=[transaction("inv", "lvfeng", invoice)], operator=self.who,
                   sourceList=[{"type": "owning_party", "source": d.org("lvfeng")}], destinationList=[{"type": "owning_party", "destination": d.org(self.code)}])

    def put(self, when, step, inputs, **more):
        self.s.put_in(when, "suyuan:" + step, self.plot, self.site, self.season, inputs, operator=self.who, photos=more.pop("photos", ()), more={**more, "areaMu": self.area})

    def spray(self, when, name, quantity, uom, dose, target, photos=()):
        spec = {a["id"]: a["attribute"] for e in d.INPUTS if e["id"] == self.item(name) for a in e["attributes"]}
        self.put(when, "spraying", [amount(self.item(name), quantity, uom)], photos=photos, target=target, dose=dose, activeIngredient=spec["suyuan:activeIngredient"], registrationNumber=spec["suyuan:registrationNumber"], preHarvestIntervalDays=spec["suyuan:preHarvestIntervalDays"])

    def look(self, when, step="growing", photos=(), **more):
        self.s.observe(when, "suyuan:" + step, self.plot, self.site, epcList=[self.season], photos=photos, operator=self.who, more=more)

    def harvest(self, when, out, quantity, variety, crop, photos=()):
        self.s.add("TransformationEvent", when, "suyuan:harvesting", self.plot, self.site, photos=photos, operator=self.who, transformationID=self.season, outputQuantityList=[kg(out, quantity)], more={"areaMu": self.area},
                   ilmd={"cbvmda:lotNumber": out.split("/")[-1], "cbvmda:harvestStartDate": when[:10], "cbvmda:harvestEndDate": when[:10], "suyuan:variety": variety, "suyuan:crop": crop})

    def cool(self, when, begin, what, quantity, low, high, mean):
        self.s.observe(when, "suyuan:precooling", d.place(self.code, "Cool"), self.site, quantityList=[kg(what, quantity)], disposition="in_progress", photos=["precool"], sensorElementList=[{
            "sensorMetadata": {"startTime": f"{begin.replace(' ', 'T')}:00+08:00", "endTime": f"{when.replace(' ', 'T')}:00+08:00"}, "sensorReport": [{"type": "Temperature", "minValue": low, "maxValue": high, "meanValue": mean, "uom": "CEL"}]}])

    def test(self, when, what, reports, code):
        self.s.observe(when, "inspecting", d.place(self.code, "Test"), self.site, quantityList=[amount(what)], disposition="conformant", photos=["rapid-test"], operator=self.who, bizTransactionList=[transaction("testres", self.code, code)],
                       sensorElementList=elements(*reports), more={"result": "合格", "basis": "自检"})

    def certify(self, when, what, code):
        self.s.observe(when, "suyuan:certifying", d.place(self.code, "Work"), self.site, quantityList=[amount(what)], disposition="conformant", bizTransactionList=[transaction("cert", self.code, code)], more={"basis": "自检合格"})


def order(s):
    for when, plot, farm, season in (("2026-07-01 10:00", PLOT, HILL, CABBAGE), ("2026-07-01 10:05", BED, SOUTH, CAITAI)):
        s.add("TransactionEvent", when, "suyuan:ordering", plot, farm, action="ADD", bizTransactionList=ORDER, epcList=[season], more={"note": "按订单种植：11 月 5 日上午上架"},
              sourceList=[{"type": "owning_party", "source": d.org("wugai" if farm == HILL else "aotian")}], destinationList=[{"type": "owning_party", "destination": d.org("szxian")}])


def hill(f):
    f.buy("2026-07-05 09:00", [kg(f.item("Seed26"), 1), kg(f.item("Organic26"), 8000), kg(f.item("NPK26"), 800), amount(f.item("CAP26"), 2, "LTR"), amount(f.item("EMA26"), 3, "LTR")], "INV260705")
    f.put("2026-07-20 07:30", "sowing", [kg(f.item("Seed26"), 0.8)], crop="高山包菜", variety="京丰一号")
    f.put("2026-08-15 07:00", "fertilising", [kg(f.item("Organic26"), 8000), kg(f.item("NPK26"), 400)], dose="有机肥 400 kg/亩，复合肥 20 kg/亩")
    f.look("2026-08-18 08:00", "transplanting", crop="高山包菜", note="海拔 1100 米，起垄移栽")
    f.put("2026-08-19 17:00", "irrigating", [amount(f.item("Water26"), 240, "MTQ")])
    f.look("2026-09-12 09:00", growthStage="BBCH 19", note="莲座期，长势整齐")
    f.put("2026-09-18 07:00", "fertilising", [kg(f.item("NPK26"), 400)], dose="追肥 20 kg/亩")
    f.look("2026-09-28 08:00", "weeding", note="人工除草")
    f.spray("2026-10-08 16:30", "EMA26", 2, "LTR", "100 毫升/亩", "小菜蛾")
    f.spray("2026-10-20 16:40", "CAP26", 0.8, "LTR", "40 毫升/亩", "甜菜夜蛾")
    f.look("2026-11-01 09:00", photos=["cabbage-hill"], growthStage="BBCH 49", note="叶球紧实，可采收")


def south(f):
    f.buy("2026-08-20 09:30", [kg(f.item("Seed26"), 1), kg(f.item("Organic26"), 3000), kg(f.item("Urea26"), 100), amount(f.item("ABA26"), 1, "LTR")], "INV260820")
    f.put("2026-08-28 07:20", "sowing", [kg(f.item("Seed26"), 0.6)], crop="红菜薹", variety="湘红一号")
    f.put("2026-09-20 07:00", "fertilising", [kg(f.item("Organic26"), 3000)], dose="有机肥 300 kg/亩")
    f.look("2026-09-22 08:00", "transplanting", crop="红菜薹")
    f.put("2026-09-23 17:00", "irrigating", [amount(f.item("Water26"), 110, "MTQ")])
    f.spray("2026-10-12 16:50", "ABA26", 0.3, "LTR", "30 毫升/亩", "小菜蛾")
    f.put("2026-10-16 07:10", "fertilising", [kg(f.item("Urea26"), 80)], dose="8 kg/亩")
    f.look("2026-11-02 09:20", photos=["caitai-field"], growthStage="BBCH 51", note="主薹抽出，花蕾未开")


def morning(s, hill_farm, south_farm):
    """The clock: picked → cooled → loaded → departed → arrived → on the shelf."""
    day = "2026-11-05 "
    hill_farm.harvest(day + "04:40", HEADS, 2400, "京丰一号", "高山包菜", ["cabbage-hill"])
    hill_farm.cool(day + "04:58", day + "04:43", HEADS, 2400, 3.1, 9.8, 5.4)
    hill_farm.test(day + "05:00", HEADS, [inhibition(11.3), strip("啶虫脒"), strip("甲氨基阿维菌素")], "RT20261105")
    s.add("TransformationEvent", day + "05:04", "packing", d.place("wugai", "Work"), HILL, operator=("wugai", "W2"), inputQuantityList=[kg(HEADS, 2400)], outputQuantityList=[amount(CRATES, 144)], more={"loss": [loss(240, "外叶与次品")]}, ilmd={"cbvmda:lotNumber": "C261105"})
    hill_farm.certify(day + "05:06", CRATES, "HGZ261105")
    for i, pallet in enumerate(PALLETS):
        s.add("AggregationEvent", f"{day}05:0{7 + i}", "packing", d.place("wugai", "Work"), HILL, action="ADD", disposition="container_closed", parentID=pallet, childQuantityList=[amount(CRATES, 48)])
    s.add("AggregationEvent", day + "05:12", "loading", HILL, TRUCK, photos=["truck"], action="ADD", parentID=LOAD, childEPCs=PALLETS)
    s.observe(day + "05:15", "departing", HILL, TRUCK, epcList=PALLETS + [LOAD], disposition="in_transit", bizTransactionList=DELIVERY)
    south_farm.harvest(day + "04:50", STALKS, 630, "湘红一号", "红菜薹", ["caitai-field"])
    south_farm.cool(day + "05:06", day + "04:53", STALKS, 630, 3.4, 10.2, 5.9)
    south_farm.test(day + "05:10", STALKS, [inhibition(9.7), strip("啶虫脒"), strip("阿维菌素")], "RT20261105")
    s.add("TransformationEvent", day + "05:18", "packing", d.place("aotian", "Work"), SOUTH, operator=("aotian", "W2"), inputQuantityList=[kg(STALKS, 630)], outputQuantityList=[amount(BOXES, 60)], more={"loss": [loss(30, "修整")]}, ilmd={"cbvmda:lotNumber": "CTBox1105"})
    south_farm.certify(day + "05:20", BOXES, "HGZ261105")
    s.add("AggregationEvent", day + "05:22", "packing", d.place("aotian", "Work"), SOUTH, action="ADD", disposition="container_closed", parentID=CAGE, childQuantityList=[amount(BOXES, 60)])
    s.add("AggregationEvent", day + "05:27", "loading", SOUTH, TRUCK, action="ADD", parentID=LOAD, childEPCs=[CAGE])


class Consignment:
    """One owner's goods on the common truck."""

    def __init__(self, code, gate, units, lots):
        self.gate, self.goods = gate, {"epcList": units, "quantityList": lots}
        self.way = {"sourceList": [{"type": "owning_party", "source": d.org(code)}, {"type": "possessing_party", "source": d.org("lengpei")}],
                    "destinationList": [{"type": "owning_party", "destination": d.org("szxian")}, {"type": "location", "destination": DOCK}]}

    def ship(self, s, when):
        s.observe(when, "shipping", self.gate, TRUCK, disposition="in_transit", bizTransactionList=DELIVERY, **self.goods, **self.way)

    def receive(self, s, when):
        s.observe(when, "receiving", DOCK, DOCK, disposition="in_progress", bizTransactionList=DELIVERY + [transaction("recadv", "szxian", "GR261105")], **self.goods, **self.way)


def road(s):
    day = "2026-11-05 "
    cabbages, stalks = Consignment("wugai", HILL, PALLETS, [amount(CRATES, 144)]), Consignment("aotian", SOUTH, [CAGE], [amount(BOXES, 60)])
    cabbages.ship(s, day + "05:14")
    stalks.ship(s, day + "05:29")
    s.observe(day + "05:30", "departing", SOUTH, TRUCK, epcList=[LOAD], disposition="in_transit", bizTransactionList=DELIVERY)
    s.observe(day + "09:23", "transporting", TRUCK, TRUCK, epcList=[LOAD], disposition="in_transit", sensorElementList=[{
        "sensorMetadata": {"startTime": "2026-11-05T05:15:00+08:00", "endTime": "2026-11-05T09:23:00+08:00", "deviceID": d.device("lengpei", "Logger1"), "rawData": own("doc", "lengpei", "Log261105A")},
        "sensorReport": [{"type": "Temperature", "minValue": 2.8, "maxValue": 5.6, "meanValue": 4.1, "uom": "CEL"}]}])
    s.observe(day + "09:24", "arriving", DOCK, DOCK, epcList=[LOAD], disposition="in_progress", bizTransactionList=DELIVERY)
    cabbages.receive(s, day + "09:27")
    stalks.receive(s, day + "09:28")
    s.add("AggregationEvent", day + "09:30", "unpacking", DOCK, DOCK, action="DELETE", parentID=LOAD, childEPCs=PALLETS + [CAGE])
    for pallet in PALLETS:
        s.add("AggregationEvent", day + "09:32", "unpacking", DOCK, DOCK, action="DELETE", parentID=pallet, childQuantityList=[amount(CRATES, 48)])
    s.add("AggregationEvent", day + "09:33", "unpacking", DOCK, DOCK, action="DELETE", parentID=CAGE, childQuantityList=[amount(BOXES, 60)])
    s.observe(day + "09:36", "stocking", SHELF, SHELF, disposition="sellable_accessible", quantityList=[amount(CRATES, 144), amount(BOXES, 60)], photos=["shelf"])


def story():
    s = Story("five-hours")
    a, b = Farm(s, "wugai", PLOT, CABBAGE, 20), Farm(s, "aotian", BED, CAITAI, 10)
    order(s)
    hill(a)
    south(b)
    morning(s, a, b)
    road(s)
    return s


UNITS = units(("高山包菜托盘", "pallet of cabbage crates", PALLETS), ("红菜薹笼车", "roll cage of red flowering cabbage", [CAGE]), ("冷藏车整车", "refrigerated truckload", [LOAD]))

FRONT = {"uri": CRATES, "title": ("五盖山高山包菜", "五蓋山高山包菜", "Wugaishan mountain cabbage"),
         "note": ("按深圳订单种植，采收后五小时内上架", "按深圳訂單種植，採收後五小時內上架", "Grown to a Shenzhen order, on the shelf within five hours of picking")}
