/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The access phase: each client's request is judged once for an endpoint,
 * and again where an internal redirect leads to a location that asks for
 * something else.  nginx asks nobody in this phase about subrequests.
 */


#include "ngx_http_tollgate.h"


static void ngx_http_tollgate_judge(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, ngx_http_tollgate_loc_conf_t *tlcf);
static void ngx_http_tollgate_log_refusal(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state);


/*
 * RFC 8470 section 5.2: whoever recorded early data can send it again, so it
 * proves nobody's presence; a client that gets this repeats the request when
 * the handshake is complete.
 */
#define NGX_HTTP_TOLLGATE_TOO_EARLY  425


ngx_int_t
ngx_http_tollgate_access_handler(ngx_http_request_t *r)
{
    ngx_http_tollgate_state_t     *state;
    ngx_http_tollgate_loc_conf_t  *tlcf;

    tlcf = ngx_http_get_module_loc_conf(r, ngx_http_tollgate_module);

    if (tlcf->endpoint.len == 0) {
        return NGX_DECLINED;
    }

    if (ngx_http_tollgate_is_early(r->connection)) {
        return NGX_HTTP_TOLLGATE_TOO_EARLY;
    }

    state = ngx_http_tollgate_state(r);

    if (state == NULL) {
        state = ngx_http_tollgate_state_create(r);
        if (state == NULL) {
            return NGX_HTTP_SERVICE_UNAVAILABLE;
        }
    }

    if (state->asked == NULL
        || !ngx_http_tollgate_asks_the_same(state->asked, tlcf))
    {
        ngx_http_tollgate_judge(r, state, tlcf);
    }

    if (state->admitted) {
        return NGX_OK;
    }

    return ngx_http_tollgate_answer(r, state);
}


ngx_uint_t
ngx_http_tollgate_asks_the_same(ngx_http_tollgate_loc_conf_t *one,
    ngx_http_tollgate_loc_conf_t *two)
{
    if (one == two) {
        return 1;
    }

    return one->scenario == two->scenario
           && one->token == two->token
           && one->windows == two->windows
           && one->endpoint.len == two->endpoint.len
           && ngx_memcmp(one->endpoint.data, two->endpoint.data,
                         one->endpoint.len)
              == 0;
}


/*
 * Whether the verdict is of the location where the client's request is now:
 * one with "satisfy any" may have let it in without asking us.
 */

ngx_uint_t
ngx_http_tollgate_is_judged(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state)
{
    return state->asked
           && ngx_http_tollgate_asks_the_same(state->asked,
                  ngx_http_get_module_loc_conf(r->main,
                                               ngx_http_tollgate_module));
}


static void
ngx_http_tollgate_judge(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, ngx_http_tollgate_loc_conf_t *tlcf)
{
    int32_t           status;
    tollgate_request  request;

    /* What was said for the location before does not hold here. */

    if (state->asked) {
        ngx_memzero(state->texts, sizeof(state->texts));
    }

    state->asked = tlcf;
    state->admitted = 0;
    state->has_token = 0;
    state->named = NULL;

    tollgate_verdict_init(&state->verdict);

    if (state->main->stale) {
        state->verdict.status = TOLLGATE_E_STATE;
        ngx_http_tollgate_log_refusal(r, state);
        return;
    }

    if (ngx_http_tollgate_ask(r, tlcf, &request) != NGX_OK) {
        state->verdict.status = TOLLGATE_E_SYSTEM;
        ngx_http_tollgate_log_refusal(r, state);
        return;
    }

    state->has_token = (request.token.len != 0);

    status = tollgate_check(state->main->gate, state->scratch, &request,
                            &state->verdict);

    if (tollgate_is_admitted(status)
        && tollgate_is_admitted(state->verdict.status))
    {
        state->admitted = 1;
        return;
    }

    state->verdict.status = status;
    ngx_http_tollgate_log_refusal(r, state);
}


/* Never the token: nginx's own log has the request line beside it. */

static void
ngx_http_tollgate_log_refusal(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state)
{
    int32_t         status;
    ngx_log_t      *log;
    ngx_uint_t      level;
    tollgate_text   why;

    log = r->connection->log;
    status = state->verdict.status;

    /* A fault of ours, something that we could not know, or the client's. */

    if (status < 0) {
        level = NGX_LOG_ERR;

    } else if (tollgate_reason_http_status(status)
               == NGX_HTTP_SERVICE_UNAVAILABLE)
    {
        level = NGX_LOG_WARN;

    } else {
        level = NGX_LOG_INFO;
    }

    if (log->log_level < level) {
        return;
    }

    if (status < 0) {
        ngx_log_error(level, log, 0,
                      "tollgate: no verdict for endpoint \"%V\" (%D)",
                      &state->asked->endpoint, status);
        return;
    }

    if (tollgate_verdict_text(state->scratch, TOLLGATE_TEXT_REFUSAL, &why)
        != TOLLGATE_DONE)
    {
        why.data = tollgate_reason_name(status);
        why.len = ngx_strlen(why.data);
    }

    ngx_log_error(level, log, 0, "tollgate: refused at endpoint \"%V\": %*s",
                  &state->asked->endpoint, why.len, why.data);
}
