#pragma once
// Evaluation data as files in the published layout, made of an accuracy of every frame.

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/utility/model_config.h"
#include "core/utility/utility_timeline.h"
#include "evaluation/evaluation_layout.h"
#include "parquet/parquet_writer.h"

namespace turbo {

inline constexpr std::array kEvaluationWindows{1, 10, 20, 30, 40, 50};  // frames; the published sizes

// The columns of every file.
std::vector<TableColumn> evaluation_columns();

// One file. An accuracy is from 0 to 1; nothing: a right empty answer. One thread; throws as ParquetWriter
// does.
class EvaluationTable {
 public:
  EvaluationTable(const Database& database, const std::filesystem::path& file);
  void window_row(std::string_view context, int camera, const UtilityWindow& window,
                  std::optional<double> accuracy);
  // What is not given is over all of them.
  void overall_row(std::optional<std::string_view> context, std::optional<int> camera,
                   std::optional<double> accuracy);
  std::uint64_t finish();  // rows

 private:
  void end_row(std::optional<double> accuracy);
  ParquetWriter writer_;
};

// "kind-000042"
std::string scenario_name(std::string_view kind, std::uint64_t number);
// The frames `first` to `last` of the n-th scenario: 10 a second, scenarios an hour apart.
UtilityWindow evaluation_window(std::size_t scenario, int first, int last);

// All window sizes of one configuration. Windows follow each other, the last may be shorter; every file also
// has a camera's frames in a scenario together, all cameras', and both over everything. Frames is what is
// known of some frames: default-constructed of none, add(const Frames&) takes in others, accuracy() is theirs
// as EvaluationTable takes it. One thread; throws as ParquetWriter does.
template <typename Frames>
class ConfigurationWriter {
 public:
  // The model's folder is made if need be.
  ConfigurationWriter(const Database& database, const std::filesystem::path& folder,
                      const ModelConfig& config, std::span<const int> window_sizes,
                      std::span<const int> cameras)
      : window_sizes_(window_sizes.begin(), window_sizes.end()),
        cameras_(cameras.begin(), cameras.end()),
        of_camera_(cameras.size()) {
    std::filesystem::create_directories(folder / evaluation_folder_name(config.model));
    for (const int size : window_sizes_)
      tables_.emplace_back(database, folder / evaluation_file(config, size));
  }

  // frames: [camera][frame], a Frames of one frame each.
  void add_scenario(const std::string& name, const std::vector<std::vector<Frames>>& frames) {
    Frames whole;
    for (std::size_t c = 0; c < cameras_.size(); ++c) {
      Frames all;
      for (const Frames& frame : frames[c]) all.add(frame);
      for (std::size_t i = 0; i < tables_.size(); ++i)
        add_windows(name, cameras_[c], frames[c], window_sizes_[i], tables_[i]);
      overall_rows(name, cameras_[c], all);
      whole.add(all);
      of_camera_[c].add(all);
    }
    overall_rows(name, std::nullopt, whole);
    ++scenarios_;
  }

  // Writes the files; the accuracy over everything is then known.
  std::uint64_t finish() {
    for (std::size_t c = 0; c < cameras_.size(); ++c) {
      overall_rows(std::nullopt, cameras_[c], of_camera_[c]);
      everything_.add(of_camera_[c]);
    }
    overall_rows(std::nullopt, std::nullopt, everything_);
    std::uint64_t rows = 0;
    for (EvaluationTable& table : tables_) rows += table.finish();
    return rows;
  }
  std::optional<double> accuracy() const { return everything_.accuracy(); }

 private:
  void add_windows(const std::string& name, int camera, const std::vector<Frames>& frames, int size,
                   EvaluationTable& table) const {
    const int count = int(frames.size());
    for (int first = 0; first < count; first += size) {
      const int last = std::min(first + size, count) - 1;
      Frames together;
      for (int i = first; i <= last; ++i) together.add(frames[std::size_t(i)]);
      table.window_row(name, camera, evaluation_window(scenarios_, first, last), together.accuracy());
    }
  }

  void overall_rows(std::optional<std::string_view> name, std::optional<int> camera, const Frames& frames) {
    const auto accuracy = frames.accuracy();
    for (EvaluationTable& table : tables_) table.overall_row(name, camera, accuracy);
  }

  std::vector<int> window_sizes_, cameras_;
  std::vector<EvaluationTable> tables_;  // one a window size
  std::vector<Frames> of_camera_;        // of all scenarios
  Frames everything_;                    // after finish()
  std::size_t scenarios_ = 0;
};

}  // namespace turbo
