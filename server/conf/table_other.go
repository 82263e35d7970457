package conf

// Directives of NGINX Plus and of third-party modules that are often seen: they are known, so that the error can say what
// they are.

func otherModules() []module {
	return []module{
		{"NGINX Plus's api", refuse(anywhere, "upstream_api answers what is about upstreams; other parts belong to NGINX Plus", "api")},
		{"NGINX Plus", append(refuse(anywhere, "it belongs to NGINX Plus",
			"auth_jwt", "auth_jwt_claim_set", "auth_jwt_header_set", "auth_jwt_key_cache", "auth_jwt_key_file",
			"auth_jwt_key_request", "auth_jwt_leeway", "auth_jwt_require", "auth_jwt_type", "auth_oidc", "auth_require",
			"f4f", "f4f_buffer_size", "grpc_ssl_key_log", "health_check_timeout",
			"hls", "hls_buffers", "hls_forward_args", "hls_fragment", "hls_mp4_buffer_size", "hls_mp4_max_buffer_size",
			"internal_redirect", "keyval", "keyval_zone", "mgmt", "mp4_limit_rate", "mp4_limit_rate_after",
			"mqtt", "mqtt_buffers", "mqtt_preread", "mqtt_rewrite_buffer_size", "mqtt_set_connect", "ntlm",
			"oidc_provider", "proxy_session_drop", "proxy_ssl_key_log",
			"session_log", "session_log_format", "session_log_zone", "ssl_key_log", "state", "state_path", "status",
			"sticky_cookie_insert", "upstream_conf", "upstream_show",
			"uwsgi_ssl_key_log", "zone_sync", "zone_sync_buffers", "zone_sync_connect_retry_interval",
			"zone_sync_connect_timeout", "zone_sync_interval", "zone_sync_recv_buffer_size", "zone_sync_server",
			"zone_sync_ssl", "zone_sync_ssl_certificate", "zone_sync_ssl_certificate_key", "zone_sync_ssl_ciphers",
			"zone_sync_ssl_conf_command", "zone_sync_ssl_crl", "zone_sync_ssl_name", "zone_sync_ssl_password_file",
			"zone_sync_ssl_protocols", "zone_sync_ssl_server_name", "zone_sync_ssl_trusted_certificate",
			"zone_sync_ssl_verify", "zone_sync_ssl_verify_depth", "zone_sync_timeout"),
			Row{Name: "fastcgi_cache_purge", In: EveryHTTP, Args: More1, Vars: true, Status: Supported},
			Row{Name: "proxy_cache_purge", In: EveryHTTP, Args: More1, Vars: true, Status: Supported},
			Row{Name: "scgi_cache_purge", In: EveryHTTP, Args: More1, Vars: true, Status: Supported},
			Row{Name: "uwsgi_cache_purge", In: EveryHTTP, Args: More1, Vars: true, Status: Supported})},
		{"http_lua_module", refuse(anywhere, "Lua is not embedded; a Go application runs with app",
			"access_by_lua", "access_by_lua_block", "access_by_lua_file", "access_by_lua_no_postpone",
			"balancer_by_lua_block", "balancer_by_lua_file", "balancer_keepalive", "body_filter_by_lua",
			"body_filter_by_lua_block", "body_filter_by_lua_file", "content_by_lua", "content_by_lua_block",
			"content_by_lua_file", "exit_worker_by_lua_block", "exit_worker_by_lua_file", "header_filter_by_lua",
			"header_filter_by_lua_block", "header_filter_by_lua_file", "init_by_lua", "init_by_lua_block",
			"init_by_lua_file", "init_worker_by_lua", "init_worker_by_lua_block", "init_worker_by_lua_file", "log_by_lua",
			"log_by_lua_block", "log_by_lua_file", "lua_capture_error_log", "lua_check_client_abort", "lua_code_cache",
			"lua_http10_buffering", "lua_load_resty_core", "lua_malloc_trim", "lua_max_pending_timers",
			"lua_max_running_timers", "lua_need_request_body", "lua_package_cpath", "lua_package_path",
			"lua_regex_cache_max_entries", "lua_regex_match_limit", "lua_sa_restart", "lua_shared_dict",
			"lua_socket_buffer_size", "lua_socket_connect_timeout", "lua_socket_keepalive_timeout",
			"lua_socket_log_errors", "lua_socket_pool_size", "lua_socket_read_timeout", "lua_socket_send_lowat",
			"lua_socket_send_timeout", "lua_ssl_certificate", "lua_ssl_certificate_key", "lua_ssl_ciphers",
			"lua_ssl_conf_command", "lua_ssl_crl", "lua_ssl_key_log", "lua_ssl_protocols", "lua_ssl_trusted_certificate",
			"lua_ssl_verify_depth", "lua_thread_cache_max_entries", "lua_transform_underscores_in_response_headers",
			"lua_use_default_type", "lua_worker_thread_vm_pool_size", "rewrite_by_lua", "rewrite_by_lua_block",
			"rewrite_by_lua_file", "rewrite_by_lua_no_postpone", "server_rewrite_by_lua_block",
			"server_rewrite_by_lua_file", "set_by_lua", "set_by_lua_block", "set_by_lua_file",
			"ssl_certificate_by_lua_block", "ssl_certificate_by_lua_file", "ssl_client_hello_by_lua_block",
			"ssl_client_hello_by_lua_file", "ssl_session_fetch_by_lua_block", "ssl_session_fetch_by_lua_file",
			"ssl_session_store_by_lua_block", "ssl_session_store_by_lua_file")},
		{"http_js_module", refuse(anywhere, "njs is not embedded; a Go application runs with app",
			"js_access", "js_body_filter", "js_content", "js_context_reuse", "js_context_reuse_max_size", "js_engine",
			"js_fetch_buffer_size", "js_fetch_ciphers", "js_fetch_max_response_buffer_size", "js_fetch_protocols",
			"js_fetch_timeout", "js_fetch_trusted_certificate", "js_fetch_verify", "js_fetch_verify_depth", "js_filter",
			"js_header_filter", "js_import", "js_path", "js_periodic", "js_preload_object", "js_preread", "js_set",
			"js_shared_dict_zone", "js_var")},
		{"http_headers_more_module", refuse(anywhere, "add_header and proxy_hide_header are the ones known here",
			"more_clear_headers", "more_clear_input_headers", "more_set_headers", "more_set_input_headers")},
		{"http_geoip2_module", refuse(anywhere, "MaxMind databases are not read; use geo or map",
			"geoip2", "geoip2_proxy", "geoip2_proxy_recursive")},
		{"otel_module", refuse(anywhere, "traces are not exported",
			"otel_exporter", "otel_resource_attr", "otel_service_name", "otel_span_attr", "otel_span_name", "otel_trace",
			"otel_trace_context")},
		{"http_passenger_module", refuse(anywhere, "applications of other languages are reached by a gateway protocol",
			"passenger_app_env", "passenger_app_root", "passenger_enabled", "passenger_root", "passenger_ruby")},
		{"http_modsecurity_module", refuse(anywhere, "ModSecurity is not embedded",
			"modsecurity", "modsecurity_rules", "modsecurity_rules_file", "modsecurity_rules_remote")},
		{"http_vhost_traffic_status_module", refuse(anywhere, "numbers of requests are shown by stub_status",
			"vhost_traffic_status", "vhost_traffic_status_display", "vhost_traffic_status_display_format",
			"vhost_traffic_status_filter_by_host", "vhost_traffic_status_zone")},
		{"http_fancyindex_module", refuse(anywhere, "use autoindex",
			"fancyindex", "fancyindex_exact_size", "fancyindex_footer", "fancyindex_header", "fancyindex_localtime")},
		{"http_pagespeed_module", refuse(anywhere, "pages are not rewritten",
			"pagespeed")},
		{"http_dav_ext_module", refuse(anywhere, "only the methods of dav_methods are known",
			"dav_ext_lock", "dav_ext_lock_zone", "dav_ext_methods")},
		{"http_echo_module", refuse(anywhere, "use return",
			"echo", "echo_exec", "echo_location", "echo_sleep")},
		{"rtmp_module", refuse(anywhere, "RTMP is not served",
			"rtmp")},
	}
}

// refuse makes rows of directives that are refused for one reason, whatever their arguments are.
func refuse(in Context, reason string, names ...string) []Row {
	rows := make([]Row, len(names))
	for i, n := range names {
		rows[i] = Row{Name: n, In: in, Args: AnyArgs, Status: Refused, Reason: reason}
	}
	return rows
}
