// SPDX-License-Identifier: GPL-2.0
// vmsplice(2) and a reader in turn, until the page is unmapped while a pipe holds it: that hold is
// kept. Whoever breaks the layout unmaps the pages first and counts them then (fs/dax.c,
// dax_layout_busy_page_range()), under the lock that keeps faults out; so a hold that was granted
// at all is seen by the count. It is not where pages are counted before they are unmapped, nor
// where the lock is let go between the count and the truncation. A page beyond the end of the file
// cannot be had again: vmsplice() answers EFAULT then.
#include <sched.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "pmem/pagemap.h"
#include "workloads/pin/pin.h"
#include "workloads/pin/pipe.h"

namespace daxbreak {
namespace {

constexpr std::int64_t undecided = 0;

class VmspliceAtUnmap final : public Pin {
 public:
  ~VmspliceAtUnmap() override { stop(); }

  Result<void> hold(const PinTarget& target) override {
    memory_ = target.memory;
    bytes_.resize(memory_.size());
    auto pipe = Pipe::make(memory_.size());
    if (!pipe) return pipe.error();
    pipe_ = std::move(*pipe);
    auto pagemap = Pagemap::open();
    if (!pagemap) return pagemap.error();
    pagemap_.emplace(std::move(*pagemap));
    if (auto held = pipe_.hold(memory_); !held) return held;
    worker_ = std::jthread([this] { come_and_go(); });
    return ok();
  }

  [[nodiscard]] std::optional<std::int64_t> caught() const override {
    const std::int64_t since = since_;
    return since == undecided ? std::nullopt : std::optional(since);
  }

  Result<void> release() override {
    stop();
    return holds_ ? pipe_.drain(bytes_) : ok();
  }

  Result<std::vector<std::byte>> received() override { return bytes_; }

 private:
  /// Most of the time the page is held: a gap is as long as a read of the pipe takes.
  void come_and_go() {
    constexpr int looks = 4;
    cpu_set_t alone;
    CPU_ZERO(&alone);
    CPU_SET(late_cpu, &alone);
    static_cast<void>(::sched_setaffinity(0, sizeof(alone), &alone));
    holds_ = true;
    while (!stop_) {
      const std::int64_t taken = now_ns();
      for (int i = 0; i < looks; ++i)
        if (!mapped()) {
          since_ = taken;
          return;
        }
      if (!pipe_.drain(bytes_)) return;
      holds_ = false;
      if (!pipe_.hold(memory_)) {
        since_ = came_too_late;
        return;
      }
      holds_ = true;
    }
  }

  /// Whether the page is mapped now. What cannot be read is taken for mapped.
  [[nodiscard]] bool mapped() const {
    std::uint64_t entry = 0;
    if (!pagemap_->read(memory_.data(), {&entry, 1})) return true;
    return (entry & pagemap_present) != 0;
  }

  void stop() {
    stop_ = true;
    if (worker_.joinable()) worker_.join();
  }

  std::span<std::byte> memory_;
  std::vector<std::byte> bytes_;
  Pipe pipe_;
  std::optional<Pagemap> pagemap_;
  bool holds_ = true;  // the worker's; ours again once it has ended
  std::atomic<std::int64_t> since_{undecided};
  std::atomic<bool> stop_{false};
  std::jthread worker_;
};

const PinRegistry::Add registered{{
    .name = "vmsplice-at-unmap",
    .help = "vmsplice(2) and a reader in turn, until the page is unmapped while it is held "
            "(FOLL_GET): then the pipe is drained no more until the end",
    .flavour = Flavour::other,
    .transient = true,
    .late = true,
    .file_only = true,
    .flow = PinFlow::from_page,
    .make = [] { return std::make_unique<VmspliceAtUnmap>(); },
    .recipe = {.none = "it needs a race to be won"},
}};

}  // namespace
}  // namespace daxbreak
