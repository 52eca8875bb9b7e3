#pragma once
// What is wrong with one thing now, so that the log has a line when it begins, changes and ends, and none for
// each frame. Texts that differ in numbers only (context ids, sizes) are the same trouble.

#include <algorithm>
#include <string>
#include <utility>

namespace turbo {

class Trouble {
 public:
  // True: it is news, say so.
  bool begin(std::string what) {
    std::erase_if(what, [](char c) { return c >= '0' && c <= '9'; });
    const bool news = !on_ || what != what_;
    on_ = true;
    what_ = std::move(what);
    return news;
  }
  // True: there was one, say that it is over.
  bool end() { return std::exchange(on_, false); }

 private:
  bool on_ = false;
  std::string what_;
};

}  // namespace turbo
