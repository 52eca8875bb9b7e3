#pragma once

namespace turbo {

const char* version();  // "0.1.0"
const char* commit();   // of the built tree, with "+" if it was changed; "unknown" outside git

}  // namespace turbo
