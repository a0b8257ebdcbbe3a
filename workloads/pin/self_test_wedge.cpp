// SPDX-License-Identifier: GPL-2.0
// Not a pin: an O_DIRECT read waits uninterruptibly for a gate that nobody opens, so that the
// trial's process cannot be killed and the machine has to be replaced.
#include <unistd.h>

#include <thread>

#include "workloads/pin/device_io.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

class WedgePin final : public Pin {
 public:
  Result<void> hold(const PinTarget& target) override {
    auto gate = GateRegistry::find("dm")->make({});
    if (!gate) return gate.error();
    auto device = open_device(**gate);
    if (!device) return device.error();
    if (auto shut = (*gate)->shut(); !shut) return shut;
    std::thread([fd = device->release(), memory = target.memory] {
      static_cast<void>(::pread(fd, memory.data(), memory.size(), 0));
    }).detach();
    for (;;)
      ::pause();  // never gets as far as opening the gate
  }
  Result<void> release() override { return ok(); }
  Result<std::vector<std::byte>> received() override { return std::vector<std::byte>{}; }
};

const PinRegistry::Add registered{{
    .name = "self-test-wedge",
    .help = "leaves a task that cannot be killed (tests daxbreak itself; lab only)",
    .lab_only = true,
    .make = [] { return std::make_unique<WedgePin>(); },
}};

}  // namespace
}  // namespace daxbreak
