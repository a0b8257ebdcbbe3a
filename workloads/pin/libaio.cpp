// SPDX-License-Identifier: GPL-2.0
// An asynchronous O_DIRECT read through libaio: the task that owns the I/O is free to do something
// else, even to break the layout itself. References as in odirect.cpp.
#include <libaio.h>

#include "workloads/pin/device_io.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

class LibaioPin final : public Pin {
 public:
  ~LibaioPin() override {
    if (context_ != nullptr) io_destroy(context_);
  }

  Result<void> hold(const PinTarget& target) override {
    auto device = open_device(*target.gate);
    if (!device) return device.error();
    device_ = std::move(*device);
    length_ = target.memory.size();
    if (const int failed = io_setup(1, &context_); failed < 0) return Error{"io_setup", -failed};
    io_prep_pread(&request_, device_.get(), target.memory.data(), length_, 0);
    iocb* list = &request_;
    if (const int sent = io_submit(context_, 1, &list); sent != 1)
      return Error{"io_submit", sent < 0 ? -sent : EIO};
    return ok();
  }

  Result<void> release() override {
    io_event event{};
    if (const int got = io_getevents(context_, 1, 1, &event, nullptr); got != 1)
      return Error{"io_getevents", got < 0 ? -got : EIO};
    return io_result("libaio read", static_cast<std::int64_t>(event.res), length_);
  }

  Result<std::vector<std::byte>> received() override {
    return device_content(device_.get(), length_);
  }

 private:
  Fd device_;
  io_context_t context_ = nullptr;
  iocb request_{};
  std::size_t length_ = 0;
};

const PinRegistry::Add registered{{
    .name = "libaio",
    .help =
        "io_submit(2) of an O_DIRECT read into the mapping; ends when the gate lets it complete",
    .needs_gate = true,
    .odirect = true,
    .flow = PinFlow::to_page,
    .make = [] { return std::make_unique<LibaioPin>(); },
}};

}  // namespace
}  // namespace daxbreak
