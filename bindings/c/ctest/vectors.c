/*
 * Replays the cases that the driver wrote (tests/vectors/fields.rs), by check, explain and batch.
 * The file is a row of fields: eight bytes of length, lowest first, then the bytes; all bits set for none.
 * Each case that differs is printed; the last line says how many there were.
 */
#include <time.h>

#include "world.h"

static const unsigned char *next, *end;
static unsigned failures, replayed;

/* The case at whose second nothing stands: 0 means now in a request, so the clock has to say it. */
static int is_forced;

static void tell_time(void *user, int64_t *unix_s, uint64_t *mono_ms)
{
    struct timespec real, mono;
    (void)user;
    EXPECT(clock_gettime(CLOCK_REALTIME, &real) == 0 && clock_gettime(CLOCK_MONOTONIC, &mono) == 0);
    *unix_s = is_forced ? 0 : (int64_t)real.tv_sec;
    *mono_ms = (uint64_t)mono.tv_sec * 1000 + (uint64_t)mono.tv_nsec / 1000000;
}

/* One field; data is NULL where there is none. */
struct field {
    const char *data;
    size_t len;
};

static struct field field(void)
{
    struct field read = {NULL, 0};
    uint64_t len = 0;
    int at;
    EXPECT(end - next >= 8);
    for (at = 7; at >= 0; at--) {
        len = len << 8 | next[at];
    }
    next += 8;
    if (len != UINT64_MAX) {
        EXPECT(len <= (uint64_t)(end - next));
        read.data = (const char *)next;
        read.len = (size_t)len;
        next += len;
    }
    return read;
}

static int64_t number(void)
{
    struct field text = field();
    char digits[32];
    EXPECT(text.data != NULL && text.len > 0 && text.len < sizeof digits);
    memcpy(digits, text.data, text.len);
    digits[text.len] = '\0';
    return strtoll(digits, NULL, 10);
}

struct kase {
    struct field name, principal, reason, class_;
    tollgate_request request;
    tollgate_peer *peer;
    int64_t status, expires_s;
    int64_t now;
};

static struct kase read_case(const tollgate_gate *gate)
{
    struct kase one;
    struct field text, address;
    tollgate_header headers[64];
    size_t at, count;
    int32_t status;
    memset(&one, 0, sizeof one);
    tollgate_request_init(&one.request);
    one.name = field();
    text = field();
    one.request.endpoint.data = text.data;
    one.request.endpoint.len = text.len;
    one.request.scenario = (uint32_t)number();
    text = field();
    if (text.data != NULL) {
        EXPECT_IS(tollgate_request_set_windows(&one.request, text.data, text.len), TOLLGATE_DONE);
    }
    one.now = one.request.unix_s = number();
    text = field();
    one.request.token.data = (const uint8_t *)text.data;
    one.request.token.len = text.len;
    text = field();
    if (text.data != NULL) {
        status = tollgate_peer_from_pem(text.data, text.len, &one.peer);
        EXPECT(status >= TOLLGATE_DONE && one.peer != NULL);
    }
    address = field();
    count = (size_t)number();
    EXPECT(count <= sizeof headers / sizeof *headers);
    for (at = 0; at < count; at++) {
        text = field();
        headers[at].name.data = text.data;
        headers[at].name.len = text.len;
        text = field();
        headers[at].value.data = (const uint8_t *)text.data;
        headers[at].value.len = text.len;
    }
    if (count > 0) {
        status = tollgate_peer_from_headers(gate, (const uint8_t *)address.data,
                                            address.len == 0 ? TOLLGATE_ADDRESS_UNIX : address.len, headers, count,
                                            &one.peer);
        EXPECT(status >= TOLLGATE_DONE);
    }
    one.request.peer = one.peer;
    one.status = number();
    one.reason = field();
    one.class_ = field();
    one.principal = field();
    one.expires_s = number();
    return one;
}

static void differs(const struct kase *one, const char *way, const char *what, long long got, long long wanted)
{
    failures++;
    printf("%.*s: %s: %s is %lld, expected %lld\n", (int)one->name.len, one->name.data, way, what, got, wanted);
}

static int same(struct field wanted, const char *got, size_t len)
{
    return wanted.len == len && memcmp(wanted.data, got, len) == 0;
}

/* What the scratch says of the verdict that it shows. */
static void compare_texts(const struct kase *one, const char *way, tollgate_scratch *scratch)
{
    tollgate_text id, refusal;
    int32_t has_id = tollgate_verdict_text(scratch, TOLLGATE_TEXT_ID, &id);
    int32_t has_refusal = tollgate_verdict_text(scratch, TOLLGATE_TEXT_REFUSAL, &refusal);
    int is_admitted = one->status == TOLLGATE_ADMITTED;
    if ((has_id == TOLLGATE_DONE) != is_admitted || (has_refusal == TOLLGATE_DONE) == is_admitted) {
        differs(one, way, "which texts there are", has_id, is_admitted);
    } else if (is_admitted && !same(one->principal, id.data, id.len)) {
        failures++;
        printf("%.*s: %s: the principal is %s\n", (int)one->name.len, one->name.data, way, id.data);
    }
}

static void compare(const struct kase *one, const char *way, int32_t status, const tollgate_verdict *verdict)
{
    const char *reason = tollgate_reason_name(status), *class_ = tollgate_reason_class(status);
    if (status != one->status || verdict->status != status) {
        differs(one, way, "the status", status, one->status);
    }
    if (verdict->admitted != (uint32_t)(one->status == TOLLGATE_ADMITTED)) {
        differs(one, way, "admitted", verdict->admitted, one->status == TOLLGATE_ADMITTED);
    }
    if (verdict->expires_s != one->expires_s) {
        differs(one, way, "the end", verdict->expires_s, one->expires_s);
    }
    if (!same(one->reason, reason, strlen(reason)) || !same(one->class_, class_, strlen(class_))) {
        failures++;
        printf("%.*s: %s: %s, %s\n", (int)one->name.len, one->name.data, way, reason, class_);
    }
    if (verdict->http_status != tollgate_reason_http_status(status)) {
        differs(one, way, "the HTTP status", verdict->http_status, tollgate_reason_http_status(status));
    }
}

static void replay(const struct field folder, size_t count)
{
    char path[4096];
    tollgate_options options;
    tollgate_gate *gate;
    tollgate_scratch *scratch = new_scratch();
    struct kase *cases = (struct kase *)calloc(count, sizeof *cases);
    tollgate_request *requests = (tollgate_request *)calloc(count, sizeof *requests);
    tollgate_verdict *verdicts = (tollgate_verdict *)calloc(count, 2 * sizeof *verdicts);
    size_t at;
    EXPECT(cases != NULL && requests != NULL && verdicts != NULL);
    EXPECT(folder.len < sizeof path);
    memcpy(path, folder.data, folder.len);
    path[folder.len] = '\0';
    tollgate_options_init(&options);
    options.clock = tell_time;
    gate = open_gate(&options, path);
    for (at = 0; at < count; at++) {
        struct kase *one = &cases[at];
        tollgate_text lines;
        tollgate_verdict verdict;
        int32_t explained;
        *one = read_case(gate);
        tollgate_verdict_init(&verdict);
        is_forced = one->now == 0;
        compare(one, "check", tollgate_check(gate, scratch, &one->request, &verdict), &verdict);
        compare_texts(one, "check", scratch);
        explained = tollgate_explain(gate, scratch, &one->request, &lines);
        if (explained != verdict.status) {
            differs(one, "explain", "the status", explained, verdict.status);
        }
        if (lines.len < 8 || lines.data[lines.len] != '\0') {
            differs(one, "explain", "the length of the text", (long long)lines.len, 8);
        }
        compare_texts(one, "explain", scratch);
        is_forced = 0;
        requests[at] = one->request;
        /* With a gap between verdicts, as where a host has its own structure around each. */
        tollgate_verdict_init(&verdicts[2 * at]);
        replayed++;
    }
    /* Second 0 cannot be said in a request, and a batch has one clock: the second before is as good. */
    for (at = 0; at < count; at++) {
        if (cases[at].now == 0) {
            requests[at].unix_s = -1;
        }
    }
    EXPECT_IS(tollgate_check_batch(gate, scratch, requests, sizeof *requests, verdicts, 2 * sizeof *verdicts,
                                   count),
              TOLLGATE_DONE);
    for (at = 0; at < count; at++) {
        compare(&cases[at], "batch", verdicts[2 * at].status, &verdicts[2 * at]);
        EXPECT_IS(tollgate_batch_choose(scratch, at), TOLLGATE_DONE);
        compare_texts(&cases[at], "batch", scratch);
    }
    tollgate_gate_free(gate);
    tollgate_scratch_free(scratch);
    for (at = 0; at < count; at++) {
        tollgate_peer_free(cases[at].peer);
    }
    free(cases);
    free(requests);
    free(verdicts);
}

int main(int argc, char **argv)
{
    struct file file = load(folder_of(argc, argv), "cases");
    next = (const unsigned char *)file.data;
    end = next + file.len;
    while (next < end) {
        struct field folder = field();
        replay(folder, (size_t)number());
    }
    unload(&file);
    printf("replayed %u cases, %u differences\n", replayed, failures);
    return failures > 0;
}
