"""How tests are written: one report a substance, with its limit only where we are sure of it."""

INCHI = {"吡虫啉": "YWTYJOPNNQFBPC-UHFFFAOYSA-N", "噻虫嗪": "NWWZPOKUUAIXIW-UHFFFAOYSA-N", "啶虫脒": "WCXDHFDTOYPNIE-RIYZIHGNSA-N", "氯虫苯甲酰胺": "PSOVNZZNOMJUBI-UHFFFAOYSA-N", "镉": "BDOSMKKIYDKNTQ-UHFFFAOYSA-N"}
RAPID = "GB/T 5009.199-2003 酶抑制率法"
STRIP = "胶体金免疫层析法"
MASS = "LC-MS/MS"


def residue(substance, value, limit=None, method=None):
    """`value` None: not detected.  mg/kg is NA in UN/ECE Rec 20."""
    out = {"type": "suyuan:MassFraction", "suyuan:activeIngredient": substance}
    if substance in INCHI:
        out["chemicalSubstance"] = "https://identifiers.org/inchikey:" + INCHI[substance]
    if value is None:
        out["stringValue"] = "未检出"
    else:
        out["value"], out["uom"] = value, "NA"
    if limit is not None:
        out["suyuan:limit"] = limit
        out["suyuan:result"] = "合格" if value is None or value <= limit else "不合格"
    if method:
        out["suyuan:method"] = method
    return out


def inhibition(percent):
    return {"type": "Dimensionless", "value": percent, "uom": "P1", "suyuan:activeIngredient": "有机磷和氨基甲酸酯类（抑制率）", "suyuan:limit": 50, "suyuan:result": "合格" if percent < 50 else "不合格", "suyuan:method": RAPID}


def strip(substance):
    return {"type": "suyuan:Screening", "stringValue": "阴性", "suyuan:activeIngredient": substance, "suyuan:result": "阴性", "suyuan:method": STRIP}


def elements(*reports):
    return [{"sensorReport": list(reports)}]
