#include "vehicle/client/compress_worker.h"

#include <utility>

namespace turbo {

CompressWorker::CompressWorker(const std::string& region_name, std::size_t region_bytes, int service_id,
                               std::map<std::string, ImageSize> sizes)
    : sender_(region_name, region_bytes, service_id, std::move(sizes)), worker_([this](const Job& job) {
        const ImageSender::Written written =
            sender_.write(job.context_id, job.deadline, job.config, job.frame);
        return Result{job.context_id, written.size_bytes, written.error, job.deadline};
      }) {}

}  // namespace turbo
