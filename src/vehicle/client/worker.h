#pragma once
// One job at a time in a thread of its own, and its result back through a descriptor that an event loop waits
// on. Result has `context_id` and `error`; Job has `context_id`. What the work throws becomes the error.

#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace turbo {

template <typename Job, typename Result>
class Worker {
 public:
  using Work = std::function<Result(const Job&)>;

  explicit Worker(Work work) : work_(std::move(work)), event_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (event_fd_ < 0) throw std::runtime_error("starting a worker thread: no eventfd");
    thread_ = std::thread([this] { run(); });
  }
  // Waits for the job that is being done.
  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
    ::close(event_fd_);
  }
  Worker(const Worker&) = delete;

  // Only while idle(). What the job refers to must stay until its result is taken.
  void start(Job job) {
    {
      const std::lock_guard lock(mutex_);
      job_ = std::move(job);
      busy_ = true;
    }
    wake_.notify_one();
  }
  // No job is being done and no result waits.
  bool idle() const {
    const std::lock_guard lock(mutex_);
    return !busy_ && !result_;
  }

  // Readable while a result waits.
  int fd() const { return event_fd_; }
  std::optional<Result> take() {
    const std::lock_guard lock(mutex_);
    std::uint64_t count = 0;
    if (::read(event_fd_, &count, sizeof count) < 0) return std::nullopt;
    return std::exchange(result_, std::nullopt);
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stop_ || job_; });
      if (stop_) return;
      const Job job = *std::exchange(job_, std::nullopt);
      lock.unlock();
      Result result = done(job);
      lock.lock();
      result_ = std::move(result);
      busy_ = false;
      const std::uint64_t one = 1;
      if (::write(event_fd_, &one, sizeof one) < 0) return;  // cannot be: the counter was read to 0
    }
  }

  Result done(const Job& job) {
    std::string what;
    try {
      return work_(job);
    } catch (const std::exception& e) {
      what = e.what();
    }
    Result result{};
    result.context_id = job.context_id;
    result.error = "failed: " + what.substr(0, what.find('\n'));
    return result;
  }

  Work work_;
  int event_fd_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<Job> job_;
  std::optional<Result> result_;
  bool busy_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace turbo
