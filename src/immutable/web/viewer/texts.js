/** What the viewer says in one language, and how it writes numbers, times and spans there. */
import { sentence } from "../static/js/words.js";
import { de } from "./texts/de.js";
import { en } from "./texts/en.js";
import { es } from "./texts/es.js";
import { fr } from "./texts/fr.js";

/** @type {Record<string, object>} */
const BUILT_IN = { de, en, es, fr };
/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const STYLES = {
  day: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  minute: { dateStyle: "medium", timeStyle: "short" },
  full: { dateStyle: "medium", timeStyle: "long" },
};
const UNITS = /** @type {const} */ ([["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]]);

export class Texts {
  /** @type {Record<string, any>} */ #texts;
  /** @type {Map<string, Intl.DateTimeFormat>} */ #formats = new Map();

  /** @param {string} locale a tag that Intl does not know counts as English @param {Record<string, any>} [own] instead of ours */
  constructor(locale, own) {
    this.locale = known(locale);
    this.language = new Intl.Locale(this.locale).language;
    this.#texts = { ...en, ...BUILT_IN[this.language], ...own };
    this.plural = new Intl.PluralRules(this.locale);
  }

  /** @param {string} key @param {Record<string, string | number>} [values] */
  of(key, values = {}) {
    const found = this.#texts[key] ?? "";
    const text = typeof found === "string" ? found : (found[this.plural.select(Number(values.n))] ?? found.other);
    return String(text).replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name] ?? "";
      return typeof value === "number" ? this.number(value) : value;
    });
  }

  /** What an action is called: by the page's own `texts.actions`, or by its name. @param {string} action */
  action(action) {
    const own = this.#texts.actions;
    return own && Object.hasOwn(own, action) ? String(own[action]) : sentence(action);
  }

  /** @param {number} number */
  number(number) {
    return number.toLocaleString(this.locale);
  }

  /** @param {string} iso @param {string} style */
  when(iso, style) {
    const at = new Date(iso);
    if (Number.isNaN(at.getTime())) return iso;
    let format = this.#formats.get(style);
    if (!format) this.#formats.set(style, (format = new Intl.DateTimeFormat(this.locale, STYLES[style])));
    return format.format(at);
  }

  /** A span in its two largest units. @param {number} ms @param {"short" | "narrow"} [unitDisplay] */
  span(ms, unitDisplay = "short") {
    let seconds = Math.round(Math.abs(ms) / 1000);
    const parts = [];
    for (const [unit, size] of UNITS) {
      const count = Math.floor(seconds / size);
      seconds -= count * size;
      if (count || (unit === "second" && !parts.length))
        parts.push(new Intl.NumberFormat(this.locale, { style: "unit", unit, unitDisplay }).format(count));
      else if (parts.length) break;
      if (parts.length === 2) break;
    }
    return parts.join(" ");
  }
}

/** @param {string} locale */
function known(locale) {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? "en";
  } catch {
    return "en";
  }
}
