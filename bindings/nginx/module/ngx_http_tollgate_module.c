/*
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The directives: what nginx.conf says, and what locations inherit.
 */


#include "ngx_http_tollgate.h"


static char *ngx_http_tollgate_set_config(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_tollgate_set_endpoint(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_tollgate_set_value(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static void *ngx_http_tollgate_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_tollgate_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_tollgate_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_tollgate_init(ngx_conf_t *cf);


static ngx_conf_enum_t  ngx_http_tollgate_scenarios[] = {
    { ngx_string("device"), TOLLGATE_SCENARIO_DEVICE },
    { ngx_string("user"), TOLLGATE_SCENARIO_USER },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_http_tollgate_commands[] = {

    { ngx_string("tollgate_config"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_tollgate_set_config,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("tollgate"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LMT_CONF
                        |NGX_CONF_TAKE1,
      ngx_http_tollgate_set_endpoint,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("tollgate_scenario"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LMT_CONF
                        |NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_tollgate_loc_conf_t, scenario),
      &ngx_http_tollgate_scenarios },

    { ngx_string("tollgate_windows"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LMT_CONF
                        |NGX_CONF_TAKE1,
      ngx_http_tollgate_set_value,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_tollgate_loc_conf_t, windows),
      NULL },

    { ngx_string("tollgate_token"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LMT_CONF
                        |NGX_CONF_TAKE1,
      ngx_http_tollgate_set_value,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_tollgate_loc_conf_t, token),
      NULL },

    { ngx_string("tollgate_metrics"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_tollgate_metrics,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_tollgate_module_ctx = {
    ngx_http_tollgate_add_variables,       /* preconfiguration */
    ngx_http_tollgate_init,                /* postconfiguration */

    ngx_http_tollgate_create_main_conf,    /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_tollgate_create_loc_conf,     /* create location configuration */
    ngx_http_tollgate_merge_loc_conf       /* merge location configuration */
};


ngx_module_t  ngx_http_tollgate_module = {
    NGX_MODULE_V1,
    &ngx_http_tollgate_module_ctx,         /* module context */
    ngx_http_tollgate_commands,            /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* As of auth_basic_user_file: relative to the folder of nginx.conf. */

static char *
ngx_http_tollgate_set_config(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_tollgate_main_conf_t *tmcf = conf;

    ngx_str_t  *value;

    if (tmcf->path.data) {
        return "is duplicate";
    }

    value = cf->args->elts;
    tmcf->path = value[1];

    if (tmcf->path.len == 0) {
        return "has an empty name; write the path of a tollgate.toml";
    }

    if (ngx_conf_full_name(cf->cycle, &tmcf->path, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    tmcf->file = cf->conf_file->file.name.data;
    tmcf->line = cf->conf_file->line;

    return NGX_CONF_OK;
}


/* Whether there is such an endpoint is asked when there is a gate. */

static char *
ngx_http_tollgate_set_endpoint(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_tollgate_loc_conf_t *tlcf = conf;

    ngx_str_t                      *value;
    ngx_http_tollgate_asked_t      *asked;
    ngx_http_tollgate_main_conf_t  *tmcf;

    if (tlcf->endpoint.data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len == 0) {
        return "has an empty name; write the name of an endpoint, or off";
    }

    if (ngx_strcmp(value[1].data, "off") == 0) {
        ngx_str_set(&tlcf->endpoint, "");
        return NGX_CONF_OK;
    }

    tlcf->endpoint = value[1];

    tmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_tollgate_module);

    asked = ngx_array_push(&tmcf->asked);
    if (asked == NULL) {
        return NGX_CONF_ERROR;
    }

    asked->endpoint = value[1];
    asked->file = cf->conf_file->file.name.data;
    asked->line = cf->conf_file->line;

    return NGX_CONF_OK;
}


/* A text with variables, or off. */

static char *
ngx_http_tollgate_set_value(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    ngx_str_t                          *value;
    ngx_http_complex_value_t          **slot;
    ngx_http_compile_complex_value_t    ccv;

    slot = (ngx_http_complex_value_t **) (p + cmd->offset);
    if (*slot != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        *slot = NULL;
        return NGX_CONF_OK;
    }

    *slot = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (*slot == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[1];
    ccv.complex_value = *slot;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    /* A text that is the same for all clients is a slip of the pen. */

    if ((*slot)->lengths == NULL) {
        return "has no variable in it; write one, as $cookie_token, or off";
    }

    return NGX_CONF_OK;
}


static void *
ngx_http_tollgate_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_tollgate_main_conf_t  *tmcf;

    tmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_tollgate_main_conf_t));
    if (tmcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&tmcf->asked, cf->pool, 4,
                       sizeof(ngx_http_tollgate_asked_t))
        != NGX_OK)
    {
        return NULL;
    }

    return tmcf;
}


static void *
ngx_http_tollgate_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_tollgate_loc_conf_t  *tlcf;

    tlcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_tollgate_loc_conf_t));
    if (tlcf == NULL) {
        return NULL;
    }

    tlcf->scenario = NGX_CONF_UNSET_UINT;
    tlcf->token = NGX_CONF_UNSET_PTR;
    tlcf->windows = NGX_CONF_UNSET_PTR;

    return tlcf;
}


static char *
ngx_http_tollgate_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_tollgate_loc_conf_t *prev = parent;
    ngx_http_tollgate_loc_conf_t *conf = child;

    ngx_conf_merge_str_value(conf->endpoint, prev->endpoint, "");
    ngx_conf_merge_uint_value(conf->scenario, prev->scenario,
                              TOLLGATE_SCENARIO_DEVICE);
    ngx_conf_merge_ptr_value(conf->token, prev->token, NULL);
    ngx_conf_merge_ptr_value(conf->windows, prev->windows, NULL);

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_tollgate_init(ngx_conf_t *cf)
{
    ngx_uint_t                      i;
    ngx_http_handler_pt            *h;
    ngx_http_core_main_conf_t      *cmcf;
    ngx_http_tollgate_main_conf_t  *tmcf;

    static struct {
        ngx_http_phases             phase;
        ngx_http_handler_pt         handler;
    } handlers[] = {
        { NGX_HTTP_POST_READ_PHASE, ngx_http_tollgate_post_read_handler },
        { NGX_HTTP_ACCESS_PHASE, ngx_http_tollgate_access_handler },
        { NGX_HTTP_PRECONTENT_PHASE, ngx_http_tollgate_precontent_handler }
    };

    tmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_tollgate_module);

    /* Loaded and not configured, the module is not there. */

    if (tmcf->path.data == NULL) {
        return NGX_OK;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        h = ngx_array_push(&cmcf->phases[handlers[i].phase].handlers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        *h = handlers[i].handler;
    }

    return NGX_OK;
}
