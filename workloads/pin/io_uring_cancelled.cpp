// SPDX-License-Identifier: GPL-2.0
// An O_DIRECT read through io_uring that is cancelled while it is in flight. What was submitted to
// a block device cannot be taken back, so IORING_OP_ASYNC_CANCEL finds nothing (ENOENT) or comes
// too late (EALREADY), and the pages stay held until the gate opens. References as in odirect.cpp.
#include "workloads/pin/device_io.h"
#include "workloads/pin/pin.h"
#include "workloads/pin/uring.h"

namespace daxbreak {
namespace {

class CancelledPin final : public Pin {
 public:
  Result<void> hold(const PinTarget& target) override {
    auto device = open_device(*target.gate);
    if (!device) return device.error();
    device_ = std::move(*device);
    length_ = target.memory.size();
    if (auto started = ring_.start(); !started) return started;
    io_uring_sqe* const entry = ring_.entry();
    io_uring_prep_read(entry, device_.get(), target.memory.data(), static_cast<unsigned>(length_),
                       0);
    entry->user_data = read;
    return ring_.submit(1);
  }

  [[nodiscard]] bool in_flight() const override { return ring_.issued(); }

  Result<void> loosen() override {
    io_uring_sqe* const entry = ring_.entry();
    io_uring_prep_cancel64(entry, read, 0);
    entry->user_data = cancel;
    if (auto sent = ring_.submit(1); !sent) return sent;
    auto result = ring_.wait(cancel);
    if (!result) return result.error();
    if (*result == 0 || *result == -ENOENT || *result == -EALREADY) return ok();
    return Error{"cancel an io_uring read", static_cast<int>(-*result)};
  }

  Result<void> release() override {
    auto result = ring_.wait(read);
    if (!result) return result.error();
    return io_result("cancelled io_uring read", *result, length_);
  }

  Result<std::vector<std::byte>> received() override {
    return device_content(device_.get(), length_);
  }

 private:
  static constexpr std::uint64_t read = 0;
  static constexpr std::uint64_t cancel = 1;

  Fd device_;
  std::size_t length_ = 0;
  Uring ring_;
};

const PinRegistry::Add registered{{
    .name = "io-uring-cancelled",
    .help = "io_uring O_DIRECT read into the mapping that "
            "IORING_OP_ASYNC_CANCEL was tried on; ends when the gate lets it complete all the same",
    .needs_gate = true,
    .flavour = Flavour::odirect,
    .writes_page = true,
    .flow = PinFlow::to_page,
    .make = [] { return std::make_unique<CancelledPin>(); },
    .recipe =
        {
            .includes = uring_recipe_includes,
            .functions = uring_recipe_functions,
            .hold = R"(pin_start(0);
pin_entry(IORING_OP_READ, page, PAGE);
pin_submit();
)",
            .loosen = R"(struct io_uring_sqe *entry = pin_entry(IORING_OP_ASYNC_CANCEL, NULL, 0);
int result;
entry->fd = -1;
pin_submit();
result = pin_wait(1);
errno = -result;
check(result == 0 || result == -ENOENT || result == -EALREADY, "cancel the read");
)",
            .release = "check(pin_wait(0) == PAGE, \"io_uring read\");\n",
        },
}};

}  // namespace
}  // namespace daxbreak
