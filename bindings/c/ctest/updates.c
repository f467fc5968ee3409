/* Updates of trust: each holds on the next check, what was remembered notwithstanding, and whole or not at all. */
#include "world.h"

static tollgate_gate *gate;
static tollgate_scratch *scratch;
static tollgate_update *update;
static struct file tenant, site, client, user, device;
static struct file user_token, device_token, rolled_token, client_token, workforce_token;
static tollgate_peer *own, *corp, *other;
static char message[2048];

static void apply(void)
{
    int32_t status = tollgate_gate_apply(gate, update, message, sizeof message);
    if (status != TOLLGATE_DONE) {
        fprintf(stderr, "%ld: %s\n", (long)status, message);
    }
    EXPECT_IS(status, TOLLGATE_DONE);
    EXPECT(message[0] == '\0');
}

static int32_t of(const struct file *token, const tollgate_peer *peer)
{
    return judge(gate, scratch, token, peer);
}

/* Everything that the configuration admits, and `rolled` of what it does not. */
static void all_are_admitted(void)
{
    EXPECT_IS(of(&user_token, NULL), TOLLGATE_ADMITTED);
    EXPECT_IS(of(&device_token, NULL), TOLLGATE_ADMITTED);
    EXPECT_IS(of(&client_token, own), TOLLGATE_ADMITTED);
    EXPECT_IS(of(&workforce_token, NULL), TOLLGATE_ADMITTED);
    EXPECT_IS(of(NULL, corp), TOLLGATE_ADMITTED);
    EXPECT_IS(of(&rolled_token, NULL), TOLLGATE_REASON_KEY_UNKNOWN);
}

static void keys_of(const char *folder, const char *name)
{
    struct file jwks = load(folder, name);
    EXPECT_IS(tollgate_update_keys(update, TOLLGATE_METHOD_ENTRA, tenant.data, tenant.len,
                                   (const uint8_t *)jwks.data, jwks.len),
              TOLLGATE_DONE);
    unload(&jwks);
}

static void keys(const char *folder)
{
    keys_of(folder, "keys-both.json");
    apply();
    EXPECT_IS(of(&rolled_token, NULL), TOLLGATE_ADMITTED);
    EXPECT_IS(of(&user_token, NULL), TOLLGATE_ADMITTED);
    keys_of(folder, "keys-rolled.json");
    apply();
    EXPECT_IS(of(&user_token, NULL), TOLLGATE_REASON_KEY_UNKNOWN);
    EXPECT_IS(of(&rolled_token, NULL), TOLLGATE_ADMITTED);
    keys_of(folder, "keys.json");
    apply();
    all_are_admitted();
}

static void anchors_of(const char *folder, const char *name)
{
    struct file pem = load(folder, name);
    EXPECT_IS(tollgate_update_anchors(update, "corp", 4, (const uint8_t *)pem.data, pem.len), TOLLGATE_DONE);
    unload(&pem);
}

static void anchors(const char *folder)
{
    EXPECT_REFUSED(of(NULL, other));
    anchors_of(folder, "other-root.pem");
    apply();
    EXPECT_IS(of(NULL, other), TOLLGATE_ADMITTED);
    EXPECT_REFUSED(of(NULL, corp));
    anchors_of(folder, "root.pem");
    apply();
    EXPECT_REFUSED(of(NULL, other));
    all_are_admitted();
}

static void switch_tenant(uint32_t method, const char *name, size_t len, uint32_t enabled)
{
    EXPECT_IS(tollgate_update_tenant(update, method, name, len, enabled), TOLLGATE_DONE);
    apply();
}

static void tenants(void)
{
    switch_tenant(TOLLGATE_METHOD_ENTRA, tenant.data, tenant.len, 0);
    EXPECT_IS(of(&user_token, NULL), TOLLGATE_REASON_TENANT_DISABLED);
    EXPECT_IS(of(&device_token, NULL), TOLLGATE_REASON_TENANT_DISABLED);
    EXPECT_IS(of(&workforce_token, NULL), TOLLGATE_ADMITTED);
    switch_tenant(TOLLGATE_METHOD_ENTRA, tenant.data, tenant.len, 1);
    switch_tenant(TOLLGATE_METHOD_OIDC, "workforce", 9, 0);
    EXPECT_IS(of(&workforce_token, NULL), TOLLGATE_REASON_TENANT_DISABLED);
    switch_tenant(TOLLGATE_METHOD_OIDC, "workforce", 9, 1);
    all_are_admitted();
}

static void withdrawn(uint32_t kind, const struct file *scope, const struct file *id, const struct file *token,
                      const tollgate_peer *peer, int32_t reason)
{
    int64_t now;
    uint64_t mono;
    EXPECT_IS(tollgate_update_withdraw(update, kind, scope->data, 36, id->data, 36, 0), TOLLGATE_DONE);
    apply();
    EXPECT_IS(of(token, peer), reason);
    EXPECT_IS(tollgate_update_restore(update, kind, scope->data, 36, id->data, 36), TOLLGATE_DONE);
    apply();
    all_are_admitted();
    /* What was issued since stays good; what was issued before does not. */
    EXPECT_IS(tollgate_gate_now(gate, &now, &mono), TOLLGATE_DONE);
    EXPECT_IS(tollgate_update_withdraw(update, kind, scope->data, 36, id->data, 36, now - 86400), TOLLGATE_DONE);
    apply();
    EXPECT_IS(of(token, peer), TOLLGATE_ADMITTED);
    EXPECT_IS(tollgate_update_withdraw(update, kind, scope->data, 36, id->data, 36, now + 86400), TOLLGATE_DONE);
    apply();
    EXPECT_IS(of(token, peer), reason);
    EXPECT_IS(tollgate_update_restore(update, kind, scope->data, 36, id->data, 36), TOLLGATE_DONE);
    apply();
    all_are_admitted();
}

/* One bad part among good ones: nothing of it was applied, and the update is empty afterwards. */
static void whole_or_nothing(void)
{
    EXPECT_IS(tollgate_update_withdraw(update, TOLLGATE_WITHDRAW_USER, tenant.data, 36, user.data, 36, 0),
              TOLLGATE_DONE);
    EXPECT_IS(tollgate_update_tenant(update, TOLLGATE_METHOD_OIDC, "workforce", 9, 0), TOLLGATE_DONE);
    EXPECT_IS(tollgate_update_keys(update, TOLLGATE_METHOD_ENTRA, tenant.data, 36, (const uint8_t *)"{}", 2),
              TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_apply(gate, update, message, sizeof message), TOLLGATE_E_CONFIG);
    EXPECT(strstr(message, "update.keys") != NULL);
    all_are_admitted();
    apply();
    all_are_admitted();

    EXPECT_IS(tollgate_update_tenant(update, TOLLGATE_METHOD_ENTRA, tenant.data, 36, 0), TOLLGATE_DONE);
    EXPECT_IS(tollgate_update_anchors(update, "nobody", 6, (const uint8_t *)"x", 1), TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_apply(gate, update, message, sizeof message), TOLLGATE_E_CONFIG);
    EXPECT(strstr(message, "nobody") != NULL);
    all_are_admitted();

    /* Good parts alone: all of them at once. */
    EXPECT_IS(tollgate_update_withdraw(update, TOLLGATE_WITHDRAW_USER, tenant.data, 36, user.data, 36, 0),
              TOLLGATE_DONE);
    EXPECT_IS(tollgate_update_tenant(update, TOLLGATE_METHOD_OIDC, "workforce", 9, 0), TOLLGATE_DONE);
    apply();
    EXPECT_IS(of(&user_token, NULL), TOLLGATE_REASON_USER_WITHDRAWN);
    EXPECT_IS(of(&workforce_token, NULL), TOLLGATE_REASON_TENANT_DISABLED);
    EXPECT_IS(tollgate_update_restore(update, TOLLGATE_WITHDRAW_USER, tenant.data, 36, user.data, 36),
              TOLLGATE_DONE);
    EXPECT_IS(tollgate_update_tenant(update, TOLLGATE_METHOD_OIDC, "workforce", 9, 1), TOLLGATE_DONE);
    apply();
    all_are_admitted();
}

static void configuration(const char *folder)
{
    struct file one = load(folder, "tollgate.toml"), two = load(folder, "two-endpoints.toml");
    tollgate_gate *of_file = gate;
    EXPECT_IS(tollgate_update_configuration(update, two.data, two.len), TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_apply(gate, update, message, sizeof message), TOLLGATE_E_CONFIG);
    EXPECT(strstr(message, "update.configuration") != NULL);

    gate = NULL;
    EXPECT_IS(tollgate_gate_from_text(NULL, one.data, one.len, folder, strlen(folder), &gate, message,
                                      sizeof message),
              TOLLGATE_DONE);
    all_are_admitted();
    EXPECT_IS(tollgate_gate_has_endpoint(gate, "", 0, message, sizeof message), TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_has_endpoint(gate, "intranet", 8, message, sizeof message), TOLLGATE_E_ABSENT);
    EXPECT(strstr(message, "internet") != NULL);
    EXPECT_IS(tollgate_update_configuration(update, two.data, two.len), TOLLGATE_DONE);
    apply();
    EXPECT_IS(tollgate_gate_has_endpoint(gate, "intranet", 8, message, sizeof message), TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_has_endpoint(gate, "", 0, message, sizeof message), TOLLGATE_E_ABSENT);
    /* There is no only endpoint any more. */
    EXPECT_IS(of(&user_token, NULL), TOLLGATE_REASON_ENDPOINT_UNKNOWN);
    EXPECT_IS(tollgate_update_configuration(update, "junk", 4), TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_apply(gate, update, message, sizeof message), TOLLGATE_E_CONFIG);
    EXPECT_IS(tollgate_gate_has_endpoint(gate, "intranet", 8, message, sizeof message), TOLLGATE_DONE);
    EXPECT_IS(tollgate_update_configuration(update, one.data, one.len), TOLLGATE_DONE);
    apply();
    all_are_admitted();
    tollgate_gate_free(gate);
    gate = of_file;
    unload(&one);
    unload(&two);
}

int main(int argc, char **argv)
{
    const char *folder = folder_of(argc, argv);
    tollgate_counters counters;
    tenant = load(folder, "tenant.id");
    site = load(folder, "site.id");
    client = load(folder, "client.id");
    user = load(folder, "user.id");
    device = load(folder, "device.id");
    user_token = load(folder, "user.jwt");
    device_token = load(folder, "device.jwt");
    rolled_token = load(folder, "rolled.jwt");
    client_token = load(folder, "laptop9.jwt");
    workforce_token = load(folder, "workforce.jwt");
    own = open_peer(folder, "laptop9.pem");
    corp = open_peer(folder, "pc7.pem");
    other = open_peer(folder, "other-pc7.pem");
    gate = open_gate(NULL, folder);
    scratch = new_scratch();
    EXPECT_IS(tollgate_update_new(&update), TOLLGATE_DONE);

    all_are_admitted();
    keys(folder);
    anchors(folder);
    tenants();
    withdrawn(TOLLGATE_WITHDRAW_USER, &tenant, &user, &user_token, NULL, TOLLGATE_REASON_USER_WITHDRAWN);
    withdrawn(TOLLGATE_WITHDRAW_DEVICE, &tenant, &device, &device_token, NULL, TOLLGATE_REASON_DEVICE_WITHDRAWN);
    withdrawn(TOLLGATE_WITHDRAW_CLIENT, &site, &client, &client_token, own, TOLLGATE_REASON_CLIENT_WITHDRAWN);
    whole_or_nothing();
    tollgate_counters_init(&counters);
    EXPECT_IS(tollgate_gate_counters(gate, &counters), TOLLGATE_DONE);
    EXPECT(counters.updates >= 20);
    configuration(folder);

    tollgate_update_free(update);
    tollgate_scratch_free(scratch);
    tollgate_peer_free(own);
    tollgate_peer_free(corp);
    tollgate_peer_free(other);
    tollgate_gate_free(gate);
    unload(&tenant);
    unload(&site);
    unload(&client);
    unload(&user);
    unload(&device);
    unload(&user_token);
    unload(&device_token);
    unload(&rolled_token);
    unload(&client_token);
    unload(&workforce_token);
    return 0;
}
