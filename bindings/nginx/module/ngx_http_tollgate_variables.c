/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * $tollgate_id and its like: of the main request, whoever asks.  There is no
 * such variable ("-" in a log) where nobody was judged, or has no such thing.
 *
 * nginx must not remember them itself: a request may ask before it is judged,
 * and be judged again.  What was made of a verdict is remembered with it.
 */


#include "ngx_http_tollgate.h"


static ngx_http_tollgate_state_t *ngx_http_tollgate_said(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_tollgate_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_tollgate_claim_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_tollgate_find_claim(tollgate_scratch *scratch,
    u_char *name, size_t len, tollgate_text *text);
static void ngx_http_tollgate_set_variable(ngx_http_variable_value_t *v,
    ngx_str_t *value);


static ngx_http_variable_t  ngx_http_tollgate_variables[] = {

    { ngx_string("tollgate_id"), NULL, ngx_http_tollgate_variable,
      NGX_HTTP_TOLLGATE_ID, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("tollgate_method"), NULL, ngx_http_tollgate_variable,
      NGX_HTTP_TOLLGATE_METHOD, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("tollgate_tenant"), NULL, ngx_http_tollgate_variable,
      NGX_HTTP_TOLLGATE_TENANT, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("tollgate_device"), NULL, ngx_http_tollgate_variable,
      NGX_HTTP_TOLLGATE_DEVICE, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("tollgate_user"), NULL, ngx_http_tollgate_variable,
      NGX_HTTP_TOLLGATE_USER, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("tollgate_subject"), NULL, ngx_http_tollgate_variable,
      NGX_HTTP_TOLLGATE_SUBJECT, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("tollgate_reason"), NULL, ngx_http_tollgate_variable,
      NGX_HTTP_TOLLGATE_REASON, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("tollgate_claim_"), NULL, ngx_http_tollgate_claim_variable,
      0, NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_tollgate_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_tollgate_variables; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


/*
 * NULL where there is nothing to say: nobody was asked, or for another
 * location.  One that is off still logs what was said before it.
 */

static ngx_http_tollgate_state_t *
ngx_http_tollgate_said(ngx_http_request_t *r)
{
    ngx_http_tollgate_state_t     *state;
    ngx_http_tollgate_loc_conf_t  *tlcf;

    state = ngx_http_tollgate_state(r);

    if (state == NULL || state->asked == NULL) {
        return NULL;
    }

    tlcf = ngx_http_get_module_loc_conf(r->main, ngx_http_tollgate_module);

    if (tlcf->endpoint.len && !ngx_http_tollgate_is_judged(r, state)) {
        return NULL;
    }

    return state;
}


static ngx_int_t
ngx_http_tollgate_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                   value;
    ngx_http_tollgate_state_t  *state;

    state = ngx_http_tollgate_said(r);

    if (state == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    if (ngx_http_tollgate_text(r, state, (ngx_http_tollgate_text_e) data,
                               &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_tollgate_set_variable(v, &value);

    return NGX_OK;
}


static ngx_int_t
ngx_http_tollgate_claim_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                     *name;
    size_t                      len;
    ngx_str_t                  *variable, value;
    tollgate_text               text;
    ngx_http_tollgate_state_t  *state;

    variable = (ngx_str_t *) data;
    name = variable->data + sizeof("tollgate_claim_") - 1;
    len = variable->len - (sizeof("tollgate_claim_") - 1);

    state = ngx_http_tollgate_said(r);

    if (state == NULL
        || !state->admitted
        || ngx_http_tollgate_find_claim(state->scratch, name, len, &text)
           != NGX_OK)
    {
        v->not_found = 1;
        return NGX_OK;
    }

    if (ngx_http_tollgate_encode(r, state, &text, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_tollgate_set_variable(v, &value);

    return NGX_OK;
}


/*
 * nginx writes names of variables in lower case, and of letters, digits and
 * "_" alone: so "_" stands for every other character of a claim's name, and
 * the first such claim counts.
 */

static ngx_int_t
ngx_http_tollgate_find_claim(tollgate_scratch *scratch, u_char *name,
    size_t len, tollgate_text *text)
{
    u_char         c;
    size_t         i, n;
    tollgate_text  claim;

    if (tollgate_verdict_claim(scratch, (char *) name, len, text)
        == TOLLGATE_DONE)
    {
        return NGX_OK;
    }

    for (i = 0;
         tollgate_verdict_claim_at(scratch, i, &claim, text) == TOLLGATE_DONE;
         i++)
    {
        if (claim.len != len) {
            continue;
        }

        for (n = 0; n < len; n++) {
            c = ngx_tolower((u_char) claim.data[n]);

            if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
                c = '_';
            }

            if (c != name[n]) {
                break;
            }
        }

        if (n == len) {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


static void
ngx_http_tollgate_set_variable(ngx_http_variable_value_t *v, ngx_str_t *value)
{
    if (value->len == 0) {
        v->not_found = 1;
        return;
    }

    v->data = value->data;
    v->len = (unsigned) value->len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
}
