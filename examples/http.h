/* Just enough of HTTP/1.1 on the loopback for the gateways beside it. Yours has its own. */
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A socket that listens; -1, and errno, where the port cannot be had. */
static inline int http_listen(const char *port) {
    if (atoi(port) < 1 || atoi(port) > 65535) return errno = EINVAL, -1;
    const int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in here;
    memset(&here, 0, sizeof here);
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    here.sin_port = htons((uint16_t)atoi(port));
    const int failed = setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
        bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 64);
    return failed ? -1 : listener;
}

/* The next client; -1 where none comes in time, or a signal does. */
static inline int http_accept(int listener, int within_ms) {
    struct pollfd waiting = {listener, POLLIN, 0};
    return poll(&waiting, 1, within_ms) == 1 ? accept(listener, NULL, NULL) : -1;
}

/* What stands behind "Bearer " in a request, and its length. 0 where the header comes twice, where the head
   is larger than its room, or where it is not whole within 5 seconds. */
static inline size_t http_read_token(int client, char *head, size_t room, const char **token) {
    const time_t until = time(NULL) + 5;
    struct pollfd waiting = {client, POLLIN, 0};
    size_t len = 0;
    for (head[0] = '\0'; strstr(head, "\r\n\r\n") == NULL; head[len] = '\0') {
        if (time(NULL) > until || poll(&waiting, 1, 5000) != 1) return 0;
        const ssize_t got = recv(client, head + len, room - 1 - len, 0);
        if (got <= 0) return 0; else len += (size_t)got;
    }
    strstr(head, "\r\n\r\n")[2] = '\0'; /* What stands in a body is not a header. */
    const char *field = strcasestr(head, "\r\nAuthorization:");
    if (field == NULL || strcasestr(field + 1, "\r\nAuthorization:") != NULL) return 0;
    field += 16 + strspn(field + 16, " \t");
    if (strncasecmp(field, "Bearer ", 7) != 0) return 0;
    *token = field + 7 + strspn(field + 7, " ");
    return strcspn(*token, "\r");
}

/* Answers, and hangs up. */
static inline void http_answer(int client, unsigned status, const char *body, size_t len) {
    dprintf(client, "HTTP/1.1 %u \r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n%.*s", status,
            status == 401 ? "WWW-Authenticate: Bearer\r\n" : "", len, (int)len, body);
    close(client);
}
