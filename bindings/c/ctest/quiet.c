/*
 * What a host calls for every request allocates nothing once it is warm. Every allocation of the process,
 * the library's too, comes through the functions here, which count those of the calling thread.
 */
#include <errno.h>

#include "world.h"

/* What glibc calls its own; the names above them are ours now. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *old);

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *old, size_t size);
void *aligned_alloc(size_t alignment, size_t size);
int posix_memalign(void **place, size_t alignment, size_t size);
void free(void *old);

static __thread unsigned long allocated, freed;

void *malloc(size_t size)
{
    allocated++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocated++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    allocated++;
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    allocated++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **place, size_t alignment, size_t size)
{
    allocated++;
    *place = __libc_memalign(alignment, size);
    return *place == NULL ? ENOMEM : 0;
}

void free(void *old)
{
    freed += old != NULL;
    __libc_free(old);
}

/* One request of a host: the check, and the texts that it hands on. */
static void serve(const tollgate_gate *gate, tollgate_scratch *scratch, const tollgate_request *request,
                  const uint32_t *kinds, size_t count)
{
    tollgate_verdict verdict;
    tollgate_text text;
    size_t at;
    tollgate_verdict_init(&verdict);
    EXPECT_IS(tollgate_check(gate, scratch, request, &verdict), TOLLGATE_ADMITTED);
    for (at = 0; at < count; at++) {
        EXPECT_IS(tollgate_verdict_text(scratch, kinds[at], &text), TOLLGATE_DONE);
        EXPECT(text.len >= 36);
    }
}

static void is_quiet(const char *name, const tollgate_gate *gate, tollgate_scratch *scratch,
                     const tollgate_request *request, const uint32_t *kinds, size_t count)
{
    tollgate_counters before, after;
    unsigned long allocated_before, freed_before;
    int at;
    tollgate_counters_init(&before);
    tollgate_counters_init(&after);
    for (at = 0; at < 100; at++) {
        serve(gate, scratch, request, kinds, count);
    }
    EXPECT_IS(tollgate_gate_counters(gate, &before), TOLLGATE_DONE);
    allocated_before = allocated;
    freed_before = freed;
    for (at = 0; at < 10000; at++) {
        serve(gate, scratch, request, kinds, count);
    }
    if (allocated != allocated_before || freed != freed_before) {
        fprintf(stderr, "%s: %lu allocations and %lu frees in 10000 checks\n", name,
                allocated - allocated_before, freed - freed_before);
        exit(1);
    }
    EXPECT_IS(tollgate_gate_counters(gate, &after), TOLLGATE_DONE);
    EXPECT_IS(after.hits - before.hits, 10000);
    EXPECT_IS(after.misses, before.misses);
}

int main(int argc, char **argv)
{
    const uint32_t of_user[] = {TOLLGATE_TEXT_ID, TOLLGATE_TEXT_TENANT, TOLLGATE_TEXT_USER, TOLLGATE_TEXT_DEVICE};
    const uint32_t of_device[] = {TOLLGATE_TEXT_ID, TOLLGATE_TEXT_TENANT, TOLLGATE_TEXT_DEVICE};
    const uint32_t of_client[] = {TOLLGATE_TEXT_ID, TOLLGATE_TEXT_DEVICE};
    const char *folder = folder_of(argc, argv);
    tollgate_gate *gate = open_gate(NULL, folder);
    tollgate_scratch *scratch = new_scratch();
    struct file user = load(folder, "user.jwt"), device = load(folder, "device.jwt");
    struct file client = load(folder, "laptop9.jwt"), workforce = load(folder, "workforce.jwt");
    tollgate_peer *own = open_peer(folder, "laptop9.pem"), *corp = open_peer(folder, "pc7.pem");
    tollgate_request entra = request_of(&user, NULL), of_a_device = request_of(&device, NULL);
    tollgate_request site = request_of(&client, own), pki = request_of(NULL, corp);
    tollgate_request both = request_of(&user, corp), oidc = request_of(&workforce, NULL);
    tollgate_text lines;
    unsigned long before;

    is_quiet("entra", gate, scratch, &entra, of_user, 4);
    is_quiet("entra, a device", gate, scratch, &of_a_device, of_device, 3);
    is_quiet("site with its peer", gate, scratch, &site, of_client, 2);
    is_quiet("pki", gate, scratch, &pki, NULL, 0);
    is_quiet("entra beside pki", gate, scratch, &both, of_user, 4);
    is_quiet("oidc", gate, scratch, &oidc, NULL, 0);
    is_quiet("entra, and no scratch", gate, NULL, &entra, NULL, 0);

    /* What counts, counts: an explanation allocates. */
    before = allocated;
    EXPECT_IS(tollgate_explain(gate, scratch, &entra, &lines), TOLLGATE_ADMITTED);
    EXPECT(allocated > before);

    tollgate_scratch_free(scratch);
    tollgate_peer_free(own);
    tollgate_peer_free(corp);
    tollgate_gate_free(gate);
    unload(&user);
    unload(&device);
    unload(&client);
    unload(&workforce);
    return 0;
}
