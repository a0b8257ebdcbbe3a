// SPDX-License-Identifier: GPL-2.0
// Asynchronous O_DIRECT I/O through libaio: the task that owns the I/O is free to do something
// else, even to break the layout itself. References as in odirect.cpp, but they are dropped by
// whoever completes the bio (block/fops.c, blkdev_bio_end_io()), a read's by a workqueue if a page
// was found clean (block/bio.c, bio_check_pages_dirty()).
#include <libaio.h>

#include "workloads/pin/device_io.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

enum class Direction { read, write };

class LibaioPin final : public Pin {
 public:
  explicit LibaioPin(Direction direction) : direction_(direction) {}
  ~LibaioPin() override {
    if (context_ != nullptr) io_destroy(context_);
  }

  Result<void> hold(const PinTarget& target) override {
    auto device = open_device(*target.gate);
    if (!device) return device.error();
    device_ = std::move(*device);
    length_ = target.memory.size();
    if (const int failed = io_setup(1, &context_); failed < 0) return Error{"io_setup", -failed};
    if (direction_ == Direction::read)
      io_prep_pread(&request_, device_.get(), target.memory.data(), length_, 0);
    else
      io_prep_pwrite(&request_, device_.get(), target.memory.data(), length_, 0);
    iocb* list = &request_;
    if (const int sent = io_submit(context_, 1, &list); sent != 1)
      return Error{"io_submit", sent < 0 ? -sent : EIO};
    return ok();
  }

  Result<void> release() override {
    io_event event{};
    timespec limit{.tv_sec = io_limit.count(), .tv_nsec = 0};
    if (const int got = io_getevents(context_, 1, 1, &event, &limit); got != 1)
      return Error{"io_getevents", got < 0 ? -got : ETIMEDOUT};
    return io_result(direction_ == Direction::read ? "libaio read" : "libaio write",
                     static_cast<std::int64_t>(event.res), length_);
  }

  Result<std::vector<std::byte>> received() override {
    return device_content(device_.get(), length_);
  }

 private:
  Direction direction_;
  Fd device_;
  io_context_t context_ = nullptr;
  iocb request_{};
  std::size_t length_ = 0;
};

constexpr std::string_view includes = "#include <linux/aio_abi.h>\n";

constexpr std::string_view functions = R"(static aio_context_t pin_context;
static struct iocb pin_request;
static void pin_submit(int opcode) {
  struct iocb *list = &pin_request;
  pin_request.aio_lio_opcode = (uint16_t)opcode;
  pin_request.aio_fildes = (uint32_t)open(device, O_RDWR | O_DIRECT);
  pin_request.aio_buf = (uintptr_t)page;
  pin_request.aio_nbytes = pinned;
  check((int)pin_request.aio_fildes >= 0, "open the device");
  check(syscall(SYS_io_setup, 1, &pin_context) == 0, "io_setup");
  check(syscall(SYS_io_submit, pin_context, 1, &list) == 1, "io_submit");
}
)";

constexpr std::string_view release = R"(struct io_event event;
check(syscall(SYS_io_getevents, pin_context, 1, 1, &event, NULL) == 1, "io_getevents");
check(event.res == (int64_t)pinned, "asynchronous I/O");
)";

const PinRegistry::Add registered_read{{
    .name = "libaio",
    .help = "io_submit(2) of an O_DIRECT read into the mapping; ends when the gate lets it "
            "complete, in the completion",
    .needs_gate = true,
    .flavour = Flavour::odirect,
    .writes_page = true,
    .flow = PinFlow::to_page,
    .make = [] { return std::make_unique<LibaioPin>(Direction::read); },
    .recipe =
        {
            .includes = includes,
            .functions = functions,
            .hold = "pin_submit(IOCB_CMD_PREAD);\n",
            .loosen = "",
            .release = release,
        },
}};

const PinRegistry::Add registered_write{{
    .name = "libaio-write",
    .help = "io_submit(2) of an O_DIRECT write from the mapping; ends when the gate lets it "
            "complete, in the completion",
    .needs_gate = true,
    .flavour = Flavour::odirect,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<LibaioPin>(Direction::write); },
    .recipe =
        {
            .includes = includes,
            .functions = functions,
            .hold = "pin_submit(IOCB_CMD_PWRITE);\n",
            .loosen = "",
            .release = release,
        },
}};

}  // namespace
}  // namespace daxbreak
