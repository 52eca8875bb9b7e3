#include "lab/profile/profiler.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "core/utility/model_table.h"

namespace turbo {
namespace {

TEST(Profiler, ListsEveryConfigurationOnceAndTheRawOneTwice) {
  const auto variants = variants_of({.name = "td2"});
  EXPECT_EQ(variants.size(), 12u);
  std::set<std::string> names;
  for (const Variant& v : variants) {
    const std::string name = format_model_config(v.config);
    EXPECT_TRUE(parse_model_config(name).has_value()) << name;
    names.insert(name);
    EXPECT_TRUE(v.config.image == Compression::kNone || v.whole_frame) << name;
    EXPECT_TRUE(v.config.input == Compression::kNone || !v.whole_frame) << name;
  }
  EXPECT_EQ(names.size(), 11u);
  EXPECT_EQ(variants_of({.name = "td1", .onvehicle = true}, {{100, 50, 0, 30}}).size(), 1u);
  EXPECT_EQ(variants_of({.name = "td2"}, {{100, 50, 0, 30}, {50, 50, 0, 0}}).size(), 18u);
}

TEST(Profiler, WritesATableThatTheAllocatorReads) {
  std::ostringstream out;
  write_model_table(
      {{{.model = "td1"}, 0, 4.256, .25}, {{.model = "td2", .image = Compression::kJpeg50}, 1.25, 40, .5}},
      out);
  EXPECT_EQ(out.str(),
            "Model,Network Transport Size [Mb],Runtime [ms],Utility [AP]\n"
            "td1-imgcompNone-inpcompNone,0.0000,4.26,0.2500\n"
            "td2-imgcomp50-inpcompNone,1.2500,40.00,0.5000\n");
  const ModelTable table = parse_model_table(out.str(), "table");
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_TRUE(table.has_utility);
  EXPECT_DOUBLE_EQ(table.rows[1].size_megabits, 1.25);
}

TEST(Profiler, Quantiles) {
  EXPECT_EQ(quantile({}, .5), 0);
  EXPECT_EQ(quantile({3, 1, 2}, .5), 2);
  EXPECT_EQ(quantile({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, .9), 10);
}

TEST(Profiler, SaysWhichModelCannotBeLoaded) {
  std::ostringstream progress;
  EXPECT_THROW(profile({.models = {{"td2", "no/such/model.onnx"}}, .frames = 1}, progress, false),
               std::runtime_error);
}

}  // namespace
}  // namespace turbo
