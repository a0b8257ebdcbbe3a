// SPDX-License-Identifier: GPL-2.0
// Not a pin: kills the kernel in mid-trial, to show that this costs one trial and nothing else.
#include "base/file.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

class PanicPin final : public Pin {
 public:
  Result<void> hold(const PinTarget&) override { return write_file("/proc/sysrq-trigger", "c"); }
  Result<void> release() override { return ok(); }
  Result<std::vector<std::byte>> received() override { return std::vector<std::byte>{}; }
};

const PinRegistry::Add registered{{
    .name = "self-test-panic",
    .help = "crashes the kernel through sysrq (tests daxbreak itself; lab only)",
    .lab_only = true,
    .make = [] { return std::make_unique<PanicPin>(); },
}};

}  // namespace
}  // namespace daxbreak
