// SPDX-License-Identifier: GPL-2.0
// pread(2)/pwrite(2) with O_DIRECT between a device and the DAX mapping, held in flight by a gate.
// The bio holds the pages: FOLL_GET up to 6.4, FOLL_PIN since (block/bio.c, bio_iov_iter_get_pages,
// iov_iter_extract_pages). They are let go in __bio_release_pages() (bio_release_pages() in 5.10),
// by the task that waits for the I/O (block/fops.c, fs/block_dev.c in 5.10,
// __blkdev_direct_IO_simple()).
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "workloads/pin/device_io.h"
#include "workloads/pin/pin.h"
#include "workloads/pin/task_state.h"

namespace daxbreak {
namespace {

enum class Direction { read, write };

class OdirectPin final : public Pin {
 public:
  OdirectPin(Direction direction, unsigned copies) : direction_(direction), workers_(copies) {}

  Result<void> hold(const PinTarget& target) override {
    auto device = open_device(*target.gate);
    if (!device) return device.error();
    device_ = std::move(*device);
    memory_ = target.memory;
    for (std::size_t i = 0; i < workers_.size(); ++i)
      workers_[i].thread = std::jthread([this, &worker = workers_[i],
                                         offset = static_cast<off_t>(i * memory_.size())] {
        worker.tid = ::gettid();
        const ssize_t moved = direction_ == Direction::read
                                  ? ::pread(device_.get(), memory_.data(), memory_.size(), offset)
                                  : ::pwrite(device_.get(), memory_.data(), memory_.size(), offset);
        worker.result = moved < 0 ? -errno : moved;
      });
    return ok();
  }

  /// Having submitted, a thread sleeps uninterruptibly until its I/O has completed.
  [[nodiscard]] bool in_flight() const override {
    for (const Worker& worker : workers_)
      if (worker.tid == 0 || task_state(worker.tid) != 'D') return false;
    return true;
  }

  Result<void> release() override {
    for (Worker& worker : workers_)
      worker.thread.join();
    for (const Worker& worker : workers_)
      if (auto ended = io_result(
              direction_ == Direction::read ? "pread with O_DIRECT" : "pwrite with O_DIRECT",
              worker.result, memory_.size());
          !ended)
        return ended;
    return ok();
  }

  Result<std::vector<std::byte>> received() override {
    return device_content(device_.get(), memory_.size());
  }

 private:
  struct Worker {
    std::atomic<pid_t> tid{0};
    std::int64_t result = 0;  // written by the thread, read after join()
    std::jthread thread;
  };

  Direction direction_;
  Fd device_;
  std::span<std::byte> memory_;
  std::vector<Worker> workers_;
};

constexpr PinRecipe read_recipe{
    .includes = "",
    .functions = R"(static pthread_t pin_thread;
static void *pin_io(void *unused) {
  int disk = open(device, O_RDONLY | O_DIRECT);
  check(disk >= 0, "open the device");
  check(pread(disk, page, pinned, 0) == (ssize_t)pinned, "pread with O_DIRECT");
  close(disk);
  return unused;
}
)",
    .hold =
        R"(check((errno = pthread_create(&pin_thread, NULL, pin_io, NULL)) == 0, "make a thread");
)",
    .loosen = "",
    .release = "pthread_join(pin_thread, NULL);\n",
};

const PinRegistry::Add registered_read{{
    .name = "odirect-read",
    .help = "pread(2) with O_DIRECT into the mapping; ends when the gate lets the I/O complete",
    .needs_gate = true,
    .flavour = Flavour::odirect,
    .writes_page = true,
    .flow = PinFlow::to_page,
    .make = [] { return std::make_unique<OdirectPin>(Direction::read, 1); },
    .recipe = read_recipe,
}};

const PinRegistry::Add registered_read_pages{{
    .name = "odirect-read-16-pages",
    .help = "pread(2) with O_DIRECT into 16 pages of the mapping, one bio; ends when the gate "
            "lets it complete",
    .needs_gate = true,
    .flavour = Flavour::odirect,
    .pages = 16,
    .writes_page = true,
    .flow = PinFlow::to_page,
    .make = [] { return std::make_unique<OdirectPin>(Direction::read, 1); },
    .recipe = read_recipe,
}};

const PinRegistry::Add registered_write{{
    .name = "odirect-write",
    .help = "pwrite(2) with O_DIRECT from the mapping; ends when the gate lets the I/O complete",
    .needs_gate = true,
    .flavour = Flavour::odirect,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<OdirectPin>(Direction::write, 1); },
    .recipe =
        {
            .includes = "",
            .functions = R"(static pthread_t pin_thread;
static void *pin_io(void *unused) {
  int disk = open(device, O_WRONLY | O_DIRECT);
  check(disk >= 0, "open the device");
  check(pwrite(disk, page, pinned, 0) == (ssize_t)pinned, "pwrite with O_DIRECT");
  close(disk);
  return unused;
}
)",
            .hold =
                R"(check((errno = pthread_create(&pin_thread, NULL, pin_io, NULL)) == 0, "make a thread");
)",
            .loosen = "",
            .release = "pthread_join(pin_thread, NULL);\n",
        },
}};

const PinRegistry::Add registered_write_x4{{
    .name = "odirect-write-x4",
    .help = "4 threads in pwrite(2) with O_DIRECT from the same page; they end about together, "
            "when the gate lets the I/O complete",
    .needs_gate = true,
    .flavour = Flavour::odirect,
    .references = 4,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<OdirectPin>(Direction::write, 4); },
    .recipe =
        {
            .includes = "",
            .functions = R"(static pthread_t pin_thread[4];
static void *pin_io(void *which) {
  int disk = open(device, O_WRONLY | O_DIRECT);
  check(disk >= 0, "open the device");
  check(pwrite(disk, page, PAGE, (off_t)((uintptr_t)which * PAGE)) == PAGE, "pwrite with O_DIRECT");
  close(disk);
  return NULL;
}
)",
            .hold = R"(for (uintptr_t i = 0; i < 4; i++)
  check((errno = pthread_create(&pin_thread[i], NULL, pin_io, (void *)i)) == 0, "make a thread");
)",
            .loosen = "",
            .release = "for (int i = 0; i < 4; i++) pthread_join(pin_thread[i], NULL);\n",
        },
}};

}  // namespace
}  // namespace daxbreak
