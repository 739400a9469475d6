/** A resource by its name, as a link to all that happened to it. */
import { el, said, visible } from "../dom.js";
import { to } from "../router.js";

/** @param {import("../types.js").Named} resource @param {string} [className] */
export function resourceLink(resource, className = "resource") {
  const name = resource.name ?? resource.id;
  if (!name) return null;
  const title = visible([resource.type, resource.id].filter(Boolean).join(" "), 300);
  return resource.type && resource.id
    ? el(
        "a",
        { class: className, href: to.resource(resource.type, resource.id), title: `${title}: all that happened to it` },
        said(name, null, 120),
      )
    : el("span", { class: className, title }, said(name, null, 120));
}
