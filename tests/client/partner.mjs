// A partner with an EPCIS 2.0 client of somebody else's making (epcis2.js): builds events with its classes, captures them, follows the job,
// asks for them, and reads back what its own classes make of the answers.  usage: node partner.mjs URL KEY; prints a JSON line a fact.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const epcis = require("epcis2.js");
const [url, key] = process.argv.slice(2);
const apiUrl = `${url}/epcis/`, headers = { "content-type": "application/json", authorization: `Bearer ${key}` };

epcis.setup({ apiUrl, headers, eventTimeZoneOffset: "+08:00" });

const tell = (fact, value) => console.log(JSON.stringify({ fact, value }));
const ask = (path, more = {}) => fetch(apiUrl + path, { headers: { ...headers, ...more } });
const time = (n) => `2026-11-01T08:${String(n).padStart(2, "0")}:00.000+08:00`;
const sgtin = (n) => `urn:epc:id:sgtin:4012345.011122.${n}`;

function objectEvent(n) {
  const sensor = new epcis.SensorElement()
    .setSensorMetadata(new epcis.SensorMetadata().setTime(time(n)).setDeviceID("urn:epc:id:giai:4000001.111"))
    .addSensorReport(new epcis.SensorReportElement().setType(epcis.cbv.sensorMeasurementTypes.temperature).setValue(20 + n).setUom("CEL"));
  return new epcis.ObjectEvent()
    .setEventTime(time(n)).setEventTimeZoneOffset("+08:00").setAction(epcis.cbv.actionTypes.add).setBizStep(epcis.cbv.bizSteps.commissioning)
    .setDisposition(epcis.cbv.dispositions.active).addEPC(sgtin(n)).addQuantity(new epcis.QuantityElement({ epcClass: "urn:epc:class:lgtin:4012345.011122.L1", quantity: 7.5, uom: "KGM" }))
    .setReadPoint(new epcis.ReadPoint({ id: "urn:epc:id:sgln:4012345.00001.0" })).setBizLocation(new epcis.BizLocation({ id: "urn:epc:id:sgln:4012345.00002.0" }))
    .addBizTransaction(new epcis.BizTransactionElement({ type: epcis.cbv.businessTransactionTypes.po, bizTransaction: "urn:epc:id:gdti:4012345.12345.1" }))
    .addSource(new epcis.SourceElement({ type: epcis.cbv.sourceDestinationTypes.owning_party, source: "urn:epc:id:pgln:4012345.00001" }))
    .addSensorElement(sensor).setIlmd(new epcis.Ilmd().addExtension("example:variety", `V${n}`)).addExtension("example:dose", n)
    .setEventID(`urn:uuid:00000000-0000-4000-8000-0000000000${10 + n}`);
}

function aggregationEvent(n) {
  return new epcis.AggregationEvent().setEventTime(time(n)).setEventTimeZoneOffset("+08:00").setAction(epcis.cbv.actionTypes.add).setBizStep(epcis.cbv.bizSteps.packing)
    .setParentId("urn:epc:id:sscc:4012345.0000000001").addChildEPCList([sgtin(1), sgtin(2)]).setEventID("urn:uuid:00000000-0000-4000-8000-000000000050");
}

function transformationEvent(n) {
  return new epcis.TransformationEvent().setEventTime(time(n)).setEventTimeZoneOffset("+08:00").addInputEPC(sgtin(3)).addOutputEPC(sgtin(99))
    .setBizStep(epcis.cbv.bizSteps.commissioning).setEventID("urn:uuid:00000000-0000-4000-8000-000000000051");
}

async function jobOf(answer) {
  const job = new epcis.CaptureResponse(answer);
  await job.pollForTheCaptureToFinish(200, 50);
  return { running: job.getRunningStatus(), success: job.getSuccessStatus(), errors: job.getErrors() };
}

async function eventsOf(path, more) {
  const events = [];
  for (let next = apiUrl + path; next;) {
    const answer = await fetch(next, { headers: { ...headers, ...more } });
    if (answer.status !== 200) return { status: answer.status };
    const body = await answer.json(), link = /<(.*)>; rel="next"/.exec(answer.headers.get("link") ?? "");
    events.push(...body.epcisBody.queryResults.resultsBody.eventList);
    next = link && new URL(link[1], url).href;
  }
  return events;
}

const sent = [...Array(5).keys()].map((n) => objectEvent(n + 1)).concat(aggregationEvent(20), transformationEvent(21));
const document = new epcis.EPCISDocument()
  .setContext(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", { example: "https://ns.example.com/" }])
  .setCreationDate("2026-11-23T08:00:00Z").addEventList(sent);
const captured = await epcis.capture(document);
tell("captured", captured.status);
tell("job", await jobOf(captured));

const extensions = { "GS1-Extensions": "example=https://ns.example.com/" };
const asSent = { "GS1-EPC-Format": "Never_Translates" };
for (const [name, path, more] of [
  ["all", "events?perPage=2"], ["steps", "events?EQ_bizStep=packing"], ["epc", `events?MATCH_anyEPC=${encodeURIComponent(sgtin(1))}`],
  ["kelvin", "events?GE_value_KEL=297.15"], ["extension", "events?GT_example:dose=3", extensions], ["ilmd", "events?EQ_ILMD_example:variety=V2", extensions],
  ["owner", "events?EQ_source_owning_party=urn:epc:id:pgln:4012345.00001&eventType=ObjectEvent"], ["order", "events?orderBy=eventTime&orderDirection=ASC&eventCountLimit=3"],
]) tell(name, (await eventsOf(path, more)).map((e) => Number(e.eventID.slice(-2))));

const back = await eventsOf("events?orderBy=eventTime&orderDirection=ASC", asSent);
const strip = (o) => { const { recordTime, ...rest } = o; return JSON.stringify(Object.entries(rest).sort()); };
tell("same", back.length === sent.length && back.every((e, i) => strip(epcis.objectToEvent(e).toObject()) === strip(sent[i].toObject())));

const wrong = await epcis.capture(new epcis.EPCISDocument().setContext(document.getContext()).setCreationDate("2026-11-23T08:00:00Z")
  .addEvent(new epcis.ObjectEvent().setEventTime(time(1)).setAction("ADD").addEPC("no uri")), { documentValidation: false });
tell("refused", [wrong.status, (await wrong.json()).type !== undefined]);

const named = await fetch(`${apiUrl}queries`, { method: "POST", headers, body: JSON.stringify({ name: "packed", query: { EQ_bizStep: ["packing"] } }) });
tell("named", [named.status, (await eventsOf("queries/packed/events")).length]);
tell("stranger", (await ask("events", { authorization: "Bearer nothing" })).status);
