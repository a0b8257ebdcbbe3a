// SPDX-License-Identifier: GPL-2.0
// Registered buffers would hold fsdax pages for as long as the ring lives (FOLL_LONGTERM), and no
// layout break could wait for that. Every kernel must refuse them with EOPNOTSUPP: mm/gup.c,
// check_vma_flags() tests vma_is_fsdax() (5.10: check_dax_vmas(), after pinning transiently).
#include <liburing.h>
#include <sys/uio.h>

#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

class IoUringFixedPin final : public Pin {
 public:
  ~IoUringFixedPin() override { close_ring(); }

  Result<void> hold(const PinTarget& target) override {
    if (const int failed = io_uring_queue_init(2, &ring_, 0); failed < 0)
      return Error{"io_uring_queue_init", -failed};
    ready_ = true;
    const iovec buffer{target.memory.data(), target.memory.size()};
    if (const int failed = io_uring_register_buffers(&ring_, &buffer, 1); failed < 0)
      return Error{"io_uring_register_buffers", -failed};
    return ok();
  }

  Result<void> release() override {
    const int failed = io_uring_unregister_buffers(&ring_);
    close_ring();
    if (failed < 0) return Error{"io_uring_unregister_buffers", -failed};
    return ok();
  }

  Result<std::vector<std::byte>> received() override { return std::vector<std::byte>{}; }

 private:
  void close_ring() {
    if (ready_) io_uring_queue_exit(&ring_);
    ready_ = false;
  }

  io_uring ring_{};
  bool ready_ = false;
};

const PinRegistry::Add registered{{
    .name = "io-uring-fixed",
    .help = "io_uring registered buffer (FOLL_LONGTERM): must be refused with EOPNOTSUPP on fsdax",
    .must_be_refused = true,
    .flavour = Flavour::pin,
    .writes_page = true,
    .flow = PinFlow::none,
    .make = [] { return std::make_unique<IoUringFixedPin>(); },
    .recipe =
        {
            .includes = "#include <linux/io_uring.h>\n",
            .functions = "static int pin_ring;\n",
            .hold = R"(struct io_uring_params params = {0};
struct iovec part = {page, pinned};
pin_ring = (int)syscall(SYS_io_uring_setup, 2, &params);
check(pin_ring >= 0, "io_uring_setup");
check(syscall(SYS_io_uring_register, pin_ring, IORING_REGISTER_BUFFERS, &part, 1) == 0,
      "register the page");
)",
            .loosen = "",
            .release =
                R"(check(syscall(SYS_io_uring_register, pin_ring, IORING_UNREGISTER_BUFFERS, NULL, 0) == 0,
      "unregister the page");
)",
        },
}};

}  // namespace
}  // namespace daxbreak
