// Mints tokens with a running oidc-provider; see README.md.
//
// COUNTERPARTS_NODE_MODULES names the folder that oidc-provider was installed in.

import { createSecretKey, generateKeyPair, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual, promisify } from 'node:util';

const AUDIENCE = 'https://api.example';
const SCOPE = 'read';
const LIFETIME_SECONDS = 600;
const CLIENT = { client_id: 'machine', client_secret: randomBytes(32).toString('hex') };

const pair = (...args) => promisify(generateKeyPair)(...args).then((made) => made.privateKey);
const rsa = () => pair('rsa', { modulusLength: 2048 });
const ec = (namedCurve) => () => pair('ec', { namedCurve });
const secret = (bytes) => () => createSecretKey(randomBytes(bytes));
const GENERATE = {
  RS256: rsa, RS384: rsa, RS512: rsa,
  PS256: rsa, PS384: rsa, PS512: rsa,
  ES256: ec('P-256'), ES384: ec('P-384'), ES512: ec('P-521'),
  EdDSA: () => pair('ed25519'),
  HS256: secret(32), HS384: secret(48), HS512: secret(64),
};

class BadInput extends Error {}

function check(condition, message) {
  if (!condition) throw new BadInput(message);
}

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const isText = (value) => typeof value === 'string' && value !== '';

function parseJob(job, where, kids) {
  check(isText(job.id), `${where}: id must be a non-empty string`);
  check(kids.has(job.kid), `${where}: no key has this kid`);
  check([undefined, true, false].includes(job.natural), `${where}: natural must be a boolean`);
  check('payload' in job !== 'payload_text' in job, `${where}: one payload is needed`);
  if (job.natural) {
    check(!('header' in job), `${where}: a natural token takes no header`);
    check(isObject(job.payload), `${where}: a natural token's payload must be an object`);
  } else {
    check(isObject(job.header), `${where}: header must be an object`);
  }
  const textual = job.payload_text === undefined || typeof job.payload_text === 'string';
  check(textual, `${where}: payload_text must be a string`);
}

function parse(input) {
  let request;
  try {
    request = JSON.parse(input);
  } catch (error) {
    throw new BadInput(`the request is not JSON: ${error.message}`);
  }
  check(isObject(request), 'the request must be an object');
  for (const member of ['keys', 'jobs']) {
    check(Array.isArray(request[member]), `${member} must be an array`);
    check(request[member].every(isObject), `${member} must hold objects`);
  }
  const kids = new Set();
  request.keys.forEach(({ kid, alg }, i) => {
    check(isText(kid) && isText(alg), `keys[${i}]: kid and alg must be non-empty strings`);
    check(!kids.has(kid), `keys[${i}]: this kid was given before`);
    kids.add(kid);
  });
  const ids = new Set();
  request.jobs.forEach((job, i) => {
    parseJob(job, `jobs[${i}]`, kids);
    check(!ids.has(job.id), `jobs[${i}]: this id was given before`);
    ids.add(job.id);
  });
  return request;
}

// The payload a job asks for; undefined if no JSON value is written like its payload_text.
function wantedPayload({ payload, payload_text: raw }) {
  if (raw === undefined) return { value: payload };
  try {
    const value = JSON.parse(raw);
    return JSON.stringify(value) === raw ? { value } : undefined;
  } catch {
    return undefined;
  }
}

// Turns the token the provider is about to sign into the one the job asks for.
function shape(job, token) {
  if (job.natural) return;
  // Members set to undefined are left out: the provider always writes typ and kid.
  token.header = { typ: undefined, kid: undefined, alg: undefined, ...job.header };
  // The provider insists on an aud and adds an iat. Its own claims stay in place to satisfy
  // it, and what it then serialises and signs is the payload asked for.
  const { value } = wantedPayload(job);
  Object.defineProperty(token.payload, 'toJSON', { value: () => value });
}

function says(job, token) {
  if (job.natural) return true;
  const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url'));
  return isDeepStrictEqual(JSON.parse(header), job.header)
    && payload.equals(Buffer.from(JSON.stringify(wantedPayload(job).value)));
}

function configuration(keys, jobs) {
  const ofToken = (token) => jobs.get(token.resourceServer.identifier());
  return {
    clients: [{
      ...CLIENT,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post',
      // Never used, but the default, RS256, is an error when there is no RSA key.
      id_token_signed_response_alg: 'HS256',
    }],
    enabledJWA: { idTokenSigningAlgValues: Object.keys(GENERATE) },
    jwks: {
      keys: keys.filter(({ key }) => key.type === 'private')
        .map(({ kid, alg, key }) => ({ ...key.export({ format: 'jwk' }), kid, alg, use: 'sig' })),
    },
    scopes: [SCOPE],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo(_ctx, identifier) {
          const { kid } = jobs.get(identifier);
          const { alg, key } = keys.find((each) => each.kid === kid);
          // The provider finds a private key by its kid but has to be given a secret one.
          const sign = key.type === 'secret' ? { alg, kid, key } : { alg, kid };
          return {
            audience: AUDIENCE,
            scope: SCOPE,
            accessTokenFormat: 'jwt',
            accessTokenTTL: LIFETIME_SECONDS,
            jwt: { sign },
          };
        },
      },
    },
    extraTokenClaims(_ctx, token) {
      const { natural, payload } = ofToken(token);
      return natural ? payload : undefined;
    },
    formats: { customizers: { jwt: (_ctx, token, jwt) => shape(ofToken(token), jwt) } },
  };
}

async function getJson(url, options) {
  const response = await fetch(url, options);
  return { ok: response.ok, body: await response.json() };
}

async function request(endpoint, identifier, job) {
  const body = new URLSearchParams({
    ...CLIENT, grant_type: 'client_credentials', resource: identifier, scope: SCOPE,
  });
  const answer = await getJson(endpoint, { method: 'POST', body });
  if (answer.ok) return says(job, answer.body.access_token) ? answer.body.access_token : undefined;
  // This is how an exception from the signing library looks from outside; any other error,
  // or one in a token that nothing was asked of, means that this program is at fault.
  if (answer.body.error === 'server_error' && !job.natural) return undefined;
  throw new Error(`${job.id}: the token endpoint answers ${JSON.stringify(answer.body)}`);
}

async function mint({ keys: specs, jobs }, server) {
  // Its notices about development settings go to standard output, which is the answer's.
  console.info = () => {};
  console.warn = () => {};
  const modules = process.env.COUNTERPARTS_NODE_MODULES;
  if (!modules) throw new Error('COUNTERPARTS_NODE_MODULES is not set');
  const main = join(modules, 'oidc-provider', 'lib', 'index.js');
  const { Provider } = await import(pathToFileURL(main));

  const supported = ({ alg }) => Object.hasOwn(GENERATE, alg);
  const keys = await Promise.all(specs.filter(supported)
    .map(async ({ kid, alg }) => ({ kid, alg, key: await GENERATE[alg]() })));
  const usable = jobs.filter(({ kid }) => keys.some((key) => key.kid === kid));
  // The resource indicator is what tells the provider which job a request is for.
  const byResource = new Map(usable.map((job, i) => [`urn:tollgate:job:${i}`, job]));

  // The issuer holds the port, so the listener has to come before the provider.
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration(keys, byResource));
  server.on('request', provider.callback());

  const { body: discovery } = await getJson(`${issuer}/.well-known/openid-configuration`);
  const tokens = {};
  const refused = [];
  for (const [identifier, job] of byResource) {
    const token = wantedPayload(job)
      && await request(discovery.token_endpoint, identifier, job);
    if (token) tokens[job.id] = token;
    else refused.push(job.id);
  }
  const { body: jwks } = await getJson(discovery.jwks_uri);
  // No provider publishes a secret that it shares with a resource server.
  const secrets = keys.filter(({ key }) => key.type === 'secret')
    .map(({ kid, alg, key }) => ({ ...key.export({ format: 'jwk' }), kid, alg, use: 'sig' }));
  return {
    issuer: discovery.issuer,
    audience: AUDIENCE,
    jwks: { keys: [...jwks.keys, ...secrets] },
    tokens,
    unsupported: [...new Set(specs.filter((spec) => !supported(spec)).map(({ alg }) => alg))],
    refused,
  };
}

function fail(message) {
  process.stderr.write(`${message}\n`.replace(/\s+(?!$)/g, ' '));
  process.exit(1);
}

setTimeout(() => fail('gave up after 60 s'), 60_000);
const server = createServer();
try {
  const answer = await mint(parse(await text(process.stdin)), server);
  // Before the answer: writing it lasts as long as its reader likes.
  server.close();
  server.closeAllConnections();
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
} catch (error) {
  fail(error instanceof BadInput ? `bad input: ${error.message}` : `${error.message}`);
}
