/* What a host lends: a log, a clock, and the word that nothing calls back any more. */
#include "world.h"

struct host {
    int errors, warnings, notices, dropped, told;
    int64_t ahead_s;
    int64_t unix_s;
    char last[1024];
};

static void on_log(void *user, uint32_t level, const char *message, size_t len)
{
    struct host *host = (struct host *)user;
    EXPECT(host->dropped == 0);
    EXPECT(len > 0 && len == strlen(message));
    EXPECT(memchr(message, '\n', len) == NULL);
    host->errors += level == TOLLGATE_LOG_ERROR;
    host->warnings += level == TOLLGATE_LOG_WARNING;
    host->notices += level == TOLLGATE_LOG_NOTICE;
    EXPECT(level >= TOLLGATE_LOG_ERROR && level <= TOLLGATE_LOG_NOTICE);
    snprintf(host->last, sizeof host->last, "%s", message);
}

static void on_clock(void *user, int64_t *unix_s, uint64_t *mono_ms)
{
    struct host *host = (struct host *)user;
    EXPECT(host->dropped == 0);
    host->told++;
    *unix_s = host->unix_s + host->ahead_s;
    *mono_ms = 1000000;
}

static void on_drop(void *user)
{
    ((struct host *)user)->dropped++;
}

static tollgate_options lend(struct host *host)
{
    tollgate_options options;
    tollgate_options_init(&options);
    options.user = host;
    options.log = on_log;
    options.drop = on_drop;
    return options;
}

/* Where no gate is made, nothing calls back any more at once. */
static void failed(const char *folder)
{
    struct host host;
    tollgate_options options = lend(&host);
    tollgate_gate *gate = NULL;
    char message[1024], path[4096];

    memset(&host, 0, sizeof host);
    EXPECT_IS(tollgate_gate_from_file(&options, "nowhere.toml", 12, &gate, message, sizeof message),
              TOLLGATE_E_CONFIG);
    EXPECT_IS(host.dropped, 1);
    EXPECT_IS(host.errors, 1);
    EXPECT(strcmp(host.last, message) == 0);

    memset(&host, 0, sizeof host);
    EXPECT_IS(tollgate_gate_from_text(&options, "feed = 1\nx = 2\n", 15, NULL, 0, &gate, message, sizeof message),
              TOLLGATE_E_CONFIG);
    EXPECT_IS(host.dropped, 1);
    EXPECT(host.errors >= 2);

    memset(&host, 0, sizeof host);
    EXPECT((size_t)snprintf(path, sizeof path, "%s/tollgate.toml", folder) < sizeof path);
    EXPECT_IS(tollgate_gate_from_file(&options, path, strlen(path), NULL, NULL, 0), TOLLGATE_E_NULL);
    EXPECT_IS(host.dropped, 1);

    memset(&host, 0, sizeof host);
    EXPECT_IS(tollgate_gate_from_file(&options, NULL, 1, &gate, NULL, 0), TOLLGATE_E_NULL);
    EXPECT_IS(host.dropped, 1);

    /* Options that cannot be read have no callbacks. */
    memset(&host, 0, sizeof host);
    options.size--;
    EXPECT_IS(tollgate_gate_from_file(&options, path, strlen(path), &gate, NULL, 0), TOLLGATE_E_SIZE);
    EXPECT_IS(host.dropped, 0);
}

/* Every owner counts: those who hold it, and the scratch that used it last. */
static void owners(const char *folder)
{
    struct host host;
    tollgate_options options = lend(&host);
    struct file token = load(folder, "user.jwt");
    tollgate_gate *gate, *second, *other;
    tollgate_scratch *scratch = new_scratch();
    tollgate_text id, again;
    char kept[256];
    memset(&host, 0, sizeof host);
    gate = open_gate(&options, folder);
    other = open_gate(NULL, folder);
    second = tollgate_gate_clone(gate);
    EXPECT(second == gate);
    EXPECT_IS(judge(gate, scratch, &token, NULL), TOLLGATE_ADMITTED);
    tollgate_gate_free(gate);
    EXPECT_IS(judge(second, scratch, &token, NULL), TOLLGATE_ADMITTED);
    EXPECT_IS(tollgate_verdict_text(scratch, TOLLGATE_TEXT_ID, &id), TOLLGATE_DONE);
    EXPECT(id.len < sizeof kept);
    memcpy(kept, id.data, id.len + 1);
    EXPECT_IS(host.dropped, 0);
    tollgate_gate_free(second);
    /* The scratch keeps it: what it says of the last verdict stays. */
    EXPECT_IS(host.dropped, 0);
    EXPECT_IS(tollgate_verdict_text(scratch, TOLLGATE_TEXT_ID, &again), TOLLGATE_DONE);
    EXPECT(again.data == id.data);
    EXPECT_TEXT(again, kept);
    EXPECT_IS(tollgate_verdict_text(scratch, TOLLGATE_TEXT_USER, &again), TOLLGATE_DONE);
    /* Another gate takes its place. */
    EXPECT_IS(judge(other, scratch, &token, NULL), TOLLGATE_ADMITTED);
    EXPECT_IS(host.dropped, 1);

    memset(&host, 0, sizeof host);
    gate = open_gate(&options, folder);
    EXPECT_IS(judge(gate, scratch, &token, NULL), TOLLGATE_ADMITTED);
    tollgate_gate_free(gate);
    EXPECT_IS(host.dropped, 0);
    tollgate_scratch_free(scratch);
    EXPECT_IS(host.dropped, 1);

    memset(&host, 0, sizeof host);
    gate = open_gate(&options, folder);
    EXPECT_IS(tollgate_gate_start_refresh(gate), TOLLGATE_DONE);
    tollgate_gate_free(gate);
    EXPECT_IS(host.dropped, 1);
    tollgate_gate_free(other);
    unload(&token);
}

/* The host's clock is the one by which credentials end. */
static void clocks(const char *folder)
{
    struct host host;
    tollgate_options options = lend(&host);
    struct file token = load(folder, "user.jwt");
    tollgate_gate *gate = open_gate(NULL, folder);
    tollgate_scratch *scratch = new_scratch();
    tollgate_request request = request_of(&token, NULL);
    tollgate_verdict verdict;
    int64_t unix_s;
    uint64_t mono_ms;
    memset(&host, 0, sizeof host);
    tollgate_verdict_init(&verdict);
    EXPECT_IS(tollgate_gate_now(gate, &host.unix_s, &mono_ms), TOLLGATE_DONE);
    tollgate_gate_free(gate);

    options.clock = on_clock;
    gate = open_gate(&options, folder);
    EXPECT_IS(judge(gate, scratch, &token, NULL), TOLLGATE_ADMITTED);
    host.ahead_s = 10 * 86400;
    EXPECT_IS(judge(gate, scratch, &token, NULL), TOLLGATE_REASON_EXPIRED);
    EXPECT_IS(tollgate_gate_now(gate, &unix_s, &mono_ms), TOLLGATE_DONE);
    EXPECT_IS(unix_s, host.unix_s + host.ahead_s);
    EXPECT_IS(mono_ms, 1000000);
    host.ahead_s = -10 * 86400;
    EXPECT_IS(judge(gate, scratch, &token, NULL), TOLLGATE_REASON_NOT_YET_VALID);
    /* A time of the request's own goes before it, and with both nobody is asked. */
    request.unix_s = host.unix_s;
    request.mono_ms = 1000000;
    host.told = 0;
    EXPECT_IS(tollgate_check(gate, scratch, &request, &verdict), TOLLGATE_ADMITTED);
    EXPECT_IS(host.told, 0);
    request.mono_ms = 0;
    EXPECT_IS(tollgate_check(gate, scratch, &request, &verdict), TOLLGATE_ADMITTED);
    EXPECT_IS(host.told, 1);
    tollgate_scratch_free(scratch);
    tollgate_gate_free(gate);
    EXPECT_IS(host.dropped, 1);
    unload(&token);
}

/* What goes wrong later is told to the log as well. */
static void logs(const char *folder)
{
    struct host host;
    tollgate_options options = lend(&host);
    tollgate_gate *gate;
    tollgate_update *update = NULL;
    char message[1024];
    memset(&host, 0, sizeof host);
    gate = open_gate(&options, folder);
    EXPECT_IS(host.errors, 0);
    EXPECT_IS(tollgate_update_new(&update), TOLLGATE_DONE);
    EXPECT_IS(tollgate_update_anchors(update, "nobody", 6, (const uint8_t *)"x", 1), TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_apply(gate, update, message, sizeof message), TOLLGATE_E_CONFIG);
    EXPECT_IS(host.errors, 1);
    EXPECT(strcmp(host.last, message) == 0);
    tollgate_update_free(update);
    tollgate_gate_free(gate);
    EXPECT_IS(host.dropped, 1);
}

int main(int argc, char **argv)
{
    const char *folder = folder_of(argc, argv);
    failed(folder);
    owners(folder);
    clocks(folder);
    logs(folder);
    return 0;
}
