#pragma once
// Delivery rate of a simulated QUIC sender, as draft-cheng-iccrg-delivery-rate-estimation has it: a sample
// for every batch of acknowledgements, marked when the application was the limit. What ngtcp2's congestion
// controller sees inside; the estimator under test never does.

#include <algorithm>
#include <cstdint>

#include "core/time.h"

namespace turbo::simulate {

// What was known when a packet was sent.
struct SendStamp {
  std::int64_t delivered = 0, lost = 0;
  std::int64_t in_flight = 0;  // with the packet itself
  Time delivered_at, first_sent_at;
  bool app_limited = false;
};

struct RateSample {  // of one batch of acknowledgements
  double bytes_per_s = 0;
  std::int64_t delivered = 0;  // in the sample's interval
  std::int64_t newly_acked = 0, newly_lost = 0;
  std::int64_t lost = 0;  // since the newest acknowledged packet was sent
  SendStamp newest;       // of that packet
  Time newest_sent_at;
  Duration rtt = Duration::min();  // min: none
};

class DeliveryRate {
 public:
  explicit DeliveryRate(Time now) : delivered_at_(now), first_sent_at_(now) {}

  SendStamp on_sent(Time now, std::int64_t bytes, std::int64_t in_flight_before) {
    if (in_flight_before == 0) first_sent_at_ = delivered_at_ = now;
    return {delivered_,    lost_,          in_flight_before + bytes,
            delivered_at_, first_sent_at_, app_limited_until_ > 0};
  }

  void on_acked(Time now, std::int64_t bytes, Time sent_at, const SendStamp& stamp) {
    delivered_ += bytes;
    delivered_at_ = now;
    sample_.newly_acked += bytes;
    if (sampled_ && stamp.delivered < sample_.newest.delivered) return;
    sampled_ = true;
    sample_.newest = stamp;
    sample_.newest_sent_at = sent_at;
    send_elapsed_ = sent_at - stamp.first_sent_at;
    first_sent_at_ = sent_at;
  }

  void on_lost(std::int64_t bytes) {
    lost_ += bytes;
    sample_.newly_lost += bytes;
  }

  // The application has nothing to send: what is in flight now, and what follows, measures no link.
  void on_app_limited(std::int64_t in_flight) {
    app_limited_until_ = std::max<std::int64_t>(delivered_ + in_flight, 1);
  }

  // Ends the batch.
  RateSample take(Duration min_rtt) {
    RateSample sample = sample_;
    if (app_limited_until_ > 0 && delivered_ > app_limited_until_) app_limited_until_ = 0;
    if (sampled_) {
      sample.delivered = delivered_ - sample.newest.delivered;
      sample.lost = lost_ - sample.newest.lost;
      const Duration interval = std::max(send_elapsed_, delivered_at_ - sample.newest.delivered_at);
      if (interval >= min_rtt && interval > Duration::zero())
        sample.bytes_per_s = static_cast<double>(sample.delivered) / seconds(interval);
    }
    sample_ = {};
    sampled_ = false;
    return sample;
  }

  std::int64_t delivered() const { return delivered_; }
  std::int64_t lost() const { return lost_; }
  bool app_limited() const { return app_limited_until_ > 0; }

 private:
  std::int64_t delivered_ = 0, lost_ = 0;
  std::int64_t app_limited_until_ = 0;  // 0: not limited
  Time delivered_at_, first_sent_at_;
  RateSample sample_;
  bool sampled_ = false;
  Duration send_elapsed_{};
};

}  // namespace turbo::simulate
