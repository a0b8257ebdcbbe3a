// SPDX-License-Identifier: GPL-2.0
// Not a pin: never lets go and never returns, but can be killed.
#include <unistd.h>

#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

class HangPin final : public Pin {
 public:
  Result<void> hold(const PinTarget&) override {
    for (;;)
      ::pause();
  }
  Result<void> release() override { return ok(); }
  Result<std::vector<std::byte>> received() override { return std::vector<std::byte>{}; }
};

const PinRegistry::Add registered{{
    .name = "self-test-hang",
    .help = "never comes back (tests daxbreak itself; lab only)",
    .lab_only = true,
    .make = [] { return std::make_unique<HangPin>(); },
}};

}  // namespace
}  // namespace daxbreak
