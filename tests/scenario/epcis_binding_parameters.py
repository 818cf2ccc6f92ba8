"""EPCIS 2.0 SimpleEventQuery: every parameter, by URL and as a named query in JSON, over events that have something of everything; a group a test."""
import urllib.parse

from suyuan import CONTEXT, document, event, play

CONTEXTS = [*CONTEXT, {"e": "https://e.example/ns/"}]
EXTENSIONS = {"GS1-Extensions": "x=https://e.example/ns/"}
EPC, OTHER, PALLET, LOT = "urn:epc:id:sgtin:4012345.011122.25", "urn:epc:id:sgtin:4012345.011122.26", "urn:epc:id:sscc:4012345.0000000001", "urn:epc:class:lgtin:4012345.011122.L1"
FIELD, HALL = "urn:epc:id:sgln:4012345.00001.0", "urn:epc:id:sgln:4012345.00002.0"
LINK = "https://farm.example/01/04012345111224/21/25"


def _id(n):
    return f"urn:uuid:00000000-0000-4000-8000-{n:012d}"


def _events():
    sensor = {"e:mounted": "roof", "sensorMetadata": {"time": "2026-11-01T06:00:00Z", "startTime": "2026-11-01T05:00:00Z", "endTime": "2026-11-01T06:00:00Z", "deviceID": "urn:epc:id:giai:4012345.111",
                                                      "dataProcessingMethod": "https://e.example/method", "bizRules": "https://e.example/rules", "e:firmware": 2},
              "sensorReport": [{"type": "Temperature", "value": 26.0, "minValue": 20, "maxValue": 30, "meanValue": 25, "sDev": 2, "percRank": 50, "percValue": 26, "uom": "CEL", "e:raw": {"e:volt": 3}},
                               {"type": "RelativeHumidity", "stringValue": "moist", "booleanValue": True, "hexBinaryValue": "F0", "uriValue": "https://e.example/photo",
                                "microorganism": "https://e.example/ecoli", "chemicalSubstance": "https://e.example/water"}]}
    first = event(1, eventID=_id(1), eventTime="2026-11-01T08:00:00.000+08:00", action="ADD", bizStep="commissioning", disposition="active", epcList=[EPC],
                  quantityList=[{"epcClass": LOT, "quantity": 5, "uom": "KGM"}], readPoint={"id": FIELD, "e:gate": {"e:lane": 4}}, bizLocation={"id": HALL, "e:hall": 9},
                  persistentDisposition={"set": ["completeness_verified"], "unset": ["completeness_inferred"]},
                  bizTransactionList=[{"type": "po", "bizTransaction": "urn:epc:id:gdti:4012345.12345.1"}], sourceList=[{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00001"}],
                  destinationList=[{"type": "location", "destination": HALL}], sensorElementList=[sensor], ilmd={"cbvmda:lotNumber": "L1", "e:seed": {"e:kind": "hybrid"}},
                  **{"e:dose": 1.5, "e:worker": {"e:team": {"e:size": 7}}, "e:place": HALL})
    packed = event(2, eventID=_id(2), type="AggregationEvent", eventTime="2026-11-02T08:00:00.000+08:00", bizStep="packing", epcList=None, parentID=PALLET, childEPCs=[EPC, OTHER],
                   childQuantityList=[{"epcClass": LOT, "quantity": 2500, "uom": "GRM"}], readPoint={"id": HALL})
    made = event(3, eventID=_id(3), type="TransformationEvent", eventTime="2026-11-03T08:00:00.000+08:00", action=None, bizStep=None, epcList=None, transformationID="urn:epc:id:gdti:4012345.12345.9",
                 inputEPCList=[OTHER], inputQuantityList=[{"epcClass": LOT}], outputEPCList=["urn:epc:id:sgtin:4012345.022233.1"], outputQuantityList=[{"epcClass": "urn:epc:class:lgtin:4012345.022233.L2"}])
    wrong = {**packed, "errorDeclaration": {"declarationTime": "2026-11-05T00:00:00Z", "reason": "incorrect_data", "correctiveEventIDs": [_id(7)], "e:why": {"e:who": "li"}}}
    other = event(4, eventID=_id(4), eventTime="2026-11-04T08:00:00.000+08:00", epcList=["urn:epc:id:sgtin:4012346.000001.1"], bizStep="storing", readPoint=None)
    return first, packed, made, other, wrong


def _filled(place):
    s = place.server()
    d = document(*_events()[:4], context=CONTEXTS)
    d["epcisHeader"] = {"epcisMasterData": {"vocabularyList": [{"type": "urn:epcglobal:epcis:vtype:ReadPoint", "vocabularyElementList": [
        {"id": HALL, "attributes": [{"id": "cbvmda:city", "attribute": "Shenzhen"}], "children": [FIELD]}]}]}}
    s.client.captures(d).shows(202)
    s.client.captures(document(_events()[4], context=CONTEXTS)).shows(202)
    return s


def _found(answer):
    return sorted(int(e["eventID"][-2:]) for e in answer.shows(200).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"])


NUMBERS = ("quantity", "value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "x:")


def _as_json(name, values):
    if name.startswith("EXISTS_"):
        return None
    if name.startswith(("GE_", "LT_", "GT_", "LE_")) or name.endswith("Count") or name.startswith("order"):
        return float(values[0]) if any(n in name for n in NUMBERS) else values[0]
    return [float(v) if "quantity" in name or "_value_" in name else v for v in values]


def _holds(place, rows):
    """Each row: the parameter with its alternatives, and the events it finds; by URL, and in JSON under a name."""
    with _filled(place) as s:
        for k, (parameter, want) in enumerate(rows.items()):
            name, _, text = parameter.partition("=")
            values = text.split("|")
            by_url = s.client.ask("GET", f"/epcis/events?{urllib.parse.quote(name, safe=':')}={'%7C'.join(urllib.parse.quote(v, safe='') for v in values)}", headers=EXTENSIONS)
            assert _found(by_url) == want, (parameter, want, by_url)
            s.client.post("/epcis/queries", {"name": f"q{k}", "query": {"@context": {"x": "https://e.example/ns/"}, name: _as_json(name, values)}}).shows(201)
            assert _found(s.client.get(f"/epcis/queries/q{k}/events")) == want, (parameter, "in JSON")


def types_and_times(place):
    _holds(place, {"eventType=AggregationEvent|TransformationEvent": [2, 2, 3], "GE_eventTime=2026-11-02T00:00:00Z": [2, 2, 3, 4], "LT_eventTime=2026-11-02T00:00:00Z": [1],
                   "GE_recordTime=2020-01-01T00:00:00Z": [1, 2, 2, 3, 4], "LT_recordTime=2020-01-01T00:00:00Z": []})


def what_was_done_and_in_which_state(place):
    _holds(place, {"EQ_action=ADD": [1], "EQ_bizStep=packing|storing": [2, 2, 4], "EQ_disposition=active": [1], "EQ_persistentDisposition_set=completeness_verified": [1],
                   "EQ_persistentDisposition_unset=completeness_inferred": [1], "EQ_persistentDisposition_set=completeness_inferred": [],
                   "EQ_bizStep=https://ref.gs1.org/cbv/BizStep-packing": [2, 2], "EQ_eventID=" + _id(3): [3], "EQ_transformationID=urn:epc:id:gdti:4012345.12345.9": [3]})


def where_and_for_whom(place):
    _holds(place, {f"EQ_readPoint={FIELD}": [1], f"WD_readPoint={HALL}": [1, 2, 2], f"EQ_bizLocation={HALL}": [1], f"WD_bizLocation={HALL}": [1], f"WD_readPoint={FIELD}": [1],
                   "EQ_bizTransaction_po=urn:epc:id:gdti:4012345.12345.1": [1], "EQ_bizTransaction_inv=urn:epc:id:gdti:4012345.12345.1": [],
                   "EQ_source_owning_party=urn:epc:id:pgln:4012345.00001": [1], "EQ_source_possessing_party=urn:epc:id:pgln:4012345.00001": [], f"EQ_destination_location={HALL}": [1]})


def items_in_every_list_and_spelling(place):
    _holds(place, {f"MATCH_epc={EPC}": [1, 2, 2], f"MATCH_epc={LINK}": [1, 2, 2], f"MATCH_parentID={PALLET}": [2, 2], f"MATCH_inputEPC={OTHER}": [3], f"MATCH_outputEPC={OTHER}": [],
                   "MATCH_outputEPC=urn:epc:id:sgtin:4012345.022233.1": [3], f"MATCH_anyEPC={OTHER}|{PALLET}": [2, 2, 3], "MATCH_anyEPC=urn:epc:idpat:sgtin:4012345.*.*": [1, 2, 2, 3],
                   "MATCH_parentID=urn:epc:idpat:sscc:4012345.*": [2, 2], f"MATCH_epcClass={LOT}": [1, 2, 2], f"MATCH_inputEPCClass={LOT}": [3],
                   "MATCH_outputEPCClass=urn:epc:class:lgtin:4012345.022233.L2": [3], f"MATCH_anyEPCClass={LOT}": [1, 2, 2, 3], f"MATCH_anyEPCClass={EPC}": []})


def quantities_with_and_without_a_unit(place):
    _holds(place, {"EQ_quantity=5": [1], "GT_quantity=5": [2, 2], "GE_quantity=5": [1, 2, 2], "LT_quantity=6": [1], "LE_quantity=5": [1],
                   "EQ_quantity_KGM=2.5|7": [2, 2], "GE_quantity_GRM=5000": [1], "LT_quantity_KGM=5": [2, 2], "GT_quantity_LTR=0": []})


def errors_and_what_is_said_of_them(place):
    _holds(place, {"EXISTS_errorDeclaration=": [2], "GE_errorDeclarationTime=2026-11-05T00:00:00Z": [2], "LT_errorDeclarationTime=2026-11-05T00:00:00Z": [],
                   "GE_errorDeclaration_Time=2026-11-05T00:00:00Z": [2], "EQ_errorReason=incorrect_data": [2], "EQ_correctiveEventID=" + _id(7): [2],
                   "EXISTS_ERROR_DECLARATION_x:why=": [2], "EQ_INNER_ERROR_DECLARATION_x:who=li": [2]})


def extensions_wherever_they_stand(place):
    _holds(place, {"EQ_x:dose=1.5": [1], "GT_x:dose=1.4": [1], "GE_x:dose=1.6": [], "LT_x:dose=2": [1], "LE_x:dose=1.5": [1], "EXISTS_x:dose=": [1], "EXISTS_x:size=": [],
                   "EQ_INNER_x:size=7": [1], "GE_INNER_x:size=8": [], "EXISTS_INNER_x:size=": [1], "EQ_ILMD_cbvmda:lotNumber=L1": [1], "EQ_INNER_ILMD_x:kind=hybrid": [1], "EXISTS_ILMD_x:seed=": [1],
                   "EQ_bizLocation_x:hall=9": [1], "EQ_INNER_readPoint_x:lane=4": [1], "EQ_readPoint_x:lane=4": []})


def master_data_of_what_an_event_names(place):
    _holds(place, {"HASATTR_readPoint=cbvmda:city": [2, 2], "HASATTR_bizLocation=cbvmda:city": [1], "EQATTR_bizLocation_cbvmda:city=Wuhan|Shenzhen": [1], "EQATTR_bizLocation_cbvmda:city=Wuhan": [],
                   "EQ_ATTR_readPoint_cbvmda:city=Shenzhen": [2, 2], "EQATTR_x:place_cbvmda:city=Shenzhen": [1], "HASATTR_destination=cbvmda:city": [1]})


def what_sensors_told(place):
    rows = {"EXISTS_sensorElementList=": [1], "GE_time=2026-11-01T06:00:00Z": [1], "LT_time=2026-11-01T06:00:00Z": [], "GE_startTime=2026-11-01T05:00:00Z": [1], "LT_startTime=2026-11-01T05:00:00Z": [],
            "LT_endTime=2026-11-01T06:00:01Z": [1], "GE_endTime=2026-11-01T06:00:01Z": [], "EQ_type=RelativeHumidity": [1], "EQ_deviceID=https://id.gs1.org/8004/4012345111": [1],
            "EQ_dataProcessingMethod=https://e.example/method": [1], "EQ_microorganism=https://e.example/ecoli": [1], "EQ_chemicalSubstance=https://e.example/water": [1],
            "EQ_bizRules=https://e.example/rules": [1], "EQ_stringValue=moist": [1], "EQ_booleanValue=true": [1], "EQ_hexBinaryValue=F0": [1], "EQ_uriValue=https://e.example/photo": [1],
            "EQ_value_KEL=299.15": [1], "GT_value_FAH=78.8": [], "GE_percRank=50": [1], "LT_percRank=50": [], "GE_percValue_KEL=299.15": [1],
            "EXISTS_SENSORELEMENT_x:mounted=": [1], "EQ_SENSORMETADATA_x:firmware=2": [1], "GT_INNER_SENSORREPORT_x:volt=2": [1], "EXISTS_SENSORREPORT_x:mounted=": []}
    for name, low in (("minValue", 293.15), ("maxValue", 303.15), ("meanValue", 298.15)):
        rows |= {f"GE_{name}_KEL={low}": [1], f"GT_{name}_KEL={low}": [], f"LE_{name}_KEL={low}": [1], f"LT_{name}_KEL={low}": []}
    _holds(place, rows | {"GE_sDev_FAH=3.6": [1], "LT_sDev_FAH=3.6": []})


def order_and_number_of_answers(place):
    with _filled(place) as s:
        def ids(query):
            return [int(e["eventID"][-2:]) for e in s.client.get("/epcis/events?" + query, **EXTENSIONS).shows(200).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]
        assert ids("orderBy=eventTime") == [4, 3, 2, 2, 1] and ids("orderBy=eventTime&orderDirection=ASC") == [1, 2, 2, 3, 4]
        assert ids("orderBy=recordTime&orderDirection=ASC") == [1, 2, 3, 4, 2]
        assert ids("orderBy=x:dose&orderDirection=ASC")[0] == 1
        assert ids("orderBy=eventTime&eventCountLimit=2") == [4, 3] and len(ids("maxEventCount=5")) == 5
        refused = s.client.get("/epcis/events?maxEventCount=4").shows(413).json
        assert refused["epcisException"].endswith("QueryTooLargeException"), refused
        for query in ("eventCountLimit=2", "orderBy=eventTime&eventCountLimit=2&maxEventCount=3", "orderBy=bizStep", "orderDirection=UP", "eventCountLimit=0&orderBy=eventTime"):
            assert s.client.get("/epcis/events?" + query).shows(400).json["epcisException"].endswith("QueryParameterException"), query


def all_parameters_hold_together(place):
    with _filled(place) as s:
        assert _found(s.client.get(f"/epcis/events?EQ_bizStep=packing&MATCH_anyEPC={OTHER}&EXISTS_errorDeclaration=&GE_eventTime=2026-11-01T00:00:00Z")) == [2]
        assert _found(s.client.get(f"/epcis/events?EQ_bizStep=commissioning&MATCH_anyEPC={OTHER}")) == []
        assert s.client.get("/epcis/events?" + "&".join(f"EQ_bizStep={'x' * 400}" for _ in range(30))).status == 414


def a_single_event_is_posted_and_an_eventid_is_taken_once(place):
    with place.server() as s:
        bare = {"@context": CONTEXT, **event(1, eventID=_id(1))}
        made = s.client.post("/epcis/events", bare).shows(201)
        assert made.headers["Location"] == "/epcis/events/" + urllib.parse.quote(_id(1), safe="")
        taken = s.client.post("/epcis/events", {**bare, "bizStep": "packing"}).shows(409).json
        assert taken["epcisException"].endswith("ResourceAlreadyExistsException"), taken
        assert _found(s.client.get(made.headers["Location"])) == [1]
        assert s.client.get("/epcis/events/urn:uuid:nobody").shows(404).json["epcisException"].endswith("NoSuchResourceException")


if __name__ == "__main__":
    play()
