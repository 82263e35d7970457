package limit

const (
	// MinZone is the least size of a zone in bytes (NGINX: 8 pages).
	MinZone = 8 * pageSize
	// MaxZone is the greatest, so that the numbers of states stay within 31 bits.
	MaxZone = 1 << 40
	// MaxReqKey and MaxConnKey bound a key in bytes; requests with a longer one are not counted (NGINX: the same).
	MaxReqKey  = 65535
	MaxConnKey = 255
	// MaxRate bounds a rate in thousandths of a request per second, so that no product of it overflows: a million requests
	// per second (NGINX: none).
	MaxRate = 1e9
	// MaxBurst bounds burst and delay in requests (NGINX: none).
	MaxBurst = 1e12
)

// The sizes of NGINX's shared memory on 64-bit machines, which decide how many states a zone has room for.
const (
	pageSize    = 4096
	pageEntry   = 24  // ngx_slab_page_t
	slabHead    = 704 // ngx_slab_pool_t with nine slots and their statistics
	reqStateLen = 80  // ngx_rbtree_node_t and ngx_http_limit_req_node_t up to its key
	connState   = 36  // the same of ngx_http_limit_conn_node_t
)

// shardSize is the least size of a shard in bytes, maxShards their greatest number.
const (
	shardSize = 1 << 20
	maxShards = 16
)

// inlineKey is how many bytes of key a state holds; of longer keys it holds the digest.
const inlineKey = 40
