/** The parts of the desk, in the order of the navigation. A part is added here when it exists, and not before. */

import { identity } from "./identity.js";

/**
 * @typedef {object} Section
 * @property {string} name
 * @property {import("./icons.js").IconName} icon
 * @property {string[]} views
 * @property {string} address
 * @property {() => boolean} [isFor] whether whoever uses the desk can use it
 */

/** @type {Section[]} `views`: the routes during which the part is marked as the current one */
export const SECTIONS = [
  { name: "Sessions", icon: "sessions", views: ["sessions", "resources"], address: "#/sessions" },
  { name: "Investigations", icon: "folder", views: ["investigations"], address: "#/investigations" },
  { name: "Live", icon: "live", views: ["live"], address: "#/live" },
  { name: "Proof", icon: "shield", views: ["proof"], address: "#/proof" },
  // To come, in this order: Resources, Events.
  {
    name: "Settings",
    icon: "settings",
    views: ["settings"],
    address: "#/settings",
    isFor: () => !!identity.member(),
  },
];
