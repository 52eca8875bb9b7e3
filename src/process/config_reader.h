#pragma once
// Strict reading of a YAML mapping: every mistake is one UsageError, "file:line: key: what was expected", and
// a key that nobody asked for is one too.

#include <memory>
#include <string>
#include <vector>

#include "process/client_config.h"
#include "process/process.h"

namespace turbo {

class ConfigSection {
 public:
  // The top of a file. Throws UsageError when it cannot be read, is not YAML, or is not a mapping.
  static ConfigSection load(const std::string& path);

  bool has(const std::string& key) const;
  std::string text(const std::string& key, const std::string& fallback);
  std::string text(const std::string& key);  // required
  int integer(const std::string& key, int fallback, int min, int max);
  double number(const std::string& key, double fallback, double min, double max);
  bool flag(const std::string& key, bool fallback);
  std::vector<int> integers(const std::string& key, int min, int max);
  std::vector<double> numbers(const std::string& key, double min, double max);
  std::vector<std::string> texts(const std::string& key);
  ImageSize image_size(const std::string& key, ImageSize fallback);  // [h, w] or [h, w, 3]
  Duration duration_ms(const std::string& key, double fallback_ms, double min_ms, double max_ms);
  // A path: relative ones are of the file's folder. Empty stays empty.
  std::string path(const std::string& key, const std::string& fallback);
  // A socket: a bare name resolves in zmq_dir, an endpoint (with "://") stays.
  std::string endpoint(const std::string& key, const std::string& fallback_name, const std::string& zmq_dir);
  std::string shm_name(const std::string& key, const std::string& fallback);
  std::string model_name(const std::string& key,
                         const std::string& fallback);                      // as in a configuration: "td2"
  std::string device(const std::string& key, const std::string& fallback);  // cpu or cuda:N
  ConfigSection section(const std::string& key);                            // empty if it is not there
  std::vector<ConfigSection> list(const std::string& key);
  std::vector<std::string> keys() const;

  // Keys of the prototype that make no sense here: accepted, with one warning each when they are there.
  void ignore(const std::vector<std::string>& names);
  // Throws for the first key that nothing has asked for.
  void finish() const;
  // A mistake that the caller found in a key's value.
  [[noreturn]] void fail(const std::string& key, const std::string& expected) const;
  const std::string& file() const;

 private:
  struct State;
  explicit ConfigSection(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

std::string resolve_endpoint(const std::string& zmq_dir, const std::string& name);

}  // namespace turbo
