#!/usr/bin/env python3
"""Writes district.jsonld, farm.jsonld, farm-day.json, stories/*.jsonld and front.json from source/.  usage: demo/make.py [--check]

Deterministic: the same source and photos give the same bytes.  --check writes nothing and fails where the files differ."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE / "source"))

import cabbage
import district
import farm
import lotus
import rice
from story import document, write, write_asks


def front(chapter):
    tags = ("zh-Hans", "zh-Hant", "en")
    return {"uri": chapter.FRONT["uri"], "title": dict(zip(tags, chapter.FRONT["title"])), "note": dict(zip(tags, chapter.FRONT["note"]))}


def files():
    master = district.master()
    yield "district.jsonld", write(document(district.story().events, master))
    yield "farm.jsonld", write(document([], farm.master()))
    yield "farm-day.json", write_asks(farm.last_weeks())
    for chapter in (rice, cabbage, lotus):
        s = chapter.story()
        yield f"stories/{s.name}.jsonld", write(s.document(master + [("https://w3id.org/suyuan/voc/LogisticUnit", chapter.UNITS)]))
    yield "front.json", write([front(c) for c in (rice, cabbage, lotus)])


def main():
    stale = 0
    (HERE / "stories").mkdir(exist_ok=True)
    for name, text in files():
        path = HERE / name
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                print(f"{name} differs from what demo/source makes: run demo/make.py")
                stale = 1
        else:
            path.write_text(text, encoding="utf-8")
    return stale


sys.exit(main())
