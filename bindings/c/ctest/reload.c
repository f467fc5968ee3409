/*
 * Hosts load and unload their modules, and the library with them: it stays (-z nodelete), so that threads which
 * ran its code may end later. Usage: FOLDER LIBRARY.
 */
#include <dlfcn.h>
#include <pthread.h>

#include "world.h"

#define TIMES 100

/* ISO C has no way from void * to a function; POSIX asks for this one. */
#define FIND(library, name) \
    do { \
        *(void **)(&found_##name) = dlsym(library, #name); \
        EXPECT(found_##name != NULL); \
    } while (0)

static int32_t (*found_tollgate_gate_from_file)(const tollgate_options *, const char *, size_t, tollgate_gate **,
                                                char *, size_t);
static int32_t (*found_tollgate_gate_start_refresh)(const tollgate_gate *);
static void (*found_tollgate_gate_free)(tollgate_gate *);
static int32_t (*found_tollgate_check)(const tollgate_gate *, tollgate_scratch *, const tollgate_request *,
                                       tollgate_verdict *);

static struct file token;
static tollgate_gate *gate;
static pthread_barrier_t checked, closed;

static void check(void)
{
    tollgate_request request = request_of(&token, NULL);
    tollgate_verdict verdict;
    tollgate_verdict_init(&verdict);
    EXPECT_IS(found_tollgate_check(gate, NULL, &request, &verdict), TOLLGATE_ADMITTED);
}

/* Ends only when the library was closed: what the library left for the end of a thread runs then. */
static void *outlive(void *unused)
{
    (void)unused;
    check();
    pthread_barrier_wait(&checked);
    pthread_barrier_wait(&closed);
    return NULL;
}

int main(int argc, char **argv)
{
    char path[4096];
    int at;
    EXPECT(argc == 3);
    token = load(argv[1], "user.jwt");
    EXPECT((size_t)snprintf(path, sizeof path, "%s/tollgate.toml", argv[1]) < sizeof path);
    for (at = 0; at < TIMES; at++) {
        pthread_t thread;
        void *library = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL) {
            fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
        FIND(library, tollgate_gate_from_file);
        FIND(library, tollgate_gate_start_refresh);
        FIND(library, tollgate_gate_free);
        FIND(library, tollgate_check);
        EXPECT_IS(found_tollgate_gate_from_file(NULL, path, strlen(path), &gate, NULL, 0), TOLLGATE_DONE);
        EXPECT_IS(found_tollgate_gate_start_refresh(gate), TOLLGATE_DONE);
        EXPECT(pthread_barrier_init(&checked, NULL, 2) == 0 && pthread_barrier_init(&closed, NULL, 2) == 0);
        EXPECT(pthread_create(&thread, NULL, outlive, NULL) == 0);
        check();
        pthread_barrier_wait(&checked);
        /* Ends the thread that refreshes, too. */
        found_tollgate_gate_free(gate);
        EXPECT(dlclose(library) == 0);
        pthread_barrier_wait(&closed);
        EXPECT(pthread_join(thread, NULL) == 0);
        EXPECT(pthread_barrier_destroy(&checked) == 0 && pthread_barrier_destroy(&closed) == 0);
    }
    unload(&token);
    return 0;
}
