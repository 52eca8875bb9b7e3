#include "lab/bench/frame_record.h"

namespace turbo {
namespace {
constexpr std::uint64_t kIdsOfService = 1'000'000;
long long nanoseconds_of(Time at) { return at.time_since_epoch().count(); }
}  // namespace

std::uint64_t FrameRecord::hand_over(std::size_t service, std::uint64_t bytes, Time now) {
  services_[service].push_back({bytes, now, {}, {}});
  return (service + 1) * kIdsOfService + services_[service].size();
}

FrameRecord::Frame* FrameRecord::find(std::uint64_t context_id) {
  const std::uint64_t service = context_id / kIdsOfService, number = context_id % kIdsOfService;
  if (service == 0 || service > services_.size()) return nullptr;
  auto& frames = services_[service - 1];
  return number == 0 || number > frames.size() ? nullptr : &frames[number - 1];
}

void FrameRecord::arrived(std::uint64_t context_id, Time now) {
  if (Frame* frame = find(context_id)) frame->arrived = now;
}
void FrameRecord::answered(std::uint64_t context_id, Time now) {
  if (Frame* frame = find(context_id)) frame->answered = now;
}

void FrameRecord::write(std::FILE* to) const {
  for (std::size_t service = 0; service < services_.size(); ++service)
    for (const Frame& frame : services_[service])
      std::fprintf(to,
                   "{\"frame\":{\"service\":%zu,\"bytes\":%llu,\"handed_ns\":%lld,\"arrived_ns\":%lld,"
                   "\"answered_ns\":%lld}}\n",
                   service, static_cast<unsigned long long>(frame.bytes), nanoseconds_of(frame.handed),
                   nanoseconds_of(frame.arrived), nanoseconds_of(frame.answered));
  for (const Note& note : notes_)
    std::fprintf(to, "{\"%s\":%s,\"t_ns\":%lld}\n", note.kind, note.json.c_str(), nanoseconds_of(note.at));
}

}  // namespace turbo
