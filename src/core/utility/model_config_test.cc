#include "core/utility/model_config.h"

#include <gtest/gtest.h>

namespace turbo {
namespace {

TEST(ModelConfig, EveryAllowedFormComesBackAsItWent) {
  int count = 0;
  for (const char* image : {"None", "50", "75", "90", "95", "PNG"}) {
    for (const char* input : {"None", "50", "75", "90", "95", "PNG"}) {
      const std::string text = std::string("td2-imgcomp") + image + "-inpcomp" + input;
      const auto config = parse_model_config(text);
      const bool allowed = image == std::string("None") || input == std::string("None");
      ASSERT_EQ(config.has_value(), allowed) << text;
      if (!config) continue;
      EXPECT_EQ(format_model_config(*config), text);
      EXPECT_EQ(config->model, "td2");
      ++count;
    }
  }
  EXPECT_EQ(count, 11);
}

TEST(ModelConfig, ModelNamesMayHoldHyphens) {
  const auto config = parse_model_config("efficientdet-d7x-imgcomp50-inpcompNone");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->model, "efficientdet-d7x");
  EXPECT_EQ(jpeg_quality(config->image), 50);
  EXPECT_EQ(jpeg_quality(config->input), 0);
}

TEST(ModelConfig, AnythingElseIsRefusedWithAReason) {
  for (const std::string text :
       {"", "td2", "td2-imgcompNone", "td2-inpcompNone", "-imgcompNone-inpcompNone",
        "td2-inpcompNone-imgcompNone", "td2-imgcompnone-inpcompNone", "td2-imgcomp60-inpcompNone",
        "td2-imgcompNone-inpcomp", "td2-imgcompNone-inpcompNone ", " td2-imgcompNone-inpcompNone",
        "td/2-imgcompNone-inpcompNone", "td2--imgcompNone-inpcompNone", "td2-imgcomp050-inpcompNone",
        "td2-imgcompNone-inpcompNone\n"}) {
    std::string error;
    EXPECT_FALSE(parse_model_config(text, &error)) << text;
    EXPECT_NE(error.find("model configuration"), std::string::npos) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
  std::string error;
  EXPECT_FALSE(parse_model_config(std::string(100000, 'a') + "-imgcompNone-inpcompNone", &error));
  EXPECT_LT(error.size(), 400u);
}

}  // namespace
}  // namespace turbo
