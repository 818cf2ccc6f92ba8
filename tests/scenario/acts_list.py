"""A phone sends what it kept in one list: each act is answered as if it had come alone, and the list is committed and followed together."""
import concurrent.futures
import re
import uuid

from farm_day import _farm, _place, _put, _stock
from suyuan import Client, play, run


def _form(act, at, **fields):
    return {"act": act, "at": f"2026-{at}:00+08:00", "id": str(uuid.uuid4()), "season": "guyu/Rice2026", **fields}


def _receive(s, lot, quantity, expires):
    s.client.post("/api/acts", {"act": "receive-input", "at": "2026-03-15T09:00:00+08:00", "id": str(uuid.uuid4()), "org": "guyu", "place": "Store", "product": "CAP", "lot": lot,
                                "quantity": quantity, "uom": "mL", "expires": expires}).shows(201)


def _send(s, *forms):
    answers = s.client.post("/api/acts", list(forms)).shows(200).json
    assert [a["id"] for a in answers] == [f["id"] for f in forms], answers
    return answers


def _rules(answer):
    return [f["rule"] for f in answer["recorded"]["findings"] if f["rule"] == "interval"]


def _commits(s):
    return int(re.search(r"^suyuan_commits_total (\d+)$", s.client.get("/metrics").text, re.M)[1])


def each_act_is_told_what_it_brought_itself(place):
    _place(place)
    with place.server() as s:
        _farm(s)
        _receive(s, "A", 1000, "2028-01-01")
        forms = [_form("spray", "05-01T08:00", product="CAP", lot="A", quantity=1, uom="mL", target="二化螟"), _form("harvest", "05-03T08:00", quantity=1, uom="kg"),
                 _form("weed", "05-04T08:00"), _form("harvest", "05-20T08:00", quantity=1, uom="kg")]
        answers = _send(s, *forms)
        assert [a["status"] for a in answers] == [201] * 4, answers
        assert [_rules(a) for a in answers] == [[], ["interval"], [], []], answers      # the harvest brought it, not the spray before it
        seqs = [a["recorded"]["seq"] for a in answers]
        assert seqs == sorted(seqs) and len(set(seqs)) == 4, seqs
        again = _send(s, *forms)
        assert [a["status"] for a in again] == [200] * 4 and [a["recorded"]["seq"] for a in again] == seqs, again
    run("check", "--data", place.data)


def an_act_that_rests_upon_one_before_it_in_the_list_finds_it(place):
    _place(place)
    with place.server() as s:
        _farm(s)
        _receive(s, "A", 10, "2027-01-01")
        _receive(s, "B", 10, "2028-01-01")
        spray = {"product": "CAP", "quantity": 10, "uom": "mL", "target": "二化螟"}
        first = _form("spray", "05-01T08:00", **spray)
        _send(s, first, _form("spray", "05-02T08:00", **spray))         # the store chooses: what the first one emptied is not taken again
        assert {x["lot"].split("/")[-1]: float(x["balance"]) for x in _stock(s, "CAP")} == {"A": 0, "B": 0}, _stock(s, "CAP")
        early = _form("harvest", "05-03T08:00", quantity=1, uom="kg")
        event_id = s.client.post("/api/acts", early).shows(201).json["eventID"]
        moved = _form("harvest", "05-20T08:00", quantity=1, uom="kg", corrects=event_id)
        answers = _send(s, _form("harvest", "05-04T08:00", quantity=1, uom="kg"), moved, _form("weed", "05-21T08:00"))
        assert [a["status"] for a in answers] == [201] * 3, answers
        assert [bool(_rules(a)) for a in answers] == [True, False, False], answers
        clear, late = _form("clear", "06-01T08:00"), _form("weed", "06-02T08:00", plot="guyu/P01")
        del late["season"]
        answers = _send(s, clear, late)
        assert [a["status"] for a in answers] == [201, 400], answers    # the season was cleared by the act before it
    run("check", "--data", place.data)


def what_is_refused_in_a_list_stands_in_nobodys_way(place):
    _place(place)
    with place.server() as s:
        _farm(s)
        one, bad, same, other = _form("weed", "05-01T08:00"), _form("spray", "05-01T09:00"), None, _form("weed", "05-01T10:00")
        same = dict(one)
        other["id"] = one["id"]
        last = _form("irrigate", "05-01T11:00")
        answers = s.client.post("/api/acts", [one, bad, same, other, last, "x"]).shows(200).json
        assert [a["status"] for a in answers] == [201, 400, 200, 409, 201, 400], answers
        assert answers[0]["recorded"]["seq"] == answers[2]["recorded"]["seq"], answers
        s.client.post("/api/acts", []).shows(400)
        s.client.post("/api/acts", [one] * 101).shows(400)
    run("check", "--data", place.data)


def a_list_takes_few_commits(place):
    _place(place)
    with place.server() as s:
        _farm(s)
        before = _commits(s)
        answers = _send(s, *(_form("weed", f"05-01T{8 + n // 60:02d}:{n % 60:02d}") for n in range(100)))
        assert [a["status"] for a in answers] == [201] * 100
        assert len(s.client.get("/api/seasons/guyu/Rice2026").json["acts"]) == 100
        assert _commits(s) - before < 50, _commits(s) - before
    run("check", "--data", place.data)


def several_phones_come_home_at_once(place):
    """Their lists wait together, and none is told that there is no room."""
    _place(place)
    with place.server() as s:
        _farm(s)
        lists = [[_form("weed", f"05-{1 + phone:02d}T{8 + n // 60:02d}:{n % 60:02d}", note="x" * 2000) for n in range(100)] for phone in range(4)]
        with concurrent.futures.ThreadPoolExecutor(len(lists)) as phones:
            answers = list(phones.map(lambda forms: Client(s.client.host, s.client.port).post("/api/acts", forms).shows(200).json, lists))
        assert [[a["status"] for a in of] for of in answers] == [[201] * 100] * len(lists), [[a for a in of if a["status"] != 201][:1] for of in answers]
        assert len(s.client.get("/api/seasons/guyu/Rice2026").json["acts"]) == 400
    run("check", "--data", place.data)


play()
