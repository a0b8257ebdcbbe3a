// SPDX-License-Identifier: GPL-2.0
// Not a pin: puts the machine to sleep for ever (suspend to idle, kernel/power/suspend.c), so that
// the guest neither dies nor answers.
#include "base/file.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

class SilencePin final : public Pin {
 public:
  Result<void> hold(const PinTarget&) override { return write_file("/sys/power/state", "freeze"); }
  Result<void> release() override { return ok(); }
  Result<std::vector<std::byte>> received() override { return std::vector<std::byte>{}; }
};

const PinRegistry::Add registered{{
    .name = "self-test-silence",
    .help = "suspends the machine for ever (tests daxbreak itself; lab only)",
    .lab_only = true,
    .make = [] { return std::make_unique<SilencePin>(); },
}};

}  // namespace
}  // namespace daxbreak
