#pragma once
// Evaluation data joined with a model table: what every configuration is worth to every camera, over all of
// the data, in one scenario, or window by window. Nothing is kept but names: every question reads its rows
// from the files.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/utility/model_table.h"
#include "core/utility/service.h"
#include "core/utility/utility_timeline.h"
#include "evaluation/evaluation_layout.h"
#include "evaluation/motion_prediction.h"
#include "evaluation/window_series.h"
#include "parquet/database.h"

namespace turbo {

struct EvaluationSettings {
  std::string onvehicle_model = "edd1";  // as the model table names it
  std::vector<int> cameras = {1, 2,
                              3};  // a service each, of the same id, in this order; 6: motion prediction
  double slo_ms = 150;
  double frames_per_s = 10;
  std::vector<double>
      frame_rates_per_s;  // offered beside the table's, and what staleness costs: see add_frame_rates
  double staleness_cost_per_s = std::numeric_limits<double>::infinity();
  bool leave_out_missing =
      false;  // a cloud configuration of the table without data: left out with a note, no error
  Service motion_prediction = published_motion_prediction(10);  // asked frames_per_s times, as the cameras
  std::size_t memory_limit_bytes = std::size_t{1}
                                   << 30;  // of DuckDB's buffers, and as much for a batch of timelines
  int threads = 0;                         // 0: one a core
};

// For those who name none: 1, 2 and 3 as far as these data have them; all they have when they have none of
// the three. Reads one file. Throws std::runtime_error: one line that begins with the file or folder.
std::vector<int> usual_cameras(const std::filesystem::path& folder);

// May be asked by several threads at once. Errors are std::runtime_error, one line that begins with the file
// or folder.
class EvaluationData {
 public:
  // Throws when the folder, a model's data or the table's on-vehicle model is missing, or when the
  // configurations' shortest files have different scenarios. The table's own
  // utilities, if it has any, are not used.
  EvaluationData(const std::filesystem::path& folder, ModelTable table, EvaluationSettings settings);

  const std::vector<std::string>& notes() const { return notes_; }          // for a log
  const std::vector<std::string>& scenarios() const { return scenarios_; }  // sorted
  const std::vector<int>& window_sizes() const { return window_sizes_; }    // those of the on-vehicle model
  std::uint64_t rows() const;  // in all files of the configurations that are chosen from

  // Utilities over the whole data; over one scenario, or of each of several.
  std::vector<Service> services() const;
  std::vector<Service> services_of(const std::string& scenario) const;
  std::vector<std::vector<Service>> services_of(std::span<const std::string> scenarios) const;

  // Columns as services() has options. Of a scenario the windows that all chosen cameras have, with the first
  // one's times; an on-vehicle configuration and all others must have the same windows.
  UtilityTimeline timeline(const std::string& scenario, int window_size) const;
  std::vector<UtilityTimeline> timelines(std::span<const std::string> scenarios, int window_size) const;
  // Every scenario, in order, in bounded memory.
  void for_each_timeline(int window_size, const std::function<void(UtilityTimeline)>& each) const;

 private:
  struct Source {  // the data of one or more configurations
    std::string config;
    std::map<int, std::filesystem::path> files;
  };
  struct Column {  // an option of a camera
    std::size_t source = 0;
    double frames_per_s = 0;  // 0: every frame
  };

  void find_sources(const EvaluationFiles& files, ModelTable& table);
  void make_columns(ModelTable table);
  void expect_same_scenarios() const;
  std::size_t source_of(const ModelConfig& config) const;
  const std::filesystem::path& file_of(const Source& source, int window_size) const;
  void expect_scenarios(std::span<const std::string> scenarios) const;
  // [source][camera or series]
  using Accuracies = std::vector<std::vector<double>>;
  Accuracies overall(const SeriesIndex* index) const;
  std::vector<Service> services_from(const Accuracies& accuracies, std::size_t first) const;
  double utility(const Column& column, const Accuracies& accuracies, std::size_t place) const;
  using SeriesValues = std::vector<std::vector<std::vector<double>>>;  // [source][series][window]
  UtilityTimeline join(const SeriesIndex& index, std::size_t scenario, int window_size,
                       const std::vector<WindowSeries>& reference, const SeriesValues& values) const;
  std::vector<double> row_from(const Accuracies& now) const;
  std::size_t scenarios_a_batch(int window_size) const;

  std::filesystem::path folder_;
  EvaluationSettings settings_;
  Database database_;
  std::vector<std::string> notes_, scenarios_;
  std::vector<int> window_sizes_;
  std::vector<int> cameras_;          // the chosen ones that are cameras
  std::vector<Source> sources_;       // the on-vehicle model's first
  std::vector<ModelOption> options_;  // of every camera
  std::vector<Column> columns_;       // beside them
};

}  // namespace turbo
