package pool

const (
	// MinSize is the smallest size class in bytes.
	MinSize = 512
	// MaxSize is the largest size class in bytes; larger buffers come from the Go heap and are not kept.
	MaxSize = 1 << 20

	// localBytes bounds the free bytes that one Local keeps in one class: enough for a reactor's burst, small enough
	// that 11 classes cannot hold more than about 11 MiB per reactor.
	localBytes = 1 << 20
	// sharedBytes bounds the free bytes that the Pool keeps in one class.
	sharedBytes = 8 << 20

	// DefaultWorkers is how many tasks run at the same time. NGINX's thread_pool default is 32 for file reads alone;
	// ours also runs views that wait for a database.
	DefaultWorkers = 256
	// DefaultQueue is how many tasks may wait for a worker (NGINX thread_pool max_queue: 65536).
	DefaultQueue = 4096
)
