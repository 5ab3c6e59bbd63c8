-- For wrk: sends the requests of the file named by REQUESTS, one after the other, and prints one JSON line of figures.
-- A line is method, path, headers (with the unit separator between) and body, with tabs between; a request is sent again only when all were.
local lines, at = {}, 0
function init()
  for line in io.lines(os.getenv("REQUESTS")) do
    local method, path, more, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local headers = { ["Content-Type"] = "application/json", ["Host"] = os.getenv("SHOP_HOST") }
    for name, value in more:gmatch("([^:\31]+): ([^\31]*)") do headers[name] = value end
    lines[#lines + 1] = wrk.format(method, path, headers, body)
  end
end
function request()
  at = at % #lines + 1
  return lines[at]
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    'JSON {"requests":%d,"rate":%.2f,"p50":%.3f,"p95":%.3f,"p99":%.3f,"most":%.3f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000,
    latency:percentile(95) / 1000, latency:percentile(99) / 1000, latency.max / 1000, e.status,
    e.connect + e.read + e.write + e.timeout))
end
