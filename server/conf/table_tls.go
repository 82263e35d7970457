package conf

// The directives of TLS, HTTP/2 and HTTP/3.

func tlsModules() []module {
	return []module{
		{"http_ssl_module", httpSslRows},
		{"http_v2_module", httpV2Rows},
		{"http_v3_module", httpV3Rows},
	}
}

var httpSslRows = []Row{
	{Name: "ssl_certificate", In: HTTP | Server, Args: Take1},
	{Name: "ssl_certificate_key", In: HTTP | Server, Args: Take1},
	{Name: "ssl_certificate_cache", In: HTTP | Server, Args: Take123, Once: true},
	{Name: "ssl_ech_file", In: HTTP | Server, Args: Take1},
	{Name: "ssl_password_file", In: HTTP | Server, Args: Take1, Once: true},
	{Name: "ssl_certificate_compression", In: HTTP | Server, Args: Flag, Once: true, check: onOff},
	{Name: "ssl_dhparam", In: HTTP | Server, Args: Take1, Once: true},
	{Name: "ssl_ecdh_curve", In: HTTP | Server, Args: Take1, Once: true},
	{Name: "ssl_protocols", In: HTTP | Server, Args: More1, check: sslProtocols, Status: Accepted, Reason: "a listen with ssl is refused in this version, so there is nothing to set"},
	{Name: "ssl_ciphers", In: HTTP | Server, Args: Take1, Once: true, Status: Accepted, Reason: "a listen with ssl is refused in this version, so there is nothing to set"},
	{Name: "ssl_buffer_size", In: HTTP | Server, Args: Take1, Once: true, check: size},
	{Name: "ssl_verify_client", In: HTTP | Server, Args: Take1, Once: true, check: oneOf("off", "on", "optional", "optional_no_ca")},
	{Name: "ssl_verify_depth", In: HTTP | Server, Args: Take1, Once: true, check: number},
	{Name: "ssl_client_certificate", In: HTTP | Server, Args: Take1, Once: true},
	{Name: "ssl_trusted_certificate", In: HTTP | Server, Args: Take1, Once: true},
	{Name: "ssl_prefer_server_ciphers", In: HTTP | Server, Args: Flag, Once: true, check: onOff, Status: Accepted, Reason: "a listen with ssl is refused in this version, so there is nothing to set"},
	{Name: "ssl_session_cache", In: HTTP | Server, Args: Take12, Status: Accepted, Reason: "a listen with ssl is refused in this version, so there is nothing to set"},
	{Name: "ssl_session_tickets", In: HTTP | Server, Args: Flag, Once: true, check: onOff, Status: Accepted, Reason: "a listen with ssl is refused in this version, so there is nothing to set"},
	{Name: "ssl_session_ticket_key", In: HTTP | Server, Args: Take1},
	{Name: "ssl_session_timeout", In: HTTP | Server, Args: Take1, Once: true, check: sec, Status: Accepted, Reason: "a listen with ssl is refused in this version, so there is nothing to set"},
	{Name: "ssl_crl", In: HTTP | Server, Args: Take1, Once: true},
	{Name: "ssl_ocsp", In: HTTP | Server, Args: Take1, Once: true, check: oneOf("off", "on", "leaf")},
	{Name: "ssl_ocsp_responder", In: HTTP | Server, Args: Take1, Once: true},
	{Name: "ssl_ocsp_cache", In: HTTP | Server, Args: Take1, Once: true},
	{Name: "ssl_stapling", In: HTTP | Server, Args: Flag, Once: true, check: onOff},
	{Name: "ssl_stapling_file", In: HTTP | Server, Args: Take1, Once: true},
	{Name: "ssl_stapling_responder", In: HTTP | Server, Args: Take1, Once: true},
	{Name: "ssl_stapling_verify", In: HTTP | Server, Args: Flag, Once: true, check: onOff},
	{Name: "ssl_early_data", In: HTTP | Server, Args: Flag, Once: true, check: onOff},
	{Name: "ssl_conf_command", In: HTTP | Server, Args: Take2},
	{Name: "ssl_reject_handshake", In: HTTP | Server, Args: Flag, Once: true, check: onOff},
}

var httpV2Rows = []Row{
	{Name: "http2", In: HTTP | Server, Args: Flag, Once: true, check: onOff},
	{Name: "http2_recv_buffer_size", In: HTTP, Args: Take1, Once: true, check: size},
	{Name: "http2_pool_size", In: HTTP | Server, Args: Take1, Once: true, check: poolSize},
	{Name: "http2_max_concurrent_streams", In: HTTP | Server, Args: Take1, Once: true, check: number},
	{Name: "http2_max_concurrent_pushes", In: HTTP | Server, Args: Take1, check: obsolete},
	{Name: "http2_max_requests", In: HTTP | Server, Args: Take1, check: obsolete},
	{Name: "http2_max_field_size", In: HTTP | Server, Args: Take1, check: obsolete},
	{Name: "http2_max_header_size", In: HTTP | Server, Args: Take1, check: obsolete},
	{Name: "http2_body_preread_size", In: HTTP | Server, Args: Take1, Once: true, check: size},
	{Name: "http2_streams_index_size", In: HTTP | Server, Args: Take1, Once: true, check: number},
	{Name: "http2_recv_timeout", In: HTTP | Server, Args: Take1, check: obsolete},
	{Name: "http2_idle_timeout", In: HTTP | Server, Args: Take1, check: obsolete},
	{Name: "http2_chunk_size", In: EveryHTTP, Args: Take1, Once: true, check: size},
	{Name: "http2_push_preload", In: EveryHTTP, Args: Flag, check: obsolete},
	{Name: "http2_push", In: EveryHTTP, Args: Take1, check: obsolete},
}

var httpV3Rows = []Row{
	{Name: "http3", In: HTTP | Server, Args: Flag, Once: true, check: onOff, Status: Refused, Reason: "HTTP/3 is not served"},
	{Name: "http3_hq", In: HTTP | Server, Args: Flag, Once: true, check: onOff, Status: Refused, Reason: "HTTP/3 is not served"},
	{Name: "http3_max_concurrent_streams", In: HTTP | Server, Args: Take1, Once: true, check: number, Status: Refused, Reason: "HTTP/3 is not served"},
	{Name: "http3_stream_buffer_size", In: HTTP | Server, Args: Take1, Once: true, check: size, Status: Refused, Reason: "HTTP/3 is not served"},
	{Name: "quic_retry", In: HTTP | Server, Args: Flag, Once: true, check: onOff, Status: Refused, Reason: "HTTP/3 is not served"},
	{Name: "quic_gso", In: HTTP | Server, Args: Flag, Once: true, check: onOff, Status: Refused, Reason: "HTTP/3 is not served"},
	{Name: "quic_host_key", In: HTTP | Server, Args: Take1, Once: true, Status: Refused, Reason: "HTTP/3 is not served"},
	{Name: "quic_active_connection_id_limit", In: HTTP | Server, Args: Take1, Once: true, check: number, Status: Refused, Reason: "HTTP/3 is not served"},
}
