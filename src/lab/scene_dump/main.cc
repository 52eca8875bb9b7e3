// turbo-scene-dump: frames of the scene with their boxes, for looking at and for training on.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <sstream>
#include <stdexcept>

#include "inference/preprocess.h"
#include "lab/command_line/command_line.h"
#include "scene/scene.h"

namespace {

struct Options {
  std::uint64_t seed = 1;
  int frames = 10;
  double step = 1.7;
  double begin = 0;
  std::vector<int> cameras = {1, 2, 3, 4, 5};
  std::vector<std::string> sizes;
  std::string format = "png";
  std::filesystem::path out;
  bool draw = false;
  bool boxes_only = false;
};

const cv::Scalar kColors[] = {{0, 255, 0}, {0, 0, 255}, {255, 0, 255}, {0, 255, 255}, {255, 255, 255}};

double thread_ms() {  // of this thread's processor time: what a busy machine cannot falsify
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) * 1e3 + double(t.tv_nsec) / 1e6;
}

cv::Size parse_size(const std::string& text) {
  int h = 0, w = 0;
  char x = 0, rest = 0;
  std::istringstream in(text);
  if (!(in >> h >> x >> w) || x != 'x' || in >> rest || h < 1 || w < 1 || h > 1080 || w > 1920)
    throw std::runtime_error("--size " + text + ": not HEIGHTxWIDTH within 1080x1920");
  return {w, h};
}

// Raw output: SIZE.rgb, frames x height x width x 3 bytes, and boxes.jsonl in pixels of the full frame.
void dump(const Options& o) {
  cv::setNumThreads(1);
  std::filesystem::create_directories(o.out);
  turbo::Scene scene(o.seed);
  turbo::Resizer resizer;  // what the vehicle and the cloud use: train on what they will see
  cv::Mat frame(turbo::Scene::kHeight, turbo::Scene::kWidth, CV_8UC3), small, rgb;
  std::ofstream boxes(o.out / "boxes.jsonl");
  std::vector<std::pair<cv::Size, std::ofstream>> raw;
  std::vector<cv::Size> sizes;
  for (const auto& text : o.sizes) sizes.push_back(parse_size(text));
  if (sizes.empty()) sizes.push_back({turbo::Scene::kWidth, turbo::Scene::kHeight});
  if (o.format == "raw" && !o.boxes_only)
    for (const cv::Size& s : sizes)
      raw.emplace_back(
          s, std::ofstream(o.out / (std::to_string(s.height) + "x" + std::to_string(s.width) + ".rgb"),
                           std::ios::binary));
  std::vector<double> times_ms;
  for (int i = 0; i < o.frames; ++i) {
    const double time = o.begin + i * o.step;
    const int camera = o.cameras[std::size_t(i) % o.cameras.size()];
    const double before = thread_ms();
    if (!o.boxes_only) scene.render(time, camera, {frame.data, frame.rows, frame.cols, frame.step});
    times_ms.push_back(thread_ms() - before);
    const auto truth = scene.truth(time, camera);
    boxes << R"({"index":)" << i << R"(,"camera":)" << camera << R"(,"time":)" << time << R"(,"boxes":[)";
    for (std::size_t k = 0; k < truth.size(); ++k) {
      const auto& [box, label] = truth[k];
      boxes << (k ? "," : "") << '[' << box.x_min << ',' << box.y_min << ',' << box.x_max << ',' << box.y_max
            << ',' << label << ']';
      if (o.draw)
        cv::rectangle(frame, cv::Point(int(box.x_min), int(box.y_min)),
                      cv::Point(int(box.x_max), int(box.y_max)), kColors[label], 2);
    }
    boxes << "]}\n";
    if (o.boxes_only) continue;
    for (auto& [size, file] : raw) {
      small.create(size, CV_8UC3);
      resizer.resize({frame.data, frame.rows, frame.cols, frame.step},
                     {small.data, small.rows, small.cols, small.step});
      cv::cvtColor(small, rgb, cv::COLOR_BGR2RGB);
      file.write(reinterpret_cast<const char*>(rgb.data), std::streamsize(rgb.total() * 3));
    }
    if (o.format != "raw")
      for (const cv::Size& s : sizes) {
        cv::resize(frame, small, s, 0, 0, cv::INTER_AREA);
        cv::imwrite(o.out / (std::to_string(s.height) + "_" + std::to_string(i) + "." + o.format), small,
                    {cv::IMWRITE_JPEG_QUALITY, 75});
      }
  }
  if (!boxes)
    throw std::runtime_error("writing " + (o.out / "boxes.jsonl").string() + " failed; is the disk full?");
  for (auto& [size, file] : raw)
    if (!file.flush())
      throw std::runtime_error("writing frames to " + o.out.string() + " failed; is the disk full?");
  std::sort(times_ms.begin(), times_ms.end());
  std::cout << o.frames << " frames of seed " << o.seed << " in " << o.out.string()
            << "; a frame rendered in " << times_ms[times_ms.size() / 2] << " ms (median), "
            << times_ms[times_ms.size() * 9 / 10] << " ms (p90)\n";
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app{"Writes frames of the synthetic drive with their boxes", "turbo-scene-dump"};
  app.add_option("--seed", o.seed, "The world; the demo's is 1: never train on it")->capture_default_str();
  app.add_option("--frames", o.frames, "How many")->check(CLI::Range(1, 1000000))->capture_default_str();
  app.add_option("--step", o.step, "Seconds of the drive from frame to frame")
      ->check(CLI::Range(0.0, 1e4))
      ->capture_default_str();
  app.add_option("--begin", o.begin, "Second of the drive at which to begin")
      ->check(CLI::Range(0.0, 1e8))
      ->capture_default_str();
  app.add_option("--cameras", o.cameras,
                 "Taken in turn: 1 front, 2 front left, 3 front right, 4 left, 5 right")
      ->delimiter(',')
      ->check(CLI::Range(1, 5))
      ->capture_default_str();
  app.add_option("--size", o.sizes, "HEIGHTxWIDTH to reduce to; may be given more than once");
  app.add_option("--format", o.format, "png, jpg, or raw: one file of RGB bytes a size")
      ->check(CLI::IsMember({"png", "jpg", "raw"}))
      ->capture_default_str();
  app.add_flag("--draw", o.draw, "Draw the boxes into the frames");
  app.add_flag("--boxes-only", o.boxes_only, "Write boxes.jsonl and no frames");
  app.add_option("--out", o.out, "Folder to write into")->required();
  if (const auto status = turbo::parse_command_line(app, "", argc, argv)) return *status;
  try {
    for (const auto& text : o.sizes) parse_size(text);
  } catch (const std::exception& e) {
    std::cerr << "turbo-scene-dump: " << e.what() << '\n';
    return 2;
  }
  try {
    dump(o);
  } catch (const std::exception& e) {
    std::cerr << "turbo-scene-dump: " << e.what() << '\n';
    return 1;
  }
}
