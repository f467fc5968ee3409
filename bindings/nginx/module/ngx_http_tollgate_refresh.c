/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What keeps the trust fresh, in each worker after the fork: a timer of the
 * loop looks at the files' dates, and a thread loads them when they changed,
 * so that no request waits for a long list.
 *
 * The thread is there no longer than that: the kernel and the C library do
 * more for each call of a process that has a second one, some 0.3 us for a
 * small request.
 */


#include "ngx_http_tollgate.h"

#include <pthread.h>
#include <signal.h>


struct ngx_http_tollgate_refresh_s {
    ngx_http_tollgate_main_conf_t  *main;

    ngx_event_t                     event;
    ngx_connection_t                dummy;

    pthread_t                       thread;
    unsigned                        has_thread:1;

    int32_t                         status;    /* of the last refresh */

    /* The thread's last word. */
    ngx_atomic_t                    done;
};


static void ngx_http_tollgate_refresh_timer(ngx_event_t *ev);
static void ngx_http_tollgate_refresh_thread(
    ngx_http_tollgate_refresh_t *refresh);
static void *ngx_http_tollgate_refresh_run(void *data);
static void ngx_http_tollgate_refresh_load(
    ngx_http_tollgate_refresh_t *refresh);
static uint64_t ngx_http_tollgate_refresh_count(tollgate_gate *gate);


/* How often the timer looks whether anything is due, in milliseconds. */
#define NGX_HTTP_TOLLGATE_TICK_MS  250


ngx_int_t
ngx_http_tollgate_refresh_start(ngx_http_tollgate_main_conf_t *tmcf,
    ngx_cycle_t *cycle)
{
    ngx_http_tollgate_refresh_t  *refresh;

    if (tmcf->refresh) {
        return NGX_OK;
    }

    refresh = ngx_pcalloc(cycle->pool, sizeof(ngx_http_tollgate_refresh_t));
    if (refresh == NULL) {
        return NGX_ERROR;
    }

    refresh->main = tmcf;

    /* The debug log asks a timer for its connection's number. */

    refresh->dummy.fd = (ngx_socket_t) -1;
    refresh->dummy.data = refresh;

    refresh->event.handler = ngx_http_tollgate_refresh_timer;
    refresh->event.data = &refresh->dummy;
    refresh->event.log = &cycle->new_log;
    refresh->event.cancelable = 1;

    ngx_add_timer(&refresh->event, NGX_HTTP_TOLLGATE_TICK_MS);

    tmcf->refresh = refresh;

    /*
     * A worker in the place of one that died has the master's trust, which is
     * as old as the master.  Where others have loaded something since, and
     * this one cannot, it would admit by keys that are withdrawn.
     */

    ngx_http_tollgate_refresh_load(refresh);

    tmcf->stale = (refresh->status != TOLLGATE_DONE && *tmcf->loads);

    if (tmcf->stale) {
        ngx_log_error(NGX_LOG_ERR, cycle->log, 0,
                      "tollgate: this worker answers 503 until the files can "
                      "be loaded: other workers have loaded newer ones than "
                      "it knows");
    }

    return NGX_OK;
}


/*
 * Counted before it is loaded, so that a worker which dies in between has a
 * successor that knows.
 */

static void
ngx_http_tollgate_refresh_load(ngx_http_tollgate_refresh_t *refresh)
{
    uint64_t        before;
    ngx_atomic_t   *loads;
    tollgate_gate  *gate;

    gate = refresh->main->gate;
    loads = refresh->main->loads;

    before = ngx_http_tollgate_refresh_count(gate);
    (void) ngx_atomic_fetch_add(loads, 1);

    refresh->status = tollgate_gate_refresh(gate, NULL, 0);

    if (ngx_http_tollgate_refresh_count(gate) == before) {
        (void) ngx_atomic_fetch_add(loads, -1);
    }
}


/* How often this process has loaded changed files. */

static uint64_t
ngx_http_tollgate_refresh_count(tollgate_gate *gate)
{
    tollgate_counters  counters;

    ngx_memzero(&counters, sizeof(tollgate_counters));
    counters.size = sizeof(tollgate_counters);

    if (tollgate_gate_counters(gate, &counters) != TOLLGATE_DONE) {
        return 0;
    }

    return counters.refreshes;
}


static void
ngx_http_tollgate_refresh_timer(ngx_event_t *ev)
{
    ngx_connection_t             *dummy;
    ngx_http_tollgate_refresh_t  *refresh;

    dummy = ev->data;
    refresh = dummy->data;

    if (refresh->has_thread) {

        if (refresh->done) {
            (void) pthread_join(refresh->thread, NULL);
            refresh->has_thread = 0;

            if (refresh->status == TOLLGATE_DONE) {
                refresh->main->stale = 0;
            }
        }

    } else if (tollgate_gate_needs_refresh(refresh->main->gate)
               == TOLLGATE_DONE)
    {
        ngx_http_tollgate_refresh_thread(refresh);
    }

    ngx_http_tollgate_log_drain(refresh->main->log);

    ngx_add_timer(ev, NGX_HTTP_TOLLGATE_TICK_MS);
}


/* Signals are for the loop, which counts on being interrupted by them. */

static void
ngx_http_tollgate_refresh_thread(ngx_http_tollgate_refresh_t *refresh)
{
    int       err;
    sigset_t  all, before;

    sigfillset(&all);
    err = pthread_sigmask(SIG_BLOCK, &all, &before);

    if (err == 0) {
        refresh->done = 0;
        err = pthread_create(&refresh->thread, NULL,
                             ngx_http_tollgate_refresh_run, refresh);

        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
    }

    if (err == 0) {
        refresh->has_thread = 1;
        return;
    }

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, err,
                  "tollgate: there is no thread to load changed files; "
                  "requests wait until the worker has loaded them itself");

    ngx_http_tollgate_refresh_load(refresh);

    if (refresh->status == TOLLGATE_DONE) {
        refresh->main->stale = 0;
    }
}


/* What could not be loaded is told to the log. */

static void *
ngx_http_tollgate_refresh_run(void *data)
{
    ngx_http_tollgate_refresh_t  *refresh = data;

    ngx_http_tollgate_refresh_load(refresh);

    ngx_memory_barrier();
    refresh->done = 1;

    return NULL;
}


void
ngx_http_tollgate_refresh_stop(ngx_http_tollgate_main_conf_t *tmcf)
{
    ngx_http_tollgate_refresh_t  *refresh;

    refresh = tmcf->refresh;

    if (refresh == NULL) {
        return;
    }

    tmcf->refresh = NULL;

    if (refresh->event.timer_set) {
        ngx_del_timer(&refresh->event);
    }

    if (refresh->has_thread) {
        (void) pthread_join(refresh->thread, NULL);
    }

    /* What it said last. */
    ngx_http_tollgate_log_drain(tmcf->log);
}
