#include "transport/resolver/resolver.h"

namespace turbo {

Resolver::Resolver(EventLoop& loop, Done done)
    : loop_(loop),
      done_(std::move(done)),
      source_(loop.on_readable(lookup_.fd(), [this](Time) { tell(); })) {}

Resolver::~Resolver() { loop_.remove(source_); }

void Resolver::start(const std::string& host) {
  lookup_.start(host);
  tell();
}

void Resolver::tell() {
  if (const auto result = lookup_.take())
    done_(result->addresses.empty() ? nullptr : &result->addresses.front(), result->error);
}

}  // namespace turbo
