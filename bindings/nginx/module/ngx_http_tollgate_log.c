/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The library's lines in nginx's log.
 *
 * nginx's log belongs to the thread of the event loop: reopening closes its
 * file, and a thread that still writes might write to a client's connection
 * that got the same number.  So other threads put their lines in a queue, and
 * a timer of the loop writes them.
 */


#include "ngx_http_tollgate.h"

#include <pthread.h>


typedef struct ngx_http_tollgate_line_s  ngx_http_tollgate_line_t;

struct ngx_http_tollgate_line_s {
    ngx_http_tollgate_line_t  *next;
    ngx_uint_t                 level;
    size_t                     len;
    char                       text[1];
};


struct ngx_http_tollgate_log_s {
    ngx_log_t                 *opening;  /* while the gate is being made */
    pthread_t                  loop;     /* the thread that may log */

    pthread_mutex_t            mutex;    /* of what follows */
    ngx_http_tollgate_line_t  *first;
    ngx_http_tollgate_line_t **last;
    ngx_uint_t                 nlines;
    ngx_uint_t                 lost;
};


static ngx_uint_t ngx_http_tollgate_log_level(uint32_t level);


/* So many lines wait; more are counted. */
#define NGX_HTTP_TOLLGATE_LINES_MOST  256


ngx_http_tollgate_log_t *
ngx_http_tollgate_log_create(ngx_cycle_t *cycle)
{
    ngx_http_tollgate_log_t  *log;

    log = ngx_pcalloc(cycle->pool, sizeof(ngx_http_tollgate_log_t));
    if (log == NULL) {
        return NULL;
    }

    if (pthread_mutex_init(&log->mutex, NULL) != 0) {
        return NULL;
    }

    log->opening = cycle->log;
    log->loop = pthread_self();
    log->last = &log->first;

    return log;
}


void
ngx_http_tollgate_log_opened(ngx_http_tollgate_log_t *log)
{
    log->opening = NULL;
}


/* The library's callback: any thread calls it. */

void
ngx_http_tollgate_log_line(void *user, uint32_t level, const char *message,
    size_t len)
{
    ngx_http_tollgate_main_conf_t *tmcf = user;

    ngx_uint_t                 full, nginx_level;
    ngx_http_tollgate_log_t   *log;
    ngx_http_tollgate_line_t  *line;

    log = tmcf->log;

    /* While the gate is made there is this thread alone. */

    if (log->opening) {
        nginx_level = (level == TOLLGATE_LOG_ERROR)
                      ? NGX_LOG_EMERG : ngx_http_tollgate_log_level(level);

        ngx_log_error(nginx_level, log->opening, 0,
                      "tollgate_config: %*s in %s:%ui", len, message,
                      tmcf->file, tmcf->line);
        return;
    }

    nginx_level = ngx_http_tollgate_log_level(level);

    if (pthread_equal(pthread_self(), log->loop)) {
        ngx_log_error(nginx_level, ngx_cycle->log, 0, "tollgate: %*s", len,
                      message);
        return;
    }

    /* Of the C library, not of nginx: ngx_alloc() logs. */

    line = malloc(offsetof(ngx_http_tollgate_line_t, text) + len + 1);

    if (line) {
        line->next = NULL;
        line->level = nginx_level;
        line->len = len;
        memcpy(line->text, message, len);
    }

    pthread_mutex_lock(&log->mutex);

    full = (log->nlines == NGX_HTTP_TOLLGATE_LINES_MOST);

    if (line == NULL || full) {
        log->lost++;

    } else {
        *log->last = line;
        log->last = &line->next;
        log->nlines++;
    }

    pthread_mutex_unlock(&log->mutex);

    if (full) {
        free(line);
    }
}


static ngx_uint_t
ngx_http_tollgate_log_level(uint32_t level)
{
    switch (level) {

    case TOLLGATE_LOG_ERROR:
        return NGX_LOG_ERR;

    case TOLLGATE_LOG_WARNING:
        return NGX_LOG_WARN;

    default:
        return NGX_LOG_NOTICE;
    }
}


/* By the loop's thread. */

void
ngx_http_tollgate_log_drain(ngx_http_tollgate_log_t *log)
{
    ngx_uint_t                 lost;
    ngx_http_tollgate_line_t  *line, *next;

    pthread_mutex_lock(&log->mutex);

    line = log->first;
    lost = log->lost;

    log->first = NULL;
    log->last = &log->first;
    log->nlines = 0;
    log->lost = 0;

    pthread_mutex_unlock(&log->mutex);

    for ( /* void */ ; line; line = next) {
        next = line->next;

        ngx_log_error(line->level, ngx_cycle->log, 0, "tollgate: %*s",
                      line->len, line->text);
        free(line);
    }

    if (lost) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "tollgate: %ui lines of the log were lost", lost);
    }
}
