/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * tollgate_metrics: what the worker that answers has counted, for Prometheus.
 * Every sample gets the worker's number as a label, since each worker counts
 * for itself and chance decides which one answers.
 */


#include "ngx_http_tollgate.h"


static ngx_int_t ngx_http_tollgate_metrics_handler(ngx_http_request_t *r);
static ngx_buf_t *ngx_http_tollgate_metrics_page(ngx_http_request_t *r,
    tollgate_text *text);
static u_char *ngx_http_tollgate_metrics_label(u_char *out, u_char *p,
    u_char *last, ngx_str_t *label);


char *
ngx_http_tollgate_metrics(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_tollgate_asked_t      *asked;
    ngx_http_tollgate_main_conf_t  *tmcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler == ngx_http_tollgate_metrics_handler) {
        return "is duplicate";
    }

    clcf->handler = ngx_http_tollgate_metrics_handler;

    tmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_tollgate_module);

    asked = ngx_array_push(&tmcf->asked);
    if (asked == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_str_null(&asked->endpoint);
    asked->file = cf->conf_file->file.name.data;
    asked->line = cf->conf_file->line;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_tollgate_metrics_handler(ngx_http_request_t *r)
{
    ngx_int_t                       rc;
    ngx_buf_t                      *b;
    ngx_chain_t                     out;
    tollgate_text                   text;
    ngx_http_tollgate_state_t      *state;
    ngx_http_tollgate_main_conf_t  *tmcf;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    tmcf = ngx_http_get_module_main_conf(r, ngx_http_tollgate_module);

    state = ngx_http_tollgate_state_take(tmcf, r->connection->log);
    if (state == NULL) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    b = NULL;

    if (tollgate_gate_metrics(tmcf->gate, state->scratch, &text)
        == TOLLGATE_DONE)
    {
        b = ngx_http_tollgate_metrics_page(r, &text);
    }

    ngx_http_tollgate_state_give(state);

    if (b == NULL) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    ngx_str_set(&r->headers_out.content_type, "text/plain; version=0.0.4");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = b->last - b->pos;

    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


static ngx_buf_t *
ngx_http_tollgate_metrics_page(ngx_http_request_t *r, tollgate_text *text)
{
    u_char      *p, *end, *last, buffer[NGX_INT64_LEN + 16];
    ngx_buf_t   *b;
    ngx_str_t    label;
    ngx_uint_t   lines;

    label.data = buffer;
    label.len = ngx_sprintf(buffer, "worker=\"%ui\"", ngx_worker) - buffer;

    last = (u_char *) text->data + text->len;

    lines = 1;

    for (p = (u_char *) text->data; p < last; p++) {
        lines += (*p == '\n');
    }

    b = ngx_create_temp_buf(r->pool, text->len + lines * (label.len + 2) + 1);
    if (b == NULL) {
        return NULL;
    }

    for (p = (u_char *) text->data; p < last; p = end) {

        end = ngx_strlchr(p, last, '\n');
        end = end ? end + 1 : last;

        if (*p == '#' || *p == '\n') {
            b->last = ngx_cpymem(b->last, p, end - p);

        } else {
            b->last = ngx_http_tollgate_metrics_label(b->last, p, end,
                                                      &label);
        }
    }

    return b;
}


/* name{a="b"} 1 becomes name{worker="0",a="b"} 1; name 1: name{worker="0"} 1 */

static u_char *
ngx_http_tollgate_metrics_label(u_char *out, u_char *p, u_char *last,
    ngx_str_t *label)
{
    while (p < last && *p != '{' && *p != ' ' && *p != '\n') {
        *out++ = *p++;
    }

    *out++ = '{';
    out = ngx_cpymem(out, label->data, label->len);

    if (p < last && *p == '{') {
        *out++ = ',';
        p++;

    } else {
        *out++ = '}';
    }

    return ngx_cpymem(out, p, last - p);
}
