#include "process/child_check.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "process/logging.h"

namespace turbo {
namespace {

constexpr std::size_t kKept = 64 << 10;  // of what a child says

// One child under --check. Its stderr is read when its turn comes: it waits if it says more than a pipe
// holds.
class Check {
 public:
  explicit Check(const ChildSpec& child) : name_(child.name) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error(text_of("making a pipe: ", strerror(errno)));
    said_ = ends[0];
    const int error = start(child, ends[1]);
    ::close(ends[1]);
    if (error != 0) failure_ = text_of("starting ", child.command[0], ": ", strerror(error));
  }
  Check(const Check&) = delete;
  Check& operator=(const Check&) = delete;
  ~Check() {
    ::close(said_);
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  }

  // Why it refuses; empty: it does not.
  std::string refusal() {
    if (!failure_.empty()) return name_ + ": " + failure_;
    const std::string said = read_all();
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    const std::string line = last_line(said);
    return name_ + ": " + (line.empty() ? "it ended without saying why" : line);
  }

 private:
  int start(const ChildSpec& child, int its_stderr) {
    std::vector<std::string> words = child.command;
    words.push_back("--check");
    std::vector<char*> command;
    for (std::string& word : words) command.push_back(word.data());
    command.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, its_stderr, STDERR_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    const int error = ::posix_spawn(&pid_, command[0], &files, &attributes, command.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0) pid_ = 0;
    return error;
  }

  std::string read_all() const {
    std::string said;
    char block[4096];
    for (ssize_t size; (size = ::read(said_, block, sizeof block)) > 0 || (size < 0 && errno == EINTR);)
      if (size > 0) {
        said.append(block, static_cast<std::size_t>(size));
        if (said.size() > kKept) said.erase(0, said.size() - kKept);
      }
    return said;
  }

  // Without the program's name before it: the child's is said. Notes stand before the refusal.
  static std::string last_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    text.erase(0, text.rfind('\n') + 1);
    if (text.starts_with("turbo-"))
      text.erase(0, text.find(": ") == std::string::npos ? 0 : text.find(": ") + 2);
    return text;
  }

  std::string name_, failure_;
  int said_ = -1;
  pid_t pid_ = 0;
};

}  // namespace

void check_children(const std::vector<ChildSpec>& children) {
  std::vector<std::unique_ptr<Check>> checks;
  for (const ChildSpec& child : children)
    if (!child.external) checks.push_back(std::make_unique<Check>(child));
  for (const auto& check : checks)
    if (const std::string refusal = check->refusal(); !refusal.empty()) throw UsageError(refusal);
}

}  // namespace turbo
