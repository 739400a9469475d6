// A real OpenID Connect provider for tests: its own pages to sign in on, where any name is let in, as NAME@company.example.
// node server.mjs CALLBACK; prints its address. A name that begins with "unverified" has an address that nobody verified.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [callback] = process.argv.slice(2);
const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: "immutable", client_secret: "a secret: of the tests", redirect_uris: [callback] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["tests"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: id.includes("@") ? id : `${id}@company.example`,
      email_verified: !id.startsWith("unverified"),
      name: `<b>${id}</b>`,
    }),
  }),
});
server.on("request", provider.callback());
console.log(issuer);
