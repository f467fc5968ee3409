/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The headers that tell an upstream who it is.
 *
 * They are headers of the request, so every module that passes a request on
 * passes them on: proxy, fastcgi, uwsgi, scgi, grpc.  What a client sends
 * under such a name is taken out before anything reads it, wherever it goes;
 * and once more before it is passed on, since pages of errors that nginx
 * finds while it reads the headers come here without the phase before.
 */


#include "ngx_http_tollgate.h"


typedef struct {
    ngx_str_t                 name;
    ngx_str_t                 lowcase;
    ngx_http_tollgate_text_e  text;
} ngx_http_tollgate_name_t;


static ngx_uint_t ngx_http_tollgate_main_is_on(ngx_http_request_t *r);
static ngx_int_t ngx_http_tollgate_name(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, ngx_uint_t is_admitted);
static ngx_int_t ngx_http_tollgate_name_claims(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state);
static ngx_int_t ngx_http_tollgate_claim_name(ngx_http_request_t *r,
    tollgate_text *claim, ngx_str_t *name, ngx_str_t *lowcase);
static ngx_uint_t ngx_http_tollgate_has_header(ngx_http_request_t *r,
    ngx_str_t *lowcase);


/*
 * All of them, always: of no bytes where there is nothing to say.  The subject
 * is not among them: it is read out of the token anew, which costs more than
 * all else that is done here.  There is a variable for it.
 */

static ngx_http_tollgate_name_t  ngx_http_tollgate_names[
    NGX_HTTP_TOLLGATE_HEADERS] =
{
    { ngx_string("X-Tollgate-Id"), ngx_string("x-tollgate-id"),
      NGX_HTTP_TOLLGATE_ID },
    { ngx_string("X-Tollgate-Method"), ngx_string("x-tollgate-method"),
      NGX_HTTP_TOLLGATE_METHOD },
    { ngx_string("X-Tollgate-Scenario"), ngx_string("x-tollgate-scenario"),
      NGX_HTTP_TOLLGATE_SCENARIO },
    { ngx_string("X-Tollgate-Authority"), ngx_string("x-tollgate-authority"),
      NGX_HTTP_TOLLGATE_AUTHORITY },
    { ngx_string("X-Tollgate-Tenant"), ngx_string("x-tollgate-tenant"),
      NGX_HTTP_TOLLGATE_TENANT },
    { ngx_string("X-Tollgate-User"), ngx_string("x-tollgate-user"),
      NGX_HTTP_TOLLGATE_USER },
    { ngx_string("X-Tollgate-Device"), ngx_string("x-tollgate-device"),
      NGX_HTTP_TOLLGATE_DEVICE },
    { ngx_string("X-Tollgate-Bound"), ngx_string("x-tollgate-bound"),
      NGX_HTTP_TOLLGATE_BOUND },
    { ngx_string("X-Tollgate-Expires"), ngx_string("x-tollgate-expires"),
      NGX_HTTP_TOLLGATE_EXPIRES }
};


static ngx_str_t  ngx_http_tollgate_claim_prefix =
    ngx_string("X-Tollgate-Claim-");


/* Once for each state: what is the same in all requests. */

void
ngx_http_tollgate_init_headers(ngx_http_tollgate_state_t *state)
{
    ngx_uint_t                 i;
    ngx_table_elt_t           *h;
    ngx_http_tollgate_name_t  *name;

    ngx_memzero(state->headers, sizeof(state->headers));

    for (i = 0; i < NGX_HTTP_TOLLGATE_HEADERS; i++) {
        h = &state->headers[i];
        name = &ngx_http_tollgate_names[i];

        h->hash = ngx_hash_key(name->lowcase.data, name->lowcase.len);
        h->key = name->name;
        h->lowcase_key = name->lowcase.data;
    }
}


ngx_int_t
ngx_http_tollgate_post_read_handler(ngx_http_request_t *r)
{
    if (ngx_http_tollgate_is_named(r)
        && ngx_http_tollgate_strip(r) != NGX_OK)
    {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    return NGX_DECLINED;
}


/* nginx asks here about subrequests, too, and in each location again. */

ngx_int_t
ngx_http_tollgate_precontent_handler(ngx_http_request_t *r)
{
    ngx_uint_t                     is_on;
    ngx_http_tollgate_state_t     *state;
    ngx_http_tollgate_loc_conf_t  *tlcf;

    if (r->headers_in.headers.last == NULL
        && ngx_list_init(&r->headers_in.headers, r->pool, 20,
                         sizeof(ngx_table_elt_t))
           != NGX_OK)
    {
        /* HTTP/0.9, or a request line that nginx does not take. */
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    state = ngx_http_tollgate_state(r);

    if (state && r == r->main && !r->error_page && r->err_status == 0) {
        /* It passes: whoever let it, there is nothing to ask for. */
        ngx_http_tollgate_answer_withdraw(state);
    }

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_tollgate_module);
    is_on = (tlcf->endpoint.len != 0);

    if (is_on && r != r->main && !ngx_http_tollgate_main_is_on(r)) {
        /* As "auth_request" to a location of ours: it would let all pass. */
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "tollgate: nginx asks nobody about subrequests, so "
                      "\"%V\" is refused for a request whose own location is "
                      "off; write \"tollgate %V;\" there", &r->uri,
                      &tlcf->endpoint);
        return NGX_HTTP_FORBIDDEN;
    }

    if (r->content_handler == NULL) {
        /* A file, or another location to come. */
        return NGX_DECLINED;
    }

    if (is_on && state == NULL) {
        /* Nobody asked us: "satisfy any". */
        state = ngx_http_tollgate_state_create(r);
        if (state == NULL) {
            return NGX_HTTP_SERVICE_UNAVAILABLE;
        }
    }

    if (r == r->main) {

        if (is_on && state->named
            && ngx_http_tollgate_asks_the_same(state->named, tlcf))
        {
            return NGX_DECLINED;
        }

        if (state) {
            state->named = is_on ? tlcf : NULL;
        }

        if (ngx_http_tollgate_is_named(r)
            && ngx_http_tollgate_strip(r) != NGX_OK)
        {
            return NGX_HTTP_SERVICE_UNAVAILABLE;
        }

    } else if (ngx_http_tollgate_strip(r) != NGX_OK) {
        /* Its list is the parent's until it has parts of its own. */
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    if (is_on
        && ngx_http_tollgate_name(r, state,
                                  state->admitted
                                  && ngx_http_tollgate_is_judged(r, state))
           != NGX_OK)
    {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    return NGX_DECLINED;
}


static ngx_uint_t
ngx_http_tollgate_main_is_on(ngx_http_request_t *r)
{
    ngx_http_tollgate_loc_conf_t  *tlcf;

    tlcf = ngx_http_get_module_loc_conf(r->main, ngx_http_tollgate_module);

    return tlcf->endpoint.len != 0;
}


static ngx_int_t
ngx_http_tollgate_name(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, ngx_uint_t is_admitted)
{
    ngx_uint_t        i;
    ngx_list_t       *list;
    ngx_table_elt_t  *h;

    for (i = 0; i < NGX_HTTP_TOLLGATE_HEADERS; i++) {
        h = &state->headers[i];

        if (!is_admitted) {
            ngx_str_set(&h->value, "");
            continue;
        }

        if (ngx_http_tollgate_text(r, state, ngx_http_tollgate_names[i].text,
                                   &h->value)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    list = &r->headers_in.headers;

    if (r == r->main) {
        state->part.elts = state->headers;
        state->part.nelts = NGX_HTTP_TOLLGATE_HEADERS;
        state->part.next = NULL;

        list->last->next = &state->part;
        list->last = &state->part;
        list->nalloc = NGX_HTTP_TOLLGATE_HEADERS;

    } else {

        /* A part is of one list. */

        for (i = 0; i < NGX_HTTP_TOLLGATE_HEADERS; i++) {
            h = ngx_list_push(list);
            if (h == NULL) {
                return NGX_ERROR;
            }

            *h = state->headers[i];
        }
    }

    if (is_admitted) {
        return ngx_http_tollgate_name_claims(r, state);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_tollgate_name_claims(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state)
{
    size_t            i;
    ngx_str_t         name, lowcase, value;
    tollgate_text     claim, text;
    ngx_table_elt_t  *h;

    for (i = 0;
         tollgate_verdict_claim_at(state->scratch, i, &claim, &text)
         == TOLLGATE_DONE;
         i++)
    {
        if (ngx_http_tollgate_claim_name(r, &claim, &name, &lowcase) != NGX_OK
            || ngx_http_tollgate_encode(r, state, &text, &value) != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (ngx_http_tollgate_has_header(r, &lowcase)) {
            ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                          "tollgate: two claims would be the header \"%V\"; "
                          "the first is", &name);
            continue;
        }

        h = ngx_list_push(&r->headers_in.headers);
        if (h == NULL) {
            return NGX_ERROR;
        }

#if (nginx_version >= 1023000)
        h->next = NULL;
#endif

        h->hash = ngx_hash_key(lowcase.data, lowcase.len);
        h->key = name;
        h->lowcase_key = lowcase.data;
        h->value = value;
    }

    return NGX_OK;
}


/* Of a claim's name: letters and digits as they are, "-" for the rest. */

static ngx_int_t
ngx_http_tollgate_claim_name(ngx_http_request_t *r, tollgate_text *claim,
    ngx_str_t *name, ngx_str_t *lowcase)
{
    u_char  c, *p;
    size_t  i;

    name->len = ngx_http_tollgate_claim_prefix.len + claim->len;
    lowcase->len = name->len;

    name->data = ngx_pnalloc(r->pool, 2 * name->len);
    if (name->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(name->data, ngx_http_tollgate_claim_prefix.data,
                   ngx_http_tollgate_claim_prefix.len);

    for (i = 0; i < claim->len; i++) {
        c = (u_char) claim->data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')))
        {
            c = '-';
        }

        *p++ = c;
    }

    lowcase->data = p;
    ngx_strlow(lowcase->data, name->data, name->len);

    return NGX_OK;
}


static ngx_uint_t
ngx_http_tollgate_has_header(ngx_http_request_t *r, ngx_str_t *lowcase)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.len == lowcase->len
                && ngx_strncasecmp(h[i].key.data, lowcase->data, lowcase->len)
                   == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}
