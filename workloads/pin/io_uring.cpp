// SPDX-License-Identifier: GPL-2.0
// O_DIRECT I/O through io_uring. A gate that defers makes the first, non-blocking attempt fail with
// EAGAIN; an io-wq worker then submits, so the references are taken a moment after
// io_uring_submit() returned. References as in odirect.cpp.
#include <sys/uio.h>

#include "workloads/pin/device_io.h"
#include "workloads/pin/pin.h"
#include "workloads/pin/uring.h"

namespace daxbreak {
namespace {

/// What distinguishes the kinds.
struct How {
  bool reads = false;
  bool vectored = false;
  bool registered_file = false;
  unsigned flags = 0;  ///< IORING_SETUP_*
};

class IoUringPin final : public Pin {
 public:
  explicit IoUringPin(const How& how) : how_(how) {}

  Result<void> hold(const PinTarget& target) override {
    auto device = open_device(*target.gate);
    if (!device) return device.error();
    device_ = std::move(*device);
    part_ = {target.memory.data(), target.memory.size()};
    if (auto started = ring_.start(how_.flags); !started) return started;
    if (how_.registered_file)
      if (auto done = ring_.register_file(device_.get()); !done) return done;
    prepare(ring_.entry(), how_.registered_file ? 0 : device_.get());
    return ring_.submit(1);
  }

  [[nodiscard]] bool in_flight() const override { return ring_.issued(); }

  Result<void> release() override {
    auto result = ring_.wait(0);
    if (!result) return result.error();
    return io_result(how_.reads ? "io_uring read" : "io_uring write", *result, part_.iov_len);
  }

  Result<std::vector<std::byte>> received() override {
    return device_content(device_.get(), part_.iov_len);
  }

 private:
  void prepare(io_uring_sqe* entry, int file) {
    const auto length = static_cast<unsigned>(part_.iov_len);
    if (how_.vectored && how_.reads)
      io_uring_prep_readv(entry, file, &part_, 1, 0);
    else if (how_.vectored)
      io_uring_prep_writev(entry, file, &part_, 1, 0);
    else if (how_.reads)
      io_uring_prep_read(entry, file, part_.iov_base, length, 0);
    else
      io_uring_prep_write(entry, file, part_.iov_base, length, 0);
    if (how_.registered_file) entry->flags |= IOSQE_FIXED_FILE;
  }

  How how_;
  Fd device_;
  iovec part_{};
  Uring ring_;  // the first to go: it may use the others
};

PinKind kind(std::string_view name, std::string_view help, const How& how, std::string_view hold) {
  return {.name = name,
          .help = help,
          .needs_gate = true,
          .flavour = Flavour::odirect,
          .writes_page = how.reads,
          .flow = how.reads ? PinFlow::to_page : PinFlow::from_page,
          .make = [how] { return std::make_unique<IoUringPin>(how); },
          .recipe = {
              .includes = uring_recipe_includes,
              .functions = uring_recipe_functions,
              .hold = hold,
              .loosen = "",
              .release = "check(pin_wait(0) == (int)pinned, \"io_uring I/O\");\n",
          }};
}

const PinRegistry::Add registered_write{kind(
    "io-uring", "io_uring O_DIRECT write from the mapping; ends when the gate lets it complete", {},
    R"(pin_start(0);
pin_entry(IORING_OP_WRITE, page, pinned);
pin_submit();
)")};

const PinRegistry::Add registered_read{kind(
    "io-uring-read", "io_uring O_DIRECT read into the mapping; ends when the gate lets it complete",
    {.reads = true}, R"(pin_start(0);
pin_entry(IORING_OP_READ, page, pinned);
pin_submit();
)")};

const PinRegistry::Add registered_writev{kind("io-uring-writev", "as io-uring, by IORING_OP_WRITEV",
                                              {.vectored = true},
                                              R"(static struct iovec part;
part = (struct iovec){page, pinned};
pin_start(0);
pin_entry(IORING_OP_WRITEV, &part, 1);
pin_submit();
)")};

const PinRegistry::Add registered_readv{
    kind("io-uring-readv", "as io-uring-read, by IORING_OP_READV",
         {.reads = true, .vectored = true}, R"(static struct iovec part;
part = (struct iovec){page, pinned};
pin_start(0);
pin_entry(IORING_OP_READV, &part, 1);
pin_submit();
)")};

const PinRegistry::Add registered_file{
    kind("io-uring-registered-file", "as io-uring, on a registered file (IOSQE_FIXED_FILE)",
         {.registered_file = true}, R"(struct io_uring_sqe *entry;
pin_start(0);
check(syscall(SYS_io_uring_register, pin_ring, IORING_REGISTER_FILES, &pin_disk, 1) == 0,
      "register the device");
entry = pin_entry(IORING_OP_WRITE, page, pinned);
entry->fd = 0;
entry->flags = IOSQE_FIXED_FILE;
pin_submit();
)")};

// Before 5.11 the polling thread takes registered files alone (IORING_FEAT_SQPOLL_NONFIXED).
const PinRegistry::Add registered_sqpoll{
    kind("io-uring-sqpoll", "as io-uring, submitted by the kernel's thread (IORING_SETUP_SQPOLL)",
         {.registered_file = true, .flags = IORING_SETUP_SQPOLL},
         R"(struct io_uring_sqe *entry;
pin_start(IORING_SETUP_SQPOLL);
check(syscall(SYS_io_uring_register, pin_ring, IORING_REGISTER_FILES, &pin_disk, 1) == 0,
      "register the device");
entry = pin_entry(IORING_OP_WRITE, page, pinned);
entry->fd = 0;
entry->flags = IOSQE_FIXED_FILE;
pin_submit();
)")};

}  // namespace
}  // namespace daxbreak
