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

TEST(ModelConfig, AFrameRateAndARegionMayFollow) {
  for (const std::string tail : {"-fps2", "-fps0.5", "-fps1.25", "-fps1000", "-fps0.001", "-roi100x50+0+25",
                                 "-roi1x1+99+99", "-roi50x100+50+0", "-fps2-roi60x40+20+30"}) {
    const std::string text = "td2-imgcompNone-inpcomp50" + tail;
    std::string error;
    const auto config = parse_model_config(text, &error);
    ASSERT_TRUE(config) << error;
    EXPECT_EQ(format_model_config(*config), text);
  }
  const auto config = parse_model_config("td2-imgcomp50-inpcompNone-fps2.5-roi60x40+20+30");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->frames_per_s, 2.5);
  EXPECT_EQ(config->region, (FrameRegion{60, 40, 20, 30}));
  for (const std::string tail : {"-fps",
                                 "-fps0",
                                 "-fps-1",
                                 "-fps02",
                                 "-fps2.50",
                                 "-fps2.",
                                 "-fps1e2",
                                 "-fps0.0001",
                                 "-fps1001",
                                 "-fpsnan",
                                 "-fpsinf",
                                 "-fps2-fps2",
                                 "-roi",
                                 "-roi50",
                                 "-roi50x50",
                                 "-roi50x50+0",
                                 "-roi50x50+0+0+0",
                                 "-roi0x50+0+0",
                                 "-roi100x100+0+0",
                                 "-roi60x50+41+0",
                                 "-roi50x60+0+41",
                                 "-roi050x50+0+0",
                                 "-roi-5x50+0+0",
                                 "-roi50x50-1+0",
                                 "-roi50x50+0+0-fps2",
                                 "-roi50x50+0+0 ",
                                 "-roi99999999999x1+0+0",
                                 "fps2"})
    EXPECT_FALSE(parse_model_config("td2-imgcompNone-inpcomp50" + tail)) << tail;
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
  EXPECT_LT(error.size(), 500u);
}

TEST(ModelConfig, AFrameGoesByTheNameWithoutTheRate) {
  EXPECT_EQ(format_frame_config(*parse_model_config("td2-imgcompNone-inpcomp50-fps2-roi100x50+0+25")),
            "td2-imgcompNone-inpcomp50-roi100x50+0+25");
  EXPECT_EQ(format_frame_config({.model = "td1"}), "td1-imgcompNone-inpcompNone");
}

}  // namespace
}  // namespace turbo
