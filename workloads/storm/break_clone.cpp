// SPDX-License-Identifier: GPL-2.0
// Each of these breakers has a clone of the storm's file (FICLONE): another inode with a lock of
// its own and the same blocks, so that their struct pages are the same too. fallocate(2) punches a
// hole into the clone, which waits for whoever holds any of those pages through the file itself;
// several breakers wait for one page at once, where those of one file would queue on its i_rwsem.
//
// What a break looks at are the entries of the clone's page cache (6.1, fs/dax.c,
// dax_layout_busy_page_range()). Only a fault makes them, and since 6.15 a break deletes all of
// them (dax_break_layout(), dax_delete_mapping_range()): each step faults all that is mapped in
// again, by reading, since a write would give the clone a block of its own. What was faulted in is
// unmapped at once, and the file itself before the break: where mappings are counted (6.15 and
// later) a break unmaps its own inode alone, and the page of another one's mapping would never be
// idle. Entries stay when page tables go.
//
// FICLONERANGE, which gives the hole its blocks back, is a layout break of both files as well, and
// a worse one: with the second inode's page busy it spins (6.1, fs/xfs/xfs_inode.c,
// xfs_mmaplock_two_inodes_and_break_dax_layout()). Inside the same truce it finds nothing: the
// first break has waited for every page of the clone, which are the file's, and nobody has taken
// any since.
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <optional>

#include "pmem/mapping.h"
#include "workloads/storm/breaks.h"

namespace daxbreak {
namespace {

constexpr std::array clone_series{LoadSeries{.name = "break", .direction = Direction::trim},
                                  LoadSeries{.name = "share"}, LoadSeries{.name = "fault range"}};

class CloneBreaker final : public Load {
 public:
  [[nodiscard]] std::span<const LoadSeries> series() const override { return clone_series; }

  Result<void> prepare(const LoadPlace& place) override {
    if (auto opened = file_.open(place); !opened) return opened;
    // Named, and removed by whoever removes the file. Without a name the last close would evict it,
    // which waits uninterruptibly for its pages (since 6.15, fs/dax.c, dax_break_layout_final()): a
    // process that is killed would wait in one of its files for a pipe that it has not closed yet.
    const std::string path = clone_path(place.path, place.thread);
    auto clone = open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (!clone) return clone.error();
    if (::ioctl(clone->get(), FICLONE, file_.fd()) != 0)
      return errno_error("share the blocks of a storm's file (FICLONE)");
    auto mapping = FileMapping::map(clone->get(), place.page_size, {.writable = false});
    if (!mapping) return mapping.error();
    clone_ = std::move(*clone);
    mapping_.emplace(std::move(*mapping));
    if (fault_in() != 0) return errno_error("fault a clone in (MADV_POPULATE_READ)");
    return ok();
  }

  int step(LoadMeter& meter) noexcept override {
    const LoadPlace& place = file_.place();
    think(place.think_ns);
    const std::uint64_t offset = file_.next();
    const std::uint64_t length = place.block_size;
    file_.begin();
    ::madvise(place.memory, place.mapped, MADV_DONTNEED);
    const std::int64_t begin = now_ns();
    const int failed = ::fallocate(clone_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                   static_cast<off_t>(offset), static_cast<off_t>(length));
    const std::int64_t end = now_ns();
    const int error = failed != 0 ? errno : 0;
    meter.returned(error);
    if (error == 0) meter.add(0, end - begin, length);  // at once: stamps are read by it
    const int unshared = error == 0 ? share_again(offset, length, meter) : 0;
    file_.end();
    if (error != 0 || unshared != 0) return error != 0 ? error : unshared;
    fault_range(meter);
    return 0;
  }

  [[nodiscard]] std::vector<LoadNumber> numbers() const override {
    return {{"missed faults", static_cast<double>(missed_)}};
  }

 private:
  /// Into the hole with the file's blocks. 0 or errno.
  int share_again(std::uint64_t offset, std::uint64_t length, LoadMeter& meter) noexcept {
    file_clone_range range{
        .src_fd = file_.fd(), .src_offset = offset, .src_length = length, .dest_offset = offset};
    const std::int64_t begin = now_ns();
    const int failed = ::ioctl(clone_.get(), FICLONERANGE, &range);
    const std::int64_t end = now_ns();
    const int error = failed != 0 ? errno : 0;
    meter.returned(error);
    if (error == 0) meter.add(1, end - begin, length);
    meter.forget();
    return error;
  }

  void fault_range(LoadMeter& meter) noexcept {
    if (file_.place().truce != nullptr) file_.place().truce->take();
    const std::int64_t begin = now_ns();
    const int failed = fault_in();
    const std::int64_t end = now_ns();
    if (file_.place().truce != nullptr) file_.place().truce->end_take();
    if (failed == 0)
      meter.add(2, end - begin, file_.place().mapped);
    else
      ++missed_;
  }

  /// One entry for each mapped page, and nothing in the page tables. By MADV_POPULATE_READ (5.14),
  /// which takes no references and answers EFAULT where a load would end in SIGBUS.
  int fault_in() noexcept {
    const std::uint64_t mapped = file_.place().mapped;
    const int failed = ::madvise(mapping_->data(), mapped, MADV_POPULATE_READ);
    const int error = errno;
    ::madvise(mapping_->data(), mapped, MADV_DONTNEED);
    errno = error;
    return failed;
  }

  Breakable file_;
  Fd clone_;
  std::optional<FileMapping> mapping_;
  std::uint64_t missed_ = 0;
};

const StormBreakRegistry::Add registered{{
    .name = "punch-clone",
    .help =
        "punches a hole into a clone of the file that each breaker has for itself (xfs, reflink)",
    .clones = true,
    .make = [] { return std::unique_ptr<Load>(std::make_unique<CloneBreaker>()); },
}};

}  // namespace
}  // namespace daxbreak
