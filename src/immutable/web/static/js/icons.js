/** The desk's icons: strokes on a 16 by 16 grid, drawn with the DOM. */
import { svg } from "./dom.js";

const PATHS = {
  alert: "M8 1.8 15 14H1zM8 6.4v3.4M8 11.8v.2",
  "arrow-up": "M8 13V3.5M4.5 7 8 3.5 11.5 7",
  arrow: "M3 8h9.5M9 4.5 12.5 8 9 11.5",
  back: "M13 8H3.5M7 4.5 3.5 8 7 11.5",
  check: "m3.5 8.4 3 3 6-6.6",
  chevron: "m6 3.5 4.5 4.5L6 12.5",
  close: "m4 4 8 8m0-8-8 8",
  copy: "M5.5 5.5h8v8h-8zM10.5 2.5h-8v8",
  download: "M8 2v8M4.8 7 8 10.2 11.2 7M2.5 13.5h11",
  folder: "M1.8 3.2h4.4l1.6 2h6.4v7.6H1.8z",
  key: "M10.2 9.3a3.5 3.5 0 1 0-3.5-3.5c0 .4.1.8.2 1.2L2 11.9V14h2.6v-1.7h1.8v-1.9l1.4-1.4c.7.2 1.5.3 2.4.3zM11.3 4.8v.1",
  keyboard: "M1.5 4h13v8.5h-13zM4 6.8v.1m2.7-.1v.1m2.6-.1v.1m2.7-.1v.1M4.5 9.8h7",
  link: "M6.7 9.3 9.3 6.7M7.5 4.6 9 3.1a2.75 2.75 0 0 1 3.9 3.9l-1.5 1.5M8.5 11.4 7 12.9A2.75 2.75 0 0 1 3.1 9l1.5-1.5",
  live: "M1.5 8.5h3L6.5 3l3 10.5 2-5h3",
  moon: "M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1z",
  out: "M6 2.5H3v11h3M10 5l3 3-3 3m3-3H6.5",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3l8 5-8 5z",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zm3.3 7.8 3.2 3.2",
  settings: "M2 4.5h7m4 0h1M2 11.5h1m4 0h7M9 4.5a2 2 0 1 1 4 0 2 2 0 0 1-4 0zM3 11.5a2 2 0 1 1 4 0 2 2 0 0 1-4 0z",
  sessions: "M4 2.5v11M4 4h9.5M4 8h6.5M4 12h8.5",
  thing: "M4 1.8h5l3.5 3.5v9H4zM9 1.8v3.5h3.5M6.2 8.5h4M6.2 11h4",
  shield: "M8 1.7 13.3 3.6v4.1c0 3.2-2.2 5.4-5.3 6.6-3.1-1.2-5.3-3.4-5.3-6.6V3.6zM5.6 8l1.7 1.7 3.2-3.5",
  sun: "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM8 1v1.6m0 10.8V15M1 8h1.6m10.8 0H15M3 3l1.2 1.2m7.6 7.6L13 13m0-10-1.2 1.2M4.2 11.8 3 13",
};

/** @typedef {keyof typeof PATHS} IconName */

/** @param {IconName} name */
export const icon = (name) =>
  svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: PATHS[name] }));

/** The product's mark: three links of a chain on a line, the last one broken open to be read. */
export const mark = () =>
  svg(
    "svg",
    { class: "mark", viewBox: "0 0 32 32", "aria-hidden": "true" },
    svg("rect", { class: "mark-ground", width: 32, height: 32, rx: 8 }),
    svg("path", { class: "mark-line", d: "M16 8v16" }),
    svg("circle", { cx: 16, cy: 8, r: 3 }),
    svg("circle", { cx: 16, cy: 16, r: 3 }),
    svg("path", { d: "m16 20.2 3.8 3.8-3.8 3.8-3.8-3.8z" }),
  );
