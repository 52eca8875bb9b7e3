// The cases of tests/cases/config: a file each, and the one line that is to be said about it.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "process/client_config.h"
#include "process/process.h"
#include "process/quic_config.h"
#include "process/server_config.h"

namespace turbo {
namespace {

struct Case {
  int line = 0;
  std::string yaml, expected;
};

std::vector<Case> read_cases(const std::string& name) {
  std::ifstream file(std::string(TURBO_SOURCE_DIR) + "/tests/cases/config/" + name + ".txt");
  std::vector<Case> cases;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line == "----")
      cases.push_back({number, "", ""});
    else if (cases.empty())
      continue;
    else if (line.starts_with("=> "))
      cases.back().expected = line.substr(3);
    else
      cases.back().yaml += line + "\n";
  }
  return cases;
}

template <typename Load>
void run_cases(const std::string& name, Load load) {
  const auto cases = read_cases(name);
  ASSERT_GT(cases.size(), 10u);
  const auto path =
      std::filesystem::temp_directory_path() / ("config-case-" + std::to_string(::getpid()) + ".yaml");
  for (const Case& c : cases) {
    std::ofstream(path) << c.yaml;
    std::string said = "right";
    try {
      load(path.string());
    } catch (const UsageError& e) {
      said = e.what();
      EXPECT_EQ(said.find('\n'), std::string::npos) << "more than one line: " << said;
    }
    const std::string expected = c.expected == "right" ? "right" : path.string() + c.expected;
    EXPECT_THAT(said, testing::StartsWith(expected)) << "tests/cases/config/" << name << ".txt:" << c.line;
  }
  std::filesystem::remove(path);
}

TEST(ConfigCases, Client) { run_cases("client", load_client_config); }
TEST(ConfigCases, Server) { run_cases("server", load_server_config); }
TEST(ConfigCases, Quic) { run_cases("quic", load_quic_config); }

TEST(Config, AFileThatIsNotThereIsNamed) {
  EXPECT_THROW(load_client_config("/no/such/file.yaml"), UsageError);
  EXPECT_THROW(load_client_config("/tmp"), UsageError);
}

TEST(Config, TheQuicEndsWriteBelowTheirSubfolders) {
  const auto path =
      std::filesystem::temp_directory_path() / ("config-subdir-" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(path) << "services: [1]\nexperiment_output_dir: /runs\nquic_client_log_subdir: client\n";
  const QuicConfig config = load_quic_config(path.string());
  std::filesystem::remove(path);
  EXPECT_EQ(config.client_output_dir, "/runs/client");
  EXPECT_EQ(config.server_output_dir, "/runs");
}

TEST(Config, TheProjectsOwnFilesAreRight) {
  const std::string folder = std::string(TURBO_SOURCE_DIR) + "/config/";
  const ClientConfig client = load_client_config(folder + "client_config.yaml");
  EXPECT_EQ(client.clients.size(), 3u);
  EXPECT_TRUE(std::filesystem::exists(client.client(1).onvehicle_model_path))
      << client.client(1).onvehicle_model_path;
  EXPECT_EQ(client.client(2).quic_snd_zmq_sockname, "ipc:///tmp/turbo/car-server-outgoing-2");
  EXPECT_EQ(client.client(2).quic_rcv_shm_filename, "client-service2-outgoing-shm");
  EXPECT_THROW(client.client(9), UsageError);
  EXPECT_EQ(load_server_config(folder + "server_config_gcloud.yaml").servers.size(), 3u);
  EXPECT_EQ(load_quic_config(folder + "quic_config_client.yaml").services.size(), 3u);
  EXPECT_EQ(load_quic_config(folder + "quic_config_gcloud.yaml").server_address, "0.0.0.0:4433");
}

}  // namespace
}  // namespace turbo
