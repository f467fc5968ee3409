/* Misuse of what judges. Before each call a client was admitted; afterwards nothing may say so any more. */
#include "abuse.h"

static tollgate_gate *gate;
static tollgate_scratch *scratch;
static struct file token;
static tollgate_request request;
static tollgate_verdict verdict;

/* Somebody is admitted, and the scratch has his texts. */
static void welcome(void)
{
    tollgate_text text;
    request = request_of(&token, NULL);
    tollgate_verdict_init(&verdict);
    EXPECT_IS(tollgate_check(gate, scratch, &request, &verdict), TOLLGATE_ADMITTED);
    EXPECT_IS(tollgate_verdict_text(scratch, TOLLGATE_TEXT_ID, &text), TOLLGATE_DONE);
}

/* What the header itself has leaves NULL alone. */
static void inlines(void)
{
    tollgate_request_init(NULL);
    tollgate_verdict_init(NULL);
    tollgate_options_init(NULL);
    tollgate_counters_init(NULL);
}

/* No text is left of whoever was admitted before. */
static void texts_are_gone(void)
{
    tollgate_text text, name;
    tollgate_bytes payload;
    uint32_t kind;
    for (kind = TOLLGATE_TEXT_ID; kind <= TOLLGATE_TEXT_CERTIFICATE; kind++) {
        EXPECT_IS(tollgate_verdict_text(scratch, kind, &text), TOLLGATE_E_ABSENT);
        EXPECT_IS(text.len, 0);
    }
    EXPECT_IS(tollgate_verdict_claim(scratch, "email", 5, &text), TOLLGATE_E_ABSENT);
    EXPECT_IS(tollgate_verdict_claim_at(scratch, 0, &name, &text), TOLLGATE_E_ABSENT);
    EXPECT_IS(tollgate_verdict_payload(scratch, &payload), TOLLGATE_E_ABSENT);
    EXPECT_IS(payload.len, 0);
}

static void verdict_is_refused(void)
{
    EXPECT(!tollgate_is_admitted(verdict.status));
    EXPECT_IS(verdict.admitted, 0);
    EXPECT_IS(verdict.kind, 0);
    EXPECT(verdict.http_status != 200);
}

/* The call refuses; the verdict and the texts are nobody's. */
#define REFUSED(call) \
    do { \
        welcome(); \
        EXPECT_REFUSED(call); \
        verdict_is_refused(); \
        texts_are_gone(); \
    } while (0)

/* The same, and it is misuse. */
#define FAULT(call, wanted) \
    do { \
        welcome(); \
        EXPECT_IS(call, wanted); \
        EXPECT_IS(verdict.status, wanted); \
        verdict_is_refused(); \
        texts_are_gone(); \
    } while (0)

static int32_t check(void)
{
    return tollgate_check(gate, scratch, &request, &verdict);
}

static void pointers(void)
{
    FAULT(tollgate_check(NULL, scratch, &request, &verdict), TOLLGATE_E_NULL);
    FAULT(tollgate_check(gate, scratch, NULL, &verdict), TOLLGATE_E_NULL);
    FAULT(tollgate_check(OFF(tollgate_gate, gate), scratch, &request, &verdict), TOLLGATE_E_ARGUMENT);
    FAULT(tollgate_check(gate, scratch, OFF(tollgate_request, &request), &verdict), TOLLGATE_E_ARGUMENT);

    /* There is no verdict to write to: the texts are gone all the same. */
    welcome();
    EXPECT_IS(tollgate_check(gate, scratch, &request, NULL), TOLLGATE_E_NULL);
    texts_are_gone();
    welcome();
    EXPECT_IS(tollgate_check(gate, scratch, &request, OFF(tollgate_verdict, &verdict)), TOLLGATE_E_ARGUMENT);
    texts_are_gone();

    welcome();
    EXPECT_IS(tollgate_check(gate, OFF(tollgate_scratch, scratch), &request, &verdict), TOLLGATE_E_ARGUMENT);
    verdict_is_refused();
    EXPECT_FAULT(tollgate_check(NULL, NULL, NULL, NULL));
    EXPECT_IS(tollgate_check(gate, NULL, &request, &verdict), TOLLGATE_ADMITTED);
}

static void sizes(void)
{
    const uint32_t of_request[] = BAD_SIZES(sizeof request);
    const uint32_t of_verdict[] = BAD_SIZES(sizeof verdict);
    size_t at;
    for (at = 0; at < COUNT_OF(of_request); at++) {
        FAULT((request.size = of_request[at], check()), TOLLGATE_E_SIZE);
    }
    for (at = 0; at < COUNT_OF(of_verdict); at++) {
        welcome();
        tollgate_verdict_init(&verdict);
        verdict.size = of_verdict[at];
        EXPECT_IS(check(), TOLLGATE_E_SIZE);
        EXPECT_IS(verdict.size, of_verdict[at]);
        EXPECT_IS(verdict.admitted, 0);
        EXPECT(!tollgate_is_admitted(verdict.status));
        texts_are_gone();
    }
}

static void lengths(void)
{
    size_t at;
    REFUSED((request.token.len = 0, check()));
    FAULT((request.token.data = NULL, check()), TOLLGATE_E_NULL);
    FAULT((request.endpoint.len = 1, check()), TOLLGATE_E_NULL);
    for (at = 0; at < COUNT_OF(HUGE_LENGTHS); at++) {
        size_t huge = HUGE_LENGTHS[at];
        welcome();
        request.token.len = huge;
        EXPECT_IS(check(), TOLLGATE_REASON_TOKEN_TOO_LARGE);
        verdict_is_refused();
        texts_are_gone();
        FAULT((request.token.data = NULL, request.token.len = huge, check()), TOLLGATE_E_NULL);
        FAULT((request.endpoint.data = "internet", request.endpoint.len = huge, check()), TOLLGATE_E_ARGUMENT);
        FAULT((request.endpoint.len = huge, check()), TOLLGATE_E_NULL);
    }
    REFUSED((request.endpoint.data = "nowhere", request.endpoint.len = 7, check()));
    FAULT((request.endpoint.data = NOT_UTF8, request.endpoint.len = 3, check()), TOLLGATE_E_ARGUMENT);
}

static void numbers(void)
{
    size_t at;
    for (at = 1; at < COUNT_OF(BAD_NUMBERS); at++) {
        FAULT((request.scenario = BAD_NUMBERS[at], check()), TOLLGATE_E_ARGUMENT);
        FAULT((request.source_len = BAD_NUMBERS[at], check()), TOLLGATE_E_ARGUMENT);
    }
    FAULT((request.source_len = sizeof request.source + 1, check()), TOLLGATE_E_ARGUMENT);
    REFUSED((request.unix_s = INT64_MAX, check()));
    REFUSED((request.unix_s = INT64_MIN, check()));
    REFUSED((request.unix_s = -1, check()));
    FAULT((request.peer = OFF(tollgate_peer, gate), check()), TOLLGATE_E_ARGUMENT);
}

static void explanations(void)
{
    tollgate_text lines;
#define EXPLAINS(call, wanted) \
    do { \
        welcome(); \
        memset(&lines, 0x5a, sizeof lines); \
        EXPECT_IS(call, wanted); \
        texts_are_gone(); \
    } while (0)
    EXPLAINS(tollgate_explain(NULL, scratch, &request, &lines), TOLLGATE_E_NULL);
    EXPECT_IS(lines.len, 0);
    EXPLAINS(tollgate_explain(gate, scratch, NULL, &lines), TOLLGATE_E_NULL);
    EXPECT_IS(lines.len, 0);
    EXPLAINS(tollgate_explain(gate, scratch, &request, NULL), TOLLGATE_E_NULL);
    EXPLAINS(tollgate_explain(gate, scratch, &request, OFF(tollgate_text, &lines)), TOLLGATE_E_ARGUMENT);
    EXPLAINS(tollgate_explain(OFF(tollgate_gate, gate), scratch, &request, &lines), TOLLGATE_E_ARGUMENT);
    EXPLAINS((request.size++, tollgate_explain(gate, scratch, &request, &lines)), TOLLGATE_E_SIZE);
    EXPLAINS((request.scenario = 9, tollgate_explain(gate, scratch, &request, &lines)), TOLLGATE_E_ARGUMENT);
#undef EXPLAINS
    welcome();
    EXPECT_IS(tollgate_explain(gate, NULL, &request, &lines), TOLLGATE_E_NULL);
    EXPECT_IS(tollgate_explain(gate, OFF(tollgate_scratch, scratch), &request, &lines), TOLLGATE_E_ARGUMENT);
    EXPECT_FAULT(tollgate_explain(NULL, NULL, NULL, NULL));
    request.token.len = SIZE_MAX;
    EXPECT_IS(tollgate_explain(gate, scratch, &request, &lines), TOLLGATE_REASON_TOKEN_TOO_LARGE);
    EXPECT(lines.len > 0 && lines.data[lines.len] == '\0');
}

int main(int argc, char **argv)
{
    const char *folder = folder_of(argc, argv);
    gate = open_gate(NULL, folder);
    scratch = new_scratch();
    token = load(folder, "user.jwt");
    pointers();
    inlines();
    sizes();
    lengths();
    numbers();
    explanations();
    welcome();
    tollgate_scratch_free(scratch);
    tollgate_gate_free(gate);
    unload(&token);
    return 0;
}
