#include "cloud/model_server/recorded_answers.h"
#include "tests/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

namespace turbo {
namespace {

using testing::HasSubstr;

class RecordedAnswersTest : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const auto path = folder_ / name;
    std::ofstream(path) << text;
    return path;
  }
  std::string refusal(const std::string& name, const std::string& text) {
    try {
      RecordedAnswers answers(write(name, text), {});
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "taken";
  }
  test::TemporaryFolder folder_;
};

int first_label(RecordedAnswers& answers, std::uint64_t context_id, const std::string& config = "any") {
  const auto response = answers.answer({.context_id = context_id, .model_config = config}, {});
  EXPECT_EQ(response.status, Status::kOk);
  return response.detections.empty() ? -1 : response.detections[0].label;
}

TEST_F(RecordedAnswersTest, JsonByContextIdElseInOrder) {
  RecordedAnswers answers(write("a.jsonl", R"({"context_id": 40, "detections": [[1, 2, 3, 4, 0.5, 1]]}

{"detections": []}
{"context_id": 41, "detections": [[1, 2, 3.5, 4, 1, 2], [0, 0, 9, 9, 0.25, 4]]}
)"),
                          {});
  EXPECT_EQ(first_label(answers, 41), 2);
  EXPECT_EQ(first_label(answers, 1), 1);
  EXPECT_EQ(first_label(answers, 2), -1);
  EXPECT_EQ(first_label(answers, 40), 1);
  EXPECT_EQ(first_label(answers, 3), 2);
  EXPECT_EQ(first_label(answers, 4), 1);
  EXPECT_THAT(answers.description(), HasSubstr("SIMULATED"));
}

TEST_F(RecordedAnswersTest, CsvByFrame) {
  RecordedAnswers answers(
      write("a.csv",
            "label,frame,x_min,y_min,x_max,y_max,score\n3,9,1,1,5,5,.5\n2,9,1,1,5,5,0.5\n0,11,1,1,5,5,1\n"),
      {});
  EXPECT_EQ(answers.answer({}, {}).detections.size(), 2u);
  EXPECT_EQ(first_label(answers, 1), 0);
  EXPECT_EQ(first_label(answers, 2), 3);
}

TEST_F(RecordedAnswersTest, MistakesAreNamedByLine) {
  EXPECT_THAT(refusal("empty.jsonl", ""), HasSubstr("no recorded answers"));
  EXPECT_THAT(refusal("empty.csv", ""), HasSubstr("no recorded answers"));
  for (const std::string line :
       {"x", "[]", "{}", R"({"detections": 3})", R"({"detections": [[1, 2, 3]]})",
        R"({"detections": [[5, 2, 3, 4, 0.5, 1]]})", R"({"detections": [[1, 2, 3, 4, 1.5, 1]]})",
        R"({"detections": [[1, 2, 3, 4, 0.5, 5]]})", R"({"detections": [[1, 2, 3, 4, 0.5, 1.5]]})",
        R"({"detections": [[1, 2, 3, 4, "0.5", 1]]})", R"({"context_id": -1, "detections": []})",
        R"({"detections": [[1, 2, 1e300, 4, 0.5, 1]]})"})
    EXPECT_THAT(refusal("a.jsonl", "{\"detections\": []}\n" + line + "\n"), HasSubstr("a.jsonl:2: expected"))
        << line;
  EXPECT_THAT(refusal("a.csv", "frame,x_min\n"), HasSubstr("a.csv:1: expected the columns"));
  EXPECT_THAT(refusal("a.csv", "frame,x_min,y_min,x_max,y_max,score,label\n1,2,3\n"),
              HasSubstr("a.csv:2: expected"));
}

TEST_F(RecordedAnswersTest, LatenciesByConfigurationTheLongerOfTwo) {
  const LatencyTable table(write(
      "t.csv", "Model,Network Transport Size [Mb],Runtime [ms]\nslow,1,60000\nquick,1,2\nquick,1,5\n\n"));
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.find("quick"), std::chrono::milliseconds(5));
  EXPECT_FALSE(table.find("other"));
  RecordedAnswers answers(write("a.jsonl", "{\"detections\": []}\n"), table);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_DOUBLE_EQ(answers.answer({.model_config = "quick"}, {}).inference_s, 0.005);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(5));
}

TEST_F(RecordedAnswersTest, AStopEndsTheWait) {
  RecordedAnswers answers(write("a.jsonl", "{\"detections\": []}\n"),
                          LatencyTable(write("t.csv", "Model,Runtime [ms]\nslow,60000\n")));
  std::thread asker([&] { answers.answer({.model_config = "slow"}, {}); });
  answers.hurry();
  asker.join();
}

TEST_F(RecordedAnswersTest, BadTablesAreNamedByLine) {
  const auto why = [&](const std::string& text) {
    try {
      LatencyTable table(write("t.csv", text));
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string("taken");
  };
  EXPECT_THAT(why("Model,Time\n"), HasSubstr("t.csv:1: expected the columns"));
  EXPECT_THAT(why("Model,Runtime [ms]\na\n"), HasSubstr("t.csv:2: expected 2 fields"));
  for (const std::string runtime : {"", "x", "-1", "nan", "inf", "1e9", "5 ms"})
    EXPECT_THAT(why("Model,Runtime [ms]\na," + runtime + "\n"), HasSubstr("t.csv:2: expected a runtime"))
        << runtime;
  EXPECT_THROW(LatencyTable("/nowhere/t.csv"), std::runtime_error);
}

}  // namespace
}  // namespace turbo
