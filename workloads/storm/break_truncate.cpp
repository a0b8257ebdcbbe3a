// SPDX-License-Identifier: GPL-2.0
// ftruncate(2) cuts the file at a random place and a second one makes it as long again; all that
// was mapped behind the cut is faulted in: a pinner that reads a hole would be given the zero page,
// which is nobody's (fs/dax.c, dax_load_hole()). The cut is what is timed.
#include "workloads/storm/breaks.h"

namespace daxbreak {
namespace {

class TruncateBreaker final : public Load {
 public:
  [[nodiscard]] std::span<const LoadSeries> series() const override { return break_series; }
  Result<void> prepare(const LoadPlace& place) override { return file_.open(place); }

  int step(LoadMeter& meter) noexcept override {
    think(file_.place().think_ns);
    const std::uint64_t offset = file_.next();
    const std::uint64_t size = file_.place().size;
    file_.begin();
    const std::int64_t begin = now_ns();
    const int failed = ::ftruncate(file_.fd(), static_cast<off_t>(offset));
    const std::int64_t end = now_ns();
    const int error = failed != 0 ? errno : 0;
    meter.returned(error);
    if (error == 0) meter.add(0, end - begin, size - offset);  // at once: stamps are read by it
    // Grown again also after a cut that a signal ended. That breaks layouts too (6.12,
    // ext4_setattr() and xfs_vn_setattr()): nobody may take pages before it is over.
    const int grown = ::ftruncate(file_.fd(), static_cast<off_t>(size)) == 0 ? 0 : errno;
    meter.forget();
    file_.end();
    if (error != 0 || grown != 0) return error != 0 ? error : grown;
    file_.refault(offset, size, meter);
    return 0;
  }

  [[nodiscard]] std::vector<LoadNumber> numbers() const override {
    return {{"missed faults", file_.missed()}};
  }

 private:
  Breakable file_;
};

const StormBreakRegistry::Add registered{{
    .name = "truncate",
    .help =
        "ftruncate(2) at a random place, grows the file again and faults all in that was mapped",
    .make = [] { return std::unique_ptr<Load>(std::make_unique<TruncateBreaker>()); },
}};

}  // namespace
}  // namespace daxbreak
