// One verifier of fast-jwt, asked by lines of JSON on standard input; src/fast_jwt.rs asks.
//
// First it says which versions it is. Then each line asks one thing, with one line as the answer:
//   {"setup": {...}}    makes the verifier: true
//   {"accepts": token}  whether it takes the token: true or false
//   {"time": checks}    times so many checks, after the lead-in: the mean in ns

import { createPublicKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

import { createVerifier } from 'fast-jwt';

const { version } = createRequire(import.meta.url)('fast-jwt/package.json');

let verify;
let tokens;
let leadIn;
let next = 0;

function keyOf(jwk) {
  if (jwk.kty === 'oct') return Buffer.from(jwk.k, 'base64url');
  return createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
}

function accepts(token) {
  try {
    verify(token);
    return true;
  } catch {
    return false;
  }
}

// A token that is refused throws, which ends this process: no batch may be timed over refusals.
function run(checks) {
  let latest = 0;
  for (let i = 0; i < checks; i++) {
    // The claims are used, so that no compiler may find a check to be without effect.
    latest = Math.max(latest, verify(tokens[next]).exp);
    next = next + 1 < tokens.length ? next + 1 : 0;
  }
  return latest;
}

function time(checks) {
  run(leadIn);
  const start = process.hrtime.bigint();
  const latest = run(checks);
  const elapsed = Number(process.hrtime.bigint() - start);
  return latest > 0 ? elapsed / checks : null;
}

function answer(request) {
  if ('time' in request) return time(request.time);
  if ('accepts' in request) return accepts(request.accepts);
  const { algorithm, jwk, audience, issuer, skew_s, cache } = request.setup;
  ({ tokens, lead_in: leadIn } = request.setup);
  verify = createVerifier({
    key: keyOf(jwk),
    algorithms: [algorithm],
    allowedAud: audience,
    allowedIss: issuer,
    // Without these, a token that lacks a claim passes the check of that claim.
    requiredClaims: ['exp', 'aud', 'iss'],
    clockTolerance: skew_s * 1000,
    complete: false,
    cache,
  });
  return true;
}

console.log(JSON.stringify({ fast_jwt: version, node: process.version }));
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))));
}
