// SPDX-License-Identifier: GPL-2.0
/// Sections with load=: what is measured, and at which points of a sweep.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace daxbreak {

/// When the observer watches a storm.
enum class Observe {
  no,    ///< never
  yes,   ///< always
  both,  ///< each repetition with and without: tells what the observer costs
};

/// One point of a sweep: all that a measuring machine needs to know. The defaults are those of the
/// keys.
struct MeasurePoint {
  std::string kernel;  ///< catalogue name, or "running"
  std::string job;     ///< the section
  std::string load;    ///< "storm", or a plain load's name
  std::string filesystem = "ext4";
  std::uint64_t page_size = 4096;
  std::vector<std::string> pins;             ///< of a storm; its pinners share them out
  std::vector<std::string> breakers;         ///< the same
  std::map<std::string, std::string> swept;  ///< keys that have several values, and which these are

  std::uint64_t size = 16UL << 20;  ///< bytes of each file
  std::uint64_t mapped = 0;         ///< bytes of it that are mapped; 0: all
  std::uint64_t files = 1;
  std::uint64_t pinner_count = 2;
  std::uint64_t breaker_count = 1;
  std::uint64_t pins_per_page = 1;
  std::uint64_t numjobs = 1;  ///< threads of a plain load
  std::uint64_t iodepth = 1;
  std::uint64_t block_size = 4096;
  std::uint64_t think_ns = 0;  ///< before each break, or each operation of a plain load
  /// Of a pinner that holds nothing. Without it a break may starve: the kernel looks for a busy
  /// page in the whole file (5.10 to 7.2, fs/ext4/inode.c and fs/xfs/xfs_file.c).
  std::uint64_t pin_think_ns = 1000000;
  std::uint64_t refault = 1;      ///< 0: nobody touches a storm's file while a break waits
  std::uint64_t hold_ns = 20000;  ///< how long the device takes, and so holds pages
  std::uint64_t rate_iops = 0;    ///< operations a second of each breaker, or thread; 0: all it can
  std::uint64_t loops = 0;        ///< operations of each thread; 0: as many as the time allows
  std::uint64_t repetitions = 5;
  std::uint64_t seed = 1;
  std::uint64_t random = 0;                ///< 1: a plain load's offsets are random
  Nanos ramp{std::chrono::seconds(1)};     ///< warm-up
  Nanos runtime{std::chrono::seconds(5)};  ///< of each repetition, after it
  Observe observe = Observe::both;

  /// What of a file is mapped, in bytes.
  [[nodiscard]] std::uint64_t mapped_bytes() const { return mapped == 0 ? size : mapped; }

  /// "ext4/4k/storm/vmsplice/punch-hole mapped=64m", for people.
  [[nodiscard]] std::string id() const;
};

/// One value of a list that is swept.
struct SweepValue {
  std::string text;  ///< as written
  std::uint64_t value = 0;
  bool percent = false;  ///< of the file's size
};

/// What a key's value is.
enum class SweepKind { count, size, share, time };

/// A key that only measurements have, whose values make points.
struct SweepKey {
  std::string_view name;  ///< "pinners"
  std::string_view value;
  std::string_view help;
  SweepKind kind = SweepKind::count;
  std::uint64_t MeasurePoint::*field = nullptr;
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

/// All of them, in the order of the documentation.
[[nodiscard]] std::span<const SweepKey> sweep_keys();

/// The key of that name, `size` among them (outside measurements that one means the NVDIMM); or
/// nullptr.
[[nodiscard]] const SweepKey* find_sweep_key(std::string_view name);

/// A value of the key for people: "4", "64k", "2.00 ms".
[[nodiscard]] std::string setting_text(const SweepKey& key, std::uint64_t value);

/// The values of a list; an Error says what is wrong, its number is the offset of the bad word.
[[nodiscard]] Result<std::vector<SweepValue>> sweep_values(const SweepKey& key,
                                                           std::string_view list);

/// What a section with load= asks for; every list multiplies.
struct MeasureWish {
  std::vector<std::string> loads;  ///< empty: the section is about cells
  std::vector<std::string> pins{"vmsplice"};
  std::vector<std::string> breakers{"punch-hole"};
  bool mixed = false;  ///< the threads of one storm share all pins and breakers out
  std::map<std::string, std::vector<SweepValue>> swept;
  MeasurePoint scalars;  ///< the keys that have one value
};

/// The points of a section on one kernel: repetitions are not among them. Filesystems and page
/// sizes come from the section's own lists. Pure.
[[nodiscard]] std::vector<MeasurePoint> measure_points(const MeasureWish& wish,
                                                       std::string_view job,
                                                       std::string_view kernel,
                                                       std::span<const std::string> filesystems,
                                                       std::span<const std::uint64_t> page_sizes);

/// Every key of a point that has a value of its own, swept or not: numbers as such (bytes,
/// nanoseconds), "pin" and "breaker" joined by '+'. What a record keeps of its point.
[[nodiscard]] std::map<std::string, std::string> settings_of(const MeasurePoint& point);

/// The same for all that a point is, but for its kernel: two points are measured alike if their
/// texts are the same. For fingerprints.
[[nodiscard]] std::string text_of(const MeasurePoint& point);

/// What makes no sense of a point as a whole, with the cure; "" if all is well. Pure but for the
/// registries' content.
[[nodiscard]] std::string objection_to(const MeasurePoint& point);

/// Whether the breakers of a storm break clones of its files (reflink) and not the files
/// themselves. Pure but for the registries' content.
[[nodiscard]] bool breaks_clones(const MeasurePoint& point);

/// At least this much of the file's beginning is never broken, and holds what must not change.
[[nodiscard]] std::uint64_t kept_bytes(const MeasurePoint& point);

}  // namespace daxbreak
