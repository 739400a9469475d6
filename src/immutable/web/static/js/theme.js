/** Light, dark, or as the system has it. */
import { iconButton } from "./dom.js";
import { icon } from "./icons.js";
import { prefer, preferred } from "./preference.js";

const system = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

/** Puts the remembered theme in force; without one the system's stays. */
export function applyTheme() {
  const chosen = preferred("theme", "");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
}

export function themeButton() {
  const button = iconButton(
    "Switch between light and dark",
    {
      onclick: () => {
        const next = isDark() ? "light" : "dark";
        document.documentElement.dataset.theme = next;
        prefer("theme", next);
        button.replaceChildren(icon(next === "dark" ? "sun" : "moon"));
      },
    },
    icon(isDark() ? "sun" : "moon"),
  );
  return button;
}
