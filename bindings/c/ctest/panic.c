/* A panic inside ends at the boundary: a status, a word to the log, and the gate works on. */
#include "world.h"

extern int32_t tollgate_test_panic(const tollgate_gate *gate);

static int told;

static void on_log(void *user, uint32_t level, const char *message, size_t len)
{
    EXPECT(user == &told);
    EXPECT_IS(level, TOLLGATE_LOG_ERROR);
    EXPECT_IS(strlen(message), len);
    EXPECT(strstr(message, "asked for by a test") != NULL);
    told++;
}

int main(int argc, char **argv)
{
    const char *folder = folder_of(argc, argv);
    struct file token = load(folder, "user.jwt");
    tollgate_scratch *scratch = new_scratch();
    tollgate_options options;
    tollgate_gate *gate;
    int at;
    tollgate_options_init(&options);
    options.user = &told;
    options.log = on_log;
    gate = open_gate(&options, folder);
    for (at = 1; at <= 3; at++) {
        EXPECT_IS(judge(gate, scratch, &token, NULL), TOLLGATE_ADMITTED);
        EXPECT_IS(tollgate_test_panic(gate), TOLLGATE_E_PANIC);
        EXPECT_IS(told, at);
        EXPECT_IS(judge(gate, scratch, &token, NULL), TOLLGATE_ADMITTED);
    }
    EXPECT_IS(tollgate_test_panic(NULL), TOLLGATE_E_PANIC);
    EXPECT_IS(told, 3);
    tollgate_scratch_free(scratch);
    tollgate_gate_free(gate);
    unload(&token);
    return 0;
}
