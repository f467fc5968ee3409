/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What is known of a request, found again after internal redirects, and the
 * scratches of this worker: texts of a verdict are asked of its scratch, so
 * that a request holds one until it ends, and then hands it on.
 */


#include "ngx_http_tollgate.h"


static void ngx_http_tollgate_state_cleanup(void *data);


struct ngx_http_tollgate_scratch_s {
    ngx_http_tollgate_scratch_t  *next;
    tollgate_scratch             *scratch;
};


/* So many idle ones are kept; what a crowd needed beyond is given back. */
#define NGX_HTTP_TOLLGATE_IDLE_MOST  512


/*
 * NULL where the request was not judged.  An internal redirect clears the
 * contexts of all modules; the pool and what hangs on it stay.
 */

ngx_http_tollgate_state_t *
ngx_http_tollgate_state(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t         *cln;
    ngx_http_tollgate_state_t  *state;

    r = r->main;

    state = ngx_http_get_module_ctx(r, ngx_http_tollgate_module);

    if (state || !r->internal) {
        return state;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_tollgate_state_cleanup) {
            state = cln->data;
            ngx_http_set_ctx(r, state, ngx_http_tollgate_module);
            return state;
        }
    }

    return NULL;
}


ngx_http_tollgate_state_t *
ngx_http_tollgate_state_create(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t         *cln;
    ngx_http_tollgate_state_t  *state;

    r = r->main;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_tollgate_state_t));
    if (cln == NULL) {
        return NULL;
    }

    state = cln->data;
    ngx_memzero(state, sizeof(ngx_http_tollgate_state_t));

    state->main = ngx_http_get_module_main_conf(r, ngx_http_tollgate_module);
    tollgate_verdict_init(&state->verdict);

    cln->handler = ngx_http_tollgate_state_cleanup;

    ngx_http_set_ctx(r, state, ngx_http_tollgate_module);

    return state;
}


static void
ngx_http_tollgate_state_cleanup(void *data)
{
    ngx_http_tollgate_state_t  *state = data;

    if (state->scratch) {
        ngx_http_tollgate_scratch_give(state->main, state->scratch);
        state->scratch = NULL;
    }
}


/* Sees to it that there is a scratch. */

ngx_int_t
ngx_http_tollgate_state_hold(ngx_http_tollgate_state_t *state, ngx_log_t *log)
{
    if (state->scratch == NULL) {
        state->scratch = ngx_http_tollgate_scratch_take(state->main, log);
    }

    return state->scratch ? NGX_OK : NGX_ERROR;
}


tollgate_scratch *
ngx_http_tollgate_scratch(ngx_http_tollgate_scratch_t *held)
{
    return held->scratch;
}


ngx_http_tollgate_scratch_t *
ngx_http_tollgate_scratch_take(ngx_http_tollgate_main_conf_t *tmcf,
    ngx_log_t *log)
{
    ngx_http_tollgate_scratch_t  *held;

    held = tmcf->idle;

    if (held) {
        tmcf->idle = held->next;
        tmcf->nidle--;
        return held;
    }

    held = ngx_alloc(sizeof(ngx_http_tollgate_scratch_t), log);
    if (held == NULL) {
        return NULL;
    }

    if (tollgate_scratch_new(&held->scratch) != TOLLGATE_DONE) {
        ngx_free(held);
        return NULL;
    }

    return held;
}


void
ngx_http_tollgate_scratch_give(ngx_http_tollgate_main_conf_t *tmcf,
    ngx_http_tollgate_scratch_t *held)
{
    if (tmcf->nidle == NGX_HTTP_TOLLGATE_IDLE_MOST) {
        tollgate_scratch_free(held->scratch);
        ngx_free(held);
        return;
    }

    held->next = tmcf->idle;
    tmcf->idle = held;
    tmcf->nidle++;
}


void
ngx_http_tollgate_scratch_free(ngx_http_tollgate_main_conf_t *tmcf)
{
    ngx_http_tollgate_scratch_t  *held;

    while (tmcf->idle) {
        held = tmcf->idle;
        tmcf->idle = held->next;

        tollgate_scratch_free(held->scratch);
        ngx_free(held);
    }

    tmcf->nidle = 0;
}
