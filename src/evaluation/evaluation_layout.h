#pragma once
// How a folder of evaluation data is laid out: a folder a model, in it a file for each compression and window
// size; "..." stands for the folder's name.
//   efficientdet-d4/...-window_size=10.parquet                     nothing compressed, or without loss
//   efficientdet-d4/...-compress-image-75-window_size=10.parquet   the whole frame as JPEG of quality 75
//   efficientdet-d4/...-compress-inputs-75-window_size=10.parquet  the resized input so
// A region of the frame (our addition) stands before the window size: ...-roi100x50+0+25-window_size=...
// The model of the folder efficientdet-dX is eddX, and has no other; any other folder has its model's name.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/utility/model_config.h"

namespace turbo {

// The configuration whose file has this one's accuracy: no file is kept for PNG, which loses nothing, nor for
// a frame rate.
ModelConfig data_config(ModelConfig config);

std::string evaluation_folder_name(const std::string& model);
// False: what is written under that folder's name would be read as another model's, or not at all.
bool evaluation_can_hold(const std::string& model);
// Below the data's folder; of a configuration that data_config() leaves as it is.
std::filesystem::path evaluation_file(const ModelConfig& config, int window_size);

struct EvaluationFiles {
  std::filesystem::path folder;
  std::map<std::string, std::map<int, std::filesystem::path>> by_config;  // its name, then window size
  std::vector<std::string> notes;  // what lies there beside them, folder by folder
};

// Those that have the name that evaluation_file() gives them, and no other; so no two are the same. Throws
// std::runtime_error (one line) when there is no such folder or no model in it.
EvaluationFiles list_evaluation_files(const std::filesystem::path& folder);

}  // namespace turbo
