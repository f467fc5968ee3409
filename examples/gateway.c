/* A gateway: `gateway tollgate.toml 8080` tells each client who it is. One at a time; pool.c has threads. */
#include "http.h"
#include <errno.h>
#include <signal.h>
#include <tollgate.h>

static volatile sig_atomic_t is_over;
static void end(int number) { is_over = number; }

static int fail(const char *what, const char *why) {
    fprintf(stderr, "gateway: %s: %s\n", what, why);
    return EXIT_FAILURE;
}

static void serve(int client, const tollgate_gate *gate, tollgate_scratch *scratch) {
    char head[32768];
    const char *token = NULL;
    tollgate_text id = {"", 0};
    tollgate_request request;
    tollgate_verdict verdict;
    tollgate_request_init(&request);
    tollgate_verdict_init(&verdict);
    request.token.len = http_read_token(client, head, sizeof head, &token);
    request.token.data = (const uint8_t *)token;
    int32_t status = tollgate_check(gate, scratch, &request, &verdict);
    if (status == TOLLGATE_ADMITTED) {
        const int32_t named = tollgate_verdict_text(scratch, TOLLGATE_TEXT_ID, &id);
        if (named != TOLLGATE_DONE) status = named; /* nobody passes without a name */
    }
    /* The reason is for the operator. Outsiders see its HTTP status and nothing else. */
    if (status != TOLLGATE_ADMITTED) fail(tollgate_reason_name(status), tollgate_reason_remedy(status));
    http_answer(client, tollgate_reason_http_status(status), id.data, id.len);
}

int main(int argc, char **argv) {
    char message[512];
    tollgate_gate *gate = NULL;
    tollgate_scratch *scratch = NULL;
    if (argc != 3) return fail("usage", "gateway CONFIG PORT");
    if (!tollgate_abi_matches()) return fail("libtollgate", "is not the one of this header");
    const char *path = argv[1];
    if (tollgate_gate_from_file(NULL, path, strlen(path), &gate, message, sizeof message) != TOLLGATE_DONE)
        return fail("not started", message);
    if (tollgate_scratch_new(&scratch) != TOLLGATE_DONE) return fail("not started", "no scratch");
    const int listener = http_listen(argv[2]);
    if (listener < 0) return fail(argv[2], strerror(errno));
    signal(SIGTERM, end);
    signal(SIGPIPE, SIG_IGN);
    while (!is_over) {
        /* The loop looks for changed files itself; tollgate_gate_start_refresh() has a thread do it. */
        const int client = http_accept(listener, (int)tollgate_gate_refresh_due(gate));
        if (client >= 0) serve(client, gate, scratch);
        if (tollgate_gate_refresh_due(gate) > 0) continue;
        if (tollgate_gate_refresh(gate, message, sizeof message) == TOLLGATE_E_CONFIG)
            fail("the trust stays as it was", message);
    }
    tollgate_scratch_free(scratch);
    tollgate_gate_free(gate);
}
