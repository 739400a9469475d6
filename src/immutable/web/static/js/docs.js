/** The page to try the API: a form for each operation of the OpenAPI document, its answer, and the same as curl. */
import { el, visible } from "./dom.js";
import { key } from "./key.js";

/** @typedef {{name: string, in: "path" | "query", description?: string, required?: boolean, schema: any}} Parameter */

const keyField = el("input", { id: "key", type: "password", autocomplete: "off", placeholder: "imk_…", spellcheck: "false" });
keyField.value = key.get() ?? "";
keyField.addEventListener("change", () => (keyField.value ? key.keep(keyField.value.trim()) : key.forget()));

const JSON_TYPE = { "Content-Type": "application/json" };
const list = el("div", {}, "Reading the document…");
document.body.append(
  el(
    "main",
    { class: "docs" },
    el("h1", {}, "The API"),
    el("p", {}, "Every endpoint, to read about and to try. The document behind it: ", el("a", { href: "api/v1/openapi.json" }, "openapi.json"), "."),
    el("p", {}, el("a", { href: "desk" }, "To the desk")),
    el(
      "form",
      { class: "key-row", onsubmit: (/** @type {Event} */ event) => event.preventDefault() },
      el("label", { for: "key" }, "API key, kept until this tab is closed"),
      keyField,
    ),
    list,
  ),
);

/**
 * One operation.
 * @param {string} path @param {string} verb @param {any} operation
 */
function drawn(path, verb, operation) {
  /** @type {Parameter[]} */
  const parameters = operation.parameters ?? [];
  const fields = new Map(parameters.map((one) => [one, field(one)]));
  const content = operation.requestBody?.content?.["application/json"];
  const body = content && el("textarea", { "aria-label": "Body", spellcheck: "false" });
  if (body) body.value = JSON.stringify(exampleOf(content), null, 2);
  const shown = el("div", { "aria-live": "polite" });
  const scope = operation.security?.[0]?.api_key?.[0];
  const form = el(
    "form",
    {},
    operation.description && el("p", {}, operation.description),
    el("p", { class: "says" }, scope ? `Needs a key with the scope ${scope}.` : "Needs no key."),
    ...[...fields].map(([one, input]) =>
      el("label", {}, el("b", {}, one.name + (one.required ? " (required)" : "")), one.description ?? "", input),
    ),
    body && el("label", {}, el("b", {}, "Body"), body),
    el("div", {}, el("button", { type: "submit", class: "button" }, "Send")),
    shown,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const url = addressOf(path, fields);
    show(shown, { verb, url, body: body?.value, needsKey: Boolean(scope) });
  });
  return el(
    "details",
    {},
    el("summary", {}, el("span", { class: "verb" }, verb), el("span", { class: "path" }, path), el("span", { class: "says" }, operation.summary ?? "")),
    form,
  );
}

/** @param {Parameter} parameter */
function field(parameter) {
  const choices = parameter.schema?.enum;
  if (!choices) return el("input", { required: parameter.required, placeholder: parameter.schema?.examples?.[0] ?? "" });
  return el("select", {}, el("option", { value: "" }, "–"), ...choices.map((/** @type {string} */ one) => el("option", {}, one)));
}

/** @param {any} content */
const exampleOf = (content) =>
  content.example ?? Object.values(content.examples ?? {})[0]?.value ?? content.schema?.examples?.[0] ?? { actor_id: "user_1", action: "document.viewed" };

/** @param {string} path @param {Map<Parameter, HTMLInputElement | HTMLSelectElement>} fields */
function addressOf(path, fields) {
  const query = new URLSearchParams();
  let filled = path.replace(/^\//, "");
  for (const [one, input] of fields) {
    if (one.in === "path") filled = filled.replace(`{${one.name}}`, encodeURIComponent(input.value));
    else if (input.value) query.set(one.name, input.value);
  }
  return query.size ? `${filled}?${query}` : filled;
}

/** @typedef {{verb: string, url: string, body: string | undefined, needsKey: boolean}} Request */

/** @param {Element} place @param {Request} request */
async function show(place, request) {
  const { verb, url, body, needsKey } = request;
  const secret = keyField.value.trim();
  if (secret) key.keep(secret);
  const started = performance.now();
  try {
    const answer = await fetch(url, {
      method: verb,
      body,
      headers: { ...(body && JSON_TYPE), ...(needsKey && secret && { Authorization: `Bearer ${secret}` }) },
    });
    const text = await answer.text();
    const took = `${Math.round(performance.now() - started)} ms`;
    place.replaceChildren(
      el("p", { class: `status ${answer.ok ? "good" : "bad"}` }, `${answer.status} in ${took}`),
      el("pre", { class: "answer", tabindex: "0" }, visible(pretty(text), 200_000)),
      el("pre", { class: "curl", tabindex: "0" }, curl(request)),
    );
  } catch (error) {
    place.replaceChildren(el("p", { class: "status bad" }, `Nothing came back: ${error}`));
  }
}

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** The same for a shell; the key stays in a variable. @param {Request} request */
function curl({ verb, url, body, needsKey }) {
  const quoted = (/** @type {string} */ text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const parts = ["curl -s", verb === "GET" ? "" : `-X ${verb}`, quoted(new URL(url, document.baseURI).href)];
  if (needsKey) parts.push('-H "Authorization: Bearer $IMMUTABLE_API_KEY"');
  if (body) parts.push('-H "Content-Type: application/json"', `-d ${quoted(body)}`);
  return parts.filter(Boolean).join(" ");
}

try {
  const answer = await fetch("api/v1/openapi.json");
  const description = await answer.json();
  list.replaceChildren(
    ...Object.entries(description.paths).flatMap(([path, verbs]) =>
      Object.entries(verbs).map(([verb, operation]) => drawn(path, verb.toUpperCase(), operation)),
    ),
  );
} catch (error) {
  list.replaceChildren(`The document cannot be read: ${error}. Is the server still there?`);
}
