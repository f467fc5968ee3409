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
static ngx_uint_t ngx_http_tollgate_is_plain(const tollgate_text *text);


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
    static u_char  places[] = {
        0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34
    };

    if (!(state->verdict.flags & flag)) {
        return NGX_OK;
    }

    p = ngx_http_tollgate_state_room(r, state, 36);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value->data = p;
    value->len = 36;

    p[8] = p[13] = p[18] = p[23] = '-';

    for (i = 0; i < 16; i++) {
        p[places[i]] = hex[guid[i] >> 4];
        p[places[i] + 1] = hex[guid[i] & 0xf];
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
    size_t   i, len;

    static u_char  hex[] = "0123456789ABCDEF";

    len = text->len;

    if (len == 0) {
        ngx_str_set(value, "");
        return NGX_OK;
    }

    if (ngx_http_tollgate_is_plain(text)) {

        p = ngx_http_tollgate_state_room(r, state, len);
        if (p == NULL) {
            return NGX_ERROR;
        }

        value->data = p;
        value->len = len;

        ngx_memcpy(p, text->data, len);

        return NGX_OK;
    }

    p = ngx_http_tollgate_state_room(r, state, 3 * len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value->data = p;

    for (i = 0; i < len; i++) {
        c = (u_char) text->data[i];

        if (c < 0x20 || c > 0x7e || c == '%'
            || (c == ' ' && (i == 0 || i == len - 1)))
        {
            *p++ = '%';
            *p++ = hex[c >> 4];
            *p++ = hex[c & 0xf];

        } else {
            *p++ = c;
        }
    }

    value->len = p - value->data;

    return NGX_OK;
}


/*
 * Whether a text may stay as it is; most may, so eight bytes are looked at in
 * one go.  In each byte of odd the highest bit says no: as it came (not
 * ASCII), or since the byte is below 0x20, "%" or 0x7f.  A borrow from the
 * byte before may say so of a good one as well, but only behind a bad one.
 */

static ngx_uint_t
ngx_http_tollgate_is_plain(const tollgate_text *text)
{
    u_char       tail[8];
    size_t       len;
    uint64_t     w, odd;
    const char  *p;

#define ngx_http_tollgate_all(byte)   (0x0101010101010101ULL * (byte))
#define ngx_http_tollgate_has(w, byte)                                        \
    (((w) ^ ngx_http_tollgate_all(byte)) - ngx_http_tollgate_all(1))

    p = text->data;
    len = text->len;

    if (p[0] == ' ' || p[len - 1] == ' ') {
        return 0;
    }

    while (len) {

        if (len >= 8) {
            ngx_memcpy(&w, p, 8);
            p += 8;
            len -= 8;

        } else {
            ngx_memset(tail, 'x', 8);
            ngx_memcpy(tail, p, len);
            ngx_memcpy(&w, tail, 8);
            len = 0;
        }

        odd = w
              | (w - ngx_http_tollgate_all(0x20))
              | ngx_http_tollgate_has(w, '%')
              | ngx_http_tollgate_has(w, 0x7f);

        if (odd & ngx_http_tollgate_all(0x80)) {
            return 0;
        }
    }

    return 1;
}
