// SPDX-License-Identifier: GPL-2.0
#include "run/measure_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>

#include "base/file.h"
#include "pmem/extents.h"
#include "pmem/mapping.h"
#include "run/process_group.h"
#include "trial/pattern.h"
#include "workloads/storm/storm.h"

namespace daxbreak {
namespace {

constexpr std::uint64_t piece = 1UL << 20;
/// Looking at more takes longer than the measurement.
constexpr std::uint64_t pattern_most = 64UL << 20;

std::uint32_t owner_of(std::size_t number) {
  return static_cast<std::uint32_t>(number) + 1;
}

/// Writes the pattern of bytes [0, patterned), zeroes from there to `size`.
Result<void> write_content(int fd, std::uint32_t owner, std::uint64_t patterned, std::uint64_t size,
                           const std::string& name) {
  std::vector<std::byte> bytes(std::min(piece, size));
  for (std::uint64_t at = 0; at < size; at += bytes.size()) {
    const std::span part(bytes.data(), std::min<std::uint64_t>(bytes.size(), size - at));
    if (at < patterned)
      fill_pattern(part, {.owner = owner}, at);
    else if (at - patterned < piece)
      std::fill(bytes.begin(), bytes.end(), std::byte{0});
    if (::pwrite(fd, part.data(), part.size(), static_cast<off_t>(at)) !=
        static_cast<ssize_t>(part.size()))
      return errno_error("write " + name);
  }
  return ok();
}

bool all_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

/// A line that O_DIRECT brought from the device: which place it came from does not matter.
bool is_device_data(std::span<const std::byte> line) {
  std::uint64_t offset = 0;
  std::memcpy(&offset, line.data() + 16, sizeof offset);  // trial/pattern.cpp, line_at()
  return count_pattern(line, {.owner = device_owner}, offset) == line.size();
}

}  // namespace

std::uint64_t patterned_bytes(const MeasurePoint& point) {
  // What plain loads leave in a file is nobody's concern.
  if (point.load != storm_name) return 0;
  const std::uint64_t bytes = std::min(point.size, pattern_most);
  return bytes < piece ? bytes : bytes / piece * piece;
}

Result<void> fill_device(const std::string& device, std::uint64_t bytes) {
  auto fd = open_file(device, O_WRONLY);
  if (!fd) return fd.error();
  const std::uint64_t half = bytes / 2;
  if (auto done = write_content(fd->get(), device_owner, half, half, device); !done) return done;
  if (::fsync(fd->get()) != 0) return errno_error("fsync " + device);
  return ok();
}

Result<MeasureFiles> MeasureFiles::make(const DaxDirectory& directory, const MeasurePoint& point) {
  MeasureFiles files(directory, point);
  for (std::size_t number = 0; number < point.files; ++number) {
    const auto path = directory.path / fmt::format("measure-{}-{}", ::getpid(), number);
    if (auto made = files.make_one(path.string()); !made) return made.error();
  }
  if (auto known = files.look_up(); !known) return known.error();
  return files;
}

MeasureFiles::~MeasureFiles() {
  fds_.clear();
  for (const std::string& path : clones())
    ::unlink(path.c_str());
  for (const std::string& path : paths_)
    ::unlink(path.c_str());
}

std::vector<std::string> MeasureFiles::clones() const {
  std::vector<std::string> all;
  if (!breaks_clones(point_)) return all;
  for (const std::string& path : paths_)
    for (unsigned thread = 0; thread < point_.breaker_count; ++thread)
      all.push_back(clone_path(path, thread));
  return all;
}

Result<void> MeasureFiles::make_one(const std::string& path) {
  const std::size_t number = paths_.size();
  auto fd = open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (!fd) return fd.error();
  paths_.push_back(path);
  // In one go, so that huge pages get their 2 MiB aligned extents.
  if (::fallocate(fd->get(), 0, 0, static_cast<off_t>(point_.size)) != 0)
    return errno_error(
        fmt::format("allocate {} bytes for {} (a smaller size=, or a larger "
                    "nvdimm_size=, helps)",
                    point_.size, path));
  // Written too: what is only allocated reads as a hole, of which DAX maps the zero page
  // (fs/dax.c, dax_load_hole()).
  if (auto done =
          write_content(fd->get(), owner_of(number), patterned_bytes(point_), point_.size, path);
      !done)
    return done;
  if (::fsync(fd->get()) != 0) return errno_error("fsync " + path);
  struct stat made {};
  if (::fstat(fd->get(), &made) != 0) return errno_error("stat " + path);
  inodes_.push_back(made.st_ino);
  fds_.push_back(std::move(*fd));
  return ok();
}

Result<void> MeasureFiles::look_up() {
  for (const Fd& fd : fds_) {
    auto extents = file_extents(fd.get());
    if (!extents) return extents.error();
    for (const Extent& extent : *extents)
      frames_.push_back(
          {.first = base_ + (extent.physical / small_page), .count = extent.length / small_page});
  }
  // Each page once.
  std::sort(frames_.begin(), frames_.end(),
            [](const PfnRange& a, const PfnRange& b) { return a.first < b.first; });
  std::vector<PfnRange> merged;
  for (const PfnRange& range : frames_) {
    if (!merged.empty() && range.first <= merged.back().first + merged.back().count) {
      PfnRange& last = merged.back();
      last.count = std::max(last.first + last.count, range.first + range.count) - last.first;
    } else {
      merged.push_back(range);
    }
  }
  frames_ = std::move(merged);
  return ok();
}

Result<Fd> MeasureFiles::marks(std::size_t number) const {
  Fd fd(::memfd_create("daxbreak-marks", MFD_CLOEXEC));
  if (!fd) return errno_error("make a file in memory");
  if (::ftruncate(fd.get(), static_cast<off_t>(point_.size)) != 0)
    return errno_error("size a file in memory");
  // Only the first line of each page is ever read.
  std::vector<std::byte> line(pattern_line);
  const std::uint64_t end = std::min(point_.mapped_bytes(), patterned_bytes(point_));
  for (std::uint64_t at = 0; at < end; at += point_.page_size) {
    fill_pattern(line, {.owner = owner_of(number)}, at);
    if (::pwrite(fd.get(), line.data(), line.size(), static_cast<off_t>(at)) !=
        static_cast<ssize_t>(line.size()))
      return errno_error("write a file in memory");
  }
  return fd;
}

Result<std::vector<Finding>> MeasureFiles::check_data() const {
  std::vector<Finding> findings;
  std::vector<std::byte> bytes(piece);
  // Where clones are broken nobody may change anything of the file itself.
  const std::uint64_t kept = breaks_clones(point_) ? point_.size : kept_bytes(point_);
  const bool pins_write =
      std::any_of(point_.pins.begin(), point_.pins.end(), [](const std::string& pin) {
        const StormPinKind* const kind = StormPinRegistry::find(pin);
        return kind != nullptr && kind->writes;
      });
  for (std::size_t number = 0; number < fds_.size(); ++number) {
    const PatternId own{.owner = owner_of(number)};
    std::uint64_t spoilt = 0;
    std::uint64_t foreign = 0;
    std::uint64_t first_spoilt = 0;
    std::uint64_t first_foreign = 0;
    for (std::uint64_t at = 0; at < patterned_bytes(point_); at += piece) {
      const std::uint64_t length = std::min(piece, patterned_bytes(point_) - at);
      const ssize_t got = ::pread(fds_[number].get(), bytes.data(), length, static_cast<off_t>(at));
      if (got != static_cast<ssize_t>(length)) return errno_error("read " + paths_[number]);
      for (std::uint64_t line = 0; line < length; line += pattern_line) {
        const std::span part(bytes.data() + line, pattern_line);
        const std::uint64_t offset = at + line;
        if (count_pattern(part, own, offset) == pattern_line) continue;
        if (offset < kept) {
          if (spoilt++ == 0) first_spoilt = offset;
          continue;
        }
        // What was broken may be a hole, and what O_DIRECT read there is the device's.
        if (all_zero(part)) continue;
        if (is_device_data(part)) continue;
        // A breaker's mark and what O_DIRECT reads may be written to a page's first line at once.
        if (pins_write && offset % point_.page_size == 0) continue;
        if (foreign++ == 0) first_foreign = offset;
      }
    }
    if (spoilt > 0)
      findings.push_back({.kind = "stray-write",
                          .sentence = fmt::format(
                              "{} lines of file {} were changed that nobody broke or wrote to, "
                              "the first at {:#x}",
                              spoilt, number, first_spoilt),
                          .evidence = {}});
    if (foreign > 0)
      findings.push_back(
          {.kind = "stray-write",
           .sentence = fmt::format("{} lines of file {} hold what belongs elsewhere, the first at "
                                   "{:#x}",
                                   foreign, number, first_foreign),
           .evidence = {}});
  }
  return findings;
}

Result<std::optional<Finding>> MeasureFiles::give_back(Nanos limit) {
  if (auto known = look_up(); !known) return known.error();
  const std::vector<std::string> removed = clones();
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error("fork who gives the blocks back");
  if (pid == 0) {
    ::setpgid(0, 0);
    // The last unlink breaks the clone's layout (since 6.15, fs/dax.c, dax_break_layout_final()).
    for (const std::string& path : removed)
      ::unlink(path.c_str());
    for (const Fd& fd : fds_)
      if (::ftruncate(fd.get(), 0) != 0) ::_exit(errno);
    ::_exit(0);
  }
  ::setpgid(pid, pid);  // in both: whoever comes first
  const Deadline deadline(limit);
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    if (!deadline.passed()) {
      sleep_for(std::chrono::milliseconds(1));
      continue;
    }
    Finding finding{.kind = "count-drift",
                    .sentence = fmt::format(
                        "the blocks of the storm's files could not be given back within {:.0f} s: "
                        "the kernel waits for a page that nobody maps or holds any more",
                        std::chrono::duration<double>(limit).count()),
                    .evidence = stacks_of(members(pid))};
    end_group(pid, nullptr);
    abandon();
    return std::optional<Finding>(std::move(finding));
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{"give the blocks of the storm's files back",
                 WIFEXITED(status) ? WEXITSTATUS(status) : EINTR};
  return std::optional<Finding>();
}

void MeasureFiles::abandon() {
  paths_.clear();
  for (Fd& fd : fds_)
    static_cast<void>(fd.release());
  fds_.clear();
}

Result<std::optional<Finding>> MeasureFiles::check_counts(const CensusReader& census,
                                                          const Scheme& scheme) {
  auto counts = census.count(frames_);
  if (!counts) return counts.error();
  std::uint64_t wrong = 0;
  std::vector<std::string> evidence;
  for (const auto& [count, pages] : *counts) {
    evidence.push_back(fmt::format("{} pages have count {}", pages, count));
    if (count != scheme.idle) wrong += pages;
  }
  if (wrong == 0) return std::optional<Finding>();
  return std::optional<Finding>(Finding{
      .kind = "count-drift",
      .sentence = fmt::format("{} pages of the storm's files are not at the idle count {} "
                              "although nobody maps or holds them and their blocks are free",
                              wrong, scheme.idle),
      .evidence = std::move(evidence)});
}

}  // namespace daxbreak
