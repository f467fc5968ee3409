/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What outsiders are told of a refusal: the class as an HTTP status, what to
 * bring (RFC 6750 section 3), and never why.
 */


#include "ngx_http_tollgate.h"


static void ngx_http_tollgate_answer_header(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, ngx_str_t *name, ngx_str_t *value);


static ngx_str_t  ngx_http_tollgate_challenge_name =
    ngx_string("WWW-Authenticate");

/* A challenge has at least one parameter, and realm says nothing new. */
static ngx_str_t  ngx_http_tollgate_challenge =
    ngx_string("Bearer realm=\"tollgate\"");
static ngx_str_t  ngx_http_tollgate_challenge_invalid =
    ngx_string("Bearer realm=\"tollgate\", error=\"invalid_token\"");

static ngx_str_t  ngx_http_tollgate_retry_name = ngx_string("Retry-After");
static ngx_str_t  ngx_http_tollgate_retry = ngx_string("1");


ngx_int_t
ngx_http_tollgate_answer(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state)
{
    ngx_http_core_loc_conf_t  *clcf;

    switch (tollgate_reason_http_status(state->verdict.status)) {

    case NGX_HTTP_UNAUTHORIZED:

        ngx_http_tollgate_answer_header(r, state,
                                    &ngx_http_tollgate_challenge_name,
                                    state->has_token
                                    ? &ngx_http_tollgate_challenge_invalid
                                    : &ngx_http_tollgate_challenge);

        return NGX_HTTP_UNAUTHORIZED;

    case NGX_HTTP_FORBIDDEN:

        ngx_http_tollgate_answer_withdraw(state);

        return NGX_HTTP_FORBIDDEN;

    default:

        /* Never 401 or 403 for what is not the client's fault. */

        ngx_http_tollgate_answer_header(r, state,
                                        &ngx_http_tollgate_retry_name,
                                        &ngx_http_tollgate_retry);

        clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

        if (clcf->satisfy == NGX_HTTP_SATISFY_ANY) {
            /* Others may still admit; nginx would end it here. */
            r->access_code = NGX_HTTP_SERVICE_UNAVAILABLE;
            return NGX_DECLINED;
        }

        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }
}


/*
 * One header a request, written over where it is judged again.  It is not
 * r->headers_out.www_authenticate, of which there is one: auth_basic has it.
 * Without memory for it the answer goes without.
 */

static void
ngx_http_tollgate_answer_header(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, ngx_str_t *name, ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = state->answer;

    if (h == NULL) {
        h = ngx_list_push(&r->headers_out.headers);
        if (h == NULL) {
            return;
        }

        state->answer = h;
    }

#if (nginx_version >= 1023000)
    h->next = NULL;
#endif

    h->hash = 1;
    h->key = *name;
    h->value = *value;
}


/* For who passes after all ("satisfy any"): a header without hash is not sent. */

void
ngx_http_tollgate_answer_withdraw(ngx_http_tollgate_state_t *state)
{
    if (state->answer) {
        state->answer->hash = 0;
    }
}
