/** What stands behind the log: its chain, its checkpoints and who cosigned them, its keys, its anchors; each read by itself. */
import { anchors, checkpoints, events, signingKeys } from "../api.js";
import { copyButton } from "../clipboard.js";
import { el, said } from "../dom.js";
import { table } from "../panel.js";
import { skeleton } from "../states.js";
import { time } from "../time.js";
import { count } from "../words.js";
import { verification } from "./verification.js";

const SHOWN = "8";

/**
 * @param {(error: unknown) => string | null} failed
 * @returns {import("../types.js").Page}
 */
export function proofPage(failed) {
  const abort = new AbortController();
  const { signal } = abort;
  const whole = verification(failed, signal);
  const cards = el(
    "div",
    { class: "proof-cards" },
    whole.node,
    card("The chain", "Each event's hash covers the one before; the last one stands for all of them.", chain),
    card("Anchors", "Checkpoints that somebody outside our control has dated.", dated),
    card("Checkpoints", "The log's size and Merkle root, signed. Witnesses sign that it only ever grew.", signed, true),
    card("Signing keys", "Give these to whoever checks an evidence pack, on another way than the pack.", keys, true),
  );
  const node = el("div", { class: "list-page" }, el("header", { class: "page-head" }, el("h1", {}, "Proof")), cards);

  /** @param {string} name @param {string} says @param {() => Promise<(Node | null)[]>} read @param {boolean} [isWide] */
  function card(name, says, read, isWide) {
    const content = el("div", {}, skeleton("step-skeleton", 1));
    const fill = () =>
      read().then(
        (nodes) => content.replaceChildren(...nodes.filter((one) => one !== null)),
        (error) => {
          const message = failed(error);
          const again = el("button", { type: "button", class: "button retry", onclick: fill }, "Try again");
          if (message) content.replaceChildren(el("p", { class: "problem", role: "alert" }, message), again);
        },
      );
    fill();
    return el("section", { class: isWide ? "proof-card wide" : "proof-card" }, el("h2", {}, name), el("p", { class: "muted" }, says), content);
  }

  async function chain() {
    const { data, pagination } = await events({ limit: "1" }, signal);
    const [newest] = data;
    if (!newest) return [el("p", {}, "The log is empty.")];
    return [
      el("p", { class: "big" }, count(newest.sequence, "event")),
      facts([
        ["Newest", time(newest.created_at, "full")],
        ["Its hash", hash(newest.integrity.event_hash)],
        ["Kept here", pagination.total < newest.sequence ? count(pagination.total, "event") : "All of them"],
      ]),
    ];
  }

  async function signed() {
    const { data } = await checkpoints(SHOWN, signal);
    if (data.length === 0) return [el("p", {}, "Nothing is signed yet. The first checkpoint follows the first event.")];
    return [
      table(
        "Checkpoints",
        ["Events", "Signed", "Root", "Witnesses"],
        data.map((one) => [
          el("strong", {}, one.size.toLocaleString("en")),
          time(one.created_at, "full"),
          hash(one.root_hash),
          one.cosignatures.length ? said(one.cosignatures.map(({ witness }) => witness).join(", "), null, 200) : "none",
        ]),
      ),
    ];
  }

  async function dated() {
    const { data } = await anchors(signal);
    if (data.length === 0) return [el("p", {}, "Nothing is anchored. Whoever runs the server can set it up: docs/guide/anchors.md.")];
    return [
      el(
        "ul",
        { class: "proof-list" },
        ...data.map((one) =>
          el(
            "li",
            {},
            el("span", { class: one.status === "confirmed" ? "badge sound" : "badge" }, one.status),
            said(one.chain, null, 80),
            el("span", { class: "muted" }, count(one.events_count, "event")),
            time(one.created_at, "short", "muted"),
          ),
        ),
      ),
    ];
  }

  async function keys() {
    const { data } = await signingKeys(signal);
    if (data.length === 0) return [el("p", {}, "There is no key yet: it is made with the first checkpoint.")];
    return data
      .toReversed()
      .map((one) =>
        el(
          "p",
          { class: "proof-key" },
          said(one.verifier_key, "mono", 400),
          copyButton("Copy the key", () => one.verifier_key),
          el("span", { class: "muted" }, one.retired_at ? "retired " : "since ", time(one.retired_at ?? one.created_at, "full")),
        ),
      );
  }

  return {
    title: "Proof",
    node,
    leave: () => abort.abort(),
    shortcuts: [{ keys: ["v"], does: "Verify the whole log", run: whole.run }],
  };
}

/** @param {string} hex */
const hash = (hex) => el("span", { class: "code" }, el("span", { class: "mono", title: hex }, `${hex.slice(0, 16)}…`), copyButton("Copy the hash", () => hex));

/** @param {[string, Node | string][]} pairs */
const facts = (pairs) => el("dl", { class: "facts" }, ...pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
