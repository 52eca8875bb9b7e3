#pragma once
// A tiny set of evaluation data for tests, which can be damaged: two scenarios, cameras 1 and 2, four frames,
// the models edd1 (on the vehicle) and edd2.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "evaluation/evaluation_check.h"
#include "evaluation/evaluation_data.h"
#include "evaluation/evaluation_writer.h"
#include "tests/temporary_folder.h"

namespace turbo {

struct TestRow {
  std::optional<std::string> context;
  std::optional<int> camera, start_idx, end_idx;
  std::optional<std::int64_t> start_us, end_us;
  std::optional<double> accuracy;
};
using TestRows = std::vector<TestRow>;

inline constexpr const char* kTestTable =
    "Model,Network Transport Size [Mb],Runtime [ms]\n"
    "edd1-imgcompNone-inpcompNone,0,100\n"
    "edd2-imgcompNone-inpcompNone,59,35\n"
    "edd2-imgcompNone-inpcompNone,14,43\n"
    "edd2-imgcompPNG-inpcompNone,34,267\n"
    "edd2-imgcomp75-inpcompNone,2.8,78\n"
    "edd2-imgcompNone-inpcomp50,0.4,53\n";

class TestSet {
 public:
  static constexpr int kFrames = 4;
  static constexpr const char* kVehicle = "edd1-imgcompNone-inpcompNone";
  static constexpr const char* kCloud = "edd2-imgcompNone-inpcompNone";
  static constexpr const char* kImage = "edd2-imgcomp75-inpcompNone";
  static constexpr const char* kInput = "edd2-imgcompNone-inpcomp50";

  TestSet() {
    for (const char* config : {kVehicle, kCloud, kImage, kInput})
      for (const int size : {1, 2}) write(config, size, rows(config, size));
  }

  const test::TemporaryFolder& folder() const { return folder_; }
  std::filesystem::path file(const std::string& config, int window_size) const {
    return folder_.path() / evaluation_file(*parse_model_config(config), window_size);
  }

  // Of a frame: a multiple of 1/64, so that means are exact.
  static double accuracy(const std::string& config, const std::string& scenario, int camera, int frame) {
    const int quality = config == kVehicle ? 8 : config == kCloud ? 30 : config == kImage ? 28 : 26;
    return (quality + 2 * camera + frame * frame + (scenario == "b" ? 5 : 0)) / 64.0;
  }

  static TestRows rows(const std::string& config, int size) {
    TestRows rows;
    double everything[3] = {};
    for (const std::string scenario : {"a", "b"})
      for (const int camera : {1, 2}) {
        double whole = 0;
        for (int first = 0; first < kFrames; first += size) {
          double sum = 0;
          for (int i = first; i < first + size; ++i) sum += accuracy(config, scenario, camera, i);
          rows.push_back({scenario, camera, first, first + size - 1, time(scenario, first),
                          time(scenario, first + size - 1), sum / size});
          whole += sum;
        }
        rows.push_back({scenario, camera, {}, {}, {}, {}, whole / kFrames});
        everything[camera] += whole / kFrames / 2;
      }
    for (const int camera : {1, 2}) rows.push_back({{}, camera, {}, {}, {}, {}, everything[camera]});
    rows.push_back({{}, {}, {}, {}, {}, {}, (everything[1] + everything[2]) / 2});
    return rows;
  }

  static std::int64_t time(const std::string& scenario, int frame) {
    return (scenario == "b" ? 9'000'000 : 5'000'000) + frame * 100'000;
  }

  void write(const std::string& config, int window_size, const TestRows& rows) {
    const auto path = file(config, window_size);
    std::filesystem::create_directories(path.parent_path());
    ParquetWriter writer(database_, path, evaluation_columns());
    const auto put = [&](const auto& value) { value ? writer.put(*value) : writer.put_null(); };
    for (const TestRow& row : rows) {
      put(row.context);
      put(row.camera);
      put(row.start_idx);
      put(row.end_idx);
      put(row.start_us);
      put(row.end_us);
      put(row.accuracy);
      writer.end_row();
    }
    writer.finish();
  }

  void change(const std::string& config, int window_size, const std::function<void(TestRows&)>& edit) {
    TestRows changed = rows(config, window_size);
    edit(changed);
    write(config, window_size, changed);
  }

  // The file again, as a query makes it from `table`, which is its old rows.
  void rewrite(const std::string& config, int window_size, const std::string& select) {
    const auto path = file(config, window_size), old = path.parent_path() / "old";
    std::filesystem::rename(path, old);
    auto result = database_.query("COPY (WITH data AS (FROM " + parquet_source(old) + ") " + select +
                                  ") TO " + sql_text(path.string()) + " (FORMAT parquet)");
    while (result.next() != nullptr) {
    }
    std::filesystem::remove(old);
  }

  static ModelTable table(const std::string& more = "") {
    return parse_model_table(kTestTable + more, "table.csv");
  }

  EvaluationData open(EvaluationSettings settings = {.cameras = {1, 2}},
                      const std::string& more_table = "") const {
    return EvaluationData(folder_.path(), table(more_table), std::move(settings));
  }

  EvaluationReport check(EvaluationSettings settings = {.cameras = {1, 2}},
                         const std::string& more_table = "") const {
    return check_evaluation(folder_.path(), table(more_table), settings, [](std::size_t) {});
  }

  // DIR stands for the set's folder, D1 and D2 for the beginnings of its files.
  std::string plain(std::string text) const {
    for (const auto& [what, name] : {std::pair<std::string, std::string>{folder_.path(), "DIR"},
                                     {"DIR/efficientdet-d1/efficientdet-d1", "D1"},
                                     {"DIR/efficientdet-d2/efficientdet-d2", "D2"}})
      for (auto at = text.find(what); at != std::string::npos; at = text.find(what))
        text.replace(at, what.size(), name);
    return text;
  }

  template <typename Work>
  std::string error_of(const Work& work) const {
    try {
      work();
    } catch (const std::runtime_error& error) {
      return plain(error.what());
    }
    return "";
  }

 private:
  test::TemporaryFolder folder_;
  Database database_{{.memory_limit_bytes = std::size_t{1} << 28}};
};

}  // namespace turbo
