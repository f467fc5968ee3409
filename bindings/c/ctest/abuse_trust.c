/* Misuse of peers and of updates: no peer that admits, and no trust that moves. */
#include "abuse.h"

static tollgate_gate *gate;
static tollgate_scratch *scratch;
static struct file token, der, pem, keys;
static char message[4096];

/* No peer is made, and what would have held it is NULL. */
#define NO_PEER(call) \
    do { \
        tollgate_peer *made = (tollgate_peer *)(void *)gate; \
        EXPECT_FAULT(call); \
        EXPECT(made == NULL); \
    } while (0)

/* There is a peer, by its reason, and every request that it comes with is refused. */
#define REFUSING_PEER(call) \
    do { \
        tollgate_peer *made = NULL; \
        uint8_t thumbprint[32]; \
        int32_t status = (call); \
        EXPECT(status >= 1000 && made != NULL); \
        EXPECT_IS(judge(gate, scratch, NULL, made), status); \
        EXPECT_IS(judge(gate, scratch, &token, made), status); \
        EXPECT_IS(tollgate_peer_thumbprint(made, thumbprint), TOLLGATE_E_ABSENT); \
        tollgate_peer_free(made); \
    } while (0)

static void peers(void)
{
    tollgate_bytes chain[2], none = {NULL, 0};
    tollgate_peer *peer = NULL;
    uint8_t thumbprint[32];
    size_t at;
    chain[0].data = chain[1].data = (const uint8_t *)der.data;
    chain[0].len = chain[1].len = der.len;

    NO_PEER(tollgate_peer_new(NULL, 1, &made));
    NO_PEER(tollgate_peer_new(OFF(tollgate_bytes, chain), 1, &made));
    EXPECT_FAULT(tollgate_peer_new(chain, 1, NULL));
    EXPECT_FAULT(tollgate_peer_new(chain, 1, OFF(tollgate_peer *, &peer)));
    EXPECT_FAULT(tollgate_peer_new(NULL, 0, NULL));
    NO_PEER((chain[0].data = NULL, tollgate_peer_new(chain, 1, &made)));
    REFUSING_PEER((chain[0] = none, tollgate_peer_new(chain, 1, &made)));
    chain[0] = chain[1];
    REFUSING_PEER(tollgate_peer_new(chain, 0, &made));
    REFUSING_PEER(tollgate_peer_new(NULL, 0, &made));
    NO_PEER(tollgate_peer_from_pem(NULL, pem.len, &made));
    REFUSING_PEER(tollgate_peer_from_pem(pem.data, 0, &made));
    REFUSING_PEER(tollgate_peer_from_pem(NULL, 0, &made));
    REFUSING_PEER(tollgate_peer_from_pem(NOT_UTF8, 3, &made));
    EXPECT_FAULT(tollgate_peer_from_pem(pem.data, pem.len, NULL));
    EXPECT_FAULT(tollgate_peer_from_pem(pem.data, pem.len, OFF(tollgate_peer *, &peer)));
    EXPECT_FAULT(tollgate_peer_from_pem(NULL, 0, NULL));
    for (at = 0; at < COUNT_OF(HUGE_LENGTHS); at++) {
        size_t huge = HUGE_LENGTHS[at];
        REFUSING_PEER(tollgate_peer_new(chain, huge, &made));
        NO_PEER(tollgate_peer_new(NULL, huge, &made));
        REFUSING_PEER((chain[0].len = huge, tollgate_peer_new(chain, 2, &made)));
        chain[0].len = der.len;
        REFUSING_PEER(tollgate_peer_from_pem(pem.data, huge, &made));
        NO_PEER(tollgate_peer_from_pem(NULL, huge, &made));
    }
    EXPECT_IS(tollgate_peer_new(chain, 1, &peer), TOLLGATE_DONE);
    EXPECT_FAULT(tollgate_peer_thumbprint(peer, NULL));
    EXPECT_FAULT(tollgate_peer_thumbprint(NULL, thumbprint));
    EXPECT_FAULT(tollgate_peer_thumbprint(OFF(tollgate_peer, peer), thumbprint));
    EXPECT_FAULT(tollgate_peer_thumbprint(NULL, NULL));
    EXPECT_IS(tollgate_peer_thumbprint(peer, thumbprint), TOLLGATE_DONE);
    tollgate_peer_free(OFF(tollgate_peer, peer));
    tollgate_peer_free(peer);
    tollgate_peer_free(NULL);
}

static void headers(void)
{
    const uint8_t proxy[17] = {127, 0, 0, 1}, stranger[4] = {192, 0, 2, 1};
    tollgate_header all[2];
    tollgate_peer *peer = NULL;
    size_t at;
    memset(all, 0, sizeof all);
    all[0].name.data = all[1].name.data = "Client-Cert";
    all[0].name.len = all[1].name.len = 11;
    all[0].value.data = all[1].value.data = (const uint8_t *)"junk";
    all[0].value.len = all[1].value.len = 4;

    NO_PEER(tollgate_peer_from_headers(NULL, proxy, 4, all, 1, &made));
    NO_PEER(tollgate_peer_from_headers(OFF(tollgate_gate, gate), proxy, 4, all, 1, &made));
    NO_PEER(tollgate_peer_from_headers(gate, NULL, 4, all, 1, &made));
    NO_PEER(tollgate_peer_from_headers(gate, proxy, 4, NULL, 1, &made));
    NO_PEER(tollgate_peer_from_headers(gate, proxy, 4, OFF(tollgate_header, all), 1, &made));
    EXPECT_FAULT(tollgate_peer_from_headers(gate, proxy, 4, all, 1, NULL));
    EXPECT_FAULT(tollgate_peer_from_headers(gate, proxy, 4, all, 1, OFF(tollgate_peer *, &peer)));
    EXPECT_FAULT(tollgate_peer_from_headers(NULL, NULL, 0, NULL, 0, NULL));
    for (at = 1; at <= sizeof proxy; at++) {
        if (at != 4 && at != 16 && at != TOLLGATE_ADDRESS_UNIX) {
            NO_PEER(tollgate_peer_from_headers(gate, proxy, at, all, 1, &made));
        }
    }
    REFUSING_PEER(tollgate_peer_from_headers(gate, proxy, 4, all, 1, &made));
    REFUSING_PEER(tollgate_peer_from_headers(gate, proxy, 4, all, 2, &made));
    REFUSING_PEER(tollgate_peer_from_headers(gate, stranger, 4, all, 1, &made));
    REFUSING_PEER(tollgate_peer_from_headers(gate, NULL, TOLLGATE_ADDRESS_UNIX, all, 1, &made));
    /* An address that nobody wrote is not the unix socket, which may be listened to. */
    NO_PEER(tollgate_peer_from_headers(gate, NULL, 0, all, 1, &made));
    NO_PEER(tollgate_peer_from_headers(gate, proxy, 0, all, 1, &made));
    NO_PEER((all[0].value.data = NULL, tollgate_peer_from_headers(gate, proxy, 4, all, 1, &made)));
    all[0].value = all[1].value;
    /* No certificate was passed on: done, and no peer. */
    EXPECT_IS(tollgate_peer_from_headers(gate, proxy, 4, NULL, 0, &peer), TOLLGATE_DONE);
    EXPECT(peer == NULL);
    all[0].name.data = NULL;
    EXPECT_IS(tollgate_peer_from_headers(gate, proxy, 4, all, 1, &peer), TOLLGATE_DONE);
    EXPECT(peer == NULL);
    for (at = 0; at < COUNT_OF(HUGE_LENGTHS); at++) {
        size_t huge = HUGE_LENGTHS[at];
        NO_PEER(tollgate_peer_from_headers(gate, proxy, huge, all, 1, &made));
        /* The client says how many there are and how long: refused, not misused. */
        REFUSING_PEER(tollgate_peer_from_headers(gate, proxy, 4, all, huge, &made));
        REFUSING_PEER((all[0].value.len = huge, tollgate_peer_from_headers(gate, proxy, 4, all, 1, &made)));
        all[0] = all[1];
        all[0].name.len = huge;
        EXPECT_IS(tollgate_peer_from_headers(gate, proxy, 4, all, 1, &peer), TOLLGATE_DONE);
        EXPECT(peer == NULL);
    }
    REFUSING_PEER(tollgate_peer_from_headers(gate, proxy, 4, all, TOLLGATE_HEADERS_MOST + 1, &made));
}

/* Nothing came of what was collected: applied, it changes nothing, or it is refused as a whole. */
static void still_admits(tollgate_update *update)
{
    int32_t status = tollgate_gate_apply(gate, update, message, sizeof message);
    EXPECT(status == TOLLGATE_DONE || status == TOLLGATE_E_CONFIG);
    EXPECT_IS(judge(gate, scratch, &token, NULL), TOLLGATE_ADMITTED);
}

static void updates(const char *folder)
{
    struct file tenant = load(folder, "tenant.id"), user = load(folder, "user.id");
    const uint8_t *jwks = (const uint8_t *)keys.data;
    tollgate_update *update = NULL, *off, *where = NULL;
    size_t at;
    EXPECT_FAULT(tollgate_update_new(NULL));
    EXPECT_FAULT(tollgate_update_new(OFF(tollgate_update *, &where)));
    EXPECT_IS(tollgate_update_new(&update), TOLLGATE_DONE);
    off = OFF(tollgate_update, update);
    tollgate_update_free(NULL);
    tollgate_update_free(off);

    EXPECT_FAULT(tollgate_update_configuration(NULL, "x", 1));
    EXPECT_FAULT(tollgate_update_configuration(off, "x", 1));
    EXPECT_FAULT(tollgate_update_configuration(update, NULL, 1));
    EXPECT_FAULT(tollgate_update_configuration(update, NOT_UTF8, 3));
    EXPECT_FAULT(tollgate_update_configuration(NULL, NULL, 0));
    EXPECT_FAULT(tollgate_update_keys(NULL, TOLLGATE_METHOD_ENTRA, tenant.data, 36, jwks, keys.len));
    EXPECT_FAULT(tollgate_update_keys(off, TOLLGATE_METHOD_ENTRA, tenant.data, 36, jwks, keys.len));
    EXPECT_FAULT(tollgate_update_keys(update, TOLLGATE_METHOD_ENTRA, NULL, 36, jwks, keys.len));
    EXPECT_FAULT(tollgate_update_keys(update, TOLLGATE_METHOD_ENTRA, tenant.data, 36, NULL, keys.len));
    EXPECT_FAULT(tollgate_update_keys(update, TOLLGATE_METHOD_PKI, tenant.data, 36, jwks, keys.len));
    EXPECT_FAULT(tollgate_update_keys(NULL, 0, NULL, 0, NULL, 0));
    EXPECT_FAULT(tollgate_update_anchors(NULL, "corp", 4, jwks, keys.len));
    EXPECT_FAULT(tollgate_update_anchors(off, "corp", 4, jwks, keys.len));
    EXPECT_FAULT(tollgate_update_anchors(update, NULL, 4, jwks, keys.len));
    EXPECT_FAULT(tollgate_update_anchors(update, "corp", 4, NULL, keys.len));
    EXPECT_FAULT(tollgate_update_anchors(NULL, NULL, 0, NULL, 0));
    EXPECT_FAULT(tollgate_update_tenant(NULL, TOLLGATE_METHOD_ENTRA, tenant.data, 36, 0));
    EXPECT_FAULT(tollgate_update_tenant(off, TOLLGATE_METHOD_ENTRA, tenant.data, 36, 0));
    EXPECT_FAULT(tollgate_update_tenant(update, TOLLGATE_METHOD_ENTRA, NULL, 36, 0));
    EXPECT_FAULT(tollgate_update_tenant(update, TOLLGATE_METHOD_PKI, "corp", 4, 0));
    EXPECT_FAULT(tollgate_update_tenant(update, TOLLGATE_METHOD_SITE, tenant.data, 36, 0));
    EXPECT_FAULT(tollgate_update_tenant(NULL, 0, NULL, 0, 0));
    EXPECT_FAULT(tollgate_update_withdraw(NULL, TOLLGATE_WITHDRAW_USER, tenant.data, 36, user.data, 36, 0));
    EXPECT_FAULT(tollgate_update_withdraw(off, TOLLGATE_WITHDRAW_USER, tenant.data, 36, user.data, 36, 0));
    EXPECT_FAULT(tollgate_update_withdraw(update, TOLLGATE_WITHDRAW_USER, NULL, 36, user.data, 36, 0));
    EXPECT_FAULT(tollgate_update_withdraw(update, TOLLGATE_WITHDRAW_USER, tenant.data, 36, NULL, 36, 0));
    EXPECT_FAULT(tollgate_update_withdraw(NULL, 0, NULL, 0, NULL, 0, 0));
    EXPECT_FAULT(tollgate_update_restore(NULL, TOLLGATE_WITHDRAW_USER, tenant.data, 36, user.data, 36));
    EXPECT_FAULT(tollgate_update_restore(off, TOLLGATE_WITHDRAW_USER, tenant.data, 36, user.data, 36));
    EXPECT_FAULT(tollgate_update_restore(update, TOLLGATE_WITHDRAW_USER, NULL, 36, user.data, 36));
    EXPECT_FAULT(tollgate_update_restore(update, TOLLGATE_WITHDRAW_USER, tenant.data, 36, NULL, 36));
    EXPECT_FAULT(tollgate_update_restore(NULL, 0, NULL, 0, NULL, 0));
    for (at = 0; at < COUNT_OF(BAD_NUMBERS); at++) {
        uint32_t bad = BAD_NUMBERS[at];
        EXPECT_FAULT(tollgate_update_keys(update, bad, tenant.data, 36, jwks, keys.len));
        EXPECT_FAULT(tollgate_update_tenant(update, bad, tenant.data, 36, 0));
        EXPECT_FAULT(tollgate_update_withdraw(update, bad, tenant.data, 36, user.data, 36, 0));
        EXPECT_FAULT(tollgate_update_restore(update, bad, tenant.data, 36, user.data, 36));
        if (bad != 0) {
            EXPECT_FAULT(tollgate_update_tenant(update, TOLLGATE_METHOD_ENTRA, tenant.data, 36, bad));
        }
    }
    for (at = 0; at < COUNT_OF(HUGE_LENGTHS); at++) {
        size_t huge = HUGE_LENGTHS[at];
        EXPECT_FAULT(tollgate_update_configuration(update, "x", huge));
        EXPECT_FAULT(tollgate_update_keys(update, TOLLGATE_METHOD_ENTRA, tenant.data, huge, jwks, keys.len));
        EXPECT_FAULT(tollgate_update_keys(update, TOLLGATE_METHOD_ENTRA, tenant.data, 36, jwks, huge));
        EXPECT_FAULT(tollgate_update_anchors(update, "corp", huge, jwks, keys.len));
        EXPECT_FAULT(tollgate_update_anchors(update, "corp", 4, jwks, huge));
        EXPECT_FAULT(tollgate_update_tenant(update, TOLLGATE_METHOD_ENTRA, tenant.data, huge, 0));
        EXPECT_FAULT(tollgate_update_withdraw(update, TOLLGATE_WITHDRAW_USER, tenant.data, huge, user.data, 36, 0));
        EXPECT_FAULT(tollgate_update_withdraw(update, TOLLGATE_WITHDRAW_USER, tenant.data, 36, user.data, huge, 0));
        EXPECT_FAULT(tollgate_update_restore(update, TOLLGATE_WITHDRAW_USER, tenant.data, huge, user.data, 36));
        EXPECT_FAULT(tollgate_update_restore(update, TOLLGATE_WITHDRAW_USER, tenant.data, 36, user.data, huge));
    }
    for (at = 0; at < 36; at++) {
        EXPECT_FAULT(tollgate_update_withdraw(update, TOLLGATE_WITHDRAW_USER, tenant.data, at, user.data, 36, 0));
        EXPECT_FAULT(tollgate_update_restore(update, TOLLGATE_WITHDRAW_USER, tenant.data, 36, user.data, at));
    }
    /* Of all that, nothing was collected. */
    EXPECT_IS(tollgate_gate_apply(gate, update, message, sizeof message), TOLLGATE_DONE);
    still_admits(update);
    /* Lengths of 0 are collected, and refused when they are applied. */
    EXPECT_IS(tollgate_update_keys(update, TOLLGATE_METHOD_ENTRA, tenant.data, 36, jwks, 0), TOLLGATE_DONE);
    still_admits(update);
    EXPECT_IS(tollgate_update_keys(update, TOLLGATE_METHOD_ENTRA, tenant.data, 0, jwks, keys.len), TOLLGATE_DONE);
    still_admits(update);
    EXPECT_IS(tollgate_update_anchors(update, "corp", 4, jwks, 0), TOLLGATE_DONE);
    still_admits(update);
    EXPECT_IS(tollgate_update_anchors(update, "corp", 0, jwks, keys.len), TOLLGATE_DONE);
    still_admits(update);
    EXPECT_IS(tollgate_update_tenant(update, TOLLGATE_METHOD_ENTRA, tenant.data, 0, 0), TOLLGATE_DONE);
    still_admits(update);
    EXPECT_IS(tollgate_update_configuration(update, "x", 0), TOLLGATE_DONE);
    still_admits(update);

    EXPECT_FAULT(tollgate_gate_apply(NULL, update, message, sizeof message));
    EXPECT_FAULT(tollgate_gate_apply(OFF(tollgate_gate, gate), update, message, sizeof message));
    EXPECT_FAULT(tollgate_gate_apply(gate, NULL, message, sizeof message));
    EXPECT_FAULT(tollgate_gate_apply(gate, off, message, sizeof message));
    EXPECT_FAULT(tollgate_gate_apply(NULL, NULL, NULL, 0));
    EXPECT_IS(tollgate_gate_apply(gate, update, NULL, SIZE_MAX), TOLLGATE_DONE);
    tollgate_update_free(update);
    unload(&tenant);
    unload(&user);
}

int main(int argc, char **argv)
{
    const char *folder = folder_of(argc, argv);
    token = load(folder, "user.jwt");
    der = load(folder, "pc7.der");
    pem = load(folder, "pc7.pem");
    keys = load(folder, "keys.json");
    gate = open_gate(NULL, folder);
    scratch = new_scratch();
    peers();
    headers();
    updates(folder);
    tollgate_scratch_free(scratch);
    tollgate_gate_free(gate);
    unload(&token);
    unload(&der);
    unload(&pem);
    unload(&keys);
    return 0;
}
