#include "lab/evaluation_data/load_timing.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "evaluation/evaluation_layout.h"
#include "evaluation/parallel.h"

namespace turbo::lab {
namespace {

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return double(usage.ru_maxrss) / 1024;
}

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

std::uint64_t scan(const Database& database, const std::string& files) {
  auto result = database.query(
      "SELECT count(*), sum(strlen(context))::DOUBLE, sum(camera_id)::DOUBLE, sum(window_start_idx)::DOUBLE, "
      "sum(window_end_idx)::DOUBLE, sum(window_start_us)::DOUBLE, sum(window_end_us)::DOUBLE, "
      "sum(mean_average_precision) FROM read_parquet([" +
      files + "], hive_partitioning = false)");
  const Chunk* chunk = result.next();
  return chunk == nullptr ? 0 : std::uint64_t(chunk->int64s(0)[0]);
}

}  // namespace

LoadTiming time_load(const std::filesystem::path& folder, const ModelTable& table,
                     const EvaluationSettings& settings) {
  LoadTiming timing;
  const Stopwatch watch;
  const EvaluationData data(folder, table, settings);
  data.services_of(data.scenarios());
  for (const int window_size : data.window_sizes())
    data.for_each_timeline(window_size, [](const UtilityTimeline&) {});
  timing.seconds = watch.seconds();
  timing.peak_mib = peak_mib();
  timing.rows = data.rows();
  return timing;
}

LoadTiming time_scan(const std::filesystem::path& folder, const EvaluationSettings& settings) {
  LoadTiming timing;
  const Stopwatch watch;
  const Database database({.memory_limit_bytes = settings.memory_limit_bytes});
  std::vector<std::string> files;
  for (const auto& [config, by_window] : list_evaluation_files(folder).by_config)
    for (const auto& [window_size, file] : by_window) files.push_back(sql_text(sql_pattern(file)));
  const std::size_t threads = settings.threads > 0 ? std::size_t(settings.threads)
                                                   : std::max(1u, std::thread::hardware_concurrency());
  std::atomic<std::uint64_t> rows = 0;
  in_parallel(threads, threads, [&](std::size_t share) {
    std::string list;
    for (std::size_t i = share; i < files.size(); i += threads) list += (list.empty() ? "" : ", ") + files[i];
    if (!list.empty()) rows += scan(database, list);
  });
  timing.rows = rows;
  timing.seconds = watch.seconds();
  timing.peak_mib = peak_mib();
  return timing;
}

}  // namespace turbo::lab
