#pragma once
// turbo-simulate's experiments. argv[0] is the command's own name; each returns the exit status.

namespace turbo::experiments {

int sweep_command(int argc, char** argv);
int drive_command(int argc, char** argv);
int figures_command(int argc, char** argv);

}  // namespace turbo::experiments
