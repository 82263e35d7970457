// Package slice answers from pieces of equal size that are asked for one after the other, so that a cache can keep them: NGINX's
// slice filter.
//
//	client: Range: bytes=25-34        slices of 10 bytes of 100
//	handler, with $slice_range        bytes=20-29   ─▶ 206, Content-Range: bytes 20-29/100   ─▶ 206, bytes 25-34/100, "5…"
//	Config.Fetch                      bytes=30-39   ─▶ 206, Content-Range: bytes 30-39/100   ─▶ "…4"
//
// The handler of the location, a proxy, sends $slice_range as its Range. The filter makes a whole of its answer, takes the range
// of the client from it, and has the slices that follow fetched while the body is sent. A slice that is not what was asked
// for, or of another entity tag, ends the connection.
//
// The filter is its own range filter: of one range, as in NGINX; several are answered with the whole. It is the innermost of
// all filters (filter.Order).
package slice
