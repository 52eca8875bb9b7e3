# Writes INPUT, a text, as the C++ string turbo::kPage into OUTPUT, in pieces that every compiler takes.
file(READ ${INPUT} rest HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${rest}")
file(WRITE ${OUTPUT} "// Made from ${INPUT}.
#include \"vehicle/plotter/page.h\"
namespace turbo {
namespace {
constexpr unsigned char kBytes[] = {${bytes}};
}
const std::string_view kPage(reinterpret_cast<const char*>(kBytes), sizeof kBytes);
}  // namespace turbo
")
