/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Takes the headers that only we may set out of a request.
 */


#include "ngx_http_tollgate.h"


static ngx_uint_t ngx_http_tollgate_is_ours(ngx_table_elt_t *h);


/* Whether there is anything to take out. */

ngx_uint_t
ngx_http_tollgate_is_named(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (ngx_http_tollgate_is_ours(&h[i])) {
                return 1;
            }
        }
    }

    return 0;
}


/*
 * x-tollgate and whatever begins so, in any letter case, and with anything
 * that is no letter or digit in the place of "-": CGI and its heirs write "_"
 * for "-", and some for every other character.
 */

static ngx_uint_t
ngx_http_tollgate_is_ours(ngx_table_elt_t *h)
{
    u_char  c;

    if (h->key.len < sizeof("x-tollgate") - 1
        || (h->key.data[0] | 0x20) != 'x')
    {
        return 0;
    }

    c = h->key.data[1] | 0x20;

    if ((c >= 'a' && c <= 'z') || (h->key.data[1] >= '0'
                                   && h->key.data[1] <= '9'))
    {
        return 0;
    }

    return ngx_strncasecmp(h->key.data + 2, (u_char *) "tollgate",
                           sizeof("tollgate") - 1)
           == 0;
}


/*
 * Takes our headers out of a request's list.  nginx points into the list
 * (headers_in.host and its like), so no header may move: each run of headers
 * that stay becomes a part of the list.  Parts of a subrequest's parent are
 * not written to.
 */

ngx_int_t
ngx_http_tollgate_strip(ngx_http_request_t *r)
{
    ngx_uint_t        i, start, n;
    ngx_list_t       *list, kept;
    ngx_list_part_t  *part, *run;
    ngx_table_elt_t  *h;

    list = &r->headers_in.headers;

    kept = *list;
    kept.last = NULL;

    for (part = &list->part; part; part = part->next) {
        h = part->elts;
        n = part->nelts;

        for (i = 0; i < n; /* void */ ) {

            if (ngx_http_tollgate_is_ours(&h[i])) {
                i++;
                continue;
            }

            start = i;

            while (i < n && !ngx_http_tollgate_is_ours(&h[i])) {
                i++;
            }

            if (kept.last == NULL) {
                run = &kept.part;

            } else {
                run = ngx_palloc(r->pool, sizeof(ngx_list_part_t));
                if (run == NULL) {
                    return NGX_ERROR;
                }

                kept.last->next = run;
            }

            run->elts = &h[start];
            run->nelts = i - start;
            run->next = NULL;

            kept.last = run;
        }
    }

    if (kept.last == NULL) {
        return ngx_list_init(list, r->pool, 20, sizeof(ngx_table_elt_t));
    }

    /* The last part counts as full: what is behind it is not free. */
    kept.nalloc = kept.last->nelts;
    kept.pool = r->pool;

    *list = kept;

    if (list->last == &kept.part) {
        list->last = &list->part;
    }

    return NGX_OK;
}
