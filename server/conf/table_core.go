package conf

// The directives of the core and of events.

func coreModules() []module {
	return []module{
		{"core_module", coreRows},
		{"errlog_module", errlogRows},
		{"regex_module", regexRows},
		{"thread_pool_module", threadPoolRows},
		{"event_openssl", eventOpensslRows},
		{"event_openssl_cache", eventOpensslCacheRows},
		{"event_core_module", eventCoreRows},
		{"epoll_module", epollRows},
		{"devpoll_module", devpollRows},
		{"eventport_module", eventportRows},
		{"iocp_module", iocpRows},
		{"kqueue_module", kqueueRows},
		{"event_quic_bpf", eventQuicBpfRows},
		{"google_perftools_module", googlePerftoolsRows},
	}
}

var coreRows = []Row{
	{Name: "daemon", In: Main, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "master_process", In: Main, Args: Flag, Once: true, check: onOff, Status: Supported},
	{Name: "timer_resolution", In: Main, Args: Take1, Once: true, check: msec, Status: Accepted, Reason: "the clock is refreshed by a timer of its own"},
	{Name: "pid", In: Main, Args: Take1, Once: true, Status: Supported},
	{Name: "lock_file", In: Main, Args: Take1, Once: true, Status: Accepted, Reason: "there is no accept mutex"},
	{Name: "worker_processes", In: Main, Args: Take123, Once: true, check: workerProcesses, Status: Supported},
	{Name: "debug_points", In: Main, Args: Take1, Once: true, check: oneOf("stop", "abort"), Status: Accepted, Reason: "there are no debug points"},
	{Name: "user", In: Main, Args: Take12, Once: true, Status: Supported},
	{Name: "worker_priority", In: Main, Args: Take1, Once: true, check: priority, Status: Supported},
	{Name: "worker_cpu_affinity", In: Main, Args: More1, Once: true, check: cpuAffinity, Status: Supported},
	{Name: "worker_rlimit_nofile", In: Main, Args: Take1, Once: true, check: number, Status: Supported},
	{Name: "worker_rlimit_core", In: Main, Args: Take1, Once: true, check: offset, Status: Supported},
	{Name: "worker_shutdown_timeout", In: Main, Args: Take1, Once: true, check: msec, Status: Supported},
	{Name: "working_directory", In: Main, Args: Take1, Once: true, Status: Supported},
	{Name: "env", In: Main, Args: Take1, Status: Supported},
	{Name: "load_module", In: Main, Args: Take1, Status: Accepted, Reason: "modules are part of the program"},
	{Name: "include", In: anywhere, Args: Take1, Status: Supported},
}

var errlogRows = []Row{
	{Name: "error_log", In: Main, Args: More1, check: errorLog, Status: Supported},
}

var regexRows = []Row{
	{Name: "pcre_jit", In: Main, Args: Flag, Once: true, check: onOff, Status: Accepted, Reason: "expressions are compiled by Go"},
}

var threadPoolRows = []Row{
	{Name: "thread_pool", In: Main, Args: Take23, check: threadPool, Status: Accepted, Reason: "the worker goroutines are one pool"},
}

var eventOpensslRows = []Row{
	{Name: "ssl_engine", In: Main, Args: Take1, Once: true, Status: Refused, Reason: "keys are not taken from OpenSSL engines"},
}

var eventOpensslCacheRows = []Row{
	{Name: "ssl_object_cache_inheritable", In: Main, Args: Flag, Once: true, check: onOff},
}

var eventCoreRows = []Row{
	{Name: "events", In: Main, Args: NoArgs, Opens: Events, Once: true, Status: Supported},
	{Name: "worker_connections", In: Events, Args: Take1, Once: true, check: connections, Status: Supported},
	{Name: "use", In: Events, Args: Take1, Once: true, check: eventMethod, Status: Accepted, Reason: "the event method is the one of the operating system"},
	{Name: "multi_accept", In: Events, Args: Flag, Once: true, check: onOff, Status: Accepted, Reason: "accepting is bounded per event"},
	{Name: "accept_mutex", In: Events, Args: Flag, Once: true, check: onOff, Status: Accepted, Reason: "one process accepts; there is nothing to serialise"},
	{Name: "accept_mutex_delay", In: Events, Args: Take1, Once: true, check: msec, Status: Accepted, Reason: "one process accepts; there is nothing to serialise"},
	{Name: "debug_connection", In: Events, Args: Take1, check: debugConnection, Status: Accepted, Reason: "there is no debugging log"},
}

var epollRows = []Row{
	{Name: "epoll_events", In: Events, Args: Take1, Once: true, check: number, Status: Accepted, Reason: "the number of events per wait is fixed"},
	{Name: "worker_aio_requests", In: Events, Args: Take1, Once: true, check: number, Status: Accepted, Reason: "files are read by worker goroutines"},
}

var devpollRows = []Row{
	{Name: "devpoll_changes", In: Events, Args: Take1, Once: true, check: number, Status: Refused, Reason: "/dev/poll belongs to Solaris"},
	{Name: "devpoll_events", In: Events, Args: Take1, Once: true, check: number, Status: Refused, Reason: "/dev/poll belongs to Solaris"},
}

var eventportRows = []Row{
	{Name: "eventport_events", In: Events, Args: Take1, Once: true, check: number, Status: Refused, Reason: "event ports belong to Solaris"},
}

var iocpRows = []Row{
	{Name: "iocp_threads", In: Events, Args: Take1, Once: true, check: number, Status: Refused, Reason: "IOCP belongs to Windows"},
	{Name: "post_acceptex", In: Events, Args: Take1, Once: true, check: number, Status: Refused, Reason: "IOCP belongs to Windows"},
	{Name: "acceptex_read", In: Events, Args: Flag, Once: true, check: onOff, Status: Refused, Reason: "IOCP belongs to Windows"},
}

var kqueueRows = []Row{
	{Name: "kqueue_changes", In: Events, Args: Take1, Once: true, check: number, Status: Refused, Reason: "kqueue is set up by the program"},
	{Name: "kqueue_events", In: Events, Args: Take1, Once: true, check: number, Status: Refused, Reason: "kqueue is set up by the program"},
}

var eventQuicBpfRows = []Row{
	{Name: "quic_bpf", In: Main, Args: Flag, Once: true, check: onOff, Status: Refused, Reason: "HTTP/3 is not served"},
}

var googlePerftoolsRows = []Row{
	{Name: "google_perftools_profiles", In: Main, Args: Take1, Once: true, Status: Refused, Reason: "profiles are made with Go's tools"},
}
