/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The client's certificates, of the TLS handshake that nginx itself did.
 *
 * OpenSSL has a peer certificate only where the client signed the handshake
 * with its key, or resumed a session in which it did.  So it is proof of
 * possession whatever ssl_verify_client thinks of the chain.  A resumed
 * session may have the client's own certificate alone.
 */


#include "ngx_http_tollgate.h"


#if (NGX_HTTP_SSL)

static tollgate_peer *ngx_http_tollgate_read_peer(ngx_connection_t *c,
    X509 *cert);
static ngx_int_t ngx_http_tollgate_der(X509 *cert, tollgate_bytes *der);
static void ngx_http_tollgate_peer_cleanup(void *data);


/* More than the library reads of a chain: longer ones are refused by it. */
#define NGX_HTTP_TOLLGATE_CHAIN_MOST  16

#endif


/* Whether a request came before the TLS handshake was complete (0-RTT). */

ngx_uint_t
ngx_http_tollgate_is_early(ngx_connection_t *c)
{
#if (NGX_HTTP_SSL)

    return c->ssl && !SSL_is_init_finished(c->ssl->connection);

#else

    return 0;

#endif
}


/*
 * NULL where there is none.  One a connection, of HTTP/2 as of HTTP/1.1: the
 * connections of HTTP/2 streams have the pool of their connection.
 */

ngx_int_t
ngx_http_tollgate_peer(ngx_http_request_t *r, const tollgate_peer **peer)
{
#if (NGX_HTTP_SSL)

    X509                *cert;
    ngx_connection_t    *c;
    ngx_pool_cleanup_t  *cln;

    c = r->connection;

    if (c->ssl == NULL) {
        return NGX_OK;
    }

    for (cln = c->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_tollgate_peer_cleanup) {
            *peer = cln->data;
            return NGX_OK;
        }
    }

    cert = SSL_get_peer_certificate(c->ssl->connection);
    if (cert == NULL) {
        return NGX_OK;
    }

    cln = ngx_pool_cleanup_add(c->pool, 0);
    if (cln == NULL) {
        X509_free(cert);
        return NGX_ERROR;
    }

    cln->data = ngx_http_tollgate_read_peer(c, cert);

    X509_free(cert);

    if (cln->data == NULL) {
        ngx_log_error(NGX_LOG_ERR, c->log, 0,
                      "tollgate: the client certificate could not be taken");
        return NGX_ERROR;
    }

    cln->handler = ngx_http_tollgate_peer_cleanup;

    *peer = cln->data;

#endif

    return NGX_OK;
}


#if (NGX_HTTP_SSL)

/* Certificates that cannot be read are a peer, too: one that is refused. */

static tollgate_peer *
ngx_http_tollgate_read_peer(ngx_connection_t *c, X509 *cert)
{
    int              i, n;
    ngx_int_t        rc;
    ngx_uint_t       count;
    tollgate_peer   *peer;
    tollgate_bytes   chain[NGX_HTTP_TOLLGATE_CHAIN_MOST];
    STACK_OF(X509)  *presented;

    peer = NULL;
    count = 0;

    rc = ngx_http_tollgate_der(cert, &chain[count]);
    if (rc == NGX_OK) {
        count++;
    }

    /* Of a client it has all but the client's own. */

    presented = SSL_get_peer_cert_chain(c->ssl->connection);
    n = presented ? sk_X509_num(presented) : 0;

    for (i = 0;
         i < n && rc == NGX_OK && count < NGX_HTTP_TOLLGATE_CHAIN_MOST;
         i++)
    {
        rc = ngx_http_tollgate_der(sk_X509_value(presented, i),
                                   &chain[count]);
        if (rc == NGX_OK) {
            count++;
        }
    }

    if (rc == NGX_OK) {
        /* What it says of them it says again on each check. */
        (void) !tollgate_peer_new(chain, count, &peer);
    }

    while (count) {
        OPENSSL_free((u_char *) chain[--count].data);
    }

    return peer;
}


static ngx_int_t
ngx_http_tollgate_der(X509 *cert, tollgate_bytes *der)
{
    int      len;
    u_char  *data;

    data = NULL;

    len = i2d_X509(cert, &data);
    if (len < 0) {
        ERR_clear_error();
        return NGX_ERROR;
    }

    der->data = data;
    der->len = (size_t) len;

    return NGX_OK;
}


static void
ngx_http_tollgate_peer_cleanup(void *data)
{
    tollgate_peer_free(data);
}

#endif
