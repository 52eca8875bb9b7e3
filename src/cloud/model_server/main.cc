// turbo-model-server: one service's models in the cloud.

#include "cloud/model_server/inference_engine.h"
#include "cloud/model_server/model_server.h"
#include "cloud/model_server/recorded_answers.h"
#include "inference/preprocess.h"
#include "process/logging.h"
#include "process/process.h"

namespace {

int serve(turbo::Process& process, const turbo::ModelServerConfig& config, turbo::Answerer& answerer) {
  turbo::ModelServer server(process.ipc(), process.loop(), config, answerer);
  process.listen_for_abort(config.zmq_kill_switch_sockname);
  turbo::log_info("answers with ", answerer.description());
  const int exit_code = process.run();
  const auto& counts = server.counts();
  turbo::log_info("requests ", counts.requests, ", delivered ", counts.delivered, ", replaced ",
                  counts.replaced, ", failed ", counts.failed, ", refused ", counts.refused, ", undelivered ",
                  counts.undelivered);
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  const turbo::ProcessInfo info{
      .name = "model-server",
      .about = "Answers the frames of one service with what a model sees in them. Speaks to the QUIC server.",
      .config = "config/server_config_gcloud.yaml",
      .per_service = true,
      .flags = {{"mock-inference",
                 "Answer from mock_inference_output_path, after mock_model_latency_csv_path's times; no "
                 "model runs"}},
  };
  return turbo::run_process(argc, argv, info, [](turbo::Process& process) {
    const auto all = turbo::load_server_config(process.arguments().config);
    const auto& config = all.server(process.arguments().service_id);
    const bool recorded = process.arguments().has("mock-inference");
    if (recorded && config.mock_inference_output_path.empty())
      throw turbo::UsageError(all.path + ": --mock-inference needs mock_inference_output_path for service " +
                              std::to_string(config.service_id));
    if (process.arguments().check) return process.checked();
    process.open_run_folder(all.experiment_output_dir);
    turbo::use_one_image_thread();
    if (recorded) {
      const bool timed = !config.mock_model_latency_csv_path.empty();
      turbo::RecordedAnswers answers(
          config.mock_inference_output_path,
          timed ? turbo::LatencyTable(config.mock_model_latency_csv_path) : turbo::LatencyTable());
      return serve(process, config, answers);
    }
    turbo::InferenceEngine engine(config.models, config.device);
    return serve(process, config, engine);
  });
}
