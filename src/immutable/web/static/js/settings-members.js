/** Settings: the workspace's members and invitations. */
import { change, read } from "./api.js";
import { announce, copyButton } from "./clipboard.js";
import { el, said, visible } from "./dom.js";
import { choice, field, form, sentence } from "./form.js";
import { identity } from "./identity.js";
import { carefulButton, panel, problemLine, table } from "./panel.js";
import { time } from "./time.js";

/** @typedef {{id: string, email: string, name: string, role: string, is_owner_of_all: boolean, has_totp: boolean}} Member */
/** @typedef {{id: string, email: string, role: string, created_by: string, expires_at: string, path: string | null, is_mailed: boolean}} Invitation */

/** @returns {[string, string][]} the roles that one may give here */
const roles = () => {
  const all = identity.workspace()?.is_administration ? ["owner", "viewer"] : ["owner", "admin", "member", "viewer"];
  return all.filter((one) => one !== "owner" || identity.workspace()?.role === "owner").map((one) => [one, one]);
};

/** @param {() => Promise<void>} again @returns {Promise<Node>} */
export async function membersPart(again) {
  const list = el("div", {});
  const open = el("div", {});
  const shown = el("div", { role: "status" });
  const email = field("E-mail address", { name: "email", type: "email", maxlength: 254 });
  const role = choice("Role", roles(), "viewer", { name: "role" });
  const invite = form([email, role], "Invite", async () => {
    /** @type {Invitation} */
    const made = await change(["invitations"], { email: email.input.value.trim(), role: role.input.value });
    email.input.value = "";
    const link = new URL(made.path?.replace(/^\//, "") ?? "", document.baseURI).href;
    shown.replaceChildren(
      el(
        "p",
        {},
        made.is_mailed
          ? `The invitation was sent to ${visible(made.email, 80)}. The link, if it does not arrive:`
          : `Give this link to ${visible(made.email, 80)}; it works once, for a week, and is not shown again.`,
      ),
      el("p", { class: "mono secret" }, link, copyButton("Copy the link", () => link)),
    );
    await draw();
  });
  await draw();
  return el(
    "div",
    {},
    panel("Invite somebody", "", invite.node, shown),
    panel("Members", "Another role, or a removal, signs them out at once.", list),
    open,
  );

  async function draw() {
    /** @type {[Member[], Invitation[]]} */
    const [members, invitations] = await Promise.all([read(["members"]), read(["invitations"])]);
    const problem = problemLine();
    list.replaceChildren(
      table(
        "Members",
        ["Name", "E-mail address", "Role", "Second factor", ""],
        members.map((one) => [
          said(one.name, null, 80),
          said(one.email, null, 80),
          roleOf(one, problem),
          one.has_totp ? "yes" : "no",
          canTouch(one) && carefulButton("Remove", one.email, () => remove(one), problem),
        ]),
      ),
      problem,
    );
    open.replaceChildren(
      ...(invitations.length
        ? [
            panel(
              "Invitations",
              "Nobody has accepted these yet.",
              table(
                "Invitations",
                ["E-mail address", "Role", "By", "Ends", ""],
                invitations.map((one) => [
                  said(one.email, null, 80),
                  one.role,
                  said(one.created_by, null, 60),
                  time(one.expires_at, "relative"),
                  carefulButton("Take back", one.email, () => takeBack(one), problem),
                ]),
              ),
            ),
          ]
        : []),
    );
  }

  /** @param {Member} one */
  function canTouch(one) {
    const here = identity.workspace();
    if (one.is_owner_of_all && !here?.is_administration) return false;
    return one.role !== "owner" || here?.role === "owner";
  }

  /** @param {Member} one @param {HTMLElement} problem @returns {Node | string} */
  function roleOf(one, problem) {
    if (!canTouch(one)) return one.is_owner_of_all ? "owner of all" : one.role;
    const select = el(
      "select",
      {
        "aria-label": `Role of ${one.email}`,
        onchange: async () => {
          try {
            await change(["members", one.id, "role"], { role: select.value });
            announce("Changed");
            await (one.id === identity.member()?.id ? again() : draw());
          } catch (error) {
            select.value = one.role;
            problem.textContent = sentence(error);
          }
        },
      },
      ...roles().map(([value, text]) => el("option", { value, selected: value === one.role }, text)),
    );
    return select;
  }

  /** @param {Member} one */
  async function remove(one) {
    await change(["members", one.id, "remove"]);
    announce("Removed");
    await (one.id === identity.member()?.id ? again() : draw());
  }

  /** @param {Invitation} one */
  async function takeBack(one) {
    await change(["invitations", one.id, "revoke"]);
    announce("Taken back");
    await draw();
  }
}
