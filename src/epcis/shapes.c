#include "epcis/reader.h"

/* The standard's JSON schema as tables: one row a member.  A row says what the value is, on which events it may stand
 * and on which it must.  Objects outside of events have one column only (HERE).  An `item` is an identifier
 * that event_fill takes into struct event and whose check digit it looks at; of an `identifier` the check looks itself. */

#define LIT(z) { (z), sizeof(z) - 1 }
#define RULED(z, rows, rest, fn) \
        { .name = (z), .members = (rows), .n = sizeof(rows) / sizeof(rows)[0], .others = (rest), .rules = (fn) }
#define SHAPE(z, rows, rest) RULED(z, rows, rest, NULL)

enum {
        OBJ = 1 << EVENT_OBJECT, AGG = 1 << EVENT_AGGREGATION, TXN = 1 << EVENT_TRANSACTION,
        TRF = 1 << EVENT_TRANSFORMATION, ASC = 1 << EVENT_ASSOCIATION, EXT = 1 << EVENT_EXTENDED,
        FIVE = OBJ | AGG | TXN | TRF | ASC, EVERY = FIVE | EXT, ACTING = FIVE & ~TRF,
        HERE = EVERY,           /* wherever the object itself may stand */
        NO = 0,
};

/* ROW(name, check, list, allowed, needed), and the same with a vocabulary or the shape of an object. */
#define ROW(z, fn, rule, may, must) \
        { .name = LIT(z), .check = check_##fn, .list = (rule), .allowed = (may), .needed = (must) }
#define WORDS(z, voc, rule, may, must) \
        { .name = LIT(z), .check = check_word, .list = (rule), .vocabulary = (voc), .allowed = (may), .needed = (must) }
#define OBJECT(z, sh, rule, may, must) \
        { .name = LIT(z), .check = check_shape, .list = (rule), .shape = &(sh), .allowed = (may), .needed = (must) }

static const struct member quantity_rows[] = {
        ROW("epcClass",     item,           NO_LIST,    HERE, HERE),
        ROW("quantity",     number,         NO_LIST,    HERE, NO),
        ROW("uom",          uom,            NO_LIST,    HERE, NO),
};
static const struct shape shape_quantity = SHAPE("quantityElement", quantity_rows, OTHERS_NONE);

static const struct member transaction_rows[] = {
        WORDS("type",       VOC_BIZ_TRANSACTION, NO_LIST, HERE, NO),
        ROW("bizTransaction", identifier,   NO_LIST,    HERE, HERE),
};
static const struct shape shape_transaction = SHAPE("bizTransaction", transaction_rows, OTHERS_NONE);

static const struct member source_rows[] = {
        WORDS("type",       VOC_SOURCE_DEST, NO_LIST,   HERE, HERE),
        ROW("source",       identifier,     NO_LIST,    HERE, HERE),
};
static const struct shape shape_source = SHAPE("source", source_rows, OTHERS_NONE);

static const struct member destination_rows[] = {
        WORDS("type",       VOC_SOURCE_DEST, NO_LIST,   HERE, HERE),
        ROW("destination",  identifier,     NO_LIST,    HERE, HERE),
};
static const struct shape shape_destination = SHAPE("destination", destination_rows, OTHERS_NONE);

static const struct member persistent_rows[] = {
        WORDS("set",        VOC_DISPOSITION, LIST_SOME_UNIQUE, HERE, NO),
        WORDS("unset",      VOC_DISPOSITION, LIST_SOME_UNIQUE, HERE, NO),
};
static const struct shape shape_persistent =
        RULED("persistentDisposition", persistent_rows, OTHERS_NONE, rules_persistent_disposition);

static const struct member place_rows[] = {
        ROW("id",           item,           NO_LIST,    HERE, HERE),
};
static const struct shape shape_place = SHAPE("place", place_rows, OTHERS_ANY);

static const struct shape shape_ilmd = { .name = "ilmd", .others = OTHERS_NAMESPACED };

static const struct member declaration_rows[] = {
        ROW("declarationTime", time,        NO_LIST,    HERE, HERE),
        WORDS("reason",     VOC_ERROR_REASON, NO_LIST,  HERE, NO),
        ROW("correctiveEventIDs", uri,      LIST_ANY,   HERE, NO),
};
static const struct shape shape_declaration = SHAPE("errorDeclaration", declaration_rows, OTHERS_NAMESPACED);

static const struct member metadata_rows[] = {
        ROW("time",         sensor_time,    NO_LIST,    HERE, NO),
        ROW("startTime",    sensor_time,    NO_LIST,    HERE, NO),
        ROW("endTime",      sensor_time,    NO_LIST,    HERE, NO),
        ROW("deviceID",     identifier,     NO_LIST,    HERE, NO),
        ROW("deviceMetadata", identifier,   NO_LIST,    HERE, NO),
        ROW("rawData",      identifier,     NO_LIST,    HERE, NO),
        ROW("dataProcessingMethod", identifier, NO_LIST, HERE, NO),
        ROW("bizRules",     identifier,     NO_LIST,    HERE, NO),
};
static const struct shape shape_metadata =
        RULED("sensorMetadata", metadata_rows, OTHERS_NAMESPACED, rules_sensor_metadata);

static const struct member report_rows[] = {
        WORDS("type",       VOC_MEASUREMENT, NO_LIST,   HERE, HERE),
        ROW("value",        number,         NO_LIST,    HERE, NO),
        ROW("uom",          string,         NO_LIST,    HERE, NO),
        ROW("time",         sensor_time,    NO_LIST,    HERE, NO),
        ROW("minValue",     number,         NO_LIST,    HERE, NO),
        ROW("maxValue",     number,         NO_LIST,    HERE, NO),
        ROW("meanValue",    number,         NO_LIST,    HERE, NO),
        ROW("sDev",         number,         NO_LIST,    HERE, NO),
        ROW("percRank",     number,         NO_LIST,    HERE, NO),
        ROW("percValue",    number,         NO_LIST,    HERE, NO),
        WORDS("exception",  VOC_ALERT,      NO_LIST,    HERE, NO),
        ROW("deviceID",     identifier,     NO_LIST,    HERE, NO),
        ROW("deviceMetadata", identifier,   NO_LIST,    HERE, NO),
        ROW("rawData",      identifier,     NO_LIST,    HERE, NO),
        ROW("dataProcessingMethod", identifier, NO_LIST, HERE, NO),
        ROW("bizRules",     identifier,     NO_LIST,    HERE, NO),
        ROW("microorganism", uri,           NO_LIST,    HERE, NO),
        ROW("chemicalSubstance", uri,       NO_LIST,    HERE, NO),
        ROW("coordinateReferenceSystem", uri, NO_LIST,  HERE, NO),
        WORDS("component",  VOC_COMPONENT,  NO_LIST,    HERE, NO),
        ROW("stringValue",  string,         NO_LIST,    HERE, NO),
        ROW("booleanValue", boolean,        NO_LIST,    HERE, NO),
        ROW("hexBinaryValue", hex,          NO_LIST,    HERE, NO),
        ROW("uriValue",     uri,            NO_LIST,    HERE, NO),
};
static const struct shape shape_report = SHAPE("sensorReport", report_rows, OTHERS_NAMESPACED);

static const struct member sensor_rows[] = {
        OBJECT("sensorMetadata", shape_metadata, NO_LIST, HERE, NO),
        OBJECT("sensorReport", shape_report, LIST_SOME, HERE, HERE),
};
static const struct shape shape_sensor =
        RULED("sensorElement", sensor_rows, OTHERS_NAMESPACED, rules_sensor_element);

/* `type` is looked at before the table is chosen.  A list that stands on several types with
 * different rules has a row for each. */
static const struct member event_rows[] = {
        ROW("type",         anything,       NO_LIST,    EVERY, NO),
        ROW("eventTime",    time,           NO_LIST,    EVERY, EVERY),
        ROW("eventTimeZoneOffset", offset,  NO_LIST,    EVERY, EVERY),
        ROW("action",       action,         NO_LIST,    ACTING, ACTING),
        ROW("epcList",      item,           LIST_UNIQUE, OBJ, NO),
        ROW("epcList",      item,           LIST_ANY,   TXN, NO),
        OBJECT("quantityList", shape_quantity, LIST_ANY, OBJ | TXN, NO),
        WORDS("bizStep",    VOC_BIZ_STEP,   NO_LIST,    FIVE, NO),
        WORDS("disposition", VOC_DISPOSITION, NO_LIST,  FIVE, NO),
        OBJECT("readPoint", shape_place,    NO_LIST,    FIVE, NO),
        OBJECT("bizLocation", shape_place,  NO_LIST,    FIVE, NO),
        ROW("inputEPCList", item,           LIST_UNIQUE, TRF, NO),
        OBJECT("inputQuantityList", shape_quantity, LIST_ANY, TRF, NO),
        ROW("outputEPCList", item,          LIST_UNIQUE, TRF, NO),
        OBJECT("outputQuantityList", shape_quantity, LIST_ANY, TRF, NO),
        ROW("transformationID", item,       NO_LIST,    TRF, NO),
        ROW("parentID",     item,           NO_LIST,    AGG | TXN | ASC, ASC),
        ROW("childEPCs",    item,           LIST_ANY,   AGG | ASC, NO),
        OBJECT("childQuantityList", shape_quantity, LIST_ANY, AGG | ASC, NO),
        OBJECT("bizTransactionList", shape_transaction, LIST_SOME, TXN, TXN),
        OBJECT("bizTransactionList", shape_transaction, LIST_ANY, FIVE & ~TXN, NO),
        OBJECT("sourceList", shape_source,  LIST_ANY,   FIVE, NO),
        OBJECT("destinationList", shape_destination, LIST_ANY, FIVE, NO),
        OBJECT("sensorElementList", shape_sensor, LIST_ANY, FIVE, NO),
        OBJECT("ilmd",      shape_ilmd,     NO_LIST,    OBJ | TRF, NO),
        OBJECT("persistentDisposition", shape_persistent, NO_LIST, OBJ | TRF, NO),
        ROW("eventID",      event_id,       NO_LIST,    EVERY, NO),
        ROW("recordTime",   time,           NO_LIST,    EVERY, NO),
        ROW("certificationInfo", uris,      NO_LIST,    EVERY, NO),
        OBJECT("errorDeclaration", shape_declaration, NO_LIST, EVERY, NO),
        ROW("@context",     context,        NO_LIST,    EVERY, NO),
};
const struct shape shape_event = RULED("event", event_rows, OTHERS_NAMESPACED, rules_event);
/* A type of somebody's own: only the common members are held to anything. */
const struct shape shape_extended_event = SHAPE("event", event_rows, OTHERS_ANY);

static const struct member attribute_rows[] = {
        ROW("id",           uri,            NO_LIST,    HERE, HERE),
        ROW("attribute",    attribute,      NO_LIST,    HERE, NO),
};
static const struct shape shape_attribute = SHAPE("attribute", attribute_rows, OTHERS_ANY);

static const struct member element_rows[] = {
        ROW("id",           identifier,     NO_LIST,    HERE, HERE),
        OBJECT("attributes", shape_attribute, LIST_ANY, HERE, NO),
        ROW("children",     uri,            LIST_ANY,   HERE, NO),
};
static const struct shape shape_element = SHAPE("vocabularyElement", element_rows, OTHERS_ANY);

static const struct member vocabulary_rows[] = {
        ROW("type",         uri,            NO_LIST,    HERE, HERE),
        OBJECT("vocabularyElementList", shape_element, LIST_ANY, HERE, NO),
};
static const struct shape shape_vocabulary = SHAPE("vocabulary", vocabulary_rows, OTHERS_ANY);

static const struct member master_rows[] = {
        OBJECT("vocabularyList", shape_vocabulary, LIST_ANY, HERE, NO),
};
static const struct shape shape_master = SHAPE("epcisMasterData", master_rows, OTHERS_ANY);

static const struct member header_rows[] = {
        OBJECT("epcisMasterData", shape_master, NO_LIST, HERE, NO),
};
static const struct shape shape_header = SHAPE("epcisHeader", header_rows, OTHERS_NAMESPACED);

static const struct member body_rows[] = {
        ROW("eventList",    event,          LIST_ANY,   HERE, HERE),
};
static const struct shape shape_body = SHAPE("epcisBody", body_rows, OTHERS_ANY);

static const struct member document_rows[] = {
        ROW("@context",     context,        NO_LIST,    HERE, HERE),
        ROW("type",         anything,       NO_LIST,    HERE, HERE),
        ROW("id",           uri,            NO_LIST,    HERE, NO),
        ROW("schemaVersion", version,       NO_LIST,    HERE, HERE),
        ROW("creationDate", time,           NO_LIST,    HERE, HERE),
        ROW("instanceIdentifier", string,   NO_LIST,    HERE, NO),
        ROW("sender",       string,         NO_LIST,    HERE, NO),
        ROW("receiver",     string,         NO_LIST,    HERE, NO),
        OBJECT("epcisHeader", shape_header, NO_LIST,    HERE, NO),
        OBJECT("epcisBody", shape_body,     NO_LIST,    HERE, HERE),
};
const struct shape shape_document = SHAPE("EPCISDocument", document_rows, OTHERS_NAMESPACED);

static const struct member results_rows[] = {
        ROW("eventList",    event,          LIST_ANY,   HERE, HERE),
        OBJECT("vocabularyList", shape_vocabulary, LIST_ANY, HERE, NO),
};
static const struct shape shape_results = SHAPE("resultsBody", results_rows, OTHERS_NAMESPACED);

static const struct member query_results_rows[] = {
        ROW("queryName",    string,         NO_LIST,    HERE, HERE),
        ROW("subscriptionID", string,       NO_LIST,    HERE, NO),
        OBJECT("resultsBody", shape_results, NO_LIST,   HERE, HERE),
};
static const struct shape shape_query_results = SHAPE("queryResults", query_results_rows, OTHERS_NAMESPACED);

static const struct member query_body_rows[] = {
        OBJECT("queryResults", shape_query_results, NO_LIST, HERE, HERE),
};
static const struct shape shape_query_body = SHAPE("epcisBody", query_body_rows, OTHERS_NAMESPACED);

static const struct member query_document_rows[] = {
        ROW("@context",     context,        NO_LIST,    HERE, HERE),
        ROW("id",           uri,            NO_LIST,    HERE, NO),
        ROW("type",         anything,       NO_LIST,    HERE, HERE),
        ROW("schemaVersion", version,       NO_LIST,    HERE, NO),
        ROW("creationDate", time,           NO_LIST,    HERE, NO),
        OBJECT("epcisBody", shape_query_body, NO_LIST,  HERE, HERE),
};
const struct shape shape_query_document = SHAPE("EPCISQueryDocument", query_document_rows, OTHERS_NAMESPACED);
