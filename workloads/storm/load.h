// SPDX-License-Identifier: GPL-2.0
/// A load: what threads do again and again while the clock runs. Storms are made of several, plain
/// loads of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "base/result.h"

namespace daxbreak {

class Truce;

/// fio's data directions: under which name a series stands in fio's formats. An interval that is no
/// operation of its own has none.
enum class Direction { none, read, write, trim };

/// Where a load works, and how. The file exists, has `size` bytes, all allocated and written.
struct LoadPlace {
  std::string path;                 ///< of the file on a DAX filesystem, or of a device-dax node
  std::string folder;               ///< where the load may make files of its own
  std::uint64_t size = 0;           ///< bytes
  std::uint64_t page_size = 4096;   ///< bytes; mappings are aligned so that such pages can be used
  std::uint64_t block_size = 4096;  ///< bytes of each operation
  unsigned depth = 1;               ///< operations in flight, for loads that know several
  unsigned thread = 0;              ///< number among the threads of this load
  unsigned threads = 1;
  std::uint64_t seed = 1;
  bool random = false;  ///< offsets at random, else ascending and round again
  std::string device;   ///< block device for I/O from and to DAX memory; "" where none is needed
  std::uint64_t device_size = 0;  ///< bytes of it; loads read its first half and write its second
  std::int64_t think_ns = 0;      ///< to sleep before each operation, outside its time

  // For storms, and for loads that break.
  std::byte* memory = nullptr;  ///< [0, mapped) of the file, mapped once for all threads
  std::uint64_t mapped = 0;     ///< bytes of the file that are mapped; 0: all of them
  std::uint64_t kept = 0;       ///< the file's first bytes, that nobody may break or write to
  std::int64_t hold_ns = 0;     ///< how long a pinner that lets go by itself keeps what it has
  unsigned pins = 1;            ///< references that a pinner takes on each page
  int marks = -1;               ///< a file as long as this one with what this one may hold: reading
                                ///< from it into the mapping faults a page in and marks it
  Truce* truce = nullptr;       ///< if there is one, nobody touches pages while a break waits
};

/// One kind of operation of a load.
struct LoadSeries {
  std::string_view name;
  Direction direction = Direction::none;
};

/// Takes what a step did. Never allocates, locks or prints.
class LoadMeter {
 public:
  virtual ~LoadMeter() = default;
  /// `series` counts from 0 in the order of Load::series(). `ns` on CLOCK_MONOTONIC.
  virtual void add(unsigned series, std::int64_t ns, std::uint64_t bytes) noexcept = 0;
  /// Of loads that break: the system call that breaks has returned this, 0 or errno.
  virtual void returned(int error) noexcept { static_cast<void>(error); }
  /// Of loads that break: what the observer has seen since the last add() was of no break.
  virtual void forget() noexcept {}
};

/// A number that a load counted; those of the threads are added up.
struct LoadNumber {
  std::string_view name;
  double value = 0;
};

/// The work of one thread. prepare() allocates all that the steps need.
class Load {
 public:
  virtual ~Load() = default;
  [[nodiscard]] virtual std::span<const LoadSeries> series() const = 0;
  virtual Result<void> prepare(const LoadPlace& place) = 0;
  /// One operation (with a depth: one completion, and its successor's submission). 0 or errno.
  /// Neither allocates nor locks nor prints.
  [[nodiscard]] virtual int step(LoadMeter& meter) noexcept = 0;
  /// Gives up all that it holds; steps may follow. Not timed.
  virtual void rest() noexcept {}
  /// Ends what is in flight. Not timed.
  virtual void finish() noexcept {}
  /// What there is to say beside latencies ("missed pins"). Asked after finish().
  [[nodiscard]] virtual std::vector<LoadNumber> numbers() const { return {}; }
};

/// A self-registering kind of load.
struct LoadKind {
  std::string_view name;
  std::string_view help;  ///< one line
  bool file = true;       ///< works on a file of a DAX filesystem
  bool device = false;    ///< works on a device-dax node
  bool block = false;     ///< needs LoadPlace::device
  std::unique_ptr<Load> (*make)() = nullptr;
};

using LoadRegistry = Registry<LoadKind>;

}  // namespace daxbreak
