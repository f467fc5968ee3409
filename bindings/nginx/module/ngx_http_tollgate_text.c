/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Texts of a verdict, made safe: what is not printable ASCII is written as
 * %XX, and so is "%".  Nothing that a token or certificate says can end a
 * header or a line of a log.
 */


#include "ngx_http_tollgate.h"


static ngx_int_t ngx_http_tollgate_make_text(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, ngx_http_tollgate_text_e text,
    ngx_str_t *value);
static ngx_int_t ngx_http_tollgate_ask_text(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, uint32_t kind, ngx_str_t *value);
static ngx_int_t ngx_http_tollgate_guid(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, uint32_t flag, uint8_t *guid,
    ngx_str_t *value);
static void ngx_http_tollgate_set_text(const char *text, ngx_str_t *value);


static const char *const  ngx_http_tollgate_methods[] = {
    "", "entra", "oidc", "pki", "site"
};


/* Of no bytes where there is none.  It lives as long as the request. */

ngx_int_t
ngx_http_tollgate_text(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, ngx_http_tollgate_text_e text,
    ngx_str_t *value)
{
    ngx_int_t   rc;
    ngx_str_t  *made;

    made = &state->texts[text];

    if (made->data == NULL) {
        ngx_str_set(made, "");

        rc = ngx_http_tollgate_make_text(r, state, text, made);
        if (rc != NGX_OK) {
            ngx_str_null(made);
            return rc;
        }
    }

    *value = *made;

    return NGX_OK;
}


static ngx_int_t
ngx_http_tollgate_make_text(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, ngx_http_tollgate_text_e text,
    ngx_str_t *value)
{
    tollgate_verdict  *verdict;

    verdict = &state->verdict;

    /* The two that a refusal has as well. */

    if (text == NGX_HTTP_TOLLGATE_REASON) {
        ngx_http_tollgate_set_text(tollgate_reason_name(verdict->status),
                                   value);
        return NGX_OK;
    }

    if (text == NGX_HTTP_TOLLGATE_METHOD) {
        if (verdict->method < sizeof(ngx_http_tollgate_methods)
                              / sizeof(ngx_http_tollgate_methods[0]))
        {
            ngx_http_tollgate_set_text(
                ngx_http_tollgate_methods[verdict->method], value);
        }

        return NGX_OK;
    }

    if (!state->admitted) {
        return NGX_OK;
    }

    switch (text) {

    case NGX_HTTP_TOLLGATE_ID:
        return ngx_http_tollgate_ask_text(r, state, TOLLGATE_TEXT_ID, value);

    case NGX_HTTP_TOLLGATE_AUTHORITY:
        return ngx_http_tollgate_ask_text(r, state, TOLLGATE_TEXT_AUTHORITY,
                                          value);

    case NGX_HTTP_TOLLGATE_SUBJECT:
        return ngx_http_tollgate_ask_text(r, state, TOLLGATE_TEXT_SUBJECT,
                                          value);

    case NGX_HTTP_TOLLGATE_TENANT:
        return ngx_http_tollgate_guid(r, state, TOLLGATE_HAS_TENANT,
                                      verdict->tenant, value);

    case NGX_HTTP_TOLLGATE_USER:
        return ngx_http_tollgate_guid(r, state, TOLLGATE_HAS_USER,
                                      verdict->user, value);

    case NGX_HTTP_TOLLGATE_DEVICE:
        return ngx_http_tollgate_guid(r, state, TOLLGATE_HAS_DEVICE,
                                      verdict->device, value);

    case NGX_HTTP_TOLLGATE_SCENARIO:
        ngx_http_tollgate_set_text(state->asked->scenario
                                   == TOLLGATE_SCENARIO_USER
                                   ? "user" : "device", value);
        return NGX_OK;

    case NGX_HTTP_TOLLGATE_BOUND:
        ngx_http_tollgate_set_text(verdict->flags & TOLLGATE_IS_BOUND
                                   ? "true" : "false", value);
        return NGX_OK;

    case NGX_HTTP_TOLLGATE_EXPIRES:
        value->data = ngx_http_tollgate_state_room(r, state, NGX_INT64_LEN);
        if (value->data == NULL) {
            return NGX_ERROR;
        }

        value->len = ngx_sprintf(value->data, "%L", verdict->expires_s)
                     - value->data;
        return NGX_OK;

    default:
        return NGX_OK;
    }
}


static ngx_int_t
ngx_http_tollgate_ask_text(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, uint32_t kind, ngx_str_t *value)
{
    int32_t        status;
    tollgate_text  view;

    status = tollgate_verdict_text(state->scratch, kind, &view);

    switch (status) {

    case TOLLGATE_DONE:
        return ngx_http_tollgate_encode(r, state, &view, value);

    case TOLLGATE_E_ABSENT:
        return NGX_OK;

    default:
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "tollgate: text %uD cannot be had (%D)", kind, status);
        return NGX_ERROR;
    }
}


/* As RFC 9562 section 4 writes it; the verdict has it in that order. */

static ngx_int_t
ngx_http_tollgate_guid(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, uint32_t flag, uint8_t *guid,
    ngx_str_t *value)
{
    u_char      *p;
    ngx_uint_t   i;

    static u_char  hex[] = "0123456789abcdef";

    if (!(state->verdict.flags & flag)) {
        return NGX_OK;
    }

    p = ngx_http_tollgate_state_room(r, state, 36);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value->data = p;
    value->len = 36;

    for (i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *p++ = '-';
        }

        *p++ = hex[guid[i] >> 4];
        *p++ = hex[guid[i] & 0xf];
    }

    return NGX_OK;
}


static void
ngx_http_tollgate_set_text(const char *text, ngx_str_t *value)
{
    value->data = (u_char *) text;
    value->len = ngx_strlen(text);
}


/*
 * A space stays one between other characters: at an end, whoever reads the
 * header would trim it.
 */

ngx_int_t
ngx_http_tollgate_encode(ngx_http_request_t *r,
    ngx_http_tollgate_state_t *state, const tollgate_text *text,
    ngx_str_t *value)
{
    u_char   c, *p;
    size_t   i, last, more;

    static u_char  hex[] = "0123456789ABCDEF";

#define ngx_http_tollgate_is_odd(c)                                           \
    ((c) < 0x20 || (c) > 0x7e || (c) == '%')

    if (text->len == 0) {
        ngx_str_set(value, "");
        return NGX_OK;
    }

    last = text->len - 1;
    more = (text->data[0] == ' ') + (last && text->data[last] == ' ');

    for (i = 0; i <= last; i++) {
        c = (u_char) text->data[i];
        more += ngx_http_tollgate_is_odd(c);
    }

    p = ngx_http_tollgate_state_room(r, state, text->len + 2 * more);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value->data = p;
    value->len = text->len + 2 * more;

    if (more == 0) {
        ngx_memcpy(p, text->data, text->len);
        return NGX_OK;
    }

    for (i = 0; i <= last; i++) {
        c = (u_char) text->data[i];

        if (ngx_http_tollgate_is_odd(c)
            || (c == ' ' && (i == 0 || i == last)))
        {
            *p++ = '%';
            *p++ = hex[c >> 4];
            *p++ = hex[c & 0xf];

        } else {
            *p++ = c;
        }
    }

    return NGX_OK;
}
