// A program that compiles where our types are what the server's OpenAPI document says: of its answers, every key, and every value fits ours; of
// what is sent, every key and no other.

/** Ours, and the schema's name. */
const ANSWERS = {
  Event: "Event",
  HistoryEvent: "HistoryEvent",
  TimelineEvent: "Step",
  SessionSummary: "Session",
  'SessionResult["data"]': "SessionTimeline",
  Pagination: "Pagination",
  EventResponse: "Receipt",
  RejectedEvent: "Rejection",
  'VerifyResult["data"]': "Verification",
  VerifyBreak: "Break",
  CheckpointData: "CheckpointView",
  CheckpointResult: "LatestAnswer",
  InclusionData: "InclusionView",
  ConsistencyData: "ConsistencyView",
  SigningKeyData: "SigningKeyView",
  ShareLinkData: "LinkView",
  ViewerTokenResponse: "ViewerToken",
  AnchorItem: "Anchor",
  AnchorDetail: "OneAnchor",
  'AnchorVerifyResult["data"]': "AnchorVerdictView",
};
const SENT = { EventPayload: "EventInput" };
const FILTERS = {
  QueryFilters: "/api/v1/events",
  SessionFilters: "/api/v1/sessions",
  VerifyOptions: "/api/v1/verify",
  EvidenceFilters: "/api/v1/evidence",
  EvidenceOptions: "/api/v1/sessions/{session_id}/evidence",
};

export function program({ components: { schemas }, paths }) {
  // Somebody has an id, always; the document has one shape for people and resources.
  schemas.Who = { ...schemas.Named, properties: { ...schemas.Named.properties, id: { type: "string" } } };
  const who = (part) => JSON.parse(JSON.stringify(part).replaceAll("/Named", "/Who"));
  const typeOf = (schema) => {
    if ("$ref" in schema) return typeOf(schemas[schema.$ref.split("/").at(-1)]);
    if ("enum" in schema) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
    if ("anyOf" in schema) return schema.anyOf.map(typeOf).join(" | ");
    if (schema.type === "array") return `Array<${typeOf(schema.items)}>`;
    if (schema.properties) return `{ ${Object.entries(schema.properties).map(([name, part]) => `${name}: ${typeOf(/^(actors?|on_behalf_of)$/.test(name) ? who(part) : part)}`).join("; ")} }`;
    if (schema.type === "object") return `Record<string, ${schema.additionalProperties ? typeOf(schema.additionalProperties) : "unknown"}>`;
    return { string: "string", integer: "number", boolean: "boolean", null: "null" }[schema.type] ?? "unknown";
  };
  const sameKeys = (ours, names) => {
    const theirs = names.map((name) => JSON.stringify(name)).join(" | ");
    return `same<keyof (${ours}), ${theirs}>("same");`;
  };
  const keysOf = (name) => Object.keys(schemas[name].properties);
  return [
    `import type { ${[...new Set(Object.keys({ ...ANSWERS, ...SENT, ...FILTERS }).map((name) => name.split("[")[0]))].join(", ")} } from "getimmutable";`,
    "declare function same<One, Other>(is: [One] extends [Other] ? ([Other] extends [One] ? 'same' : Exclude<Other, One>) : Exclude<One, Other>): void;",
    ...Object.entries(ANSWERS).map(([ours, name]) => `((answer: ${typeOf(schemas[name])}): ${ours} => answer);`),
    ...Object.entries({ ...ANSWERS, ...SENT }).map(([ours, name]) => sameKeys(ours, keysOf(name))),
    ...Object.entries(FILTERS).map(([ours, path]) => sameKeys(ours, paths[path].get.parameters.filter((one) => one.in === "query").map((one) => one.name))),
  ];
}
