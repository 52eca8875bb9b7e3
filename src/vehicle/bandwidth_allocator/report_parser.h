#pragma once
// The JSON of car-server-bw-service, as the QUIC client (or any other process in its place) sends it.

#include <optional>
#include <string>

#include "core/planning/link_report.h"

namespace turbo {

// {"bw": Mbps, "rtt": ms} and, each of them optional or null, "bw_low", "bw_high" (Mbps), "min_rtt" (ms),
// "app_limited", "connected", and "services": {"1": {"config": name, "finished": n, "in_time": n,
// "all_finished" and "all_in_time" (without them as those two), "frame_bytes", "server_ms", "cloud_ms":
// {"p50": x, "p95": y}}}. An rtt of 0 is one that is not known. Other members are ignored. Nothing, with the
// reason in error as one line that names the member, for anything else: longer than 64 KiB, not a JSON
// object, a member that is missing, stands twice, is of another type, not finite, below 0, absurdly large, or
// contradicts another one. rtt_source is left empty.
std::optional<LinkReport> parse_link_report(const std::string& text, std::string& error);

}  // namespace turbo
