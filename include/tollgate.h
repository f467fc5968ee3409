/*
 * tollgate: client authentication for gateways.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Made from bindings/c/src by a test (bindings/c/tests/header.rs); edits here are lost.
 */


#ifndef TOLLGATE_H
#define TOLLGATE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
/*
 * In short:
 *
 *     tollgate_gate *gate;            // one a process, shared by all threads
 *     tollgate_scratch *scratch;      // one a thread
 *     tollgate_request request;       // one a request
 *     tollgate_verdict verdict;
 *
 *     tollgate_gate_from_file(NULL, path, strlen(path), &gate, message, sizeof message);
 *     tollgate_scratch_new(&scratch);
 *     tollgate_request_init(&request);
 *     tollgate_verdict_init(&verdict);
 *     request.token.data = token;     // what stands behind "Bearer "
 *     request.token.len = token_len;
 *     if (tollgate_check(gate, scratch, &request, &verdict) == TOLLGATE_ADMITTED) ...
 *
 * Status: every function that can fail returns an int32_t. 1 is TOLLGATE_ADMITTED and nothing else is;
 * 1000 and more is the number of the reason why a request was refused; less than 0 is misuse or a fault. 0
 * is never returned, so memory that nobody wrote reads as refused.
 *
 * Threads: what takes a const handle may be called by any thread, by several at once. A scratch and an
 * update belong to one thread at a time. No thread is started but by tollgate_gate_start_refresh() and, in
 * a process that judges batches, by tollgate_check_batch().
 *
 * Pointers: NULL is a status, never a crash, for every pointer; what is said to be NULL for none may be. One
 * that is not aligned is TOLLGATE_E_ARGUMENT, wherever it is.
 * Every free takes NULL. What is not NULL has to point to as much as its length says. Handles come from this
 * library and go back to it: never to free().
 *
 * Structures begin with their size and only grow, at their end. Zero them, set size, and a field that
 * you do not know means what it always meant. Numbers that say "0 means" say so for that.
 *
 * Forks: a gate may be made before a fork and used in all children (nginx does); start what refreshes it after
 * the fork, in each.
 */

#if defined(_WIN32) && !defined(TOLLGATE_STATIC)
#define TOLLGATE_API __declspec(dllimport)
#else
#define TOLLGATE_API
#endif

#if defined(__cplusplus) && __cplusplus >= 201703L
#define TOLLGATE_NODISCARD [[nodiscard]]
#elif defined(__GNUC__)
#define TOLLGATE_NODISCARD __attribute__((warn_unused_result))
#else
#define TOLLGATE_NODISCARD
#endif

/* ---- Reasons: why a request was refused. docs/reasons.md has remedies and sources. ---- */

/** Nothing was presented. (HTTP 401) */
#define TOLLGATE_REASON_NO_CREDENTIAL 1001

/** The token is longer than this gateway reads. (HTTP 401) */
#define TOLLGATE_REASON_TOKEN_TOO_LARGE 1002

/** The token is not a compact JWS: three non-empty parts joined by two dots (the payload alone may be empty). (HTTP 401) */
#define TOLLGATE_REASON_TOKEN_SHAPE 1003

/** The token is encrypted (JWE); only signed tokens are read here. (HTTP 401) */
#define TOLLGATE_REASON_TOKEN_ENCRYPTED 1004

/** A part of the token is not canonical base64url: foreign characters, padding, white space, or trailing bits that are not zero. (HTTP 401) */
#define TOLLGATE_REASON_TOKEN_ENCODING 1005

/** The token's header is not one JSON object within the limits of depth and members. (HTTP 401) */
#define TOLLGATE_REASON_HEADER_JSON 1006

/** The header has the same member twice. (HTTP 401) */
#define TOLLGATE_REASON_HEADER_DUPLICATE 1007

/** A header member is missing, of the wrong JSON type, or too long. (HTTP 401) */
#define TOLLGATE_REASON_HEADER_MEMBER 1008

/** The header brings its own key or tells where to fetch one (jku, jwk, x5u, x5c). (HTTP 401) */
#define TOLLGATE_REASON_HEADER_KEY 1009

/** The header marks an extension as critical, and this gateway has none. (HTTP 401) */
#define TOLLGATE_REASON_HEADER_CRITICAL 1010

/** The header sets b64, the unencoded-payload option, which a token never uses. (HTTP 401) */
#define TOLLGATE_REASON_HEADER_B64 1011

/** The payload is not one JSON object within the limits of depth and members. (HTTP 401) */
#define TOLLGATE_REASON_PAYLOAD_JSON 1012

/** The payload has the same member twice, at any depth, or a claim beside its look-alike in other letter case. (HTTP 401) */
#define TOLLGATE_REASON_PAYLOAD_DUPLICATE 1013

/** A claim has the wrong JSON type or form. (HTTP 401) */
#define TOLLGATE_REASON_CLAIM_TYPE 1014

/** A claim that every token of this issuer must have is missing. (HTTP 401) */
#define TOLLGATE_REASON_CLAIM_MISSING 1015

/** The token ends before it begins (nbf or iat is later than exp). (HTTP 401) */
#define TOLLGATE_REASON_TIMES_CONTRADICT 1016

/** A claim that becomes part of the identity or of a header is longer than the bound. (HTTP 401) */
#define TOLLGATE_REASON_CLAIM_TOO_LONG 1017

/** The client certificate is not one X.509 certificate of version 3 in DER, with nothing behind it and no extension twice. (HTTP 401) */
#define TOLLGATE_REASON_CERTIFICATE_MALFORMED 1018

/** The client presented more certificates, or more bytes of them, than this gateway reads. (HTTP 401) */
#define TOLLGATE_REASON_CHAIN_TOO_LARGE 1019

/** A header that should carry the client certificate does not have the form that its name stands for. (HTTP 401) */
#define TOLLGATE_REASON_CERTIFICATE_HEADER 1020

/** The client certificate came in more than one header, or in one header more than once. (HTTP 401) */
#define TOLLGATE_REASON_CERTIFICATE_TWICE 1021

/** The header names an algorithm that this gateway does not know; `none` is one of those. (HTTP 401) */
#define TOLLGATE_REASON_ALGORITHM_UNKNOWN 2001

/** The key that the header names is for another algorithm than the header says. (HTTP 401) */
#define TOLLGATE_REASON_ALGORITHM_MISMATCH 2002

/** The token names an issuer that is not configured. (HTTP 401) */
#define TOLLGATE_REASON_ISSUER_UNKNOWN 2003

/** The issuer is Entra ID, but for a tenant that is not configured. (HTTP 401) */
#define TOLLGATE_REASON_TENANT_UNKNOWN 2004

/** The tenant in `tid` (ConfigMgr: `TenantId`) is not the one in `iss`. (HTTP 401) */
#define TOLLGATE_REASON_TENANT_MISMATCH 2005

/** The token's version (`ver`) does not belong to the form of its issuer. (HTTP 401) */
#define TOLLGATE_REASON_VERSION_MISMATCH 2006

/** The token says it is for somebody else; its signature was not checked. (HTTP 401) */
#define TOLLGATE_REASON_UNPROVEN_AUDIENCE 2007

/** The header's `typ` says this is another kind of token; its signature was not checked. (HTTP 401) */
#define TOLLGATE_REASON_UNPROVEN_TYPE 2008

/** No trusted key of the issuer is the one that the header names. (HTTP 401) */
#define TOLLGATE_REASON_KEY_UNKNOWN 2009

/** The header names no key, and the issuer has more than one for this algorithm. (HTTP 401) */
#define TOLLGATE_REASON_KEY_AMBIGUOUS 2010

/** The key is published for another issuer or tenant than the one the token names. (HTTP 401) */
#define TOLLGATE_REASON_KEY_ISSUER 2011

/** The signature is wrong under the key that the header names. (HTTP 401) */
#define TOLLGATE_REASON_SIGNATURE_WRONG 2012

/** The token is bound to a key (`cnf`), and nothing proves that the client holds it. (HTTP 401) */
#define TOLLGATE_REASON_PROOF_MISSING 2013

/** The token is bound to a key (`cnf`), and the client proved another one. (HTTP 401) */
#define TOLLGATE_REASON_PROOF_MISMATCH 2014

/** No configured PKI issued the certificate. (HTTP 401) */
#define TOLLGATE_REASON_CERTIFICATE_UNTRUSTED 2015

/** A configured PKI has the issuer of the certificate, but the path to its anchor does not hold. (HTTP 401) */
#define TOLLGATE_REASON_PATH_INVALID 2016

/** A client certificate came in a header, from a sender that may not pass one on. (HTTP 401) */
#define TOLLGATE_REASON_SENDER_NOT_TRUSTED 2017

/** The token has ended. (HTTP 401) */
#define TOLLGATE_REASON_EXPIRED 3001

/** The token does not begin yet. (HTTP 401) */
#define TOLLGATE_REASON_NOT_YET_VALID 3002

/** The token was issued later than now. (HTTP 401) */
#define TOLLGATE_REASON_ISSUED_IN_FUTURE 3003

/** The token lives longer than this gateway allows. (HTTP 401) */
#define TOLLGATE_REASON_LIFETIME_TOO_LONG 3004

/** The certificate, or one above it on its path, has ended. (HTTP 401) */
#define TOLLGATE_REASON_CERTIFICATE_EXPIRED 3005

/** The certificate, or one above it on its path, does not begin yet. (HTTP 401) */
#define TOLLGATE_REASON_CERTIFICATE_NOT_YET_VALID 3006

/** The endpoint does not take this method of authentication. (HTTP 403) */
#define TOLLGATE_REASON_METHOD_NOT_ENABLED 4001

/** The endpoint does not serve this scenario. (HTTP 403) */
#define TOLLGATE_REASON_SCENARIO_NOT_ENABLED 4002

/** A user scenario needs a token of a user; this one proves a device only. (HTTP 403) */
#define TOLLGATE_REASON_USER_NEEDED 4003

/** The token is of an application alone: neither a user nor a device. (HTTP 403) */
#define TOLLGATE_REASON_APP_ONLY 4004

/** The token does not say plainly whom it is of: a user, a device, or what kind of client. (HTTP 403) */
#define TOLLGATE_REASON_KIND_UNCLEAR 4005

/** The token was given to a client application that is not in the tenant's `client_apps`. (HTTP 403) */
#define TOLLGATE_REASON_CLIENT_APP_NOT_ALLOWED 4006

/** The user is not among the discovered users, and the tenant takes no others. (HTTP 403) */
#define TOLLGATE_REASON_USER_NOT_DISCOVERED 4007

/** The token names no device, and the tenant asks for joined devices. (HTTP 403) */
#define TOLLGATE_REASON_NOT_JOINED 4008

/** The device is not among the imported devices, and the tenant takes no others. (HTTP 403) */
#define TOLLGATE_REASON_DEVICE_NOT_IMPORTED 4009

/** Entra ID authentication needs Windows 10 or later on the client. (HTTP 403) */
#define TOLLGATE_REASON_WINDOWS_TOO_OLD 4010

/** The endpoint has to know the client's Windows version, and the gateway did not say it. (HTTP 403) */
#define TOLLGATE_REASON_WINDOWS_UNKNOWN 4011

/** The token lacks a scope that the endpoint requires. (HTTP 403) */
#define TOLLGATE_REASON_SCOPE_MISSING 4012

/** The token lacks a role that the endpoint requires. (HTTP 403) */
#define TOLLGATE_REASON_ROLE_MISSING 4013

/** The token is of one tenant and the certificate of a PKI of another. (HTTP 403) */
#define TOLLGATE_REASON_TENANT_CONFLICT 4014

/** A bulk registration token is good for registration and nothing else. (HTTP 403) */
#define TOLLGATE_REASON_REGISTRATION_ONLY 4015

/** The certificate is not for client authentication, or a CA above it may not issue for that. (HTTP 403) */
#define TOLLGATE_REASON_CERTIFICATE_PURPOSE 4016

/** The certificate is none of those that the PKI's `select` and `issuers` take. (HTTP 403) */
#define TOLLGATE_REASON_CERTIFICATE_NOT_SELECTED 4017

/** The certificate has no name that can be its principal: the one that `principal` asks for is missing, too long, or holds control characters. (HTTP 403) */
#define TOLLGATE_REASON_CERTIFICATE_NAME 4018

/** The setting gateway_allowed is false for this device, and it comes from the internet. (HTTP 403) */
#define TOLLGATE_REASON_GATEWAY_NOT_ALLOWED 4021

/** The setting user_policy_from_internet is false for this device, and a user scenario was asked for from the internet. (HTTP 403) */
#define TOLLGATE_REASON_USER_POLICY_NOT_ALLOWED 4022

/** Authentication is disabled for this tenant. (HTTP 401) */
#define TOLLGATE_REASON_TENANT_DISABLED 5001

/** This client of the site has been withdrawn. (HTTP 401) */
#define TOLLGATE_REASON_CLIENT_WITHDRAWN 5002

/** This user of the tenant has been withdrawn. (HTTP 401) */
#define TOLLGATE_REASON_USER_WITHDRAWN 5003

/** This device of the tenant has been withdrawn. (HTTP 401) */
#define TOLLGATE_REASON_DEVICE_WITHDRAWN 5004

/** The token has been used before, and tokens of this issuer pass once. (HTTP 401) */
#define TOLLGATE_REASON_REPLAYED 5005

/** The certificate, or its key, is on the deny list. (HTTP 401) */
#define TOLLGATE_REASON_CERTIFICATE_DENIED 5010

/** A CA on the certificate's path is on the deny list. (HTTP 401) */
#define TOLLGATE_REASON_CA_DENIED 5011

/** The CA has revoked the certificate. (HTTP 401) */
#define TOLLGATE_REASON_CERTIFICATE_REVOKED 5012

/** A CA on the certificate's path has been revoked by the CA above it. (HTTP 401) */
#define TOLLGATE_REASON_CA_REVOKED 5013

/** The key that signed the token has been withdrawn by its site. (HTTP 401) */
#define TOLLGATE_REASON_KEY_WITHDRAWN 5021

/** The site has withdrawn everything that it issued before a time, and this token is older or does not say how old it is. (HTTP 401) */
#define TOLLGATE_REASON_ISSUED_BEFORE 5022

/** The client registered with a bulk token whose clients have been withdrawn. (HTTP 401) */
#define TOLLGATE_REASON_BULK_CLIENTS_WITHDRAWN 5023

/** This tenant has been withdrawn, with all its users and devices. (HTTP 401) */
#define TOLLGATE_REASON_TENANT_WITHDRAWN 5024

/** The issuer's keys have not been refreshed within their bound, so nothing of this issuer can be decided. (HTTP 503) */
#define TOLLGATE_REASON_KEYS_STALE 6001

/** The gateway asked for an endpoint that is not configured. (HTTP 503) */
#define TOLLGATE_REASON_ENDPOINT_UNKNOWN 6002

/** Too many credentials of this source, or of this issuer, had wrong signatures; new ones are not tried for a moment. (HTTP 503) */
#define TOLLGATE_REASON_BUDGET_SPENT 6003

/** The memory of tokens that pass once is full, so whether this one was used before cannot be known. (HTTP 503) */
#define TOLLGATE_REASON_REPLAY_FULL 6004

/** The site has not been heard for longer than feed.max_staleness, so whether this credential has been withdrawn cannot be known. (HTTP 503) */
#define TOLLGATE_REASON_FEED_STALE 6011

/** No revocation list of the PKI speaks of the certificate, or of a CA on its path, so whether it is revoked cannot be known. (HTTP 503) */
#define TOLLGATE_REASON_REVOCATION_UNKNOWN 6020

/** The revocation list that speaks of the certificate, or of a CA on its path, is over or has not begun. (HTTP 503) */
#define TOLLGATE_REASON_CRL_STALE 6021



/**
 * Most requests of one batch.
 */
#define TOLLGATE_BATCH_MOST 1048576

/**
 * Something does not work and has to be mended.
 */
#define TOLLGATE_LOG_ERROR 1

/**
 * Something looks wrong.
 */
#define TOLLGATE_LOG_WARNING 2

/**
 * Something that was asked for was done.
 */
#define TOLLGATE_LOG_NOTICE 3

/**
 * As `address_len` of tollgate_peer_from_headers(): the proxy is at the other end of a unix socket.
 */
#define TOLLGATE_ADDRESS_UNIX 1

/**
 * Most headers of one request.
 */
#define TOLLGATE_HEADERS_MOST 4096

/**
 * The request is for the device: every method proves one.
 */
#define TOLLGATE_SCENARIO_DEVICE 1

/**
 * The request is for a user: only a token of a user proves one.
 */
#define TOLLGATE_SCENARIO_USER 2

/**
 * The request may pass. The only status that says so.
 */
#define TOLLGATE_ADMITTED 1

/**
 * The call did what it is for. Never the answer of a check.
 */
#define TOLLGATE_DONE 2

/**
 * A pointer that is needed is NULL, or one is NULL and its length is not 0.
 */
#define TOLLGATE_E_NULL (-1)

/**
 * The `size` of a structure, or a stride, is none that this library knows: set it to `sizeof`, and ask
 * tollgate_struct_size() where header and library may be of different releases.
 */
#define TOLLGATE_E_SIZE (-2)

/**
 * A number is out of its range, a length over its bound, a pointer not aligned, or a text not UTF-8.
 */
#define TOLLGATE_E_ARGUMENT (-3)

/**
 * The configuration, or an update of it, is wrong; the message says what, where, and what to write.
 */
#define TOLLGATE_E_CONFIG (-4)

/**
 * There is no such thing: no such claim, no text of this kind, no verdict to ask about.
 */
#define TOLLGATE_E_ABSENT (-5)

/**
 * Not now: another thread is at it, or it was done already.
 */
#define TOLLGATE_E_STATE (-6)

/**
 * The system gave no memory, no thread or no random numbers.
 */
#define TOLLGATE_E_SYSTEM (-7)

/**
 * A defect of the library: it caught a panic. Nothing was admitted. The gate works on; the process's
 * standard error has the place, the log callback the message.
 */
#define TOLLGATE_E_PANIC (-8)

/**
 * The principal's id, one name across methods: "entra:<tenant>:<object>", "oidc:<name>:<subject>",
 * "pki:<pki>:<kind of name>:<name>", "site:<site>:<client>".
 */
#define TOLLGATE_TEXT_ID 1

/**
 * Who vouches: the issuer, the PKI, or the site.
 */
#define TOLLGATE_TEXT_AUTHORITY 2

/**
 * The subject in the authority's own words.
 */
#define TOLLGATE_TEXT_SUBJECT 3

/**
 * The Entra tenant.
 */
#define TOLLGATE_TEXT_TENANT 4

/**
 * The Entra user.
 */
#define TOLLGATE_TEXT_USER 5

/**
 * The Entra device, or the client of a site.
 */
#define TOLLGATE_TEXT_DEVICE 6

/**
 * The id of the certificate that was judged beside the token.
 */
#define TOLLGATE_TEXT_CERTIFICATE 7

/**
 * A refusal in one line for a log: name, number, sentence, and what exactly. It holds no text of the
 * credential.
 */
#define TOLLGATE_TEXT_REFUSAL 8

/**
 * The name of the member or claim at fault; see TOLLGATE_DETAIL_MEMBER.
 */
#define TOLLGATE_TEXT_MEMBER 9

/**
 * Withdraws a client of a site: `scope` is the site's GUID, `id` the client's.
 */
#define TOLLGATE_WITHDRAW_CLIENT 1

/**
 * Withdraws a user of an Entra tenant: `scope` is the tenant's GUID, `id` the user's object id.
 */
#define TOLLGATE_WITHDRAW_USER 2

/**
 * Withdraws a device of an Entra tenant: `scope` is the tenant's GUID, `id` the device's id.
 */
#define TOLLGATE_WITHDRAW_DEVICE 3

/**
 * A token of a Microsoft Entra tenant.
 */
#define TOLLGATE_METHOD_ENTRA 1

/**
 * A token of another OpenID Connect issuer.
 */
#define TOLLGATE_METHOD_OIDC 2

/**
 * A client certificate of a configured PKI.
 */
#define TOLLGATE_METHOD_PKI 3

/**
 * A token that the site issued.
 */
#define TOLLGATE_METHOD_SITE 4

/**
 * The credential proves a user, and the device too where it names one.
 */
#define TOLLGATE_KIND_USER 1

/**
 * The credential proves a device alone.
 */
#define TOLLGATE_KIND_DEVICE 2

/**
 * The verdict's tenant is set.
 */
#define TOLLGATE_HAS_TENANT 1

/**
 * The verdict's user is set.
 */
#define TOLLGATE_HAS_USER 2

/**
 * The verdict's device is set.
 */
#define TOLLGATE_HAS_DEVICE 4

/**
 * The client proved a key that the credential is bound to.
 */
#define TOLLGATE_IS_BOUND 8

/**
 * A certificate of a configured PKI came beside the token and was judged as well:
 * TOLLGATE_TEXT_CERTIFICATE says whose.
 */
#define TOLLGATE_HAS_CERTIFICATE 16

/**
 * detail_found and detail_limit are bytes or counts: what was found, and what is allowed.
 */
#define TOLLGATE_DETAIL_COUNT 1

/**
 * detail_found and detail_limit are seconds: what was found, and what is allowed.
 */
#define TOLLGATE_DETAIL_SECONDS 2

/**
 * TOLLGATE_TEXT_MEMBER names the member or claim at fault.
 */
#define TOLLGATE_DETAIL_MEMBER 3

/**
 * Number of the binary interface, and of the shared library's name (libtollgate.so.0). What is there stays
 * as it is while the number stays.
 */
#define TOLLGATE_ABI_VERSION 0

/**
 * First number of the release of this header.
 */
#define TOLLGATE_VERSION_MAJOR 0

/**
 * Second number.
 */
#define TOLLGATE_VERSION_MINOR 1

/**
 * Third number.
 */
#define TOLLGATE_VERSION_PATCH 0

/**
 * tollgate_options, for tollgate_struct_size().
 */
#define TOLLGATE_STRUCT_OPTIONS 1

/**
 * tollgate_request, for tollgate_struct_size().
 */
#define TOLLGATE_STRUCT_REQUEST 2

/**
 * tollgate_verdict, for tollgate_struct_size().
 */
#define TOLLGATE_STRUCT_VERDICT 3

/**
 * tollgate_counters, for tollgate_struct_size().
 */
#define TOLLGATE_STRUCT_COUNTERS 4

/**
 * A gate: a configuration, the trust that it names, and the credentials that are remembered.
 *
 * Shared: any thread may use it at any time, several at once, for everything that is asked of a
 * `const tollgate_gate *`. Counted: each tollgate_gate_clone() and each gate that was made needs one
 * tollgate_gate_free().
 */
typedef struct tollgate_gate tollgate_gate;

/**
 * The client's certificates, read once and passed to every check on the same connection.
 *
 * Shared: any thread may use it at any time, several at once, until it is freed. It belongs to no gate.
 *
 * Certificates that cannot be taken are a peer, too: every request that it comes with is refused. So a
 * host that does not look at the status admits nobody whom it should not.
 */
typedef struct tollgate_peer tollgate_peer;

/**
 * The working memory of one thread. It owns every text and payload that the library hands out: they are
 * good until the scratch is used for another check, batch, explanation or metrics, or is freed.
 *
 * Not shared: one thread at a time uses it. Made once a thread (or once a connection), used for any gate.
 */
typedef struct tollgate_scratch tollgate_scratch;

/**
 * Changes that belong together: collected here, applied by tollgate_gate_apply() all at once or not at all.
 *
 * Not shared: one thread at a time uses it.
 */
typedef struct tollgate_update tollgate_update;

/**
 * Bytes that somebody else owns.
 */
typedef struct tollgate_bytes {
    /**
     * The first byte. NULL only where len is 0.
     */
    const uint8_t *data;
    /**
     * How many there are.
     */
    size_t len;
} tollgate_bytes;

/**
 * UTF-8 text that somebody else owns. The library reads `len` bytes and no NUL; texts that it hands out
 * have a NUL behind them, which len does not count.
 */
typedef struct tollgate_text {
    /**
     * The first byte. NULL only where len is 0.
     */
    const char *data;
    /**
     * Bytes without the NUL.
     */
    size_t len;
} tollgate_text;

/**
 * What a client presented on one request, and what the gateway wants to know. Zero it, set size, and what
 * there is; tollgate_request_init() does the first two.
 */
typedef struct tollgate_request {
    /**
     * sizeof(tollgate_request).
     */
    uint32_t size;
    /**
     * TOLLGATE_SCENARIO_DEVICE or TOLLGATE_SCENARIO_USER. 0 means device.
     */
    uint32_t scenario;
    /**
     * A bearer token: the bytes behind "Bearer ", as they came; any bytes are safe. 0 means none.
     * Has to stay as it is for as long as texts of the verdict are asked for.
     */
    struct tollgate_bytes token;
    /**
     * The client's certificates. 0 means none. Has to stay for as long as texts of the verdict are asked for.
     */
    const struct tollgate_peer *peer;
    /**
     * The configured endpoint at which the request arrived. 0 means the only one there is.
     */
    struct tollgate_text endpoint;
    /**
     * Seconds since 1970 (UTC) by which credentials are valid. 0 means now, by the gate's clock.
     */
    int64_t unix_s;
    /**
     * Milliseconds of the gate's monotonic clock (tollgate_gate_now()) by which keys are fresh. 0 means
     * now, by the gate's clock.
     */
    uint64_t mono_ms;
    /**
     * The client's Windows version, if it is known: 10 in 10.0.19045. 0 means that it is not known, and
     * the two others are not read. tollgate_request_set_windows() reads a text.
     */
    uint32_t windows_major;
    /**
     * 0 in 10.0.19045.
     */
    uint32_t windows_minor;
    /**
     * 19045 in 10.0.19045. 0 means that it was not given.
     */
    uint32_t windows_build;
    /**
     * How many bytes of source count, at most 16. 0 means that it is not known.
     */
    uint32_t source_len;
    /**
     * From whom the request comes: what wrong signatures of one source may cost is bounded. Any bytes that
     * tell sources apart; tollgate_request_set_address() makes them of an IP address.
     */
    uint8_t source[16];
} tollgate_request;

/**
 * The answer to one check. Zero it and set size, once; tollgate_verdict_init() does both. It is written
 * as a whole by every check, refused before anything else happens. A zeroed verdict reads as refused.
 *
 * It holds numbers and points to nothing. Texts are asked of the scratch: tollgate_verdict_text() and those
 * beside it.
 */
typedef struct tollgate_verdict {
    /**
     * sizeof(tollgate_verdict).
     */
    uint32_t size;
    /**
     * What tollgate_check() returned: TOLLGATE_ADMITTED, the number of the reason for a refusal (1000 or
     * more), or less than 0 for misuse and faults. 0 means that there was no check.
     */
    int32_t status;
    /**
     * 1 where the request may pass. 0 means that it may not.
     */
    uint32_t admitted;
    /**
     * TOLLGATE_METHOD_*: how it was authenticated, or by which method it was refused. 0 means not known.
     */
    uint32_t method;
    /**
     * TOLLGATE_KIND_*. 0 means that nobody was admitted.
     */
    uint32_t kind;
    /**
     * What outsiders may be told: 200, 401, 403, or 503, which is our own trouble and never the client's
     * fault. 0 means that there was no check.
     */
    uint32_t http_status;
    /**
     * TOLLGATE_HAS_* and TOLLGATE_IS_*, added. 0 means none of them.
     */
    uint32_t flags;
    /**
     * TOLLGATE_DETAIL_* of a refusal. 0 means that the reason says it all.
     */
    uint32_t detail;
    /**
     * What was found, in bytes, a count, or seconds. 0 where detail says neither.
     */
    int64_t detail_found;
    /**
     * What is allowed, in the same unit. 0 where detail says neither.
     */
    int64_t detail_limit;
    /**
     * When the credential ends, or the certificate beside it, whichever is earlier: seconds since 1970
     * (UTC). A token passes for as much longer as `gate.skew` says. 0 means that nobody was admitted.
     */
    int64_t expires_s;
    /**
     * The Entra tenant, in the order of its text. 0 means none; see TOLLGATE_HAS_TENANT.
     */
    uint8_t tenant[16];
    /**
     * The Entra user: the immutable object id. 0 means none; see TOLLGATE_HAS_USER.
     */
    uint8_t user[16];
    /**
     * The Entra device, or the client of a site. 0 means none; see TOLLGATE_HAS_DEVICE.
     */
    uint8_t device[16];
} tollgate_verdict;

/**
 * A gate's counts since it was made. Zero it and set size.
 */
typedef struct tollgate_counters {
    /**
     * sizeof(tollgate_counters).
     */
    uint32_t size;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * Checks that admitted.
     */
    uint64_t admitted;
    /**
     * Checks that refused. tollgate_gate_refusals() has them by reason.
     */
    uint64_t refused;
    /**
     * Checks answered from memory alone.
     */
    uint64_t hits;
    /**
     * Checks for which something had to be read or proven.
     */
    uint64_t misses;
    /**
     * Remembered credentials that were judged again, without a signature, because trust or policy moved.
     */
    uint64_t rejudged;
    /**
     * Signatures of tokens and of whole certification paths that were computed.
     */
    uint64_t signature_checks;
    /**
     * Tokens refused because the same bytes were wrong under the same key a moment ago.
     */
    uint64_t wrong_again;
    /**
     * Checks that waited for another thread's check of the same credential.
     */
    uint64_t waited;
    /**
     * Checks refused because a budget was spent.
     */
    uint64_t over_budget;
    /**
     * Credentials remembered now.
     */
    uint64_t entries;
    /**
     * What they take in memory now, in bytes.
     */
    uint64_t bytes;
    /**
     * Credentials that were taken in.
     */
    uint64_t insertions;
    /**
     * Credentials that made way alive.
     */
    uint64_t evicted;
    /**
     * Credentials that had ended when they made way.
     */
    uint64_t expired;
    /**
     * Credentials that found no place.
     */
    uint64_t not_kept;
    /**
     * Times that files were loaded again and the trust was replaced.
     */
    uint64_t refreshes;
    /**
     * Times that files changed and could not be loaded.
     */
    uint64_t refresh_failures;
    /**
     * Updates that were applied.
     */
    uint64_t updates;
} tollgate_counters;

/**
 * What is said about the gate itself (never about a credential): one line of UTF-8 with a NUL behind it,
 * good during the call only.
 *
 * Called by any thread that is inside a call of this gate, by the refresh thread, and by several at once.
 * It may call every function of the library but those that free this gate, and must not use a scratch that
 * is in use by the call it came from. It must not throw or longjmp.
 */
typedef void (*tollgate_log_callback)(void *user,
                                      uint32_t level,
                                      const char *message,
                                      size_t len);

/**
 * Writes the time: seconds since 1970 (UTC), and milliseconds of a clock that never goes back. Both have
 * to be written.
 *
 * Called by any thread that is inside a call of this gate, and by several at once. It must call no function
 * of the library, and must not throw or longjmp.
 */
typedef void (*tollgate_clock_callback)(void *user,
                                        int64_t *unix_s,
                                        uint64_t *mono_ms);

/**
 * Called once with the user data, when nothing will call back any more. It must not throw or longjmp.
 */
typedef void (*tollgate_drop_callback)(void *user);

/**
 * How a gate is made. Zero it, set size; every other field may stay 0.
 */
typedef struct tollgate_options {
    /**
     * sizeof(tollgate_options).
     */
    uint32_t size;
    /**
     * How many processes make a gate of this configuration and share this machine: `cache.max_bytes` is
     * divided by it, and `replay_detection`, which each would do for itself, is an error in the configuration
     * of more than one. 0 means 1.
     */
    uint32_t processes;
    /**
     * Handed to every callback. 0 means NULL.
     */
    void *user;
    /**
     * The log. 0 means none.
     */
    tollgate_log_callback log;
    /**
     * The clock. 0 means the system's.
     */
    tollgate_clock_callback clock;
    /**
     * Called once when the gate, all its clones and every scratch that used it last are gone; also where no
     * gate was made, but for options that cannot be read (TOLLGATE_E_SIZE). 0 means none.
     */
    tollgate_drop_callback drop;
} tollgate_options;

/**
 * One header of a request.
 */
typedef struct tollgate_header {
    /**
     * Its name, in any letter case.
     */
    struct tollgate_text name;
    /**
     * Its value.
     */
    struct tollgate_bytes value;
} tollgate_header;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Judges many requests; the verdicts come in their order.
 *
 * What was seen before is judged first, by this thread, memory asked for ahead. The others are shared out
 * to a pool of threads that all gates of the process have in common; it is made when it is first needed,
 * and anew in a forked child. Any thread, several at once, each with its own scratch.
 *
 * A request that cannot be read has its status in its own verdict; the others are judged. Those without
 * a time of their own have one in common.
 *
 * @param gate            Not NULL.
 * @param scratch         Where texts may be asked of after tollgate_batch_choose(). NULL: no texts.
 * @param requests        The first request; NULL only where count is 0.
 * @param request_stride  Bytes from one request to the next: sizeof(tollgate_request) or more.
 * @param verdicts        The first verdict; NULL only where count is 0. All are written as refused
 *                        before anything else happens.
 * @param verdict_stride  Bytes from one verdict to the next: sizeof(tollgate_verdict) or more.
 * @param count           How many, at most TOLLGATE_BATCH_MOST. 0 does nothing.
 * @return TOLLGATE_DONE, whatever the verdicts are; TOLLGATE_E_NULL; TOLLGATE_E_SIZE for a stride, or the
 *         size of a verdict; TOLLGATE_E_ARGUMENT; TOLLGATE_E_PANIC.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_check_batch(const struct tollgate_gate *gate,
                             struct tollgate_scratch *scratch,
                             const struct tollgate_request *requests,
                             size_t request_stride,
                             struct tollgate_verdict *verdicts,
                             size_t verdict_stride,
                             size_t count);

/**
 * Chooses which verdict of the last batch of a scratch texts are asked of. Texts of the one before are void.
 *
 * @param scratch  Not NULL.
 * @param index    From 0 on.
 * @return TOLLGATE_DONE; TOLLGATE_E_ABSENT where the last call was no batch, or has no such verdict;
 *         TOLLGATE_E_NULL.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_batch_choose(struct tollgate_scratch *scratch,
                              size_t index);

/**
 * Judges one request.
 *
 * A credential that was seen before costs the comparison of its bytes and some 50 ns, takes no lock and
 * allocates nothing; a new one costs its signature. Any thread, several at once, each with its own scratch.
 *
 * @param gate     Not NULL.
 * @param scratch  Where texts may be asked of afterwards; what it handed out before is void. NULL: no texts.
 * @param request  Not NULL.
 * @param verdict  Not NULL. Written as refused before anything else happens.
 * @return verdict->status: TOLLGATE_ADMITTED; 1000 or more for a refusal, by its reason; less than 0 for
 *         misuse and faults. Never 0.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_check(const struct tollgate_gate *gate,
                       struct tollgate_scratch *scratch,
                       const struct tollgate_request *request,
                       struct tollgate_verdict *verdict);

/**
 * Adds up what all threads counted. What they count meanwhile may be in it or not.
 *
 * @param gate      Not NULL.
 * @param counters  Not NULL; size has to be set.
 * @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_SIZE, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_gate_counters(const struct tollgate_gate *gate,
                               struct tollgate_counters *counters);

/**
 * How often a reason refused.
 *
 * @param gate    Not NULL.
 * @param reason  Its number: a status of 1000 or more.
 * @param count   Where the count goes; not NULL.
 * @return TOLLGATE_DONE; TOLLGATE_E_ARGUMENT for a number that is no reason's; TOLLGATE_E_NULL.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_gate_refusals(const struct tollgate_gate *gate,
                               int32_t reason,
                               uint64_t *count);

/**
 * The same and more as Prometheus text (exposition format 0.0.4), to be sent as
 * `text/plain; version=0.0.4`. For the operator: it names what is configured, and no client.
 *
 * @param gate     Not NULL.
 * @param scratch  Not NULL; it owns the text.
 * @param text     Where the text goes; not NULL. Of no bytes is written first.
 * @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_gate_metrics(const struct tollgate_gate *gate,
                              struct tollgate_scratch *scratch,
                              struct tollgate_text *text);

/**
 * Judges as tollgate_check(), by the same code and with the same verdict, remembers nothing, and writes
 * down every step: what was looked at, what was found, what was expected, and for a refusal the remedy. For
 * the operator only: the text holds claims and names of the credential (never its signature).
 *
 * Costs a signature each time, and allocates.
 *
 * @param gate     Not NULL.
 * @param scratch  Not NULL. Texts of the verdict may be asked of it afterwards.
 * @param request  Not NULL.
 * @param lines    Where the text goes, several lines; not NULL. Of no bytes is written first.
 * @return As tollgate_check().
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_explain(const struct tollgate_gate *gate,
                         struct tollgate_scratch *scratch,
                         const struct tollgate_request *request,
                         struct tollgate_text *lines);

/**
 * Makes a gate of a configuration file and everything that it names. Paths in it are relative to it.
 *
 * No thread is started: tollgate_gate_start_refresh() or tollgate_gate_refresh() keep the trust fresh.
 *
 * @param options      NULL for none.
 * @param path         Of the file; not NULL.
 * @param path_len     Bytes of it, at most 65,536.
 * @param gate         Where the gate goes; not NULL. NULL is written first, and stays where none was made.
 *                     The caller owns the gate and frees it with tollgate_gate_free().
 * @param message      Where one line goes that says what is wrong, and where, with a NUL; "" where nothing
 *                     is. NULL for none. The log callback gets every error and every warning.
 * @param message_cap  Bytes of room there; 512 is enough for most.
 * @return TOLLGATE_DONE; TOLLGATE_E_CONFIG; TOLLGATE_E_NULL, TOLLGATE_E_SIZE, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_gate_from_file(const struct tollgate_options *options,
                                const char *path,
                                size_t path_len,
                                struct tollgate_gate **gate,
                                char *message,
                                size_t message_cap);

/**
 * As tollgate_gate_from_file(), of a configuration in memory.
 *
 * @param options      NULL for none.
 * @param toml         The configuration's text.
 * @param toml_len     Bytes of it, at most 4 MiB.
 * @param folder       What paths in it are relative to; NULL for the current directory.
 * @param folder_len   Bytes of it, at most 65,536.
 * @param gate         As there.
 * @param message      As there.
 * @param message_cap  As there.
 * @return As there.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_gate_from_text(const struct tollgate_options *options,
                                const char *toml,
                                size_t toml_len,
                                const char *folder,
                                size_t folder_len,
                                struct tollgate_gate **gate,
                                char *message,
                                size_t message_cap);

/**
 * One more owner of a gate.
 *
 * @param gate  NULL gives NULL.
 * @return The same gate, to be freed once more.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
struct tollgate_gate *tollgate_gate_clone(const struct tollgate_gate *gate);

/**
 * Gives one ownership of a gate back. The last one ends its refresh thread and frees it; a scratch that
 * used it last keeps it until the scratch is used with another gate or freed.
 *
 * @param gate  NULL does nothing. Must not be called by a callback of this gate.
 */
TOLLGATE_API
void tollgate_gate_free(struct tollgate_gate *gate);

/**
 * Whether an endpoint is configured: for hosts that read its name from a configuration of their own, and
 * want to fail early.
 *
 * @param gate          Not NULL.
 * @param endpoint      Its name; of no bytes for the only one there is.
 * @param endpoint_len  Bytes of it.
 * @param message       Where one line goes that lists the endpoints, where this is none. NULL for none.
 * @param message_cap   Bytes of room there.
 * @return TOLLGATE_DONE; TOLLGATE_E_ABSENT where there is no such endpoint; TOLLGATE_E_NULL,
 *         TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_gate_has_endpoint(const struct tollgate_gate *gate,
                                   const char *endpoint,
                                   size_t endpoint_len,
                                   char *message,
                                   size_t message_cap);

/**
 * The most that this gate remembers, in bytes: `cache.max_bytes`, divided by the processes that share it.
 *
 * @param gate  NULL gives 0.
 * @return Bytes.
 */
TOLLGATE_API
uint64_t tollgate_gate_cache_bytes(const struct tollgate_gate *gate);

/**
 * The time by the gate's clock: what a request's `unix_s` and `mono_ms` mean. A host that has a loop of
 * its own may read it once a round and pass it on; both are read from the system in some 50 ns else.
 *
 * @param gate     Not NULL.
 * @param unix_s   Where seconds since 1970 (UTC) go; not NULL.
 * @param mono_ms  Where milliseconds of a clock that never goes back go; not NULL.
 * @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
int32_t tollgate_gate_now(const struct tollgate_gate *gate,
                          int64_t *unix_s,
                          uint64_t *mono_ms);

/**
 * Reads the certificates that the client proved in the TLS handshake of this very connection.
 *
 * Only call it with what your own TLS library verified possession of: a chain copied from elsewhere
 * proves nothing, and would be taken for the client's. For chains in headers there is
 * tollgate_peer_from_headers().
 *
 * @param chain  Certificates as DER, the client's own first; read during the call only.
 * @param count  How many.
 * @param peer   Where the peer goes; not NULL. NULL is written first. The caller owns it and frees it with
 *               tollgate_peer_free().
 * @return TOLLGATE_DONE; 1000 or more where the certificates cannot be taken, by its reason: there is a
 *         peer then, and it refuses; less than 0 for misuse, and there is none: do not go on without one.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_peer_new(const struct tollgate_bytes *chain,
                          size_t count,
                          struct tollgate_peer **peer);

/**
 * As tollgate_peer_new(), from PEM text, or from the DER of one certificate.
 *
 * @param pem      The client's own certificate first.
 * @param pem_len  Bytes of it.
 * @param peer     As there.
 * @return As there.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_peer_from_pem(const char *pem,
                               size_t pem_len,
                               struct tollgate_peer **peer);

/**
 * Reads the client's certificate where a proxy that ended TLS passed it on in a header (docs/configuration.md
 * names the headers and who is listened to: `peers.trusted`). Such a peer is a credential of its PKI; it
 * proves no token's key. For each request: a proxy's connection carries many clients.
 *
 * @param gate         Not NULL.
 * @param address      The proxy's IP address, 4 or 16 bytes in network order; not looked at for a unix socket.
 * @param address_len  4, 16, or TOLLGATE_ADDRESS_UNIX. Not 0: an address that is not known is nobody's whom
 *                     one would listen to.
 * @param headers      All headers of the request, or one that comes twice is not noticed.
 * @param count        How many. More than TOLLGATE_HEADERS_MOST, or one of more than 384 KiB, is refused as
 *                     certificates that are too large.
 * @param peer         Where the peer goes; not NULL. NULL is written first, and stays where no certificate
 *                     was passed on. The caller owns it and frees it with tollgate_peer_free().
 * @return As tollgate_peer_new(); 1000 or more also for a sender that is not listed, and for headers that
 *         are not one certificate in one form.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_peer_from_headers(const struct tollgate_gate *gate,
                                   const uint8_t *address,
                                   size_t address_len,
                                   const struct tollgate_header *headers,
                                   size_t count,
                                   struct tollgate_peer **peer);

/**
 * Frees a peer.
 *
 * @param peer  NULL does nothing. No check may be using it, and no text be asked of a verdict on it.
 */
TOLLGATE_API
void tollgate_peer_free(struct tollgate_peer *peer);

/**
 * SHA-256 of the client's own certificate, by which tokens are bound to it (`x5t#S256`, RFC 8705).
 *
 * @param peer        Not NULL.
 * @param thumbprint  Where 32 bytes go; not NULL.
 * @return TOLLGATE_DONE; TOLLGATE_E_ABSENT where the certificates could not be taken; TOLLGATE_E_NULL.
 */
TOLLGATE_API
int32_t tollgate_peer_thumbprint(const struct tollgate_peer *peer,
                                 uint8_t *thumbprint);

/**
 * The name of a status that scripts and logs read: "admitted", or a reason's, as "expired".
 *
 * @param status  Any number.
 * @return Text with a NUL, never NULL, good for ever; "unknown" for a number that this library does not know.
 */
TOLLGATE_API
const char *tollgate_reason_name(int32_t status);

/**
 * The class of a reason: "malformed", "untrusted", "untimely", "unsuitable", "withdrawn", "undecidable";
 * "admitted"; "fault" for what is less than 0 or not known.
 *
 * @param status  Any number.
 * @return Text with a NUL, never NULL, good for ever.
 */
TOLLGATE_API
const char *tollgate_reason_class(int32_t status);

/**
 * What was found, as one sentence for an operator.
 *
 * @param status  Any number.
 * @return Text with a NUL, never NULL, good for ever.
 */
TOLLGATE_API
const char *tollgate_reason_sentence(int32_t status);

/**
 * What an operator does about it.
 *
 * @param status  Any number.
 * @return Text with a NUL, never NULL, good for ever; "" where there is nothing to do.
 */
TOLLGATE_API
const char *tollgate_reason_remedy(int32_t status);

/**
 * The HTTP status that outsiders may see, and nothing else: 401, 403, or 503 for what is not their fault; 200
 * for TOLLGATE_ADMITTED alone.
 *
 * @param status  Any number.
 * @return 200, 401, 403 or 503.
 */
TOLLGATE_API
uint32_t tollgate_reason_http_status(int32_t status);

/**
 * Starts a thread that keeps the trust of this gate fresh: it looks at the files of the configuration
 * once a second and loads them again when one has changed. What cannot be loaded is told to the log, and
 * the trust stays as it was. The thread takes no signals.
 *
 * A fork copies no thread: a host that forks calls this in each child, after the fork. Each child has its
 * own copy of a gate that was made before.
 *
 * @param gate  Not NULL.
 * @return TOLLGATE_DONE; TOLLGATE_E_STATE where this process runs it already; TOLLGATE_E_SYSTEM where there
 *         is no thread to be had; TOLLGATE_E_NULL.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_gate_start_refresh(const struct tollgate_gate *gate);

/**
 * Ends the thread that tollgate_gate_start_refresh() started, and waits for it: it calls nothing back when
 * this returns.
 *
 * @param gate  Not NULL. Must not be called by a callback of this gate.
 * @return TOLLGATE_DONE; TOLLGATE_E_STATE where none runs; TOLLGATE_E_NULL.
 */
TOLLGATE_API
int32_t tollgate_gate_stop_refresh(const struct tollgate_gate *gate);

/**
 * When tollgate_gate_refresh() is due, for hosts with a loop of their own.
 *
 * @param gate  NULL gives UINT64_MAX.
 * @return Milliseconds from now; 0: it is due.
 */
TOLLGATE_API
uint64_t tollgate_gate_refresh_due(const struct tollgate_gate *gate);

/**
 * Whether tollgate_gate_refresh() is due and would do more than look, for hosts whose loop should wait for no
 * file: they refresh in a thread of their own when this says so, and so have one only then. (A process with
 * a second thread pays for it in each system call.) Asks for the date and size of each file of the
 * configuration, some 2 us each, and opens none.
 *
 * @param gate  Not NULL.
 * @return TOLLGATE_DONE: it would, or may; TOLLGATE_E_ABSENT: it is not due for up to a second, or another
 *         thread is at it; TOLLGATE_E_NULL.
 */
TOLLGATE_API
int32_t tollgate_gate_needs_refresh(const struct tollgate_gate *gate);

/**
 * Looks once at every file of the configuration, and loads it again if one has changed. Reads files: some
 * microseconds where nothing changed, milliseconds where something did. Checks go on meanwhile.
 *
 * @param gate         Not NULL.
 * @param message      Where one line goes that says what could not be loaded; "" where all could. NULL for
 *                     none.
 * @param message_cap  Bytes of room there.
 * @return TOLLGATE_DONE; TOLLGATE_E_CONFIG where what changed is wrong: the trust stays as it was;
 *         TOLLGATE_E_STATE where another thread is at it; TOLLGATE_E_NULL.
 */
TOLLGATE_API
int32_t tollgate_gate_refresh(const struct tollgate_gate *gate,
                              char *message,
                              size_t message_cap);

/**
 * Sets the source to an IP address: of IPv4 all of it, of IPv6 the network of 64 bits, since one host may
 * have all addresses in it.
 *
 * @param request      Not NULL; size has to be set.
 * @param address      4 or 16 bytes in network order.
 * @param address_len  4 or 16.
 * @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_SIZE; TOLLGATE_E_ARGUMENT for another length.
 */
TOLLGATE_API
int32_t tollgate_request_set_address(struct tollgate_request *request,
                                     const uint8_t *address,
                                     size_t address_len);

/**
 * Sets the client's Windows version from a text as clients send it: "10.0.19045".
 *
 * @param request      Not NULL; size has to be set.
 * @param version      Two to four numbers with points between them; a fourth is dropped.
 * @param version_len  Bytes of it.
 * @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_SIZE; TOLLGATE_E_ARGUMENT for another text, which
 *         sets the version to not known.
 */
TOLLGATE_API
int32_t tollgate_request_set_windows(struct tollgate_request *request,
                                     const char *version,
                                     size_t version_len);

/**
 * Makes a scratch.
 *
 * @param scratch  Where it goes; not NULL. NULL is written first. The caller owns it and frees it with
 *                 tollgate_scratch_free().
 * @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_scratch_new(struct tollgate_scratch **scratch);

/**
 * Frees a scratch and every text that it handed out.
 *
 * @param scratch  NULL does nothing.
 */
TOLLGATE_API
void tollgate_scratch_free(struct tollgate_scratch *scratch);

/**
 * A text of the last verdict of a scratch. It may hold every character that a token or a certificate may
 * hold: encode it before it becomes a header or a line of a log.
 *
 * Nothing is allocated once the scratch is warm, but for subjects, and for ids of OpenID Connect and PKIs.
 *
 * @param scratch  Not NULL.
 * @param kind     TOLLGATE_TEXT_*.
 * @param view     Where the text goes; not NULL. Of no bytes is written first.
 * @return TOLLGATE_DONE; TOLLGATE_E_ABSENT where the verdict has no such text, as one that admits nobody
 *         has no id; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_verdict_text(struct tollgate_scratch *scratch,
                              uint32_t kind,
                              struct tollgate_text *view);

/**
 * A claim that the endpoint forwards (`forward_claims`), of the last verdict of a scratch: a string as its
 * text, everything else as its JSON. It may hold every character: encode it before it becomes a header.
 *
 * The first call for a verdict reads the token once more, in about a microsecond; the next ones look up.
 *
 * @param scratch   Not NULL.
 * @param name      The claim's name.
 * @param name_len  Bytes of it.
 * @param view      Where its text goes; not NULL. Of no bytes is written first.
 * @return TOLLGATE_DONE; TOLLGATE_E_ABSENT where the token has no such claim, or the endpoint does not
 *         forward it, or nobody was admitted; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_verdict_claim(struct tollgate_scratch *scratch,
                               const char *name,
                               size_t name_len,
                               struct tollgate_text *view);

/**
 * As tollgate_verdict_claim(), by number: call it from 0 on until it gives TOLLGATE_E_ABSENT.
 *
 * @param scratch  Not NULL.
 * @param index    From 0 on.
 * @param name     Where the claim's name goes; not NULL. Of no bytes is written first.
 * @param view     Where its text goes; not NULL. Of no bytes is written first.
 * @return TOLLGATE_DONE; TOLLGATE_E_ABSENT; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_verdict_claim_at(struct tollgate_scratch *scratch,
                                  size_t index,
                                  struct tollgate_text *name,
                                  struct tollgate_text *view);

/**
 * All claims of the token of the last verdict of a scratch, as the JSON text that its issuer signed. For
 * logs and backends: what a decision may rest on stands in the verdict, and a claim that matters
 * belongs into the endpoint's rules.
 *
 * @param scratch  Not NULL.
 * @param payload  Where it goes, with a NUL behind it that is not counted; not NULL. Of no bytes is
 *                 written first.
 * @return TOLLGATE_DONE; TOLLGATE_E_ABSENT where no token was admitted; TOLLGATE_E_NULL,
 *         TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_verdict_payload(struct tollgate_scratch *scratch,
                                 struct tollgate_bytes *payload);

/**
 * Makes an update that changes nothing.
 *
 * @param update  Where it goes; not NULL. NULL is written first. The caller owns it and frees it with
 *                tollgate_update_free().
 * @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_update_new(struct tollgate_update **update);

/**
 * Frees an update; what was not applied is dropped.
 *
 * @param update  NULL does nothing.
 */
TOLLGATE_API
void tollgate_update_free(struct tollgate_update *update);

/**
 * Another configuration, of a gate that was made by tollgate_gate_from_text(): tenants, PKIs, endpoints and
 * rules come and go with it. What earlier updates changed stays changed.
 *
 * @param update    Not NULL.
 * @param toml      The whole text; copied.
 * @param toml_len  Bytes of it, at most 4 MiB.
 * @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_update_configuration(struct tollgate_update *update,
                                      const char *toml,
                                      size_t toml_len);

/**
 * The keys of an issuer or a site, instead of those that the configuration names, from now on: they stay
 * when files are read again. With `jwks_max_age` they are believed for that long after each update.
 *
 * @param update    Not NULL.
 * @param method    TOLLGATE_METHOD_ENTRA, _OIDC or _SITE.
 * @param name      The GUID of the tenant or site, or the name of the [[oidc]].
 * @param name_len  Bytes of it.
 * @param jwks      The key set as JSON (RFC 7517); copied, and wiped after use.
 * @param jwks_len  Bytes of it, at most 1 MiB.
 * @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_update_keys(struct tollgate_update *update,
                             uint32_t method,
                             const char *name,
                             size_t name_len,
                             const uint8_t *jwks,
                             size_t jwks_len);

/**
 * The trust anchors of a PKI, instead of the files that the configuration names, from now on.
 *
 * @param update            Not NULL.
 * @param pki               The name of the [[pki]].
 * @param pki_len           Bytes of it.
 * @param certificates      PEM text, or the DER of one certificate; copied.
 * @param certificates_len  Bytes of it, at most 1 MiB.
 * @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_update_anchors(struct tollgate_update *update,
                                const char *pki,
                                size_t pki_len,
                                const uint8_t *certificates,
                                size_t certificates_len);

/**
 * Switches a tenant or issuer off or on, whatever its `enabled` says, from now on. Off, everything of it is
 * refused as withdrawn.
 *
 * @param update    Not NULL.
 * @param method    TOLLGATE_METHOD_ENTRA or _OIDC.
 * @param name      The GUID of the tenant, or the name of the [[oidc]].
 * @param name_len  Bytes of it.
 * @param enabled   0 for off, 1 for on.
 * @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_update_tenant(struct tollgate_update *update,
                               uint32_t method,
                               const char *name,
                               size_t name_len,
                               uint32_t enabled);

/**
 * Withdraws a client, user or device: what was issued to it is refused, remembered or not.
 *
 * @param update         Not NULL.
 * @param kind           TOLLGATE_WITHDRAW_*.
 * @param scope          GUID of the site or tenant, as text.
 * @param scope_len      36.
 * @param id             GUID of who is withdrawn, as text.
 * @param id_len         36.
 * @param issued_before  Seconds since 1970 (UTC): what was issued from then on stays good. 0: nothing does.
 * @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_update_withdraw(struct tollgate_update *update,
                                 uint32_t kind,
                                 const char *scope,
                                 size_t scope_len,
                                 const char *id,
                                 size_t id_len,
                                 int64_t issued_before);

/**
 * Takes a withdrawal back.
 *
 * @param update     Not NULL.
 * @param kind       As it was withdrawn.
 * @param scope      As it was withdrawn.
 * @param scope_len  36.
 * @param id         As it was withdrawn.
 * @param id_len     36.
 * @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_update_restore(struct tollgate_update *update,
                                uint32_t kind,
                                const char *scope,
                                size_t scope_len,
                                const char *id,
                                size_t id_len);

/**
 * Applies an update: all of it, from the next check on, in every thread; or nothing. What is remembered
 * stays, and is judged again where the update touches it. Checks go on meanwhile and wait for nothing.
 *
 * @param gate         Not NULL.
 * @param update       Not NULL; empty afterwards, whatever came of it.
 * @param message      Where one line goes that says what is wrong; "" where nothing is. NULL for none.
 * @param message_cap  Bytes of room there.
 * @return TOLLGATE_DONE; TOLLGATE_E_CONFIG where it is wrong, or another thread was at it for ten seconds:
 *         nothing of it was applied; TOLLGATE_E_NULL.
 */
TOLLGATE_API
TOLLGATE_NODISCARD
int32_t tollgate_gate_apply(const struct tollgate_gate *gate,
                            struct tollgate_update *update,
                            char *message,
                            size_t message_cap);

/**
 * The release of the library that is running.
 *
 * @return Text with a NUL, as "0.1.0"; good for ever.
 */
TOLLGATE_API
const char *tollgate_version(void);

/**
 * The release of the library that is running, as TOLLGATE_VERSION is that of the header.
 *
 * @return major * 65536 + minor * 256 + patch.
 */
TOLLGATE_API
uint32_t tollgate_version_number(void);

/**
 * The binary interface of the library that is running, as TOLLGATE_ABI_VERSION is that of the header.
 *
 * @return A number; anything else than TOLLGATE_ABI_VERSION: do not go on.
 */
TOLLGATE_API
uint32_t tollgate_abi_version(void);

/**
 * The size of a structure as the library that is running knows it; larger ones get TOLLGATE_E_SIZE.
 *
 * @param structure  TOLLGATE_STRUCT_*.
 * @return Bytes; 0 for another number.
 */
TOLLGATE_API
size_t tollgate_struct_size(uint32_t structure);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/** The release of this header, as tollgate_version_number() is that of the library. */
#define TOLLGATE_VERSION \
    ((TOLLGATE_VERSION_MAJOR << 16) | (TOLLGATE_VERSION_MINOR << 8) | TOLLGATE_VERSION_PATCH)

/** 1 if a status lets a request pass, else 0. */
static inline int tollgate_is_admitted(int32_t status)
{
    return status == TOLLGATE_ADMITTED;
}

/** 1 if the library that is running has the binary interface of this header, else 0. */
static inline int tollgate_abi_matches(void)
{
    return tollgate_abi_version() == TOLLGATE_ABI_VERSION;
}

/** A request that shows nothing. NULL is left alone. */
static inline void tollgate_request_init(tollgate_request *request)
{
    if (request != NULL) {
        memset(request, 0, sizeof *request);
        request->size = (uint32_t)sizeof *request;
    }
}

/** A verdict that admits nobody. NULL is left alone. */
static inline void tollgate_verdict_init(tollgate_verdict *verdict)
{
    if (verdict != NULL) {
        memset(verdict, 0, sizeof *verdict);
        verdict->size = (uint32_t)sizeof *verdict;
    }
}

/** Options that ask for nothing. NULL is left alone. */
static inline void tollgate_options_init(tollgate_options *options)
{
    if (options != NULL) {
        memset(options, 0, sizeof *options);
        options->size = (uint32_t)sizeof *options;
    }
}

/** Counters to be filled. NULL is left alone. */
static inline void tollgate_counters_init(tollgate_counters *counters)
{
    if (counters != NULL) {
        memset(counters, 0, sizeof *counters);
        counters->size = (uint32_t)sizeof *counters;
    }
}

#endif  /* TOLLGATE_H */
