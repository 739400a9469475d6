/** What a one-time link opens: become the owner, or a member, or set a new password. */
import { ApiError, change, read } from "./api.js";
import { el, visible } from "./dom.js";
import { field, form } from "./form.js";
import { identity } from "./identity.js";
import { to } from "./router.js";
import { card } from "./sign-in.js";

/** @typedef {{kind: string, email: string | null, workspace: string | null, role: string | null}} Link */

/** @param {string} token @param {() => void} onJoined */
export function welcomePage(token, onJoined) {
  const body = el("div", {});
  const node = card("Welcome", "One moment …", body);
  const [title, text] = [node.querySelector("h1"), node.querySelector(".muted")];

  async function look() {
    identity.forget();
    try {
      const link = /** @type {Link} */ (await change(["links", "look"], { token }));
      const said = words(link);
      if (title && text) [title.textContent, text.textContent] = said;
      const asked = joinForm(link, token, onJoined);
      body.replaceChildren(asked.node);
      asked.focus();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (text) text.textContent = "";
      body.replaceChildren(
        el("p", { class: "problem", role: "alert" }, error.message),
        el("p", { class: "hint" }, el("a", { class: "link", href: to.sessions() }, "Go to the desk")),
      );
    }
  }
  return { title: "Welcome", node, focus: () => void look() };
}

/** @param {Link} link @returns {[string, string]} */
function words({ kind, workspace, role, email }) {
  if (kind === "owner") return ["Become the owner", "You will own this installation: every workspace, and who may use it."];
  if (kind === "password") return ["Set a new password", `For ${visible(email, 80)}. It ends your sessions and your second factor.`];
  return [
    "You are invited",
    `${visible(email, 80)} becomes ${role} of ${visible(workspace ?? "", 80)}. If you are a member here already, give the password that you have.`,
  ];
}

/** @param {Link} link @param {string} token @param {() => void} onJoined */
function joinForm(link, token, onJoined) {
  const name = field("Name", { name: "name", autocomplete: "name", maxlength: 100 });
  const email = field("E-mail address", { name: "email", type: "email", autocomplete: "username", maxlength: 254 });
  const password = field("Password", { name: "password", type: "password", autocomplete: "new-password", maxlength: 1024, placeholder: "12 characters or more" });
  const code = field("Code", { name: "code", autocomplete: "one-time-code" });
  name.node.hidden = link.kind === "password";
  email.node.hidden = !!link.email;
  code.node.hidden = true;
  const fields = [name, email, password, code];
  const asked = form(fields, link.kind === "password" ? "Set the password" : "Join", async () => {
    const given = { token, password: password.input.value, name: name.input.value.trim(), code: code.input.value.trim() };
    if (!given.password) throw new ApiError(0, "Choose a password of at least 12 characters.");
    const { needs_code } = await change(["links", "accept"], link.email ? given : { ...given, email: email.input.value.trim() });
    if (needs_code) {
      code.node.hidden = false;
      code.input.focus();
      return;
    }
    identity.keep(await read(["account"]));
    history.replaceState(null, "", to.sessions()); // the used link is in no way back
    onJoined();
  });
  const first = fields.find(({ node }) => !node.hidden) ?? password;
  return { node: asked.node, focus: () => first.input.focus() };
}
