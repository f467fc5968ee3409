/*
 * A gate that was made before a fork serves parent and children, as nginx does it: each refreshes for itself,
 * judges batches with threads of its own, and frees what it has. What hangs is ended by an alarm.
 */
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#define CHILDREN 3
#define BATCH 64
#define DEADLINE_S 60

static tollgate_gate *gate;
static struct file user, rolled, client;
static tollgate_peer *own;

static void serve(tollgate_scratch *scratch)
{
    static tollgate_request requests[BATCH];
    static tollgate_verdict verdicts[BATCH];
    tollgate_text id;
    int at;
    EXPECT_IS(judge(gate, scratch, &user, NULL), TOLLGATE_ADMITTED);
    EXPECT_IS(judge(gate, scratch, &client, own), TOLLGATE_ADMITTED);
    EXPECT_IS(judge(gate, scratch, &rolled, NULL), TOLLGATE_REASON_KEY_UNKNOWN);
    for (at = 0; at < BATCH; at++) {
        /* Some that were never seen and never will be: they go to the pool. */
        requests[at] = request_of(at % 2 ? &user : &rolled, NULL);
        tollgate_verdict_init(&verdicts[at]);
    }
    EXPECT_IS(tollgate_check_batch(gate, scratch, requests, sizeof *requests, verdicts, sizeof *verdicts, BATCH),
              TOLLGATE_DONE);
    for (at = 0; at < BATCH; at++) {
        EXPECT_IS(verdicts[at].status, at % 2 ? TOLLGATE_ADMITTED : TOLLGATE_REASON_KEY_UNKNOWN);
    }
    EXPECT_IS(tollgate_batch_choose(scratch, 1), TOLLGATE_DONE);
    EXPECT_IS(tollgate_verdict_text(scratch, TOLLGATE_TEXT_ID, &id), TOLLGATE_DONE);
}

static void live_and_die(tollgate_scratch *scratch)
{
    alarm(DEADLINE_S);
    serve(scratch);
    /* The parent's thread is not here: this one is the child's own. */
    EXPECT_IS(tollgate_gate_start_refresh(gate), TOLLGATE_DONE);
    EXPECT_IS(tollgate_gate_start_refresh(gate), TOLLGATE_E_STATE);
    EXPECT(tollgate_gate_refresh(gate, NULL, 0) != TOLLGATE_E_CONFIG);
    serve(scratch);
    EXPECT_IS(tollgate_gate_stop_refresh(gate), TOLLGATE_DONE);
    tollgate_scratch_free(scratch);
    tollgate_peer_free(own);
    tollgate_gate_free(gate);
    exit(0);
}

int main(int argc, char **argv)
{
    const char *folder = folder_of(argc, argv);
    tollgate_scratch *scratch = new_scratch();
    pid_t children[CHILDREN];
    int at, status;
    alarm(DEADLINE_S);
    user = load(folder, "user.jwt");
    rolled = load(folder, "rolled.jwt");
    client = load(folder, "laptop9.jwt");
    own = open_peer(folder, "laptop9.pem");
    gate = open_gate(NULL, folder);
    /* One child before anything was judged, one after, and one while the parent refreshes. */
    for (at = 0; at < CHILDREN; at++) {
        children[at] = fork();
        EXPECT(children[at] >= 0);
        if (children[at] == 0) {
            live_and_die(scratch);
        }
        serve(scratch);
        if (at == 1) {
            EXPECT_IS(tollgate_gate_start_refresh(gate), TOLLGATE_DONE);
        }
    }
    for (at = 0; at < CHILDREN; at++) {
        EXPECT(waitpid(children[at], &status, 0) == children[at]);
        EXPECT(WIFEXITED(status));
        EXPECT_IS(WEXITSTATUS(status), 0);
    }
    EXPECT_IS(tollgate_gate_start_refresh(gate), TOLLGATE_E_STATE);
    serve(scratch);
    tollgate_scratch_free(scratch);
    tollgate_peer_free(own);
    tollgate_gate_free(gate);
    unload(&user);
    unload(&rolled);
    unload(&client);
    return 0;
}
