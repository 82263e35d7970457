-- A single request is rendered once: wrk calls wrk.format before the start and keeps what it returns. Only a list of
-- several requests costs a call of request() for each.
local next = 0
if #requests == 1 then
   wrk.format = function() return requests[1] end
else
   request = function()
      next = next % #requests + 1
      return requests[next]
   end
end

function done(summary, latency, _)
   local e = summary.errors
   io.write(string.format(
      "wheelpit requests=%d bytes=%.0f duration=%.0f connect=%d broken=%d status=%d",
      summary.requests, summary.bytes, summary.duration, e.connect, e.read + e.write + e.timeout, e.status))
   io.write(string.format(" p50=%.0f p90=%.0f p99=%.0f p999=%.0f max=%.0f\n",
      latency:percentile(50), latency:percentile(90), latency:percentile(99), latency:percentile(99.9), latency.max))
end
