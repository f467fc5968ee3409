/*
 * Four threads check, with one gate, one peer and the same requests between them and a scratch each, while one
 * updates the trust and one loads files again. What a thread is told has to be true of some moment; what the
 * updating thread has just changed has to hold for it at once. Requests and tokens lie in pages that nobody may
 * write to. The driver runs it as it is and under helgrind, and once with CARELESS, which helgrind has to find.
 * Usage: FOLDER ROUNDS-OF-UPDATES MILLISECONDS-BETWEEN-CHECKS.
 */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

#include "world.h"

#define CHECKERS 4

static tollgate_gate *gate;
static tollgate_peer *own, *corp;
static struct file tenant, site, client, user_id;
static struct file user, rolled, client_token;
static struct file keys, keys_both, root, other_root;
static int rounds;
static struct timespec pause_between;

/* What the threads show: where it lies it can only be read. */
enum { USER, ROLLED, CLIENT, CORP, SHOWN };
static const tollgate_request *shown;

#ifdef CARELESS
static tollgate_verdict shared;
#endif
static int stopping;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Under valgrind one thread runs at a time, and those that only check would have all of it. */
static int is_over(void)
{
    int over;
    if (pause_between.tv_nsec > 0) {
        nanosleep(&pause_between, NULL);
    }
    pthread_mutex_lock(&lock);
    over = stopping;
    pthread_mutex_unlock(&lock);
    return over;
}

static int is_one_of(int32_t status, const int32_t *allowed, size_t count)
{
    size_t at;
    for (at = 0; at < count; at++) {
        if (status == allowed[at]) {
            return 1;
        }
    }
    fprintf(stderr, "%s (%ld) is true of no moment\n", tollgate_reason_name(status), (long)status);
    return 0;
}

/* A copy that can only be read from here on. */
static const void *frozen(const void *what, size_t len)
{
    void *page = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(page != MAP_FAILED);
    memcpy(page, what, len);
    EXPECT(mprotect(page, len, PROT_READ) == 0);
    return page;
}

static int32_t ask(tollgate_scratch *scratch, int which)
{
    int32_t status;
#ifdef CARELESS
    tollgate_verdict *verdict = &shared;
#else
    tollgate_verdict own_verdict, *verdict = &own_verdict;
#endif
    tollgate_verdict_init(verdict);
    status = tollgate_check(gate, scratch, &shown[which], verdict);
#ifndef CARELESS
    EXPECT_IS(verdict->status, status);
    EXPECT_IS(verdict->admitted, tollgate_is_admitted(status));
#endif
    return status;
}

static void *check(void *counted)
{
    static const int32_t of_user[] = {TOLLGATE_ADMITTED, TOLLGATE_REASON_USER_WITHDRAWN,
                                      TOLLGATE_REASON_TENANT_DISABLED};
    static const int32_t of_rolled[] = {TOLLGATE_ADMITTED, TOLLGATE_REASON_KEY_UNKNOWN,
                                        TOLLGATE_REASON_TENANT_DISABLED};
    static const int32_t of_client[] = {TOLLGATE_ADMITTED, TOLLGATE_REASON_CLIENT_WITHDRAWN};
    static const int32_t of_corp[] = {TOLLGATE_ADMITTED, TOLLGATE_REASON_CERTIFICATE_UNTRUSTED,
                                      TOLLGATE_REASON_PATH_INVALID};
    tollgate_scratch *scratch = new_scratch();
    unsigned long count = 0;
    do {
        tollgate_text id;
        int32_t status = ask(scratch, USER);
        EXPECT(is_one_of(status, of_user, 3));
        EXPECT_IS(tollgate_verdict_text(scratch, TOLLGATE_TEXT_ID, &id) == TOLLGATE_DONE,
                  status == TOLLGATE_ADMITTED);
        EXPECT(is_one_of(ask(scratch, ROLLED), of_rolled, 3));
        EXPECT(is_one_of(ask(scratch, CLIENT), of_client, 2));
        EXPECT(is_one_of(ask(scratch, CORP), of_corp, 3));
        count++;
    } while (!is_over());
    tollgate_scratch_free(scratch);
    *(unsigned long *)counted = count;
    return NULL;
}

static void *refresh(void *unused)
{
    (void)unused;
    do {
        char message[512];
        int32_t status = tollgate_gate_refresh(gate, message, sizeof message);
        EXPECT(status == TOLLGATE_DONE || status == TOLLGATE_E_STATE);
    } while (!is_over());
    return NULL;
}

static void put_keys(tollgate_update *update, const struct file *jwks)
{
    EXPECT_IS(tollgate_update_keys(update, TOLLGATE_METHOD_ENTRA, tenant.data, 36, (const uint8_t *)jwks->data,
                                   jwks->len),
              TOLLGATE_DONE);
}

static void put_anchors(tollgate_update *update, const struct file *pem)
{
    EXPECT_IS(tollgate_update_anchors(update, "corp", 4, (const uint8_t *)pem->data, pem->len), TOLLGATE_DONE);
}

static void apply(tollgate_update *update)
{
    char message[512];
    EXPECT_IS(tollgate_gate_apply(gate, update, message, sizeof message), TOLLGATE_DONE);
}

static void *update(void *unused)
{
    tollgate_scratch *scratch = new_scratch();
    tollgate_update *changes = NULL;
    int round;
    (void)unused;
    EXPECT_IS(tollgate_update_new(&changes), TOLLGATE_DONE);
    for (round = 0; round < rounds; round++) {
        EXPECT_IS(tollgate_update_withdraw(changes, TOLLGATE_WITHDRAW_USER, tenant.data, 36, user_id.data, 36, 0),
                  TOLLGATE_DONE);
        EXPECT_IS(tollgate_update_withdraw(changes, TOLLGATE_WITHDRAW_CLIENT, site.data, 36, client.data, 36, 0),
                  TOLLGATE_DONE);
        apply(changes);
        EXPECT_IS(ask(scratch, USER), TOLLGATE_REASON_USER_WITHDRAWN);
        EXPECT_IS(ask(scratch, CLIENT), TOLLGATE_REASON_CLIENT_WITHDRAWN);
        EXPECT_IS(tollgate_update_restore(changes, TOLLGATE_WITHDRAW_USER, tenant.data, 36, user_id.data, 36),
                  TOLLGATE_DONE);
        EXPECT_IS(tollgate_update_restore(changes, TOLLGATE_WITHDRAW_CLIENT, site.data, 36, client.data, 36),
                  TOLLGATE_DONE);
        put_keys(changes, &keys_both);
        put_anchors(changes, &other_root);
        apply(changes);
        EXPECT_IS(ask(scratch, USER), TOLLGATE_ADMITTED);
        EXPECT_IS(ask(scratch, ROLLED), TOLLGATE_ADMITTED);
        EXPECT_IS(ask(scratch, CLIENT), TOLLGATE_ADMITTED);
        EXPECT_REFUSED(ask(scratch, CORP));
        put_keys(changes, &keys);
        put_anchors(changes, &root);
        EXPECT_IS(tollgate_update_tenant(changes, TOLLGATE_METHOD_ENTRA, tenant.data, 36, 0), TOLLGATE_DONE);
        apply(changes);
        EXPECT_IS(ask(scratch, USER), TOLLGATE_REASON_TENANT_DISABLED);
        EXPECT_IS(ask(scratch, CORP), TOLLGATE_ADMITTED);
        EXPECT_IS(tollgate_update_tenant(changes, TOLLGATE_METHOD_ENTRA, tenant.data, 36, 1), TOLLGATE_DONE);
        apply(changes);
        EXPECT_IS(ask(scratch, USER), TOLLGATE_ADMITTED);
        EXPECT_IS(ask(scratch, ROLLED), TOLLGATE_REASON_KEY_UNKNOWN);
    }
    tollgate_update_free(changes);
    tollgate_scratch_free(scratch);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t checkers[CHECKERS], updater, refresher;
    unsigned long counts[CHECKERS], all = 0;
    tollgate_request requests[SHOWN];
    const char *folder;
    int at;
    EXPECT(argc == 4);
    folder = argv[1];
    rounds = atoi(argv[2]);
    pause_between.tv_nsec = atoi(argv[3]) * 1000000L;
    tenant = load(folder, "tenant.id");
    site = load(folder, "site.id");
    client = load(folder, "client.id");
    user_id = load(folder, "user.id");
    user = load(folder, "user.jwt");
    rolled = load(folder, "rolled.jwt");
    client_token = load(folder, "laptop9.jwt");
    keys = load(folder, "keys.json");
    keys_both = load(folder, "keys-both.json");
    root = load(folder, "root.pem");
    other_root = load(folder, "other-root.pem");
    own = open_peer(folder, "laptop9.pem");
    corp = open_peer(folder, "pc7.pem");
    gate = open_gate(NULL, folder);
    user.data = (char *)frozen(user.data, user.len);
    rolled.data = (char *)frozen(rolled.data, rolled.len);
    client_token.data = (char *)frozen(client_token.data, client_token.len);
    requests[USER] = request_of(&user, NULL);
    requests[ROLLED] = request_of(&rolled, NULL);
    requests[CLIENT] = request_of(&client_token, own);
    requests[CORP] = request_of(NULL, corp);
    shown = (const tollgate_request *)frozen(requests, sizeof requests);
    for (at = 0; at < CHECKERS; at++) {
        EXPECT(pthread_create(&checkers[at], NULL, check, &counts[at]) == 0);
    }
    EXPECT(pthread_create(&refresher, NULL, refresh, NULL) == 0);
    EXPECT(pthread_create(&updater, NULL, update, NULL) == 0);
    EXPECT(pthread_join(updater, NULL) == 0);
    pthread_mutex_lock(&lock);
    stopping = 1;
    pthread_mutex_unlock(&lock);
    for (at = 0; at < CHECKERS; at++) {
        EXPECT(pthread_join(checkers[at], NULL) == 0);
        EXPECT(counts[at] > 0);
        all += counts[at];
    }
    EXPECT(pthread_join(refresher, NULL) == 0);
    printf("%lu rounds of checks beside %d of updates\n", all, rounds);
    tollgate_peer_free(own);
    tollgate_peer_free(corp);
    tollgate_gate_free(gate);
    return 0;
}
