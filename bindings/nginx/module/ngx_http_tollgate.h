/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * What the parts of the module share. Each part names what it is for at its
 * top; ngx_http_tollgate_module.c has the directives.
 */


#ifndef _NGX_HTTP_TOLLGATE_H_INCLUDED_
#define _NGX_HTTP_TOLLGATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>
#include <tollgate.h>


typedef struct ngx_http_tollgate_log_s      ngx_http_tollgate_log_t;
typedef struct ngx_http_tollgate_refresh_s  ngx_http_tollgate_refresh_t;
typedef struct ngx_http_tollgate_state_s    ngx_http_tollgate_state_t;


/* An endpoint that nginx.conf names, and where. */

typedef struct {
    ngx_str_t                     endpoint;
    u_char                       *file;
    ngx_uint_t                    line;
} ngx_http_tollgate_asked_t;


typedef struct {
    ngx_str_t                     path;      /* of tollgate.toml */
    u_char                       *file;      /* where nginx.conf names it */
    ngx_uint_t                    line;

    ngx_array_t                   asked;     /* ngx_http_tollgate_asked_t */

    tollgate_gate                *gate;
    ngx_http_tollgate_log_t      *log;
    ngx_http_tollgate_refresh_t  *refresh;   /* NULL: not in this process */

    /* Shared by the workers: how often one has, or may have, loaded files. */
    ngx_shm_t                     shm;
    ngx_atomic_t                 *loads;

    /* Of this process: what it knows is older than what others know. */
    ngx_uint_t                    stale;

    /* Of this process: states that no request holds. */
    ngx_http_tollgate_state_t    *idle;
    ngx_uint_t                    nidle;

    /* The time by the gate's clock, and when in nginx's it was asked for. */
    ngx_msec_t                    asked_at;
    int64_t                       unix_s;
    uint64_t                      mono_ms;
} ngx_http_tollgate_main_conf_t;


typedef struct {
    ngx_str_t                     endpoint;  /* len 0: off */
    ngx_uint_t                    scenario;  /* TOLLGATE_SCENARIO_* */
    ngx_http_complex_value_t     *token;     /* NULL: Authorization */
    ngx_http_complex_value_t     *windows;   /* NULL: not known */
} ngx_http_tollgate_loc_conf_t;


/* What can be said of a request, as variables and as headers. */

typedef enum {
    NGX_HTTP_TOLLGATE_ID = 0,
    NGX_HTTP_TOLLGATE_METHOD,
    NGX_HTTP_TOLLGATE_SCENARIO,
    NGX_HTTP_TOLLGATE_AUTHORITY,
    NGX_HTTP_TOLLGATE_TENANT,
    NGX_HTTP_TOLLGATE_USER,
    NGX_HTTP_TOLLGATE_DEVICE,
    NGX_HTTP_TOLLGATE_SUBJECT,
    NGX_HTTP_TOLLGATE_BOUND,
    NGX_HTTP_TOLLGATE_EXPIRES,
    NGX_HTTP_TOLLGATE_REASON,
    NGX_HTTP_TOLLGATE_TEXTS
} ngx_http_tollgate_text_e;


/* The headers that are always there: texts up to _EXPIRES, but for _SUBJECT. */
#define NGX_HTTP_TOLLGATE_HEADERS  9

/* Room for most texts of a request; the pool has more. */
#define NGX_HTTP_TOLLGATE_ROOM     640


/*
 * What is known of a client's request, through internal redirects, and for
 * its subrequests.  Texts of a verdict are asked of its scratch, so a request
 * holds both until its pool goes, and then hands them on to another.
 */

struct ngx_http_tollgate_state_s {
    tollgate_scratch               *scratch;
    ngx_http_tollgate_main_conf_t  *main;
    ngx_http_tollgate_state_t      *next;    /* of those that are idle */

    /* What follows is zeroed for each request. */

    ngx_http_tollgate_loc_conf_t   *asked;   /* NULL: not judged yet */
    ngx_table_elt_t                *answer;  /* that goes with a refusal */

    /* The headers of r->main are ours, as they are for this; NULL: not. */
    ngx_http_tollgate_loc_conf_t   *named;

    unsigned                        admitted:1;
    unsigned                        has_token:1;

    /* Encoded, made when asked for; data NULL: not yet made. */
    ngx_str_t                       texts[NGX_HTTP_TOLLGATE_TEXTS];

    /* What follows is written when it is needed. */

    tollgate_verdict                verdict;

    /* A part of the list of r->main's headers: names are written once. */
    ngx_list_part_t                 part;
    ngx_table_elt_t                 headers[NGX_HTTP_TOLLGATE_HEADERS];

    size_t                          used;
    u_char                          room[NGX_HTTP_TOLLGATE_ROOM];
};


/* _log.c */
ngx_http_tollgate_log_t *ngx_http_tollgate_log_create(ngx_cycle_t *cycle);
void ngx_http_tollgate_log_opened(ngx_http_tollgate_log_t *log);
void ngx_http_tollgate_log_line(void *user, uint32_t level,
    const char *message, size_t len);
void ngx_http_tollgate_log_drain(ngx_http_tollgate_log_t *log);

/* _refresh.c */
ngx_int_t ngx_http_tollgate_refresh_start(ngx_http_tollgate_main_conf_t *tmcf,
    ngx_cycle_t *cycle);
void ngx_http_tollgate_refresh_stop(ngx_http_tollgate_main_conf_t *tmcf);

/* _state.c */
ngx_http_tollgate_state_t *ngx_http_tollgate_state(ngx_http_request_t *r);
ngx_http_tollgate_state_t *ngx_http_tollgate_state_create(
    ngx_http_request_t *r);
ngx_http_tollgate_state_t *ngx_http_tollgate_state_take(
    ngx_http_tollgate_main_conf_t *tmcf, ngx_log_t *log);
void ngx_http_tollgate_state_give(ngx_http_tollgate_state_t *state);
u_char *ngx_http_tollgate_state_room(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, size_t len);
void ngx_http_tollgate_state_free(ngx_http_tollgate_main_conf_t *tmcf);

/* _ask.c */
ngx_int_t ngx_http_tollgate_ask(ngx_http_request_t *r,
    ngx_http_tollgate_loc_conf_t *tlcf, tollgate_request *request);

/* _peer.c */
ngx_uint_t ngx_http_tollgate_is_early(ngx_connection_t *c);
ngx_int_t ngx_http_tollgate_peer(ngx_http_request_t *r,
    const tollgate_peer **peer);

/* _check.c */
ngx_int_t ngx_http_tollgate_access_handler(ngx_http_request_t *r);
ngx_uint_t ngx_http_tollgate_asks_the_same(
    ngx_http_tollgate_loc_conf_t *one, ngx_http_tollgate_loc_conf_t *two);
ngx_uint_t ngx_http_tollgate_is_judged(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state);

/* _answer.c */
ngx_int_t ngx_http_tollgate_answer(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state);
void ngx_http_tollgate_answer_withdraw(ngx_http_tollgate_state_t *state);

/* _text.c */
ngx_int_t ngx_http_tollgate_text(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, ngx_http_tollgate_text_e text,
    ngx_str_t *value);
ngx_int_t ngx_http_tollgate_encode(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, const tollgate_text *text,
    ngx_str_t *value);

/* _variables.c */
ngx_int_t ngx_http_tollgate_add_variables(ngx_conf_t *cf);

/* _strip.c */
ngx_uint_t ngx_http_tollgate_is_named(ngx_http_request_t *r);
ngx_int_t ngx_http_tollgate_strip(ngx_http_request_t *r);

/* _upstream.c */
void ngx_http_tollgate_init_headers(ngx_http_tollgate_state_t *state);
ngx_int_t ngx_http_tollgate_post_read_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_tollgate_precontent_handler(ngx_http_request_t *r);

/* _metrics.c */
char *ngx_http_tollgate_metrics(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


extern ngx_module_t  ngx_http_tollgate_module;


#endif /* _NGX_HTTP_TOLLGATE_H_INCLUDED_ */
