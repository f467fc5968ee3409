/* Misuse of what makes gates, keeps them fresh and asks about them; and of what takes numbers alone. */
#include "abuse.h"

static tollgate_gate *gate;
static tollgate_scratch *scratch;
static char message[4096];

/* No gate is made, and what would have held it is NULL. */
#define NO_GATE(call) \
    do { \
        tollgate_gate *made = gate; \
        EXPECT_FAULT(call); \
        EXPECT(made == NULL); \
    } while (0)

static void making(const char *folder)
{
    const uint32_t sizes[] = BAD_SIZES(sizeof(tollgate_options));
    struct file toml = load(folder, "tollgate.toml");
    tollgate_options options;
    tollgate_gate *where = NULL;
    char path[4096];
    size_t at, len, root = strlen(folder);
    EXPECT((size_t)snprintf(path, sizeof path, "%s/tollgate.toml", folder) < sizeof path);
    len = strlen(path);
    tollgate_options_init(&options);

    NO_GATE(tollgate_gate_from_file(NULL, NULL, len, &made, message, sizeof message));
    NO_GATE(tollgate_gate_from_file(NULL, path, 0, &made, message, sizeof message));
    NO_GATE(tollgate_gate_from_file(NULL, NULL, 0, &made, NULL, 0));
    NO_GATE(tollgate_gate_from_file(NULL, NOT_UTF8, 3, &made, message, sizeof message));
    NO_GATE(tollgate_gate_from_file(NULL, "a\0b", 3, &made, message, sizeof message));
    NO_GATE(tollgate_gate_from_file(NULL, "nowhere.toml", 12, &made, message, sizeof message));
    EXPECT(strstr(message, "nowhere.toml") != NULL);
    /* A buffer of one byte gets the NUL, one of none is not touched. */
    message[0] = message[1] = 'x';
    NO_GATE(tollgate_gate_from_file(NULL, "nowhere.toml", 12, &made, message, 0));
    EXPECT(message[0] == 'x');
    NO_GATE(tollgate_gate_from_file(NULL, "nowhere.toml", 12, &made, message, 1));
    EXPECT(message[0] == '\0' && message[1] == 'x');
    NO_GATE(tollgate_gate_from_file(NULL, "nowhere.toml", 12, &made, message, SIZE_MAX));
    NO_GATE(tollgate_gate_from_file(NULL, "nowhere.toml", 12, &made, NULL, SIZE_MAX));
    NO_GATE(tollgate_gate_from_file(OFF(tollgate_options, &options), path, len, &made, message, sizeof message));
    EXPECT_FAULT(tollgate_gate_from_file(NULL, path, len, NULL, message, sizeof message));
    EXPECT_FAULT(tollgate_gate_from_file(NULL, path, len, OFF(tollgate_gate *, &where), NULL, 0));
    EXPECT_FAULT(tollgate_gate_from_file(NULL, NULL, 0, NULL, NULL, 0));

    NO_GATE(tollgate_gate_from_text(NULL, NULL, toml.len, folder, root, &made, message, sizeof message));
    NO_GATE(tollgate_gate_from_text(NULL, toml.data, 0, folder, root, &made, message, sizeof message));
    NO_GATE(tollgate_gate_from_text(NULL, NULL, 0, NULL, 0, &made, NULL, 0));
    NO_GATE(tollgate_gate_from_text(NULL, NOT_UTF8, 3, folder, root, &made, message, sizeof message));
    NO_GATE(tollgate_gate_from_text(NULL, toml.data, toml.len, NULL, root, &made, message, sizeof message));
    NO_GATE(tollgate_gate_from_text(NULL, toml.data, toml.len, "/nowhere", 8, &made, message, sizeof message));
    NO_GATE(tollgate_gate_from_text(OFF(tollgate_options, &options), toml.data, toml.len, folder, root, &made,
                                    message, sizeof message));
    EXPECT_FAULT(tollgate_gate_from_text(NULL, toml.data, toml.len, folder, root, NULL, message, sizeof message));
    EXPECT_FAULT(tollgate_gate_from_text(NULL, toml.data, toml.len, folder, root, OFF(tollgate_gate *, &where),
                                         NULL, 0));
    EXPECT_FAULT(tollgate_gate_from_text(NULL, NULL, 0, NULL, 0, NULL, NULL, 0));
    for (at = 0; at < COUNT_OF(HUGE_LENGTHS); at++) {
        size_t huge = HUGE_LENGTHS[at];
        NO_GATE(tollgate_gate_from_file(NULL, path, huge, &made, message, sizeof message));
        NO_GATE(tollgate_gate_from_file(NULL, NULL, huge, &made, message, sizeof message));
        NO_GATE(tollgate_gate_from_text(NULL, toml.data, huge, folder, root, &made, message, sizeof message));
        NO_GATE(tollgate_gate_from_text(NULL, toml.data, toml.len, folder, huge, &made, message, sizeof message));
    }
    for (at = 0; at < COUNT_OF(sizes); at++) {
        options.size = sizes[at];
        NO_GATE(tollgate_gate_from_file(&options, path, len, &made, message, sizeof message));
        NO_GATE(tollgate_gate_from_text(&options, toml.data, toml.len, folder, root, &made, NULL, 0));
    }
    unload(&toml);
}

static void asking(void)
{
    const uint32_t sizes[] = BAD_SIZES(sizeof(tollgate_counters));
    const int32_t no_reasons[] = {0, 1, 2, -1, 999, 1000, 65536 + 1001, INT32_MAX, INT32_MIN};
    tollgate_gate *off = OFF(tollgate_gate, gate);
    tollgate_counters counters;
    tollgate_text text;
    int64_t unix_s;
    uint64_t number;
    size_t at;
    tollgate_counters_init(&counters);

    EXPECT_FAULT(tollgate_gate_has_endpoint(NULL, "internet", 8, message, sizeof message));
    EXPECT_FAULT(tollgate_gate_has_endpoint(off, "internet", 8, message, sizeof message));
    EXPECT_FAULT(tollgate_gate_has_endpoint(gate, NULL, 8, message, sizeof message));
    EXPECT_FAULT(tollgate_gate_has_endpoint(gate, NOT_UTF8, 3, message, sizeof message));
    EXPECT_FAULT(tollgate_gate_has_endpoint(gate, "internets", 9, NULL, 0));
    EXPECT_FAULT(tollgate_gate_has_endpoint(gate, "internets", 9, NULL, SIZE_MAX));
    EXPECT_FAULT(tollgate_gate_has_endpoint(NULL, NULL, 0, NULL, 0));

    EXPECT_FAULT(tollgate_gate_now(NULL, &unix_s, &number));
    EXPECT_FAULT(tollgate_gate_now(off, &unix_s, &number));
    EXPECT_FAULT(tollgate_gate_now(gate, NULL, &number));
    EXPECT_FAULT(tollgate_gate_now(gate, &unix_s, NULL));
    EXPECT_FAULT(tollgate_gate_now(gate, OFF(int64_t, &unix_s), &number));
    EXPECT_FAULT(tollgate_gate_now(gate, &unix_s, OFF(uint64_t, &number)));
    EXPECT_FAULT(tollgate_gate_now(NULL, NULL, NULL));

    EXPECT_FAULT(tollgate_gate_counters(NULL, &counters));
    EXPECT_FAULT(tollgate_gate_counters(off, &counters));
    EXPECT_FAULT(tollgate_gate_counters(gate, NULL));
    EXPECT_FAULT(tollgate_gate_counters(gate, OFF(tollgate_counters, &counters)));
    EXPECT_FAULT(tollgate_gate_counters(NULL, NULL));
    for (at = 0; at < COUNT_OF(sizes); at++) {
        counters.size = sizes[at];
        EXPECT_IS(tollgate_gate_counters(gate, &counters), TOLLGATE_E_SIZE);
    }

    EXPECT_FAULT(tollgate_gate_refusals(NULL, TOLLGATE_REASON_EXPIRED, &number));
    EXPECT_FAULT(tollgate_gate_refusals(off, TOLLGATE_REASON_EXPIRED, &number));
    EXPECT_FAULT(tollgate_gate_refusals(gate, TOLLGATE_REASON_EXPIRED, NULL));
    EXPECT_FAULT(tollgate_gate_refusals(gate, TOLLGATE_REASON_EXPIRED, OFF(uint64_t, &number)));
    EXPECT_FAULT(tollgate_gate_refusals(NULL, 0, NULL));
    for (at = 0; at < COUNT_OF(no_reasons); at++) {
        EXPECT_FAULT(tollgate_gate_refusals(gate, no_reasons[at], &number));
        EXPECT_IS(number, 0);
    }

    EXPECT_FAULT(tollgate_gate_metrics(NULL, scratch, &text));
    EXPECT_FAULT(tollgate_gate_metrics(off, scratch, &text));
    EXPECT_FAULT(tollgate_gate_metrics(gate, NULL, &text));
    EXPECT_FAULT(tollgate_gate_metrics(gate, OFF(tollgate_scratch, scratch), &text));
    EXPECT_FAULT(tollgate_gate_metrics(gate, scratch, NULL));
    EXPECT_FAULT(tollgate_gate_metrics(gate, scratch, OFF(tollgate_text, &text)));
    EXPECT_FAULT(tollgate_gate_metrics(NULL, NULL, NULL));

    EXPECT(tollgate_gate_cache_bytes(NULL) == 0 && tollgate_gate_cache_bytes(off) == 0);
    EXPECT(tollgate_gate_cache_bytes(gate) > 0);
    for (at = 0; at < COUNT_OF(HUGE_LENGTHS); at++) {
        EXPECT_FAULT(tollgate_gate_has_endpoint(gate, "internet", HUGE_LENGTHS[at], message, sizeof message));
    }
}

static void living(void)
{
    tollgate_gate *off = OFF(tollgate_gate, gate);
    EXPECT(tollgate_gate_clone(NULL) == NULL && tollgate_gate_clone(off) == NULL);
    tollgate_gate_free(NULL);
    tollgate_gate_free(off);
    EXPECT_FAULT(tollgate_gate_start_refresh(NULL));
    EXPECT_FAULT(tollgate_gate_start_refresh(off));
    EXPECT_FAULT(tollgate_gate_stop_refresh(NULL));
    EXPECT_FAULT(tollgate_gate_stop_refresh(off));
    EXPECT_IS(tollgate_gate_stop_refresh(gate), TOLLGATE_E_STATE);
    EXPECT_IS(tollgate_gate_start_refresh(gate), TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_start_refresh(gate), TOLLGATE_E_STATE);
    EXPECT_IS(tollgate_gate_stop_refresh(gate), TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_stop_refresh(gate), TOLLGATE_E_STATE);
    EXPECT(tollgate_gate_refresh_due(NULL) == UINT64_MAX && tollgate_gate_refresh_due(off) == UINT64_MAX);
    EXPECT_FAULT(tollgate_gate_needs_refresh(NULL));
    EXPECT_FAULT(tollgate_gate_needs_refresh(off));
    EXPECT_FAULT(tollgate_gate_refresh(NULL, message, sizeof message));
    EXPECT_FAULT(tollgate_gate_refresh(off, message, sizeof message));
    EXPECT_FAULT(tollgate_gate_refresh(NULL, NULL, 0));
    EXPECT_IS(tollgate_gate_refresh(gate, NULL, SIZE_MAX), TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_refresh(gate, message, SIZE_MAX), TOLLGATE_DONE);
}

/* Every number has its texts, and only one of them says that somebody was admitted. */
static void numbers(void)
{
    const int32_t strange[] = {INT32_MIN, INT32_MAX, 0, 3, 999, 1000, 1999, 6999, 65537, 66537, -9, -1000};
    size_t at;
    int32_t status;
    for (at = 0; at < COUNT_OF(strange); at++) {
        EXPECT(strcmp(tollgate_reason_name(strange[at]), "unknown") == 0);
        EXPECT(strcmp(tollgate_reason_class(strange[at]), "fault") == 0);
        EXPECT(strlen(tollgate_reason_sentence(strange[at])) > 0);
        EXPECT(strlen(tollgate_reason_remedy(strange[at])) > 0);
        EXPECT_IS(tollgate_reason_http_status(strange[at]), 503);
    }
    for (status = -20; status < 7000; status++) {
        int is_admitted = strcmp(tollgate_reason_name(status), "admitted") == 0;
        EXPECT_IS(is_admitted, status == TOLLGATE_ADMITTED);
        EXPECT_IS(tollgate_reason_http_status(status) == 200, status == TOLLGATE_ADMITTED);
    }
    EXPECT(strcmp(tollgate_reason_name(TOLLGATE_REASON_EXPIRED), "expired") == 0);
    EXPECT_IS(tollgate_reason_http_status(TOLLGATE_REASON_EXPIRED), 401);
    for (at = 0; at < COUNT_OF(BAD_NUMBERS); at++) {
        EXPECT(tollgate_struct_size(BAD_NUMBERS[at]) == 0);
    }
    EXPECT_IS(tollgate_abi_version(), TOLLGATE_ABI_VERSION);
    EXPECT_IS(tollgate_version_number(), TOLLGATE_VERSION);
    EXPECT(strlen(tollgate_version()) >= 5);
}

int main(int argc, char **argv)
{
    const char *folder = folder_of(argc, argv);
    struct file token = load(folder, "user.jwt");
    gate = open_gate(NULL, folder);
    scratch = new_scratch();
    making(folder);
    asking();
    living();
    numbers();
    /* It works on. */
    EXPECT_IS(judge(gate, scratch, &token, NULL), TOLLGATE_ADMITTED);
    tollgate_scratch_free(scratch);
    tollgate_gate_free(gate);
    unload(&token);
    return 0;
}
