// SPDX-License-Identifier: GPL-2.0
// IORING_OP_SEND_ZC (6.0 and later) on TCP: pages are held as with MSG_ZEROCOPY (msg_zerocopy.cpp;
// io_uring/net.c, io_sg_from_iter() only treats registered buffers otherwise) and let go in the
// same softirq. The ring posts two completions: one when the bytes are queued, the notification
// when the kernel needs them no more.
#include <liburing.h>

#include <optional>

#include "workloads/pin/device_io.h"
#include "workloads/pin/pin.h"
#include "workloads/pin/stuffed_tcp.h"

namespace daxbreak {
namespace {

class IoUringSendZcPin final : public Pin {
 public:
  ~IoUringSendZcPin() override {
    connection_.reset();  // resets the connection: the ring need not wait for it
    if (ready_) io_uring_queue_exit(&ring_);
  }

  Result<void> hold(const PinTarget& target) override {
    if (const int failed = io_uring_queue_init(4, &ring_, 0); failed < 0)
      return Error{"io_uring_queue_init", -failed};
    ready_ = true;
    const std::unique_ptr<io_uring_probe, decltype(&io_uring_free_probe)> known(
        io_uring_get_probe_ring(&ring_), &io_uring_free_probe);
    if (!known || io_uring_opcode_supported(known.get(), IORING_OP_SEND_ZC) == 0)
      return Error{"IORING_OP_SEND_ZC", ENOSYS};
    auto connection = StuffedTcp::make();
    if (!connection) return connection.error();
    connection_.emplace(std::move(*connection));
    length_ = target.memory.size();
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    io_uring_prep_send_zc(entry, connection_->sender(), target.memory.data(), length_, 0, 0);
    if (const int sent = io_uring_submit(&ring_); sent != 1)
      return Error{"io_uring_submit", sent < 0 ? -sent : EIO};
    auto queued = next_completion();
    if (!queued) return queued.error();
    return io_result("IORING_OP_SEND_ZC", queued->result, length_);
  }

  Result<void> release() override {
    auto bytes = connection_->drain(length_);
    if (!bytes) return bytes.error();
    bytes_ = std::move(*bytes);
    auto let = next_completion();
    if (!let) return let.error();
    if ((let->flags & IORING_CQE_F_NOTIF) == 0)
      return Error{"wait for the notification of IORING_OP_SEND_ZC: something else came"};
    return ok();
  }

  Result<std::vector<std::byte>> received() override { return bytes_; }

 private:
  struct Completion {
    std::int64_t result;
    unsigned flags;
  };

  Result<Completion> next_completion() {
    __kernel_timespec limit{.tv_sec = 2, .tv_nsec = 0};
    io_uring_cqe* entry = nullptr;
    if (const int failed = io_uring_wait_cqe_timeout(&ring_, &entry, &limit); failed < 0)
      return Error{"wait for IORING_OP_SEND_ZC", -failed};
    const Completion completion{.result = entry->res, .flags = entry->flags};
    io_uring_cqe_seen(&ring_, entry);
    return completion;
  }

  io_uring ring_{};
  bool ready_ = false;
  std::optional<StuffedTcp> connection_;
  std::size_t length_ = 0;
  std::vector<std::byte> bytes_;
};

const PinRegistry::Add registered{{
    .name = "io-uring-send-zc",
    .help = "IORING_OP_SEND_ZC (6.0+, FOLL_GET) to a TCP receiver without room; ends when that "
            "drains; last put in softirq, when the acknowledgement comes",
    .flavour = Flavour::get,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<IoUringSendZcPin>(); },
    .recipe = {.none = "it takes two io_uring completions and a stuffed socket; msg-zerocopy holds "
                       "pages the same way"},
}};

}  // namespace
}  // namespace daxbreak
