#pragma once
// Where the status goes: redrawn in place on a terminal, a plain line now and then elsewhere. NO_COLOR and
// TERM=dumb are respected.

#include <string>
#include <vector>

namespace turbo {

class Terminal {
 public:
  Terminal();

  bool redraws() const { return redraws_; }
  bool colour() const { return colour_; }
  void draw(const std::vector<std::string>& lines);  // over the block before
  void say(const std::string& line);                 // stays, above the block
  void leave();                                      // the block stays as it is; what is said follows it

 private:
  void erase();
  bool redraws_, colour_;
  std::size_t drawn_ = 0;
  std::vector<std::string> block_;
};

}  // namespace turbo
