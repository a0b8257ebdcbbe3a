// SPDX-License-Identifier: GPL-2.0
// Two O_DIRECT reads into the same page, the second linked to the first (IOSQE_IO_LINK): it is
// issued when the first has completed, which is when the breaker is being woken. So the page is
// pinned again, through the page table, in the moment in which it became idle. The breaker may be
// faster: then there is nothing more to be read into, and EFAULT is right (5.10 says EIO instead).
// References as in odirect.cpp.
#include "workloads/pin/device_io.h"
#include "workloads/pin/pin.h"
#include "workloads/pin/uring.h"

namespace daxbreak {
namespace {

class LinkedPin final : public Pin {
 public:
  Result<void> hold(const PinTarget& target) override {
    auto device = open_device(*target.gate);
    if (!device) return device.error();
    device_ = std::move(*device);
    length_ = target.memory.size();
    if (auto started = ring_.start(); !started) return started;
    for (const unsigned number : {0U, 1U}) {
      io_uring_sqe* const entry = ring_.entry();
      io_uring_prep_read(entry, device_.get(), target.memory.data(), static_cast<unsigned>(length_),
                         0);
      entry->user_data = number;
      if (number == 0) entry->flags |= IOSQE_IO_LINK;
    }
    return ring_.submit(2);
  }

  [[nodiscard]] bool in_flight() const override { return ring_.issued(); }

  Result<void> release() override {
    auto first = ring_.wait(0);
    if (!first) return first.error();
    auto second = ring_.wait(1);
    if (!second) return second.error();
    if (auto ended = io_result("io_uring read", *first, length_); !ended) return ended;
    if (*second == -EFAULT || *second == -EIO) return ok();
    return io_result("linked io_uring read", *second, length_);
  }

  Result<std::vector<std::byte>> received() override {
    return device_content(device_.get(), length_);
  }

 private:
  Fd device_;
  std::size_t length_ = 0;
  Uring ring_;
};

const PinRegistry::Add registered{{
    .name = "io-uring-linked",
    .help = "io_uring O_DIRECT read into the mapping and, linked to it (IOSQE_IO_LINK), a second "
            "one, which pins again when the first ends",
    .needs_gate = true,
    .flavour = Flavour::odirect,
    .writes_page = true,
    .flow = PinFlow::to_page,
    .make = [] { return std::make_unique<LinkedPin>(); },
    .recipe =
        {
            .includes = uring_recipe_includes,
            .functions = uring_recipe_functions,
            .hold = R"(pin_start(0);
pin_entry(IORING_OP_READ, page, PAGE)->flags = IOSQE_IO_LINK;
pin_entry(IORING_OP_READ, page, PAGE);
pin_submit();
)",
            .loosen = "",
            .release = R"(check(pin_wait(0) == PAGE, "io_uring read");
pin_wait(1); /* may fail with EFAULT or EIO: the page may be gone */
)",
        },
}};

}  // namespace
}  // namespace daxbreak
