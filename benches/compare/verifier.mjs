// One verifier of fast-jwt, asked by lines of JSON on standard input; src/fast_jwt.rs asks.
//
// First it says which versions it is. Then each line asks one thing, with one line as the answer:
//   {"setup": {...}}       makes the verifier: true
//   {"tokens": [...]}      more tokens to be timed on: true
//   {"accepts": token}     whether it takes the token: true or false
//   {"accepts_all": true}  whether it takes each of the tokens: true or false
//   {"time": checks}       times so many checks, after the lead-in: the mean in ns

import { createPublicKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

import { createVerifier } from 'fast-jwt';

const { version } = createRequire(import.meta.url)('fast-jwt/package.json');

// As many as src/hit/received.rs receives before they are checked.
const TRAIN = 16;

// The README says what of this warning; any other shall be seen.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.code !== 'FAST_JWT_CACHE_KEY_BUILDER_SECURITY_RISK') console.error(warning);
});

let verify;
let tokens = [];
let received;
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

function timeInTurn(checks) {
  run(leadIn);
  const start = process.hrtime.bigint();
  const latest = run(checks);
  const elapsed = Number(process.hrtime.bigint() - start);
  return latest > 0 ? elapsed / checks : null;
}

let seed = 0x9e3779b9;

function someToken() {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return tokens[(seed >>> 0) % tokens.length];
}

const train = new Array(TRAIN);

// Whole trains: so many nanoseconds in all, without those in which the strings were made.
function runReceived(checks) {
  let elapsed = 0n;
  let latest = 0;
  for (let done = 0; done < checks; done += TRAIN) {
    for (let i = 0; i < TRAIN; i++) train[i] = someToken().latin1Slice();
    const start = process.hrtime.bigint();
    for (let i = 0; i < TRAIN; i++) latest = Math.max(latest, verify(train[i]).exp);
    elapsed += process.hrtime.bigint() - start;
  }
  return latest > 0 ? Number(elapsed) : NaN;
}

function timeReceived(checks) {
  runReceived(Math.max(leadIn, checks));
  const whole = Math.ceil(checks / TRAIN) * TRAIN;
  return runReceived(checks) / whole;
}

function setUp({ algorithm, jwk, audience, issuer, skew_s, remember, by_token, ...timed }) {
  ({ received, lead_in: leadIn } = timed);
  verify = createVerifier({
    key: keyOf(jwk),
    algorithms: [algorithm],
    allowedAud: audience,
    allowedIss: issuer,
    // Without these, a token that lacks a claim passes the check of that claim.
    requiredClaims: ['exp', 'aud', 'iss'],
    clockTolerance: skew_s * 1000,
    complete: false,
    cache: remember,
    // Nothing may be forgotten during the run.
    cacheTTL: 86_400_000,
    ...(by_token && { cacheKeyBuilder: (token) => token }),
  });
}

function answer(request) {
  if ('time' in request) return received ? timeReceived(request.time) : timeInTurn(request.time);
  if ('accepts' in request) return accepts(request.accepts);
  if ('accepts_all' in request) return tokens.every((token) => accepts(token.toString('latin1')));
  if ('tokens' in request) {
    const more = request.tokens;
    tokens.push(...(received ? more.map((token) => Buffer.from(token, 'latin1')) : more));
  } else {
    setUp(request.setup);
  }
  return true;
}

console.log(JSON.stringify({ fast_jwt: version, node: process.version }));
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))));
}
