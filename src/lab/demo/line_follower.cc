#include "lab/demo/line_follower.h"

#include <fstream>

namespace turbo {

void LineFollower::read(const std::function<void(const std::string&)>& take) {
  std::ifstream in(path_, std::ios::binary);
  if (!in.seekg(static_cast<std::streamoff>(offset_))) return;
  for (std::string line; std::getline(in, line) && !in.eof();) {  // without its end it is not whole yet
    offset_ += line.size() + 1;
    take(line);
  }
}

}  // namespace turbo
