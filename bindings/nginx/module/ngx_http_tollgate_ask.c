/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What a request shows and asks, in the library's words.  Nothing is judged
 * here: whatever is odd goes to the gate as it is, and the gate says what is
 * wrong with it.
 */


#include "ngx_http_tollgate.h"


static void ngx_http_tollgate_bearer(ngx_http_request_t *r, ngx_str_t *token);
static ngx_uint_t ngx_http_tollgate_count_authorization(
    ngx_http_request_t *r);
static void ngx_http_tollgate_source(ngx_connection_t *c,
    tollgate_request *request);
static void ngx_http_tollgate_time(ngx_http_tollgate_main_conf_t *tmcf,
    tollgate_request *request);


/* What stands for two Authorization headers: never a token. */
static ngx_str_t  ngx_http_tollgate_two = ngx_string("two credentials");


/* NGX_ERROR is a fault of ours: nothing may be judged then. */

ngx_int_t
ngx_http_tollgate_ask(ngx_http_request_t *r,
    ngx_http_tollgate_loc_conf_t *tlcf, tollgate_request *request)
{
    ngx_str_t  token, windows;

    tollgate_request_init(request);

    request->endpoint.data = (char *) tlcf->endpoint.data;
    request->endpoint.len = tlcf->endpoint.len;
    request->scenario = (uint32_t) tlcf->scenario;

    if (tlcf->token) {
        if (ngx_http_complex_value(r, tlcf->token, &token) != NGX_OK) {
            return NGX_ERROR;
        }

    } else {
        ngx_http_tollgate_bearer(r, &token);
    }

    if (token.len) {
        request->token.data = token.data;
        request->token.len = token.len;
    }

    if (tlcf->windows) {
        if (ngx_http_complex_value(r, tlcf->windows, &windows) != NGX_OK) {
            return NGX_ERROR;
        }

        if (windows.len
            && tollgate_request_set_windows(request, (char *) windows.data,
                                            windows.len)
               != TOLLGATE_DONE)
        {
            ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                          "tollgate: the Windows version cannot be read and "
                          "counts as not known");
        }
    }

    ngx_http_tollgate_source(r->connection, request);
    ngx_http_tollgate_time(
        ngx_http_get_module_main_conf(r, ngx_http_tollgate_module), request);

    return ngx_http_tollgate_peer(r, &request->peer);
}


/*
 * RFC 6750 section 2.1: "Bearer" 1*SP b64token; RFC 9110 section 11.1: the
 * scheme in any letter case.  Other schemes are not ours.  A header of our
 * scheme always shows something: what is no token is refused as one.
 */

static void
ngx_http_tollgate_bearer(ngx_http_request_t *r, ngx_str_t *token)
{
    u_char           *p, *last;
    ngx_table_elt_t  *h;

    h = r->headers_in.authorization;

    if (h == NULL) {
        ngx_str_null(token);
        return;
    }

    if (ngx_http_tollgate_count_authorization(r) > 1) {
        *token = ngx_http_tollgate_two;
        return;
    }

    *token = h->value;

    if (token->len < sizeof("Bearer") - 1
        || ngx_strncasecmp(token->data, (u_char *) "Bearer",
                           sizeof("Bearer") - 1)
           != 0)
    {
        ngx_str_null(token);
        return;
    }

    p = token->data + sizeof("Bearer") - 1;
    last = token->data + token->len;

    if (p == last) {
        return;
    }

    if (*p != ' ') {
        /* "Bearer" and a tab is ours and broken; "Bearers" is another scheme */

        if (*p > ' ') {
            ngx_str_null(token);
        }

        return;
    }

    while (p < last && *p == ' ') {
        p++;
    }

    if (p < last) {
        token->data = p;
        token->len = last - p;
    }
}


/*
 * nginx itself answers 400 to a second one, before this is asked.  That is
 * its habit and no promise, and which of two counts would be a guess.
 */

static ngx_uint_t
ngx_http_tollgate_count_authorization(ngx_http_request_t *r)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    n = 0;

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.len == sizeof("authorization") - 1
                && ngx_strncasecmp(h[i].key.data, (u_char *) "authorization",
                                   sizeof("authorization") - 1)
                   == 0)
            {
                n++;
            }
        }
    }

    return n;
}


/* Whose wrong signatures are counted: the client's address, after realip. */

static void
ngx_http_tollgate_source(ngx_connection_t *c, tollgate_request *request)
{
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    struct sockaddr_in6  *sin6;
#endif

    switch (c->sockaddr->sa_family) {

    case AF_INET:
        /* What tollgate_request_set_address() makes of one, without the call */
        sin = (struct sockaddr_in *) c->sockaddr;
        ngx_memcpy(request->source, &sin->sin_addr, 4);
        request->source_len = 4;
        break;

#if (NGX_HAVE_INET6)
    case AF_INET6:
        /* The library knows IPv4 addresses in IPv6's clothes. */
        sin6 = (struct sockaddr_in6 *) c->sockaddr;
        (void) tollgate_request_set_address(request,
                                            (uint8_t *) &sin6->sin6_addr, 16);
        break;
#endif

    default: /* a unix socket: everybody at it would be one source */
        break;
    }
}


/*
 * nginx looks at the clock once a round of its loop, and so do we at the
 * gate's: what came in together is judged by one time.
 */

static void
ngx_http_tollgate_time(ngx_http_tollgate_main_conf_t *tmcf,
    tollgate_request *request)
{
    if (tmcf->asked_at != ngx_current_msec || tmcf->mono_ms == 0) {

        if (tollgate_gate_now(tmcf->gate, &tmcf->unix_s, &tmcf->mono_ms)
            != TOLLGATE_DONE)
        {
            /* The gate looks itself. */
            tmcf->unix_s = 0;
            tmcf->mono_ms = 0;
        }

        tmcf->asked_at = ngx_current_msec;
    }

    request->unix_s = tmcf->unix_s;
    request->mono_ms = tmcf->mono_ms;
}
