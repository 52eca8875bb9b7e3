#include "lab/command_line/interrupt.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

namespace turbo {
namespace {

// Each in a process of its own: handlers and what they saw stay.
TEST(Interrupt, TheFirstSignalSaysHowToEnd) {
  EXPECT_EXIT(
      {
        const auto& stop = interrupted();
        if (stop || interrupt_status() != 0) std::_Exit(1);
        raise(SIGTERM);
        raise(SIGINT);
        std::_Exit(stop ? interrupt_status() : 2);
      },
      testing::ExitedWithCode(143), "");
}

TEST(Interrupt, WhatWasIgnoredStaysIgnored) {
  EXPECT_EXIT(
      {
        signal(SIGINT, SIG_IGN);
        const auto& stop = interrupted();
        raise(SIGINT);
        if (stop) std::_Exit(1);
        raise(SIGTERM);
        std::_Exit(stop ? interrupt_status() : 2);
      },
      testing::ExitedWithCode(143), "");
}

}  // namespace
}  // namespace turbo
