/** A session in plain words, and the draft of the answer to the customer; each sentence leads to the events behind it. */
import { story as fetchStory } from "../api.js";
import { copyButton } from "../clipboard.js";
import { el, said } from "../dom.js";
import { to } from "../router.js";
import { failure, skeleton } from "../states.js";
import { zone } from "../time.js";

/** @typedef {import("../types.js").Sentence} Sentence */
/** @typedef {import("../types.js").Told} Told */

const SHOWN_EVENTS = 3;

/**
 * @param {string} id the session's
 * @param {(error: unknown) => string | null} failed
 * @param {AbortSignal} signal
 */
export function wordsView(id, failed, signal) {
  const node = el("div", { class: "words" });

  async function load() {
    node.replaceChildren(skeleton("step-skeleton", 4));
    try {
      const { data } = await fetchStory(id, zone(), signal);
      node.replaceChildren(...parts(data));
    } catch (error) {
      const message = failed(error);
      if (message)
        node.replaceChildren(failure("The story could not be read", message, load));
    }
  }

  /** @param {Told} told */
  const parts = (told) => [
    el(
      "section",
      {},
      el("header", {}, el("h2", {}, "What happened"), copyButton("Copy the story", () => textOf([...told.summary, ...told.story]))),
      ...told.summary.map((sentence) => el("p", { class: "lead" }, said(sentence.text, null, 2000))),
      !told.is_whole && el("p", { class: "muted" }, "The session is longer: its first 5,000 events are told."),
      el("ol", { class: "sentences" }, ...told.story.map((sentence) => line(sentence))),
    ),
    el(
      "section",
      { class: "letter" },
      el("header", {}, el("h2", {}, "Draft of the answer"), copyButton("Copy the answer", () => textOf(told.answer))),
      el("p", { class: "muted" }, "Made from the events by rule. Read it before you send it; what stands in brackets is yours to say."),
      el("div", { class: "letter-text" }, ...told.answer.map((sentence) => letterLine(sentence))),
    ),
  ];

  /** @param {Sentence} sentence */
  const line = (sentence) =>
    el("li", { class: sentence.destructive ? "destructive" : null }, said(sentence.text, null, 2000), " ", ...eventLinks(sentence));

  /** @param {Sentence} sentence */
  const letterLine = (sentence) =>
    el(
      "p",
      { class: sentence.text.startsWith("  ") ? "indented" : null },
      said(sentence.text.trim(), null, 2000),
      " ",
      ...eventLinks(sentence),
    );

  /** @param {Sentence} sentence */
  function eventLinks({ events, events_count: all }) {
    const shown = events.slice(0, SHOWN_EVENTS);
    const links = shown.map((event) =>
      el(
        event.session_id ? "a" : "span",
        {
          class: "cited",
          href: event.session_id && to.session(event.session_id, event.id),
          title: `Event ${event.sequence.toLocaleString("en")} of the log`,
        },
        `#${event.sequence}`,
      ),
    );
    return all > shown.length ? [...links, el("span", { class: "muted" }, ` +${(all - shown.length).toLocaleString("en")}`)] : links;
  }
  return { node, load };
}

/** @param {Sentence[]} sentences */
const textOf = (sentences) => sentences.map(({ text }) => text).join("\n");
