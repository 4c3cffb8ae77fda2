-- SPDX-License-Identifier: Apache-2.0
-- wrk's requests, in turn out of a file of lines "GET path" or "POST path hex":
--   wrk … -s load.lua URL -- FILE
-- Prints what run reads: requests, seconds, and microseconds of latency.
local requests, count, next = {}, 0, 0

function init(args)
    for line in io.lines(args[1]) do
        local method, path, hex = line:match("^(%S+) (%S+) ?(%S*)$")
        local body = hex ~= "" and hex:gsub("..", function(byte)
            return string.char(tonumber(byte, 16))
        end) or nil
        local headers = { Host = "localhost" }
        if body then headers["Content-Type"] = "application/ocsp-request" end
        count = count + 1
        requests[count] = wrk.format(method, path, headers, body)
    end
end

function request()
    next = next % count + 1
    return requests[next]
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format("BENCH %d %.6f %d %d %d", summary.requests,
        summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status
        + errors.timeout))
end
