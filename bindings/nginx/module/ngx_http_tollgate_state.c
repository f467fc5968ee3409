/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What is known of a request: found again after internal redirects, and handed
 * on from request to request, so that none costs an allocation once as many
 * were there at one time.
 */


#include "ngx_http_tollgate.h"


static void ngx_http_tollgate_state_cleanup(void *data);


/* So many idle ones are kept; what a crowd needed beyond is given back. */
#define NGX_HTTP_TOLLGATE_IDLE_MOST  512


/*
 * NULL where the request was not judged.  An internal redirect clears the
 * contexts of all modules, and so does a filter that answers something else
 * (412 for If-Match); the pool and what hangs on it stay.
 */

ngx_http_tollgate_state_t *
ngx_http_tollgate_state(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t         *cln;
    ngx_http_tollgate_state_t  *state;

    r = r->main;

    state = ngx_http_get_module_ctx(r, ngx_http_tollgate_module);

    if (state || !(r->internal || r->filter_finalize)) {
        return state;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_tollgate_state_cleanup) {
            state = cln->data;

            if (r->filter_finalize) {
                /* The headers of the answer before are gone. */
                state->answer = NULL;
            }

            ngx_http_set_ctx(r, state, ngx_http_tollgate_module);
            return state;
        }
    }

    return NULL;
}


ngx_http_tollgate_state_t *
ngx_http_tollgate_state_create(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t             *cln;
    ngx_http_tollgate_state_t      *state;
    ngx_http_tollgate_main_conf_t  *tmcf;

    r = r->main;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_tollgate_module);

    state = ngx_http_tollgate_state_take(tmcf, r->connection->log);
    if (state == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_tollgate_state_cleanup;
    cln->data = state;

    ngx_http_set_ctx(r, state, ngx_http_tollgate_module);

    return state;
}


static void
ngx_http_tollgate_state_cleanup(void *data)
{
    ngx_http_tollgate_state_give(data);
}


ngx_http_tollgate_state_t *
ngx_http_tollgate_state_take(ngx_http_tollgate_main_conf_t *tmcf,
    ngx_log_t *log)
{
    size_t                      from, to;
    ngx_http_tollgate_state_t  *state;

    state = tmcf->idle;

    if (state) {
        tmcf->idle = state->next;
        tmcf->nidle--;

    } else {
        state = ngx_alloc(sizeof(ngx_http_tollgate_state_t), log);
        if (state == NULL) {
            return NULL;
        }

        if (tollgate_scratch_new(&state->scratch) != TOLLGATE_DONE) {
            ngx_log_error(NGX_LOG_ERR, log, 0,
                          "tollgate: there is no memory for a scratch");
            ngx_free(state);
            return NULL;
        }

        state->main = tmcf;
        ngx_http_tollgate_init_headers(state);
    }

    from = offsetof(ngx_http_tollgate_state_t, asked);
    to = offsetof(ngx_http_tollgate_state_t, verdict);

    ngx_memzero((u_char *) state + from, to - from);

    state->used = 0;

    return state;
}


void
ngx_http_tollgate_state_give(ngx_http_tollgate_state_t *state)
{
    ngx_http_tollgate_main_conf_t  *tmcf;

    tmcf = state->main;

    if (tmcf->nidle == NGX_HTTP_TOLLGATE_IDLE_MOST) {
        tollgate_scratch_free(state->scratch);
        ngx_free(state);
        return;
    }

    state->next = tmcf->idle;
    tmcf->idle = state;
    tmcf->nidle++;
}


/* For a text that is there as long as the request is. */

u_char *
ngx_http_tollgate_state_room(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, size_t len)
{
    u_char  *p;

    if (len > NGX_HTTP_TOLLGATE_ROOM - state->used) {
        return ngx_pnalloc(r->pool, len);
    }

    p = state->room + state->used;
    state->used += len;

    return p;
}


void
ngx_http_tollgate_state_free(ngx_http_tollgate_main_conf_t *tmcf)
{
    ngx_http_tollgate_state_t  *state;

    while (tmcf->idle) {
        state = tmcf->idle;
        tmcf->idle = state->next;

        tollgate_scratch_free(state->scratch);
        ngx_free(state);
    }

    tmcf->nidle = 0;
}
