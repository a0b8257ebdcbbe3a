// SPDX-License-Identifier: GPL-2.0
// read(2) and write(2) of a FUSE file with direct I/O, whose server does not look at the request.
// fs/fuse/file.c, fuse_get_user_pages() holds the pages: FOLL_GET (iov_iter_get_pages()) in 5.10
// and 6.1, FOLL_PIN (iov_iter_extract_pages()) in 6.12 and 7.2. The calling thread lets go when
// it is woken by the answer (fuse_release_user_pages()).
#include <unistd.h>

#include <atomic>
#include <thread>

#include "workloads/pin/device_io.h"
#include "workloads/pin/fuse_server.h"
#include "workloads/pin/pin.h"

namespace daxbreak {
namespace {

enum class Direction { read, write };

class FusePin final : public Pin {
 public:
  explicit FusePin(Direction direction) : direction_(direction) {}
  ~FusePin() override {
    if (server_) server_->abort();
  }

  Result<void> hold(const PinTarget& target) override {
    auto server = FuseServer::mount();
    if (!server) return server.error();
    server_ = std::move(*server);
    auto file = server_->open_file();
    if (!file) return file.error();
    file_ = std::move(*file);
    length_ = target.memory.size();
    worker_ = std::jthread([this, memory = target.memory] {
      const ssize_t moved = direction_ == Direction::read
                                ? ::pread(file_.get(), memory.data(), memory.size(), 0)
                                : ::pwrite(file_.get(), memory.data(), memory.size(), 0);
      result_ = moved < 0 ? -errno : moved;
      ended_ = true;
    });
    return ok();
  }

  /// The request is made of the pages, so they are held once it waits.
  [[nodiscard]] bool in_flight() const override {
    return ended_ || (server_ && server_->request_waits());
  }

  Result<void> release() override {
    server_->resume();
    worker_.join();
    server_->pause();
    // What a read brings goes to the page as it was found, also if its block is another file's by
    // now, and no gate could take that back: the server has nothing for it.
    if (direction_ == Direction::read && result_ == -EIO) return ok();
    return io_result(direction_ == Direction::read ? "read of a FUSE file that answers EIO"
                                                   : "write of a FUSE file",
                     result_, direction_ == Direction::read ? 0 : length_);
  }

  Result<std::vector<std::byte>> received() override { return server_->written(); }

 private:
  Direction direction_;
  std::unique_ptr<FuseServer> server_;
  Fd file_;
  std::size_t length_ = 0;
  std::atomic<bool> ended_{false};
  std::int64_t result_ = 0;  // written by the worker, read after join()
  std::jthread worker_;
};

const PinRegistry::Add registered_read{{
    .name = "fuse-odirect-read",
    .help = "direct read(2) of a FUSE file whose server does not answer (FOLL_GET; FOLL_PIN in "
            "newer kernels); ends with EIO, nothing moved; last put by the calling thread",
    .flavour = Flavour::other,
    .writes_page = true,
    .flow = PinFlow::none,
    .make = [] { return std::make_unique<FusePin>(Direction::read); },
    .recipe =
        {.none = "it takes a FUSE server; odirect-read and odirect-write hold pages the same way"},
}};

const PinRegistry::Add registered_write{{
    .name = "fuse-odirect-write",
    .help = "direct write(2) of a FUSE file whose server does not look at it (FOLL_GET; FOLL_PIN "
            "in newer kernels); ends when it does; last put by the calling thread",
    .flavour = Flavour::other,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<FusePin>(Direction::write); },
    .recipe =
        {.none = "it takes a FUSE server; odirect-read and odirect-write hold pages the same way"},
}};

}  // namespace
}  // namespace daxbreak
