/* Trust that is kept fresh: by a thread of the library's, and by a host's own loop. */
#include <time.h>

#include "world.h"

static struct file user, rolled;
static tollgate_scratch *scratch;
static int errors, notices;
static uint64_t mono_ms = 5000000;
static int64_t real_s;

static void on_log(void *unused, uint32_t level, const char *message, size_t len)
{
    (void)unused;
    EXPECT(strlen(message) == len);
    errors += level == TOLLGATE_LOG_ERROR;
    notices += level == TOLLGATE_LOG_NOTICE;
}

/* The loop's own time: it does not wait for it. */
static void on_clock(void *unused, int64_t *unix_s, uint64_t *mono)
{
    (void)unused;
    *unix_s = real_s;
    *mono = mono_ms;
}

/* What is at `from` becomes the key file, in one step as tools do it. */
static void publish(const char *folder, const char *from)
{
    char made[4096], place[4096];
    struct file file = load(folder, from);
    FILE *stream;
    EXPECT((size_t)snprintf(made, sizeof made, "%s/keys.json.new", folder) < sizeof made);
    EXPECT((size_t)snprintf(place, sizeof place, "%s/keys.json", folder) < sizeof place);
    stream = fopen(made, "wb");
    EXPECT(stream != NULL);
    EXPECT(fwrite(file.data, 1, file.len, stream) == file.len);
    EXPECT(fclose(stream) == 0);
    EXPECT(rename(made, place) == 0);
    unload(&file);
}

static void wait_for(const tollgate_gate *gate, const struct file *token, int32_t wanted)
{
    const struct timespec pause = {0, 20 * 1000 * 1000};
    int left = 30 * 50;
    while (judge(gate, scratch, token, NULL) != wanted) {
        EXPECT(left-- > 0);
        nanosleep(&pause, NULL);
    }
}

static void by_thread(const char *folder)
{
    tollgate_options options;
    tollgate_counters counters;
    tollgate_gate *gate;
    tollgate_options_init(&options);
    tollgate_counters_init(&counters);
    options.log = on_log;
    gate = open_gate(&options, folder);
    EXPECT_IS(tollgate_gate_start_refresh(gate), TOLLGATE_DONE);
    EXPECT_IS(judge(gate, scratch, &user, NULL), TOLLGATE_ADMITTED);
    EXPECT_IS(judge(gate, scratch, &rolled, NULL), TOLLGATE_REASON_KEY_UNKNOWN);
    publish(folder, "keys-rolled.json");
    wait_for(gate, &rolled, TOLLGATE_ADMITTED);
    EXPECT_IS(judge(gate, scratch, &user, NULL), TOLLGATE_REASON_KEY_UNKNOWN);
    EXPECT_IS(tollgate_gate_stop_refresh(gate), TOLLGATE_DONE);
    EXPECT_IS(notices, 1);
    EXPECT_IS(errors, 0);
    EXPECT_IS(tollgate_gate_counters(gate, &counters), TOLLGATE_DONE);
    EXPECT_IS(counters.refreshes, 1);
    EXPECT_IS(counters.refresh_failures, 0);
    tollgate_gate_free(gate);
}

static const tollgate_gate *told_of;
static int is_told, is_stopping;

/* A host that starts another thread whenever it is told of something, while the first one is being stopped. */
static void on_log_start(void *unused, uint32_t level, const char *message, size_t len)
{
    const struct timespec pause = {0, 100 * 1000 * 1000};
    (void)unused;
    (void)level;
    (void)message;
    (void)len;
    if (__atomic_exchange_n(&is_told, 1, __ATOMIC_SEQ_CST))
        return;
    while (!__atomic_load_n(&is_stopping, __ATOMIC_SEQ_CST))
        nanosleep(&pause, NULL);
    /* By now it waits for this thread. */
    nanosleep(&pause, NULL);
    EXPECT_IS(tollgate_gate_start_refresh(told_of), TOLLGATE_DONE);
}

static void started_while_it_stops(const char *folder)
{
    const struct timespec pause = {0, 20 * 1000 * 1000};
    tollgate_options options;
    tollgate_gate *gate;
    tollgate_options_init(&options);
    options.log = on_log_start;
    gate = open_gate(&options, folder);
    told_of = gate;
    EXPECT_IS(tollgate_gate_start_refresh(gate), TOLLGATE_DONE);
    publish(folder, "keys-both.json");
    while (!__atomic_load_n(&is_told, __ATOMIC_SEQ_CST))
        nanosleep(&pause, NULL);
    __atomic_store_n(&is_stopping, 1, __ATOMIC_SEQ_CST);
    EXPECT_IS(tollgate_gate_stop_refresh(gate), TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_stop_refresh(gate), TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_stop_refresh(gate), TOLLGATE_E_STATE);
    tollgate_gate_free(gate);
}

static void look(const tollgate_gate *gate, int32_t wanted, const char *part)
{
    char message[1024] = "x";
    EXPECT(tollgate_gate_refresh_due(gate) > 0 && tollgate_gate_refresh_due(gate) <= 1000);
    mono_ms += tollgate_gate_refresh_due(gate);
    EXPECT(tollgate_gate_refresh_due(gate) == 0);
    EXPECT_IS(tollgate_gate_refresh(gate, message, sizeof message), wanted);
    EXPECT(strstr(message, part) != NULL);
    EXPECT(part[0] != '\0' || message[0] == '\0');
}

static void by_loop(const char *folder)
{
    tollgate_options options;
    tollgate_counters counters;
    tollgate_gate *gate;
    tollgate_options_init(&options);
    tollgate_counters_init(&counters);
    options.log = on_log;
    options.clock = on_clock;
    real_s = (int64_t)time(NULL);
    notices = 0;
    publish(folder, "keys-both.json");
    gate = open_gate(&options, folder);
    EXPECT_IS(judge(gate, scratch, &user, NULL), TOLLGATE_ADMITTED);
    EXPECT_IS(judge(gate, scratch, &rolled, NULL), TOLLGATE_ADMITTED);
    EXPECT_IS(tollgate_gate_needs_refresh(gate), TOLLGATE_E_ABSENT);
    look(gate, TOLLGATE_DONE, "");
    EXPECT_IS(notices, 0);
    publish(folder, "keys-rolled.json");
    EXPECT_IS(tollgate_gate_needs_refresh(gate), TOLLGATE_E_ABSENT);
    mono_ms += 1000;
    EXPECT_IS(tollgate_gate_needs_refresh(gate), TOLLGATE_DONE);
    mono_ms -= 1000;
    EXPECT_IS(judge(gate, scratch, &user, NULL), TOLLGATE_ADMITTED);
    look(gate, TOLLGATE_DONE, "");
    EXPECT_IS(notices, 1);
    EXPECT_IS(judge(gate, scratch, &user, NULL), TOLLGATE_REASON_KEY_UNKNOWN);

    /* A file that cannot be used: told once, by the line that names it, and the trust stays. */
    errors = 0;
    publish(folder, "user.jwt");
    look(gate, TOLLGATE_E_CONFIG, "entra[0].jwks_file");
    EXPECT(errors >= 1);
    EXPECT_IS(judge(gate, scratch, &rolled, NULL), TOLLGATE_ADMITTED);
    EXPECT_IS(judge(gate, scratch, &user, NULL), TOLLGATE_REASON_KEY_UNKNOWN);
    errors = 0;
    look(gate, TOLLGATE_DONE, "");
    EXPECT_IS(errors, 0);
    publish(folder, "keys-both.json");
    look(gate, TOLLGATE_DONE, "");
    EXPECT_IS(judge(gate, scratch, &user, NULL), TOLLGATE_ADMITTED);
    EXPECT_IS(tollgate_gate_counters(gate, &counters), TOLLGATE_DONE);
    EXPECT_IS(counters.refreshes, 2);
    EXPECT_IS(counters.refresh_failures, 1);
    tollgate_gate_free(gate);
}

int main(int argc, char **argv)
{
    const char *folder = folder_of(argc, argv);
    user = load(folder, "user.jwt");
    rolled = load(folder, "rolled.jwt");
    scratch = new_scratch();
    by_thread(folder);
    by_loop(folder);
    publish(folder, "keys-rolled.json");
    started_while_it_stops(folder);
    tollgate_scratch_free(scratch);
    unload(&user);
    unload(&rolled);
    return 0;
}
