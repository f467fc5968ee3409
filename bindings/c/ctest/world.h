/* The folder that the driver made (bindings/c/tests/native/world.rs): a configuration and credentials. */
#ifndef WORLD_H
#define WORLD_H

#include <tollgate.h>

#include "expect.h"

/* A file of the folder, with a NUL behind it. */
struct file {
    char *data;
    size_t len;
};

static inline struct file load(const char *folder, const char *name)
{
    char path[4096];
    struct file file = {NULL, 0};
    FILE *stream;
    long len;
    EXPECT((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) < sizeof path);
    stream = fopen(path, "rb");
    if (stream == NULL) {
        fprintf(stderr, "%s: cannot be opened\n", path);
        exit(1);
    }
    EXPECT(fseek(stream, 0, SEEK_END) == 0);
    len = ftell(stream);
    EXPECT(len >= 0);
    rewind(stream);
    file.len = (size_t)len;
    file.data = (char *)malloc(file.len + 1);
    EXPECT(file.data != NULL);
    EXPECT(fread(file.data, 1, file.len, stream) == file.len);
    file.data[file.len] = '\0';
    fclose(stream);
    return file;
}

static inline void unload(struct file *file)
{
    free(file->data);
    file->data = NULL;
    file->len = 0;
}

/* The gate of the folder's tollgate.toml. */
static inline tollgate_gate *open_gate(const tollgate_options *options, const char *folder)
{
    char path[4096], message[4096];
    tollgate_gate *gate = NULL;
    int32_t status;
    EXPECT((size_t)snprintf(path, sizeof path, "%s/tollgate.toml", folder) < sizeof path);
    status = tollgate_gate_from_file(options, path, strlen(path), &gate, message, sizeof message);
    if (status != TOLLGATE_DONE) {
        fprintf(stderr, "%s: %ld: %s\n", path, (long)status, message);
        exit(1);
    }
    EXPECT(gate != NULL && message[0] == '\0');
    return gate;
}

static inline tollgate_scratch *new_scratch(void)
{
    tollgate_scratch *scratch = NULL;
    EXPECT_IS(tollgate_scratch_new(&scratch), TOLLGATE_DONE);
    EXPECT(scratch != NULL);
    return scratch;
}

/* The peer of a PEM file of the folder. */
static inline tollgate_peer *open_peer(const char *folder, const char *name)
{
    struct file pem = load(folder, name);
    tollgate_peer *peer = NULL;
    EXPECT_IS(tollgate_peer_from_pem(pem.data, pem.len, &peer), TOLLGATE_DONE);
    EXPECT(peer != NULL);
    unload(&pem);
    return peer;
}

/* What shows a token, a peer, or both; each may be NULL. */
static inline tollgate_request request_of(const struct file *token, const tollgate_peer *peer)
{
    tollgate_request request;
    tollgate_request_init(&request);
    if (token != NULL) {
        request.token.data = (const uint8_t *)token->data;
        request.token.len = token->len;
    }
    request.peer = peer;
    return request;
}

/* The status of one check of what is shown; the verdict has to say the same. */
static inline int32_t judge(const tollgate_gate *gate, tollgate_scratch *scratch, const struct file *token,
                            const tollgate_peer *peer)
{
    tollgate_request request = request_of(token, peer);
    tollgate_verdict verdict;
    int32_t status;
    tollgate_verdict_init(&verdict);
    status = tollgate_check(gate, scratch, &request, &verdict);
    EXPECT_IS(verdict.status, status);
    EXPECT_IS(verdict.admitted, tollgate_is_admitted(status));
    EXPECT(status != 0);
    return status;
}

/* The only argument of a program: its folder. */
static inline const char *folder_of(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        exit(2);
    }
    return argv[1];
}

#endif
