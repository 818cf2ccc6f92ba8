// A signer written from docs/ref/signing.md alone, for events as phones make them: EPCIS' own members and `suyuan:` ones.
// node signer.mjs SEED_BASE64 < document > signed document.  It must give the very bytes that `suyuan sign` gives.
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";

const VOC = "https://w3id.org/suyuan/voc/";
const PREFIXES = { suyuan: VOC, cbvmda: "urn:epcglobal:cbv:mda:", gs1: "https://gs1.org/voc/", cbv: "https://ref.gs1.org/cbv/" };
const WORDS = new Set(["type", "bizStep", "disposition", "set", "unset", "reason", "exception", "component"]);
const LEAF = {};
const leaves = (...names) => Object.fromEntries(names.map((n) => [n, LEAF]));
const QUANTITY = leaves("epcClass", "quantity", "uom");
// The part of the allow-list (src/epcis/public.def) that this phone uses.
const EVENT = {
  ...leaves("type", "eventID", "eventTime", "eventTimeZoneOffset", "action", "bizStep", "disposition", "epcList", "parentID", "childEPCs"),
  quantityList: QUANTITY, readPoint: leaves("id"), bizLocation: leaves("id"),
  ...leaves(...["crop", "variety", "areaMu", "target", "dose", "growthStage"].map((n) => VOC + n)),
};

const full = (name) => {
  const [prefix, local] = [name.slice(0, name.indexOf(":")), name.slice(name.indexOf(":") + 1)];
  return name.includes(":") && !local.startsWith("//") && PREFIXES[prefix] ? PREFIXES[prefix] + local : name;
};
// RFC 8785's order is that of UTF-16 code units, which is how JavaScript compares.
const byName = ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0);
const isPosition = (v) => [v].flat().some((x) => typeof x === "string" && x.startsWith("geo:"));
const escape = (name) => name.replaceAll("~", "~0").replaceAll("/", "~1");

function form(v, group, pointer, word, seal) {
  if (Array.isArray(v)) return "[" + v.map((x, i) => form(x, group, `${pointer}/${i}`, word, seal)).join(",") + "]";
  if (typeof v === "string") return JSON.stringify(word ? full(v) : v);
  if (v === null || typeof v !== "object") return JSON.stringify(v);      // this phone's numbers are short: JavaScript spells them as asked for
  const members = Object.entries(v).map(([n, x]) => [full(n), x]).sort(byName);
  return "{" + members.map(([n, x]) => {
    const open = group && group[n] && !isPosition(x), here = `${pointer}/${escape(n)}`;
    const text = form(x, open ? group[n] : undefined, here, open && WORDS.has(n), seal);
    return JSON.stringify(n) + ":" + (open || !group || !seal ? text : seal(here, text));
  }).join(",") + "}";
}

function canonical(event, seal) {
  const counted = Object.fromEntries(Object.entries(event).filter(([n]) => !["recordTime", "@context"].includes(n) && full(n) !== VOC + "signature"));
  return form(counted, EVENT, "", false, seal);
}

const seed = Buffer.from(process.argv[2], "base64");
const secret = createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]), format: "der", type: "pkcs8" });
const key = createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32);
const salts = createHmac("sha256", seed).update("suyuan device salt v1").digest();

function signed(event) {
  const salt = createHmac("sha256", salts).update(canonical(event)).digest();
  const seal = (pointer, text) => `{"sealed":"${createHmac("sha256", salt).update(pointer + text).digest("hex")}"}`;
  const digest = createHash("sha256").update(canonical(event, seal)).digest();
  const value = sign(null, Buffer.concat([Buffer.from("suyuan signature v1\n"), digest]), secret);
  return { ...event, "suyuan:signature": { "suyuan:key": key.toString("base64"), "suyuan:salt": salt.toString("hex"), "suyuan:value": value.toString("base64") } };
}

const document = JSON.parse(readFileSync(0, "utf8"));
document.epcisBody.eventList = document.epcisBody.eventList.map(signed);
process.stdout.write(JSON.stringify(document) + "\n");
