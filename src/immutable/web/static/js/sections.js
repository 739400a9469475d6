/** The parts of the desk, in the order of the navigation. A part is added here when it exists, and not before. */

/** @typedef {{name: string, icon: import("./icons.js").IconName, views: string[], address: string}} Section */

/** @type {Section[]} `views`: the routes during which the part is marked as the current one */
export const SECTIONS = [
  { name: "Sessions", icon: "sessions", views: ["sessions", "resources"], address: "#/sessions" },
  { name: "Live", icon: "live", views: ["live"], address: "#/live" },
  { name: "Proof", icon: "shield", views: ["proof"], address: "#/proof" },
  // To come, in this order: Resources, Events, Settings.
];
