#include "evaluation/evaluation_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

#include "evaluation/evaluation_rows.h"
#include "evaluation/overall_rows.h"
#include "evaluation/parallel.h"
#include "parquet/printable.h"

namespace turbo {
namespace {

constexpr std::array kAllCameras{1, 2, 3, 4, 5};

class Checker {
 public:
  Checker(EvaluationFiles files, const EvaluationSettings& settings,
          const std::function<void(std::size_t)>& on_file)
      : files_(std::move(files)),
        settings_(settings),
        on_file_(on_file),
        database_({.memory_limit_bytes = settings.memory_limit_bytes, .keep_order = false}),
        threads_(settings.threads > 0 ? std::size_t(settings.threads)
                                      : std::max(1u, std::thread::hardware_concurrency())) {
    const std::string vehicle = format_model_config({.model = settings.onvehicle_model});
    reference_ = files_.by_config.contains(vehicle) ? vehicle : files_.by_config.begin()->first;
    for (const auto& [config, by_window] : files_.by_config) {
      total_ += by_window.size();
      for (const auto& [window_size, file] : by_window) window_sizes_.insert(window_size);
    }
  }

  void run(EvaluationReport& report) {
    for (const int window_size : window_sizes_) check_window_size(window_size, report);
    report.files = total_;
    for (const auto& [config, by_window] : files_.by_config) {
      report.configurations.push_back({config, rows_[config]});
      for (const auto& [window_size, file] : by_window) {
        std::error_code ignored;
        report.bytes += std::filesystem::file_size(file, ignored);
        report.rows += rows_[config][window_size];
      }
    }
    report.scenarios = scenarios_.size();
    report.cameras.assign(cameras_.begin(), cameras_.end());
  }

 private:
  struct File {
    std::string config;
    std::filesystem::path path;
    std::string problem;
  };

  // The file of the reference comes first, if there is one.
  std::vector<File> files_of(int window_size, EvaluationReport& report) const {
    std::vector<File> files;
    for (const auto& [config, by_window] : files_.by_config) {
      const auto found = by_window.find(window_size);
      if (found != by_window.end())
        files.insert(config == reference_ ? files.begin() : files.end(), {config, found->second, ""});
      else
        report.problems.push_back(
            (files_.folder / evaluation_file(*parse_model_config(config), window_size)).string() +
            ": missing; other configurations have this window size");
    }
    return files;
  }

  void check_window_size(int window_size, EvaluationReport& report) {
    std::vector<File> files = files_of(window_size, report);
    std::vector<std::string> contexts;
    guard(files[0], [&] { contexts = read_contexts(database_, files[0].path); });
    if (contexts.empty() && files[0].problem.empty())
      files[0].problem = files[0].path.string() + ": no scenario in it";
    scenarios_.insert(contexts.begin(), contexts.end());
    in_parallel(files.size(), threads_, [&](std::size_t i) {
      guard(files[i], [&] { check_alone(files[i], window_size, contexts); });
    });
    const std::size_t batch = scenarios_a_batch(files[0], window_size, contexts.size());
    for (std::size_t first = 0; first < contexts.size(); first += batch) {
      const std::size_t count = std::min(batch, contexts.size() - first);
      check_windows(
          files, window_size,
          SeriesIndex(std::span(contexts).subspan(first, count), kAllCameras, count == contexts.size()));
    }
    for (const File& file : files)
      if (!file.problem.empty()) report.problems.push_back(file.problem);
    for (std::size_t i = 0; i < files.size(); ++i) on_file_(total_);
  }

  // Keeps a file's first problem; a file that has one is not read again.
  template <typename Work>
  void guard(File& file, const Work& work) const {
    if (!file.problem.empty()) return;
    try {
      work();
    } catch (const std::runtime_error& error) {
      file.problem = error.what();
    }
  }

  void check_alone(const File& file, int window_size, const std::vector<std::string>& reference_contexts) {
    const std::uint64_t rows = count_rows(database_, file.path);
    {
      const std::lock_guard lock(mutex_);
      rows_[file.config][window_size] = rows;
    }
    verify_overall(database_, file.path, window_size);
    for (const std::string& context : read_contexts(database_, file.path))
      if (!std::binary_search(reference_contexts.begin(), reference_contexts.end(), context))
        throw std::runtime_error(file.path.string() + ": context " + printable(context) + ", which " +
                                 reference_ + " has not");
  }

  void check_windows(std::vector<File>& files, int window_size, const SeriesIndex& index) {
    std::vector<WindowSeries> reference;
    guard(files[0], [&] { reference = read_series(database_, files[0].path, window_size, index, true); });
    for (std::size_t i = 0; i < reference.size(); ++i)
      if (!reference[i].empty()) cameras_.insert(index.camera(i % index.cameras()));
    in_parallel(files.size() - 1, threads_, [&](std::size_t i) {
      File& file = files[i + 1];
      guard(file, [&] {
        const auto series = read_series(database_, file.path, window_size, index, true);
        if (!reference.empty()) expect_same_windows(series, file.path, reference, files[0].path, index);
      });
    });
  }

  std::size_t scenarios_a_batch(const File& file, int window_size, std::size_t scenarios) {
    const double bytes =
        double(rows_[file.config][window_size]) * sizeof(WindowValue) * 2.0 * double(threads_ + 1);
    const double batches = std::max(1.0, std::ceil(bytes / double(settings_.memory_limit_bytes)));
    return std::max<std::size_t>(1, std::size_t(double(scenarios) / batches));
  }

  EvaluationFiles files_;
  const EvaluationSettings& settings_;
  const std::function<void(std::size_t)>& on_file_;
  Database database_;
  std::size_t threads_, total_ = 0;
  std::string reference_;  // whose windows all others must have
  std::set<int> window_sizes_, cameras_;
  std::set<std::string> scenarios_;
  std::mutex mutex_;  // of rows_
  std::map<std::string, std::map<int, std::uint64_t>> rows_;
};

bool are_equal(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::ifstream one(a, std::ios::binary), other(b, std::ios::binary);
  std::vector<char> of_one(1 << 16), of_other(of_one.size());
  while (one && other) {
    one.read(of_one.data(), std::streamsize(of_one.size()));
    other.read(of_other.data(), std::streamsize(of_other.size()));
    if (one.gcount() != other.gcount() ||
        !std::equal(of_one.begin(), of_one.begin() + one.gcount(), of_other.begin()))
      return false;
  }
  return one.eof() && other.eof();
}

// Files of two configurations that are one, byte for byte: an accuracy measured twice is hardly ever that.
std::vector<std::string> notes_of_copies(const EvaluationFiles& files) {
  std::map<std::pair<int, std::uintmax_t>, std::vector<std::filesystem::path>> by_size;
  for (const auto& [config, by_window] : files.by_config)
    for (const auto& [window_size, file] : by_window) {
      std::error_code error;
      const auto bytes = std::filesystem::file_size(file, error);
      if (!error && bytes > 0) by_size[{window_size, bytes}].push_back(file);
    }
  std::vector<std::string> notes;
  for (const auto& [size, alike] : by_size)
    for (std::size_t i = 1; i < alike.size(); ++i) {
      const auto same = std::find_if(alike.begin(), alike.begin() + std::ptrdiff_t(i),
                                     [&](const auto& earlier) { return are_equal(earlier, alike[i]); });
      if (same != alike.begin() + std::ptrdiff_t(i))
        notes.push_back(alike[i].string() + ": byte for byte the same as " + same->string());
    }
  return notes;
}

}  // namespace

EvaluationReport check_evaluation(const std::filesystem::path& folder, const ModelTable& table,
                                  const EvaluationSettings& settings,
                                  const std::function<void(std::size_t)>& on_file) {
  EvaluationReport report;
  std::vector<std::string> copies;
  try {
    EvaluationFiles files = list_evaluation_files(folder);
    copies = notes_of_copies(files);
    report.notes = files.notes;
    report.notes.insert(report.notes.end(), copies.begin(), copies.end());
    Checker(std::move(files), settings, on_file).run(report);
  } catch (const std::runtime_error& error) {
    report.problems.push_back(error.what());
    return report;
  }
  try {
    EvaluationSettings own = settings;
    if (!report.cameras.empty()) own.cameras = report.cameras;
    report.notes = EvaluationData(folder, table, std::move(own)).notes();
    report.notes.insert(report.notes.end(), copies.begin(), copies.end());
  } catch (const std::runtime_error& error) {
    const std::string problem = error.what(), file = problem.substr(0, problem.find(": ") + 2);
    if (std::none_of(report.problems.begin(), report.problems.end(),
                     [&](const std::string& other) { return other.starts_with(file); }))
      report.problems.push_back(problem);
  }
  return report;
}

}  // namespace turbo
