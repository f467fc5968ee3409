/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The gate: made once a configuration, before the workers are forked.
 *
 * A module of nginx's core, for one reason: only init_conf of those is called
 * when all of nginx.conf is read (worker_processes may stand behind http {})
 * and may still refuse it.  What fails in init_module ends the master, which
 * a reload must never do.
 */


#include "ngx_http_tollgate.h"


static char *ngx_tollgate_gate_init_conf(ngx_cycle_t *cycle, void *conf);
static ngx_int_t ngx_tollgate_gate_open(ngx_cycle_t *cycle,
    ngx_http_tollgate_main_conf_t *tmcf);
static ngx_int_t ngx_tollgate_gate_check_asked(ngx_cycle_t *cycle,
    ngx_http_tollgate_main_conf_t *tmcf);
static void ngx_tollgate_gate_tell(ngx_cycle_t *cycle,
    ngx_http_tollgate_main_conf_t *tmcf, ngx_uint_t workers);
static void ngx_tollgate_gate_cleanup(void *data);
static ngx_int_t ngx_tollgate_gate_init_process(ngx_cycle_t *cycle);
static void ngx_tollgate_gate_exit_process(ngx_cycle_t *cycle);
static ngx_http_tollgate_main_conf_t *ngx_tollgate_gate_conf(
    ngx_cycle_t *cycle);


static ngx_core_module_t  ngx_tollgate_gate_module_ctx = {
    ngx_string("tollgate_gate"),
    NULL,
    ngx_tollgate_gate_init_conf
};


ngx_module_t  ngx_tollgate_gate_module = {
    NGX_MODULE_V1,
    &ngx_tollgate_gate_module_ctx,         /* module context */
    NULL,                                  /* module directives */
    NGX_CORE_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_tollgate_gate_init_process,        /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_tollgate_gate_exit_process,        /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static char *
ngx_tollgate_gate_init_conf(ngx_cycle_t *cycle, void *conf)
{
    ngx_http_tollgate_asked_t      *asked;
    ngx_http_tollgate_main_conf_t  *tmcf;

    tmcf = ngx_tollgate_gate_conf(cycle);
    if (tmcf == NULL) {
        return NGX_CONF_OK;
    }

    if (tmcf->path.data == NULL) {

        if (tmcf->asked.nelts == 0) {
            return NGX_CONF_OK;
        }

        asked = tmcf->asked.elts;

        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "tollgate: there is no configuration; write "
                      "\"tollgate_config FILE;\" in http {} in %s:%ui",
                      asked->file, asked->line);
        return NGX_CONF_ERROR;
    }

    if (ngx_tollgate_gate_open(cycle, tmcf) != NGX_OK
        || ngx_tollgate_gate_check_asked(cycle, tmcf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_tollgate_gate_open(ngx_cycle_t *cycle,
    ngx_http_tollgate_main_conf_t *tmcf)
{
    char                 message[NGX_MAX_ERROR_STR];
    int32_t              status;
    ngx_uint_t           workers;
    ngx_core_conf_t     *ccf;
    tollgate_options     options;
    ngx_pool_cleanup_t  *cln;

    if (!tollgate_abi_matches()) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "tollgate_config: the library has binary interface "
                      "%uD, this module was built for %d; build it anew "
                      "in %s:%ui", tollgate_abi_version(),
                      TOLLGATE_ABI_VERSION, tmcf->file, tmcf->line);
        return NGX_ERROR;
    }

    tmcf->log = ngx_http_tollgate_log_create(cycle);
    if (tmcf->log == NULL) {
        return NGX_ERROR;
    }

    cln = ngx_pool_cleanup_add(cycle->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_tollgate_gate_cleanup;
    cln->data = tmcf;

    tmcf->shm.size = sizeof(ngx_atomic_t);
    ngx_str_set(&tmcf->shm.name, "tollgate");
    tmcf->shm.log = cycle->log;

    if (ngx_shm_alloc(&tmcf->shm) != NGX_OK) {
        tmcf->shm.addr = NULL;
        return NGX_ERROR;
    }

    tmcf->loads = (ngx_atomic_t *) tmcf->shm.addr;
    *tmcf->loads = 0;

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);
    workers = ccf->master ? (ngx_uint_t) ccf->worker_processes : 1;

    tollgate_options_init(&options);
    options.processes = (uint32_t) workers;
    options.user = tmcf;
    options.log = ngx_http_tollgate_log_line;

    /* The log gets every error, with the line of nginx.conf. */

    status = tollgate_gate_from_file(&options, (char *) tmcf->path.data,
                                     tmcf->path.len, &tmcf->gate, message,
                                     sizeof(message));

    if (status != TOLLGATE_DONE) {

        if (status != TOLLGATE_E_CONFIG) {
            ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                          "tollgate_config: no gate could be made (%D) "
                          "in %s:%ui", status, tmcf->file, tmcf->line);
        }

        return NGX_ERROR;
    }

    ngx_tollgate_gate_tell(cycle, tmcf, workers);
    ngx_http_tollgate_log_opened(tmcf->log);

    return NGX_OK;
}


static ngx_int_t
ngx_tollgate_gate_check_asked(ngx_cycle_t *cycle,
    ngx_http_tollgate_main_conf_t *tmcf)
{
    char                        message[NGX_MAX_ERROR_STR];
    int32_t                     status;
    ngx_int_t                   rc;
    ngx_uint_t                  i;
    ngx_http_tollgate_asked_t  *asked;

    rc = NGX_OK;
    asked = tmcf->asked.elts;

    for (i = 0; i < tmcf->asked.nelts; i++) {

        /* tollgate_metrics asks for a gate and for no endpoint. */

        if (asked[i].endpoint.len == 0) {
            continue;
        }

        status = tollgate_gate_has_endpoint(tmcf->gate,
                                            (char *) asked[i].endpoint.data,
                                            asked[i].endpoint.len, message,
                                            sizeof(message));
        if (status == TOLLGATE_DONE) {
            continue;
        }

        if (status != TOLLGATE_E_ABSENT) {
            ngx_snprintf((u_char *) message, sizeof(message),
                         "the name cannot be read (%D)%Z", status);
        }

        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "tollgate: %s in %s:%ui", message, asked[i].file,
                      asked[i].line);
        rc = NGX_ERROR;
    }

    return rc;
}


static void
ngx_tollgate_gate_tell(ngx_cycle_t *cycle,
    ngx_http_tollgate_main_conf_t *tmcf, ngx_uint_t workers)
{
    u_char     line[NGX_MAX_CONF_ERRSTR], *last;
    uint64_t   bytes;
    ngx_log_t *log;

    if (ngx_process == NGX_PROCESS_SIGNALLER) {
        return;
    }

    bytes = tollgate_gate_cache_bytes(tmcf->gate);

    last = ngx_slprintf(line, line + sizeof(line),
                        "tollgate: %uL bytes for remembered credentials in "
                        "each of %ui worker%s", bytes, workers,
                        workers == 1 ? "" : "s");

    ngx_log_error(NGX_LOG_NOTICE, cycle->log, 0, "%*s",
                  (size_t) (last - line), line);

    /* Where the log is a file, nginx -t would not show it. */

    log = cycle->log;

    if (ngx_test_config && log->file && log->file->fd != ngx_stderr) {
        ngx_log_stderr(0, "%*s", (size_t) (last - line), line);
    }
}


/* The cycle is over: nothing uses the gate any more. */

static void
ngx_tollgate_gate_cleanup(void *data)
{
    ngx_http_tollgate_main_conf_t  *tmcf = data;

    if (tmcf->gate) {
        ngx_http_tollgate_refresh_stop(tmcf);
        ngx_http_tollgate_state_free(tmcf);
        tollgate_gate_free(tmcf->gate);
        tmcf->gate = NULL;
    }

    if (tmcf->shm.addr) {
        /* The log of the cycle that made it may be gone. */
        tmcf->shm.log = ngx_cycle->log;
        ngx_shm_free(&tmcf->shm);
        tmcf->shm.addr = NULL;
    }
}


static ngx_int_t
ngx_tollgate_gate_init_process(ngx_cycle_t *cycle)
{
    ngx_http_tollgate_main_conf_t  *tmcf;

    /* Those that care for caches on disk judge nobody. */

    if (ngx_process != NGX_PROCESS_WORKER
        && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    tmcf = ngx_tollgate_gate_conf(cycle);
    if (tmcf == NULL || tmcf->gate == NULL) {
        return NGX_OK;
    }

    return ngx_http_tollgate_refresh_start(tmcf, cycle);
}


static void
ngx_tollgate_gate_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_tollgate_main_conf_t  *tmcf;

    tmcf = ngx_tollgate_gate_conf(cycle);

    if (tmcf && tmcf->gate) {
        ngx_http_tollgate_refresh_stop(tmcf);
    }
}


/* NULL where there is no http {}. */

static ngx_http_tollgate_main_conf_t *
ngx_tollgate_gate_conf(ngx_cycle_t *cycle)
{
    return ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_tollgate_module);
}
