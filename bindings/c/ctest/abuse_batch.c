/* Misuse of batches, of what asks a scratch for texts, and of what fills a request. */
#include "abuse.h"

#define COUNT 4

static tollgate_gate *gate;
static tollgate_scratch *scratch;
static struct file token;
static tollgate_request requests[COUNT];
static tollgate_verdict verdicts[COUNT];

static const size_t R = sizeof(tollgate_request);
static const size_t V = sizeof(tollgate_verdict);

static void welcome(void)
{
    size_t at;
    for (at = 0; at < COUNT; at++) {
        requests[at] = request_of(&token, NULL);
        tollgate_verdict_init(&verdicts[at]);
    }
    EXPECT_IS(tollgate_check_batch(gate, scratch, requests, R, verdicts, V, COUNT), TOLLGATE_DONE);
    for (at = 0; at < COUNT; at++) {
        EXPECT_IS(verdicts[at].status, TOLLGATE_ADMITTED);
    }
    EXPECT_IS(tollgate_batch_choose(scratch, COUNT - 1), TOLLGATE_DONE);
}

static void nothing_is_left(void)
{
    tollgate_text text;
    EXPECT_IS(tollgate_batch_choose(scratch, 0), TOLLGATE_E_ABSENT);
    EXPECT_IS(tollgate_verdict_text(scratch, TOLLGATE_TEXT_ID, &text), TOLLGATE_E_ABSENT);
}

static void all_are(int32_t status)
{
    size_t at;
    for (at = 0; at < COUNT; at++) {
        EXPECT_IS(verdicts[at].status, status);
        EXPECT_IS(verdicts[at].admitted, 0);
    }
}

/* A batch that is misuse, where the verdicts can be found: each says so. */
#define FAULT(call, wanted) \
    do { \
        welcome(); \
        EXPECT_IS(call, wanted); \
        all_are(wanted); \
        nothing_is_left(); \
    } while (0)

/* Where they cannot: none that was not admitted is now. */
#define LOST(call, wanted) \
    do { \
        welcome(); \
        memset(verdicts, 0, sizeof verdicts); \
        EXPECT_IS(call, wanted); \
        all_are(0); \
        nothing_is_left(); \
    } while (0)

static void batches(void)
{
    const size_t strides[] = {0, 1, 8, SIZE_MAX, SIZE_MAX / 2, (size_t)1 << 40, 8192};
    size_t at;
    FAULT(tollgate_check_batch(NULL, scratch, requests, R, verdicts, V, COUNT), TOLLGATE_E_NULL);
    FAULT(tollgate_check_batch(gate, scratch, NULL, R, verdicts, V, COUNT), TOLLGATE_E_NULL);
    FAULT(tollgate_check_batch(OFF(tollgate_gate, gate), scratch, requests, R, verdicts, V, COUNT),
          TOLLGATE_E_ARGUMENT);
    FAULT(tollgate_check_batch(gate, scratch, OFF(tollgate_request, requests), R, verdicts, V, COUNT),
          TOLLGATE_E_ARGUMENT);
    LOST(tollgate_check_batch(gate, scratch, requests, R, NULL, V, COUNT), TOLLGATE_E_NULL);
    LOST(tollgate_check_batch(gate, scratch, requests, R, OFF(tollgate_verdict, verdicts), V, COUNT),
         TOLLGATE_E_ARGUMENT);
    EXPECT_FAULT(tollgate_check_batch(NULL, NULL, NULL, 0, NULL, 0, COUNT));
    EXPECT_FAULT(tollgate_check_batch(NULL, NULL, NULL, 0, NULL, 0, 0));
    EXPECT_IS(tollgate_check_batch(gate, NULL, NULL, 0, NULL, 0, 0), TOLLGATE_DONE);

    welcome();
    EXPECT_IS(tollgate_check_batch(gate, OFF(tollgate_scratch, scratch), requests, R, verdicts, V, COUNT),
              TOLLGATE_E_ARGUMENT);
    all_are(TOLLGATE_E_ARGUMENT);

    for (at = 0; at < COUNT_OF(strides); at++) {
        FAULT(tollgate_check_batch(gate, scratch, requests, strides[at], verdicts, V, COUNT), TOLLGATE_E_SIZE);
        LOST(tollgate_check_batch(gate, scratch, requests, R, verdicts, strides[at], COUNT), TOLLGATE_E_SIZE);
    }
    FAULT(tollgate_check_batch(gate, scratch, requests, R - 1, verdicts, V, COUNT), TOLLGATE_E_SIZE);
    FAULT(tollgate_check_batch(gate, scratch, requests, R + 1, verdicts, V, COUNT), TOLLGATE_E_SIZE);
    LOST(tollgate_check_batch(gate, scratch, requests, R, verdicts, V - 1, COUNT), TOLLGATE_E_SIZE);
    LOST(tollgate_check_batch(gate, scratch, requests, R, verdicts, V + 1, COUNT), TOLLGATE_E_SIZE);
    for (at = 0; at < COUNT_OF(HUGE_LENGTHS); at++) {
        LOST(tollgate_check_batch(gate, scratch, requests, R, verdicts, V, HUGE_LENGTHS[at]),
             TOLLGATE_E_ARGUMENT);
    }
    LOST(tollgate_check_batch(gate, scratch, requests, R, verdicts, V, TOLLGATE_BATCH_MOST + 1),
         TOLLGATE_E_ARGUMENT);
}

/* One bad structure among good ones. */
static void one_of_many(void)
{
    const uint32_t of_request[] = BAD_SIZES(sizeof(tollgate_request));
    const uint32_t of_verdict[] = BAD_SIZES(sizeof(tollgate_verdict));
    size_t at;
    for (at = 0; at < COUNT_OF(of_request); at++) {
        welcome();
        requests[1].size = of_request[at];
        EXPECT_IS(tollgate_check_batch(gate, scratch, requests, R, verdicts, V, COUNT), TOLLGATE_DONE);
        EXPECT_IS(verdicts[0].status, TOLLGATE_ADMITTED);
        EXPECT_IS(verdicts[1].status, TOLLGATE_E_SIZE);
        EXPECT_IS(verdicts[1].admitted, 0);
        EXPECT_IS(verdicts[2].status, TOLLGATE_ADMITTED);
        EXPECT_IS(tollgate_batch_choose(scratch, 1), TOLLGATE_E_ABSENT);
        EXPECT_IS(tollgate_batch_choose(scratch, 2), TOLLGATE_DONE);
    }
    for (at = 0; at < COUNT_OF(of_verdict); at++) {
        welcome();
        tollgate_verdict_init(&verdicts[1]);
        verdicts[1].size = of_verdict[at];
        EXPECT_IS(tollgate_check_batch(gate, scratch, requests, R, verdicts, V, COUNT), TOLLGATE_E_SIZE);
        EXPECT_IS(verdicts[1].admitted, 0);
        verdicts[1].status = TOLLGATE_E_SIZE;
        all_are(TOLLGATE_E_SIZE);
        nothing_is_left();
    }
    welcome();
    requests[2].token.len = SIZE_MAX;
    requests[3].scenario = UINT32_MAX;
    EXPECT_IS(tollgate_check_batch(gate, scratch, requests, R, verdicts, V, COUNT), TOLLGATE_DONE);
    EXPECT_IS(verdicts[1].status, TOLLGATE_ADMITTED);
    EXPECT_IS(verdicts[2].status, TOLLGATE_REASON_TOKEN_TOO_LARGE);
    EXPECT_IS(verdicts[3].status, TOLLGATE_E_ARGUMENT);
}

static void texts(void)
{
    tollgate_scratch *off = OFF(tollgate_scratch, scratch), *fresh = new_scratch(), *made = scratch;
    tollgate_text text, name;
    tollgate_bytes payload;
    size_t at;
    welcome();
    EXPECT_FAULT(tollgate_verdict_text(NULL, TOLLGATE_TEXT_ID, &text));
    EXPECT_FAULT(tollgate_verdict_text(off, TOLLGATE_TEXT_ID, &text));
    EXPECT_FAULT(tollgate_verdict_text(scratch, TOLLGATE_TEXT_ID, NULL));
    EXPECT_FAULT(tollgate_verdict_text(scratch, TOLLGATE_TEXT_ID, OFF(tollgate_text, &text)));
    EXPECT_FAULT(tollgate_verdict_text(NULL, 0, NULL));
    for (at = 0; at < COUNT_OF(BAD_NUMBERS); at++) {
        EXPECT_IS(tollgate_verdict_text(scratch, BAD_NUMBERS[at], &text), TOLLGATE_E_ARGUMENT);
    }
    EXPECT_FAULT(tollgate_verdict_claim(NULL, "email", 5, &text));
    EXPECT_FAULT(tollgate_verdict_claim(off, "email", 5, &text));
    EXPECT_FAULT(tollgate_verdict_claim(scratch, NULL, 5, &text));
    EXPECT_FAULT(tollgate_verdict_claim(scratch, "email", 5, NULL));
    EXPECT_FAULT(tollgate_verdict_claim(scratch, "email", 5, OFF(tollgate_text, &text)));
    EXPECT_FAULT(tollgate_verdict_claim(scratch, NOT_UTF8, 3, &text));
    EXPECT_FAULT(tollgate_verdict_claim(scratch, "email", 0, &text));
    EXPECT_FAULT(tollgate_verdict_claim(NULL, NULL, 0, NULL));
    EXPECT_FAULT(tollgate_verdict_claim_at(NULL, 0, &name, &text));
    EXPECT_FAULT(tollgate_verdict_claim_at(off, 0, &name, &text));
    EXPECT_FAULT(tollgate_verdict_claim_at(scratch, 0, NULL, &text));
    EXPECT_FAULT(tollgate_verdict_claim_at(scratch, 0, &name, NULL));
    EXPECT_FAULT(tollgate_verdict_claim_at(scratch, 0, OFF(tollgate_text, &name), &text));
    EXPECT_FAULT(tollgate_verdict_claim_at(NULL, 0, NULL, NULL));
    EXPECT_FAULT(tollgate_verdict_payload(NULL, &payload));
    EXPECT_FAULT(tollgate_verdict_payload(off, &payload));
    EXPECT_FAULT(tollgate_verdict_payload(scratch, NULL));
    EXPECT_FAULT(tollgate_verdict_payload(scratch, OFF(tollgate_bytes, &payload)));
    EXPECT_FAULT(tollgate_verdict_payload(NULL, NULL));
    EXPECT_FAULT(tollgate_batch_choose(NULL, 0));
    EXPECT_FAULT(tollgate_batch_choose(off, 0));
    EXPECT_FAULT(tollgate_batch_choose(scratch, COUNT));
    EXPECT_FAULT(tollgate_batch_choose(fresh, 0));
    EXPECT_FAULT(tollgate_verdict_text(fresh, TOLLGATE_TEXT_ID, &text));
    for (at = 0; at < COUNT_OF(HUGE_LENGTHS); at++) {
        EXPECT_FAULT(tollgate_verdict_claim(scratch, "email", HUGE_LENGTHS[at], &text));
        EXPECT_FAULT(tollgate_verdict_claim(scratch, NULL, HUGE_LENGTHS[at], &text));
        EXPECT_FAULT(tollgate_verdict_claim_at(scratch, HUGE_LENGTHS[at], &name, &text));
        EXPECT_FAULT(tollgate_batch_choose(scratch, HUGE_LENGTHS[at]));
    }
    EXPECT_FAULT(tollgate_scratch_new(NULL));
    EXPECT_FAULT(tollgate_scratch_new(OFF(tollgate_scratch *, &made)));
    tollgate_scratch_free(off);
    tollgate_scratch_free(NULL);
    tollgate_scratch_free(fresh);
}

static void setters(void)
{
    const uint32_t sizes[] = BAD_SIZES(sizeof(tollgate_request));
    const char *versions[] = {"", "10", ".", "10.", "-1.0", "10.0.x", "99999999999.0", "0.0.1", "10.0.1.2.3"};
    tollgate_request request = request_of(NULL, NULL);
    uint8_t address[17] = {0};
    size_t at;
    EXPECT_FAULT(tollgate_request_set_address(NULL, address, 4));
    EXPECT_FAULT(tollgate_request_set_address(OFF(tollgate_request, &request), address, 4));
    EXPECT_FAULT(tollgate_request_set_address(&request, NULL, 4));
    EXPECT_FAULT(tollgate_request_set_address(&request, NULL, 0));
    EXPECT_FAULT(tollgate_request_set_address(NULL, NULL, 0));
    for (at = 0; at <= sizeof address; at++) {
        if (at != 4 && at != 16) {
            EXPECT_FAULT(tollgate_request_set_address(&request, address, at));
        }
    }
    EXPECT_FAULT(tollgate_request_set_windows(NULL, "10.0", 4));
    EXPECT_FAULT(tollgate_request_set_windows(OFF(tollgate_request, &request), "10.0", 4));
    EXPECT_FAULT(tollgate_request_set_windows(&request, NULL, 4));
    EXPECT_FAULT(tollgate_request_set_windows(&request, NULL, 0));
    EXPECT_FAULT(tollgate_request_set_windows(&request, NOT_UTF8, 3));
    EXPECT_FAULT(tollgate_request_set_windows(NULL, NULL, 0));
    for (at = 0; at < COUNT_OF(HUGE_LENGTHS); at++) {
        EXPECT_FAULT(tollgate_request_set_address(&request, address, HUGE_LENGTHS[at]));
        EXPECT_FAULT(tollgate_request_set_windows(&request, "10.0", HUGE_LENGTHS[at]));
    }
    for (at = 0; at < COUNT_OF(versions); at++) {
        request.windows_major = 10;
        EXPECT_FAULT(tollgate_request_set_windows(&request, versions[at], strlen(versions[at])));
        EXPECT_IS(request.windows_major, 0);
    }
    for (at = 0; at < COUNT_OF(sizes); at++) {
        request.size = sizes[at];
        EXPECT_FAULT(tollgate_request_set_address(&request, address, 4));
        EXPECT_FAULT(tollgate_request_set_windows(&request, "10.0", 4));
    }
    EXPECT_IS(request.source_len, 0);
}

int main(int argc, char **argv)
{
    const char *folder = folder_of(argc, argv);
    gate = open_gate(NULL, folder);
    scratch = new_scratch();
    token = load(folder, "user.jwt");
    batches();
    one_of_many();
    texts();
    setters();
    welcome();
    tollgate_scratch_free(scratch);
    tollgate_gate_free(gate);
    unload(&token);
    return 0;
}
