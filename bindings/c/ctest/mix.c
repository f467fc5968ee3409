/* A bit of everything, for valgrind: what is made is freed, and what is freed is not used. */
#include "world.h"

static int is_there_or_not(int32_t status)
{
    return status == TOLLGATE_DONE || status == TOLLGATE_E_ABSENT;
}

static void checks(const tollgate_gate *gate, const char *folder)
{
    const char *names[] = {"user.jwt", "device.jwt", "rolled.jwt", "expired.jwt", "foreign.jwt", "workforce.jwt",
                           "laptop9.jwt", "keys.json"};
    tollgate_scratch *scratch = new_scratch();
    tollgate_peer *own = open_peer(folder, "laptop9.pem"), *corp = open_peer(folder, "pc7.pem");
    tollgate_text text, name;
    tollgate_bytes payload;
    size_t at, claim;
    int round;
    for (round = 0; round < 2; round++) {
        for (at = 0; at < sizeof names / sizeof *names; at++) {
            struct file token = load(folder, names[at]);
            tollgate_request request = request_of(&token, at % 2 ? own : corp);
            uint32_t kind;
            /* Whatever they say. */
            EXPECT(judge(gate, scratch, &token, NULL) != 0);
            EXPECT(judge(gate, scratch, &token, own) != 0);
            EXPECT(judge(gate, NULL, &token, corp) != 0);
            EXPECT(judge(gate, scratch, &token, corp) != 0);
            for (kind = TOLLGATE_TEXT_ID; kind <= TOLLGATE_TEXT_MEMBER; kind++) {
                EXPECT(is_there_or_not(tollgate_verdict_text(scratch, kind, &text)));
            }
            EXPECT(is_there_or_not(tollgate_verdict_claim(scratch, "email", 5, &text)));
            for (claim = 0; tollgate_verdict_claim_at(scratch, claim, &name, &text) == TOLLGATE_DONE; claim++) {
                EXPECT(name.len > 0 && text.data[text.len] == '\0');
            }
            EXPECT(is_there_or_not(tollgate_verdict_payload(scratch, &payload)));
            EXPECT(tollgate_explain(gate, scratch, &request, &text) != 0 && text.len > 0);
            unload(&token);
        }
    }
    EXPECT_IS(judge(gate, scratch, NULL, corp), TOLLGATE_ADMITTED);
    EXPECT_IS(tollgate_verdict_text(scratch, TOLLGATE_TEXT_ID, &text), TOLLGATE_DONE);
    EXPECT_IS(tollgate_verdict_text(scratch, TOLLGATE_TEXT_SUBJECT, &text), TOLLGATE_DONE);
    tollgate_peer_free(own);
    tollgate_peer_free(corp);
    tollgate_scratch_free(scratch);
}

static void batches(const tollgate_gate *gate, const char *folder)
{
    struct file user = load(folder, "user.jwt"), workforce = load(folder, "workforce.jwt");
    tollgate_request requests[8];
    tollgate_verdict verdicts[8];
    tollgate_scratch *scratch = new_scratch();
    tollgate_text text;
    size_t at;
    for (at = 0; at < 8; at++) {
        requests[at] = request_of(at % 2 ? &user : &workforce, NULL);
        tollgate_verdict_init(&verdicts[at]);
    }
    requests[5].token.len = 0;
    EXPECT_IS(tollgate_check_batch(gate, scratch, requests, sizeof *requests, verdicts, sizeof *verdicts, 8),
              TOLLGATE_DONE);
    for (at = 0; at < 8; at++) {
        EXPECT_IS(tollgate_batch_choose(scratch, at), TOLLGATE_DONE);
        EXPECT_IS(tollgate_verdict_text(scratch, at == 5 ? TOLLGATE_TEXT_REFUSAL : TOLLGATE_TEXT_ID, &text),
                  TOLLGATE_DONE);
    }
    EXPECT_IS(tollgate_gate_metrics(gate, scratch, &text), TOLLGATE_DONE);
    EXPECT(strstr(text.data, "# TYPE ") != NULL);
    tollgate_scratch_free(scratch);
    unload(&user);
    unload(&workforce);
}

static void changes(const tollgate_gate *gate, const char *folder)
{
    struct file tenant = load(folder, "tenant.id"), keys = load(folder, "keys-both.json");
    struct file der = load(folder, "pc7.der"), user = load(folder, "user.id");
    tollgate_bytes chain;
    tollgate_header header;
    tollgate_update *update = NULL, *dropped = NULL;
    tollgate_peer *peer = NULL;
    const uint8_t proxy[4] = {127, 0, 0, 1};
    char message[16];
    chain.data = (const uint8_t *)der.data;
    chain.len = der.len;
    EXPECT_IS(tollgate_peer_new(&chain, 1, &peer), TOLLGATE_DONE);
    tollgate_peer_free(peer);
    header.name.data = "Client-Cert";
    header.name.len = 11;
    header.value.data = (const uint8_t *)":bm8=:";
    header.value.len = 6;
    EXPECT(tollgate_peer_from_headers(gate, proxy, 4, &header, 1, &peer) >= 1000);
    tollgate_peer_free(peer);
    EXPECT_IS(tollgate_update_new(&update), TOLLGATE_DONE);
    EXPECT_IS(tollgate_update_new(&dropped), TOLLGATE_DONE);
    EXPECT_IS(tollgate_update_keys(update, TOLLGATE_METHOD_ENTRA, tenant.data, 36, (const uint8_t *)keys.data,
                                   keys.len),
              TOLLGATE_DONE);
    EXPECT_IS(tollgate_update_withdraw(update, TOLLGATE_WITHDRAW_USER, tenant.data, 36, user.data, 36, 0),
              TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_apply(gate, update, message, sizeof message), TOLLGATE_DONE);
    EXPECT_IS(tollgate_update_anchors(update, "nobody", 6, (const uint8_t *)"x", 1), TOLLGATE_DONE);
    /* The message is longer than its place. */
    EXPECT_IS(tollgate_gate_apply(gate, update, message, sizeof message), TOLLGATE_E_CONFIG);
    EXPECT_IS(strlen(message), sizeof message - 1);
    EXPECT_IS(tollgate_update_keys(dropped, TOLLGATE_METHOD_ENTRA, tenant.data, 36, (const uint8_t *)keys.data,
                                   keys.len),
              TOLLGATE_DONE);
    tollgate_update_free(update);
    tollgate_update_free(dropped);
    unload(&tenant);
    unload(&keys);
    unload(&der);
    unload(&user);
}

int main(int argc, char **argv)
{
    const char *folder = folder_of(argc, argv);
    tollgate_gate *gate = open_gate(NULL, folder), *again, *none = NULL;
    tollgate_counters counters;
    EXPECT_IS(tollgate_gate_from_file(NULL, "nowhere", 7, &none, NULL, 0), TOLLGATE_E_CONFIG);
    EXPECT_IS(tollgate_gate_start_refresh(gate), TOLLGATE_DONE);
    checks(gate, folder);
    batches(gate, folder);
    changes(gate, folder);
    checks(gate, folder);
    again = tollgate_gate_clone(gate);
    tollgate_counters_init(&counters);
    EXPECT_IS(tollgate_gate_counters(again, &counters), TOLLGATE_DONE);
    EXPECT(counters.admitted > 0 && counters.refused > 0);
    tollgate_gate_free(again);
    EXPECT_IS(tollgate_gate_refresh(gate, NULL, 0) == TOLLGATE_E_CONFIG, 0);
    EXPECT_IS(tollgate_gate_stop_refresh(gate), TOLLGATE_DONE);
    EXPECT(tollgate_reason_name(TOLLGATE_REASON_EXPIRED) != NULL);
    tollgate_gate_free(gate);
    return 0;
}
