/** The account page: where one is signed in, the password, the second factor. */
import { change, read } from "./api.js";
import { announce, copyButton } from "./clipboard.js";
import { el, said } from "./dom.js";
import { field, form } from "./form.js";
import { identity } from "./identity.js";
import { carefulButton, panel, problemLine, table } from "./panel.js";
import { time } from "./time.js";
import { device } from "./words.js";

/** @typedef {{id: string, is_this: boolean, method: string, ip_address: string | null, user_agent: string | null, created_at: string, seen_at: string}} OwnSession */

/**
 * @param {(error: unknown) => string | null} failed
 * @param {() => Promise<void>} again
 * @returns {Promise<Node>}
 */
export async function accountPage(failed, again) {
  const account = await read(["account"]);
  identity.keep(account);
  const sessions = el("div", {});
  const node = el(
    "div",
    { class: "settings" },
    el("header", { class: "page-head" }, el("h1", {}, "Account"), el("span", { class: "count" }, said(account.email, null, 80))),
    panel("Sessions", "Where you are signed in. A session that you end is over at once.", sessions),
    account.has_password && panel("Password", "A new one ends all your other sessions.", passwordForm()),
    account.has_password && secondFactor(account, again),
  );
  await drawSessions();
  return node;

  async function drawSessions() {
    /** @type {OwnSession[]} */
    const found = await read(["account", "sessions"]);
    const problem = problemLine();
    const others = found.filter((one) => !one.is_this).length;
    sessions.replaceChildren(
      table(
        "Sessions",
        ["Device", "Address", "Signed in", "Last seen", ""],
        found.map((one) => [
          said(device(one.user_agent) || "Unknown device", null, 60),
          said(one.ip_address ?? "", "mono", 45),
          time(one.created_at, "relative"),
          time(one.seen_at, "relative"),
          one.is_this
            ? el("span", { class: "badge" }, "this one")
            : carefulButton("End", `session on ${device(one.user_agent) || "an unknown device"}`, () => end(one.id), problem),
        ]),
      ),
      problem,
      ...(others > 1 ? [carefulButton("End all others", `${others} sessions`, () => end(null), problem)] : []),
    );
  }

  /** @param {string | null} id null: all but this one */
  async function end(id) {
    await change(["account", "sessions", ...(id ? [id] : []), "end"]);
    announce("Ended");
    await drawSessions();
  }

  function passwordForm() {
    const old = field("Current password", { name: "password", type: "password", autocomplete: "current-password" });
    const next = field("New password", { name: "new_password", type: "password", autocomplete: "new-password" });
    const asked = form(
      [old, next],
      "Change password",
      async () => {
        await change(["account", "password"], { password: old.input.value, new_password: next.input.value });
        old.input.value = next.input.value = "";
        announce("The password is changed");
        asked.button.textContent = "Changed";
        await drawSessions();
      },
      failed,
    );
    return asked.node;
  }
}

/** @param {import("./identity.js").Account} account @param {() => Promise<void>} again */
function secondFactor(account, again) {
  const body = el("div", {});
  const password = field("Password", { name: "password", type: "password", autocomplete: "current-password" });
  if (account.has_totp) {
    const code = field("Code, or a recovery code", { name: "code", autocomplete: "one-time-code", maxlength: 40 });
    const remove = form([password, code], "Remove the second factor", async () => {
      await change(["account", "totp", "remove"], { password: password.input.value, code: code.input.value.trim() });
      await again();
    });
    body.append(
      el("p", {}, `In force. ${account.recovery_codes_left} recovery codes are left.`),
      el("p", {}, "Without authenticator and recovery codes, ask whoever runs the server to remove it."),
      remove.node,
    );
  } else {
    const begin = form([password], "Set up", async () => {
      const enrolment = await change(["account", "totp"], { password: password.input.value });
      body.replaceChildren(enrol(enrolment));
      body.querySelector("input")?.focus();
    });
    body.append(begin.node);
  }
  return panel("Second factor", "A code of an authenticator app, asked for besides the password.", body);

  /** @param {{secret: string, uri: string, qr_svg: string}} enrolment */
  function enrol({ secret, qr_svg }) {
    const code = field("Code", { name: "code", autocomplete: "one-time-code", inputmode: "numeric", maxlength: 6 });
    const confirm = form([code], "Confirm", async () => {
      const { recovery_codes } = await change(["account", "totp", "confirm"], { code: code.input.value.trim() });
      body.replaceChildren(codes(recovery_codes));
      announce("The second factor is in force");
    });
    return el(
      "div",
      {},
      el("p", {}, "Scan this with your authenticator, or type the secret, and enter the code that it shows."),
      el("img", { class: "qr", alt: "QR code of the secret", src: `data:image/svg+xml,${encodeURIComponent(qr_svg)}` }),
      el("p", { class: "mono secret" }, secret, copyButton("Copy the secret", () => secret)),
      confirm.node,
    );
  }

  /** @param {string[]} all */
  function codes(all) {
    return el(
      "div",
      { role: "status" },
      el("p", {}, "In force. Keep these recovery codes: each signs you in once without the authenticator. They are shown only now."),
      el("ul", { class: "codes mono" }, ...all.map((one) => el("li", {}, one))),
      copyButton("Copy the codes", () => all.join("\n")),
      el("button", { type: "button", class: "button", onclick: again }, "I have kept them"),
    );
  }
}
