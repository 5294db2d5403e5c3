// A provider for the tests of sign-in: oidc-provider, which is certified, with people of its own.
//
// `node provider.mjs PORT`. Beside the provider there are two doors for the tests, on loopback:
//   POST /-/clients   registers the client in the body
//   POST /-/keys      signs with a new key from now on, and forgets the one before

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";

import { Provider } from "oidc-provider";

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const clients = [];
let keys = [newKey()];
let answer;

// Who signs in as a name is that person; what is known of them follows from the name. Behind it may
// stand how they sign in: "ada+pwd+mfa" is ada, with amr ["pwd", "mfa"].
function loginOf(typed) {
  const [accountId, ...amr] = typed.split("+");
  return amr.length ? { accountId, amr } : { accountId };
}

function claimsOf(name) {
  return {
    sub: `subject of ${name}`,
    name: name[0].toUpperCase() + name.slice(1),
    email: `${name.replace("unverified-", "")}@example.org`,
    email_verified: !name.startsWith("unverified-"),
    eduperson_affiliation: name.startsWith("pupil") ? ["student"] : ["employee", "member"],
    schac_home_organization: name.startsWith("stranger") ? "elders.nl" : "kompas.nl",
  };
}

function newKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
}

// Sessions and codes are kept outside it, so that they outlive its being made anew.
function begin() {
  const provider = new Provider(issuer, {
    clients,
    jwks: { keys },
    claims: {
      email: ["email", "email_verified"],
      profile: ["name", "eduperson_affiliation", "schac_home_organization"],
      amr: null,
    },
    features: { claimsParameter: { enabled: true } },
    cookies: { keys: ["for tests"] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...claimsOf(id), sub: id }) }),
    ttl: { Session: 600, Grant: 600, Interaction: 600, IdToken: 600, AccessToken: 600 },
  });
  const finished = provider.interactionFinished.bind(provider);
  provider.interactionFinished = (request, reply, { login, ...result }, options) => {
    if (login) result.login = loginOf(login.accountId);
    return finished(request, reply, result, options);
  };
  answer = provider.callback();
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString() || "null");
}

begin();
createServer(async (request, reply) => {
  if (!request.url.startsWith("/-/")) return answer(request, reply);
  if (request.url === "/-/clients") clients.push(await bodyOf(request));
  if (request.url === "/-/keys") keys = [newKey()];
  begin();
  reply.end();
}).listen(port, "127.0.0.1", () => console.log("ready"));
