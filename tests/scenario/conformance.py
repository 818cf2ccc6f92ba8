"""Documents by others: what the standard allows comes back equal, what it refuses is refused with pointers."""
import csv
import json
import urllib.parse

from suyuan import document, play, public_data, run


def _events(doc):
    body = doc.get("epcisBody", {})
    return body.get("eventList") or body.get("queryResults", {}).get("resultsBody", {}).get("eventList") or [body["event"]] if body else [doc]


def _prefixes(*contexts):
    found = {}
    for c in contexts:
        for part in c if isinstance(c, list) else [c]:
            if isinstance(part, dict):
                found.update({k: v for k, v in part.items() if isinstance(v, str)})
    return found


def _plain(value, prefixes):
    """Names by their full IRI, so that where a context stands does not matter; what the server may set is left out."""
    if isinstance(value, dict):
        own = {**prefixes, **_prefixes(value.get("@context", []))}
        out = {}
        for k, v in value.items():
            if k in ("@context", "recordTime"):
                continue
            head, colon, tail = k.partition(":")
            out[own[head] + tail if colon and head in own else k] = _plain(v, own)
        return out
    if isinstance(value, list):
        return [_plain(v, prefixes) for v in value]
    return value


def every_valid_document_is_captured_and_comes_back_equal(place):
    files = sorted(public_data("epcis", "valid").glob("*.json*"))
    assert len(files) > 40
    with place.server() as s:
        for f in files:
            sent = json.loads(f.read_bytes().decode("utf-8-sig"))
            answer = s.client.captures(f.read_bytes())
            assert answer.status == 202, (f.name, answer)
            for row, e in zip(answer.json["events"], _events(sent), strict=True):
                got = s.client.get("/epcis/events/" + urllib.parse.quote(row["eventID"], safe=""), GS1_EPC_Format="Never_Translates").shows(200).json
                want = _plain(e, _prefixes(sent.get("@context", [])))
                have = [_plain(x, _prefixes(got["@context"])) for x in _events(got)]
                if "eventID" not in e:
                    [h.pop("eventID") for h in have]
                assert want in have, (f.name, want, have)
    run("check", "--data", place.data)


def every_invalid_document_is_refused_with_pointers(place):
    with place.server() as s:
        for f in sorted(public_data("epcis", "invalid").glob("*.json")):
            p = s.client.captures(f.read_bytes()).shows(400).json
            assert p["errors"] and all(e["pointer"].startswith("/") for e in p["errors"]), (f.name, p)


def every_event_hash_matches(place):
    index = public_data("epcis", "hash", "index.tsv")
    want = {}
    for row in csv.DictReader(open(index), delimiter="\t"):
        want.setdefault(row["document"], {})[int(row["event_index"])] = row["expected_hash"]
    wrong = []
    for name, rows in want.items():
        got = run("hash", index.parent / name).stdout.split()
        wrong += [(name, i) for i, h in rows.items() if got[i] != h]
    assert not wrong, wrong


def a_byte_order_mark_is_skipped(place):
    with place.server() as s:
        s.client.captures(b"\xef\xbb\xbf" + json.dumps(document()).encode().replace(b"[]", b"[]")).shows(202)


play()
