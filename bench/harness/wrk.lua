-- Sends CALL_BODY as CALL_TYPE; with CALL_STATUSES set, counts the statuses of refused calls.
wrk.method = "POST"
wrk.body = os.getenv("CALL_BODY")
wrk.headers["Content-Type"] = os.getenv("CALL_TYPE")

local threads = {}
statuses = ""

function setup(thread)
  table.insert(threads, thread)
end

if os.getenv("CALL_STATUSES") then
  local seen = {}
  function response(status)
    if status >= 400 then
      seen[status] = (seen[status] or 0) + 1
      local parts = {}
      for each, count in pairs(seen) do
        table.insert(parts, string.format('"%d":%d', each, count))
      end
      statuses = table.concat(parts, ",")
    end
  end
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  local found = ""
  for _, thread in ipairs(threads) do
    found = thread:get("statuses") or ""
  end
  if errors.connect + errors.read + errors.write + errors.timeout > 0 then
    found = found .. (found == "" and "" or ",") .. string.format('"connect":%d,"read":%d,"write":%d,"timeout":%d',
      errors.connect, errors.read, errors.write, errors.timeout)
  end
  io.write(string.format('\nLOAD {"calls":%d,"seconds":%.3f,"failed":%d,"p50":%.0f,"p99":%.0f,"statuses":{%s}}\n',
    summary.requests, summary.duration / 1e6, failed, latency:percentile(50), latency:percentile(99), found))
end
