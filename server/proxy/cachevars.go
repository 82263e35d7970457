package proxy

import (
	"github.com/wheelpit/wheelpit/loop/http1"
	"github.com/wheelpit/wheelpit/pipeline"
	"github.com/wheelpit/wheelpit/server/cache"
)

// AppendCacheStatus appends how the answer was come by: $upstream_cache_status.
func AppendCacheStatus(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	x := callOf(c)
	if x == nil || x.fill.status == cache.StatusNone {
		return dst, false
	}
	return append(dst, x.fill.status.String()...), true
}

// AppendCacheModified and AppendCacheETag append the validators of the entry that is revalidated: $upstream_cache_last_modified
// and $upstream_cache_etag.
func AppendCacheModified(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if x := callOf(c); x != nil && x.fill.asks {
		if t := x.fill.req.Entry().Meta().LastModified; t >= 0 {
			return http1.AppendDate(dst, t), true
		}
	}
	return dst, false
}

// AppendCacheETag is for $upstream_cache_etag.
func AppendCacheETag(c *pipeline.Ctx, dst []byte) ([]byte, bool) {
	if x := callOf(c); x != nil && x.fill.asks {
		if tag := x.fill.req.Entry().Meta().ETag; len(tag) > 0 {
			return append(dst, tag...), true
		}
	}
	return dst, false
}

// Cacheable tells whether the answer comes from a cache, or may be kept in one: then it is for the server to heed the conditions
// of the request.
func Cacheable(c *pipeline.Ctx) bool {
	x := callOf(c)
	return x != nil && x.fill.on && (x.fill.whole || x.msg != &x.res)
}
